"""汇总 as a visitor opens it: in both languages, by role, on awkward results, and on a server that has nothing else."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from lib.rollup import tables
from lib.rollup.folder import POINTER, current
from lib.rollup.nation import open_nation
from lib.rollup.rows import Item, Phase, Place, Quota, Report, Row, Unit
from lib.services.policy import PAGES, Actor, Role
from lib.ui.navigation import ROLLUP
from lib.ui.session import board
from lib.views.national import places_with, reasons
from lib.web.gate import judge
from lib.web.start import readyz
from tests.entrance import sign_in
from tests.pages.test_pages import HOSTILE, ROOT, open_page, words
from tests.rollup.conftest import agree, nation_once, rolled  # noqa: F401 - a fixture

SECTIONS = ("places", "ranking", "reasons", "left")
PARTS = ("late", "phases", "quota", "reports", "units")


@pytest.fixture(scope="module")
def out_once(nation_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    out = tmp_path_factory.mktemp("rolled") / "out"
    rolled(nation_once, out)
    return out


@pytest.fixture
def out(out_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A result of one's own that the server is told to show."""
    folder = tmp_path / "汇总结果"
    shutil.copytree(out_once, folder)
    monkeypatch.setenv("TUOGOU_ROLLUP", str(folder))
    return folder


@pytest.fixture
def alone(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server that has a roll-up and no workbook."""
    monkeypatch.delenv("TUOGOU_WORKBOOK", raising=False)
    monkeypatch.setattr("lib.services.settings.ROOT", tmp_path)
    monkeypatch.setattr("lib.services.settings.SECRETS", ())
    yield tmp_path / "data" / "脱钩工作台.xlsx"
    board().feed.stop()


def key_of(out: Path, nth: int = 0) -> str:
    return open_nation(out).counted[nth].place.key


def there(app: AppTest, page: str) -> bool:
    """Whether Streamlit knows a page in this session."""
    try:
        app.switch_page(f"../pages/{page}.py")
    except ValueError:
        return False
    return True


def frames(app: AppTest) -> str:
    return "\n".join(frame.value.to_csv() for frame in app.dataframe)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_in_both_languages(sample: Path, out: Path, section: str, lang: str) -> None:
    app = open_page(ROLLUP, section=section, lang=lang)
    assert not app.exception
    assert not app.error
    assert len(app.metric) == 6
    assert "3/3" in words(app).replace("\\", "")
    shown = words(app) + frames(app) + "".join(text.value for text in app.text)
    assert app.dataframe if section != "left" else app.success
    if lang == "en":
        assert not re.search("[逾阶地应未]", re.sub("示例.{3}市|《.*?》", "", shown)), shown


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("part", PARTS)
def test_a_link_opens_one_place(sample: Path, out: Path, part: str, lang: str) -> None:
    standing = open_nation(out).counted[1]
    app = open_page(ROLLUP, place=standing.place.key, part=part, lang=lang)
    assert not app.exception
    assert any(str(standing.place.place) in header.value for header in app.header)
    assert len(app.dataframe) == 2
    assert app.query_params["place"] == standing.place.key


def test_choosing_a_place_a_ranking_or_a_filter_stands_in_the_link(sample: Path, out: Path) -> None:
    app = open_page(ROLLUP)
    key = key_of(out)
    app.selectbox(key="place").set_value(key).run()
    assert app.query_params["place"] == key
    app.text_input(key="q").set_value("002").run()
    assert app.query_params["q"] == "002"
    assert len(app.dataframe[0].value) == 1
    app = open_page(ROLLUP, section="ranking", by="items", end="best")
    assert len(app.get("vega_lite_chart")) == 1
    values = [eval_share(cell) for cell in app.dataframe[0].value.iloc[:, 2]]
    assert values == sorted(values)
    assert app.query_params["by"] == "items"


def test_a_reason_leads_to_the_places_that_are_late_for_it_and_these_to_what_is_late(sample: Path, out: Path) -> None:
    nation = open_nation(out)
    worst = reasons(nation)[0]
    app = open_page(ROLLUP, section="reasons", why=worst.key)
    assert app.query_params["why"] == worst.key
    where = app.dataframe[1].value
    assert (len(where), where.iloc[:, 1].sum()) == (worst.places, worst.count)
    first = places_with(nation, worst.key)[0]
    app = open_page(ROLLUP, section="reasons", why=worst.key, place=first.key)
    assert worst.why in frames(app)
    assert first.name in [header.value for header in app.header]
    assert not open_page(ROLLUP, section="reasons", why="没有这个原因").exception


def eval_share(text: str) -> float:
    n, of = map(int, text.split("/"))
    return n / of


def test_each_figure_leads_to_its_ranking(sample: Path, out: Path) -> None:
    app = open_page(ROLLUP)
    queries = [link.proto.query_string for link in app.get("page_link")]
    assert len(queries) == 6
    for query in queries:
        by = query.split("by=")[1].split("&")[0]
        assert open_page(ROLLUP, section="ranking", by=by).selectbox(key="by").value == by


def test_a_link_of_garbage_opens_the_page_as_if_it_said_nothing(sample: Path, out: Path) -> None:
    plain = open_page(ROLLUP)
    for garbage in ("../../x", "<script>", "p000000000000", "\u202e'\"", "长" * 3000):
        app = open_page(
            ROLLUP, place=garbage, section=garbage, part=garbage, by=garbage, end=garbage, show=garbage, asof=garbage
        )
        assert not app.exception
        assert len(app.dataframe) == len(plain.dataframe)
        assert [m.value for m in app.metric] == [m.value for m in plain.metric]


def test_without_the_setting_there_is_no_such_page(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUOGOU_ROLLUP", raising=False)
    assert not there(open_page(), ROLLUP)
    assert judge(f"/{ROLLUP}", "", "GET", visitor(Role.ADMIN)).status == 404
    app = AppTest.from_file(str(ROOT / "pages" / "rollup.py"), default_timeout=30)
    app.session_state["actor"] = Actor("x", Role.ADMIN)
    app.run()
    assert "请从首页进入" in app.error[0].value
    assert not app.dataframe


@pytest.mark.parametrize("role", Role)
def test_it_is_for_those_who_run_or_read_the_plan_and_not_for_a_unit_or_a_link(
    sample: Path, out: Path, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = role in (Role.ADMIN, Role.OFFICE, Role.VIEWER)
    assert (role in PAGES[ROLLUP]) is allowed
    status = judge(f"/{ROLLUP}", "", "GET", visitor(role)).status
    assert status == (200 if allowed else 303 if role == Role.LEADER else 403)
    if role == Role.LEADER:
        return
    sign_in(monkeypatch, sample, role, *(["市科委"] if role == Role.UNIT else []))
    assert there(open_page(), ROLLUP) is allowed
    if allowed:
        assert "示例001市" in frames(open_page(ROLLUP))


def visitor(role: Role) -> object:
    class Somebody:
        actor = Actor("x", role, ("市科委",) if role == Role.UNIT else ())
        must_change = False

    return Somebody()


def spoil(out: Path) -> None:
    """Every text that people can have typed, in every place, is hostile."""
    folder, run = current(out)
    for at, note in enumerate(run.sources):
        bad = HOSTILE[at : at + 3]
        for model, fields in (
            (Place, ("place", "title", "source")), (Phase, ("title", "word", "clause")),
            (Item, ("what", "what_en", "unit", "why", "why_en", "clause")), (Unit, ("unit", "roles")),
        ):  # fmt: skip
            table = tables.rows(tables.read(folder, model), model)
            own = [row for row in table if row.key == note.key]
            changed = [
                replace(row, **{name: f"{bad[n % 3]}{n}" for n, name in enumerate(fields)}) if place < 9 else row
                for place, row in enumerate(own)
            ]
            tables.write(folder, note.key, {model: changed})
    agree(out)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_people_typed_anywhere_is_only_text(sample: Path, out: Path, lang: str) -> None:
    spoil(out)
    key = key_of(out)
    queries = [{"section": section} for section in SECTIONS]
    queries += [{"place": key, "part": part} for part in PARTS] + [{"section": "ranking", "by": "errors"}]
    seen = ""
    for query in queries:
        app = open_page(ROLLUP, lang=lang, **query)
        assert not app.exception, query
        for markup in ("![x](", "<script>", "[点我](", ":red[红]"):
            assert markup not in words(app), query
        seen += frames(app)
    assert "<script>" in seen, "otherwise this proves nothing"


def test_a_result_that_is_replaced_meanwhile_is_shown_and_never_half_of_it(
    sample: Path,
    out: Path,
    nation_once: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    app = open_page(ROLLUP)
    before, gone = [metric.value for metric in app.metric], key_of(out)
    fewer = tmp_path / "fewer"
    shutil.copytree(nation_once, fewer)
    shutil.rmtree(next(iter(sorted(path for path in fewer.iterdir()))))
    rolled(fewer, out)
    rolled(fewer, out)  # by now the first version's files are gone
    app.selectbox(key="place").set_value(gone).run()
    assert not app.exception
    assert not app.error or "已损坏" in app.error[0].value.replace("\\", "")
    st.cache_resource.clear()
    app = open_page(ROLLUP)
    assert [metric.value for metric in app.metric] != before
    assert "2/5" in words(app).replace("\\", ""), "three are missed where they were"


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("folder", "先运行 rollup"),
        ("pointer", "先运行 rollup"),
        ("garbage", "已损坏"),
        ("half", "已损坏"),
        ("version", "汇总结果"),
    ],
)
def test_a_result_that_cannot_be_read_says_what_to_do(sample: Path, out: Path, harm: str, told: str) -> None:
    version = current(out)[0]
    if harm == "folder":
        shutil.rmtree(out)
    elif harm == "pointer":
        (out / POINTER).unlink()
    elif harm == "garbage":
        (out / POINTER).write_bytes(b"\0" * 100)
    elif harm == "half":
        shutil.rmtree(version / "phases")
    else:
        shutil.rmtree(version)
    app = open_page(ROLLUP)
    assert not app.exception
    assert told in app.error[0].value.replace("\\", "")
    assert "-o" in app.error[0].value, "what to type"
    assert not app.metric


def test_while_a_new_result_cannot_be_read_the_last_one_is_shown(sample: Path, out: Path) -> None:
    app = open_page(ROLLUP)
    (out / POINTER).write_text("{", encoding="utf-8")
    from lib.ui.national import latest

    latest(out)._next = 0.0
    app.run()
    assert "上一次的结果" in app.error[0].value.replace("\\", "")
    assert len(app.metric) == 6


def test_a_table_that_is_damaged_after_it_was_opened_is_a_sentence(sample: Path, out: Path) -> None:
    key = key_of(out)
    (current(out)[0] / "units" / f"key={key}" / "part.parquet").write_bytes(b"PAR1")
    app = open_page(ROLLUP, place=key, part="units")
    assert not app.exception
    assert "已损坏" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("model", "part", "word"), [(Quota, "quota", {"verdict": "later"}), (Report, "reports", {"state": "later"})]
)
def test_a_word_that_only_a_later_version_knows_is_a_sentence(
    sample: Path, out: Path, model: type[Row], part: str, word: dict[str, str]
) -> None:
    key, folder = key_of(out), current(out)[0]
    own = [row for row in tables.rows(tables.read(folder, model), model) if row.key == key]
    tables.write(folder, key, {model: [replace(row, **word) for row in own]})
    agree(out)
    app = open_page(ROLLUP, place=key, part=part)
    assert not app.exception
    assert "已损坏" in app.error[0].value.replace("\\", "")


def test_a_result_of_long_ago_says_so(sample: Path, out: Path) -> None:
    run = current(out)[0] / "_run.json"
    told = json.loads(run.read_text("utf-8"))
    run.write_text(json.dumps(told | {"made_at": "2020-01-01T03:00:00+08:00"}), encoding="utf-8")
    assert any("每晚" in warning.value for warning in open_page(ROLLUP).warning)


def test_what_is_wrong_with_the_servers_own_workbook_stands_on_its_own_pages(sample: Path, out: Path) -> None:
    assert any("init" in warning.value for warning in open_page().warning)
    assert not any("init" in warning.value for warning in open_page(ROLLUP).warning)


def test_a_result_without_any_place_says_why_and_shows_no_noughts(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "坏").mkdir()
    (tmp_path / "坏" / "坏.xlsx").write_bytes(b"x")
    rolled(tmp_path / "坏", tmp_path / "无")
    monkeypatch.setenv("TUOGOU_ROLLUP", str(tmp_path / "无"))
    app = open_page(ROLLUP)
    assert not app.exception
    assert not app.metric
    assert "没有一本工作簿计入" in words(app)
    assert "坏.xlsx" in frames(app)


def test_a_server_that_has_only_a_roll_up_opens_it_first_and_nothing_about_a_workbook(
    sample: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(monkeypatch, alone, Role.ADMIN)
    app = open_page()
    assert not app.exception
    assert not app.error
    assert (app.title[0].value, len(app.metric)) == ("多地汇总", 6)
    assert not alone.exists(), "no sample is made where nobody asked for one"
    assert not app.date_input, "a day that changes nothing is not asked for"
    assert open_page("admin").title[0].value == "管理"
    assert not there(open_page(), "phases")
    sign_in(monkeypatch, alone, Role.UNIT, "市科委")
    app = open_page()
    assert not app.exception
    assert "示例001市" not in frames(app) + words(app)
    assert not app.metric


def test_on_such_a_server_a_link_to_the_page_by_its_name_opens_it(alone: Path) -> None:
    found = judge(f"/{ROLLUP}", "place=p1&part=units", "GET", visitor(Role.OFFICE))
    assert (found.status, found.to) == (303, "/?place=p1&part=units")
    assert judge("/", "", "GET", visitor(Role.OFFICE)).status == 200
    assert judge("/phases", "", "GET", visitor(Role.OFFICE)).status == 404, "there is no workbook"
    assert judge(f"/{ROLLUP}", "", "GET", visitor(Role.UNIT)).status == 403


def test_such_a_server_is_ready_when_the_roll_up_can_be_read(alone: Path, out: Path) -> None:
    assert asyncio.run(readyz(Request({"type": "http"}))).status_code == 200
    shutil.rmtree(out)
    st.cache_resource.clear()
    answer = asyncio.run(readyz(Request({"type": "http"})))
    assert answer.status_code == 503
    assert out.name not in bytes(answer.body).decode()


def test_an_office_without_a_roll_up_loads_nothing_of_it() -> None:
    script = (
        "import sys, lib.web; print([m for m in sys.modules "
        "if m.split('.')[0] in ('duckdb', 'dask', 'distributed', 'pyarrow') or m.startswith('lib.rollup')])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
