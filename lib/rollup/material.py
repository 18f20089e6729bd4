"""A workbook and its plan as they are read for a roll-up (读取), and whether either has changed since.

Sizes are bounded before anything is opened. What a file system tells of a file is its probe: while it says the same,
the file is not read again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from lib.i18n import _
from lib.rollup.sources import Source, file_name
from lib.services import settings as config
from lib.services.setup import own_plan
from lib.services.stores import door_of
from lib.store import google_copies
from lib.store.base import Missing, StoreError, Unreadable, digest
from lib.store.google_client import BoundedClient, Throttled
from lib.store.google_standing import standing, tabs_seen
from lib.store.reading import MAX_FILE
from sheets_schema.snapshot import Snapshot

MAX_PLAN = 2**20
"""Bytes; the shipped plan has 30 kB."""
FRESH = 2.0
"""Seconds in which a file may be changed again without its time telling."""
NOWHERE = "-"
"""The probe of a plan that is not there."""
MARKS = ("ETag", "etag", "e_tag", "md5Hash", "content_md5", "CRC", "mtime", "LastModified", "last_modified", "updated")
"""What file systems call that which changes with a file's content, the surest first."""
TRIES, QUOTA_WAIT = 3, 15.0


@dataclass(frozen=True, slots=True)
class Material:
    """A workbook and its plan as they were read. ``plan``: None when there is none beside it."""

    data: bytes = field(repr=False)
    plan: bytes | None = field(repr=False)
    probe: str = ""
    snapshot: Snapshot | None = field(default=None, repr=False)

    @property
    def digests(self) -> tuple[str, str]:
        """What tells the workbook's content, and its plan's, from any other."""
        return digest(self.data), digest(self.plan) if self.plan is not None else NOWHERE


def probe(source: Source) -> str:
    """What the file system tells of workbook and plan; blank when it is too little to go by. Does not raise."""
    if source.spreadsheet:
        return ""
    try:
        own = _mark(source.files, source.files.info(source.path))
    except Exception:  # every file system has errors of its own; reading will tell
        return ""
    beside = _plan_mark(source)
    return f"{own}|{beside}" if own and beside else ""


def _plan_mark(source: Source) -> str:
    try:
        return _mark(source.files, source.files.info(source.plan_path))
    except FileNotFoundError:
        return NOWHERE
    except Exception:
        return ""


def _mark(files: Any, info: Mapping[str, Any]) -> str:
    mark = next((info[name] for name in MARKS if info.get(name)), None)
    if mark is None:
        mark = _modified(files, str(info.get("name", "")))
    if mark is None or (isinstance(mark, float) and time.time() - mark < FRESH):
        return ""
    return f"{info.get('ino', '')}-{info.get('size', '')}-{mark}"


def _modified(files: Any, path: str) -> datetime | None:
    try:
        found = files.modified(path)
    except Exception:  # most file systems do not tell, each in its own way
        return None
    return found if isinstance(found, datetime) else None


def fetch(source: Source) -> Material:
    """Workbook and plan, read whole. Raises ``StoreError``."""
    for _attempt in range(TRIES):
        before = probe(source)
        data, plan = _bytes(source, source.path, MAX_FILE), _plan(source)
        if probe(source) == before:
            return Material(data, plan, before)
    raise Unreadable(_("“{name}”一直在被改写，稍后再试", name=source.name))


def _plan(source: Source) -> bytes | None:
    try:
        return _bytes(source, source.plan_path, MAX_PLAN)
    except Missing:
        return None


def _bytes(source: Source, path: str, limit: int) -> bytes:
    name = file_name(source.files, path)
    try:
        if not source.is_web and source.files.isdir(path):
            source.files.ls(path)  # raises for one that must not be entered
            raise Unreadable(_("“{name}”是文件夹，不是工作簿", name=name))
        if isinstance(source.files, LocalFileSystem) and source.files.info(path)["type"] == "other":
            raise Unreadable(_("“{name}”不是文件，是管道或设备", name=name))  # one would wait for it for ever
        with source.files.open(path, "rb") as file:
            data: bytes = file.read(limit + 1)
    except StoreError:
        raise
    except FileNotFoundError as error:
        raise Missing(_("找不到或打不开工作簿“{name}”", name=name)) from error
    except PermissionError as error:
        raise Unreadable(_("没有权限读取“{name}”，或它正被别的程序占用", name=name)) from error
    except Exception as error:  # every file system has errors of its own
        why = type(error).__name__
        raise Unreadable(_("“{name}”没有读到（{why}）；检查网络和权限，下次汇总会再读", name=name, why=why)) from error
    if len(data) > limit:
        raise Unreadable(_("“{name}”过大，超过 {limit} MB", name=name, limit=limit // 2**20))
    return data


class Spreadsheets:
    """Reads spreadsheets one after another with one client, so that all of them together stay within the quota."""

    def __init__(self) -> None:
        self._client: BoundedClient | None = None

    def fetch(self, source: Source) -> Material:
        """A spreadsheet and its plan. Raises ``StoreError``."""
        chosen = config.chosen(source.spreadsheet)
        google = chosen.google
        if google is None:
            raise StoreError(_("“{name}”不是 Google 表格的编号", name=source.spreadsheet))
        self._client = self._client or BoundedClient(None, door_of(google))
        for attempt in range(TRIES + 1):
            try:
                tabs = tabs_seen(self._client, google.spreadsheet, standing(self._client, google.spreadsheet))
            except Throttled:
                if attempt == TRIES:
                    raise
                time.sleep(QUOTA_WAIT)
            else:
                break
        beside = own_plan(chosen.workbook)
        snapshot = google_copies.snapshot_of(tabs, google.spreadsheet)
        return Material(google_copies.pack(tabs), _local(beside), snapshot=snapshot)


def _local(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
