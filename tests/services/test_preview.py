"""A preview answers as the act would, and changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lib.domain.ledger import derive
from lib.services import work
from lib.services.policy import Actor
from tests.services.shared import OFFICE, Shared, shared_book

ON = date(2016, 3, 31)


def state(shared: Shared) -> tuple[object, ...]:
    keeper = shared.keeper
    return keeper.version, keeper.journal.mark(), len(keeper.history.changes), keeper.grids.snapshot.digest


def test_what_is_allowed_shows_its_edits_and_what_would_become_of_the_figures(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    commands = shared.board.commands
    assert commands is not None
    world = shared.board.judged.world  # type: ignore[union-attr]
    before = state(shared)
    make = work.add("problems", {"kind": "问题", "unit": next(iter(world.units)), "content": "试", "raised_on": ON})
    found = commands.preview(OFFICE, make)
    assert found.decision.allowed
    assert len(found.edits) == 1
    assert found.after is not None
    assert derive(found.after, ON)
    assert state(shared) == before
    done = commands.act(OFFICE, "提出", make)
    assert done.records == (found.edits[0].record,)


def test_a_refusal_names_the_rule_as_the_act_does(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    commands = shared.board.commands
    assert commands is not None
    make = work.edit("associations", "XH-0002", {"in_scope": "也许"})
    before = state(shared)
    tried, done = commands.preview(OFFICE, make), commands.act(OFFICE, "编辑", make)
    assert not tried.decision.allowed
    assert (tried.decision.rule, str(tried.decision.reason)) == (done.rule, str(done.reason))
    assert tried.after is not None
    assert state(shared) == before


def test_who_may_not_act_is_told_so_before_pressing(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    commands = shared.board.commands
    assert commands is not None
    make = work.edit("associations", "XH-0002", {"remark": "x"})
    found = commands.preview(Actor("张三", "viewer"), make)
    assert not found.decision.allowed
    assert str(found.decision.reason) == str(commands.act(Actor("张三", "viewer"), "编辑", make).reason)


def test_no_number_is_used_up_by_trying(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    commands = shared.board.commands
    assert commands is not None
    unit = next(iter(shared.board.judged.world.units))  # type: ignore[union-attr]
    make = work.add("problems", {"kind": "问题", "unit": unit, "content": "试", "raised_on": ON})
    first, second = (commands.preview(OFFICE, make).edits[0].record for _ in range(2))
    assert first == second
