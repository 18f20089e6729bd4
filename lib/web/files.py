"""``/files/KEY``: what the office hands over, made at the moment it is asked for and for whoever asks.

Streamlit's own download addresses can be passed on and need no session; these are asked anew each time.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.documents.catalogue import deliver
from lib.documents.file import File, NotDelivered
from lib.documents.kept import Kept
from lib.i18n import N_, T_, speaking
from lib.services.audit import FILE_TAKEN
from lib.services.board import Board
from lib.services.policy import Actor
from lib.ui.session import board, entrance
from lib.web.gate import FILES
from lib.web.render import refused
from lib.web.visitors import address_of, language_of, visitor_of

AT_ONCE = CapacityLimiter(3)
"""Files made at the same time; the others wait their turn, without a thread. A city's register takes over 100 MB while
it is made, and twenty at once are finished no sooner."""
NOT_MADE = N_("没有做成")
NO_DATA = T_("还没有读到数据，文件做不出来；先看“数据体检”页")


async def give(request: Request) -> Response:
    """Make one file. The gate has let in nobody without a session."""
    return await to_thread.run_sync(_give, request, limiter=AT_ONCE)


def _give(request: Request) -> Response:
    visitor = visitor_of(request)
    if visitor is None:
        return Response(status_code=401)
    key, lang = request.path_params["key"], language_of(request)
    with speaking(lang):
        try:
            made = _made(visitor.actor, key, request)
        except NotDelivered as error:
            return refused(404, NOT_MADE, str(error.reason), lang, back="/documents")
    who = visitor.actor.user or visitor.actor.name
    entrance().audit.note(FILE_TAKEN, who, address_of(request), file=key, name=made.name)
    return answer(made)


def _made(actor: Actor, key: str, request: Request) -> File:
    opened = board()
    ledger = opened.ledger(day_of(request, opened.default_as_of))
    if ledger is None:
        raise NotDelivered(NO_DATA)
    return deliver(actor, ledger, key, request.query_params, partial(_kept, opened))


def _kept(opened: Board) -> Kept | None:
    """The records as pages list them; None where the workbook could not be read yet."""
    office = opened.commands
    if office is None:
        return None
    grids = office.keeper.grids
    return Kept(grids, office.verdicts.of(grids.snapshot), office.keeper.history)


def day_of(request: Request, default: date) -> date:
    """The day a request asks about; what is no day is the default."""
    try:
        return date.fromisoformat(request.query_params.get("asof", ""))
    except ValueError:
        return default


def answer(made: File) -> Response:
    """A file as something to keep: the browser neither shows nor remembers it."""
    disposition = f"attachment; filename*=utf-8''{quote(made.name)}"
    return Response(
        made.content, media_type=made.media, headers={"content-disposition": disposition, "cache-control": "no-store"}
    )


routes = [Route(FILES + "{key}", give, methods=["GET"])]
