"""季度报告: who reported for which period, in time or late; a period's reports put together (五（三）)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.due import ReportCell
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.bars import REPORT_WORDS
from lib.views.prepared import prepared
from lib.views.words import day, light
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_work import ReportPeriod
from sheets_schema.reports import Report, heading_columns
from sheets_schema.sheet import Column
from sheets_schema.workbook import sheets_of

STATES = {state: word for state, (word, _state) in REPORT_WORDS.items()}
"""How a report can stand (``?state=``), and its word."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit's reports: a mark for each period, and how each stands, by period id."""

    unit: str
    marks: tuple[str, ...]
    states: dict[str, str]


@dataclass(frozen=True, slots=True)
class Period:
    """A period that has begun: its figures in the whole city, and its summary's chain if it was begun."""

    id: str
    title: str
    due: str
    counts: dict[str, int]
    owing: int
    chain: ChainState | None

    @property
    def filed(self) -> int:
        """Reports that came, in time or late."""
        return self.counts.get("on_time", 0) + self.counts.get("late", 0)


@dataclass(frozen=True, slots=True)
class Reports:
    """The grid of the units a sight takes in, and every period begun."""

    units: tuple[UnitLine, ...]
    periods: tuple[Period, ...]
    counts: dict[str, int]
    """State → reports of the whole city, all periods together."""

    def where(self, unit: str | None = None, state: str | None = None, period: str | None = None) -> list[UnitLine]:
        """The units that stand in a state, in a period or in any."""
        return [
            line for line in self.units
            if unit in (None, line.unit) and (state is None or any(
                held == state and period in (None, name) for name, held in line.states.items()
            ))
        ]  # fmt: skip

    @property
    def current(self) -> str | None:
        """The period to look at first: the last one for which reports have come or were due."""
        over = [period.id for period in self.periods if period.counts.get("open", 0) < period.owing]
        return over[-1] if over else self.periods[0].id if self.periods else None

    def find(self, period: str | None) -> Period | None:
        """A period by its id."""
        return next((found for found in self.periods if found.id == period), None)


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of the summary: the units' own texts under it."""

    title: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A period's reports put together: who filed, late, or not at all; and the texts, heading by heading."""

    by_state: dict[str, tuple[str, ...]]
    parts: tuple[Part, ...]


def headings(ledger: Ledger) -> tuple[Column, ...]:
    """The columns of a report under the plan's headings, called by them, in the plan's order."""
    sheet = sheets_of(ledger.plan)["reports"]
    return tuple(sheet.by_name[name] for _heading, name in heading_columns(ledger.plan.cadence))


def period_kind(ledger: Ledger) -> DocumentKind | None:
    """The kind of document of which there is one each period."""
    return next((kind for kind in ledger.plan.documents if kind.per is Scope.PERIOD), None)


def reports(ledger: Ledger, sight: Sight) -> Reports:
    """The view model of 季度报告."""
    if of_units(sight) != sight:
        return prepared(reports, ledger, of_units(sight))
    by_unit: dict[str, list[ReportCell]] = {}
    for cell in ledger.reports:
        by_unit.setdefault(cell.unit, []).append(cell)
    begun = {cell.period.id: cell.period for cell in ledger.reports}
    return Reports(
        tuple(
            UnitLine(unit, tuple(_mark(cell, ledger) for cell in cells), {c.period.id: c.state for c in cells})
            for unit, cells in by_unit.items() if sight.shows(unit)
        ),
        tuple(_period(period, ledger) for period in begun.values()),
        dict(Counter(cell.state for cell in ledger.reports)),
    )  # fmt: skip


def _period(period: ReportPeriod, ledger: Ledger) -> Period:
    kind = period_kind(ledger)
    counts = Counter(cell.state for cell in ledger.reports if cell.period.id == period.id)
    chain = next((c for c in ledger.chains if c.kind is kind and c.document.period == period.id), None)
    return Period(period.id, _(period.title), day(period.due, weekday=True), dict(counts), counts.total(), chain)


def _mark(cell: ReportCell, ledger: Ledger) -> str:
    """Shape and word, and by how many days it was late."""
    word, state = REPORT_WORDS[cell.state]
    days = _(" {n} 天", n=cell.days_late) if cell.days_late else ""
    return f"{light(ledger.plan, state).shape} {_(word)}{days}"


def compiled(ledger: Ledger, sight: Sight, period: str) -> Compiled:
    """A period's reports as of the day, of the units a sight takes in."""
    if of_units(sight) != sight:
        return prepared(compiled, ledger, of_units(sight), period)
    cells = [cell for cell in ledger.reports if cell.period.id == period and sight.shows(cell.unit)]
    filed = {
        row.unit: row
        for row in ledger.world.rows(Report)
        if row.period == period and row.submitted_on <= ledger.as_of and sight.shows(row.unit)
    }
    states = {
        state: tuple(_(cell.unit) for cell in cells if cell.state == state) for state in STATES
    }  # fmt: skip
    order = [cell.unit for cell in cells if cell.unit in filed]
    parts = tuple(
        Part(_(column.label), tuple(
            (_(unit), text) for unit in order if (text := getattr(filed[unit], column.name))
        ))
        for column in headings(ledger)
    )  # fmt: skip
    return Compiled({state: units for state, units in states.items() if units}, parts)
