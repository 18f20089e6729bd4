"""Run by ``opening`` in a process of its own: one cold open of a workbook, or edits of single cells in it.

``python -m tests.benchmarks.cold open WORKBOOK FIRST`` or ``… edit WORKBOOK COUNT``; prints JSON, seconds of CPU.
A process of its own, because nothing may be warm: no parsed plan values, no memo, no heap that has grown already.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.services.settings import today
from lib.services.verdicts import no_collection
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.plan_load import shipped_plan
from sheets_schema.snapshot import RawSheet, Snapshot
from sheets_schema.workbook import BY_KEY
from tests.benchmarks.measure import cpu_of

EDITS = (
    ("tasks", "remark", "已电话联系"),
    ("tasks", "done_on", "2016-03-30"),
    ("tasks", "item", "没有这一项"),
    ("approvals", "remark", "原件存办公室"),
    ("updates", "content", "召开会议，部署移交"),
    ("associations", "phone", "022-00001234"),
)
"""Sheet, column and what somebody types there; one of them breaks a rule."""


def bare(path: Path) -> list[Any]:
    """What a script needs at least to see a workbook: every cell of every sheet."""
    book = CalamineWorkbook.from_path(path)
    return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


def bare_uncollected(path: Path) -> list[Any]:
    """The same with garbage collection paused, as our reading has it."""
    with no_collection():
        return bare(path)


def ours(path: Path, plan: Plan) -> dict[str, float]:
    """A cold open as the board does it: read, judge, derive."""
    read, snapshot = cpu_of(XlsxStore(path).read)
    with no_collection():
        judging, judged = cpu_of(lambda: judge(snapshot, plan, today()))
        deriving, ledger = cpu_of(lambda: derive(judged, as_of(plan)))
    assert ledger.total_rows, "an empty workbook would be opened fast"
    return {"ours": read + judging + deriving, "read": read, "judge": judging, "derive": deriving}


def as_of(plan: Plan) -> date:
    """The sample's own day."""
    return plan.sample_as_of or today()


def opened(path: Path, plan: Plan, first: int) -> dict[str, float]:
    """Every way of opening once, beginning with the ``first``-th."""
    ways = (
        lambda: ours(path, plan),
        lambda: {"bare": cpu_of(lambda: bare(path))[0]},
        lambda: {"bare_uncollected": cpu_of(lambda: bare_uncollected(path))[0]},
    )
    found: dict[str, float] = {}
    for n in range(len(ways)):
        found |= ways[(first + n) % len(ways)]()
        gc.collect()
    return found


def edited(path: Path, plan: Plan, count: int) -> dict[str, list[float]]:
    """Sheet.column → what judging and deriving cost after an edit there.

    Each time the file is read anew, for equal cells of another reading are other objects; former edits are kept.
    """
    store = XlsxStore(path)
    judged = judge(store.read(), plan, today())
    derive(judged, as_of(plan))
    found: dict[str, list[float]] = {}
    typed: list[tuple[str, str, str, int]] = []
    for n in range(count):
        key, column, text = EDITS[n % len(EDITS)]
        typed.append((key, column, text, 100 + n))
        snapshot = store.read()
        for edit in typed:
            snapshot = _type(snapshot, *edit)
        gc.collect()
        with no_collection():
            seconds, (judged, _ledger) = cpu_of(partial(_again, snapshot, plan, judged))
        found.setdefault(f"{key}.{column}", []).append(seconds)
    return found


def _again(snapshot: Snapshot, plan: Plan, previous: Judged) -> tuple[Judged, Ledger]:
    judged = judge(snapshot, plan, today(), previous)
    return judged, derive(judged, as_of(plan))


def _type(snapshot: Snapshot, key: str, column: str, text: str, row: int) -> Snapshot:
    """A snapshot in which somebody typed into one cell of a sheet."""
    sheet = BY_KEY[key]
    position = next(n for n, declared in enumerate(sheet.columns) if declared.name == column)
    return replace(
        snapshot,
        sheets=tuple(_with(raw, row, position, text) if raw.title == sheet.label else raw for raw in snapshot.sheets),
    )


def _with(raw: RawSheet, row: int, position: int, text: str) -> RawSheet:
    cells = list(raw.cells)
    line = list(cells[row])
    assert line[position] != text, "an edit must change something"
    line[position] = text
    cells[row] = line
    return replace(raw, cells=cells)


if __name__ == "__main__":
    mode, workbook, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print(json.dumps((opened if mode == "open" else edited)(workbook, shipped_plan(), number)))
