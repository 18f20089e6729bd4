"""Run the benchmarks and print one table. The exit code is 1 when a target was missed."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sheets_schema.plan_load import shipped_plan
from tests.benchmarks.crowd import crowd
from tests.benchmarks.google import google
from tests.benchmarks.measure import Measure, machine
from tests.benchmarks.memory import memory
from tests.benchmarks.national import national
from tests.benchmarks.opening import cold_open, edit, poll
from tests.benchmarks.reruns import rerun, scale
from tests.benchmarks.rollup import rollup
from tests.benchmarks.signing import signing
from tests.benchmarks.workbooks import Workbooks
from tests.benchmarks.writing import acknowledge, flush

BENCHMARKS: dict[str, Callable[[Workbooks, bool], list[Measure]]] = {
    "rerun": rerun,
    "crowd": crowd,
    "scale": scale,
    "memory": memory,
    "open": cold_open,
    "edit": edit,
    "poll": poll,
    "ack": acknowledge,
    "flush": flush,
    "signin": signing,
    "google": google,
    "rollup": rollup,
    "national": national,
}


HEADER = f"{'name':<24}{'value':>10} {'unit':<8}{'target':<8}{'':<8}note"


def main() -> int:
    """The command line."""
    chosen = _arguments()
    begin = time.monotonic()
    where = machine()
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="tuogou-bench-") as folder:
        books = Workbooks(Path(folder), shipped_plan())
        for name in chosen.names or BENCHMARKS:
            print(f"… {name}", file=sys.stderr, flush=True)
            measures += BENCHMARKS[name](books, chosen.quick)
    where = f"{where}; {'quick, ' if chosen.quick else ''}{time.monotonic() - begin:.0f} s"
    if chosen.json:
        found = {"machine": where, "measures": [dataclasses.asdict(measure) for measure in measures]}
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print("\n".join([where, "", HEADER, *map(_line, measures)]))
    return int(any(measure.ok is False for measure in measures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="only these")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under two minutes, less certain")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    return parser.parse_args()


def _line(measure: Measure) -> str:
    word = {True: "ok", False: "MISSED", None: ""}[measure.ok]
    value = f"{measure.value:,.{0 if measure.value >= 100 else 1 if measure.value >= 10 else 2}f}"
    return f"{measure.name:<24}{value:>10} {measure.unit:<8}{measure.target:<8}{word:<8}{measure.note}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
