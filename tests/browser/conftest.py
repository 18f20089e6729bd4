"""A real server and a real browser. Without Chromium these tests skip, except in CI, where its absence is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.server import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: install the package `chromium`"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for each file: while one runs, nothing else in this process can have an event loop."""
    assert CHROMIUM, "CI must have Chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def serve(sample: Path, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Start a fresh server on a copy of the sample; all are stopped afterwards."""
    started: list[Server] = []

    def start() -> Server:
        started.append(Server(sample, tmp_path / f"server-{len(started)}.log"))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address in a window of its own and wait until the page has been laid out. ``role``: as whom, by default
    somebody of the office; None: nobody is signed in."""
    opened: list[BrowserContext] = []

    def go(server: Server, path: str = "", width: int = 1440, height: int = 900, role: str | None = "office") -> Page:
        window = browser.new_context(viewport={"width": width, "height": height})
        opened.append(window)
        if role is not None:
            window.add_cookies([server.session(role)])
        page = window.new_page()
        page.goto(f"{server.url}/{path}")
        page.wait_for_selector("h1, [data-testid='stAlert']", timeout=30_000)
        return page

    yield go
    for window in opened:
        window.close()
