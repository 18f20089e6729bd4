"""Tell a person what became of what he asked for: done, or why not, by which clause, and what to do."""

from __future__ import annotations

import streamlit as st

from lib.i18n import _
from lib.services.commands import Decision
from lib.ui.session import board
from lib.ui.theme import esc

_LAST, _DONE = "last_decision", "acts_done"


def fresh(key: str) -> str:
    """A key under which a form starts anew after each act that was done; a refused one keeps what was typed."""
    return f"{key}-{st.session_state.get(_DONE, 0)}"


def decide(decision: Decision) -> None:
    """Remember a decision for the next run and rerun the page with the newest data."""
    if decision.allowed:
        board().refresh()
        st.session_state[_DONE] = st.session_state.get(_DONE, 0) + 1
    st.session_state[_LAST] = decision
    st.rerun()


def told() -> None:
    """Show the decision of the last run, once."""
    decision = st.session_state.pop(_LAST, None)
    if decision is None:
        return
    if decision.allowed:
        st.success(_("已保存；工作簿随后更新。"), icon=":material/check_circle:")
        for note in decision.notes:
            st.warning(esc(str(note.message)), title=esc(_(note.clause)), icon=":material/warning:")
        return
    clause = f"{_(decision.clause)} · " if decision.clause else ""
    st.error(
        "\n\n".join(esc(str(text)) for text in (decision.reason, decision.remedy) if str(text)),
        title=esc(clause + _("没有办理")),
        icon=":material/block:",
    )
