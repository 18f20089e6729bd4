"""The calendar's entries: everything owed has one, on the day the pages say, and one alone as long as it is owed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from lib.domain.ledger import Ledger
from lib.services.policy import EVERYTHING, Sight
from lib.views.calendar import Entry, calendar
from sheets_schema.plan_work import StateKey
from tests.workbooks import clean_book, ledger

OURS, THEIRS, LEAD = "市商务委", "市科委", "市民政局"


def of(found: Ledger, *units: str) -> tuple[Entry, ...]:
    return calendar(found, Sight(frozenset(units)) if units else EVERYTHING)


def sorts(entries: tuple[Entry, ...]) -> Counter[str]:
    return Counter(entry.key[0] for entry in entries)


@pytest.fixture(scope="module")
def found() -> Ledger:
    return ledger(clean_book())


def task(entries: tuple[Entry, ...], pilot: str, item: str) -> Entry:
    return next(entry for entry in entries if entry.key == ("task", pilot, item))


def test_nothing_owed_has_two_entries(found: Ledger):
    assert set(Counter(entry.key for entry in of(found)).values()) == {1}


@pytest.mark.parametrize("as_of", [date(2015, 11, 25), date(2016, 6, 25), date(2016, 12, 31)])
def test_all_that_is_late_or_near_stands_on_the_day_the_pages_say_in_the_state_they_say(as_of: date):
    seen = ledger(clean_book(), today=as_of, as_of=as_of)
    there = Counter((entry.day, entry.state) for entry in of(seen) if entry.key[0] != "phase")
    assert seen.dues
    assert not Counter((due.due, due.state) for due in seen.dues) - there


def test_every_phase_item_and_report_is_there_also_of_periods_to_come(found: Ledger):
    entries = of(found)
    assert sorts(entries)["phase"] == sum(phase.due is not None for phase in found.plan.phases)
    assert sorts(entries)["task"] == found.tally.total
    reporters = {cell.unit for cell in found.reports}
    assert sorts(entries)["report"] == len(reporters) * len(found.plan.cadence.periods)
    assert max(entry.day for entry in entries if entry.key[0] == "report") == found.plan.cadence.periods[-1].due


def test_an_item_that_does_not_apply_has_none(found: Ledger):
    assert ("task", "XH-0001", "A3") not in {entry.key for entry in of(found)}


def test_a_period_to_come_tells_nothing_of_what_happened_after_the_day():
    book = clean_book()
    book.add(
        "reports", unit=OURS, period="2016Q1", submitted_on=date(2016, 4, 1), work="a", policies="b", next_steps="c"
    )
    entry = next(e for e in of(ledger(book), OURS) if e.key == ("report", OURS, "2016Q1"))
    assert entry.state is not StateKey.DONE
    entry = next(e for e in of(ledger(book, as_of=date(2016, 4, 1)), OURS) if e.key == ("report", OURS, "2016Q1"))
    assert entry.state is StateKey.DONE


def test_an_extension_moves_the_entry_and_says_from_where(found: Ledger):
    entry = task(of(found), "XH-0001", "A2")
    assert entry.day == date(2016, 6, 15)
    assert "原定 2016年5月31日，已批准延期" in entry.lines
    assert entry.records == ("SX-0002", "YQ-0001")


def test_done_stays_on_its_day_and_reminds_nobody(found: Ledger):
    entry = task(of(found), "XH-0001", "A1")
    assert (entry.day, entry.state, entry.remind) == (date(2016, 2, 1), StateKey.DONE, False)
    assert entry.summary.startswith("✓ 办结 市商务委：")
    assert "办结：2016年1月20日" in entry.lines


def test_an_entry_is_known_again_whatever_becomes_of_it():
    book = clean_book()
    before = {entry.key for entry in of(ledger(book))}
    item = book.row("tasks", association="XH-0001", item="B1")
    book.set(
        "tasks", item, planned_on=date(2016, 5, 5), status="已完成", done_on=date(2016, 3, 30), evidence="https://a.cn"
    )
    association = book.row("associations", id="XH-0001")
    book.set("associations", association, name="示例改名行业协会")
    after = of(ledger(book))
    assert {entry.key for entry in after} == before
    assert "示例改名行业协会" in task(after, "XH-0001", "B1").summary


def test_a_document_keeps_its_entry_when_it_is_begun():
    book = clean_book()
    key = ("document", "评估报告", "审定", LEAD, "评估报告")
    there = {entry.key for entry in of(ledger(book))}
    [known] = [one for one in there if one[:2] == key[:2]]
    book.add("documents", kind="评估报告", batch=1.0, unit=LEAD)
    assert [entry.key for entry in of(ledger(book)) if entry.key[:2] == key[:2]] == [known]


def test_a_unit_sees_its_own_what_waits_for_it_and_the_phases(found: Ledger):
    ours, all_ = of(found, OURS), of(found)
    assert sorts(ours)["phase"] == sorts(all_)["phase"]
    assert {entry.key[1] for entry in ours if entry.key[0] == "task"} == {"XH-0001"}
    assert {entry.key[1] for entry in ours if entry.key[0] == "report"} == {OURS}
    assert set(ours) < set(all_)
    text = "\n".join("\n".join((entry.summary, *entry.lines)) for entry in ours)
    for pilot in found.pilots:
        assert (pilot.name in text) == (pilot.unit == OURS), pilot


def waiting() -> Ledger:
    """Another unit's plan waits for the lead, which did not write it."""
    book = clean_book()
    for verb in ("核准", "批复", "实施"):
        book.drop("approvals", book.row("approvals", document="WJ-0006", verb=verb))
    return ledger(book, as_of=date(2015, 12, 20))


def test_a_step_that_waits_stands_in_the_calendar_of_who_takes_it_without_anothers_record():
    seen = waiting()
    [own] = [e for e in of(seen, OURS) if e.key[:2] == ("document", "实施方案") and e.key[-1] == "XH-0001"]
    [lead] = [e for e in of(seen, LEAD) if e.key == own.key]
    assert "示例钢铁行业协会" in own.summary
    assert "示例钢铁行业协会" not in "".join((lead.summary, *lead.lines))
    assert any("下一步：核准（市民政局）" in line for line in own.lines)
    assert not [e for e in of(seen, THEIRS) if e.key == own.key]


def test_days_left_are_counted_from_the_day(found: Ledger):
    entry = task(of(found), "XH-0001", "B1")
    assert entry.day - found.as_of == timedelta(days=91)
    assert "还有 91 天" in entry.lines
    assert "依据：四（五）" in entry.lines
