"""What a rerun of 总览 costs the server: against the same page written the natural way, and as the rows grow."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from tests.benchmarks.driver import PageFailed, Tab
from tests.benchmarks.measure import Measure, at_least, at_most, ratio, told
from tests.benchmarks.servers import Server, our_app, serve
from tests.benchmarks.workbooks import Workbooks

NATURAL = Path(__file__).with_name("natural_app.py")
PAGE = {"metric": 6, "vega_lite_chart": 5, "markdown": 8}
"""What 总览 shows at least on the days used here. Its five tables are sent when somebody opens them."""
WITH_TABLES = PAGE | {"dataframe": 5}
LAST = date(2016, 3, 31)
SETTLE = 0.25
"""Seconds for what a server does once it has said that a run is over: by default Streamlit collects garbage then."""

Costs = dict[str, list[float]]
"""Name → CPU seconds per rerun, one entry a round."""


def days(count: int, shift: int = 0) -> list[date]:
    """As-of days a week apart, back from the sample's own day."""
    return [LAST - timedelta(days=7 * n + shift) for n in range(count)]


@dataclass
class Contestant:
    """A server and the tab that makes it rerun."""

    server: Server
    tab: Tab
    content: frozenset[str] = frozenset()

    async def cost(self, asked: Sequence[date]) -> float:
        """CPU seconds per rerun, each with another as-of day than the one before."""
        begin = self.server.cpu
        for day in asked:
            run = await self.tab.rerun(day)
            if run.content == self.content:
                raise PageFailed("another as-of day gave the very same page")
            self.content = run.content
        await asyncio.sleep(SETTLE)
        return (self.server.cpu - begin) / len(asked)


async def compare(servers: Mapping[str, Server], rounds: int, *, tables: bool = False) -> Costs:
    """What warm reruns cost, the servers taking turns; ``tables``: with all tables opened."""
    asked = days(5)
    costs: Costs = {name: [] for name in servers}
    async with AsyncExitStack() as stack:
        contestants = {}
        for name, server in servers.items():
            tab = await stack.enter_async_context(aclosing(await Tab.open(server, PAGE)))
            contestants[name] = Contestant(server, tab)
            await contestants[name].cost(asked)
            if tables:
                tab.unfold(WITH_TABLES)
                await contestants[name].cost(asked)
        for _round in range(rounds):
            for name, contestant in contestants.items():
                costs[name].append(await contestant.cost(asked))
    return costs


async def first_looks(server: Server, count: int) -> float:
    """CPU seconds of a rerun with a day nobody has asked for yet, in the middle of ``count``."""
    async with aclosing(await Tab.open(server, PAGE)) as tab:
        contestant = Contestant(server, tab)
        await contestant.cost(days(1))
        return median([await contestant.cost([day]) for day in days(count, shift=3)])


def natural_app(workbook: Path, **settings: str) -> AbstractContextManager[Server]:
    """The natural version with Streamlit's defaults, away from the project's configuration."""
    env = {"NATURAL_WORKBOOK": str(workbook), **settings}
    return serve(NATURAL, workbook.parent, env, "--browser.gatherUsageStats", "false")


def rerun(books: Workbooks, quick: bool) -> list[Measure]:
    """总览 against the natural version, interleaved."""
    book, rounds = books.sample(), 2 if quick else 6
    with our_app(book) as ours:
        with natural_app(book) as natural:
            pair = {"ours": ours, "natural": natural}
            shut = asyncio.run(compare(pair, rounds))
            opened = asyncio.run(compare(pair, rounds, tables=True))
        first = asyncio.run(first_looks(ours, 3 if quick else 8))
        variants = [] if quick else _variants(book, ours)
    return [
        at_least("rerun.ratio", ratio(shut["natural"], shut["ours"]), "×", 8, "natural / ours, CPU, days changing"),
        at_least(
            "rerun.ratio.tables", ratio(opened["natural"], opened["ours"]), "×", 8,
            "the same with our five tables opened: the natural page always sends its five",
        ),
        *variants,
        told("rerun.ours", median(shut["ours"]) * 1000, "ms CPU"),
        told("rerun.ours.tables", median(opened["ours"]) * 1000, "ms CPU"),
        told("rerun.natural", median(shut["natural"]) * 1000, "ms CPU", "pandas reads with calamine"),
        told("rerun.ours.first_look", first * 1000, "ms CPU", "a day nobody has asked for yet"),
    ]  # fmt: skip


def _variants(book: Path, ours: Server) -> list[Measure]:
    """The natural version with its reading cached, and with the reader pandas takes unless told otherwise."""
    with natural_app(book, NATURAL_CACHE="yes") as cached, natural_app(book, NATURAL_ENGINE="openpyxl") as openpyxl:
        costs = asyncio.run(compare({"ours": ours, "cached": cached, "openpyxl": openpyxl}, 3))
    return [
        told(
            "rerun.ratio.cached", ratio(costs["cached"], costs["ours"]), "×", "natural with st.cache_data on its load"
        ),
        told("rerun.ratio.openpyxl", ratio(costs["openpyxl"], costs["ours"]), "×", "natural with pandas' own default"),
    ]


def scale(books: Workbooks, quick: bool) -> list[Measure]:
    """A warm rerun on ten times the rows."""
    rounds = 2 if quick else 10
    small, large = books.sample(1), books.sample(10)
    with our_app(small) as one, our_app(large) as ten:
        servers = {"one": one, "ten": ten}
        shut = asyncio.run(compare(servers, rounds))
        opened = asyncio.run(compare(servers, rounds, tables=True))
        first = asyncio.run(first_looks(ten, 2 if quick else 8))
    rows = f"{books.rows[large]:,} rows against {books.rows[small]:,}"
    return [
        at_most("scale.ratio", ratio(shut["ten"], shut["one"]), "×", 1.5, rows),
        told("scale.ratio.tables", ratio(opened["ten"], opened["one"]), "×", "with the five tables opened"),
        told("scale.ours", median(shut["ten"]) * 1000, "ms CPU", "ten times the rows"),
        told("scale.first_look", first * 1000, "ms CPU", "ten times the rows, a day nobody has asked for yet"),
    ]
