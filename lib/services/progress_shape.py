"""The shape of progress as data (进展数据的结构): types for the program, and a JSON Schema for whoever reads them.

What each field means stands in ``docs/api.md``. Every field is always there; what is unknown is null.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
class RowCount(TypedDict):
    """Rows of one sheet (行数)."""

    counted: int
    total: int


@with_config(_CLOSED)
class RowFigures(TypedDict):
    """Rows that count (计入的行)."""

    total: int
    counted: int
    left_out: dict[str, list[int]]
    by_sheet: dict[str, RowCount]


@with_config(_CLOSED)
class PhaseFigures(TypedDict):
    """One phase (阶段)."""

    id: str
    title: str
    clause: str
    start: str | None
    due: str | None
    state: str
    light: str
    word: str
    shape: str
    done: int
    total: int
    waiting: int
    done_on: str | None
    days_late: int | None


@with_config(_CLOSED)
class QuotaFigures(TypedDict):
    """One unit's quota (名额)."""

    unit: str
    n: int
    frozen: int | None
    floor: int
    expected: int
    voluntary: bool
    recommended: int
    selected: int
    verdict: str
    submitted_on: str | None


@with_config(_CLOSED)
class PassedStep(TypedDict):
    """A step that has passed (已办环节)."""

    verb: str
    on: str


@with_config(_CLOSED)
class ChainFigures(TypedDict):
    """One document's approvals (审批链)."""

    document: str
    kind: str
    unit: str | None
    association: str | None
    period: str | None
    round: int
    returned_on: str | None
    current: str | None
    pending_since: str | None
    waiting_superior: bool
    done: bool
    passed: list[PassedStep]


@with_config(_CLOSED)
class ItemCount(TypedDict):
    """Checklist items (脱钩事项)."""

    done: int
    total: int


@with_config(_CLOSED)
class PilotFigures(TypedDict):
    """One pilot (试点)."""

    id: str
    name: str
    unit: str
    selected_on: str | None
    plan_approved_on: str | None
    done: int
    total: int
    not_applicable: int
    unrecorded: int
    last_news: str | None
    by_separation: dict[str, ItemCount]


@with_config(_CLOSED)
class ChecklistFigures(TypedDict):
    """The checklist of all pilots (脱钩事项合计)."""

    done: int
    total: int
    not_applicable: int
    projected: str | None
    days_late: int | None


@with_config(_CLOSED)
class ReportFigures(TypedDict):
    """One unit's report for one period (季度报告)."""

    unit: str
    period: str
    due: str | None
    submitted_on: str | None
    state: str


@with_config(_CLOSED)
class DueFigures(TypedDict):
    """One thing late or near (逾期与临期)."""

    state: str
    what: str
    unit: str
    owner: str
    clause: str
    due: str
    days_left: int
    sheet: str
    record: str


@with_config(_CLOSED)
class Figures(TypedDict):
    """All figures (全部数字)."""

    version: int
    plan: str
    as_of: str
    sample: bool
    units: list[str] | None
    rows: RowFigures
    phases: list[PhaseFigures]
    quota: list[QuotaFigures]
    chains: list[ChainFigures]
    pilots: list[PilotFigures]
    checklist: ChecklistFigures
    reports: list[ReportFigures]
    due: list[DueFigures]


@with_config(_CLOSED)
class Progress(Figures):
    """The figures as they are answered to another system."""

    revision: str
    generated_at: str


def schema() -> dict[str, Any]:
    """The JSON Schema of an answer."""
    return TypeAdapter(Progress).json_schema()
