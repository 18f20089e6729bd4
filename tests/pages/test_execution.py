"""试点实施, as the clerk, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.edits import Edit, Op
from lib.domain.ledger import Ledger
from lib.services import work_checklists
from lib.services.setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from sheets_schema.tasks import Task
from tests.entrance import sign_in
from tests.pages import desk
from tests.pages.desk import press, records, widget
from tests.pages.test_pages import open_page
from tests.services.shared import OFFICE

DAY = "2016-03-31"


def figures() -> Ledger:
    found = board().ledger(date.fromisoformat(DAY))
    assert found is not None
    return found


def said(app: AppTest) -> str:
    """The page's messages, without the joiner that keeps a clause number on one line."""
    return desk.said(app).replace("\u2060", "")


def task_of(pilot: str, item: str) -> str:
    """The id of a pilot's row of an item."""
    return next(task.id for task in figures().world.tasks_of(pilot) if task.item == item)


def open_items(n: int, *, approved: bool = True) -> tuple[str, list[str]]:
    """A pilot, by whether its plan is approved, with n items neither done nor left out."""
    for pilot in figures().pilots:
        found = [task.item for task in pilot.work.tasks if task.status.value in ("未启动", "进行中")]
        if (pilot.plan_approved_on is not None) is approved and len(found) >= n:
            return pilot.id, found[:n]
    raise AssertionError("no such pilot")


def choose(app: AppTest, label: str, values: list[str]) -> AppTest:
    box = widget(app, label)
    box.set_value(values)
    return app.run()


def test_many_items_are_done_after_the_list_of_changes_was_looked_at(sample: Path) -> None:
    open_page("execution")
    pilot, items = open_items(3)
    tasks = [task_of(pilot, item) for item in items]
    app = choose(open_page("execution", pilot=pilot), "要办理的事项", items)
    before = records("tasks")
    widget(app, "完成日期").set_value(date(2016, 3, 30))
    widget(app, "佐证链接").input("https://example.org/e/1")
    app = press(app, "列出改动")
    assert not app.exception
    assert records("tasks") == before
    app = press(app, "确认保存")
    assert "已保存" in said(app)
    held = records("tasks")
    assert {held[task]["status"] for task in tasks} == {"已完成"}
    assert {held[task]["done_on"] for task in tasks} == {"2016-03-30"}
    assert sum(held[task] != before[task] for task in held) == 3
    assert widget(app, "要办理的事项").value == []


def test_without_a_day_nothing_is_done_and_nothing_typed_is_lost(sample: Path) -> None:
    open_page("execution")
    pilot, items = open_items(1)
    app = choose(open_page("execution", pilot=pilot), "要办理的事项", items)
    before = records("tasks")
    widget(app, "完成日期").set_value(None)
    widget(app, "佐证链接").input("https://example.org/e/1")
    app = press(app, "列出改动")
    assert "已完成”，但没有完成日期" in said(app)
    assert figures().plan.topics.checklist in said(app)
    assert next(b for b in app.button if b.label == "确认保存").disabled
    assert records("tasks") == before
    assert widget(app, "佐证链接").value == "https://example.org/e/1"


def test_work_before_the_pilots_plan_is_approved_is_refused_with_its_clause(sample: Path) -> None:
    open_page("execution")
    pilot, items = open_items(1, approved=False)
    app = choose(open_page("execution", pilot=pilot), "要办理的事项", items)
    assert "尚未批复" in said(app)
    before = records("tasks")
    app = press(app, "列出改动")
    gate = next(gate for gate in figures().plan.gates if gate.checklist)
    assert f"{gate.clause} · 没有办理" in said(app)
    assert gate.title in said(app)
    assert records("tasks") == before


def test_not_applicable_needs_a_reason_and_an_item_opens_again(sample: Path) -> None:
    open_page("execution")
    pilot, items = open_items(1)
    task = task_of(pilot, items[0])
    app = choose(open_page("execution", pilot=pilot), "要办理的事项", items)
    app = widget(app, "办理").set_value("not_applicable").run()
    app = press(app, "列出改动")
    assert "但没有理由" in said(app)
    widget(app, "不涉及理由").input("没有事业编制")
    app = press(press(app, "列出改动"), "确认保存")
    assert records("tasks")[task]["status"] == "不涉及"
    app = choose(app, "要办理的事项", items)
    app = widget(app, "办理").set_value("reopen").run()
    app = press(press(app, "列出改动"), "确认保存")
    assert records("tasks")[task]["status"] == "未启动"
    assert not records("tasks")[task].get("not_applicable_reason")


def test_one_item_is_planned_across_pilots_and_blank_fields_stay(sample: Path) -> None:
    open_page("execution")
    pilots = [pilot.id for pilot in figures().pilots][:4]
    app = choose(open_page("execution", item="A1"), "要办理的试点", pilots)
    app = widget(app, "办理").set_value("plan").run()
    before = records("tasks")
    widget(app, "计划日期").set_value(date(2016, 5, 31))
    app = press(press(app, "列出改动"), "确认保存")
    held, tasks = records("tasks"), [task_of(pilot, "A1") for pilot in pilots]
    assert {held[task]["planned_on"] for task in tasks} == {"2016-05-31"}
    assert {held[task]["owner"] for task in tasks} == {before[task]["owner"] for task in tasks}


def test_a_checklist_is_written_once(sample: Path) -> None:
    open_page("execution")
    pilot = next(pilot.id for pilot in figures().pilots if not pilot.unrecorded)
    commands, task = board().commands, task_of(pilot, "A1")
    assert commands is not None
    assert commands.act(OFFICE, "删除", lambda _scene: [Edit(Op.REMOVE, "tasks", task)]).allowed
    board().refresh()
    app = press(open_page("execution", pilot=pilot), "建立清单")
    assert "已保存" in said(app)
    assert {row.item for row in figures().world.tasks_of(pilot)} == set(figures().plan.checklist.items)
    assert not [button for button in app.button if button.label == "建立清单"]


def test_news_is_added_and_the_summary_begun_once(sample: Path) -> None:
    open_page("execution")
    pilot = figures().pilots[0]
    app = open_page("execution", pilot=pilot.id)
    before = set(records("updates"))
    app = press(app, "报送")
    assert "“标题”必须填写" in said(app)
    assert set(records("updates")) == before
    widget(app, "标题").input("完成清产核资进场")
    app = press(app, "报送")
    [made] = set(records("updates")) - before
    assert records("updates")[made]["reported_on"] == DAY
    app = press(app, "起草《试点工作总结》")
    assert "已保存" in said(app)
    assert not [button for button in app.button if button.label.startswith("起草")]
    made_document = [held for held in records("documents").values() if held["kind"] == "试点工作总结"]
    assert [held["association"] for held in made_document] == [pilot.name]


def test_a_link_filters_the_matrix(sample: Path) -> None:
    app = open_page("execution", state="silent")
    shown = app.dataframe[0].value
    assert len(shown) == int(app.metric[2].value)
    assert app.metric[2].label == "30 天以上无动态"


def test_a_unit_sees_and_does_only_its_own(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = open_page("execution")
    assert set(app.dataframe[0].value["单位"]) == {"市科委"}
    other = next(pilot for pilot in figures().pilots if pilot.unit != "市科委")
    app = open_page("execution", pilot=other.id)
    assert other.name not in str([element.value for element in app.header])
    assert not [button for button in app.button if button.label == "列出改动"]


def test_a_unit_completes_its_own_item(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_page("execution")
    pilot, items = open_items(1)
    task = task_of(pilot, items[0])
    sign_in(monkeypatch, sample, "unit", next(found.unit for found in figures().pilots if found.id == pilot))
    app = choose(open_page("execution", pilot=pilot), "要办理的事项", items)
    app = press(press(app, "列出改动"), "确认保存")
    assert "已保存" in said(app)
    assert records("tasks")[task]["done_on"] == DAY


def test_a_row_without_effect_is_corrected_where_it_stands(sample: Path) -> None:
    open_page("execution")
    judged, commands = board().judged, board().commands
    assert judged is not None
    assert commands is not None
    rows = [row for row in judged.parsed["tasks"].rows if isinstance(row, Task)]
    listed = {(pilot.id, task.item) for pilot in figures().pilots for task in pilot.work.tasks}
    approved = {pilot.id for pilot in figures().pilots if pilot.plan_approved_on}
    broken = next(r for r in rows if r.association in approved and r.item and (r.association, r.item) not in listed)
    before = set(records("tasks"))
    target = (broken.association, broken.item)
    assert commands.act(OFFICE, "建立清单", work_checklists.list_checklist(target[0])).records == ()
    found = commands.act(OFFICE, "完成", work_checklists.complete_items([target], date(2016, 3, 31)))
    assert found.allowed, found.reason
    assert set(records("tasks")) == before
    assert task_of_fresh(*target) == broken.id


def task_of_fresh(pilot: str, item: str) -> str:
    board().refresh()
    return task_of(pilot, item)


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    open_page("execution")
    app = open_page("execution", pilot=figures().pilots[0].id)
    assert not app.exception
    assert len(app.dataframe[1].value) == len(figures().plan.checklist.items)
    assert not app.multiselect
    assert not {"列出改动", "报送", "建立清单"} & {button.label for button in app.button}


def test_an_empty_workbook_says_what_to_do_first(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page("execution", asof=DAY)
    assert not app.exception
    assert "试点推荐" in said(app)
