"""Approval chains: never skipped, never reordered. Random rows against an independent model, and the past replayed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.chains import ChainState
from lib.domain.ledger import derive
from sheets_schema.plan import Plan
from sheets_schema.plan_load import shipped_plan
from tests.domain.chain_model import PASSED, RETURNED, Act, Spec, signed_plan, stands, told
from tests.workbooks import Book, clean_book, examples, judged, ledger, units

START = date(2015, 9, 1)
SPAN = 9
"""Days of one round: few, so that acts collide."""
LATE = st.sampled_from([SPAN, SPAN, SPAN // 2, 0])
"""Days by which each round lies after the one before: wholly after it, or so that dates go back."""
CITY = frozenset({"市委、市政府", "市委市政府"})
LEADS = frozenset({"市民政局", "市社团局", "市发展改革委", "市发改委"})
EVERY_UNIT = frozenset(unit.name for unit in shipped_plan().units) | LEADS


def anyone(*names: str) -> tuple[str, dict[str, frozenset[str]]]:
    return "any", {"*": frozenset(names)}


PLAN_OF_WORK: Spec = {
    "起草": anyone(*LEADS),
    "征求意见": anyone(*EVERY_UNIT),
    "修改完善": anyone(*LEADS),
    "审定": anyone(*CITY),
    "印发": anyone(*LEADS, "市联合工作组"),
}
LIST_OF_UNIT: Spec = {
    "推荐": anyone("市商务委"),
    "报送": anyone("市商务委"),
    "选定": ("all", {"市民政局": frozenset({"市民政局", "市社团局"}), "业务主管单位": frozenset({"市商务委"})}),
}
SIGNED: Spec = PLAN_OF_WORK | {
    "修改完善": ("items", {"资产": frozenset({"市财政局"}), "编制": frozenset({"市编办", "市委组织部"})}),
    "审定": ("all", {"市委、市政府": CITY, "市联合工作组": frozenset({"市联合工作组"})}),
}


KINDS = {
    "工作方案": (shipped_plan(), PLAN_OF_WORK),
    "推荐名单": (shipped_plan(), LIST_OF_UNIT),
    "逐项会签": (signed_plan(), SIGNED),
}


@st.composite
def acts(draw: st.DrawFn, spec: Spec) -> list[Act]:
    """A walk along the chain, perhaps returned and walked again, with anything else typed in between."""
    items = ["", *{part for mode, parts in spec.values() if mode == "items" for part in parts}, "别的"]
    days = st.integers(0, SPAN)
    made: list[Act] = []
    rounds = draw(st.integers(1, 3))
    for number in range(1, rounds + 1):
        day, length = 0, draw(st.sampled_from([len(spec), len(spec), len(spec) - 1, 2, 1, 0]))
        for verb, (mode, parts) in list(spec.items())[:length]:
            day = min(SPAN, day + draw(st.integers(0, 2)))
            for part, actors in parts.items():
                item = part if mode == "items" else ""
                made.append(Act(verb, draw(st.sampled_from(sorted(actors))), number, day, day, PASSED, item))
        if number < rounds and length:
            made[-1] = replace(made[-1], result=RETURNED)
    for _ in range(draw(st.integers(0, 6))):
        verb, number = draw(st.sampled_from([*spec, *spec, "批复"])), draw(st.sampled_from([1, 1, 1, 2, 3, -1]))
        able = sorted(actor for actors in spec.get(verb, anyone())[1].values() for actor in actors)
        decided, submitted = draw(days | days | st.none()), draw(days | st.none() | st.none())
        result = draw(
            st.sampled_from([PASSED, PASSED, RETURNED, None] if decided is None else [PASSED, PASSED, RETURNED])
        )
        actor = draw(st.sampled_from([*able[:4], *able[:4], "市科委", "财政部", "市委、市政府"]))
        made.append(Act(verb, actor, number, submitted, decided, result, draw(st.sampled_from(items))))
    if made and draw(st.integers(0, 3)) == 0:
        made.pop(draw(st.integers(0, len(made) - 1)))
    return draw(st.permutations(made))


def numbered(made: list[Act], late: int) -> list[Act]:
    """The acts with sheet rows, those of later rounds so many days later; acts without any date left out."""

    def move(day: int | None, number: int) -> int | None:
        return None if day is None else day + late * max(0, number - 1)

    return [
        replace(a, row=row, submitted=move(a.submitted, a.round), decided=move(a.decided, a.round))
        for row, a in enumerate(made, 2)
        if a.submitted is not None or a.decided is not None
    ]


def book_of(kind: str, plan: Plan, made: list[Act]) -> Book:
    book = units(Book(plan))
    of_unit = {"unit": "市商务委"} if kind == "推荐名单" else {}
    book.add("documents", kind="工作方案" if kind == "逐项会签" else kind, batch=1.0, **of_unit)
    for act in made:
        days = {name: on(getattr(act, name[:-3])) for name in ("submitted_on", "decided_on")}
        book.add(
            "approvals", document="WJ-0001", verb=act.verb, actor=act.actor, round=float(act.round), item=act.item,
            result=act.result or "", **days,
        )  # fmt: skip
    return book


def on(day: int | None) -> date | str:
    return "" if day is None else START + timedelta(days=day)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
@examples(120)
def test_the_steps_passed_are_those_an_independent_model_finds(kind: str, data: st.DataObject):
    plan, spec = KINDS[kind]
    made = numbered(data.draw(acts(spec)), data.draw(LATE))
    expected = stands(made, spec)
    (chain,) = judged(book_of(kind, plan, made)).world.chains
    assert told(chain, START) == (expected.round, expected.passed, expected.returned, expected.returns)
    assert chain.done == (len(expected.passed) == len(spec))


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
@examples(80)
def test_the_state_as_of_a_day_is_what_had_happened_by_then(kind: str, data: st.DataObject):
    plan, spec = KINDS[kind]
    made = numbered(data.draw(acts(spec)), data.draw(LATE))
    until = data.draw(st.integers(0, 3 * SPAN))
    known = [
        act if act.decided is None or act.decided <= until else replace(act, decided=None, result=None)
        for act in made
        if act.sound and act.first <= until
    ]
    as_of = START + timedelta(days=until)
    (replayed,) = derive(judged(book_of(kind, plan, made)), as_of).chains
    (lived,) = judged(book_of(kind, plan, known)).world.chains
    assert told(replayed, START) == told(lived, START)


@given(st.integers(0, 220))
@examples(30)
def test_every_chain_of_a_whole_workbook_can_be_replayed(day: int):
    as_of = date(2015, 9, 15) + timedelta(days=day)
    book = clean_book()
    then = derive(judged(book), as_of).chains
    tab = book.tabs["approvals"]
    tab.rows = [row for row in tab.rows if row[7] <= as_of]
    assert [(c.document.id, c.passed) for c in then] == [(c.document.id, c.passed) for c in judged(book).world.chains]


def chain_of(book: Book, document: str = "WJ-0001", as_of: date = date(2016, 3, 31)) -> ChainState:
    return next(chain for chain in ledger(book, as_of=as_of).chains if chain.document.id == document)


def returned() -> Book:
    """The clean workbook, its work plan returned by the city on 2015-11-15."""
    return clean_book().drop("approvals", 6).set("approvals", 5, result="退回", opinion="请补充")


def test_a_returned_document_starts_over_and_keeps_its_former_round_on_record():
    book = returned()
    assert chain_of(book).returned_on == date(2015, 11, 15)
    book.act("WJ-0001", "起草", "市民政局", date(2015, 11, 20), round=2.0)
    chain = chain_of(book)
    assert (chain.round, [step.verb for step in chain.passed], chain.returns) == (2, ["起草"], 1)
    assert chain.next_step is not None
    assert chain.next_step.verb == "征求意见"
    assert chain_of(book, as_of=date(2015, 11, 19)).returned_on == date(2015, 11, 15)
    assert [step.verb for step in chain_of(book, as_of=date(2015, 11, 14)).passed] == ["起草", "征求意见", "修改完善"]


def test_a_returned_document_goes_back_to_its_drafting_step():
    step = chain_of(returned()).next_step
    assert step is not None
    assert step.verb == "起草"


def test_a_broken_act_does_not_open_a_new_round():
    book = returned().act("WJ-0001", "审定", "市委、市政府", date(2015, 11, 20), round=2.0)
    chain = chain_of(book)
    assert (chain.round, chain.returned_on) == (1, date(2015, 11, 15))


def test_a_new_round_cannot_begin_before_the_document_came_back():
    book = returned().act("WJ-0001", "起草", "市民政局", date(2015, 11, 14), round=2.0)
    assert chain_of(book).round == 1
