"""The gate (门): nothing of the app is reached without a session, and a leaders' link reaches one page.

It stands before Streamlit, so that nobody without a session gets as far as a script of ours, an uploaded file or a
socket. What a page shows and a command does is decided once more where it happens (``lib.services.policy``).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.i18n import N_
from lib.services.audit import PAGE_REFUSED
from lib.services.oidc import CALLBACK
from lib.services.policy import Role
from lib.services.sessions import Visitor
from lib.store.base import StoreError
from lib.ui.navigation import PAGE_OF, home, serves
from lib.ui.session import entrance
from lib.web import service
from lib.web.render import common_headers, index, refused
from lib.web.socket import serve_socket
from lib.web.visitors import address_of, language_of, visitor_of

log = logging.getLogger(__name__)
OPEN = frozenset({"/healthz", "/readyz", "/signin", "/door.css", "/icon.svg", "/robots.txt"})
LINK = re.compile(r"/l/[^/]+")
"""A leaders' link; anything longer would be a path of Streamlit's, which answers every one."""
OWN = frozenset({"/password", "/signout"})
"""Paths of the door for those who have an account."""
SHARED = ("/static/", "/media/", "/component/", "/_stcore/bidi-components/")
SHARED_EXACT = frozenset({"/_stcore/health", "/_stcore/host-config"})
"""What an open page of Streamlit asks for."""
FILES = "/files/"
CALENDAR, PROGRESS = "/calendar.ics", "/api/progress.json"
BY_TOKEN = frozenset({CALENDAR, PROGRESS})
"""What programs read: they decide themselves whom they answer, by a subscription's token or a session."""
UPLOADS = "/_stcore/upload_file/"
SERVICE = frozenset({service.START, service.LOGIN, CALLBACK})
"""The way to the city's sign-in service and back; where none is set up, these are paths like any unknown one."""
HOME = "/"
"""Where everybody comes to first; a leader's only page stands there."""
FORM_LIMIT, UPLOAD_LIMIT = 64 * 2**10, 21 * 2**20
"""Bytes of a request's body: a form, and a file of ``server.maxUploadSize`` with its envelope."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a request: let through (status 200), sent elsewhere, or refused."""

    status: int = 200
    to: str = ""


def judge(path: str, query: str, method: str, visitor: Visitor | None, *, by_service: bool = False) -> Verdict:
    """Who gets where; pure, so that a test can ask it about everything. ``by_service``: a sign-in service is set up."""
    if path in OPEN or LINK.fullmatch(path):
        return Verdict()
    is_page = path in PAGE_OF and serves(PAGE_OF[path])
    looks = method in ("GET", "HEAD")
    if path in BY_TOKEN:
        return Verdict() if looks else Verdict(405)
    if by_service and path in SERVICE:
        return Verdict() if looks else Verdict(405)
    if visitor is None:
        wanted = quote(path + (f"?{query}" if query else ""), safe="")
        return Verdict(303, f"/signin?next={wanted}") if (is_page or path in OWN) and looks else Verdict(401)
    role = visitor.actor.role
    if path in OWN:
        if role == Role.LEADER:
            return Verdict(404)
        return Verdict(405) if path == "/signout" and looks else Verdict()
    if visitor.must_change:
        return Verdict(303, "/password") if is_page and looks else Verdict(403)
    if path in SHARED_EXACT or path.startswith(SHARED):
        return Verdict() if looks else Verdict(405)
    if path.startswith(UPLOADS):
        return Verdict() if visitor.actor.may_write else Verdict(403)
    if path.startswith(FILES) and looks:
        return Verdict() if visitor.actor.may_take(path.removeprefix(FILES)) else Verdict(403)
    if not is_page:
        return Verdict(404)
    if not looks:
        return Verdict(405)
    if role == Role.LEADER:
        return Verdict() if path == HOME else Verdict(303, HOME)
    if path == f"/{home(visitor.actor)}":  # the first page stands at / and nowhere else
        return Verdict(303, HOME + (f"?{query}" if query else ""))
    return Verdict() if visitor.actor.may_see(PAGE_OF[path]) else Verdict(403)


TITLES = {
    400: (N_("请求不对"), N_("服务器看不懂这次请求。请回到首页再试。")),
    401: (N_("请先登录"), N_("登录已经失效。请回到首页重新登录。")),
    403: (N_("没有权限"), N_("您的账号不能打开这一页；需要时请联系管理员。")),
    404: (N_("没有这一页"), N_("地址可能写错了，或这一页已经移走。")),
    405: (N_("不能这样打开"), N_("请从首页的菜单进入。")),
    413: (N_("内容太大"), N_("请分成几次提交，或换小一些的文件。")),
    421: (N_("网址不对"), N_("这台服务器不用这个网址。请用管理员给您的网址打开。")),
    500: (N_("出错了"), N_("请稍后再试；仍不行时，把出错的时间告诉管理员，日志里有详情。数据没有受影响。")),
    503: (N_("暂时不能登录"), N_("登录记录读不了，数据没有受影响。请稍后再试，或联系管理员查看日志。")),
}


class Gate:
    """The middleware before everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one socket."""
        if scope["type"] == "websocket":
            await serve_socket(self.app, scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        path, method = scope["path"], scope["method"]
        try:
            visitor = None if path in BY_TOKEN else visitor_of(request, working=path in PAGE_OF)
        except StoreError as error:
            log.error("nobody can be let in: %s", error)
            visitor = None
            if path not in OPEN:
                await refusal(503, request)(scope, receive, send)
                return
        verdict = judge(path, request.url.query, method, visitor, by_service=path in SERVICE and service.is_on())
        if verdict.status in (403, 404) and visitor is not None and path in PAGE_OF:
            entrance().audit.note(
                PAGE_REFUSED, visitor.actor.user or visitor.actor.name, address_of(request), page=path
            )
        if verdict.to:
            await RedirectResponse(verdict.to, verdict.status)(scope, receive, send)
        elif verdict.status != 200:
            await refusal(verdict.status, request)(scope, receive, send)
        elif path in PAGE_OF:
            await index(language_of(request))(scope, receive, send)
        elif path in (service.LOGIN, CALLBACK):
            await self._by_service(scope, receive, send)
        else:
            await self._bounded(scope, receive, send, UPLOAD_LIMIT if path.startswith(UPLOADS) else FORM_LIMIT)

    async def _by_service(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await service.relay(self.app, scope, receive, send)
        except StoreError as error:
            log.error("nobody can be let in: %s", error)
            await refusal(503, HTTPConnection(scope))(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        """Let a request through unless its body is larger than it may be."""
        request, size, begun = HTTPConnection(scope), 0, False
        has_index = scope["path"].startswith(SHARED)

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if has_index and message["type"] == "http.response.start" and is_index(message):
                raise _Unknown
            begun = True
            await send(message)

        declared = request.headers.get("content-length", "0")
        try:
            if not declared.isdecimal() or int(declared) > most:
                raise _TooLarge
            await self.app(scope, counted, noted)
        except _TooLarge:
            if begun:
                raise
            await refusal(413, request)(scope, receive, send)
        except _Unknown:
            await refusal(404, request)(scope, receive, send)


def is_index(message: Message) -> bool:
    """Whether an answer is Streamlit's own index page, which it gives for whatever it does not know: an HTML page
    without the policy all of ours have."""
    headers = Headers(raw=message["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-security-policy" not in headers


class _Unknown(Exception):
    """Nothing of that name is there."""


class _TooLarge(Exception):
    """A request's body is larger than it may be."""


def refusal(status: int, request: HTTPConnection) -> Response:
    """A page for people, a word for programs."""
    title, text = TITLES.get(status, TITLES[400])
    if "text/html" in request.headers.get("accept", ""):
        return refused(status, title, text, language_of(request))
    return PlainTextResponse("", status)


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = common_headers(list(message.get("headers", ())))
        await send(message)

    return with_headers
