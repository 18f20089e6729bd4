"""审批流转, 实施方案 and 配套政策: figures against a hand count over the sample's rows, and what is amber."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.services.policy import EVERYTHING, Sight
from lib.store.xlsx import XlsxStore
from lib.views.approvals import approvals
from lib.views.chain import chain_card
from lib.views.dues import unit_dues
from lib.views.implementation import implementation
from lib.views.policies import policies
from sheets_schema.documents import Approval, Document, Result
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey
from sheets_schema.reports import Policy

AS_OF = date(2016, 3, 31)


@pytest.fixture(scope="module")
def judged(sample_once: Path, plan: Plan) -> Judged:
    return judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23))


@pytest.fixture(scope="module")
def ledger(judged: Judged) -> Ledger:
    return derive(judged, AS_OF)


def test_documents_are_done_when_a_passed_act_stands_for_every_step(ledger: Ledger) -> None:
    view = approvals(ledger, EVERYTHING)
    passed = Counter(
        (row.document, row.verb) for row in ledger.world.rows(Approval) if row.result is Result.PASSED
    )  # fmt: skip
    kinds = ledger.plan.kinds
    through = {
        row.id
        for row in ledger.world.rows(Document)
        if all(passed[row.id, s.verb] >= (1 if row.unit in s.actors else s.needed) for s in kinds[row.kind].steps)
    }
    assert {line.id for line in view.lines if "done" in line.stages} == through
    assert len(view.lines) == len(ledger.world.rows(Document))


def test_what_is_expected_and_not_begun_is_every_unit_pilot_and_period_without_its_document(ledger: Ledger) -> None:
    lacking = Counter(line.kind for line in approvals(ledger, EVERYTHING).missing)
    there = {(row.kind, row.association or row.unit) for row in ledger.world.rows(Document)}
    for kind in (kind for kind in ledger.plan.documents if kind.per == "pilot"):
        assert lacking[kind.kind] == sum((kind.kind, pilot.id) not in there for pilot in ledger.pilots), kind.kind


def test_a_unit_is_shown_its_own_documents_the_citys_and_those_before_it(ledger: Ledger) -> None:
    own = Sight(frozenset({"市科委"}))
    view = approvals(ledger, own)
    assert {line.unit for line in view.lines} <= {"市科委", "", "市民政局"}
    assert all(line.unit == "市科委" or ledger.world.documents[line.id].unit != "市财政局" for line in view.lines)
    assert len(view.lines) < len(approvals(ledger, EVERYTHING).lines)


def test_complete_plans_name_all_parts(ledger: Ledger) -> None:
    view = implementation(ledger, EVERYTHING)
    assert view is not None
    parts = set(ledger.plan.kinds[view.kind].parts)
    pilots = {pilot.id for pilot in ledger.pilots}
    mine = [row for row in ledger.world.rows(Document) if row.kind == view.kind and row.association in pilots]
    assert view.complete == sum(parts <= set(row.parts) for row in mine)
    assert view.drafted == len(mine)


def test_the_card_of_a_returned_document_begins_a_new_round(ledger: Ledger) -> None:
    for chain in ledger.chains:
        card = chain_card(chain, ledger)
        assert card.round == chain.round + (chain.returned_on is not None)
        assert [step.state is StateKey.DONE for step in card.steps].count(True) == (
            0 if chain.returned_on else len(chain.passed)
        )


def test_policies_are_the_plans_areas_by_owner(ledger: Ledger) -> None:
    view = policies(ledger, EVERYTHING)
    assert view.expected == sum(len(area.owners) for area in ledger.plan.policies.areas)
    rows = ledger.world.rows(Policy)
    assert view.issued == sum(bool(row.issued_on and row.issued_on <= AS_OF) for row in rows)
    assert view.awaiting == sum(row.stage == ledger.plan.policies.waiting_national for row in rows)


def test_a_policy_that_waits_for_the_nation_with_a_reason_is_never_overdue(judged: Judged) -> None:
    late = derive(judged, date(2017, 1, 31))
    waiting = {(r.area, r.owner) for r in late.world.rows(Policy) if r.stage == late.plan.policies.waiting_national}
    states = {(due.owner, due.unit): due.state for due in late.dues if due.sheet == "policies"}
    assert waiting
    assert {states[pair] for pair in waiting} == {StateKey.BEHIND}
    assert {state for pair, state in states.items() if pair not in waiting} == {StateKey.OVERDUE}
    assert any("滞后 1" in found.title for found in unit_dues(late, EVERYTHING))


def test_before_it_began_to_wait_a_policy_is_not_held_up(judged: Judged) -> None:
    early = derive(judged, date(2016, 1, 1))
    assert policies(early, EVERYTHING).awaiting == 0
