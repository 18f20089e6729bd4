"""实施方案, as the clerk, a unit and a viewer use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page, words

PILOT, PLAN = "XH-0042", "WJ-0029"
"""A pilot of 市发展改革委 whose plan is drafted and not approved."""


def test_parts_are_ticked_and_what_is_missing_is_named(sample: Path) -> None:
    app = open_page("implementation", record=PILOT)
    widget(app, "已含内容").set_value(["脱钩事项", "分离措施"])
    app = press(app, "保存已含内容")
    assert records("documents")[PLAN]["parts"] == "脱钩事项、分离措施"
    assert "时间步骤、责任人员、转移职能清单、购买服务清单、其他扶持举措" in said(app)
    [line] = [row for row in app.dataframe[0].value.to_dict("records") if row["编号"] == PILOT]
    assert line["内容"] == "2/7"


def test_an_incomplete_plan_can_be_decided_and_stays_named(sample: Path) -> None:
    app = open_page("implementation", record="XH-0148")
    widget(app, "已含内容").set_value(["脱钩事项"])
    app = press(app, "保存已含内容")
    app = press(app, "登记“批复”：通过")
    assert "已保存" in said(app)
    assert "尚缺 6 项必备内容" in said(app)


def test_a_plan_not_begun_is_begun_here(sample: Path) -> None:
    app = open_page("implementation", state="missing", record="XH-0070")
    assert list(app.dataframe[0].value["编号"]) == ["XH-0070"]
    before = records("documents")
    app = press(app, "起草")
    [made] = set(records("documents")) - set(before)
    assert records("documents")[made]["association"] == "XH-0070"


def test_a_link_filters_the_list(sample: Path) -> None:
    app = open_page("implementation", unit="市科委")
    assert set(app.dataframe[0].value["业务主管单位"]) == {"市科委"}


def test_figures_are_the_citys_and_rows_the_units(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [metric.value for metric in open_page("implementation").metric]
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = open_page("implementation", record=PILOT)
    assert [metric.value for metric in app.metric] == whole
    assert set(app.dataframe[0].value["业务主管单位"]) == {"市科委"}
    assert PILOT not in words(app)


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("implementation", record=PILOT)
    assert not app.exception
    assert not [button for button in app.button if button.label.startswith(("登记", "保存"))]


def test_an_empty_workbook_says_what_to_do_first(empty: Path) -> None:
    assert "先在“试点推荐”选定" in said(open_page("implementation"))
