"""我的待办, as the office, a unit and a viewer use it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from lib.services.setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.pages.test_pages import open_page, words


def links(app: AppTest) -> list[tuple[str, str, dict[str, str]]]:
    """Label, page and query of every link on the page."""
    found = [element.proto for element in app.get("page_link")]
    return [(p.label.replace("\\", ""), p.page, dict(parse_qsl(p.query_string))) for p in found]


def cards(app: AppTest) -> list[str]:
    return [text.value.replace("\\", "") for text in app.markdown if "badge[" in text.value]


def test_the_office_finds_its_next_steps_each_with_the_page_that_does_it(sample: Path) -> None:
    app = open_page("todo")
    there = {(page, tuple(query.items())) for _label, page, query in links(app)}
    assert ("extensions", (("record", "YQ-03"),)) in there
    assert ("extensions", (("part", "closing"),)) in there
    assert ("mechanism", (("unit", "市求委"),)) in there
    assert ("nominations", (("unit", "市审计局"),)) in there
    assert ("approvals", (("record", "WJ-0049"),)) in there
    assert "逾期" in cards(app)[0]


def test_a_link_chooses_list_unit_and_range(sample: Path) -> None:
    near = open_page("todo", list="units", unit="市科委")
    every = open_page("todo", list="units", unit="市科委", show="all")
    assert len(cards(near)) < len(cards(every))
    assert not [text for text in cards(near) if "试点工作总结" in text]
    assert [text for text in cards(every) if "试点工作总结" in text]
    units = {query.get("unit", "市科委") for _label, _page, query in links(every)}
    assert units == {"市科委"}


def test_a_unit_sees_its_own_alone_and_no_list_of_the_office(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "unit", "市科委")
    app = open_page("todo", list="desk", unit="市商务委")
    text = "".join(cards(app))
    assert "销号" not in text
    assert "示例纺织行业协会" in text
    associations = board().judged.world.associations.values()  # type: ignore[union-attr]
    assert not [a.name for a in associations if a.unit != "市科委" and a.name in text]


def test_a_viewer_may_only_look(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("todo")
    labels = {label for label, page, _query in links(app) if page != "todo"}
    assert cards(app)
    assert labels == {"查看"}


def test_a_day_before_the_work_began_has_nothing_late(sample: Path) -> None:
    app = open_page("todo", asof="2015-07-01", list="units")
    assert app.metric[0].value == "0"
    assert not [text for text in cards(app) if "逾期" in text]


def test_an_empty_workbook_says_what_to_do_first(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page("todo", asof="2015-08-01")
    assert not app.exception
    assert cards(app), "the plan's own units have their plans to make"


def test_the_overviews_and_the_healths_entries_lead_to_their_records(sample: Path) -> None:
    app = open_page()
    app.session_state["owed-市科委"] = True
    app.run()
    there = [(page, query) for _label, page, query in links(app)]
    assert ("execution", {"pilot": "XH-0108", "item": "D5"}) in there
    assert ("todo", {"list": "units", "unit": "市科委"}) in there
    health = open_page("health", rule="D07")
    health.session_state["findings-None-None-None-D07"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    health.run()
    assert not health.exception
    assert [page for _label, page, query in links(health) if query.get("item")] == ["execution"]
    assert words(health)
