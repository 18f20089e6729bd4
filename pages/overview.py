"""总览: where the plan stands."""

import streamlit as st

from lib.charts.overview import overview_charts
from lib.i18n import _
from lib.ui.figures import figure
from lib.ui.files import take_figures
from lib.ui.navigation import link
from lib.ui.session import board, ledger, require
from lib.ui.tables import folded_table
from lib.ui.theme import esc, page_head
from lib.views.overview import overview
from lib.views.prepared import prepared

actor = require("overview")
sight = actor.sight
found = ledger()
view = prepared(overview, found, sight)
charts = prepared(overview_charts, found, sight)

page_head(_("总览"), view.as_of, board())
st.header(esc(view.headline), anchor=False)
if view.subline:
    st.markdown(esc(view.subline))

with st.grid("auto", min_column_width=155):
    for f in view.figures:
        figure(f.label, f.value, f.detail, page=f.page, help=f.help, alarm=f.alarm)
st.caption(esc(" ".join((view.left_out, view.own_note)).strip()))
link("health", _("查看数据体检"))

st.header(_("逾期与临期"), anchor=False)
if not view.dues:
    st.success(_("没有逾期或临期的事项。"), icon=":material/check_circle:")
with st.grid("auto", min_column_width=330):
    for owed in view.dues:
        icon = ":material/error:" if owed.overdue else ":material/schedule:"
        fold = st.expander(esc(owed.title), icon=icon, key=f"owed-{owed.unit}", on_change="rerun")
        if not fold.open:
            continue
        with fold:
            for line in owed.lines:
                link(line.way.page, f"**{line.mark}** {esc(line.what)}", **line.way.filters)
                st.caption(esc(f"{line.when} · {line.clause}"))
            if owed.more:
                st.caption(_("另有 {n} 项，见下方表格。", n=owed.more))
            link("todo", _("这个单位的待办"), list="units", unit=owed.unit)
            link("health", _("这个单位的数据问题"), unit=owed.unit)
folded_table(
    _("全部逾期与临期（表格）"), view.all_dues,
    (("unit", _("单位")), ("mark", _("状态")), ("what", _("事项")), ("when", _("时限")), ("clause", _("依据"))),
    key="fold_dues", alt=_("逾期与临期事项"),
)  # fmt: skip
take_figures(actor, table="dues")

st.header(_("各阶段"), anchor=False)
st.vega_lite_chart(charts["gantt"], alt=view.headline)
if any(phase.is_assumed for phase in view.phases):
    st.caption(_("浅色的阶段，方案没有写明起始日期或时限。"))
folded_table(
    _("阶段数据（表格）"), view.phases,
    (("label", _("阶段")), ("state", _("状态")), ("progress", _("完成")), ("due", _("时限"))),
    key="fold_phases", alt=_("各阶段的状态"),
)  # fmt: skip
take_figures(actor, chart="gantt", table="phases")
link("phases", _("查看各阶段的审批链和前置条件"))

left, right = st.columns(2)
with left:
    st.header(_("推荐名额"), anchor=False)
    st.caption(esc(view.quota_note))
    if view.quotas:
        st.vega_lite_chart(charts["quota"], alt=_("各单位推荐家数与提示数"))
        folded_table(
            _("名额数据（表格）"), view.quotas,
            (
                ("unit", _("单位")), ("count", _("主管协会")), ("floor", _("至少")), ("expected", _("提示数")),
                ("recommended", _("推荐")), ("selected", _("选定")), ("verdict", _("判定")),
            ),
            key="fold_quotas", alt=_("各单位的推荐名额"),
        )  # fmt: skip
        take_figures(actor, chart="quota", table="quota")
    else:
        st.info(_("没有推荐任务。"), icon=":material/checklist:")
with right:
    st.header(_("试点脱钩事项"), anchor=False)
    st.vega_lite_chart(charts["separations"], alt=_("各项分离的完成情况"))
    folded_table(
        _("事项数据（表格）"), view.separations,
        (("label", _("分离")), ("done", _("完成")), ("total", _("适用")), ("not_applicable", _("不涉及"))),
        key="fold_separations", alt=_("各项分离的完成情况"),
    )  # fmt: skip
    take_figures(actor, chart="separations", table="separations")
    st.caption(esc(view.pace.sentence) or _("还没有完成的事项，无法推算。"))
    st.vega_lite_chart(charts["pace"], alt=view.pace.sentence or _("完成事项的累计"))
    take_figures(actor, chart="pace" if view.pace.points else "")

st.header(_("季度报告报送情况"), anchor=False)
if view.reports:
    st.vega_lite_chart(charts["reports"], alt=_("各单位各期报告的报送情况"))
    st.caption(esc(" · ".join(dict.fromkeys(f"{mark.shape} {mark.state}" for mark in view.reports))))
    folded_table(
        _("报告数据（表格）"), view.reports,
        (("unit", _("单位")), ("period", _("报告期")), ("state", _("状态")), ("detail", _("说明"))),
        key="fold_reports", alt=_("各单位各期报告的报送情况"),
    )  # fmt: skip
    take_figures(actor, chart="reports", table="reports")
else:
    st.info(_("没有报告任务。") if view.periods else _("还没有到第一个报告期。"), icon=":material/event:")
