"""试点评估, as the office, a unit and a viewer use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services.setup import set_up
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.desk import press, records, said
from tests.pages.test_pages import open_page


def test_the_gate_is_shut_before_its_day_and_open_on_it(sample: Path) -> None:
    assert "评估自2016年7月1日起" in said(open_page("evaluation", asof="2016-06-30"))
    opened = said(open_page("evaluation", asof="2016-07-01"))
    assert "自 2016年7月1日 起可以办理" in opened
    assert "基准日还没有到" not in opened


def test_the_report_stands_where_its_chain_does(sample: Path) -> None:
    app = open_page("evaluation")
    assert any("下一步：评估" in element.value for element in app.text)
    assert not [button for button in app.button if button.label.startswith("起草")]


@pytest.mark.parametrize("table", range(6))
def test_every_table_opens_and_has_rows(sample: Path, table: int) -> None:
    app = open_page("evaluation", table=str(table))
    assert not app.exception
    assert len(app.dataframe[0].value)
    assert app.text[-1].value == f"{len(app.dataframe[0].value)} 行"


def test_a_unit_sees_its_own_rows_and_the_citys_figures(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = [metric.value for metric in open_page("evaluation").metric]
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = open_page("evaluation", table="1")
    assert [metric.value for metric in app.metric] == city
    assert set(app.dataframe[0].value["单位"]) == {"市科委"}
    assert set(open_page("evaluation", table="3").dataframe[0].value["单位"]) == {"市科委"}
    assert not [button for button in app.button if button.label.startswith("起草")]


def test_a_viewer_reads_and_changes_nothing(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("evaluation")
    assert not app.exception
    assert not [button for button in app.button if button.label.startswith("起草")]


def test_the_report_is_begun_once(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    sign_in(monkeypatch, empty)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = press(open_page("evaluation", asof="2016-07-01"), "起草《评估报告》")
    assert "已保存" in said(app)
    assert [held["kind"] for held in records("documents").values()] == ["评估报告"]
    assert not [button for button in app.button if button.label.startswith("起草")]


def test_an_empty_workbook_says_what_to_do_first(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page("evaluation", asof="2016-03-31")
    assert not app.exception
    assert "试点推荐" in said(app)
