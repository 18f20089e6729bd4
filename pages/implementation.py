"""实施方案: one plan for each pilot, complete or not, its steps and the button of the next one."""

import streamlit as st

from lib.i18n import N_, _
from lib.ui.chain import edit_document, show_chain
from lib.ui.choosing import choose_line
from lib.ui.decide import told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.navigation import link
from lib.ui.session import board, ledger, require
from lib.ui.start import start_form
from lib.ui.theme import esc, page_head
from lib.views.implementation import implementation, lacking, to_begin
from lib.views.prepared import prepared

STATES = {
    "all": N_("全部"), "missing": N_("尚未起草"), "drafted": N_("已起草"), "complete": N_("内容齐全"),
    "running": N_("进行中"), "returned": N_("退回"), "overdue": N_("逾期"), "approved": "", "done": N_("办结"),
}  # fmt: skip
COLUMNS = (
    ("name", N_("试点协会")), ("unit", N_("业务主管单位")), ("mark", N_("状态")), ("parts", N_("内容")),
    ("missing", N_("尚缺内容")), ("steps", N_("环节")), ("gate", N_("前置条件未满足")), ("due", N_("时限")),
    ("document", N_("文件编号")), ("id", N_("编号")),
)  # fmt: skip

actor = require("implementation")
found = ledger()
view = prepared(implementation, found, actor.sight)
page_head(_("实施方案"), found.as_of, board())
told()
told("start")
if view is None:
    st.info(_("方案没有要求各试点制定这种文件。"), icon=":material/assignment:")
    st.stop()
approved = esc(_("已“{verb}”", verb=_(view.until)))
with figures():
    figure(_("试点"), view.expected, page="implementation", state="all")
    figure(_("已起草"), view.drafted, page="implementation", state="drafted")
    figure(_("内容齐全"), view.complete, page="implementation", state="complete")
    figure(approved, view.approved, page="implementation", state="approved")
    figure(_("逾期"), view.overdue, page="implementation", state="overdue")
for gate in view.gates:
    icon = ":material/lock_open:" if gate.is_open else ":material/lock:"
    st.markdown(f"{icon} {esc(gate.title)} :gray[{esc(gate.clause)} · {esc(gate.state)} · {esc(gate.effect)}]")

state = pick_one("state", _("状态"), {name: _(word) for name, word in STATES.items()} | {"approved": approved})
with st.container(horizontal=True, vertical_alignment="bottom"):
    unit = pick("unit", _("业务主管单位"), list(found.world.units), width=220)
    text = search()
if not view.lines:
    st.info(_("还没有选定的试点。先在“试点推荐”选定，再逐个制定实施方案。"), icon=":material/how_to_vote:")
    link("nominations", _("去试点推荐"))
    st.stop()
chosen = choose_line(
    view.where(state, unit, text), tuple((name, _(label)) for name, label in COLUMNS), key="plans",
    alt=_("各试点的实施方案"), total=len(view.lines), known=[line.id for line in view.lines],
)  # fmt: skip
line = next((line for line in view.lines if line.id == chosen), None)
if line is None:
    st.caption(_("选中一行，可以勾选已写明的内容、登记下一环节。"))
    st.stop()

st.header(esc(f"{line.id} {line.name}"), anchor=False)
chain = next((chain for chain in found.chains if chain.document.id == line.document), None)
if chain is None:
    st.caption(_("这个试点还没有起草实施方案。"))
    start_form(actor, found, to_begin(line, view))
    st.stop()
missing = lacking(chain)
if missing:
    st.warning(
        esc(_("、").join(map(_, missing))), title=esc(_("尚缺 {n} 项必备内容", n=len(missing))),
        icon=":material/checklist:",
    )  # fmt: skip
else:
    st.success(_("必备内容齐全。"), icon=":material/task_alt:")
if actor.may_write:
    edit_document(actor, chain, ("parts",), _("保存已含内容"))
show_chain(actor, found, chain)
with st.container(horizontal=True):
    link("approvals", _("在审批流转中打开"), record=line.document)
    link("execution", _("看这个试点的脱钩事项"), pilot=line.id)
