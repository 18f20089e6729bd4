"""问题协调, as the clerk, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page

WHAT = "办公用房清退后的过渡安排"


def test_a_problem_is_raised_assigned_and_settled(sample: Path) -> None:
    app = open_page("problems")
    before = set(records("problems"))
    widget(app, "内容").input("档案移交无人接收")
    widget(app, "提出单位", 1).select("市科委")
    app = press(app, "提出")
    assert "已保存" in said(app)
    [made] = set(records("problems")) - before
    app.query_params["record"] = made
    app.run()
    widget(app, "协调单位").select("市编办")
    app = press(app, "保存交办")
    widget(app, "解决措施").input("由市编办协调档案馆接收")
    widget(app, "解决日期").set_value(date(2016, 3, 31))
    app = press(app, "登记解决")
    assert "已保存" in said(app)
    held = records("problems")[made]
    assert held["assignee"] == "市编办"
    assert held["settled_on"] == "2016-03-31"


def test_a_refusal_names_the_field_keeps_what_was_typed_and_changes_nothing(sample: Path) -> None:
    app = open_page("problems")
    before = records("problems")
    widget(app, "备注").input("先记一笔")
    widget(app, "提出单位", 1).select("市科委")
    app = press(app, "提出")
    assert "“内容”必须填写" in said(app)
    assert records("problems") == before
    assert widget(app, "备注").value == "先记一笔"


def test_a_link_filters_the_list(sample: Path) -> None:
    app = open_page("problems", state="open", unit="市科委")
    [shown] = [frame.value for frame in app.dataframe]
    assert set(shown["提出单位"]) == {"市科委"}
    assert set(shown["解决日期"]) == {""}


def test_a_unit_raises_only_its_own_and_sees_only_its_own(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = open_page("problems")
    assert widget(app, "提出单位", 1).options == ["市科委"]
    assert WHAT not in str(app.dataframe[0].value.to_dict())


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("problems")
    assert not app.exception
    assert not [button for button in app.button if button.label == "提出"]
