"""The shared spreadsheet on the emulator, over HTTP: one look at everything against what is usual."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lib.store.google_client import BoundedClient
from lib.store.gsheet import GoogleStore
from tests.benchmarks.measure import Measure, at_least, exactly, ratio, told
from tests.benchmarks.workbooks import Workbooks
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.people import OWNER, SERVICE

TABS, ROWS = 12, 10_000
HEAD = ["编号", "协会名称", "登记日期", "统一社会信用代码", "联系人", "电话", *(f"栏{n}" for n in range(7, 14)), "备注"]


def google(_books: Workbooks, quick: bool) -> list[Measure]:
    """Refresh 12 tabs of 10,000 rows by one call, and by ``get_all_records`` of each tab."""
    rounds = 2 if quick else 5
    with Emulator() as emu, tempfile.TemporaryDirectory() as folder:
        book = emu.new("台账", {f"表{n}": [HEAD, *map(_row, range(1, ROWS + 1))] for n in range(TABS)})
        client = BoundedClient(None, emu.session(SERVICE))
        store = GoogleStore(client, book, Path(folder))
        store.refresh(force=True)
        usual = emu.client(SERVICE)
        ours, theirs, calls, others = [], [], [], []
        for number in range(rounds):
            emu.book(book, OWNER).edit("表3", f"E{number + 2}", f"改{number}")
            calls.append(_calls(emu, ours, lambda: store.refresh(force=True)))
            others.append(
                _calls(emu, theirs, lambda: [tab.get_all_records() for tab in usual.open_by_key(book).worksheets()])
            )
        assert store.read().sheets[3].cells[rounds][4] == f"改{rounds - 1}"
        every = [{"gridRange": {"sheetId": tab.id}} for tab in emu.book(book).model.sheets]
        opened = [_seconds(lambda: client.values_by_filter(book, every)) for _n in range(rounds)]
    return [
        told("google refresh", 1000 * min(ours), "ms", f"{TABS} tabs × {ROWS:,} rows × {len(HEAD)} columns, loopback"),
        told("google read alone", 1000 * min(opened), "ms", "the answer as JSON, the emulator's share included"),
        told("get_all_records", 1000 * min(theirs), "ms", f"{max(others)} calls"),
        at_least("google ratio", ratio(theirs, ours), "×", 8),
        exactly("google calls", max(calls), "calls", 1, f"against {max(others)}"),
    ]


def _row(number: int) -> list[object]:
    return [
        f"XH-{number:05d}",
        f"协会{number}",
        40000 + number % 999,
        "0" * 18,
        "张三",
        "022-0000",
        *"abcdefg",
        f"备注{number}",
    ]


def _calls(emu: Emulator, times: list[float], act: Callable[[], object]) -> int:
    before = len(emu.calls)
    times.append(_seconds(act))
    return len(emu.calls) - before


def _seconds(act: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
