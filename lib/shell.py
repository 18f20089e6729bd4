"""What runs on every rerun: who is it, which pages are there, what day is it, is the data fresh; then the page."""

from __future__ import annotations

import random

import streamlit as st

from lib.i18n import _
from lib.services.policy import ROLE_WORDS, Role
from lib.services.settings import has_only_rollup
from lib.ui.decide import announce, rerun_by_itself, turn_page
from lib.ui.navigation import ICON, PASSWORD, ROLLUP, menu, way_out
from lib.ui.session import admit, board_or_stop, choose_as_of, choose_language, sign_out, signed_out, speak_as_chosen
from lib.ui.theme import banner, esc, readable

CHECK_SECONDS = 2.0
"""How often an open page asks whether the data changed; a little more for each session, at random, so that a
change does not make all of them rerun in the same moment."""

st.set_page_config(page_title=_("脱钩工作台"), page_icon=str(ICON), layout="wide")
readable()
actor = admit()
if actor is None:
    signed_out()
opened = board_or_stop()
turn_page()
only_rollup = has_only_rollup()
reads_only = actor.role == Role.LEADER
if reads_only:
    speak_as_chosen()
else:
    with st.sidebar:
        choose_language()
page = st.navigation(
    menu(actor),
    position="hidden" if reads_only else "sidebar",
    expanded=True,
)
if not reads_only:
    with st.sidebar:
        if not only_rollup:
            choose_as_of(opened)
        with st.container(border=True):
            st.markdown(f"**{esc(actor.name)}** :gray[{esc(_(ROLE_WORDS[Role(actor.role)]))}]")
            if actor.units:
                st.caption(esc("、".join(actor.units)))
            with st.container(horizontal=True):
                way_out(PASSWORD, _("修改密码"))
                if st.button(_("退出"), type="tertiary"):
                    sign_out()

shown = opened.status.version


@st.fragment(run_every=CHECK_SECONDS + random.random())
def watch() -> None:
    """Rerun the page when the workbook changed, or was opened anew under another plan."""
    if board_or_stop() is not opened or opened.status.version != shown:
        rerun_by_itself()


if not only_rollup and page.url_path != ROLLUP:  # what it tells is about this server's own workbook
    banner(opened, to_centre=actor.is_centre)
watch()  # before the page: one that stops early has to notice the end of its session too
announce()
page.run()
