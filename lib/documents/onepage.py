"""领导一页 (leader brief): one A4 page with the picture of the day; what 一页速览 shows, on paper."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from lib.charts.overview import overview_charts
from lib.documents.deliverable import Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import drawn, in_chinese, typeset
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.brief import CAUSES_SHOWN, Brief, brief
from lib.views.dues import UnitDues
from lib.views.prepared import prepared
from lib.views.words import day

KEY, LABEL = "brief", N_("领导一页")
CHART_WIDTH = 128
"""Millimetres; wider ones push the last lines onto a second page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and beside it a phase."""

    label: str = ""
    value: str = ""
    detail: str = ""
    phase: str = ""


@in_chinese
def onepage(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The page of the day, as .docx."""
    title = _("{kind}（截至{day}）", kind=_(LABEL), day=ledger.as_of.isoformat())
    return typeset(KEY, LABEL, title, values(ledger, sight))


def values(ledger: Ledger, sight: Sight) -> dict[str, object]:
    """Everything the template may look up; the figures are those of 一页速览."""
    view, charts = prepared(brief, ledger, sight), prepared(overview_charts, ledger, sight)
    return {
        "place": ledger.plan.place, "as_of": day(ledger.as_of, weekday=True), "view": view, "figures": _rows(view),
        "causes": [
            _("{share} {title}：{reasons}", share=cause.share, title=cause.title, reasons=cause.reasons)
            for cause in view.causes[:CAUSES_SHOWN]
        ],
        "owing": [_owing(unit) for unit in view.top], "rest": view.rest_title, "quota": view.quota.text,
        "pilots": [share.text for share in view.pilots],
        "chart": drawn(charts["separations"], _("各项分离完成情况"), width=CHART_WIDTH) if view.separations else None,
    }  # fmt: skip


def _rows(view: Brief) -> list[Row]:
    phases = [f"{phase.mark} {phase.label} {phase.progress}" for phase in view.phases]
    return [
        Row(figure.label, figure.value, figure.detail, phase or "") if figure else Row(phase=phase or "")
        for figure, phase in zip_longest(view.figures, phases)
    ]


def _owing(owed: UnitDues) -> str:
    first = owed.lines[0]
    return _("{title}：{what}（{when}）", title=owed.title, what=first.what, when=first.when)


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("一张 A4 纸：当日进展、为什么、谁欠"), lambda plan: plan.topics.tracking, onepage
)  # fmt: skip
