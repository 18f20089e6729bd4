"""变更与冲突, as a member of the office and as a viewer."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib.services import work
from lib.services.corrections import OURS, THEIRS
from lib.ui.session import board
from lib.ui.theme import esc
from tests.entrance import sign_in
from tests.pages.test_pages import PAGES, open_page
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


def owner() -> str:
    """The unit that answers for XH-0005."""
    judged = board().judged
    assert judged is not None
    return judged.world.associations["XH-0005"].unit


def everything(app: AppTest) -> str:
    """All the page's words, tables included."""
    elements = (*app.markdown, *app.caption, *app.text, *app.title, *app.header, *app.success, *app.error, *app.info)
    tables = [str(frame.value.to_dict()) for frame in (*app.dataframe, *app.table)]
    return "\n".join([*(str(element.value) for element in elements), *tables, *(e.label for e in app.expander)])


def test_a_unit_sees_and_settles_its_own_conflict(disputed: Path, monkeypatch: pytest.MonkeyPatch):
    sign_in(monkeypatch, disputed, "unit", owner())
    app = open_page("changes")
    assert not app.exception
    assert HOSTILE in {element.value for element in app.text}
    app = press(app, "改为应用的值")
    assert not app.exception
    assert not app.error
    assert remark() == "应用的"


def test_a_unit_finds_nothing_of_others_not_even_by_their_ids(disputed: Path, monkeypatch: pytest.MonkeyPatch):
    sign_in(monkeypatch, disputed, "unit", "市委组织部")
    app = open_page("changes")
    assert not app.exception
    assert not app.main.button
    if app.text_input:
        app = app.text_input[0].set_value("XH-0005").run()
    assert not app.exception
    shown = everything(app)
    assert not [secret for secret in ("应用的", HOSTILE, "XH-0005") if secret in shown]
    assert not app.dataframe


@pytest.mark.parametrize("side", [OURS, THEIRS])
def test_a_forged_press_is_refused(disputed: Path, monkeypatch: pytest.MonkeyPatch, side: str):
    """What a page of former days, or a hand-made message, asks for is judged like anything else."""
    sign_in(monkeypatch, disputed, "unit", "市委组织部")
    keeper = board().keeper
    assert keeper is not None
    monkeypatch.setattr("lib.services.whose.Whose.sees", lambda *_: True)
    monkeypatch.setattr("lib.services.whose.Whose.may_settle", lambda *_: True)
    app = press(open_page("changes"), "改为应用的值" if side == OURS else "保留表中的值")
    assert not app.exception
    assert "本单位" in app.error[0].value
    assert keeper.history.conflicts
    assert remark() == HOSTILE


@pytest.mark.parametrize("page", [page for page in PAGES if page != "admin"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("unit", ["市科委", "市委组织部"])
def test_every_page_opens_for_a_unit_and_names_nobody_elses_associations(
    sample: Path, monkeypatch: pytest.MonkeyPatch, page: str, lang: str, unit: str
):
    sign_in(monkeypatch, sample, "unit", unit)
    app = open_page(page, lang=lang)
    assert not app.exception
    assert not app.error
    judged = board().judged
    assert judged is not None
    shown = everything(app)
    assert not [a.name for a in judged.world.associations.values() if a.unit != unit and a.name in shown]


def people(path: Path) -> dict[str, object]:
    """Record → contact, as the app holds it."""
    keeper = board().keeper
    assert keeper is not None
    grid = keeper.grids["associations"]
    return {record: (grid.record(record) or {}).get("contact", "") for record in grid.rows}


@pytest.fixture
def torn(sample: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A workbook in which somebody sorted the contacts alone; what they were."""
    sign_in(monkeypatch, sample)
    opened = board()
    opened.feed.stop()
    before = people(sample)

    def sort(book: openpyxl.Workbook) -> None:
        tab = book["协会商会"]
        at = [cell.value for cell in tab[1]].index("联系人") + 1
        texts = sorted((tab.cell(row, at).value or "" for row in range(2, len(before) + 2)), key=lambda t: (not t, t))
        for row, text in enumerate(texts, 2):
            tab.cell(row, at, text)

    def name(book: openpyxl.Workbook) -> None:
        tab = book["协会商会"]
        at = [cell.value for cell in tab[1]].index("联系人") + 1
        for row in range(2, len(before) + 2):
            tab.cell(row, at, f"{HOSTILE} {row * 7919 % 9973}")

    edit_outside(sample, name)
    opened.refresh()
    before = people(sample)
    edit_outside(sample, sort)
    opened.refresh()
    assert people(sample) != before
    return before


def test_a_partial_sort_is_shown_with_examples_and_put_back(torn: dict[str, object], sample: Path):
    app = open_page("changes")
    assert not app.exception
    words = everything(app)
    assert "等待决定的重新排列" in words
    assert "联系人" in words
    assert len(app.table) == 1
    assert len(app.table[0].value) == 3
    assert not any("](http" in str(cell) for cell in app.table[0].value.to_numpy().ravel())
    app = press(app, "放回原来的对应关系")
    assert not app.exception
    assert not app.error
    assert people(sample) == torn
    assert "等待决定的重新排列" not in everything(app)


def test_a_partial_sort_may_be_what_was_meant(torn: dict[str, object], sample: Path):
    now = people(sample)
    app = press(open_page("changes"), "就是要这样改")
    assert not app.exception
    assert not app.error
    assert people(sample) == now
    assert "等待决定的重新排列" not in everything(app)


def test_a_viewer_cannot_decide_on_a_partial_sort(
    torn: dict[str, object], sample: Path, monkeypatch: pytest.MonkeyPatch
):
    sign_in(monkeypatch, sample, "viewer")
    app = open_page("changes")
    assert not app.exception
    assert app.table
    assert all(button.disabled for button in app.main.button)


def test_a_unit_sees_its_own_records_of_a_partial_sort_and_cannot_decide(
    torn: dict[str, object], sample: Path, monkeypatch: pytest.MonkeyPatch
):
    unit = owner()
    judged = board().judged
    assert judged is not None
    mine = {row.id for row in judged.world.associations.values() if row.unit == unit}
    sign_in(monkeypatch, sample, "unit", unit)
    app = open_page("changes")
    assert not app.exception
    assert set(app.table[0].value["记录"]) <= {esc(record) for record in mine}
    deciding = [b for b in app.main.button if b.label in ("放回原来的对应关系", "就是要这样改")]
    assert len(deciding) == 2
    assert all(button.disabled for button in deciding)


@pytest.mark.parametrize("page", ["overview", "health"])
def test_the_finding_of_a_partial_sort_stands_where_findings_do(torn: dict[str, object], page: str):
    app = open_page(page)
    assert not app.exception
    if page == "health":
        assert "S26" in everything(app)
