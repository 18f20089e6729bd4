"""变更与冲突, as a member of the office and as a viewer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.services import work
from lib.ui.session import board
from tests.entrance import sign_in
from tests.pages.test_pages import open_page
from tests.services.shared import OFFICE, edit_outside, put

HOSTILE = "![x](http://evil.example/x.png)"


@pytest.fixture
def disputed(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workbook in which the remark of XH-0005 was changed on both sides."""
    sign_in(monkeypatch, sample)
    opened = board()
    opened.feed.stop()
    stale = tmp_path / "stale.xlsx"
    shutil.copy(sample, stale)
    assert opened.commands is not None
    assert opened.commands.act(OFFICE, "编辑", work.edit("associations", "XH-0005", {"remark": "应用的"})).allowed
    opened.refresh()
    edit_outside(stale, put("associations", "XH-0005", "remark", HOSTILE), sample)
    opened.refresh()
    return sample


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def remark() -> object:
    keeper = board().keeper
    assert keeper is not None
    return (keeper.grids["associations"].record("XH-0005") or {}).get("remark")


def test_a_conflict_is_shown_with_both_values_and_settled_by_a_choice(disputed: Path):
    app = open_page("changes")
    assert not app.exception
    shown = {element.value for element in app.text}
    assert {"应用的", HOSTILE} <= shown
    app = press(app, "改为应用的值")
    assert not app.exception
    assert remark() == "应用的"
    assert not [button for button in app.button if button.label == "改为应用的值"]


def test_what_people_typed_is_never_markup(disputed: Path):
    app = open_page("changes")
    assert not any("](http" in str(element.value) for element in (*app.markdown, *app.caption))


def test_undoing_ones_last_act_says_what_became_of_it(disputed: Path):
    app = press(open_page("changes"), "撤销我的上一步")
    assert not app.exception
    assert app.error
    assert remark() == HOSTILE


def test_a_viewer_sees_everything_and_can_press_nothing(disputed: Path, monkeypatch: pytest.MonkeyPatch):
    sign_in(monkeypatch, disputed, "viewer")
    app = open_page("changes")
    assert not app.exception
    assert app.main.button
    assert all(button.disabled for button in app.main.button)
