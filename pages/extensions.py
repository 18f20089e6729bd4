"""延期与销号: more time asked for before it is over, granted or refused; finished items closed by a reviewer."""

import streamlit as st

from lib.i18n import N_, _
from lib.services import work
from lib.services.policy import Act
from lib.ui.closing import closing
from lib.ui.decide import do, fresh, told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import record_form
from lib.ui.navigation import link
from lib.ui.records import choose_record, listing, record_card, record_history
from lib.ui.session import as_of, board, ledger, require
from lib.ui.theme import esc, page_head
from lib.views.extensions import extensions, target_way, target_words, until_now
from lib.views.prepared import prepared
from lib.views.words import day
from sheets_schema.coordination import Grant
from sheets_schema.workbook import BY_KEY

ASK, DECIDE = N_("申请延期"), N_("审批延期")
PARTS = {"extensions": N_("延期"), "closing": N_("销号")}
STATES = {"all": N_("全部"), "waiting": N_("待审批"), "granted": N_("同意"), "refused": N_("不同意")}
RESULTS = {"waiting": "", "granted": Grant.GRANTED.value, "refused": Grant.REFUSED.value}

actor = require("extensions")
found = ledger()
view = prepared(extensions, found, actor.sight)
page_head(_("延期与销号"), found.as_of, board())
told()
with figures():
    figure(_("提出的延期"), view.asked, page="extensions", part="extensions", state="all")
    figure(_("待审批"), view.waiting, page="extensions", part="extensions", state="waiting")
    figure(_("同意"), view.granted, page="extensions", part="extensions", state="granted")
    figure(_("不同意"), view.refused, page="extensions", part="extensions", state="refused")
    waits = sum(item.proof == "with" for item in view.finished)
    figure(_("待销号"), waits, page="extensions", part="closing", evidence="with")
    figure(_("已销号"), view.closed, page="execution", state="closed")

part = pick_one("part", _("办理"), {name: _(word) for name, word in PARTS.items()})
if part == "closing":
    closing(actor, view.finished)
    st.stop()

state = pick_one("state", _("批准结果"), {name: _(word) for name, word in STATES.items()})
with st.container(horizontal=True, vertical_alignment="bottom"):
    unit = pick("unit", _("申请单位"), {name: _(name) for name in found.world.units}, width=220)
    text = search()
sheet = BY_KEY["extensions"]
rows = listing("extensions", actor, text, unit=unit)
rows = rows.where(lambda line: state == "all" or line["result"] == RESULTS[state])
chosen = None
if not rows.total:
    st.info(_("还没有延期申请。确实不能按期完成的，在到期前申请。"), icon=":material/event_repeat:")
else:
    chosen = choose_record(
        rows, ("target", "unit", "requested_on", "until", "reason", "result", "decided_on"),
        key="extensions", alt=_("延期申请"),
    )  # fmt: skip
    if chosen is None:
        st.caption(_("选中一行，可以审批，查看对象、现在的时限和全部变更。"))

if chosen is not None:
    target = chosen["target"]
    st.header(esc(f"{chosen.id} · {target_words(found, target)}"), anchor=False)
    st.markdown(
        esc(_("现在的时限 {now}；申请延至 {until}。", now=day(until_now(found, target)), until=chosen["until"] or "—"))
    )
    there = target_way(found, target)
    link(there.page, _("打开延期的对象"), **there.filters)
    record_card(rows, chosen)
    if actor.is_centre:
        start = {"result": Grant.GRANTED.value, "decided_on": as_of(), "approver": actor.name}
        held = {name: chosen[name] for name in start if chosen[name]}
        values = record_form(
            fresh(f"decide-{chosen.id}"), sheet, actor, ("result", "decided_on", "approver"), act=Act.EDIT,
            at="decide", start=start | held, record=chosen.id, submit=_("保存审批"),
        )  # fmt: skip
        if values is not None:
            do(actor, DECIDE, work.edit("extensions", chosen.id, values), "decide")
    record_history(sheet, chosen.id, actor, key="fold_history")

if actor.may_write:
    asked = st.query_params.get("target")
    wanted = view.target(asked)
    if asked and wanted is None:
        st.warning(esc(_("“{value}”已办结、没有时限，或不属于本单位，不用申请延期。", value=asked[:40])))
    told("ask", done_only=True)
    with st.expander(_("申请延期"), icon=":material/add:", expanded=wanted is not None or not rows.total):
        st.caption(_("依据 {clause}：到期前申请，到期后不再受理。", clause=esc(found.plan.extensions.clause)))
        values = record_form(
            fresh(f"ask-{wanted.id if wanted else ''}"), sheet, actor,
            ("target", "requested_on", "until", "reason", "remark"), at="ask",
            start={"target": wanted.id if wanted else None, "requested_on": as_of()},
            choices={"target": {target.id: target.label for target in view.targets}}, submit=_("申请"),
        )  # fmt: skip
        if values is not None:
            about = view.target(str(values["target"] or ""))
            do(actor, ASK, work.add("extensions", {**values, "unit": about.unit if about else None}), "ask")
