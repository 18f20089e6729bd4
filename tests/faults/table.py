"""A workbook as outside programs handle it: everything read into memory, everything written anew."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from sheets_schema.snapshot import Cell

Rows = list[list[Cell]]
Sheets = dict[str, Rows]
"""Title → rows of cells, the header first."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = date(1899, 12, 30).toordinal()
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="10"/><name val="Arial"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def read(data: bytes) -> Sheets:
    """The sheets of a workbook. Raises an exception when it is none."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def write(sheets: Sheets) -> bytes:
    """A small workbook, written in a tenth of a millisecond."""
    target = io.BytesIO()
    tabs, relations, types = [], [], []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, (title, rows) in enumerate(sheets.items(), 1):
            hidden = ' state="veryHidden"' if title == "_meta" else ""
            tabs.append(f'<sheet name="{escape(title)}" sheetId="{number}"{hidden} r:id="rId{number}"/>')
            relations.append(_relation(number, "worksheet", f"worksheets/sheet{number}.xml"))
            types.append(_override(f"xl/worksheets/sheet{number}.xml", "worksheet"))
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(rows))
        relations.append(_relation(0, "styles", "styles.xml"))
        types += [_override("xl/workbook.xml", "sheet.main"), _override("xl/styles.xml", "styles")]
        archive.writestr("xl/styles.xml", _STYLES)
        archive.writestr(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{"".join(tabs)}</sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
        archive.writestr("_rels/.rels", _relations([_relation(1, "officeDocument", "xl/workbook.xml")]))
        archive.writestr(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{"".join(types)}</Types>',
        )
    return target.getvalue()


def write_with_openpyxl(sheets: Sheets) -> bytes:
    """The same as a common program writes it, with shared strings."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        tab = book.create_sheet(title)
        if title == "_meta":
            tab.sheet_state = "veryHidden"
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                if cell not in ("", None):
                    made = tab.cell(at, column, cell)
                    if isinstance(cell, str):
                        made.data_type = "s"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _relations(found: list[str]) -> str:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(found)}</Relationships>'


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{_TYPE}.{kind}+xml"/>'


def _sheet(rows: Rows) -> str:
    made = []
    for at, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{get_column_letter(n)}{at}", cell) for n, cell in enumerate(row, 1))
        if cells:
            made.append(f'<row r="{at}">{cells}</row>')
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(made)}</sheetData></worksheet>'


def _cell(place: str, cell: Cell) -> str:
    if cell in ("", None):
        return ""
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{cell.toordinal() - _EPOCH}</v></c>'
    if isinstance(cell, (int, float)):
        return f'<c r="{place}"><v>{cell!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(cell))}</t></is></c>'
