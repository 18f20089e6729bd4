"""Three-way merge (三方合并) of a workbook somebody saved with what the app holds, by record id and column.

``base`` is the workbook as it was when that person opened it, ``ours`` what the app holds now (with changes that
wait to be written), ``theirs`` what was saved. What only they changed is taken over; what only we changed is put
back; where both did, their value stays in the cell and both go to the list of conflicts for a person to choose.
Nothing is guessed: without a base every difference is a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from lib.domain.edits import Edit, Op, apply
from lib.domain.identify import Given, Identified, Values, identify
from lib.domain.records import Grids, same
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import PEOPLE


class Origin(StrEnum):
    """How what the app holds came to differ from the base: not at all, for certain by somebody else than who saved
    now, or by hand from the very same state: then it may be the same person, who has changed it back."""

    NONE = ""
    OTHER = "other"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to a cell since the base, or (column "") to a record as a whole."""

    origin: Origin = Origin.NONE
    """Of the last change."""
    shown: tuple[Cell, ...] = ()
    """What the cell held in people's saves from the same state; of a record whether it was there. A program that has
    one of them open shows that without its user having typed it."""


def _untouched(sheet: str, record: str, column: str) -> Past:
    return Past()


@dataclass(frozen=True, slots=True)
class Before:
    """What the journal tells about the state a save went out from. Nothing told: all our changes are others'."""

    past: Callable[[str, str, str], Past] = _untouched
    """(sheet, record, column) → what happened there since."""
    given: Sequence[Given] = ()
    """Rows in the saves so far from that state that it did not have, or not under their id."""
    news: Sequence[Edit] = ()
    """What the save before had that no program could show yet, while one program has had the workbook open since: a
    save that has some of it too comes from somebody who saw it."""
    merged: bool = False
    """The very same save was merged already: nobody changed anything."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two values for one cell, or two fates of a record (``column`` empty): what was, what the app holds, what stands.

    For a record the values are its cells, or None where it does not exist.
    """

    sheet: str
    record: str
    column: str
    base: object
    ours: object
    theirs: object


@dataclass
class Merged:
    """What came of a merge: the grids to go on with, the edits made outside, the conflicts."""

    grids: Grids
    """Theirs, with what only we changed put back."""
    identified: Grids
    """Theirs as saved, each row under its id."""
    outside: list[Edit] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    """Rows that this save lets be known again otherwise than the saves before."""
    news: list[Edit] = field(default_factory=list)
    """The outside edits that bring what was in no save before."""


def merge(
    base: Grids | None, ours: Grids, theirs: Grids, mint: Callable[[str], str], before: Before | None = None
) -> Merged:
    """Merge what people saved. ``mint``: sheet key → the next free id."""
    before = before or Before()
    rows = identify(base, ours, theirs, mint, before.given)
    latest = {(one.sheet, one.record): one for one in before.given}
    found = Merged(rows.grids, rows.grids)
    found.given = [one for one in rows.given if latest.get((one.sheet, one.record)) != one]
    if before.merged:
        base, before = rows.grids, Before()
    back: list[Edit] = []
    goes_on = any(_has(rows.grids, edit) for edit in before.news)
    for sheet in PEOPLE:
        if sheet.key in ours and sheet.key in rows.grids:
            one = _Sheet(sheet.key, base, ours, rows, before, goes_on)
            for record in one.records():
                one.merge(record, found, back)
    found.grids = apply(rows.grids, back)
    return found


def _has(grids: Grids, edit: Edit) -> bool:
    cells = grids[edit.sheet].record(edit.record) if edit.sheet in grids else None
    return cells is not None and (edit.op is Op.ADD or same(cells.get(edit.column), edit.new))


class _Sheet:
    """One sheet's three states."""

    def __init__(
        self, key: str, base: Grids | None, ours: Grids, rows: Identified, before: Before, goes_on: bool
    ) -> None:
        self.key, self.known, self.goes_on = key, base is not None, goes_on
        self.base = base.get(key) if base is not None else None
        self.ours, self.theirs = ours[key], rows.grids[key]
        self.doubtful = {record for sheet, record in rows.doubtful if sheet == key}
        self.first = {one.record: one.values for one in reversed(before.given) if one.sheet == key}
        """What the records that the base does not have held when they were first seen: the base for them."""
        self.past = partial(before.past, key)
        self.writable = frozenset(self.theirs.columns)

    def records(self) -> Iterator[str]:
        """Ids of records that differ between ours and theirs; rows that are equal as a whole cost one comparison."""
        alike = self.ours.columns == self.theirs.columns
        rows, others = self.ours.raw.cells, self.theirs.raw.cells
        for record, at in self.ours.rows.items():
            there = self.theirs.rows.get(record)
            if there is None or not alike or rows[at] != others[there]:
                yield record
        yield from (record for record in self.theirs.rows if record not in self.ours.rows)

    def merge(self, record: str, found: Merged, back: list[Edit]) -> None:
        """Merge one record into ``found``; what is to be put back into their workbook goes to ``back``."""
        was: Values | None = self.base.record(record) if self.base is not None else None
        ours, theirs = self.ours.record(record), self.theirs.record(record)
        if ours is not None and theirs is None:
            self._gone(record, was, ours, found, back)
        elif theirs is not None:
            was = self.first.get(record) if was is None and self.known else was
            if ours is not None:
                self._cells(record, was, ours, theirs, found, back)
            else:
                self._come(record, was, theirs, found, back)

    def _cells(
        self, record: str, was: Values | None, ours: Values, theirs: Values, found: Merged, back: list[Edit]
    ) -> None:
        for column in dict.fromkeys((*ours, *theirs)):
            mine, given = ours.get(column), theirs.get(column)
            if same(mine, given):
                continue
            before = was.get(column) if was is not None else None
            past = self.past(record, column)
            stale = was is not None and same(given, before)
            if self.known and stale and self._only(before, past) and column in self.writable:
                back.append(Edit(Op.SET, self.key, record, column, given, mine))
                continue
            edit = Edit(Op.SET, self.key, record, column, mine, given)
            fresh = not stale and not any(same(given, shown) for shown in past.shown)
            untouched = past.origin is Origin.NONE and (was is None or same(mine, before))
            next_thought = self.goes_on and past.origin is Origin.HAND and fresh
            if not (self.known and (untouched or next_thought)):
                found.conflicts.append(Conflict(self.key, record, column, before, mine, given))
            found.outside.append(edit)
            if fresh:
                found.news.append(edit)

    def _gone(self, record: str, was: Values | None, ours: Values, found: Merged, back: list[Edit]) -> None:
        """A record the app holds and they do not: deleted by them, or added by us since they opened the workbook."""
        past = self.past(record, "")
        if self.known and was is None and not past.shown:
            there = {name: cell for name, cell in ours.items() if name in self.writable}
            back.append(Edit(Op.ADD, self.key, record, values=there))
            for column in ours.keys() - self.writable:
                found.conflicts.append(Conflict(self.key, record, column, None, ours[column], None))
                found.outside.append(Edit(Op.SET, self.key, record, column, ours[column], None))
            return
        touched = past.origin is not Origin.NONE or was is None or not _equal(was, ours)
        if touched or record in self.doubtful:
            found.conflicts.append(Conflict(self.key, record, "", was, ours, None))
        found.outside.append(Edit(Op.REMOVE, self.key, record, values=ours))

    def _come(self, record: str, was: Values | None, theirs: Values, found: Merged, back: list[Edit]) -> None:
        """A record they have and the app does not: new, or removed by us since they opened the workbook."""
        past = self.past(record, "")
        stale = was is not None and _equal(was, theirs)
        if was is not None and stale and all(past.shown) and self._never_typed(record, was):
            back.append(Edit(Op.REMOVE, self.key, record, values=theirs))
            return
        edit = Edit(Op.ADD, self.key, record, values=theirs)
        if was is not None or past.origin is not Origin.NONE:
            found.conflicts.append(Conflict(self.key, record, "", was, None, theirs))
        else:
            found.news.append(edit)
        found.outside.append(edit)

    def _never_typed(self, record: str, was: Values) -> bool:
        """Whether no save from the same state had anything else in any cell of a record."""
        return all(
            self._only(was.get(column), self.past(record, column)) for column in filter(None, self.theirs.columns)
        )

    @staticmethod
    def _only(before: Cell, past: Past) -> bool:
        """Whether no save from the same state had anything else in a cell: what stands there now nobody typed."""
        return all(same(shown, before) for shown in past.shown)


def _equal(one: Values, other: Values) -> bool:
    return all(same(one.get(name), other.get(name)) for name in {*one, *other})


def put_back(theirs: Grids, edits: Sequence[Edit]) -> Merged:
    """What to hold where only the edits since some lost state are known: each goes back where the workbook still has
    its old value, or has the new one already; the rest are conflicts. ``outside`` holds those that went back."""
    found = Merged(theirs, theirs)
    back: list[Edit] = []
    for edit in _summed(edits):
        grid = theirs.get(edit.sheet)
        there = grid.record(edit.record) if grid is not None else None
        if edit.op is Op.SET:
            stands = (there or {}).get(edit.column)
            if there is not None and same(stands, edit.old):
                back.append(edit)
            elif there is None or not same(stands, edit.new):
                found.conflicts.append(Conflict(edit.sheet, edit.record, edit.column, edit.old, edit.new, stands))
        elif edit.op is Op.ADD and there is None:
            back.append(edit)
        elif edit.op is Op.REMOVE and there is not None:
            if _equal(there, edit.values):
                back.append(edit)
            else:
                found.conflicts.append(Conflict(edit.sheet, edit.record, "", edit.values, None, there))
    found.grids, found.outside = apply(theirs, back), back
    return found


def _summed(edits: Sequence[Edit]) -> list[Edit]:
    """Edits with those of one cell, and of a record added among them, taken together."""
    cells: dict[tuple[str, str, str], Edit] = {}
    for edit in edits:
        whole, place = (edit.sheet, edit.record, ""), (edit.sheet, edit.record, edit.column)
        if edit.op is Op.SET and whole in cells and cells[whole].op is Op.ADD:
            cells[whole] = replace(cells[whole], values={**cells[whole].values, edit.column: edit.new})
        elif edit.op is Op.SET and place in cells:
            cells[place] = replace(cells[place], new=edit.new)
        else:
            cells[place] = edit
    return list(cells.values())
