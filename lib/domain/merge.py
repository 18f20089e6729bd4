"""Three-way merge (三方合并) of a workbook somebody saved with what the app holds, by record id and column.

``base`` is the workbook as it was when that person opened it, ``ours`` what the app holds now (with changes that
wait to be written), ``theirs`` what was saved. What only they changed is taken over; what only we changed is put
back; where both did, their value stays in the cell and both go to the list of conflicts for a person to choose.
Nothing is guessed: without a base every difference is a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lib.domain.edits import Edit, Op, apply
from lib.domain.normalise import to_text
from lib.domain.records import Grid, Grids, same
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import PEOPLE

ALIKE = 0.6
"""The share of equal cells by which a row that lost its id is known again."""

EFFORT = 250_000
"""How many pairs of rows are compared one by one to find out which record a row is."""


class Origin(StrEnum):
    """How what the app holds came to differ from the base: not at all, for certain by somebody else than who saved
    now, or by hand from the very same state: then it may be the same person, who has changed it back."""

    NONE = ""
    OTHER = "other"
    HAND = "hand"


Origins = Callable[[str, str, str], Origin]
"""(sheet, record, column; "" for a record as a whole) → the origin of our last change to it since the base."""


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


def merge(
    base: Grids | None,
    ours: Grids,
    theirs: Grids,
    mint: Callable[[str], str],
    origins: Origins | None = None,
    goes_on: bool = False,
) -> Merged:
    """Merge what people saved. ``mint``: sheet key → the next free id. Without ``origins`` all our changes are
    certainly others'. ``goes_on``: they have had the workbook open since the save before; then a further change of
    what was changed by hand is their own next thought, unless it looks like the old state come back."""
    origins = origins or _certain
    identified = _identify(base, ours, theirs, mint, origins)
    found = Merged(identified, identified)
    back: list[Edit] = []
    for sheet in PEOPLE:
        if sheet.key in ours and sheet.key in identified:
            was = base.get(sheet.key) if base is not None else None
            one = _Sheet(was, ours[sheet.key], identified[sheet.key], base is not None, origins, goes_on)
            for record in one.records():
                one.merge(record, found, back)
    found.grids = apply(identified, back)
    return found


def _certain(sheet: str, record: str, column: str) -> Origin:
    return Origin.NONE


class _Sheet:
    """One sheet's three states."""

    def __init__(
        self, base: Grid | None, ours: Grid, theirs: Grid, known: bool, origins: Origins, goes_on: bool
    ) -> None:
        self.base, self.ours, self.theirs = base, ours, theirs
        self.known, self.origins, self.goes_on = known, origins, goes_on
        self.key = ours.sheet.key
        self.writable = frozenset(theirs.columns)

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
        was = self.base.record(record) if self.base is not None else None
        ours, theirs = self.ours.record(record), self.theirs.record(record)
        if ours is not None and theirs is not None:
            self._cells(record, was, ours, theirs, found, back)
        elif ours is not None:
            self._gone(record, was, ours, found, back)
        elif theirs is not None:
            self._come(record, was, theirs, found, back)

    def _cells(
        self,
        record: str,
        was: dict[str, Cell] | None,
        ours: dict[str, Cell],
        theirs: dict[str, Cell],
        found: Merged,
        back: list[Edit],
    ) -> None:
        for column in dict.fromkeys((*ours, *theirs)):
            mine, given = ours.get(column), theirs.get(column)
            if same(mine, given):
                continue
            before = was.get(column) if was is not None else None
            origin = self.origins(self.key, record, column)
            untouched = origin is Origin.NONE and (was is None or same(mine, before))
            stale = was is not None and same(given, before) and origin is not Origin.HAND and column in self.writable
            if self.known and not untouched and stale:
                back.append(Edit(Op.SET, self.key, record, column, given, mine))
                continue
            next_thought = self.goes_on and origin is Origin.HAND and not (was is not None and same(given, before))
            if not (self.known and (untouched or next_thought)):
                found.conflicts.append(Conflict(self.key, record, column, before, mine, given))
            found.outside.append(Edit(Op.SET, self.key, record, column, mine, given))

    def _gone(
        self, record: str, was: dict[str, Cell] | None, ours: dict[str, Cell], found: Merged, back: list[Edit]
    ) -> None:
        """A record the app holds and they do not: deleted by them, or added by us since they opened the workbook."""
        by_hand = self.origins(self.key, record, "") is Origin.HAND
        if self.known and was is None and not by_hand:
            back.append(Edit(Op.ADD, self.key, record, values=ours))
            for column in ours.keys() - self.writable:
                found.conflicts.append(Conflict(self.key, record, column, None, ours[column], None))
                found.outside.append(Edit(Op.SET, self.key, record, column, ours[column], None))
            return
        touched = self.origins(self.key, record, "") is not Origin.NONE
        if was is None or touched or not _equal(was, ours):
            found.conflicts.append(Conflict(self.key, record, "", was, ours, None))
        found.outside.append(Edit(Op.REMOVE, self.key, record, values=ours))

    def _come(
        self, record: str, was: dict[str, Cell] | None, theirs: dict[str, Cell], found: Merged, back: list[Edit]
    ) -> None:
        """A record they have and the app does not: new, or removed by us since they opened the workbook."""
        if was is not None and _equal(was, theirs) and self.origins(self.key, record, "") is not Origin.HAND:
            back.append(Edit(Op.REMOVE, self.key, record, values=theirs))
            return
        if was is not None or self.origins(self.key, record, "") is Origin.OTHER:
            found.conflicts.append(Conflict(self.key, record, "", was, None, theirs))
        found.outside.append(Edit(Op.ADD, self.key, record, values=theirs))


def _equal(one: Mapping[str, Cell], other: Mapping[str, Cell]) -> bool:
    return all(same(one.get(name), other.get(name)) for name in {*one, *other})


def _identify(base: Grids | None, ours: Grids, theirs: Grids, mint: Callable[[str], str], origins: Origins) -> Grids:
    """Give every row an id of its own: a copied row keeps it where it is most like the record, a row that lost its
    id gets it back when its content tells, any other row gets a new one."""
    names: dict[str, dict[int, str]] = {}
    for sheet in PEOPLE:
        grid, known = theirs.get(sheet.key), ours.get(sheet.key)
        if grid is None or known is None or not grid.has_ids or not grid.loose or not sheet.prefix:
            continue
        was = base.get(sheet.key) if base is not None else None
        missing = {name: known.record(name) or {} for name in known.rows if name not in grid.rows}
        by_hand = {name: v for name, v in missing.items() if origins(sheet.key, name, "") is Origin.HAND}
        lost = {name: v for name, v in missing.items() if was is None or name in was.rows or name in by_hand}
        names[sheet.key] = _names(grid, known, lost, by_hand, mint)
    return _renamed(theirs, names) if names else theirs


def _names(
    grid: Grid,
    known: Grid,
    lost: Mapping[str, Mapping[str, Cell]],
    by_hand: Mapping[str, Mapping[str, Cell]],
    mint: Callable[[str], str],
) -> dict[int, str]:
    """Row index → its id, for rows of ``grid`` that lack one of their own. A copy may be one of the records that were
    found ``by_hand`` before and whose ids could not be written yet; a row without id any ``lost`` one."""
    position = grid.layout.positions["id"]
    given: dict[int, str] = {}
    nameless: dict[int, Mapping[str, Cell]] = {}
    copies: dict[int, Mapping[str, Cell]] = {}
    for index in grid.loose:
        row, values = grid.raw.cells[index], grid.values(index)
        typed = to_text(row[position]).strip() if position < len(row) else ""
        first = grid.rows.get(typed)
        record = known.record(typed)
        if first is None:
            nameless[index] = values
        elif record and first not in copies and _likeness(values, record) > _likeness(grid.values(first), record):
            given[index], copies[first] = typed, grid.values(first)
        else:
            copies[index] = values
    given |= _recognised(copies, by_hand)
    taken = set(given.values())
    given |= _recognised(nameless, {name: values for name, values in lost.items() if name not in taken})
    return given | {index: mint(grid.sheet.key) for index in (*nameless, *copies) if index not in given}


def _recognised(rows: Mapping[int, Mapping[str, Cell]], lost: Mapping[str, Mapping[str, Cell]]) -> dict[int, str]:
    """Row index → the lost record it is by its content; nothing where none or several come into question."""
    by_content: dict[frozenset[tuple[str, str]], list[str]] = {}
    for name, values in lost.items():
        by_content.setdefault(_content(values), []).append(name)
    found: dict[int, str] = {}
    for index, values in rows.items():
        names = by_content.get(_content(values), [])
        if len(names) == 1:
            found[index] = names.pop()
    taken = set(found.values())
    rest = {name: values for name, values in lost.items() if name not in taken}
    if len(rest) * len(rows) <= EFFORT:
        for index in [index for index in rows if index not in found]:
            close = sorted(((_likeness(rows[index], values), name) for name, values in rest.items()), reverse=True)[:2]
            if close and close[0][0] >= ALIKE and (len(close) == 1 or close[0][0] > close[1][0]):
                found[index] = close[0][1]
                del rest[close[0][1]]
    return found


def _content(values: Mapping[str, Cell]) -> frozenset[tuple[str, str]]:
    return frozenset((name, to_text(cell)) for name, cell in values.items())


def _likeness(one: Mapping[str, Cell], other: Mapping[str, Cell]) -> float:
    names = {*one, *other}
    return sum(same(one.get(name), other.get(name)) for name in names) / len(names) if names else 0.0


def _renamed(theirs: Grids, names: Mapping[str, Mapping[int, str]]) -> Grids:
    """Their grids with ids put where they were missing or doubled."""
    sheets = {}
    for key, given in names.items():
        grid = theirs[key]
        position = grid.layout.positions["id"]
        cells = list(grid.raw.cells)
        for index, name in given.items():
            row = [*cells[index], *[""] * (position + 1 - len(cells[index]))]
            row[position] = name
            cells[index] = row
        sheets[grid.raw.title] = replace(grid.raw, cells=cells)
    snapshot = theirs.snapshot
    changed = tuple(sheets.get(raw.title, raw) for raw in snapshot.sheets)
    return Grids(replace(snapshot, sheets=changed), theirs)


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
