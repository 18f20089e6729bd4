"""People and program share one workbook: with a real LibreOffice, and an app that is killed when it hurts.

``LIBREOFFICE_EDITS=300`` tells a longer story than the one in CI, ``LIBREOFFICE_SEED`` another one.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.domain.records import Grid, Grids
from lib.store.locks import DesktopLock
from lib.store.xlsx import XlsxStore
from sheets_schema.workbook import BY_KEY, PEOPLE
from tests.libreoffice.app_side import THEIRS_WIN
from tests.libreoffice.desk import Desk, Tokens
from tests.libreoffice.office import PERSON, App, Office, missing
from tests.libreoffice.story import Report, Story

EDITS = int(os.environ.get("LIBREOFFICE_EDITS", "24"))
KILLS = max(2, EDITS // 15)
SEED = int(os.environ.get("LIBREOFFICE_SEED", "20160331"))
TASK = "SX-00001"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    why = missing()
    if why and not os.environ.get("CI"):
        pytest.skip(why)
    assert not why
    running = Office(tmp_path_factory.mktemp("office"))
    yield running
    running.stop()


@pytest.fixture
def workbook(sample_once: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return Path(shutil.copy(sample_once, folder / "台账.xlsx"))


@pytest.fixture
def app(workbook: Path, tmp_path: Path) -> Iterator[App]:
    started = App(workbook, tmp_path)
    started.ask("sync")
    yield started
    started.stop()


@pytest.fixture
def desk(office: Office, workbook: Path) -> Iterator[Desk]:
    made = Desk(office, "桌面", workbook, random.Random(SEED), Tokens(), Counter())
    yield made
    if made.is_open:
        made.close()


def tell(office: Office, workbook: Path, folder: Path, edits: int, kills: int, *flags: str) -> Report:
    report = Story(folder, workbook, office, edits, kills, random.Random(SEED), flags).run()
    print(report)
    return report


def in_file(workbook: Path, sheet: str) -> Grid:
    return Grids(XlsxStore(workbook).read())[sheet]


def place(workbook: Path, sheet: str, record: str, column: str) -> dict[str, object]:
    """Where a cell of a record is, for LibreOffice."""
    grid = in_file(workbook, sheet)
    at = grid.layout.positions[column]
    return {"sheet": BY_KEY[sheet].label, "row": grid.rows[record], "column": at}


@pytest.mark.timeout(180 + 6 * EDITS)
def test_nothing_is_lost_between_libreoffice_and_an_app_that_is_killed(
    office: Office, workbook: Path, tmp_path: Path, desk: Desk
):
    report = tell(office, workbook, tmp_path, EDITS, KILLS)
    assert not report.proof.losses, report
    assert not report.wrong, report
    assert report.proof.verdict is not None
    assert report.proof.verdict.ok, report.proof.verdict
    assert report.kills >= KILLS
    assert desk.open()
    for sheet in PEOPLE:
        seen = office.ask("read", name=desk.name, sheet=sheet.label)
        assert _texts(seen) == _texts(in_file(workbook, sheet.key).raw.cells), sheet.label


def _texts(cells: list[list[object]]) -> set[tuple[int, int, str]]:
    return {
        (number, position, cell)
        for number, row in enumerate(cells)
        for position, cell in enumerate(row)
        if isinstance(cell, str) and cell
    }


def test_without_merging_the_same_story_has_losses(office: Office, workbook: Path, tmp_path: Path):
    assert tell(office, workbook, tmp_path, 14, 0, THEIRS_WIN).proof.losses


def test_while_libreoffice_has_it_open_the_app_waits_and_tells_who(desk: Desk, workbook: Path, app: App):
    assert desk.open()
    before = workbook.stat()
    assert app.ask("edit", sheet="tasks", record=TASK, column="remark", text="等一等")["allowed"]
    for _again in range(2):
        answer = app.ask("sync")
        assert PERSON in answer["delay"]
        assert answer["waiting"] == 1
    after = workbook.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    desk.close()
    assert app.ask("sync") == {"problem": "", "delay": "", "waiting": 0}
    assert (in_file(workbook, "tasks").record(TASK) or {})["remark"] == "等一等"


def test_while_the_app_holds_it_libreoffice_opens_read_only(desk: Desk, workbook: Path):
    with DesktopLock(workbook):
        assert not desk.open()
    assert desk.open()


def test_libreoffice_shows_what_the_app_wrote_with_dropdowns_and_notes(
    desk: Desk, workbook: Path, app: App, office: Office
):
    assert app.ask("edit", sheet="tasks", record=TASK, column="remark", text="应用写的")["allowed"]
    assert app.ask("edit", sheet="tasks", record=TASK, column="next_step", text="=1+1")["allowed"]
    assert app.ask("sync")["waiting"] == 0
    assert desk.open()
    remark = office.ask("cell", name=desk.name, **place(workbook, "tasks", TASK, "remark"))
    typed = office.ask("cell", name=desk.name, **place(workbook, "tasks", TASK, "next_step"))
    status = office.ask("cell", name=desk.name, **place(workbook, "tasks", TASK, "status"))
    header = office.ask("cell", name=desk.name, **{**place(workbook, "tasks", TASK, "status"), "row": 0})
    assert remark["text"] == "应用写的"
    assert (typed["text"], typed["type"]) == ("=1+1", "TEXT")
    assert (status["validation"], bool(status["source"])) == ("LIST", True)
    assert "已完成" in header["note"]
