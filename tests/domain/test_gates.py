"""What one document waits for: gates that warn, block or give way, joint signatures, and bodies above the city."""

from __future__ import annotations

from datetime import date

import pytest

from lib.domain.chains import ChainState
from sheets_schema.plan_load import shipped_plan
from sheets_schema.plan_work import StateKey
from tests.domain.chain_model import signed_plan
from tests.workbooks import Book, clean_book, edited_plan, findings, ledger, rules_found, units

APPROVED = date(2015, 12, 25)
"""The day on which the clean workbook's city scheme is replied to."""


def chain_of(book: Book, document: str, as_of: date = date(2016, 3, 31)) -> ChainState:
    return next(chain for chain in ledger(book, as_of=as_of).chains if chain.document.id == document)


def passed(book: Book, document: str, as_of: date = date(2016, 3, 31)) -> list[str]:
    return [step.verb for step in chain_of(book, document, as_of).passed]


def pilot_plan(*days: date, **more: str) -> Book:
    """The clean workbook; the first pilot's plan is drafted, approved and replied to on these days."""
    book = clean_book()
    for row, day in zip((24, 25, 26), days, strict=True):
        book.set("approvals", row, submitted_on=day, decided_on=day)
    return book.set("approvals", 26, **more)


def found_in(book: Book, row: int) -> set[str]:
    return {f.rule for f in findings(book) if f.sheet == "审批" and f.row == row}


def test_a_plan_may_be_drafted_before_the_scheme_is_approved():
    book = pilot_plan(date(2015, 11, 15), APPROVED, APPROVED)
    assert not found_in(book, 24)
    assert passed(book, "WJ-0006") == ["制定", "核准", "批复", "实施"]


def test_approving_a_plan_before_the_scheme_warns_and_counts():
    book = pilot_plan(date(2015, 11, 15), date(2015, 12, 20), APPROVED)
    assert found_in(book, 25) == {"A07"}
    assert passed(book, "WJ-0006") == ["制定", "核准", "批复", "实施"]


def test_replying_to_a_plan_before_the_scheme_has_no_effect_and_neither_has_what_follows():
    book = pilot_plan(date(2015, 11, 15), date(2015, 12, 20), date(2015, 12, 24))
    assert found_in(book, 26) == {"A08"}
    assert found_in(book, 27) == {"A01"}
    assert passed(book, "WJ-0006") == ["制定", "核准"]
    tasks = [f for f in findings(book) if f.rule == "A10"]
    assert [f.row for f in tasks] == [2, 3], "only the work of this pilot falls, and only what has begun"


def test_the_office_may_go_ahead_with_a_reason_which_is_noted():
    book = pilot_plan(date(2015, 11, 15), date(2015, 12, 20), date(2015, 12, 24), override="市领导同意先行批复")
    assert found_in(book, 26) == {"A09"}
    assert passed(book, "WJ-0006") == ["制定", "核准", "批复", "实施"]
    (note,) = (f for f in findings(book) if f.rule == "A09")
    assert "市领导同意先行批复" in str(note.message)


def test_a_reason_does_not_excuse_a_skipped_step():
    book = pilot_plan(date(2015, 11, 15), date(2015, 12, 20), APPROVED, override="急").drop("approvals", 25)
    assert found_in(book, 25) == {"A01"}


def test_the_evaluation_cannot_begin_before_its_day():
    for day, wanted in ((date(2016, 6, 30), []), (date(2016, 7, 1), ["评估"])):
        book = clean_book().add("documents", kind="评估报告", batch=1.0)
        book.act("WJ-0011", "评估", "市联合工作组", day)
        chains = ledger(book, today=date(2016, 7, 2), as_of=date(2016, 7, 2)).chains
        assert [step.verb for step in chains[-1].passed] == wanted


def test_work_of_a_pilot_waits_for_its_own_plan_and_not_for_a_neighbours():
    book = clean_book().drop("approvals", 27).drop("approvals", 26)
    assert [(f.rule, f.row) for f in findings(book) if f.sheet == "脱钩事项"] == [("A10", 2), ("A10", 3)]


def redrafted() -> Book:
    """The scheme comes back from its last step in February and is drafted anew; the plans were settled in December."""
    book = clean_book().set("approvals", 23, submitted_on=date(2016, 2, 1), decided_on=date(2016, 2, 1), result="退回")
    return book.act("WJ-0005", "修订", "市民政局", date(2016, 2, 10), round=2.0)


def test_a_later_round_of_the_scheme_does_not_undo_what_was_done_under_the_former():
    assert passed(redrafted(), "WJ-0006") == ["制定", "核准", "批复", "实施"]


def test_the_past_does_not_change_when_the_scheme_is_redrafted_later():
    before, after = (passed(book, "WJ-0006", date(2016, 1, 15)) for book in (clean_book(), redrafted()))
    assert after == before


CHECKLIST_GATE = "    checklist: true\n    requires_document: 实施方案\n    requires_step: 批复\n    effect: block\n"


def test_a_checklist_that_waits_for_a_day_opens_on_that_day():
    book = clean_book()
    book.plan = edited_plan((CHECKLIST_GATE, "    checklist: true\n    not_before: 2016-01-01\n    effect: block\n"))
    assert "A10" not in rules_found(book)


def test_a_checklist_gate_may_warn_instead_of_block():
    book = clean_book().drop("approvals", 27).drop("approvals", 26)
    book.plan = edited_plan((CHECKLIST_GATE, CHECKLIST_GATE.replace("block", "warn")))
    found = [f for f in findings(book) if f.sheet == "脱钩事项"]
    assert found
    assert all(f.severity.value != "error" for f in found)


def joint() -> Book:
    """A work plan as far as its items, under a plan that asks for item by item and joint signatures."""
    book = units(Book(signed_plan())).add("documents", kind="工作方案", batch=1.0)
    return book.walk("WJ-0001", ("起草", "市民政局", date(2015, 11, 1)), ("征求意见", "市外办", date(2015, 11, 2)))


def test_a_step_signed_item_by_item_passes_with_the_last_item():
    book = joint().act("WJ-0001", "修改完善", "市编办", date(2015, 11, 5), item="编制")
    assert passed(book, "WJ-0001") == ["起草", "征求意见"]
    assert chain_of(book, "WJ-0001").partly == ("编制",)
    book.act("WJ-0001", "修改完善", "市财政局", date(2015, 11, 4), item="资产")
    assert chain_of(book, "WJ-0001").passed_on("修改完善") == date(2015, 11, 5)


def test_nobody_signs_an_item_of_another_department():
    book = joint().act("WJ-0001", "修改完善", "市编办", date(2015, 11, 5), item="资产")
    assert "A04" in rules_found(book)
    assert chain_of(book, "WJ-0001").partly == ()


def test_a_joint_step_needs_every_signature_and_dates_from_the_last():
    book = joint()
    for item, body in (("资产", "市财政局"), ("编制", "市委组织部")):
        book.act("WJ-0001", "修改完善", body, date(2015, 11, 5), item=item)
    book.act("WJ-0001", "审定", "市联合工作组", date(2015, 11, 9))
    assert chain_of(book, "WJ-0001").next_step.verb == "审定"
    book.act("WJ-0001", "印发", "市民政局", date(2015, 11, 10))
    assert "A01" in rules_found(book)
    book.act("WJ-0001", "审定", "市委市政府", date(2015, 11, 8))
    assert chain_of(book, "WJ-0001").passed_on("审定") == date(2015, 11, 9)
    assert chain_of(book, "WJ-0001").done


def test_one_of_several_may_act_where_the_plan_asks_for_any():
    book = units(Book()).add("documents", kind="工作方案", batch=1.0)
    book.walk("WJ-0001", ("起草", "市民政局", date(2015, 11, 1)), ("起草", "市发改委", date(2015, 11, 2)))
    assert "A05" in rules_found(book)
    assert passed(book, "WJ-0001") == ["起草"]


def scheme(*until: str, submitted: date | None = None) -> Book:
    """The clean workbook, its scheme passed as far as these verbs and perhaps submitted for the next step."""
    book = clean_book()
    order = ("修订", "审定", "核准", "批复", "实施")
    for row in range(23, 18 + len(until), -1):
        book.drop("approvals", row)
    if submitted:
        actor = dict(zip(order, ("市民政局", "市委市政府", "民政部", "国务院联合工作组", "市民政局"), strict=True))
        verb = order[len(until)]
        book.act("WJ-0005", verb, actor[verb], "", submitted_on=submitted, decided_on="", result="")
    return book


def state(book: Book, phase: str = "P3", as_of: date = date(2016, 1, 15)) -> StateKey:
    return next(one.state for one in ledger(book, as_of=as_of).phases if one.phase.id == phase)


def test_waiting_for_the_ministry_is_never_the_citys_delay():
    book = scheme("修订", "审定", submitted=date(2015, 12, 10))
    made = ledger(book, as_of=date(2016, 1, 15))
    assert state(book) is StateKey.WAITING
    assert not [f for f in made.findings if f.rule in {"D01", "D08"} and "试点方案" in str(f.message)]
    assert [due.state for due in made.dues if due.document_kind == "试点方案"] == [StateKey.WAITING]
    assert "A13" in {f.rule for f in made.findings}


def test_between_two_bodies_above_the_city_the_city_waits_too():
    book = scheme("修订", "审定", "核准")
    assert state(book) is StateKey.WAITING


@pytest.mark.parametrize(
    "book",
    [scheme("修订"), scheme("修订", submitted=date(2015, 12, 10)), scheme("修订", "审定")],
    ids=["drafted", "submitted to the city", "approved by the city but never submitted upwards"],
)
def test_until_it_is_submitted_above_the_delay_is_the_citys(book: Book):
    assert state(book) is StateKey.OVERDUE


def test_a_scheme_returned_by_the_ministry_is_the_citys_to_mend():
    book = scheme("修订", "审定").act("WJ-0005", "核准", "民政部", date(2015, 12, 20), result="退回")
    assert state(book) is StateKey.OVERDUE
    assert state(book, as_of=date(2015, 12, 19)) is not StateKey.WAITING
    assert chain_of(book, "WJ-0005").returned_on == date(2015, 12, 20)


def test_waiting_begins_on_the_day_of_submission():
    book = scheme("修订", "审定", submitted=date(2015, 12, 10))
    assert state(book, as_of=date(2015, 12, 9)) is not StateKey.WAITING
    assert state(book, as_of=date(2015, 12, 10)) is StateKey.WAITING


def test_only_bodies_above_the_city_are_waited_for():
    assert shipped_plan().superiors == {"民政部", "国务院联合工作组", "国务院行业协会商会与行政机关脱钩联合工作组"}


def test_the_office_may_record_on_behalf_of_the_body_that_acts():
    book = clean_book().set("approvals", 5, actor="市联合工作组办公室")
    assert found_in(book, 5) == {"A04"}
    book.set("approvals", 5, on_behalf="是")
    assert found_in(book, 5) == {"A16"}
    assert chain_of(book, "WJ-0001").done


def test_every_unit_may_be_asked_for_its_opinion_whoever_drafted():
    book = clean_book().set("approvals", 3, actor="市外办")
    assert found_in(book, 3) == set()
