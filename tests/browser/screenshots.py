"""Retake the pictures of every page for the README and for a look at what people see (``make screenshots``)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from lib.services import work
from lib.services.entrance import open_entrance
from lib.services.policy import OPERATOR, Role
from lib.services.setup import set_up
from lib.ui.navigation import PLACES
from sheets_schema.plan_load import shipped_plan
from tests.browser.conftest import CHROMIUM, QUIET
from tests.server import ROOT, Server
from tests.services.shared import OFFICE, drop, edit_outside, opened, put

WIDTHS = (1440, 1366, 390)
PAGES = {place.name: "" if place is PLACES[0] else place.name for place in PLACES}
_HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"


def take(target: Path, query: str = "", only: tuple[str, ...] = ()) -> None:
    """Full-page pictures of every page at every width into ``target``; ``only``: of these alone."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workbook = Path(folder) / "sample.xlsx"
        set_up(workbook, shipped_plan(), sample=True)
        _use(workbook)
        server = Server(workbook, Path(folder) / "server.log")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
                for width in WIDTHS:
                    window = browser.new_context(viewport={"width": width, "height": 900})
                    window.add_cookies([server.session(Role.ADMIN)])
                    page = window.new_page()
                    if not only:
                        door = browser.new_page(viewport={"width": width, "height": 700})
                        door.goto(f"{server.url}/{query}")
                        door.screenshot(path=target / f"signin-{width}.png")
                        door.goto(f"{server.url}/l/{_link(workbook)}{query}")
                        picture(door, width, target / f"leader-{width}.png")
                    for name, path in PAGES.items():
                        if only and name not in only:
                            continue
                        page.goto(f"{server.url}/{path}{query}")
                        picture(page, width, target / f"{name}-{width}.png")
                browser.close()
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
