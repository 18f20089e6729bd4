"""机制与单位: the joint working group, every unit with its people, units' own plans, meetings and publicity."""

import streamlit as st

from lib.i18n import N_, _
from lib.ui.decide import told
from lib.ui.filters import pick_one
from lib.ui.mechanism import events_section, leaders, plans_section, units_section
from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head
from lib.views.mechanism import mechanism
from lib.views.prepared import prepared

SECTIONS = {"units": N_("单位"), "plans": N_("单位实施方案"), "events": N_("会议与宣传")}

actor = require("mechanism")
found = ledger()
page_head(_("机制与单位"), found.as_of, board())
told()
with st.container(horizontal=True, vertical_alignment="center"):
    section = pick_one("section", _("内容"), {name: _(word) for name, word in SECTIONS.items()})
if section == "units":
    leaders(prepared(mechanism, found))
    units_section(actor, found)
elif section == "plans":
    plans_section(actor, found)
else:
    events_section(actor, found)
