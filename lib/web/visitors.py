"""Who a request comes from: the cookies of the door, the address, and whether the connection is a secret one."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from lib.services.sessions import Visitor
from lib.ui.navigation import PAGE_OF
from lib.ui.session import LINK_COOKIE, USER_COOKIE, entrance


def address_of(request: HTTPConnection) -> str:
    """The visitor's address; behind a proxy the one it forwards (uvicorn trusts 127.0.0.1 and
    ``FORWARDED_ALLOW_IPS``)."""
    return request.client.host if request.client else ""


def visitor_of(request: HTTPConnection, *, working: bool = False) -> Visitor | None:
    """Whose session a request belongs to. Raises ``StoreError``."""
    cookies = request.cookies
    return entrance().visitor(cookies.get(USER_COOKIE), cookies.get(LINK_COOKIE), address_of(request), working=working)


def give_cookie(response: Response, request: HTTPConnection, name: str, token: str, seconds: int) -> None:
    """Hand a session to the browser: no script can read it, no other site can use it to change anything."""
    secure = request.url.scheme in ("https", "wss")
    response.set_cookie(name, token, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def take_cookie(response: Response, name: str) -> None:
    """Have the browser forget a session."""
    response.delete_cookie(name, path="/", httponly=True, samesite="lax")


def language_of(request: HTTPConnection, target: str = "") -> str:
    """The language a visitor asks for: in the address, or in the one that was wanted."""
    wanted = parse_qs(parts_of(target).query).get("lang", [""])[0]
    return request.query_params.get("lang") or wanted


def parts_of(address: str) -> SplitResult:
    """An address that a visitor sent, in its parts; all of them empty when it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def wanted_page(wanted: object) -> str:
    """Where somebody wanted to go, if that is a page of ours; else the first one."""
    parts = parts_of(str(wanted or ""))
    if parts.scheme or parts.netloc or parts.path not in PAGE_OF:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def is_own(request: HTTPConnection) -> bool:
    """Whether a form was sent from our own pages: browsers say so themselves (XSRF)."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None:
        return parts_of(origin).netloc == (request.headers.get("host") or None)
    return site in (None, "same-origin", "none")
