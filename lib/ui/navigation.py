"""Where pages are, and links between them. Links drop query parameters unless a widget is bound to them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent.parent / "pages"
ICON = Path(__file__).resolve().parent / "icon.svg"


def link(page: str, label: str, **query: str) -> None:
    """A link to a page by its file name, with query parameters that set its filters."""
    st.page_link(PAGES / f"{page}.py", label=label, icon=":material/arrow_forward:", query_params=query or None)
