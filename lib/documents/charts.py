"""Charts as files (图): every chart of the pages by name, as a picture with its title and its as-of day."""

from __future__ import annotations

from collections.abc import Mapping

from lib.charts.evaluation import evaluation_charts
from lib.charts.nominations import spread_chart
from lib.charts.overview import overview_charts
from lib.charts.pieces import Spec
from lib.documents.deliverable import Choice, Deliverable
from lib.documents.file import PNG, SVG, File, named
from lib.documents.pictures import png, rows_of, svg
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.prepared import prepared
from lib.views.words import day

KINDS = {"png": N_("PNG 图片"), "svg": N_("SVG 矢量图")}
"""What a chart can be had as, the usual one first."""
CHARTS = {
    "gantt": N_("各阶段进度"),
    "quota": N_("推荐名额"),
    "separations": N_("试点脱钩事项"),
    "pace": N_("完成事项的累计"),
    "reports": N_("定期报告报送情况"),
    "evaluation-separations": N_("完成与未完成的原因，按分离"),
    "evaluation-units": N_("完成与未完成的原因，按单位"),
    "spread": N_("推荐的协会，按类型"),
}
"""Name of a chart → its title, in the order of the pages."""


def chart_names(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """The charts that show anything."""
    drawn = _charts(ledger, sight)
    return {name: _(title) for name, title in CHARTS.items() if rows_of(drawn[name])}


def make_chart(ledger: Ledger, sight: Sight, wanted: Mapping[str, str]) -> File:
    """One chart as PNG or SVG. Raises ``NotDrawn``."""
    name = wanted["name"]
    title = _(CHARTS[name])
    head, foot = (
        _("{place}：{title}", place=_(ledger.plan.place), title=title),
        _("基准日 {day}", day=day(ledger.as_of)),
    )
    spec, called = _charts(ledger, sight)[name], f"{title}_{ledger.as_of.isoformat()}"
    if wanted.get("format") == "svg":
        return named(called, SVG, svg(spec, title=head, foot=foot))
    return named(called, PNG, png(spec, title=head, foot=foot))


def _charts(ledger: Ledger, sight: Sight) -> dict[str, Spec]:
    evaluated = prepared(evaluation_charts, ledger, sight)
    return {
        **prepared(overview_charts, ledger, sight),
        **{f"evaluation-{name}": spec for name, spec in evaluated.items()},
        "spread": prepared(spread_chart, ledger, sight),
    }


DELIVERABLE = Deliverable(
    "chart", N_("图"), N_("页面上的图，可放进文件或幻灯片"), None, make_chart,
    (
        Choice("name", N_("图"), chart_names),
        Choice("format", N_("格式"), lambda _ledger, _sight: {kind: _(word) for kind, word in KINDS.items()}),
    ),
    N_("还没有可以画的数据"),
)  # fmt: skip
