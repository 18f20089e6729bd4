"""What a tab of a shared spreadsheet is made of: header, formats, dropdowns, colours, filter, protections.

Nothing people need every day is locked. Google lets nobody sort, insert or delete rows across a range protected from
them: so the columns that the app fills in only warn, while the one formula and the app's own tabs are really closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from lib.i18n import N_, _
from lib.store.google_checks import formula
from lib.store.laid import Laid
from lib.store.looks import APP_TAB, PEOPLE_TAB, TINTS, header_look, header_note, look_of, tint_of
from sheets_schema.plan import Plan
from sheets_schema.sheet import KIND_WORDS, Column, Editor, Kind
from sheets_schema.workbook import META, options

Request = dict[str, Any]
PIXELS = 8
"""Of one character's width."""
MOST_OPTIONS = 500
"""Entries Google takes in one dropdown."""
_HEAD_FIELDS = "userEnteredValue,note,userEnteredFormat"
_CELL_FIELDS = "userEnteredFormat,dataValidation"
_PATTERNS = {Kind.DATE: ("DATE", "yyyy-mm-dd"), Kind.INT: ("NUMBER", "0")}
_ASKS = N_("这一列由应用填写，请不要改")
_OWN = N_("由应用填写，不能改")


@dataclass(frozen=True, slots=True)
class Place:
    """Which tab and how: its id, the account that may change what is protected, and where columns that are referred
    to stand: sheet key → (title, position)."""

    id: int
    email: str
    named: Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected range: the tab's id, rows and columns from–to (None: open), whether it only warns."""

    tab: int
    rows: tuple[int, int | None]
    columns: tuple[int, int | None]
    warns: bool

    def request(self, email: str) -> Request:
        """The request that adds it."""
        made: Request = {
            "range": span(self.tab, self.rows, self.columns),
            "description": _(_ASKS if self.warns else _OWN),
        }
        closed = {"editors": {"users": [email]}}
        return {"addProtectedRange": {"protectedRange": made | ({"warningOnly": True} if self.warns else closed)}}


def protections(tab: int, laid: Laid) -> list[Protection]:
    """What is protected in a tab."""
    if laid.sheet is None:
        return []
    if laid.sheet.app_owned:
        return [whole(tab)]
    found = [
        Protection(tab, (laid.header + 1, None), (at, at + 1), warns=True)
        for at, column in sorted(laid.columns.items())
        if column.name in ("id", "check")
    ]
    check = laid.at("check")
    if check is not None:
        found.append(Protection(tab, (laid.header, laid.header + 1), (check, check + 1), warns=False))
    return found


def whole(tab: int) -> Protection:
    """The protection of a tab that is the app's alone."""
    return Protection(tab, (0, None), (0, None), warns=False)


def make_up(laid: Laid, place: Place, plan: Plan) -> Iterator[Request]:
    """All that makes a new tab what it is, but its rows."""
    if laid.sheet is None:
        return
    yield from columns(laid, place, plan, sorted(laid.columns))
    yield from colours(laid, place.id, plan)
    yield basic_filter(laid, place.id)
    for protection in protections(place.id, laid):
        yield protection.request(place.email)


def properties(laid: Laid, tab: int, rows: int) -> Request:
    """The request that adds a tab, as high as ``rows``."""
    grid: Request = {"rowCount": rows, "columnCount": laid.width + 3}
    made: Request = {"sheetId": tab, "title": laid.title, "gridProperties": grid}
    if laid.sheet is not None:
        grid |= {"frozenRowCount": laid.header + 1} | ({} if laid.sheet is META else {"frozenColumnCount": 2})
        made |= {"tabColorStyle": colour(APP_TAB if laid.sheet.app_owned else PEOPLE_TAB), "hidden": laid.sheet.hidden}
    return {"addSheet": {"properties": made}}


def columns(laid: Laid, place: Place, plan: Plan, positions: Sequence[int]) -> Iterator[Request]:
    """Header cells, widths, formats and dropdowns of some declared columns."""
    assert laid.sheet is not None
    for at in positions:
        column, area = laid.columns[at], span(place.id, (laid.header + 1, None), (at, at + 1))
        yield header(laid, place.id, plan, at)
        size = {"range": {"sheetId": place.id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}}
        yield {
            "updateDimensionProperties": size
            | {"properties": {"pixelSize": column.width * PIXELS}, "fields": "pixelSize"}
        }
        rule = None if laid.sheet.app_owned or column.editor is Editor.APP else _dropdown(column, place, plan)
        cell = {"userEnteredFormat": _format(column)} | ({"dataValidation": rule} if rule else {})
        yield {"repeatCell": {"range": area, "cell": cell, "fields": _CELL_FIELDS}}


def header(laid: Laid, tab: int, plan: Plan, at: int) -> Request:
    """One header cell with its note; of 校验 the formula that shows the findings."""
    column = laid.columns[at]
    label, ids = laid.label(at), laid.at("id")
    value = {"stringValue": label}
    if column.name == "check" and ids is not None:
        value = {"formulaValue": formula(label, xl_col_to_name(ids))}
    cell = {"userEnteredValue": value, "note": header_note(column, plan), "userEnteredFormat": _head_format(column)}
    start = {"sheetId": tab, "rowIndex": laid.header, "columnIndex": at}
    return {"updateCells": {"rows": [{"values": [cell]}], "fields": _HEAD_FIELDS, "start": start}}


def colours(laid: Laid, tab: int, plan: Plan) -> Iterator[Request]:
    """Colours for what a choice means, and for a row that has a finding."""
    words: dict[str, list[int]] = {}
    for at, column in laid.columns.items():
        for word in options(column, plan) if column.kind is Kind.CHOICE else ():
            words.setdefault(word, []).append(at)
    for word, positions in words.items():
        tint = tint_of(word)
        if tint is not None:
            condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": word}]}
            yield _rule(laid, tab, positions, condition, tint)
    check = laid.at("check")
    if check is not None:
        yield _rule(laid, tab, [check], {"type": "NOT_BLANK"}, "wait")


def basic_filter(laid: Laid, tab: int) -> Request:
    """The filter at the header."""
    return {"setBasicFilter": {"filter": {"range": span(tab, (laid.header, None), (0, max(laid.columns) + 1))}}}


def span(tab: int, rows: tuple[int, int | None], columns: tuple[int, int | None]) -> Request:
    """A ``GridRange``; what begins at the edge and is open stays unbounded."""
    made: Request = {"sheetId": tab}
    for names, (start, end) in (
        (("startRowIndex", "endRowIndex"), rows), (("startColumnIndex", "endColumnIndex"), columns),
    ):  # fmt: skip
        made |= {names[0]: start} if start or end is not None else {}
        made |= {names[1]: end} if end is not None else {}
    return made


def letters(column: int) -> str:
    """The letters of a 0-based column."""
    return str(xl_col_to_name(column))


def a1(title: str, row: int, column: int) -> str:
    """One cell, by its 0-based row and column, as people write it."""
    return f"'{title.replace(chr(39), chr(39) * 2)}'!{xl_col_to_name(column)}{row + 1}"


def colour(text: str) -> Request:
    """``#0072B2`` as Google writes it."""
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def _rule(laid: Laid, tab: int, positions: Sequence[int], condition: Request, tint: str) -> Request:
    fill, ink, _words = TINTS[tint]
    looks = {"backgroundColorStyle": colour(fill), "textFormat": {"foregroundColorStyle": colour(ink)}}
    ranges = [span(tab, (laid.header + 1, None), (at, at + 1)) for at in positions]
    rule = {"ranges": ranges, "booleanRule": {"condition": condition, "format": looks}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def _dropdown(column: Column, place: Place, plan: Plan) -> Request | None:
    """What a column offers and accepts; it warns only, since pasting goes round it anyway."""
    condition: Request | None = None
    if column.kind is Kind.DATE:
        condition = {"type": "DATE_IS_VALID"}
    elif column.kind is Kind.INT:
        values = [{"userEnteredValue": text} for text in ("0", "100000")]
        condition = {"type": "NUMBER_BETWEEN", "values": values}
    elif column.kind is Kind.CHOICE and column.ref:
        title, at = place.named[column.ref]
        name, quoted = xl_col_to_name(at), title.replace("'", "''")
        condition = {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": f"='{quoted}'!${name}$2:${name}"}]}
    elif column.kind is Kind.CHOICE and 0 < len(listed := options(column, plan)) <= MOST_OPTIONS:
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": text} for text in listed]}
    if condition is None:
        return None
    told = _("“{label}”：{kind}", label=column.label, kind=_(KIND_WORDS[column.kind]))
    return {"condition": condition, "strict": False, "showCustomUi": True, "inputMessage": told}


def _format(column: Column) -> Request:
    kind, pattern = _PATTERNS.get(column.kind, ("TEXT", "@"))
    look = look_of(column)
    made: Request = {
        "numberFormat": {"type": kind, "pattern": pattern},
        "verticalAlignment": "MIDDLE",
        "horizontalAlignment": "LEFT",
        "wrapStrategy": "WRAP" if column.kind is Kind.LONG else "OVERFLOW_CELL",
        "textFormat": {"fontSize": 10} | ({"foregroundColorStyle": colour(look.ink)} if look.ink else {}),
    }
    return made | ({"backgroundColorStyle": colour(look.fill)} if look.fill else {})


def _head_format(column: Column) -> Request:
    look = header_look(column)
    ink = {"foregroundColorStyle": colour(look.ink)} if look.ink else {}
    return {
        "backgroundColorStyle": colour(look.fill),
        "textFormat": {"fontSize": 10, "bold": True} | ink,
        "wrapStrategy": "WRAP",
        "verticalAlignment": "MIDDLE",
    }
