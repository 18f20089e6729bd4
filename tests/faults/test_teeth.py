"""The harness bites: with a guard taken out it finds losses within a few schedules."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from lib.domain.edits import Edit, apply
from lib.domain.merge import Merged
from lib.domain.records import Grids
from lib.services import keeper_file as module
from lib.services.keeper_file import FileKeeper
from lib.store.files import write_all
from lib.store.journal import Journal
from lib.store.journal_lines import Entry
from tests.faults.schedules import play, room
from tests.faults.world import Turn

WITHIN = 150
"""Schedules in which a missing guard must show."""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = room()
    yield made
    shutil.rmtree(made, ignore_errors=True)


def caught(folder: Path, kinds: set[str]) -> int:
    """How many schedules it took to find a loss of one of these kinds; more than allowed fails."""
    for seed in range(50_000, 50_000 + WITHIN):
        if kinds & {told.partition(":")[0] for told in play(seed, folder)[1]}:
            return seed - 50_000 + 1
    pytest.fail(f"nothing found in {WITHIN} schedules")


def test_it_notices_when_theirs_simply_wins(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def theirs_wins(_base: object, _ours: Grids, theirs: Grids, *_rest: object) -> Merged:
        return Merged(theirs, theirs)

    monkeypatch.setattr(module, "merge", theirs_wins)
    assert caught(folder, {"broken"}) <= WITHIN


def test_it_notices_when_ours_simply_wins(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def ours_wins(_base: object, ours: Grids, theirs: Grids, *_rest: object) -> Merged:
        return Merged(ours, theirs)

    monkeypatch.setattr(module, "merge", ours_wins)
    assert caught(folder, {"unheard"}) <= WITHIN


def test_it_notices_when_two_servers_do_not_take_turns(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Turn, "of", lambda self, keeper: nullcontext())
    assert caught(folder, {"broken", "lost", "fell", "untold"}) <= WITHIN


def test_it_notices_when_a_command_is_acknowledged_before_it_is_in_the_journal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    waiting: dict[int, list[dict[str, Any]]] = {}
    real = FileKeeper.sync

    def record(self: FileKeeper, edits: Sequence[Edit], after: Grids | None = None, **data: Any) -> Entry:
        told = {**data, "day": "2016-03-31", "edits": [edit.as_json() for edit in edits]}
        waiting.setdefault(id(self), []).append(told)
        self._hold(apply(self.grids, edits) if after is None else after)
        return Entry(0, "", "command", told, "")

    def sync(self: FileKeeper) -> None:
        for told in waiting.pop(id(self), []):
            self._note(("command", told))
        real(self)

    monkeypatch.setattr(FileKeeper, "record", record)
    monkeypatch.setattr(FileKeeper, "sync", sync)
    assert caught(folder, {"lost"}) <= WITHIN


def test_it_notices_when_the_journal_is_not_synced_to_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def unsynced(_self: Journal, fd: int, block: bytes, _before: int) -> None:
        write_all(fd, block)

    monkeypatch.setattr(Journal, "_commit", unsynced)
    assert caught(folder, {"lost"}) <= WITHIN


def test_it_notices_when_saves_are_merged_from_the_last_known_state(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def last_known(self: FileKeeper, _revision: int) -> Grids | None:
        return self._held

    monkeypatch.setattr(FileKeeper, "_base", last_known)
    assert caught(folder, {"undone"}) <= WITHIN
