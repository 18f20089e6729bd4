"""What is owed now (期限): documents, checklist items, reports and policies not done, near, late or waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lib.domain.chains import ChainState
from lib.domain.pilots import Pilot
from lib.domain.quota import UnitQuota
from lib.domain.terms import Terms
from lib.domain.world import World
from lib.i18n import T_, Text
from sheets_schema.plan import Deliverable, Phase, Plan, RoleKey
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_work import ReportPeriod, StateKey
from sheets_schema.reports import Policy, Report
from sheets_schema.tasks import Task


class Due(NamedTuple):
    """One thing owed: what, by which unit, by when, and its state. ``days_left`` is negative when late."""

    what: Text
    unit: str
    owner: str
    clause: str
    due: date
    days_left: int
    state: StateKey
    sheet: str
    record: str = ""
    document_kind: str = ""
    verb: str = ""
    task: Task | None = None


class Subject(NamedTuple):
    """One document a phase expects: whose, which unit answers for it, and its chain if there is one."""

    owner: str
    unit: str
    chain: ChainState | None
    done_on: date | None
    city_done_on: date | None = None
    """The day the city had done its part: handed up, where a superior decides in the end; else the day it was done."""
    held_up: str = ""
    """Why nothing can be done about it yet, where that is a legal state: the national document is not out, 二（三）."""


@dataclass(frozen=True, slots=True)
class ReportCell:
    """One unit's report for one period on the as-of day."""

    unit: str
    period: ReportPeriod
    submitted_on: date | None
    row: int | None
    as_of: date

    @property
    def days_late(self) -> int:
        """Days after the due date that it came; 0 when in time or not filed."""
        if self.submitted_on is None or self.period.due is None:
            return 0
        return max(0, (self.submitted_on - self.period.due).days)

    @property
    def is_missing(self) -> bool:
        """Overdue and not filed."""
        return self.submitted_on is None and self.period.due is not None and self.as_of > self.period.due

    @property
    def state(self) -> str:
        """on_time, late, missing, or open (not due yet)."""
        if self.submitted_on:
            return "late" if self.days_late else "on_time"
        return "missing" if self.is_missing else "open"


def state_of(due: date | None, as_of: date, near_days: int) -> StateKey:
    """Overdue, near or running, by the calendar alone. The due day itself is in time."""
    if due is None or (due - as_of).days > near_days:
        return StateKey.RUNNING
    return StateKey.OVERDUE if as_of > due else StateKey.NEAR


def subjects(
    kind: DocumentKind,
    until: str,
    world: World,
    chains: Sequence[ChainState],
    pilots: Sequence[Pilot],
    quotas: Sequence[UnitQuota],
    as_of: date,
) -> list[Subject]:
    """Every document of a kind that the plan expects on the day, whether it exists or not."""
    of_kind = [chain for chain in chains if chain.kind is kind]
    if kind.tracked_in == "policies":
        return _policy_subjects(world, until, as_of)
    if kind.per is Scope.ONCE:
        lead = _lead(kind, world)
        return [_subject(kind.kind, lead, of_kind[0] if of_kind else None, until)]
    if kind.per is Scope.PILOT:
        by_pilot = {c.document.association: c for c in of_kind}
        return [_subject(p.name, p.unit, by_pilot.get(p.id), until) for p in pilots]
    by_unit = {c.document.unit: c for c in of_kind}
    if kind.per is Scope.SUPERVISOR:
        owing = [q.unit for q in quotas if q.expected or q.recommended or q.unit in by_unit]
        return [_subject(unit, unit, by_unit.get(unit), until) for unit in owing]
    if kind.per is Scope.UNIT:
        member = world.plan.role(RoleKey.MEMBER)
        return [_subject(u, u, by_unit.get(u), until) for u in world.units if member in world.roles_of(u)]
    return [_subject(c.document.period or c.document.area or "", c.document.unit or "", c, until) for c in of_kind]


def _lead(kind: DocumentKind, world: World) -> str:
    phase = world.plan.phase_by_id.get(kind.phase or "")
    return phase.leads[0] if phase else kind.steps[0].actors[0]


def _subject(owner: str, unit: str, chain: ChainState | None, until: str) -> Subject:
    done_on = chain.passed_on(until) if chain else None
    handed_up = chain.handed_up_on if chain else None
    return Subject(owner, unit, chain, done_on, handed_up or done_on)


def _policy_subjects(world: World, until: str, as_of: date) -> list[Subject]:
    rows = {(p.area, p.owner): p for p in world.rows(Policy)}
    listed = [(area.title, world.who(owner)) for area in world.plan.policies.areas for owner in area.owners]
    found = []
    for area, owner in dict.fromkeys([*listed, *rows]):
        row = rows.get((area, owner))
        on = row.issued_on if row and row.stage == until else None
        held_up = row.stage if row and awaits_nation(row, world.plan, as_of) else ""
        found.append(Subject(area, owner, None, on if on and on <= as_of else None, on, held_up))
    return found


def awaits_nation(policy: Policy, plan: Plan, as_of: date) -> bool:
    """Whether a policy waits, with its reason, for the national document it is to follow, 二（三）."""
    since = policy.stage_on or as_of
    return policy.stage == plan.policies.waiting_national and bool(policy.reason) and since <= as_of


def reporting_units(world: World, pilots: Sequence[Pilot]) -> list[str]:
    """The units that owe a report each period: those of that role, and those with pilots."""
    reporter, with_pilots = world.plan.role(RoleKey.REPORTER), {pilot.unit for pilot in pilots}
    return [unit for unit in world.units if reporter in world.roles_of(unit) or unit in with_pilots]


def report_cells(world: World, pilots: Sequence[Pilot], as_of: date) -> tuple[ReportCell, ...]:
    """The grid of units × periods: every reporting unit, every period that has begun."""
    filed = {(r.unit, r.period): r for r in world.rows(Report) if r.submitted_on <= as_of}
    cells = []
    for unit in reporting_units(world, pilots):
        for period in world.plan.cadence.periods:
            if period.start is not None and period.start > as_of:
                continue
            report = filed.get((unit, period.id))
            cells.append(
                ReportCell(unit, period, report.submitted_on if report else None, report.row if report else None, as_of)
            )
    return tuple(cells)


def document_dues(
    phase: Phase, deliverable: Deliverable, found: Sequence[Subject], terms: Terms, as_of: date
) -> Iterator[Due]:
    """What is still owed of one deliverable, one entry for each owner."""
    plan = terms.world.plan
    kind = plan.kinds[deliverable.document]
    for subject in found:
        document = subject.chain.document if subject.chain else None
        due = terms.of_part(phase, deliverable, document)
        if due is None or subject.done_on:
            continue
        state = state_of(due, as_of, plan.lights.near_days)
        if subject.chain and subject.chain.waiting_superior:
            state = StateKey.WAITING
        what = T_("{owner}：{kind}“{verb}”", owner=subject.owner, kind=kind.kind, verb=deliverable.until)
        if subject.held_up and state is not StateKey.RUNNING:
            state, what = StateKey.BEHIND, T_("{what}（{why}）", what=what, why=subject.held_up)
        yield Due(
            what,
            subject.unit, subject.owner, phase.clause, due, (due - as_of).days, state,
            "policies" if kind.tracked_in == "policies" else "documents",
            document.id if document else "", kind.kind, deliverable.until,
        )  # fmt: skip


def task_dues(pilots: Sequence[Pilot], terms: Terms, as_of: date) -> Iterator[Due]:
    """Checklist items not done that are due soon or late."""
    plan = terms.world.plan
    items, near = plan.checklist.items, plan.lights.near_days
    for pilot, task in ((p, soon) for p in pilots for soon in p.work.soon):
        due = terms.of_task(task)
        if due is None or (due - as_of).days > near:
            continue
        title = items[task.item][1].title
        yield Due(
            T_("{owner}：{item} {title}", owner=pilot.name, item=task.item, title=title),
            pilot.unit, pilot.name, plan.checklist.clause, due, (due - as_of).days,
            state_of(due, as_of, near), "tasks", task.id, task=task,
        )  # fmt: skip


def report_dues(cells: Sequence[ReportCell], world: World, as_of: date) -> Iterator[Due]:
    """Reports not filed that are due soon or late."""
    near = world.plan.lights.near_days
    for cell in cells:
        due = cell.period.due
        if cell.submitted_on or due is None or (due - as_of).days > near:
            continue
        yield Due(
            T_("{period}报告", period=cell.period.title),
            cell.unit, cell.unit, world.plan.cadence.clause, due, (due - as_of).days,
            state_of(due, as_of, near), "reports", cell.period.id,
        )  # fmt: skip
