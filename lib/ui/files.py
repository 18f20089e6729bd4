"""Files to take away: a link to the route that makes them, for the day and the language of the page."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from lib.i18n import DEFAULT, language
from lib.ui.session import as_of


def take(key: str, label: str, **wanted: str) -> None:
    """A button that makes a file of ``lib.documents.catalogue``. The label is Markdown."""
    query = {"asof": as_of().isoformat(), **wanted} | ({"lang": language()} if language() != DEFAULT else {})
    st.link_button(label, f"/files/{key}?{urlencode(query)}", icon=":material/download:")
