"""Drive v3: files, their permissions, and a change time that lags behind."""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .api import Answer, Ask
from .errors import ApiError
from .fields import cut, parse
from .model import Book
from .people import SERVICE_DOMAIN, role

LAG = 60.0
"""Seconds until Drive has noticed an edit; measured: not after 14 s."""
SHEETS = "application/vnd.google-apps.spreadsheet"
_FILES = "/drive/v3/files"
_DEFAULT = "kind,id,name,mimeType"


def refuse(code: int, reason: str, message: str, domain: str = "global") -> ApiError:
    """An error the way Drive words it."""
    return ApiError(message, code, errors=[{"message": message, "domain": domain, "reason": reason}])


def _book(ask: Ask, book_id: str, least: int = 1) -> Book:
    book = ask.world.books.get(book_id)
    if book is None or role(book, ask.who) < 1:
        raise refuse(404, "notFound", f"File not found: {book_id}.")
    if role(book, ask.who) < least:
        message = "The user does not have sufficient permissions for this file."
        raise refuse(403, "insufficientFilePermissions", message)
    return book


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def file(ask: Ask, book: Book) -> dict[str, Any]:
    """A File."""
    noticed = [moment for moment in book.edits if moment <= ask.world.now() - LAG]
    rank = role(book, ask.who)
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": SHEETS,
        "createdTime": _when(book.created),
        "modifiedTime": _when(noticed[-1] if noticed else book.created),
        "version": str(1 + len(noticed)),
        "trashed": book.trashed,
        "ownedByMe": book.owner == ask.who,
        "owners": [{"emailAddress": book.owner, "kind": "drive#user", "me": book.owner == ask.who}],
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        "capabilities": {
            "canEdit": rank >= 2,
            "canCopy": rank >= 1,
            "canShare": rank >= 2,
            "canDelete": rank == 3,
            "canTrash": rank == 3,
            "canReadRevisions": rank >= 2,
        },
        "permissions": [_shown(one) for one in book.permissions] if rank >= 2 else [],
    }


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return one | ({"allowFileDiscovery": False} if one["type"] == "anyone" else {"deleted": False})


def _told(ask: Ask, resource: dict[str, Any], default: str) -> dict[str, Any]:
    told: dict[str, Any] = cut(resource, parse(ask.one("fields") or default))
    return told


def _no_room(ask: Ask) -> None:
    if ask.who.endswith(SERVICE_DOMAIN):
        raise refuse(403, "storageQuotaExceeded", "The user's Drive storage quota has been exceeded.", "usageLimits")


def list_files(ask: Ask) -> Answer:
    """Files this identity was given, newest first."""
    query = ask.one("q") or ""
    name = re.search(r"""name\s*=\s*(["'])(.*?)(?<!\\)\1""", query)
    files = [
        file(ask, book)
        for book in ask.world.books.values()
        if not book.trashed
        and any(one.get("emailAddress", "").lower() == ask.who.lower() for one in book.permissions)
        and (name is None or book.title == name[2])
        and ("mimeType" not in query or SHEETS in query)
    ]
    return _told(ask, {"kind": "drive#fileList", "files": files}, f"kind,files({_DEFAULT})")


def create_file(ask: Ask) -> Answer:
    """A new, empty spreadsheet."""
    _no_room(ask)
    book_id = ask.world.new(ask.body.get("name") or "未命名电子表格", owner=ask.who, people={})
    return _told(ask, file(ask, ask.world.book(book_id)), _DEFAULT)


def get_file(ask: Ask, book_id: str) -> Answer:
    """What Drive knows of a file."""
    return _told(ask, file(ask, _book(ask, book_id)), _DEFAULT)


def update_file(ask: Ask, book_id: str) -> Answer:
    """Rename or put into the bin."""
    book = _book(ask, book_id, 2)
    book.title = ask.body.get("name", book.title)
    if "trashed" in ask.body:
        book = _book(ask, book_id, 3)
        book.trashed = bool(ask.body["trashed"])
    return _told(ask, file(ask, book), _DEFAULT)


def copy_file(ask: Ask, book_id: str) -> Answer:
    """A copy that belongs to who made it: same tabs, ids and metadata, nobody else let in."""
    source = _book(ask, book_id)
    _no_room(ask)
    book = copy.copy(source)
    book.id, book.owner = secrets.token_urlsafe(33)[:44], ask.who
    book.title = ask.body.get("name") or f"{source.title} 的副本"
    book.sheets = [sheet.copy() for sheet in source.sheets]
    book.permissions, book.history, book.edits, book.cache = [], [], [], {}
    book.created = ask.world.now()
    ask.world.share(book, ask.who, "owner")
    ask.world.books[book.id] = book
    return _told(ask, file(ask, book), _DEFAULT)


def delete_file(ask: Ask, book_id: str) -> Answer:
    """Gone for good; the owner only."""
    del ask.world.books[_book(ask, book_id, 3).id]
    return ""


def list_permissions(ask: Ask, book_id: str) -> Answer:
    """Who is let in; a reader may not ask."""
    book = _book(ask, book_id, 2)
    found = {"kind": "drive#permissionList", "permissions": [_shown(one) for one in book.permissions]}
    return _told(ask, found, "kind,permissions(id,type,kind,role)")


def create_permission(ask: Ask, book_id: str) -> Answer:
    """Let somebody in, or anyone with the link."""
    book = _book(ask, book_id, 2)
    who = None if ask.body.get("type") == "anyone" else ask.body.get("emailAddress")
    if ask.body.get("role") not in ("reader", "commenter", "writer") or (who is None and ask.body["type"] != "anyone"):
        raise refuse(400, "badRequest", "The permission is not one of this double's.")
    return _told(ask, _shown(ask.world.share(book, who, ask.body["role"])), "kind,id,type,role")


def _permission(book: Book, permission_id: str) -> dict[str, Any]:
    for one in book.permissions:
        if one["id"] == permission_id:
            return one
    raise refuse(404, "notFound", f"Permission not found: {permission_id}.")


def update_permission(ask: Ask, book_id: str, permission_id: str) -> Answer:
    """Another role for somebody."""
    one = _permission(_book(ask, book_id, 2), permission_id)
    one["role"] = ask.body["role"]
    return _told(ask, _shown(one), "kind,id,type,role")


def delete_permission(ask: Ask, book_id: str, permission_id: str) -> Answer:
    """Keep somebody out again; never the owner."""
    book = _book(ask, book_id, 2)
    one = _permission(book, permission_id)
    if one["role"] == "owner":
        raise refuse(403, "insufficientFilePermissions", "The owner of a file cannot be removed.")
    book.permissions.remove(one)
    return ""


def list_comments(ask: Ask, book_id: str) -> Answer:
    """None: gspread asks for them when it copies."""
    _book(ask, book_id)
    return {"comments": []}


_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "", list_files),
    ("POST", "", create_file),
    ("GET", "/(?P<book_id>[^/]+)", get_file),
    ("PATCH", "/(?P<book_id>[^/]+)", update_file),
    ("DELETE", "/(?P<book_id>[^/]+)", delete_file),
    ("POST", "/(?P<book_id>[^/]+)/copy", copy_file),
    ("GET", "/(?P<book_id>[^/]+)/comments", list_comments),
    ("GET", "/(?P<book_id>[^/]+)/permissions", list_permissions),
    ("POST", "/(?P<book_id>[^/]+)/permissions", create_permission),
    ("PATCH", "/(?P<book_id>[^/]+)/permissions/(?P<permission_id>[^/]+)", update_permission),
    ("DELETE", "/(?P<book_id>[^/]+)/permissions/(?P<permission_id>[^/]+)", delete_permission),
]


def handle(ask: Ask) -> Answer:
    """Answer a Drive request; an empty text is 204."""
    with ask.world.lock:
        for method, path, function in _ROUTES:
            found = re.match(f"^{_FILES}{path}$", ask.path)
            if found and method == ask.method:
                return function(ask, **found.groupdict())
    raise refuse(404, "notFound", "Not Found")
