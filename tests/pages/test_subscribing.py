"""订阅 on the page 文件, and 管理: made and shown once, listed, revoked; by whom, and for what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.services.entrance import open_entrance
from lib.services.links import Purpose
from lib.services.policy import OPERATOR, Sight
from tests.entrance import sign_in
from tests.pages.desk import press, said, widget
from tests.pages.test_pages import open_page

UNIT, OTHER = "市科委", "市商务委"


def subscribe(app: AppTest, name: str = "张三的手机") -> str:
    """Fill in the form and press; gives the address that is shown."""
    widget(app, "给谁用").input(name)
    app = press(app, "建立订阅")
    assert not app.exception
    return app.code[0].value if app.code else ""


def choosing(app: AppTest) -> Any:
    """The choice of units in the form, below those of the files."""
    return [box for box in app.selectbox if box.label == "单位"][-1]


def opened(workbook: Path, address: str, purpose: Purpose = Purpose.CALENDAR) -> Sight | None:
    found = open_entrance(workbook).links.feed(address.partition("?t=")[2], purpose, "10.0.0.1")
    return found.sight if found else None


def test_the_office_subscribes_to_all_or_to_one_unit_and_the_address_is_shown_once(sample: Path):
    app = open_page("documents")
    address = subscribe(app)
    assert "/calendar.ics?t=" in address
    assert opened(sample, address) == Sight(None, personal=False)
    assert address not in str(open_page("documents"))
    choosing(app).select(UNIT)
    widget(app, "用途").select(Purpose.DATA)
    address = subscribe(app, "数据中心")
    assert "/api/progress.json?t=" in address
    assert opened(sample, address, Purpose.DATA) == Sight(frozenset({UNIT}), personal=False)


def test_without_a_name_it_is_refused_with_what_to_do(sample: Path):
    app = open_page("documents")
    assert subscribe(app, " ") == ""
    assert "写明链接给谁用" in said(app)
    assert open_entrance(sample).links.all() == []


def test_a_unit_is_offered_its_own_alone(sample: Path, monkeypatch: pytest.MonkeyPatch):
    sign_in(monkeypatch, sample, "unit", UNIT)
    app = open_page("documents")
    assert choosing(app).options == [UNIT]
    assert opened(sample, subscribe(app)) == Sight(frozenset({UNIT}), personal=False)


def test_who_only_reads_makes_none_and_takes_the_file(sample: Path, monkeypatch: pytest.MonkeyPatch):
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("documents")
    assert not app.exception
    assert "建立订阅" not in [button.label for button in app.button]
    assert app.get("link_button")


def test_ones_own_are_listed_and_revoked(sample: Path, monkeypatch: pytest.MonkeyPatch):
    open_entrance(sample).links.make(OPERATOR, "别人的", 30, Purpose.CALENDAR, [UNIT])
    sign_in(monkeypatch, sample, "unit", UNIT)
    address = subscribe(open_page("documents"))
    app = open_page("documents")
    [table] = [frame.value for frame in app.dataframe if "使用次数" in frame.value.columns]
    assert list(table["给谁用"]) == ["张三的手机"]
    app.session_state["feeds"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app = press(app, "撤销所选订阅")
    assert not app.exception
    assert "订阅已撤销" in said(app)
    assert opened(sample, address) is None


def test_administration_lists_every_link_with_its_purpose_and_unit(sample: Path):
    links = open_entrance(sample).links
    links.make(OPERATOR, "分管市领导")
    links.make(OPERATOR, "手机", 30, Purpose.CALENDAR, [UNIT])
    app = open_page("admin")
    assert not app.exception
    [table] = [frame.value for frame in app.dataframe if "使用次数" in frame.value.columns]
    assert list(table["用途"]) == ["日历订阅", "领导链接"]
    assert list(table["单位"]) == [UNIT, "全部"]
