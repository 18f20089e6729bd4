"""A roll-up as whoever runs it every night relies on it: right figures, only what changed, never half a result."""

from __future__ import annotations

import errno
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from pyarrow import parquet

from lib.domain.findings import Severity
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.rollup import folder, material, place, run, tables
from lib.rollup.crew import Alone
from lib.rollup.folder import NoResult, Running
from lib.rollup.nation import open_nation
from lib.rollup.place import Order, Outcome
from lib.rollup.result import Result, open_result
from lib.rollup.rows import DATASETS, Item, Phase, Pilot, State
from lib.rollup.run import Days, roll_up
from lib.rollup.sources import SourceError, key_of, listed, shown
from lib.services.progress import as_json
from lib.services.setup import own_plan, plan_of
from lib.store.base import NotWritable
from lib.store.xlsx import XlsxStore
from tests.nation import make_place, place_name
from tests.rollup.conftest import DAYS, age, agree, books, parts, rolled
from tests.rollup.work import broken


def own_ledger(workbook: Path) -> Ledger:
    """A city's ledger as its own app has it."""
    return derive(judge(XlsxStore(workbook).read(), plan_of(workbook), DAYS.today), DAYS.as_of)


def key(workbook: Path) -> str:
    return key_of(f"file://{workbook}")


def same(rows: tuple[object, ...], told: list[dict[str, object]], **names: str) -> bool:
    """Whether rows say what a city's own figures say, field by field."""

    def shown(value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value

    found = [{mine: shown(getattr(row, theirs)) for mine, theirs in names.items()} for row in rows]
    return found == [{mine: one[mine] for mine in names} for one in told]


def plain(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def test_every_figure_is_that_of_the_citys_own_ledger(nation: Path, tmp_path: Path) -> None:
    result = rolled(nation, tmp_path / "out")
    totals: dict[str, int] = {"done": 0, "total": 0}
    for workbook in books(nation):
        ledger, mine = own_ledger(workbook), key(workbook)
        own = as_json(ledger)
        assert same(
            result.of(Phase, mine), own["phases"], id="phase",
            **plain("title", "clause", "start", "due", "state", "word", "shape", "done", "total", "waiting"),
            **plain("done_on", "days_late"),
        )  # fmt: skip
        assert same(
            result.quotas(mine), own["quota"],
            **plain("unit", "n", "frozen", "floor", "expected", "voluntary", "recommended", "selected"),
            **plain("verdict", "submitted_on"),
        )  # fmt: skip
        assert same(
            result.of(Pilot, mine), own["pilots"],
            **plain("id", "name", "unit", "selected_on", "plan_approved_on", "done", "total"),
            **plain("not_applicable", "unrecorded", "last_news"),
        )  # fmt: skip
        assert same(result.reports(mine), own["reports"], **plain("unit", "period", "due", "submitted_on", "state"))
        assert same(
            result.of(Item, mine), own["due"],
            **plain("state", "what", "unit", "owner", "clause", "due", "days_left", "sheet", "record"),
        )  # fmt: skip
        row = next(row for row in result.places if row.key == mine)
        assert (row.place, row.plan, row.rows, row.errors) == (
            ledger.plan.place, ledger.plan.id, ledger.total_rows, ledger.count(Severity.ERROR),
        )  # fmt: skip
        assert (row.rows, row.counted) == (own["rows"]["total"], own["rows"]["counted"])
        assert [unit.unit for unit in result.units(mine)] == list(ledger.world.units)
        assert sum(unit.overdue for unit in result.units(mine)) == len(ledger.overdue) == len(result.late(mine))
        totals["done"] += own["checklist"]["done"]
        totals["total"] += own["checklist"]["total"]
    assert result.totals()["checklist", ""] == (totals["done"], totals["total"])
    assert totals["done"] > 0
    assert all(item.why and item.why_en and item.why != item.why_en for item in result.late())
    assert len({row.plan for row in result.places}) == 3


def test_a_rerun_reads_only_what_changed(nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, read, judged = tmp_path / "out", watched(monkeypatch, material, "_bytes"), watched(monkeypatch, place, "judge")
    first = rolled(nation, out)
    assert len(judged) == 3
    read.clear()
    again = rolled(nation, out)
    assert (read, len(judged)) == ([], 3)
    assert parts(again) == parts(first)
    assert all(note.taken_over for note in again.run.sources)
    changed = books(nation)[1]
    shutil.copy(make_place(tmp_path / "other", 2, rows=500), changed)
    age(changed, 600)
    third = rolled(nation, out)
    assert len(judged) == 4
    assert {path for path in read if path.endswith(".xlsx")} == {str(changed)}
    assert [note.taken_over for note in third.run.sources].count(False) == 1
    assert own_ledger(changed).total_rows == third.run.by_key[key(changed)].rows


def watched(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> list[str]:
    """The second arguments of all calls of a function, from now on."""
    calls: list[str] = []
    real = getattr(module, name)

    def watching(*given: object) -> object:
        calls.append(str(given[1]))
        return real(*given)

    monkeypatch.setattr(module, name, watching)
    return calls


def test_a_file_that_was_saved_as_it_was_is_read_and_not_judged(
    nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, judged = tmp_path / "out", watched(monkeypatch, place, "judge")
    first = rolled(nation, out)
    age(books(nation)[0], 60)
    assert parts(rolled(nation, out)) == parts(first)
    assert len(judged) == 3


def test_a_plan_that_changed_judges_its_place_anew(nation: Path, tmp_path: Path) -> None:
    first = rolled(nation, tmp_path / "out")
    plan = own_plan(books(nation)[0])
    plan.write_text(plan.read_text("utf-8").replace(place_name(1), "示例新市"), encoding="utf-8")
    age(plan, 60)
    second = rolled(nation, tmp_path / "out")
    changed = key(books(nation)[0])
    assert first.run.by_key[changed].place == place_name(1)
    assert second.run.by_key[changed].place == "示例新市"
    assert [note.key for note in second.run.sources if not note.taken_over] == [changed]


@pytest.mark.parametrize("what", ["as_of", "today", "code"])
def test_another_day_or_another_code_judges_everything_anew(
    what: str, nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled(nation, tmp_path / "out")
    days = {
        "as_of": Days(date(2016, 3, 30), DAYS.today), "today": Days(DAYS.as_of, date(2016, 4, 2)), "code": DAYS
    }[what]  # fmt: skip
    if what == "code":
        monkeypatch.setattr(run, "stamp", lambda: "another")
    again = rolled(nation, tmp_path / "out", days=days)
    assert not any(note.taken_over for note in again.run.sources)


def test_a_place_whose_file_vanished_is_told_and_kept_out_until_it_is_back(nation: Path, tmp_path: Path) -> None:
    out, gone = tmp_path / "out", books(nation)[0]
    rolled(nation, out)
    gone.rename(tmp_path / "away.xlsx")
    for _run in range(2):
        result = rolled(nation, out)
        assert [(one.key, one.place) for one in result.run.gone] == [(key(gone), place_name(1))]
        assert {row.key for row in result.places} == {key(book) for book in books(nation)}
        assert key(gone) not in result.phases()
    (tmp_path / "away.xlsx").rename(gone)
    back = rolled(nation, out)
    assert (len(back.run.sources), back.run.gone) == (3, ())


def test_a_share_that_is_not_mounted_does_not_empty_the_result(nation: Path, tmp_path: Path) -> None:
    first = rolled(nation, tmp_path / "out")
    shutil.rmtree(nation)
    nation.mkdir()
    with pytest.raises(SourceError, match="没有工作簿"):
        rolled(nation, tmp_path / "out")
    assert open_result(tmp_path / "out").folder == first.folder


def test_two_workbooks_of_one_place_are_both_kept_and_told(nation: Path, tmp_path: Path) -> None:
    first, twin = books(nation)[0], nation / "copy"
    shutil.copytree(first.parent, twin)
    result = rolled(nation, tmp_path / "out")
    keys = {key(first), key(twin / first.name)}
    assert {place: set(found) for place, found in result.doubles.items()} == {place_name(1): keys}
    assert keys <= {row.key for row in result.places if row.place == place_name(1)}
    assert len(result.places) == 4


def test_who_reads_never_sees_half_a_run(nation: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = rolled(nation, out)
    books(nation)[2].unlink()
    seen: list[Result] = []

    def looking(order: Order) -> Outcome:
        seen.append(open_result(out))
        return place.judge_place(order)

    age(books(nation)[0], 60)
    second = rolled(nation, out, Alone(looking))
    assert [result.folder for result in seen] == [first.folder]
    assert len(seen[0].places) == 3
    assert second.folder != first.folder
    assert len(first.rows(Phase)) > len(second.rows(Phase)), "what was opened before stays readable"
    third = rolled(nation, out, days=Days(date(2016, 3, 1), DAYS.today))
    assert sorted(p for p in out.iterdir() if p.is_dir()) == sorted([second.folder, third.folder])


def test_a_run_that_fails_leaves_the_former_result_and_nothing_else(nation: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = rolled(nation, out)

    def interrupted(order: Order) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rolled(nation, out, Alone(interrupted), Days(date(2016, 1, 1), DAYS.today))
    assert open_result(out).folder == first.folder
    assert [p.name for p in out.iterdir() if p.is_dir()] == [first.folder.name]


def test_what_a_killed_run_left_is_swept_and_the_next_one_completes(nation: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = rolled(nation, out)
    left = folder.new_version(out, run.config.now())
    shutil.copytree(first.folder / "places", left / "places")
    assert open_result(out).folder == first.folder
    assert parts(rolled(nation, out)) == parts(first)
    assert not left.exists()


def test_two_runs_into_one_folder_do_not_mix(nation: Path, tmp_path: Path) -> None:
    with folder.alone(tmp_path / "out"), pytest.raises(Running):
        rolled(nation, tmp_path / "out")


def test_a_fault_of_ours_is_a_row_and_is_tried_again(nation: Path, tmp_path: Path) -> None:
    result = rolled(nation, tmp_path / "out", Alone(broken))
    assert {row.state for row in result.places} == {"failed"}
    assert all("RuntimeError" in str(row.why) and row.rows is None for row in result.places)
    assert {row.state for row in rolled(nation, tmp_path / "out").places} == {"ok"}


def test_a_disk_that_is_full_for_one_place_leaves_the_former_result_whole(nation: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = rolled(nation, out)
    last = books(nation)[-1].parent.name

    def full(order: Order) -> Outcome:
        if last in order.source.told:
            raise OSError(errno.ENOSPC, "No space left on device")
        return place.judge_place(order)

    with pytest.raises(NotWritable):
        rolled(nation, out, Alone(full), Days(date(2016, 3, 1), date(2016, 4, 1)))
    assert open_result(out).folder == before.folder


@pytest.mark.parametrize("name", ["items", "quota", "units", "figures"])
@pytest.mark.parametrize("harm", ["lost", "cut short"])
def test_a_place_of_which_a_file_was_lost_is_judged_again(harm: str, name: str, nation: Path, tmp_path: Path) -> None:
    """What is taken over night by night would lack it for ever."""
    out = tmp_path / "out"
    whole = rolled(nation, out)
    model, hurt = DATASETS[name], key(books(nation)[0])
    file = tables.place_of(whole.folder, model, hurt)
    rows = whole.of(model, hurt)
    if harm == "lost":
        file.unlink()
    else:
        parquet.write_table(parquet.read_table(file, partitioning=None)[:0], file)
    with pytest.raises(NoResult, match="rollup"):
        open_result(out)
    again = rolled(nation, out)
    assert again.of(model, hurt) == rows
    assert {note.key for note in again.run.sources if not note.taken_over} == {hurt}


def test_a_damaged_former_result_is_no_obstacle(nation: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = rolled(nation, out)
    shutil.rmtree(first.folder / "places")
    again = rolled(nation, out)
    assert not any(note.taken_over for note in again.run.sources)
    (out / folder.POINTER).write_text("{", encoding="utf-8")
    with pytest.raises(NoResult):
        open_result(out)
    assert len(rolled(nation, out).places) == 3


def test_a_pointer_leads_nowhere_outside_its_folder(nation: Path, tmp_path: Path) -> None:
    rolled(nation, tmp_path / "out")
    (tmp_path / "out" / folder.POINTER).write_text('{"folder": "../nation"}', encoding="utf-8")
    with pytest.raises(NoResult):
        open_result(tmp_path / "out")


@pytest.mark.parametrize(
    "harm",
    [
        [], "x", {"made_at": "昨天"}, {"made_at": "2016-03-31T01:00:00"}, {"as_of": 20160331}, {"seconds": "long"},
        {"sources": ["x"]}, {"sources": None}, {"absent": 3}, {"gone": [{"key": "p", "source": "x", "since": "once"}]},
    ],
)  # fmt: skip
def test_what_a_run_tells_of_itself_is_right_or_damaged(harm: object, nation: Path, tmp_path: Path) -> None:
    result = rolled(nation, tmp_path / "out")
    file = result.folder / "_run.json"
    told = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(told | harm if isinstance(harm, dict) else harm), encoding="utf-8")
    with pytest.raises(NoResult):
        open_nation(tmp_path / "out")
    assert len(rolled(nation, tmp_path / "out").places) == 3, "and it is no obstacle"


def test_a_state_that_only_a_later_version_knows_is_no_result(nation: Path, tmp_path: Path) -> None:
    result = rolled(nation, tmp_path / "out")
    key = result.places[0].key
    later = [replace(phase, state="paused") for phase in result.of(Phase, key)]
    tables.write(result.folder, key, {Phase: later})
    agree(tmp_path / "out")
    with pytest.raises(NoResult):
        open_nation(tmp_path / "out")


def test_remote_and_packed_sources_give_the_same_figures(nation: Path, tmp_path: Path) -> None:
    first = rolled(nation, tmp_path / "out")
    packed = tmp_path / "all.zip"
    memory = fsspec.filesystem("memory")
    with zipfile.ZipFile(packed, "w") as archive:
        for file in (f for f in nation.rglob("*") if f.is_file()):
            archive.write(file, file.relative_to(nation).as_posix())
            memory.pipe(f"/rolled/{file.relative_to(nation).as_posix()}", file.read_bytes())
    for number, source in enumerate((f"zip://**/*.xlsx::file://{packed}", "memory://rolled", nation.as_uri())):
        found = rolled(source, tmp_path / f"out{number}")
        assert found.totals() == first.totals(), source
        assert {row.plan for row in found.places} == {row.plan for row in first.places}
        again = rolled(source, tmp_path / f"out{number}")
        assert all(note.taken_over for note in again.run.sources), source
    memory.rm("/rolled", recursive=True)


@pytest.fixture
def web(nation: Path) -> Iterator[str]:
    """The address of a web server that has the nation's folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=nation)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_web_server_is_a_source_with_the_plans_beside_its_workbooks(nation: Path, tmp_path: Path, web: str) -> None:
    first = rolled(nation, tmp_path / "out")
    for number, source in enumerate((f"{web}/", f"{web}/**/*.xlsx")):
        found = rolled(source, tmp_path / f"out{number}")
        assert found.totals() == first.totals(), source
        assert {row.plan for row in found.places} == {row.plan for row in first.places}
        assert {note.state for note in found.run.sources} == {State.OK.value}
        assert all(note.taken_over for note in rolled(source, tmp_path / f"out{number}").run.sources), source
    path = next(nation.rglob("*.xlsx")).relative_to(nation).as_posix()
    written, typed = listed([f"{web}/{quote(path)}"]), listed([f"{web}/{path}?token=secret"])
    assert [source.told for source in typed.sources.values()] == [f"{web}/{path}"]
    assert [source.told for source in written.sources.values()] == [f"{web}/{path}"]
    assert [*listed([f"{web}/{path}"]).sources] == [*written.sources]
    assert next(iter(typed.sources.values())).name == Path(path).name
    with pytest.raises(SourceError, match="没有找到任何工作簿"):
        listed([f"{web}/none.xlsx"])


def test_a_list_names_sources_of_every_kind(nation: Path, tmp_path: Path) -> None:
    listing = tmp_path / "places.txt"
    first, second, _third = books(nation)
    listing.write_text(f"# 清单\n{first}\n\n{second.parent}\n{tmp_path}/no.xlsx\ngoogle:abc\n", encoding="utf-8")
    found = listed([str(listing)])
    assert set(found.sources) == {key(first), key(second), key_of("google:abc")}
    assert found.absent == [f"{tmp_path}/no.xlsx"]


def test_files_that_are_no_workbooks_of_their_own_are_passed_over(nation: Path, tmp_path: Path) -> None:
    first = books(nation)[0]
    for name in (
        "~$脱钩工作台.xlsx",
        ".~lock.脱钩工作台.xlsx#",
        ".~脱钩工作台.xlsx",
        "脱钩工作台.old1.xlsx",
        "说明.docx",
    ):
        (first.parent / name).write_bytes(b"x")
    kept = first.parent / ".脱钩工作台.tuogou" / "backups"
    kept.mkdir(parents=True)
    shutil.copy(first, kept / "r1.xlsx")
    result = rolled(nation, tmp_path / "out")
    assert len(result.places) == 3
    assert sorted(one.source.rsplit("/", 1)[1] for one in result.run.skipped) == [
        ".~lock.脱钩工作台.xlsx#", ".~脱钩工作台.xlsx", "~$脱钩工作台.xlsx", "脱钩工作台.old1.xlsx"
    ]  # fmt: skip


def test_no_password_or_token_of_an_address_is_kept_in_the_result() -> None:
    assert shown("https://user:secret@example.org/a/b.xlsx?token=secret") == "https://example.org/a/b.xlsx"
    assert shown("sftp://u:secret@h/x.xlsx") == "sftp://h/x.xlsx"
    assert shown("file:///data/市/a?.xlsx::file:///b") == "file:///data/市/a?.xlsx::file:///b"


def test_the_same_sources_in_another_order_give_the_same_bytes(nation: Path, tmp_path: Path) -> None:
    there, back = [str(book) for book in books(nation)], [str(book) for book in reversed(books(nation))]
    for name, sources in (("a", there), ("b", back)):
        roll_up(listed(sources), tmp_path / name, DAYS, Alone())
    assert parts(open_result(tmp_path / "a")) == parts(open_result(tmp_path / "b"))


def test_what_cannot_be_linked_is_copied(nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = rolled(nation, tmp_path / "out")

    def refused(*_given: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refused)
    assert parts(rolled(nation, tmp_path / "out")) == parts(first)


def test_a_folder_that_must_not_be_entered_is_told_and_no_city_is_missing_unseen(
    nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = books(nation)[0].parent
    (nation / "lost+found").mkdir()
    shut = {str(closed), str(nation / "lost+found")}
    entered, allowed = LocalFileSystem.ls, os.access

    def refused(files: LocalFileSystem, path: str, *more: object, **options: object) -> object:
        if str(path) in shut:
            raise PermissionError(13, "Permission denied", path)
        return entered(files, path, *more, **options)

    monkeypatch.setattr(LocalFileSystem, "ls", refused)  # who runs the tests may enter all there is
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) not in shut and allowed(path, mode))
    bad = rolled(nation, tmp_path / "out").run.bad
    assert [note.source for note in bad] == [f"file://{closed}"]
    assert "没有权限" in str(bad[0].why)
    assert "permission" in str(bad[0].why_en).lower()


def test_one_workbook_is_one_source_however_it_is_named(nation: Path) -> None:
    folder = books(nation)[0].parent
    assert len(listed([str(folder), f"{folder}/../{folder.name}"]).sources) == 1


def test_a_list_names_what_it_lacks_and_says_how_it_is_to_be_saved(tmp_path: Path) -> None:
    listing = tmp_path / "LIST.TXT"
    listing.write_bytes("\ufeff甲地/甲.xlsx\r\n# 备注\r\n".encode())
    with pytest.raises(SourceError, match=r"甲地/甲\.xlsx"):
        listed([str(listing)])
    listing.write_bytes("甲地".encode("gbk"))
    with pytest.raises(SourceError, match="UTF-8"):
        listed([str(listing)])


def test_a_spreadsheet_without_an_id_is_a_sentence() -> None:
    with pytest.raises(SourceError, match="编号"):
        listed(["google:"])


def test_a_files_name_that_is_no_text_stops_nothing(nation: Path, tmp_path: Path) -> None:
    """From an old disk, in another encoding."""
    count = len(books(nation))
    for name in (b"\xb6\xd0.xlsx", b"\xb6\xd1.xlsx"):
        Path(os.fsdecode(bytes(nation) + b"/" + name)).write_bytes(b"x")
    found = rolled(nation, tmp_path / "out")
    assert len(found.places) == count + 2
    assert {place.state for place in found.places} == {"ok", "unreadable"}
    assert len(open_nation(tmp_path / "out").counted) == count


def test_a_files_name_does_not_move_a_terminals_cursor() -> None:
    assert shown("/甲\x1b[2J\n乙 丙.xlsx") == "/甲\ufffd[2J\ufffd乙 丙.xlsx"
