"""Figures: a number with what it is called, a word beside it, and the way to its rows."""

from __future__ import annotations

import streamlit as st

from lib.ui.navigation import PAGES


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
