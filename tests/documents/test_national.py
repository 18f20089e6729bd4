"""多地汇总 as a workbook: the page's figures as numbers, all places and one, for those who may open the page."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from starlette.requests import Request

from lib.documents.file import File, NotDelivered
from lib.documents.national import of_place, whole
from lib.i18n import speaking
from lib.rollup.crew import Alone
from lib.rollup.nation import Nation, open_nation
from lib.rollup.run import roll_up
from lib.rollup.sources import listed
from lib.services.policy import Actor, Role
from lib.views.national import national, ranking, reasons
from tests.rollup.conftest import DAYS, nation_once  # noqa: F401 - a fixture

files = import_module("lib.web.files")  # the package has its routes under the same name
Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def out(nation_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    made = tmp_path_factory.mktemp("rolled")
    (made / "坏").mkdir()
    (made / "坏" / "坏.xlsx").write_bytes(b"x")
    sources = [str(nation_once), str(made / "坏")]
    roll_up(listed(sources), made / "out", DAYS, Alone())
    return made / "out"


@pytest.fixture(scope="module")
def nation(out: Path) -> Nation:
    return open_nation(out)


def sheets(file: File) -> dict[str, Rows]:
    """Title → rows from the header on."""
    book = openpyxl.load_workbook(BytesIO(file.content))
    return {tab.title: [*tab.iter_rows(min_row=3, values_only=True)] for tab in book}


def column(rows: Rows, head: str) -> list[object]:
    at = rows[0].index(head)
    return [row[at] for row in rows[1:]]


def test_all_places_stand_in_it_with_the_figures_of_the_page_as_numbers(nation: Nation) -> None:
    found = sheets(whole(nation))
    assert list(found) == ["各地进展", "各地各阶段", "为什么逾期", "未计入的"]
    places = found["各地进展"]
    by_name = dict(zip(column(places, "地方"), column(places, "逾期事项"), strict=True))
    assert by_name == {line.name: line.value for line in ranking(nation, "overdue")}
    done, of = column(places, "脱钩事项完成"), column(places, "适用")
    assert (sum(done), sum(of)) == tuple(sum(getattr(s.items, part) for s in nation.counted) for part in ("n", "of"))  # type: ignore[arg-type]
    assert sum(column(found["为什么逾期"], "逾期事项")) == sum(by_name.values())  # type: ignore[arg-type]
    assert len(found["为什么逾期"]) == len(reasons(nation)) + 1
    assert [str(text).rsplit("/", 1)[-1] for text in column(found["未计入的"], "工作簿")] == ["坏.xlsx"]
    assert len(found["各地各阶段"][0]) == 3 + len(nation.counted[0].phases)


def test_it_says_its_day_and_how_much_is_counted_in_either_language(nation: Nation) -> None:
    view = national(nation)
    for language, words in (("zh", f"计入 {view.counted}/{view.total} 本"), ("en", f"{view.counted}/{view.total}")):
        with speaking(language):
            tab = openpyxl.load_workbook(BytesIO(whole(nation).content)).worksheets[0]
        assert words in tab["A2"].value
    with speaking("en"):
        assert not [title for title in sheets(whole(nation)) if any("\u4e00" <= letter <= "\u9fff" for letter in title)]


def test_one_place_has_its_tables(nation: Nation) -> None:
    standing = nation.counted[0]
    found = sheets(of_place(nation, standing.place.key))
    assert list(found) == ["逾期事项", "阶段", "推荐名额", "季度报告", "各单位"]
    assert len(found["逾期事项"]) == standing.overdue + 1
    assert len(found["阶段"]) == len(standing.phases) + 1


def asked(role: Role, **query: str) -> File:
    """What the route gives."""
    text = "&".join(f"{name}={value}" for name, value in query.items()).encode()
    request = Request({"type": "http", "query_string": text, "headers": []})
    made: File = files._made(Actor("某人", role, ("市科委",) if role == Role.UNIT else ()), "national", request)
    return made


@pytest.mark.parametrize("role", Role)
def test_it_is_for_those_who_may_open_the_page(role: Role, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUOGOU_ROLLUP", str(out))
    if role in (Role.ADMIN, Role.OFFICE, Role.VIEWER):
        assert asked(role).name.startswith("多地汇总_")
    else:
        with pytest.raises(NotDelivered, match="不能取用"):
            asked(role)


def test_what_cannot_be_given_is_a_sentence(out: Path, nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    def why(ask: Callable[[], File]) -> str:
        with pytest.raises(NotDelivered) as caught:
            ask()
        return str(caught.value.reason)

    assert "不能取用" in why(lambda: asked(Role.OFFICE)), "no roll-up is shown here"
    monkeypatch.setenv("TUOGOU_ROLLUP", str(out))
    assert "重选" in why(lambda: asked(Role.OFFICE, place="../../etc"))
    monkeypatch.setenv("TUOGOU_ROLLUP", str(out / "none"))
    assert "汇总" in why(lambda: asked(Role.OFFICE))
