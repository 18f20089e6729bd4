"""Every page, opened as a visitor opens it, in both languages and on awkward workbooks."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.services.setup import set_up
from lib.ui.navigation import PLACES
from lib.ui.session import board
from sheets_schema.plan import Plan
from tests.entrance import sign_in
from tests.services.shared import looked_at

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = tuple(place.name for place in PLACES)
HOSTILE = (
    "![x](http://evil.example/x.png)",
    "<script>alert(1)</script>",
    "[点我](javascript:alert(1))",
    '=HYPERLINK("http://evil.example")',
    ":red[红] $x^2$ `code` **粗**",
    "\u202e倒着写\u200b",
    "🏮" * 50,
    "长" * 10_000,
)


def open_page(page: str = "overview", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "lib" / "shell.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return (app if page == "overview" else app.switch_page(f"../pages/{page}.py")).run()


def words(app: AppTest) -> str:
    """Everything Markdown on the page, one string."""
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption, *app.title, *app.header))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_opens_without_an_error(sample: Path, page: str, lang: str) -> None:
    app = open_page(page, lang=lang)
    assert not app.exception
    assert not app.error
    assert app.title[0].value


def test_overview_says_where_the_plan_stands_and_shows_six_figures(sample: Path) -> None:
    app = open_page()
    assert "截至2016年3月31日" in words(app).replace("\\", "")
    assert len(app.metric) == 6
    assert all(metric.value for metric in app.metric)


def test_figures_follow_the_as_of_day_in_the_link(sample: Path) -> None:
    done = {day: open_page(asof=day).metric[3].value for day in ("2016-02-29", "2016-03-31")}
    assert int(done["2016-02-29"].split("/")[0]) < int(done["2016-03-31"].split("/")[0])


def test_an_impossible_day_in_the_link_is_ignored(sample: Path) -> None:
    app = open_page(asof="2016-99-99")
    assert not app.exception
    assert app.date_input[0].value == date(2016, 3, 31)


def test_sample_data_is_announced_and_real_data_is_not(
    sample: Path, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any("虚构" in warning.value for warning in open_page().warning)
    st.cache_resource.clear()
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page()
    assert not app.exception
    assert not app.warning


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_workbook_shows_every_page(
    page: str, tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty.xlsx"
    set_up(empty, plan, sample=False)
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(empty))
    app = open_page(page, asof="2016-03-31")
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_without_a_workbook_the_page_says_what_to_do(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(tmp_path / "nowhere.xlsx"))
    app = open_page(page)
    assert not app.exception
    assert "nowhere.xlsx" in app.error[0].value.replace("\\", "")
    if page != "admin":  # accounts are kept without a workbook too
        assert "init" in app.info[0].value


def test_a_workbook_that_turns_to_garbage_keeps_the_last_good_figures(sample: Path) -> None:
    app = open_page()
    before = [metric.value for metric in app.metric]
    board().feed.stop()
    sample.write_bytes(b"garbage" * 100)
    board().refresh()
    app.run()
    assert [metric.value for metric in app.metric] == before
    assert "sample" in app.error[0].value.replace("\\", "")


def test_a_page_reached_without_the_shell_shows_nothing(sample: Path) -> None:
    for page in PAGES:
        app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=30).run()
        assert not app.metric
        assert not app.dataframe
        assert app.error


def test_health_is_filtered_by_the_link_in_either_language(sample: Path) -> None:
    everything = open_page("health")
    for lang, word in (("zh", "错误"), ("en", "Error")):
        app = open_page("health", lang=lang, severity="error")
        assert 0 < len(app.dataframe[0].value) < len(everything.dataframe[0].value)
        assert all(word in cell for cell in app.dataframe[0].value.iloc[:, 0])


def test_a_filter_that_is_chosen_stands_in_the_link(sample: Path) -> None:
    app = open_page("health")
    app.selectbox(key="rule").set_value("S15").run()
    assert app.query_params["rule"] == "S15"
    assert len(app.dataframe[0].value) == 1


@pytest.fixture(scope="module")
def hostile(sample_once: Path, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with markup, formulas and other harm typed into every third text."""
    book = openpyxl.load_workbook(sample_once)
    for tab in book.worksheets:
        if tab.title.startswith("_"):
            continue
        for row in range(2, min(tab.max_row, 30) + 1):
            for column in range(2, tab.max_column + 1):
                cell = tab.cell(row, column)
                if isinstance(cell.value, str) and (row + column) % 3 == 0:
                    cell.value = HOSTILE[(row + column) // 3 % len(HOSTILE)]
                    cell.data_type = "s"
    made = tmp_path_factory.mktemp("hostile") / "hostile.xlsx"
    book.save(made)
    looked_at(made, plan)
    return made


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_text_typed_by_people_is_never_markup(sample: Path, hostile: Path, page: str, lang: str) -> None:
    shutil.copy(hostile, sample)
    app = open_page(page, lang=lang)
    assert not app.exception
    shown = words(app) + "".join(e.label for e in app.expander) + "".join(str(t.value) for t in app.table)
    for markup in ("![x](", "<script>", "[点我](", ":red[红]"):
        assert markup not in shown


@pytest.mark.parametrize(("role", "told"), [("office", True), ("unit", False)])
def test_without_data_only_who_runs_the_plan_is_told_what_to_type(
    role: str, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(tmp_path / "没有.xlsx"))
    sign_in(monkeypatch, tmp_path / "没有.xlsx", role, *(["市科委"] if role == "unit" else []))
    app = open_page("phases")
    assert not app.exception
    [info] = [one.value for one in app.info]
    assert "自动打开" in info
    assert ("lib.cli init" in info.replace("\\", "")) is told
    assert tmp_path.name not in info.replace("\\", ""), "no page names a path of the server"
