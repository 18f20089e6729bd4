"""The doors of a running server: every page and route for every role and none, and everything that is no request."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import yaml
from streamlit.proto.BackMsg_pb2 import BackMsg

from lib.services import work
from lib.services.board import Board
from lib.services.entrance import Entrance
from lib.services.keeper_file import FileKeeper
from lib.services.passwords import hashed
from lib.services.policy import OPERATOR, Actor
from lib.services.settings import folder_of, now, today
from lib.store.journal import Journal
from lib.store.xlsx import XlsxStore
from lib.ui.navigation import PAGE_OF
from lib.ui.session import LINK_COOKIE, USER_COOKIE
from sheets_schema.plan import Plan
from tests.entrance import come_in, cookie, keep
from tests.security.conftest import MUST_CHANGE, NOBODY, Whoever
from tests.security.wire import FORM, OMITTED, Answer, Wire
from tests.server import ROOT, Server

PASSWORD = "一句好记的话 2016"
ROLES = ("admin", "office", "unit", "viewer", "leader", MUST_CHANGE, NOBODY)
INSIDE = ("admin", "office", "unit", "viewer")
IN, AWAY, GONE, SHUT, WRONG = "200", "403", "404", "401", "405"
TO_SIGN_IN, TO_PASSWORD, HOME = "303 /signin", "303 /password", "303 /"


def line(inside: str, leader: str, must: str, nobody: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(INSIDE, inside) | {"leader": leader, MUST_CHANGE: must, NOBODY: nobody} | others


PAGE = line(IN, HOME, TO_PASSWORD, TO_SIGN_IN)
OF_STREAMLIT, ABSENT, OPEN = line(IN, IN, AWAY, SHUT), line(GONE, GONE, AWAY, SHUT), line(IN, IN, IN, IN)
EXPECTED: dict[str, dict[str, str]] = {
    "/": line(IN, IN, TO_PASSWORD, TO_SIGN_IN),
    **{path: PAGE for path in PAGE_OF if path not in ("/", "/brief", "/admin", "/rollup")},
    "/phases?asof=2016-03-31&lang=en": PAGE,
    "/admin": line(IN, HOME, TO_PASSWORD, TO_SIGN_IN, unit=AWAY, viewer=AWAY),
    "/reminders": line(IN, HOME, TO_PASSWORD, TO_SIGN_IN, viewer=AWAY),
    "/password": line(IN, GONE, IN, TO_SIGN_IN),
    "/signout": line(WRONG, GONE, WRONG, TO_SIGN_IN),
    "/signin": line(HOME, IN, HOME, IN),
    "/healthz": OPEN, "/readyz": OPEN, "/door.css": OPEN, "/icon.svg": OPEN, "/robots.txt": OPEN,
    "/_stcore/health": OF_STREAMLIT, "/_stcore/host-config": OF_STREAMLIT,
    "/files/brief": line(IN, IN, AWAY, SHUT),
    "/files/quarterly": line(AWAY, AWAY, AWAY, SHUT, admin=IN, office=IN),
    "/files/implementation": line(AWAY, AWAY, AWAY, SHUT, admin=IN, office=IN, unit=IN),
    "/files/unknown": line(AWAY, AWAY, AWAY, SHUT), "/files/": line(AWAY, AWAY, AWAY, SHUT),
    "/l/forged": line(GONE, GONE, GONE, GONE),
    "/calendar.ics": line(GONE, GONE, GONE, GONE), "/calendar.ics?t=forged": line(GONE, GONE, GONE, GONE),
    "/api/progress.json": line(IN, AWAY, AWAY, SHUT), "/api/progress.json?t=": line(SHUT, SHUT, SHUT, SHUT),
    "/files/calendar": line(IN, AWAY, AWAY, SHUT),
} | dict.fromkeys(
    ("/media/x", "/media/" + "0" * 56 + ".csv", "/component/x/y", "/_stcore/bidi-components/x", "/_stcore/stream",
     "/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/openapi.json", "/_stcore/script-health-check",
     "/_stcore/message", "/_stcore/allowed-message-origins", "/auth/logout", "/app/static/x", "/overview",
     "/overview.py", "/pages/admin.py", "/lib/shell.py", "/.streamlit/secrets.toml", "/accounts.yaml", "/docs",
     "/admin/", "/Admin", "/ADMIN", "/admin;x", "/admin%20", "//admin", "/./admin%2f", "/signin/x", "/l/", "/l/a/b",
     "/rollup", "/api/", "/api/progress", "/api/progress.json/x", "/calendar.ics/x",
     "/l/a/_stcore/health", "/phases/_stcore/health", "/healthz/", "/healthz/x", "/door.css/../admin%00"),
    ABSENT,
)  # fmt: skip
"""Path → role → what becomes of looking at it; for a path that Streamlit's own wall refuses, 400 is as good."""


@pytest.mark.parametrize("role", ROLES)
def test_every_page_and_route_for_every_role_and_none(whoever: Whoever, role: str):
    somebody, wrong = whoever(role), []
    for path, told in EXPECTED.items():
        for method in ("GET", "HEAD"):
            answer = somebody.ask(path, method)
            found = f"{answer.status} {urlsplit(answer.to).path}".strip()
            if (path, method) == ("/l/forged", "HEAD"):  # a preview of a link learns nothing of it
                assert found == IN
            elif found not in (told[role], "400" if told is ABSENT else ""):
                wrong.append((method, path, found, told[role]))
    assert not wrong


def test_the_table_has_every_page():
    for path, page in PAGE_OF.items():
        assert path in EXPECTED or page == "brief", path


@pytest.mark.skipif("/brief" not in PAGE_OF, reason="the leaders' page is not there yet")
@pytest.mark.parametrize("role", ROLES)
def test_the_leaders_page_has_its_own_address_for_those_with_an_account(whoever: Whoever, role: str):
    told = line(IN, HOME, TO_PASSWORD, TO_SIGN_IN)[role]
    answer = whoever(role).ask("/brief")
    assert f"{answer.status} {urlsplit(answer.to).path}".strip() == told


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X"])
@pytest.mark.parametrize("role", ["admin", "leader", NOBODY])
def test_nothing_but_looking_does_anything(whoever: Whoever, role: str, method: str):
    somebody = whoever(role)
    paths = (
        "/",
        "/admin",
        "/changes",
        "/healthz",
        "/door.css",
        "/l/x",
        "/static/x",
        "/media/x",
        "/readyz",
        "/_stcore/health",
    )
    for path in paths:
        answer = somebody.ask(path, method)
        assert answer.status in (400, 401, 404, 405), (path, answer.status)
        assert "cookie" not in answer.body.lower()
        assert not answer.cookies
    assert somebody.ask("/signin", method).status in ((401,) if method == "POST" else (400, 405))


@pytest.mark.parametrize("role", ROLES)
def test_no_file_is_taken_in_without_a_page_that_asked_for_it(whoever: Whoever, role: str):
    somebody = whoever(role)
    for method in ("PUT", "POST", "DELETE", "OPTIONS", "GET"):
        answer = somebody.ask("/_stcore/upload_file/session/file", method, b"x" if method in ("PUT", "POST") else b"")
        may = role in ("admin", "office", "unit")
        allowed = {"GET": (200,), "OPTIONS": (204,)}.get(method, (403, 405)) if may else (401, 403)
        assert answer.status in allowed, method
        assert "sandbox" in answer.get("content-security-policy") or answer.status != 200


# sessions that are none


def signed_in(server: Server, door: Entrance, user: str = "lina") -> Wire:
    """Somebody who has just come in."""
    keep(door, user, "office")
    return Wire.of(server.url, cookie(come_in(server.workbook, "office", user=user)))


def is_nobody(wire: Wire) -> bool:
    """Whether the server treats somebody as nobody: pages, files and sockets."""
    page, file = wire.ask("/phases"), wire.ask("/_stcore/health")
    return page.status == 303 and page.to.startswith("/signin") and file.status == 401 and wire.refused_tab()


ENDED: dict[str, Callable[[Entrance, str], object]] = {
    "signed out": lambda door, token: door.sessions.sign_out(token),
    "disabled": lambda door, token: door.accounts.disable(OPERATOR, "lina"),
    "reset": lambda door, token: door.accounts.reset(OPERATOR, "lina"),
    "renamed": lambda door, token: door.accounts.credentials.change(lambda users: users.update(li2=users.pop("lina"))),
    "removed": lambda door, token: door.accounts.credentials.change(lambda users: users.pop("lina")),
    "another password": lambda door, token: door.accounts.credentials.change(
        lambda users: users["lina"].update(password="$2b$12$" + "x" * 53)
    ),
}


@pytest.mark.parametrize("how", ENDED)
def test_the_cookie_of_a_session_that_has_ended_opens_nothing(server: Server, door: Entrance, how: str):
    somebody = signed_in(server, door)
    assert somebody.ask("/phases").status == 200
    ENDED[how](door, somebody.cookies[USER_COOKIE])
    assert is_nobody(somebody)


def test_signing_out_by_the_form_ends_the_session_and_its_cookie(server: Server, door: Entrance):
    somebody = signed_in(server, door)
    assert somebody.post("/signout", {}, origin="http://evil.example").status == 403
    assert somebody.ask("/phases").status == 200
    answer = somebody.post("/signout", {})
    assert answer.to == "/signin"
    assert 'tuogou_session=""' in answer.get("set-cookie")
    assert is_nobody(somebody)


def test_forged_cut_and_exchanged_cookies_open_nothing(server: Server, door: Entrance, whoever: Whoever):
    user, leader = whoever("admin").cookies[USER_COOKIE], whoever("leader").cookies[LINK_COOKIE]
    digest = door.accounts.access.find(user)
    assert digest is not None
    tries = [user[:-1], user + "A", user.swapcase(), "", "x" * 5000, "\xff\xfe", "%00", '"', "' or 1=1", digest.digest]
    for forged in tries:
        assert is_nobody(Wire.of(server.url, {USER_COOKIE: forged})), forged
        assert is_nobody(Wire.of(server.url, {LINK_COOKIE: forged})), forged
    assert is_nobody(Wire.of(server.url, {LINK_COOKIE: user}))
    assert is_nobody(Wire.of(server.url, {USER_COOKIE: leader}))
    assert is_nobody(Wire.of(server.url, {"tuogou_Session": user, "session": user, "_streamlit_user": user}))
    assert not is_nobody(Wire.of(server.url, {USER_COOKIE: user}))


@pytest.mark.parametrize(
    "jar", ["tuogou_session", "=;=;;;", "a=b; ; ;=", "tuogou_session=\xff\xfe", 'tuogou_link="\\', "x" * 8000]
)
def test_a_malformed_cookie_header_is_nobodys(server: Server, jar: str):
    answer = Wire.of(server.url).ask("/phases", cookie=jar)
    assert answer.status in (303, 400, 431)
    assert Wire.of(server.url).ask("/healthz").status == 200


def test_a_one_time_password_opens_no_socket(whoever: Whoever):
    assert whoever(MUST_CHANGE).refused_tab()
    assert not whoever("viewer").refused_tab()


# sockets


def test_a_socket_needs_a_session_the_right_place_and_our_own_page(whoever: Whoever, server: Server):
    somebody = whoever("admin")
    assert Wire.of(server.url).refused_tab()
    for origin in (
        "http://evil.example",
        "https://evil.example",
        "null",
        "http://[",
        "file://",
        f"http://127.0.0.1.evil.example:{somebody.port}",
    ):
        assert somebody.refused_tab(origin=origin), origin
    for path in ("/", "/stream", "/_stcore/stream/", "/_stcore/health", "/x/_stcore/stream", "/l/x"):
        assert somebody.refused_tab(path=path), path
    assert not somebody.refused_tab()


@pytest.fixture(scope="module")
def a_change(server: Server, plan: Plan) -> Journal:
    """Something in the journal that can be undone."""
    keeper = FileKeeper(XlsxStore(server.workbook), folder_of(server.workbook), now)
    board = Board(keeper, plan, today=today)
    board.refresh()
    assert board.commands is not None
    record = next(iter(keeper.grids["associations"].rows))
    office = Actor("李四", "office", user="lina")
    assert board.commands.act(office, "改", work.edit("associations", record, {"remark": "改过"})).allowed
    with Wire.of(server.url, cookie(come_in(server.workbook, user="wait"))).tab() as tab:
        pages = tab.run().pages
        for _try in range(100):  # the server has seen it
            if "撤销我的上一步" in tab.run(pages["changes"]).buttons:
                return keeper.journal
    raise AssertionError("the change does not show")


def recorded(journal: Journal) -> int:
    """How many acts of people it holds; what the server notes of its own accord may come at any time."""
    return sum(entry.kind == "command" for entry in journal.entries())


@pytest.fixture(scope="module")
def hashes(whoever: Whoever) -> dict[str, str]:
    """Page → the hash Streamlit knows it by."""
    with whoever("admin").tab() as tab:
        return tab.run().pages


TITLES = {
    "/": "总览",
    "phases": "阶段",
    "health": "数据体检",
    "changes": "变更与冲突",
    "rules": "规则依据",
    "admin": "管理",
}


def test_pages_come_to_those_who_may_see_them(whoever: Whoever, hashes: dict[str, str]):
    assert set(TITLES) <= set(hashes) | {"/"}
    with whoever("admin").tab() as tab:
        for page, title in TITLES.items():
            assert tab.run(hashes.get(page, hashes.get("", ""))).headings[:1] == [title], page


@pytest.mark.parametrize(("role", "hidden"), [("viewer", ["admin"]), ("unit", ["admin"]), ("leader", [*TITLES])])
def test_no_page_comes_by_its_hash_to_those_who_may_not_see_it(
    whoever: Whoever, hashes: dict[str, str], role: str, hidden: list[str]
):
    for page in hidden:
        with whoever(role).tab() as tab:
            for shown in (tab.run(hashes[page]), tab.run(hashes[page], page_name=page), tab.run(page_name=page)):
                assert shown.headings[:1] != [TITLES[page]], page
                assert "admin" not in shown.pages
                assert "审计记录" not in shown.text
                if role == "leader":
                    assert set(shown.pages) <= {"/", "brief"}


STALE = {
    "rerun": lambda tab, first: tab.run(),
    "rerun of another page": lambda tab, first: tab.run(first.pages["admin"]),
    "button": lambda tab, first: tab.press(first.buttons["撤销我的上一步"]),
    "fragment": lambda tab, first: tab.run(fragment_id=first.fragments[0]),
    "fragment by itself": lambda tab, first: tab.run(fragment_id=first.fragments[0], is_auto_rerun=True),
    "stop": lambda tab, first: tab.send(BackMsg(stop_script=True)),
    "heartbeat": lambda tab, first: tab.send(BackMsg(app_heartbeat=True)),
    "upload": lambda tab, first: tab.send(BackMsg(file_urls_request={"request_id": "1", "file_names": ["x"]})),
    "deferred file": lambda tab, first: tab.send(operation(deferred_file={"file_id": "x"})),
    "chunk": lambda tab, first: tab.send(operation(dataframe_chunk={})),
}


def operation(**payload: object) -> BackMsg:
    """A request to the server behind a page; fields that this version lacks are left out."""
    message = BackMsg()
    asked = message.backend_operation_request
    for name in payload:
        getattr(asked, name).SetInParent()
    return message


@pytest.mark.parametrize("what", STALE)
@pytest.mark.parametrize("ending", ["signed out", "disabled"])
def test_a_page_that_was_open_when_its_session_ended_says_so_and_nothing_else(
    server: Server, door: Entrance, hashes: dict[str, str], a_change: Journal, what: str, ending: str
):
    somebody, before = signed_in(server, door), recorded(a_change)
    with somebody.tab() as tab:
        tab.run(hashes["changes"])
        first = tab.run(hashes["changes"])
        assert first.headings == ["变更与冲突", *first.headings[1:]]
        ENDED[ending](door, somebody.cookies[USER_COOKIE])
        for _again in range(2):
            shown = STALE[what](tab, first)
            assert shown.headings == []
            assert len(shown.alerts) == 1
            assert "请重新登录" in shown.alerts[0]
            assert not shown.buttons
            assert "dataframe" not in shown.text
    assert recorded(a_change) == before


def test_a_button_pressed_while_the_session_lasts_does_something(
    server: Server, door: Entrance, hashes: dict[str, str], a_change: Journal
):
    with signed_in(server, door).tab() as tab:
        tab.run(hashes["changes"])
        first = tab.run(hashes["changes"])
        before = recorded(a_change)
        tab.press(first.buttons["撤销我的上一步"])
        assert recorded(a_change) > before


def test_who_was_given_another_role_is_that_at_the_next_message(server: Server, door: Entrance, hashes: dict[str, str]):
    somebody = signed_in(server, door, "wechsel")
    with somebody.tab() as tab:
        tab.run(hashes["admin"])
        first = tab.run(hashes["admin"])
        assert "管理" in first.headings
        door.accounts.change(OPERATOR, "wechsel", name="李", role="viewer", units=(), email="")
        shown = tab.run(fragment_id=first.fragments[0])
        assert shown.pages  # the whole page was made anew, not the fragment alone
        assert "管理" not in shown.headings
        assert "admin" not in shown.pages


DEVELOPERS = {
    "clear the caches": BackMsg(clear_cache=True),
    "cut the socket": BackMsg(debug_disconnect_websocket=True),
    "stop the server": BackMsg(debug_shutdown_runtime=True),
    "load": BackMsg(load_git_info=True),
    "nothing": BackMsg(),
}


@pytest.mark.parametrize("what", DEVELOPERS)
def test_what_is_for_developers_reaches_nothing(whoever: Whoever, what: str):
    somebody = whoever("admin")
    with somebody.tab() as tab:
        tab.run()
        before = somebody.ask("/readyz").body
        tab.socket.send(DEVELOPERS[what].SerializeToString())
        assert tab.quiet()
        assert tab.run().headings[0] == "总览"
        assert somebody.ask("/readyz").body == before


def test_every_other_operation_of_streamlit_reaches_nothing(whoever: Whoever):
    fields = BackMsg().backend_operation_request.DESCRIPTOR.oneofs_by_name["payload"].fields
    others = [field.name for field in fields if field.name not in ("deferred_file", "dataframe_chunk")]
    assert others
    with whoever("admin").tab() as tab:
        tab.run()
        for name in others:
            tab.socket.send(operation(**{name: {}}).SerializeToString())
        assert tab.quiet()


@pytest.mark.parametrize("frame", ["text", "\0", b"x" * (4 * 2**20 + 1)], ids=["text", "nul", "oversize"])
def test_text_and_oversize_frames_close_the_socket(whoever: Whoever, frame: str | bytes):
    somebody = whoever("viewer")
    with somebody.tab() as tab:
        tab.run()
        tab.socket.send(frame)
        assert tab.is_closed()
    assert somebody.ask("/healthz").status == 200


@pytest.mark.parametrize("frame", [b"", b"\xff" * 100, b"garbage", bytes(range(256)), b"\x0a\xff\xff\xff\xff\x0f"])
def test_garbage_frames_are_nothing(whoever: Whoever, frame: bytes):
    with whoever("viewer").tab() as tab:
        tab.run()
        tab.socket.send(frame)
        assert tab.run().headings[0] == "总览"


# forms


@pytest.fixture(scope="module")
def signer(door: Entrance) -> str:
    """An account with a real password."""
    keep(door, "signer", "office", name="张三")
    door.accounts.credentials.change(lambda users: users["signer"].update(password=hashed(PASSWORD)))
    return "signer"


def test_signing_in_gives_a_cookie_no_script_can_read(server: Server, signer: str):
    wire = Wire.of(server.url)
    answer = wire.post("/signin", {"user": signer, "password": PASSWORD, "next": "/health?rule=S15&lang=en"})
    assert (answer.status, answer.to) == (303, "/health?rule=S15&lang=en")
    told = answer.get("set-cookie").lower()
    assert "httponly" in told
    assert "samesite=lax" in told
    assert "path=/" in told
    assert "secure" not in told
    assert Wire.of(server.url, answer.cookies).ask("/health").status == 200
    behind_tls = wire.post(
        "/signin",
        {"user": signer, "password": PASSWORD},
        origin=f"https://127.0.0.1:{wire.port}",
        x_forwarded_proto="https",
    )
    assert "secure" in behind_tls.get("set-cookie").lower()


CROSS = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://["},
    {"origin": ""},
    {"origin": "http://"},
    {"origin": "https://127.0.0.1"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "http://127.0.0.1.evil.example"},
    {"origin": "http://evil.example@127.0.0.1:1"},
    {"origin": "http://evil.example", "sec_fetch_site": "same-origin"},
]


@pytest.mark.parametrize("headers", CROSS, ids=[str(headers) for headers in CROSS])
def test_a_form_from_another_site_does_nothing(server: Server, door: Entrance, signer: str, headers: dict[str, str]):
    somebody = signed_in(server, door)
    for path in ("/signin", "/signout", "/password"):
        values = {"user": signer, "password": PASSWORD, "old": "x", "new": "y", "again": "y"}
        answer = somebody.post(path, values, **headers)
        assert answer.status == 403
        assert not answer.cookies
    assert somebody.ask("/phases").status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "same-origin, cross-site"])
def test_a_browser_that_names_no_origin_names_the_site(server: Server, door: Entrance, site: str):
    somebody = signed_in(server, door)
    answer = somebody.ask("/signout", "POST", b"x=1", **FORM, sec_fetch_site=site)
    assert answer.status == 403
    assert somebody.ask("/phases").status == 200


ELSEWHERE = [
    "//evil.example",
    "https://evil.example",
    "http:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "///evil.example",
    "/%2f%2fevil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil.example/health",
    "https:///health",
    "/health\r\nSet-Cookie: a=b",
    "\t//evil.example",
    " //evil.example",
    "/\t/evil.example",
    "//[",
    "http://[::1",
    "/health@evil.example",
    "/signout",
    "/l/x",
    "/../..",
    "/x",
    "//127.0.0.1@evil.example",
    "//evil.example?/health",
    "?next=//evil.example",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_elsewhere(server: Server, signer: str, whoever: Whoever, wanted: str):
    values = {"user": signer, "password": PASSWORD, "next": wanted}
    answers = [whoever("viewer").ask(f"/signin?next={quote(wanted)}")]
    if wanted in ELSEWHERE[:3] or "\r" in wanted:
        answers.append(Wire.of(server.url).post("/signin", values))
    for answer in answers:
        assert answer.status == 303
        parts = urlsplit(answer.to)
        assert not parts.scheme
        assert not parts.netloc
        assert parts.path in ("/", "/health")
        assert not answer.to.startswith(("//", "/\\"))
        assert set(answer.cookies) <= {USER_COOKIE}
    form = Wire.of(server.url).ask(f"/signin?next={quote(wanted)}")
    assert form.status == 200
    assert "evil.example" not in form.body


HOSTILE = [
    '"><script>alert(1)</script>',
    "xx\r\nX-Evil: 1",
    "../../etc/passwd",
    "\0",
    "zh'\"",
    "%0d%0aX-Evil:1",
    "x" * 5000,
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_of_a_request_becomes_a_header_or_markup(server: Server, whoever: Whoever, value: str):
    asked = quote(value)
    wire = Wire.of(server.url)
    answers = [
        wire.ask(f"/signin?lang={asked}&next={asked}"),
        wire.ask(f"/{asked[:2000]}"),
        wire.ask(f"/phases?asof={asked}&lang={asked}"),
        wire.ask(f"/l/x?lang={asked}"),
        whoever("viewer").ask(f"/phases?lang={asked}"),
        wire.post(f"/signin?lang={asked}", {"user": value, "password": "x", "next": value}),
    ]
    for answer in answers:
        assert 200 <= answer.status < 500
        assert not answer.get("x-evil")
        assert "<script>alert" not in answer.body


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "127.0.0.1@evil.example", "a b", "[", "x" * 300]
)
def test_the_host_header_sends_nobody_elsewhere(server: Server, host: str):
    answer = Wire.of(server.url).ask("/phases", host=host)
    assert answer.status in (303, 400)
    assert "evil" not in answer.to
    assert "evil" not in answer.body


# bodies and paths


def test_a_body_that_is_too_large_is_refused_and_the_server_lives(server: Server):
    wire = Wire.of(server.url)
    tries = {
        "declared": wire.ask("/signin", "POST", b"a=1", **FORM, content_length=str(2**40)),
        "sent": wire.ask("/signin", "POST", b"a" * (64 * 2**10 + 1), **FORM),
        "chunked": chunked(wire, b"a" * 2**16, 2),
        "many chunks": chunked(wire, b"a" * 1000, 100),
        "to a page": wire.ask("/", "POST", b"a" * 2**17, **FORM),
    }
    assert {how: answer.status for how, answer in tries.items()} == {
        "declared": 413, "sent": 413, "chunked": 413, "many chunks": 413, "to a page": 401,
    }  # fmt: skip
    assert wire.ask("/healthz").status == 200


def chunked(wire: Wire, piece: bytes, times: int) -> Answer:
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for _n in range(times)) + b"0\r\n\r\n"
    return wire.ask("/signin", "POST", body, **FORM, content_length=OMITTED, transfer_encoding="chunked")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "0x10", "1, 2", "99999999999999999999999", "٣"])
def test_a_length_that_is_none_is_refused(server: Server, length: str):
    answer = Wire.of(server.url).ask("/signin", "POST", b"a=1", **FORM, content_length=quote(length, safe=", "))
    assert answer.status in (400, 413)


FORMS = [
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Dispos"),
    ("multipart/form-data", b"--x"),
    ("multipart/form-data; boundary=x", b"garbage"),
    ("multipart/form-data; boundary=", b""),
    ("application/json", b"{}"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="user"; filename="a"\r\n\r\nhi\r\n--x--\r\n',
    ),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(3000))),
    ("", b"user=a"),
    ("x" * 500, b"user=a"),
    ("application/x-www-form-urlencoded", b"user=%ED%A0%80&password=%ff%00%ED%A0%80"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"user=+ADw-script+AD4-"),
    ("application/x-www-form-urlencoded", b"\xff\xfe=\x00&&&=%"),
    ("application/x-www-form-urlencoded", b"next=//[&user=a&password=b"),
]


@pytest.mark.parametrize(("kind", "body"), FORMS, ids=range(len(FORMS)))
def test_a_form_that_is_none_is_a_failed_sign_in_or_a_bad_request(server: Server, kind: str, body: bytes):
    answer = Wire.of(server.url, address="10.3.3.3").ask("/signin", "POST", body, content_type=kind)
    assert answer.status in (400, 401)
    assert not answer.cookies


OUTSIDE = [
    "/..%2f..%2fetc/passwd",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/static/../../app.py",
    "/static/..%2f..%2fapp.py",
    "/static/%2e%2e%2f%2e%2e%2fapp.py",
    "/static/..\\..\\app.py",
    "/static/%5c..%5capp.py",
    "/static//etc/passwd",
    "/static/%00",
    "/static/x%00.js",
    "/media/../app.py",
    "/media/..%2fapp.py",
    "/component/..%2f../app.py",
    "/component/x/..%2f..%2fapp.py",
    "/_stcore/bidi-components/..%2f../x",
    "/static/C:/windows/win.ini",
    "/static/\\\\host\\share",
    "/l/..%2f..%2fetc%2fpasswd",
    "/door.css/..%2f..%2fgate.py",
    "/static/....//....//app.py",
    "/static/%252e%252e/app.py",
    "/static/.git/config",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out(whoever: Whoever, path: str):
    for role in (NOBODY, "admin", "leader"):
        answer = whoever(role).ask(path)
        assert answer.status in (301, 307, 400, 401, 404) or "sandbox" in answer.get("content-security-policy")
        assert "root:" not in answer.body
        assert "st.App" not in answer.body
        assert answer.to in ("", path.rstrip("/")) or answer.to.startswith("/static")


# what every answer says


KINDS = ["/", "/phases", "/signin", "/password", "/l/x", "/nope", "/admin", "/healthz", "/readyz", "/door.css",
         "/icon.svg", "/robots.txt", "/media/x", "/component/x/y", "/_stcore/health", "/_stcore/host-config",
         "/static/x", "/static/../x"]  # fmt: skip


@pytest.mark.parametrize("role", ["admin", "viewer", "leader", MUST_CHANGE, NOBODY])
def test_every_answer_has_its_headers(whoever: Whoever, role: str):
    somebody = whoever(role)
    for path in KINDS:
        for accept in ("text/html", "*/*"):
            answer = somebody.ask(path, accept=accept)
            assert answer.get("x-content-type-options") == "nosniff", path
            assert answer.get("x-frame-options") == "DENY", path
            assert answer.get("referrer-policy") in ("no-referrer", "same-origin"), path
            assert "noindex" in answer.get("x-robots-tag"), path
            assert answer.get("cross-origin-opener-policy") == "same-origin", path
            assert not answer.get("access-control-allow-origin"), path
            if answer.get("content-type").startswith("text/html"):
                assert "no-store" in answer.get("cache-control"), path
                assert "frame-ancestors 'none'" in answer.get("content-security-policy"), path
                assert "default-src" in answer.get("content-security-policy"), path


def test_our_pages_allow_no_script_but_their_own(whoever: Whoever):
    index = whoever("viewer").ask("/").get("content-security-policy")
    scripts = re.search(r"script-src ([^;]*)", index)
    assert scripts is not None
    assert "'unsafe-inline'" not in scripts[1]
    assert "http" not in index
    assert "*" not in index
    door = whoever(NOBODY).ask("/signin").get("content-security-policy")
    assert "default-src 'none'" in door
    assert "script-src" not in door
    assert "<script" not in whoever(NOBODY).ask("/signin").body
    hosts = whoever("viewer").ask("/_stcore/host-config").body
    assert '"allowedOrigins":[]' in hosts.replace(" ", "")


def test_a_link_is_redeemed_into_a_cookie_and_taken_out_of_the_address(server: Server, door: Entrance):
    link, token = door.links.make(OPERATOR, "分管市领导")
    wire = Wire.of(server.url, address="10.4.4.4")
    for _preview in range(3):
        assert wire.ask(f"/l/{token}", "HEAD").cookies == {}
    assert uses(door, link.id) == 0
    answer = wire.ask(f"/l/{token}?lang=en&asof=2016-03-31&next=//evil.example")
    assert (answer.status, answer.to) == (303, "/?lang=en&asof=2016-03-31")
    assert uses(door, link.id) == 1
    assert token not in str(answer.headers)
    assert answer.get("referrer-policy") == "no-referrer"
    assert answer.get("cache-control") == "no-store"
    told = answer.get("set-cookie").lower()
    assert "httponly" in told
    assert "samesite=lax" in told
    reader = Wire.of(server.url, answer.cookies)
    assert reader.ask("/").status == 200
    assert not reader.refused_tab()
    door.links.revoke(OPERATOR, link.id)
    assert is_nobody(reader)
    refused = wire.ask(f"/l/{token}")
    assert refused.status == 404
    assert refused.get("referrer-policy") == "no-referrer"
    assert token not in refused.body


def uses(door: Entrance, number: int) -> int:
    return next(link.uses for link in door.links.all() if link.id == number)


def test_the_way_to_signing_in_keeps_the_page_and_nothing_else(server: Server):
    answer = Wire.of(server.url).ask("/health?rule=S15&asof=2016-03-31")
    assert parse_qs(urlsplit(answer.to).query) == {"next": ["/health?rule=S15&asof=2016-03-31"]}


# at the end: the door's own records fail, and what was said all along


def test_a_garbage_file_of_accounts_lets_nobody_in_and_says_so(
    server: Server, door: Entrance, whoever: Whoever, signer: str
):
    somebody, path = whoever("admin"), folder_of(server.workbook) / "accounts.yaml"
    good = path.read_bytes()
    for content in (b"\xff\xfegarbage", b"credentials: 5\n", b"credentials: {usernames: {signer: {issued: x}}}\n"):
        path.write_bytes(content)
        for answer in (somebody.ask("/"), somebody.post("/signin", {"user": signer, "password": PASSWORD})):
            assert answer.status == 503
            assert "暂时不能登录" in answer.body
            assert not answer.cookies
        assert somebody.ask("/media/x").status == 503
        assert somebody.refused_tab()
        assert somebody.ask("/healthz").status == 200
        assert Wire.of(server.url).ask("/signin").status == 200
    path.write_bytes(good)
    assert somebody.ask("/").status == 200
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


def test_a_garbage_database_of_sessions_lets_nobody_in_and_says_so(
    server: Server, sample_once: Path, tmp_path: Path, signer: str
):
    workbook = tmp_path / "sample.xlsx"
    workbook.write_bytes(sample_once.read_bytes())
    folder = folder_of(workbook)
    folder.mkdir()
    (folder / "access.sqlite").write_bytes(b"garbage" * 1000)
    broken = Server(workbook, tmp_path / "server.log")
    try:
        wire = Wire.of(broken.url, {USER_COOKIE: "x" * 43})
        answers = [
            wire.ask("/"),
            wire.ask("/admin"),
            wire.ask("/l/x"),
            wire.post("/signin", {"user": "a", "password": "b"}),
        ]
        for answer in answers:
            assert answer.status == 503
            assert "暂时不能登录" in answer.body
            assert str(tmp_path) not in answer.body
        assert wire.refused_tab()
        assert wire.ask("/healthz").status == 200
        assert Wire.of(broken.url).ask("/signin").status == 200
    finally:
        broken.stop()


def test_nothing_that_was_answered_names_a_path_or_shows_a_trace(whoever: Whoever, server: Server):
    home = str(Path.home())
    for role in ("admin", "leader", NOBODY):
        for path in (*EXPECTED, *OUTSIDE, "/signin?next=//[", "/oauth2callback?code=x&state=y", "/auth/login"):
            answer = whoever(role).ask(path)
            assert answer.status != 500, path
            for word in ("Traceback", "site-packages", str(ROOT), home, str(server.workbook.parent), '.py", line'):
                assert word not in answer.body, (path, word)
                assert word not in str(answer.headers), (path, word)


def test_the_servers_log_names_no_token_and_no_password(server: Server, door: Entrance, signer: str):
    _link, token = door.links.make(OPERATOR, "分管市领导")
    wire = Wire.of(server.url, address="10.5.5.5")
    wire.ask(f"/l/{token}")
    entry = wire.post("/signin", {"user": signer, "password": PASSWORD})
    wire.post("/signin", {"user": signer, "password": "a wrong password"})
    log = server.log.read_text(encoding="utf-8", errors="replace")
    for secret in (token, entry.cookies[USER_COOKIE], PASSWORD, "a wrong password", quote(PASSWORD)):
        assert secret not in log
    once = re.findall(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", log)
    assert len(once) <= 1  # the first start's own, said once on the terminal
    traces = re.findall(r"Traceback[\s\S]*?\n(\w[\w.]*(?:Error|Exception)[^\n]*)", log)
    lacking = "" if "/brief" in PAGE_OF else "`pages` parameter"  # a leader has no page until it is there
    assert [trace for trace in traces if not lacking or lacking not in trace] == []
    assert "external IP" not in log  # Streamlit asks a service outside for it when an Origin is not ours
