"""Progress as plain data (进展数据): the same figures the pages show, for the command line and other systems.

``docs/api.md`` tells what each field means and what ``VERSION`` promises; ``progress_shape`` has them as types.
"""

from __future__ import annotations

from datetime import date, datetime

from lib.domain.chains import ChainState
from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.services.policy import EVERYTHING, Sight
from lib.services.progress_shape import (
    ChainFigures,
    DueFigures,
    Figures,
    PhaseFigures,
    PilotFigures,
    Progress,
    QuotaFigures,
    ReportFigures,
    RowFigures,
)
from lib.services.whose import sees
from sheets_schema.workbook import PEOPLE

VERSION = 1
"""Goes up when a field is taken away or means something else; fields may be added meanwhile."""


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def answered(ledger: Ledger, sight: Sight, at: datetime) -> Progress:
    """The figures for another system, with when they were made and from which state of the workbook."""
    return {**as_json(ledger, sight), "revision": ledger.revision, "generated_at": at.isoformat()}


def as_json(ledger: Ledger, sight: Sight = EVERYTHING) -> Figures:
    """All figures of a ledger; keys are English and stable, names are the plan's, dates ISO, counts whole numbers.

    What is counted of the whole city is the same for everybody; records are those that the sight takes in.
    """
    return {
        "version": VERSION,
        "plan": ledger.plan.id,
        "as_of": ledger.as_of.isoformat(),
        "sample": ledger.is_sample,
        "units": None if sight.units is None else sorted(sight.units),
        "rows": _rows(ledger, sight),
        "phases": _phases(ledger),
        "quota": _quota(ledger, sight),
        "chains": [_chain(one) for one in ledger.chains if sees(sight, audience(one.document, ledger.world))],
        "pilots": _pilots(ledger, sight),
        "checklist": {
            "done": ledger.tally.done, "total": ledger.tally.total, "not_applicable": ledger.tally.not_applicable,
            "projected": _iso(ledger.burn_up.projected), "days_late": ledger.burn_up.days_late,
        },
        "reports": _reports(ledger, sight),
        "due": _due(ledger, sight),
    }  # fmt: skip


def _quota(ledger: Ledger, sight: Sight) -> list[QuotaFigures]:
    return [
        {
            "unit": q.unit, "n": q.count, "frozen": q.frozen, "floor": q.floor, "expected": q.expected,
            "voluntary": q.voluntary, "recommended": q.recommended, "selected": q.selected,
            "verdict": q.verdict.value, "submitted_on": _iso(q.submitted_on),
        }
        for q in ledger.quotas if sight.shows(q.unit)
    ]  # fmt: skip


def _chain(c: ChainState) -> ChainFigures:
    return {
        "document": c.document.id, "kind": c.kind.kind, "unit": c.document.unit,
        "association": c.document.association, "period": c.document.period, "round": c.round,
        "returned_on": _iso(c.returned_on), "current": c.next_step.verb if c.next_step else None,
        "pending_since": _iso(c.pending_since), "waiting_superior": c.waiting_superior, "done": c.done,
        "passed": [{"verb": p.verb, "on": p.on.isoformat()} for p in c.passed],
    }  # fmt: skip


def _pilots(ledger: Ledger, sight: Sight) -> list[PilotFigures]:
    return [
        {
            "id": p.id, "name": p.name, "unit": p.unit, "selected_on": _iso(p.selected_on),
            "plan_approved_on": _iso(p.plan_approved_on), "done": p.tally.done, "total": p.tally.total,
            "not_applicable": p.tally.not_applicable, "unrecorded": p.unrecorded, "last_news": _iso(p.last_news),
            "by_separation": {k: {"done": t.done, "total": t.total} for k, t in p.by_separation.items()},
        }
        for p in ledger.pilots if sight.shows(p.unit)
    ]  # fmt: skip


def _reports(ledger: Ledger, sight: Sight) -> list[ReportFigures]:
    return [
        {
            "unit": r.unit, "period": r.period.id, "due": _iso(r.period.due),
            "submitted_on": _iso(r.submitted_on), "state": r.state,
        }
        for r in ledger.reports if sight.shows(r.unit)
    ]  # fmt: skip


def _due(ledger: Ledger, sight: Sight) -> list[DueFigures]:
    return [
        {
            "state": d.state.value, "what": str(d.what), "unit": d.unit, "owner": d.owner, "clause": d.clause,
            "due": d.due.isoformat(), "days_left": d.days_left, "sheet": d.sheet, "record": d.record,
        }
        for d in ledger.dues if sight.shows(ledger.world.who(d.unit))
    ]  # fmt: skip


def _phases(ledger: Ledger) -> list[PhaseFigures]:
    made: list[PhaseFigures] = []
    for p in ledger.phases:
        light = ledger.plan.lights.by_state[p.state]
        made.append(
            {
                "id": p.phase.id, "title": p.phase.title, "clause": p.phase.clause, "start": _iso(p.phase.start),
                "due": _iso(p.due), "state": p.state.value, "light": light.light, "word": light.word,
                "shape": light.shape, "done": p.done, "total": p.total, "waiting": p.waiting,
                "done_on": _iso(p.done_on), "days_late": p.days_late,
            }
        )  # fmt: skip
    return made


def _rows(ledger: Ledger, sight: Sight) -> RowFigures:
    """How many rows of each sheet count, and which were left out (sheet row numbers), for who sees all of them."""
    tables = [ledger.world.table(sheet.model) for sheet in PEOPLE]
    named = tables if sight.units is None else []
    return {
        "total": ledger.total_rows,
        "counted": ledger.total_rows - ledger.left_out,
        "left_out": {t.sheet.label: sorted(t.left_out) for t in named if t.left_out},
        "by_sheet": {t.sheet.label: {"counted": len(t.rows), "total": t.total} for t in tables},
    }
