"""What an acknowledged command costs against a bare fsynced line, and a flush against openpyxl's load and save."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl

from lib.domain.records import Grids
from lib.services import work
from lib.services.board import Board, keeper_of
from lib.services.policy import Actor
from lib.store.base import CellPatch
from lib.store.xlsx import XlsxStore
from tests.benchmarks.measure import Measure, at_least, at_most, percentile, ratio, told
from tests.benchmarks.workbooks import Workbooks

CLERK = Actor("李四", "office")


def acknowledge(books: Workbooks, quick: bool) -> list[Measure]:
    """A command from the call to the answer: policy, rules on the freshest state, the journal on the disk."""
    found: list[Measure] = []
    for name, made, bound in (("sample", books.sample(), 5.0), ("city", books.city(), None)):
        path = _copy(made)
        board = Board(keeper_of(path), books.plan)
        board.refresh()
        assert board.commands is not None
        assert board.keeper is not None
        tasks = list(board.keeper.grids["tasks"].rows)
        commands, lines = list[float](), list[float]()
        with (path.parent / "bare.jsonl").open("ab") as bare:
            for n in range(20 if quick else 200):
                lines.append(_seconds(partial(_bare_line, bare.fileno())))
                make = work.edit("tasks", tasks[n], {"remark": f"已电话联系 {n}"})
                commands.append(_seconds(partial(board.commands.act, CLERK, "编辑", make)))
        note = f"{board.keeper.grids['tasks'].end:,} rows of tasks; p50, wall"
        many = ratio([percentile(commands, 50)], [percentile(lines, 50)])
        found.append(
            at_most(f"ack.{name}.ratio", many, "×", bound, note)
            if bound
            else told(f"ack.{name}.ratio", many, "×", note)
        )
        found.append(told(f"ack.{name}", percentile(commands, 50) * 1000, "ms"))
        found.append(told(f"ack.{name}.bare", percentile(lines, 50) * 1000, "ms", "a line of 300 bytes and fsync"))
    return found


def flush(books: Workbooks, quick: bool) -> list[Measure]:
    """One cell written into a city's workbook, whole file exchanged and synced, against openpyxl."""
    path = _copy(books.city())
    store = XlsxStore(path)
    sheet = Grids(store.read())["tasks"]
    title, keep = sheet.raw.title, path.with_name("kept.xlsx")
    ours: list[float] = []
    for n in range(3 if quick else 9):
        base = store.read()
        ours.append(_seconds(partial(store.write, base, [CellPatch(title, 200 + n, 16, "备注")], keep)))
    theirs = _seconds(lambda: _openpyxl(path, title))
    middle = percentile(ours, 50)
    return [
        at_least("flush.city.ratio", theirs / middle, "×", 50, "against openpyxl load + save of the same file"),
        told("flush.city", middle * 1000, "ms", "one cell: read, patch, copy kept, fsync, exchange; wall"),
        told("flush.city.openpyxl", theirs * 1000, "ms", "once"),
    ]


def _bare_line(file: int) -> None:
    os.write(file, b"x" * 299 + b"\n")
    os.fsync(file)


def _openpyxl(path: Path, title: str) -> None:
    book = openpyxl.load_workbook(path)
    book[title].cell(300, 16, "备注")
    book.save(path.with_name("openpyxl.xlsx"))


def _copy(made: Path) -> Path:
    folder = made.parent / f"writing-{made.stem}-{time.monotonic_ns()}"
    folder.mkdir()
    return Path(shutil.copy(made, folder / made.name))


def _seconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin
