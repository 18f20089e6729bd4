"""Choosing several rows of a table at once, for acts on many records."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.i18n import _
from lib.ui.tables import Columns, _frame


def choose_rows(rows: tuple[Any, ...], columns: Columns, *, alt: str, key: str, **options: Any) -> list[int]:
    """A table with rows to tick; gives the places of the ticked ones and says below how many they are."""
    shown = _frame(rows, columns, escaped=False)
    event = st.dataframe(
        shown, hide_index=True, alt=alt, key=key, on_select="rerun", selection_mode="multi-row", **options
    )
    chosen = sorted(at for at in event.selection.rows if at < len(rows))
    st.text(_("已选 {n}/{total}", n=len(chosen), total=len(rows)))
    return chosen
