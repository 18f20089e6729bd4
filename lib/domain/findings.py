"""Rules and findings (规则与校验结果) as data: a rule is declared once, a finding says what broke it and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lib.domain.normalise import column_letters, to_text
from lib.i18n import N_, Text, _
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import sheets_of

if TYPE_CHECKING:
    from sheets_schema.plan import Plan


class Severity(StrEnum):
    """error: the row has no effect; warning: it counts, but look at it; note: for your information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


SEVERITY_WORDS = {Severity.ERROR: N_("错误"), Severity.WARNING: N_("提醒"), Severity.NOTE: N_("说明")}
SHEET_CONVENTION = N_("表格规范")
"""Stands where a clause would, for rules that come from how the workbook is laid out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue. ``topic`` names the clause through the plan; None: the sheet convention."""

    id: str
    topic: str | None
    severity: Severity
    title: str
    message: str
    remedy: str

    def hit(self, **place: Any) -> Hit:
        """A hit of this rule; ``sheet``, ``row``, ``column``, ``record``, ``value``, ``clause`` say where,
        anything else fills the message."""
        where = {name: place[name] for name in _PLACE if name in place}
        return Hit(self, params={k: v for k, v in place.items() if k not in where or k in _SPOKEN}, **where)

    def clause(self, plan: Plan) -> str:
        """The clause this rule rests on under a plan."""
        return getattr(plan.topics, self.topic) if self.topic else SHEET_CONVENTION


_PLACE = ("sheet", "row", "column", "record", "value", "clause", "unit", "position")
_SPOKEN = ("value", "unit")
"""Parts of a place that messages mention too."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule broken at a place. ``column`` is a field name; ``row`` None means the sheet or a figure as a whole.

    ``position`` (1-based) says where the column is, when it is not where the field is read.
    """

    rule: Rule
    sheet: str
    row: int | None = None
    column: str | None = None
    record: str = ""
    value: Cell = None
    clause: str | None = None
    unit: str = ""
    position: int | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding (校验结果): rule id, severity, place, what was typed, message, clause and remedy."""

    rule: str
    clause: str
    severity: Severity
    sheet: str
    row: int | None
    column: str | None
    record: str
    value: str
    message: Text
    remedy: Text
    position: int | None = None
    unit: str = ""
    audience: frozenset[str] | None = None
    """The units that may see it; None: everybody, as it is about no record and no unit. Empty: the office alone."""
    personal: bool = False
    """Whether it quotes a column with personal data."""

    @property
    def cell(self) -> str:
        """Where it is, as a spreadsheet says it: ``协会商会!C12``; the sheet alone when no cell is meant."""
        if self.row is None:
            return self.sheet
        letters = column_letters(self.position) if self.position else ""
        return f"{self.sheet}!{letters}{self.row}"

    def as_json(self) -> dict[str, Any]:
        """The keys of ``check --format json``, texts in the current language."""
        return {
            "rule": self.rule,
            "clause": _(self.clause),
            "severity": self.severity.value,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "record": self.record,
            "value": self.value,
            "message": str(self.message),
            "remedy": str(self.remedy),
        }


def to_finding(
    hit: Hit,
    plan: Plan,
    header: dict[str, int] | None = None,
    record: str = "",
    unit: str = "",
    audience: frozenset[str] | None = None,
) -> Finding:
    """The finding a hit makes under a plan; ``header`` gives the 1-based position of each field in its sheet.
    ``record`` and ``unit`` are those of its row, where the hit names none; ``audience`` is who may see it."""
    declared = sheets_of(plan).get(hit.sheet)
    personal = declared is not None and hit.column is not None and declared.is_personal(hit.column)
    label = declared.header_of(hit.column) if declared and hit.column is not None else hit.column
    return Finding(
        rule=hit.rule.id,
        clause=hit.clause or hit.rule.clause(plan),
        severity=hit.rule.severity,
        sheet=declared.label if declared else hit.sheet,
        row=hit.row,
        column=label,
        record=hit.record or record,
        value=to_text(hit.value)[:200],
        message=Text(hit.rule.message, hit.params),
        remedy=Text(hit.rule.remedy, hit.params),
        position=hit.position or (header or {}).get(hit.column or ""),
        unit=hit.unit or unit,
        audience=audience,
        personal=personal,
    )


CATALOGUE: dict[str, Rule] = {}


def rule(id: str, severity: Severity, title: str, message: str, remedy: str, topic: str | None = None) -> Rule:
    """Declare a rule of the catalogue. Raises ``ValueError`` when the id is taken."""
    if id in CATALOGUE:
        raise ValueError(id)
    CATALOGUE[id] = Rule(id, topic, severity, title, message, remedy)
    return CATALOGUE[id]


@dataclass(frozen=True, slots=True)
class Check:
    """A pure function that finds hits of ``rules`` in the rows of ``sheet``, or in the figures when sheet is None.

    Checks of a higher ``tier`` see only the rows that the lower ones left in force. A ``local`` check looks at each
    row by itself: it belongs to tier 0, and after an edit it runs on the changed rows only. Comparing rows of one
    sheet is tier 1: ``looks`` names all the fields it looks at, and while they stay the same so does what it found.
    Replaying rows is tier 2.
    """

    rules: tuple[Rule, ...]
    sheet: str | None
    run: Callable[..., Iterator[Hit]]
    tier: int = 0
    local: bool = False
    looks: tuple[str, ...] = ()


CHECKS: list[Check] = []


def checks(
    *rules: Rule, sheet: str | None = None, tier: int = 0, local: bool = False, looks: tuple[str, ...] = ()
) -> Callable[[Callable[..., Iterator[Hit]]], Any]:
    """Register a check: ``(rows, world) -> hits`` for a sheet, ``(figures) -> hits`` for the figures."""

    assert not (local and tier), "what another row lets in or out is no local matter"

    def register(function: Callable[..., Iterator[Hit]]) -> Callable[..., Iterator[Hit]]:
        CHECKS.append(Check(rules, sheet, function, tier, local, looks))
        return function

    return register
