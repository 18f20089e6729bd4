"""The Ledger (台账): what is in force as of a day, and every figure the pages, exports and the CLI show. Immutable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from lib.domain.chains import ChainState
from lib.domain.due import (
    Due,
    ReportCell,
    Subject,
    document_dues,
    report_cells,
    report_dues,
    state_of,
    subjects,
    task_dues,
)
from lib.domain.findings import CHECKS, Finding, Severity
from lib.domain.judge import Judged, located
from lib.domain.pilots import BurnUp, Pilot, Tally, burn_up, pilots
from lib.domain.quota import UnitQuota, list_kind, unit_quotas
from lib.domain.replays import chains_as_of
from lib.domain.terms import terms_of
from lib.domain.world import World
from sheets_schema.plan import Deliverable, Phase, Plan
from sheets_schema.plan_work import StateKey


@dataclass(frozen=True, slots=True)
class DeliverableState:
    """How far a deliverable is: ``done`` of ``total`` expected documents, of which ``waiting`` lie above the city."""

    deliverable: Deliverable
    done: int
    total: int
    waiting: int
    started: bool
    last_done: date | None
    city_done: date | None
    """The last day on which the city did its part of a document; what happened above it is not its delay."""


@dataclass(frozen=True, slots=True)
class PhaseState:
    """A phase on the as-of day. ``due`` includes an extension granted; ``done_on`` is set once it is complete."""

    phase: Phase
    state: StateKey
    due: date | None
    done: int
    total: int
    waiting: int
    done_on: date | None
    city_done_on: date | None
    share: float
    deliverables: tuple[DeliverableState, ...]

    @property
    def days_late(self) -> int | None:
        """Days by which the city was late with a phase that is done or waits above it (0: in time); else None."""
        return max(0, (self.city_done_on - self.due).days) if self.city_done_on and self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Every figure as of a day; the figure checks read them."""

    plan: Plan
    revision: str
    today: date
    as_of: date
    world: World
    chains: tuple[ChainState, ...]
    quotas: tuple[UnitQuota, ...]
    pilots: tuple[Pilot, ...]
    reports: tuple[ReportCell, ...]
    phases: tuple[PhaseState, ...]
    dues: tuple[Due, ...]

    @property
    def quota_is_due(self) -> bool:
        """Whether the phase that asks for recommendations is over."""
        kind = list_kind(self.plan)
        phase = self.plan.phase_by_id.get(kind.phase or "") if kind else None
        return bool(phase and phase.due and self.as_of > phase.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger(Figures):
    """The figures with the findings they lead to, the burn-up, and how many rows were left out."""

    burn_up: BurnUp
    findings: tuple[Finding, ...]
    total_rows: int
    left_out: int
    is_sample: bool

    @property
    def overdue(self) -> list[Due]:
        """What is late, the longest first."""
        return [due for due in self.dues if due.state is StateKey.OVERDUE]

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def tally(self) -> Tally:
        """The checklist of all pilots together."""
        total = Tally()
        for pilot in self.pilots:
            total = total.plus(pilot.tally)
        return total


def derive(judged: Judged, as_of: date) -> Ledger:
    """The ledger of a judged workbook as of a day. Pure; costs a few milliseconds for each 10,000 rows."""
    world, plan = judged.world, judged.plan
    chains = chains_as_of(world, as_of)
    quotas = unit_quotas(world, chains, as_of)
    found = pilots(world, chains, as_of)
    terms = terms_of(world, as_of)
    reports = report_cells(world, found, as_of)
    phases: list[PhaseState] = []
    dues: list[Due] = []
    for phase in plan.phases:
        states = []
        for deliverable in phase.deliverables:
            kind = plan.kinds[deliverable.document]
            expected = subjects(kind, deliverable.until, world, chains, found, quotas, as_of)
            states.append(_deliverable(deliverable, expected))
            dues += document_dues(phase, deliverable, expected, terms, as_of)
        phases.append(_phase(phase, tuple(states), terms.of_phase(phase), found, as_of, plan))
    dues += task_dues(found, terms, as_of)
    dues += report_dues(reports, world, as_of)
    shown = {StateKey.OVERDUE, StateKey.NEAR, StateKey.BEHIND, StateKey.WAITING}
    listed = tuple(sorted((d for d in dues if d.state in shown), key=lambda d: (d.due, d.unit, d.owner)))
    figures = Figures(
        plan=plan, revision=judged.revision, today=judged.today, as_of=as_of, world=world, chains=chains,
        quotas=quotas, pilots=found, reports=reports, phases=tuple(phases), dues=listed,
    )  # fmt: skip
    findings = judged.findings + tuple(_figure_findings(figures, judged))
    return Ledger(
        **{field.name: getattr(figures, field.name) for field in fields(Figures)},
        burn_up=burn_up(found, plan, as_of),
        findings=tuple(sorted(findings, key=_finding_order)),
        total_rows=judged.total_rows,
        left_out=judged.left_out,
        is_sample=judged.meta.get("sample") == "yes",
    )


_SEVERITY_ORDER = {severity: n for n, severity in enumerate(Severity)}


def _finding_order(finding: Finding) -> tuple[int, str, int, str]:
    return _SEVERITY_ORDER[finding.severity], finding.sheet, finding.row or 0, finding.rule


def _figure_findings(figures: Figures, judged: Judged) -> Iterable[Finding]:
    for check in CHECKS:
        if check.sheet is None:
            for hit in check.run(figures):
                yield located(hit, judged.parsed[hit.sheet], figures.world)


def _deliverable(deliverable: Deliverable, expected: list[Subject]) -> DeliverableState:
    done = [subject.done_on for subject in expected if subject.done_on]
    waiting = sum(bool(s.chain and s.chain.waiting_superior) for s in expected)
    started = bool(done) or any(s.chain and s.chain.acts for s in expected)
    city = [subject.city_done_on for subject in expected if subject.city_done_on]
    return DeliverableState(
        deliverable, len(done), len(expected), waiting, started, max(done, default=None), max(city, default=None)
    )


def _phase(
    phase: Phase,
    states: tuple[DeliverableState, ...],
    due: date | None,
    found: tuple[Pilot, ...],
    as_of: date,
    plan: Plan,
) -> PhaseState:
    done, total, waiting = (sum(getattr(s, name) for s in states) for name in ("done", "total", "waiting"))
    items = Tally()
    for pilot in found if phase.executes_checklist else ():
        items = items.plus(pilot.tally)
    share = items.share if phase.executes_checklist else done / total if total else 0.0
    started = any(s.started for s in states) or items.done > 0
    complete = total > 0 and done == total
    state = _phase_state(phase, due, complete, waiting == total - done > 0, started, share, as_of, plan)
    last = max((s.last_done for s in states if s.last_done), default=None) if complete else None
    settled = complete or state is StateKey.WAITING
    city = max((s.city_done for s in states if s.city_done), default=None) if settled else None
    return PhaseState(phase, state, due, done, total, waiting, last, city, share, states)


def _phase_state(
    phase: Phase,
    due: date | None,
    complete: bool,
    all_waiting: bool,
    started: bool,
    share: float,
    as_of: date,
    plan: Plan,
) -> StateKey:
    if complete:
        return StateKey.DONE
    if all_waiting:
        return StateKey.WAITING
    begun = started or (phase.start is not None and phase.start <= as_of)
    by_calendar = state_of(due, as_of, plan.lights.near_days)
    if by_calendar is not StateKey.RUNNING:
        return by_calendar
    if not begun:
        return StateKey.IDLE
    if phase.start and due and due > phase.start:
        elapsed = (as_of - phase.start).days / (due - phase.start).days
        if elapsed - share > plan.lights.behind_share:
            return StateKey.BEHIND
    return StateKey.RUNNING
