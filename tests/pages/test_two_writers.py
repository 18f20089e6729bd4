"""Two people at once: a form, a preview, a step or a file that is open while somebody else changes what it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.edits import Edit, Op
from lib.services import work, work_chains
from lib.services.work import Make
from lib.ui.session import board
from sheets_schema.snapshot import Cell
from tests.pages.desk import press, records, said, widget
from tests.pages.test_execution import choose, figures, open_items, task_of
from tests.pages.test_pages import open_page
from tests.services.shared import OFFICE, drop, edit_outside, put

OWN, CONSULTED = "市科委", "ZC-02"
Change = Callable[[str, str, str, str, Path], None]


def elsewhere(make: Make) -> None:
    """Somebody else does something in another session."""
    office = board().commands
    assert office is not None
    found = office.act(OFFICE, "别人办理", make)
    assert found.allowed, str(found.reason)


def by_command(sheet: str, record: str, column: str, value: str, path: Path) -> None:
    elsewhere(work.edit(sheet, record, {column: value}))


def by_hand(sheet: str, record: str, column: str, value: str, path: Path) -> None:
    edit_outside(path, put(sheet, record, column, value))


CHANGES = pytest.mark.parametrize("change", [by_command, by_hand])


def opened_form() -> tuple[AppTest, str]:
    """The form that corrects an association, open."""
    open_page("registry")
    record = next(name for name, cells in records("associations").items() if cells["unit"] == OWN and cells["name"])
    return open_page("registry", record=record), record


@CHANGES
def test_a_form_does_not_put_back_what_somebody_else_changed(sample: Path, change: Change) -> None:
    app, record = opened_form()
    change("associations", record, "industry", "别人改的", sample)
    widget(app, "备注").input("我写的")
    assert "已保存" in said(press(app, "保存更正"))
    held = records("associations")[record]
    assert (held["industry"], held["remark"]) == ("别人改的", "我写的")


@CHANGES
def test_who_changes_the_same_cell_is_told_and_decides(sample: Path, change: Change) -> None:
    app, record = opened_form()
    change("associations", record, "industry", "别人改的", sample)
    widget(app, "行业").input("我改的")
    app = press(app, "保存更正")
    assert "“行业”刚被改为“别人改的”" in said(app)
    assert records("associations")[record]["industry"] == "别人改的"
    assert widget(app, "行业").value == "我改的"
    assert "已保存" in said(press(app, "保存更正"))
    assert records("associations")[record]["industry"] == "我改的"


def test_two_cells_changed_by_somebody_else_are_told_one_after_the_other(sample: Path) -> None:
    app, record = opened_form()
    for name in ("industry", "remark"):
        by_command("associations", record, name, "别人改的", sample)
    for label in ("行业", "备注"):
        widget(app, label).input("我改的")
    told = [said(app := press(app, "保存更正")) for _n in range(3)]
    assert ["“行业”刚" in told[0], "“备注”刚" in told[1], "已保存" in told[2]] == [True] * 3


def test_a_form_that_was_left_begins_anew(sample: Path) -> None:
    app, record = opened_form()
    app.query_params["record"] = ""
    app.switch_page("../pages/health.py").run()
    by_command("associations", record, "industry", "别人改的", sample)
    app.query_params["record"] = record
    app = app.switch_page("../pages/registry.py").run()
    assert widget(app, "行业").value == "别人改的"
    widget(app, "行业").input("我改的")
    assert "已保存" in said(press(app, "保存更正"))


@CHANGES
def test_a_policy_is_issued_under_the_title_that_somebody_else_gave_it(sample: Path, change: Change) -> None:
    app = press(open_page("policies", record="Z1:市社会组织工委"), "登记“审定”")
    change("policies", CONSULTED, "title", "别人定的名称", sample)
    widget(app, "文号").input("示例发〔2016〕9号")
    app = press(app, "登记“印发”")
    row = records("policies")[CONSULTED]
    assert (row["stage"], row["title"], row["number"]) == ("印发", "别人定的名称", "示例发〔2016〕9号"), said(app)


def listed_changes(n: int = 2) -> tuple[AppTest, list[str]]:
    """Several items planned, the list of changes on the screen; and the ids of the tasks."""
    open_page("execution")
    pilot, items = open_items(n)
    tasks = [task_of(pilot, item) for item in items]
    app = choose(open_page("execution", pilot=pilot), "要办理的事项", items)
    app = widget(app, "办理").set_value("plan").run()
    widget(app, "责任人").input("我定的人")
    return press(app, "列出改动"), tasks


@CHANGES
def test_a_list_of_changes_that_is_not_true_any_more_is_looked_at_again(sample: Path, change: Change) -> None:
    app, tasks = listed_changes()
    change("tasks", tasks[0], "owner", "别人定的人", sample)
    before = records("tasks")[tasks[1]]
    app = press(app, "确认保存")
    assert "又有变动" in said(app)
    assert records("tasks")[tasks[0]]["owner"] == "别人定的人"
    assert records("tasks")[tasks[1]] == before
    assert "别人定的人" in str([frame.value for frame in app.dataframe])
    assert "已保存" in said(press(app, "确认保存"))
    assert [records("tasks")[task]["owner"] for task in tasks] == ["我定的人"] * 2


def test_a_record_deleted_after_the_list_was_made_does_not_come_back_by_itself(sample: Path) -> None:
    app, tasks = listed_changes()
    edit_outside(sample, drop("tasks", tasks[0]))
    app = press(app, "确认保存")
    assert "又有变动" in said(app)
    held = records("tasks")
    assert tasks[0] not in held
    assert held[tasks[1]]["owner"] != "我定的人"


def test_a_row_made_erroneous_after_the_list_was_made_is_neither_doubled_nor_lost(sample: Path) -> None:
    app, tasks = listed_changes()
    count = len(records("tasks"))
    by_hand("tasks", tasks[0], "status", "差不多了", sample)
    app = press(app, "确认保存")
    assert not app.exception
    held = records("tasks")
    assert len(held) == count
    assert held[tasks[0]]["status"] == "差不多了"


def next_step() -> tuple[str, str, str]:
    """A document, its next verb and who takes it, where one body alone does."""
    for chain in figures().chains:
        step = chain.next_step
        if step is not None and chain.passed and step.mode != "items" and len(step.actors) == 1:
            make = work_chains.take_step(chain.document.id, taken(step.actors[0]))
            office = board().commands
            if office is not None and office.preview(OFFICE, make).decision.allowed:
                return chain.document.id, step.verb, step.actors[0]
    raise AssertionError("no such document")


def taken(who: str) -> dict[str, Cell]:
    return {"actor": who, "on_behalf": "是", "decided_on": date(2016, 3, 31), "result": "通过"}


def test_a_step_pressed_in_two_sessions_is_taken_once_and_no_further_step_with_it(sample: Path) -> None:
    open_page("approvals")
    document, verb, _who = next_step()
    mine, theirs = (open_page("approvals", record=document) for _n in range(2))
    label = next(b.label for b in mine.button if b.label.startswith(f"登记“{verb}”"))
    assert "已保存" in said(press(mine, label))
    made = [cells for cells in records("approvals").values() if cells["document"] == document]
    press(theirs, label)
    assert not theirs.exception
    assert [cells for cells in records("approvals").values() if cells["document"] == document] == made


def test_a_step_of_the_screen_is_not_taken_as_the_one_that_follows_it(sample: Path) -> None:
    """Saved by hand in the very moment, before the page could know."""
    open_page("approvals")
    document, verb, who = next_step()
    app = open_page("approvals", record=document)
    label = next(b.label for b in app.button if b.label.startswith(f"登记“{verb}”"))
    board().feed.stop()
    before = set(records("approvals"))
    elsewhere(work_chains.take_step(document, taken(who)))
    app = press(app, label)
    assert "没有办理" in said(app)
    assert len(set(records("approvals")) - before) == 1


def test_a_roster_that_was_looked_at_overwrites_nothing_changed_since(sample: Path) -> None:
    app = open_page("registry")
    record, cells = next((name, cells) for name, cells in records("associations").items() if cells["unit"] == OWN)
    data = f"协会名称,行业\n{cells['name']},名册上的\n".encode()
    app.file_uploader[0].set_value(("名录.csv", data, "text/csv"))
    app.run()
    by_command("associations", record, "industry", "别人改的", sample)
    app = press(app, "导入 1 行")
    assert "刚被改为“别人改的”" in said(app)
    assert records("associations")[record]["industry"] == "别人改的"
    assert "已保存" in said(press(app, "导入 1 行"))


def test_the_same_roster_imported_in_two_sessions_doubles_nobody(sample: Path) -> None:
    sessions = [open_page("registry") for _n in range(2)]
    data = f"协会名称,业务主管单位\n新来协会,{OWN}\n又来协会,{OWN}\n".encode()
    for app in sessions:
        app.file_uploader[0].set_value(("名录.csv", data, "text/csv"))
        app.run()
    count = len(records("associations"))
    first, second = (press(app, "导入 2 行") for app in sessions)
    assert "已保存" in said(first)
    assert "已保存" not in said(second)
    assert len(records("associations")) == count + 2


def test_a_list_submitted_while_the_sheet_is_edited_counts_what_was_saved(sample: Path) -> None:
    """N is frozen from what stands in the workbook in that moment, not from what the page showed."""
    open_page("nominations")
    submitted = {row.unit for row in figures().world.chains and [c.document for c in figures().chains] if row.unit}
    unit = next(u for u in figures().world.units if u not in submitted and in_scope(u))
    record = in_scope(unit)[0]
    office = board().commands
    assert office is not None
    board().feed.stop()
    edit_outside(sample, put("associations", record, "in_scope", "不纳入"))
    count = len(in_scope(unit))
    found = office.act(OFFICE, "报送名单", work.submit_list(unit, date(2016, 3, 31), on_behalf=True))
    if found.allowed:
        made = records("documents")[found.records[0]]
        assert made["frozen_count"] == str(count - 1)
    else:
        assert str(found.reason)
    assert records("associations")[record]["in_scope"] == "不纳入"


def in_scope(unit: str) -> list[str]:
    return [name for name, one in figures().world.associations.items() if one.unit == unit and one.in_scope == "纳入"]


def test_an_item_begun_elsewhere_is_not_listed_twice(sample: Path) -> None:
    open_page("execution")
    pilot = next(pilot.id for pilot in figures().pilots if not pilot.unrecorded)
    elsewhere(lambda _scene: [Edit(Op.REMOVE, "tasks", task_of(pilot, "A1"))])
    board().refresh()
    sessions = [open_page("execution", pilot=pilot) for _n in range(2)]
    for app in sessions:
        [button] = [b for b in app.button if b.label == "建立清单"]
        button.click().run()
        assert not app.exception
    board().refresh()
    assert len([row for row in figures().world.tasks_of(pilot) if row.item == "A1"]) == 1
