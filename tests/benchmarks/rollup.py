"""What rolling many places up costs: against a plain loop, with one worker and two, and how memory stays bounded."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from lib.domain.judge import judge
from lib.domain.ledger import derive
from lib.rollup.crew import crew
from lib.rollup.place import Outcome
from lib.rollup.run import Days, roll_up
from lib.rollup.sources import listed
from lib.services.progress import as_json
from lib.services.setup import plan_of
from lib.store.pauses import no_collection
from lib.store.xlsx import XlsxStore
from tests.benchmarks.measure import Measure, at_least, at_most, told
from tests.benchmarks.servers import ROOT
from tests.benchmarks.workbooks import Workbooks
from tests.nation import make_nation

PLACES, QUICK_PLACES, ROWS = 300, 12, 2000
PATIENCE = 3600
DAYS = Days(date(2016, 3, 31), date(2016, 4, 1))
LOOK = 0.1
"""Seconds between two looks at the memory of all processes."""


def rollup(books: Workbooks, quick: bool) -> list[Measure]:
    """A nation rolled up by a plain loop, by one worker and by two; each in processes of its own."""
    places = QUICK_PLACES if quick else PLACES
    nation = books.folder / "nation-of-workbooks"
    make_nation(nation, places, ROWS)
    runs = {mode: _child(mode, nation, books.folder / f"out-{mode}") for mode in ("loop", "0", "1", "2")}
    loop, alone, one, two = (runs[mode] for mode in ("loop", "0", "1", "2"))
    again = _child("1", nation, books.folder / "out-1")
    rows = alone["rows"]
    note = f"{places} places, {rows:,} rows"
    return [
        told("rollup.loop", loop["wall"], "s", f"{note}: read, judge, derive, one after the other, nothing written"),
        told("rollup.alone", alone["wall"], "s", "the same process, Parquet written"),
        told("rollup.one", one["wall"], "s", "one worker, its start included"),
        told("rollup.two", two["wall"], "s", "two workers"),
        told("rollup.start", two["start"], "s", "of that until the first place was done"),
        told("rollup.rows.loop", rows / loop["wall"], "rows/s"),
        told("rollup.rows.two", rows / two["wall"], "rows/s"),
        at_least("rollup.speedup", one["steady"] / two["steady"], "×", 1.6 if not quick else 1.0,
                 "one worker against two, from the first place done to the last"),
        told("rollup.overhead", one["steady"] / loop["wall"] * places / (places - 1), "×", "one worker to the loop"),
        told("rollup.memory.loop", loop["peak"], "MiB", "peak of the loop's process"),
        told("rollup.memory.client", two["client"], "MiB", "peak of the client with two workers"),
        told("rollup.memory.worker", two["worker"], "MiB", "peak of the larger worker"),
        told("rollup.memory.all", two["all"], "MiB", "peak of all processes together, two workers"),
        at_most("rollup.memory.growth", two["growth"], "%", 25,
                "a worker's peak after the last place against that after a third of them"),
        at_most("rollup.again", again["wall"] / one["wall"], "×", 0.2, "a rerun in which nothing has changed"),
    ]  # fmt: skip


def _child(mode: str, nation: Path, out: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.rollup", mode, str(nation), str(out)], cwd=ROOT, check=True,
        capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def loop(nation: Path) -> int:
    """What a script would do: the figures of each workbook, and nothing kept."""
    rows = 0
    for workbook in sorted(nation.rglob("*.xlsx")):
        with no_collection():
            ledger = derive(judge(XlsxStore(workbook).read(), plan_of(workbook), DAYS.today), DAYS.as_of)
            as_json(ledger)
        rows += ledger.total_rows
    return rows


class Memory:
    """Looks at this process and its children until it is told to stop; peaks in MiB."""

    def __init__(self) -> None:
        self.client = self.worker = self.all = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(LOOK):
            children = [_resident(child) for child in own.children(recursive=True)]
            mine = _resident(own)
            self.client, self.worker = max(self.client, mine), max([self.worker, *children])
            self.all = max(self.all, mine + sum(children))


def _resident(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / 2**20
    except psutil.Error:
        return 0.0


def rolled(workers: int, nation: Path, out: Path) -> dict[str, Any]:
    """One roll-up, with the times at which places were done and the workers' peaks by then."""
    peaks: list[int] = []
    done: list[float] = []

    class Watched:
        """A crew whose answers are looked at as they come."""

        def __init__(self, hands: Any) -> None:
            self.hands = hands

        def each(self, orders: Any) -> Any:
            for order, answer in self.hands.each(orders):
                if isinstance(answer, Outcome):
                    peaks.append(answer.peak)
                done.append(time.monotonic())
                yield order, answer

    begin = time.monotonic()
    with crew(workers=workers) as hands:
        run = roll_up(listed([str(nation)]), out, DAYS, Watched(hands))
    wall = time.monotonic() - begin
    assert not run.bad, run.bad
    third = max(len(peaks) // 3, 1)
    return {
        "wall": wall, "rows": sum(note.rows for note in run.sources),
        "start": done[0] - begin if done else 0.0, "steady": done[-1] - done[0] if done else wall,
        "growth": (median(peaks[-3:]) / median(peaks[max(third - 3, 0) : third]) - 1) * 100 if peaks else 0.0,
    }  # fmt: skip


def main() -> None:
    """Run in a process of its own: ``loop`` or a number of workers, the nation, the folder for the result."""
    mode, nation, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with Memory() as memory:
        begin = time.monotonic()
        found = {"rows": loop(nation), "wall": 0.0} if mode == "loop" else rolled(int(mode), nation, out)
        found["wall"] = time.monotonic() - begin
    seen = {"client": memory.client, "worker": memory.worker, "all": memory.all, "peak": memory.client}
    print(json.dumps(found | seen))


if __name__ == "__main__":
    main()
