"""Which record each row of a saved workbook is (认行): by its id, and where ids are missing or doubled by its content.

Rows without an id of their own get one when they are first seen, but the file can only be given it once nobody has it
open. Until then they come back in every save without it, perhaps changed, and from programs that opened the workbook
at different times. What each of them held in the saves so far (``Given``) is how they are known again.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lib.domain.normalise import to_text
from lib.domain.records import Grid, Grids, same
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import PEOPLE

ALIKE = 0.6
"""The share of equal cells by which a row that lost its id is known again."""

EFFORT = 250_000
"""How many pairs of rows are compared one by one to find out which record a row is."""

Values = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Given:
    """A row the app's last flush did not have under this id: the record it is, the id that was typed in it (none, or
    that of the row it was copied from), and all it held."""

    sheet: str
    record: str
    typed: str
    values: Values


@dataclass
class Identified:
    """Grids with each row under its id."""

    grids: Grids
    given: list[Given] = field(default_factory=list)
    """Rows that are told apart by their content only, or are new, in the order of rows."""
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    """Records (sheet, id) whose id stands in a row that is more like a copy of it: that the copy stayed and the record
    went is likely but not certain."""


def identify(
    base: Grids | None, ours: Grids, theirs: Grids, mint: Callable[[str], str], given: Iterable[Given]
) -> Identified:
    """Give every row an id of its own. ``given``: the rows of the saves so far from the same state."""
    found = Identified(theirs)
    names: dict[str, dict[int, str]] = {}
    known = defaultdict[str, list[Given]](list)
    for one in given:
        known[one.sheet].append(one)
    for sheet in PEOPLE:
        if sheet.prefix and sheet.key in theirs and sheet.key in ours and theirs[sheet.key].has_ids:
            was = base.get(sheet.key) if base is not None else None
            made = _Rows(was, ours[sheet.key], theirs[sheet.key], known[sheet.key])
            if named := made.named(mint):
                names[sheet.key] = named
            found.given += made.given(named)
            found.doubtful |= {(sheet.key, record) for record in made.doubtful}
    found.grids = _renamed(theirs, names) if names else theirs
    return found


class _Rows:
    """The rows of one sheet of a save, and the records they may be."""

    def __init__(self, base: Grid | None, ours: Grid, theirs: Grid, given: Sequence[Given]) -> None:
        self.base, self.ours, self.theirs, self.known = base, ours, theirs, given
        self.doubtful: set[str] = set()
        self._position = theirs.layout.positions["id"]
        self._contents = defaultdict[str, list[Values]](list)
        """Record → what its row held, the latest save first."""
        for one in reversed(given):
            self._contents[one.record].append(one.values)

    def named(self, mint: Callable[[str], str]) -> dict[int, str]:
        """Row index → its id, for the rows that their ids do not tell apart."""
        groups = defaultdict[str, list[int]](list)
        for index in self.theirs.loose:
            groups[self._typed(index)].append(index)
        copied = {one.typed for one in self.known if one.typed not in ("", one.record)}
        for typed in {*copied, *groups} & self.theirs.rows.keys():
            groups[typed] = sorted((self.theirs.rows[typed], *groups[typed]))
        names: dict[int, str] = {}
        for typed, indexes in sorted(groups.items(), reverse=True):  # the rows without any id come last
            candidates = self._candidates(typed, names.values())
            found = _matched({index: self.theirs.values(index) for index in indexes}, candidates, typed)
            if typed and typed not in found.values() and typed in self.ours.rows:
                self.doubtful.add(typed)
            names |= found | {index: mint(self.theirs.sheet.key) for index in indexes if index not in found}
        return names

    def given(self, named: Mapping[int, str]) -> list[Given]:
        """The rows of this save to be known again by."""
        new = (
            {}
            if self.base is None
            else {self.theirs.rows[r]: r for r in self.theirs.rows.keys() - self.base.rows.keys()}
        )
        told = [(index, record, self._typed(index)) for index, record in sorted((new | dict(named)).items())]
        return [
            Given(self.theirs.sheet.key, record, typed, self.theirs.values(index))
            for index, record, typed in told
            if typed != record or index in new
        ]

    def _typed(self, index: int) -> str:
        row = self.theirs.raw.cells[index]
        return to_text(row[self._position]).strip() if self._position < len(row) else ""

    def _candidates(self, typed: str, taken: Iterable[str]) -> dict[str, list[Values]]:
        """Record → all that its row may hold, for the rows in which an id stands, or none does."""
        given = [one.record for one in self.known if one.typed == typed]
        names = dict.fromkeys([*([typed] if typed else self._missing()), *given])
        barred = {*taken, *self.theirs.rows.keys() - {typed}}
        return {name: self._held(name) for name in names if name not in barred}

    def _missing(self) -> list[str]:
        """Records whose id may have been deleted: held, not in the file, and not known to be younger than it."""
        gone = [name for name in self.ours.rows if name not in self.theirs.rows]
        return [name for name in gone if self.base is None or name in self.base.rows or name in self._contents]

    def _held(self, name: str) -> list[Values]:
        stands = (grid.record(name) for grid in (self.ours, self.base) if grid is not None)
        return [*self._contents.get(name, ()), *(values for values in stands if values is not None)]


def _matched(rows: Mapping[int, Values], candidates: Mapping[str, list[Values]], owner: str) -> dict[int, str]:
    """Row index → the record it is: first where all is equal, then where most is. The ``owner`` of an id gets a row
    if any is left; for another record nothing is guessed where several come into question."""
    found = _equal_ones(rows, candidates)
    rest = {index: values for index, values in rows.items() if index not in found}
    taken = set(found.values())
    free = {name: held for name, held in candidates.items() if name not in taken}
    if len(rest) * len(free) > EFFORT:
        free = {name: held for name, held in free.items() if name == owner}
    scores = {
        index: {name: max((_likeness(values, one) for one in held), default=0.0) for name, held in free.items()}
        for index, values in rest.items()
    }
    pairs = [(score, name == owner, -index, name) for index, one in scores.items() for name, score in one.items()]
    for score, owned, index, name in sorted(pairs, reverse=True):
        if -index not in scores or name not in free or not (owned or score >= ALIKE):
            continue
        if sum(scores[-index][rival] == score for rival in free) == 1 or owned:
            found[-index] = name
            del free[name]
        del scores[-index]
    return found


def _equal_ones(rows: Mapping[int, Values], candidates: Mapping[str, list[Values]]) -> dict[int, str]:
    """Row index → the record that held just this: in the latest save rather than before. Rows that are alike in all
    go to records that are alike in all, in order: no pairing of them is better than another."""
    contents = {index: _content(values) for index, values in rows.items()}
    found: dict[int, str] = {}
    taken: set[str] = set()
    for latest in (True, False):
        by_content = defaultdict[frozenset[tuple[str, str]], deque[str]](deque)
        for name, held in candidates.items():
            for values in held[:1] if latest else held:
                by_content[_content(values)].append(name)
        for index, content in contents.items():
            names = by_content[content]
            while names and index not in found:
                if (name := names.popleft()) not in taken:
                    found[index] = name
                    taken.add(name)
    return found


def _content(values: Values) -> frozenset[tuple[str, str]]:
    return frozenset((name, to_text(cell)) for name, cell in values.items())


def _likeness(one: Values, other: Values) -> float:
    """The share of equal cells; where one holds all of the other and more, that is alike enough."""
    names = {*one, *other}
    equal = sum(same(one.get(name), other.get(name)) for name in names)
    within = 0 < equal == min(len(one), len(other))
    return max(equal / len(names), ALIKE if within else 0.0) if names else 0.0


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
