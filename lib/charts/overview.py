"""Charts of 总览 and 一页速览."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import altair as alt

from lib.charts.pieces import (
    DONE,
    DUE,
    FAINT,
    GUIDE,
    INK,
    NARROW,
    OPEN,
    PAPER,
    Spec,
    by_name,
    colour,
    data,
    date_axis,
    height,
    iso,
    spec,
)
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.overview import Overview, overview
from lib.views.prepared import prepared


def overview_charts(ledger: Ledger, sight: Sight) -> dict[str, Spec]:
    """Every chart of 总览 by name; call it through ``prepared``. What is by unit is as the view model has it."""
    if of_units(sight) != sight:
        return prepared(overview_charts, ledger, of_units(sight))
    view = prepared(overview, ledger, sight)
    return {
        "gantt": _gantt(view),
        "quota": _quota(view),
        "separations": _separations(view),
        "reports": _reports(view),
        "pace": _pace(view),
    }


def _gantt(view: Overview) -> Spec:
    order = [p.label for p in view.phases]
    y = by_name("phase", order, labelExpr=f"{NARROW} ? '' : datum.label")
    rows = [
        {
            "phase": p.label, "start": iso(p.start), "end": iso(p.end + timedelta(days=1)), "state": p.state,
            "colour": p.colour, "progress": p.progress, "due": p.due, "opacity": 0.55 if p.is_assumed else 0.95,
        }
        for p in view.phases
    ]  # fmt: skip
    tooltip = [
        alt.Tooltip("phase", type="nominal", title=_("阶段")),
        alt.Tooltip("state", type="nominal", title=_("状态")),
        alt.Tooltip("progress", type="nominal", title=_("完成")),
        alt.Tooltip("due", type="nominal", title=_("时限")),
    ]
    bars = alt.Chart(data(rows)).mark_bar(cornerRadius=3, height=16).encode(
        x=alt.X("start", type="temporal", axis=date_axis()), x2=alt.X2("end"), y=y, color=colour(),
        opacity=alt.Opacity("opacity", type="quantitative", scale=None, legend=None), tooltip=tooltip,
    )  # fmt: skip
    first, latest = _shown(view)
    room = (latest - first).days // 10
    end = data([{"on": iso(latest + timedelta(days=room))}])
    margin = alt.Chart(end).mark_rule(opacity=0).encode(x=alt.X("on", type="temporal"))
    today = data([{"on": iso(view.as_of), "label": _("基准日")}])
    faint = alt.ExprRef(f"{NARROW} ? 0.4 : 1")
    rule = (
        alt.Chart(today)
        .mark_rule(color=GUIDE, strokeDash=[4, 3], size=1.5, opacity=faint)
        .encode(x=alt.X("on", type="temporal"))
    )
    label = alt.Chart(today).mark_text(color=GUIDE, align="left", dx=4, y=-8, fontSize=12).encode(
        x=alt.X("on", type="temporal"), text=alt.Text("label", type="nominal")
    )  # fmt: skip
    titles = alt.Chart(data(rows)).mark_text(
        align="left", baseline="bottom", dy=-9, color=INK, fontSize=12, opacity=alt.ExprRef(f"{NARROW} ? 1 : 0")
    ).encode(x=alt.value(0), y=y, text=alt.Text("phase", type="nominal"))  # fmt: skip
    layers = (bars, margin, rule, label, *_bar_words(view, y), titles)
    return spec(alt.layer(*layers).properties(height=height(len(rows), 38)))


_WORD_PLACES: dict[str, dict[str, Any]] = {
    "after": {"align": "left", "dx": 6},
    "before": {"align": "right", "dx": -6},
    "inside": {"align": "left", "dx": 6},
}


def _shown(view: Overview) -> tuple[date, date]:
    """The first and the last day on the axis: of the phases, and the day the figures are of."""
    days = [view.as_of, *(day for p in view.phases for day in (p.start, p.end))]
    return min(days), max(days)


def _bar_words(view: Overview, y: alt.Y) -> list[alt.Chart]:
    """State and progress beside each bar: after it, or where the chart ends too soon for that, before it, or inside it
    where it begins too soon for that, too."""
    first, last = _shown(view)
    span = max((last - first).days, 1)
    placed: dict[str, list[dict[str, Any]]] = {place: [] for place in _WORD_PLACES}
    for p in view.phases:
        late_end, early_start = (p.end - first).days > span * 0.7, (p.start - first).days < span * 0.3
        place = "after" if not late_end else "inside" if early_start else "before"
        on_bar = INK if p.is_assumed else PAPER  # a bar without a known start or end is pale
        word = {
            "phase": p.label,
            "text": f"{p.state} {p.progress}",
            "colour": on_bar if place == "inside" else p.colour,
        }
        placed[place].append({**word, "at": iso(p.end + timedelta(days=1) if place == "after" else p.start)})
    return [
        alt.Chart(data(rows)).mark_text(fontSize=12, fontWeight="bold", **_WORD_PLACES[place]).encode(
            x=alt.X("at", type="temporal"), y=y, text=alt.Text("text", type="nominal"), color=colour()
        )
        for place, rows in placed.items()
        if rows
    ]  # fmt: skip


def _quota(view: Overview) -> Spec:
    rows = [
        {
            "unit": q.unit, "count": q.count, "expected": q.expected, "recommended": q.recommended,
            "verdict": q.verdict, "colour": q.colour, "floor": q.floor,
        }
        for q in view.quotas
    ]  # fmt: skip
    order = [q.unit for q in view.quotas]
    top = max((max(q.expected, q.recommended) for q in view.quotas), default=1)
    axis = alt.Axis(title=_("推荐家数；竖线为提示数"), titleAnchor="end", tickMinStep=1, format="d")
    scale = alt.Scale(domain=[0, top * 1.35 + 1])
    tooltip = [
        alt.Tooltip("unit", type="nominal", title=_("单位")),
        alt.Tooltip("count", type="nominal", title=_("主管协会")),
        alt.Tooltip("recommended", type="quantitative", title=_("推荐")),
        alt.Tooltip("expected", type="quantitative", title=_("提示数")),
        alt.Tooltip("floor", type="quantitative", title=_("至少")),
        alt.Tooltip("verdict", type="nominal", title=_("判定")),
    ]
    base = alt.Chart(data(rows))
    y = by_name("unit", order)
    bars = base.mark_bar(height=12, cornerRadius=2).encode(
        x=alt.X("recommended", type="quantitative", axis=axis, scale=scale), y=y, color=colour(), tooltip=tooltip
    )
    ticks = base.mark_tick(color=INK, thickness=2, size=18).encode(
        x=alt.X("expected", type="quantitative"), y=y, tooltip=tooltip
    )
    text = base.transform_calculate(at="max(datum.recommended, datum.expected)").mark_text(
        align="left", dx=8, fontSize=12
    ).encode(
        x=alt.X("at", type="quantitative"), y=y, text=alt.Text("verdict", type="nominal"), color=colour()
    )  # fmt: skip
    return spec(alt.layer(bars, ticks, text).properties(height=height(len(rows))))


def _separations(view: Overview) -> Spec:
    words = (_("完成"), _("未完成"))
    rows = []
    for s in view.separations:
        rows.append({"part": s.label, "kind": words[0], "n": s.done, "order": 0, "text": f"{s.done}/{s.total}"})
        rows.append({"part": s.label, "kind": words[1], "n": s.open, "order": 1, "text": ""})
    order = [s.label for s in view.separations]
    y = by_name("part", order)
    legend = alt.Legend(title=None, columns=alt.ExprRef("containerSize()[0] < 300 ? 1 : 2"))
    colour = alt.Color("kind", type="nominal", scale=alt.Scale(domain=list(words), range=[DONE, OPEN]), legend=legend)
    tooltip = [
        alt.Tooltip("part", type="nominal", title=_("分离")),
        alt.Tooltip("kind", type="nominal", title=_("状态")),
        alt.Tooltip("n", type="quantitative", title=_("事项数")),
    ]
    bars = alt.Chart(data(rows)).mark_bar(height=15).encode(
        x=alt.X("n", type="quantitative", stack="zero", axis=alt.Axis(title=None, tickMinStep=1, format="d")),
        y=y, color=colour, order=alt.Order("order", type="quantitative"), tooltip=tooltip,
    )  # fmt: skip
    totals = [{"part": s.label, "n": s.total, "text": f"{s.done}/{s.total}"} for s in view.separations]
    text = alt.Chart(data(totals)).mark_text(align="left", dx=5, color=INK, fontSize=12).encode(
        x=alt.X("n", type="quantitative"), y=y, text=alt.Text("text", type="nominal")
    )  # fmt: skip
    return spec(alt.layer(bars, text).properties(height=height(len(order), 30, legend=True)))


def _reports(view: Overview) -> Spec:
    rows = [
        {"unit": m.unit, "period": m.period, "state": m.state, "shape": m.shape, "colour": m.colour, "detail": m.detail}
        for m in view.reports
    ]
    order = list(dict.fromkeys(m.unit for m in view.reports))
    tight = "bandwidth('x') < 70"  # too narrow for a shape and its word
    two_lines = (
        f"test(/^\\d{{4}}年/, datum.label) ? [slice(datum.label, 0, 5), slice(datum.label, {tight} ? 6 : 5)] : "
        f"{tight} ? split(datum.label, ' ') : datum.label"
    )
    axis = alt.Axis(orient="top", labelAngle=0, labelExpr=two_lines, labelFlush=False, labelOverlap=False)
    x = alt.X("period", type="nominal", sort=list(view.periods), title=None, axis=axis)
    tooltip = [
        alt.Tooltip("unit", type="nominal", title=_("单位")),
        alt.Tooltip("period", type="nominal", title=_("报告期")),
        alt.Tooltip("state", type="nominal", title=_("状态")),
        alt.Tooltip("detail", type="nominal", title=_("说明")),
    ]
    base = alt.Chart(data(rows)).encode(x=x, y=by_name("unit", order), tooltip=tooltip)
    cells = base.mark_rect(fillOpacity=0.12, stroke="#FFFFFF", strokeWidth=2).encode(color=colour())
    word = alt.ExprRef(f"datum.shape + ({tight} ? '' : ' ' + datum.state)")
    text = base.mark_text(fontSize=12, text=word).encode(color=colour())
    return spec(alt.layer(cells, text).properties(height=height(len(order))))


def _pace(view: Overview) -> Spec:
    pace = view.pace
    rows = [{"on": iso(on), "n": n} for on, n in pace.points]
    now = pace.points[-1][1] if pace.points else 0
    if rows and rows[-1]["on"] != iso(view.as_of):
        rows.append({"on": iso(view.as_of), "n": now})
    x = alt.X("on", type="temporal", axis=date_axis())
    y = alt.Y("n", type="quantitative", axis=alt.Axis(title=_("已完成事项"), tickMinStep=1, format="d"))
    tooltip = [
        alt.Tooltip("on", type="temporal", title=_("日期"), format="%Y-%m-%d"),
        alt.Tooltip("n", type="quantitative", title=_("已完成事项")),
    ]
    layers = [
        alt.Chart(data(rows)).mark_area(
            line={"color": DONE}, color=DONE, opacity=0.18, interpolate="step-after"
        ).encode(x=x, y=y, tooltip=tooltip)
    ]  # fmt: skip
    if pace.projected and pace.projected > view.as_of:
        ahead = [{"on": iso(view.as_of), "n": now}, {"on": iso(pace.projected), "n": pace.total}]
        layers.append(alt.Chart(data(ahead)).mark_line(color=DONE, strokeDash=[5, 4]).encode(x=x, y=y, tooltip=tooltip))
    goal = data([{"n": pace.total, "label": _("全部 {n} 项", n=pace.total)}])
    layers.append(alt.Chart(goal).mark_rule(color=FAINT).encode(y=y))
    layers.append(
        alt.Chart(goal).mark_text(align="left", x=4, dy=-8, color=FAINT, fontSize=12).encode(
            y=y, text=alt.Text("label", type="nominal")
        )
    )  # fmt: skip
    marks = [(view.as_of, _("基准日"), GUIDE)] + ([(pace.due, _("时限"), DUE)] if pace.due else [])
    for on, label, ink in marks:
        day = data([{"on": iso(on), "label": label}])
        layers.append(alt.Chart(day).mark_rule(color=ink, strokeDash=[4, 3]).encode(x=x))
        layers.append(
            alt.Chart(day).mark_text(color=ink, align="right", dx=-4, dy=-10, fontSize=12).encode(
                x=x, y=alt.value("height"), text=alt.Text("label", type="nominal")
            )
        )  # fmt: skip
    return spec(alt.layer(*layers).properties(height=240))
