"""我的待办 and the ways to the pages, counted by hand over the sample."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.domain.findings import CATALOGUE
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.normalise import to_text
from lib.services.policy import EVERYTHING, PAGES, Sight
from lib.store.xlsx import XlsxStore
from lib.views.extensions import extensions
from lib.views.todo import Line, todo
from lib.views.whereto import of_due, of_finding
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey
from sheets_schema.snapshot import Snapshot
from sheets_schema.workbook import BY_KEY

AS_OF = date(2016, 3, 31)
TASKS = BY_KEY["tasks"].label


@pytest.fixture(scope="module")
def snapshot(sample_once: Path) -> Snapshot:
    return XlsxStore(sample_once).read()


@pytest.fixture(scope="module")
def ledger(snapshot: Snapshot, plan: Plan) -> Ledger:
    return derive(judge(snapshot, plan, date(2026, 11, 23)), AS_OF)


def typed(snapshot: Snapshot, sheet: str) -> list[dict[str, str]]:
    """The rows of a tab as typed: header → text."""
    [raw] = [raw for raw in snapshot.sheets if raw.title == sheet]
    header = [to_text(cell) for cell in raw.cells[0]]
    return [dict(zip(header, map(to_text, row), strict=False)) for row in raw.cells[1:]]


def count(lines: tuple[Line, ...], state: StateKey, page: str) -> int:
    return sum(line.count for line in lines if line.state is state and line.way.page == page)


def test_overdue_and_near_are_what_the_ledger_counts(ledger: Ledger) -> None:
    view = todo(ledger, EVERYTHING, desk=False)
    owed = Counter(due.state for due in ledger.dues)
    assert (view.overdue, view.near) == (owed[StateKey.OVERDUE], owed[StateKey.NEAR])


def test_items_not_near_yet_are_all_there(ledger: Ledger) -> None:
    lines = todo(ledger, EVERYTHING, desk=False, show="all").lines
    items = [line for line in lines if line.way.page == "execution" and line.turn]
    open_ones = sum(pilot.tally.total - pilot.tally.done for pilot in ledger.pilots)
    assert sum(line.count for line in items) == open_ones
    near = todo(ledger, EVERYTHING, desk=False)
    assert near.later == sum(line.count for line in lines) - sum(line.count for line in near.lines)


@pytest.mark.parametrize("unit", ["市科委", "市商务委", "市民政局"])
def test_a_units_list_adds_up_to_its_dues(ledger: Ledger, unit: str) -> None:
    own = [due for due in ledger.dues if due.unit == unit and due.sheet == "tasks"]
    lines = todo(ledger, Sight(frozenset({unit})), desk=True).lines
    for state in (StateKey.OVERDUE, StateKey.NEAR):
        assert count(lines, state, "execution") == sum(due.state is state for due in own)


def test_lines_stand_by_due_date(ledger: Ledger) -> None:
    states = [line.state for line in todo(ledger, EVERYTHING, desk=False, show="all").lines if line.when]
    late = [n for n, state in enumerate(states) if state is StateKey.OVERDUE]
    assert late == list(range(len(late)))


def test_what_is_done_and_proven_waits_to_be_closed(ledger: Ledger, snapshot: Snapshot) -> None:
    rows = [r for r in typed(snapshot, TASKS) if r["状态"] == "已完成" and r["佐证链接"] and not r["销号日期"]]
    broken = {f.record for f in ledger.findings if f.sheet == TASKS and f.severity == "error"}
    by_hand = {row["编号"] for row in rows} - broken
    assert {item.id for item in extensions(ledger, EVERYTHING).finished if item.proof == "with"} == by_hand
    [line] = [
        line for line in todo(ledger, EVERYTHING, desk=True).lines if line.way.page == "extensions" and line.count > 1
    ]
    assert line.count == len(by_hand)


def test_extensions_are_counted_as_of_the_day(ledger: Ledger, snapshot: Snapshot, plan: Plan) -> None:
    view = extensions(ledger, EVERYTHING)
    assert (view.asked, view.waiting, view.granted, view.refused) == (3, 1, 2, 0)
    earlier = extensions(derive(judge(snapshot, plan, date(2026, 11, 23)), date(2016, 3, 26)), EVERYTHING)
    assert (earlier.asked, earlier.waiting, earlier.granted) == (2, 2, 0)


def test_a_document_waits_for_whose_turn_it_is(ledger: Ledger) -> None:
    lines = {line.way.filters.get("record"): line for line in todo(ledger, EVERYTHING, desk=True).lines}
    for chain in ledger.chains:
        step = chain.next_step
        if step is not None and chain.acts and set(step.actors) <= {"市民政局", "市联合工作组"}:
            assert set(lines[chain.document.id].turn) == set(step.actors)


def test_every_due_and_every_finding_leads_to_a_page(ledger: Ledger) -> None:
    for way in (*(of_due(due, ledger) for due in ledger.dues), *(of_finding(f, ledger) for f in ledger.findings)):
        assert way.page in PAGES
        assert all(way.filters.values())
    assert {of_finding(f, ledger).page for f in ledger.findings if f.rule[0] == "Q"} == {"nominations"}
    assert {f.rule for f in ledger.findings} <= CATALOGUE.keys()


def test_a_task_leads_to_its_very_item(ledger: Ledger) -> None:
    due = next(due for due in ledger.dues if due.task is not None)
    assert due.task is not None
    assert of_due(due, ledger).filters == {"pilot": due.task.association, "item": due.task.item}
