"""阶段: dates, leads, deliverables, chains and gates of each phase."""

import streamlit as st

from lib.i18n import _
from lib.ui.session import board, ledger, require
from lib.ui.tables import folded_table
from lib.ui.theme import BADGE, esc, page_head
from lib.views.phases import ChainView, phases
from lib.views.prepared import prepared

sight = require("phases").sight
found = ledger()
view = prepared(phases, found, sight)
page_head(_("阶段"), found.as_of, board())


def show_chain(chain: ChainView) -> None:
    """One kind of document: its steps in a row, then what is still on the way."""
    through = _("走完 {done}", done=chain.done)
    st.markdown(f"**{esc(chain.kind)}** :gray[{esc(chain.clause)} · {esc(through)}]")
    with st.container(horizontal=True, gap="small"):
        for number, step in enumerate(chain.steps):
            arrow = "→ " if number else ""
            label = f"{arrow}{step.shape} {step.verb}" + (f" {step.detail}" if step.detail else "")
            st.badge(label, color=BADGE[step.state], help=esc(step.actors) or None)
    if chain.open:
        folded_table(
            _("未走完的 {n} 件", n=len(chain.open)), chain.open,
            (("owner", _("主体")), ("step", _("环节")), ("since", _("起自")), ("note", _("说明"))),
            key=f"fold_{chain.kind}", alt=_("未走完的文件"),
        )  # fmt: skip


for phase in view.phases:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(f"{phase.id} {phase.title}", anchor=False, width="content")
            st.badge(phase.state, color=BADGE[phase.state_key])
            st.badge(phase.clause, color="gray")
        st.markdown(f"{esc(phase.dates)} · **{esc(phase.summary)}**")
        leads = _("牵头：{names}", names=phase.leads) + (
            _("；会同：{names}", names=phase.partners) if phase.partners else ""
        )
        st.caption(esc(leads))
        st.progress(min(max(phase.progress, 0.0), 1.0), text=esc(_("；").join(phase.deliverables)))
        if phase.note:
            st.text(phase.note)
        for chain in phase.chains:
            show_chain(chain)
        for gate in phase.gates:
            icon = ":material/lock_open:" if gate.is_open else ":material/lock:"
            st.markdown(f"{icon} {esc(gate.title)} :gray[{esc(gate.clause)} · {esc(gate.state)} · {esc(gate.effect)}]")

if view.standing:
    st.header(_("贯穿各阶段的文件"), anchor=False)
    for chain in view.standing:
        with st.container(border=True):
            show_chain(chain)
