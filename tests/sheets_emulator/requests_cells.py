"""Requests that change cells: updateCells, appendCells, repeatCell, cut, copy, find and replace, validation."""

from __future__ import annotations

import copy
import re
from typing import Any

from . import grid
from .a1 import Box
from .batch import Doing, Reply, kind, mask_of
from .cells import raw, typed
from .errors import ApiError
from .fields import ALL, ANYTHING, Mask, below, check
from .formulas import seen
from .model import Formula, Row, Sheet, Value
from .people import guard
from .values import effective, pattern

_CELL: Mask = {
    **dict.fromkeys(("userEnteredValue", "userEnteredFormat", "note", "dataValidation", "hyperlink"), ANYTHING),
    **dict.fromkeys(("effectiveValue", "effectiveFormat", "formattedValue", "textFormatRuns", "pivotTable"), ANYTHING),
    **dict.fromkeys(("dataSourceTable", "dataSourceFormula", "chipRuns"), ANYTHING),
}
_EXTRAS = ("userEnteredFormat", "note", "dataValidation")


def _cell_mask(body: dict[str, Any]) -> Mask:
    mask = mask_of(body)
    check(mask, _CELL)
    return mask


def _value(given: dict[str, Any] | None) -> Value:
    if not given:
        return None
    if "formulaValue" in given:
        text = given["formulaValue"]
        if not text.startswith("="):
            raise ApiError(f"Invalid formula: {text}")
        return Formula(text)
    for name, kinds in (("stringValue", str), ("numberValue", (int, float)), ("boolValue", bool)):
        if name in given:
            if not isinstance(given[name], kinds) or (name == "numberValue" and isinstance(given[name], bool)):
                raise ApiError(f"Invalid value at 'user_entered_value.{name}'")
            return raw(given[name])
    raise ApiError("Unknown kind of userEnteredValue")


def _merged(old: dict[str, Any], given: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """The old with everything the mask names taken from what is given."""
    if "*" in mask:
        return copy.deepcopy(given)
    new = dict(old)
    for name, inner in mask.items():
        if not inner:
            new.pop(name, None)
            if given.get(name) is not None:
                new[name] = copy.deepcopy(given[name])
            continue
        part = _merged(new.get(name) or {}, given.get(name) or {}, inner)
        new.pop(name, None)
        if part:
            new[name] = part
    return new


def _extra(old: dict[str, Any], cell: dict[str, Any], mask: Mask) -> dict[str, Any]:
    new = dict(old)
    for name in _EXTRAS:
        inner = below(mask, name)
        if inner is None:
            continue
        part = cell.get(name)
        if inner is not ALL and isinstance(part or {}, dict):
            part = _merged(old.get(name) or {}, part or {}, inner)
        new.pop(name, None)
        if part:
            new[name] = part
    return new


def _set(sheet: Sheet, index: int, cells: dict[int, dict[str, Any]], mask: Mask) -> None:
    row = sheet.row(index)
    values: dict[int, Value] = {}
    extras: dict[int, dict[str, Any] | None] = {}
    with_extras = any(below(mask, name) is not None for name in _EXTRAS)
    for column, cell in cells.items():
        if below(mask, "userEnteredValue") is not None:
            values[column] = _value(cell.get("userEnteredValue"))
        if with_extras:
            extras[column] = _extra(row.extras.get(column, {}), cell, mask)
    grid.put(sheet, index, values, extras)


@kind("updateCells")
def update_cells(do: Doing, body: dict[str, Any]) -> Reply:
    """Write cells from a start on, or over a whole range: there what is not given is cleared."""
    mask = _cell_mask(body)
    area = body.get("range") or body.get("start")
    if area is None:
        raise ApiError("Must set start or range.")
    sheet, rows = do.sheet(area), body.get("rows", [])
    if "range" in body:
        box = sheet.box(body["range"])
        bottom, right = box.bottom, box.right
    else:
        box = Box(area.get("rowIndex", 0), sheet.row_count, area.get("columnIndex", 0), sheet.column_count)
        bottom = box.top + len(rows)
        right = box.right
    _room(sheet, rows, box)
    for index in range(box.top, bottom):
        given = rows[index - box.top].get("values", []) if index - box.top < len(rows) else []
        cells = dict(enumerate(given, box.left))
        if "range" in body:
            cells = {column: cells.get(column, {}) for column in range(box.left, right)}
        if cells:
            guard(do.book, sheet, Box(index, index + 1, min(cells), max(cells) + 1), do.who)
            if index < len(sheet.rows) or any(cells.values()):
                _set(sheet, index, cells, mask)
    return None


def _room(sheet: Sheet, rows: list[dict[str, Any]], box: Box) -> None:
    width = max((len(row.get("values", [])) for row in rows), default=0)
    if box.top + len(rows) > box.bottom:
        last = box.bottom - 1
        raise ApiError(f"Attempting to write row: {last + 1}, beyond the last requested row of: {last}")
    if box.left + width > box.right:
        last = box.right - 1
        raise ApiError(f"Attempting to write column: {last + 1}, beyond the last requested column of: {last}")


@kind("appendCells")
def append_cells(do: Doing, body: dict[str, Any]) -> Reply:
    """Rows below the last one with data; the grid grows. Nothing is guessed."""
    mask, rows, sheet = _cell_mask(body), body.get("rows", []), do.sheet(body)
    start = max(grid.last_used(sheet), seen(do.book, sheet).bottom)
    _room(sheet, rows, Box(start, start + len(rows), 0, sheet.column_count))
    sheet.row_count = max(sheet.row_count, start + len(rows))
    for index, row in enumerate(rows, start):
        cells = dict(enumerate(row.get("values", [])))
        if cells:
            guard(do.book, sheet, Box(index, index + 1, 0, len(cells)), do.who)
            _set(sheet, index, cells, mask)
    return None


@kind("repeatCell")
def repeat_cell(do: Doing, body: dict[str, Any]) -> Reply:
    """The same into every cell of a range."""
    mask, sheet = _cell_mask(body), do.sheet(body["range"])
    box, cell = sheet.box(body["range"]), body.get("cell", {})
    guard(do.book, sheet, box, do.who)
    columns = range(box.left, box.right)
    if below(mask, "userEnteredValue") is not None:
        for index in range(box.top, box.bottom):
            _set(sheet, index, dict.fromkeys(columns, cell), mask)
        return None
    # Rows that looked the same look the same afterwards: each look is worked out once.
    looks: dict[int, tuple[Any, dict[int, dict[str, Any]]]] = {}
    for index in range(box.top, box.bottom):
        row = sheet.own(index)
        if id(row.extras) not in looks:
            new = row.extras | {column: _extra(row.extras.get(column, {}), cell, mask) for column in columns}
            looks[id(row.extras)] = row.extras, {column: extra for column, extra in new.items() if extra}
        sheet.rows[index] = row.dressed(looks[id(row.extras)][1])
    return None


@kind("setDataValidation")
def set_data_validation(do: Doing, body: dict[str, Any]) -> Reply:
    """A validation for every cell of a range, or none. What is in them is not looked at."""
    cell = {"dataValidation": body["rule"]} if body.get("rule") else {}
    return repeat_cell(do, {"range": body["range"], "cell": cell, "fields": "dataValidation"})


def _source(do: Doing, area: dict[str, Any]) -> tuple[Sheet, Box, list[Row]]:
    sheet = do.sheet(area)
    box = sheet.box(area)
    return sheet, box, [sheet.row(index) for index in range(box.top, box.bottom)]


@kind("cutPaste")
def cut_paste(do: Doing, body: dict[str, Any]) -> Reply:
    """Cells go elsewhere; the metadata of their rows stay."""
    source, box, rows = _source(do, body["source"])
    sheet = do.sheet(body["destination"])
    top, left = body["destination"].get("rowIndex", 0), body["destination"].get("columnIndex", 0)
    target = Box(top, top + box.bottom - box.top, left, left + box.right - box.left)
    if target.meet(sheet.grid) != target:
        raise ApiError("The destination is outside of the grid.")
    guard(do.book, source, box, do.who)
    guard(do.book, sheet, target, do.who)
    grid.paste([Row() for _ in rows], source, box, box.top, box.left)
    grid.paste(rows, sheet, box, top, left)
    return None


def _values_only(do: Doing, area: dict[str, Any]) -> list[Row]:
    """The rows of a range as a person sees their values: formulas worked out."""
    sheet = do.sheet(area)
    box = sheet.box(area)
    return [
        Row([effective(do.book, sheet, index, column) for column in range(sheet.column_count)])
        for index in range(box.top, box.bottom)
    ]


@kind("copyPaste")
def copy_paste(do: Doing, body: dict[str, Any]) -> Reply:
    """Cells copied over others, repeated to fill them; past data validation, without metadata."""
    _, box, rows = _source(do, body["source"])
    sheet = do.sheet(body["destination"])
    target = sheet.box(body["destination"])
    tall, wide = box.bottom - box.top, box.right - box.left
    if min(tall, wide) < 1:
        raise ApiError("The source is outside of the grid.")
    paste_type = body.get("pasteType", "PASTE_NORMAL")
    if paste_type not in ("PASTE_NORMAL", "PASTE_VALUES"):
        raise ApiError(f"pasteType {paste_type} is not in this double")
    if paste_type == "PASTE_VALUES":
        rows = _values_only(do, body["source"])
    downs = max(1, (target.bottom - target.top) // tall)
    acrosses = max(1, (target.right - target.left) // wide)
    guard(
        do.book, sheet, Box(target.top, target.top + downs * tall, target.left, target.left + acrosses * wide), do.who
    )
    for down in range(downs):
        for across in range(acrosses):
            top, left = target.top + down * tall, target.left + across * wide
            if paste_type == "PASTE_VALUES":
                for index, row in enumerate(rows, top):
                    values = {left + c - box.left: row.at(c) for c in range(box.left, box.right)}
                    grid.put(sheet, index, values)
            else:
                grid.paste(rows, sheet, box, top, left)
    return None


@kind("findReplace")
def find_replace(do: Doing, body: dict[str, Any]) -> Reply:
    """Replace text in a range, a tab or everywhere; what comes out is parsed as if typed."""
    flags = 0 if body.get("matchCase") else re.IGNORECASE
    find = body["find"] if body.get("searchByRegex") else re.escape(body["find"])
    pattern_ = re.compile(f"^(?:{find})$" if body.get("matchEntireCell") else find, flags)
    if body.get("allSheets"):
        targets = [(sheet, sheet.grid) for sheet in do.book.sheets]
    elif "range" in body:
        targets = [(do.sheet(body["range"]), do.sheet(body["range"]).box(body["range"]))]
    else:
        targets = [(do.book.by_id(body["sheetId"]), do.book.by_id(body["sheetId"]).grid)]
    counts = {"valuesChanged": 0, "occurrencesChanged": 0, "rowsChanged": 0, "sheetsChanged": 0}
    replacement = body.get("replacement", "").replace("\\", r"\\")
    for sheet, box in targets:
        rows_before = counts["rowsChanged"]
        for index in range(box.top, min(box.bottom, len(sheet.rows))):
            changed = {}
            for column in range(box.left, min(box.right, len(sheet.rows[index].values))):
                value = sheet.at(index, column)
                if not isinstance(value, str | int | float) or isinstance(value, bool | Formula):
                    continue
                text, times = pattern_.subn(replacement, str(value))
                if times:
                    guard(do.book, sheet, Box(index, index + 1, column, column + 1), do.who)
                    changed[column], _ = typed(text, do.book.locale, pattern(sheet.row(index), column))
                    counts["occurrencesChanged"] += times
            if changed:
                grid.put(sheet, index, changed)
                counts["valuesChanged"] += len(changed)
                counts["rowsChanged"] += 1
        counts["sheetsChanged"] += counts["rowsChanged"] > rows_before
    return {name: count for name, count in counts.items() if count}
