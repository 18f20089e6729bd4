"""A nation of three places, made once, and a copy of it of a test's own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lib.rollup import manifest, tables
from lib.rollup.crew import Alone, Crew
from lib.rollup.folder import current
from lib.rollup.result import Result, open_result
from lib.rollup.run import Days, roll_up
from lib.rollup.sources import listed
from tests.nation import make_nation

DAYS = Days(date(2016, 3, 31), date(2016, 4, 1))


@pytest.fixture(scope="session")
def nation_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nation")
    make_nation(folder, 3, rows=300)
    return folder


@pytest.fixture
def nation(nation_once: Path, tmp_path: Path) -> Path:
    """Three places that were last saved some time ago."""
    folder = tmp_path / "nation"
    shutil.copytree(nation_once, folder)
    for file in folder.rglob("*.*"):
        age(file)
    return folder


def age(file: Path, seconds: float = 3600) -> None:
    """As if it had been saved a while ago."""
    os.utime(file, (time.time() - seconds,) * 2)


def books(folder: Path) -> list[Path]:
    """The workbooks of a nation, in order."""
    return sorted(folder.rglob("*.xlsx"))


def rolled(source: object, out: Path, crew: Crew | None = None, days: Days = DAYS) -> Result:
    """The result of a roll-up of a source, in this process unless there is a crew."""
    roll_up(listed([str(source)]), out, days, crew or Alone())
    return open_result(out)


def agree(out: Path) -> None:
    """The run tells of its files as they are now."""
    folder, run = current(out)
    notes = tuple(replace(note, files=tables.sizes(folder, note.key)) for note in run.sources)
    manifest.save(replace(run, sources=notes), folder)


def wait_for(what: Callable[[], object], seconds: float = 60) -> None:
    """Until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def parts(result: Result) -> dict[str, bytes]:
    """Every file of the tables with its bytes."""
    return {
        str(file.relative_to(result.folder)): file.read_bytes() for file in sorted(result.folder.rglob("*.parquet"))
    }
