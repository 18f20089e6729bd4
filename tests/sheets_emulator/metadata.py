"""Developer metadata: where each piece sits now, and the filters that find rows by it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .a1 import Box
from .errors import ApiError
from .model import Book, Line, Meta, Sheet

LIMIT = 30_000
"""Characters of key and value per tab, and as many for the spreadsheet itself."""


class Place(NamedTuple):
    """Where a piece of metadata sits: ``kind`` is SPREADSHEET, SHEET, ROW or COLUMN."""

    kind: str
    sheet: Sheet | None = None
    line: int = 0


class Entry(NamedTuple):
    """A piece of metadata and its place."""

    meta: Meta
    place: Place


def _walk(book: Book) -> Iterator[Entry]:
    for meta in book.meta:
        yield Entry(meta, Place("SPREADSHEET"))
    for sheet in book.sheets:
        for meta in sheet.meta:
            yield Entry(meta, Place("SHEET", sheet))
        for index, row in enumerate(sheet.rows):
            for meta in row.meta:
                yield Entry(meta, Place("ROW", sheet, index))
        for index, line in enumerate(sheet.columns):
            for meta in line.meta:
                yield Entry(meta, Place("COLUMN", sheet, index))


def _kept(book: Book, what: str) -> Any:
    if ("meta", what) not in book.cache:
        entries = list(_walk(book))
        by_key: dict[Any, list[Entry]] = {}
        by_both: dict[Any, list[Entry]] = {}
        for entry in entries:
            by_key.setdefault(entry.meta.key, []).append(entry)
            by_both.setdefault((entry.meta.key, entry.meta.value), []).append(entry)
        book.cache["meta", "all"] = entries
        book.cache["meta", "ids"] = {entry.meta.id: entry for entry in entries}
        book.cache["meta", "key"] = by_key
        book.cache["meta", "both"] = by_both
    return book.cache["meta", what]


def entry(book: Book, meta_id: int) -> Entry:
    """The piece with this id."""
    found: Entry | None = _kept(book, "ids").get(meta_id)
    if found is None:
        raise ApiError(f"No developer metadata with id: {meta_id}", 404, "NOT_FOUND")
    return found


def location(place: Place) -> dict[str, Any]:
    """The place as answers tell it: zeros are left out."""
    if place.kind == "SPREADSHEET":
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    assert place.sheet
    sheet_id = {"sheetId": place.sheet.id} if place.sheet.id else {}
    if place.kind == "SHEET":
        return {"locationType": "SHEET"} | sheet_id
    start = {"startIndex": place.line} if place.line else {}
    line = sheet_id | {"dimension": place.kind + "S"} | start | {"endIndex": place.line + 1}
    return {"locationType": place.kind, "dimensionRange": line}


def resource(found: Entry) -> dict[str, Any]:
    """A DeveloperMetadata."""
    meta = found.meta
    value = {} if meta.value is None else {"metadataValue": meta.value}
    head = {"metadataId": meta.id, "metadataKey": meta.key} | value
    return head | {"location": location(found.place), "visibility": meta.visibility}


def _place(book: Book, given: dict[str, Any]) -> Place:
    line = given.get("dimensionRange")
    if line is not None:
        sheet = book.by_id(line.get("sheetId", 0))
        rows = line.get("dimension") == "ROWS"
        start, end = line.get("startIndex", 0), line.get("endIndex", 0)
        if end - start != 1:
            raise ApiError("Developer metadata can only be associated with a single row or column.")
        if end > (sheet.row_count if rows else sheet.column_count):
            raise ApiError(f"dimensionRange.endIndex[{end}] is beyond the grid")
        return Place("ROW" if rows else "COLUMN", sheet, start)
    if given.get("spreadsheet"):
        return Place("SPREADSHEET")
    if "sheetId" in given:
        return Place("SHEET", book.by_id(given["sheetId"]))
    raise ApiError("Developer metadata must have a location.")


def _used(book: Book, place: Place) -> int:
    name = ("meta", "size", place.sheet.id if place.sheet else None)
    if name not in book.cache:
        mine = (e.meta.size for e in _walk(book) if e.place.sheet is place.sheet)
        book.cache[name] = sum(mine)
    size: int = book.cache[name]
    return size


def create(book: Book, given: dict[str, Any]) -> Entry:
    """Hang a new piece on a row, a column, a tab or the spreadsheet."""
    if not given.get("metadataKey"):
        raise ApiError("Developer metadata must have a key.")
    if given.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise ApiError("Developer metadata must have a visibility.")
    place = _place(book, given.get("location", {}))
    if ("meta", "known") not in book.cache:
        book.cache["meta", "known"] = {found.meta.id for found in _walk(book)}
    ids = book.cache["meta", "known"]
    meta_id = given.get("metadataId") or random.randrange(1, 2**31 - 1)
    if meta_id in ids:
        raise ApiError(f"Developer metadata with id {meta_id} already exists.")
    meta = Meta(meta_id, given["metadataKey"], given.get("metadataValue"), given["visibility"])
    size = _used(book, place) + meta.size
    if size > LIMIT:
        raise ApiError(f"Developer metadata exceeds the limit of {LIMIT} characters for this location.")
    _hang(book, place, meta)
    ids.add(meta_id)
    sizes = {name: kept for name, kept in book.cache.items() if name[:2] in (("meta", "known"), ("meta", "size"))}
    sizes["meta", "size", place.sheet.id if place.sheet else None] = size
    book.touched()
    book.cache.update(sizes)
    return Entry(meta, place)


def _hang(book: Book, place: Place, meta: Meta, instead_of: int | None = None) -> None:
    def fresh(metas: tuple[Meta, ...]) -> tuple[Meta, ...]:
        return (*(one for one in metas if one.id != instead_of), meta)

    sheet = place.sheet
    if sheet is None:
        book.meta = fresh(book.meta)
    elif place.kind == "SHEET":
        sheet.meta = fresh(sheet.meta)
    elif place.kind == "ROW":
        row = sheet.own(place.line)
        sheet.rows[place.line] = row.but(meta=fresh(row.meta))
    else:
        line = sheet.columns[place.line]
        sheet.columns[place.line] = Line(fresh(line.meta), line.props)


def remove(book: Book, found: Entry) -> None:
    """Take a piece away."""
    place, sheet = found.place, found.place.sheet

    def rest(metas: tuple[Meta, ...]) -> tuple[Meta, ...]:
        return tuple(one for one in metas if one.id != found.meta.id)

    if sheet is None:
        book.meta = rest(book.meta)
    elif place.kind == "SHEET":
        sheet.meta = rest(sheet.meta)
    elif place.kind == "ROW":
        row = sheet.own(place.line)
        sheet.rows[place.line] = row.but(meta=rest(row.meta))
    else:
        line = sheet.columns[place.line]
        sheet.columns[place.line] = Line(rest(line.meta), line.props)


def update(book: Book, found: Entry, given: dict[str, Any], fields: set[str]) -> Entry:
    """Change key, value, visibility or place of a piece."""
    meta, place = found.meta, found.place
    wanted = {"metadataKey", "metadataValue", "visibility"} if "*" in fields else fields
    key = given.get("metadataKey", meta.key) if "metadataKey" in wanted else meta.key
    value = given.get("metadataValue") if "metadataValue" in wanted else meta.value
    visibility = given.get("visibility", meta.visibility) if "visibility" in wanted else meta.visibility
    new = Meta(meta.id, key, value, visibility)
    if "location" in given and fields & {"location", "*"}:
        place = _place(book, given["location"])
    remove(book, found)
    book.touched()
    if _used(book, place) + new.size > LIMIT:
        raise ApiError(f"Developer metadata exceeds the limit of {LIMIT} characters for this location.")
    _hang(book, place, new)
    book.touched()
    return Entry(new, place)


def look_up(book: Book, lookup: dict[str, Any]) -> list[Entry]:
    """All pieces a DeveloperMetadataLookup matches."""
    key, value = lookup.get("metadataKey"), lookup.get("metadataValue")
    if lookup.get("metadataId"):
        one = _kept(book, "ids").get(lookup["metadataId"])
        found = [one] if one else []
    elif key is not None and value is not None:
        found = _kept(book, "both").get((key, value), [])
    else:
        found = _kept(book, "all") if key is None else _kept(book, "key").get(key, [])
    wanted: dict[str, Callable[[Entry], Any]] = {
        "locationType": lambda e: e.place.kind,
        "metadataKey": lambda e: e.meta.key,
        "metadataValue": lambda e: e.meta.value,
        "visibility": lambda e: e.meta.visibility,
    }
    for name, part in wanted.items():
        if lookup.get(name) is not None:
            found = [e for e in found if part(e) == lookup[name]]
    where = lookup.get("metadataLocation")
    if where is not None:
        loose = lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION"
        found = [e for e in found if _at(e.place, where, loose)]
    return found


def _at(place: Place, where: dict[str, Any], loose: bool) -> bool:
    if where.get("spreadsheet"):
        return loose or place.kind == "SPREADSHEET"
    line = where.get("dimensionRange")
    sheet_id = (line or where).get("sheetId", 0)
    if place.sheet is None or place.sheet.id != sheet_id:
        return False
    if line is None:
        return loose or place.kind == "SHEET"
    if place.kind == "SHEET":
        return loose
    if place.kind + "S" != line.get("dimension"):
        return loose
    start, end = line.get("startIndex", 0), line.get("endIndex", 10**9)
    return start <= place.line < end if loose else (start, end) == (place.line, place.line + 1)


def boxes(book: Book, data_filter: dict[str, Any]) -> list[tuple[Sheet, Box]]:
    """The cells a DataFilter selects: none when no metadata match, several when more than one piece does."""
    if "a1Range" in data_filter:
        sheet, box, _ = book.find(data_filter["a1Range"])
        return [(sheet, box)]
    if "gridRange" in data_filter:
        sheet = book.by_id(data_filter["gridRange"].get("sheetId", 0))
        return [(sheet, sheet.box(data_filter["gridRange"]))]
    if "developerMetadataLookup" not in data_filter:
        raise ApiError("A data filter must have a filter.")
    found: list[tuple[Sheet, Box]] = []
    for _, place in look_up(book, data_filter["developerMetadataLookup"]):
        found += [(sheet, box) for sheet, box in _cells(book, place) if (sheet, box) not in found]
    return found


def _cells(book: Book, place: Place) -> list[tuple[Sheet, Box]]:
    sheet = place.sheet
    if sheet is None:
        return [(one, one.grid) for one in book.sheets]
    if place.kind == "ROW":
        return [(sheet, Box(place.line, place.line + 1, 0, sheet.column_count))]
    if place.kind == "COLUMN":
        return [(sheet, Box(0, sheet.row_count, place.line, place.line + 1))]
    return [(sheet, sheet.grid)]


def inside(book: Book, parts: list[tuple[Sheet, Box]]) -> list[Entry]:
    """The pieces on rows and columns that lie wholly in these cells."""
    return [
        found
        for found in _kept(book, "all")
        for sheet, box in parts
        if found.place.sheet is sheet
        and (
            (found.place.kind == "ROW" and box.top <= found.place.line < box.bottom)
            or (found.place.kind == "COLUMN" and box.left <= found.place.line < box.right)
        )
    ]
