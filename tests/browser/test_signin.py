"""Signing in, staying in and being put out, in a real browser; and the leaders' link."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from lib.services.entrance import Entrance, open_entrance
from lib.services.passwords import hashed
from lib.services.policy import OPERATOR
from lib.ui.navigation import PAGE_OF
from lib.ui.session import LINK_COOKIE, USER_COOKIE
from tests.entrance import keep
from tests.server import ROOT, Server

PASSWORD, BETTER = "一句好记的话 2016", "another good one 2016"
AT_ONCE = 6_000
"""Milliseconds in which an open page has to notice: it asks every two or three seconds."""
SIGNED_OUT = "登录已经退出或失效"

Window = Callable[[], BrowserContext]


@pytest.fixture(scope="module")
def server(sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("signin")
    workbook = folder / "sample.xlsx"
    workbook.write_bytes(sample_once.read_bytes())
    started = Server(workbook, folder / "server.log")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def door(server: Server) -> Entrance:
    made = open_entrance(server.workbook)
    kept = hashed(PASSWORD)
    for user, role in (("lina", "office"), ("wang", "office"), ("zhao", "office"), ("chef", "admin")):
        keep(made, user, role)
        made.accounts.credentials.change(lambda users, user=user: users[user].update(password=kept))
    return made


@pytest.fixture
def window(browser: Browser, server: Server) -> Iterator[Window]:
    """A browser of one's own that notes what it should not have to."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def go() -> BrowserContext:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        told = "console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI)"
        context.add_init_script(f"addEventListener('securitypolicyviolation', e => {told})")
        context.on("console", lambda message: complaints.append(message.text) if is_complaint(message.text) else None)
        context.on("request", lambda asked: complaints.append(asked.url) if is_outside(asked.url, server) else None)
        opened.append(context)
        return context

    yield go
    for context in opened:
        context.close()
    assert complaints == []


def is_complaint(text: str) -> bool:
    return text.startswith("CSP ") or "Content Security Policy" in text


def is_outside(url: str, server: Server) -> bool:
    return not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))


def arrive(page: Page, title: str | re.Pattern[str]) -> None:
    """Wait until a page is there with its title."""
    expect(page.locator("h1").first).to_have_text(title, timeout=30_000)


def sign_in(page: Page, server: Server, user: str = "lina", password: str = PASSWORD, path: str = "/") -> None:
    """By the form, from the page that was wanted."""
    page.goto(server.url + path)
    page.fill("#user", user)
    page.fill("#password", password)
    page.click("button[type=submit]")


def is_out(page: Page) -> None:
    """Wait until an open page says that its session is over, and shows nothing else."""
    expect(page.get_by_text(SIGNED_OUT)).to_be_visible(timeout=AT_ONCE)
    expect(page.locator("h1")).to_have_count(0)
    expect(page.locator("[data-testid='stDataFrame'], [data-testid='stMetric']")).to_have_count(0)


def cookies_of(context: BrowserContext, name: str) -> list[dict[str, object]]:
    return [dict(cookie) for cookie in context.cookies() if cookie["name"] == name]


def test_one_lands_where_one_wanted_to_go_and_stays_in(window: Window, server: Server, door: Entrance):
    context = window()
    page = context.new_page()
    sign_in(page, server, path="/health?rule=S15&asof=2016-02-29")
    arrive(page, "数据体检")
    assert "rule=S15" in page.url
    assert "asof=2016-02-29" in page.url
    page.reload()
    arrive(page, "数据体检")
    second = context.new_page()
    second.goto(f"{server.url}/phases")
    arrive(second, "阶段")
    [cookie] = cookies_of(context, USER_COOKIE)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert USER_COOKIE not in page.evaluate("document.cookie")
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage)).join()").find("tuogou") == -1


def test_a_wrong_password_is_said_and_keeps_what_was_typed(window: Window, server: Server, door: Entrance):
    page = window().new_page()
    sign_in(page, server, password="wrong wrong wrong", path="/phases")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    assert page.input_value("#user") == "lina"
    assert page.input_value("#password") == ""
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    arrive(page, "阶段")


def test_the_first_sign_in_ends_with_a_password_of_ones_own(window: Window, server: Server, door: Entrance):
    once = door.accounts.add(OPERATOR, "neu", "新来的", "viewer")
    page = window().new_page()
    sign_in(page, server, "neu", once, "/phases")
    expect(page.get_by_text("这是一次性密码")).to_be_visible()
    page.goto(f"{server.url}/health")
    expect(page.get_by_text("这是一次性密码")).to_be_visible()
    page.goto(f"{server.url}/password?next=/phases")
    for new, again, said in (("short", "short", "太短"), (BETTER, BETTER + "x", "不一样"), (once, once, "一样")):
        page.fill("#old", once)
        page.fill("#new", new)
        page.fill("#again", again)
        page.click("button[type=submit]")
        expect(page.get_by_role("alert")).to_contain_text(said)
    page.fill("#old", once)
    page.fill("#new", BETTER)
    page.fill("#again", BETTER)
    page.click("button[type=submit]")
    arrive(page, "阶段")


def test_signing_out_in_one_tab_signs_out_the_other_and_its_buttons_do_nothing(
    window: Window, server: Server, door: Entrance
):
    context = window()
    page, other = context.new_page(), context.new_page()
    sign_in(page, server)
    arrive(page, "总览")
    other.goto(f"{server.url}/admin")
    arrive(other, "管理")
    other.get_by_label("给谁用").fill("偷偷建的")
    token = str(cookies_of(context, USER_COOKIE)[0]["value"])
    page.get_by_role("button", name="退出").click()
    for _try in range(100):
        if door.sessions.visitor(token) is None:
            break
        page.wait_for_timeout(20)
    with suppress(PlaywrightError):  # it may have noticed already
        other.get_by_role("button", name="建立链接").click(timeout=1_000)
    is_out(other)
    is_out(page)
    assert "偷偷建的" not in [link.name for link in door.links.all()]
    page.reload()
    expect(page.locator("#user")).to_be_visible()
    assert "next=" in page.url


def test_the_way_back_leads_to_the_page_one_was_on(window: Window, server: Server, door: Entrance):
    page = window().new_page()
    sign_in(page, server, path="/health?rule=S15")
    arrive(page, "数据体检")
    page.get_by_role("button", name="退出").click()
    is_out(page)
    page.get_by_role("link", name="去登录").click()
    page.fill("#user", "lina")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    arrive(page, "数据体检")
    assert "rule=S15" in page.url


def test_an_account_disabled_on_the_command_line_is_out_at_once(window: Window, server: Server, door: Entrance):
    context = window()
    page, still = context.new_page(), context.new_page()
    sign_in(page, server, "wang")
    arrive(page, "总览")
    still.goto(f"{server.url}/changes")  # a page that stops early, with nothing to show
    arrive(still, "变更与冲突")
    environment = {**os.environ, "TUOGOU_WORKBOOK": str(server.workbook)}
    subprocess.run([sys.executable, "-m", "lib.cli", "user", "disable", "wang"], cwd=ROOT, env=environment, check=True)
    is_out(page)
    is_out(still)
    sign_in(page, server, "wang")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")


def test_a_changed_password_ends_other_devices_and_not_ones_own(window: Window, server: Server, door: Entrance):
    here, there = window().new_page(), window().new_page()
    for page in (here, there):
        sign_in(page, server, "zhao")
        arrive(page, "总览")
    here.get_by_role("link", name="修改密码").click()
    here.fill("#old", PASSWORD)
    here.fill("#new", BETTER)
    here.fill("#again", BETTER)
    here.click("button[type=submit]")
    arrive(here, "总览")
    is_out(there)


def test_no_page_breaks_its_own_policy_or_asks_outside(window: Window, server: Server, door: Entrance):
    page = window().new_page()
    sign_in(page, server, "chef")
    arrive(page, "总览")
    for path in PAGE_OF:
        page.goto(f"{server.url}{path}?asof=2016-02-29")
        page.wait_for_selector("h1", timeout=30_000)
    page.goto(f"{server.url}/?asof=2016-02-29")
    chart = page.locator("[data-testid='stVegaLiteChart'] canvas, [data-testid='stVegaLiteChart'] svg").first
    expect(chart).to_be_visible(timeout=30_000)


needs_brief = pytest.mark.skipif("/brief" not in PAGE_OF, reason="the leaders' page is not there yet")


@needs_brief
def test_a_link_opens_one_page_survives_reload_and_ends_when_revoked(window: Window, server: Server, door: Entrance):
    link, token = door.links.make(OPERATOR, "分管市领导")
    context = window()
    page = context.new_page()
    page.goto(f"{server.url}/l/{token}?asof=2016-02-29")
    page.wait_for_selector("h1", timeout=30_000)
    verdict = re.compile("逾期 .+ 项")
    arrive(page, verdict)
    assert token not in page.url
    assert "asof=2016-02-29" in page.url
    assert page.evaluate("document.referrer") == ""
    assert token not in page.evaluate("JSON.stringify(performance.getEntries().map(e => e.name))").replace(
        f"/l/{token}", "", 1
    )
    page.reload()
    arrive(page, verdict)
    [cookie] = cookies_of(context, LINK_COOKIE)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert LINK_COOKIE not in page.evaluate("document.cookie")
    for path in ("/phases", "/health", "/changes", "/rules", "/admin", "/brief", "/overview"):
        answer = page.goto(f"{server.url}{path}")
        assert answer is not None
        if answer.status == 200:
            arrive(page, verdict)
            assert re.fullmatch(rf"{server.url}/?", page.url)
        else:
            assert answer.status in (403, 404)
    second = context.new_page()
    second.goto(server.url)
    arrive(second, verdict)
    expect(second.get_by_role("link", name="管理")).to_have_count(0)
    door.links.revoke(OPERATOR, link.id)
    for tab in (page, second):
        if tab is page:
            tab.goto(server.url)
            expect(tab.locator("#user")).to_be_visible()
        else:
            is_out(tab)
    page.goto(f"{server.url}/l/{token}")
    expect(page.get_by_text("链接已失效")).to_be_visible()


@needs_brief
def test_a_link_made_on_the_admins_page_is_shown_once(window: Window, server: Server, door: Entrance):
    page = window().new_page()
    sign_in(page, server, "chef", path="/admin")
    arrive(page, "管理")
    page.get_by_label("给谁用").fill("新的领导")
    page.get_by_role("button", name="建立链接").click()
    shown = page.locator("[data-testid='stCode']").first
    expect(shown).to_contain_text("/l/", timeout=15_000)
    address = shown.inner_text().strip()
    reader = window().new_page()
    reader.goto(address)
    reader.wait_for_selector("h1", timeout=30_000)
    page.reload()
    arrive(page, "管理")
    expect(page.locator("[data-testid='stCode']")).to_have_count(0)
