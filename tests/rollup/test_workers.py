"""Real workers of Dask: the same result whatever their number, and none lost with a worker that is."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from lib.rollup.crew import NoWorkers, crew
from lib.rollup.manifest import Note
from lib.rollup.result import open_result
from lib.rollup.rows import Phase
from lib.rollup.run import roll_up
from lib.rollup.sources import listed
from tests.nation import place_name
from tests.rollup.conftest import DAYS, parts, rolled, wait_for
from tests.rollup.work import faulty


def test_two_workers_give_the_same_bytes_as_none_though_one_is_killed_and_one_runs_out_of_memory(
    nation: Path, tmp_path: Path
) -> None:
    alone = rolled(nation, tmp_path / "alone")
    seen: list[Note] = []
    with crew(workers=2, memory="600MB", work=faulty) as hands:
        listing = listed([str(nation)])
        run = roll_up(listing, tmp_path / "out", DAYS, hands, lambda note, _of: seen.append(note))
        wait_for(lambda: len(workers()) == 2)  # who was killed is replaced
    result = open_result(tmp_path / "out")
    assert (tmp_path / "out" / "died").exists(), "a worker was killed"
    by_place = {note.place or note.source.split("/")[-2]: note for note in run.sources}
    greedy = by_place.pop(place_name(2))
    assert greedy.state == "killed"
    assert "--memory" in str(greedy.why)
    assert {note.state for note in by_place.values()} == {"ok"}
    assert len(seen) == 3
    mine = {name: data for name, data in parts(result).items() if greedy.key not in name}
    assert mine == {name: data for name, data in parts(alone).items() if greedy.key not in name}
    assert greedy.key not in {phase.key for phase in result.rows(Phase)}
    wait_for(lambda: not workers())  # none is left behind
    with crew(workers=1) as hands:
        run = roll_up(listed([str(nation)]), tmp_path / "out", DAYS, hands)
    assert [note.taken_over for note in run.sources].count(False) == 1, "only what was given up is tried again"
    assert parts(open_result(tmp_path / "out")) == parts(alone)


def workers() -> list[psutil.Process]:
    """The worker processes this one has now."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline()) and child.status() != "zombie"]


def test_where_nothing_changed_no_worker_is_started(nation: Path, tmp_path: Path) -> None:
    rolled(nation, tmp_path / "out")
    with crew(workers=2) as hands:
        roll_up(listed([str(nation)]), tmp_path / "out", DAYS, hands)
        assert workers() == []


def test_a_scheduler_that_is_not_there_is_a_sentence(
    nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.rollup.crew.PATIENCE", 1)
    with crew("tcp://127.0.0.1:9") as hands, pytest.raises(NoWorkers, match="调度器"):
        roll_up(listed([str(nation)]), tmp_path / "out", DAYS, hands)
    assert not (tmp_path / "out" / "current.json").exists()
