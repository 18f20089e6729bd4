"""The sample: fictitious, varied, half way, with a dozen different mistakes and no others."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.domain.findings import Severity
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.services.sample import make_sample
from lib.store.provision import provision
from lib.store.xlsx import XlsxStore
from sheets_schema.associations import Association
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def ledger(sample_once: Path, plan: Plan) -> Ledger:
    assert plan.sample_as_of
    return derive(judge(XlsxStore(sample_once).read(), plan, TODAY), plan.sample_as_of)


def test_about_230_associations_over_20_units_with_the_edge_counts(plan: Plan) -> None:
    associations = [row for row in make_sample(plan, mistakes=False)["associations"] if isinstance(row, Association)]
    counts = Counter(a.unit for a in associations if a.in_scope == "纳入")
    assert 220 <= len(associations) <= 240
    assert {1, 4, 5, 6, 9, 10, 14, 40} <= set(counts.values())
    assert all("示例" in a.name for a in associations)


def test_at_least_a_dozen_different_mistakes_are_planted(ledger: Ledger) -> None:
    wrong = {f.rule for f in ledger.findings if f.severity is not Severity.NOTE}
    assert len(wrong) >= 12
    assert {rule[0] for rule in wrong} >= set("SXQDAR")


def test_without_the_mistakes_nothing_is_wrong(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "clean.xlsx"
    provision(path, plan, make_sample(plan, mistakes=False), {"sample": "yes"})
    assert plan.sample_as_of
    clean = derive(judge(XlsxStore(path).read(), plan, TODAY), plan.sample_as_of)
    wrong = [f"{f.rule} {f.cell} {f.message}" for f in clean.findings if f.severity is Severity.ERROR]
    assert [w for w in wrong if not w.startswith("Q01")] == [], "one unit recommends too few, by design"
    assert clean.left_out == 0


def test_the_batch_is_half_way(ledger: Ledger) -> None:
    states = {phase.state for phase in ledger.phases}
    assert {StateKey.DONE, StateKey.OVERDUE, StateKey.RUNNING, StateKey.IDLE} <= states
    assert 0.25 < ledger.tally.share < 0.75
    assert ledger.burn_up.projected is not None
