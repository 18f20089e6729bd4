"""领导一页 (leader brief): one A4 page with the picture of the day; what 一页速览 shows, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from lib.charts.overview import overview_charts
from lib.documents.deliverable import Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import drawn, in_chinese, typeset
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.brief import CAUSES_SHOWN, brief
from lib.views.dues import UnitDues
from lib.views.prepared import prepared
from lib.views.words import day

KEY, LABEL = "brief", N_("领导一页")
CHART_WIDTH = 94
"""Millimetres; wider ones push the last lines onto a second page."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure or a phase: what it is, how far it is, and a word more."""

    label: str = ""
    value: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that stand side by side in a line of a table; the last one may stand alone."""

    left: Told
    right: Told


@in_chinese
def onepage(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The page of the day, as .docx."""
    title = _("{kind}（截至{day}）", kind=_(LABEL), day=ledger.as_of.isoformat())
    return typeset(KEY, LABEL, title, values(ledger, sight))


def values(ledger: Ledger, sight: Sight) -> dict[str, object]:
    """Everything the template may look up; the figures are those of 一页速览."""
    view, charts = prepared(brief, ledger, sight), prepared(overview_charts, ledger, sight)
    return {
        "place": ledger.plan.place, "as_of": day(ledger.as_of, weekday=True), "view": view,
        "figures": _pairs([Told(figure.label, figure.value, figure.detail) for figure in view.figures]),
        "phases": _pairs([Told(f"{phase.mark}　{phase.label}", phase.progress) for phase in view.phases]),
        "causes": [
            _("{share} {title}：{reasons}", share=cause.share, title=cause.title, reasons=cause.reasons)
            for cause in view.causes[:CAUSES_SHOWN]
        ],
        "owing": [_owing(unit) for unit in view.top], "rest": view.rest_title,
        "pilots": [share.text for share in view.pilots],
        "chart": drawn(charts["separations"], _("各项分离完成情况"), width=CHART_WIDTH) if view.separations else None,
    }  # fmt: skip


def _pairs(many: Sequence[Told]) -> list[Pair]:
    return [Pair(left, right) for left, right in zip_longest(many[::2], many[1::2], fillvalue=Told())]


def _owing(owed: UnitDues) -> str:
    first = owed.lines[0]
    return _("{title}：{what}（{when}）", title=owed.title, what=first.what, when=first.when)


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("一张 A4 纸：当日进展、为什么、谁欠"), lambda plan: plan.topics.tracking, onepage
)  # fmt: skip
