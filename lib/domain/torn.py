"""A partial sort (部分列排序): values of some columns moved to other records, as when only these columns were sorted.

Every cell by itself looks like an edit. What gives it away is that the values a column lost are those it got, only at
other records. Sorting whole rows changes no record and never comes here; typing, filling down and pasting a list bring
values that were not there. Columns of a few values (状态, 是/否) come out even by chance and prove nothing alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import lgamma, log
from typing import cast

from lib.domain.edits import Edit, Op
from lib.domain.merge import Merged
from lib.domain.normalise import to_text
from lib.domain.records import Grid, Grids, same
from sheets_schema.sheet import Kind
from sheets_schema.snapshot import Cell

FEWEST = 3
"""Values that must have moved: two that changed places may have been typed."""
SHARE = 0.75
"""Of the values that left a cell or came into one, those that only moved; somebody may type more before saving."""
CHANCE = log(0.001)
"""How improbable it must be that values from a short list come out even by typing."""
FEW_TUPLES = 4
"""Different lines that columns of a few values must show together to prove anything."""


@dataclass(frozen=True, slots=True)
class Tear:
    """Columns of a sheet whose values parted from their records, and the edits that are part of that."""

    sheet: str
    columns: tuple[str, ...]
    edits: tuple[Edit, ...]


def tears(merged: Merged, held: Grids, disputed: Collection[tuple[str, str, str]] = ()) -> list[Tear]:
    """The sheets torn by what people did. ``held``: what was there before, changes of ours that waited included;
    ``disputed``: (sheet, column, text) that stood in cells which a write of ours ran into while they were sorted."""
    conflicts = [one for one in merged.conflicts if one.column and one.base is not None]
    ours = {(one.sheet, one.record, one.column): cast(Cell, one.base) for one in conflicts}
    by_sheet: dict[str, dict[str, list[_Move]]] = defaultdict(lambda: defaultdict(list))
    for edit in merged.outside:
        if edit.op is Op.SET:
            old = ours.get((edit.sheet, edit.record, edit.column), edit.old)
            by_sheet[edit.sheet][edit.column].append(_Move(edit, to_text(old), to_text(edit.new)))
    found = []
    for key, columns in by_sheet.items():
        before, after = held[key], merged.identified[key]
        moved = _torn(
            [
                _Column(
                    name, moves, before, after, {text for *place, text in disputed if text and place == [key, name]}
                )
                for name, moves in columns.items()
            ]
        )
        if moved:
            edits = tuple(move.edit for column, moves in moved for move in moves)
            found.append(Tear(key, tuple(column.name for column, _moves in moved), edits))
    return found


def is_mended(edits: Iterable[Edit], grids: Grids) -> bool:
    """Whether every value is at its record again, as where somebody took back the sorting; what has gone meanwhile
    needs no mending."""
    for edit in edits:
        there = grids[edit.sheet].record(edit.record) if edit.sheet in grids else None
        if there is not None and not same(there.get(edit.column), edit.old):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Move:
    """A changed cell with its texts."""

    edit: Edit
    old: str
    new: str


class _Column:
    """A column with its changed cells."""

    def __init__(self, name: str, moves: Sequence[_Move], before: Grid, after: Grid, disputed: set[str]) -> None:
        self.name, self.moves, self.before, self.after, self.disputed = name, moves, before, after, disputed
        self.old = Counter(move.old for move in moves if move.old)
        self.new = Counter(move.new for move in moves if move.new)
        self.both = self.old & self.new
        """The values that left cells of this column and came into others."""

    @cached_property
    def texts(self) -> dict[str, str]:
        """Record → what the column held before this."""
        return {**_texts(self.before, self.name), **{move.edit.record: move.old for move in self.moves}}

    @property
    def is_telling(self) -> bool:
        """Whether it proves by itself that values were rearranged."""
        moved, most = self.both.total(), max(self.old.total(), self.new.total())
        declared = self.before.sheet.by_name.get(self.name)
        if moved < FEWEST or len(self.both) < FEWEST or (declared is not None and declared.choices):
            return False
        if self._is_numbering:
            return False
        filled = list(filter(None, self.texts.values()))
        from_list = declared is not None and declared.kind is Kind.CHOICE and declared.ref is None
        if 2 * len(set(filled)) > len(filled) and not from_list:
            return moved >= SHARE * most and 2 * len(self.both) > moved
        return self.is_even and _log_chance(self.old) < CHANCE

    @property
    def is_even(self) -> bool:
        """Whether just the values that left came back."""
        return self.old == self.new and Counter(m.old for m in self.moves) == Counter(m.new for m in self.moves)

    @property
    def _is_numbering(self) -> bool:
        """Whether it counts the rows from the top: people number them anew after sorting."""
        texts = list(filter(None, _texts(self.after, self.name).values()))
        if not all(text.isdecimal() for text in texts):
            return False
        numbers = list(map(int, texts))
        return numbers[:1] == [1] and all(after == before + 1 for before, after in pairwise(numbers))

    @property
    def moved(self) -> list[_Move]:
        """The changed cells that hold another record's value, or nothing because theirs went to another."""
        known = self.both.keys() | self.disputed
        return [move for move in self.moves if move.new in known or (not move.new and move.old in self.both)]

    @property
    def sources(self) -> dict[str, str]:
        """Record → the one whose value it has now, where that is certain."""
        holders: dict[str, list[str]] = defaultdict(list)
        for move in self.moves:
            holders[move.old].append(move.edit.record)
        return {m.edit.record: holders[m.new][0] for m in self.moves if m.new and len(holders[m.new]) == 1}

    def follows(self, sources: Mapping[str, str]) -> list[_Move]:
        """The changed cells that moved as another column's did; none unless the column as a whole did."""
        explained = [m for m in self.moves if m.new == self.texts.get(sources.get(m.edit.record, m.edit.record), "")]
        now = {**self.texts, **{move.edit.record: move.new for move in self.moves}}
        fitting = sum(now.get(record, "") == self.texts.get(source, "") for record, source in sources.items())
        whole = fitting >= SHARE * len(sources) and len(explained) >= SHARE * len(self.moves)
        return explained if whole else []


def _torn(columns: Sequence[_Column]) -> list[tuple[_Column, list[_Move]]]:
    """The columns that were rearranged, each with the cells that are part of it."""
    telling = [column for column in columns if column.is_telling]
    if not telling:
        return [(column, list(column.moves)) for column in _together([c for c in columns if c.is_even])]
    found = {column.name: column.moved for column in telling}
    permutations = [column.sources for column in telling]
    for column in columns:
        if column.name not in found:
            fits = (column.follows(sources) for sources in permutations if len(sources) >= FEWEST)
            found[column.name] = next(filter(None, fits), [])
    return [(column, found[column.name]) for column in columns if found[column.name]]


def _together(columns: list[_Column]) -> list[_Column]:
    """Columns of a few values each that moved line by line, as no typing would bring about; else none."""
    if len(columns) < 2:
        return []
    records = dict.fromkeys(move.edit.record for column in columns for move in column.moves)
    now = [{**c.texts, **{move.edit.record: move.new for move in c.moves}} for c in columns]
    old = Counter(tuple(c.texts.get(record, "") for c in columns) for record in records)
    new = Counter(tuple(texts.get(record, "") for texts in now) for record in records)
    if old != new or len(old) < FEW_TUPLES or any(column._is_numbering for column in columns):
        return []
    return columns if 2 * len(old) > old.total() or _log_chance(old) < CHANCE else []


def _texts(grid: Grid, column: str) -> dict[str, str]:
    """Record → text of a column, in the order of rows."""
    at = grid.position(column)
    rows = sorted(grid.rows.items(), key=lambda pair: pair[1])
    if at is None:
        return {}
    cells = grid.raw.cells
    return {record: to_text(cells[index][at]) if at < len(cells[index]) else "" for record, index in rows}


def _log_chance(values: Counter[str] | Counter[tuple[str, ...]]) -> float:
    """The logarithm of how likely it is that as many values, typed from this list, come out in just these numbers."""
    total = values.total()
    return lgamma(total + 1) + sum(many * log(many / total) - lgamma(many + 1) for many in values.values())
