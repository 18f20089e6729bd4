"""季度汇总 (quarterly summary): the units' reports of a period put together with the figures of the city (五（三）)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.charts.overview import overview_charts
from lib.documents.deliverable import Choice, Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import ROOMY, drawn, in_chinese, typeset
from lib.domain.findings import Severity
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.approvals import DocumentLine, approvals
from lib.views.brief import brief
from lib.views.health import health
from lib.views.nominations import nominations
from lib.views.overview import overview
from lib.views.prepared import prepared
from lib.views.reports import STATES, Period, compiled, period_kind, reports
from lib.views.words import day

KEY, LABEL = "quarterly", N_("季度汇总")
FINDINGS_SHOWN = 30
"""Records without effect that the summary names; the page 数据体检 has all of them."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a unit wrote under a heading, paragraph by paragraph; the first begins with its name."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the reports, and what the units wrote under it."""

    title: str
    texts: tuple[Said, ...]


def periods(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """The periods begun, the one to report on now first."""
    view = prepared(reports, ledger, sight)
    titles = {period.id: period.title for period in view.periods}
    first = view.current
    return ({first: titles[first]} if first in titles else {}) | titles


@in_chinese
def quarterly(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The summary of the period ``wanted["period"]``, as .docx."""
    period = prepared(reports, ledger, sight).find(wanted["period"])
    assert period is not None, "the catalogue offers periods that are there"
    title = _("{period}{kind}（截至{day}）", period=period.title, kind=_(LABEL), day=ledger.as_of.isoformat())
    return typeset(KEY, LABEL, title, values(ledger, sight, period))


def values(ledger: Ledger, sight: Sight, period: Period) -> dict[str, object]:
    """Everything the template may look up; every figure is that of the page it stands on."""
    seen, short = prepared(overview, ledger, sight), prepared(brief, ledger, sight)
    whole, quota = prepared(compiled, ledger, sight, period.id), prepared(nominations, ledger, sight)
    waiting, charts = _waiting(ledger, sight), prepared(overview_charts, ledger, sight)
    errors = prepared(health, ledger, sight, Severity.ERROR.value)
    kind = period_kind(ledger)
    return {
        "place": ledger.plan.place, "plan": ledger.plan.title, "as_of": day(ledger.as_of), "period": period,
        "clause": kind.clause if kind else ledger.plan.topics.cadence, "due": period.due,
        **{state: period.counts.get(state, 0) for state in STATES},
        "by_state": [(_(STATES[state]), units) for state, units in whole.by_state.items() if state != "on_time"],
        "headline": seen.headline, "subline": seen.subline, "phases": seen.phases, "quota": quota,
        "behind": [line for line in quota.quotas if "unmet" in line.sorts],
        "pilots": [share.text for share in short.pilots], "items_note": short.items_note,
        "separations": short.separations, "waiting": waiting, "above": sum("waiting" in w.stages for w in waiting),
        "parts": [Heading(part.title, tuple(map(_said, part.texts))) for part in whole.parts],
        "causes": short.causes, "overdue": len(ledger.overdue), "counted": short.left_out,
        "findings": errors.lines[:FINDINGS_SHOWN], "more_findings": max(errors.matching - FINDINGS_SHOWN, 0),
        "gantt": drawn(charts["gantt"], _("各阶段安排与状态"), pixels=ROOMY) if seen.phases else None,
        "separation_chart": drawn(charts["separations"], _("各项分离完成情况")) if short.separations else None,
    }  # fmt: skip


def _waiting(ledger: Ledger, sight: Sight) -> list[DocumentLine]:
    """Documents begun and not through their chain, those longest where they are first."""
    lines = [line for line in prepared(approvals, ledger, sight).lines if "done" not in line.stages]
    return sorted(lines, key=lambda line: line.since or "9")


def _said(text: tuple[str, str]) -> Said:
    unit, words = text
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return Said((_("{unit}：{text}", unit=unit, text=lines[0] if lines else ""), *lines[1:]))


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("各单位报告按三项内容汇总，附阶段、名额、试点、审批和逾期的数字与图"),
    lambda plan: plan.topics.cadence, quarterly, (Choice("period", N_("报告期"), periods),),
    N_("还没有到第一个报告期，没有可以汇总的报告。"),
)  # fmt: skip
