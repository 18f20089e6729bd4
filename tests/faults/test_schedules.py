"""Random schedules: whatever people, crashes and disks do, nothing is lost in silence.

``FAULTS=nightly`` plays 100,000 instead of what fits into every run, ``FAULTS=5000`` any number; from
``FAULTS_FROM=…`` on: ``FAULTS=12500 FAULTS_FROM=25000`` is the third eighth of a night. ``FAULTS_COLUMNS=3`` lets
people add, move and delete columns too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.schedules import failures, room

CHUNKS = 8
SIZES = {"": 2_000, "nightly": 100_000}
"""Schedules of one run, about 40 ms each, by the flag FAULTS; any number of them can be asked for too."""
ASKED = os.environ.get("FAULTS", "")
FIRST = int(os.environ.get("FAULTS_FROM") or 0)
COUNT = SIZES[ASKED] if ASKED in SIZES else int(ASKED)


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
    assert not found, "\n".join(f"python -m tests.faults {seed}: {told}" for seed, told in found.items())
