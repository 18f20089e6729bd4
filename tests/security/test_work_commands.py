"""Every command of the work, called by those who may not: for another unit's record, by a viewer, by a leader."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date

import pytest

from lib.services import work, work_chains, work_checklists, work_mechanism, work_pilots, work_policies
from lib.services.commands import Commands
from sheets_schema.nominations import Nomination
from sheets_schema.tasks import Task
from tests.security.desk import DAY, LEADER, OFFICE, OURS, THEIRS, VIEWER, Make, book, desk, mark, refused, unit

MODULES = (work, work_chains, work_checklists, work_mechanism, work_pilots, work_policies)
UNTIL = date(2016, 7, 20)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A workbook that no attack has changed when all are over."""
    full = book()
    full.drop("units", full.row("units", name=LACKED))
    full.set("tasks", full.row("tasks", id="SX-0006"), status="已完成", done_on=DAY)
    full.add("associations", id="XH-9010", name="另一家协会", unit=THEIRS, in_scope="纳入")
    full.add(
        "nominations", id="TJ-9002", batch=1.0, association="XH-9010", unit=THEIRS, status="已推荐",
        nominated_on=date(2015, 11, 20),
    )  # fmt: skip
    made = desk(tmp_path_factory.mktemp("still"), full)
    before = mark(made)
    yield made
    assert mark(made) == before


def theirs(still: Commands) -> dict[str, Make]:
    """Each command by name, as it would change what is THEIRS."""
    world = still.verdicts.of(still.keeper.grids.snapshot).world
    task = next(row for row in world.rows(Task) if row.id == "SX-0006")
    target = [(task.association, task.item)]
    free = next(
        name for name, one in world.associations.items()
        if one.unit == THEIRS and not any(row.association == name for row in world.rows(Nomination))
    )  # fmt: skip
    listed = work.edit("tasks", "SX-0006", {"owner": "别人"})
    area = "信用体系和信息公开"
    return {
        "add": work.add("events", {"kind": "学习", "held_on": DAY, "unit": THEIRS, "title": "学习"}),
        "edit": work.edit("problems", "WT-9002", {"content": "改口"}),
        "as_listed": work.as_listed(listed, still.preview(OFFICE, listed).edits),
        "nominate": work.nominate(free, THEIRS, DAY, voluntary=True, reason="愿意"),
        "withdraw": work.withdraw("TJ-0002", "不去了"),
        "select": work.select("TJ-0002", DAY),
        "confirm_scope": work.confirm_scope("XH-0008", "不纳入", "不是"),
        "submit_list": work.submit_list(OURS, DAY),
        "approve": work.approve("WJ-9002", THEIRS, DAY),
        "return_document": work.return_document("WJ-9002", THEIRS, DAY, "退"),
        "complete": work.complete("SX-0006", UNTIL, "https://example.org/1"),
        "not_applicable": work.not_applicable("SX-0006", "没有"),
        "reopen": work.reopen("SX-0006"),
        "close": work.close("SX-0006", "李四", DAY),
        "close_all": work.close_all(["SX-0006"], "李四", DAY),
        "report_progress": work.report_progress("XH-0006", DAY, "清产"),
        "file_report": work.file_report(THEIRS, "2016Q2", DAY, work="会", policies="无", next_steps="清产"),
        "ask_extension": work.ask_extension("SX-0008", THEIRS, DAY, UNTIL, "会签"),
        "decide_extension": work.decide_extension("YQ-9002", DAY, "赵六", granted=True),
        "publish_policy": work.publish_policy("ZC-9002", DAY, "办法", "津信〔2016〕1号"),
        "record_meeting": work.record_meeting("协调会", DAY, THEIRS, "会"),
        "begin_document": work_chains.begin_document("试点工作总结", association="XH-0006"),
        "start_document": work_chains.start_document("试点工作总结", THEIRS, DAY, association="XH-0006"),
        "take_step": work_chains.take_step("WJ-9002", {"actor": THEIRS, "decided_on": DAY, "result": "通过"}),
        "set_items": work_checklists.set_items(target, {"owner": "别人"}),
        "complete_items": work_checklists.complete_items(target, UNTIL),
        "leave_out_items": work_checklists.leave_out_items(target, "没有"),
        "reopen_items": work_checklists.reopen_items(target),
        "list_checklist": work_checklists.list_checklist("XH-0006"),
        "confirm_name": work_mechanism.confirm_name("DW-0003", THEIRS, DAY),
        "enter_units": work_mechanism.enter_units({LACKED}),
        "begin_unit_plan": work_mechanism.begin_unit_plan("市公安局", {}),
        "together": work_pilots.together(work.complete("SX-0006", UNTIL)),
        "confirm_scopes": work_pilots.confirm_scopes({"XH-0008": ("不纳入", "不是")}),
        "nominate_all": work_pilots.nominate_all([free], THEIRS, DAY, voluntary=True, reason="愿意"),
        "withdraw_all": work_pilots.withdraw_all(["TJ-9002"], "不去了"),
        "select_all": work_pilots.select_all(["TJ-0002"], DAY),
        "pass_over": work_pilots.pass_over(["TJ-0002"]),
        "note_policy": work_policies.note_policy(area, THEIRS, {"title": "办法"}),
        "advance_policy": work_policies.advance_policy(area, THEIRS, "征求意见", DAY),
        "await_nation": work_policies.await_nation(area, THEIRS, DAY, "没有出台"),
    }


def commands() -> set[str]:
    """Every function that makes a command."""
    return {
        name
        for module in MODULES
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and found.__annotations__.get("return") == "Make"
    }


def test_no_command_is_left_out(still: Commands) -> None:
    assert set(theirs(still)) == commands()


LACKED = "市合作交流办"
"""A unit that the plan lists and this workbook lacks."""


@pytest.mark.parametrize("name", sorted(commands()))
def test_nobody_does_it_to_what_is_anothers(still: Commands, name: str) -> None:
    made = theirs(still)[name]
    thief = unit(THEIRS) if name == "submit_list" else unit()
    asked = still.preview(OFFICE, made)
    assert asked.edits, "otherwise this proves nothing"
    for actor, why in ((thief, ("只能改动本单位的记录", "由办公室")), (VIEWER, ("只读",)), (LEADER, ("只读",))):
        reason = str(refused(still, actor, made).reason)
        assert any(word in reason for word in why), (actor.role, reason)
