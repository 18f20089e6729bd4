"""Sheets v4: reading, writing, appending and clearing ranges of values."""

from __future__ import annotations

import time
from typing import Any

from . import writing
from .a1 import a1
from .api import ID, Answer, Ask, route
from .errors import ApiError
from .grid import clear
from .metadata import boxes
from .model import Book
from .people import guard, may_write
from .values import ENCODE, Look, answer, answer_text


@route("GET", ID + "/values/(?P<text>[^/:]+)")
def values_get(ask: Ask, book_id: str, text: str) -> Answer:
    """The values of a range."""
    book = ask.book(book_id)
    sheet, box, _ = book.find(text)
    look = Look(ask.params)
    return answer(book, sheet, box, look) if ask.mask else answer_text(book, sheet, box, look)


@route("GET", ID + "/values:batchGet")
def values_batch_get(ask: Ask, book_id: str) -> Answer:
    """The values of many ranges."""
    book, look = ask.book(book_id), Look(ask.params)
    found = [book.find(text)[:2] for text in ask.query.get("ranges", [])]
    if ask.mask:
        return {"spreadsheetId": book.id, "valueRanges": [answer(book, sheet, box, look) for sheet, box in found]}
    parts = ",".join(answer_text(book, sheet, box, look) for sheet, box in found)
    return f'{{"spreadsheetId":{ENCODE(book.id)},"valueRanges":[{parts}]}}'


@route("POST", ID + "/values:batchGetByDataFilter")
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
    parts = ",".join(
        f'{{"valueRange":{answer_text(book, sheet, box, look)},"dataFilters":{ENCODE(filters)}}}'
        for (sheet, box), filters in found
    )
    ranges = f',"valueRanges":[{parts}]' if parts else ""
    return f'{{"spreadsheetId":{ENCODE(book.id)}{ranges}}}'


@route("PUT", ID + "/values/(?P<text>[^/:]+)")
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


@route("POST", ID + "/values:batchUpdate")
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


@route("POST", ID + "/values:batchUpdateByDataFilter")
def values_update_by_filter(ask: Ask, book_id: str) -> Answer:
    """Write where data filters match now. A filter that matches nothing writes nothing, and is not told of."""
    book = ask.book(book_id)
    may_write(book, ask.who)
    option = writing.check_option(ask.body.get("valueInputOption"))
    responses = []
    with book.change(ask.who, ask.world.now()):
        for place, data in enumerate(ask.body.get("data", [])):
            try:
                found = boxes(book, data["dataFilter"])
                if not found and book.quirks.unmatched_filter_is_refused:
                    raise ApiError("No data matched the data filter.")
                for sheet, box in found:
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


@route("POST", ID + "/values/(?P<text>[^/:]+):append")
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
    told = {"tableRange": a1(sheet.title, seen_table)} if seen_table else {}
    return {"spreadsheetId": book.id} | told | {"updates": updates}


@route("POST", ID + "/values/(?P<text>[^/:]+):clear")
def values_clear(ask: Ask, book_id: str, text: str) -> Answer:
    """Clear the values of a range."""
    made = _clear(ask, book_id, [ask.book(book_id).find(text)[:2]])
    return {"spreadsheetId": book_id, "clearedRange": made[0]}


@route("POST", ID + "/values:batchClear")
def values_batch_clear(ask: Ask, book_id: str) -> Answer:
    """Clear the values of many ranges."""
    book = ask.book(book_id)
    made = _clear(ask, book_id, [book.find(text)[:2] for text in ask.body.get("ranges", [])])
    return {"spreadsheetId": book_id, "clearedRanges": made}


@route("POST", ID + "/values:batchClearByDataFilter")
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
    return [a1(sheet.title, box) for sheet, box in parts]
