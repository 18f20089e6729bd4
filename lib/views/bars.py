"""What the charts of 总览 show: a bar for each phase, each unit's quota and each separation, a mark for each report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from lib.domain.ledger import Ledger
from lib.domain.pilots import Tally
from lib.domain.quota import VERDICT_WORDS, UnitQuota, Verdict
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.words import day, light, share, state_word
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey

VERDICT_STATES = {
    Verdict.SHORT: StateKey.OVERDUE,
    Verdict.EXPLAIN: StateKey.BEHIND,
    Verdict.MET: StateKey.DONE,
    Verdict.ABOVE: StateKey.DONE,
    Verdict.VOLUNTARY: StateKey.RUNNING,
    Verdict.NONE: StateKey.IDLE,
}
"""How a quota stands → its state, for shape and colour."""
REPORT_WORDS = {
    "on_time": (N_("按期"), StateKey.DONE),
    "late": (N_("迟报"), StateKey.BEHIND),
    "missing": (N_("未报"), StateKey.OVERDUE),
    "open": (N_("未到期"), StateKey.IDLE),
}
"""How a report stands → its word and its state."""


@dataclass(frozen=True, slots=True)
class PhaseBar:
    """A phase for the Gantt; ``is_assumed`` when the plan names no start or no time limit."""

    label: str
    start: date
    end: date
    is_assumed: bool
    state: str
    colour: str
    progress: str
    due: str


@dataclass(frozen=True, slots=True)
class QuotaBar:
    """A unit's quota for the chart and its table."""

    unit: str
    count: str
    floor: int
    expected: int
    recommended: int
    selected: int
    verdict: str
    colour: str


@dataclass(frozen=True, slots=True)
class SeparationBar:
    """One separation over all pilots."""

    label: str
    done: int
    open: int
    total: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class ReportMark:
    """A unit's report for a period, as shape, word and colour."""

    unit: str
    period: str
    state: str
    shape: str
    colour: str
    detail: str


def phase_bars(ledger: Ledger) -> tuple[PhaseBar, ...]:
    """Every phase; one without a start begins with the plan's window or the first phase, whichever is earlier, one
    without a time limit goes on to the end of the batch."""
    plan = ledger.plan
    first = min((p.phase.start for p in ledger.phases if p.phase.start), default=ledger.as_of)
    earliest = min(filter(None, (plan.window_start, first)))
    named = [on for p in ledger.phases for on in (p.phase.start, p.due)]
    latest = max(filter(None, (*named, plan.window_end, ledger.as_of)))
    bars = []
    for phase in ledger.phases:
        mark = light(plan, phase.state)
        bars.append(
            PhaseBar(
                f"{phase.phase.id} {_(phase.phase.title)}", phase.phase.start or earliest, phase.due or latest,
                phase.phase.start is None or phase.due is None, state_word(plan, phase.state), mark.colour,
                share(phase.done, phase.total), day(phase.due),
            )
        )  # fmt: skip
    return tuple(bars)


def quota_bars(ledger: Ledger, sight: Sight) -> tuple[QuotaBar, ...]:
    """The quota of every unit a sight takes in."""
    bars = []
    for quota in (quota for quota in ledger.quotas if sight.shows(quota.unit)):
        colour = light(ledger.plan, VERDICT_STATES[quota.verdict]).colour
        bars.append(
            QuotaBar(
                _(quota.unit), count_text(quota), quota.floor, quota.expected, quota.recommended, quota.selected,
                verdict_text(quota, ledger.plan), colour,
            )
        )  # fmt: skip
    return tuple(bars)


def count_text(quota: UnitQuota) -> str:
    """N now and, where it differs, N when the list was submitted."""
    if quota.frozen is None or quota.frozen == quota.count:
        return str(quota.count)
    return _("{n}（报送时 {frozen}）", n=quota.count, frozen=quota.frozen)


def verdict_text(quota: UnitQuota, plan: Plan) -> str:
    """How a unit's quota stands, as shape and word."""
    return f"{light(plan, VERDICT_STATES[quota.verdict]).shape} {_(VERDICT_WORDS[quota.verdict])}"


def separation_bars(ledger: Ledger) -> tuple[SeparationBar, ...]:
    """Every separation over all pilots."""
    sums: dict[str, Tally] = defaultdict(Tally)
    for pilot in ledger.pilots:
        for part, tally in pilot.by_separation.items():
            sums[part] = sums[part].plus(tally)
    return tuple(
        SeparationBar(f"{part.id} {_(part.title)}", t.done, t.total - t.done, t.total, t.not_applicable)
        for part in ledger.plan.checklist.separations
        for t in (sums[part.id],)
    )


def report_marks(ledger: Ledger, sight: Sight) -> tuple[ReportMark, ...]:
    """Every report of the units a sight takes in, for the periods that have begun."""
    marks = []
    for cell in (cell for cell in ledger.reports if sight.shows(cell.unit)):
        word, state = REPORT_WORDS[cell.state]
        mark = light(ledger.plan, state)
        detail = (
            _("{day} 报送", day=day(cell.submitted_on))
            if cell.submitted_on
            else _("应于 {day} 前", day=day(cell.period.due))
        )
        marks.append(ReportMark(_(cell.unit), _(cell.period.title), _(word), mark.shape, mark.colour, detail))
    return tuple(marks)
