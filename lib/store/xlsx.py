"""The embedded store: one .xlsx file that people open in Excel, WPS or LibreOffice, exchanged as a whole."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lib.i18n import _
from lib.store.base import CellPatch, Changed, Missing, StoreError, Unreadable, Written, digest
from lib.store.files import fsync_folder, leftovers, not_writable, swap, write_temp
from lib.store.locks import DesktopLock, Holder, holder, is_stale, sweep_own
from lib.store.ooxml import Unpatchable, add_sheet, patch
from lib.store.reading import read_workbook
from sheets_schema.snapshot import Snapshot
from sheets_schema.workbook import APP

SETTLE_TRIES, SETTLE_WAIT = 5, 0.2
"""Excel saves by deleting and renaming: a file that is gone may be back in a moment."""


class XlsxStore:
    """One workbook file, shared with whoever has it open in a desktop program."""

    live = False

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def probe(self) -> str:
        """One ``stat``: inode, size and time. Raises ``Missing``."""
        try:
            found = os.stat(self.path)
        except OSError as error:
            raise Missing(_("找不到工作簿“{name}”", name=self.name)) from error
        return f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}"

    def refresh(self, force: bool = False) -> None:
        """Nothing: a look takes no time."""

    def read(self) -> Snapshot:
        """All sheets. Raises ``Missing`` or ``Unreadable``; tolerates the moment in which a program saves."""
        for attempt in range(SETTLE_TRIES):
            try:
                revision = self.probe()
                data = self.path.read_bytes()
                if self.probe() == revision:
                    return read_workbook(data, self.name, revision)
            except (Missing, OSError) as error:
                if attempt == SETTLE_TRIES - 1:
                    raise Missing(_("找不到或打不开工作簿“{name}”", name=self.name)) from error
            time.sleep(SETTLE_WAIT)
        raise Unreadable(_("“{name}”一直在被改写，稍后再试", name=self.name))

    def read_copy(self, path: Path) -> Snapshot:
        """The content of another file of this workbook. Raises ``Missing`` or ``Unreadable``."""
        try:
            return read_workbook(path.read_bytes(), path.name)
        except OSError as error:
            raise Missing(_("找不到或打不开工作簿“{name}”", name=path.name)) from error

    def keep(self, base: Snapshot, path: Path) -> None:
        """A copy of the workbook that ``base`` was read from. Raises ``Changed``, ``NotWritable``."""
        _save_copy(path, self._same(base))

    def write(self, base: Snapshot, patches: Sequence[CellPatch], keep: Path | None) -> Written:
        """Write cells while LibreOffice is kept from editing; the workbook is exchanged as a whole.

        Raises ``Changed``, ``Busy``, ``NotWritable``, ``Unpatchable``; then the workbook is as it was. Cells that
        cannot be written alone, in an array formula for one, are left out and given back.
        """
        data, refused = _patched(_with_own_sheets(self._same(base), base, patches), patches)
        self._drop_stale_lock()
        with DesktopLock(self.path):
            if keep is not None:
                _save_copy(keep, data)
            made = write_temp(self.path, data)
            try:
                self._same(base)
            except StoreError:
                made.unlink(missing_ok=True)
                raise
            out = swap(made, self.path)
        if out is not None and digest(out.read_bytes()) == base.digest:
            out.unlink()
            out = None
        return Written(digest(data), out, tuple(refused))

    def _same(self, base: Snapshot) -> bytes:
        """The file's bytes. Raises ``Changed`` when they are not those ``base`` was read from."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise Missing(_("找不到或打不开工作簿“{name}”", name=self.name)) from error
        if digest(data) != base.digest:
            raise Changed(_("“{name}”刚被别人保存过", name=self.name))
        return data

    def holder(self) -> Holder | None:
        """Who has the workbook open, by the lock files of LibreOffice, Excel and WPS; stale ones don't count."""
        found = holder(self.path)
        return None if found is None or is_stale(found, datetime.now(UTC)) else found

    def _drop_stale_lock(self) -> None:
        """A lock file that a crash left must not keep us from writing for ever."""
        found = holder(self.path)
        if found is not None and is_stale(found, datetime.now(UTC)):
            found.path.unlink(missing_ok=True)

    def put_right(self) -> Sequence[str]:
        """It has no tools in the workbook."""
        return ()

    def strays(self) -> Sequence[Path]:
        """Whole files that a crash left beside the workbook; half-written ones are among them."""
        sweep_own(self.path)
        return leftovers(self.path)


def _with_own_sheets(data: bytes, base: Snapshot, patches: Sequence[CellPatch]) -> bytes:
    """The bytes with those of the app's own sheets that are to be written and that somebody deleted."""
    there = {raw.title for raw in base.sheets}
    for sheet in APP:
        if sheet.label not in there and any(patch.sheet == sheet.label for patch in patches):
            data = add_sheet(data, sheet.label, [column.label for column in sheet.columns], hidden=sheet.hidden)
    return data


def _patched(data: bytes, patches: Sequence[CellPatch]) -> tuple[bytes, list[CellPatch]]:
    """The patched bytes, and the patches that are refused. Raises ``Unpatchable`` when not even the last, the
    revision, can be written."""
    try:
        return patch(data, patches), []
    except Unpatchable:
        return _halved(patch(data, patches[-1:]), patches[:-1])


def _halved(data: bytes, patches: Sequence[CellPatch]) -> tuple[bytes, list[CellPatch]]:
    try:
        return patch(data, patches), []
    except Unpatchable:
        if len(patches) == 1:
            return data, list(patches)
    data, first = _halved(data, patches[: len(patches) // 2])
    data, second = _halved(data, patches[len(patches) // 2 :])
    return data, first + second


def _save_copy(path: Path, data: bytes) -> None:
    made = write_temp(path, data)
    try:
        os.replace(made, path)
        fsync_folder(path.parent)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise not_writable(path, error) from error
