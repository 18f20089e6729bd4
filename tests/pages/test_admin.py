"""管理: the plan in force, the next batch, and backups, as administrator and office use them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import streamlit as st

from lib.services import work
from lib.services.batches import plan_text
from lib.services.corrections import restoring
from lib.services.settings import settings
from lib.services.setup import own_plan, plan_of
from lib.ui.session import board
from tests.entrance import sign_in
from tests.pages.desk import press, records, said, widget
from tests.pages.test_pages import open_page
from tests.services.shared import OFFICE

SURE = "我已核对：启用后，规则、期限和名额立即按新方案计算"


def test_the_plan_in_force_is_shown_and_can_be_taken_along(sample: Path) -> None:
    app = open_page("admin", section="plan")
    assert not app.exception
    shown = str(app.table[0].value.to_dict()).replace("\\", "")
    assert board().plan.title in shown
    assert app.get("download_button")


def test_the_next_batch_is_started_after_a_look_at_what_changes(sample: Path) -> None:
    app = open_page("admin", section="plan")
    app.session_state["fold_next"] = True
    app.run()
    changes = [frame.value for frame in app.dataframe if "另一份" in frame.value.columns]
    assert "2016-11-30" in set(changes[0]["另一份"])
    assert [b.disabled for b in app.button if b.label == "启用这份方案"] == [True]
    widget(app, SURE).check()
    app.run()
    app = press(app, "启用这份方案")
    assert "第 2 批" in said(app)
    assert plan_of(sample).batch == 2
    assert board().plan.batch == 2
    assert not app.exception


def test_the_next_batch_started_in_two_sessions_is_started_once(sample: Path) -> None:
    sessions = [open_page("admin", section="plan") for _n in range(2)]
    for app in sessions:
        app.session_state["fold_next"] = True
        app.run()
        widget(app, SURE).check()
        app.run()
    for app in sessions:
        press(app, "启用这份方案")
        assert not app.exception
    assert plan_of(sample).batch == 2


def test_a_plan_held_against_one_that_is_not_in_force_any_more_is_held_against_the_new_one_first(sample: Path) -> None:
    mine, theirs = (open_page("admin", section="plan") for _n in range(2))
    other = plan_text(settings()).replace("due: 2016-06", "due: 2016-05").encode()
    mine.file_uploader[0].set_value(("另一份.yaml", other, "text/yaml"))
    mine.run()
    widget(mine, SURE).check()
    mine.run()
    theirs.session_state["fold_next"] = True
    theirs.run()
    widget(theirs, SURE).check()
    theirs.run()
    press(theirs, "启用这份方案")
    [button] = [b for b in mine.button if b.label == "启用这份方案"]
    button.click().run()
    assert not mine.exception
    assert plan_of(sample).batch == 2
    assert [b.disabled for b in mine.button if b.label == "启用这份方案"] == [True]


def test_a_day_that_the_next_year_lacks_is_told_instead_of_breaking_the_page(sample: Path) -> None:
    text = plan_text(settings()).replace("due: 2016-06", "due: 2016-02-29")
    own_plan(sample).write_text(text, encoding="utf-8")
    st.cache_resource.clear()
    app = open_page("admin", section="plan")
    assert board().plan.phase_by_id["P5"].due == date(2016, 2, 29)
    app.session_state["fold_next"] = True
    app.run()
    assert not app.exception
    assert "日期顺延后的方案有误" in said(app)


def test_the_office_looks_and_leaves_it_to_the_administrator(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "office")
    app = open_page("admin", section="plan")
    app.session_state["fold_next"] = True
    app.run()
    assert not app.exception
    assert not [b for b in app.button if b.label == "启用这份方案"]


def test_backups_are_listed_and_what_a_restore_would_change_is_seen_first(sample: Path) -> None:
    office = board().commands
    assert office is not None
    before = records("associations")["XH-0005"]
    assert office.act(OFFICE, "编辑", work.edit("associations", "XH-0005", {"remark": "写错了"})).allowed
    board().refresh()
    app = open_page("admin", section="backups")
    assert not app.exception
    assert len(app.dataframe[0].value) >= 2
    moment = office.keeper.backups.all()[-1][1]
    found = office.preview(OFFICE, restoring(office, moment, "associations", "XH-0005"), rescue=True)
    assert [(e.record, e.column, e.old) for e in found.edits] == [("XH-0005", "remark", "写错了")]
    assert records("associations")["XH-0005"] == before | {"remark": "写错了"}
