"""A clerk at the browser: opens pages by address, fills fields by their labels, presses, and reads what is said."""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from lib.ui.navigation import EVERY_PLACE, PLACES
from tests.server import Server

TITLES = {place.name: place.title for place in EVERY_PLACE}
WAIT = 20_000
ROW = 35
"""Height of a row of a table, in pixels."""


def still(page: Page, moment: int = 150) -> None:
    """Wait until a page has run, and some milliseconds in which it is laid out."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'",
        timeout=WAIT,
    )
    page.wait_for_timeout(moment)


class Clerk:
    """Somebody working on a server, on a given day."""

    def __init__(self, page: Page, server: Server, day: str) -> None:
        self.page, self.server, self.day = page, server, day

    def open(self, place: str, **query: str) -> Self:
        """Go to a page by its address, on the clerk's day."""
        path = "" if place == PLACES[0].name else place
        self.page.goto(f"{self.server.url}/{path}?{urlencode({'asof': self.day, **query})}")
        expect(self.page.locator("h1")).to_have_text(TITLES[place], timeout=WAIT)
        return self.still()

    def still(self) -> Self:
        """Wait until the page has been laid out."""
        still(self.page)
        return self

    def field(self, label: str, nth: int = 0) -> Locator:
        """The container of a field, by its label; the nth of those called so."""
        main = self.page.locator("[data-testid=stMain]")
        named = main.locator("[data-testid=stWidgetLabel]").filter(has_text=re.compile(rf"^{re.escape(label)}( \*)?$"))
        named = named.nth(nth)
        return named.locator("xpath=ancestor::*[@data-testid][contains(@class,'st')][1]")

    def type(self, label: str, text: str, nth: int = 0) -> Self:
        """Type into a text field or a number or a day."""
        box = self.field(label, nth).locator("input, textarea").first
        box.fill(text)
        box.press("Tab")
        return self.still()

    def choose(self, label: str, *options: str, nth: int = 0) -> Self:
        """Choose in a list; several where it takes several."""
        box = self.field(label, nth).locator("input").first
        for option in options:
            box.click()
            box.fill(option)
            self.page.locator("[role=option]", has_text=option).first.click()
        self.page.locator("h1").first.click()  # a list of many stays open and shuts out all else
        return self.still()

    def fold(self, label: str) -> Self:
        """Open what is folded behind a label."""
        self.page.locator("summary", has_text=label).first.click()
        return self.still()

    def mark(self, *rows: int, table: int = 0) -> Self:
        """Tick rows of a table, counted from 0."""
        canvas = self.page.locator("[data-testid=stMain] [data-testid=stDataFrame]").nth(table)
        canvas.scroll_into_view_if_needed()
        self.page.wait_for_timeout(600)  # a table draws itself only once it is seen
        box = canvas.bounding_box()
        assert box is not None
        for row in rows:
            self.page.mouse.click(box["x"] + 17, box["y"] + ROW * (row + 1) + ROW / 2)
            self.page.wait_for_timeout(700)  # a table tells of ticks with a delay
            self.still()
        return self

    def choose_way(self, way: str) -> Self:
        """Choose among buttons in a row."""
        self.page.locator("[data-testid=stMain]").get_by_role("radio", name=way, exact=True).first.click()
        return self.still()

    def press(self, label: str) -> Self:
        """Press the button that is called so."""
        buttons = self.page.locator("[data-testid=stMain] button:not([kind='elementToolbar'])")
        buttons.filter(has_text=re.compile(rf"(?<![\u4e00-\u9fff]){re.escape(label)}$")).first.click()
        self.page.wait_for_timeout(250)
        return self.still()

    def said(self) -> str:
        """All messages on the page."""
        return "\n".join(self.page.locator("[data-testid=stAlert]").all_inner_texts())

    def shown(self) -> str:
        """All text of the page."""
        return self.page.locator("[data-testid=stMain]").inner_text()
