"""Cells of other rows that a write hit because rows had moved in that very moment, and how they get their content back.

Until then the app goes on with what stood there; nobody takes our mistake for somebody's edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.store.google_batch import Cells, Replaced, alike
from lib.store.google_reading import Raw, Tab


@dataclass(frozen=True, slots=True)
class Damage:
    """A row of a tab that was hit: its record's id if it has one, all it had held, and position → (wrong, right)."""

    tab: int
    record: str
    held: tuple[Raw, ...]
    cells: Mapping[int, tuple[Raw, Raw]]


def damages(wrong: Iterable[Replaced]) -> list[Damage]:
    """What has to be mended after a batch hit rows that it did not mean."""
    found = []
    for one in wrong:
        cells = {at: (new, one.at(at)) for at, new in one.cells.values.items() if not alike(new, one.at(at))}
        if cells:
            found.append(Damage(one.cells.tab, "", one.found, cells))
    return found


def repairs(damage: Sequence[Damage], tabs: Mapping[int, Tab]) -> tuple[list[Damage], list[Cells]]:
    """The damage that still stands, and the cells to write. A cell that somebody has changed since is theirs."""
    left, rows = [], []
    for one in damage:
        place = _place(one, tabs.get(one.tab))
        if place is None:
            continue
        at, cells = place
        tab = tabs[one.tab]
        left.append(one)
        values = {position: right for position, (_wrong, right) in cells.items()}
        rows.append(Cells(tab.id, at, tab.record(at), tuple(tab.line(at)), values))
    return left, rows


def masked(damage: Sequence[Damage], tabs: Mapping[int, Tab]) -> dict[int, Tab]:
    """The tabs as they would be without the damage."""
    made = dict(tabs)
    for one in damage:
        place = _place(one, tabs.get(one.tab))
        if place is not None:
            at, cells = place
            values = {position: right for position, (_wrong, right) in cells.items()}
            made[one.tab] = made[one.tab].with_cells([(at, values)])
    return made


def _place(one: Damage, tab: Tab | None) -> tuple[int, dict[int, tuple[Raw, Raw]]] | None:
    """Where a damaged row stands now and which of its cells are still wrong; None when none is."""
    if tab is None:
        return None
    best, most = None, -1
    for at in range(tab.header + 1, len(tab.values)):
        line = tab.line(at)
        still = {p: pair for p, pair in one.cells.items() if alike(tab.at(at, p), pair[0])}
        if not still:
            continue
        others = [p for p in range(max(len(line), len(one.held))) if p not in one.cells and p != tab.check_at]
        equal = sum(alike(tab.at(at, p), _at(one.held, p)) for p in others)
        id_at = tab.id_at
        if id_at is not None and id_at not in one.cells and not alike(_at(line, id_at), _at(one.held, id_at)):
            continue
        if equal > most:
            best, most = (at, still), equal
    return best


def _at(line: Sequence[Raw], position: int) -> Raw:
    return line[position] if position < len(line) else ""
