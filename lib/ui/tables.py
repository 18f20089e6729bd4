"""Tables: prepared rows as data frames, made once for each view."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from lib.ui.theme import esc


@lru_cache(maxsize=128)
def frame(rows: tuple[Any, ...], columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """A data frame of the chosen fields (``(field, header)`` pairs) of frozen dataclass rows, or of tuples by place."""
    if rows and dataclasses.is_dataclass(rows[0]):
        return pd.DataFrame(
            [[getattr(row, name) for name, _label in columns] for row in rows], columns=[c[1] for c in columns]
        )
    return pd.DataFrame(list(rows), columns=[label for _name, label in columns])


def prose(rows: Sequence[Any], columns: tuple[tuple[str, str], ...], *, alt: str) -> None:
    """Show a few rows of sentences as a table whose cells wrap. Its cells are Markdown, so every text is escaped."""
    st.table(_escaped(tuple(rows), columns), hide_index=True, border="horizontal", alt=alt)


@lru_cache(maxsize=32)
def _escaped(rows: tuple[Any, ...], columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return frame(rows, columns).map(lambda cell: esc(str(cell)))


def table(rows: Sequence[Any], columns: tuple[tuple[str, str], ...], *, alt: str, **options: Any) -> None:
    """Show rows as a table without an index. Cells of ``st.dataframe`` are plain text, never markup."""
    st.dataframe(frame(tuple(rows), columns), hide_index=True, alt=alt, **options)
