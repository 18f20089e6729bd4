"""Whose a change or a conflict is, and that what is not one's own is not one's to settle."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from lib.domain.edits import Edit, Op
from lib.services import work
from lib.services.corrections import OURS, THEIRS, adopt, resolve, revert, undo, undo_last
from lib.services.policy import EVERYTHING, VIEWER, Actor
from lib.services.scene import Decision
from lib.services.whose import Whose, edits_of
from tests.services.shared import OFFICE, Shared, drop, edit_outside, put, shared_book
from tests.workbooks import PILOTS

MINE, THEIRS_UNIT, THIRD = "市商务委", "市科委", "市公安局"
ME, OTHER = Actor("赵六", "unit", (MINE,)), Actor("孙七", "unit", (THEIRS_UNIT,))
OWN, FOREIGN = "XH-0001", "XH-0006"


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    assert (PILOTS[OWN], PILOTS[FOREIGN]) == (MINE, THEIRS_UNIT)
    return shared_book(tmp_path)


def do(shared: Shared, actor: Actor, make: work.Make) -> Decision:
    assert shared.board.commands is not None
    decision = shared.board.commands.act(actor, "编辑", make)
    assert decision.allowed, str(decision.reason)
    shared.board.refresh()
    return decision


def whose(shared: Shared) -> Whose:
    return Whose(shared.board.judged, shared.keeper.history)


def last(shared: Shared, record: str) -> Edit:
    return next(c.edit for c in reversed(shared.keeper.history.changes) if c.edit.record == record)


def disputed(shared: Shared, sheet: str, record: str, column: str) -> str:
    """A cell that the app and a person have changed: the conflict's name."""
    stale = shared.path.with_name("旧.xlsx")
    shutil.copy(shared.path, stale)
    do(shared, OFFICE, work.edit(sheet, record, {column: "应用的"}))
    edit_outside(stale, put(sheet, record, column, "手工的"), shared.path)
    shared.board.refresh()
    return next(iter(shared.keeper.history.conflicts))


def test_a_change_is_for_those_its_record_is_about(shared: Shared):
    do(shared, OFFICE, work.edit("associations", FOREIGN, {"remark": "改"}))
    do(shared, OFFICE, work.edit("problems", "WT-0001", {"assignee": THIRD}))
    do(shared, OFFICE, work.edit("phases", "P1", {"progress": "改"}))
    found = whose(shared)
    assert found.audience(last(shared, FOREIGN)) == {THEIRS_UNIT}
    assert found.audience(last(shared, "WT-0001")) == {MINE, THIRD}
    assert found.audience(last(shared, "P1")) is None
    assert found.sees(EVERYTHING, [last(shared, FOREIGN)])
    assert found.sees(OTHER.sight, [last(shared, FOREIGN)])
    assert not found.sees(ME.sight, [last(shared, FOREIGN)])
    assert found.sees(ME.sight, [last(shared, "WT-0001"), last(shared, "P1")])


def test_of_a_deleted_record_the_journal_tells_whose_it_was(shared: Shared):
    do(shared, OFFICE, work.edit("updates", "DT-0002", {"remark": "改"}))
    changed = last(shared, "DT-0002")
    edit_outside(shared.path, drop("updates", "DT-0002"))
    shared.board.refresh()
    gone = last(shared, "DT-0002")
    assert gone.op is Op.REMOVE
    assert whose(shared).audience(changed) == whose(shared).audience(gone) == {THEIRS_UNIT}


def test_a_row_without_effect_is_still_its_units(shared: Shared):
    edit_outside(shared.path, put("tasks", "SX-0001", "status", "差不多了"))
    shared.board.refresh()
    assert whose(shared).audience(last(shared, "SX-0001")) == {MINE}


def test_what_nobody_can_tell_is_the_offices(shared: Shared):
    edit_outside(shared.path, put("tasks", "SX-0001", "association", "没有这家协会"))
    shared.board.refresh()
    unknown = last(shared, "SX-0001")
    strange = Edit(Op.REMOVE, "tasks", "SX-7777", values={"association": "没有这家协会", "item": "A1"})
    for edit in (unknown, strange):
        assert whose(shared).audience(edit) == whose(shared).writers(edit) == frozenset()
        assert not whose(shared).sees(ME.sight, [edit])
        assert whose(shared).sees(OFFICE.sight, [edit])
    nothing = Whose(None, shared.keeper.history)
    assert not nothing.sees(ME.sight, [unknown])
    assert not nothing.may_settle(ME.sight, [unknown])


def test_a_whole_row_is_whose_its_cells_say_by_any_name(shared: Shared):
    named = {"association": "示例钢铁行业协会", "item": "A1", "reported_on": date(2016, 3, 1)}
    assert whose(shared).audience(Edit(Op.REMOVE, "tasks", "SX-7777", values=named)) == {MINE}
    report = {"unit": " 市社团局 ", "period": "2016Q1"}
    assert whose(shared).audience(Edit(Op.ADD, "reports", "JB-7777", values=report)) == {"市民政局"}
    city = {"kind": "试点方案", "batch": 1.0}
    assert whose(shared).audience(Edit(Op.REMOVE, "documents", "WJ-7777", values=city)) is None


def test_a_record_that_changed_hands_is_its_present_units_to_settle(shared: Shared):
    """The row as it was added is its former unit's to see, no longer to settle."""
    held = {"unit": MINE, "period": "2016Q1"}
    do(shared, OFFICE, work.edit("reports", "JB-0001", {"unit": THEIRS_UNIT, "period": "2016Q1"}))
    added = Edit(Op.ADD, "reports", "JB-0001", values=held)
    assert whose(shared).audience(added) == {MINE}
    assert whose(shared).writers(added) == frozenset()
    assert whose(shared).writers(last(shared, "JB-0001")) == {THEIRS_UNIT}


@pytest.mark.parametrize("side", [OURS, THEIRS])
def test_a_conflict_is_settled_by_its_own_unit_or_the_office_alone(shared: Shared, side: str):
    name = disputed(shared, "associations", FOREIGN, "remark")
    desk, entries = shared.board.commands, shared.keeper.journal.verify().count
    assert desk is not None
    for actor in (ME, VIEWER):
        decision = resolve(desk, actor, name, side)
        assert not decision.allowed
        assert str(decision.reason)
        assert name in shared.keeper.history.conflicts
        assert shared.keeper.journal.verify().count == entries
    assert resolve(desk, OTHER, name, side).allowed
    assert name not in shared.keeper.history.conflicts


@pytest.mark.parametrize("side", [OURS, THEIRS])
def test_the_office_settles_any_conflict(shared: Shared, side: str):
    name = disputed(shared, "associations", FOREIGN, "remark")
    assert shared.board.commands is not None
    assert resolve(shared.board.commands, OFFICE, name, side).allowed


def test_a_unit_cannot_keep_what_was_typed_into_a_column_of_the_office(shared: Shared):
    name = disputed(shared, "associations", OWN, "scope_reason")
    assert shared.board.commands is not None
    assert not resolve(shared.board.commands, ME, name, THEIRS).allowed
    assert resolve(shared.board.commands, OFFICE, name, THEIRS).allowed


def test_an_approval_of_ones_own_plan_is_seen_but_not_settled(shared: Shared):
    act = next(
        row.id for row in shared.board.judged.parsed["approvals"].rows  # type: ignore[union-attr]
        if (getattr(row, "document", ""), getattr(row, "verb", "")) == ("WJ-0006", "核准")
    )  # fmt: skip
    name = disputed(shared, "approvals", act, "opinion")
    conflict = edits_of(shared.keeper.history.conflicts[name])
    assert whose(shared).sees(ME.sight, conflict)
    assert not whose(shared).may_settle(ME.sight, conflict)
    desk, entry = shared.board.commands, shared.keeper.history.changes[-1].seq
    assert desk is not None
    assert not resolve(desk, ME, name, THEIRS).allowed
    assert not undo(desk, ME, entry).allowed
    assert not revert(desk, ME, entry, act, "opinion").allowed
    assert revert(desk, OFFICE, entry, act, "opinion").allowed


def test_a_problem_is_told_by_who_raises_it_and_settled_by_either(shared: Shared):
    do(shared, OFFICE, work.edit("problems", "WT-0001", {"assignee": THIRD}))
    told = Edit(Op.SET, "problems", "WT-0001", "content", "甲", "乙")
    settling = Edit(Op.SET, "problems", "WT-0001", "settlement", "甲", "乙")
    assert whose(shared).writers(told) == {MINE}
    assert whose(shared).writers(settling) == {MINE, THIRD}
    assert whose(shared).audience(told) == {MINE, THIRD}


def test_two_fates_of_a_record_are_for_those_who_answer_for_both(shared: Shared):
    stale = shared.path.with_name("旧.xlsx")
    shutil.copy(shared.path, stale)
    do(shared, OFFICE, work.edit("updates", "DT-0002", {"association": "示例钢铁行业协会"}))
    edit_outside(stale, drop("updates", "DT-0002"), shared.path)
    shared.board.refresh()
    conflict = edits_of(next(iter(shared.keeper.history.conflicts.values())))
    for actor in (ME, OTHER):
        assert not whose(shared).sees(actor.sight, conflict)
    assert whose(shared).sees(OFFICE.sight, conflict)


def test_confirming_taking_back_and_reverting_are_for_ones_own_records(shared: Shared):
    edit_outside(shared.path, put("associations", FOREIGN, "remark", "手工"))
    shared.board.refresh()
    desk, history = shared.board.commands, shared.keeper.history
    assert desk is not None
    entry, entries = history.changes[-1].seq, shared.keeper.journal.verify().count
    refused = [
        adopt(desk, ME, entry), undo(desk, ME, entry), revert(desk, ME, entry, FOREIGN, "remark"), undo_last(desk, ME)
    ]  # fmt: skip
    assert not [decision for decision in refused if decision.allowed]
    assert all(str(decision.reason) for decision in refused)
    assert shared.keeper.journal.verify().count == entries
    assert not history.adopted
    assert adopt(desk, OTHER, entry).allowed
    assert history.adopted == {entry}


def test_an_entry_that_holds_anything_of_others_is_not_confirmed_by_one_unit(shared: Shared):
    def spread(book):
        for record in (OWN, FOREIGN):
            put("associations", record, "remark", "手工")(book)

    edit_outside(shared.path, spread)
    shared.board.refresh()
    desk, entry = shared.board.commands, shared.keeper.history.changes[-1].seq
    assert desk is not None
    assert not adopt(desk, ME, entry).allowed
    assert not undo(desk, ME, entry).allowed
    assert undo(desk, OFFICE, entry).allowed


def test_there_is_no_confirming_what_never_happened(shared: Shared):
    assert shared.board.commands is not None
    assert not adopt(shared.board.commands, OFFICE, 10_000).allowed


def test_a_unit_takes_back_its_own_last_act(shared: Shared):
    do(shared, ME, work.edit("associations", OWN, {"remark": "我的"}))
    assert shared.board.commands is not None
    assert undo_last(shared.board.commands, ME).allowed
