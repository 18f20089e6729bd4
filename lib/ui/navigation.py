"""Where pages are, and links between them. Links drop query parameters unless a widget is bound to them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lib.i18n import N_, _
from lib.services.policy import Actor
from lib.services.settings import has_only_rollup, rollup_folder

PAGES = Path(__file__).resolve().parent.parent.parent / "pages"
ICON = Path(__file__).resolve().parent / "icon.svg"


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its file and path in the URL (the first one is ``/``), its title and its icon."""

    name: str
    title: str
    icon: str

    def page(self, *, first: bool = False) -> StreamlitPage:
        """It as Streamlit knows pages; ``first``: the one that stands at ``/``."""
        return st.Page(
            PAGES / f"{self.name}.py", title=_(self.title), icon=self.icon, url_path=self.name, default=first
        )  # fmt: skip


SECTIONS: dict[str, tuple[Place, ...]] = {
    N_("看进度"): (
        Place("overview", N_("总览"), ":material/dashboard:"),
        Place("brief", N_("一页速览"), ":material/bolt:"),
        Place("phases", N_("阶段"), ":material/timeline:"),
        Place("rollup", N_("多地汇总"), ":material/public:"),
    ),
    N_("办工作"): (
        Place("todo", N_("我的待办"), ":material/checklist:"),
        Place("registry", N_("协会名录"), ":material/domain:"),
        Place("nominations", N_("试点推荐"), ":material/how_to_vote:"),
        Place("approvals", N_("审批流转"), ":material/approval:"),
        Place("implementation", N_("实施方案"), ":material/assignment:"),
        Place("execution", N_("试点实施"), ":material/grid_on:"),
        Place("reports", N_("季度报告"), ":material/calendar_month:"),
        Place("evaluation", N_("试点评估"), ":material/insights:"),
        Place("policies", N_("配套政策"), ":material/policy:"),
        Place("extensions", N_("延期与销号"), ":material/event_repeat:"),
    ),
    N_("管机制"): (
        Place("mechanism", N_("机制与单位"), ":material/groups:"),
        Place("problems", N_("问题协调"), ":material/handshake:"),
        Place("scorecard", N_("考核"), ":material/leaderboard:"),
    ),
    N_("出文件"): (
        Place("documents", N_("文件"), ":material/description:"),
        Place("reminders", N_("催办"), ":material/notifications_active:"),
    ),
    N_("查数据"): (
        Place("health", N_("数据体检"), ":material/fact_check:"),
        Place("changes", N_("变更与冲突"), ":material/history:"),
        Place("rules", N_("规则依据"), ":material/gavel:"),
        Place("admin", N_("管理"), ":material/manage_accounts:"),
    ),
}
"""All pages by the section of the menu they stand in; ``lib.services.policy.PAGES`` says who may open which."""
ROLLUP = "rollup"
"""The page that is there only where a roll-up is shown."""
EVERY_PLACE = tuple(place for places in SECTIONS.values() for place in places)
"""All pages in the order of the menu."""
PLACES = tuple(place for place in EVERY_PLACE if place.name != ROLLUP)
"""Those that every server has."""
WITHOUT_WORKBOOK = frozenset({ROLLUP, "admin", EVERY_PLACE[0].name})
"""The pages of a server that shows a roll-up and has no workbook; the first one tells who may not see it why."""
PAGE_OF = {f"/{place.name}": place.name for place in EVERY_PLACE[1:]} | {"/": EVERY_PLACE[0].name}
"""Path in the URL → page."""


def serves(page: str) -> bool:
    """Whether this server has a page at all."""
    if has_only_rollup():
        return page in WITHOUT_WORKBOOK
    return page != ROLLUP or rollup_folder() is not None


def home(actor: Actor) -> str:
    """The page somebody comes to first on this server."""
    return ROLLUP if actor.may_see(ROLLUP) and has_only_rollup() else actor.home


def menu(actor: Actor) -> dict[str, list[StreamlitPage]]:
    """The pages somebody has on this server, by section. Without a workbook all that is about one is left out."""
    first = home(actor)
    left = {ROLLUP, "admin", first} if has_only_rollup() else {place.name for place in EVERY_PLACE}
    return {
        _(section): [
            place.page(first=place.name == first)
            for place in places
            if place.name in left and serves(place.name) and actor.may_see(place.name)
        ]
        for section, places in SECTIONS.items()
    }


PASSWORD, SIGN_IN = "/password", "/signin"
"""The forms at the door, which are not Streamlit's."""


def way_out(path: str, label: str) -> None:
    """A link from a page to a form at the door, in the same tab; Streamlit's own links open another one."""
    st.html(
        f'<a href="{escape(path)}" target="_self" style="color:#0B5CAD;font-size:0.95rem">{escape(label)}</a>',
        width="content",
    )


def link(page: str, label: str, **query: str) -> None:
    """A link to a page by its file name, with query parameters that set its filters. The label is Markdown."""
    st.page_link(PAGES / f"{page}.py", label=label, icon=":material/arrow_forward:", query_params=query or None)
