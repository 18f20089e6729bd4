"""季度报告, as the office, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.ledger import Ledger
from lib.services.setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages import desk
from tests.pages.desk import press, records, widget
from tests.pages.test_pages import open_page

HEADINGS = ("开展的主要工作", "出台的政策规划", "下一步工作安排")


def said(app: AppTest) -> str:
    """The page's messages, without the joiner that keeps a clause number on one line."""
    return desk.said(app).replace("\u2060", "")


def figures() -> Ledger:
    found = board().ledger(date(2016, 3, 31))
    assert found is not None
    return found


def missing() -> str:
    """A unit that owes the first period's report."""
    period = figures().plan.cadence.periods[0].id
    return next(c.unit for c in figures().reports if c.period.id == period and c.state == "missing")


def fill(app: AppTest, *headings: str) -> None:
    for heading in headings:
        widget(app, heading).input(f"{heading}：已按要求办理")


def test_a_late_report_is_filed_and_marked_late(sample: Path) -> None:
    open_page("reports")
    unit, before = missing(), set(records("reports"))
    app = open_page("reports", unit=unit, period="2015Q4")
    assert "■ 未报" in str(app.dataframe[0].value.to_dict())
    fill(app, *HEADINGS)
    app = press(app, "报送")
    assert "已保存" in said(app)
    [made] = set(records("reports")) - before
    held = records("reports")[made]
    assert (held["unit"], held["period"], held["submitted_on"]) == (unit, "2015Q4", "2016-03-31")
    shown = str(app.dataframe[0].value.to_dict())
    assert "迟报 81 天" in shown  # due on 10 January
    assert "未报" not in shown


def test_a_report_without_a_mandatory_heading_is_refused_and_nothing_typed_is_lost(sample: Path) -> None:
    open_page("reports")
    unit = missing()
    app = open_page("reports", unit=unit, period="2015Q4")
    before = records("reports")
    fill(app, *HEADINGS[:2])
    app = press(app, "报送")
    assert "“下一步工作安排”为空，视为未报送" in said(app)
    assert f"{figures().plan.cadence.clause} · 没有办理" in said(app)
    assert records("reports") == before
    assert widget(app, HEADINGS[0]).value == f"{HEADINGS[0]}：已按要求办理"
    fill(app, HEADINGS[2])
    app = press(app, "报送")
    assert "已保存" in said(app)


def test_a_second_report_of_a_period_is_refused(sample: Path) -> None:
    open_page("reports")
    unit = next(c.unit for c in figures().reports if c.period.id == "2015Q4" and c.submitted_on)
    app = open_page("reports", unit=unit, period="2015Q4")
    before = records("reports")
    fill(app, *HEADINGS)
    app = press(app, "报送")
    assert "重复" in said(app)
    assert records("reports") == before


def test_a_report_is_read_whole_and_corrected(sample: Path) -> None:
    open_page("reports")
    report = next(iter(records("reports")))
    app = open_page("reports", record=report)
    widget(app, HEADINGS[0], 1).input("改正后的主要工作")
    app = press(app, "保存改正")
    assert "已保存" in said(app)
    assert records("reports")[report]["work"] == "改正后的主要工作"


def test_a_periods_reports_are_put_together_and_the_summary_begun(sample: Path) -> None:
    app = open_page("reports", period="2016Q1")
    cells = [cell for cell in figures().reports if cell.period.id == "2016Q1"]
    filed = [cell.unit for cell in cells if cell.submitted_on]
    texts = [element.value for element in app.text]
    assert texts.count("召开专题会议，梳理主管协会情况，指导试点协会推进脱钩。") == len(filed)
    assert any(text.startswith(f"已报 {len(filed)}/{len(cells)}") for text in texts)
    app = press(app, "起草《季度汇总》")
    assert "已保存" in said(app)
    assert [h["period"] for h in records("documents").values() if h["kind"] == "季度汇总"].count("2016Q1") == 1
    assert not [button for button in app.button if button.label.startswith("起草")]


def test_a_link_filters_the_grid(sample: Path) -> None:
    app = open_page("reports", state="missing", period="2015Q4")
    owing = {c.unit for c in figures().reports if c.period.id == "2015Q4" and c.state == "missing"}
    assert set(app.dataframe[0].value["责任单位"]) == owing
    assert owing


def test_a_unit_files_and_reads_only_its_own(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = open_page("reports")
    assert set(app.dataframe[0].value["责任单位"]) == {"市科委"}
    assert widget(app, "责任单位", 1).options == ["市科委"]
    assert {held["unit"] for held in records("reports").values()} > {"市科委"}
    assert set(app.dataframe[1].value["责任单位"]) == {"市科委"}


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    open_page("reports")
    app = open_page("reports", record=next(iter(records("reports"))))
    assert not app.exception
    assert not [button for button in app.button if button.label in ("报送", "保存改正") or "起草" in button.label]


def test_an_empty_workbook_opens_with_the_units_that_owe(
    tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page("reports", asof="2016-03-31")
    assert not app.exception
    assert "还没有" in said(app)
