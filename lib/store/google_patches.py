"""Cells to write, by the places they had when we looked, as one batch of requests."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from lib.store.base import CellPatch
from lib.store.google_batch import Batch, Cells, grow, insert, runs, write
from lib.store.google_checks import Checks, requests
from lib.store.google_reading import Raw, Tab, raw_of
from sheets_schema.workbook import APP, META

_TABLES = {sheet.label for sheet in APP} - {META.label}
"""Tabs that the app alone writes, as whole tables."""
Rows = Mapping[int, Mapping[int, Raw]]
"""0-based row → position → new value."""


@dataclass
class Size:
    """A tab as the list of tabs has it: how many rows and columns its grid has."""

    id: int
    title: str
    rows: int
    columns: int


@dataclass
class Patched:
    """What came of patches: the batch, what must come before it, the texts of 校验, and the tabs as they will be."""

    batch: Batch
    checks: Checks
    before: list[dict[str, Any]] = field(default_factory=list)
    made: dict[int, Tab] = field(default_factory=dict)
    """Tabs with all but the rows of ``batch.rows``."""
    added: dict[int, list[list[Raw]]] = field(default_factory=dict)
    """Tab id → rows inserted below its content."""

    def tabs(self, tabs: Mapping[int, Tab], wrong: set[tuple[int, int]]) -> dict[int, Tab]:
        """The tabs after the batch; ``wrong``: (tab, row) that it did not find as they were."""
        found = dict(self.made)
        for one in self.batch.rows:
            if not one.new and one.values and (one.tab, one.row) not in wrong:
                found[one.tab] = found.get(one.tab, tabs[one.tab]).with_cells([(one.row, one.values)])
        for id, rows in self.added.items():
            if (id, tabs[id].end) in wrong:
                continue
            tab, end = found.get(id, tabs[id]), tabs[id].end
            found[id] = replace(
                tab, values=[*tab.values[:end], *[()] * (end - len(tab.values)), *rows, *tab.values[end:]]
            )
        return {id: replace(tab, values=_as_read(tab.values)) for id, tab in found.items()}


def patched(
    name: str, tabs: Mapping[int, Tab], sizes: list[Size], patches: Iterable[CellPatch], checks: Checks
) -> Patched:
    """Sort patches by what they touch. ``sizes`` is brought up to date with rows, columns and tabs that are added."""
    by_title: dict[str, dict[int, dict[int, Raw]]] = defaultdict(lambda: defaultdict(dict))
    for patch in patches:
        by_title[patch.sheet][patch.row - 1][patch.column - 1] = raw_of(patch.value)
    made = Patched(Batch(name), checks)
    texts: dict[str, str] = {}
    for title, rows in by_title.items():
        tab = next((tab for tab in tabs.values() if tab.title == title), None)
        if tab is None:
            tab = _new(title, sizes, made)
        if title in _TABLES:
            _table(tab, rows, sizes, made)
        elif title == META.label:
            _room(tab.id, rows, sizes, made)
            made.batch.others += [
                write(tab.id, at, start, run) for at, cells in rows.items() for start, run in runs(cells)
            ]
            made.made[tab.id] = tab.with_cells(rows.items())
        else:
            texts |= _people(tab, rows, sizes, made)
    made.checks, told = checks.changed(texts)
    if told and checks.tab is not None:
        _room(checks.tab, {max(line for line, _record, _text in told): {}}, sizes, made)
        made.batch.others += requests(checks.tab, told)
    return made


def _people(tab: Tab, rows: Rows, sizes: list[Size], made: Patched) -> dict[str, str]:
    """A tab of people's: cells of rows that are there, new rows below; gives record → text of 校验."""
    end, texts = tab.end, dict[str, str]()
    new: dict[int, dict[int, Raw]] = {}
    for at, cells in rows.items():
        typed = {position: value for position, value in cells.items() if position != tab.check_at}
        record = str(typed.get(tab.id_at, tab.record(at)) if tab.id_at is not None else "")
        if tab.check_at is not None and tab.check_at in cells and record:
            texts[record] = str(cells[tab.check_at])
        if not typed:
            continue
        if at < end:
            made.batch.rows.append(Cells(tab.id, at, tab.record(at), tab.whole(at), typed))
        else:
            new[at] = typed
    _room(tab.id, {0: {position: "" for cells in rows.values() for position in cells}}, sizes, made)
    if new:
        width = max(position for cells in new.values() for position in cells) + 1
        lines = [[new.get(at, {}).get(position, "") for position in range(width)] for at in range(end, max(new) + 1)]
        append(tab, lines, sizes, made)
    if any(one.tab == tab.id for one in made.batch.rows):
        made.batch.rows.append(header(tab))
    return texts


def append(tab: Tab, lines: list[list[Raw]], sizes: list[Size], made: Patched) -> None:
    """Insert rows below all content of a tab."""
    end = tab.end
    _room(tab.id, {end: {}}, sizes, made)
    made.batch.others += insert(tab.id, end, lines, inherit=end > tab.header + 1)
    made.added[tab.id] = lines
    made.batch.rows += [
        Cells(tab.id, at, "", (), dict(enumerate(line)), new=True) for at, line in enumerate(lines, end)
    ]


def header(tab: Tab) -> Cells:
    """A tab's header, to be looked at in the moment of a write."""
    return Cells(tab.id, tab.header, "", tab.whole(tab.header), {})


def _table(tab: Tab, rows: Rows, sizes: list[Size], made: Patched) -> None:
    """A tab of the app's: the fewest rows inserted, deleted and written, for most of the others only move."""
    after = tab.with_cells(rows.items())
    was, now = _trimmed(tab.values), _trimmed(after.values)
    steps = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    fewer = sum(max((end - start) - (last - first), 0) for _kind, start, end, first, last in steps)
    _room(tab.id, {len(was) + fewer: {}}, sizes, made)
    for kind, start, end, first, last in reversed(steps):
        kept = min(end - start, last - first)
        if kind == "equal":
            continue
        if end - start > kept:
            span = {"sheetId": tab.id, "dimension": "ROWS", "startIndex": start + kept, "endIndex": end}
            made.batch.others.append({"deleteDimension": {"range": span}})
        if last - first > kept:
            made.batch.others += insert(tab.id, start + kept, now[first + kept : last], inherit=start + kept > 1)
        for n in range(kept):
            width = max(len(was[start + n]), len(now[first + n]))
            line = [*now[first + n], *[""] * (width - len(now[first + n]))]
            made.batch.others.append(write(tab.id, start + n, 0, line))
    made.made[tab.id] = replace(after, values=now)


def _as_read(values: Sequence[Sequence[Raw]]) -> list[list[Raw]]:
    """Rows as an answer has them: without blanks at their ends, so that the next look finds nothing new."""
    rows = [row if isinstance(row, list) and row[-1:] != [""] else list(row) for row in values]
    for at, row in enumerate(rows):
        if row[-1:] == [""]:
            rows[at] = list(_trimmed([row])[0]) if any(cell != "" for cell in row) else []
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _trimmed(values: Sequence[Sequence[Raw]]) -> list[tuple[Raw, ...]]:
    """Rows without the blanks at their ends and at the end."""
    rows = [tuple(row) for row in values]
    for at, row in enumerate(rows):
        end = len(row)
        while end and row[end - 1] == "":
            end -= 1
        rows[at] = row[:end]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _new(title: str, sizes: list[Size], made: Patched) -> Tab:
    """A tab that somebody deleted, made again."""
    tab = Tab(uuid.uuid4().int % 2**30 + 1, title, ())
    made.before.append(added(tab.id, title, hidden=title == META.label))
    sizes.append(Size(tab.id, title, *GRID))
    made.made[tab.id] = tab
    return tab


GRID = (200, 40)
"""Rows and columns of a tab that the app adds."""


def added(tab: int, title: str, hidden: bool) -> dict[str, Any]:
    """The request that adds a tab."""
    grid = {"rowCount": GRID[0], "columnCount": GRID[1]}
    return {"addSheet": {"properties": {"sheetId": tab, "title": title, "hidden": hidden, "gridProperties": grid}}}


def _room(tab: int, rows: Rows, sizes: list[Size], made: Patched) -> None:
    """Add the rows and columns that are to be written and are not there in a tab."""
    size = next(size for size in sizes if size.id == tab)
    lacking = (
        max(max(rows, default=0) + 1 - size.rows, 0),
        max(max((position for cells in rows.values() for position in cells), default=0) + 1 - size.columns, 0),
    )
    made.before += grow(tab, *lacking)
    size.rows, size.columns = size.rows + lacking[0], size.columns + lacking[1]
