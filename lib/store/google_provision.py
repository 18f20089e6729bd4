"""Make a shared spreadsheet from the declarations, and complete one that lacks something.

What makes a tab a tab of ours comes in one atomic batch; rows follow in pieces at fixed places, so that a piece whose
answer was lost is simply written again. ``_meta`` says that this is not finished until the last one has come.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from time import sleep

from lib.store.google_batch import write
from lib.store.google_checks import works
from lib.store.google_client import BoundedClient, Exhausted, Throttled, Unsure
from lib.store.google_patches import added
from lib.store.google_reading import copied_raw, value_of
from lib.store.google_standing import LOCALE, TIME_ZONE, TOOLS, Standing
from lib.store.google_tabs import (
    Place,
    Request,
    basic_filter,
    columns,
    header,
    make_up,
    properties,
    protections,
    span,
    whole,
)  # fmt: skip
from lib.store.laid import Laid
from lib.store.provision import named
from sheets_schema.plan import Plan
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import META

ROOM = 1000
"""Rows of a new tab at least, and below its content."""
PIECE = 10_000
"""Cells in one batch: well below what Google takes, and a second of its time."""
UNFINISHED = "unfinished"
"""The key in ``_meta`` while rows are still to come."""
AGAIN, PAUSE, LONGEST = 5, 3.0, 120.0
"""Attempts at a piece whose answer was lost, seconds between two, and seconds to wait for the quota."""
Progress = Callable[[int, int], None]
"""Told how many cells of how many have been written."""


def fill(
    client: BoundedClient, spreadsheet: str, email: str, plan: Plan, tabs: Sequence[Laid], there: Standing,
    progress: Progress = lambda done, of: None,
) -> None:  # fmt: skip
    """Put tabs into a spreadsheet, in the place of those of these titles and of a single empty one. Raises
    ``StoreError``; a spreadsheet that is not finished says so in ``_meta``."""
    ids = {tab.title: _fresh() for tab in tabs}
    pieces = [piece for tab in tabs for piece in _pieces(tab, ids[tab.title])]
    total, done = sum(count for _made, count in pieces), 0
    client.batch(spreadsheet, {"requests": list(_structure(tabs, ids, there, email, plan))}, "spreadsheetId")
    for requests, count in _together(pieces):
        _insist(client, spreadsheet, requests)
        done += count
        progress(done, total)
    meta = next(tab for tab in tabs if tab.sheet is META)
    _insist(client, spreadsheet, [write(ids[meta.title], len(meta.cells), 0, ["", ""])])
    progress(total, total)


def complete(
    client: BoundedClient, spreadsheet: str, email: str, plan: Plan, tabs: Sequence[Laid], there: Standing,
    formulas: Mapping[int, str],
) -> int:  # fmt: skip
    """Add what a spreadsheet of ours lacks; gives how many requests that took. ``tabs``: all declared ones, as they
    stand, with the columns they should have; ``formulas``: what is typed at 校验, by tab id. Raises ``StoreError``."""
    requests = list(_properties(there))
    for tab in tabs:
        id = there.ids.get(tab.title)
        place = Place(_fresh() if id is None else id, email, named(tabs))
        if id is None:
            requests += [properties(tab, place.id, ROOM), *make_up(tab, place, plan)]
            requests += [request for made, _count in _pieces(tab, place.id) for request in made]
        else:
            requests += _lacking(tab, place, plan, there, formulas)
    requests += _tools(there, email)
    if requests:
        client.batch(spreadsheet, {"requests": requests}, "spreadsheetId")
    return len(requests)


def _structure(
    tabs: Sequence[Laid], ids: Mapping[str, int], there: Standing, email: str, plan: Plan
) -> Iterator[Request]:
    """Everything but rows. A tab stands in for the last visible one while all others are exchanged."""
    yield from _properties(there)
    spare = _fresh()
    yield added(spare, f"_{spare}", hidden=False)
    for title, id in there.ids.items():
        if title in ids or there.is_single:
            yield {"deleteSheet": {"sheetId": id}}
    for tab in tabs:
        yield properties(tab, ids[tab.title], len(tab.cells) + ROOM)
    names = named(tabs)
    for tab in tabs:
        yield from make_up(tab, Place(ids[tab.title], email, names), plan)
        if tab.sheet is META:
            yield write(ids[tab.title], len(tab.cells), 0, [UNFINISHED, "yes"])
    yield from _tools(there, email)
    yield {"deleteSheet": {"sheetId": spare}}


def _properties(there: Standing) -> Iterator[Request]:
    wanted = {"locale": LOCALE, "timeZone": TIME_ZONE}
    if (there.locale, there.time_zone) != (LOCALE, TIME_ZONE):
        yield {"updateSpreadsheetProperties": {"properties": wanted, "fields": "locale,timeZone"}}


def _tools(there: Standing, email: str) -> Iterator[Request]:
    """The hidden tabs that the store works with."""
    for title in TOOLS:
        id = there.ids.get(title)
        made = _fresh() if id is None else id
        if id is None:
            yield added(made, title, hidden=True)
        if there.lacks(whole(made)):
            yield whole(made).request(email)


def _lacking(tab: Laid, place: Place, plan: Plan, there: Standing, formulas: Mapping[int, str]) -> Iterator[Request]:
    """What an existing tab lacks of its columns, filter, protections, and the formula of 校验."""
    line = tab.cells[tab.header] if tab.header < len(tab.cells) else ()
    new = [at for at in sorted(tab.columns) if at >= len(line) or line[at] in ("", None)]
    more = tab.width - there.sizes[tab.title][1]
    if more > 0:
        yield {"appendDimension": {"sheetId": place.id, "dimension": "COLUMNS", "length": more}}
    yield from columns(tab, place, plan, new)
    check = tab.at("check")
    if check is not None and check not in new and tab.at("id") is not None and not works(formulas.get(place.id, "")):
        below = span(place.id, (tab.header + 1, None), (check, check + 1))
        yield {"updateCells": {"range": below, "fields": "userEnteredValue"}}
        yield header(tab, place.id, plan, check)
    if place.id not in there.filtered:
        yield basic_filter(tab, place.id)
    for wanted in protections(place.id, tab):
        if there.lacks(wanted):
            yield wanted.request(place.email)


def _fresh() -> int:
    return uuid.uuid4().int % 2**30 + 1


# rows


def _pieces(tab: Laid, id: int) -> Iterator[tuple[list[Request], int]]:
    """The cells of a tab in pieces of some thousand, each with how many there are. Headers that are declared and what
    the formula of 校验 shows are not among them."""
    check = tab.at("check")
    for start, lines in _blocks(tab):
        rows = []
        for at, line in enumerate(lines, start):
            kept = [
                "" if position == check or (at == tab.header and position in tab.columns)
                else copied_raw(cell, declared=position in tab.columns)
                for position, cell in enumerate(line)
            ]  # fmt: skip
            rows.append({"values": [{"userEnteredValue": value_of(value)} for value in kept]})
        requests = [*_written(tab, id, start, rows), *_moments(tab, id, start, lines)]
        yield requests, sum(len(line) for line in lines)


def _blocks(tab: Laid) -> Iterator[tuple[int, Sequence[Sequence[Cell]]]]:
    """Rows from the top: those above the header, the header, then pieces of what stands below."""
    step = max(PIECE // max(tab.width, 1), 1)
    for start, end in ((0, tab.header), (tab.header, tab.header + 1), (tab.header + 1, len(tab.cells))):
        for at in range(start, min(end, len(tab.cells)), step):
            yield at, tab.cells[at : min(at + step, end)]


def _written(tab: Laid, id: int, start: int, rows: list[Request]) -> Iterator[Request]:
    """Values, past the cells that are not to be touched: the header's, and below it the column 校验."""
    kept = set(tab.columns) if start == tab.header else {tab.at("check")} if start > tab.header else set()
    width = max((len(row["values"]) for row in rows), default=0)
    free = [at for at in range(width) if at not in kept]
    for _key, run in groupby(enumerate(free), lambda pair: pair[1] - pair[0]):
        positions = [at for _n, at in run]
        first, last = positions[0], positions[-1] + 1
        part = [{"values": row["values"][first:last]} for row in rows]
        if any(cell["userEnteredValue"] for row in part for cell in row["values"]):
            place = {"sheetId": id, "rowIndex": start, "columnIndex": first}
            yield {"updateCells": {"rows": part, "fields": "userEnteredValue", "start": place}}


def _moments(tab: Laid, id: int, start: int, lines: Sequence[Sequence[Cell]]) -> Iterator[Request]:
    """The format of days and times in columns that are not declared: without it they would be numbers to people."""
    declared = tab.columns if start > tab.header else {}
    for position in range(max(map(len, lines), default=0)):
        if position in declared:
            continue
        looks = [_look(line[position]) if position < len(line) else None for line in lines]
        at = start
        for look, run in groupby(looks):
            length = len(list(run))
            if look is not None:
                area = span(id, (at, at + length), (position, position + 1))
                cell = {"userEnteredFormat": {"numberFormat": {"type": look[0], "pattern": look[1]}}}
                yield {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}}
            at += length


def _look(cell: Cell) -> tuple[str, str] | None:
    """Type and pattern of a moment's format."""
    looks = {
        datetime: ("DATE_TIME", "yyyy-mm-dd hh:mm:ss"), date: ("DATE", "yyyy-mm-dd"), time: ("TIME", "hh:mm:ss"),
        timedelta: ("TIME", "[h]:mm:ss"),
    }  # fmt: skip
    return next((look for kind, look in looks.items() if isinstance(cell, kind)), None)


def _together(pieces: Sequence[tuple[list[Request], int]]) -> Iterator[tuple[list[Request], int]]:
    """Small pieces in one batch."""
    requests, size = list[Request](), 0
    for made, count in pieces:
        if requests and size + count > PIECE:
            yield requests, size
            requests, size = [], 0
        requests, size = requests + made, size + count
    if requests:
        yield requests, size


def _insist(client: BoundedClient, spreadsheet: str, requests: list[Request]) -> None:
    """Write a piece, waiting for the quota; one that may have been written is written again."""
    waited = attempts = 0
    while True:
        try:
            client.batch(spreadsheet, {"requests": requests}, "spreadsheetId")
        except (Throttled, Exhausted):
            waited += 1
            if waited > LONGEST / PAUSE:
                raise
        except Unsure:
            attempts += 1
            if attempts == AGAIN:
                raise
        else:
            return
        sleep(PAUSE)
