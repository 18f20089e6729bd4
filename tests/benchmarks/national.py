"""What a look at 汇总 costs the server with many places, against a city's 总览 on the same server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from pathlib import Path
from statistics import median

from lib.rollup.crew import crew
from lib.rollup.nation import Nation, open_nation
from lib.rollup.run import Days, roll_up
from lib.rollup.sources import listed
from lib.ui.navigation import ROLLUP
from lib.ui.session import USER_COOKIE
from tests.benchmarks.driver import Run, Tab
from tests.benchmarks.measure import Measure, at_most, cpu_of, ratio, told
from tests.benchmarks.reruns import SETTLE, days
from tests.benchmarks.servers import ROOT, Server, serve
from tests.benchmarks.workbooks import Workbooks
from tests.entrance import come_in
from tests.nation import make_nation

PLACES, QUICK_PLACES, ROWS = 300, 60, 150
DAYS = Days(date(2016, 3, 31), date(2016, 4, 1))
BOUND = 2
"""How many times a city's 总览 a look at all places may cost."""
CITY, HEAD = {"metric": 6, "vega_lite_chart": 5}, {"metric": 6}
"""What 总览 and 汇总 show at least."""
Links = Sequence[dict[str, str]]


def national(books: Workbooks, quick: bool) -> list[Measure]:
    """Every view of the page, each taking turns with 总览."""
    out = _rolled(books.folder, QUICK_PLACES if quick else PLACES)
    seconds, nation = cpu_of(lambda: open_nation(out))
    city = books.city()
    env = {"TUOGOU_WORKBOOK": str(city), "TUOGOU_ROLLUP": str(out)}
    with serve(ROOT / "app.py", ROOT, env, cookie=f"{USER_COOKIE}={come_in(city)}") as server:
        found = asyncio.run(_compare(server, nation, 2 if quick else 6))
    note = f"{len(nation.standings)} places / a city's 总览, CPU, both warm"
    views = {name: costs for name, costs in found.items() if name != "overview"}
    return [
        *(at_most(f"national.{name}", ratio(costs, found["overview"]), "×", BOUND, note)
          for name, costs in views.items()),
        told("national.overview", median(found["overview"]) * 1000, "ms CPU", "a city's 总览, days changing"),
        told("national.open", seconds * 1000, "ms CPU", "a new result, once for all sessions; files warm"),
    ]  # fmt: skip


def _rolled(folder: Path, places: int) -> Path:
    nation, out = folder / "nation-of-few-rows", folder / "rolled-up"
    make_nation(nation, places, ROWS)
    with crew(workers=2) as hands:
        roll_up(listed([str(nation)]), out, DAYS, hands)
    return out


def _links(nation: Nation) -> dict[str, Links]:
    """View → links to it, no two in a row the same."""
    keys = [standing.place.key for standing in nation.counted[:5]]
    return {
        "places": [{"section": "places", "lang": lang} for lang in ("zh", "en")],
        "ranking": [{"section": "ranking", "by": by} for by in ("overdue", "items", "quota", "reports", "days")],
        "reasons": [{"section": section} for section in ("reasons", "left")],
        "place": [{"section": "places", "place": key, "part": "late"} for key in keys],
        "units": [{"section": "places", "place": key, "part": "units"} for key in keys],
    }


async def _compare(server: Server, nation: Nation, rounds: int) -> dict[str, list[float]]:
    """CPU seconds of a rerun: what was looked at before, and is now looked at again."""
    links = _links(nation)
    costs: dict[str, list[float]] = {name: [] for name in ("overview", *links)}
    async with aclosing(await Tab.open(server, CITY)) as city:
        for turn in range(rounds + 1):  # the first is not counted
            spent = {"overview": await _days(server, city)}
            for name, wanted in links.items():
                async with aclosing(await Tab.open(server, HEAD, page=ROLLUP, **wanted[-1])) as tab:
                    await tab.rerun()
                    spent[name] = await _followed(server, tab, wanted)
            for name, seconds in spent.items() if turn else ():
                costs[name].append(seconds)
    return costs


async def _days(server: Server, tab: Tab) -> float:
    begin, asked = server.cpu, days(5)
    for day in asked:
        await tab.rerun(day)
    await asyncio.sleep(SETTLE)
    return (server.cpu - begin) / len(asked)


async def _followed(server: Server, tab: Tab, wanted: Links) -> float:
    begin, seen = server.cpu, set[frozenset[str]]()
    for link in wanted:
        run: Run = await tab.follow(**link)
        seen.add(run.content)
    await asyncio.sleep(SETTLE)
    assert len(seen) == len(wanted), f"another link gave the very same page: {wanted}"
    return (server.cpu - begin) / len(wanted)
