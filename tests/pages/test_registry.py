"""协会名录, as the office, a unit and a viewer use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.services.setup import set_up
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page

OWN = "市科委"


def table(app: AppTest, header: str) -> object:
    """The first table with a column."""
    return next(frame.value for frame in app.dataframe if header in frame.value.columns)


def metric(app: AppTest, label: str) -> int:
    return int(next(str(one.value) for one in app.metric if one.label == label))


def added(app: AppTest, *names: str) -> tuple[AppTest, list[str]]:
    """Associations registered by the form, not decided yet; and their ids."""
    before = set(records("associations"))
    for name in names:
        widget(app, "协会名称").input(name)
        widget(app, "业务主管单位", 1).select(OWN)
        app = press(app, "登记")
        assert "已保存" in said(app)
    return app, sorted(set(records("associations")) - before)


def test_an_association_is_registered_decided_on_and_corrected(sample: Path) -> None:
    app, [made] = added(open_page("registry"), "新设芯片协会")
    assert records("associations")[made]["in_scope"] == "待定"
    app.query_params["record"] = made
    app.run()
    assert "名称以“协会”结尾" in said(app)
    assert widget(app, "是否纳入").value == "纳入"
    app = press(app, "保存判定")
    assert records("associations")[made]["in_scope"] == "纳入"
    assert records("associations")[made]["scope_reason"] == "名称以“协会”结尾"
    widget(app, "行业").input("芯片")
    app = press(app, "保存更正")
    assert records("associations")[made]["industry"] == "芯片"


def test_a_second_registration_is_refused_with_the_clause_and_changes_nothing(sample: Path) -> None:
    app = open_page("registry")
    before = records("associations")
    taken = next(iter(before.values()))["name"]
    widget(app, "协会名称").input(taken)
    widget(app, "业务主管单位", 1).select(OWN)
    app = press(app, "登记")
    assert "同一家协会" in said(app)
    assert "二（二）" in said(app).replace("\u2060", "")
    assert records("associations") == before
    assert widget(app, "协会名称").value == taken


def test_many_undecided_are_decided_at_once_after_a_look(sample: Path) -> None:
    app, made = added(open_page("registry"), "甲协会", "乙中心")
    app.query_params["scope"] = "open"
    app.run()
    assert metric(app, "待定") == 2
    key = next(frame.key for frame in app.dataframe if frame.key and frame.key.startswith("undecided"))
    app.session_state[key] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app.run()
    app = press(app, "核对判定")
    assert records("associations")[made[0]]["in_scope"] == "待定"
    app = press(app, "确认保存")
    held = records("associations")
    assert [held[one]["in_scope"] for one in made] == ["纳入", "不纳入"]
    assert held[made[1]]["scope_reason"] == "名称不以规定的字样结尾"
    assert metric(app, "待定") == 0


def test_a_link_sets_the_filters_and_figures_count_the_rows(sample: Path) -> None:
    app = open_page("registry", unit=OWN, scope="in")
    [shown] = [frame.value for frame in app.dataframe if "业务主管单位" in frame.value.columns]
    assert set(shown["业务主管单位"]) == {OWN}
    assert len(shown) == metric(app, "纳入")
    whole = open_page("registry")
    parts = ("纳入", "不纳入", "待定", "有错不计", "未登记或已注销")
    assert sum(metric(whole, part) for part in parts) == metric(whole, "全部") == len(records("associations"))


def test_a_roster_is_tried_and_then_imported(sample: Path) -> None:
    app = open_page("registry")
    before = records("associations")
    name = next(iter(before.values()))["name"]
    data = f"协会名称,业务主管单位,行业\n新来协会,{OWN},航空\n{name},,重铸\n坏协会,市没有局,\n".encode("gb18030")
    app.file_uploader[0].set_value(("名录.csv", data, "text/csv"))
    app.run()
    assert [metric(app, word) for word in ("新增", "更改", "相同", "拒绝")] == [1, 1, 0, 1]
    shown = table(app, "内容或问题")
    assert "市没有局" in str(shown)
    assert records("associations") == before
    app = press(app, "导入 2 行")
    assert "已保存" in said(app)
    now = records("associations")
    assert len(now) == len(before) + 1
    assert "坏协会" not in {one["name"] for one in now.values()}
    assert next(one for one in now.values() if one["name"] == name)["industry"] == "重铸"
    assert not [button for button in app.button if button.label.startswith("导入")]


def test_a_file_that_is_no_roster_is_refused_with_what_to_do(sample: Path) -> None:
    app = open_page("registry")
    app.file_uploader[0].set_value(("x.csv", b"a,b\n1,2\n", "text/csv"))
    app.run()
    assert "没有认出" in said(app)
    assert "表头用" in said(app)


def test_a_unit_sees_and_corrects_only_its_own_and_imports_nothing(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(monkeypatch, sample, "unit", OWN)
    app = open_page("registry")
    shown = app.dataframe[0].value
    assert set(shown["业务主管单位"]) == {OWN}
    assert not app.file_uploader
    app.query_params["record"] = shown["编号"].iloc[0]
    app.run()
    labels = [field.label for field in (*app.text_input, *app.selectbox)]
    assert "联系人" in labels
    assert "协会名称 \\*" not in labels
    widget(app, "联系人").input("张三")
    app = press(app, "保存更正")
    assert records("associations")[shown["编号"].iloc[0]]["contact"] == "张三"
    assert not [button for button in app.button if button.label in ("登记", "保存判定")]


def test_a_unit_finds_nothing_of_another_by_its_id(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_page("registry")
    other = next(record for record, held in records("associations").items() if held["unit"] != OWN)
    sign_in(monkeypatch, sample, "unit", OWN)
    app = open_page("registry", record=other)
    assert not app.header


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("registry")
    app.query_params["record"] = app.dataframe[0].value["编号"].iloc[0]
    app.run()
    assert not app.exception
    assert not app.file_uploader
    assert not [button for button in app.button if button.label in ("登记", "保存判定", "保存更正")]


def test_an_empty_workbook_says_what_to_do_first(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    sign_in(monkeypatch, empty, "office")
    app = open_page("registry")
    assert "导入名录文件" in said(app)
    assert app.file_uploader


def test_a_search_is_in_the_link_and_a_link_followed_later_searches_anew(sample: Path) -> None:
    app = open_page("registry", q="软件")
    assert widget(app, "查找").value == "软件"
    few = len(table(app, "编号"))
    widget(app, "查找").input("协会").run()
    assert app.query_params["q"] in ("协会", ["协会"])
    assert len(table(app, "编号")) > few
    app.query_params["q"] = "软件"
    app.run()
    assert widget(app, "查找").value == "软件"
    assert len(table(app, "编号")) == few
    app.query_params["q"] = "长" * 101
    app.run()
    assert not app.exception
