"""What opening a workbook costs, what an edit costs, and what looking at an unchanged file costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from lib.services.board import Board, keeper_of
from tests.benchmarks.measure import Measure, at_most, cpu_of, exactly, ratio, told
from tests.benchmarks.servers import ROOT
from tests.benchmarks.workbooks import Workbooks

PATIENCE = 120
"""Seconds a process of its own may take."""
POLLS = 2000


def cold_open(books: Workbooks, quick: bool) -> list[Measure]:
    """A cold open of a city's workbook against a bare calamine read of the same file."""
    city = books.city()
    runs = [_child("open", city, n) for n in range(3 if quick else 7)]
    found = _open_measures("open.city", runs, f"{books.rows[city]:,} rows; GC paused for both", bound=2)
    if not quick:
        nation = books.nation()
        runs = [_child("open", nation, n) for n in range(5)]
        found += _open_measures("open.nation", runs, f"{books.rows[nation]:,} rows, 70,000 associations")
    return found


def _open_measures(name: str, runs: list[dict[str, float]], note: str, bound: float | None = None) -> list[Measure]:
    of = {key: [run[key] for run in runs] for key in runs[0]}
    paused, plain = ratio(of["ours"], of["bare_uncollected"]), ratio(of["ours"], of["bare"])
    parts = " + ".join(f"{key} {median(of[key]) * 1000:.0f}" for key in ("read", "judge", "derive"))
    return [
        at_most(f"{name}.ratio", paused, "×", bound, note) if bound else told(f"{name}.ratio", paused, "×", note),
        told(f"{name}.ratio.gc", plain, "×", "against a bare read that collects garbage, Python's default"),
        told(f"{name}.ours", median(of["ours"]) * 1000, "ms CPU", parts),
        told(f"{name}.bare", median(of["bare_uncollected"]) * 1000, "ms CPU"),
    ]


def edit(books: Workbooks, quick: bool) -> list[Measure]:
    """Judging and deriving after one cell of a city's workbook was changed; the reading is not counted."""
    found = _child("edit", books.city(), 6 if quick else 24)
    every = [seconds for runs in found.values() for seconds in runs]
    return [
        at_most(
            "edit.city", median(every) * 1000, "ms CPU", 50, f"median of {len(every)} edits in {len(found)} columns"
        ),
        told("edit.city.worst", max(every) * 1000, "ms CPU"),
        *(told(f"edit.{where}", median(runs) * 1000, "ms CPU") for where, runs in found.items()),
    ]


def poll(books: Workbooks, quick: bool) -> list[Measure]:
    """Looking at an unchanged file: how many calls of the system, and how long."""
    path = books.sample()
    board = Board(keeper_of(path), books.plan)
    board.refresh()
    opened: list[str] = []
    sys.addaudithook(lambda event, _args: opened.append(event) if event == "open" and counting else None)
    counting = True
    with patch("os.stat", wraps=os.stat) as stat:
        changed = sum(board.refresh() for _ in range(POLLS))
    counting = False
    looks = sum(Path(call.args[0]) == path for call in stat.call_args_list)
    seconds, _ = cpu_of(lambda: [board.refresh() for _ in range(POLLS)])
    return [
        exactly("poll.stats", looks / POLLS, "calls", 1, f"os.stat of the workbook per look, {POLLS:,} looks"),
        told(
            "poll.journal", (stat.call_count - looks) / POLLS, "calls", "os.stat of the journal: other servers write it"
        ),
        exactly("poll.opens", len(opened) / POLLS, "calls", 0, "files opened per look"),
        exactly("poll.changes", changed, "", 0, "changes seen where there are none"),
        at_most("poll.time", seconds / POLLS * 1e6, "µs CPU", 1000, "per look"),
    ]


def _child(mode: str, workbook: Path, number: int) -> dict[str, Any]:
    """What ``tests.benchmarks.cold`` measured in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.cold", mode, str(workbook), str(number)],
        cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found
