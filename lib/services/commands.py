"""Commands (操作): the only way the app changes a workbook.

Each is policy → the rules on the freshest state, under the writer's lock → the journal. After a refusal nothing has
changed; after consent the change stands in the journal, whatever happens to the machine.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lib.domain.edits import Edit, Op, apply
from lib.domain.findings import SHEET_CONVENTION, Finding, Severity
from lib.domain.judge import Judged
from lib.domain.owners import NOBODY, writers
from lib.domain.records import Grids
from lib.domain.rules.schema import S26
from lib.domain.settled import settled
from lib.i18n import N_, T_
from lib.services.audit import COMMAND_REFUSED, OVERRIDE, Audit
from lib.services.history import History
from lib.services.keeper import Keeper
from lib.services.policy import READ_ONLY, Actor
from lib.services.scene import Decision, Refused, Scene
from lib.services.tears import refusal
from lib.services.verdicts import Verdicts
from lib.store.base import StoreError
from lib.store.cellxml import MAX_TEXT, is_text_too_long, storable
from sheets_schema.sheet import Row, Sheet
from sheets_schema.snapshot import Cell

log = logging.getLogger(__name__)
RESTORE_HEADER = N_("在工作簿里恢复工作表和表头后重试")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would do, without doing it (预演): the decision it would meet, its edits, and the workbook judged
    with them, also where they are refused; None where they cannot even be tried."""

    decision: Decision
    edits: tuple[Edit, ...] = ()
    after: Judged | None = None


class Commands:
    """Does what an actor asks for, if policy and rules allow it."""

    def __init__(self, keeper: Keeper, verdicts: Verdicts, audit: Audit | None = None) -> None:
        self.keeper, self.verdicts, self.audit = keeper, verdicts, audit

    def act(
        self,
        actor: Actor,
        action: str,
        make: Callable[[Scene], Sequence[Edit]],
        *,
        rescue: bool = False,
        **told: object,
    ) -> Decision:
        """Do what ``make`` says about the freshest state, whole or not at all. ``told`` goes to the journal too.

        ``rescue``: bring data back even where they break a rule; they are reported like anything typed.
        """
        try:
            with self.keeper.alone() as grids:
                scene = Scene(grids, self.verdicts.of(grids.snapshot), self.keeper.history.mint)
                edits = [_whole(edit, grids) for edit in make(scene)]
                _refuse_lacking(edits, grids)
                _refuse_torn(edits, self.keeper.history, grids, told.get("undoes"))
                changed = apply(grids, edits)
                after = self.verdicts.trial(changed.snapshot)
                _permit(actor, edits, [(grids, scene.judged), (changed, after)])
                notes = () if rescue else _doubts(edits, scene.judged, after)
                if not edits and not told:
                    return Decision(True, T_("没有需要改动的内容"))
                decision = {"allowed": True, "doubts": [note.rule for note in notes]}
                who = {"actor": actor.name, "user": actor.user, "address": actor.address}
                entry = self.keeper.record(edits, changed, action=action, decision=decision, **who, **told)
        except Refused as refused:
            found = refused.decision
            self._note(COMMAND_REFUSED, actor, command=action, rule=found.rule, why=str(found.reason))
            return found
        except StoreError as error:
            return Decision(False, T_("{why}", why=str(error)), remedy=T_("稍后再试；没有任何改动"))
        override = next(filter(None, map(_override, edits)), None)
        if override is not None:
            self._note(OVERRIDE, actor, command=action, entry=entry.seq, why=str(override))
        added = tuple(edit.record for edit in edits if edit.op is Op.ADD)
        return Decision(True, entry=entry.seq, records=added, notes=notes)

    def preview(self, actor: Actor, make: Callable[[Scene], Sequence[Edit]], *, rescue: bool = False) -> Preview:
        """What ``act`` would answer now. Nothing changes and nothing is recorded; an act asks again."""
        edits: list[Edit] = []
        after: Judged | None = None
        try:
            grids = self.keeper.grids
            scene = Scene(grids, self.verdicts.of(grids.snapshot), self.keeper.history.trial_ids())
            edits = [_whole(edit, grids) for edit in make(scene)]
            _refuse_lacking(edits, grids)
            _refuse_torn(edits, self.keeper.history, grids)
            changed = apply(grids, edits)
            after = self.verdicts.trial(changed.snapshot)
            _permit(actor, edits, [(grids, scene.judged), (changed, after)])
            notes = () if rescue else _doubts(edits, scene.judged, after)
        except Refused as refused:
            return Preview(refused.decision, tuple(edits), after)
        except StoreError as error:
            return Preview(Decision(False, T_("{why}", why=str(error)), remedy=T_("稍后再试；没有任何改动")))
        return Preview(Decision(True, notes=notes), tuple(edits), after)

    def _note(self, action: str, actor: Actor, **told: object) -> None:
        log.info("%s: %s %s", action, actor.name, told)
        if self.audit is not None:
            self.audit.note(action, actor.user or actor.name, actor.address, **told)


def _override(edit: Edit) -> Cell:
    """The reason given for passing over a step's conditions (越序理由), when an edit gives one."""
    return edit.new if edit.column == "override" else edit.values.get("override") if edit.op is Op.ADD else None


def _whole(edit: Edit, grids: Grids) -> Edit:
    """The edit as it will stand; one that removes a record with all that stands in it, whatever it said of that.
    Raises ``Refused`` when a cell could not hold it."""
    if edit.op is not Op.REMOVE:
        sheet = grids.called[edit.sheet]
        values = {name: _kept(sheet, name, cell) for name, cell in edit.values.items()}
        return replace(edit, new=_kept(sheet, edit.column, edit.new), values=values)
    found = grids[edit.sheet].record(edit.record) if edit.sheet in grids else None
    return edit if found is None else replace(edit, values=found)


def _kept(sheet: Sheet, name: str, cell: Cell) -> Cell:
    """What stands in a cell that is given this: the workbook would else never say the same as what is held."""
    if not isinstance(cell, str):
        return cell
    if is_text_too_long(cell):
        label = sheet.header_of(name)
        raise Refused(
            T_("“{label}”有 {n} 个字，一个单元格最多放 {limit} 个", label=label, n=len(cell), limit=MAX_TEXT),
            T_("精简文字，把全文放到附件并填写链接"),
        )
    return storable(cell)


def _refuse_torn(edits: Sequence[Edit], history: History, held: Grids, closes: object = None) -> None:
    """Raises ``Refused`` when a sheet is frozen by a partial sort, unless it is what the command takes back."""
    why = refusal(history, edits, held, closes)
    if why is not None:
        raise Refused(*why, rule=S26.id, clause=SHEET_CONVENTION)


def _refuse_lacking(edits: Sequence[Edit], grids: Grids) -> None:
    """Raises ``Refused`` when the workbook has no such sheet or column now: the change would have nowhere to stand."""
    for edit in edits:
        sheet, grid = grids.called[edit.sheet], grids.get(edit.sheet)
        if grid is None or not grid.has_ids:
            raise Refused(
                T_("工作簿里没有“{sheet_label}”，或它缺了“编号”列", sheet_label=sheet.label), T_(RESTORE_HEADER)
            )
        names = (edit.column,) if edit.op is Op.SET else tuple(edit.values) if edit.op is Op.ADD else ()
        lacking = next((name for name in names if not name or name not in grid.columns), None)
        if lacking is not None:
            label = sheet.header_of(lacking)
            raise Refused(
                T_("“{sheet_label}”里没有“{label}”这一列", sheet_label=sheet.label, label=label), T_(RESTORE_HEADER)
            )


def _permit(actor: Actor, edits: Sequence[Edit], states: Sequence[tuple[Grids, Judged]]) -> None:
    """Raises ``Refused`` unless the actor may make every edit, judged by whose the record is and would become."""
    if not actor.may_write:
        raise Refused(T_(READ_ONLY), T_("请用有权限的账号登录"))
    for edit in edits:
        for owners, is_settled in [(NOBODY, False)] if actor.is_centre else _standings(edit, states):
            reason = actor.refusal(edit, owners, settled=is_settled)
            if reason is not None:
                raise Refused(reason, T_("请办公室办理，或改用有权限的账号"))


def _doubts(edits: Sequence[Edit], before: Judged, after: Judged) -> tuple[Finding, ...]:
    """The doubts that edits raise. Raises ``Refused`` when they break a rule; what was wrong before is no hindrance."""
    fresh = fresh_findings(before, after)
    touched = {edit.record for edit in edits}
    errors = [finding for finding in fresh if finding.severity is Severity.ERROR]
    if errors:
        first = min(errors, key=lambda finding: finding.record not in touched)
        raise Refused(first.message, first.remedy, first.rule, first.clause)
    return tuple(finding for finding in fresh if finding.record in touched)


def fresh_findings(before: Judged, after: Judged) -> list[Finding]:
    """What is found in a state that was not found in the one before it, a finding told twice counting twice."""
    same = {id(finding) for finding in before.findings} & {id(finding) for finding in after.findings}
    known = Counter(_kind_of(finding) for finding in before.findings if id(finding) not in same)
    fresh: list[Finding] = []
    for finding in (finding for finding in after.findings if id(finding) not in same):
        known[_kind_of(finding)] -= 1
        if known[_kind_of(finding)] < 0:
            fresh.append(finding)
    return fresh


def _kind_of(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.sheet, finding.record, str(finding.message)


def _standings(edit: Edit, states: Sequence[tuple[Grids, Judged]]) -> list[tuple[frozenset[str], bool]]:
    """Which units may write the record an edit touches, as it was and as it would be; and whether it was settled.

    What is settled was so before: what the act brings about binds those who come after it.
    """
    before = states[0][1].world
    rows = [(_row_of(edit, *state), state[1].world) for state in states]
    found = [(writers(row, world, edit.column), settled(row, before)) for row, world in rows if row is not None]
    return found or [(NOBODY, False)]


def _row_of(edit: Edit, grids: Grids, judged: Judged) -> Row | None:
    """The record an edit touches, also one without effect; None where there is none such."""
    at = grids[edit.sheet].rows.get(edit.record) if edit.sheet in grids else None
    return judged.parsed[edit.sheet].record(at + 1) if at is not None and edit.sheet in judged.parsed else None
