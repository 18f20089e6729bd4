"""What a page carries itself for a reader without an account (领导): there is no side bar and no way to other pages."""

from __future__ import annotations

import streamlit as st

from lib.i18n import _
from lib.services.policy import Actor, Role
from lib.ui.session import board, choose_as_of, choose_language, speak_as_chosen


def own_controls(actor: Actor) -> None:
    """As-of day and language behind one tap; for everybody else they are in the side bar. Call before ``ledger``.

    An expander, because a popover draws its content only when it is opened, and then the language shows no choice.
    """
    if actor.role != Role.LEADER:
        return
    speak_as_chosen()
    with st.expander(_("换一天 · 语言 / Language"), icon=":material/tune:", key="screen_only_controls"):
        choose_language()
        choose_as_of(board())
