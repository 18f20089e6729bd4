"""考核 over the sample: the ranking against hand counts, the change, and who reads a breakdown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.scorecard import Period, scorecard
from lib.services.policy import EVERYTHING, Sight
from lib.store.xlsx import XlsxStore
from lib.views.scorecard import breakdown, default_start, notice, ranking
from sheets_schema.coordination import Extension
from sheets_schema.plan import Plan
from sheets_schema.reports import Report
from sheets_schema.tasks import Task, TaskStatus

AS_OF = date(2016, 3, 31)
START, END = date(2016, 1, 1), AS_OF


@pytest.fixture(scope="module")
def ledger(sample_once: Path, plan: Plan) -> Ledger:
    return derive(judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23)), AS_OF)


def test_items_on_time_are_those_a_hand_count_finds(ledger: Ledger) -> None:
    extended = {row.target for row in ledger.world.rows(Extension)}  # left to the domain's own tests
    for card in scorecard(ledger, Period(START, END)):
        mine = {pilot.id for pilot in ledger.pilots if pilot.unit == card.unit}
        due = [
            task for task in ledger.world.rows(Task)
            if task.association in mine and task.status is not TaskStatus.NOT_APPLICABLE and task.planned_on
            and START <= task.planned_on <= END and task.id not in extended
            and (task.planned_on < AS_OF or task.status is TaskStatus.DONE)
        ]  # fmt: skip
        kept = [task for task in due if task.status is TaskStatus.DONE and task.done_on and task.planned_on
                and task.done_on <= task.planned_on]  # fmt: skip
        points = [p for p in card.measures[0].points if p.sheet == "tasks" and p.record not in extended]
        assert {p.record for p in points} == {task.id for task in due}
        assert {p.record for p in points if p.good} == {task.id for task in kept}


def test_reports_on_time_are_those_a_hand_count_finds(ledger: Ledger) -> None:
    due = {p.id: p.due for p in ledger.plan.cadence.periods if p.due and START <= p.due < AS_OF}
    filed = {(r.unit, r.period): r.submitted_on for r in ledger.world.rows(Report)}
    found = ranking(ledger, START, END)
    place = [w.measure for w in ledger.plan.scorecard.weights].index("reports_on_time")
    late = 0
    for standing in found.standings:
        kept = sum((standing.unit, p) in filed and filed[standing.unit, p] <= on for p, on in due.items())
        n, _slash, of = standing.measures[place].partition("/")
        if of:
            assert (int(n), int(of)) == (kept, len(due))
            late += len(due) - kept
    assert late >= 4, "the sample has two late and two missing"


def test_the_best_stand_first_equals_share_a_place_and_those_without_a_score_come_last(ledger: Ledger) -> None:
    standings = ranking(ledger, START, END).standings
    scored = [round(s.total, 1) for s in standings if s.total is not None]
    assert scored == sorted(scored, reverse=True)
    assert [s.rank for s in standings if s.total is not None] == [scored.index(total) + 1 for total in scored]
    assert all(s.total is None for s in standings[len(scored) :])
    assert len(standings) == len(ledger.world.units)
    assert all(0 <= total <= 100 for total in scored)


def test_the_change_is_against_the_period_of_the_same_length_before(ledger: Ledger) -> None:
    found = ranking(ledger, START, END)
    assert found.before == (date(2015, 10, 2), date(2015, 12, 31))
    former = {s.unit: s.total for s in ranking(ledger, *found.before).standings}
    changed = [s for s in found.standings if s.change]
    assert changed
    for standing in changed:
        assert standing.total is not None
        assert standing.change == pytest.approx(standing.total - former[standing.unit])
    assert all(s.change is None for s in found.standings if s.total is None or former[s.unit] is None)


def test_a_breakdown_adds_up_to_the_score_and_lists_what_cost_points_first(ledger: Ledger) -> None:
    for standing in ranking(ledger, START, END).standings:
        card = breakdown(ledger, EVERYTHING, START, END, standing.unit)
        assert card is not None
        scored = [line for line in card.measures if line.points != "—"]
        if standing.total is not None:
            total = 100 * sum(float(line.points) for line in scored) / sum(line.weight for line in scored)
            assert total == pytest.approx(standing.total, abs=0.5)
        for lines in card.points.values():
            marks = [line.mark for line in lines]
            assert marks == sorted(marks, reverse=True)


def test_a_unit_reads_only_its_own_breakdown(ledger: Ledger) -> None:
    own, other = list(ledger.world.units)[5:7]
    sight = Sight(frozenset({own}))
    assert breakdown(ledger, sight, START, END, own) is not None
    assert breakdown(ledger, sight, START, END, other) is None
    assert breakdown(ledger, EVERYTHING, START, END, "没有这个单位") is None


def test_the_notice_names_each_thing_late_once_and_nothing_else(ledger: Ledger) -> None:
    text = notice(ledger, START, END)
    for card in scorecard(ledger, Period(START, END)):
        for point in card.measures[0].points:
            line = f"{point.what}；{point.why}"
            assert text.count(line) == (0 if point.good else 1), line
    assert "2016年1月1日至2016年3月31日" in text


def test_a_period_that_ends_later_than_the_as_of_day_ends_with_it(ledger: Ledger) -> None:
    assert ranking(ledger, START, date(2016, 12, 31)) == ranking(ledger, START, AS_OF)


def test_it_looks_from_the_start_of_the_plan_unless_that_lies_ahead(ledger: Ledger, plan: Plan) -> None:
    assert default_start(ledger) == plan.window_start
