"""延期与销号, as the office, a unit and a viewer use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.services import work
from lib.services.policy import Actor
from lib.services.setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page
from tests.services.shared import OFFICE

WAITING = "YQ-03"


def some_task(**wanted: str) -> str:
    """The first checklist item whose cells are these; a name that ends in ``_after`` wants a later day."""
    for name, cells in records("tasks").items():
        if all(
            cells.get(k.removesuffix("_after"), "") > v if k.endswith("_after") else cells.get(k, "") == v
            for k, v in wanted.items()
        ):
            return name
    raise AssertionError(wanted)


def ask(app: AppTest, target: str, until: date, on: date = date(2016, 3, 31)) -> AppTest:
    widget(app, "对象编号").select(target)
    widget(app, "申请日期").set_value(on)
    widget(app, "申请延至").set_value(until)
    widget(app, "理由").input("移交手续未齐")
    return press(app, "申请")


def choose(app: AppTest, *places: int, proof: str = "with", unit: str | None = None) -> AppTest:
    """Select rows of the list of items to close."""
    app.session_state[f"closing-{proof}-{unit}--0"] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    return app.run()


def test_an_extension_is_asked_for_and_granted_and_moves_the_due_date(sample: Path) -> None:
    open_page("extensions")
    target, before = some_task(status="进行中", planned_on_after="2016-04-15"), set(records("extensions"))
    app = open_page("extensions", target=target)
    assert widget(app, "对象编号").value == target
    app = ask(app, target, date(2016, 6, 20))
    assert "已保存" in said(app)
    [made] = set(records("extensions")) - before
    app.query_params["record"] = made
    app.run()
    widget(app, "批准人").input("王主任")
    app = press(app, "保存审批")
    assert "已保存" in said(app)
    held = records("extensions")[made]
    assert (held["result"], held["decided_on"], held["approver"]) == ("同意", "2016-03-31", "王主任")
    assert any("现在的时限 2016年6月20日" in text.value.replace("\\", "") for text in app.markdown)


def test_an_extension_asked_for_too_late_is_refused_and_nothing_typed_is_lost(sample: Path) -> None:
    app = open_page("extensions")
    late = next(o for o in widget(app, "对象编号").options if "逾期" in o and "SX-" in o)
    target, before = late.rsplit(" ", 1)[-1], records("extensions")
    app = ask(app, target, date(2016, 6, 20))
    assert "五（三）" in said(app).replace("\u2060", "")
    assert "晚于时限" in said(app)
    assert records("extensions") == before
    assert widget(app, "理由").value == "移交手续未齐"


def test_an_item_without_a_planned_day_is_due_with_its_phase(sample: Path) -> None:
    """Its extension too is asked for before that day."""
    open_page("extensions")
    target = some_task(status="未启动")
    office = board().commands
    assert office is not None
    assert office.act(OFFICE, "改", work.edit("tasks", target, {"planned_on": None})).allowed
    late = office.act(OFFICE, "延", work.ask_extension(target, "市商务委", date(2016, 7, 1), date(2016, 8, 1), "迟"))
    assert (late.allowed, late.rule) == (False, "D09")


def test_an_extension_that_is_no_later_is_refused(sample: Path) -> None:
    app = open_page("extensions")
    target, before = some_task(status="进行中", planned_on_after="2016-04-15"), records("extensions")
    app = ask(app, target, date(2016, 4, 1))
    assert "不晚于原时限" in said(app)
    assert records("extensions") == before


def test_without_a_target_the_form_says_so(sample: Path) -> None:
    app = open_page("extensions")
    before = records("extensions")
    app = press(app, "申请")
    assert "必须填写" in said(app)
    assert records("extensions") == before


def test_a_unit_asks_for_its_own_alone_and_decides_nothing(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市商务委")
    app = open_page("extensions", record=WAITING)
    own = [name for name, cells in records("associations").items() if cells["unit"] == "市商务委"]
    tasks = records("tasks")
    offered = [o.rsplit(" ", 1)[-1] for o in widget(app, "对象编号").options]
    names = {records("associations")[name]["name"] for name in own}
    assert offered
    assert {tasks[o]["association"] for o in offered if o in tasks} <= names | set(own)
    assert not [button for button in app.button if button.label == "保存审批"]


def test_a_unit_cannot_grant_even_by_the_command(sample: Path) -> None:
    open_page("extensions")
    office, before = board().commands, records("extensions")
    assert office is not None
    unit = Actor("赵六", "unit", ("市商务委",), "z")
    made = office.act(unit, "批", work.decide_extension(WAITING, date(2016, 3, 31), "赵六", granted=True))
    done = some_task(status="已完成", closed_on="")
    closed = office.act(unit, "销", work.close_all([done], "赵六", date(2016, 3, 31)))
    assert not made.allowed
    assert not closed.allowed
    assert records("extensions") == before
    assert records("tasks")[done].get("closed_by", "") == ""


def test_the_office_closes_what_it_chose_after_a_look(sample: Path) -> None:
    app = open_page("extensions", part="closing", unit="市科委")
    listed = list(app.dataframe[0].value["编号"])
    app = choose(app, 0, 2, unit="市科委")
    widget(app, "销号人").input("王主任")
    app = press(app, "核对并销号（2 项）")
    assert records("tasks")[listed[0]].get("closed_by", "") == "", "nothing yet: first a list of changes"
    app = press(app, "确认保存")
    assert "已保存" in said(app)
    held = records("tasks")
    assert [held[name].get("closed_by", "") for name in listed[:3]] == ["王主任", "", "王主任"]
    assert held[listed[0]]["closed_on"] == "2016-03-31"
    assert listed[0] not in set(app.dataframe[0].value["编号"])


def test_a_unit_goes_from_an_item_to_its_page(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = choose(open_page("extensions", part="closing"), 1)
    item = app.dataframe[0].value.iloc[1]["事项"].split()[0]
    [there] = [link.proto for link in app.get("page_link") if link.proto.label == "打开这一事项"]
    assert (there.page, there.query_string.split("&")[1]) == ("execution", f"item={item}")


def test_all_that_are_listed_are_closed_at_once(sample: Path) -> None:
    app = open_page("extensions", part="closing", unit="市科委")
    listed = list(app.dataframe[0].value["编号"])
    app = app.checkbox[0].check().run()
    widget(app, "销号人").input("王主任")
    app = press(press(app, f"核对并销号（{len(listed)} 项）"), "确认保存")
    assert {records("tasks")[name].get("closed_by", "") for name in listed} == {"王主任"}


def test_the_doer_does_not_close_and_the_clause_says_so(sample: Path) -> None:
    app = open_page("extensions", part="closing", unit="市科委")
    first, before = app.dataframe[0].value.iloc[0], records("tasks")
    app = choose(app, 0, unit="市科委")
    widget(app, "销号人").input(str(first["责任人"]))
    app = press(app, "核对并销号（1 项）")
    assert "销号人就是责任人本人" in said(app)
    assert "五（三）" in said(app).replace("\u2060", "")
    assert next(button for button in app.button if button.label == "确认保存").disabled
    app = press(app, "放弃")
    assert records("tasks") == before


def test_what_has_no_evidence_is_not_closed(sample: Path) -> None:
    open_page("extensions")
    bare = some_task(status="已完成", closed_on="")
    assert board().commands.act(OFFICE, "改", work.edit("tasks", bare, {"evidence": None})).allowed  # type: ignore[union-attr]
    board().refresh()
    app = open_page("extensions", part="closing", evidence="without")
    assert list(app.dataframe[0].value["编号"]) == [bare]
    app = choose(app, 0, proof="without")
    widget(app, "销号人").input("王主任")
    app = press(app, "核对并销号（1 项）")
    assert "没有佐证" in said(app)
    assert records("tasks")[bare].get("closed_by", "") == ""


@pytest.mark.parametrize("who", [("unit", "市科委"), ("viewer",)])
def test_others_are_given_no_form_to_close(who: tuple[str, ...], sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, *who)
    app = open_page("extensions", part="closing")
    assert not app.exception
    assert not [button for button in app.button if "销号" in button.label]
    if who[0] == "unit":
        assert set(app.dataframe[0].value["单位"]) == {"市科委"}


def test_a_viewer_asks_for_nothing(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("extensions", record=WAITING)
    assert not app.exception
    assert not {"申请", "保存审批"} & {button.label for button in app.button}


def test_a_link_filters_the_extensions(sample: Path) -> None:
    app = open_page("extensions", state="waiting")
    assert list(app.dataframe[0].value["编号"]) == [WAITING]


def test_an_empty_workbook_gives_advice(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    assert "到期前申请" in said(open_page("extensions", asof="2016-03-31"))
    assert "佐证" in said(open_page("extensions", asof="2016-03-31", part="closing"))
