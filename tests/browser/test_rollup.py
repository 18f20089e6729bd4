"""汇总 in a real browser: a phone goes from what is late to a place and its units; a screen reader is told as much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from lib.rollup.nation import open_nation
from lib.services.policy import Role
from lib.services.setup import set_up
from sheets_schema.plan import Plan
from tests.browser.clerk import Clerk
from tests.browser.test_access import tells_a_screen_reader
from tests.entrance import come_in, cookie
from tests.rollup.conftest import nation_once, rolled  # noqa: F401 - a fixture
from tests.server import Server

_MAIN = "document.querySelector('[data-testid=stMain]')"


@pytest.fixture(scope="module")
def clerk(
    browser: Browser,
    plan: Plan,
    nation_once: Path,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Clerk]:
    """Somebody of the office, with a phone, on a server that shows three places."""
    folder: Path = tmp_path_factory.mktemp("rollup")
    set_up(folder / "空.xlsx", plan, sample=False)
    rolled(nation_once, folder / "汇总")
    server = Server(folder / "空.xlsx", folder / "server.log", TUOGOU_ROLLUP=str(folder / "汇总"))
    window = browser.new_context(viewport={"width": 390, "height": 844})
    window.add_cookies([server.session()])
    yield Clerk(window.new_page(), server, "2016-03-31")
    window.close()
    server.stop()


def test_what_the_page_offers_to_take_away_is_given_through_the_front_door(clerk: Clerk) -> None:
    server = clerk.server
    page, key = clerk.page, open_nation(server.workbook.parent / "汇总").counted[0].place.key
    page.goto(f"{server.url}/rollup?place={key}")
    clerk.still()
    links = page.get_by_role("link", name="下载（.xlsx）")
    expect(links).to_have_count(2)
    for link in links.all():
        given = page.request.get(f"{server.url}{link.get_attribute('href')}")
        assert given.status == 200
        assert given.body().startswith(b"PK")
    unit = cookie(come_in(server.workbook, Role.UNIT, "市科委"))
    assert httpx.get(f"{server.url}/files/national", cookies=unit, trust_env=False).status_code == 403


def test_a_phone_goes_from_what_is_late_to_a_place_and_its_units_and_back(clerk: Clerk) -> None:
    page = clerk.open("rollup").page
    headline, late = page.locator("h2").first, page.get_by_role("link", name="逾期事项").first
    expect(headline).to_contain_text(re.compile(r"共有 \d+ 项逾期，涉及 3 个地方"))
    for first_seen in (headline, page.get_by_text("主要原因"), late):
        box = first_seen.bounding_box()
        assert box
        assert box["y"] + box["height"] < 844
    assert page.evaluate(f"{_MAIN}.scrollWidth") <= 390
    tells_a_screen_reader(page)
    late.click()
    expect(page).to_have_url(re.compile("section=ranking"))
    clerk.still().mark(0)
    expect(page).to_have_url(re.compile("place=p[0-9a-f]+"))
    place = page.locator("h2").nth(1).inner_text()
    assert re.fullmatch("示例00[123]市", place)
    clerk.choose_way("各单位")
    expect(page).to_have_url(re.compile("part=units"))
    tells_a_screen_reader(page)
    assert page.evaluate(f"{_MAIN}.scrollWidth") <= 390
    page.reload()
    expect(page.locator("h2").nth(1)).to_have_text(place, timeout=20_000)
    clerk.still().field("看一个地方").get_by_role("button", name=re.compile("clear|清除", re.IGNORECASE)).click()
    expect(page.locator("h2")).to_have_count(1)
    for section in ("各地各阶段", "为什么逾期", "未计入的 0"):
        clerk.choose_way(section)
        assert page.evaluate(f"{_MAIN}.scrollWidth") <= 390
        tells_a_screen_reader(page)
