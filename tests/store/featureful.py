"""A workbook with all that libraries lose: what Excel, WPS and add-ins keep beside the values of cells."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date

import xlsxwriter
from openpyxl.utils import get_column_letter

from lib.store.base import CellPatch
from lib.store.reading import read_workbook
from sheets_schema.snapshot import Cell

SHEET, SUMS, EMPTY, CHART = "台账", "统计", "空表", "图"
SHEET_PART, SUMS_PART, EMPTY_PART = (f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
CHAIN_PART = "xl/calcChain.xml"
ROWS = 40
"""Filled rows of ``SHEET``, headings included; columns are 编号 名称 日期 数 备注 公式."""
DAY = date(2016, 3, 31)

HOSTILE = [
    "=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "\t=1", "\r=1", "'=1",
    "<b>&amp;</b>", "]]>", "</t></is></c>", '"', "&#65;", "<!-- -->",
    "a\nb", "a\r\nb", "a\rb", "\n", " ", "  前后 ", "\t\t",
    "\x00", "\x01\x1f", "\x7f\x85\u2028", "_x0041_", "_x005F_", "_x0041_x0042_", "_x0041\x01", "\x01x0041_", "_xd83d_",
    "_xFFFE_", "_x0041", "__x0041__", "_X0041_", "😀", "🏳️‍🌈", "\ufeff前", "שלום", "\u202e反",
    "0571", "5.10", "1e5", "TRUE", "#N/A", "2016-03-31", "长" * 32_767, "😀" * 16_383,
]  # fmt: skip
"""Texts that look like something else, or that XML does not carry."""

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MS = "http://schemas.microsoft.com/office"
_X14_VALIDATION = f"""<ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{_MS}/spreadsheetml/2009/9/main">
<x14:dataValidations count="1" xmlns:xm="{_MS}/excel/2006/main"><x14:dataValidation type="list" allowBlank="1">
<x14:formula1><xm:f>{SUMS}!$F$1:$F$9</xm:f></x14:formula1><xm:sqref>B2:B40</xm:sqref></x14:dataValidation>
</x14:dataValidations></ext>
<ext uri="{{00000000-ABCD-4b89-ADB6-000000000000}}"><any xmlns="urn:add-in" a='1 > 0'/></ext>"""
_THREADED = f"""<?xml version="1.0" encoding="UTF-8"?>
<ThreadedComments xmlns="{_MS}/spreadsheetml/2018/threadedcomments">
<threadedComment ref="B3" dT="2016-03-31T10:00:00.00" personId="{{11111111-2222-3333-4444-555555555555}}"
 id="{{66666666-2222-3333-4444-555555555555}}"><text>请核对</text>
</threadedComment></ThreadedComments>"""
_PERSON = f"""<?xml version="1.0" encoding="UTF-8"?>
<personList xmlns="{_MS}/spreadsheetml/2018/threadedcomments"><person displayName="王工"
 id="{{11111111-2222-3333-4444-555555555555}}" userId="w" providerId="None"/></personList>"""
_WPS = """<?xml version="1.0" encoding="UTF-8"?>
<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>"""
_CHAINED = [f'F{row}"' + ' i="1" l="1"' * (row == 2) for row in range(2, ROWS + 1)]
_CHAINED += [f'F{row}"' + ' i="2"' * (row == 1) for row in range(1, 10)]
_CHAIN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    + "".join(f'<c r="{entry}/>' for entry in _CHAINED)
    + "</calcChain>"
)


def to(cell: str, value: Cell, sheet: str = SHEET) -> CellPatch:
    """The change of a cell given as ``B5``."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return CellPatch(sheet, int(cell[len(letters) :]), column, value)


def name_of(row: int, column: int) -> str:
    """``B5``."""
    return f"{get_column_letter(column)}{row}"


def shown(data: bytes, sheet: str = SHEET) -> dict[str, Cell]:
    """Cell → value of all cells that are not blank."""
    cells = next(raw.cells for raw in read_workbook(data).sheets if raw.title == sheet)
    return {
        name_of(row, column): value
        for row, line in enumerate(cells, 1)
        for column, value in enumerate(line, 1)
        if value not in ("", None)
    }


def part(data: bytes, name: str = SHEET_PART) -> str:
    """The text of a part."""
    return unpacked(data)[name].decode()


def element(data: bytes, cell: str, name: str = SHEET_PART) -> str:
    """The XML of a cell."""
    found = re.search(rf'<c r="{cell}"(?:[^>]*/>|[^>]*>.*?</c>)', part(data, name), re.DOTALL)
    assert found
    return found[0]


def featureful() -> bytes:
    """The workbook, its parts compressed each in its own way, some with a data descriptor."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        _fill(book, book.add_worksheet(SHEET))
        sums = book.add_worksheet(SUMS)
        for row in range(9):
            sums.write_formula(row, 5, f"=SUM({SHEET}!D2:D{row + 2})", None, 10.5 * (row + 1))
        book.add_worksheet(EMPTY)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": f"={SHEET}!$D$2:$D$9"})
        book.add_chartsheet(CHART).set_chart(chart)
        book.define_name("范围", f"={SHEET}!$A$1:$F${ROWS}")
    return _enriched(target.getvalue())


def _fill(book: xlsxwriter.Workbook, tab: xlsxwriter.worksheet.Worksheet) -> None:
    day, bold = book.add_format({"num_format": 'yyyy"年"m"月"d"日"', "locked": False}), book.add_format({"bold": True})
    text = book.add_format({"num_format": "@", "bg_color": "#FFF4E0"})
    tab.set_column(1, 1, 20, text)
    tab.set_column(2, 2, 16, day)
    tab.set_row(20, 30, bold)
    tab.write_row(0, 0, ["编号", "名称", "日期", "数", "备注", "公式"], bold)
    for row in range(1, ROWS):
        tab.write_string(row, 0, f"DW-{row:02}")
        tab.write_string(row, 1, f"单位 {row} <&>", text)
        tab.write_datetime(row, 2, DAY, day)
        tab.write_number(row, 3, row * 1.5)
        tab.write_rich_string(row, 4, "一部分", bold, "加粗", "其余")
        tab.write_formula(row, 5, f"=D{row + 1}*2", None, row * 3)
    tab.conditional_format(1, 3, ROWS, 3, {"type": "data_bar", "data_bar_2010": True})
    tab.conditional_format(1, 0, ROWS, 0, {"type": "duplicate", "format": bold})
    tab.data_validation(1, 3, ROWS, 3, {"validate": "decimal", "criteria": ">", "value": 0})
    tab.add_sparkline(1, 7, {"range": f"{SHEET}!D2:D9"})
    tab.write_comment("B2", "旧式批注", {"author": "李工"})
    tab.insert_textbox("J2", "文本框")
    tab.insert_image("J20", "点.png", {"image_data": io.BytesIO(_dot())})
    tab.write_url("I2", "https://example.invalid/", None, "链接")
    tab.merge_range("J12:K13", "合并", bold)
    tab.protect("", {"sort": True})
    tab.unprotect_range("A2:F40", "可填区域")
    tab.autofilter(0, 0, ROWS - 1, 5)
    tab.freeze_panes(1, 2)
    columns = [{"header": "项"}, {"header": "数", "total_function": "sum"}]
    tab.add_table("M1:N5", {"columns": columns, "total_row": True, "data": [["甲", 1], ["乙", 2], ["丙", 3]]})


def _dot() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def _enriched(data: bytes) -> bytes:
    parts = unpacked(data)
    insert(parts, SHEET_PART, "</extLst></worksheet>", _X14_VALIDATION)
    _add(parts, "xl/threadedComments/threadedComment1.xml", _THREADED, f"{_MS}/2017/10/relationships/threadedComment",
         "application/vnd.ms-excel.threadedcomments+xml", SHEET_PART)  # fmt: skip
    _add(parts, "xl/persons/person.xml", _PERSON, f"{_MS}/2017/10/relationships/person",
         "application/vnd.ms-excel.person+xml")  # fmt: skip
    _add(parts, "xl/cellimages.xml", _WPS, "http://www.wps.cn/officeDocument/2020/cellImage",
         "application/vnd.wps-officedocument.cellimage+xml")  # fmt: skip
    _add(parts, CHAIN_PART, _CHAIN, f"{_OFFICE}/calcChain",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml")  # fmt: skip
    parts["xl/某插件/数据.bin"] = bytes(range(256)) * 3
    return rezipped(parts)


def insert(parts: dict[str, bytes], part: str, mark: str, text: str) -> None:
    """Put text before a mark that a part has once."""
    content = parts[part].decode()
    assert content.count(mark) == 1
    parts[part] = content.replace(mark, text + mark).encode()


def _add(
    parts: dict[str, bytes], name: str, content: str, relation: str, kind: str, owner: str = "xl/workbook.xml"
) -> None:
    folder, _slash, file = owner.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels"
    target = f'Target="/{name}"' if owner == SHEET_PART else f'Target="{name.removeprefix("xl/")}"'
    number = parts[rels].count(b"<Relationship ") + 1
    insert(parts, rels, "</Relationships>", f'<Relationship Id="rId{number}" Type="{relation}" {target}/>')
    insert(parts, "[Content_Types].xml", "</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/>')
    parts[name] = content.encode()


def unpacked(data: bytes) -> dict[str, bytes]:
    """Part → content."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class _Pipe(io.RawIOBase):
    """A file that cannot go back, so that sizes follow the content in a data descriptor."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)


def rezipped(parts: Mapping[str, bytes]) -> bytes:
    """An archive with data descriptors, stored and compressed parts, times, comments and extra fields."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = "某程序".encode()
        for number, (name, content) in enumerate(parts.items()):
            info = zipfile.ZipInfo(name, (2016, 3, 31, 10, number % 60, 0))
            info.compress_type = zipfile.ZIP_STORED if number % 5 == 4 else zipfile.ZIP_DEFLATED
            info.comment = b"part" if number % 3 == 0 else b""
            info.extra = struct.pack("<HH4s", 0xA220, 4, b"grow") if number % 4 == 0 else b""
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return bytes(pipe.written)


def records(data: bytes) -> dict[str, tuple[bytes, bytes]]:
    """Part → its bytes from its local header to the next one's, and its central record without the offset."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos, end = archive.infolist(), archive.start_dir
    starts = [*sorted(info.header_offset for info in infos), end]
    found, at = {}, end
    for info in infos:
        until = starts[starts.index(info.header_offset) + 1]
        size = 46 + sum(struct.unpack_from("<3H", data, at + 28))
        central = data[at : at + 42] + data[at + 46 : at + size]
        found[info.filename] = (data[info.header_offset : until], central)
        at += size
    return found


def sheet_of(xml: str) -> bytes:
    """The workbook with another XML for its empty sheet."""
    return rezipped({**unpacked(BOOK), EMPTY_PART: xml.encode()})


BOOK = featureful()
