"""Sheets v4: which URL does what."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from . import batch, metadata, requests_cells, requests_lines, requests_rules, requests_sheets, writing
from .errors import ApiError, denied
from .fields import ALL, Mask, below, cut, parse
from .grid import clear
from .metadata import boxes, look_up
from .model import Book
from .people import SERVICE_DOMAIN, guard, may_read, may_write
from .resource import spreadsheet
from .values import _ENCODE, Look, answer, answer_text
from .world import World

__all__ = ["Ask", "handle", "requests_cells", "requests_lines", "requests_rules", "requests_sheets"]


@dataclass
class Ask:
    """One request, whoever brings it."""

    world: World
    who: str
    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        """A query parameter."""
        return self.query.get(name, [None])[-1]

    @property
    def params(self) -> dict[str, Any]:
        """The query as single values."""
        return {name: values[-1] for name, values in self.query.items()}

    @property
    def mask(self) -> Mask | None:
        """The field mask, if there is one."""
        text = self.one("fields") or self.one("$fields")
        return parse(text) if text else None

    def book(self, book_id: str) -> Book:
        """The spreadsheet, if this identity may open it."""
        book = self.world.book(book_id)
        may_read(book, self.who)
        return book


Answer = dict[str, Any] | str
_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = []
_ID = r"/v4/spreadsheets/(?P<book_id>[^/:]+)"


def route(method: str, path: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register what answers a URL."""

    def keep(function: Callable[..., Answer]) -> Callable[..., Answer]:
        _ROUTES.append((method, re.compile(f"^{path}$"), function))
        return function

    return keep


def handle(ask: Ask) -> Answer:
    """Answer a request; an append takes the lock itself."""
    for method, pattern, function in _ROUTES:
        found = pattern.match(ask.path)
        if found and method == ask.method:
            parts = {name: unquote(part) for name, part in found.groupdict().items()}
            if function is values_append:
                made = function(ask, **parts)
            else:
                with ask.world.lock:
                    made = function(ask, **parts)
            mask = ask.mask
            return made if mask is None or isinstance(made, str) else cut(made, mask)
    raise ApiError("The requested URL was not found on this server.", 404, "NOT_FOUND")


@route("POST", "/v4/spreadsheets")
def create(ask: Ask) -> Answer:
    """A new spreadsheet; a service account can own none."""
    if ask.who.endswith(SERVICE_DOMAIN):
        raise denied()
    title = ask.body.get("properties", {}).get("title") or "未命名电子表格"
    names = [sheet.get("properties", {}).get("title", "工作表1") for sheet in ask.body.get("sheets", [{}])]
    book_id = ask.world.new(title, {name: [] for name in names}, owner=ask.who, people={})
    return spreadsheet(ask.world.book(book_id), ask.who, None, False)


@route("GET", _ID)
def get(ask: Ask, book_id: str) -> Answer:
    """The spreadsheet, its cells only when asked for."""
    book = ask.book(book_id)
    parts = [book.find(text)[:2] for text in ask.query.get("ranges", [])] or None
    return spreadsheet(book, ask.who, ask.mask, ask.one("includeGridData") in ("true", "True"), parts)


@route("POST", _ID + ":getByDataFilter")
def get_by_filter(ask: Ask, book_id: str) -> Answer:
    """The part of the spreadsheet that data filters select."""
    book = ask.book(book_id)
    parts = [part for one in ask.body.get("dataFilters", []) for part in boxes(book, one)]
    return spreadsheet(book, ask.who, ask.mask, bool(ask.body.get("includeGridData")), parts)


@route("POST", _ID + ":batchUpdate")
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


@route("GET", _ID + "/values/(?P<text>[^/:]+)")
def values_get(ask: Ask, book_id: str, text: str) -> Answer:
    """The values of a range."""
    book = ask.book(book_id)
    sheet, box, _ = book.find(text)
    look = Look(ask.params)
    return answer(book, sheet, box, look) if ask.mask else answer_text(book, sheet, box, look)


@route("GET", _ID + "/values:batchGet")
def values_batch_get(ask: Ask, book_id: str) -> Answer:
    """The values of many ranges."""
    book, look = ask.book(book_id), Look(ask.params)
    found = [book.find(text)[:2] for text in ask.query.get("ranges", [])]
    if ask.mask:
        return {"spreadsheetId": book.id, "valueRanges": [answer(book, *part, look) for part in found]}
    parts = ",".join(answer_text(book, *part, look) for part in found)
    return f'{{"spreadsheetId":{_ENCODE(book.id)},"valueRanges":[{parts}]}}'


@route("POST", _ID + "/values:batchGetByDataFilter")
def values_by_filter(ask: Ask, book_id: str) -> Answer:
    """The values that data filters select, each with the filters that found it."""
    book, look = ask.book(book_id), Look(ask.body)
    found: list[tuple[Any, list[dict[str, Any]]]] = []
    for one in ask.body.get("dataFilters", []):
        for part in boxes(book, one):
            known = next((filters for other, filters in found if other == part), None)
            if known is None:
                found.append((part, [one]))
            else:
                known.append(one)
    ranges = [{"valueRange": answer(book, *part, look), "dataFilters": filters} for part, filters in found]
    return {"spreadsheetId": book.id} | ({"valueRanges": ranges} if ranges else {})


@route("PUT", _ID + "/values/(?P<text>[^/:]+)")
def values_update(ask: Ask, book_id: str, text: str) -> Answer:
    """Write a range."""
    book = ask.book(book_id)
    may_write(book, ask.who)
    option = writing.check_option(ask.one("valueInputOption"))
    with book.change(ask.who, ask.world.now()):
        return _write(ask, book, {**ask.body, "range": text}, option, ask.params)


def _write(ask: Ask, book: Book, data: dict[str, Any], option: str, params: dict[str, Any]) -> dict[str, Any]:
    sheet, box, area = book.find(data["range"])
    block = writing.by_rows(data.get("values", []), data.get("majorDimension"))
    target = writing.within(sheet, box, area, block)
    counts = writing.write(book, sheet, target, block, option, ask.who)
    return writing.updated(book, sheet, target, counts, params)


@route("POST", _ID + "/values:batchUpdate")
def values_batch_update(ask: Ask, book_id: str) -> Answer:
    """Write many ranges, all or none."""
    book = ask.book(book_id)
    may_write(book, ask.who)
    option = writing.check_option(ask.body.get("valueInputOption"))
    responses = []
    with book.change(ask.who, ask.world.now()):
        for place, data in enumerate(ask.body.get("data", [])):
            try:
                responses.append(_write(ask, book, data, option, ask.body))
            except ApiError as error:
                raise error.within(f"data[{place}]") from None
    return _totals(book, responses)


@route("POST", _ID + "/values:batchUpdateByDataFilter")
def values_update_by_filter(ask: Ask, book_id: str) -> Answer:
    """Write where data filters match now. A filter that matches nothing writes nothing, and is not told of."""
    book = ask.book(book_id)
    may_write(book, ask.who)
    option = writing.check_option(ask.body.get("valueInputOption"))
    responses = []
    with book.change(ask.who, ask.world.now()):
        for place, data in enumerate(ask.body.get("data", [])):
            try:
                for sheet, box in boxes(book, data["dataFilter"]):
                    block = writing.by_rows(data.get("values", []), data.get("majorDimension"))
                    target = writing.within(sheet, box, None, block)
                    counts = writing.write(book, sheet, target, block, option, ask.who)
                    made = writing.updated(book, sheet, target, counts, ask.body)
                    del made["spreadsheetId"]
                    responses.append(made | {"dataFilter": data["dataFilter"]})
            except ApiError as error:
                raise error.within(f"data[{place}]") from None
    return _totals(book, responses)


def _totals(book: Book, responses: list[dict[str, Any]]) -> dict[str, Any]:
    totals = {
        f"totalUpdated{name}": sum(one.get(f"updated{name}", 0) for one in responses)
        for name in ("Rows", "Columns", "Cells")
    }
    totals["totalUpdatedSheets"] = len({one["updatedRange"].rpartition("!")[0] for one in responses})
    told = {name: count for name, count in totals.items() if count}
    return {"spreadsheetId": book.id} | told | ({"responses": responses} if responses else {})


@route("POST", _ID + "/values/(?P<text>[^/:]+):append")
def values_append(ask: Ask, book_id: str, text: str) -> Answer:
    """Write below the table Sheets sees; between the look and the write another append can come in."""
    with ask.world.lock:
        book = ask.book(book_id)
        may_write(book, ask.who)
        writing.check_option(ask.one("valueInputOption"))
        block = writing.by_rows(ask.body.get("values", []), ask.body.get("majorDimension"))
        sheet, seen_table, row, column = writing.after_table(book, text)
        sheet_id = sheet.id
    if ask.world.append_gap:
        time.sleep(ask.world.append_gap)
    with ask.world.lock, book.change(ask.who, ask.world.now()):
        sheet = book.by_id(sheet_id)
        updates = writing.append(book, sheet, (row, column), block, ask.params, ask.who)
    told = {"tableRange": writing.a1(sheet.title, seen_table)} if seen_table else {}
    return {"spreadsheetId": book.id} | told | {"updates": updates}


@route("POST", _ID + "/values/(?P<text>[^/:]+):clear")
def values_clear(ask: Ask, book_id: str, text: str) -> Answer:
    """Clear the values of a range."""
    made = _clear(ask, book_id, [ask.book(book_id).find(text)[:2]])
    return {"spreadsheetId": book_id, "clearedRange": made[0]}


@route("POST", _ID + "/values:batchClear")
def values_batch_clear(ask: Ask, book_id: str) -> Answer:
    """Clear the values of many ranges."""
    book = ask.book(book_id)
    made = _clear(ask, book_id, [book.find(text)[:2] for text in ask.body.get("ranges", [])])
    return {"spreadsheetId": book_id, "clearedRanges": made}


@route("POST", _ID + "/values:batchClearByDataFilter")
def values_clear_by_filter(ask: Ask, book_id: str) -> Answer:
    """Clear the values that data filters select."""
    book = ask.book(book_id)
    made = _clear(ask, book_id, [part for one in ask.body.get("dataFilters", []) for part in boxes(book, one)])
    return {"spreadsheetId": book_id} | ({"clearedRanges": made} if made else {})


def _clear(ask: Ask, book_id: str, parts: list[Any]) -> list[str]:
    book = ask.book(book_id)
    may_write(book, ask.who)
    with book.change(ask.who, ask.world.now()):
        for sheet, box in parts:
            guard(book, sheet, box, ask.who)
            clear(sheet, box)
        book.cells_touched()
    return [writing.a1(sheet.title, box) for sheet, box in parts]


@route("GET", _ID + r"/developerMetadata/(?P<meta_id>\d+)")
def metadata_get(ask: Ask, book_id: str, meta_id: str) -> Answer:
    """One piece of developer metadata."""
    return metadata.resource(metadata.entry(ask.book(book_id), int(meta_id)))


@route("POST", _ID + "/developerMetadata:search")
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
