"""Writing ranges of values, and appending them where a table seems to end."""

from __future__ import annotations

from typing import Any

from . import grid
from .a1 import Area, Box, a1, letters
from .cells import raw, typed
from .errors import ApiError
from .formulas import seen
from .model import Book, Sheet, Value
from .people import guard
from .values import Look, answer, pattern

Block = list[list[Any]]


def by_rows(values: Any, major: str | None) -> Block:
    """The block row by row, whatever way round it was sent."""
    if not isinstance(values, list) or not all(isinstance(row, list) for row in values):
        raise ApiError("Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)")
    if major != "COLUMNS":
        return values
    longest = max(map(len, values), default=0)
    return [[column[index] if index < len(column) else None for column in values] for index in range(longest)]


def check_option(option: str | None) -> str:
    """RAW or USER_ENTERED; Google refuses to guess."""
    if option not in ("RAW", "USER_ENTERED"):
        raise ApiError("'valueInputOption' is required but not specified")
    return option


def within(sheet: Sheet, box: Box, area: Area | None, block: Block) -> Box:
    """The cells the block will fill; refused when it is larger than the range or the grid."""
    one_cell = area is not None and area.one_cell
    bottom = sheet.row_count if one_cell else box.bottom
    right = sheet.column_count if one_cell else box.right
    width = max(map(len, block), default=0)
    told = a1(sheet.title, box)
    if box.top + len(block) > bottom:
        raise ApiError(f"Requested writing within range [{told}], but tried writing to row [{bottom + 1}]")
    if box.left + width > right:
        raise ApiError(f"Requested writing within range [{told}], but tried writing to column [{letters(right)}]")
    return Box(box.top, box.top + max(len(block), 1), box.left, box.left + max(width, 1))


def write(book: Book, sheet: Sheet, target: Box, block: Block, option: str, who: str) -> dict[str, Any]:
    """Put a block into cells: ``null`` skips, ``""`` clears. Gives the counts of the answer."""
    rows, columns, cells = 0, set(), 0
    for offset, line in enumerate(block):
        index = target.top + offset
        values: dict[int, Value] = {}
        extras: dict[int, dict[str, Any] | None] = {}
        for column, given in enumerate(line, target.left):
            if given is None:
                continue
            values[column], form = _taken(book, sheet, index, column, given, option)
            if form and not pattern(sheet.row(index), column):
                extra = sheet.row(index).extras.get(column, {})
                extras[column] = {
                    **extra,
                    "userEnteredFormat": {**extra.get("userEnteredFormat", {}), "numberFormat": form},
                }
        if not values:
            continue
        if sheet.protections:
            for column in values:
                guard(book, sheet, Box(index, index + 1, column, column + 1), who)
        grid.put(sheet, index, values, extras)
        rows, cells = rows + 1, cells + len(values)
        columns |= set(values)
    book.cells_touched()
    counts = {"updatedRows": rows, "updatedColumns": len(columns), "updatedCells": cells}
    return {"updatedRange": a1(sheet.title, target)} | {name: count for name, count in counts.items() if count}


def _taken(
    book: Book, sheet: Sheet, row: int, column: int, given: Any, option: str
) -> tuple[Value, dict[str, Any] | None]:
    if option == "RAW":
        return raw(given), None
    return typed(given, book.locale, pattern(sheet.row(row), column))


def updated(book: Book, sheet: Sheet, target: Box, counts: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """An UpdateValuesResponse, with the values read back if asked for."""
    found = {"spreadsheetId": book.id} | counts
    if str(params.get("includeValuesInResponse", "")).lower() == "true":
        look = Look(
            {
                "valueRenderOption": params.get("responseValueRenderOption"),
                "dateTimeRenderOption": params.get("responseDateTimeRenderOption"),
            }
        )
        found["updatedData"] = answer(book, sheet, target, look)
    return found


def table(book: Book, sheet: Sheet, box: Box) -> Box | None:
    """The table Sheets sees in a range: the block of filled cells that holds the last one.

    A table whose first cells are blank starts further right: the next append lands there.
    """
    worked = seen(book, sheet)
    bottom_used = max(len(sheet.rows), worked.bottom)

    def filled(row: int, column: int) -> bool:
        return sheet.at(row, column) is not None or worked.below(row, column) is not None

    start = None
    for row in range(min(box.bottom, bottom_used) - 1, box.top - 1, -1):
        start = next((column for column in range(box.left, box.right) if filled(row, column)), None)
        if start is not None:
            break
    if start is None:
        return None
    top, bottom, left, right = row, row + 1, start, start + 1
    while True:
        wide = range(max(0, left - 1), min(sheet.column_count, right + 1))
        tall = range(max(0, top - 1), bottom + 1)
        if top > 0 and any(filled(top - 1, column) for column in wide):
            top -= 1
        elif bottom < bottom_used and any(filled(bottom, column) for column in wide):
            bottom += 1
        elif left > 0 and any(filled(index, left - 1) for index in tall):
            left -= 1
        elif right < sheet.column_count and any(filled(index, right) for index in tall):
            right += 1
        else:
            return Box(top, bottom, left, right)


def after_table(book: Book, text: str) -> tuple[Sheet, Box | None, int, int]:
    """Where an append would write: the tab, the table it saw, row and column."""
    sheet, box, area = book.find(text)
    found = table(book, sheet, Box(box.top, box.bottom, box.left, box.right))
    if found is None:
        return sheet, None, box.top if area.part else 0, box.left
    return sheet, found, found.bottom, found.left


def append(
    book: Book, sheet: Sheet, at: tuple[int, int], block: Block, params: dict[str, Any], who: str
) -> dict[str, Any]:
    """Write a block from ``at`` on; the grid grows when it must."""
    row, column = at
    width = max(map(len, block), default=0)
    target = Box(row, row + max(len(block), 1), column, column + max(width, 1))
    if params.get("insertDataOption") == "INSERT_ROWS" and row < sheet.row_count:
        grid.insert_rows(sheet, row, len(block))
        book.touched()
    sheet.row_count = max(sheet.row_count, target.bottom)
    if target.right > sheet.column_count:
        grid.insert_columns(sheet, sheet.column_count, target.right - sheet.column_count)
    book.check_size()
    counts = write(book, sheet, target, block, check_option(params.get("valueInputOption")), who)
    return updated(book, sheet, target, counts, params)
