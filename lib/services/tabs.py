"""A workbook's tabs as they are to stand in another one: every cell of people's, declared columns known as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lib.domain.layout import find_layout, match_sheets, sheets_in
from lib.domain.normalise import to_text
from lib.store.google_reading import Raw, copied_raw
from lib.store.laid import Laid, laid_out
from sheets_schema.reports import Headings
from sheets_schema.sheet import Sheet
from sheets_schema.snapshot import Cell, RawSheet, Snapshot
from sheets_schema.workbook import META, PEOPLE, called

GIVEN = frozenset({"units", "phases"})
"""Sheets that have rows from the plan in a workbook nobody has worked in yet."""
OF_A_PLACE = frozenset({"workbook", "revision", "unfinished"})
"""What ``_meta`` says of one workbook and not of its copies."""


def as_they_stand(snapshot: Snapshot, headings: Headings) -> list[Laid]:
    """All tabs in their order, with the columns that are declared, under these headings, as they were found."""
    matched, _hits = match_sheets(snapshot, headings)
    known = sheets_in(matched, headings)
    sheets = {raw.title: known[key] for key, raw in matched.items()}
    return [_laid(raw, sheets.get(raw.title)) for raw in snapshot.sheets]


def completed(tabs: Sequence[Laid], headings: Headings) -> list[Laid]:
    """The same with declared columns added at the right, and declared sheets at the end, that are not there."""
    there = {tab.sheet.key for tab in tabs if tab.sheet is not None}
    lacking = [sheet for key, sheet in called(headings).items() if key not in there]
    return [*map(_with_columns, tabs), *(laid_out(sheet, ()) for sheet in lacking)]


def copied(tabs: Sequence[Laid]) -> list[Laid]:
    """What of them goes into another workbook: findings at the rows are made there, the name is that workbook's own."""
    return [_without(tab) for tab in tabs]


def has_records(tabs: Sequence[Laid]) -> bool:
    """Whether anybody has worked in it: rows in people's sheets that no plan gives, or anything in a tab of theirs."""
    keys = {sheet.key for sheet in PEOPLE} - GIVEN
    return any(
        any(any(map(to_text, line)) for line in tab.cells[0 if tab.sheet is None else tab.header + 1 :])
        for tab in tabs
        if tab.sheet is None or tab.sheet.key in keys
    )


def adds_to(tabs: Sequence[Laid], known: Sequence[Laid]) -> bool:
    """Whether people have put anything into these tabs that no tab of that title in ``known`` has: a row, wherever it
    stands. What the app fills in does not count."""
    rows: dict[str, set[tuple[Raw, ...]]] = {}
    for tab in known:
        rows.setdefault(tab.title, {()}).update(_rows(tab))
    return any(
        not rows.get(tab.title, {()}).issuperset(_rows(tab))
        for tab in tabs
        if tab.sheet is None or not tab.sheet.app_owned
    )


def _rows(tab: Laid) -> Iterator[tuple[Raw, ...]]:
    """The rows below the header, as they are read back, without blanks at their ends."""
    check = tab.at("check")
    for line in tab.cells[0 if tab.sheet is None else tab.header + 1 :]:
        values = [
            "" if at == check else copied_raw(cell, declared=at in tab.columns) for at, cell in enumerate(line)
        ]  # fmt: skip
        while values and values[-1] == "":
            values.pop()
        yield tuple(values)


def without_ids(tabs: Sequence[Laid]) -> list[str]:
    """Titles of people's sheets that have records but no column of ids: another one would make strangers of them."""
    return [
        tab.title
        for tab in tabs
        if tab.sheet is not None and not tab.sheet.app_owned and tab.at("id") is None and any(filter(None, _rows(tab)))
    ]


def meta_of(tabs: Sequence[Laid]) -> Mapping[str, str]:
    """What ``_meta`` says."""
    lines = next((tab.cells[tab.header + 1 :] for tab in tabs if tab.sheet is META), ())
    return {to_text(line[0]): to_text(line[1]) for line in lines if len(line) > 1 and line[0]}


def _laid(raw: RawSheet, sheet: Sheet | None) -> Laid:
    if sheet is None:
        return Laid(raw.title, raw.cells)
    layout = find_layout(raw, sheet)
    columns = {at: sheet.by_name[name] for name, at in layout.positions.items() if name in sheet.by_name}
    return Laid(raw.title, raw.cells, sheet, columns, max(layout.header_row - 1, 0))


def _with_columns(tab: Laid) -> Laid:
    if tab.sheet is None:
        return tab
    known, columns, at = {column.name for column in tab.columns.values()}, dict(tab.columns), tab.width
    for column in tab.sheet.columns:
        if column.name not in known and not column.spare:
            columns[at] = column
            at += 1
    return Laid(tab.title, tab.cells, tab.sheet, columns, tab.header)


def _without(tab: Laid) -> Laid:
    check = tab.at("check")
    cells: Sequence[Sequence[Cell]] = tab.cells
    if check is not None:
        cells = [
            line if at <= tab.header or check >= len(line) else [*line[:check], "", *line[check + 1 :]]
            for at, line in enumerate(cells)
        ]
    if tab.sheet is META:  # what stands right of its columns are lists of the other workbook's dropdowns
        width = max(tab.columns, default=0) + 1
        cells = [line[:width] for line in cells if not line or to_text(line[0]) not in OF_A_PLACE]
    return Laid(tab.title, cells, tab.sheet, tab.columns, tab.header)
