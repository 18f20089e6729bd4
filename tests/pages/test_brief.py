"""一页速览 as a leader without an account, as a unit and as a viewer open it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.services.policy import Actor
from lib.ui.session import board
from tests.pages.test_pages import ROOT, open_page, words


def open_as(actor: Actor, **query: str) -> AppTest:
    """The page alone, as the shell shows it to somebody it has let in."""
    app = AppTest.from_file(str(ROOT / "pages" / "brief.py"), default_timeout=30)
    app.session_state["actor"] = actor
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


LEADER = Actor("", "leader")


def test_a_leader_finds_day_and_language_on_the_page_and_no_way_out(sample: Path) -> None:
    app = open_as(LEADER, asof="2016-12-31", lang="en")
    assert not app.exception
    assert not app.error
    assert app.date_input[0].value == date(2016, 12, 31)
    assert "Overdue" in app.title[0].value
    assert not app.sidebar.children
    assert not app.get("page_link")


def test_what_the_shell_says_to_a_leader_is_in_her_language_too(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.ui.session.admit", lambda: LEADER)
    app = open_page("overview", lang="en")
    assert not app.exception
    assert "Names and progress are made up" in app.warning[0].value


def test_a_leader_takes_the_page_on_paper_of_the_day_shown(sample: Path) -> None:
    [address] = [one.proto.url for one in open_as(LEADER, asof="2016-02-29").get("link_button")]
    assert address == "/files/brief?asof=2016-02-29"


def test_the_leaders_day_changes_every_figure(sample: Path) -> None:
    app = open_as(LEADER)
    before = app.title[0].value
    app.date_input[0].set_value(date(2016, 12, 31)).run()
    assert not app.exception
    assert app.title[0].value != before
    assert "2016年12月31日" in words(app).replace("\\", "")


def test_who_is_signed_in_keeps_the_controls_of_the_side_bar(sample: Path) -> None:
    app = open_page("brief")
    assert not app.exception
    assert len(app.date_input) == 1
    assert len(app.sidebar.date_input) == 1


def test_a_unit_is_shown_no_other_units_entries(sample: Path) -> None:
    late = {due.unit for due in board().ledger(date(2016, 3, 31)).overdue}  # type: ignore[union-attr]
    unit = sorted(late)[0]
    app = open_as(Actor("周宁", "unit", (unit,)))
    shown = words(app) + "".join(expander.label for expander in app.expander)
    assert not app.exception
    assert unit in shown
    assert not [other for other in late - {unit} if other in shown]


def test_day_and_time_of_reading_and_rows_left_out_stand_on_the_page(sample: Path) -> None:
    shown = words(open_as(LEADER)).replace("\\", "")
    assert "截至 2016年3月31日" in shown
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d 读取", shown)
    assert re.search(r"\d+ 行因错误未计入", shown)


def test_folded_tables_open(sample: Path) -> None:
    app = open_as(LEADER)
    assert not app.dataframe
    for fold in ("fold_causes", "fold_rest", "fold_dues", "fold_quotas", "fold_separations", "fold_points"):
        app.session_state[fold] = True
    app.run()
    assert not app.exception
    assert len(app.dataframe) == 5
