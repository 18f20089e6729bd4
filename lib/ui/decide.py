"""Do what a person asks for and tell what became of it: done, or why not, by which clause, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.domain.findings import Finding
from lib.i18n import _
from lib.services.policy import Actor
from lib.services.scene import Decision
from lib.services.work import Make
from lib.ui.session import board, commands
from lib.ui.theme import esc

_LAST, _DONE, _NEW = "last_decision", "acts_done", "decision_is_new"
_SHOWN, _BY_ITSELF, _TOLD = "shown_once", "rerun_by_itself", "told_in_this_run"


def fresh(key: str) -> str:
    """A key under which a form starts anew after each act that was done; a refused one keeps what was typed."""
    return f"{key}-{st.session_state.get(_DONE, 0)}"


def do(actor: Actor, action: str, make: Make, at: str = "", *, rescue: bool = False) -> None:
    """Do an act and rerun the page; ``told(at)`` then says what became of it. ``action``: its name in the journal;
    ``rescue`` as in ``Commands.act``."""
    office = commands()
    if office is not None:
        with st.spinner(_("正在办理…")):
            decision = office.act(actor, action, make, rescue=rescue)
        decide(decision, at)


def decide(decision: Decision, at: str = "") -> None:
    """Remember a decision for the next run and rerun the page with the newest data."""
    if decision.allowed:
        with st.spinner(_("正在办理…")):
            board().catch_up()
        st.session_state[_DONE] = st.session_state.get(_DONE, 0) + 1
    st.session_state[_LAST] = at, decision
    st.session_state[_NEW] = True
    st.rerun()


def once(key: str) -> Any:
    """What stands in the session under a key, to be shown until the person does something; None when nothing does."""
    found = st.session_state.get(key)
    if found is not None:
        st.session_state[_SHOWN] = {*st.session_state.get(_SHOWN, ()), key}
    return found


def rerun_by_itself() -> None:
    """Rerun the page because the data changed: the person did nothing, and what is told stays."""
    st.session_state[_BY_ITSELF] = True
    st.rerun()


def turn_page() -> None:
    """At the start of every run: drop what was shown once, or had no place to be shown, unless the page reran by
    itself."""
    st.session_state.pop(_TOLD, None)
    if not st.session_state.pop(_BY_ITSELF, False):
        if _NEW not in st.session_state:
            st.session_state.pop(_LAST, None)
        for key in st.session_state.pop(_SHOWN, ()):
            st.session_state.pop(key, None)


def announce() -> None:
    """A word of a new decision in the corner: where ``told`` stands may be off the screen by now, or gone with a record
    that the filters do not show any more."""
    if st.session_state.pop(_NEW, False):
        _where, decision = st.session_state[_LAST]
        if decision.allowed:
            st.toast(decision_words(decision), icon=":material/check_circle:")
        else:
            st.toast(_("没有办理"), icon=":material/block:")


def told(at: str = "", *, done_only: bool = False) -> None:
    """Show the decision of the last act at the place that asked for it, until the person does something else.

    ``done_only``: above a fold that closes once its form has served; a refusal stays inside, beside what was typed.
    """
    where, decision = st.session_state.get(_LAST) or ("", None)
    if decision is None or where != at or st.session_state.get(_TOLD) == at or (done_only and not decision.allowed):
        return
    once(_LAST)
    st.session_state[_TOLD] = at
    if not decision.allowed:
        refused(decision)
        return
    st.success(decision_words(decision), icon=":material/check_circle:")
    doubts(decision.notes)


def decision_words(decision: Decision) -> str:
    """What was done, as Markdown: saved, or that there was nothing to do."""
    said = str(decision.reason)
    return esc(said) if said else _("已保存；工作簿随后更新。")


def refused(decision: Decision) -> None:
    """Show a refusal: what happened, by which clause, and what to do."""
    clause = f"{_(decision.clause)} · " if decision.clause else ""
    st.error(
        "\n\n".join(esc(str(text)) for text in (decision.reason, decision.remedy) if str(text)),
        title=esc(clause + _("没有办理")),
        icon=":material/block:",
    )


def doubts(notes: Sequence[Finding]) -> None:
    """Show what an act left doubtful."""
    for note in notes:
        said = _("；").join(text for text in (str(note.message), str(note.remedy)) if text)
        st.warning(esc(said), title=esc(_(note.clause)), icon=":material/warning:")
