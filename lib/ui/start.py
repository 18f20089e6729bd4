"""The form that begins a document the plan expects: it is added and its drafting step recorded in one act (四)."""

from __future__ import annotations

import streamlit as st

from lib.domain.ledger import Ledger
from lib.domain.owners import writers
from lib.domain.signing import may_act
from lib.i18n import N_, _
from lib.services import work_chains
from lib.services.policy import Actor
from lib.ui.decide import do, fresh
from lib.ui.forms import only, record_form
from lib.ui.session import as_of
from lib.ui.theme import esc
from lib.views.approvals import MissingLine
from sheets_schema.documents import Document
from sheets_schema.sheet import YesNo
from sheets_schema.workbook import BY_KEY

START = N_("起草文件")


def start_form(actor: Actor, ledger: Ledger, line: MissingLine) -> None:
    """Begin one document: its title, who drafts it, and when."""
    if not actor.may_write:
        return
    kind, step = ledger.plan.kinds[line.kind], ledger.plan.kinds[line.kind].steps[0]
    document = Document(
        row=0, id="", kind=line.kind, unit=line.unit or None, association=line.association or None,
        period=line.period or None,
    )  # fmt: skip
    able = list(may_act(step, document, ledger.world))
    mine = set(actor.units) & writers(document, ledger.world)
    if not actor.is_centre:
        pilot = ledger.world.associations.get(line.association)
        able = [who for who in able if who in mine or (mine and pilot is not None and who == pilot.name)]
    if not able:
        st.caption(esc(_("由承担“{verb}”的单位起草。", verb=_(step.verb))))
        return
    st.markdown(f"**{esc(_('起草《{kind}》', kind=_(line.kind)))}** {esc(line.owner)} :gray[{esc(kind.clause)}]")
    about = {"kind": line.kind, "unit": line.unit, "association": line.association, "period": line.period}
    values = record_form(
        fresh(f"start-{line.id}"), BY_KEY["approvals"], actor, ("actor", "decided_on", "on_behalf"), at="start",
        start={"actor": only(able), "decided_on": as_of(), "on_behalf": YesNo.YES.value if actor.is_centre else None},
        choices={"actor": {who: _(who) for who in able}}, submit=_("起草"), icon=":material/edit_document:",
    )  # fmt: skip
    if values is None:
        return
    subject = {name: text for name, text in about.items() if text and name != "kind"}
    make = work_chains.start_document(
        line.kind, values.get("actor"), values.get("decided_on"),
        on_behalf=values.get("on_behalf") == YesNo.YES.value, **subject,
    )  # fmt: skip
    do(actor, START, make, "start")
