"""汇总's figures are the sums of what each city's own pages show; what is not in them is told."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from lib.domain.findings import Severity
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import speaking
from lib.rollup.folder import POINTER, NoResult, current
from lib.rollup.latest import AGAIN, SECONDS, Latest
from lib.rollup.nation import Nation, open_nation
from lib.rollup.rows import DATASETS, Unit
from lib.services.policy import EVERYTHING
from lib.services.setup import plan_of
from lib.store.xlsx import XlsxStore
from lib.views.causes import causes
from lib.views.national import MEASURES, common_phases, national, ranking, reasons
from lib.views.national_phases import NO_PHASE, found, grid
from lib.views.national_place import PARTS, card
from lib.views.overview import overview
from lib.views.prepared import prepared_of
from tests.rollup.conftest import DAYS, books, nation_once, rolled  # noqa: F401 - a fixture


def own_ledger(workbook: Path) -> Ledger:
    """What the city's own app has of it."""
    return derive(judge(XlsxStore(workbook).read(), plan_of(workbook), DAYS.today), DAYS.as_of)


@pytest.fixture(scope="module")
def mixed(nation_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """Three places, one of them twice, one that cannot be read, one that is gone, one whose plan has another phase."""
    folder = tmp_path_factory.mktemp("mixed") / "nation"
    shutil.copytree(nation_once, folder)
    first, second, _third = books(folder)
    shutil.copytree(first.parent, folder / "副本")
    broken = folder / "坏" / "坏.xlsx"
    broken.parent.mkdir()
    broken.write_bytes(b"x")
    gone = folder / "走了" / second.name
    gone.parent.mkdir()
    gone.write_bytes(b"x")
    plan = second.with_name(f"{second.stem}.plan.yaml")
    plan.write_text(plan.read_text("utf-8").replace("title: 开展试点评估", "title: 中期评估", 1), "utf-8")
    out = folder.parent / "out"
    rolled(folder, out)
    shutil.rmtree(gone.parent)
    rolled(folder, out)
    return out


@pytest.fixture(scope="module")
def nation(mixed: Path) -> Nation:
    return open_nation(mixed)


@pytest.fixture(scope="module")
def ledgers(mixed: Path) -> dict[str, Ledger]:
    """Place → its own ledger."""
    counted = [book for book in books(mixed.parent / "nation") if book.parent.name not in ("副本", "坏")]
    return {ledger.plan.place: ledger for ledger in map(own_ledger, counted)}


def pair(text: str) -> Counter[str]:
    """``3/7`` as numbers that add up; a dash is nothing."""
    n, _slash, of = text.replace(",", "").partition("/")
    return Counter() if n == "—" else Counter(n=int(n), of=int(of or 0))


def test_the_six_figures_are_the_sums_of_what_each_city_shows(nation: Nation, ledgers: dict[str, Ledger]) -> None:
    sums: dict[str, Counter[str]] = {}
    for ledger in ledgers.values():
        for figure in overview(ledger, EVERYTHING).figures:
            sums.setdefault(figure.label, Counter()).update(pair(figure.value))
    shown = {figure.label: pair(figure.value) for figure in national(nation).figures}
    assert len(ledgers) == 3
    assert len(shown) == 6
    for label in ("阶段办结", "脱钩事项完成", "推荐达标单位", "报告按期报送", "逾期事项"):
        assert shown[label] == sums[label], label
        assert shown[label]["n"] > 0, label
    assert shown["数据错误"]["n"] == sum(ledger.count(Severity.ERROR) for ledger in ledgers.values()) > 0


def test_reasons_add_up_to_the_overdue_entries_and_are_those_of_each_city(
    nation: Nation, ledgers: dict[str, Ledger]
) -> None:
    own = Counter[str]()
    for ledger in ledgers.values():
        for cause in causes(ledger):
            own.update(dict(cause.reasons))
    assert {line.why: line.count for line in reasons(nation)} == dict(own)
    assert sum(own.values()) == sum(len(ledger.overdue) for ledger in ledgers.values())
    assert max(line.longest for line in reasons(nation)) == max(
        -due.days_left for ledger in ledgers.values() for due in ledger.overdue
    )


def test_above_all_stands_where_most_is_overdue_and_why(nation: Nation) -> None:
    view, worst, why = national(nation), ranking(nation, "overdue")[0], reasons(nation)[0]
    assert view.where.startswith(f"{worst.name} {worst.value} 项、")
    assert view.why.startswith(f"{why.why} {why.count} 项、")
    assert view.figures[0].label == "逾期事项"


def test_a_report_that_did_not_come_is_a_reason_and_not_a_period(nation: Nation) -> None:
    assert "2015年第四季度未报送" in {line.why for line in reasons(nation)}


def test_where_nothing_is_counted_nothing_looks_as_if_it_were_in_time(tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"x")
    rolled(tmp_path, tmp_path / "out")
    view = national(open_nation(tmp_path / "out"))
    assert "没有一本工作簿计入" in view.headline
    assert "没有逾期" not in view.headline
    assert not view.figures
    assert [line.what for line in view.left_out] == ["读不了"]


def test_a_workbook_of_this_server_is_told_by_its_path(mixed: Path, nation: Nation) -> None:
    told = [line.source for line in national(nation).left_out] + [card(nation, nation.counted[0].place.key).source]
    assert all(source.startswith(str(mixed.parent)) for source in told)


def test_it_says_how_many_workbooks_count_and_what_became_of_each_other_one(nation: Nation) -> None:
    view = national(nation)
    assert (view.counted, view.total) == (3, 6)
    assert "3/6" in view.headline
    told = {line.what: line for line in view.left_out}
    assert set(told) == {"读不了", "不见了", "重复"}
    assert view.total - view.counted == len(view.left_out)
    assert "坏.xlsx" in told["读不了"].source
    assert told["读不了"].why != "—"
    assert "走了" in told["不见了"].source
    with speaking("en"):
        english = {line.why for line in national(nation).left_out}
    assert len(english) == 3
    assert not english & {line.why for line in view.left_out}


def test_a_place_with_two_workbooks_is_shown_twice_and_counted_once(nation: Nation) -> None:
    names = [line.name for line in grid(nation).lines]
    assert len(names) == 4
    [double] = [name for name in names if "重复" in name]
    assert double.split("（")[0] in names
    assert [line.name for line in found(nation, "", "doubles").lines] == [double]
    assert len(ranking(nation, "overdue")) == 3


def test_the_workbook_with_most_rows_in_force_is_the_one_that_counts(nation: Nation) -> None:
    [other] = [standing for standing in nation.standings if not standing.is_counted]
    chosen = nation.by_key[str(other.instead)]
    assert (chosen.place.place, chosen.place.batch) == (other.place.place, other.place.batch)
    assert (chosen.place.counted or 0) >= (other.place.counted or 0)


@pytest.mark.parametrize("by", MEASURES)
def test_rankings_begin_with_the_worst(nation: Nation, by: str) -> None:
    lines = ranking(nation, by)
    values = [line.at for line in lines if line.at is not None]
    assert values == sorted(values, reverse=not MEASURES[by].is_share)
    assert [line.rank for line in lines][: len(values)] == list(range(1, len(values) + 1))


def test_a_place_whose_plan_has_other_phases_is_told_so_and_nothing_is_put_under_a_wrong_title(
    nation: Nation,
) -> None:
    table, common = grid(nation), common_phases(nation)
    [line] = [line for line in table.lines if "differs" in line.shown]
    assert table.different == (line.name,)
    assert "另有阶段：中期评估" in line.note
    assert "没有阶段：开展试点评估" in line.note
    at = common.index("开展试点评估")
    assert [cell != NO_PHASE for cell in line.cells] == [n != at for n in range(len(common))]
    assert all(NO_PHASE not in other.cells for other in table.lines if other is not line)


def test_cells_say_shape_word_and_how_many_of_how_many(nation: Nation, ledgers: dict[str, Ledger]) -> None:
    by_name = {line.name: line for line in grid(nation).lines}
    for place, ledger in ledgers.items():
        own = {phase.phase.title: phase for phase in ledger.phases}
        for title, cell in zip(common_phases(nation), by_name[place].cells, strict=True):
            if cell != NO_PHASE:
                phase, light = own[title], ledger.plan.lights.by_state[own[title].state]
                assert cell == f"{light.shape} {light.word} {phase.done}/{phase.total}"
    overdue = [line.overdue for line in grid(nation).lines]
    assert overdue == sorted(overdue, reverse=True)


def test_places_are_found_by_name_and_by_what_is_different(nation: Nation) -> None:
    name = grid(nation).lines[0].name
    assert name in [line.name for line in found(nation, name.casefold(), None).lines]
    assert len(found(nation, "中期", None).lines) == 1
    assert not found(nation, "没有这个地方", None).lines
    assert len(found(nation, "", "late").lines) == sum(line.overdue > 0 for line in grid(nation).lines)


def test_a_place_is_shown_as_its_own_pages_show_it(nation: Nation, ledgers: dict[str, Ledger]) -> None:
    for standing in nation.counted:
        ledger, key = ledgers[str(standing.place.place)], standing.place.key
        rows = {part: make(nation, key) for part, (_title, make, _heads) in PARTS.items()}
        view = overview(ledger, EVERYTHING)
        assert len(rows["late"]) == len(ledger.overdue)
        assert [(row[1], row[2]) for row in rows["phases"]] == [(p.state, p.progress) for p in view.phases]
        assert [(row[0], row[6]) for row in rows["quota"]] == [(q.unit, q.verdict) for q in view.quotas]
        assert [(row[0], row[2]) for row in rows["reports"]] == [(m.unit, f"{m.shape} {m.state}") for m in view.reports]
        assert sorted(row[0] for row in rows["units"]) == sorted(ledger.world.units)
        late = [row[1] for row in rows["units"]]
        assert late == sorted(late, reverse=True), "who is behind most stands first"
        assert all(len(row) == len(PARTS[part][2]) for part, made in rows.items() for row in made)
        assert str(ledger.total_rows) in card(nation, key).counted


def test_a_place_is_read_from_its_own_files_alone_and_only_by_a_key_of_the_result(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(mixed, out)
    nation = open_nation(out)
    key = nation.counted[0].place.key
    for folder in (nation.folder / "units").iterdir():
        if folder.name != f"key={key}":
            shutil.rmtree(folder)
    assert nation.rows(Unit, key)
    for wanted in ("../../x", "", "p000000000000"):
        with pytest.raises(KeyError):
            nation.rows(Unit, wanted)


@pytest.mark.parametrize("lost", [*DATASETS, "_run.json"])
def test_a_result_of_which_a_part_is_missing_is_no_result(mixed: Path, tmp_path: Path, lost: str) -> None:
    out = tmp_path / "out"
    shutil.copytree(mixed, out)
    nation = open_nation(out)
    folder = nation.folder
    part = folder / lost
    (part if part.is_file() else part / f"key={nation.counted[0].place.key}" / "part.parquet").unlink()
    with pytest.raises(NoResult, match="rollup"):
        open_nation(out)


@pytest.mark.parametrize("name", DATASETS)
def test_a_result_in_which_a_file_was_exchanged_is_no_result(mixed: Path, tmp_path: Path, name: str) -> None:
    """By one with other types, without a column, or cut short: what was open before tells it of its own place."""
    out = tmp_path / "out"
    shutil.copytree(mixed, out)
    nation = open_nation(out)
    key = nation.counted[0].place.key
    part = nation.folder / name / f"key={key}" / "part.parquet"
    table = parquet.read_table(part, partitioning=None)
    parquet.write_table(pa.table({column: ["<b>x</b>"] * len(table) for column in table.column_names}), part)
    with pytest.raises(NoResult, match="rollup"):
        open_nation(out)
    with pytest.raises(NoResult, match="rollup"):
        nation.rows(DATASETS[name], key)


def test_views_of_a_former_result_are_let_go(mixed: Path) -> None:
    first, second = open_nation(mixed), open_nation(mixed)
    assert prepared_of(national, first) is prepared_of(national, first)
    assert prepared_of(national, second) is not prepared_of(national, first)


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_new_result_is_seen_with_one_look_a_second_and_the_last_good_one_stays(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, clock = tmp_path / "out", Clock()
    shutil.copytree(mixed, out)
    latest, looks = Latest(out, clock), Counter[str]()
    stat = Path.stat

    def counted(path: Path, **options: bool) -> object:
        looks[path.name] += 1
        return stat(path, **options)

    first = latest.look().nation
    monkeypatch.setattr(Path, "stat", counted)
    assert all(latest.look().nation is first for _again in range(50))
    assert not looks
    clock.now += SECONDS
    assert latest.look().nation is first
    assert looks == {POINTER: 1}
    (out / POINTER).write_text("{", encoding="utf-8")
    clock.now += SECONDS
    look = latest.look()
    assert look.nation is first
    assert "rollup" in look.problem
    with speaking("en"):
        assert latest.look().problem != look.problem, "told in the language of whoever asks"
    (out / POINTER).write_text(json.dumps({"folder": current(mixed)[0].name}), encoding="utf-8")
    clock.now += AGAIN
    look = latest.look()
    assert (look.problem, look.nation is first) == ("", False)


def test_a_long_share_stands_below_its_percentage(nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    """425201/1442321 would be cut off in its frame."""
    monkeypatch.setattr("lib.views.national.ROOM", 0)
    shown = {figure.by: (figure.value, figure.detail) for figure in national(nation).figures}
    monkeypatch.undo()
    usual = {figure.by: (figure.value, figure.detail) for figure in national(nation).figures}
    assert shown["items"] == usual["items"][::-1]
    assert shown["items"][0].endswith("%")
    assert shown["errors"] == usual["errors"]
