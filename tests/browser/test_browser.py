"""What only a browser shows: live updates, deep links on a fresh server, fitting a phone, no outside request."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from lib.services.policy import PAGES as ROLES
from lib.ui.navigation import PLACES
from tests.browser.clerk import still
from tests.server import Server

PAGES = {
    "" if place is PLACES[0] else place.name: place.title
    for place in PLACES
    if "office" in ROLES[place.name] and place.name != "brief"
}
"""Path → title; 一页速览 has its headline there, and tests of its own."""
Serve = Callable[[], Server]
Visit = Callable[..., Page]


def metric(page: Page, label: str) -> str:
    found = page.locator("[data-testid='stMetric']", has_text=label).locator("[data-testid='stMetricValue']")
    return found.inner_text()


def test_an_edit_saved_by_another_program_appears_within_five_seconds(
    serve: Serve, visit: Visit, tmp_path: Path
) -> None:
    server = serve()
    page = visit(server)
    before = metric(page, "脱钩事项完成")
    page.evaluate("window.stayed = true")
    edited = _edit(server.workbook, tmp_path)
    saved = time.monotonic()
    edited.replace(server.workbook)
    value = page.locator("[data-testid='stMetric']", has_text="脱钩事项完成").locator("[data-testid='stMetricValue']")
    expect(value).not_to_have_text(before, timeout=5_000)
    assert time.monotonic() - saved <= 5
    assert int(metric(page, "脱钩事项完成").split("/")[0]) == int(before.split("/")[0]) - 1
    assert page.evaluate("window.stayed") is True


def _edit(workbook: Path, folder: Path) -> Path:
    """The workbook with one finished item reopened, saved by LibreOffice when it is there, else by openpyxl."""
    changed = folder / "changed" / workbook.name
    changed.parent.mkdir()
    book = openpyxl.load_workbook(workbook)
    tab = book["脱钩事项"]
    header = {cell.value: cell.column for cell in tab[1]}
    row = next(
        r
        for r in range(2, tab.max_row)
        if tab.cell(r, header["状态"]).value == "已完成" and not tab.cell(r, header["销号人"]).value
    )
    tab.cell(row, header["状态"]).value = "进行中"
    tab.cell(row, header["完成日期"]).value = None
    book.save(changed)
    office = shutil.which("soffice")
    if office:
        out = folder / "saved"
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [
            office,
            "--headless",
            profile,
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(out),
            str(changed),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return out / workbook.name
    return changed


@pytest.mark.parametrize("path", ["", "registry", "execution", "evaluation", "scorecard", "admin"])  # 8 s for a server
def test_each_page_can_be_the_first_request_of_a_fresh_server(serve: Serve, visit: Visit, path: str) -> None:
    page = visit(serve(), path)
    expect(page.locator("h1")).to_have_text(PAGES[path], timeout=15_000)
    expect(page.locator("[data-testid='stSidebarNav']")).to_be_visible()


def test_pages_fit_a_phone_and_ask_nothing_of_the_outside(serve: Serve, visit: Visit) -> None:
    server = serve()
    outside: list[str] = []
    page = visit(server, "", 390, 844)
    page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
    for path, title in PAGES.items():
        page.goto(f"{server.url}/{path}")
        expect(page.locator("h1")).to_have_text(title, timeout=15_000)
        still(page, 300)  # charts draw themselves a moment later
        wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= 390, path
    assert outside == []


def _is_outside(url: str) -> bool:
    parts = urlparse(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"


def test_day_and_language_in_a_link_reach_every_page_by_clicks(serve: Serve, visit: Visit) -> None:
    page = visit(serve(), "?asof=2016-02-29&lang=en")
    expect(page.locator("h1")).to_have_text("Overview", timeout=15_000)
    page.locator("[data-testid='stSidebarNav'] a", has_text="Phases").click()
    expect(page.locator("h1")).to_have_text("Phases")
    expect(page.locator("[data-testid='stCaptionContainer']").first).to_contain_text("29 February 2016")
    expect(page).to_have_url(re.compile("asof=2016-02-29"), timeout=10_000)


def test_the_server_answers_health_and_hides_what_is_closed(serve: Serve) -> None:
    server = serve()
    with urllib.request.urlopen(f"{server.url}/readyz") as answer:
        assert answer.status == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(server.url + path)
        assert refused.value.code == 401
