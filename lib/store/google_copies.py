"""Copies of a shared spreadsheet on our own disk: every tab's raw values, packed."""

from __future__ import annotations

import gzip
import json
import uuid
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from lib.i18n import _
from lib.store.base import Missing, Unreadable
from lib.store.files import make_folder, not_writable, swap, write_temp
from lib.store.google_reading import Tab
from sheets_schema.snapshot import RawSheet, Snapshot

FAST = 1
"""How hard a copy is packed: it is made while somebody waits."""
BROKEN = (OSError, EOFError, ValueError, zlib.error, KeyError, TypeError)
"""What the bytes of a damaged copy raise."""


DISPLACED, BASE = "displaced-", "base-"


def displaced(folder: Path, name: str, named: Callable[[str], str]) -> Path:
    """Where a copy goes of the spreadsheet as it would be, had a batch not written over what somebody just typed."""
    return folder / named(f"{DISPLACED}{name}.json.gz")


def base_of(path: Path) -> Path:
    """Where a copy is of the spreadsheet as that person saw it before."""
    return path.with_name(path.name.replace(DISPLACED, BASE, 1))


def save(tabs: Sequence[Tab], path: Path) -> None:
    """Write a copy, whole or not at all. Raises ``NotWritable``."""
    data = pack(tabs)
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
        return snapshot_of(unpack(path.read_bytes()), uuid.uuid4().hex)
    except FileNotFoundError as error:
        raise Missing(_("找不到或打不开工作簿“{name}”", name=path.name)) from error
    except BROKEN as error:
        raise Unreadable(_("“{name}”不是可以读取的表格副本，或文件已损坏", name=path.name)) from error


def pack(tabs: Sequence[Tab]) -> bytes:
    """Tabs as the bytes of a copy."""
    told = [{"id": tab.id, "title": tab.title, "values": tab.values} for tab in tabs]
    return gzip.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), FAST, mtime=0)


def unpack(data: bytes) -> list[Tab]:
    """The tabs in the bytes of a copy. Raises one of ``BROKEN``."""
    return [Tab(tab["id"], tab["title"], tab["values"]) for tab in json.loads(gzip.decompress(data))]


def snapshot_of(tabs: Sequence[Tab], name: str) -> Snapshot:
    """Tabs as a snapshot; ``name`` tells this content from any other."""
    return Snapshot(name, tuple(RawSheet(tab.title, tab.cells) for tab in tabs), digest=name)
