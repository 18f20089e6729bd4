"""审批流转: every document with its chain; the next step is taken here, the later ones say why not yet."""

import streamlit as st

from lib.i18n import N_, _
from lib.services.policy import Role
from lib.ui.chain import edit_document, show_chain
from lib.ui.choosing import choose_line
from lib.ui.decide import told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.navigation import link
from lib.ui.records import record_history
from lib.ui.session import board, ledger, require
from lib.ui.start import start_form
from lib.ui.theme import esc, page_head
from lib.views.approvals import approvals
from lib.views.chain import owner_of
from lib.views.prepared import prepared
from sheets_schema.workbook import BY_KEY

STATES = {
    "all": N_("全部"), "mine": N_("待我办"), "running": N_("进行中"), "waiting": N_("等待上级"),
    "returned": N_("退回"), "done": N_("办结"), "missing": N_("尚未起草"),
}  # fmt: skip
COLUMNS = (
    ("id", N_("编号")), ("kind", N_("文种")), ("owner", N_("主体")), ("mark", N_("状态")), ("next", N_("下一环节")),
    ("steps", N_("环节")), ("since", N_("起自")), ("due", N_("时限")), ("note", N_("说明")), ("unit", N_("主办单位")),
)  # fmt: skip
MISSING = (
    ("kind", N_("文种")), ("owner", N_("主体")), ("unit", N_("主办单位")), ("mark", N_("状态")), ("due", N_("时限")),
)  # fmt: skip

actor = require("approvals")
found = ledger()
view = prepared(approvals, found, actor.sight)
page_head(_("审批流转"), found.as_of, board())
told()
told("start")
with figures(130):
    if actor.may_write:
        figure(_("待我办"), view.count("mine"), page="approvals", state="mine")
    figure(_("进行中"), view.count("running"), page="approvals", state="running")
    figure(_("等待上级"), view.count("waiting"), page="approvals", state="waiting")
    figure(_("退回"), view.count("returned"), page="approvals", state="returned")
    figure(_("办结"), view.count("done"), page="approvals", state="done")
    figure(_("尚未起草"), len(view.missing), page="approvals", state="missing")

offered = {name: _(word) for name, word in STATES.items() if name != "mine" or actor.role != Role.VIEWER}
state = pick_one("state", _("状态"), offered)
with st.container(horizontal=True, vertical_alignment="bottom"):
    kinds = [kind.kind for kind in found.plan.documents if kind.tracked_in == "documents"]
    kind = pick("kind", _("文种"), kinds)
    unit = pick("unit", _("主办单位"), list(found.world.units), width=220)
    text = search()

if state == "missing":
    lacking = view.lacking(kind, unit, text)
    if not lacking:
        st.info(_("方案要求的文件都已起草。"), icon=":material/task_alt:")
    else:
        columns = tuple((name, _(label)) for name, label in MISSING)
        start = choose_line(
            lacking, columns, key="missing", alt=_("尚未起草的文件"), total=len(view.missing), name="start",
            known=[line.id for line in view.missing],
        )  # fmt: skip
        line = next((line for line in view.missing if line.id == start), None)
        if line is not None:
            start_form(actor, found, line)
        elif actor.may_write:
            st.caption(_("选中一行即可起草。"))
    st.stop()

lines = view.where(state, kind, unit, text)
if not view.lines:
    st.info(_("还没有文件。在“尚未起草”里选一件，登记起草。"), icon=":material/approval:")
chosen = choose_line(
    lines, tuple((name, _(label)) for name, label in COLUMNS), key="documents", alt=_("文件及其审批环节"),
    total=len(view.lines), known=[line.id for line in view.lines],
) if view.lines else None  # fmt: skip

shown = {line.id for line in view.lines}
chain = next((chain for chain in found.chains if chain.document.id == chosen and chosen in shown), None)
if chain is not None:
    document = chain.document
    st.header(esc(f"{document.id} {_(document.kind)}：{owner_of(document, found)}"), anchor=False)
    st.text(" · ".join(text for text in (document.title, document.number, document.link) if text))
    show_chain(actor, found, chain)
    if actor.may_write:
        with st.expander(_("修改文件信息"), icon=":material/edit:"):
            edit_document(actor, chain, ("title", "number", "link", "parts", "remark"), _("保存文件信息"))
    record_history(BY_KEY["documents"], document.id, actor, key="fold_history")
    if document.association:
        link("implementation", _("看这个试点的实施方案"), record=document.association)
elif view.lines:
    st.caption(_("选中一行，可以看各个环节、登记下一环节。"))
