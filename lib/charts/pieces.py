"""Pieces of charts: built with Altair once for each prepared view, kept as plain Vega-Lite specifications.

Horizontal bars, explicit order, whole-number ticks, shape and word beside every colour; channel objects, because
Altair's shorthand strings cost three hundred times as much.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import altair as alt

from lib.i18n import language

Spec = dict[str, Any]
ROW, AXIS, LEGEND = 24, 56, 34
"""Pixels: for one horizontal bar, for the axis with its title, for a legend. Streamlit fits all into the height."""
INK, FAINT, DONE, OPEN, DUE, GUIDE = "#1B2430", "#5B6470", "#1B6E3C", "#C9D3DF", "#B3261E", "#0B5CAD"
PAPER = "#FFFFFF"
NARROW = "containerSize()[0] < 450"
"""Asked in the browser, where the width is known: a phone, or a column of a small window."""
_MONTHS_ZH = [f"{n}月" for n in range(1, 13)]


def spec(chart: alt.TopLevelMixin) -> Spec:
    """A chart as a specification, in the house style and the current language."""
    made: Spec = chart.to_dict(validate=False)  # our own charts: validating them takes a third of their making
    made["config"] = {
        "view": {"stroke": None},
        "axis": {
            "labelColor": INK,
            "titleColor": FAINT,
            "labelLimit": 150,
            "labelFontSize": 12,
            "gridColor": "#E6EAF0",
        },
        "legend": {"orient": "top", "labelColor": INK, "titleColor": FAINT},
    }
    if language() == "zh":
        made["config"]["locale"] = {"time": _ZH_TIME}
    return made


_ZH_TIME = {
    "dateTime": "%Y年%-m月%-d日 %H:%M",
    "date": "%Y年%-m月%-d日",
    "time": "%H:%M",
    "periods": ["上午", "下午"],
    "days": [f"星期{d}" for d in "日一二三四五六"],
    "shortDays": [f"周{d}" for d in "日一二三四五六"],
    "months": _MONTHS_ZH,
    "shortMonths": _MONTHS_ZH,
}


def height(rows: int, row: int = ROW, legend: bool = False) -> int:
    """Pixels a chart of so many bars needs."""
    return row * max(rows, 1) + AXIS + (LEGEND if legend else 0)


def date_axis(**more: Any) -> alt.Axis:
    """An axis of days, labelled by month."""
    pattern = "%Y年%-m月" if language() == "zh" else "%b %Y"
    return alt.Axis(format=pattern, title=None, labelOverlap="parity", tickCount=8, **more)


def iso(on: date) -> str:
    """A day as Vega-Lite reads it."""
    return on.isoformat()


def data(rows: list[dict[str, Any]]) -> alt.Data:
    """Rows as the data of a chart."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def by_name(field: str, order: list[str], **more: Any) -> alt.Y:
    """The axis of names, in this order, one bar for each. No name is left out or moved for want of room, as Streamlit's
    theme would have it: a bar without its name tells nothing."""
    wide = 190 if language() == "zh" else 300
    limit = alt.ExprRef(f"{NARROW} ? 0.41 * containerSize()[0] : {wide}")
    axis = alt.Axis(labelLimit=limit, domain=False, ticks=False, labelOverlap=False, labelFlush=False, **more)
    return alt.Y(field, type="nominal", sort=order, title=None, axis=axis)


def colour(field: str = "colour") -> alt.Color:
    """Colours that stand in the data."""
    return alt.Color(field, type="nominal", scale=None)
