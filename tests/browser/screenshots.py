"""Retake the pictures of every page for the README and for a look at what people see (``make screenshots``)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from lib.rollup.run import Days
from lib.services import work
from lib.services.entrance import open_entrance
from lib.services.policy import OPERATOR, Role
from lib.services.setup import set_up
from lib.ui.navigation import PLACES, ROLLUP
from sheets_schema.plan_load import shipped_plan
from tests.browser.conftest import CHROMIUM, QUIET
from tests.nation import make_nation
from tests.rollup.conftest import DAYS, rolled
from tests.server import ROOT, Server
from tests.services.shared import OFFICE, drop, edit_outside, opened, put

WIDTHS = (1440, 1366, 390)
PAGES = {place.name: "" if place is PLACES[0] else place.name for place in PLACES}
PLACES_SHOWN = 8
"""Cities in the picture of 汇总."""
_HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"


def take(target: Path, query: str = "", only: tuple[str, ...] = ()) -> None:
    """Full-page pictures of every page at every width into ``target``; ``only``: of these alone."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workbook = Path(folder) / "sample.xlsx"
        set_up(workbook, shipped_plan(), sample=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        if not only or set(only) - {ROLLUP}:
            _use(workbook)
            server = Server(workbook, Path(folder) / "server.log")
            pages = {name: path for name, path in PAGES.items() if not only or name in only}
            _take(
                browser,
                server,
                target,
                {name: f"{path}{query}" for name, path in pages.items()},
                doors=None if only else query,
            )
        if not only or ROLLUP in only:
            rolled(_nation(Path(folder)), Path(folder) / "汇总", days=Days(DAYS.as_of, date.today()))
            server = Server(workbook, Path(folder) / "rollup.log", TUOGOU_ROLLUP=str(Path(folder) / "汇总"))
            _take(browser, server, target, {ROLLUP: f"{ROLLUP}{query}"})
        browser.close()


def _nation(folder: Path) -> Path:
    """Some cities, and one whose plan has other phases."""
    nation = folder / "各地"
    make_nation(nation, PLACES_SHOWN)
    set_up(nation / "另一种方案.xlsx", shipped_plan("example-one-third"), sample=True)
    return nation


def _take(browser: Browser, server: Server, target: Path, pages: dict[str, str], *, doors: str | None = None) -> None:
    """Pictures of a server's pages, then it is stopped; ``doors``: of the sign-in and a leader's link, too,
    with this query."""
    try:
        for width in WIDTHS:
            window = browser.new_context(viewport={"width": width, "height": 900})
            window.add_cookies([server.session(Role.ADMIN)])
            page = window.new_page()
            if doors is not None:
                door = browser.new_page(viewport={"width": width, "height": 700})
                door.goto(f"{server.url}/{doors}")
                door.screenshot(path=target / f"signin-{width}.png")
                door.goto(f"{server.url}/l/{_link(server.workbook)}{doors}")
                picture(door, width, target / f"leader-{width}.png")
            for name, address in pages.items():
                page.goto(f"{server.url}/{address}")
                picture(page, width, target / f"{name}-{width}.png")
            window.close()
    finally:
        server.stop()


def picture(page: Page, width: int, target: Path) -> None:
    """A picture of the whole page once it stands."""
    page.wait_for_selector("h1")
    page.wait_for_timeout(2500)
    page.set_viewport_size({"width": width, "height": min(page.evaluate(_HEIGHT), 6000)})
    page.wait_for_timeout(1500)
    page.screenshot(path=target)
    page.set_viewport_size({"width": width, "height": 900})


def _link(workbook: Path) -> str:
    """The token of a leaders' link."""
    return open_entrance(workbook).links.make(OPERATOR, "分管市领导")[1]


def _use(workbook: Path) -> None:
    """A little work by the app and in the workbook, and one cell changed on both sides."""
    shared = opened(workbook, shipped_plan())
    stale = workbook.with_name("stale.xlsx")
    shutil.copy(workbook, stale)
    assert shared.board.commands is not None
    act = shared.board.commands.act
    act(OFFICE, "编辑", work.edit("associations", "XH-0002", {"contact": "周宁", "remark": "已核对章程"}))
    act(OFFICE, "编辑", work.edit("associations", "XH-0005", {"remark": "等待主管单位确认"}))
    shared.board.refresh()
    edit_outside(stale, put("associations", "XH-0005", "remark", "主管单位已确认"))
    edit_outside(stale, put("associations", "XH-0007", "contact", "吴敏"))
    edit_outside(stale, drop("updates", "DT-003"), workbook)
    shared.board.refresh()


if __name__ == "__main__":
    take(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots",
        *sys.argv[2:3],
        only=tuple(sys.argv[3:]),
    )
