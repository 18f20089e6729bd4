"""Change cells of a person's .xlsx and nothing else: every byte that is not the changed cell's stays what it was.

People keep more in their workbooks than any library can load and save: validations and formats of later Excels,
threaded comments, sparklines, text boxes, parts of WPS. So nothing is loaded here. The cells are spliced into the
sheet's XML (``lib.store.splice``), and the other parts are copied as they lie in the archive (``lib.store.archive``).

Two things are left to whoever opens the file: cached results of formulas that look at a changed cell stay what they
were until the program calculates again, and unused entries stay in the table of shared texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from lib.i18n import N_, _
from lib.store.archive import Archive, Unpatchable, damaged, failed
from lib.store.base import CellPatch
from lib.store.cellxml import MAX_COLUMN, MAX_ROW, MAX_TEXT, Dates, date_styles, is_exact, is_text_too_long, reference
from lib.store.parts import TYPES, WORKBOOK, Contents, contents, relations_part, tables
from lib.store.splice import rectangle, splice
from sheets_schema.snapshot import Cell

__all__ = ["Unpatchable", "add_sheet", "patch"]

MAX_TITLE = 31
"""Characters of a tab's title, as Excel counts them."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SIGNATURES = "_xmlsignatures/"
_CHAIN_ENTRY = re.compile(rb"<(?:[\w.-]+:)?c\s[^>]*?/>")
_CHAIN_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Z]+\d+)[\"']")
_CHAIN_SHEET = re.compile(rb"\si\s*=\s*[\"'](\d+)[\"']")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_TEMPLATE = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="{_MAIN}"><dimension ref="A1"/><sheetData/></worksheet>""".encode()

_UNKNOWN = N_("工作簿里没有名为“{sheet}”的工作表")
_OUTSIDE = N_("“{sheet}”里没有这样的单元格：第 {row} 行第 {column} 列")
_TOO_LONG = N_("“{sheet}”的 {cell}：文字有 {length} 字，超过一个单元格能容纳的 {most} 字")
_INEXACT = N_("“{sheet}”的 {cell}：单元格不能准确地存放数字 {value}，请作为文字填写")
_TABLE = N_("“{sheet}”的 {cell} 是表格（超级表）的标题行或汇总行，改写会使 Excel 报告文件损坏；请在 Excel 或 WPS 里改")
_SIGNED = N_("工作簿带有数字签名，改动会使签名失效，没有改动它；需要改动时，请先在 Excel 里删除签名")
_BAD_TITLE = N_("“{sheet}”不能作工作表的名称：须为 1 至 31 字，不含 [ ] : * ? / \\，首尾不是单引号")
_TAKEN = N_("工作簿里已有名为“{sheet}”的工作表")

Sheets = Mapping[str, Mapping[int, Mapping[int, Cell]]]
"""Title → row → column → value."""


def patch(data: bytes, patches: Iterable[CellPatch]) -> bytes:
    """The workbook's bytes with some cells changed; of two patches to one cell the later one counts.

    Text is written as text, whatever it looks like; a day as a day where the cell's style shows days, else as
    ``2016-03-31``; None and ``""`` clear the value and keep the style. A formula that is overwritten is gone.

    Raises ``Unpatchable``, naming the cell where one is the cause: for an unknown tab, for what a cell cannot hold, for
    shared and array formulas and the headings of tables (other cells depend on them), for signed, encrypted, Zip64 or
    damaged files, and for XML whose layout is not certain. What is given back has been opened and read again.
    """
    sheets = _by_sheet(patches)
    if not sheets:
        return data
    with _reading():
        archive = Archive(data)
        _refuse_signed(archive)
        book = contents(archive)
        dates = _dates(archive, book, sheets)
        for title, rows in sheets.items():
            _patch_sheet(archive, book, dates, title, rows)
        return archive.packed()


def add_sheet(data: bytes, title: str, header: Sequence[str], *, hidden: bool = False) -> bytes:
    """The workbook's bytes with a new worksheet at the end, whose first row is ``header``.

    ``hidden`` makes it one that only a macro can show, as the app's own ``_meta`` is. Raises ``Unpatchable``, also for
    a title that is taken or that Excel does not allow.
    """
    rows = _by_sheet(CellPatch(title, 1, column, text) for column, text in enumerate(header, 1))
    if not title or _units(title) > MAX_TITLE or _NOT_IN_TITLES.search(title) or title.strip("'") != title:
        raise Unpatchable(_(_BAD_TITLE, sheet=title))
    with _reading():
        archive = Archive(data)
        _refuse_signed(archive)
        book = contents(archive)
        if title.casefold() in {tab.title.casefold() for tab in book.tabs}:
            raise Unpatchable(_(_TAKEN, sheet=title))
        part = _free(archive.names(), "xl/worksheets/sheet", ".xml")
        archive.put(part, splice(_TEMPLATE, rows.get(title, {}), Dates(), title).xml)
        _register(archive, book, part, title, hidden)
        made = archive.packed()
        if [tab.title for tab in contents(Archive(made)).tabs] != [*(tab.title for tab in book.tabs), title]:
            raise failed()
        return made


@contextmanager
def _reading() -> Iterator[None]:
    """What the parts raise when they are not what they should be, as the one exception of this module."""
    try:
        yield
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise damaged() from error


def _by_sheet(patches: Iterable[CellPatch]) -> Sheets:
    """The patches by where they go. Raises ``Unpatchable`` for what no cell can hold, and for what is no cell."""
    sheets: dict[str, dict[int, dict[int, Cell]]] = {}
    for one in patches:
        if not (1 <= one.row <= MAX_ROW and 1 <= one.column <= MAX_COLUMN):
            raise Unpatchable(_(_OUTSIDE, sheet=one.sheet, row=one.row, column=one.column))
        told = {"sheet": one.sheet, "cell": reference(one.row, one.column)}
        if isinstance(one.value, str):
            if is_text_too_long(one.value):
                raise Unpatchable(_(_TOO_LONG, **told, length=_units(one.value), most=MAX_TEXT))
        elif isinstance(one.value, (int, float)) and not is_exact(one.value):
            raise Unpatchable(_(_INEXACT, **told, value=one.value))
        sheets.setdefault(one.sheet, {}).setdefault(one.row, {})[one.column] = one.value
    return sheets


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _refuse_signed(archive: Archive) -> None:
    """A signature says that nothing was changed since; to break it silently would be worse than to ask."""
    if any(name.lower().startswith(_SIGNATURES) for name in archive.names()):
        raise Unpatchable(_(_SIGNED))


def _dates(archive: Archive, book: Contents, sheets: Sheets) -> Dates:
    """How the workbook keeps days; its styles are read only when there is a day or a number to write."""
    values = (value for rows in sheets.values() for row in rows.values() for value in row.values())
    if "styles" not in book.single or not any(
        isinstance(value, (date, time, timedelta, float, int)) for value in values
    ):
        return Dates(epoch_1904=book.epoch_1904)
    return Dates(date_styles(archive.read(book.single["styles"])), book.epoch_1904)


def _patch_sheet(
    archive: Archive, book: Contents, dates: Dates, title: str, rows: Mapping[int, Mapping[int, Cell]]
) -> None:
    tab = next((tab for tab in book.tabs if tab.title == title), None)
    if tab is None:
        raise Unpatchable(_(_UNKNOWN, sheet=title))
    xml = archive.read(tab.part)
    if b"tableParts" in xml[xml.rfind(b"sheetData") :]:
        rows = _beside_headings(archive, tab.part, title, rows)
    made = splice(xml, rows, dates, title)
    if made.xml != xml:
        archive.put(tab.part, made.xml)
    if made.unformulated and "calcChain" in book.single:
        _unchain(archive, book.single["calcChain"], tab.id, made.unformulated)


def _beside_headings(
    archive: Archive, part: str, title: str, rows: Mapping[int, Mapping[int, Cell]]
) -> Mapping[int, Mapping[int, Cell]]:
    """The patches without those that give a table's heading the text it has. Raises ``Unpatchable`` for another text:
    the table keeps its headings and its totals a second time, and Excel takes a difference for damage."""
    left = {row: dict(values) for row, values in rows.items()}
    for table in tables(archive, part):
        top, first, bottom, last = rectangle(table.ref.encode())
        names = dict(enumerate(table.names, first)) if table.headers else {}
        for row in {*range(top, top + table.headers), *range(bottom - table.totals + 1, bottom + 1)} & left.keys():
            for column in [column for column in left[row] if first <= column <= last]:
                if row != top or left[row][column] != names.get(column):
                    raise Unpatchable(_(_TABLE, sheet=title, cell=reference(row, column)))
                del left[row][column]
    return left


def _unchain(archive: Archive, chain: str, sheet: int, cells: frozenset[str]) -> None:
    """Take cells that are no formulas any more out of the calculation chain; Excel takes them for damage there.

    An entry without a sheet belongs to that of the one before it, so that one may have to be told its sheet. A chain
    of nothing is not allowed: then the part goes, which Excel makes anew when it needs it.
    """
    xml = archive.read(chain)
    pieces, at, current, told, kept = list[bytes](), 0, 0, 0, 0
    for found in _CHAIN_ENTRY.finditer(xml):
        entry, own = found[0], _CHAIN_SHEET.search(found[0])
        current = int(own[1]) if own else current
        where = _CHAIN_CELL.search(entry)
        pieces.append(xml[at : found.start()])
        at = found.end()
        if where and current == sheet and where[1].decode() in cells:
            continue
        if not own and told != current:
            entry = entry[:-2].rstrip() + b' i="%d"/>' % current
        pieces.append(entry)
        told, kept = current, kept + 1
    if kept:
        archive.put(chain, b"".join((*pieces, xml[at:])))
    else:
        _remove(archive, chain)


def _remove(archive: Archive, part: str) -> None:
    """Take a part that only the workbook refers to out of the archive, the list of types and the relations."""
    archive.drop(part)
    relations, name = relations_part(WORKBOOK), re.escape(part.rpartition("/")[2].encode())
    for place, attribute in ((TYPES, rb"PartName"), (relations, rb"Target")):
        pattern = rb"<(?:[\w.-]+:)?(?:Override|Relationship)\s[^>]*\b%s\s*=\s*[\"'][^\"'>]*%s[\"'][^>]*?/>"
        made, count = re.subn(pattern % (attribute, name), b"", archive.read(place))
        if count != 1:
            raise damaged()
        archive.put(place, made)


def _register(archive: Archive, book: Contents, part: str, title: str, hidden: bool) -> None:
    """Make a new worksheet known: its type, its relation to the workbook, and its place among the tabs."""
    relations = relations_part(WORKBOOK)
    known = archive.read(relations)
    relation = _free(re.findall(r"Id\s*=\s*[\"']([^\"']*)", known.decode()), "rId", "")
    state = ' state="veryHidden"' if hidden else ""
    number = max((tab.id for tab in book.tabs), default=0) + 1
    sheet = f'sheet xmlns:r="{_OFFICE}" name={quoteattr(title)} sheetId="{number}"{state} r:id="{relation}"'
    override = f'Override PartName="/{part}" ContentType="{_SHEET_TYPE}"'
    _append(archive, TYPES, "Types", override)
    _append(
        archive, relations, "Relationships", f'Relationship Id="{relation}" Type="{_OFFICE}/worksheet" Target="/{part}"'
    )
    _append(archive, WORKBOOK, "sheets", sheet)


def _append(archive: Archive, part: str, parent: str, element: str) -> None:
    """Put an empty element last into the one of a name that a part has, with the namespace prefix that one has."""
    xml = archive.read(part)
    endings = list(re.finditer(rb"</((?:[\w.-]+:)?)%s\s*>" % parent.encode(), xml))
    if len(endings) != 1:
        raise damaged()
    ending = endings[0]
    made = b"<" + ending[1] + element.encode() + b"/>"
    archive.put(part, xml[: ending.start()] + made + xml[ending.start() :])


def _free(taken: Iterable[str], before: str, after: str) -> str:
    """The first numbered name that nothing has; names of parts are the same in any case."""
    known = {name.casefold() for name in taken}
    number = 1
    while f"{before}{number}{after}".casefold() in known:
        number += 1
    return f"{before}{number}{after}"
