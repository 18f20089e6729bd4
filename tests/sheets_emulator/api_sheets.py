"""Sheets v4: the spreadsheet as a whole, batches of requests, developer metadata."""

from __future__ import annotations

from typing import Any

from . import batch, metadata, requests_cells, requests_lines, requests_rules, requests_sheets
from .api import ID, Answer, Ask, route
from .errors import denied
from .fields import ALL, below
from .metadata import boxes, look_up
from .people import SERVICE_DOMAIN, may_write
from .resource import spreadsheet

KINDS = (requests_cells, requests_lines, requests_rules, requests_sheets)
"""Where the kinds of requests are; importing them registers them."""


@route("POST", "/v4/spreadsheets")
def create(ask: Ask) -> Answer:
    """A new spreadsheet; a service account can own none."""
    if ask.who.endswith(SERVICE_DOMAIN):
        raise denied()
    title = ask.body.get("properties", {}).get("title") or "未命名电子表格"
    names = [sheet.get("properties", {}).get("title", "工作表1") for sheet in ask.body.get("sheets", [{}])]
    book_id = ask.world.new(title, {name: [] for name in names}, owner=ask.who, people={})
    return spreadsheet(ask.world.book(book_id), ask.who, None, False)


@route("GET", ID)
def get(ask: Ask, book_id: str) -> Answer:
    """The spreadsheet, its cells only when asked for."""
    book = ask.book(book_id)
    parts = [book.find(text)[:2] for text in ask.query.get("ranges", [])] or None
    return spreadsheet(book, ask.who, ask.mask, ask.one("includeGridData") in ("true", "True"), parts)


@route("POST", ID + ":getByDataFilter")
def get_by_filter(ask: Ask, book_id: str) -> Answer:
    """The part of the spreadsheet that data filters select."""
    book = ask.book(book_id)
    parts = [part for one in ask.body.get("dataFilters", []) for part in boxes(book, one)]
    return spreadsheet(book, ask.who, ask.mask, bool(ask.body.get("includeGridData")), parts)


@route("POST", ID + ":batchUpdate")
def batch_update(ask: Ask, book_id: str) -> Answer:
    """Requests of many kinds together, and the state after them if asked for."""
    book = ask.book(book_id)
    may_write(book, ask.who)
    with book.change(ask.who, ask.world.now()):
        made: dict[str, Any] = {"spreadsheetId": book.id, "replies": batch.run(book, ask.body.get("requests"), ask.who)}
        if ask.body.get("includeSpreadsheetInResponse"):
            parts = [book.find(text)[:2] for text in ask.body.get("responseRanges", [])] or None
            inner = below(ask.mask or ALL, "updatedSpreadsheet")
            with_data = bool(ask.body.get("responseIncludeGridData"))
            if inner is not None:
                made["updatedSpreadsheet"] = spreadsheet(book, ask.who, inner, with_data, parts)
    return made


@route("GET", ID + r"/developerMetadata/(?P<meta_id>\d+)")
def metadata_get(ask: Ask, book_id: str, meta_id: str) -> Answer:
    """One piece of developer metadata."""
    return metadata.resource(metadata.entry(ask.book(book_id), int(meta_id)))


@route("POST", ID + "/developerMetadata:search")
def metadata_search(ask: Ask, book_id: str) -> Answer:
    """All developer metadata that filters match; a filter by cells finds what sits in them."""
    book = ask.book(book_id)
    matched: dict[int, tuple[metadata.Entry, list[dict[str, Any]]]] = {}
    for one in ask.body.get("dataFilters", []):
        if "developerMetadataLookup" in one:
            entries = look_up(book, one["developerMetadataLookup"])
        else:
            entries = metadata.inside(book, boxes(book, one))
        for entry in entries:
            matched.setdefault(entry.meta.id, (entry, []))[1].append(one)
    found = [
        {"developerMetadata": metadata.resource(entry), "dataFilters": filters} for entry, filters in matched.values()
    ]
    return {"matchedDeveloperMetadata": found} if found else {}
