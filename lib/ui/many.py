"""Choosing several rows of a table at once, for acts on many records."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import streamlit as st

from lib.i18n import _
from lib.ui.tables import Columns, _frame


def choose_rows(rows: tuple[Any, ...], columns: Columns, *, alt: str, key: str, **options: Any) -> list[int]:
    """A table with rows to tick; gives the places of the ticked ones and says below how many they are.

    The browser tells places only: when the rows are others than those that were ticked, nothing is ticked any more.
    """
    shown = _frame(rows, columns, escaped=False)
    mark = crc32("|".join(map(str, rows)).encode())
    event = st.dataframe(
        shown, hide_index=True, alt=alt, key=f"{key}-{mark}", on_select="rerun", selection_mode="multi-row", **options
    )
    chosen = sorted(at for at in event.selection.rows if at < len(rows))
    st.text(_("已选 {n}/{total}", n=len(chosen), total=len(rows)))
    return chosen
