"""Two servers behind one nginx, as docs/deploy/replicas.md says: who stays where, who sees what, who may die."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright

from lib.services.policy import OPERATOR, Role
from lib.services.setup import set_up
from lib.ui.session import USER_COOKIE
from sheets_schema.plan import Plan
from tests.browser.clerk import Clerk
from tests.browser.conftest import CHROMIUM, QUIET
from tests.deploy.conftest import NAME, Pair
from tests.deploy.test_nginx import opened
from tests.entrance import come_in
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis
DAY = "2016-03-31"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    workbook = folder / "sample.xlsx"
    set_up(workbook, plan, sample=True)
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TUOGOU_WORKBOOK", str(workbook))
            patch.setenv("TUOGOU_HOSTS", f"{NAME}, 127.0.0.1")
            patch.setenv("REDIS_URL", redis.url)
            made = Pair(folder, workbook)
            yield made
            made.stop()
    finally:
        redis.stop()


def asked(pair: Pair, path: str) -> list[str]:
    """The servers that nginx has asked for a path, from the first on; of one that did not answer, the next too."""
    found: list[str] = []
    for _try in range(50):  # nginx writes the line after its answer
        found = re.findall(rf"GET {re.escape(path)} .* (\S+)$", (pair.folder / "tuogou.log").read_text(), flags=re.M)
        if found:
            break
        time.sleep(0.02)
    return found


def at(pair: Pair, cookie: str) -> int:
    """Which server answers somebody now."""
    path = f"/healthz/{time.monotonic_ns()}"
    pair.ask(path, Cookie=cookie)
    return [app.url.removeprefix("http://") for app in pair.apps].index(asked(pair, path)[-1])


@pytest.fixture(scope="module")
def people(pair: Pair) -> list[str]:
    """Somebody at each server: their cookies."""
    found: dict[int, str] = {}
    for number in itertools.count():
        token = come_in(pair.workbook, Role.OFFICE, user=f"office-{number}")
        found.setdefault(at(pair, f"{USER_COOKIE}={token}"), token)
        if len(found) == 2:
            return [found[0], found[1]]
        assert number < 30, "all of them come to one server"
    raise AssertionError


def test_who_signs_in_stays_at_one_server_with_pages_and_socket(pair: Pair):
    password = pair.entrance.accounts.add(OPERATOR, "came", "李四", "office")
    answer = pair.ask("/signin", {"user": "came", "password": password, "next": "/"})
    assert answer.status == 303, answer.text
    token = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1]
    cookie = f"{USER_COOKIE}={token}"
    home = at(pair, cookie)
    assert {at(pair, cookie) for _time in range(6)} == {home}
    assert pair.ask("/password", Cookie=cookie).status == 200, "whichever server let her in, this one knows her"


def test_the_socket_goes_where_the_pages_go(pair: Pair, people: list[str]):
    for number, token in enumerate(people):
        asyncio.run(opened(pair, f"{USER_COOKIE}={token}", f"https://{NAME}:{pair.https}"))
        address = pair.apps[number].url.removeprefix("http://")
        assert asked(pair, "/_stcore/stream")[-1] == address


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_a_command_at_one_shows_at_the_other_and_a_dead_server_is_replaced(
    pair: Pair, people: list[str], capsys: pytest.CaptureFixture[str]
):
    """The last one: it kills a server."""
    url = f"https://{NAME}:{pair.https}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))

        def window(token: str) -> Page:
            made = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
            made.add_cookies([{"name": USER_COOKIE, "value": token, "url": url}])
            page = made.new_page()
            page.goto(f"{url}/problems?asof={DAY}")
            expect(page.locator("h1")).to_have_text("问题协调", timeout=30_000)
            return page

        first, second = (window(token) for token in people)
        raised = second.locator("[data-testid='stMetric']", has_text="提出的问题").locator(
            "[data-testid='stMetricValue']"
        )
        before = int(raised.inner_text())
        raise_problem(Clerk(first, pair.apps[0], DAY), "两台服务器之间的问题")
        told = time.monotonic()
        expect(raised).to_have_text(str(before + 1), timeout=8_000)
        seen = time.monotonic() - told

        pair.apps[0].process.kill()
        pair.apps[0].process.wait(10)
        died = time.monotonic()
        first.goto(f"{url}/phases?asof={DAY}")
        expect(first.locator("h1")).to_have_text("阶段", timeout=15_000)
        back = time.monotonic() - died
        browser.close()
    with capsys.disabled():
        print(f"\na command shows at the other server after {seen:.1f} s; a page after a server's death: {back:.1f} s")
    assert at(pair, f"{USER_COOKIE}={people[0]}") == 1


def raise_problem(clerk: Clerk, text: str) -> None:
    clerk.still().fold("提出问题或经验做法")
    clerk.page.wait_for_timeout(1000)
    for _try in range(4):  # a page that is laid out anew closes a list that has just been opened
        try:
            box = clerk.field("提出单位", 1).locator("input").first
            box.click(timeout=4000)
            box.fill("市民政局", timeout=4000)
            clerk.page.locator("[role=option]", has_text="市民政局").first.click(timeout=4000)
            break
        except TimeoutError:
            clerk.page.keyboard.press("Escape")
    clerk.page.locator("h1").first.click()
    clerk.still().type("内容", text).press("提出")
