"""What Google Drive tells of a spreadsheet: which are shared with the service account, and who else may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.store.google_client import BoundedClient

FILES = "https://www.googleapis.com/drive/v3/files"
_SPREADSHEETS = "mimeType='application/vnd.google-apps.spreadsheet' and trashed=false"


@dataclass(frozen=True, slots=True)
class Shared:
    """A spreadsheet that is shared with the account: id, title, whether the account may edit it."""

    id: str
    title: str
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whether the account may edit; what anyone with the link may do: ``writer``, ``reader``, empty for nothing."""

    may_edit: bool
    by_link: str


def shared(client: BoundedClient) -> list[Shared]:
    """The spreadsheets shared with the account, the newest first. Raises ``StoreError``."""
    params = {
        "q": _SPREADSHEETS, "pageSize": "100", "orderBy": "modifiedTime desc",
        "fields": "files(id,name,capabilities/canEdit)", "supportsAllDrives": "true",
        "includeItemsFromAllDrives": "true",
    }  # fmt: skip
    found: list[dict[str, Any]] = client.request("get", FILES, params=params).json().get("files", [])
    return [Shared(one["id"], one.get("name", ""), _may_edit(one)) for one in found]


def sharing(client: BoundedClient, spreadsheet: str) -> Sharing:
    """Who may do what with a spreadsheet. Only who may edit is told the link's rights. Raises ``StoreError``."""
    own = {"fields": "capabilities/canEdit", "supportsAllDrives": "true"}
    may_edit = _may_edit(client.request("get", f"{FILES}/{spreadsheet}", params=own).json())
    if not may_edit:
        return Sharing(False, "")
    wanted = {"fields": "permissions(type,role)", "supportsAllDrives": "true", "pageSize": "100"}
    told = client.request("get", f"{FILES}/{spreadsheet}/permissions", params=wanted).json().get("permissions", [])
    links = [one.get("role", "") for one in told if one.get("type") in ("anyone", "domain")]
    return Sharing(True, max(links, key=("reader", "commenter", "writer").index, default=""))


def _may_edit(file: dict[str, Any]) -> bool:
    return bool(file.get("capabilities", {}).get("canEdit"))
