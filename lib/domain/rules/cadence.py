"""R: periodic reports and news (定期报送与工作动态)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from lib.domain.findings import Hit, Severity, checks, rule
from lib.domain.rules.integrity import first_of_each
from lib.domain.world import World
from lib.i18n import N_
from sheets_schema.reports import Report, heading_columns

if TYPE_CHECKING:
    from lib.domain.ledger import Figures

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

R01 = rule(
    "R01",
    WARNING,
    N_("报告逾期未报"),
    N_("“{unit}”的{period}报告应于 {on} 前报送，已逾期 {days} 天"),
    N_("尽快报送，并登记在“季度报告”"),
    "cadence",
)
R02 = rule("R02", NOTE, N_("报告迟报"), N_("“{unit}”的{period}报告迟报 {days} 天"), N_("无须处理，计入考核"), "cadence")
R03 = rule(
    "R03", ERROR, N_("报告缺少必备栏目"), N_("“{label}”为空，视为未报送"), N_("补填“{label}”；没有的写“无”"), "cadence"
)
R04 = rule("R04", ERROR, N_("报告重复"), N_("“{unit}”的 {period} 报告与第 {other} 行重复"), N_("保留一行"), "cadence")
R05 = rule(
    "R05",
    WARNING,
    N_("报告早于报告期"),
    N_("{on} 报送，但 {period} 自 {start} 才开始"),
    N_("核对报告期和日期"),
    "cadence",
)
R06 = rule(
    "R06", NOTE, N_("试点久无动态"), N_("“{name}”已 {days} 天没有报送工作动态"), N_("提醒该试点报送近况"), "checklist"
)


@checks(R03, R05, sheet="reports", local=True)
def reports(rows: Sequence[Report], world: World) -> Iterator[Hit]:
    """A report is filed after its period began, with all mandatory headings."""
    cadence = world.plan.cadence
    needed = [(heading.title, name) for heading, name in heading_columns(cadence) if heading.required]
    starts = {period.id: period.start for period in cadence.periods}
    for row in rows:
        place = {"sheet": "reports", "row": row.row, "record": row.id}
        for label, name in needed:
            if not getattr(row, name):
                yield R03.hit(**place, column=name, label=label)
        start = starts.get(row.period)
        if start and row.submitted_on < start:
            where = {**place, "column": "submitted_on", "value": row.submitted_on}
            yield R05.hit(**where, on=row.submitted_on, period=row.period, start=start)


@checks(R04, sheet="reports", tier=1, looks=("id", "unit", "period"))
def reported_once(rows: Sequence[Report], world: World) -> Iterator[Hit]:
    """One report of a unit for a period."""
    for row, first in first_of_each(rows, map(attrgetter("unit", "period"), rows)):
        place = {"sheet": "reports", "row": row.row, "column": "period", "record": row.id, "value": row.period}
        yield R04.hit(**place, unit=row.unit, period=row.period, other=first.row)


@checks(R01, R02)
def filed_in_time(figures: Figures) -> Iterator[Hit]:
    """Reports missing or late on the as-of day."""
    for cell in figures.reports:
        words = {"unit": cell.unit, "period": cell.period.title}
        if cell.is_missing and cell.period.due:
            days = (figures.as_of - cell.period.due).days
            yield R01.hit(sheet="reports", record=cell.unit, **words, on=cell.period.due, days=days)
        elif cell.days_late:
            yield R02.hit(sheet="reports", row=cell.row, column="submitted_on", **words, days=cell.days_late)


@checks(R06)
def silent_pilots(figures: Figures) -> Iterator[Hit]:
    """Pilots at work that have reported no news for the plan's number of days."""
    for pilot in figures.pilots:
        if pilot.silent_for is not None and pilot.silent_for >= figures.plan.cadence.silent_days and not pilot.finished:
            association = figures.world.associations[pilot.id]
            yield R06.hit(
                sheet="associations",
                row=association.row,
                column="name",
                record=pilot.id,
                value=pilot.name,
                name=pilot.name,
                days=pilot.silent_for,
                unit=pilot.unit,
            )
