"""试点实施 and 试点评估: their figures against a count by hand over the rows of the sample."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.charts.evaluation import evaluation_charts
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.services.policy import EVERYTHING, Sight
from lib.store.xlsx import XlsxStore
from lib.views.evaluation import evaluation, evaluation_csv
from lib.views.execution import MARKS, execution
from lib.views.reports import compiled, reports
from sheets_schema.plan import Plan
from sheets_schema.reports import Report
from sheets_schema.tasks import Task

OWN = Sight(frozenset({"市科委"}))


@pytest.fixture(scope="module", params=["2016-03-31", "2016-02-15"])
def ledger(sample_once: Path, plan: Plan, request: pytest.FixtureRequest) -> Ledger:
    judged = judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23))
    return derive(judged, date.fromisoformat(request.param))


def by_hand(ledger: Ledger) -> list[Task]:
    """The rows of the checklist that belong to pilots on the day."""
    pilots = {pilot.id for pilot in ledger.pilots}
    return [task for task in ledger.world.rows(Task) if task.association in pilots]


def is_done(task: Task, ledger: Ledger) -> bool:
    return task.status.value == "已完成" and task.done_on is not None and task.done_on <= ledger.as_of


def test_done_and_the_reasons_for_what_is_not_are_those_of_the_rows(ledger: Ledger) -> None:
    view, tasks = evaluation(ledger, EVERYTHING), by_hand(ledger)
    left_open = [t for t in tasks if not is_done(t, ledger) and t.status.value != "不涉及"]
    why = Counter(task.unfinished.value if task.unfinished else "" for task in left_open)
    assert view.whole.done == sum(is_done(task, ledger) for task in tasks)
    assert (view.whole.policy, view.whole.work) == (why["政策缺失"], why["工作不到位"])
    late = {due.record for due in ledger.overdue if due.sheet == "tasks"}
    assert view.whole.unexplained == sum(task.id in late and not task.unfinished for task in left_open)
    assert view.whole.unexplained + view.whole.pending == why[""]
    assert view.whole.policy
    assert view.whole.left_out == sum(task.status.value == "不涉及" for task in tasks) == len(view.left_out)
    assert view.whole.unlisted == len(ledger.pilots) * len(ledger.plan.checklist.items) - len(tasks)


def test_separations_units_and_pilots_add_up_to_the_city(ledger: Ledger) -> None:
    view = evaluation(ledger, EVERYTHING)
    for field in (
        "done",
        "policy",
        "work",
        "unexplained",
        "pending",
        "unlisted",
        "left_out",
        "early",
        "on_time",
        "late",
    ):
        whole = getattr(view.whole, field)
        for sums in (view.separations, view.units, view.each):
            assert sum(getattr(held, field) for held in sums) == whole, field


def test_planned_against_done_is_told_in_days(ledger: Ledger) -> None:
    view = evaluation(ledger, EVERYTHING)
    days = [(t.done_on - t.planned_on).days for t in by_hand(ledger)
            if is_done(t, ledger) and t.done_on and t.planned_on]  # fmt: skip
    assert Counter(days) == Counter(line.days for line in view.dated)
    assert view.whole.late == sum(n > 0 for n in days)
    assert view.whole.early == sum(n < 0 for n in days) > 0
    assert [line.days for line in view.dated] == sorted(days, reverse=True)


def test_the_matrix_is_the_ledgers(ledger: Ledger) -> None:
    view = execution(ledger, EVERYTHING)
    assert (view.done, view.total) == (ledger.tally.done, ledger.tally.total)
    assert [line.id for line in view.lines] == [pilot.id for pilot in ledger.pilots]
    overdue = {due.owner for due in ledger.overdue if due.sheet == "tasks"}
    assert {line.name for line in view.where(mark="overdue")} == overdue
    assert view.overdue == sum(item.mark.startswith("■") for line in view.lines for item in line.items)
    assert len(view.where(mark="silent")) == view.silent
    for line, pilot in zip(view.lines, ledger.pilots, strict=True):
        assert [cell.split()[-1] for cell in line.cells if "/" in cell] == [
            f"{tally.done}/{tally.total}" for tally in pilot.by_separation.values() if tally.total
        ]
        assert line.marks <= set(MARKS)


def test_a_unit_has_its_own_rows_and_the_citys_figures(ledger: Ledger) -> None:
    own, city = evaluation(ledger, OWN), evaluation(ledger, EVERYTHING)
    assert (own.whole, own.separations) == (city.whole, city.separations)
    assert {held.id for held in own.units} == {"市科委"}
    assert {line.unit for line in (*own.dated, *own.left_out)} == {"市科委"}
    assert {line.unit for line in execution(ledger, OWN).lines} == {"市科委"}
    assert {line.unit for line in reports(ledger, OWN).units} == {"市科委"}


def test_reports_and_their_summary_are_the_rows_of_the_period(ledger: Ledger) -> None:
    view = reports(ledger, EVERYTHING)
    for period in view.periods:
        rows = [r for r in ledger.world.rows(Report) if r.period == period.id and r.submitted_on <= ledger.as_of]
        whole = compiled(ledger, EVERYTHING, period.id)
        assert period.filed == len(rows)
        assert len(whole.parts[0].texts) == len(rows)
        assert sum(map(len, whole.by_state.values())) == period.owing
        mine = compiled(ledger, OWN, period.id)
        assert {unit for part in mine.parts for unit, _text in part.texts} <= {"市科委"}
        assert all(set(units) <= {"市科委"} for units in mine.by_state.values())


def test_the_export_holds_every_table_and_no_formula(ledger: Ledger) -> None:
    text = evaluation_csv(ledger, EVERYTHING).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    view = evaluation(ledger, EVERYTHING)
    tables = (view.units, view.each, view.dated, view.left_out, view.papers, view.separations)
    blank = sum(not row for row in rows)
    assert len(rows) == 1 + 6 * 3 + 1 + sum(map(len, tables))  # a day; blank, title, head of each; the city's sum
    assert blank == 6
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t"))]


def test_the_chart_shows_what_the_table_does(ledger: Ledger) -> None:
    spec = evaluation_charts(ledger, EVERYTHING)["separations"]
    view = evaluation(ledger, EVERYTHING)
    drawn = sum(row["n"] for row in spec["layer"][0]["data"]["values"])
    assert drawn == view.whole.applying
