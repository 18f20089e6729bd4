"""季度报告: who reported for which period; filing a report; a period's reports put together and sent on."""

import streamlit as st

from lib.i18n import N_, _
from lib.services import work
from lib.services.policy import Act
from lib.services.work_chains import begin_document
from lib.ui.checklist import DRAFTED, chain_line
from lib.ui.decide import do, fresh, told
from lib.ui.figures import figure, figures
from lib.ui.files import take_document
from lib.ui.filters import pick, search
from lib.ui.forms import only, record_form
from lib.ui.records import choose_record, listing, record_card, record_history
from lib.ui.session import as_of, board, ledger, require
from lib.ui.tables import table
from lib.ui.theme import esc, page_head
from lib.views.prepared import prepared
from lib.views.reports import STATES, compiled, headings, period_kind, reports
from lib.views.words import share
from sheets_schema.workbook import sheets_of

FILE, CORRECT = N_("报送季度报告"), N_("改正季度报告")

actor = require("reports")
found = ledger()
view = prepared(reports, found, actor.sight)
page_head(_("季度报告"), found.as_of, board())
told()
with figures():
    for state, word in STATES.items():
        figure(_(word), view.counts.get(state, 0), page="reports", state=state)
if not view.periods:
    st.info(_("还没有到第一个报告期，或还没有责任单位。先在“单位”表登记单位和角色。"), icon=":material/event:")
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    unit = pick("unit", _("责任单位"), [line.unit for line in view.units], width=220)
    titles = {period.id: period.title for period in view.periods}
    period = pick("period", _("报告期"), titles)
    state = pick("state", _("报送情况"), {name: _(word) for name, word in STATES.items()}, width=150)
lines = view.where(unit, state, period)
columns = (("unit", _("责任单位")), *((str(at), held.title) for at, held in enumerate(view.periods)))
table(
    tuple((_(line.unit), *line.marks) for line in lines), columns, alt=_("各单位各期报告的报送情况"),
    height=min(46 + 35 * max(len(lines), 1), 420),
)  # fmt: skip
st.caption(esc(_("；").join(_("{period} 时限 {due}", period=held.title, due=held.due) for held in view.periods)))

sheet, fields = sheets_of(found.plan)["reports"], tuple(column.name for column in headings(found))
if actor.may_write:
    told("file", done_only=True)
    with st.expander(_("报送报告"), icon=":material/add:", expanded=not actor.is_centre):
        owing = {line.unit: _(line.unit) for line in view.units}
        start = {"unit": unit or only(owing), "period": period or view.current, "submitted_on": as_of()}
        values = record_form(
            fresh("file"), sheet, actor, ("unit", "period", "submitted_on", *fields, "link", "remark"), at="file",
            start=start, choices={"unit": owing, "period": titles}, submit=_("报送"),
        )  # fmt: skip
        if values is not None:
            do(actor, FILE, work.add("reports", values), "file")

st.header(_("已报送的报告"), anchor=False)
text = search()
rows = listing("reports", actor, text, unit=unit, period=period)
if not rows.total:
    st.info(_("还没有报送的报告。"), icon=":material/inbox:")
else:
    chosen = choose_record(rows, ("unit", "period", "submitted_on", *fields), key="reports", alt=_("季度报告"))
    if chosen is None:
        st.caption(_("选中一行，看报告全文、改正内容和全部变更。"))
    else:
        record_card(rows, chosen)
        if actor.may_write:
            with st.expander(_("改正这份报告"), icon=":material/edit:"):
                values = record_form(
                    fresh(f"correct-{chosen.id}"), sheet, actor, ("submitted_on", *fields, "link", "remark"),
                    act=Act.EDIT, at="correct", start=chosen.cells, record=chosen.id, submit=_("保存改正"),
                )  # fmt: skip
                if values is not None:
                    do(actor, CORRECT, work.edit("reports", chosen.id, values), "correct")
        record_history(sheet, chosen.id, actor, key="fold_history")

shown = view.find(period or view.current)
kind = period_kind(found)
if shown is not None:
    st.header(esc(_("{period}汇总", period=shown.title)), anchor=False)
    filed = _("已报 {share}，其中迟报 {late}；未报 {missing}，未到期 {open}",
              share=share(shown.filed, shown.owing), late=shown.counts.get("late", 0),
              missing=shown.counts.get("missing", 0), open=shown.counts.get("open", 0))  # fmt: skip
    st.text(filed)
    whole = prepared(compiled, found, actor.sight, shown.id)
    for state, units in whole.by_state.items():
        st.text(_("{word}：{names}", word=_(STATES[state]), names=_("、").join(units)))
    for part in whole.parts:
        with st.expander(esc(_("{title}（{n} 份）", title=part.title, n=len(part.texts)))):
            for name, said in part.texts:
                st.markdown(f"**{esc(name)}**")
                st.text(said)
    take_document(actor, "quarterly", _("下载季度汇总"), period=shown.id)
    told("summary")
    if kind is not None and shown.chain is not None:
        chain_line(shown.chain)
    elif kind is not None and (actor.is_centre or not set(actor.units).isdisjoint(kind.steps[0].actors)):
        st.text(_("《{kind}》尚未起草", kind=_(kind.kind)))
        if st.button(esc(_("起草《{kind}》", kind=_(kind.kind))), icon=":material/note_add:"):
            do(actor, DRAFTED, begin_document(kind.kind, period=shown.id), "summary")
