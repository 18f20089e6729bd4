"""Every page for a screen reader and for the keyboard: names, headings, charts with words, and the way to the act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from lib.services.setup import set_up
from lib.ui.navigation import PLACES
from sheets_schema.plan import Plan
from tests.browser.clerk import Clerk
from tests.server import Server

NAMED = {
    "button", "link", "textbox", "combobox", "checkbox", "radio", "radiogroup", "spinbutton", "searchbox", "switch",
    "image", "img", "graphics-document", "heading", "tab", "DisclosureTriangle",
}  # fmt: skip
"""Roles that must have a name: what one can act on, and what stands for a picture."""
LEVELS = "Array.from(document.querySelectorAll('h1,h2,h3,h4,h5,h6')).map(h => Number(h.tagName[1]))"
FOCUS = """() => {
  const shown = document.activeElement, style = getComputedStyle(shown);
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  return {tag: shown.tagName, text: shown.ariaLabel || shown.innerText || '', seen};
}"""


@pytest.fixture(scope="module")
def clerk(browser: Browser, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clerk]:
    folder: Path = tmp_path_factory.mktemp("access")
    workbook = folder / "sample.xlsx"
    set_up(workbook, plan, sample=True)
    server = Server(workbook, folder / "server.log")
    window = browser.new_context(viewport={"width": 1366, "height": 768})
    window.add_cookies([server.session()])
    yield Clerk(window.new_page(), server, "2016-03-31")
    window.close()
    server.stop()


def tree(page: Page) -> list[dict[str, Any]]:
    """What a screen reader is told of the page."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [node for node in nodes if not node["ignored"]]


def said(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", "")).strip()


@pytest.mark.parametrize("place", [place.name for place in PLACES])
def test_a_page_tells_a_screen_reader_what_is_on_it(clerk: Clerk, place: str) -> None:
    page = clerk.page
    if place == "brief":  # its headline is its title
        page.goto(f"{clerk.server.url}/brief?asof={clerk.day}")
        page.wait_for_selector("h1")
        clerk.still()
    else:
        clerk.open(place)
    tells_a_screen_reader(page)
    if place == "todo":  # a line is followed from its own card
        return
    leads = defaultdict(set)
    for link in page.locator("[data-testid=stMain] [data-testid=stPageLink] a").all():
        leads[link.inner_text()].add(link.get_attribute("href"))
    assert not {name: ways for name, ways in leads.items() if len(ways) > 1}, "one name, two ways"


def tells_a_screen_reader(page: Page) -> None:
    """What one can act on and what is a picture has a name, and the headings make one outline."""
    page.wait_for_timeout(400)  # charts draw themselves a moment later
    nameless = [said(node, "role") for node in tree(page) if said(node, "role") in NAMED and not said(node, "name")]
    assert not nameless
    levels = page.evaluate(LEVELS)
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    charts = page.locator("[data-testid=stMain] [role=graphics-document]")
    assert all(chart.get_attribute("aria-label") for chart in charts.all())
    assert {region.get_attribute("aria-label") for region in page.locator("[data-testid=stDataFrame]").all()} != {""}


def test_the_keyboard_chooses_a_row_and_does_the_act(clerk: Clerk) -> None:
    page = clerk.open("problems").page
    seen = []
    for _step in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["tag"] == "A":
            seen.append((at["text"], at["seen"]))
        if at["tag"] == "CANVAS":
            break
    assert seen
    assert all(visible for _text, visible in seen), seen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    page.locator("h2", has_text="WT-03").wait_for()
    clerk.still()
    for _step in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["text"] == "解决措施":
            page.keyboard.type("按文件办理")
        if "登记解决" in at["text"]:
            break
    page.keyboard.press("Enter")
    page.get_by_test_id("stToast").get_by_text("已保存").wait_for()
    clerk.still()
    assert "已保存" in clerk.said()
