"""Extensions move a day in one way: what is owed now, what a period owed and what may be extended agree on it."""

from __future__ import annotations

from datetime import date

import pytest

from lib.domain.due import Due
from lib.domain.owed import Owed, owed
from lib.domain.pilots import executing_phase
from lib.domain.terms import terms_of
from sheets_schema.tasks import Task
from tests.workbooks import Book, clean_book, edited_plan, judged, ledger, rules_found

END = date(2017, 3, 1)
"""After everything was due, so that all that is open is late."""
UNTIL = date(2017, 2, 1)
AREA, PAPER = "机构编制", "WJ-0006"
"""A policy that is not out yet, and the first pilot's plan."""


def extended(book: Book, target: str, unit: str, until: date = UNTIL, asked: date = date(2015, 11, 2)) -> Book:
    row = {"requested_on": asked, "decided_on": asked, "result": "同意", "reason": "会签"}
    return book.add("extensions", target=target, unit=unit, until=until, **row)


def late(book: Book) -> dict[tuple[str, str], Due]:
    found = ledger(book, END, END).overdue
    return {(due.unit, str(due.what)): due for due in found if due.sheet != "reports"}


def whole(book: Book) -> dict[tuple[str, str], Owed]:
    return {(one.unit, str(one.what)): one for one in owed(judged(book, END).world, END)}


def policy_of(book: Book) -> str:
    return str(book.get("policies", book.row("policies", area=AREA), "id"))


def open_book() -> Book:
    """The clean workbook, the first pilot's plan not replied to yet."""
    return clean_book().drop("approvals", 27).drop("approvals", 26)


@pytest.mark.parametrize("target", ["", "the policy", "P7", PAPER, "P4", "SX-0004"])
def test_what_is_owed_now_and_what_a_period_owed_are_due_on_one_day(target: str):
    book = open_book()
    extended(book, policy_of(book) if target == "the policy" else target or "SX-0006", "市民政局")
    now, ever = late(book), whole(book)
    assert {due.sheet for due in now.values()} == {"policies", "documents", "tasks"}
    assert {key: due.due for key, due in now.items()} == {key: ever[key].due for key in now}


def test_a_policy_moves_with_its_phase_and_has_no_extension_of_its_own():
    alone, with_phase = clean_book(), clean_book()
    assert "X24" not in rules_found(alone, END, END)
    extended(alone, policy_of(alone), "市编办")
    extended(with_phase, "P7", "市编办")
    assert "X24" in rules_found(alone, END, END), "it says so at the row, which has no effect"
    for book, day in ((alone, date(2016, 12, 31)), (with_phase, UNTIL)):
        [of_now] = [due for due in late(book).values() if due.sheet == "policies" and due.owner == AREA]
        [of_ever] = [one for one in whole(book).values() if one.record == policy_of(book)]
        assert (of_now.due, of_ever.due, of_ever.planned) == (day, day, date(2016, 12, 31))


def test_a_document_due_before_its_phase_is_extended_from_its_own_day():
    """A deliverable's own due day counts wherever the day of a document is asked for, not the phase's."""
    early = ("{document: 实施方案, until: 批复}", "{document: 实施方案, until: 批复, due: 2015-12-15}")
    asked = date(2015, 12, 20)
    for changes, is_late in (((early,), True), ((), False)):
        book = clean_book()
        book.plan = edited_plan(*changes)
        terms = terms_of(judged(book, END).world, END)
        assert terms.of_target(PAPER) == date(2015, 12, 15 if is_late else 31)
        extended(book, PAPER, "市科委", date(2016, 1, 10), asked)
        assert ("D09" in rules_found(book)) == is_late


def test_a_day_granted_to_a_document_of_a_phase_without_a_day_is_its_day():
    book = open_book()
    book.plan = edited_plan(("    due: 2015-12\n    leads: [市民政局]", "    due: null\n    leads: [市民政局]"))
    assert not [due for due in late(book).values() if due.record == PAPER]
    extended(book, PAPER, "市科委")
    [due] = [due for due in late(book).values() if due.record == PAPER]
    assert due.due == UNTIL


def test_items_without_a_day_of_their_own_move_with_the_phase_that_works_through_them():
    book = clean_book()
    phase = executing_phase(book.plan)
    assert phase is not None
    id = str(book.get("tasks", 2, "id"))
    book.set("tasks", 2, planned_on="")
    before = terms_of(judged(book, END).world, END).of_target(id)
    assert before == phase.due
    extended(book, phase.id, phase.leads[0])
    terms = terms_of(judged(book, END).world, END)
    assert terms.of_target(id) == terms.of_phase(phase) == UNTIL
    planned = next(task for task in terms.world.rows(Task) if task.planned_on and task.id not in terms.granted)
    assert terms.of_task(planned) == planned.planned_on
