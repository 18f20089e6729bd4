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

from lib.documents.catalogue import NATIONAL, NO_FILE, deliver
from lib.documents.file import File, NotDelivered
from lib.documents.kept import Kept
from lib.i18n import N_, T_, speaking
from lib.services.audit import FILE_TAKEN
from lib.services.board import Board
from lib.services.policy import Actor
from lib.services.settings import rollup_folder
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
            return refused(404, NOT_MADE, str(error.reason), lang, back="/rollup" if key == NATIONAL else "/documents")
    who = visitor.actor.user or visitor.actor.name
    entrance().audit.note(FILE_TAKEN, who, address_of(request), file=key, name=made.name)
    return answer(made)


def _made(actor: Actor, key: str, request: Request) -> File:
    if key == NATIONAL:
        return _national(actor, request)
    opened = board()
    ledger = opened.ledger(day_of(request, opened.default_as_of))
    if ledger is None:
        raise NotDelivered(NO_DATA)
    return deliver(actor, ledger, key, request.query_params, partial(_kept, opened))


def _national(actor: Actor, request: Request) -> File:
    """What the page 多地汇总 shows, for those who may open it."""
    if not actor.may_take(NATIONAL) or rollup_folder() is None:
        raise NotDelivered(NO_FILE)
    from lib.documents import national  # noqa: PLC0415 - a server without a roll-up loads none of what reads it
    from lib.rollup.folder import NoResult, damaged  # noqa: PLC0415
    from lib.web.start import rollup_look  # noqa: PLC0415

    look, place = rollup_look(), request.query_params.get("place")
    if look.nation is None:
        raise NotDelivered(T_("{why}", why=look.problem))
    if place and place not in look.nation.by_key:
        raise NotDelivered(T_("没有这个地方，或它没有计入；回到“多地汇总”重选"))
    try:
        return national.of_place(look.nation, place) if place else national.whole(look.nation)
    except NoResult as error:
        raise NotDelivered(T_("{why}", why=str(error))) from error
    except (ValueError, KeyError) as error:  # a word that only a later version of the app knows
        raise NotDelivered(T_("{why}", why=str(damaged(look.nation.folder.parent)))) from error


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
