"""工作动态简报 (bulletin): what pilots reported over a period, meetings, problems settled, practices (四（五）, 三)."""

from __future__ import annotations

from collections.abc import Mapping

from lib.documents.deliverable import Choice, Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import in_chinese, typeset
from lib.documents.spans import span, spans
from lib.domain.ledger import Ledger
from lib.domain.normalise import shifted
from lib.domain.scorecard import Period
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.news import events, news, practices, problems
from lib.views.overview import overview
from lib.views.prepared import prepared
from lib.views.words import day

KEY, LABEL = "bulletin", N_("工作动态简报")
RECENT_DAYS = 30
"""Days of the usual bulletin."""


def choices(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """The last days, and the periods that have begun."""
    return spans(ledger, _("近 {n} 天", n=RECENT_DAYS))


@in_chinese
def bulletin(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The bulletin of the period ``wanted["period"]``, as .docx."""
    period = span(ledger, wanted["period"], Period(shifted(ledger.as_of, 1 - RECENT_DAYS), ledger.as_of))
    title = _("{kind}（{start}至{end}）", kind=_(LABEL), start=period.start.isoformat(), end=period.end.isoformat())
    return typeset(KEY, LABEL, title, values(ledger, sight, period))


def values(ledger: Ledger, sight: Sight, period: Period) -> dict[str, object]:
    """Everything the template may look up."""
    found = news(ledger, sight, period)
    limit = ledger.plan.cadence.silent_days
    return {
        "place": ledger.plan.place, "start": day(period.start), "end": day(period.end), "news": found,
        "from_pilots": len({one.pilot for one in found}), "events": events(ledger, sight, period),
        "problems": problems(ledger, sight, period), "practices": practices(ledger, sight, period),
        "headline": prepared(overview, ledger, sight).headline, "silent_days": limit,
        "silent": [
            pilot.name for pilot in ledger.pilots
            if sight.shows(pilot.unit) and pilot.silent_for is not None and pilot.silent_for > limit
        ],
    }  # fmt: skip


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("一段时间里的试点动态、会议宣传、问题协调和经验做法"), lambda plan: plan.topics.mechanism, bulletin,
    (Choice("period", N_("时间"), choices),),
)  # fmt: skip
