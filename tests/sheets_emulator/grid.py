"""What can be done to the cells of a tab. No permissions here, and nothing of HTTP."""

from __future__ import annotations

import re
from typing import Any

from .a1 import Box, letters, number
from .cells import rank
from .errors import ApiError
from .model import Book, Formula, Line, Row, Sheet, Value

Extras = dict[str, Any]


def put(sheet: Sheet, index: int, values: dict[int, Value], extras: dict[int, Extras | None] | None = None) -> None:
    """Change some cells of one row: values by column, and what else hangs on a cell (``None`` takes it away)."""
    row = sheet.own(index)
    new = list(row.values)
    if values:
        sheet.formulas |= Formula in map(type, values.values())
        new += [None] * (max(values) + 1 - len(new))
        for column, value in values.items():
            new[column] = value
    kept = row.extras
    if extras:
        kept = {column: extra for column, extra in (kept | extras).items() if extra}
    sheet.rows[index] = row.but(values=new, extras=kept)


def insert_rows(sheet: Sheet, at: int, count: int, like: Row | None = None) -> None:
    """Blank rows before ``at``; formats and validations come from ``like``."""
    extras = {}
    if like is not None:
        extras = {
            column: {name: part for name, part in extra.items() if name != "note"}
            for column, extra in like.extras.items()
        }
    if at <= len(sheet.rows):
        sheet.rows[at:at] = [Row(extras=extras) for _ in range(count)]
    sheet.row_count += count
    _shift(sheet, "Row", at, count)


def delete_rows(sheet: Sheet, start: int, end: int) -> None:
    """Take rows out, with their metadata."""
    if end - start >= sheet.row_count:
        raise ApiError("You can't delete all the rows on the sheet.")
    if start < sheet.frozen_rows and end >= sheet.row_count:
        raise ApiError("Sorry, it is not possible to delete all non-frozen rows.")
    del sheet.rows[start:end]
    sheet.row_count -= end - start
    sheet.frozen_rows -= max(0, min(end, sheet.frozen_rows) - start)
    _cut_out(sheet, "Row", start, end)


def insert_columns(sheet: Sheet, at: int, count: int) -> None:
    """Blank columns before ``at``."""
    for index, row in enumerate(sheet.rows):
        values = row.values
        if len(values) > at:
            values = values[:at] + [None] * count + values[at:]
        extras = {(c + count if c >= at else c): extra for c, extra in row.extras.items()}
        sheet.rows[index] = row.but(values=list(values), extras=extras)
    sheet.columns[at:at] = [Line() for _ in range(count)]
    sheet.column_count += count
    _shift(sheet, "Column", at, count)


def delete_columns(sheet: Sheet, start: int, end: int) -> None:
    """Take columns out, with their metadata."""
    if end - start >= sheet.column_count:
        raise ApiError("You can't delete all the columns on the sheet.")
    gone = end - start
    for index, row in enumerate(sheet.rows):
        values = row.values[:start] + row.values[end:]
        extras = {(c - gone if c >= end else c): x for c, x in row.extras.items() if not start <= c < end}
        sheet.rows[index] = row.but(values=values, extras=extras)
    del sheet.columns[start:end]
    sheet.column_count -= gone
    sheet.frozen_columns -= max(0, min(end, sheet.frozen_columns) - start)
    _cut_out(sheet, "Column", start, end)


def move_rows(sheet: Sheet, start: int, end: int, to: int) -> None:
    """Whole rows to before the row now at ``to``, with all that hangs on them."""
    sheet.own(max(end, to) - 1)
    moving = sheet.rows[start:end]
    del sheet.rows[start:end]
    at = to - len(moving) if to > start else to
    sheet.rows[at:at] = moving


def move_columns(sheet: Sheet, start: int, end: int, to: int) -> None:
    """Whole columns to before the column now at ``to``."""
    order = list(range(sheet.column_count))
    moving = order[start:end]
    del order[start:end]
    at = to - len(moving) if to > start else to
    order[at:at] = moving
    place = {old: new for new, old in enumerate(order)}
    for index, row in enumerate(sheet.rows):
        values = [row.at(old) for old in order]
        sheet.rows[index] = row.but(values=values, extras={place[c]: x for c, x in row.extras.items()})
    sheet.columns = [sheet.columns[old] for old in order]


def sort(sheet: Sheet, box: Box, specs: list[dict[str, Any]]) -> None:
    """Sort rows. Across the whole width the rows move with their metadata; otherwise only their cells do."""
    sheet.own(min(box.bottom, max(len(sheet.rows), 1)) - 1)
    bottom = min(box.bottom, len(sheet.rows))
    rows = sheet.rows[box.top : bottom]
    for spec in reversed(specs):
        column = spec.get("dimensionIndex", 0)
        down = spec.get("sortOrder") == "DESCENDING"
        filled = [row for row in rows if row.at(column) is not None]
        blank = [row for row in rows if row.at(column) is None]
        filled.sort(key=lambda row: rank(row.at(column)), reverse=down)
        rows = filled + blank
    if box.left == 0 and box.right >= sheet.column_count:
        sheet.rows[box.top : bottom] = rows
        return
    for index, (old, new) in enumerate(zip(sheet.rows[box.top : bottom], rows, strict=True), box.top):
        sheet.rows[index] = _with_cells(old, new, box.left, box.right, box.left)


def _with_cells(row: Row, other: Row, left: int, right: int, at: int) -> Row:
    """``row`` with the cells ``left:right`` of ``other`` put at column ``at``."""
    values = list(row.values)
    values += [None] * (at + right - left - len(values))
    values[at : at + right - left] = [other.at(column) for column in range(left, right)]
    extras = {c: x for c, x in row.extras.items() if not at <= c < at + right - left}
    extras |= {c - left + at: x for c, x in other.extras.items() if left <= c < right}
    return row.but(values=values, extras=extras)


def paste(source: list[Row], sheet: Sheet, box: Box, top: int, left: int) -> None:
    """The cells of ``box``, taken from ``source`` rows, over those at ``top``, ``left``. Metadata stays where it is."""
    sheet.formulas |= any(row.formulas for row in source)
    for offset, other in enumerate(source):
        index = top + offset
        sheet.rows[index] = _with_cells(sheet.own(index), other, box.left, box.right, left)


def clear(sheet: Sheet, box: Box) -> None:
    """Values away; formats, notes and validations stay."""
    for index in range(box.top, min(box.bottom, len(sheet.rows))):
        row = sheet.rows[index]
        if any(value is not None for value in row.values[box.left : box.right]):
            put(sheet, index, dict.fromkeys(range(box.left, min(box.right, len(row.values)))))


def last_used(sheet: Sheet) -> int:
    """The number of rows down to the last one with a value."""
    for index in range(len(sheet.rows) - 1, -1, -1):
        if sheet.rows[index].values:
            return index + 1
    return 0


def _areas(sheet: Sheet) -> list[dict[str, Any]]:
    found = [area for one in sheet.protections for area in (one["range"], *one.get("unprotectedRanges", []))]
    if sheet.filter:
        found.append(sheet.filter["range"])
    return found + [area for rule in sheet.conditionals for area in rule.get("ranges", [])]


def _shift(sheet: Sheet, kind: str, at: int, count: int) -> None:
    start, end = f"start{kind}Index", f"end{kind}Index"
    for area in _areas(sheet):
        if start in area and area[start] >= at:
            area[start] += count
        if end in area and area[end] > at:
            area[end] += count


def _cut_out(sheet: Sheet, kind: str, first: int, last: int) -> None:
    start, end = f"start{kind}Index", f"end{kind}Index"
    for area in _areas(sheet):
        for name in (start, end):
            if name in area:
                area[name] -= max(0, min(area[name], last) - first)

    def left(area: dict[str, Any]) -> bool:
        return end not in area or area.get(start, 0) < area[end]

    sheet.protections = [one for one in sheet.protections if left(one["range"])]


def follow(book: Book, sheet: Sheet, rows: bool, at: int, count: int) -> None:
    """Formulas keep pointing at what they pointed at when rows or columns come in (``count`` > 0) or go."""
    for tab in (one for one in book.sheets if one.formulas):
        for index, row in enumerate(tab.rows):
            if row.formulas:
                values = [
                    _moved(value, tab is sheet, sheet.title, rows, at, count) if type(value) is Formula else value
                    for value in row.values
                ]
                tab.rows[index] = row.but(values=values)


_RANGE = re.compile(
    r'"[^"]*"|(?P<tab>\'(?:[^\']|\'\')+\'!|[^\W\d]\w*!)?'
    r"(?<![\w$])(?P<first>\$?[A-Z]{1,3}\$?\d+|\$?[A-Z]{1,3}(?=:))(?::(?P<last>\$?[A-Z]{1,3}(?:\$?\d+)?))?(?![\w(!])"
)
_PART = re.compile(r"^(\$?)([A-Z]{1,3})(\$?)(\d*)$")


def _moved(formula: Formula, here: bool, title: str, rows: bool, at: int, count: int) -> Formula:
    def one(text: str) -> str:
        found = _PART.match(text)
        if not found:
            return text
        column, row = number(found[2]), int(found[4]) - 1 if found[4] else None
        if rows and row is not None and row >= at:
            row = max(at, row + count)
        if not rows and column >= at:
            column = max(at, column + count)
        return f"{found[1]}{letters(column)}{found[3]}{'' if row is None else row + 1}"

    def each(found: re.Match[str]) -> str:
        if found["first"] is None:
            return found[0]
        tab = (found["tab"] or "").removesuffix("!")
        named = tab[1:-1].replace("''", "'") if tab.startswith("'") else tab
        if named != title if tab else not here:
            return found[0]
        last = f":{one(found['last'])}" if found["last"] else ""
        return f"{found['tab'] or ''}{one(found['first'])}{last}"

    return Formula(_RANGE.sub(each, formula))


def renamed(book: Book, old: str, new: str | None) -> None:
    """Formulas follow a tab's new name; those that look into one that is deleted have lost what they looked at."""
    pattern = re.compile("'" + re.escape(old.replace("'", "''")) + "'!|(?<![\\w'])" + re.escape(old) + "!")
    name = "#REF!" if new is None else "'" + new.replace("'", "''") + "'!"
    for tab in book.sheets:
        for index, row in enumerate(tab.rows):
            if row.formulas:
                values = [Formula(pattern.sub(name, v)) if type(v) is Formula else v for v in row.values]
                tab.rows[index] = row.but(values=values)
