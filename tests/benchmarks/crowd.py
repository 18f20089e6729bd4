"""A hundred people at once: everybody opens 总览, everybody changes the day in the same moment, everybody looks."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, aclosing
from statistics import median

from tests.benchmarks.driver import Tab
from tests.benchmarks.measure import Measure, at_most, percentile, told
from tests.benchmarks.reruns import PAGE, days
from tests.benchmarks.servers import Server, our_app
from tests.benchmarks.workbooks import Workbooks

PEOPLE = 100
PAUSE = 2.0
"""Seconds between two rounds, in which the pages ask for changes as open pages do."""


def crowd(books: Workbooks, quick: bool) -> list[Measure]:
    """100 sessions, each rerunning 总览 in the same moment."""
    with our_app(books.sample()) as server:
        return asyncio.run(_crowd(server, 1 if quick else 5, 3.0 if quick else 12.0))


async def _crowd(server: Server, rounds: int, idle_seconds: float) -> list[Measure]:
    async with AsyncExitStack() as stack:
        loads = await asyncio.gather(*(_load(server, stack) for _ in range(PEOPLE)))
        tabs = [tab for tab, _seconds in loads]
        first = [seconds for _tab, seconds in loads]
        for day in days(5):
            await tabs[0].rerun(day)
        reruns, whole = [], []
        own = time.process_time()
        for number in range(rounds):
            begin = time.perf_counter()
            reruns += await asyncio.gather(*(tab.rerun(days(5)[(n + number) % 5]) for n, tab in enumerate(tabs)))
            whole.append(time.perf_counter() - begin)
            await _idle(tabs, PAUSE)
        own = time.process_time() - own
        begin = server.cpu
        asked = await _idle(tabs, idle_seconds)
        idle = server.cpu - begin
    seconds = [run.seconds for run in reruns]
    return [
        at_most("crowd.p95", percentile(seconds, 95), "s", 3, f"{PEOPLE} sessions rerun at once, {rounds} times"),
        told("crowd.p50", percentile(seconds, 50), "s"),
        told("crowd.all", median(whole), "s", "until the last of them is done"),
        told("crowd.first.p50", percentile(first, 50), "s", f"{PEOPLE} first loads at once, connecting included"),
        told("crowd.first.p95", percentile(first, 95), "s"),
        told(
            "crowd.idle", idle / idle_seconds * 100, "% core", f"open pages; {asked / idle_seconds:.0f} looks a second"
        ),
        told("crowd.driver", own / (sum(whole) + rounds * PAUSE) * 100, "% core", "what the driver itself takes"),
    ]


async def _load(server: Server, stack: AsyncExitStack) -> tuple[Tab, float]:
    """Open the page; gives the tab and the seconds it took."""
    begin = time.perf_counter()
    tab = await stack.enter_async_context(aclosing(await Tab.open(server, PAGE)))
    await tab.rerun()
    return tab, time.perf_counter() - begin


async def _idle(tabs: list[Tab], seconds: float) -> int:
    """Let everybody look at the page; gives how many fragment runs the pages asked for."""
    return sum(await asyncio.gather(*(tab.poll(seconds) for tab in tabs)))
