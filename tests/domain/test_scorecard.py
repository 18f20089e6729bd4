"""The scorecard (考核): each measure against a hand count, and what must not count."""

from __future__ import annotations

from datetime import date

import pytest

from lib.domain.scorecard import Card, Measure, Period, scorecard
from tests.workbooks import AS_OF, Book, clean_book, edited_plan, ledger

UNIT, LEAD = "市科委", "市民政局"
WHOLE = Period(date(2015, 7, 1), AS_OF)
FIRST_ITEM = "XH-0006"


def card(book: Book, unit: str = UNIT, period: Period = WHOLE, as_of: date = AS_OF) -> Card:
    cards = scorecard(ledger(book, max(date(2016, 4, 1), as_of), as_of), period)
    return next(card for card in cards if card.unit == unit)


def measure(name: str, book: Book, **where: object) -> Measure:
    return next(m for m in card(book, **where).measures if m.weight.measure == name)  # type: ignore[arg-type]


def counts(book: Book, **where: object) -> dict[str, tuple[int, int]]:
    return {m.weight.measure: (m.n, m.of) for m in card(book, **where).measures}  # type: ignore[arg-type]


def late_book() -> Book:
    """The first item of one of the unit's two pilots is done four days late."""
    book = clean_book()
    row = book.row("tasks", association=FIRST_ITEM, item="A1")
    return book.set("tasks", row, done_on=date(2016, 2, 5), closed_on=date(2016, 2, 8))


def test_a_clean_unit_has_every_point_of_what_was_due():
    found = counts(clean_book())
    assert found.pop("data_quality")[0] > 20
    assert found == {
        "tasks_on_time": (5, 5),  # an item and a plan for each of two pilots, one list
        "reports_on_time": (1, 1),
        "documents_returned": (3, 3),
        "extensions": (5, 5),
        "open_problems": (0, 0),
    }
    assert card(clean_book()).total == 100


def test_an_item_done_late_costs_its_share_and_says_by_how_much():
    book = late_book()
    tasks = measure("tasks_on_time", book)
    assert (tasks.n, tasks.of, tasks.score) == (4, 5, 28)
    [bad] = [point for point in tasks.points if not point.good]
    assert (bad.sheet, bad.record) == ("tasks", book.get("tasks", book.row("tasks", association=FIRST_ITEM), "id"))
    assert "晚 4 天" in str(bad.why)
    # no problem was given to the unit, so the weight of that measure is left out
    assert card(book).total == pytest.approx(100 * (28 + 25 + 10 + 10 + 10) / 90)


def test_an_extension_granted_in_time_saves_the_task_and_costs_under_extensions():
    book = late_book()
    target = book.get("tasks", book.row("tasks", association=FIRST_ITEM, item="A1"), "id")
    book.add(
        "extensions", target=target, unit=UNIT, requested_on=date(2016, 1, 20), until=date(2016, 2, 10), reason="会签",
        decided_on=date(2016, 1, 25), result="同意",
    )  # fmt: skip
    found = counts(book)
    assert found["tasks_on_time"] == (5, 5)
    assert found["extensions"] == (4, 5)


def test_what_was_granted_after_the_period_does_not_change_it():
    book = late_book()
    target = book.get("tasks", book.row("tasks", association=FIRST_ITEM, item="A1"), "id")
    book.add(
        "extensions", target=target, unit=UNIT, requested_on=date(2016, 1, 20), until=date(2016, 2, 10), reason="会签",
        decided_on=date(2016, 3, 10), result="同意",
    )  # fmt: skip
    found = counts(book, period=Period(date(2015, 7, 1), date(2016, 2, 29)))
    assert found["tasks_on_time"] == (4, 5)
    assert found["extensions"] == (5, 5)


def test_a_refused_extension_moves_nothing():
    book = late_book()
    target = book.get("tasks", book.row("tasks", association=FIRST_ITEM, item="A1"), "id")
    book.add(
        "extensions", target=target, unit=UNIT, requested_on=date(2016, 1, 20), until=date(2016, 2, 10), reason="会签",
        decided_on=date(2016, 1, 25), result="不同意",
    )  # fmt: skip
    assert counts(book)["tasks_on_time"] == (4, 5)
    assert counts(book)["extensions"] == (5, 5)


def test_a_unit_with_nothing_due_yet_has_no_score_however_tidy_its_rows_are():
    early = card(clean_book(), period=Period(date(2015, 7, 1), date(2015, 9, 1)), as_of=date(2015, 9, 1))
    assert early.total is None
    assert next(m for m in early.measures if m.weight.measure == "data_quality").of > 0


def test_what_is_due_today_and_open_is_not_judged_until_tomorrow():
    book = clean_book()
    row = book.row("tasks", association=FIRST_ITEM, item="A2")
    book.set("tasks", row, planned_on=AS_OF)
    assert counts(book)["tasks_on_time"] == (5, 5)
    tomorrow = date(2016, 4, 1)
    assert counts(book, period=Period(WHOLE.start, tomorrow), as_of=tomorrow)["tasks_on_time"] == (5, 6)


def test_a_period_counts_only_what_fell_due_in_it():
    found = counts(clean_book(), period=Period(date(2016, 1, 1), AS_OF))
    assert found["tasks_on_time"] == (2, 2)
    assert found["documents_returned"] == (0, 0)


def test_what_does_not_apply_is_not_owed():
    points = measure("tasks_on_time", clean_book()).points
    assert not [point for point in points if "A3" in str(point.what)]


def test_a_report_late_or_missing_costs_its_point():
    book = clean_book()
    row = book.row("reports", unit=UNIT)
    assert counts(book.copy().set("reports", row, submitted_on=date(2016, 1, 11)))["reports_on_time"] == (0, 1)
    assert counts(book.copy().set("reports", row, submitted_on=date(2016, 1, 10)))["reports_on_time"] == (1, 1)
    assert counts(book.copy().drop("reports", row))["reports_on_time"] == (0, 1)


def test_a_returned_document_costs_its_round_and_the_next_round_counts_anew():
    book = clean_book()
    book.add("documents", kind="单位实施方案", batch=1.0, unit=UNIT)
    name = str(book.get("documents", book.row("documents"), "id"))
    book.act(name, "制定", UNIT, date(2016, 2, 1)).act(name, "报备", UNIT, date(2016, 2, 5), result="退回")
    returned = measure("documents_returned", book)
    assert (returned.n, returned.of) == (3, 4)
    [bad] = [point for point in returned.points if not point.good]
    assert bad.record == name
    assert "2016-02-05 退回" in str(bad.why)
    book.act(name, "制定", UNIT, date(2016, 2, 10), round=2.0).act(name, "报备", UNIT, date(2016, 2, 12), round=2.0)
    assert counts(book)["documents_returned"] == (4, 5)


def test_a_problem_counts_for_the_unit_that_has_to_settle_it():
    book = clean_book()
    book.add("problems", kind="问题", unit="市商务委", assignee=UNIT, content="权属", raised_on=date(2016, 2, 1))
    assert counts(book)["open_problems"] == (0, 1)
    assert counts(book, unit="市商务委")["open_problems"] == (0, 0)
    book.set("problems", book.row("problems"), settled_on=date(2016, 3, 20), settlement="明确")
    assert counts(book)["open_problems"] == (1, 1)
    earlier = Period(WHOLE.start, date(2016, 3, 10))
    assert counts(book, period=earlier)["open_problems"] == (0, 1)


def test_a_practice_is_no_problem():
    book = clean_book()
    book.add("problems", kind="经验做法", unit="市商务委", assignee=UNIT, content="一", raised_on=date(2016, 2, 1))
    assert counts(book)["open_problems"] == (0, 0)


def test_a_doubtful_row_and_one_without_effect_cost_quality():
    book = clean_book()
    n, of = counts(book)["data_quality"]
    assert n == of
    book.set("units", book.row("units", name=UNIT), liaison_phone="不详")
    assert counts(book)["data_quality"] == (of - 1, of)
    book.set("tasks", book.row("tasks", association=FIRST_ITEM, item="A3"), not_applicable_reason="")
    worse = measure("data_quality", book)
    assert (worse.n, worse.of) == (of - 2, of)
    assert {point.sheet for point in worse.points} == {"units", "tasks"}
    assert "不详" not in " ".join(f"{point.what}{point.why}" for point in worse.points), "a phone is personal"


def test_lateness_alone_is_no_matter_of_quality():
    book = clean_book()
    n, of = counts(book)["data_quality"]
    book.drop("reports", book.row("reports", unit=UNIT))
    assert counts(book)["data_quality"] == (n - 1, of - 1)


def test_a_document_handed_up_in_time_is_in_time_however_long_the_nation_takes():
    book = clean_book()
    scheme = book.row("approvals", document="WJ-0005", verb="核准")
    book.set("approvals", scheme, submitted_on=date(2015, 12, 10), decided_on=date(2016, 2, 20))
    for verb in ("批复", "实施"):
        book.set("approvals", book.row("approvals", document="WJ-0005", verb=verb),
                 submitted_on=date(2016, 3, 1), decided_on=date(2016, 3, 1))  # fmt: skip
    [point] = [p for p in measure("tasks_on_time", book, unit=LEAD).points if p.record == "WJ-0005"]
    assert point.good
    book.set("approvals", scheme, submitted_on=date(2016, 1, 5))
    [point] = [p for p in measure("tasks_on_time", book, unit=LEAD).points if p.record == "WJ-0005"]
    assert not point.good


def test_a_policy_that_waits_for_the_nation_is_not_held_against_its_owner():
    later = date(2017, 1, 31)
    book, owner = clean_book(), "市编办"
    period = Period(date(2016, 7, 1), later)
    late = measure("tasks_on_time", book, unit=owner, period=period, as_of=later)
    assert [point.record for point in late.points if not point.good] == ["ZC-0001"]
    book.set("policies", book.row("policies", owner=owner), stage="国家政策未出台", reason="尚未下发")
    assert measure("tasks_on_time", book, unit=owner, period=period, as_of=later).of == 0


def test_a_plan_weighs_what_it_wants():
    book = late_book()
    book.plan = edited_plan(
        ("    - {measure: extensions, title: 延期, weight: 10}\n", ""),
        ("title: 任务按期完成, weight: 35", "title: 任务, weight: 50"),
    )
    found = card(book)
    assert "extensions" not in {m.weight.measure for m in found.measures}
    assert found.total == pytest.approx(100 * (40 + 25 + 10 + 10) / 95)
