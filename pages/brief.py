"""一页速览: what is late and why, who owes it, quota, pilots, phases, trend; for a phone and for paper."""

import streamlit as st

from lib.charts.overview import overview_charts
from lib.i18n import _
from lib.ui.files import take_document, take_figures
from lib.ui.leader import own_controls
from lib.ui.paper import print_style
from lib.ui.session import board, ledger, require
from lib.ui.tables import folded_table
from lib.ui.theme import BADGE, esc
from lib.views.brief import CAUSES_SHOWN, Share, brief
from lib.views.dues import UnitDues
from lib.views.prepared import prepared
from lib.views.words import day

actor = require("brief")
WIDTH, SHORT = 760, 3


def bar(part: Share) -> None:
    """A share as words over a bar; words alone where nothing is expected."""
    if part.value is None:
        st.markdown(esc(part.text))
    else:
        st.progress(part.value, text=esc(part.text))


def owes(owed: UnitDues) -> str:
    """The first lines of what a unit owes, and how many more there are."""
    lines = [
        f"**{esc(line.mark)}** {esc(line.what)}  \n:gray[{esc(line.when)} · {esc(line.clause)}]" for line in owed.lines
    ]
    if owed.more:
        lines.append(esc(_("另有 {n} 项，见下方表格。", n=owed.more)))
    return "\n\n".join(lines)


def short(owed: UnitDues) -> str:
    """The same closer together, and only what is longest overdue: for paper, and for the many who owe little."""
    lines = [
        f"{esc(line.mark)} {esc(line.what)}  \n{esc(line.when)} · {esc(line.clause)}" for line in owed.lines[:SHORT]
    ]
    return "  \n".join([f"**{esc(owed.title)}**", *lines])


print_style()
with st.container(horizontal_alignment="center"), st.container(width=WIDTH, key="brief"):
    own_controls(actor)
    found = ledger()
    view = prepared(brief, found, actor.sight)
    charts = prepared(overview_charts, found, actor.sight)
    read_at = board().status.read_at
    read = _(" · {time} 读取", time=f"{read_at:%Y-%m-%d %H:%M}") if read_at else ""

    with st.container(key="card_head", gap="xsmall"):
        with st.container(key="paper_only_title"):
            st.caption(esc(f"{view.title} · {_('一页速览')}"))
        st.title(f":{BADGE[view.state]}[{esc(view.verdict)}]", anchor=False)
        st.caption(esc(_("截至 {day}", day=day(view.as_of, weekday=True)) + read))
        st.markdown(" ".join(f":gray-badge[{esc(figure.label)} **{esc(figure.value)}**]" for figure in view.figures))
        if view.notes:
            st.markdown(esc(" · ".join(view.notes)))

    with st.container(key="card_why", gap="xsmall"):
        st.header(_("为什么"), anchor=False)
        if view.scope:
            st.caption(esc(view.scope))
        for cause in view.causes[:CAUSES_SHOWN]:
            st.markdown(f"**{cause.share} {esc(cause.title)}**  \n:gray[{esc(cause.reasons)}]")
        if view.more_causes:
            st.caption(esc(view.more_causes))
        if view.causes:
            folded_table(
                _("原因明细（表格）"), view.causes,
                (
                    ("title", _("缺什么")), ("share", _("逾期")), ("reasons", _("原因")), ("units", _("单位")),
                    ("longest", _("最长")), ("clause", _("依据")),
                ),
                key="fold_causes", alt=_("逾期的原因"),
            )  # fmt: skip
        else:
            st.markdown(esc(_("没有逾期的事项。")))

    with st.container(key="card_who", gap="xsmall"):
        st.header(_("谁欠"), anchor=False)
        for number, owed in enumerate(view.top):
            with st.expander(f"**{esc(owed.title)}**", key=f"screen_only_{number}"):
                st.markdown(owes(owed))
        if view.rest:
            fold = st.expander(esc(view.rest_title), key="fold_rest", on_change="rerun")
            if fold.open:
                for owed in view.rest:
                    fold.markdown(short(owed))
        if not view.top and not view.rest:
            st.markdown(esc(_("没有单位有逾期或临期的事项。")))
        with st.container(key="paper_only", gap="xsmall"):
            for owed in view.top:
                st.markdown(short(owed))
        with st.container(key="paper_only_rest"):
            st.markdown(esc(_("；").join(owed.title for owed in view.rest)))
        if view.all_dues:
            folded_table(
                _("全部逾期与临期（表格）"), view.all_dues,
                (
                    ("unit", _("单位")), ("mark", _("状态")), ("what", _("事项")), ("when", _("时限")),
                    ("clause", _("依据")),
                ),
                key="fold_dues", alt=_("逾期与临期事项"),
            )  # fmt: skip

    left, right = st.columns(2, gap="medium")
    with left:
        with st.container(key="card_quota", gap="xsmall"):
            st.header(_("推荐名额"), anchor=False)
            bar(view.quota)
            for line in view.quota_behind:
                st.markdown(esc(line))
            st.caption(esc(view.quota_note))
            if view.quotas:
                folded_table(
                    _("名额数据（表格）"), view.quotas,
                    (
                        ("unit", _("单位")), ("count", _("主管协会")), ("floor", _("至少")), ("expected", _("提示数")),
                        ("recommended", _("推荐")), ("selected", _("选定")), ("verdict", _("判定")),
                    ),
                    key="fold_quotas", alt=_("各单位的推荐名额"),
                )  # fmt: skip

        with st.container(key="card_pilots", gap="xsmall"):
            st.header(_("试点"), anchor=False)
            for part in view.pilots:
                bar(part)
            st.caption(esc(view.items_note))
            if view.separations:
                st.vega_lite_chart(charts["separations"], alt=_("各项分离的完成情况"))
                take_figures(actor, chart="separations", table="separations")
                folded_table(
                    _("事项数据（表格）"), view.separations,
                    (("label", _("分离")), ("done", _("完成")), ("total", _("适用")), ("not_applicable", _("不涉及"))),
                    key="fold_separations", alt=_("各项分离的完成情况"),
                )  # fmt: skip

    with right:
        with st.container(key="card_phases", gap="xsmall"):
            st.header(_("阶段"), anchor=False)
            for phase in view.phases:
                st.markdown(
                    f":{BADGE[phase.state]}[**{esc(phase.mark)}**] {esc(phase.label)}  \n"
                    f":gray[{esc(' · '.join((phase.progress, phase.due, phase.detail)))}]"
                )

        with st.container(key="card_trend", gap="xsmall"):
            st.header(_("趋势"), anchor=False)
            st.markdown(esc(view.trend))
            if view.points:
                st.vega_lite_chart(charts["pace"], alt=view.trend)
                take_figures(actor, chart="pace")
                folded_table(
                    _("趋势数据（表格）"), view.points,
                    (("0", _("日期")), ("1", _("已完成事项")), ("2", _("占全部"))),
                    key="fold_points", alt=_("完成事项的累计"),
                )  # fmt: skip

        st.caption(esc(view.left_out))
        with st.container(key="screen_only_hint"):
            take_document(actor, "brief", _("下载领导一页（Word，一张 A4）"))
            st.caption(":material/print: " + esc(_("打印：用浏览器的“打印”，A4 纵向。")))
