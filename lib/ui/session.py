"""What a session works with: the board, who is asking, the as-of day and the language."""

from __future__ import annotations

import logging
from collections.abc import Container, Mapping
from datetime import date
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st

from lib.charts.overview import overview_charts
from lib.domain.ledger import Ledger
from lib.i18n import DEFAULT, LANGUAGES, _, speaking, use
from lib.services.board import Board, open_board
from lib.services.commands import Commands
from lib.services.entrance import Entrance, open_entrance
from lib.services.policy import EVERYTHING, VIEWER, Actor
from lib.services.sessions import Visitor
from lib.services.settings import as_shown, settings
from lib.store.base import StoreError
from lib.ui.navigation import EVERY_PLACE, SIGN_IN, way_out
from lib.ui.theme import esc
from lib.views.health import health
from lib.views.phases import phases
from lib.views.prepared import prepared
from sheets_schema.plan_load import PlanError

EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
_ACTOR = "actor"
_IN_URL = "in_url_"
"""Starts the key under which the session remembers what it last put into the URL."""
_AGAIN = "again"
"""The key of whether the session has run before."""
USER_COOKIE, LINK_COOKIE = "tuogou_session", "tuogou_link"
LOCAL = "127.0.0.1"
"""Streamlit tells no address for a visitor on the server itself."""
log = logging.getLogger(__name__)


@st.cache_resource(show_spinner=False)
def board() -> Board:
    """The one board of this process, watched from the first call on."""
    opened = open_board(entrance().audit)
    opened.feed.start()
    return opened


def reopen() -> None:
    """Open the workbook anew, for all sessions: its plan file was exchanged."""
    board().close()
    board.clear()


def board_or_stop() -> Board:
    """The board; when the plan file is unusable, the page says where and what is wrong, and stops."""
    try:
        return board()
    except PlanError as error:
        st.error(_("改正方案文件后重新启动服务。"), title=_("方案文件有误"), icon=":material/error:")
        st.text(str(error))
        st.stop()


def warm_up() -> None:
    """Make what the first page needs before anybody asks. An unusable plan file is told on the page and in the log."""
    try:
        opened = board()
    except PlanError as error:
        log.error("%s", error)
        return
    ledger = opened.ledger(opened.default_as_of)
    if ledger is None:
        return
    for code in LANGUAGES:
        with speaking(code):
            for sight in (EVERYTHING, VIEWER.sight):
                prepared(overview_charts, ledger, sight)
                prepared(phases, ledger, sight)
                prepared(health, ledger, sight)


@st.cache_resource(show_spinner=False)
def entrance() -> Entrance:
    """The one entrance of this process: accounts, links and audit."""
    return open_entrance(settings().workbook)


def admit() -> Actor | None:
    """Called by the shell alone, on every run: who this session is now, by the cookie its socket was opened with.

    None when nobody is signed in (any more). Whoever comes after somebody else in one tab finds nothing of hers.
    """
    found = visitor()
    actor = found.actor if found is not None and not found.must_change else None
    former = st.session_state.get(_ACTOR)
    if isinstance(former, Actor) and (actor is None or (former.user, former.role) != (actor.user, actor.role)):
        st.session_state.clear()
    st.session_state[_ACTOR], st.session_state[_AGAIN] = actor, isinstance(former, Actor)
    return actor


def visitor() -> Visitor | None:
    """Whose session the cookies of this tab open; None also when the door's records cannot be used."""
    cookies = own_cookies()
    try:
        return entrance().visitor(
            cookies.get(USER_COOKIE), cookies.get(LINK_COOKIE), own_address()
        )  # fmt: skip
    except StoreError as error:
        log.error("nobody can be let in: %s", error)
        return None


def own_cookies() -> Mapping[str, str]:
    """The cookies of this tab's socket."""
    return st.context.cookies


def own_address() -> str:
    """The address this tab's socket came from."""
    return st.context.ip_address or LOCAL


def sign_out() -> None:
    """End this session, in all its tabs."""
    token = own_cookies().get(USER_COOKIE)
    if token:
        entrance().sessions.sign_out(token, own_address())
    st.rerun()


def signed_out() -> NoReturn:
    """Say that nobody is signed in any more, with the way back to this very page; what stood here is gone."""
    use(st.query_params.get("lang"))
    st.navigation([place.page() for place in EVERY_PLACE], position="hidden")  # known, so that the address stays
    st.info(_("登录已经退出或失效。"), title=_("请重新登录"), icon=":material/logout:")
    here, query = urlsplit(st.context.url or "/").path, urlencode(st.query_params.to_dict())
    wanted = here + (f"?{query}" if query else "")
    way_out(f"{SIGN_IN}?{urlencode({'next': wanted})}", _("去登录"))
    st.stop()


def commands() -> Commands | None:
    """What changes the workbook; None where it is only looked at."""
    return board().commands


def require(page: str) -> Actor:
    """First line of every page: who is asking. A page that was not reached through the shell shows nothing."""
    actor = st.session_state.get(_ACTOR)
    if not isinstance(actor, Actor) or not actor.may_see(page):
        st.error(_("请从首页进入。"), title=_("不能打开这一页"), icon=":material/lock:")
        st.stop()
    return actor


def from_url(key: str, options: Container[str | None]) -> None:
    """Let the URL set a choice: one that the session has not made yet, or that a link just followed makes anew. Unknown
    values are ignored.

    Streamlit's own binding would put the option's label into the URL, which changes with the language.
    """
    wanted = st.query_params.get(key)
    followed = wanted is not None and wanted != st.session_state.get(_IN_URL + key)
    if (key not in st.session_state or followed) and wanted in options:
        st.session_state[key] = wanted


def to_url(key: str, value: str | None, default: str | None = None) -> None:
    """Keep a choice in the URL, so that a link shows the same view; the default needs no mention.

    What a link that was just followed chose is said again: Streamlit gives us its query, but shows none. What somebody
    came with stands there.
    """
    wanted = None if value == default else value
    is_shown = st.session_state.get(_IN_URL + key) == wanted or not st.session_state.get(_AGAIN)
    st.session_state[_IN_URL + key] = wanted
    if st.query_params.get(key) == wanted and is_shown:
        return
    if wanted is not None:
        st.query_params[key] = wanted
    elif key in st.query_params:
        del st.query_params[key]


def speak_as_chosen() -> None:
    """Speak the session's language where the switch stands further down the page."""
    from_url("lang", LANGUAGES)
    use(st.session_state.get("lang"))


def choose_language() -> str:
    """The language switch; its choice is in the URL (``?lang=en``) and lasts for the session."""
    from_url("lang", LANGUAGES)
    st.session_state.setdefault("lang", DEFAULT)
    use(st.session_state["lang"])
    chosen = st.segmented_control(
        _("语言"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="lang",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    to_url("lang", chosen, DEFAULT)
    return use(chosen)


def choose_as_of(opened: Board) -> date:
    """The as-of day; in the URL as ``?asof=2016-03-31``."""
    return st.date_input(
        _("基准日"), value=opened.default_as_of, min_value=EARLIEST, max_value=LATEST, format="YYYY-MM-DD",
        key="asof", bind="query-params", help=_("所有数字都按这一天计算；之后发生的不计入。"),
    ) or opened.default_as_of  # fmt: skip


def as_of() -> date:
    """The as-of day chosen in the shell."""
    chosen = st.session_state.get("asof")
    return chosen if isinstance(chosen, date) else board().default_as_of


def _way_to_data() -> str:
    """What to do where nothing could be read yet; only who runs the plan is told what to type on the server."""
    actor = st.session_state.get(_ACTOR)
    if not isinstance(actor, Actor) or not actor.is_centre:
        return _("数据读到以后，本页会自动打开；请告诉办公室。")
    if settings().google:
        return _("共享表格读到以后，本页会自动打开；缺什么，运行：{command}", command=as_shown("doctor"))
    return _("把工作簿放到设定的位置后，本页会自动打开；建立新的工作簿：{command}", command=as_shown("init"))


def ledger() -> Ledger:
    """The ledger for the chosen as-of day; stops the page with a word of advice when there is none."""
    found = board().ledger(as_of())
    if found is None:
        st.info(esc(_way_to_data()), title=_("还没有可以显示的数据"), icon=":material/table:")
        st.stop()
    return found
