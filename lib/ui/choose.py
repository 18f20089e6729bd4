"""Choosing one of a page's own lines: in its table, or by a link (``?record=WJ-0001``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.i18n import _
from lib.ui.session import from_url, to_url
from lib.ui.tables import Columns, choose_row

SHOWN = 1000
"""Lines sent to the browser at once; filters find the others."""


def choose_line(
    lines: Sequence[Any], columns: Columns, *, key: str, alt: str, total: int, known: Sequence[str] = (),
    name: str = "record",
) -> str | None:  # fmt: skip
    """Show lines that have an ``id``; gives the id of the chosen one. ``known``: ids a link may name although the
    filters leave them out; ``total``: how many lines there are without filters."""
    shown = tuple(lines[:SHOWN])
    ids = [str(line.id) for line in shown]
    within = {*ids, *known}
    from_url(name, within)
    st.text(_("{n}/{total} 条", n=len(lines), total=total))
    at = choose_row(_kept(shown, key), columns, alt=alt, key=key)
    if len(lines) > SHOWN:
        st.caption(_("只列出前 {n} 条，请用筛选缩小范围。", n=SHOWN))
    clicked = ids[at] if at is not None else None
    if clicked is not None and clicked != st.session_state.get(f"{key}-clicked"):
        st.session_state[name] = clicked
    st.session_state[f"{key}-clicked"] = clicked
    wanted = st.session_state.get(name)
    chosen = str(wanted) if wanted in within else None
    to_url(name, chosen)
    return chosen


def _kept(shown: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """The very same tuple as on the last run while its lines are, so that their data frame is found again."""
    last = st.session_state.get(f"{key}-lines")
    if not isinstance(last, tuple) or last != shown:
        st.session_state[f"{key}-lines"] = last = shown
    return last
