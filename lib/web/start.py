"""Health, warm-up, the poller's start, the first administrator, and what a visitor sees when a page fails."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lib.i18n import _
from lib.services.settings import as_typed, has_only_rollup, rollup_folder
from lib.store.base import StoreError
from lib.ui.session import board, entrance, warm_up
from lib.web import service

log = logging.getLogger(__name__)


async def healthz(request: Request) -> Response:
    """The process lives."""
    return PlainTextResponse("ok")


async def readyz(request: Request) -> Response:
    """Whether data can be shown: 200 with their version and age, 503 when no workbook (or, on a server that shows
    nothing else, no roll-up) could be read. Anybody may ask, so it names nothing."""
    if has_only_rollup():
        look = await asyncio.to_thread(rollup_look)
        made = look.nation.run.made_at if look.nation else None
        told = {"version": look.nation and look.nation.version, "read_at": made, "ok": not look.problem}
        return JSONResponse(told, status_code=200 if look.nation else 503)
    status = board().status
    body = {
        "version": status.version,
        "read_at": status.read_at.isoformat() if status.read_at else None,
        "ok": status.problem is None,
    }
    return JSONResponse(body, status_code=200 if status.read_at else 503)


health = [Route("/healthz", healthz), Route("/readyz", readyz)]


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Warm the caches, so that the first visitor does not pay for imports, then watch the workbook."""
    _send_at_once()
    warm_up()
    if rollup_folder() is not None:
        rollup_look()
    _first_admin()
    service.report()
    gc.collect()
    gc.freeze()
    yield
    board().close()


def rollup_look() -> Any:
    """The roll-up this server shows, and what stands in its way."""
    from lib.ui.national import latest  # noqa: PLC0415 - a server without a roll-up loads none of what reads it

    out = rollup_folder()
    assert out is not None
    return latest(out).look()


def _first_admin() -> None:
    """At the very first start, say on the terminal how to sign in; it is said this once and kept nowhere."""
    try:
        made = entrance().accounts.first_admin()
    except StoreError as error:
        log.error("%s", error)
        return
    if made is not None:
        user, password = made
        lines = (
            _("第一次启动，已建立管理员账号：{user}", user=user),
            _("一次性密码：{password}（只显示这一次，首次登录时修改）", password=password),
            _("丢失时重新生成：{command}", command=as_typed(f"user reset {user}")),
        )
        print("\n" + "\n".join(f"  {line}" for line in lines) + "\n", flush=True)


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
