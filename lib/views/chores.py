"""What the office and the units have to see to besides what is due (办公室要办、单位要补), derived from plan and data.

To select, decide, confirm, close and assign on the office's side; to settle, prove, name and put right on a unit's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from lib.domain.due import document_dues, state_of, subjects
from lib.domain.findings import Severity
from lib.domain.ledger import Ledger
from lib.domain.quota import list_kind, recommended, submitted_lists
from lib.domain.terms import terms_of
from lib.domain.world import by_id
from lib.i18n import _
from lib.views.owed import Owed
from lib.views.whereto import Way, errors_of, of_row, way
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.coordination import Extension, Problem, ProblemKind
from sheets_schema.nominations import NominationStatus
from sheets_schema.plan_chains import Scope
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Task, TaskStatus

OPEN = StateKey.RUNNING


def office_chores(ledger: Ledger, unit: str | None, conflicts: int = 0) -> Iterator[Owed]:
    """What the office has to do next, of one unit's affairs or of all. ``conflicts``: cells both sides changed."""
    yield from _selections(ledger, unit)
    yield from _extensions(ledger, unit)
    yield from _summaries(ledger)
    topics, world = ledger.plan.topics, ledger.world
    yield from conflict_chores(conflicts)
    flags = [a for a in world.rows(Association) if a.in_scope is ScopeFlag.OPEN and unit in (None, a.unit)]
    if flags:
        there = way("registry", scope=ScopeFlag.OPEN.value, unit=unit)
        yield _chore(_("{n} 家协会尚未判定是否纳入", n=len(flags)), topics.scope, there, _("去判定"), len(flags))
    for problem in _open_problems(ledger):
        if problem.assignee is None and unit in (None, world.who(problem.unit)):
            what = _("{unit}提出的问题尚未交办", unit=_(problem.unit))
            yield _chore(what, topics.mechanism, of_row(problem, world), _("去交办"), unit=problem.unit)
    proven = [task for task in unclosed(ledger, unit) if task.evidence]
    if proven:
        there = way("extensions", part="closing", unit=unit)
        yield _chore(_("{n} 项已办结，待销号", n=len(proven)), topics.tracking, there, _("去销号"), len(proven))
    for planned in ledger.plan.units:
        row = world.units.get(world.who(planned.name))
        if planned.doubtful and row is not None and not row.confirmed_name and unit in (None, row.name):
            what = _("“{unit}”名称待核定", unit=_(row.name))
            yield _chore(what, topics.mechanism, way("mechanism", unit=row.name), _("去核定"), unit=row.name)


def conflict_chores(conflicts: int) -> Iterator[Owed]:
    """Cells that both sides changed, which wait for a choice."""
    if conflicts:
        yield _chore(_("{n} 处冲突等待选择", n=conflicts), "", way("changes"), _("去选择"), conflicts)


def unit_chores(ledger: Ledger, unit: str) -> Iterator[Owed]:
    """What a unit has to see to besides what is due."""
    topics, world = ledger.plan.topics, ledger.world
    for problem in _open_problems(ledger):
        if problem.assignee and world.who(problem.assignee) == unit:
            what = _("协调解决{unit}提出的问题", unit=_(problem.unit))
            yield _chore(what, topics.mechanism, of_row(problem, world), _("去登记"), unit=unit)
    bare = [task for task in unclosed(ledger, unit) if not task.evidence]
    if bare:
        what = _("{n} 项已完成，没有佐证，不能销号", n=len(bare))
        there = way("extensions", part="closing", evidence="without", unit=unit)
        yield _chore(what, topics.tracking, there, _("去补佐证"), len(bare), unit=unit)
    row = world.units.get(unit)
    if row is not None and not (row.leader and row.liaison):
        what = _("责任人或联络员未定")
        yield _chore(what, topics.mechanism, way("mechanism", unit=unit), _("去填写"), unit=unit)
    silent = [p for p in ledger.pilots if p.unit == unit and (p.silent_for or 0) > ledger.plan.cadence.silent_days]
    if silent:
        most = max(p.silent_for or 0 for p in silent)
        what = _("{n} 家试点久无动态，最久 {days} 天", n=len(silent), days=most)
        there = way("execution", pilot=silent[0].id) if len(silent) == 1 else way("execution", unit=unit)
        yield _chore(what, ledger.plan.checklist.clause, there, _("去登记动态"), len(silent), unit=unit)
    errors = Counter(f.severity for f in ledger.findings if f.unit == unit)[Severity.ERROR]
    if errors:
        what = _("{n} 处错误未改，所在的行不计入", n=errors)
        yield _chore(what, "", errors_of(unit), _("去改正"), errors, unit=unit)


def unclosed(ledger: Ledger, unit: str | None = None) -> list[Task]:
    """Items of this batch that are done on the day and not closed yet (待销号)."""
    day, found = ledger.as_of, []
    for pilot in ledger.pilots:
        for task in pilot.work.tasks if unit in (None, pilot.unit) else ():
            done = task.status is TaskStatus.DONE and task.done_on is not None and task.done_on <= day
            if done and not (task.closed_on and task.closed_on <= day):
                found.append(task)
    return found


def _chore(
    what: str, clause: str, there: Way, act: str, count: int = 1, unit: str = "", due: date | None = None,
    state: StateKey = OPEN,
) -> Owed:  # fmt: skip
    return Owed(unit, (), what, clause, due, state, there, act, now=True, count=count)


def _open_problems(ledger: Ledger) -> list[Problem]:
    day = ledger.as_of
    return [
        row
        for row in ledger.world.rows(Problem)
        if row.kind is ProblemKind.PROBLEM and row.raised_on <= day and not (row.settled_on and row.settled_on <= day)
    ]


def _selections(ledger: Ledger, unit: str | None) -> Iterator[Owed]:
    """Associations that units recommended in a list they submitted, and that are neither selected nor passed over."""
    kind = list_kind(ledger.plan)
    if kind is None:
        return
    lists = submitted_lists(ledger.chains, ledger.plan, ledger.plan.batch)
    waiting: Counter[str] = Counter()
    for row in recommended(ledger.world, ledger.as_of):
        _list, submitted_on = lists.get(row.unit, (None, None))
        later = row.selected_on is not None and row.selected_on > ledger.as_of
        if submitted_on and (row.status is NominationStatus.NOMINATED or later):
            waiting[row.unit] += 1
    dues = _list_dues(ledger)
    for name, n in waiting.items():
        if unit in (None, name):
            due, state = dues.get(name, (None, OPEN))
            what = _("选定{unit}推荐的 {n} 家", unit=_(name), n=n)
            yield _chore(what, kind.clause, way("nominations", unit=name), _("去选定"), n, name, due, state)


def _list_dues(ledger: Ledger) -> dict[str, tuple[date, StateKey]]:
    """Unit → when its list is due and how that stands."""
    terms, found = terms_of(ledger.world, ledger.as_of), {}
    for phase in ledger.plan.phases:
        for part in phase.deliverables:
            kind = ledger.plan.kinds[part.document]
            if kind is list_kind(ledger.plan):
                args = (ledger.world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of)
                expected = subjects(kind, part.until, *args)
                for due in document_dues(phase, part, expected, terms, ledger.as_of):
                    found[due.unit] = due.due, due.state
    return found


def _extensions(ledger: Ledger, unit: str | None) -> Iterator[Owed]:
    """Extensions asked for and neither granted nor refused."""
    world, day, terms = ledger.world, ledger.as_of, terms_of(ledger.world, ledger.as_of)
    tasks = world.table(Task).look_up(by_id)
    for row in world.rows(Extension):
        undecided = row.result is None or (row.decided_on is not None and row.decided_on > day)
        if not undecided or row.requested_on > day or unit not in (None, world.who(row.unit)):
            continue
        task = tasks.get(row.target)
        pilot = world.associations.get(task.association) if task else None
        about = f"{pilot.name} {task.item}" if task and pilot else row.target
        what = _("{unit}申请延期：{about}", unit=_(row.unit), about=about)
        due = terms.of_target(row.target)
        state = state_of(due, day, ledger.plan.lights.near_days)
        there = way("extensions", record=row.id)
        yield _chore(what, ledger.plan.extensions.clause, there, _("去审批"), 1, row.unit, due, state)


def _summaries(ledger: Ledger) -> Iterator[Owed]:
    """Summaries of periods whose reports are due and that nobody has begun."""
    for kind in ledger.plan.documents:
        if kind.per is not Scope.PERIOD or kind.tracked_in != "documents":
            continue
        begun = {chain.document.period for chain in ledger.chains if chain.kind is kind}
        for period in ledger.plan.cadence.periods:
            if period.due and period.due < ledger.as_of and period.id not in begun:
                what = _(
                    "{period}：{kind}待“{verb}”", period=_(period.title), kind=_(kind.kind), verb=_(kind.steps[0].verb)
                )
                yield _chore(what, kind.clause, way("reports", period=period.id), _("去汇总"))
