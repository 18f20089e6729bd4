"""试点评估: the figures the evaluation report needs, each leading to its rows; the report's own chain."""

from functools import partial

import streamlit as st

from lib.charts.evaluation import evaluation_charts
from lib.i18n import _
from lib.services.work_chains import begin_document
from lib.ui.checklist import DRAFTED, TALLEST, chain_line
from lib.ui.decide import do, told
from lib.ui.figures import figure, figures
from lib.ui.files import take_document, take_figures
from lib.ui.filters import pick_one
from lib.ui.navigation import link
from lib.ui.session import board, ledger, require
from lib.ui.tables import choose_row
from lib.ui.theme import esc, page_head
from lib.views.evaluation import (
    DATED_COLUMNS,
    LEFT_OUT_COLUMNS,
    TABLES,
    Dated,
    LeftOut,
    Paper,
    Sum,
    evaluation,
    evaluation_csv,
)
from lib.views.execution import UNEXPLAINED
from lib.views.prepared import prepared
from lib.views.words import day, share
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Unfinished

TABLE_OF = {id(heads): str(at) for at, (_title, heads, _rows) in enumerate(TABLES)}
DATED, LEFT = TABLE_OF[id(DATED_COLUMNS)], TABLE_OF[id(LEFT_OUT_COLUMNS)]

actor = require("evaluation")
found = ledger()
view = prepared(evaluation, found, actor.sight)
page_head(_("试点评估"), found.as_of, board())
told()
whole = view.whole
with figures():
    figure(_("脱钩事项完成"), whole.share, page="execution")
    figure(_("全部完成的试点"), share(view.finished, view.pilots), page="execution", state=StateKey.DONE.value)
    for reason, count in ((Unfinished.POLICY_MISSING, whole.policy), (Unfinished.WORK_LAGGING, whole.work)):
        figure(_(reason.value), count, page="execution", state=reason.name.lower())
    figure(_("原因未注明"), whole.unexplained, page="execution", state=UNEXPLAINED)
    figure(_("未到时限"), whole.pending, page="execution", state="pending")
    figure(_("晚于计划完成"), whole.late, page="evaluation", table=DATED)
    figure(_("不涉及"), whole.left_out, page="evaluation", table=LEFT)

report = view.report
if report is not None:
    st.header(esc(_(report.kind.kind)), anchor=False)
    words = {"gate": _(report.gate.title), "clause": report.gate.clause, "day": day(report.opens)}
    if report.is_open:
        st.success(esc(_("自 {day} 起可以办理（{clause}）", **words)), icon=":material/lock_open:")
    else:
        st.warning(
            esc(_("{gate}（{clause}）。基准日还没有到，此前的办理不生效。", **words)), icon=":material/lock:"
        )  # fmt: skip
    take_document(actor, "evaluation", _("下载试点评估报告"))
    if report.chain is not None:
        chain_line(report.chain)
    else:
        st.text(_("尚未起草"))
        if actor.is_centre and st.button(
            esc(_("起草《{kind}》", kind=_(report.kind.kind))), icon=":material/note_add:"
        ):  # fmt: skip
            do(actor, DRAFTED, begin_document(report.kind.kind))

if not view.pilots:
    st.info(_("还没有选定的试点，没有可以评估的内容。先在“试点推荐”里选定试点。"), icon=":material/insights:")
    link("nominations", _("去推荐试点"))
    st.stop()
with st.container(horizontal=True):
    link("execution", _("未完成的试点"), state="unfinished")
    link("execution", _("清单不全的试点"), state="unlisted")
st.download_button(
    _("下载全部表格（CSV）"), partial(evaluation_csv, found, actor.sight), file_name=f"evaluation-{found.as_of}.csv",
    mime="text/csv", icon=":material/download:", on_click="ignore",
)  # fmt: skip

titles = {str(at): _(title) for at, (title, _columns, _rows) in enumerate(TABLES)}
at = int(pick_one("table", _("表格"), titles))
title, heads, rows_of = TABLES[at]
rows, columns = rows_of(view), tuple((name, _(head)) for name, head in heads)
charts = prepared(evaluation_charts, found, actor.sight)
if at in (0, 1) and rows:
    st.vega_lite_chart(charts["separations" if at == 0 else "units"], alt=_("完成的事项，和未完成的原因"))
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.text(_("{n} 行", n=len(rows)), width="content")
    drawn = ("evaluation-separations", "evaluation-units")[at] if at in (0, 1) and rows else ""
    take_figures(actor, chart=drawn, table=f"evaluation-{at}")
height = min(46 + 35 * max(len(rows), 1), TALLEST)
at_row = choose_row(rows, columns, alt=_(title), key=f"evaluation-{at}", height=height)
row = rows[at_row] if at_row is not None else None
if row is None:
    st.caption(_("选中一行，打开它的事项或文件。"))
elif isinstance(row, Paper):
    if row.record:
        link("approvals", _("查看审批流转"), record=row.record)
    else:
        st.text(_("尚未起草"))
elif isinstance(row, Sum) and row.kind == "part":
    part = next((part for part in found.plan.checklist.separations if part.id == row.id), None)
    with st.container(horizontal=True):
        for item in part.items if part else ():
            link("execution", f"{item.id} {esc(_(item.title))}", item=item.id)
elif isinstance(row, Sum):
    link("execution", _("打开事项：{name}", name=esc(row.label)), **{row.kind: row.id})
elif isinstance(row, (Dated, LeftOut)):
    link("execution", _("打开事项：{name}", name=esc(row.name)), pilot=row.pilot)
