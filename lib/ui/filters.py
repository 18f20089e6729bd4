"""Filters that live in the URL: a link shows the same view, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.i18n import _
from lib.ui.session import from_url, to_url

LONGEST = 100
"""Characters in a search box."""


def pick(
    name: str,
    label: str,
    options: Sequence[str] | Mapping[str, str],
    *,
    width: int = 200,
    every: str | None = None,
) -> str | None:
    """A filter; gives the chosen value, None for all. ``options``: the values, or value → the words to show; ``every``:
    what stands there while nothing is chosen."""
    words: Mapping[str, str] = options if isinstance(options, Mapping) else {}
    from_url(name, list(options))
    if st.session_state.get(name) not in (None, *options):
        st.session_state[name] = None
    chosen = st.selectbox(
        label, list(options), index=None, placeholder=every or _("全部"), key=name, width=width,
        format_func=lambda value: words.get(value) or _(value),
    )  # fmt: skip
    to_url(name, chosen)
    return chosen


def pick_one(name: str, label: str, options: Sequence[str] | Mapping[str, str], default: str | None = None) -> str:
    """A choice that is always made, as a row of buttons; ``default`` (else the first) needs no mention in the URL.

    There must be an option.
    """
    words: Mapping[str, str] = options if isinstance(options, Mapping) else {}
    first = default if default in options else next(iter(options))
    from_url(name, list(options))
    if st.session_state.get(name) not in options:
        st.session_state[name] = first
    chosen = st.segmented_control(
        label, list(options), key=name, required=True, label_visibility="collapsed",
        format_func=lambda value: words.get(value) or _(value),
    )  # fmt: skip
    to_url(name, chosen, first)
    return str(chosen or first)


class _Texts:
    """What may be looked for."""

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and len(text) <= LONGEST


def search(name: str = "q", *, width: int = 240, placeholder: str | None = None) -> str:
    """A search box; what was typed is in the URL."""
    from_url(name, _Texts())
    typed = st.text_input(
        _("查找"), key=name, width=width, max_chars=LONGEST, placeholder=placeholder or _("名称、编号或内容")
    )  # fmt: skip
    to_url(name, typed.strip() or None)
    return typed.strip()
