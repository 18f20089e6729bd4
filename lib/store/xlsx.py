"""The embedded store: one .xlsx file that people open in Excel, WPS or LibreOffice. Read with calamine.

What calamine does not tell (formulas, error values, the 1904 date system) is looked up in the XML of the
sheets that contain any. Files are bounded before they are opened: a zip bomb is refused, not unpacked.
"""

from __future__ import annotations

import gc
import os
import re
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from python_calamine import CalamineError, CalamineWorkbook

from lib.i18n import N_, _
from lib.store.base import CellPatch, Changed, Missing, StoreError, Unreadable, Written, digest
from lib.store.files import fsync_folder, leftovers, not_writable, swap, write_temp
from lib.store.locks import DesktopLock, Holder, holder, is_stale, sweep_own
from lib.store.ooxml import Unpatchable, add_sheet, patch
from lib.store.parts import sheet_parts
from sheets_schema.snapshot import Mark, RawSheet, Snapshot
from sheets_schema.workbook import APP

MAX_FILE = 100 * 2**20
"""Bytes on disk; a city's workbook of 47,000 rows has about 3 MB."""
MAX_UNPACKED = 1000 * 2**20
"""Bytes unpacked, all parts together."""
MAX_CELLS, WIDEST, NARROW = 20_000_000, 16_384, 26
"""Cells of one sheet's rectangle, blank ones included; columns a sheet can have; columns named by one letter."""
WINDOW = 2**18
MAX_RATIO = 200
"""How many times its size a part may unpack to; spreadsheet XML stays below 40."""
SETTLE_TRIES, SETTLE_WAIT = 5, 0.2
"""Excel saves by deleting and renaming: a file that is gone may be back in a moment."""

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_LAST_ROW = re.compile(rb'<row [^>]*?r="(\d{1,7})"')
_WIDE = re.compile(rb'<c r="[A-Z]{2}')
_COLUMNS = re.compile(rb'<c r="([A-Z]{1,3})\d')
_FAR_DAY = re.compile(rb'<c ([^>]*?)s="\d+"([^>]*)><v>(-[^<]{9,}|[^<]*[eE]\+?\d+)</v>')
PANIC = "PanicException"
"""What calamine raises where it meets what it holds for impossible; no ``Exception``, and nowhere to import from."""
_VALUE = re.compile(rb"<v[^>]*>(.*?)</v>", re.DOTALL)
_NOT_A_WORKBOOK = N_("“{name}”不是可以读取的 Excel 工作簿（.xlsx），或文件已损坏")


class XlsxStore:
    """One workbook file, shared with whoever has it open in a desktop program."""

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

    def write(self, base: Snapshot, patches: Sequence[CellPatch], keep: Path) -> Written:
        """Write cells while LibreOffice is kept from editing; the workbook is exchanged as a whole.

        Raises ``Changed``, ``Busy``, ``NotWritable``, ``Unpatchable``; then the workbook is as it was. Cells that
        cannot be written alone, in an array formula for one, are left out and given back.
        """
        data, refused = _patched(_with_own_sheets(self._same(base), base, patches), patches)
        self._drop_stale_lock()
        with DesktopLock(self.path):
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


def read_workbook(data: bytes, name: str = "", revision: str = "") -> Snapshot:
    """The snapshot of a workbook's bytes. Raises ``Unreadable``."""
    for content in (data, None):
        try:
            found = _read(_without_far_days(data) if content is None else content, name)
        except BaseException as error:
            if type(error).__name__ != PANIC:
                raise
        else:
            return replace(found, revision=revision, digest=digest(data))
    raise Unreadable(_(_NOT_A_WORKBOOK, name=name))


def _without_far_days(data: bytes) -> bytes:
    """The workbook with numbers in date cells that no calendar reaches left as plain numbers: calamine panics at
    them, and one such cell must not hide the whole workbook."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as made:
        for part in archive.infolist():
            made.writestr(part.filename, _FAR_DAY.sub(rb"<c \1\2><v>\3</v>", archive.read(part)))
    return out.getvalue()


def _read(data: bytes, name: str) -> Snapshot:
    paused = gc.isenabled()
    gc.disable()  # a load makes only objects that stay: collecting meanwhile doubles its time
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _refuse_bombs(archive, len(data), name)
            parts, epoch_1904 = sheet_parts(archive)
            workbook = CalamineWorkbook.from_filelike(BytesIO(data))
            sheets = []
            for title in workbook.sheet_names:
                xml = archive.read(parts[title]) if title in parts else b""
                _refuse_sprawl(xml, title, name)
                cells = workbook.get_sheet_by_name(title).to_python(skip_empty_area=False)
                if _contains(xml, b'"b'):
                    cells = [[str(c).upper() if c is True or c is False else c for c in row] for row in cells]
                marks, merged = _marks(xml)
                cells += [[]] * (max((row for row, _column in marks), default=0) - len(cells))
                sheets.append(RawSheet(title, cells, marks, merged))
    except (
        zipfile.BadZipFile,
        CalamineError,
        ElementTree.ParseError,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise Unreadable(_(_NOT_A_WORKBOOK, name=name)) from error
    except (NotImplementedError, RuntimeError) as error:  # an encrypted or exotically compressed archive
        raise Unreadable(_("“{name}”加了密码或用了不支持的压缩方式", name=name)) from error
    finally:
        if paused:
            gc.enable()
    return Snapshot("", tuple(sheets), epoch_1904)


def _refuse_bombs(archive: zipfile.ZipFile, size: int, name: str) -> None:
    parts = archive.infolist()
    inflated = sum(part.file_size for part in parts)
    worst = max((part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > 2**20), default=0)
    if size > MAX_FILE or inflated > MAX_UNPACKED or worst > MAX_RATIO:
        raise Unreadable(_("“{name}”过大（展开后 {size} MB），不予读取", name=name, size=inflated // 2**20))


def _refuse_sprawl(xml: bytes, title: str, name: str) -> None:
    """A single cell far out makes a rectangle that no memory holds; say where it is instead of trying."""
    value = xml.rfind(b"</c>")
    last = _LAST_ROW.search(xml, max(xml.rfind(b"<row ", 0, value), 0)) if value > 0 else None
    rows = int(last.group(1)) if last else 0
    if rows * WIDEST <= MAX_CELLS or (rows * NARROW <= MAX_CELLS and not _is_wide(xml)):
        return
    width = max(map(_position, set(_COLUMNS.findall(xml))), default=0)
    if rows * width > MAX_CELLS:
        raise Unreadable(
            _(
                "“{name}”的“{sheet}”有内容落在很远的格子（{rows} 行、{width} 列之内），请删除数据以外的行和列",
                name=name, sheet=title, rows=rows, width=width,
            )
        )  # fmt: skip


def _windows(xml: bytes) -> Iterator[np.ndarray[tuple[int], np.dtype[np.uint8]]]:
    """The bytes between the tags of ``sheetData``, where the cells are, in overlapping pieces that fit a cache."""
    start = max(xml.find(b"<sheetData"), 0)
    end = max(xml.rfind(b"</sheetData>"), start)
    for at in range(start, end, WINDOW):
        yield np.frombuffer(xml, np.uint8, min(WINDOW + 1, end - at), at)


def _contains(xml: bytes, pair: bytes) -> bool:
    """Whether two bytes stand side by side among the cells: many times faster than ``in``."""
    wanted = np.frombuffer(pair, np.uint16)[0]
    return any(
        (part[odd : odd + (len(part) - odd) // 2 * 2].view(np.uint16) == wanted).any()
        for part in _windows(xml)
        for odd in (0, 1)
    )


def _is_wide(xml: bytes) -> bool:
    """Whether any cell may stand in a column of two letters or more; a look at the bytes spares most the search."""
    capitals = (part - np.uint8(ord("A")) < NARROW for part in _windows(xml))
    return any((found[:-1] & found[1:]).any() for found in capitals) and _WIDE.search(xml) is not None


def _marks(xml: bytes) -> tuple[dict[tuple[int, int], tuple[Mark, str]], tuple[tuple[int, int, int, int], ...]]:
    """Formula and error cells of one sheet, and its merged ranges. Most sheets have none and cost one scan."""
    merged = tuple(
        (int(top), _position(left), int(bottom), _position(right))
        for left, top, right, bottom in _MERGED.findall(xml, max(xml.rfind(b"</sheetData>"), 0))
    )
    found: dict[tuple[int, int], tuple[Mark, str]] = {}
    if not _contains(xml, b"<f") and not _contains(xml, b'"e'):
        return found, merged
    for match in _CELL.finditer(xml):
        letters, row, attributes, inner = match.groups()
        inner = inner or b""
        value = _VALUE.search(inner)
        text = value.group(1).decode("utf-8", "replace") if value else ""
        if b't="e"' in attributes:
            mark = (Mark.ERROR, text)
        elif b"<f" in inner:
            blank = value is None or (not text and b't="str"' not in attributes)
            mark = (Mark.FORMULA_BLANK if blank else Mark.FORMULA, text)
        else:
            continue
        found[int(row), _position(letters)] = mark
    return found, merged


def _position(letters: bytes) -> int:
    """``A`` → 1, ``AA`` → 27."""
    position = 0
    for letter in letters:
        position = position * 26 + letter - 64
    return position
