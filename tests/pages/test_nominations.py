"""试点推荐, as the office, a unit and a viewer use it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.services import work
from lib.services.setup import set_up
from lib.services.work import Make
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page
from tests.services.shared import OFFICE

WAITS, SHORT, FREE = "市国土房管局", "市公安局", "市金融局"
"""In the sample: a unit whose list waits to be decided; one that recommended too few; one that may as it likes."""


def tick(app: AppTest, key: str, rows: Iterable[int]) -> AppTest:
    """Tick rows of a table by the beginning of its key."""
    found = next(frame.key for frame in app.dataframe if frame.key and frame.key.startswith(key))
    app.session_state[found] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def button(app: AppTest, label: str) -> bool:
    """Whether a button can be pressed."""
    return not next(one for one in app.button if one.label == label).disabled


def act(make: Make) -> None:
    office = board().commands
    assert office is not None
    decision = office.act(OFFICE, "办理", make)
    assert decision.allowed, str(decision.reason)
    board().refresh()


def own(unit: str, **cells: str) -> dict[str, dict[str, str]]:
    """A unit's recommendations that have certain cells."""
    found = {name: held for name, held in records("nominations").items() if held["unit"] == unit}
    return {name: held for name, held in found.items() if all(held.get(k, "") == v for k, v in cells.items())}


def metric(app: AppTest, label: str) -> str:
    return str(next(one.value for one in app.metric if one.label == label))


def test_the_quota_is_seen_to_move_before_anything_is_saved(sample: Path) -> None:
    app = open_page("nominations", unit=SHORT)
    assert metric(app, "推荐") == "1"
    before = records("nominations")
    app = tick(app, "candidates", [0, 1])
    assert "推荐 1 → 3（至少 2，提示 3），✓ 达到" in said(app)
    assert records("nominations") == before
    app = press(app, "推荐这 2 家")
    assert "已保存" in said(app)
    assert len(records("nominations")) == len(before) + 2
    assert metric(app, "推荐") == "3"
    assert not next(frame for frame in app.dataframe if str(frame.key).startswith("candidates")).value.empty


def test_below_the_floor_is_told_beside_the_number(sample: Path) -> None:
    app = open_page("nominations", unit=FREE)
    assert metric(app, "至少 / 提示") == "0 / 0"
    act(work.return_document(_list_of(WAITS), "市民政局", date(2016, 1, 5), "补充"))
    standing = next(iter(own(WAITS)))
    act(work.withdraw(standing, "不再参加"))
    app = open_page("nominations", unit=WAITS)
    shown = said(app).replace("\u2060", "")
    assert "名单已于 2016年1月5日 退回" in shown
    assert "至少应推荐 2 家，现推荐 1 家" in shown
    assert "二（二）" in shown


def _list_of(unit: str) -> str:
    return next(
        name for name, held in records("documents").items() if held["kind"] == "推荐名单" and held["unit"] == unit
    )


def test_a_volunteer_must_say_so_and_the_refusal_names_the_clause(sample: Path) -> None:
    app = open_page("nominations", unit=FREE)
    before = records("nominations")
    app = tick(app, "candidates", [0])
    shown = said(app).replace("\u2060", "")
    assert "属自愿参加" in shown
    assert "二（二）" in shown
    assert "在“自愿”填“是”" in shown
    assert not button(app, "推荐这 1 家")
    assert records("nominations") == before
    widget(app, "本单位自愿参加").check()
    app.run()
    app = press(app, "推荐这 1 家")
    assert "已保存" in said(app)
    assert [held["voluntary"] for held in own(FREE).values()] == ["是"]


def test_a_list_is_submitted_once_and_freezes_the_count(sample: Path) -> None:
    app = open_page("nominations", unit=FREE)
    app = press(app, "报送名单")
    assert "已保存" in said(app)
    assert records("documents")[_list_of(FREE)]["frozen_count"] == "3"
    acts = [held for held in records("approvals").values() if held["document"] == _list_of(FREE)]
    assert [(held["verb"], held["on_behalf"]) for held in acts] == [("推荐", "是"), ("报送", "是")]
    assert not [one for one in app.button if one.label == "报送名单"]
    assert "还要" in "".join(text.value for text in app.text)


def test_nothing_is_selected_before_its_list_is_submitted(sample: Path) -> None:
    open_page("nominations")
    free = next(name for name, held in records("associations").items() if held["unit"] == FREE)
    act(work.nominate(free, FREE, date(2015, 11, 20), voluntary=True))
    app = open_page("nominations", unit=FREE)
    before = records("nominations")
    app = tick(app, "standing", [0])
    app = press(app, "选定")
    shown = said(app).replace("\u2060", "")
    assert "四（二）" in shown
    assert "尚未通过“报送”" in shown
    assert not button(app, "确认保存")
    assert records("nominations") == before


def test_the_office_selects_from_a_submitted_list_and_both_sign_it(sample: Path) -> None:
    app = open_page("nominations", unit=WAITS)
    app = tick(app, "standing", [0, 1])
    app = press(app, "选定")
    assert own(WAITS, status="已选定") == {}
    app = press(app, "确认保存")
    assert "已保存" in said(app)
    assert len(own(WAITS, status="已选定", selected_on="2016-03-31")) == 2
    who = widget(app, "办理单位")
    assert who.options == ["市民政局", WAITS]
    who.set_value(["市民政局", WAITS])
    app = press(app, "登记“选定”")
    assert "已保存" in said(app)
    acts = [h for h in records("approvals").values() if h["document"] == _list_of(WAITS) and h["verb"] == "选定"]
    assert {(held["actor"], held.get("on_behalf", "")) for held in acts} == {("市民政局", ""), (WAITS, "是")}
    assert not [one for one in app.multiselect if one.label == "办理单位"]


def test_the_office_selects_from_all_submitted_lists_at_once(sample: Path) -> None:
    app = open_page("nominations")
    waiting = next(frame.value for frame in app.dataframe if str(frame.key).startswith("standing"))
    assert WAITS in set(waiting["推荐单位"])
    assert FREE not in set(waiting["推荐单位"])
    assert set(waiting["状态"]) == {"已推荐"}
    app = tick(app, "standing", range(len(waiting)))
    app = press(press(app, "选定"), "确认保存")
    assert "已保存" in said(app)
    held = records("nominations")
    assert {held[name]["status"] for name in waiting["编号"]} == {"已选定"}
    assert not [one for one in app.button if one.label == "选定"]


def test_one_that_is_not_chosen_is_marked_so(sample: Path) -> None:
    app = tick(open_page("nominations", unit=WAITS), "standing", [1])
    app = press(press(app, "未选定"), "确认保存")
    assert len(own(WAITS, status="未选定")) == 1


def test_taking_back_needs_a_reason_and_leaves_the_row(sample: Path) -> None:
    app = tick(open_page("nominations", unit=WAITS), "standing", [0])
    app = press(app, "撤回")
    assert "撤回要写明理由" in said(app)
    assert not button(app, "确认保存")
    app = press(app, "放弃")
    app = tick(app, "standing", [0])
    widget(app, "撤回理由").input("协会换届")
    app = press(press(app, "撤回"), "确认保存")
    [(name, held)] = own(WAITS, status="已撤回").items()
    assert held["remark"] == "协会换届"
    assert name in records("nominations")


def test_a_pilot_is_not_taken_back(sample: Path) -> None:
    app = tick(open_page("nominations", unit="市科委"), "standing", [0])
    widget(app, "撤回理由").input("不想做了")
    app = press(app, "撤回")
    assert "已经选定为试点" in said(app)
    assert not button(app, "确认保存")


def test_a_unit_finds_its_own_set_and_nobody_elses(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", FREE)
    app = open_page("nominations", unit=WAITS)
    assert next(one.value for one in app.header) == FREE
    assert widget(app, "推荐单位").options == [FREE]
    assert WAITS not in str([frame.value.to_dict() for frame in app.dataframe])
    assert not [one for one in app.button if one.label in ("选定", "未选定")]


def test_a_unit_recommends_and_submits_and_then_changes_nothing(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", FREE)
    app = tick(open_page("nominations"), "candidates", [0])
    widget(app, "本单位自愿参加").check()
    app.run()
    app = press(app, "推荐这 1 家")
    app = press(app, "报送名单")
    assert "已保存" in said(app)
    acts = [held for held in records("approvals").values() if held["document"] == _list_of(FREE)]
    assert [held.get("on_behalf", "") for held in acts] == ["", ""]
    before = records("nominations")
    app = tick(app, "candidates", [0])
    assert "已报送或办结" in said(app) or "属自愿参加" in said(app)
    widget(app, "本单位自愿参加").check()
    app.run()
    assert "已报送或办结" in said(app)
    assert records("nominations") == before


def test_a_viewer_is_given_no_form(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("nominations", unit=WAITS)
    assert not app.exception
    labels = {one.label for one in app.button}
    assert not labels & {"选定", "撤回", "报送名单", "登记“选定”"}


def test_a_link_sets_unit_and_status(sample: Path) -> None:
    app = open_page("nominations", unit="市科委", status="已选定")
    shown = next(frame.value for frame in app.dataframe if "试点协会" in frame.value.columns)
    assert set(shown["推荐单位"]) == {"市科委"}
    assert set(shown["状态"]) == {"已选定"}


def test_an_id_in_the_sheet_is_shown_as_the_name(sample: Path) -> None:
    app = open_page("nominations", unit=SHORT)
    app = press(tick(app, "candidates", [0]), "推荐这 1 家")
    shown = next(frame.value for frame in app.dataframe if "试点协会" in frame.value.columns)
    assert not [name for name in shown["试点协会"] if name.startswith("XH-")]


def test_an_empty_workbook_says_what_to_do_first(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    sign_in(monkeypatch, empty, "office")
    app = open_page("nominations")
    assert not app.exception
    assert "先在协会名录登记" in said(app)
