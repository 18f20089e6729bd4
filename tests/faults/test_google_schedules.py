"""Random schedules at the shared spreadsheet: whatever people do between any two requests, and whatever goes wrong on
the way to Google, nothing is lost in silence; and the harness bites.

``FAULTS=nightly`` plays 10,000, ``FAULTS=5000`` any number, from ``FAULTS_FROM=…`` on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lib.domain.merge import Merged
from lib.domain.records import Grids
from lib.services import live
from lib.store import google_seen
from lib.store.google_batch import Replaced
from lib.store.gsheet import GoogleStore
from tests.faults.google import failures, play
from tests.faults.schedules import room

CHUNKS = 6
SIZES = {"": 300, "nightly": 10_000}
"""Schedules of one run, about 50 ms each."""
ASKED = os.environ.get("FAULTS", "")
FIRST = int(os.environ.get("FAULTS_FROM") or 0)
COUNT = SIZES[ASKED] if ASKED in SIZES else int(ASKED)
WITHIN = 60
"""Schedules in which a missing guard must show."""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = room()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.timeout(max(180, COUNT))
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_is_lost_in_silence(chunk: int, folder: Path):
    size = COUNT // CHUNKS
    found = failures(range(FIRST + chunk * size, FIRST + (chunk + 1) * size), folder)
    assert not found, "\n".join(f"python -m tests.faults.google {seed}: {told}" for seed, told in found.items())


INSTRUCTIVE = {
    39: "a row is deleted under a write, then the server starts again: what was not written is not taken for written",
    81: "a header is renamed while a row is mended, which has got its content back all the same",
    91: "the app's own formula fills a cell of a row without an id, which is the same row all the same",
    257: "a write is applied, its answer lost, and a later command changes the record that it added",
    439: "a column is inserted under a write that adds a row",
    819: "a column is inserted between a write that hit a wrong row and its mending",
    949: "a column is deleted before 校验, which is blocked, gets its formula back",
    2456: "somebody types into a row while it gets its content back",
    3031: "a write empties a wrong row, and somebody types there before it gets its content back",
    12584: "a column is inserted under a write that gives an id and adds a row",
    18306: "a record that was emptied by mistake is brought back as a new row, and somebody inserts a blank one",
    20683: "a header is renamed between a write that hit a wrong row and its mending",
}


@pytest.mark.parametrize("seed", INSTRUCTIVE)
def test_it_went_wrong_once(seed: int, folder: Path):
    assert play(seed, folder)[1] == []


def caught(folder: Path, kinds: set[str]) -> int:
    """How many schedules it took to find a loss of one of these kinds; more than allowed fails."""
    for seed in range(WITHIN):
        if kinds & {told.partition(":")[0] for told in play(seed, folder)[1]}:
            return seed + 1
    pytest.fail(f"nothing found in {WITHIN} schedules")


def test_it_notices_when_nobody_looks_at_what_was_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Replaced, "differing", property(lambda self: {}))
    assert caught(folder, {"lost"}) <= WITHIN


def test_it_notices_when_rows_that_were_hit_by_mistake_are_not_mended(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def none(_self: GoogleStore, _name: str, _replaced: Sequence[Replaced]) -> list[Replaced]:
        return []

    monkeypatch.setattr(GoogleStore, "_wrong", none)
    assert caught(folder, {"lost", "astray", "undone"}) <= WITHIN


def test_it_notices_when_damage_is_forgotten_with_the_process(folder: Path, monkeypatch: pytest.MonkeyPatch):
    real = google_seen.Kept.at

    def forgetful(path: Path) -> google_seen.Kept:
        made = real(path)
        made.damage = []
        return made

    monkeypatch.setattr(google_seen.Kept, "at", forgetful)
    for seed in range(400):
        if play(seed, folder)[1]:
            return
    pytest.fail("nothing found")


def test_it_notices_when_theirs_simply_wins(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def theirs_wins(_base: object, _ours: Grids, theirs: Grids, *_rest: object) -> Merged:
        return Merged(theirs, theirs)

    monkeypatch.setattr(live, "merge", theirs_wins)
    assert caught(folder, {"lost", "broken"}) <= WITHIN


def test_it_notices_when_a_write_that_missed_rows_counts_as_whole(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def nothing(*_grids: Any) -> list[Any]:
        return []

    monkeypatch.setattr(live, "between", nothing)
    for seed in range(400):
        if play(seed, folder)[1]:
            return
    pytest.fail("nothing found")
