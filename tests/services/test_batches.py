"""The next batch: a plan file made from the one in force, and put in force for a workbook that keeps its rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib.domain.judge import judge
from lib.domain.ledger import derive
from lib.services import work
from lib.services.batches import leftovers, next_batch, plan_text, put_in_force
from lib.services.policy import Actor
from lib.services.settings import Settings
from lib.services.setup import own_plan, plan_of
from sheets_schema.plan_load import PLANS_DIR, PlanError, parse_plan
from tests.services.shared import OFFICE, opened, shared_book

TEXT = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")
ADMIN = Actor("周宁", "admin")


def chosen(workbook: Path, plan: str | None = None) -> Settings:
    return Settings(workbook, plan, 1.0, is_default=False)


def test_the_next_batch_has_its_own_number_and_every_date_later() -> None:
    one, two = parse_plan(TEXT), parse_plan(next_batch(TEXT, 1))
    assert (one.batch, two.batch) == (1, 2)
    for was, now in zip(one.phases, two.phases, strict=True):
        assert (was.id, was.title, was.leads) == (now.id, now.title, now.leads)
        for before, after in ((was.start, now.start), (was.due, now.due)):
            assert (before is None) == (after is None)
            assert before is None or after is None or after.year == before.year + 1
    assert next(p.id for p in two.cadence.periods) == "2016Q4"
    assert two.sample_as_of is None
    assert two.quota == one.quota
    assert parse_plan(next_batch(next_batch(TEXT, 1), 1)).id == f"{one.id}-batch3"


def test_comments_and_everything_else_of_the_file_stay() -> None:
    made = next_batch(TEXT, 1)
    assert made.count("#") == TEXT.count("#")
    assert len(made.splitlines()) == len(TEXT.splitlines()) - 1


def test_years_written_out_in_words_are_named_for_a_person_to_look_at() -> None:
    lines = [line for _number, line in leftovers(TEXT, next_batch(TEXT, 1))]
    assert any("2016年7月1日" in line for line in lines)
    assert not [line for line in lines if line.startswith(("due:", "start:"))]


def test_a_file_that_is_no_plan_is_not_moved_on() -> None:
    with pytest.raises(PlanError):
        next_batch("batch: 1\n", 1)


def test_a_plan_put_in_force_governs_the_workbook_and_the_former_file_is_kept(tmp_path: Path) -> None:
    workbook = tmp_path / "work.xlsx"
    second = next_batch(TEXT, 1)
    assert put_in_force(ADMIN, chosen(workbook), TEXT).allowed
    assert put_in_force(ADMIN, chosen(workbook), second).allowed
    assert plan_of(workbook).batch == 2
    assert plan_text(chosen(workbook)) == second
    assert own_plan(workbook).with_name("work.plan.old1.yaml").read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("role", ["office", "unit", "viewer", "leader"])
def test_nobody_but_the_administrator_changes_the_plan(tmp_path: Path, role: str) -> None:
    workbook = tmp_path / "work.xlsx"
    decision = put_in_force(Actor("某人", role), chosen(workbook), TEXT)
    assert not decision.allowed
    assert not own_plan(workbook).exists()


def test_a_bad_file_and_a_plan_set_on_the_server_are_refused_and_change_nothing(tmp_path: Path) -> None:
    workbook = tmp_path / "work.xlsx"
    bad = put_in_force(ADMIN, chosen(workbook), TEXT.replace("batch: 1", "batch: 很多"))
    fixed = put_in_force(ADMIN, chosen(workbook, "tianjin-2015"), TEXT)
    assert "batch" in str(bad.reason)
    assert "TUOGOU_PLAN" in str(fixed.reason)
    assert not list(tmp_path.glob("*.yaml"))


def test_the_first_batchs_rows_stay_and_do_not_count_for_the_second(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    before = derive(shared.keeper and shared.board.judged, date(2016, 3, 31))  # type: ignore[arg-type]
    assert before.pilots
    second = parse_plan(next_batch(TEXT, 1))
    after = derive(judge(shared.keeper.grids.snapshot, second, date(2017, 3, 31)), date(2017, 3, 31))
    assert not after.pilots
    assert {quota.recommended for quota in after.quotas} == {0}
    assert not [finding for finding in after.findings if finding.rule == "Q05"]


def test_an_association_of_the_first_batch_is_not_nominated_twice_in_the_second(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    again = opened(shared.path, replace_plan(shared.path))
    unit, name = next((a.unit, a.id) for a in again.board.judged.world.associations.values())  # type: ignore[union-attr]
    act = again.board.commands
    assert act is not None
    on = date(2016, 3, 31)
    first = act.act(OFFICE, "推荐", work.nominate(name, unit, on, voluntary=True))
    assert first.allowed, first.reason
    twice = act.act(OFFICE, "推荐", work.nominate(name, unit, on, voluntary=True))
    assert twice.rule == "Q05"


def replace_plan(workbook: Path):
    put_in_force(ADMIN, chosen(workbook), next_batch(TEXT, 1))
    return plan_of(workbook)
