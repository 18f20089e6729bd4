"""一页速览 in a real browser: it fits a phone, its first screen says what is late, why and who, and it prints on A4."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page

from tests.server import Server

_MAIN = "document.querySelector('[data-testid=stMain]')"


def test_the_first_phone_screen_says_what_is_late_why_and_who(
    serve: Callable[[], Server], visit: Callable[..., Page]
) -> None:
    page = visit(serve(), "brief", width=390, height=844)
    who = page.get_by_role("heading", name="谁欠")
    who.wait_for()
    box = who.bounding_box()
    assert box
    assert box["y"] + box["height"] < 844
    assert page.evaluate(f"{_MAIN}.scrollWidth") <= 390


def test_it_prints_on_two_sheets_with_the_day_and_without_controls(
    serve: Callable[[], Server], visit: Callable[..., Page]
) -> None:
    for width in (390, 1440):
        page = visit(serve(), "brief", width=width)
        page.wait_for_selector(".stVegaLiteChart canvas, .stVegaLiteChart svg")
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 2
        page.emulate_media(media="print")
        assert not page.locator("[data-testid=stSidebar]").is_visible()
        assert not page.locator(".stExpander").first.is_visible()
        assert page.locator(".st-key-paper_only").is_visible()
        assert page.get_by_text("截至 2016年3月31日").is_visible()
