"""``/calendar.ics`` and ``/api/progress.json``: what other programs read, by the token of a subscription.

A calendar program has no session and keeps the address; the token is in the query, so that whoever writes paths into a
log does not write it. Nothing here tells a token that is wrong from one that has ended, was revoked, or is for the
other of the two.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lib.documents.calendar import feed
from lib.documents.file import ICS
from lib.domain.ledger import Ledger
from lib.i18n import N_, _, language, speaking
from lib.services.edition import Edition, edition_of
from lib.services.links import Purpose, TooOften
from lib.services.policy import Sight
from lib.services.progress import VERSION, answered
from lib.services.settings import now, settings
from lib.store.base import StoreError
from lib.ui.session import EARLIEST, LATEST, board, entrance
from lib.web.gate import CALENDAR, PROGRESS
from lib.web.visitors import address_of, language_of, visitor_of

log = logging.getLogger(__name__)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_SHOWN = 20
"""Characters of a wrong day that are given back."""
WAIT = 60
"""Seconds after which to ask again when there is nothing to give."""
CLOSED = N_("这个订阅地址打不开：不完整、已到期或已撤销。请在工作台的“文件”页重新建立，或向发给您的人要一个新的。")
NO_DATA = N_("还没有读到数据，请稍后再试；一直如此时，请管理员运行 doctor 查看原因。")
SHUT = N_("门禁记录读不了，请稍后再试，或联系管理员查看日志。")
OFTEN = N_("从这个地址试错的次数过多，请稍后再试。")
NOT_YOURS = N_("这个账号不能读取数据；首次登录的，先修改一次性密码。")


KEPT_BYTES = 64 * 2**20
"""Of calendars that are remembered; the one asked for last stays in any case."""
_kept: OrderedDict[str, bytes] = OrderedDict()
_writing = threading.Lock()


class _Refused(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, code: str, text: str, wait: int = 0) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.wait = status, code, text, wait

    @property
    def headers(self) -> dict[str, str]:
        return {"cache-control": "no-store"} | ({"retry-after": str(self.wait)} if self.wait else {})


def _calendar(request: Request) -> Response:
    """The calendar; 404 for a token that does not open it."""
    sight = _by_token(request, Purpose.CALENDAR, 404)
    ledger, edition = _state(board().default_as_of)
    known = _validators(ledger, edition, sight)
    if _is_unchanged(request, known["etag"], edition.at):
        return Response(status_code=304, headers=known)
    content = _written(known["etag"], lambda: feed(ledger, sight, edition))
    return Response(content, media_type=ICS, headers=known)


def _written(tag: str, write: Callable[[], bytes]) -> bytes:
    """A calendar written once for all who ask for the same one, and one at a time: a city's takes half a minute."""
    with _writing:
        if tag not in _kept:
            _kept[tag] = write()
            while len(_kept) > 1 and sum(map(len, _kept.values())) > KEPT_BYTES:
                _kept.popitem(last=False)
        _kept.move_to_end(tag)
        return _kept[tag]


def _progress(request: Request) -> Response:
    """The figures, by a token or by somebody's session."""
    by_token = "t" in request.query_params
    sight = _by_token(request, Purpose.DATA, 401) if by_token else _by_session(request)
    ledger, edition = _state(_asked_day(request))
    known = _validators(ledger, edition, sight)
    if _is_unchanged(request, known["etag"], edition.at):
        return Response(status_code=304, headers=known)
    return JSONResponse(answered(ledger, sight, now()), headers=known)


def _by_token(request: Request, purpose: Purpose, status: int) -> Sight:
    try:
        found = entrance().links.feed(request.query_params.get("t", ""), purpose, address_of(request))
    except TooOften as error:
        raise _Refused(429, "too_often", _(OFTEN), error.seconds) from error
    if found is None:
        raise _Refused(status, "no_access", _(CLOSED))
    return found.sight


def _by_session(request: Request) -> Sight:
    visitor = visitor_of(request)
    if visitor is None:
        raise _Refused(401, "no_access", _("没有登录，也没有带订阅的口令（?t=…）；口令在工作台的“文件”页建立。"))
    if visitor.must_change or not visitor.actor.may_read_data:
        raise _Refused(403, "not_allowed", _(NOT_YOURS))
    return visitor.actor.sight


def _asked_day(request: Request) -> date:
    """The day in the address; unlike a page, a program is told when it is none. It may be any that pages offer."""
    typed = request.query_params.get("asof")
    if typed is None:
        return board().default_as_of
    try:
        found = date.fromisoformat(typed) if _DAY.fullmatch(typed) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        text = _(
            "基准日“{value}”不对；写成 asof=2016-03-31，在 {first} 和 {last} 之间，不写则为当前。",
            value=typed[:LONGEST_SHOWN], first=EARLIEST, last=LATEST,
        )  # fmt: skip
        raise _Refused(400, "bad_asof", text)
    return found


def _state(as_of: date) -> tuple[Ledger, Edition]:
    opened = board()
    ledger = opened.ledger(as_of)
    if ledger is None:
        raise _Refused(503, "no_data", _(NO_DATA), WAIT)
    return ledger, edition_of(opened, ledger, settings())


def _validators(ledger: Ledger, edition: Edition, sight: Sight) -> dict[str, str]:
    """By what an answer is known again: the state of the workbook, the day, and for whom it is."""
    scope = None if sight.units is None else sorted(sight.units)
    parts = (ledger.plan.id, ledger.revision, ledger.today, ledger.as_of, edition.at, scope, sight.personal, language())
    return {
        "etag": f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"',
        "last-modified": _http_date(edition.at),
        "cache-control": "private, no-cache",
        "vary": "cookie",
    }


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _is_unchanged(request: Request, tag: str, at: datetime) -> bool:
    """Whether the program has this already; its tag counts more than its day, which is only to the second."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in tags.split(",")]
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        return at.timestamp() <= since.timestamp()
    except (TypeError, ValueError, OverflowError):
        return False


def _answering(
    make: Callable[[Request], Response], refuse: Callable[[_Refused], Response]
) -> Callable[[Request], Awaitable[Response]]:
    """A handler that says what stands in the way, in the way its reader understands."""

    def made(request: Request) -> Response:
        with speaking(language_of(request)):
            try:
                return make(request)
            except _Refused as error:
                return refuse(error)
            except StoreError as error:
                log.error("nobody can be let in: %s", error)
                return refuse(_Refused(503, "no_access_records", _(SHUT), WAIT))

    async def handler(request: Request) -> Response:
        return await run_in_threadpool(made, request)

    return handler


def _in_words(error: _Refused) -> Response:
    return PlainTextResponse(error.text, error.status, error.headers)


def _as_data(error: _Refused) -> Response:
    body = {"version": VERSION, "error": error.code, "message": error.text}
    return JSONResponse(body, error.status, error.headers)


routes = [
    Route(CALENDAR, _answering(_calendar, _in_words), methods=["GET"]),
    Route(PROGRESS, _answering(_progress, _as_data), methods=["GET"]),
]
