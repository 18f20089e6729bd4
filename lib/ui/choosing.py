"""Tables to choose from where the rows are no records of one sheet: one row, or many for an act on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import streamlit as st

from lib.i18n import _
from lib.ui.decide import fresh
from lib.ui.session import from_url, to_url
from lib.ui.tables import Columns, choose_row, choose_rows

SHOWN = 1000
"""Rows sent to the browser at once; filters find the others."""
FEW, ROW = 5, 35
"""Rows shown once one is chosen: what is done with it stands below and has to be on the screen. Pixels of a row."""


def choose_one(
    name: str, ids: Sequence[str], known: Sequence[str], rows: tuple[Any, ...], columns: Columns, *, alt: str,
    key: str = "", **options: Any,
) -> str | None:  # fmt: skip
    """Show rows to choose one from; gives its id, which is in the URL as ``name``. ``known``: ids that a link may name
    although the filters do not show them. ``key``: tells tables apart that choose the same on different pages."""
    from_url(name, list(known))
    table = f"{key or name}-{_digest(ids)}"
    at = None
    if rows:
        now = st.session_state.get(table) or {}
        if len(rows) > FEW and (now.get("selection", {}).get("rows") or st.session_state.get(name) in known):
            options["height"] = ROW * (FEW + 1) + 2
        at = choose_row(rows, columns, alt=alt, key=table, **options)
    else:
        st.caption(_("没有符合条件的内容。"))
    clicked = ids[at] if at is not None else None
    if clicked is not None and clicked != st.session_state.get(f"{table}-clicked"):
        st.session_state[name] = clicked
    st.session_state[f"{table}-clicked"] = clicked
    wanted = st.session_state.get(name)
    found = str(wanted) if wanted in known else None
    to_url(name, found)
    return found


def choose_line(
    lines: Sequence[Any], columns: Columns, *, key: str, alt: str, total: int, known: Sequence[str] = (),
    name: str = "record",
) -> str | None:  # fmt: skip
    """Show a page's own lines, which have an ``id``; gives the id of the chosen one. ``known``: ids a link may name
    although the filters leave them out; ``total``: how many lines there are without filters."""
    shown = tuple(lines[:SHOWN])
    st.text(_("{n}/{total} 条", n=len(lines), total=total))
    ids = [str(line.id) for line in shown]
    chosen = choose_one(name, ids, [*ids, *known], _kept(shown, key), columns, alt=alt, key=key)
    if len(lines) > SHOWN:
        st.caption(_("只列出前 {n} 条，请用筛选缩小范围。", n=SHOWN))
    return chosen


def _kept(shown: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """The very same tuple as on the last run while its lines are, so that their data frame is found again."""
    last = st.session_state.get(f"{key}-lines")
    if not isinstance(last, tuple) or last != shown:
        st.session_state[f"{key}-lines"] = last = shown
    return last


def tick_rows(rows: tuple[Any, ...], columns: Columns, *, alt: str, key: str, **options: Any) -> tuple[int, ...]:
    """A table with rows to tick; gives the places of the ticked ones and says below how many they are. When the rows
    are others than those that were ticked, nothing is ticked any more."""
    chosen = choose_rows(rows, columns, alt=alt, key=f"{key}-{_digest([str(row) for row in rows])}", **options)
    st.text(_("已选 {n}/{total}", n=len(chosen), total=len(rows)))
    return chosen


def choose_many(
    key: str, label: str, words: Mapping[str, str], rows: tuple[Any, ...], columns: Columns, *, alt: str,
    **options: Any,
) -> list[str]:  # fmt: skip
    """Show rows to choose from, and below them what is chosen, by name; gives the ids. ``words``: id → name, in the
    order of the rows.

    The list of names is what counts: ticking rows fills it, and who cannot tick rows of a table picks names. After an
    act that was done nothing is chosen any more.
    """
    ids, picked = list(words), fresh(f"{key}-picked")
    shown = fresh(f"{key}-{_digest(ids)}")
    ticked = [ids[at] for at in choose_rows(rows, columns, alt=alt, key=shown, **options)]
    if ticked != st.session_state.get(f"{shown}-ticked", []):
        st.session_state[picked] = ticked
    st.session_state[f"{shown}-ticked"] = ticked
    st.session_state[picked] = [name for name in st.session_state.get(picked, []) if name in words]
    chosen = st.multiselect(
        label, ids, key=picked, placeholder=_("在表中勾选，或在此选择"), format_func=words.__getitem__
    )  # fmt: skip
    return list(chosen)


def _digest(ids: Sequence[str]) -> str:
    """Tells tables of different rows apart, so that a tick never passes to the row that took a place over."""
    return f"{crc32(' '.join(ids).encode()):08x}"
