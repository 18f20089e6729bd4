"""What workers are made to do in tests: die once, or use memory without end; everything else as always."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from lib.rollup.place import Order, Outcome, judge_place

DIES_ONCE, GREEDY = "示例001市", "示例002市"
STEP = 40 * 2**20


def faulty(order: Order) -> Outcome:
    """The first time it meets one place its process is killed; another place takes all the memory there is."""
    if DIES_ONCE in order.source.told and not (mark := Path(order.folder).parent / "died").exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if GREEDY in order.source.told:
        held = []
        for _step in range(200):
            held.append(b"x" * STEP)
            time.sleep(0.02)
    return judge_place(order)


def slow(order: Order) -> Outcome:
    """Takes its time."""
    time.sleep(20)
    return judge_place(order)


def broken(order: Order) -> Outcome:
    """Has a fault that is ours."""
    raise RuntimeError(order.source.told)
