"""机制与单位, as the office, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.services.setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page

DOUBTFUL, UNIT, OTHER = "市求委", "市科委", "市公安局"


def record_of(unit: str) -> str:
    return next(name for name, cells in records("units").items() if cells["name"] == unit)


def findings(rule: str) -> set[str]:
    judged = board().judged
    assert judged is not None
    return {finding.record for finding in judged.findings if finding.rule == rule}


def listed(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["单位名称"])


def test_a_count_filters_to_the_units_that_lack_somebody(sample: Path) -> None:
    open_page("mechanism")
    lacking = findings("X08")
    assert lacking, "the sample has a unit without exactly one liaison"
    app = open_page("mechanism", issue="liaison")
    assert set(app.dataframe[0].value["编号"]) == lacking
    assert f"联络员未定或不止一名 {len(lacking)}" in widget(app, "待办").options


def test_people_are_filled_in_and_a_second_name_is_pointed_out(sample: Path) -> None:
    open_page("mechanism")
    unit = record_of(UNIT)
    app = open_page("mechanism", record=unit)
    widget(app, "联络员").input("周平")
    app = press(app, "保存")
    assert "已保存" in said(app)
    assert records("units")[unit]["liaison"] == "周平"
    widget(app, "联络员").input("周平、吴芳")
    app = press(app, "保存")
    assert "不止一名" in said(app)
    assert unit in findings("X08")


def test_a_doubtful_name_is_confirmed_once_and_the_written_one_stays(sample: Path) -> None:
    app = open_page("mechanism", issue="name")
    assert listed(app) == [DOUBTFUL]
    unit = record_of(DOUBTFUL)
    app = open_page("mechanism", record=unit)
    app = press(app, "核定")
    assert "“名称核定”必须填写" in said(app)
    assert not records("units")[unit].get("confirmed_name")
    widget(app, "名称核定").input(UNIT)
    app = press(app, "核定")
    assert f"“{UNIT}”已是“{UNIT}”的名称" in said(app)
    assert "三 · 没有办理" in said(app)
    assert not records("units")[unit].get("confirmed_name")
    widget(app, "名称核定").input("市农委")
    widget(app, "核定日期").set_value(date(2016, 3, 30))
    app = press(app, "核定")
    held = records("units")[unit]
    assert (held["name"], held["confirmed_name"], held["confirmed_on"]) == (DOUBTFUL, "市农委", "2016-03-30")
    assert not findings("X09")
    assert "核定" not in [button.label for button in app.button]


def test_a_supervising_unit_outside_the_list_is_added_and_a_second_time_refused(sample: Path) -> None:
    app = open_page("mechanism")
    before = records("units")
    app = press(app, "增加")
    assert "“单位名称”必须填写" in said(app)
    assert records("units") == before
    widget(app, "单位名称").input("市水务局")
    app = press(app, "增加")
    [made] = set(records("units")) - set(before)
    assert records("units")[made]["roles"] == "业务主管单位"
    held = records("units")
    widget(app, "单位名称").input("市水务局")
    app = press(app, "增加")
    assert "同一单位" in said(app)
    assert "三 · 没有办理" in said(app)
    assert records("units") == held


def test_a_unit_edits_its_own_people_and_nothing_of_the_office(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", UNIT)
    app = open_page("mechanism")
    assert listed(app) == [UNIT]
    unit, other = record_of(UNIT), record_of(OTHER)
    labels = {w.label for w in (*app.text_input, *app.multiselect)}
    assert "联络员电话" in labels
    assert not labels & {"别名", "角色", "名称核定"}
    widget(app, "联络员电话").input("13800000001")
    app = press(app, "保存")
    assert records("units")[unit]["liaison_phone"] == "13800000001"
    before = records("units")[other]
    app = open_page("mechanism", record=other)
    assert UNIT in app.header[0].value, "its own row all the same"
    assert "增加" not in [button.label for button in app.button]
    assert records("units")[other] == before


def test_a_viewer_reads_no_phone_and_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_page("mechanism")
    phone, unit = records("units")[record_of(UNIT)]["liaison_phone"], record_of(UNIT)
    assert phone
    st.cache_resource.clear()
    sign_in(monkeypatch, sample, "viewer")
    for section in ("units", "plans", "events"):
        app = open_page("mechanism", section=section, record=unit)
        shown = "".join(str(frame.value.to_dict()) for frame in (*app.dataframe, *app.table))
        assert phone not in shown.replace("\\", "")
        assert not [button for button in app.button if button.label != "退出"]
        assert not app.exception


def without_plan(app: AppTest) -> str:
    """A unit that has no plan of its own yet."""
    frame = app.dataframe[0].value
    return str(frame[frame["编号"] == ""]["单位"].iloc[0])


def test_a_units_own_plan_is_begun_completed_and_its_chain_is_a_click_away(sample: Path) -> None:
    app = open_page("mechanism", section="plans", state="none")
    unit, before = without_plan(app), set(records("documents"))
    app = open_page("mechanism", section="plans", unit=unit)
    widget(app, "已含内容").set_value(["责任部门", "工作目标"])
    app = press(app, "开始制定")
    [made] = set(records("documents")) - before
    held = records("documents")[made]
    assert (held["kind"], held["unit"], held["batch"]) == ("单位实施方案", unit, "1")
    assert app.dataframe[0].value["已含内容"].tolist() == ["2/5"]
    assert app.dataframe[0].value["尚缺"].tolist() == ["责任人员、工作任务、工作程序"]
    widget(app, "已含内容").set_value(["责任部门", "责任人员", "工作目标", "工作任务", "工作程序"])
    app = press(app, "保存")
    assert app.dataframe[0].value["已含内容"].tolist() == ["5/5"]
    assert made in records("documents")


def test_a_unit_begins_only_its_own_plan(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = without_plan(open_page("mechanism", section="plans", state="none"))
    st.cache_resource.clear()
    sign_in(monkeypatch, sample, "unit", unit)
    app = open_page("mechanism", section="plans")
    assert app.dataframe[0].value["单位"].tolist() == [unit]
    before = set(records("documents"))
    app = press(app, "开始制定")
    [made] = set(records("documents")) - before
    assert records("documents")[made]["unit"] == unit


def test_a_meeting_is_recorded_and_corrected(sample: Path) -> None:
    app = open_page("mechanism", section="events")
    before = records("events")
    widget(app, "单位", 1).select(UNIT)
    app = press(app, "登记")
    assert "“主题”必须填写" in said(app)
    assert records("events") == before
    assert widget(app, "单位", 1).value == UNIT
    widget(app, "主题").input("脱钩政策解读会")
    widget(app, "链接").input("https://example.org/a.pdf")
    app = press(app, "登记")
    [made] = set(records("events")) - set(before)
    assert records("events")[made]["held_on"] == "2016-03-31"
    app = open_page("mechanism", section="events", record=made)
    assert list(app.dataframe[-1].value["附件"]) == ["https://example.org/a.pdf"]
    widget(app, "主题").input("脱钩政策解读会（第二次）")
    app = press(app, "保存")
    assert records("events")[made]["title"] == "脱钩政策解读会（第二次）"


def test_a_meeting_in_the_future_is_refused(sample: Path) -> None:
    app = open_page("mechanism", section="events")
    before = records("events")
    widget(app, "单位", 1).select(UNIT)
    widget(app, "主题").input("预告")
    widget(app, "日期").set_value(date(2099, 1, 1))
    app = press(app, "登记")
    assert "没有办理" in said(app)
    assert records("events") == before


def test_a_link_filters_meetings_and_a_scripts_address_is_no_link(sample: Path) -> None:
    app = open_page("mechanism", section="events", kind="学习")
    assert set(app.dataframe[0].value["类别"]) == {"学习"}
    [event] = app.dataframe[0].value["编号"]
    app = open_page("mechanism", section="events", record=event)
    widget(app, "链接").input("javascript:alert(1)")
    press(app, "保存")
    app = open_page("mechanism", section="events", record=event)
    assert not [frame for frame in app.dataframe if "附件" in frame.value]


def test_a_unit_of_the_plan_that_is_missing_is_entered_after_a_look(
    sample: Path, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_resource.clear()
    path = tmp_path / "empty.xlsx"
    set_up(path, plan, sample=False)
    book = openpyxl.load_workbook(path)
    gone = plan.units[-1]
    book["单位"].delete_rows(len(plan.units) + 1)
    book.save(path)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(path))
    app = open_page("mechanism")
    assert f"还没有登记：{gone.name}" in said(app)
    before = records("units")
    assert len(before) == len(plan.units) - 1
    app = press(app, "登记这些单位")
    assert records("units") == before, "only shown so far"
    app = press(app, "确认保存")
    [made] = set(records("units")) - set(before)
    held = records("units")[made]
    assert (held["name"], held["roles"]) == (gone.name, "、".join(plan.role(role) for role in gone.roles))
    assert "还没有登记" not in said(app)


def test_a_new_workbook_has_the_plans_units_and_says_what_to_do_first(
    sample: Path, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_resource.clear()
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page("mechanism", section="events")
    assert not app.exception
    assert "在下面登记" in said(app)
    app = open_page("mechanism", issue="leader")
    assert len(listed(app)) == len(plan.units)
    app = open_page("mechanism", section="plans", state="done")
    assert not app.exception
    assert "没有符合条件的单位" in said(app)
