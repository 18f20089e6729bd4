"""催办: the same things 总览 counts, each reminded of or left out for a reason; levels, texts, and whose they are."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import speaking
from lib.services.policy import EVERYTHING, Sight
from lib.store.xlsx import XlsxStore
from lib.views.dues import unit_dues
from lib.views.reminder_text import CHAT, chat, letter, subject
from lib.views.reminders import Item, Reminder, reminder, reminders
from sheets_schema.associations import Association
from sheets_schema.plan import Plan
from sheets_schema.plan_work import LevelKey, StateKey

AS_OF = date(2016, 3, 31)


@pytest.fixture(scope="module")
def ledger(sample_once: Path, plan: Plan) -> Ledger:
    return at(AS_OF, sample_once, plan)


def at(day: date, path: Path, plan: Plan) -> Ledger:
    return derive(judge(XlsxStore(path).read(), plan, date(2026, 11, 23)), day)


def with_levels(ledger: Ledger, **settings: object) -> Ledger:
    held = ledger.plan.reminders.model_copy(update=settings)
    return dataclasses.replace(ledger, plan=ledger.plan.model_copy(update={"reminders": held}))


@pytest.mark.parametrize("day", [date(2015, 12, 28), date(2016, 1, 8), AS_OF, date(2016, 6, 25), date(2017, 1, 20)])
def test_everything_the_overview_counts_is_reminded_of_or_left_out(sample_once: Path, plan: Plan, day: date) -> None:
    ledger = at(day, sample_once, plan)
    found = {one.unit: one for one in reminders(ledger, EVERYTHING)}
    shown = unit_dues(ledger, EVERYTHING)
    assert shown
    for unit in shown:
        one = found[ledger.world.who(unit.unit)]
        states = Counter(item.state for item in one.items if item.own) + Counter(left.state for left in one.left)
        assert states[StateKey.OVERDUE] == unit.overdue
        assert states[StateKey.NEAR] == unit.near
        assert sum(states.values()) - states[StateKey.WAITING] == len(unit.lines) + unit.more


@pytest.mark.parametrize("day", [date(2016, 1, 8), AS_OF, date(2016, 12, 28), date(2017, 1, 20)])
def test_what_waits_above_the_city_or_for_the_nation_is_never_reminded_of(
    sample_once: Path, plan: Plan, day: date
) -> None:
    ledger = at(day, sample_once, plan)
    waiting = {(d.unit, str(d.what)) for d in ledger.dues if d.state in (StateKey.WAITING, StateKey.BEHIND)}
    for one in reminders(ledger, EVERYTHING):
        assert not {(one.unit, item.what) for item in one.items} & waiting


def test_who_has_to_act_is_reminded_and_who_waits_is_not(ledger: Ledger) -> None:
    stuck = [
        (chain, due) for due in ledger.overdue for chain in ledger.chains
        if due.sheet == "documents" and chain.document.id == due.record and chain.next_step and chain.acts
        and due.unit not in chain.next_step.actors and chain.next_step.actors[0] in ledger.world.units
    ]  # fmt: skip
    assert stuck
    for chain, due in stuck:
        assert chain.next_step is not None
        own = reminder(ledger, ledger.world.who(due.unit))
        assert own is not None
        if due.unit not in chain.next_step.actors and len(chain.next_step.actors) == 1:
            assert [left.why for left in own.left if left.what == str(due.what)] == [
                f"等{chain.next_step.actors[0]}办理“{chain.next_step.verb}”"
            ]
        other = reminder(ledger, chain.next_step.actors[0])
        assert other is not None
        assert any(item.due == due.due and not item.own for item in other.items)


def test_the_levels_are_those_of_the_plan(ledger: Ledger) -> None:
    for one in reminders(ledger, EVERYTHING):
        for item in one.items:
            late = -item.days_left
            if item.state is StateKey.OVERDUE:
                assert item.level is (LevelKey.RED if late > 30 else LevelKey.YELLOW)
            if item.state is StateKey.NEAR:
                assert item.level is LevelKey.BLUE
    mild = with_levels(ledger, red_days=1000, red_items=1000)
    assert {one.level for one in reminders(mild, EVERYTHING)} == {LevelKey.YELLOW}
    many = with_levels(ledger, red_days=1000, red_items=3)
    for one in reminders(many, EVERYTHING):
        assert one.level is (LevelKey.RED if one.overdue > 3 else LevelKey.YELLOW)


def test_a_unit_that_is_only_near_is_blue_and_a_shorter_notice_leaves_it_out(sample_once: Path, plan: Plan) -> None:
    ledger = at(date(2016, 1, 8), sample_once, plan)
    calm = [one for one in reminders(ledger, EVERYTHING) if one.near and not one.overdue and not one.behind]
    assert calm
    assert {one.level for one in calm} == {LevelKey.BLUE}
    assert all(one.mark == "● 蓝 提醒" for one in calm)
    late = {one.unit: one for one in reminders(with_levels(ledger, blue_days=1), EVERYTHING)}
    assert all(late[one.unit].level is None and late[one.unit].left for one in calm)


def test_a_phase_that_is_behind_reminds_its_leads(ledger: Ledger) -> None:
    phases = [
        dataclasses.replace(phase, state=StateKey.BEHIND) if phase.phase.executes_checklist else phase
        for phase in ledger.phases
    ]
    late = dataclasses.replace(ledger, phases=tuple(phases))
    [behind] = [phase for phase in phases if phase.state is StateKey.BEHIND]
    for lead in behind.phase.leads:
        one = reminder(late, lead)
        assert one is not None
        [item] = [item for item in one.items if item.state is StateKey.BEHIND]
        assert behind.phase.title in item.what
        assert item.level is LevelKey.YELLOW
        assert one.behind == 1


def test_days_are_told_with_the_working_days_among_them(ledger: Ledger, sample_once: Path, plan: Plan) -> None:
    items = [item for one in reminders(ledger, EVERYTHING) for item in one.items]
    assert items
    assert all(f"{item.workdays} 个工作日" in item.when for item in items if item.days_left)
    far = at(date(2190, 1, 1), sample_once, plan)
    for one in reminders(far, EVERYTHING):
        assert all("2190 年的工作日安排未知" in item.when and item.workdays is None for item in one.items)


def test_a_unit_is_told_nothing_of_what_it_may_not_see(ledger: Ledger) -> None:
    owners = {row.name: row.unit for row in ledger.world.rows(Association)}
    for one in reminders(ledger, EVERYTHING):
        text = letter(one, ledger.plan, AS_OF) + chat(one, ledger.plan, AS_OF)
        assert not [name for name, unit in owners.items() if unit != one.unit and name in text]


def test_a_unit_sees_its_own_reminder_alone(ledger: Ledger) -> None:
    every = reminders(ledger, EVERYTHING)
    for one in every:
        assert reminders(ledger, Sight(frozenset({one.unit}))) == (one,)
    assert reminders(ledger, Sight(frozenset())) == ()


def test_a_text_for_a_chat_is_short_numbered_and_plain(ledger: Ledger) -> None:
    for one in reminders(ledger, EVERYTHING):
        text = chat(one, ledger.plan, AS_OF)
        assert len(text) <= CHAT
        lines = text.splitlines()
        assert lines[0].startswith(f"【{one.mark}】{one.unit}：")
        numbered = [line for line in lines if line[:1].isdigit()]
        assert [int(line.split(".")[0]) for line in numbered] == list(range(1, len(numbered) + 1))
        hidden = len(one.items) - len(numbered)
        assert (f"另有 {hidden} 项" in lines) == (hidden > 0)
        assert "http" not in text
        assert not set("*`#[]|") & set(text)
    assert "http" in chat(one, ledger.plan, AS_OF, "https://tuogou.example")
    assert len(chat(one, ledger.plan, AS_OF, "https://tuogou.example/" + "a" * 200)) <= CHAT


HOSTILE = (
    "市科委\r\nBcc: all@example.com",
    "长" * 10_000,
    "\u202e倒\u0000\u2028着\ud800",
    "**粗** [x](http://e.example)",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_breaks_a_line_or_the_length(ledger: Ledger, text: str) -> None:
    item = next(item for one in reminders(ledger, EVERYTHING) for item in one.items)
    items = tuple(dataclasses.replace(item, what=text, remedy=text) for _n in range(30))
    one = Reminder(text, LevelKey.RED, "■ 红 督办", 30, 0, 0, text, text, items, ())
    assert len(chat(one, ledger.plan, AS_OF)) <= CHAT
    whole = letter(one, ledger.plan, AS_OF)
    assert len([line for line in whole.splitlines() if line[:1].isdigit()]) == 30
    assert not {"\r", "\u0000", "\u202e", "\u2028"} & set(whole)
    title = subject(one, AS_OF)
    assert len(title) < 120
    assert len(title.splitlines()) == 1


def test_it_speaks_the_readers_language(ledger: Ledger) -> None:
    with speaking("en"):
        one = reminders(ledger, EVERYTHING)[0]
        text = chat(one, ledger.plan, AS_OF)
    assert "working day" in text


def test_items_say_what_to_do(ledger: Ledger) -> None:
    items: list[Item] = [item for one in reminders(ledger, EVERYTHING) for item in one.items]
    assert all(item.remedy and item.clause in ledger.plan.clauses for item in items)
