"""配套政策, as the clerk, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page

DRAFTING = "Z1:市委组织部"


def held(owner: str, area: str) -> dict[str, str]:
    [row] = [r for r in records("policies").values() if (r["owner"], r["area"]) == (owner, area)]
    return row


def test_a_policy_is_taken_to_its_next_stage(sample: Path) -> None:
    app = press(open_page("policies", record=DRAFTING), "登记“征求意见”")
    assert "已保存" in said(app)
    row = held("市委组织部", "党建工作管理体制")
    assert (row["stage"], row["stage_on"]) == ("征求意见", "2016-03-31")
    assert "登记“审定”" in [button.label for button in app.button]


def test_a_stage_before_the_former_one_is_refused_with_its_clause(sample: Path) -> None:
    app = open_page("policies", record=DRAFTING)
    before = records("policies")
    widget(app, "阶段日期").set_value(date(2015, 10, 1))
    app = press(app, "登记“征求意见”")
    assert "“征求意见”的日期早于上一阶段的" in said(app)
    assert "四（七）" in said(app).replace("\u2060", "")
    assert records("policies") == before


def test_a_policy_is_issued_with_its_number(sample: Path) -> None:
    app = open_page("policies", record=DRAFTING)
    for stage in ("征求意见", "审定"):
        app = press(app, f"登记“{stage}”")
    widget(app, "文件名称").input("示例党建办法")
    widget(app, "文号").input("示例发〔2016〕8号")
    app = press(app, "登记“印发”")
    row = held("市委组织部", "党建工作管理体制")
    assert (row["stage"], row["issued_on"], row["number"]) == ("印发", "2016-03-31", "示例发〔2016〕8号")
    assert "各阶段都已走完" in said(app)


def test_waiting_for_the_nation_needs_its_reason(sample: Path) -> None:
    app = open_page("policies", record=DRAFTING)
    before = records("policies")
    app = press(app, "登记等待")
    assert "阶段为“国家政策未出台”，但没有说明" in said(app)
    assert "二（三）" in said(app).replace("\u2060", "")
    assert records("policies") == before
    widget(app, "说明").input("中央文件尚未下发")
    app = press(app, "登记等待")
    assert held("市委组织部", "党建工作管理体制")["stage"] == "国家政策未出台"


def test_waiting_for_the_nation_is_amber_after_the_due_day_and_others_are_late(sample: Path) -> None:
    app = open_page("policies", asof="2017-01-31")
    marks = {line["编号"]: line["状态"] for line in app.dataframe[0].value.to_dict("records")}
    assert marks["ZC-03"] == "◆ 国家政策未出台"
    assert marks["ZC-01"] == "■ 逾期"


def test_a_link_filters_the_list(sample: Path) -> None:
    app = open_page("policies", area="综合监管")
    assert set(app.dataframe[0].value["政策领域"]) == {"综合监管"}


def test_an_expected_policy_nobody_typed_is_listed_and_begun(empty: Path) -> None:
    app = open_page("policies", record="Z2:市编办", asof="2016-03-31")
    assert "○ 未启动" in set(app.dataframe[0].value["状态"])
    app = press(app, "登记“起草”")
    assert "已保存" in said(app)
    assert held("市编办", "机构编制")["stage"] == "起草"


def test_a_unit_sees_and_moves_only_its_own(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市委组织部")
    app = open_page("policies", record=DRAFTING)
    assert set(app.dataframe[0].value["牵头单位"]) == {"市委组织部"}
    app = press(app, "登记“征求意见”")
    assert held("市委组织部", "党建工作管理体制")["stage"] == "征求意见"


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("policies", record=DRAFTING)
    assert not app.exception
    assert not [button for button in app.button if button.label.startswith(("登记", "保存"))]
