"""Requests about tabs and the spreadsheet itself, and about developer metadata."""

from __future__ import annotations

import random
from typing import Any

from . import grid, metadata
from .batch import Doing, Reply, kind, mask_of
from .errors import ApiError
from .fields import Mask
from .model import Book, Row, Sheet
from .people import guard_line, guard_sheet
from .resource import properties

_GRID = {
    "rowCount": "row_count",
    "columnCount": "column_count",
    "frozenRowCount": "frozen_rows",
    "frozenColumnCount": "frozen_columns",
}
_LOOKS = {"tabColor", "tabColorStyle", "rightToLeft"}


def fresh_id(book: Book) -> int:
    """A sheetId no tab has."""
    taken = {sheet.id for sheet in book.sheets}
    return next(i for i in iter(lambda: random.randrange(1, 2**31 - 1), None) if i not in taken)


def _free(book: Book, title: str, own: Sheet | None = None) -> None:
    if not title:
        raise ApiError("You can't leave the sheet name blank.")
    if any(sheet.title.casefold() == title.casefold() and sheet is not own for sheet in book.sheets):
        raise ApiError(f'A sheet with the name "{title}" already exists. Please enter another name.')


@kind("addSheet")
def add(do: Doing, body: dict[str, Any]) -> Reply:
    """A new tab."""
    given = body.get("properties", {})
    size = given.get("gridProperties", {})
    number = len(do.book.sheets) + 1
    title = given.get("title") or f"工作表{number}"
    _free(do.book, title)
    sheet_id = given.get("sheetId")
    if sheet_id is not None and any(sheet.id == sheet_id for sheet in do.book.sheets):
        raise ApiError(f"A sheet with id {sheet_id} already exists.")
    sheet = Sheet(
        fresh_id(do.book) if sheet_id is None else sheet_id,
        title,
        size.get("rowCount", 1000),
        size.get("columnCount", 26),
        size.get("frozenRowCount", 0),
        size.get("frozenColumnCount", 0),
        bool(given.get("hidden")),
        {name: given[name] for name in _LOOKS & set(given)},
    )
    at = given.get("index", len(do.book.sheets))
    do.book.sheets.insert(at, sheet)
    return {"properties": properties(do.book, sheet)}


@kind("deleteSheet")
def delete(do: Doing, body: dict[str, Any]) -> Reply:
    """A tab away with all it holds; not the last one that shows."""
    sheet = do.sheet(body)
    if not any(not one.hidden for one in do.book.sheets if one is not sheet):
        raise ApiError("You can't remove all the visible sheets in a document.")
    guard_sheet(do.book, sheet, do.who)
    do.book.sheets.remove(sheet)
    grid.renamed(do.book, sheet.title, None)
    return None


def _flat(mask: Mask, given: dict[str, Any]) -> set[str]:
    """The leaf names a SheetProperties mask takes: ``title``, ``gridProperties.rowCount``."""
    if "*" in mask:
        mask = {name: {} for name in given if name != "sheetId"}
    flat: set[str] = set()
    for name, inner in mask.items():
        if name == "gridProperties":
            flat |= {f"gridProperties.{leaf}" for leaf in inner or given.get(name, {})}
        else:
            flat.add(name)
    return flat


@kind("updateSheetProperties")
def update(do: Doing, body: dict[str, Any]) -> Reply:
    """Title, index, hidden, size, frozen rows."""
    given = body.get("properties", {})
    sheet = do.sheet(given)
    for name in _flat(mask_of(body), given):
        if name == "title":
            guard_sheet(do.book, sheet, do.who, whole=True)
            _free(do.book, given.get("title", ""), sheet)
            old, sheet.title = sheet.title, given["title"]
            grid.renamed(do.book, old, sheet.title)
        elif name == "index":
            do.book.sheets.remove(sheet)
            do.book.sheets.insert(given.get("index", 0), sheet)
        elif name == "hidden":
            sheet.hidden = bool(given.get("hidden"))
            if not any(not one.hidden for one in do.book.sheets):
                raise ApiError("You can't hide all the sheets in a document.")
        elif name.startswith("gridProperties."):
            _resize(do, sheet, name.partition(".")[2], given.get("gridProperties", {}))
        elif name in _LOOKS:
            sheet.looks = {**sheet.looks, name: given.get(name)}
        else:
            raise ApiError(f"Field '{name}' can't be updated")
    return None


def _resize(do: Doing, sheet: Sheet, name: str, given: dict[str, Any]) -> None:
    value = given.get(name, 0)
    if name == "rowCount" and value < sheet.row_count:
        guard_line(do.book, sheet, True, value, sheet.row_count, do.who)
        grid.delete_rows(sheet, value, sheet.row_count)
    elif name == "columnCount" and value < sheet.column_count:
        guard_line(do.book, sheet, False, value, sheet.column_count, do.who)
        grid.delete_columns(sheet, value, sheet.column_count)
    elif name == "columnCount":
        grid.insert_columns(sheet, sheet.column_count, value - sheet.column_count)
    elif name in _GRID:
        setattr(sheet, _GRID[name], value)
    else:
        sheet.looks = {**sheet.looks, "gridProperties": {**sheet.looks.get("gridProperties", {}), name: value}}


@kind("duplicateSheet")
def duplicate(do: Doing, body: dict[str, Any]) -> Reply:
    """A copy of a tab: the same values, formats and protections, metadata under ids of their own."""
    source = do.book.by_id(body.get("sourceSheetId", 0))
    title = body.get("newSheetName") or f"{source.title} 的副本"
    _free(do.book, title)
    sheet = source.copy()
    sheet.title, sheet.id = title, body.get("newSheetId") or fresh_id(do.book)
    if any(one.id == sheet.id for one in do.book.sheets):
        raise ApiError(f"A sheet with id {sheet.id} already exists.")

    def again(metas: tuple[Any, ...]) -> tuple[Any, ...]:
        if not do.book.quirks.duplicate_keeps_metadata:
            return ()
        return tuple(meta._replace(id=random.randrange(1, 2**31 - 1)) for meta in metas)

    sheet.meta = again(source.meta)
    sheet.rows = [Row(list(row.values), row.extras, again(row.meta), row.props) for row in source.rows]
    sheet.columns = [line._replace(meta=again(line.meta)) for line in source.columns]
    for one in sheet.protections:
        one["protectedRangeId"] = random.randrange(1, 2**31 - 1)
        for area in (one["range"], *one.get("unprotectedRanges", [])):
            area["sheetId"] = sheet.id
    for area in [sheet.filter["range"]] if sheet.filter else []:
        area["sheetId"] = sheet.id
    do.book.sheets.insert(body.get("insertSheetIndex", 0), sheet)
    return {"properties": properties(do.book, sheet)}


@kind("updateSpreadsheetProperties")
def update_spreadsheet(do: Doing, body: dict[str, Any]) -> Reply:
    """Title, locale, time zone."""
    given, mask = body.get("properties", {}), mask_of(body)
    for name, own in (("title", "title"), ("locale", "locale"), ("timeZone", "time_zone")):
        if name in given and (name in mask or "*" in mask):
            setattr(do.book, own, given[name])
    return None


@kind("createDeveloperMetadata")
def create_metadata(do: Doing, body: dict[str, Any]) -> Reply:
    """A piece of metadata for a row, a column, a tab or the spreadsheet."""
    return {"developerMetadata": metadata.resource(metadata.create(do.book, body["developerMetadata"]))}


def _matched(do: Doing, filters: list[dict[str, Any]]) -> list[metadata.Entry]:
    found: dict[int, metadata.Entry] = {}
    for one in filters:
        if "developerMetadataLookup" not in one:
            raise ApiError("Only developerMetadataLookup filters are in this double")
        found |= {entry.meta.id: entry for entry in metadata.look_up(do.book, one["developerMetadataLookup"])}
    return list(found.values())


@kind("updateDeveloperMetadata")
def update_metadata(do: Doing, body: dict[str, Any]) -> Reply:
    """Change all pieces the filters match."""
    names = set(mask_of(body))
    changed = [
        metadata.update(do.book, entry, body["developerMetadata"], names) for entry in _matched(do, body["dataFilters"])
    ]
    return {"developerMetadata": [metadata.resource(entry) for entry in changed]}


@kind("deleteDeveloperMetadata")
def delete_metadata(do: Doing, body: dict[str, Any]) -> Reply:
    """Take away all pieces the filter matches."""
    gone = _matched(do, [body["dataFilter"]])
    told = [metadata.resource(entry) for entry in gone]
    for entry in gone:
        metadata.remove(do.book, entry)
    do.book.touched()
    return {"deletedDeveloperMetadata": told}
