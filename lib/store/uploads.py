"""Files that people hand in (上传): an .xlsx workbook or a .csv table as a snapshot, bounded before it is opened.

Nothing in them is executed: of a formula only the result that was saved counts, and in a .csv there is none.
"""

from __future__ import annotations

import csv
import re
import zipfile
from io import BytesIO, StringIO

from lib.i18n import N_, _
from lib.store.base import Unreadable, digest
from lib.store.reading import read_workbook
from sheets_schema.snapshot import Cell, Mark, RawSheet, Snapshot

MAX_UPLOAD = 10 * 2**20
"""Bytes; a roster of 20,000 rows has about 2 MB."""
MAX_UNPACKED = 100 * 2**20
"""Bytes a workbook may unpack to: a tenth of what the city's own may, since several people can hand one in at once."""
MAX_ROWS = 20_000
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_QUOTED = re.compile(r'="([^"]*)"')
"""How spreadsheet programs are told to keep digits as text in a .csv: no formula to anybody but them."""
_EMPTY, _TOO_BIG = N_("“{name}”是空文件"), N_("“{name}”过大，超过 {limit} MB")


def read_upload(data: bytes, name: str) -> Snapshot:
    """The content of a file handed in. Raises ``Unreadable`` with a sentence that says why."""
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise Unreadable(_(_EMPTY, name=name))
    if len(data) > MAX_UPLOAD:
        raise Unreadable(_(_TOO_BIG, name=name, limit=MAX_UPLOAD // 2**20))
    if data.startswith(_OLD_EXCEL):
        raise Unreadable(_("“{name}”是旧格式（.xls）或加了密码，请另存为 .xlsx 或 .csv", name=name))
    found = _workbook(data, name) if data.startswith(_ZIP) else _csv(data, name)
    if any(len(raw.cells) > MAX_ROWS for raw in found.sheets):
        raise Unreadable(_("“{name}”超过 {n} 行，请分成几份", name=name, n=MAX_ROWS))
    return found


def _workbook(data: bytes, name: str) -> Snapshot:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise Unreadable(_("“{name}”已损坏，打不开", name=name)) from error
    if size > MAX_UNPACKED:
        raise Unreadable(_(_TOO_BIG, name=name, limit=MAX_UNPACKED // 2**20))
    return read_workbook(data, name)


def _csv(data: bytes, name: str) -> Snapshot:
    text = _decoded(data, name)
    first = text.split("\n", 1)[0]
    separator = max(",\t;", key=first.count)
    cells: list[list[Cell]] = []
    marks: dict[tuple[int, int], tuple[Mark, str]] = {}
    try:
        for number, line in enumerate(csv.reader(StringIO(text, newline=""), delimiter=separator), 1):
            if number > MAX_ROWS:
                break
            cells.append([_QUOTED.sub(r"\1", cell) if _QUOTED.fullmatch(cell) else cell for cell in line])
            for column, cell in enumerate(cells[-1], 1):
                if str(cell).lstrip().startswith(("=", "＝")):
                    marks[number, column] = Mark.FORMULA_BLANK, str(cell)
    except csv.Error as error:
        raise Unreadable(_("“{name}”不是可以读取的 .csv 文件", name=name)) from error
    if len(cells) >= MAX_ROWS:
        raise Unreadable(_("“{name}”超过 {n} 行，请分成几份", name=name, n=MAX_ROWS))
    return Snapshot("", (RawSheet(name, cells, marks),), digest=digest(data))


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 with or without a mark, else the Chinese code page that spreadsheet programs save in."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codes: tuple[str, ...] = ("utf-16",)
    else:
        codes = ("utf-8-sig", "gb18030")
    for code in codes:
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(_("“{name}”不是 .xlsx，也不是 UTF-8 或 GBK 编码的 .csv", name=name))
