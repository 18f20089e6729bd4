"""Shared looks: escaping, the banner, and small pieces pages are laid out with."""

from __future__ import annotations

import re
from datetime import date

import streamlit as st

from lib.i18n import _
from lib.services.board import Board
from lib.services.settings import as_shown, now
from lib.views.words import day
from sheets_schema.plan_work import StateKey

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&=^@\"'/])")
_NUMBER = re.compile(r"(?<=[一二三四五六七八九十])（(?=[一二三四五六七八九十])")
BADGE = {
    StateKey.OVERDUE: "red",
    StateKey.NEAR: "orange",
    StateKey.BEHIND: "orange",
    StateKey.WAITING: "blue",
    StateKey.RUNNING: "blue",
    StateKey.IDLE: "gray",
    StateKey.DONE: "green",
    StateKey.LEFT_OUT: "gray",
}
"""Streamlit's colour name nearest to each state's colour."""
_READABLE = """<style>
a:focus-visible { outline: 2px solid currentColor !important; outline-offset: -2px }
[data-testid="stCaptionContainer"] { opacity: 0.75 !important }
</style>"""
"""What the theme cannot set: the link that has the focus is seen, in the menu too; small grey words have a contrast of
4.5 to 1 and more."""


def readable() -> None:
    """Make every page readable with the keyboard and with weak eyes. It takes no room."""
    st.html(_READABLE)


def esc(text: str) -> str:
    """Text that Markdown shows as it is: nothing typed by a person becomes a link, an image or markup.

    A clause number stays on one line: browsers would break it before its bracket.
    """
    return _MARKUP.sub(r"\\\1", _NUMBER.sub("\u2060（", text.replace("\n", " ")))


def banner(opened: Board, *, to_centre: bool) -> None:
    """Above every page: what stands in the way, whether this is sample data, and how fresh it is. Only who runs the
    plan is told what to type on the server."""
    status = opened.status
    if status.problem:
        kept = _("页面显示的是 {time} 读到的内容。", time=f"{status.read_at:%H:%M}") if status.read_at else ""
        st.error(
            esc(_("{why}。{kept}修好后会自动更新。", why=status.problem, kept=kept)),
            title=_("暂时读不到工作簿"),
            icon=":material/cloud_off:",
        )
    if status.waiting:
        st.info(
            esc(_("改动已记入日志，不会丢失。{why}", why=status.delay or "")),
            title=_("{n} 处改动等待写入工作簿", n=status.waiting),
            icon=":material/hourglass_top:",
        )
    if opened.is_sample:
        st.warning(
            _("名称和进展都是虚构的。")
            + (_("正式使用时运行：") + f"`{as_shown('init --empty --replace')}`" if to_centre else ""),
            title=_("示例数据"),
            icon=":material/science:",
        )


def page_head(title: str, as_of: date, opened: Board) -> None:
    """The page's title and one line on day and freshness."""
    st.title(title, anchor=False)
    status = opened.status
    read = _(" · {time} 读取", time=f"{status.read_at:%H:%M:%S}") if status.read_at else ""
    if status.problem and status.read_at:
        minutes = round((now() - status.read_at).total_seconds() / 60)
        read += _("，已是 {n} 分钟前", n=minutes) if minutes else ""
    st.caption(_("基准日 {day}", day=day(as_of)) + read)
