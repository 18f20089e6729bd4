"""问题协调: what units report as a problem, who settles it, at which meeting and how; practices worth spreading."""

import streamlit as st

from lib.i18n import N_, _
from lib.services import work
from lib.services.policy import Act
from lib.ui.decide import do, fresh, told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import only, record_form
from lib.ui.records import choose_record, listing, record_card, record_history
from lib.ui.session import as_of, board, ledger, require
from lib.ui.theme import esc, page_head
from lib.views.prepared import prepared
from lib.views.problems import problems
from sheets_schema.coordination import ProblemKind
from sheets_schema.workbook import BY_KEY

RAISE, ASSIGN, SETTLE = N_("提出问题"), N_("交办问题"), N_("解决问题")
STATES = {
    "all": N_("全部"), "open": N_("未解决"), "unassigned": N_("未明确协调单位"), "settled": N_("已解决"),
}  # fmt: skip

actor = require("problems")
found = ledger()
view = prepared(problems, found, actor.sight)
page_head(_("问题协调"), found.as_of, board())
told()
with figures():
    figure(_("提出的问题"), view.raised, page="problems", state="all", kind=ProblemKind.PROBLEM.value)
    figure(
        _("未解决"), view.open, _("最久 {n} 天", n=view.oldest_days) if view.open else "", page="problems",
        alarm=bool(view.open), state="open", kind=ProblemKind.PROBLEM.value,
    )  # fmt: skip
    figure(
        _("未明确协调单位"), view.unassigned, page="problems", state="unassigned", kind=ProblemKind.PROBLEM.value
    )  # fmt: skip
    figure(_("经验做法"), view.practices, page="problems", state="all", kind=ProblemKind.PRACTICE.value)

state = pick_one("state", _("进展"), {value: _(word) for value, word in STATES.items()})
with st.container(horizontal=True, vertical_alignment="bottom"):
    kind = pick("kind", _("类别"), [kind.value for kind in ProblemKind])
    unit = pick("unit", _("提出单位"), list(found.world.units), width=220)
    text = search()
sheet = BY_KEY["problems"]
rows = listing("problems", actor, text, kind=kind, unit=unit)
rows = rows.where(
    lambda line: (
        state == "all"
        or (bool(line["settled_on"]) == (state == "settled") and not (state == "unassigned" and line["assignee"]))
    )
)
chosen = None
if not rows.total:
    st.info(_("还没有问题或经验做法。各单位遇到要协调的事，在下面提出。"), icon=":material/handshake:")
else:
    chosen = choose_record(
        rows, ("kind", "unit", "content", "raised_on", "assignee", "meeting", "settled_on"),
        key="problems", alt=_("问题与经验做法"),
    )  # fmt: skip
    if chosen is None:
        st.caption(_("选中一行，可以交办、登记解决情况，查看全部变更。"))

units = {name: _(name) for name in found.world.units}
if chosen is not None:
    st.header(esc(chosen.id), anchor=False)
    record_card(rows, chosen)
    if actor.may_write:
        left, right = st.columns(2)
        with left:
            st.markdown(f"**{_('交办')}**")
            values = record_form(
                fresh(f"assign-{chosen.id}"), sheet, actor, ("assignee", "meeting"), act=Act.EDIT, at="assign",
                start=chosen.cells, choices={"assignee": units, "meeting": view.meetings}, record=chosen.id,
                submit=_("保存交办"),
            )  # fmt: skip
            if values is not None:
                do(actor, ASSIGN, work.edit("problems", chosen.id, values), "assign")
        with right:
            st.markdown(f"**{_('解决')}**")
            values = record_form(
                fresh(f"settle-{chosen.id}"), sheet, actor, ("settlement", "settled_on"), act=Act.EDIT, at="settle",
                start=chosen.cells | ({} if chosen["settled_on"] else {"settled_on": as_of()}),
                record=chosen.id, submit=_("登记解决"),
            )  # fmt: skip
            if values is not None:
                do(actor, SETTLE, work.edit("problems", chosen.id, values), "settle")
    record_history(sheet, chosen.id, actor, key="fold_history")

if actor.may_write:
    told("raise", done_only=True)
    with st.expander(_("提出问题或经验做法"), icon=":material/add:", expanded=not rows.total):
        own = {name: _(name) for name in (units if actor.is_centre else actor.units)}
        start = {"kind": ProblemKind.PROBLEM.value, "raised_on": as_of(), "unit": only(own)}
        values = record_form(
            fresh("raise"), sheet, actor, ("kind", "unit", "content", "raised_on", "assignee", "remark"), at="raise",
            start=start, choices={"unit": own, "assignee": units}, submit=_("提出"),
        )  # fmt: skip
        if values is not None:
            do(actor, RAISE, work.add("problems", values), "raise")
