"""Charts of 汇总."""

from __future__ import annotations

import altair as alt

from lib.charts.pieces import DONE, DUE, INK, Spec, by_name, data, height, spec
from lib.i18n import _
from lib.rollup.nation import Nation
from lib.views.national import MEASURES, RankLine, ranking
from lib.views.prepared import prepared_of

BARS = 20
"""Places in a chart; the table beside it has all."""
ROOM = 1.15
"""How much longer the axis is than the longest bar: its words stand behind it, on a phone too."""
ENDS = ("worst", "best")


def ranking_chart(nation: Nation, by: str, end: str) -> Spec:
    """The places at one end of a ranking as bars; call it through ``prepared_of``. ``end``: one of ``ENDS``."""
    ranked = [line for line in prepared_of(ranking, nation, by) if line.at is not None]
    return _bars(ranked[:BARS] if end == ENDS[0] else ranked[: -BARS - 1 : -1], by)


def _bars(lines: list[RankLine], by: str) -> Spec:
    measure = MEASURES[by]
    labels = _labels(lines)
    told = [f"{line.value:,}" if isinstance(line.value, int) else line.value for line in lines]
    rows = [{"name": name, "at": line.at, "text": text} for name, line, text in zip(labels, lines, told, strict=True)]
    y = by_name("name", labels)
    most = 1.0 if measure.is_share else max((line.at or 0 for line in lines), default=0) or 1
    scale = alt.Scale(domain=[0, most * ROOM], nice=False)
    axis = (
        alt.Axis(title=None, format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
        if measure.is_share
        else alt.Axis(title=_(measure.head), titleAnchor="end", tickMinStep=1, tickCount=6, format="d", labelBound=True)
    )
    tooltip = [
        alt.Tooltip("name", type="nominal", title=_("地方")),
        alt.Tooltip("text", type="nominal", title=_(measure.label)),
    ]
    bars = (
        alt.Chart(data(rows))
        .mark_bar(height=15, color=DONE if measure.is_share else DUE)
        .encode(x=alt.X("at", type="quantitative", axis=axis, scale=scale), y=y, tooltip=tooltip)
    )
    text = bars.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(text=alt.Text("text", type="nominal"))
    return spec(alt.layer(bars, text).properties(height=height(len(rows))))


def _labels(lines: list[RankLine]) -> list[str]:
    """Names that tell bars apart: bars of one name would be drawn as one."""
    seen: dict[str, int] = {}
    labels = []
    for line in lines:
        seen[line.name] = seen.get(line.name, 0) + 1
        labels.append(line.name if seen[line.name] == 1 else f"{line.name} ({seen[line.name]})")
    return labels
