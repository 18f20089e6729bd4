"""数据体检 (data health): every finding with its cell, what was typed, clause and remedy; filters and export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.findings import CATALOGUE, SEVERITY_WORDS, Finding, Severity
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.services.whose import sees, veiled
from lib.views.whereto import Way, of_finding
from sheets_schema.plan_work import StateKey

SHOWN = 1000
"""Findings shown at once; the download has them all."""
SEVERITY_STATES = {
    Severity.ERROR: StateKey.OVERDUE,
    Severity.WARNING: StateKey.NEAR,
    Severity.NOTE: StateKey.IDLE,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as words."""

    severity: str
    cell: str
    value: str
    message: str
    clause: str
    remedy: str
    rule: str
    unit: str
    way: Way
    """Where it is put right."""


@dataclass(frozen=True, slots=True)
class Health:
    """Everything 数据体检 shows under its filters."""

    counts: tuple[tuple[Severity, str, int], ...]
    lines: tuple[Line, ...]
    matching: int
    total: int
    left_out: int
    total_rows: int
    sheets: tuple[str, ...]
    units: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    by_rule: tuple[tuple[str, str, str, int], ...]
    by_unit: tuple[tuple[str, int, int, int], ...]


def health(
    ledger: Ledger,
    sight: Sight,
    severity: str | None = None,
    sheet: str | None = None,
    unit: str | None = None,
    rule: str | None = None,
) -> Health:
    """The view model of 数据体检: findings in the records that a sight takes in, and those that concern everybody.

    A filter of None lets everything through. How many rows count is the whole workbook's.
    """
    found = _found(ledger, sight)
    chosen = [f for f in found if _matches(f, severity, sheet, unit, rule)]
    counts = Counter(f.severity for f in found)
    rules = Counter(f.rule for f in chosen)
    units: dict[str, Counter[Severity]] = {}
    for finding in chosen:
        units.setdefault(finding.unit, Counter())[finding.severity] += 1
    return Health(
        counts=tuple((s, _(SEVERITY_WORDS[s]), counts[s]) for s in Severity),
        lines=tuple(_line(f, sight, ledger) for f in chosen[:SHOWN]),
        matching=len(chosen),
        total=len(found),
        left_out=ledger.left_out,
        total_rows=ledger.total_rows,
        sheets=tuple(sorted({f.sheet for f in found})),
        units=tuple(sorted({f.unit for f in found if f.unit})),
        rules=tuple((r, _(CATALOGUE[r].title)) for r in sorted({f.rule for f in found})),
        by_rule=tuple(
            (r, _(CATALOGUE[r].title), _severity(CATALOGUE[r].severity, ledger), n) for r, n in rules.most_common()
        ),
        by_unit=tuple(
            (_(u) if u else _("（不属于任何单位）"), c[Severity.ERROR], c[Severity.WARNING], c[Severity.NOTE])
            for u, c in sorted(units.items(), key=lambda item: (-item[1][Severity.ERROR], -item[1].total(), item[0]))
        ),
    )


def _found(ledger: Ledger, sight: Sight) -> Sequence[Finding]:
    return ledger.findings if sight.units is None else [f for f in ledger.findings if sees(sight, f.audience)]


def _matches(finding: Finding, severity: str | None, sheet: str | None, unit: str | None, rule: str | None) -> bool:
    return (
        (severity is None or finding.severity.value == severity)
        and (sheet is None or finding.sheet == sheet)
        and (unit is None or finding.unit == unit)
        and (rule is None or finding.rule == rule)
    )


def _severity(severity: Severity, ledger: Ledger) -> str:
    shape = ledger.plan.lights.by_state[SEVERITY_STATES[severity]].shape
    return f"{shape} {_(SEVERITY_WORDS[severity])}"


def _line(finding: Finding, sight: Sight, ledger: Ledger) -> Line:
    value, message, remedy = veiled(finding, sight, ledger.world)
    return Line(
        _severity(finding.severity, ledger), finding.cell, value, message, _(finding.clause), remedy, finding.rule,
        _(finding.unit) if finding.unit else "", of_finding(finding, ledger, sight),
    )  # fmt: skip


FINDING_COLUMNS = (
    N_("级别"), N_("规则"), N_("位置"), N_("记录"), N_("单位"), N_("原内容"), N_("问题"), N_("依据"), N_("改法"),
)  # fmt: skip


def finding_rows(ledger: Ledger, sight: Sight, *filters: str | None) -> list[tuple[str, ...]]:
    """All matching findings as words, in ``FINDING_COLUMNS``."""
    severity, sheet, unit, rule = (*filters, None, None, None, None)[:4]
    rows: list[tuple[str, ...]] = []
    for f in _found(ledger, sight):
        if _matches(f, severity, sheet, unit, rule):
            value, message, remedy = veiled(f, sight, ledger.world)
            word = _(SEVERITY_WORDS[f.severity])
            rows.append((word, f.rule, f.cell, f.record, _(f.unit), value, message, _(f.clause), remedy))
    return rows
