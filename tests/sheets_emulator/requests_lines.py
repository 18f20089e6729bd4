"""Requests about whole rows and columns: insert, delete, move, append, hide, sort."""

from __future__ import annotations

from typing import Any

from . import grid
from .batch import Doing, Reply, kind, mask_of
from .errors import ApiError
from .model import Line, Sheet
from .people import guard, guard_insert, guard_line


def _line(do: Doing, area: dict[str, Any]) -> tuple[Sheet, bool, int, int]:
    sheet = do.sheet(area)
    if area.get("dimension") not in ("ROWS", "COLUMNS"):
        raise ApiError("Invalid dimension")
    rows = area["dimension"] == "ROWS"
    count = sheet.row_count if rows else sheet.column_count
    return sheet, rows, area.get("startIndex", 0), area.get("endIndex", count)


def _inside(sheet: Sheet, rows: bool, start: int, end: int) -> None:
    count, name = (sheet.row_count, "rows") if rows else (sheet.column_count, "columns")
    if not 0 <= start < end:
        raise ApiError(f"range.endIndex[{end}] must be after range.startIndex[{start}]")
    if end > count:
        raise ApiError(f"range.endIndex[{end}] is too large: the sheet has {count} {name}")


@kind("insertDimension")
def insert(do: Doing, body: dict[str, Any]) -> Reply:
    """Blank rows or columns; with ``inheritFromBefore`` they look like the one before."""
    sheet, rows, start, end = _line(do, body["range"])
    count = sheet.row_count if rows else sheet.column_count
    if not 0 <= start < end or start > count or (start == count and not body.get("inheritFromBefore")):
        raise ApiError(f"range.startIndex[{start}] is not inside the grid")
    if body.get("inheritFromBefore") and start == 0:
        raise ApiError("inheritFromBefore cannot be true if inserting at index 0")
    guard_insert(do.book, sheet, rows, start, do.who)
    if rows:
        grid.insert_rows(sheet, start, end - start, sheet.row(start - 1 if body.get("inheritFromBefore") else start))
    else:
        grid.insert_columns(sheet, start, end - start)
    grid.follow(do.book, sheet, rows, start, end - start)
    return None


@kind("deleteDimension")
def delete(do: Doing, body: dict[str, Any]) -> Reply:
    """Rows or columns out, with their metadata; refused across a protected range."""
    sheet, rows, start, end = _line(do, body["range"])
    _inside(sheet, rows, start, end)
    guard_line(do.book, sheet, rows, start, end, do.who)
    if rows:
        grid.delete_rows(sheet, start, end)
    else:
        grid.delete_columns(sheet, start, end)
    grid.follow(do.book, sheet, rows, start, start - end)
    return None


@kind("moveDimension")
def move(do: Doing, body: dict[str, Any]) -> Reply:
    """Rows or columns elsewhere, with all that hangs on them."""
    sheet, rows, start, end = _line(do, body["source"])
    _inside(sheet, rows, start, end)
    to = body.get("destinationIndex", 0)
    if to > (sheet.row_count if rows else sheet.column_count):
        raise ApiError(f"destinationIndex[{to}] is not inside the grid")
    guard_line(do.book, sheet, rows, start, end, do.who)
    guard_insert(do.book, sheet, rows, to, do.who)
    (grid.move_rows if rows else grid.move_columns)(sheet, start, end, to)
    return None


@kind("appendDimension")
def append(do: Doing, body: dict[str, Any]) -> Reply:
    """More rows or columns at the end of the grid."""
    sheet = do.sheet(body)
    if body.get("dimension") == "ROWS":
        sheet.row_count += body["length"]
    elif body.get("dimension") == "COLUMNS":
        grid.insert_columns(sheet, sheet.column_count, body["length"])
    else:
        raise ApiError("Invalid dimension")
    return None


@kind("updateDimensionProperties")
def properties(do: Doing, body: dict[str, Any]) -> Reply:
    """Width, height, hidden."""
    sheet, rows, start, end = _line(do, body["range"])
    mask, given = mask_of(body), body.get("properties", {})
    names = ("pixelSize", "hiddenByUser") if "*" in mask else tuple(mask)
    changes = {name: given.get(name) for name in names}
    for index in range(start, min(end, sheet.row_count if rows else sheet.column_count)):
        if rows:
            row = sheet.own(index)
            sheet.rows[index] = row.but(props={**row.props, **changes})
        else:
            line = sheet.columns[index]
            sheet.columns[index] = Line(line.meta, {**line.props, **changes})
    return None


@kind("sortRange")
def sort(do: Doing, body: dict[str, Any]) -> Reply:
    """Sort a range: rows with their metadata if it is as wide as the grid, cells only if not."""
    sheet = do.sheet(body["range"])
    box = sheet.box(body["range"])
    guard(do.book, sheet, box, do.who)
    if not body.get("sortSpecs"):
        raise ApiError("Must specify at least one sort spec.")
    for spec in body["sortSpecs"]:
        if not box.left <= spec.get("dimensionIndex", 0) < box.right:
            raise ApiError(f"sortSpecs.dimensionIndex[{spec.get('dimensionIndex', 0)}] is outside of the range")
    if box:
        used = max((len(row.values) for row in sheet.rows), default=0)
        if do.book.quirks.sort_of_used_width_moves_rows and box.left == 0 and box.right >= used:
            box = box._replace(right=sheet.column_count)
        grid.sort(sheet, box, body["sortSpecs"])
    return None
