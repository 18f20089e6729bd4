"""汇总: many places side by side, from the result of a roll-up: where they stand, who is behind and why, one by one."""

import streamlit as st

from lib.charts.national import BARS, ranking_chart
from lib.i18n import N_, _, listed
from lib.ui.choosing import choose_one
from lib.ui.figures import figure
from lib.ui.files import take_national
from lib.ui.filters import pick, pick_one, search
from lib.ui.national import freshness, left_out, nation_or_stop, phase_columns, phase_heads, rows_or_stop, watch_result
from lib.ui.session import require
from lib.ui.tables import table
from lib.ui.theme import esc
from lib.views.national import MEASURES, MOST_NAMED, national, places_with, ranking, reasons
from lib.views.national_phases import SHOWN, found
from lib.views.national_place import PARTS, card
from lib.views.prepared import prepared_of

SECTIONS = {
    "places": N_("各地各阶段"), "ranking": N_("排名"), "reasons": N_("为什么逾期"), "left": N_("未计入的"),
}  # fmt: skip
ENDS = {"worst": N_("最需要关注的"), "best": N_("做得最好的")}
FIRST, ROWS = "overdue", 1000
"""By what places are ranked unless something else is chosen; rows of one place that are sent at once."""

actor = require("rollup")
st.title(_("多地汇总"), anchor=False)
nation = nation_or_stop(to_centre=actor.is_centre)
watch_result(nation.version)
view = prepared_of(national, nation)

freshness(nation)
st.header(esc(view.headline), anchor=False)
if view.where:
    st.markdown(esc(_("最多的是{where}。主要原因：{why}。", where=view.where, why=view.why)))
if view.samples:
    st.warning(
        _("{n}/{total} 本是示例数据：名称和进展都是虚构的。", n=view.samples, total=view.counted),
        title=_("示例数据"), icon=":material/science:",
    )  # fmt: skip
if not view.figures:
    left_out(view)
    st.stop()
with st.grid("auto", min_column_width=155):
    for f in view.figures:
        figure(f.label, f.value, f.detail, page="rollup", help=f.help, alarm=f.alarm, section="ranking", by=f.by)

take_national(actor)
titles = {key: _(word) for key, word in SECTIONS.items()}
titles["left"] += f" {len(view.left_out)}"
section = pick_one("section", _("内容"), titles)
known = list(view.names)

if section == "places":
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = search(placeholder=_("地方"))
        shown = pick("show", _("范围"), {key: _(word) for key, word in SHOWN.items()})
    grid = prepared_of(found, nation, typed.casefold(), shown)
    others = grid.different
    named = listed(others[:MOST_NAMED])
    st.text(_("{n}/{total} 个地方", n=len(grid.lines), total=len(view.names)))
    columns = (
        ("name", _("地方")), ("overdue", _("逾期")), *((head, head) for head in phase_heads(grid)), ("note", _("说明"))
    )  # fmt: skip
    st.caption(esc(" · ".join(grid.titles)))
    choose_one(
        "place", [line.key for line in grid.lines], known, grid.rows, columns, alt=_("各地各阶段的状态"), key="grid",
        column_config=phase_columns(grid),
    )  # fmt: skip
    st.caption(
        _("格子里是状态和完成的文件数。按阶段名称对齐，“—”是当地方案没有这个阶段。")
        + (
            esc(_("{n} 个地方的阶段与多数不同，如{names}：点开看它自己的阶段。", n=len(others), names=named))
            if others
            else ""
        )
    )

if section == "ranking":
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measures = {key: _(measure.label) for key, measure in MEASURES.items()}
        by = pick("by", _("按什么排"), measures, every=measures[FIRST])
        end = pick_one("end", _("哪一头"), {key: _(word) for key, word in ENDS.items()})
    by = by or FIRST
    lines = prepared_of(ranking, nation, by)
    bars, beside = st.columns([3, 2])
    with bars:
        st.caption(_("{end} {n} 个", end=_(ENDS[end]), n=min(BARS, len(lines))))
        st.vega_lite_chart(prepared_of(ranking_chart, nation, by, end), alt=_("各地排名：{what}", what=measures[by]))
    with beside:
        heads = (("rank", _("名次")), ("name", _("地方")), ("value", _(MEASURES[by].head)))
        choose_one("place", [line.key for line in lines], known, lines, heads, alt=_("各地排名"), key=f"ranking-{by}")

if section == "reasons":
    lines = prepared_of(reasons, nation)
    if lines:
        heads = (
            ("why", _("原因")), ("count", _("逾期事项")), ("places", _("涉及地方")), ("longest", _("最长（天）")),
            ("most", _("最多的地方")),
        )  # fmt: skip
        whys = [line.key for line in lines]
        why = choose_one("why", whys, whys, lines, heads, alt=_("各地逾期的原因"))
        st.caption(_("等待上级的不算逾期；各条相加就是逾期总数。选中一行，看是哪些地方。"))
        if why is not None:
            where = prepared_of(places_with, nation, why)
            heads = (("name", _("地方")), ("count", _("逾期事项")), ("longest", _("最长（天）")))
            alt = _("因为“{why}”逾期的地方", why=lines[whys.index(why)].why)
            st.text(alt)
            choose_one("place", [line.key for line in where], known, where, heads, alt=alt, key="where")
    else:
        st.success(_("没有逾期的事项。"), icon=":material/check_circle:")

if section == "left":
    left_out(view)

key = pick("place", _("看一个地方"), view.names, width=260, every=_("选择地方"))
if key is None:
    st.stop()
with st.container(border=True):
    head = prepared_of(card, nation, key)
    st.header(esc(head.name), anchor=False)
    st.caption(esc(f"{head.title} · {head.counted}"))
    part = pick_one("part", _("看什么"), {name: _(title) for name, (title, _make, _heads) in PARTS.items()})
    title, make, names = PARTS[part]
    rows = rows_or_stop(make, nation, key)
    st.text(_("{n} 行", n=len(rows)) if len(rows) <= ROWS else _("{n} 行，只列前 {most} 行", n=len(rows), most=ROWS))
    if rows:
        table(rows[:ROWS] if len(rows) > ROWS else rows, tuple((name, _(name)) for name in names), alt=_(title))
    st.text(_("工作簿：{source}", source=head.source))
    take_national(actor, place=key)
