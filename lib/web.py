"""The HTTP side: health routes, headers, what is not served, warm-up, and the poller's start."""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.i18n import _
from lib.ui.session import board, warm_up

log = logging.getLogger(__name__)

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
)
CLOSED = ("/_stcore/agent", "/_stcore/metrics")
"""Streamlit's own paths that nobody here needs."""


async def healthz(request: Request) -> Response:
    """The process lives."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """Whether data can be shown: 200 with their version and age, 503 when no workbook could be read."""
    status = board().status
    body = {
        "version": status.version,
        "read_at": status.read_at.isoformat() if status.read_at else None,
        "problem": str(status.problem) if status.problem else None,
    }
    return JSONResponse(body, status_code=200 if status.read_at else 503)


routes = [Route("/healthz", healthz), Route("/readyz", readyz)]


class Guard:
    """Adds headers to every answer, and answers 404 for what is closed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(CLOSED):
            await PlainTextResponse("", status_code=404)(scope, receive, send)
            return

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers)


middleware = [Middleware(Guard)]


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Warm the caches, so that the first visitor does not pay for imports, then watch the workbook."""
    _send_at_once()
    warm_up()
    gc.collect()
    gc.freeze()
    yield
    board().feed.stop()


def _send_at_once() -> None:
    """Set TCP_NODELAY on every connection: small answers otherwise wait 40 ms for one another."""
    accept: Callable[..., Any] = socket.socket.accept

    def accept_at_once(self: socket.socket) -> tuple[socket.socket, Any]:
        connection, address = accept(self)
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address

    socket.socket.accept = accept_at_once  # type: ignore[method-assign]


def on_script_error(error: Exception) -> bool:
    """A page failed: log it, tell the visitor what to do, show no trace."""
    log.error("page failed", exc_info=error)
    st.error(
        _("请刷新页面；仍不行时，把出错的时间告诉管理员，日志里有详情。数据没有受影响。"),
        title=_("这一页出错了"),
        icon=":material/error:",
    )
    return True
