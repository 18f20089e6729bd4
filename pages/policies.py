"""配套政策: who owes which local policy, at which stage; the next stage, publication, or waiting for the nation."""

import streamlit as st

from lib.i18n import N_, _
from lib.services import work_policies
from lib.services.policy import Act
from lib.ui.choosing import choose_line
from lib.ui.decide import do, fresh, told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import record_form
from lib.ui.records import record_history
from lib.ui.session import as_of, board, ledger, require
from lib.ui.theme import BADGE, esc, page_head
from lib.views.policies import policies, verbs
from lib.views.prepared import prepared
from sheets_schema.workbook import BY_KEY, IDLE_STAGE

ADVANCE, AWAIT, NOTE = N_("推进政策"), N_("登记国家政策未出台"), N_("修改政策信息")
COLUMNS = (
    ("area", N_("政策领域")), ("owner", N_("牵头单位")), ("mark", N_("状态")), ("steps", N_("环节")),
    ("on", N_("阶段日期")), ("national", N_("国家文件")), ("form", N_("形式")), ("title", N_("文件名称")),
    ("number", N_("文号")), ("issued", N_("印发日期")), ("reason", N_("说明")), ("due", N_("时限")),
    ("record", N_("编号")),
)  # fmt: skip
STATES = {"all": N_("全部"), "running": N_("办理中"), "issued": N_("已出台"), "overdue": N_("逾期")}

actor = require("policies")
found = ledger()
plan, sheet = found.plan, BY_KEY["policies"]
view = prepared(policies, found, actor.sight)
page_head(_("配套政策"), found.as_of, board())
told()
waiting = plan.policies.waiting_national
with figures():
    figure(_("应出台"), view.expected, page="policies", state="all")
    figure(esc(_("已“{verb}”", verb=_(verbs(plan)[-1]))), view.issued, page="policies", state="issued")
    figure(_("办理中"), view.running, page="policies", state="running")
    figure(_("未启动"), view.idle, page="policies", stage=IDLE_STAGE)
    figure(esc(_(waiting)), view.awaiting, page="policies", stage=waiting)
    figure(_("逾期"), view.overdue, page="policies", state="overdue")
state = pick_one("state", _("状态"), {name: _(word) for name, word in STATES.items()})
with st.container(horizontal=True, vertical_alignment="bottom"):
    area = pick("area", _("政策领域"), [area.title for area in plan.policies.areas], width=220)
    unit = pick("unit", _("牵头单位"), list(dict.fromkeys(line.owner for line in view.lines)), width=200)
    stage = pick("stage", _("阶段"), [IDLE_STAGE, *verbs(plan), waiting], width=160)
    text = search()
if not view.lines:
    st.info(_("方案没有列出由本单位牵头的政策领域。"), icon=":material/policy:")
    st.stop()
chosen = choose_line(
    view.where(state, stage, area, unit, text), tuple((name, _(label)) for name, label in COLUMNS), key="policies",
    alt=_("各领域的配套政策"), total=len(view.lines), known=[line.id for line in view.lines],
)  # fmt: skip
line = next((line for line in view.lines if line.id == chosen), None)
if line is None:
    st.caption(esc(_("选中一行，可以推进到下一阶段，或登记“{word}”。", word=_(waiting))))
    st.stop()

st.header(esc(f"{_(line.area)} · {_(line.owner)}"), anchor=False)
st.markdown(f":{BADGE[line.state]}-badge[{esc(line.mark)}] {esc(line.steps)}")
if line.reason:
    st.text(line.reason)
if actor.may_write:
    start = {"national_document": line.national, "form": line.form, "title": line.title, "number": line.number}
    start |= {"link": line.link, "reason": line.reason}
    left, right = st.columns(2)
    with left:
        if line.next is None:
            told("advance")
            st.success(_("各阶段都已走完。"), icon=":material/task_alt:")
        else:
            is_last = line.next == verbs(plan)[-1]
            names = ("stage_on", "title", "number", "link") if is_last else ("stage_on",)
            st.markdown(f"**{esc(_('进入“{stage}”', stage=_(line.next)))}**")
            values = record_form(
                fresh(f"advance-{line.id}-{line.next}"), sheet, actor, names, act=Act.EDIT, at="advance",
                start=start | {"stage_on": as_of()}, record=line.record,
                submit=_("登记“{stage}”", stage=_(line.next)),
            )  # fmt: skip
            if values is not None:
                on = values.pop("stage_on", as_of())
                do(
                    actor,
                    ADVANCE,
                    work_policies.advance_policy(line.area, line.owner, line.next, on, values),
                    "advance",
                )
    with right:
        if line.next is not None:
            st.markdown(f"**{esc(_(waiting))}**")
            values = record_form(
                fresh(f"await-{line.id}-{line.next}"), sheet, actor, ("reason", "stage_on"), act=Act.EDIT, at="await",
                start=start | {"stage_on": as_of()}, submit=_("登记等待"), icon=":material/hourglass_top:",
            )  # fmt: skip
            if values is not None:
                make = work_policies.await_nation(line.area, line.owner, values["stage_on"], values["reason"])
                do(actor, AWAIT, make, "await")
    with st.expander(_("修改政策信息"), icon=":material/edit:"):
        names = ("national_document", "form", "title", "number", "link")
        values = record_form(
            fresh(f"note-{line.id}"), sheet, actor, names, act=Act.EDIT, at="note", start=start,
            record=line.record, submit=_("保存政策信息"),
        )  # fmt: skip
        if values is not None:
            do(actor, NOTE, work_policies.note_policy(line.area, line.owner, values), "note")
if line.record:
    record_history(sheet, line.record, actor, key="fold_history")
