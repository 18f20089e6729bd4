"""Play schedules, one or many."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path

from tests.faults.verdict import verdict
from tests.faults.world import World, clean


def room() -> Path:
    """A folder for this process, in memory where there is such a place: nothing here needs a disk that spins."""
    memory = Path("/dev/shm")
    base = memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    return base / f"tuogou-faults-{os.getpid()}"


def play(seed: int, folder: Path, calm: bool = False) -> tuple[World, list[str]]:
    """One schedule and the verdict on it. The app must not fall over either."""
    world = World(seed, clean(folder), calm)
    try:
        start = world.run()
        return world, verdict(world, start)
    except Exception:
        return world, [f"fell: {traceback.format_exc()}"]


def failures(seeds: range, folder: Path) -> dict[int, list[str]]:
    """Seed → what was lost, for the seeds in which anything was."""
    played = ((seed, play(seed, folder)[1]) for seed in seeds)
    return {seed: told for seed, told in played if told}
