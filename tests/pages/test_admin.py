"""管理: the plan in force, the next batch, and backups, as administrator and office use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services import work
from lib.services.corrections import restoring
from lib.services.setup import plan_of
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
