"""Charts of 试点推荐."""

from __future__ import annotations

import altair as alt

from lib.charts.pieces import DONE, OPEN, Spec, by_name, data, height, spec
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services.policy import Sight
from lib.views.nominations import Nominations, nominations
from lib.views.prepared import prepared


def spread_chart(ledger: Ledger, sight: Sight) -> Spec:
    """Recommended and other associations in scope by type; call it through ``prepared``."""
    return _types(prepared(nominations, ledger, sight))


def _types(view: Nominations) -> Spec:
    words = (_("已推荐"), _("其余纳入"))
    rows = []
    for part in view.types:
        rest = max(part.count - part.recommended, 0)
        rows.append({"part": part.label, "kind": words[0], "n": part.recommended, "order": 0})
        rows.append({"part": part.label, "kind": words[1], "n": rest, "order": 1})
    legend = alt.Legend(title=None, columns=2)
    colour = alt.Color("kind", type="nominal", scale=alt.Scale(domain=list(words), range=[DONE, OPEN]), legend=legend)
    tooltip = [
        alt.Tooltip("part", type="nominal", title=_("类型")),
        alt.Tooltip("kind", type="nominal", title=_("状态")),
        alt.Tooltip("n", type="quantitative", title=_("家数")),
    ]
    axis = alt.Axis(title=_("家数"), titleAnchor="end", tickMinStep=1, format="d")
    bars = (
        alt.Chart(data(rows))
        .mark_bar(height=15)
        .encode(
            x=alt.X("n", type="quantitative", axis=axis, stack="zero"),
            y=by_name("part", [part.label for part in view.types]),
            color=colour,
            order=alt.Order("order", type="quantitative"),
            tooltip=tooltip,
        )
    )
    return spec(bars.properties(height=height(len(view.types), 38, legend=True)))
