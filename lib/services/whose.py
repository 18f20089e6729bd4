"""Whose a change is (变更归属), and what of records is shown to whom (可见内容).

What a record is about, ``lib.domain.owners`` tells; here it is asked for the journal, which also knows records that
are gone, and of findings, which quote what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from lib.domain.edits import Edit, Op, unpack
from lib.domain.findings import Finding
from lib.domain.judge import Judged
from lib.domain.normalise import is_blank, key, to_text
from lib.domain.owners import NOBODY, audience, writers
from lib.domain.settled import settled
from lib.domain.world import World, by_id
from lib.i18n import N_, Text, _
from lib.services.history import History, OpenConflict
from lib.services.policy import Actor, Sight
from sheets_schema.associations import Association
from sheets_schema.sheet import Row
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY

HIDDEN = N_("（不显示）")
_HARMLESS = frozenset({"label", "sheet_label", "n", "limit", "unit", "options"})
"""Places of a message that quote no cell."""


def sees(sight: Sight, who: frozenset[str] | None) -> bool:
    """Whether a sight takes in what the units ``who`` may see; None: everybody."""
    return sight.units is None or who is None or not sight.units.isdisjoint(who)


def of_units(sight: Sight) -> Sight:
    """The same sight for views without any personal column: those who differ in nothing else share one view."""
    return sight if sight.personal else Sight(sight.units)


class Whose:
    """Whose the records are that a history tells of, by the judged workbook; what it does not know the journal may."""

    def __init__(self, judged: Judged | None, history: History) -> None:
        self.judged, self.history = judged, history
        self._audiences: dict[tuple[str, str], frozenset[str] | None] = {}
        self._outs: dict[str, dict[str, Row]] = {}

    def audience(self, edit: Edit) -> frozenset[str] | None:
        """The units that may see an edit; None: everybody. A row as a whole is told by its own cells first."""
        if self.judged is None:
            return NOBODY
        if edit.op is not Op.SET:
            found = audience(self._recalled(edit.sheet, edit.record, edit.values), self.judged.world)
            if found != NOBODY:
                return found
        place = edit.sheet, edit.record
        if place not in self._audiences:
            rows = self._known(*place)
            told = (audience(row, self.judged.world) for row in rows)
            self._audiences[place] = next((found for found in told if found != NOBODY), NOBODY)
        return self._audiences[place]

    def writers(self, edit: Edit) -> frozenset[str]:
        """The units that may make an edit, or say what becomes of it: those that may write the row as it is and, where
        the edit holds a whole row, as that has it."""
        if self.judged is None:
            return NOBODY
        rows = self._known(edit.sheet, edit.record)[:1]
        if edit.op is not Op.SET:
            rows.append(self._recalled(edit.sheet, edit.record, edit.values))
        found = [writers(row, self.judged.world, edit.column) for row in rows]
        return frozenset.intersection(*found) if found else NOBODY

    def sees(self, sight: Sight, edits: Iterable[Edit]) -> bool:
        """Whether somebody sees all of some edits."""
        return sight.units is None or all(sees(sight, self.audience(edit)) for edit in edits)

    def may_settle(self, sight: Sight, edits: Iterable[Edit]) -> bool:
        """Whether all of some edits are in rows that the units of a sight may write."""
        return sight.units is None or all(not sight.units.isdisjoint(self.writers(edit)) for edit in edits)

    def refusal(self, actor: Actor, edits: Iterable[Edit]) -> Text | None:
        """Why an actor may not say what becomes of edits that were made already, as policy has it; None: he may.

        To leave a change as it is makes no edit, so that a command's own permission has nothing to look at.
        """
        for edit in edits if not actor.is_centre else ():
            world = self.judged.world if self.judged is not None else None
            rows = self._known(edit.sheet, edit.record)[:1] if world is not None else []
            is_settled = world is not None and any(settled(row, world) for row in rows)
            reason = actor.refusal(edit, self.writers(edit), settled=is_settled)
            if reason is not None:
                return reason
        return None

    def _known(self, sheet: str, record: str) -> list[Row]:
        """A record as it is in force; else as it stands in its sheet and as the journal has it, the surer first."""
        assert self.judged is not None
        row = self.judged.world.table(BY_KEY[sheet].model).look_up(by_id).get(record)
        if row is not None:
            return [row]
        row, told = self._out(sheet).get(record), self._told.get((sheet, record))
        found = [] if row is None else [row]
        return found if told is None else [*found, self._recalled(sheet, record, told)]

    def _out(self, sheet: str) -> dict[str, Row]:
        """The records of a sheet that stand in it without effect."""
        assert self.judged is not None
        if sheet not in self._outs:
            out = self.judged.world.table(BY_KEY[sheet].model).left_out
            rows = map(self.judged.parsed[sheet].record, sorted(out))
            self._outs[sheet] = {row.id: row for row in rows if row is not None}
        return self._outs[sheet]

    @cached_property
    def _told(self) -> dict[tuple[str, str], Mapping[str, Cell]]:
        """(sheet, record) → its cells when it was last added or removed as a whole."""
        edits = (change.edit for change in self.history.changes)
        return {(edit.sheet, edit.record): edit.values for edit in edits if edit.op is not Op.SET}

    def _recalled(self, sheet: str, record: str, values: Mapping[str, Cell]) -> Row:
        """The row that some cells make, references resolved; what else stands in them is taken as it is."""
        assert self.judged is not None
        declared, stages = BY_KEY[sheet], self.judged.stages
        made: dict[str, object] = {}
        for column in declared.columns:
            cell = values.get(column.name)
            if column.name in declared.defaults and column.name != "id" and not is_blank(cell):
                named = stages[column.ref].spellings.get(key(cell)) if column.ref else to_text(cell).strip()
                made[column.name] = named or declared.defaults[column.name]
        return declared.model(id=record, **made)


def edits_of(conflict: OpenConflict) -> list[Edit]:
    """A conflict as the edits that made it: of a cell one, of a record its being there on each side."""
    place = conflict.sheet, conflict.record
    if conflict.column:
        return [Edit(Op.SET, *place, conflict.column, unpack(conflict.ours), unpack(conflict.theirs))]
    sides = (side for side in (conflict.base, conflict.ours, conflict.theirs) if side is not None)
    return [Edit(Op.ADD, *place, values={name: unpack(cell) for name, cell in side.items()}) for side in sides]


def veiled(finding: Finding, sight: Sight, world: World) -> tuple[str, str, str]:
    """Value, message and remedy of a finding as a sight may read them: without what a personal column holds, and for
    a unit without the names of other units' associations, which a reference may have brought up."""
    value, message, remedy = finding.value, finding.message, finding.remedy
    if finding.personal and not sight.personal:
        params = {name: held if name in _HARMLESS else _(HIDDEN) for name, held in message.params.items()}
        message, remedy, value = Text(message.msgid, params), Text(remedy.msgid, params), value and _(HIDDEN)
    elif sight.units is not None and finding.sheet != BY_KEY["associations"].label:
        params = {name: _own(held, sight.units, world) for name, held in message.params.items()}
        if params != message.params:
            message, remedy = Text(message.msgid, params), Text(remedy.msgid, params)
        value = str(_own(value, sight.units, world))
    return value, str(message), str(remedy)


def supervisors(rows: tuple[Association, ...]) -> dict[str, frozenset[str]]:
    """Association name → the units that supervise one of that name."""
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        found[row.name] = found.get(row.name, NOBODY) | {row.unit}
    return found


def _own(held: object, units: frozenset[str], world: World) -> object:
    """What fills a place of a message, unless it names another's association or guesses at such a name."""
    if isinstance(held, Text) and "near" in held.params:
        return held if held.params["near"] in world.actors else ""
    theirs = world.table(Association).look_up(supervisors).get(held) if isinstance(held, str) else None
    return _(HIDDEN) if theirs and theirs.isdisjoint(units) else held
