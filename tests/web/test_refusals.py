"""Other people's names are not answered to; what goes wrong is said in words, with no trace of how we are built."""

from __future__ import annotations

import asyncio
import http.client
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from lib.services.settings import settings
from lib.services.setup import set_up
from lib.ui.session import USER_COOKIE
from lib.web.errors import is_known
from sheets_schema.plan import Plan
from tests.entrance import come_in
from tests.server import ROOT, Server

HTML = {"Accept": "text/html"}
CRASH = """
from starlette.routing import Route
async def crash(request):
    raise RuntimeError("secret of the house in " + __file__)
routes[:] = [Route("/robots.txt", crash), *routes]
"""


class Crashing(Server):
    """The app with one more route of its own, which fails."""

    def __init__(self, workbook: Path, log: Path) -> None:
        text = (ROOT / "app.py").read_text(encoding="utf-8").replace("Path(__file__).parent", f"Path({str(ROOT)!r})")
        script = workbook.with_name("app.py")
        script.write_text(text.replace("\napp = ", f"{CRASH}\napp = "), encoding="utf-8")
        hosts = "city.example, *.gov.example, 127.0.0.1"
        super().__init__(workbook, log, script=script, PYTHONPATH=str(ROOT), TUOGOU_HOSTS=hosts)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Iterator[Crashing]:
    folder = tmp_path_factory.mktemp("refusals")
    set_up(folder / "sample.xlsx", plan, sample=True)
    made = Crashing(folder / "sample.xlsx", folder / "server.log")
    yield made
    made.stop()


def ask(
    server: Server, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, {**HTML, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def test_a_failure_of_our_own_is_said_without_a_trace_and_logged_with_one(server: Crashing):
    status, text, headers = ask(server, "/robots.txt")
    assert status == 500
    assert "出错了" in text
    assert not re.search(r"secret|Traceback|RuntimeError|\.py|starlette|uvicorn", text, flags=re.IGNORECASE)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "content-security-policy" in headers
    time.sleep(0.2)
    assert "secret of the house" in server.log.read_text(encoding="utf-8")
    assert ask(server, "/robots.txt?lang=en")[1].count("went wrong") > 0
    assert ask(server, "/robots.txt", Accept="*/*")[:2] == (500, "")


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [
        ("/nowhere", "GET", 401, "请先登录"),
        ("/signin", "DELETE", 405, "不能这样打开"),
        ("/signin", "POST", 413, "内容太大"),
    ],
)
def test_what_cannot_be_had_is_said_in_words(server: Crashing, path: str, method: str, status: int, words: str):
    answered, text, headers = ask(server, path, method, b"x" * 70_000 if method == "POST" else None)
    assert answered == status
    assert words in text
    assert '<html lang="zh-CN">' in text
    assert headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in text


def test_somebody_signed_in_is_told_the_same(server: Crashing):
    cookie = f"{USER_COOKIE}={come_in(server.workbook)}"
    assert "没有这一页" in ask(server, "/nowhere", Cookie=cookie)[1]
    for path in ("/static/js/nowhere.js", "/media/nowhere.png", "/signin/nowhere"):
        status, text, _headers = ask(server, path, Cookie=cookie)
        assert (status, "没有这一页" in text) == (404, True)


def test_a_form_that_is_none_is_refused_in_words(server: Crashing):
    status, text, _headers = ask(server, "/signin", "POST", b"-", **{"Content-Type": "multipart/form-data; boundary=x"})
    assert status in (400, 401, 403)
    assert '<html lang="zh-CN">' in text


@pytest.mark.parametrize(
    "host", ["evil.example", "city.example.evil.example", "evilcity.example", "gov.example", "[", ""]
)
def test_a_name_that_is_not_ours_is_not_answered_to(server: Crashing, host: str):
    for path in ("/signin", "/healthz", "/", "/l/x"):
        status, text, headers = ask(server, path, Host=host)
        assert status in (400, 421), path  # 400: the server below us takes it for no name at all
        if status == 421:
            assert "网址不对" in text
            assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "host", ["city.example", "City.Example:8501", "city.example.", "a.b.gov.example", "127.0.0.1:1"]
)
def test_our_own_names_are(server: Crashing, host: str):
    assert ask(server, "/signin", Host=host)[0] == 200


async def knock(server: Server, host: str) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    async with connect(
        f"ws://{host}:{port}/_stcore/stream", host="127.0.0.1", port=port, proxy=None,
        origin=Origin(f"http://{host}:{port}"), subprotocols=[Subprotocol("streamlit"), Subprotocol("x")],
        additional_headers={"Cookie": f"{USER_COOKIE}={come_in(server.workbook)}"},
    ):  # fmt: skip
        pass


def test_a_socket_is_not_opened_under_another_name(server: Crashing):
    asyncio.run(knock(server, "city.example"))
    with pytest.raises(InvalidStatus, match="403"):
        asyncio.run(knock(server, "evil.example"))


def test_without_the_setting_every_name_is_ours() -> None:
    assert is_known("anything", ())
    assert is_known("", ())


def test_names_are_taken_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().hosts == ()
    monkeypatch.setenv("TUOGOU_HOSTS", " https://City.example:8443/ ，*.gov.example,, 10.0.0.1 ")
    assert settings().hosts == ("city.example", "*.gov.example", "10.0.0.1")
    assert is_known("[::1]:80", ("::1",))
