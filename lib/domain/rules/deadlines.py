"""D: dates and deadlines (期限)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from lib.domain.findings import Hit, Rule, Severity, checks, rule
from lib.domain.terms import Terms
from lib.domain.world import World
from lib.i18n import N_
from sheets_schema.coordination import Extension, Grant
from sheets_schema.plan_work import StateKey
from sheets_schema.sheet import Row, Sheet
from sheets_schema.tasks import Task, TaskStatus
from sheets_schema.workbook import BY_KEY, PEOPLE

if TYPE_CHECKING:
    from lib.domain.ledger import Figures

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

D01 = rule(
    "D01", WARNING, N_("阶段逾期"), N_("“{phase}”应于 {on} 前完成，已逾期 {days} 天，完成 {done}/{total}"),
    N_("抓紧办结；确有原因的，说明原因"), "deadlines",
)  # fmt: skip
D02 = rule(
    "D02",
    NOTE,
    N_("阶段临期"),
    N_("“{phase}”应于 {on} 前完成，还有 {days} 天，完成 {done}/{total}"),
    N_("抓紧办理"),
    "deadlines",
)
D03 = rule(
    "D03", ERROR, N_("日期在将来"), N_("“{label}”是 {on}，还没有到"), N_("核对年份；尚未发生的先不填写"), "deadlines"
)
D04 = rule(
    "D04",
    NOTE,
    N_("基准日之后的记录"),
    N_("有 {n} 行的日期晚于基准日 {as_of}，按尚未发生处理"),
    N_("无须处理；把基准日调后即可计入"),
    "deadlines",
)
D05 = rule(
    "D05",
    WARNING,
    N_("日期不在本批期间"),
    N_("“{label}”{on} 不在本批 {start} 至 {end} 之间"),
    N_("核对年份是否写错"),
    "deadlines",
)
D06 = rule(
    "D06",
    WARNING,
    N_("计划日期晚于阶段时限"),
    N_("计划 {on} 完成，晚于“{phase}”的时限 {due_on}"),
    N_("提前计划，或先申请延期"),
    "deadlines",
)
D07 = rule(
    "D07",
    WARNING,
    N_("逾期事项未注明原因"),
    N_("“{item}”计划 {on} 完成，已逾期 {days} 天，未注明原因"),
    N_("在“未完成原因”选择：政策缺失、工作不到位"),
    "tracking",
)
D08 = rule(
    "D08",
    WARNING,
    N_("文件逾期"),
    N_("{owner}的《{kind}》应于 {on} 前“{verb}”，已逾期 {days} 天"),
    N_("抓紧办理，并在“审批”表记录"),
    "deadlines",
)
D09 = rule(
    "D09",
    ERROR,
    N_("到期后才申请延期"),
    N_("{on} 才申请，晚于时限 {due_on}"),
    N_("到期后不再受理延期，按逾期说明原因"),
    "tracking",
)
D10 = rule(
    "D10", ERROR, N_("延期不晚于原时限"), N_("申请延至 {on}，不晚于原时限 {due_on}"), N_("改正“申请延至”"), "tracking"
)
D11 = rule(
    "D11",
    ERROR,
    N_("办理日期颠倒"),
    N_("“{later}”{on} 早于“{earlier}”{before}，本行不生效"),
    N_("核对两个日期，改正写错的一个"),
    "approvals",
)
D12 = rule("D12", WARNING, N_("延期批准不全"), N_("批准结果与批准日期须同时填写"), N_("补填缺少的一格"), "tracking")
D13 = rule(
    "D13",
    WARNING,
    N_("日期前后矛盾"),
    N_("“{later}”{on} 早于“{earlier}”{before}"),
    N_("核对两个日期，改正写错的一个"),
    "tracking",
)


class Pair(NamedTuple):
    """Two dates, the earlier first, each ``sheet.field``; checked at the rows of ``sheet``."""

    rule: Rule
    topic: str
    sheet: str
    earlier: str
    later: str


ORDERED = (
    Pair(D11, "approvals", "approvals", "approvals.submitted_on", "approvals.decided_on"),
    Pair(D11, "approvals", "nominations", "nominations.nominated_on", "nominations.selected_on"),
    Pair(D13, "scope", "nominations", "associations.registered_on", "nominations.nominated_on"),
    Pair(D13, "scope", "nominations", "nominations.nominated_on", "associations.ended_on"),
    Pair(D13, "tracking", "tasks", "tasks.done_on", "tasks.closed_on"),
    Pair(D13, "mechanism", "problems", "problems.raised_on", "problems.settled_on"),
    Pair(D13, "tracking", "extensions", "extensions.requested_on", "extensions.decided_on"),
)
"""What the approval order forbids is an error; any other contradiction makes a date doubtful and no more."""

EARLIEST_FACTS = ("registered_on", "ended_on")
"""Facts about an association's own history may lie long before the plan."""


def _future(sheet: Sheet) -> Callable[[Sequence[Row], World], Iterator[Hit]]:
    """D03 and D05 for every column of a sheet that says when something happened."""
    facts = [(name, sheet.label_of(name)) for name in sheet.fact_dates]

    def check(rows: Sequence[Row], world: World) -> Iterator[Hit]:
        start, end, today = world.plan.window_start, world.plan.window_end, world.today
        for name, label in facts:
            windowed = name not in EARLIEST_FACTS
            days = list(filter(None, map(attrgetter(name), rows)))
            first, last = (start if windowed else None) or date.min, (end if windowed else None) or today
            if not days or (min(days) >= first and max(days) <= min(last, today)):
                continue
            for row in rows:
                on = getattr(row, name)
                if on is None:
                    continue
                if on > today:
                    yield D03.hit(
                        sheet=sheet.key, row=row.row, column=name, record=row.id, value=on, label=label, on=on
                    )
                elif windowed and ((start and on < start) or (end and on > end)):
                    yield D05.hit(
                        sheet=sheet.key, row=row.row, column=name, record=row.id, value=on,
                        label=label, on=on, start=start or "—", end=end or "—",
                    )  # fmt: skip

    return check


for _sheet in PEOPLE:
    if _sheet.fact_dates:
        checks(D03, D05, sheet=_sheet.key, local=True)(_future(_sheet))


def _in_order(pair: Pair) -> Callable[[Sequence[Row], World], Iterator[Hit]]:
    """Find the rows in which the later of two dates comes first; one that is still to come is D03's."""
    column = next(name for sheet, name in map(_split, (pair.later, pair.earlier)) if sheet == pair.sheet)
    earlier, later = (BY_KEY[sheet].label_of(name) for sheet, name in map(_split, (pair.earlier, pair.later)))

    def check(rows: Sequence[Row], world: World) -> Iterator[Hit]:
        days = [_days(where, pair.sheet, rows, world) for where in (pair.earlier, pair.later)]
        for row, before, on in zip(rows, *days, strict=True):
            if before and on and on < before <= world.today:
                yield pair.rule.hit(
                    sheet=pair.sheet, row=row.row, column=column, record=row.id, value=getattr(row, column),
                    clause=getattr(world.plan.topics, pair.topic), earlier=earlier, later=later, on=on, before=before,
                )  # fmt: skip

    return check


def _split(where: str) -> tuple[str, str]:
    sheet, _dot, name = where.partition(".")
    return sheet, name


def _days(where: str, own: str, rows: Sequence[Row], world: World) -> Iterator[date | None]:
    """One date of each row, or of the association it names."""
    sheet, name = _split(where)
    records = rows if sheet == own else map(world.associations.__getitem__, map(attrgetter("association"), rows))
    return map(attrgetter(name), records)


for _pair in ORDERED:
    checks(_pair.rule, sheet=_pair.sheet, local=True)(_in_order(_pair))


@checks(D06, sheet="tasks", local=True)
def planned_in_time(rows: Sequence[Task], world: World) -> Iterator[Hit]:
    """A checklist item is planned within its phase."""
    phase = next((p for p in world.plan.phases if p.executes_checklist), None)
    if phase is None or phase.due is None:
        return
    for row in rows:
        if row.planned_on and row.planned_on > phase.due and row.status is not TaskStatus.NOT_APPLICABLE:
            yield D06.hit(
                sheet="tasks", row=row.row, column="planned_on", record=row.id, value=row.planned_on,
                on=row.planned_on, phase=phase.title, due_on=phase.due, clause=phase.clause,
            )  # fmt: skip


@checks(D09, D10, D12, sheet="extensions", tier=2)
def extensions(rows: Sequence[Extension], world: World) -> Iterator[Hit]:
    """An extension is asked for before the due date, for a later day, and decided with a date."""
    first = Terms(world)
    dues = {row.target: first.of_target(row.target) for row in rows}
    for row in sorted(rows, key=lambda row: (row.requested_on, row.row)):
        place = {"sheet": "extensions", "row": row.row, "record": row.id}
        due, refused = dues.get(row.target), False
        if due and world.plan.extensions.before_due and row.requested_on > due:
            refused = True
            yield D09.hit(**place, column="requested_on", value=row.requested_on, on=row.requested_on, due_on=due)
        if due and row.until <= due:
            refused = True
            yield D10.hit(**place, column="until", value=row.until, on=row.until, due_on=due)
        if (row.result is None) != (row.decided_on is None):
            yield D12.hit(**place, column="decided_on" if row.result else "result")
        if not refused and row.result is Grant.GRANTED and row.decided_on:
            dues[row.target] = row.until


@checks(D01, D02)
def phases(figures: Figures) -> Iterator[Hit]:
    """Phases that are late or nearly due."""
    rules = {StateKey.OVERDUE: D01, StateKey.NEAR: D02}
    for state in figures.phases:
        if state.state in rules and state.due:
            days = abs((figures.as_of - state.due).days)
            yield rules[state.state].hit(
                sheet="phases", record=state.phase.id, clause=state.phase.clause,
                phase=state.phase.title, on=state.due, days=days, done=state.done, total=state.total,
            )  # fmt: skip


@checks(D04)
def later_than_as_of(figures: Figures) -> Iterator[Hit]:
    """How many rows of each sheet lie after the as-of day."""
    for sheet in PEOPLE:
        if not sheet.fact_dates:
            continue
        name = next((n for n in sheet.fact_dates if sheet.by_name[n].required), None)
        names = (name,) if name else sheet.fact_dates
        if figures.world.table(sheet.model).latest <= figures.as_of:
            continue
        rows = figures.world.rows(sheet.model)
        count = sum(any((on := getattr(row, n)) and on > figures.as_of for n in names) for row in rows)
        if count:
            yield D04.hit(sheet=sheet.key, n=count, as_of=figures.as_of)


@checks(D07)
def overdue_without_reason(figures: Figures) -> Iterator[Hit]:
    """Overdue checklist items that do not say why."""
    for item in figures.dues:
        task = item.task
        if task is not None and item.state is StateKey.OVERDUE and task.unfinished is None:
            yield D07.hit(
                sheet="tasks", row=task.row, column="unfinished", record=task.id, unit=item.unit, item=task.item,
                on=item.due, days=-item.days_left,
            )  # fmt: skip


@checks(D08)
def overdue_documents(figures: Figures) -> Iterator[Hit]:
    """Documents a phase asks for that are late, one finding for each owner."""
    for item in figures.dues:
        if item.document_kind and item.state is StateKey.OVERDUE:
            yield D08.hit(
                sheet="documents", record=item.record, clause=item.clause, unit=item.unit, owner=item.owner,
                kind=item.document_kind, on=item.due, verb=item.verb, days=-item.days_left,
            )  # fmt: skip
