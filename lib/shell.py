"""What runs on every rerun: who is it, which pages are there, what day is it, is the data fresh; then the page."""

from __future__ import annotations

import random

import streamlit as st

from lib.i18n import _
from lib.ui.navigation import ICON, PAGES
from lib.ui.session import admit, board_or_stop, choose_as_of, choose_language
from lib.ui.theme import banner

CHECK_SECONDS = 2.0
"""How often an open page asks whether the data changed; a little more for each session, at random, so that a
change does not make all of them rerun in the same moment."""

st.set_page_config(page_title=_("脱钩工作台"), page_icon=str(ICON), layout="wide")
admit()
opened = board_or_stop()
with st.sidebar:
    choose_language()
page = st.navigation(
    [
        st.Page(PAGES / "overview.py", title=_("总览"), icon=":material/dashboard:", default=True),
        st.Page(PAGES / "brief.py", title=_("一页速览"), icon=":material/bolt:", url_path="brief"),
        st.Page(PAGES / "phases.py", title=_("阶段"), icon=":material/timeline:", url_path="phases"),
        st.Page(PAGES / "health.py", title=_("数据体检"), icon=":material/fact_check:", url_path="health"),
        st.Page(PAGES / "changes.py", title=_("变更与冲突"), icon=":material/history:", url_path="changes"),
        st.Page(PAGES / "rules.py", title=_("规则依据"), icon=":material/gavel:", url_path="rules"),
    ]
)
with st.sidebar:
    as_of = choose_as_of(opened)

shown = opened.status.version


@st.fragment(run_every=CHECK_SECONDS + random.random())
def watch() -> None:
    """Rerun the page when the workbook changed."""
    if opened.status.version != shown:
        st.rerun()


banner(opened, as_of)
page.run()
watch()
