"""docs/deploy/nginx.conf as it is shipped, run by a real nginx: what it adds, what it must not let through or keep."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import ssl
import time

import pytest
from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from lib.services.audit import LINK_REFUSED, LINK_USED, SIGN_IN_FAILED, SIGNED_IN
from lib.services.links import Purpose
from lib.services.policy import OPERATOR
from lib.ui.session import USER_COOKIE
from lib.web.gate import FORM_LIMIT, UPLOAD_LIMIT
from tests.browser.conftest import CHROMIUM, QUIET
from tests.deploy.conftest import CALLER, CONF, NAME, Site
from tests.entrance import come_in

FORGED = {
    "X_Forwarded_For": "203.0.113.9", "X_Real_IP": "203.0.113.9", "Forwarded": "for=203.0.113.9",
    "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http",
}  # fmt: skip


def audited(site: Site, action: str) -> dict[str, object]:
    """The latest entry of a kind."""
    return next(entry.data for entry in site.entrance.audit.recent() if entry.data["action"] == action)


def cookies(answer: http.client.HTTPMessage) -> list[str]:
    return [line for line in answer.get_all("set-cookie", []) if "tuogou" in line]


@pytest.fixture
def signed_in(site: Site) -> str:
    """The cookies of somebody of the office."""
    return f"{USER_COOKIE}={come_in(site.workbook)}"


def test_a_page_without_tls_is_sent_to_the_one_with(site: Site):
    answer = site.ask("/phases?asof=2016-03-31", plain=True)
    assert answer.status == 301
    assert answer.headers["location"] == f"https://{NAME}/phases?asof=2016-03-31"


def test_the_browser_is_told_to_use_tls_only_even_when_it_is_refused(site: Site):
    for path in ("/signin", "/nowhere", "/_stcore/agent/openapi.json"):
        assert "max-age=31536000" in site.ask(path).headers["strict-transport-security"]


def test_every_answer_keeps_the_apps_own_headers_and_no_version_of_anything(site: Site):
    answer = site.ask("/signin")
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["server"] == "nginx"


def test_other_names_are_not_served(site: Site):
    with pytest.raises(ssl.SSLError):
        site.ask("/signin", name="evil.example")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        site.ask("/signin", plain=True, name="evil.example")


def test_a_name_that_nginx_was_talked_into_is_refused_by_the_app(site: Site):
    answer = site.ask(f"https://{NAME}/signin", Host="evil.example")
    assert answer.status == 421
    assert "网址不对" in answer.text


def test_who_signs_in_gets_a_cookie_that_no_script_and_no_other_site_can_use(site: Site):
    password = site.entrance.accounts.add(OPERATOR, "came", "李四", "office")
    answer = site.ask("/signin", {"user": "came", "password": password, "next": "/"}, **FORGED)
    assert answer.status == 303, answer.text
    [cookie] = cookies(answer.headers)
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))
    assert audited(site, SIGNED_IN)["address"] == CALLER


def test_a_form_from_another_site_is_refused(site: Site):
    answer = site.ask("/signin", {"user": "x", "password": "y"}, Origin="https://evil.example")
    assert answer.status == 403


def test_an_address_that_somebody_makes_up_is_not_the_one_written_down(site: Site):
    assert site.ask("/signin", {"user": "nobody", "password": "-"}, **FORGED).status == 401
    assert audited(site, SIGN_IN_FAILED)["address"] == CALLER
    assert site.ask("/l/wrong", **FORGED).status == 404
    assert audited(site, LINK_REFUSED)["address"] == CALLER


def test_no_log_holds_the_token_of_a_link(site: Site):
    _link, token = site.entrance.links.make(OPERATOR, "市领导")
    for path in (f"/l/{token}", f"/%6c/{token}?lang=en", f"//l/{token}", f"/x/../l/{token}", f"/l/{token}/"):
        for plain in (True, False):
            site.ask(path, plain=plain, Referer=f"https://{NAME}/l/{token}")
    assert audited(site, LINK_USED)["address"] == CALLER
    assert "/l/-" in site.logs
    assert token not in site.logs


def test_a_leader_comes_in_by_the_link(site: Site):
    _link, token = site.entrance.links.make(OPERATOR, "市领导")
    answer = site.ask(f"/l/{token}")
    assert answer.status == 303
    assert token not in answer.headers["location"]
    [cookie] = cookies(answer.headers)
    assert {"httponly", "secure", "samesite=lax"} <= set(cookie.lower().split("; "))


def test_no_log_holds_the_token_of_a_subscription_which_needs_no_session(site: Site):
    _link, token = site.entrance.links.make(OPERATOR, "手机", 30, Purpose.CALENDAR)
    for path in (f"/calendar.ics?t={token}", f"//calendar.ics?t={token}", f"/api/progress.json?t={token}"):
        for plain in (True, False):
            site.ask(path, plain=plain)
    answer = site.ask(f"/calendar.ics?t={token}", Accept_Encoding="gzip")
    assert answer.status == 200
    assert answer.headers["content-encoding"] == "gzip"
    again = site.ask(f"/calendar.ics?t={token}", If_None_Match=answer.headers["etag"], Accept_Encoding="gzip")
    assert again.status == 304
    assert token not in site.logs


async def opened(site: Site, cookie: str, origin: str) -> int:
    """Open a page's socket, run it, and give how many elements it shows."""
    async with connect(
        f"wss://{NAME}:{site.https}/_stcore/stream", host="127.0.0.1", ssl=site.trust, origin=Origin(origin),
        subprotocols=[Subprotocol("streamlit"), Subprotocol("x")], additional_headers={"Cookie": cookie}, proxy=None,
    ) as socket:  # fmt: skip
        await socket.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        shown = 0
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(decode=False), 60))
            shown += message.delta.WhichOneof("type") == "new_element"
            if message.WhichOneof("type") == "script_finished":
                return shown


def test_the_socket_of_a_page_passes_and_only_for_who_is_signed_in(site: Site, signed_in: str):
    own = f"https://{NAME}:{site.https}"
    assert asyncio.run(opened(site, signed_in, own)) > 20
    for cookie, origin in (("", own), (f"{USER_COOKIE}=x", own), (signed_in, "https://evil.example")):
        with pytest.raises(InvalidStatus, match="403"):
            asyncio.run(opened(site, cookie, origin))


def test_bodies_are_bounded_where_the_app_bounds_them(site: Site, signed_in: str):
    text = CONF.read_text(encoding="utf-8")
    assert re.findall(r"client_max_body_size (\S+);", text) == [
        f"{FORM_LIMIT // 2**10}k", f"{UPLOAD_LIMIT // 2**20}m",
    ]  # fmt: skip
    large = site.ask("/signin", b"x" * (FORM_LIMIT + 1))
    assert large.status == 413
    assert "内容太大" in large.text
    assert large.headers["content-type"] == "text/html; charset=utf-8"
    upload = site.ask("/_stcore/upload_file/a/b", b"x" * (UPLOAD_LIMIT + 1), Cookie=signed_in)
    assert upload.status == 413
    assert site.ask("/_stcore/upload_file/a/b", b"x" * (FORM_LIMIT + 1), Cookie=signed_in).status != 413


def test_the_pages_files_come_compressed_and_are_kept_by_the_browser(site: Site, signed_in: str):
    index = site.ask("/", Cookie=signed_in)
    [script] = re.findall(r'src="\./(static/js/index\.[^"]+\.js)"', index.text)
    plain = site.ask(f"/{script}", Cookie=signed_in)
    small = site.ask(f"/{script}", Cookie=signed_in, Accept_Encoding="gzip")
    assert small.headers["content-encoding"] == "gzip"
    assert small.size < plain.size / 2
    assert "immutable" in small.headers["cache-control"]
    assert site.ask(f"/{script}").status == 401, "nothing of it is kept by nginx for everybody"


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_somebody_signs_in_with_a_browser_and_works_over_tls(site: Site):
    password = site.entrance.accounts.add(OPERATOR, "browser", "王五", "office")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        window = browser.new_context(ignore_https_errors=True)
        page = window.new_page()
        page.goto(f"https://{NAME}:{site.https}/phases")
        page.fill("#user", "browser")
        page.fill("#password", password)
        page.click("button")
        page.fill("#old", password)
        page.fill("#new", "一句好记的话语 plus")
        page.fill("#again", "一句好记的话语 plus")
        page.click("button")
        page.wait_for_selector("h1:has-text('阶段')", timeout=60_000)
        assert page.evaluate("window.isSecureContext")
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        assert page.evaluate("document.cookie").find("tuogou") == -1
        held = {cookie["name"]: cookie for cookie in window.cookies()}
        assert all(cookie["secure"] for cookie in held.values())
        browser.close()


def test_somebody_who_tries_too_fast_is_told_to_wait(site: Site):
    for path, form in (("/signin", {"user": "x", "password": ""}), ("/l/guess", None)):
        answers = [site.ask(path, form, Origin="https://evil.example") for _time in range(40)]
        often = [answer for answer in answers if answer.status == 429]
        assert often, path
        assert "操作太频繁" in often[0].text
        assert "strict-transport-security" in often[0].headers
    assert site.ask("/signin").status == 200, "looking at the form is not trying"
    assert "guess" not in site.logs


def test_while_the_app_is_away_people_are_told_and_no_log_holds_a_token(site: Site):
    """The last one: nginx writes the whole request line of what went wrong into its error log."""
    time.sleep(2)  # the limit lets one of the former test's requests a second through again
    site.app.stop()
    for path in ("/l/secret-token", "/%6C/secret-token"):
        answer = site.ask(path)
        assert answer.status == 502
        assert "服务正在重新启动" in answer.text
    assert site.ask("/phases").status == 502
    assert "/phases" in site.logs
    assert "secret-token" not in site.logs
