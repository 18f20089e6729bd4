"""Read an .xlsx workbook's bytes with calamine, and look up in its XML what calamine does not tell.

Formulas, error values, merged ranges and the 1904 date system are looked up in the sheets that contain any. Files are
bounded before they are opened: a zip bomb is refused, not unpacked.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
from python_calamine import CalamineError, CalamineWorkbook

from lib.i18n import N_, _
from lib.store.base import Unreadable, digest
from lib.store.parts import sheet_parts
from lib.store.pauses import no_collection
from sheets_schema.snapshot import Mark, RawSheet, Snapshot

MAX_FILE = 100 * 2**20
"""Bytes on disk; a city's workbook of 47,000 rows has about 3 MB."""
MAX_UNPACKED = 1000 * 2**20
"""Bytes unpacked, all parts together."""
MAX_CELLS, WIDEST, NARROW = 20_000_000, 16_384, 26
"""Cells of one sheet's rectangle, blank ones included; columns a sheet can have; columns named by one letter."""
WINDOW = 2**18
MAX_RATIO = 200
"""How many times its size a part may unpack to; spreadsheet XML stays below 40."""

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
    try:
        with no_collection(), zipfile.ZipFile(BytesIO(data)) as archive:
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
