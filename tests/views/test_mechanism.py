"""机制与单位 over the sample: counts against hand counts, and a unit's own view."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.services.policy import EVERYTHING, Sight
from lib.store.xlsx import XlsxStore
from lib.views.mechanism import mechanism, publicity, unit_plans
from sheets_schema.coordination import Event
from sheets_schema.documents import Document
from sheets_schema.plan import Plan
from tests.workbooks import clean_book
from tests.workbooks import ledger as made

AS_OF = date(2016, 3, 31)
KIND = "单位实施方案"


@pytest.fixture(scope="module")
def ledger(sample_once: Path, plan: Plan) -> Ledger:
    return derive(judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23)), AS_OF)


def test_the_group_its_heads_and_its_office_are_the_plans(ledger: Ledger, plan: Plan) -> None:
    shown = dict(mechanism(ledger).leaders)
    assert shown["工作机制"] == plan.mechanism.group
    assert shown["办公室主任"].split("、") == list(plan.mechanism.office_heads)
    assert mechanism(ledger).clause == plan.mechanism.clause


def test_what_a_unit_lacks_is_counted_once_each() -> None:
    book = clean_book()
    first, second, third = (book.plan.units[n].name for n in (0, 1, 2))
    book.set("units", book.row("units", name=first), leader="")
    book.set("units", book.row("units", name=second), leader="赵一、钱二", liaison="")
    book.drop("units", book.row("units", name=third))
    doubtful = next(unit.name for unit in book.plan.units if unit.doubtful)
    book.set("units", book.row("units", name=doubtful), confirmed_name="")
    view = mechanism(made(book))
    assert {issue: len(ids) for issue, ids in view.issues.items()} == {"leader": 2, "liaison": 1, "name": 1}
    assert view.missing == (third,)
    assert list(view.doubts) == [doubtful]


def test_every_member_unit_has_one_line_and_the_counts_add_up(ledger: Ledger, plan: Plan) -> None:
    view = unit_plans(ledger, EVERYTHING)
    assert view is not None
    assert [line.unit for line in view.lines] == [unit.name for unit in plan.units]
    assert sum(view.counts[state] for state in ("none", "open", "done") if state in view.counts) == view.total
    having = {row.unit for row in ledger.world.rows(Document) if row.kind == KIND}
    assert {line.unit for line in view.lines if line.record} == having
    assert view.counts["none"] == view.total - len(having)


def test_parts_are_those_the_plan_asks_for() -> None:
    book = clean_book()
    unit = book.plan.units[0].name
    book.add("documents", kind=KIND, batch=1.0, unit=unit, parts="责任部门、工作目标")
    view = unit_plans(made(book), EVERYTHING)
    assert view is not None
    line = view.lines[0]
    assert (line.parts, line.lacking, line.key) == ("2/5", "责任人员、工作任务、工作程序", "open")
    assert view.counts["lacking"] == 1


def test_a_plan_filed_later_is_not_done_yet(ledger: Ledger, sample_once: Path, plan: Plan) -> None:
    before = derive(judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23)), date(2015, 9, 1))
    then, now = unit_plans(before, EVERYTHING), unit_plans(ledger, EVERYTHING)
    assert then is not None
    assert now is not None
    assert then.counts.get("done", 0) == 0 < now.counts["done"]


def test_meetings_are_counted_by_kind_and_unit_up_to_the_day(ledger: Ledger) -> None:
    view = publicity(ledger, EVERYTHING)
    events = [row for row in ledger.world.rows(Event) if row.held_on <= AS_OF]
    by_unit = Counter(row.unit for row in events)
    assert {kind: n for kind, n in view.by_kind.items() if n} == Counter(row.kind.value for row in events)
    assert {str(row[0]): row[-1] for row in view.rows if row[-1]} == by_unit
    assert view.silent == len(ledger.world.units) - len(by_unit)


def test_a_unit_sees_its_own_rows_and_the_citys_counts(ledger: Ledger, plan: Plan) -> None:
    unit = plan.units[3].name
    sight = Sight(frozenset({unit}))
    plans, whole = unit_plans(ledger, sight), unit_plans(ledger, EVERYTHING)
    assert plans is not None
    assert whole is not None
    assert [line.unit for line in plans.lines] == [unit]
    assert plans.counts == whole.counts
    events = publicity(ledger, sight)
    assert [row[0] for row in events.rows] == [unit]
    assert events.by_kind == publicity(ledger, EVERYTHING).by_kind
