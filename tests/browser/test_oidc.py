"""Signing in by the city's own service, through a provider of our own: what it gives, and what it must not."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from lib.services.accounts import HOUSE, Accounts
from lib.services.entrance import open_entrance
from lib.services.policy import Role
from tests.browser.provider import CLIENT, FORGED, SECRET, Provider
from tests.entrance import NO_HASH, come_in, cookie
from tests.server import Server, free_port

COOKIE_SECRET = "a cookie secret of forty characters, no less"
WAYS = ("/signin/service", "/auth/login", "/oauth2callback")
AUTH = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "%s"
client_id = "%s"
client_secret = "%s"
server_metadata_url = "%s/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    opened = Provider(free_port())
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def shared(provider: Provider, sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the service set up, for all tests here."""
    folder = tmp_path_factory.mktemp("oidc")
    workbook, settings = folder / "sample.xlsx", folder / "secrets.toml"
    shutil.copy(sample_once, workbook)
    settings.write_text(AUTH % (COOKIE_SECRET, CLIENT, SECRET, provider.url), encoding="utf-8")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    server = Server(workbook, folder / "server.log", "--secrets.files", str(settings))
    yield server
    server.stop()


@pytest.fixture
def server(shared: Server, provider: Provider) -> Server:
    """The server, with an honest provider and one account that has never used its one-time password."""
    provider.reset()
    provider.says(email="li.si@example.org")
    keeper = accounts(shared)
    if keeper.get("lisi") is None:
        keeper.add(HOUSE, "lisi", "李四", Role.OFFICE, (), "Li.Si@example.org")
    keeper.enable(HOUSE, "lisi")
    keeper.change(HOUSE, "lisi", name="李四", role=Role.OFFICE, units=(), email="Li.Si@example.org")
    return shared


def accounts(server: Server) -> Accounts:
    return open_entrance(server.workbook).accounts


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """A browser without a window; it follows no redirect by itself."""
    with httpx.Client(base_url=server.url, headers={"accept": "text/html"}, trust_env=False) as opened:
        yield opened


def to_provider(client: httpx.Client, path: str = "/") -> str:
    """Ask for a page, take the service's way; gives the address the provider sends one back to."""
    asked = client.get("/signin/service", params={"next": path})
    assert asked.status_code == 303, asked.text
    onward = client.get(asked.headers["location"])
    assert onward.status_code == 303, onward.text
    return str(client.get(onward.headers["location"]).headers["location"])


def is_in(client: httpx.Client) -> bool:
    return client.get("/phases").status_code == 200


def no_session(answer: httpx.Response) -> bool:
    return all("tuogou_session=" not in value for value in answer.headers.get_list("set-cookie"))


# what it gives


def test_a_deep_link_survives_and_so_does_a_reload_until_signing_out(
    server: Server, provider: Provider, window: BrowserContext
) -> None:
    provider.asks = True
    page = window.new_page()
    page.goto(f"{server.url}/phases?asof=2016-02-29&lang=en")
    page.get_by_role("link", name="Sign in with the sign-in service").click()
    page.click("#yes")
    expect(page.locator("h1")).to_have_text("Phases", timeout=30_000)
    assert "asof=2016-02-29" in page.url
    held = {found["name"]: found for found in window.cookies()}
    assert not [name for name in held if name.startswith("_streamlit_user")]
    assert held["tuogou_session"]["httpOnly"]
    assert "tuogou_wanted" not in held
    page.reload()
    expect(page.locator("h1")).to_have_text("Phases", timeout=30_000)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Please sign in again")).to_be_visible(timeout=15_000)
    window.clear_cookies()
    window.add_cookies(list(held.values()))  # an old copy
    page.goto(f"{server.url}/phases")
    assert urlsplit(page.url).path == "/signin"


def test_an_account_disabled_while_open_is_out_at_once_and_stays_out(server: Server, window: BrowserContext) -> None:
    page = window.new_page()
    page.goto(server.url)
    _by_service(page)
    expect(page.locator("h1")).to_have_text("总览", timeout=30_000)
    accounts(server).disable(HOUSE, "lisi")
    expect(page.get_by_text("请重新登录")).to_be_visible(timeout=15_000)
    page.goto(server.url)
    _by_service(page)
    expect(page.locator("h1")).to_have_text("没有登录")
    expect(page.locator("main")).to_contain_text("没有开通账号")


def test_an_unknown_mail_address_is_told_in_words_and_is_in_no_loop(
    server: Server, provider: Provider, window: BrowserContext
) -> None:
    provider.says(email="stranger@example.org")
    page = window.new_page()
    page.goto(f"{server.url}/phases")
    _by_service(page)
    expect(page.locator("main")).to_contain_text("“stranger@example.org”没有开通账号")
    assert not [found for found in window.cookies() if found["name"].startswith(("_streamlit_user", "tuogou"))]
    page.get_by_role("link", name="回到首页").click()
    expect(page.locator("h1")).to_have_text("登录")
    assert parse_qs(urlsplit(page.url).query)["next"] == ["/phases"]


def test_somebody_who_says_no_at_the_provider_is_told_so(
    server: Server, provider: Provider, window: BrowserContext
) -> None:
    provider.asks = True
    page = window.new_page()
    page.goto(server.url)
    _by_service(page)
    page.click("#no")
    expect(page.locator("main")).to_contain_text("没有确认您的身份")


def _by_service(page: Page) -> None:
    page.get_by_role("link", name="用统一身份认证登录").click()


def test_what_the_service_says_may_be_longer_than_a_cookie(client: httpx.Client, provider: Provider) -> None:
    provider.says(email="li.si@example.org", groups=["g" * 100] * 90)
    assert client.get(to_provider(client)).status_code == 303
    assert is_in(client)


def test_a_one_time_password_that_was_never_used_asks_for_nothing(client: httpx.Client, server: Server) -> None:
    found = accounts(server).get("lisi")
    assert found is not None
    assert found.must_change
    assert client.get(to_provider(client, "/rules")).headers["location"] == "/rules"
    assert is_in(client)


@pytest.mark.parametrize(
    "change",
    [{"password": NO_HASH}, {"email": "other@example.org"}, {"disabled": True}],
    ids=lambda change: next(iter(change)),
)
def test_a_session_ends_with_what_it_was_opened_by(
    client: httpx.Client, server: Server, change: dict[str, object]
) -> None:
    """Even when it is changed in the file, where nobody ends sessions."""
    client.get(to_provider(client))
    assert is_in(client)
    accounts(server).credentials.change(lambda entries: entries["lisi"].update(change))
    assert not is_in(client)


def test_whoever_comes_in_ends_the_session_of_whoever_was_there(client: httpx.Client, server: Server) -> None:
    back = to_provider(client)
    former = come_in(server.workbook, Role.VIEWER, user="former")
    client.cookies.update(cookie(former))
    assert client.get(back).status_code == 303
    assert open_entrance(server.workbook).sessions.visitor(former) is None


# what it must not


def test_a_cookie_of_streamlit_opens_nothing_even_if_it_is_genuine(client: httpx.Client, server: Server) -> None:
    """None is ever handed out; one that somebody made with the server's own secret is worth nothing either."""
    told = {"email": "li.si@example.org", "email_verified": True, "aud": CLIENT, "iat": int(time.time()), "sub": "1",
            "origin": server.url, "is_logged_in": True, "provider": "default"}  # fmt: skip
    made = create_signed_value(COOKIE_SECRET, "_streamlit_user", json.dumps(told)).decode()
    client.cookies.set("_streamlit_user", made)
    for path in ("/", "/phases"):
        assert client.get(path).headers["location"].startswith("/signin?"), path
    answer = client.get("/oauth2callback")
    assert answer.status_code == 400
    assert no_session(answer)
    assert any(value.startswith('_streamlit_user="";') for value in answer.headers.get_list("set-cookie"))


def test_an_answer_meant_for_another_browser_is_refused(client: httpx.Client, server: Server) -> None:
    """Somebody sends his own way back to somebody else, who would then work in his account."""
    back = to_provider(client)
    with httpx.Client(base_url=server.url, trust_env=False) as other:
        to_provider(other)
        answer = other.get(back)
        assert answer.status_code == 400
        assert no_session(answer)
        assert not is_in(other)


def test_an_answer_opens_one_session_only(client: httpx.Client) -> None:
    back = to_provider(client)
    before = dict(client.cookies)
    assert client.get(back).status_code == 303
    client.cookies.clear()
    client.cookies.update(before)  # with the state of the sign-in as it was
    answer = client.get(back)
    assert answer.status_code == 400
    assert no_session(answer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email": None},
        {"email": ["li.si@example.org"]},
        {"email": "l\u0131.si@example.org"},
        {"email": "li.\u017fi@example.org"},
        {"iss": "https://elsewhere.example.org"},
        {"aud": "another-app"},
        {"aud": "another-app", "azp": CLIENT},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
    ],
    ids=str,
)
def test_what_the_service_did_not_say_or_not_to_us_opens_nothing(
    client: httpx.Client, provider: Provider, wrong: dict[str, object]
) -> None:
    provider.says(**{"email": "li.si@example.org", **wrong})
    answer = client.get(to_provider(client))
    assert answer.status_code in (400, 403)
    assert no_session(answer)
    assert not is_in(client)


def test_a_token_that_somebody_else_signed_opens_nothing(client: httpx.Client, provider: Provider) -> None:
    provider.key = FORGED
    answer = client.get(to_provider(client))
    assert answer.status_code == 400
    assert no_session(answer)


def test_two_accounts_with_one_address_are_nobody(client: httpx.Client, server: Server) -> None:
    """The app refuses that; a hand in the file does not."""
    keeper = accounts(server)
    keeper.credentials.change(lambda entries: entries.update(twin={**entries["lisi"], "roles": ["admin"]}))
    try:
        assert client.get(to_provider(client)).status_code == 403
    finally:
        keeper.credentials.change(lambda entries: entries.pop("twin"))


def test_another_name_of_the_server_is_told_where_to_go(client: httpx.Client, server: Server) -> None:
    answer = client.get("/signin/service", headers={"host": "elsewhere.example.org"})
    assert answer.status_code == 400
    assert f'href="{server.url}/signin?next=' in answer.text
    answer = client.get(to_provider(client), headers={"host": "elsewhere.example.org"})
    assert answer.status_code == 400
    assert no_session(answer)


@pytest.mark.parametrize("wanted", ["//evil.example.org", "https://evil.example.org/phases", "/auth/logout", "/\\evil"])
def test_nobody_is_sent_elsewhere_afterwards(client: httpx.Client, wanted: str) -> None:
    assert client.get(to_provider(client, wanted)).headers["location"] == "/"


def test_a_forged_memory_of_the_wanted_page_sends_nobody_elsewhere(client: httpx.Client) -> None:
    back = to_provider(client)
    client.cookies.set("tuogou_wanted", "next=https%3A%2F%2Fevil.example.org")
    assert client.get(back).headers["location"] == "/"


def test_a_provider_that_does_not_answer_is_told_in_words(client: httpx.Client, provider: Provider) -> None:
    provider.works = False
    asked = client.get("/signin/service")
    answer = client.get(asked.headers["location"])
    assert answer.status_code == 502
    assert "统一身份认证没有接通" in answer.text


def test_the_state_of_a_sign_in_is_kept_to_secret_connections(client: httpx.Client) -> None:
    onward = client.get("/signin/service").headers["location"]
    for scheme, secure in (("http", False), ("https", True)):
        [held] = client.get(onward, headers={"x-forwarded-proto": scheme}).headers.get_list("set-cookie")
        assert held.startswith("_streamlit_session=")
        assert "httponly" in held.lower()
        assert ("secure" in held.lower()) is secure


def test_only_the_way_in_is_open(client: httpx.Client, server: Server) -> None:
    assert client.get("/auth/logout").status_code == 401
    for way in WAYS:
        assert client.post(way).status_code == 405, way
    assert client.get("/auth/login", params={"provider": "forged"}).status_code == 502
    client.cookies.update(cookie(come_in(server.workbook, Role.OFFICE)))
    assert client.get("/auth/logout").status_code == 404


INCOMPLETE = {
    "nothing": "",
    "no secret of the client": AUTH % (COOKIE_SECRET, CLIENT, "", "http://127.0.0.1:1"),
    "a short cookie secret": AUTH % ("short", CLIENT, SECRET, "http://127.0.0.1:1"),
}


@pytest.mark.parametrize("settings", list(INCOMPLETE))
def test_without_complete_settings_there_is_no_such_way(sample: Path, tmp_path: Path, settings: str) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(INCOMPLETE[settings], encoding="utf-8")
    server = Server(sample, tmp_path / "server.log", "--secrets.files", str(file))
    try:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            page = client.get("/signin")
            assert page.status_code == 200
            assert "/signin/service" not in page.text
            for way in WAYS:
                assert client.get(way).status_code == client.get("/no-such-path").status_code == 401, way
            client.cookies.update(cookie(come_in(sample, Role.ADMIN)))
            for way in WAYS:
                assert client.get(way).status_code == client.get("/no-such-path").status_code == 404, way
        assert ("the sign-in service is off" in server.log.read_text(encoding="utf-8")) == (settings != "nothing")
    finally:
        server.stop()
