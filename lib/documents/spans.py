"""Spans of time a document can be made for: the usual one, and the plan's reporting periods that have begun."""

from __future__ import annotations

from lib.domain.ledger import Ledger
from lib.domain.scorecard import Period
from lib.i18n import _
from sheets_schema.plan_work import ReportPeriod

USUAL = "usual"


def spans(ledger: Ledger, usual: str) -> dict[str, str]:
    """Value → words; ``usual``: what the usual span is called."""
    return {USUAL: usual} | {period.id: _(period.title) for period in _begun(ledger)}


def span(ledger: Ledger, name: str, usual: Period) -> Period:
    """The days a choice means, never beyond the as-of day."""
    for period in _begun(ledger):
        if period.id == name and period.start is not None:
            return Period(period.start, min(period.end or ledger.as_of, ledger.as_of))
    return usual


def _begun(ledger: Ledger) -> list[ReportPeriod]:
    return [p for p in ledger.plan.cadence.periods if p.start is not None and p.start <= ledger.as_of]
