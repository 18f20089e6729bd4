"""考核 (scorecard), 五（三）: each unit's points over a period, computed from records and never typed.

A measure gives ``weight × n / of`` points; ``of`` 0 means that nothing was due and its weight is left out. Everything
is as it was known at the period's end: what was done, granted or settled later does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lib.domain.due import report_cells
from lib.domain.findings import CATALOGUE, CHECKS, Severity
from lib.domain.ledger import Ledger
from lib.domain.owed import Owed, owed
from lib.domain.owners import answering
from lib.domain.pilots import pilots
from lib.domain.replays import chains_as_of
from lib.domain.world import World
from lib.i18n import T_, Text
from sheets_schema.coordination import Extension, Grant, Problem, ProblemKind
from sheets_schema.documents import Approval, Result
from sheets_schema.plan_work import ScoreWeight
from sheets_schema.sheet import Row
from sheets_schema.workbook import PEOPLE

WHOLE = 100
"""A card with every point."""
NECESSARY = ("tasks_on_time", "reports_on_time")
"""Measures of what was due: where none of those a plan weighs had anything, there is no score."""


class Period(NamedTuple):
    """From a day to a day, both within it."""

    start: date
    end: date

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.start <= day <= self.end


class Point(NamedTuple):
    """One record that made a measure: where it stands, what it is, why it counts as ``good`` or not."""

    sheet: str
    record: str
    what: Text
    why: Text
    good: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of one unit: ``n`` good ones of ``of``, and the records that made it."""

    weight: ScoreWeight
    n: int = 0
    of: int = 0
    points: tuple[Point, ...] = ()

    @property
    def score(self) -> float | None:
        """Points of at most its weight; None when there was nothing to measure."""
        return self.weight.weight * self.n / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Card:
    """One unit's card: its measures in the plan's order."""

    unit: str
    measures: tuple[Measure, ...]

    @property
    def total(self) -> float | None:
        """0 to 100 over the measures that had something to measure; None when nothing was due in the period."""
        needed = [m for m in self.measures if m.weight.measure in NECESSARY] or self.measures
        if not any(m.of for m in needed):
            return None
        scores = [(m.score, m.weight.weight) for m in self.measures if m.score is not None]
        return WHOLE * sum(score for score, _weight in scores) / sum(weight for _score, weight in scores)

    def late(self) -> list[Point]:
        """What was due in the period and not done in time."""
        return [p for m in self.measures if m.weight.measure in NECESSARY for p in m.points if not p.good]


class _Tally(NamedTuple):
    n: int
    of: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    ledger: Ledger
    period: Period
    owed: tuple[Owed, ...]

    @property
    def world(self) -> World:
        return self.ledger.world

    def is_judged(self, due: date, done_on: date | None) -> bool:
        """Whether a due day of the period can be judged: it is over, or the work was done before."""
        return self.period.holds(due) and (done_on is not None or due < self.ledger.as_of)


def scorecard(ledger: Ledger, period: Period) -> tuple[Card, ...]:
    """A card for every unit, in the order of the sheet. A period that ends after the as-of day ends with it."""
    until = Period(period.start, min(period.end, ledger.as_of))
    facts = _Facts(ledger, until, tuple(owed(ledger.world, until.end)))
    found = {weight.measure: _MEASURES[weight.measure](facts) for weight in ledger.plan.scorecard.weights}
    nothing = _Tally(0, 0, ())
    return tuple(
        Card(
            unit, tuple(Measure(w, *found[w.measure].get(unit, nothing)) for w in ledger.plan.scorecard.weights)
        )
        for unit in ledger.world.units
    )  # fmt: skip


def _tallied(points: Iterable[tuple[str, Point]]) -> dict[str, _Tally]:
    by_unit: dict[str, list[Point]] = defaultdict(list)
    for unit, point in points:
        by_unit[unit].append(point)
    return {
        unit: _Tally(sum(p.good for p in held), len(held), tuple(sorted(held, key=lambda p: p.good)))
        for unit, held in by_unit.items()
    }


def tasks_on_time(facts: _Facts) -> dict[str, _Tally]:
    """Checklist items, documents and policies due in the period (extensions included) and done by that day / those due.

    For a document that a body above the city decides on, done is the day it was handed up. Left out: what does not
    apply, policies that wait for the nation's, and what is due today and still open.
    """
    return _tallied(
        (o.unit, Point(o.sheet, o.record, o.what, _timing(o.done_on, o.due), o.in_time))
        for o in facts.owed
        if facts.is_judged(o.due, o.done_on)
    )


def reports_on_time(facts: _Facts) -> dict[str, _Tally]:
    """Periodic reports due in the period and filed by that day / those due."""
    world, end = facts.world, facts.period.end
    cells = report_cells(world, pilots(world, chains_as_of(world, end), end), end)
    return _tallied(
        (
            cell.unit,
            Point(
                "reports", "", T_("{period}报告", period=cell.period.title), _timing(cell.submitted_on, due),
                cell.submitted_on is not None and not cell.days_late,
            ),
        )
        for cell in cells
        if (due := cell.period.due) is not None and facts.is_judged(due, cell.submitted_on)
    )  # fmt: skip


def documents_returned(facts: _Facts) -> dict[str, _Tally]:
    """1 − returned / submitted: of the rounds in which a document of the unit was submitted or returned in the period,
    those not returned in it."""
    return _tallied(_rounds(facts))


def _rounds(facts: _Facts) -> Iterator[tuple[str, Point]]:
    documents, plan = facts.world.documents, facts.ledger.plan
    rounds: dict[tuple[str, int], list[Approval]] = defaultdict(list)
    for act in facts.world.rows(Approval):
        document = documents.get(act.document)
        if document and plan.kinds[document.kind].ordinals.get(act.verb, 0) and facts.period.holds(_day(act, facts)):
            rounds[act.document, act.round].append(act)
    for (name, number), acts in rounds.items():
        back = next((act for act in acts if act.result is Result.RETURNED and facts.period.holds(act.decided_on)), None)
        why = T_("{on} 退回", on=back.decided_on) if back else T_("第 {n} 轮未退回", n=number)
        for unit in answering(documents[name], facts.world):
            what = T_("{kind}“{verb}”", kind=documents[name].kind, verb=(back or acts[-1]).verb)
            yield unit, Point("documents", name, what, why, back is None)


def _day(act: Approval, facts: _Facts) -> date | None:
    """The day of an act as known at the period's end: decided, else submitted."""
    decided = act.decided_on if act.decided_on and act.decided_on <= facts.period.end else None
    return decided or act.submitted_on


def extensions(facts: _Facts) -> dict[str, _Tally]:
    """1 − granted / due: of the things due in the period before any extension, those without one granted by its end.

    An extension of a whole phase counts for the unit that asked for it.
    """
    granted = {
        (row.target, row.unit if row.target in facts.ledger.plan.phase_by_id else ""): row
        for row in facts.world.rows(Extension)
        if row.result is Grant.GRANTED and row.decided_on and row.decided_on <= facts.period.end
    }
    found = []
    for thing in (o for o in facts.owed if facts.period.holds(o.planned)):
        row = granted.get((thing.record, "")) or granted.get((thing.phase, thing.unit))
        why = T_("延至 {on}", on=row.until) if row else T_("未延期，时限 {due}", due=thing.planned)
        found.append((thing.unit, Point(thing.sheet, thing.record, thing.what, why, row is None)))
    return _tallied(found)


def open_problems(facts: _Facts) -> dict[str, _Tally]:
    """Problems raised in the period for the unit to settle, settled by its end / those raised."""
    found = []
    for row in facts.world.rows(Problem):
        if row.kind is ProblemKind.PROBLEM and row.assignee and facts.period.holds(row.raised_on):
            done = row.settled_on is not None and row.settled_on <= facts.period.end
            why = T_("{on} 解决", on=row.settled_on) if done else T_("{on} 提出，未解决", on=row.raised_on)
            found.append(
                (row.assignee, Point("problems", row.id, Text("{value}", {"value": row.content[:60]}), why, done))
            )
    return _tallied(found)


def data_quality(facts: _Facts) -> dict[str, _Tally]:
    """Rows of the unit without error or warning / its rows; ``points`` lists the others.

    A row belongs to the periods in which something dated in it happened, one without a day to all; and one without
    effect to all until it is put right. Lateness found by the figures is no matter of how the rows are filled in.
    """
    labels = {sheet.label: sheet.key for sheet in PEOPLE}
    by_figures = {rule.id for check in CHECKS if check.sheet is None for rule in check.rules}
    wrong: dict[tuple[str, int], list[Point]] = defaultdict(list)
    whose: dict[tuple[str, int], str] = {}
    counts: dict[str, set[tuple[str, int]]] = defaultdict(set)
    inside = {
        (sheet.key, row.row): (facts.world.unit_of(row), _belongs(row, sheet.fact_dates, facts.period))
        for sheet in PEOPLE
        for row in facts.world.rows(sheet.model)
    }
    for finding in facts.ledger.findings:
        if finding.row is None or finding.severity is Severity.NOTE or finding.rule in by_figures:
            continue
        at = labels.get(finding.sheet, ""), finding.row
        title = Text(CATALOGUE[finding.rule].title)  # its message may quote what is personal
        wrong[at].append(Point(at[0], finding.record, title, Text("{value}", {"value": finding.cell}), False))
        whose.setdefault(at, finding.unit)
    for at, (unit, belongs) in inside.items():
        if unit and belongs:
            counts[unit].add(at)
    for at, unit in whose.items():
        if unit and at not in inside:
            counts[unit].add(at)
    return {
        unit: _Tally(
            sum(at not in wrong for at in rows), len(rows), tuple(wrong[at][0] for at in sorted(rows) if at in wrong)
        )
        for unit, rows in counts.items()
    }  # fmt: skip


def _belongs(row: Row, dated: Iterable[str], period: Period) -> bool:
    days = [day for day in (getattr(row, name) for name in dated) if day]
    return not days or any(period.holds(day) for day in days)


def _timing(done_on: date | None, due: date) -> Text:
    if done_on is None:
        return T_("时限 {due}，未完成", due=due)
    if done_on > due:
        return T_("时限 {due}，{on} 完成，晚 {n} 天", due=due, on=done_on, n=(done_on - due).days)
    return T_("时限 {due}，{on} 完成", due=due, on=done_on)


_MEASURES: dict[str, Callable[[_Facts], dict[str, _Tally]]] = {
    function.__name__: function
    for function in (tasks_on_time, reports_on_time, documents_returned, extensions, open_problems, data_quality)
}
