"""Figures: a number with what it is called, a word beside it, and the way to its rows."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.i18n import DEFAULT, language
from lib.ui.navigation import PAGES

WIDTH, LONGER = 160, 170
"""Pixels one needs at least, in Chinese and in other languages, whose words are longer; two go into a phone's width."""


def figures(width: int = WIDTH) -> DeltaGenerator:
    """The frame for figures, as many in a row as there is room for. ``width``: what one needs in Chinese."""
    return st.grid("auto", min_column_width=width if language() == DEFAULT else max(width, LONGER))


def figure(
    label: str, value: str | int, detail: str = "", *, page: str = "", help: str | None = None, alarm: bool = False,
    **query: str,
) -> None:  # fmt: skip
    """One figure in a frame. ``page`` and ``query``: where its rows are; what it is called is then the way to them, so
    that every link says where it leads. ``alarm``: the word beside it stands out."""
    with st.container(border=True, gap="xsmall", height="stretch"):
        if page:
            st.page_link(
                PAGES / f"{page}.py", label=label, icon=":material/arrow_forward:", icon_position="right", help=help,
                query_params=query or None,
            )  # fmt: skip
        st.metric(
            label, value, detail or None, delta_arrow="off", delta_color="red" if alarm else "gray",
            help=None if page else help, label_visibility="collapsed" if page else "visible",
        )  # fmt: skip
