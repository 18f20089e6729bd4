"""What became of everything people and the app have done: in force, superseded, in conflict, told — or lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.domain.edits import Edit, Op
from lib.domain.records import Grids, same
from lib.services.history import OUTSIDE, Change, History, OpenConflict
from lib.services.settings import folder_of, now
from lib.store.journal import Journal, Verdict
from lib.store.xlsx import XlsxStore
from sheets_schema.workbook import PEOPLE
from tests.libreoffice.desk import Act, Deleted, Typed


@dataclass
class Proof:
    """The fates, counted; ``losses`` in words, empty when nothing is lost."""

    fates: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    conflicts: int = 0
    verdict: Verdict | None = None


class Witness:
    """Knows the workbook and the journal as they are in the end."""

    def __init__(self, workbook: Path, first: Grids) -> None:
        self.first, self.last = first, Grids(XlsxStore(workbook).read())
        self.history, self.journal = History(), Journal(folder_of(workbook) / "journal", now)
        for entry in self.journal.entries():
            self.history.take(entry)
        self.places: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for sheet, record, column, cell in _cells(self.last):
            self.places[str(cell), sheet.key, column].append(record)
        self.told: defaultdict[str, list[Change]] = defaultdict(list)
        for change in self.history.changes:
            for text in set(_texts(change.edit)):
                self.told[text].append(change)

    def proof(self, acts: list[Act], uncertain: list[Act]) -> Proof:
        """Try everything. ``uncertain``: what the app was told and killed over; it counts if it stands in the
        journal, with what the journal says it replaced."""
        acts = acts + [act for act in map(self._made, uncertain) if act is not None]
        made = Proof(conflicts=len(self.history.conflicts), verdict=self.journal.verify())
        for act in acts:
            fate = self._typed(act, acts) if isinstance(act, Typed) else self._deleted(act)
            made.fates[fate] += 1
            if fate.startswith("LOST"):
                made.losses.append(f"{fate}: {act}")
        made.losses += self._collateral(acts)
        return made

    def _made(self, act: Act) -> Act | None:
        if isinstance(act, Typed):
            change = next((c for c in self.told.get(act.token, ()) if act.token in _new(c.edit)), None)
            return change and Typed(act.token, act.sheet, change.edit.record, act.column, str(change.edit.old or ""))
        gone = next((change for change in self._removals(act) if change.actor != OUTSIDE), None)
        return gone and Deleted(act.sheet, act.record, frozenset(_texts(gone.edit)))

    def _typed(self, act: Typed, acts: list[Act]) -> str:
        told = self.told.get(act.token, [])
        where = self.places.get((act.token, act.sheet, act.column), [])
        if where and act.record in ("", *where):
            return "in force" if told else "LOST from the journal"
        if any(act.token in side for conflict in self.history.conflicts.values() for side in _sides(conflict)):
            return "in the list of conflicts"
        if any(_knew(other, act) for other in acts):
            return "superseded by who saw it"
        if where:
            return f"LOST from its record, stands in {where}"
        if any(act.token not in _new(change.edit) for change in told):
            return "LOST to somebody who had not seen it, told in the journal only"
        return "LOST, though the journal has it" if told else "LOST without a trace"

    def _deleted(self, act: Deleted) -> str:
        if not act.record:
            return "deleted (a row without an id)"
        if act.record not in self.last[act.sheet].rows:
            return "deleted and told" if any(self._removals(act)) else "LOST: a deletion not told"
        conflicts = self.history.conflicts.values()
        if any((c.sheet, c.record, c.column) == (act.sheet, act.record, "") for c in conflicts):
            return "in the list of conflicts"
        back = [c for c in self.history.changes if c.edit.op is Op.ADD and c.edit.record == act.record]
        return "LOST: a deleted record is back" + (", told in the journal only" if back else "")

    def _removals(self, act: Deleted) -> Iterator[Change]:
        key = act.sheet, act.record
        return (c for c in self.history.changes if c.edit.op is Op.REMOVE and (c.edit.sheet, c.edit.record) == key)

    def _collateral(self, acts: list[Act]) -> Iterator[str]:
        """Cells nobody has touched that are not what they were."""
        touched = {(c.edit.sheet, c.edit.record, c.edit.column) for c in self.history.changes if _is_typed(c.edit)}
        gone = {(c.edit.sheet, c.edit.record) for c in self.history.changes if c.edit.op is Op.REMOVE}
        meant = {(act.sheet, text) for act in acts if isinstance(act, Deleted) for text in (act.record, *act.seen)}
        for sheet, record, column, cell in _cells(self.first):
            if (sheet.key, record, column) in touched or (sheet.key, record) in gone & meant:
                continue
            now_there = (self.last[sheet.key].record(record) or {}).get(column)
            if not same(cell, now_there):
                yield f"LOST: nobody touched {sheet.label} {record} {column}: {cell!r} became {now_there!r}"


def _cells(grids: Grids) -> Iterator[tuple[Any, str, str, Any]]:
    for sheet in PEOPLE:
        for record in grids[sheet.key].rows:
            for column, cell in (grids[sheet.key].record(record) or {}).items():
                yield sheet, record, column, cell


def _knew(other: Act, act: Typed) -> bool:
    """Whether somebody typed over a token, or deleted its row, who saw it; what became of that is asked apart."""
    return act.token in other.seen if isinstance(other, Deleted) else act.token == other.seen


def _is_typed(edit: Edit) -> bool:
    return edit.op is Op.SET and "〔" in str(edit.new)


def _new(edit: Edit) -> set[str]:
    if edit.op is Op.SET:
        return {str(edit.new)}
    return {str(cell) for cell in edit.values.values()} if edit.op is Op.ADD else set()


def _texts(edit: Edit) -> Iterator[str]:
    if edit.op is Op.SET:
        yield from (str(edit.old), str(edit.new))
    yield from map(str, edit.values.values())


def _sides(conflict: OpenConflict) -> Iterator[set[str]]:
    for side in (conflict.ours, conflict.theirs):
        yield set(map(str, side.values())) if isinstance(side, dict) else {str(side)}
