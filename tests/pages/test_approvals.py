"""审批流转, as the clerk, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page, words

PLAN = "WJ-0049"
"""A pilot's plan of 市人力社保局 in the sample that waits for its third step, 批复 by 市联合工作组."""
BROKEN = "WJ-0029"
"""A plan of 市发展改革委 that waits for 市民政局, with an act in the sheet that passed over that step."""
LIST = "WJ-0009"
"""A list that waits for a joint step: 市民政局 and 市国土房管局 both sign."""


def acts_of(document: str) -> dict[str, dict[str, str]]:
    return {name: row for name, row in records("approvals").items() if row["document"] == document}


def test_the_next_step_is_taken_and_the_one_after_it_opens(sample: Path) -> None:
    app = open_page("approvals", record=PLAN)
    before = acts_of(PLAN)
    widget(app, "文号", 0).input("示例民〔2016〕9号")
    app = press(app, "登记“批复”：通过")
    assert "已保存" in said(app)
    [made] = set(acts_of(PLAN)) - set(before)
    held = acts_of(PLAN)[made]
    assert (held["verb"], held["actor"], held["result"]) == ("批复", "市联合工作组", "通过")
    assert (held["decided_on"], held["on_behalf"], held["number"]) == ("2016-03-31", "是", "示例民〔2016〕9号")
    assert "登记“实施”：通过" in [button.label for button in app.button]


def test_a_later_step_says_why_not_with_its_clause_in_the_words_of_the_rule(sample: Path) -> None:
    text = words(open_page("approvals", record=PLAN)).replace("\\", "").replace("\u2060", "")
    assert "《实施方案》“实施”之前的“批复”尚未通过" in text
    assert "四（四）" in text


def test_what_was_handed_in_waits_and_deciding_it_fills_the_same_row(sample: Path) -> None:
    app = open_page("approvals", record=PLAN, way="submit")
    before = acts_of(PLAN)
    app = press(app, "登记“批复”：只报送，等待办理")
    [made] = set(acts_of(PLAN)) - set(before)
    assert acts_of(PLAN)[made]["submitted_on"] == "2016-03-31"
    assert "decided_on" not in acts_of(PLAN)[made]
    widget(app, "办理方式").set_value("pass")
    app = press(app.run(), "登记“批复”：通过")
    assert set(acts_of(PLAN)) == {*before, made}
    assert (acts_of(PLAN)[made]["decided_on"], acts_of(PLAN)[made]["result"]) == ("2016-03-31", "通过")


def test_a_return_needs_its_opinion_and_opens_a_new_round(sample: Path) -> None:
    app = open_page("approvals", record=PLAN, way="return")
    before = records("approvals")
    app = press(app, "登记“批复”：退回")
    assert "退回没有写明意见" in said(app)
    assert "四（四）" in said(app).replace("\u2060", "")
    assert records("approvals") == before
    widget(app, "意见").input("时间步骤不清楚")
    app = press(app, "登记“批复”：退回")
    assert "时间步骤不清楚" in said(app)
    app = press(app, "登记“制定”：通过")
    [last] = [row for row in acts_of(PLAN).values() if row["round"] == "2"]
    assert last["verb"] == "制定"
    assert "以前各轮的 3 次办理" in [box.label for box in app.expander]


def test_a_date_before_the_former_step_is_refused_and_nothing_typed_is_lost(sample: Path) -> None:
    app = open_page("approvals", record=PLAN)
    before = records("approvals")
    widget(app, "办结日期").set_value(date(2015, 11, 1))
    widget(app, "意见").input("同意")
    app = press(app, "登记“批复”：通过")
    assert "的日期早于上一环节“核准”" in said(app)
    assert records("approvals") == before
    assert widget(app, "意见").value == "同意"


def test_a_joint_step_says_who_has_signed_and_who_is_missing(sample: Path) -> None:
    app = open_page("approvals", record=LIST)
    assert "尚缺：市民政局、业务主管单位" in words(app).replace("\\", "")
    widget(app, "办理单位").select("市民政局")
    app = press(app, "登记“选定”：通过")
    assert "已签：市民政局；尚缺：业务主管单位" in words(app).replace("\\", "")
    assert widget(app, "办理单位").options == ["市国土房管局"]


def test_a_document_not_begun_is_begun_in_one_act_and_only_once(sample: Path) -> None:
    app = open_page("approvals", state="missing", start="实施方案:XH-0070")
    before = records("documents")
    app = press(app, "起草")
    assert "已保存" in said(app)
    [made] = set(records("documents")) - set(before)
    assert records("documents")[made]["association"] == "XH-0070"
    assert [row["verb"] for row in acts_of(made).values()] == ["制定"]
    again = open_page("approvals", state="missing", start="实施方案:XH-0070")
    assert "起草" not in [button.label for button in again.button]


def test_the_gate_of_the_evaluation_is_passed_only_with_a_reason(sample: Path) -> None:
    app = open_page("approvals", record="WJ-0062")
    before = records("approvals")
    assert "评估自2016年7月1日起" in words(app).replace("\\", "")
    app = press(app, "登记“评估”：通过")
    assert "不得“评估”" in said(app)
    assert records("approvals") == before
    widget(app, "越序理由").input("市领导批示先行")
    app = press(app, "登记“评估”：通过")
    assert "已保存" in said(app)
    [act] = [row for name, row in records("approvals").items() if name not in before]
    assert act["override"] == "市领导批示先行"


def test_a_link_filters_the_list(sample: Path) -> None:
    app = open_page("approvals", state="running", kind="推荐名单")
    assert list(app.dataframe[0].value["编号"]) == ["WJ-0009", "WJ-0014"]


def test_the_state_of_waiting_for_a_superior_is_never_late(sample: Path) -> None:
    app = open_page("approvals", asof="2015-12-10", kind="试点方案")
    [line] = app.dataframe[0].value.to_dict("records")
    assert line["状态"] == "⏸ 等待上级"


def test_a_unit_sees_its_own_and_is_told_why_it_may_not_act(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市发展改革委")
    app = open_page("approvals", record=BROKEN)
    assert set(app.dataframe[0].value["主办单位"]) <= {"市发展改革委", ""}
    assert not [button for button in app.button if button.label.startswith("登记")]
    assert "这条记录属于“市民政局”，只能改动本单位的记录" in words(app).replace("\\", "")


def test_a_unit_takes_the_step_that_is_put_before_it(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市民政局")
    app = open_page("approvals", state="mine", record=LIST)
    assert {LIST, BROKEN} <= set(app.dataframe[0].value["编号"])
    app = press(app, "登记“选定”：通过")
    assert "已保存" in said(app)
    [signed] = [row for row in acts_of(LIST).values() if row["verb"] == "选定"]
    assert (signed["actor"], signed.get("on_behalf")) == ("市民政局", None)


def test_an_act_without_effect_is_named_with_its_clause(sample: Path) -> None:
    text = said(open_page("approvals", record=BROKEN)).replace("\u2060", "")
    assert "四（四） · 办理记录 SP-90001 未生效" in text
    assert "“批复”之前的“核准”尚未通过" in text


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("approvals", record=PLAN)
    assert not app.exception
    assert not [button for button in app.button if button.label.startswith(("登记", "保存"))]


def test_fields_of_the_document_are_changed(sample: Path) -> None:
    app = open_page("approvals", record=PLAN)
    widget(app, "标题").input("新的标题")
    app = press(app, "保存文件信息")
    assert records("documents")[PLAN]["title"] == "新的标题"


def test_an_empty_workbook_says_what_to_do_first(empty: Path) -> None:
    app = open_page("approvals")
    assert "还没有文件" in said(app)
