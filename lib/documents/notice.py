"""考核通报 (notice): the scorecard of a period as an official document; facts only (五（三）)."""

from __future__ import annotations

from collections.abc import Mapping

from lib.documents.deliverable import Choice, Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import in_chinese, typeset
from lib.documents.spans import span, spans
from lib.domain.ledger import Ledger
from lib.domain.scorecard import Period
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.scorecard import default_start, notice_facts
from lib.views.words import day

KEY, LABEL = "notice", N_("考核通报")


def choices(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """Since the plan began, and the periods that have begun."""
    return spans(ledger, _("方案开始以来"))


@in_chinese
def notice(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The notice over ``wanted["period"]``, as .docx."""
    period = span(ledger, wanted["period"], Period(default_start(ledger), ledger.as_of))
    title = _("{kind}（{start}至{end}）", kind=_(LABEL), start=period.start.isoformat(), end=period.end.isoformat())
    return typeset(KEY, LABEL, title, values(ledger, period))


def values(ledger: Ledger, period: Period) -> dict[str, object]:
    """Everything the template may look up; the figures are those of 考核."""
    facts = notice_facts(ledger, period.start, period.end)
    return {
        "place": ledger.plan.place, "plan": ledger.plan.title, "clause": ledger.plan.scorecard.clause,
        "start": day(period.start), "end": day(period.end), "scored": facts.scored, "average": facts.average,
        "none": facts.none, "weights": facts.weights, "late": facts.late,
    }  # fmt: skip


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("考核得分和未按期办理的事项，只列事实"), lambda plan: plan.scorecard.clause, notice,
    (Choice("period", N_("考核期"), choices),),
)  # fmt: skip
