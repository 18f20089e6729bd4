"""The pages on a shared spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.services.google_setup import set_up
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.google import Desk, desk
from tests.pages.desk import press, said
from tests.pages.test_pages import PAGES, open_page, words


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("google")) as found:
        found.create()
        with pytest.MonkeyPatch.context() as patch:
            set_up(found.point(patch), plan, sample=True)
        yield found


@pytest.fixture
def office(made: Desk, signed_in: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    sign_in(monkeypatch, made.point(monkeypatch).workbook, "admin")
    return made


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_spreadsheet(office: Desk, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert app.title[0].value
    assert board().status.problem is None


def test_the_administrator_sees_the_quota_and_what_is_missing(office: Desk) -> None:
    def shown() -> str:
        return str([table.value.to_dict() for table in app.table]).replace("\\", "")

    app = open_page("admin", section="google")
    assert not app.exception
    assert "近一分钟" in shown()
    press(app, "检查")
    assert "✗" not in shown()
    assert "保护齐全" in shown()
    office.emu.world.share(office.owner.model, None, "reader")
    press(app, "检查")
    assert "✗" in shown()


def test_a_workbook_file_has_no_such_section(sample: Path) -> None:
    app = open_page("admin")
    assert "共享表格" not in [option for group in app.button_group for option in group.options]


def test_without_an_answer_of_google_the_pages_say_so(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.services.board.FIRST_LOOK", 0.2)
    office.emu.fault("before", 503, times=1000)
    try:
        app = open_page()
        assert not app.exception
        assert "Google" in said(app)
        assert "doctor" in said(app)
    finally:
        office.emu.calm()


def test_a_page_tells_how_old_its_data_are_while_google_is_away(office: Desk) -> None:
    open_page()
    store = board().keeper.store  # type: ignore[union-attr]
    board().feed.stop()
    store.looked_at -= 600  # type: ignore[attr-defined]
    board().keeper.problem = "x"  # type: ignore[union-attr, assignment]
    app = open_page()
    assert "10 分钟前" in words(app)
    assert "暂时读不到" in said(app)
