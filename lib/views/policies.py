"""配套政策: the plan's areas with the units that owe them, each at its stage, typed yet or not (二（三）, 四（七）)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib.domain.due import awaits_nation
from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.services.work_policies import next_stage
from lib.views.prepared import prepared
from lib.views.words import light, state_word
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey
from sheets_schema.reports import Policy
from sheets_schema.workbook import IDLE_STAGE


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One owner's policy in one area on the as-of day. ``id``: ``Z1:市编办``, also where nobody typed it yet;
    ``record``: its row in the sheet; ``next``: the stage that follows."""

    id: str
    record: str
    area: str
    owner: str
    national: str
    form: str
    state: StateKey
    mark: str
    stage: str
    steps: str
    on: str
    reason: str
    title: str
    number: str
    issued: str
    due: str
    next: str | None
    link: str
    sorts: tuple[str, ...]
    """What it is counted as: running, issued, overdue."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything 配套政策 shows: figures of the whole city, and the policies of a sight."""

    expected: int
    issued: int
    running: int
    idle: int
    awaiting: int
    overdue: int
    lines: tuple[PolicyLine, ...]

    def where(
        self, state: str, stage: str | None, area: str | None, unit: str | None, text: str
    ) -> tuple[PolicyLine, ...]:
        """The policies that fit."""
        sought = key(text)
        return tuple(
            line
            for line in self.lines
            if state in ("all", *line.sorts)
            and stage in (None, line.stage)
            and area in (None, line.area)
            and unit in (None, line.owner)
            and sought in key("\n".join((line.area, line.owner, line.title, line.number, line.national, line.reason)))
        )


def policies(ledger: Ledger, sight: Sight) -> Policies:
    """The view model of 配套政策."""
    if of_units(sight) != sight:
        return prepared(policies, ledger, of_units(sight))
    rows = {(row.area, row.owner): row for row in ledger.world.rows(Policy)}
    who = ledger.world.who
    listed = [(area.title, who(owner)) for area in ledger.plan.policies.areas for owner in area.owners]
    lines = [_line(area, owner, rows.get((area, owner)), ledger) for area, owner in dict.fromkeys([*listed, *rows])]
    return Policies(
        len(lines), _count(lines, "issued"), _count(lines, "running"), sum(line.stage == IDLE_STAGE for line in lines),
        sum(line.stage == ledger.plan.policies.waiting_national for line in lines),
        _count(lines, "overdue"),
        tuple(line for line in lines if sight.shows(line.owner)),
    )  # fmt: skip


def verbs(plan: Plan) -> tuple[str, ...]:
    """The stages of a policy, in order."""
    return tuple(step.verb for step in plan.kinds[plan.policies.document].steps)


def _line(area: str, owner: str, row: Policy | None, ledger: Ledger) -> PolicyLine:
    plan = ledger.plan
    stage = _stage(row, ledger)
    state = _state(area, owner, row, stage, ledger)
    declared = next((a for a in plan.policies.areas if a.title == area), None)
    phase = plan.phase_by_id.get(plan.kinds[plan.policies.document].phase or "")
    due = next((p.due for p in ledger.phases if phase and p.phase.id == phase.id), None)
    mark = state_word(plan, state)
    if stage == plan.policies.waiting_national:
        mark = f"{light(plan, state).shape} {_(stage)}"
    return PolicyLine(
        f"{declared.id if declared else area}:{owner}", row.id if row else "", area, owner,
        (row.national_document if row else None) or (declared.national_document if declared else ""),
        (row.form if row else None) or "", state, mark, stage,
        _steps(stage, plan), _text(row.stage_on if row else None, ledger),
        (row.reason if row else None) or "", (row.title if row else None) or "", (row.number if row else None) or "",
        _text(row.issued_on if row else None, ledger), str(due or ""), next_stage(plan, stage),
        (row.link if row else None) or "", _sorts(state, stage, plan),
    )  # fmt: skip


def _sorts(state: StateKey, stage: str, plan: Plan) -> tuple[str, ...]:
    found = {
        "running": stage in verbs(plan)[:-1], "issued": state is StateKey.DONE, "overdue": state is StateKey.OVERDUE,
    }  # fmt: skip
    return tuple(sort for sort, is_so in found.items() if is_so)


def _count(lines: list[PolicyLine], sort: str) -> int:
    return sum(sort in line.sorts for line in lines)


def _stage(row: Policy | None, ledger: Ledger) -> str:
    """The stage as of the day: one entered later is not there yet, and which one was before it nobody recorded."""
    if row is None or (row.stage_on is not None and row.stage_on > ledger.as_of):
        return IDLE_STAGE
    return row.stage


def _state(area: str, owner: str, row: Policy | None, stage: str, ledger: Ledger) -> StateKey:
    """Issued, overdue or near as the ledger has it; waiting for the nation is amber and never late."""
    if stage == verbs(ledger.plan)[-1] and row and row.issued_on and row.issued_on <= ledger.as_of:
        return StateKey.DONE
    if row is not None and awaits_nation(row, ledger.plan, ledger.as_of):
        return StateKey.BEHIND
    dues = (due for due in ledger.dues if due.sheet == "policies" and (due.owner, due.unit) == (area, owner))
    found = next(dues, None)
    if found is not None:
        return found.state
    return StateKey.IDLE if stage == IDLE_STAGE else StateKey.RUNNING


def _steps(stage: str, plan: Plan) -> str:
    """``✓ 起草 → ● 征求意见 → ○ 审定``; the stage a policy is at is the one being done, the last one is done."""
    stages, shapes = verbs(plan), plan.lights.by_state
    at = stages.index(stage) if stage in stages else -1
    done = at + (at == len(stages) - 1)
    states = [StateKey.DONE if n < done else StateKey.RUNNING if n == at else StateKey.IDLE for n in range(len(stages))]
    return " → ".join(f"{shapes[state].shape} {_(verb)}" for state, verb in zip(states, stages, strict=True))


def _text(on: date | None, ledger: Ledger) -> str:
    return str(on) if on is not None and on <= ledger.as_of else ""
