"""Tables: prepared rows as data frames, made once for each view and found again by the rows' identity."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from lib.i18n import _
from lib.ui.theme import esc

Columns = tuple[tuple[str, str], ...]
"""``(field, header)`` pairs."""
KEPT = 128

_frames: OrderedDict[tuple[int, Columns, bool], tuple[Any, pd.DataFrame]] = OrderedDict()


def table(rows: tuple[Any, ...], columns: Columns, *, alt: str, **options: Any) -> None:
    """Show rows as a table without an index. Cells of ``st.dataframe`` are plain text, never markup."""
    if not rows:
        _say_none()
        return
    st.dataframe(_frame(rows, columns, escaped=False), hide_index=True, placeholder="", alt=alt, **options)


def choose_row(rows: tuple[Any, ...], columns: Columns, *, alt: str, key: str, **options: Any) -> int | None:
    """The same table with rows to choose from; gives the place of the chosen one."""
    if not rows:
        _say_none()
        return None
    shown = _frame(rows, columns, escaped=False)
    event = st.dataframe(
        shown, hide_index=True, placeholder="", alt=alt, key=key, on_select="rerun", selection_mode="single-row",
        **options,
    )  # fmt: skip
    chosen = event.selection.rows
    return chosen[0] if chosen and chosen[0] < len(rows) else None


def choose_rows(rows: tuple[Any, ...], columns: Columns, *, alt: str, key: str, **options: Any) -> tuple[int, ...]:
    """The same with any number of rows to choose; gives their places from the top."""
    if not rows:
        _say_none()
        return ()
    shown = _frame(rows, columns, escaped=False)
    event = st.dataframe(
        shown, hide_index=True, placeholder="", alt=alt, key=key, on_select="rerun", selection_mode="multi-row",
        **options,
    )  # fmt: skip
    return tuple(sorted(at for at in event.selection.rows if at < len(rows)))


def prose(rows: tuple[Any, ...], columns: Columns, *, alt: str) -> None:
    """Show a few rows of sentences as a table whose cells wrap. Its cells are Markdown, so every text is escaped."""
    st.table(_frame(rows, columns, escaped=True), hide_index=True, border="horizontal", alt=alt)


def folded_table(label: str, rows: tuple[Any, ...], columns: Columns, *, key: str, alt: str) -> None:
    """A table behind a label: sent to the browser only once somebody opens it."""
    fold = st.expander(label, key=key, on_change="rerun")
    if fold.open:
        with fold:
            table(rows, columns, alt=alt)


def _say_none() -> None:
    """In place of a table without rows, in which Streamlit would write an English word."""
    st.caption(_("没有符合条件的行。"))


def _frame(rows: tuple[Any, ...], columns: Columns, *, escaped: bool) -> pd.DataFrame:
    """The data frame of frozen dataclass rows (by field) or plain tuples (by place)."""
    key = (id(rows), columns, escaped)
    known = _frames.get(key)
    if known is not None and known[0] is rows:
        return known[1]
    shown: Callable[[Any], Any] = (lambda cell: esc(str(cell))) if escaped else (lambda cell: cell)
    by_field = bool(rows) and dataclasses.is_dataclass(rows[0])
    cells = [[shown(getattr(row, name)) for name, _header in columns] if by_field else map(shown, row) for row in rows]
    made = pd.DataFrame(cells, columns=[header for _name, header in columns])
    _frames[key] = (rows, made)
    while len(_frames) > KEPT:
        _frames.popitem(last=False)
    return made
