"""Charts of 试点评估: done and why not, by separation and by unit; built once for each prepared view."""

from __future__ import annotations

import altair as alt

from lib.charts.pieces import DONE, DUE, INK, OPEN, Spec, by_name, data, height, spec
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.evaluation import Sum, evaluation
from lib.views.prepared import prepared

POLICY, WORK = "#0072B2", "#9A5B00"
"""Waiting for a policy is not the pilot's delay, and has the colour of waiting; lagging work that of being behind."""


def evaluation_charts(ledger: Ledger, sight: Sight) -> dict[str, Spec]:
    """Every chart of 试点评估 by name; call it through ``prepared``."""
    if of_units(sight) != sight:
        return prepared(evaluation_charts, ledger, of_units(sight))
    view = prepared(evaluation, ledger, sight)
    return {"separations": _reasons(view.separations), "units": _reasons(view.units)}


def _reasons(sums: tuple[Sum, ...]) -> Spec:
    words = (_("✓ 完成"), _("⏸ 政策缺失"), _("◆ 工作不到位"), _("■ 逾期未注明原因"), _("○ 未到时限"))
    rows = [
        {"label": s.label, "kind": word, "n": n, "order": at}
        for s in sums
        for at, (word, n) in enumerate(zip(words, (s.done, s.policy, s.work, s.unexplained, s.pending), strict=True))
    ]
    y = by_name("label", [s.label for s in sums])
    legend = alt.Legend(title=None, columns=alt.ExprRef("containerSize()[0] < 450 ? 2 : 5"))
    scale = alt.Scale(domain=list(words), range=[DONE, POLICY, WORK, DUE, OPEN])
    tooltip = [
        alt.Tooltip("label", type="nominal", title=_("名称")),
        alt.Tooltip("kind", type="nominal", title=_("状态")),
        alt.Tooltip("n", type="quantitative", title=_("事项数")),
    ]
    bars = alt.Chart(data(rows)).mark_bar(height=15).encode(
        x=alt.X("n", type="quantitative", stack="zero", axis=alt.Axis(title=None, tickMinStep=1, format="d")),
        y=y, color=alt.Color("kind", type="nominal", scale=scale, legend=legend),
        order=alt.Order("order", type="quantitative"), tooltip=tooltip,
    )  # fmt: skip
    totals = [{"label": s.label, "n": s.applying, "text": s.share} for s in sums]
    text = alt.Chart(data(totals)).mark_text(align="left", dx=5, color=INK, fontSize=12).encode(
        x=alt.X("n", type="quantitative"), y=y, text=alt.Text("text", type="nominal")
    )  # fmt: skip
    return spec(alt.layer(bars, text).properties(height=height(len(sums), 28, legend=True)))
