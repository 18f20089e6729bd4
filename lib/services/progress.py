"""Progress as plain data (进展数据): the same figures the pages show, for the command line and other systems."""

from __future__ import annotations

from datetime import date
from typing import Any

from lib.domain.ledger import Ledger
from sheets_schema.workbook import PEOPLE


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def as_json(ledger: Ledger) -> dict[str, Any]:
    """All figures of a ledger; keys are English and stable, names are the plan's, dates ISO, counts whole numbers."""
    return {
        "plan": ledger.plan.id,
        "as_of": _iso(ledger.as_of),
        "sample": ledger.is_sample,
        "rows": _rows(ledger),
        "phases": _phases(ledger),
        "quota": [
            {
                "unit": q.unit, "n": q.count, "frozen": q.frozen, "floor": q.floor, "expected": q.expected,
                "voluntary": q.voluntary, "recommended": q.recommended, "selected": q.selected,
                "verdict": q.verdict.value, "submitted_on": _iso(q.submitted_on),
            }
            for q in ledger.quotas
        ],
        "chains": [
            {
                "document": c.document.id, "kind": c.kind.kind, "unit": c.document.unit,
                "association": c.document.association, "period": c.document.period, "round": c.round,
                "returned_on": _iso(c.returned_on), "current": c.next_step.verb if c.next_step else None,
                "pending_since": _iso(c.pending_since), "waiting_superior": c.waiting_superior, "done": c.done,
                "passed": [{"verb": p.verb, "on": _iso(p.on)} for p in c.passed],
            }
            for c in ledger.chains
        ],
        "pilots": [
            {
                "id": p.id, "name": p.name, "unit": p.unit, "selected_on": _iso(p.selected_on),
                "plan_approved_on": _iso(p.plan_approved_on), "done": p.tally.done, "total": p.tally.total,
                "not_applicable": p.tally.not_applicable, "unrecorded": p.unrecorded, "last_news": _iso(p.last_news),
                "by_separation": {k: {"done": t.done, "total": t.total} for k, t in p.by_separation.items()},
            }
            for p in ledger.pilots
        ],
        "checklist": {
            "done": ledger.tally.done, "total": ledger.tally.total, "not_applicable": ledger.tally.not_applicable,
            "projected": _iso(ledger.burn_up.projected), "days_late": ledger.burn_up.days_late,
        },
        "reports": [
            {
                "unit": r.unit, "period": r.period.id, "due": _iso(r.period.due),
                "submitted_on": _iso(r.submitted_on), "state": r.state,
            }
            for r in ledger.reports
        ],
        "due": [
            {
                "state": d.state.value, "what": str(d.what), "unit": d.unit, "owner": d.owner, "clause": d.clause,
                "due": _iso(d.due), "days_left": d.days_left, "sheet": d.sheet, "record": d.record,
            }
            for d in ledger.dues
        ],
    }  # fmt: skip


def _phases(ledger: Ledger) -> list[dict[str, Any]]:
    made = []
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


def _rows(ledger: Ledger) -> dict[str, Any]:
    """How many rows of each sheet count, and which were left out (sheet row numbers)."""
    tables = [ledger.world.table(sheet.model) for sheet in PEOPLE]
    return {
        "total": ledger.total_rows,
        "counted": ledger.total_rows - ledger.left_out,
        "left_out": {t.sheet.label: sorted(t.left_out) for t in tables if t.left_out},
        "by_sheet": {t.sheet.label: {"counted": len(t.rows), "total": t.total} for t in tables},
    }
