"""Who may take a step, and whose turn it is: the same bodies, less those that have acted."""

from __future__ import annotations

from datetime import date

from lib.domain.judge import Judged
from lib.domain.signing import may_act, whose_turn
from sheets_schema.documents import Document
from sheets_schema.plan_chains import Step
from tests.workbooks import clean_book, judged

LEAD, UNIT, PILOT = "市民政局", "市科委", "XH-0006"
LATE = date(2016, 7, 1)


def a_step(kind: str, verb: str) -> tuple[Judged, Step, Document]:
    found = judged(clean_book(), LATE)
    step = next(step for step in found.plan.kinds[kind].steps if step.verb == verb)
    return found, step, Document(row=0, id="", kind=kind, unit=UNIT, association=PILOT)


def test_each_of_those_who_act_together_has_a_part_of_its_own():
    found, step, document = a_step("推荐名单", "选定")
    able = may_act(step, document, found.world)
    assert able == {LEAD: {LEAD}, UNIT: {"业务主管单位"}}
    assert [*able] == [LEAD, UNIT], "in the order of the chain"
    assert whose_turn(step, document, found.world) == (LEAD, UNIT)
    assert whose_turn(step, document, found.world, {LEAD}) == (UNIT,)
    assert whose_turn(step, document, found.world, {LEAD, "业务主管单位"}) == ()


def test_one_body_that_is_two_of_the_actors_fulfils_both():
    found, step, _document = a_step("推荐名单", "选定")
    both = Document(row=0, id="", kind="推荐名单", unit=LEAD)
    assert may_act(step, both, found.world) == {LEAD: {LEAD, "业务主管单位"}}
    assert whose_turn(step, both, found.world, {LEAD}) == (LEAD,), "one part is open still"


def test_a_pilot_acts_by_its_own_name_and_its_unit_sees_to_it():
    found, step, document = a_step("试点工作总结", "总结")
    assert [*may_act(step, document, found.world)] == [found.world.associations[PILOT].name]
    assert whose_turn(step, document, found.world) == (UNIT,)
