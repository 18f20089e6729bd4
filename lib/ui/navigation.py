"""Where pages are, and links between them. Links drop query parameters unless a widget is bound to them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lib.i18n import N_, _

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


PLACES = (
    Place("overview", N_("总览"), ":material/dashboard:"),
    Place("brief", N_("一页速览"), ":material/bolt:"),
    Place("phases", N_("阶段"), ":material/timeline:"),
    Place("health", N_("数据体检"), ":material/fact_check:"),
    Place("changes", N_("变更与冲突"), ":material/history:"),
    Place("rules", N_("规则依据"), ":material/gavel:"),
    Place("admin", N_("管理"), ":material/manage_accounts:"),
)
"""All pages in the order of the menu; ``lib.services.policy.PAGES`` says who may open which."""
PAGE_OF = {f"/{place.name}": place.name for place in PLACES[1:]} | {"/": PLACES[0].name}
"""Path in the URL → page."""


PASSWORD, SIGN_IN = "/password", "/signin"
"""The forms at the door, which are not Streamlit's."""


def way_out(path: str, label: str) -> None:
    """A link from a page to a form at the door, in the same tab; Streamlit's own links open another one."""
    st.html(
        f'<a href="{escape(path)}" target="_self" style="color:#0B5CAD;font-size:0.95rem">{escape(label)}</a>',
        width="content",
    )


def link(page: str, label: str, **query: str) -> None:
    """A link to a page by its file name, with query parameters that set its filters."""
    st.page_link(PAGES / f"{page}.py", label=label, icon=":material/arrow_forward:", query_params=query or None)
