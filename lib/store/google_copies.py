"""Copies of a shared spreadsheet on our own disk: every tab's raw values, packed."""

from __future__ import annotations

import gzip
import json
import uuid
import zlib
from collections.abc import Sequence
from pathlib import Path

from lib.i18n import _
from lib.store.base import Missing, Unreadable
from lib.store.files import make_folder, not_writable, swap, write_temp
from lib.store.google_reading import Tab
from sheets_schema.snapshot import RawSheet, Snapshot

FAST = 1
"""How hard a copy is packed: it is made while somebody waits."""


DISPLACED, BASE = "displaced-", "base-"


def displaced(folder: Path, name: str) -> Path:
    """Where a copy goes of the spreadsheet as it would be, had a batch not written over what somebody just typed."""
    return folder / f"{DISPLACED}{name}.json.gz"


def base_of(path: Path) -> Path:
    """Where a copy is of the spreadsheet as that person saw it before."""
    return path.with_name(BASE + path.name.removeprefix(DISPLACED))


def save(tabs: Sequence[Tab], path: Path) -> None:
    """Write a copy, whole or not at all. Raises ``NotWritable``."""
    told = [{"id": tab.id, "title": tab.title, "values": tab.values} for tab in tabs]
    data = gzip.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), FAST, mtime=0)
    try:
        make_folder(path.parent)
    except OSError as error:
        raise not_writable(path, error) from error
    former = swap(write_temp(path, data), path)
    if former is not None:
        former.unlink(missing_ok=True)


def read(path: Path) -> Snapshot:
    """The content of a copy. Raises ``Missing`` or ``Unreadable``."""
    try:
        told = json.loads(gzip.decompress(path.read_bytes()))
        return snapshot_of([Tab(tab["id"], tab["title"], tab["values"]) for tab in told], uuid.uuid4().hex)
    except FileNotFoundError as error:
        raise Missing(_("找不到或打不开工作簿“{name}”", name=path.name)) from error
    except (OSError, EOFError, ValueError, zlib.error, KeyError, TypeError) as error:
        raise Unreadable(_("“{name}”不是可以读取的表格副本，或文件已损坏", name=path.name)) from error


def snapshot_of(tabs: Sequence[Tab], name: str) -> Snapshot:
    """Tabs as a snapshot; ``name`` tells this content from any other."""
    return Snapshot(name, tuple(RawSheet(tab.title, tab.cells) for tab in tabs), digest=name)
