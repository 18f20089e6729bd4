"""考核, as the office, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.services.setup import set_up
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.desk import press, said, widget
from tests.pages.test_pages import open_page

UNIT, OTHER = "市科委", "市公安局"


def titles(app: AppTest) -> str:
    return "".join(str(element.value) for element in app.header)


def test_a_link_shows_a_unit_over_a_period_and_how_each_point_came_about(sample: Path) -> None:
    app = open_page("scorecard", **{"from": "2016-01-01", "to": "2016-03-31", "unit": UNIT, "points": "all"})
    assert not app.exception
    assert UNIT in titles(app)
    ranking, measures, points = (frame.value for frame in app.dataframe)
    row = ranking[ranking["单位"] == UNIT].iloc[0]
    counted = dict(zip(measures["项目"], measures["合格/应计"], strict=True))
    assert row["任务按期完成（35 分）"] == counted["任务按期完成"]
    n, of = map(int, counted["任务按期完成"].split("/"))
    assert len(points) == of
    assert list(points["计分"]).count("✓ 得分") == n


def test_the_period_in_the_link_decides_what_counts(sample: Path) -> None:
    def due(**period: str) -> list[str]:
        return list(open_page("scorecard", **period).dataframe[0].value["季度报告按期报送（25 分）"])

    assert set(due(**{"from": "2016-02-01", "to": "2016-03-01"})) == {"—"}
    assert "1/1" in due(**{"from": "2016-01-01", "to": "2016-03-01"})


def test_a_quarter_is_a_click_away_and_shows_the_change_against_the_one_before(sample: Path) -> None:
    app = press(open_page("scorecard"), "2016年第一季度")
    assert not app.exception
    assert widget(app, "考核期起").value == date(2016, 1, 1)
    assert widget(app, "考核期止").value == date(2016, 3, 31)
    assert app.metric[1].delta
    assert any(change != "—" for change in app.dataframe[0].value["比上期"])
    assert next(button for button in app.button if button.label == "2016年第一季度").disabled


def test_a_period_that_ends_before_it_begins_is_told_and_nothing_is_computed(sample: Path) -> None:
    app = open_page("scorecard", **{"from": "2016-03-01", "to": "2016-01-01"})
    assert "晚于" in said(app)
    assert not app.dataframe


def test_the_ranking_can_list_only_those_who_were_late_and_counts_them(sample: Path) -> None:
    app = open_page("scorecard")
    late = int(app.metric[2].value)
    assert 0 < late < len(app.dataframe[0].value)
    app = open_page("scorecard", show="late")
    assert len(app.dataframe[0].value) == late
    assert f"有未按期事项 {late}" in widget(app, "范围").options


def test_nothing_due_means_no_score_and_the_page_says_so(sample: Path) -> None:
    app = open_page("scorecard", **{"from": "2015-07-01", "to": "2015-07-31"})
    assert "都不计分" in said(app)
    assert app.metric[1].value == "—"


def test_the_office_takes_the_notice_as_text(sample: Path) -> None:
    app = open_page("scorecard", section="notice")
    assert not app.exception
    [text] = [code.value for code in app.code]
    assert text.startswith("考核通报")
    assert "未按期办理的事项" in text


def test_a_unit_ranks_among_all_and_reads_its_own_card_alone(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", UNIT)
    app = open_page("scorecard", unit=OTHER, section="notice")
    assert {UNIT, OTHER} <= set(app.dataframe[0].value["单位"])
    assert widget(app, "看一个单位怎样得分").options == [UNIT]
    assert UNIT in titles(app)
    assert OTHER not in titles(app)
    assert not app.code


def test_a_viewer_reads_every_card_and_takes_no_notice(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("scorecard", unit=OTHER, section="notice")
    assert OTHER in titles(app)
    assert not app.code


def test_a_new_workbook_opens_with_advice(
    sample: Path, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_resource.clear()
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page("scorecard", asof="2015-08-01", to="2015-08-01")
    assert not app.exception
    assert "都不计分" in said(app)
