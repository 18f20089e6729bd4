"""考核: a scorecard for each unit, computed over any period and explained point by point, and the 通报 made from it."""

from datetime import date

import streamlit as st

from lib.i18n import N_, _
from lib.ui.figures import figure, figures
from lib.ui.files import take_figures
from lib.ui.filters import pick, pick_one
from lib.ui.session import EARLIEST, board, ledger, require
from lib.ui.sources import record_link
from lib.ui.tables import choose_row, prose, table
from lib.ui.theme import esc, page_head
from lib.views.prepared import prepared
from lib.views.scorecard import breakdown, default_start, measures_explained, notice, ranking, spans
from lib.views.words import day

SECTIONS = {"ranking": N_("排名"), "notice": N_("通报")}
SHOWN = {"all": N_("全部"), "scored": N_("有得分"), "late": N_("有未按期事项"), "none": N_("不计分")}
COSTS = {"costs": N_("扣分的"), "all": N_("全部")}


def look_at(first: date, last: date) -> None:
    """Set the period."""
    st.session_state["from"], st.session_state["to"] = first, last


actor = require("scorecard")
found = ledger()
page_head(_("考核"), found.as_of, board())
with st.container(horizontal=True, vertical_alignment="bottom"):
    start = st.date_input(
        _("考核期起"), default_start(found), EARLIEST, found.as_of, key="from", bind="query-params",
        format="YYYY-MM-DD", width=160,
    ) or default_start(found)  # fmt: skip
    end = st.date_input(
        _("考核期止"), found.as_of, EARLIEST, found.as_of, key="to", bind="query-params", format="YYYY-MM-DD", width=160
    ) or found.as_of  # fmt: skip
    section = pick_one("section", _("内容"), {k: _(w) for k, w in SECTIONS.items()}) if actor.is_centre else "ranking"
with st.container(horizontal=True):
    for name, span in prepared(spans, found).items():
        st.button(name, type="tertiary", on_click=look_at, args=span, disabled=span == (start, end))
if start > end:
    st.warning(_("“考核期起”晚于“考核期止”，请改正其中一个日期。"), icon=":material/event_busy:")
    st.stop()

view = prepared(ranking, found, start, end)
with figures():
    figure(_("有得分的单位"), f"{view.scored}/{len(view.standings)}", page="scorecard", show="scored")
    st.metric(
        _("平均得分"), "—" if view.average is None else f"{view.average:.1f}",
        None if view.change is None else f"{view.change:+.1f}", border=True,
        help=_("与上一个同样长的时段相比：{start}至{end}", start=day(view.before.start), end=day(view.before.end)),
    )  # fmt: skip
    figure(_("有未按期事项"), view.late, page="scorecard", show="late")

if not view.scored:
    st.info(_("考核期内还没有到期的事项和报告，各单位都不计分。可以改变考核期。"), icon=":material/hourglass_empty:")
if section == "notice":
    text = notice(found, start, end)
    st.download_button(
        _("下载（TXT）"), text, file_name=f"scorecard-{view.period.start}-{view.period.end}.txt", mime="text/plain",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    st.code(text, language=None, wrap_lines=True)
    st.stop()

which = pick_one("show", _("范围"), {key: f"{_(word)} {len(view.listed(key))}" for key, word in SHOWN.items()})
standings = view.listed(which)
weights = found.plan.scorecard.weights
rows = tuple(
    (s.rank, _(s.unit), s.total, "—" if s.change is None else f"{s.change:+.1f}", *s.measures) for s in standings
)
columns = (
    ("rank", _("名次")), ("unit", _("单位")), ("total", _("得分")), ("change", _("比上期")),
    *((w.measure, _("{title}（{n} 分）", title=_(w.title), n=w.weight)) for w in weights),
)  # fmt: skip
at = choose_row(
    rows, columns, alt=_("各单位得分排名"), key=f"ranking-{which}", height=320,
    column_config={
        _("名次"): st.column_config.NumberColumn(width=60, format="%d"),
        _("得分"): st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.1f", width=130),
    },
)  # fmt: skip
take_figures(actor, table="scorecard", start=view.period.start.isoformat(), end=view.period.end.isoformat())
st.caption(_("各栏为合格件数/应计件数；没有应计的栏不计分，其余折合为 100 分。任务和报告都没有到期的单位不计分。"))
with st.expander(_("怎样计分 · {clause}", clause=found.plan.scorecard.clause), icon=":material/calculate:"):
    heads = (("title", _("项目")), ("weight", _("分值")), ("how", _("算法")))
    prose(prepared(measures_explained, found), heads, alt=_("各项怎样计分"))
clicked = standings[at].unit if at is not None else None
own = [s.unit for s in view.standings if actor.sight.shows(s.unit)]
if clicked != st.session_state.get("ranking-clicked") and clicked in own:
    st.session_state["unit"] = clicked
st.session_state["ranking-clicked"] = clicked
unit = pick("unit", _("看一个单位怎样得分"), own, width=260, every=_("选择单位，或在上表选中一行"))
unit = unit or (own[0] if len(own) == 1 else None)
card = prepared(breakdown, found, actor.sight, start, end, unit) if unit else None
if clicked is not None and clicked not in own:
    st.info(_("只能看本单位的得分明细。"), icon=":material/lock:")
if card is None:
    st.stop()

with st.container(border=True):
    title = esc(_(card.standing.unit))
    st.header(_("{unit}：{points} 分", unit=title, points=f"{card.standing.total:.1f}")
                 if card.standing.total is not None else _("{unit}：不计分", unit=title), anchor=False)  # fmt: skip
    heads = (
        ("title", _("项目")), ("weight", _("分值")), ("points", _("得分")), ("share", _("合格/应计")),
        ("before", _("上一时段")),
    )  # fmt: skip
    table(card.measures, heads, alt=_("各项得分"))
    measure = pick_one("measure", _("项目"), {line.measure: line.title for line in card.measures})
    points = pick_one("points", _("范围"), {key: _(word) for key, word in COSTS.items()})
    lines = tuple(p for p in card.points[measure] if points == "all" or p.mark == _("✕ 扣分"))
    if not lines:
        st.text(_("没有扣分的记录。") if card.points[measure] else _("没有要列出的记录。"))
    else:
        heads = (("mark", _("计分")), ("what", _("事项")), ("why", _("依据")), ("record", _("编号")))
        at = choose_row(lines, heads, alt=_("得分依据"), key=f"points-{measure}-{points}-{unit}")
        if at is not None:
            record_link(lines[at].sheet, lines[at].record, card.standing.unit)
