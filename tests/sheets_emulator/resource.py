"""The spreadsheet as ``spreadsheets.get`` shows it, made only as far as its field mask asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .a1 import Box
from .cells import shown
from .fields import ALL, Mask, below, check, cut, parse
from .formulas import UNKNOWN, seen
from .metadata import Entry, Place
from .metadata import resource as metadata_resource
from .model import Book, Formula, Meta, Row, Sheet, Value
from .people import may_edit
from .values import effective, pattern

Part = tuple[Sheet, Box]
_WITHOUT_DATA = "sheets(properties,developerMetadata,protectedRanges,basicFilter,conditionalFormats)"
_NO_DATA = parse("spreadsheetId,properties,spreadsheetUrl,developerMetadata," + _WITHOUT_DATA)


def lean(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what a protobuf leaves out: zeros, ``false``, empty."""
    return {name: value for name, value in fields.items() if value not in (None, False, 0, "", [], {})}


def spreadsheet(
    book: Book, who: str, mask: Mask | None, with_data: bool, parts: list[Part] | None = None
) -> dict[str, Any]:
    """The Spreadsheet resource; ``parts`` limits it to these cells and their tabs."""
    if mask is None or "*" in mask:
        mask = ALL if with_data else _NO_DATA
    check(mask)
    makers: dict[str, Callable[[Mask], Any]] = {
        "spreadsheetId": lambda _: book.id,
        "properties": lambda _: {
            "title": book.title,
            "locale": book.locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": book.time_zone,
            "defaultFormat": {"padding": {"top": 2, "right": 3, "bottom": 2, "left": 3}},
        },
        "sheets": lambda inner: _sheets(book, who, inner, parts),
        "developerMetadata": lambda _: [_meta(meta, Place("SPREADSHEET")) for meta in book.meta],
        "spreadsheetUrl": lambda _: f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    return _made(makers, mask)


def _made(makers: dict[str, Callable[[Mask], Any]], mask: Mask) -> dict[str, Any]:
    made = {}
    for name, maker in makers.items():
        inner = below(mask, name)
        if inner is None:
            continue
        value = cut(maker(inner), inner)
        if value not in (None, [], {}):
            made[name] = value
    return made


def _meta(meta: Meta, place: Place) -> dict[str, Any]:
    return metadata_resource(Entry(meta, place))


def _sheets(book: Book, who: str, mask: Mask, parts: list[Part] | None) -> list[dict[str, Any]]:
    made = []
    for sheet in book.sheets:
        boxes = [sheet.grid] if parts is None else [box for one, box in parts if one is sheet]
        if boxes:
            made.append(_sheet(book, sheet, who, mask, boxes))
    return made


def _sheet(book: Book, sheet: Sheet, who: str, mask: Mask, boxes: list[Box]) -> dict[str, Any]:
    makers: dict[str, Callable[[Mask], Any]] = {
        "properties": lambda _: properties(book, sheet),
        "data": lambda inner: [_data(book, sheet, box, inner) for box in boxes],
        "developerMetadata": lambda _: [_meta(meta, Place("SHEET", sheet)) for meta in sheet.meta],
        "protectedRanges": lambda _: [protection(book, one, who) for one in sheet.protections],
        "basicFilter": lambda _: sheet.filter and sheet.filter | {"range": area(sheet.filter["range"])},
        "conditionalFormats": lambda _: [
            rule | {"ranges": [area(one) for one in rule.get("ranges", [])]} for rule in sheet.conditionals
        ],
    }
    return _made(makers, mask)


def properties(book: Book, sheet: Sheet) -> dict[str, Any]:
    """SheetProperties. The sheetId and the index are there even when 0."""
    lines = lean({"frozenRowCount": sheet.frozen_rows, "frozenColumnCount": sheet.frozen_columns})
    size = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
    looks = {name: value for name, value in sheet.looks.items() if name != "gridProperties"}
    more = sheet.looks.get("gridProperties", {})
    found = {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": book.sheets.index(sheet) if sheet in book.sheets else 0,
        "sheetType": "GRID",
        "gridProperties": size | lines | lean(more),
    }
    return found | ({"hidden": True} if sheet.hidden else {}) | lean(looks)


def area(given: dict[str, Any]) -> dict[str, Any]:
    """A GridRange as answers show it: ``sheetId`` 0 is left out."""
    return {name: value for name, value in given.items() if name != "sheetId" or value}


def protection(book: Book, one: dict[str, Any], who: str) -> dict[str, Any]:
    """A ProtectedRange; only who may edit it sees its editors."""
    let_in = may_edit(one, book, who)
    found = {name: value for name, value in one.items() if name != "editors" or let_in}
    found["range"] = area(one["range"])
    if one.get("unprotectedRanges"):
        found["unprotectedRanges"] = [area(free) for free in one["unprotectedRanges"]]
    return lean(found | {"requestingUserCanEdit": let_in})


def _data(book: Book, sheet: Sheet, box: Box, mask: Mask) -> dict[str, Any]:
    makers: dict[str, Callable[[Mask], Any]] = {
        "startRow": lambda _: box.top or None,
        "startColumn": lambda _: box.left or None,
        "rowData": lambda inner: _row_data(book, sheet, box, inner),
        "rowMetadata": lambda _: [
            _line(sheet.row(i).props, sheet.row(i).meta, Place("ROW", sheet, i), 21) for i in range(box.top, box.bottom)
        ],
        "columnMetadata": lambda _: [
            _line(sheet.columns[i].props, sheet.columns[i].meta, Place("COLUMN", sheet, i), 100)
            for i in range(box.left, box.right)
        ],
    }
    return _made(makers, mask)


def _line(props: dict[str, Any], metas: tuple[Meta, ...], place: Place, size: int) -> dict[str, Any]:
    found = {"pixelSize": size} | lean(props)
    return found | ({"developerMetadata": [_meta(meta, place) for meta in metas]} if metas else {})


def _row_data(book: Book, sheet: Sheet, box: Box, mask: Mask) -> list[dict[str, Any]]:
    inner = below(mask, "values")
    if inner is None:
        return []
    worked = seen(book, sheet)
    made: list[dict[str, Any]] = []
    for index in range(box.top, min(box.bottom, max(len(sheet.rows), worked.bottom))):
        row = sheet.row(index)
        width = max([len(row.values), *(c + 1 for c in row.extras), *(c + 1 for c in worked.columns)], default=0)
        cells = [_cell(book, sheet, index, row, column, inner) for column in range(box.left, min(box.right, width))]
        while cells and not cells[-1]:
            cells.pop()
        made.append({"values": cells} if cells else {})
    while made and not made[-1]:
        made.pop()
    return made


def _cell(book: Book, sheet: Sheet, index: int, row: Row, column: int, mask: Mask) -> dict[str, Any]:
    value, extra = row.at(column), row.extras.get(column, {})
    effective_value = effective(book, sheet, index, column)
    form = extra.get("userEnteredFormat")
    fields = {
        "userEnteredValue": typed_value(value),
        "effectiveValue": typed_value(effective_value),
        "formattedValue": shown(effective_value, pattern(row, column)) or None,
        "userEnteredFormat": form,
        "effectiveFormat": form,
        "note": extra.get("note"),
        "dataValidation": extra.get("dataValidation"),
    }
    found = {name: part for name, part in fields.items() if part is not None and below(mask, name) is not None}
    return cut(found, mask) if found else found


def typed_value(value: Value) -> dict[str, Any] | None:
    """An ExtendedValue."""
    if value is None:
        return None
    if type(value) is Formula:
        return {"formulaValue": str(value)}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        if value in (UNKNOWN, "#REF!"):
            return {"errorValue": {"type": value.strip("#!").replace("/", "_"), "message": value}}
        return {"stringValue": value}
    return {"numberValue": value}
