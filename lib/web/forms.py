"""The forms at the door: signing in and out, one's password, redeeming a leaders' link. Plain HTML, no script."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lib.i18n import N_, T_, Text
from lib.services import passwords
from lib.services.accounts import LONGEST_NAME
from lib.services.sessions import LIFE
from lib.store.base import StoreError
from lib.ui.navigation import ICON
from lib.ui.session import LINK_COOKIE, USER_COOKIE, entrance
from lib.web import service
from lib.web.gate import HOME, TITLES
from lib.web.render import HERE, page, refused
from lib.web.visitors import address_of, give_cookie, is_own, language_of, take_cookie, visitor_of, wanted_page

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
log = logging.getLogger(__name__)
SIGN_IN, CHANGE = N_("登录"), N_("修改密码")
AT_ONCE = CapacityLimiter(2)
"""Passwords checked at the same time: each costs a quarter of a second of one core."""
NOT_OWN = N_("这次提交不是从本站页面发出的，没有处理。请回到首页再试。")


async def sign_in(request: Request) -> Response:
    """Show the form, or let somebody in."""
    form = await request.form() if request.method == "POST" else request.query_params
    target, lang = wanted_page(form.get("next")), language_of(request, str(form.get("next") or ""))
    if request.method != "POST":
        visitor = visitor_of(request)
        if visitor is not None and visitor.actor.user:
            return RedirectResponse(target, 303)
        return page("signin", SIGN_IN, lang, next=target, service=service.is_on())
    if not is_own(request):
        return refused(403, TITLES[403][0], NOT_OWN, lang)
    user, secret = str(form.get("user") or ""), str(form.get("password") or "")
    entry = await _slowly(partial(entrance().sessions.sign_in, user, secret, address_of(request)))
    if entry.token is None:
        return page(
            "signin", SIGN_IN, lang, 401, next=target, user=user[:LONGEST_NAME], reason=entry.reason,
            service=service.is_on(),
        )  # fmt: skip
    answer = RedirectResponse(f"/password?{urlencode({'next': target})}" if entry.must_change else target, 303)
    give_cookie(answer, request, USER_COOKIE, entry.token, LIFE)
    return answer


async def password(request: Request) -> Response:
    """Show the form, or change one's password; all other sessions of the account end."""
    visitor = visitor_of(request)
    form = await request.form() if request.method == "POST" else request.query_params
    target, lang = wanted_page(form.get("next")), language_of(request, str(form.get("next") or ""))
    if visitor is None:
        return RedirectResponse("/signin", 303)
    reason: Text | None = None
    if request.method == "POST":
        if not is_own(request):
            return refused(403, TITLES[403][0], NOT_OWN, lang)
        old, new, again = (str(form.get(name) or "") for name in ("old", "new", "again"))
        if passwords.normal(new) != passwords.normal(again):
            reason = T_("两次输入的新密码不一样")
        else:
            entry = await _slowly(partial(entrance().sessions.change_password, visitor, old, new))
            if entry.token is not None:
                answer = RedirectResponse(target, 303)
                give_cookie(answer, request, USER_COOKIE, entry.token, LIFE)
                return answer
            reason = entry.reason
    return page(
        "password", CHANGE, lang, 200 if reason is None else 400, next=target, reason=reason,
        must=visitor.must_change, user=visitor.actor.user, shortest=passwords.SHORTEST,
    )  # fmt: skip


async def sign_out(request: Request) -> Response:
    """End the session and show the form again."""
    if not is_own(request):
        return refused(403, TITLES[403][0], NOT_OWN, language_of(request))
    token = request.cookies.get(USER_COOKIE)
    if token:
        entrance().sessions.sign_out(token, address_of(request))
    answer = RedirectResponse("/signin", 303)
    take_cookie(answer, USER_COOKIE)
    return answer


async def redeem(request: Request) -> Response:
    """Exchange the token of a leaders' link for a cookie, and take it out of the address."""
    lang = language_of(request)
    if request.method == "HEAD":  # a preview of the link: it counts as no use
        return PlainTextResponse("", headers={"cache-control": "no-store"})
    found = entrance().links.redeem(request.path_params["token"], address_of(request))
    if found is None:
        text = N_("链接已失效、已撤销或不完整。请向发给您的人要一个新的链接。")
        return refused(404, N_("链接打不开"), text, lang, back="")
    token, seconds = found
    query = urlencode([pair for pair in request.query_params.items() if pair[0] in ("lang", "asof")])
    answer = RedirectResponse(HOME + (f"?{query}" if query else ""), 303, {"cache-control": "no-store"})
    give_cookie(answer, request, LINK_COOKIE, token, seconds)
    return answer


async def style(request: Request) -> Response:
    """The looks of the door."""
    return FileResponse(HERE / "door.css", media_type="text/css", headers={"cache-control": "max-age=3600"})


async def icon(request: Request) -> Response:
    """The icon."""
    return FileResponse(ICON, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


async def robots(request: Request) -> Response:
    """Nothing here is for search engines."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


async def _slowly(work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=AT_ONCE)


def _told(handler: Handler) -> Handler:
    """A handler that says so when the door's own records cannot be used: then nobody is let in."""

    async def told(request: Request) -> Response:
        try:
            return await handler(request)
        except StoreError as error:
            log.error("nobody can be let in: %s", error)
            return refused(503, *TITLES[503], language_of(request))

    return told


routes = [
    Route("/signin", _told(sign_in), methods=["GET", "POST"]),
    Route(service.START, _told(service.start), methods=["GET"]),
    Route("/password", _told(password), methods=["GET", "POST"]),
    Route("/signout", _told(sign_out), methods=["POST"]),
    Route("/l/{token}", _told(redeem), methods=["GET"]),
    Route("/door.css", style),
    Route("/icon.svg", icon),
    Route("/robots.txt", robots),
]
