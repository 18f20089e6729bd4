"""Cells of other rows that a write hit because rows had moved in that very moment, and how they get their content back.

Until then the app goes on with what stood there; nobody takes our mistake for somebody's edit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lib.store.google_batch import Cells, Replaced, alike
from lib.store.google_reading import BLOCKED, CHECK, ID, Raw, Tab

Wrong = Mapping[int, tuple[Raw, Raw]]
"""Position → what was written by mistake, and what is right."""
Place = tuple[int, int]
"""A tab's id and a row in it."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A row of a tab that was hit: where it was then, all it had held, position → (wrong, right), and the header."""

    tab: int
    row: int
    held: tuple[Raw, ...]
    cells: Wrong
    head: tuple[Raw, ...] = ()

    def under(self, head: Sequence[Raw]) -> Damage:
        """The same after columns have moved; without the cells of those that are gone."""
        if ID in self.held:  # a header itself, which says where columns are by the titles that it had
            head = [_righted(cell, self.cells.get(at)) for at, cell in enumerate(head)]
        if self.head == tuple(head):
            return self
        places = {at: self._place(at, head) for at in range(len(self.head))}
        held: list[Raw] = [""] * len(head)
        for at, cell in enumerate(self.held):
            if (to := places.get(at, at)) is not None and to < len(held):
                held[to] = cell
        cells = {to: pair for at, pair in self.cells.items() if (to := places.get(at, at)) is not None}
        return replace(self, held=tuple(held), cells=cells, head=tuple(head))

    def _place(self, at: int, head: Sequence[Raw]) -> int | None:
        """Where a column is now: under the same title, or in its old place under another that somebody gave it."""
        label, now = self.head[at], _at(head, at)
        renamed = len(head) == len(self.head) and now not in self.head
        if now == label or (label not in ("", *head) and renamed):
            return at
        return list(head).index(label) if label != "" and label in head else None

    def is_mended_by(self, one: Replaced) -> bool:
        """Whether that write was to give the row its content back, or to bring it back as a new row."""
        rights, written = {at: right for at, (_wrong, right) in self.cells.items()}, one.cells.values
        if one.cells.new:
            return all(alike(right, written.get(at, "")) for at, right in rights.items())
        return bool(written) and all(at in rights and alike(rights[at], new) for at, new in written.items())


def damaged(damage: Sequence[Damage], replaced: Sequence[Replaced], wrong: Collection[Replaced]) -> list[Damage]:
    """What has to be mended after a batch, of which ``wrong`` hit rows that it did not mean. Such a row may have been
    hit before: then it is to get back what it held before either. What was written into a row that was meant stays."""
    astray = {id(one) for one in wrong}
    rows: dict[Place, list[Replaced]] = {}
    for one in replaced:
        rows.setdefault((one.cells.tab, one.cells.row), []).append(one)
    met, heads = _met(rows, astray), {one.cells.tab: one.found for one in replaced if not one.cells.values}

    def mended(now: Damage, at: int) -> bool:
        return any(id(one) not in astray and now.is_mended_by(one) for one in rows.get((now.tab, at), ()))

    placed = _placed(damage, met, mended)
    known = {id(one) for one, _at, _still in placed}
    free = {place for place, row in rows.items() if not row[0].cells.new} - {(one.tab, at) for one, at, _ in placed}
    others = [one for one in damage if id(one) not in known]
    placed += _placed(others, met, lambda now, at: (now.tab, at) in free)
    known |= {id(one) for one, _at, _still in placed}
    stills = {(one.tab, at): still for one, at, still in placed}
    found = [one for one in damage if id(one) not in known]
    for (tab, at), row in rows.items():
        still = stills.get((tab, at), {})
        held = {**dict(enumerate(met[tab].line(at))), **{p: right for p, (_wrong, right) in still.items()}}
        cells = {p: pair for p, pair in still.items() if all(p not in one.cells.values for one in row)}
        written = [pair for one in row if id(one) in astray for pair in one.cells.values.items()]
        cells |= {p: (new, held.get(p, "")) for p, new in written if not alike(new, held.get(p, ""))}
        if cells:
            line = tuple(held.get(p, "") for p in range(max(held) + 1))
            found.append(Damage(tab, at, line, cells, heads.get(tab, ())))
    return found


def _met(rows: Mapping[Place, Sequence[Replaced]], astray: Collection[int]) -> dict[int, Tab]:
    """The rows that a batch met, at their places: those it meant as we had looked at them, others as they were."""
    lines: dict[int, list[tuple[int, dict[int, Raw]]]] = {}
    for (tab, at), row in rows.items():
        meant = all(one.cells.values and id(one) not in astray for one in row)
        line = dict(enumerate(row[0].cells.was if meant else row[0].found))
        lines.setdefault(tab, []).append((at, line or {0: ""}))
    return {tab: Tab(tab, "", ()).with_cells(found) for tab, found in lines.items()}


def repairs(damage: Sequence[Damage], tabs: Mapping[int, Tab]) -> tuple[list[Damage], list[Cells]]:
    """The damage that still stands, and the cells to write. A cell that somebody has changed since is theirs."""
    left, rows = [one for one, _held in vanished(damage, tabs)], []
    for one, at, cells in _placed(damage, tabs):
        tab = tabs[one.tab]
        left.append(one)
        values = {position: right for position, (_wrong, right) in cells.items()}
        rows.append(Cells(tab.id, at, tab.known_by(at), tab.whole(at), values))
    return left, rows


def masked(damage: Sequence[Damage], tabs: Mapping[int, Tab]) -> dict[int, Tab]:
    """The tabs as they would be without the damage."""
    made = _restored(_placed(damage, tabs), tabs)
    for one, held in vanished(damage, tabs):
        made[one.tab] = made[one.tab].with_cells([(made[one.tab].end, dict(enumerate(held)))])
    return made


def vanished(damage: Iterable[Damage], tabs: Mapping[int, Tab]) -> list[tuple[Damage, tuple[Raw, ...]]]:
    """Records that a write emptied by mistake and whose row is nowhere any more, with all they held."""
    damage = list(damage)
    placed = _placed(damage, tabs)
    here, right = {id(one) for one, _at, _cells in placed}, _restored(placed, tabs)
    found = []
    for one in damage:
        tab = right.get(one.tab)
        if tab is None or tab.id_at is None or id(one) in here:
            continue
        now = one.under(tab.whole(tab.header)) if one.head else one
        wrong, record = now.cells.get(tab.id_at, ("", ""))
        if wrong == "" and record != "" and tab.row_of(str(record).strip()) is None:
            found.append((one, tuple("" if at == tab.check_at else cell for at, cell in enumerate(now.held))))
    return found


def _placed(
    damage: Iterable[Damage], tabs: Mapping[int, Tab], fits: Callable[[Damage, int], bool] = lambda _now, _at: True
) -> list[tuple[Damage, int, Wrong]]:
    """Where each damaged row stands now, among those that fit, and which of its cells are still wrong; without those
    that are nowhere."""
    found: list[tuple[Damage, int, Wrong]] = []
    taken: set[Place] = set()
    ids = {id: _by_id(tab) for id, tab in tabs.items() if any(one.tab == id for one in damage)}
    for one in damage:
        tab = tabs.get(one.tab)
        if tab is None:
            continue
        now = one.under(tab.whole(tab.header)) if one.head else one
        rows = [at for at in _rows(now, tab, ids[tab.id]) if (now.tab, at) not in taken and fits(now, at)]
        places = [(score, at) for at in rows if (score := _score(now, tab, at))]
        if places:
            _best, at = max(places)
            taken.add((one.tab, at))
            found.append((one, at, _still(now, tab, at)))
    return found


def _restored(placed: Iterable[tuple[Damage, int, Wrong]], tabs: Mapping[int, Tab]) -> dict[int, Tab]:
    cells: dict[int, list[tuple[int, dict[int, Raw]]]] = {}
    for one, at, still in placed:
        cells.setdefault(one.tab, []).append((at, {p: right for p, (_wrong, right) in still.items()}))
    return {**tabs, **{id: tabs[id].with_cells(found) for id, found in cells.items()}}


def _by_id(tab: Tab) -> dict[Raw, list[int]]:
    """What stands in the column of ids → the rows in which it does."""
    found: dict[Raw, list[int]] = {}
    for at in range(len(tab.values)):
        found.setdefault(tab.at(at, tab.id_at or 0), []).append(at)
    return found


def _rows(one: Damage, tab: Tab, ids: Mapping[Raw, Sequence[int]]) -> Iterator[int]:
    """The rows that may be the one that was hit: with its id, with one that it got by mistake, or with none."""
    known: Collection[Raw] = ids.keys()
    if tab.id_at is not None:
        known = {"", one.cells.get(tab.id_at, ("", ""))[0], _at(one.held, tab.id_at)}
    first = tab.header + (ID not in one.held)
    yield from (at for id in known for at in ids.get(id, ()) if at >= first)
    yield from range(max(first, len(tab.values)), one.row + 1)


def _still(one: Damage, tab: Tab, at: int) -> Wrong:
    return {position: pair for position, pair in one.cells.items() if _is_as(tab.at(at, position), pair[0])}


def _righted(now: Raw, pair: tuple[Raw, Raw] | None) -> Raw:
    return pair[1] if pair is not None and _is_as(now, pair[0]) else now


def _is_as(now: Raw, wrong: Raw) -> bool:
    """Whether a cell still reads what was written; the formula of 校验 may have found something in its way."""
    return alike(now, wrong) or (now, wrong) == (BLOCKED, CHECK)


def _score(one: Damage, tab: Tab, at: int) -> tuple[int, ...] | None:
    """How likely a row is the one that was hit; None when it is not. An id tells; where there is none in the row, what
    else stood in it and all that was written into it by mistake."""
    still = _still(one, tab, at)
    if not still:
        return None
    mine, there = _at(one.held, tab.id_at or 0), tab.at(at, tab.id_at or 0)
    others = [p for p in range(max(len(tab.line(at)), len(one.held))) if p not in one.cells and p != tab.check_at]
    filled = [p for p in others if tab.at(at, p) != "" or _at(one.held, p) != ""]
    equal = sum(alike(tab.at(at, p), _at(one.held, p)) for p in filled)
    differing = len(filled) - equal
    marks = sum(pair[0] != "" for pair in still.values())
    sure = tab.id_at is not None and tab.id_at not in one.cells and mine != "" and alike(mine, there)
    # a row in its old place of which nothing is left but blanks may be anybody's by now
    traces = len(still) == len(one.cells) or equal or (at == one.row and marks)
    if not sure and not (traces and differing <= max(equal, marks)):
        return None
    return marks, equal - differing, len(still), -abs(at - one.row)


def _at(line: Sequence[Raw], position: int) -> Raw:
    return line[position] if position < len(line) else ""
