"""Reading ranges of values."""

from __future__ import annotations

import json
from typing import Any

from .a1 import Box, a1
from .cells import is_date, shown
from .errors import ApiError
from .formulas import Seen, seen
from .model import Book, Formula, Row, Sheet, Value

ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
RENDERS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")


class Look:
    """How a read wants its values: by rows or columns, shown, raw or as formulas."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.major = params.get("majorDimension") or "ROWS"
        self.render = params.get("valueRenderOption") or "FORMATTED_VALUE"
        self.dates = params.get("dateTimeRenderOption") or "SERIAL_NUMBER"
        if self.major == "DIMENSION_UNSPECIFIED":
            self.major = "ROWS"
        known = {
            "major_dimension": (self.major, ("ROWS", "COLUMNS")),
            "value_render_option": (self.render, RENDERS),
            "date_time_render_option": (self.dates, ("SERIAL_NUMBER", "FORMATTED_STRING")),
        }
        for name, (value, allowed) in known.items():
            if value not in allowed:
                raise ApiError(f"Invalid value at '{name}' (TYPE_ENUM), \"{value}\"")

    @property
    def plain(self) -> bool:
        """Whether an answer is the stored values row by row, so that a row's text can be kept."""
        return (self.major, self.render, self.dates) == ("ROWS", "UNFORMATTED_VALUE", "SERIAL_NUMBER")


def pattern(row: Row, column: int) -> dict[str, Any] | None:
    """The number format of a cell."""
    extra = row.extras.get(column)
    return extra.get("userEnteredFormat", {}).get("numberFormat") if extra else None


def effective(book: Book, sheet: Sheet, row: int, column: int) -> Value:
    """The value a person sees behind the format: formulas worked out."""
    value = sheet.at(row, column)
    worked = seen(book, sheet)
    if type(value) is Formula:
        return worked.heads.get((row, column))
    return worked.below(row, column) if value is None else value


def _cell(row: Row, column: int, value: Value, look: Look) -> Any:
    if value is None:
        return ""
    if look.render == "FORMATTED_VALUE":
        return shown(value, pattern(row, column))
    if look.dates == "FORMATTED_STRING" and not isinstance(value, str | bool):
        form = pattern(row, column)
        return shown(value, form) if is_date(form) else value
    return value


def _row(sheet: Sheet, worked: Seen, index: int, box: Box, look: Look) -> list[Any]:
    row = sheet.row(index)
    values = row.values[box.left : box.right]
    if look.render != "FORMULA":
        if row.formulas:
            values = [
                worked.heads.get((index, column)) if type(value) is Formula else value
                for column, value in enumerate(values, box.left)
            ]
        for column in worked.columns:
            below = worked.below(index, column)
            if below is not None and box.left <= column < box.right:
                values = values + [None] * (column - box.left + 1 - len(values))
                values[column - box.left] = below
    while values and values[-1] is None:
        values.pop()
    return [_cell(row, column, value, look) for column, value in enumerate(values, box.left)]


def read(book: Book, sheet: Sheet, box: Box, look: Look) -> list[list[Any]]:
    """The values of a box, trailing blanks left out, inner ones ``""``."""
    worked = seen(book, sheet)
    bottom = min(box.bottom, max(len(sheet.rows), worked.bottom))
    rows = [_row(sheet, worked, index, box, look) for index in range(box.top, bottom)]
    while rows and not rows[-1]:
        rows.pop()
    if look.major == "ROWS":
        return rows
    columns: list[list[Any]] = []
    for column in range(max(map(len, rows), default=0)):
        cells = [row[column] if column < len(row) else "" for row in rows]
        while cells and cells[-1] == "":
            cells.pop()
        columns.append(cells)
    return columns


def answer(book: Book, sheet: Sheet, box: Box, look: Look) -> dict[str, Any]:
    """A ValueRange."""
    found: dict[str, Any] = {"range": a1(sheet.title, box), "majorDimension": look.major}
    values = read(book, sheet, box, look)
    if values:
        found["values"] = values
    return found


def answer_text(book: Book, sheet: Sheet, box: Box, look: Look) -> str:
    """A ValueRange as JSON; the text of a row is kept with the row while nothing changes in it."""
    if not look.plain or box.left or box.right < sheet.column_count:
        return ENCODE(answer(book, sheet, box, look))
    worked = seen(book, sheet)
    bottom = min(box.bottom, max(len(sheet.rows), worked.bottom))
    texts = []
    for index in range(box.top, bottom):
        row = sheet.row(index)
        if row.formulas or len(worked.columns) > 1:
            texts.append(ENCODE(_row(sheet, worked, index, box, look)))
            continue
        text = row.text or _row_text(row)
        for column in worked.columns:
            below = worked.below(index, column)
            if below is not None:
                text = _with_spilled(text, row, column, below)
        texts.append(text)
    while texts and texts[-1] == "[]":
        texts.pop()
    head = f'{{"range":{ENCODE(a1(sheet.title, box))},"majorDimension":"ROWS"'
    return f'{head},"values":[{",".join(texts)}]}}' if texts else head + "}"


def _row_text(row: Row) -> str:
    row.text = ENCODE(["" if value is None else value for value in row.values])
    return row.text


def _with_spilled(text: str, row: Row, column: int, value: Value) -> str:
    gap = column - len(row.values)
    if gap < 0:
        values: list[Any] = ["" if one is None else one for one in row.values]
        values[column] = value
        return ENCODE(values)
    parts = [text[1:-1]] if row.values else []
    return "[" + ",".join([*parts, *['""'] * gap, ENCODE(value)]) + "]"
