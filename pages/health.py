"""数据体检: every mistake with its cell, its clause and its remedy."""

import streamlit as st

from lib.domain.findings import Severity
from lib.i18n import _
from lib.ui.figures import figure, figures
from lib.ui.files import take_figures
from lib.ui.navigation import link
from lib.ui.session import board, from_url, ledger, require, to_url
from lib.ui.tables import choose_row, table
from lib.ui.theme import esc, page_head
from lib.views.health import SHOWN, health
from lib.views.prepared import prepared

actor = require("health")
sight = actor.sight
found = ledger()
every = prepared(health, found, sight)
page_head(_("数据体检"), found.as_of, board())

with figures():
    for level, word, count in every.counts:
        figure(word, count, page="health", severity=level.value)
    figure(
        _("计入的行"), f"{every.total_rows - every.left_out}/{every.total_rows}", page="health",
        help=_("有错误的行保留在表中，不计入任何数字。"), severity=Severity.ERROR.value,
    )  # fmt: skip

rule_titles = dict(every.rules)
severities = {level.value: word for level, word, _count in every.counts}
FILTERS = {"severity": severities, "sheet": every.sheets, "unit": every.units, "rule": rule_titles}
for name, choices in FILTERS.items():
    from_url(name, choices)
with st.container(horizontal=True, vertical_alignment="bottom"):
    severity = st.segmented_control(
        _("级别"), list(severities), format_func=severities.__getitem__, key="severity"
    )  # fmt: skip
    sheet = st.selectbox(_("工作表"), every.sheets, index=None, placeholder=_("全部"), key="sheet", width=170)
    unit = st.selectbox(
        _("单位"),
        every.units,
        index=None,
        placeholder=_("全部"),
        key="unit",
        bind="query-params",
        width=220,
        format_func=_,
    )
    rule = st.selectbox(
        _("规则"), list(rule_titles), index=None, placeholder=_("全部"), key="rule", width=260,
        format_func=lambda r: f"{r} {rule_titles[r]}",
    )  # fmt: skip

for name, value in zip(FILTERS, (severity, sheet, unit, rule), strict=True):
    to_url(name, value)
view = prepared(health, found, sight, severity, sheet, unit, rule)
if not view.matching:
    st.success(_("没有符合条件的问题。"), icon=":material/check_circle:")
else:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(_("{n}/{total} 处", n=view.matching, total=view.total), width="content")
        take_figures(actor, table="findings", severity=severity, sheet=sheet, unit=unit, rule=rule)
    config = st.column_config.TextColumn
    at = choose_row(
        view.lines,
        (
            ("severity", _("级别")), ("cell", _("位置")), ("message", _("问题")), ("remedy", _("改法")),
            ("value", _("原内容")), ("clause", _("依据")), ("rule", _("规则")), ("unit", _("单位")),
        ),
        alt=_("校验结果"),
        key=f"findings-{severity}-{sheet}-{unit}-{rule}",
        height=min(46 + 35 * len(view.lines), 640),
        column_config={_("级别"): config(width=90), _("问题"): config(width="large"), _("改法"): config(width="large")},
    )  # fmt: skip
    if at is None:
        st.caption(_("选中一行，可以去改这一处。"))
    else:
        line = view.lines[at]
        link(line.way.page, esc(_("去改：{cell}", cell=line.cell)), **line.way.filters)
    if view.matching > SHOWN:
        st.caption(_("只列出前 {n} 处，下载的文件里有全部。", n=SHOWN))
    left, right = st.columns(2)
    with left:
        st.header(_("按规则"), anchor=False)
        table(
            view.by_rule,
            (("rule", _("规则")), ("title", _("内容")), ("severity", _("级别")), ("n", _("处数"))),
            alt=_("按规则统计"),
            column_config={_("内容"): config(width=160)},
        )
    with right:
        st.header(_("按单位"), anchor=False)
        table(
            view.by_unit,
            (("unit", _("单位")), ("error", _("错误")), ("warning", _("提醒")), ("note", _("说明"))),
            alt=_("按单位统计"),
            column_config={_("单位"): config(width=190)},
        )
