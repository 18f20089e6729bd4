"""What cannot be answered: an address that is not ours, and requests the app itself gives up on; never with a trace."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.services.settings import settings
from lib.web.gate import refusal
from lib.web.render import common_headers

log = logging.getLogger(__name__)


class Hosts:
    """The outermost middleware: only the names in ``TUOGOU_HOSTS`` are answered to, where there are any.

    Otherwise a page of somebody else, whose name he lets point at this server, is of one origin with ours.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.known = app, settings().hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one socket."""
        if scope["type"] not in ("http", "websocket") or is_known(Headers(scope=scope).get("host", ""), self.known):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            log.warning("a request came for the host %.100r", Headers(scope=scope).get("host"))
            await _bare(421, HTTPConnection(scope))(scope, receive, send)


def is_known(host: str, known: tuple[str, ...]) -> bool:
    """Whether a Host header, with or without a port, is one of the names; ``*.example`` stands for all below it."""
    if not known:
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    name = name.rstrip(".")
    return any(name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in known)


async def _refused(request: Request, error: HTTPException) -> Response:
    answer = refusal(error.status_code, request)
    answer.headers.update(error.headers or {})
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """The trace goes to the log, where Starlette sends it after this."""
    return _bare(500, request)


def _bare(status: int, request: HTTPConnection) -> Response:
    """A refusal from outside the gate, which else gives every answer its headers."""
    answer = refusal(status, request)
    answer.raw_headers = common_headers(answer.raw_headers)
    return answer


exception_handlers = {HTTPException: _refused, Exception: _failed}
