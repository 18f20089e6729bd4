"""Acts on many cells at once: shown as a list of changes first, and done when a person has looked at it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.i18n import _
from lib.services.policy import Actor
from lib.services.work import Make, as_listed
from lib.ui.decide import decide, doubts, refused
from lib.ui.session import board, commands
from lib.ui.tables import table
from lib.views.proposal import changes_of

SHOWN = 500
"""Changes listed at once."""


@dataclass(frozen=True, slots=True)
class _Proposal:
    action: str
    make: Make
    user: str
    rescue: bool


def propose(key: str, actor: Actor, action: str, make: Make, *, rescue: bool = False) -> None:
    """Put an act forward; ``proposal`` shows it from the next run on until it is done or dropped."""
    st.session_state[_place(key)] = _Proposal(action, make, actor.user, rescue)
    st.rerun()


def proposal(key: str, actor: Actor) -> bool:
    """Show the act put forward under ``key`` with buttons to do or drop it; whether there is one.

    It is tried anew on every run, so that what is listed is what would happen now.
    """
    put, office, judged = st.session_state.get(_place(key)), commands(), board().judged
    if not isinstance(put, _Proposal) or put.user != actor.user or office is None or judged is None:
        return False
    with st.spinner(_("正在核对…")):
        found = office.preview(actor, put.make, rescue=put.rescue)
    lines = changes_of(found.edits, judged.world)
    with st.container(border=True):
        st.header(_("保存前核对"), anchor=False)
        if found.decision.allowed:
            st.text(_("将改动 {n} 处：", n=len(lines)) if lines else _("没有需要改动的内容"))
        else:
            refused(found.decision)
        doubts(found.decision.notes)
        if lines:
            columns = (
                ("sheet", _("工作表")), ("record", _("编号")), ("name", _("名称")), ("column", _("列")),
                ("old", _("原值")), ("new", _("新值")),
            )  # fmt: skip
            table(lines[:SHOWN], columns, alt=_("将要改动的内容"))
            if len(lines) > SHOWN:
                st.caption(_("只列出前 {n} 处。", n=SHOWN))
        with st.container(horizontal=True):
            go = st.button(
                _("确认保存"), type="primary", icon=":material/save:", key=f"{key}-go",
                disabled=not (lines and found.decision.allowed),
            )  # fmt: skip
            drop = st.button(_("放弃"), icon=":material/close:", key=f"{key}-drop")
    listed = st.session_state.get(_listed(key), ())
    st.session_state[_listed(key)] = found.edits
    if go:
        with st.spinner(_("正在办理…")):
            decision = office.act(actor, put.action, as_listed(put.make, listed), rescue=put.rescue)
        if decision.allowed:
            del st.session_state[_place(key)]
        decide(decision, key)
    if drop:
        del st.session_state[_place(key)]
        st.rerun()
    return True


def _place(key: str) -> str:
    return f"proposal-{key}"


def _listed(key: str) -> str:
    """Where the edits stand that were on the screen when a button was pressed."""
    return f"proposal-{key}-listed"
