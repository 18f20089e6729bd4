"""Figures: a number with what it is called, a word beside it, and the way to its rows."""

from __future__ import annotations

import streamlit as st

from lib.i18n import _
from lib.ui.navigation import link


def figure(
    label: str, value: str | int, detail: str = "", *, page: str = "", help: str | None = None, alarm: bool = False,
    **query: str,
) -> None:  # fmt: skip
    """One figure in a frame. ``page`` and ``query``: where its rows are; ``alarm``: the word beside it stands out."""
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.metric(
            label, value, detail or None, delta_arrow="off", delta_color="red" if alarm else "gray", help=help
        )  # fmt: skip
        if page:
            link(page, _("查看"), **query)
