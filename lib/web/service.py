"""Signing in by the city's own service (统一身份认证): OpenID Connect through Streamlit's own ``st.login``.

It only takes the place of the password. Streamlit sends somebody to the service and checks the answer; what it would
then give the browser, a cookie that says who she is for thirty days and that nobody can call back, is taken out of its
answer here and exchanged at once for a session of ours. So no such cookie is ever handed out, and none is
ever believed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _parse_decoded_user_cookie

from lib.i18n import N_, T_, Text, speaking
from lib.services import audit as told
from lib.services.oidc import CALLBACK, lacking, not_installed, provider_of
from lib.services.sessions import LIFE
from lib.ui.session import USER_COOKIE, entrance
from lib.web.render import refused
from lib.web.visitors import address_of, give_cookie, language_of, take_cookie, visitor_of, wanted_page

log = logging.getLogger(__name__)
START, LOGIN = "/signin/service", "/auth/login"
"""Our way to the service, and Streamlit's; ``/auth/logout`` stays shut, since sessions are ours."""
WANTED_COOKIE, WANTED_LIFE, WANTED_LONGEST = "tuogou_wanted", 10 * 60, 2000
"""Where somebody wanted to go: remembered, in seconds, while she is at the service; and at most how long."""
NOT_CONNECTED = N_("统一身份认证没有接通"), N_("请稍后再试，或用账号和密码登录；一直不行时请联系管理员。")
NOT_CONFIRMED = N_("没有登录"), N_("统一身份认证没有确认您的身份，或这次登录已经过期。请重新登录。")
NO_MAIL = N_("没有登录"), N_("统一身份认证没有给出经过核实的邮箱，请联系管理员。")
NO_ACCOUNT = N_("没有登录")
ELSEWHERE = N_("请换一个网址登录")


def problems() -> list[Text] | None:
    """What keeps the service from being offered; None where none is set up."""
    section = get_secrets_auth_section()
    return [*lacking(section), *not_installed()] if isinstance(section, Mapping) and section else None


def is_on() -> bool:
    """Whether somebody can sign in by the service."""
    return problems() == []


def report() -> None:
    """Say in the log why the service is not offered although it is set up."""
    for problem in problems() or ():
        log.error("the sign-in service is off: %s", problem)


async def start(request: Request) -> Response:
    """Remember the page that was wanted, and send somebody to the service."""
    wanted = request.query_params.get("next", "")
    target, lang = wanted_page(wanted), language_of(request, wanted)
    visitor = visitor_of(request)
    if visitor is not None and visitor.actor.user:
        return RedirectResponse(target, 303)
    origin = get_origin_from_redirect_uri()
    if _origin_of(request) != origin:  # its answer would reach a browser that knows nothing of the question
        there = f"{origin}/signin?{urlencode({'next': target})}"
        return _refused(400, ELSEWHERE, T_("统一身份认证只能从 {value} 使用。", value=origin), lang, there)
    name, _provider = provider_of(get_secrets_auth_section())
    answer = RedirectResponse(generate_login_redirect_url(name), 303, {"cache-control": "no-store"})
    if len(target) > WANTED_LONGEST:
        target = "/"
    answer.set_cookie(
        WANTED_COOKIE, urlencode({"next": target, "lang": lang}), max_age=WANTED_LIFE, path=CALLBACK, httponly=True,
        samesite="lax", secure=_is_secret(request),
    )  # fmt: skip
    return answer


async def relay(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let Streamlit speak with the service, and give our answer in the place of its own. Raises ``StoreError``."""
    request, heard = HTTPConnection(scope), list[Message]()

    async def hear(message: Message) -> None:
        heard.append(message)

    try:
        await app(scope, receive, hear)
    except Exception:
        log.exception("the sign-in service could not be asked")
    headers = [(name.lower(), value) for message in heard[:1] for name, value in message.get("headers", ())]
    cookies = [value.decode("latin-1") for name, value in headers if name == b"set-cookie"]
    if scope["path"] == CALLBACK:
        answer = await _arrive(request, cookies)
    else:
        answer = _depart(request, next((value.decode("latin-1") for name, value in headers if name == b"location"), ""))
    for cookie in cookies:  # of Streamlit's only the one that holds the state of the sign-in
        if not cookie.startswith(USER_COOKIE_NAME):
            answer.headers.append("set-cookie", cookie + ("; secure" if _is_secret(request) else ""))
    await answer(scope, receive, send)


def _depart(request: HTTPConnection, location: str) -> Response:
    """On to the service, if Streamlit found the way."""
    if urlsplit(location).netloc:
        return RedirectResponse(location, 303, {"cache-control": "no-store"})
    return _refused(502, *NOT_CONNECTED, language_of(request))


async def _arrive(request: HTTPConnection, cookies: list[str]) -> Response:
    """Back from the service: a session for the account that has the mail address it names, or why there is none."""
    wanted = dict(parse_qsl(request.cookies.get(WANTED_COOKIE, "")))
    target = wanted_page(wanted.get("next"))
    lang = wanted.get("lang") or language_of(request, target)
    answer = await _exchanged(request, _claims(cookies, _origin_of(request)), target, lang)
    answer.delete_cookie(WANTED_COOKIE, path=CALLBACK, httponly=True, samesite="lax")
    for name in request.cookies:
        if name.startswith(USER_COOKIE_NAME):
            take_cookie(answer, name)
    return answer


async def _exchanged(request: HTTPConnection, claims: Mapping[str, Any], target: str, lang: str) -> Response:
    address, again = address_of(request), f"/signin?{urlencode({'next': target})}"
    if not claims.get("is_logged_in") or not _is_for_us(claims):
        return _refused(400, *NOT_CONFIRMED, lang, again)
    mail = _mail(claims)
    if mail is None:
        entrance().audit.note(told.SIGN_IN_FAILED, str(claims.get("sub")), address, service=True)
        return _refused(403, *NO_MAIL, lang, again)
    entry = await to_thread.run_sync(partial(entrance().sessions.sign_in_as, mail, address))
    if entry.token is None:
        return _refused(403, NO_ACCOUNT, entry.reason or "", lang, again)
    former = request.cookies.get(USER_COOKIE)
    if former:
        entrance().sessions.sign_out(former, address)
    answer = RedirectResponse(target, 303, {"cache-control": "no-store"})
    give_cookie(answer, request, USER_COOKIE, entry.token, LIFE)
    return answer


def _claims(cookies: list[str], origin: str) -> dict[str, Any]:
    """Who somebody is by the cookies Streamlit has just made, read as Streamlit reads them; empty when there are none,
    or when they were made for another address than the one she came to."""
    jar: SimpleCookie = SimpleCookie()
    for cookie in cookies:
        jar.load(cookie)

    def single(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, jar[name].value) if name in jar else None

    found = get_cookie_with_chunks(single, USER_COOKIE_NAME)
    return _parse_decoded_user_cookie(found, origin) if found else {}


def _is_for_us(claims: Mapping[str, Any]) -> bool:
    """Whether the token was made for this app; Authlib lets ``azp`` alone say so."""
    _name, provider = provider_of(get_secrets_auth_section())
    audience = claims.get("aud")
    return provider.get("client_id") in (audience if isinstance(audience, list) else [audience])


def _mail(claims: Mapping[str, Any]) -> str | None:
    """The mail address, unless the service says that it has not verified it."""
    mail, verified = claims.get("email"), claims.get("email_verified", True)
    if not isinstance(mail, str) or "@" not in mail or not mail.isprintable():
        return None
    return mail if verified is True or verified == "true" else None


def _refused(status: int, title: str, text: Text | str, lang: str, back: str = "/signin") -> Response:
    with speaking(lang):
        return refused(status, title, str(text), lang, back)


def _origin_of(request: HTTPConnection) -> str:
    return f"{'https' if _is_secret(request) else 'http'}://{request.url.netloc}"


def _is_secret(request: HTTPConnection) -> bool:
    return request.url.scheme in ("https", "wss")
