"""Whether memory stays flat while sessions come and go."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta
from random import Random

from tests.benchmarks.driver import Tab
from tests.benchmarks.measure import Measure, at_most, told
from tests.benchmarks.reruns import LAST, PAGE
from tests.benchmarks.servers import Server, our_app
from tests.benchmarks.workbooks import Workbooks

ABREAST = 6
"""Tabs open at a time."""
STAY = 20
"""Reruns of a tab before it is closed and another one opened."""
DAYS = [LAST - timedelta(days=3 * n) for n in range(30)]
WEIGHTS = [12] * 5 + [1] * 25
"""People mostly look at the same few days: the five latest get 60 of 85 visits, each of the others one."""
SEED = 2015


def memory(books: Workbooks, quick: bool) -> list[Measure]:
    """Resident memory after 5,000 reruns against that after the first 500."""
    warm, total = (250, 500) if quick else (500, 5000)
    with our_app(books.sample()) as server:
        before, after, cpu = asyncio.run(_soak(server, warm, total))
    growth = (after - before) / before * 100
    note = f"after {total:,} reruns against {warm:,}; {total // STAY} sessions, {len(DAYS)} days, 2 languages"
    return [
        at_most("memory.growth", growth, "%", 10, note),
        told("memory.before", before / 2**20, "MiB"),
        told("memory.after", after / 2**20, "MiB"),
        told("memory.cpu", cpu * 1000, "ms CPU", "per rerun, five days often, the others now and then"),
    ]


async def _soak(server: Server, warm: int, total: int) -> tuple[int, int, float]:
    """Resident bytes after the warm-up and at the end, and CPU seconds per rerun in between."""
    random = Random(SEED)
    await _visits(server, warm // STAY, random)
    before, begin = server.memory, server.cpu
    await _visits(server, (total - warm) // STAY, random)
    return before, server.memory, (server.cpu - begin) / (total - warm)


async def _visits(server: Server, count: int, random: Random) -> None:
    """So many visits, a few at a time."""
    gate = asyncio.Semaphore(ABREAST)

    async def visit(language: str) -> None:
        async with gate, aclosing(await Tab.open(server, PAGE, lang=language)) as tab:
            for _ in range(STAY):
                await tab.rerun(*random.choices(DAYS, WEIGHTS))

    await asyncio.gather(*(visit(("zh", "en")[n % 2]) for n in range(count)))
