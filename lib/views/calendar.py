"""日历 (calendar): every day on which something is owed, done or not, in words for a reader's own calendar program.

Unlike the lists of what is late or near, it goes as far ahead as the plan does, and each thing owed has an entry of
its own, so that it can move by itself. A thing that no longer applies (不涉及) has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lib.domain.chains import ChainState
from lib.domain.due import ReportCell, Subject, reporting_units, state_of, subjects
from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.domain.pilots import Pilot
from lib.domain.signing import whose_turn
from lib.domain.terms import Terms, terms_of
from lib.i18n import _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.prepared import prepared
from lib.views.words import day, days_text, state_word
from sheets_schema.coordination import Extension
from sheets_schema.plan import Deliverable, Phase
from sheets_schema.plan_work import ReportPeriod, StateKey
from sheets_schema.tasks import Task, TaskStatus

SETTLED = (StateKey.DONE, StateKey.WAITING)
"""States in which nobody of the city has to hurry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing owed on a day. ``key``: what it is, the same for as long as it is owed, whatever its day or state;
    ``records``: ids of the records that its day is taken from; ``remind``: whether its day is still to be minded."""

    key: tuple[str, ...]
    day: date
    state: StateKey
    summary: str
    lines: tuple[str, ...]
    sort: str
    records: tuple[str, ...] = ()

    @property
    def remind(self) -> bool:
        """Whether somebody has to be reminded."""
        return self.state not in SETTLED


@dataclass(frozen=True, slots=True)
class _Told:
    """What becomes an entry: ``what`` without the unit, how it is put right, and when it was done."""

    key: tuple[str, ...]
    unit: str
    what: str
    clause: str
    planned: date | None
    due: date
    state: StateKey
    remedy: str
    sort: str
    done_on: date | None = None
    more: str = ""
    records: tuple[str, ...] = ()


class _Known(NamedTuple):
    """By what an entry is known again, and the records its day is taken from."""

    key: tuple[str, ...]
    records: tuple[str, ...]


def calendar(ledger: Ledger, sight: Sight) -> tuple[Entry, ...]:
    """Every entry a sight takes in, by day: the plan's phases, and documents, checklist items, policies and reports of
    its units, also what waits for them to act."""
    if of_units(sight) != sight:
        return prepared(calendar, ledger, of_units(sight))
    asked = _extensions(ledger)
    found = [*_phases(ledger, asked), *_documents(ledger, sight, asked), *_tasks(ledger, sight, asked)]
    found += _reports(ledger, sight)
    return tuple(sorted((_entry(one, ledger) for one in found), key=lambda entry: (entry.day, entry.key)))


def _extensions(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """Record or phase → the requests to move its day."""
    found = defaultdict(list)
    for row in ledger.world.rows(Extension):
        found[row.target].append(row.id)
    return {target: tuple(ids) for target, ids in found.items()}


def _phases(ledger: Ledger, asked: dict[str, tuple[str, ...]]) -> Iterator[_Told]:
    for found in ledger.phases:
        phase = found.phase
        if found.due is not None:
            yield _Told(
                ("phase", phase.id), listed(phase.leads), _("阶段“{name}”截止", name=_(phase.title)), phase.clause,
                phase.due, found.due, found.state, _("还差什么，见工作台“阶段”页。"), _("阶段"),
                found.done_on, records=asked.get(phase.id, ()),
            )  # fmt: skip


def _documents(ledger: Ledger, sight: Sight, asked: dict[str, tuple[str, ...]]) -> Iterator[_Told]:
    world, terms = ledger.world, terms_of(ledger.world, ledger.as_of)
    pilots = {(pilot.name, pilot.unit): pilot.id for pilot in ledger.pilots}
    for phase in ledger.plan.phases:
        for part in phase.deliverables:
            kind = ledger.plan.kinds[part.document]
            expected = subjects(kind, part.until, world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of)
            for subject in expected:
                due = terms.of_part(phase, part, subject.chain.document if subject.chain else None)
                document = subject.chain.document.id if subject.chain else ""
                turn = _turn(subject.chain, ledger)
                if due is not None and sight.shows(world.who(subject.unit), *turn):
                    records = (*((document,) if document else ()), *asked.get(document, ()), *asked.get(phase.id, ()))
                    # a pilot by its id, which outlives a renaming
                    about = pilots.get((subject.owner, subject.unit), subject.owner)
                    key = ("document", kind.kind, part.until, subject.unit, about)
                    yield _document(phase, part, subject, due, turn, _Known(key, records), sight, ledger)


def _turn(chain: ChainState | None, ledger: Ledger) -> tuple[str, ...]:
    """Who takes the next step of a document that is on its way."""
    step = chain.next_step if chain else None
    return whose_turn(step, chain.document, ledger.world, chain.partly) if chain and step else ()


def _document(
    phase: Phase, part: Deliverable, subject: Subject, due: date, turn: tuple[str, ...], known: _Known,
    sight: Sight, ledger: Ledger,
) -> _Told:  # fmt: skip
    kind, chain = ledger.plan.kinds[part.document], subject.chain
    step = chain.next_step if chain else None
    more = _("下一步：{verb}（{who}）", verb=_(step.verb), who=listed(turn) or "—") if step else ""
    is_theirs = chain is None or sees(sight, audience(chain.document, ledger.world))
    owner = subject.owner if is_theirs and subject.owner not in (subject.unit, kind.kind) else ""
    what = _("{kind}“{verb}”", kind=_(kind.kind), verb=_(part.until))
    return _Told(
        known.key, subject.unit,
        _("{owner}：{what}", owner=_(owner), what=what) if owner else what, phase.clause,
        Terms(ledger.world).of_part(phase, part), due, _document_state(subject, due, ledger),
        _("在工作台“配套政策”页登记。") if kind.tracked_in == "policies" else _("在工作台“审批流转”页办理。"),
        _("配套政策") if kind.tracked_in == "policies" else _("文件"), subject.done_on,
        more or (_(subject.held_up) if subject.held_up else ""), known.records,
    )  # fmt: skip


def _document_state(subject: Subject, due: date, ledger: Ledger) -> StateKey:
    """As the ledger's dues have it, and done."""
    if subject.done_on:
        return StateKey.DONE
    if subject.chain and subject.chain.waiting_superior:
        return StateKey.WAITING
    state = state_of(due, ledger.as_of, ledger.plan.lights.near_days)
    return StateKey.BEHIND if subject.held_up and state is not StateKey.RUNNING else state


def _tasks(ledger: Ledger, sight: Sight, asked: dict[str, tuple[str, ...]]) -> Iterator[_Told]:
    first, terms = Terms(ledger.world), terms_of(ledger.world, ledger.as_of)
    for pilot in ledger.pilots:
        for task in pilot.work.tasks if sight.shows(pilot.unit) else ():
            planned, due = first.of_task(task), terms.of_task(task)
            if due is not None and task.status is not TaskStatus.NOT_APPLICABLE:
                yield _task(pilot, task, planned, due, asked.get(task.id, ()), ledger)


def _task(pilot: Pilot, task: Task, planned: date | None, due: date, asked: tuple[str, ...], ledger: Ledger) -> _Told:
    is_done = task.status is TaskStatus.DONE and task.done_on is not None and task.done_on <= ledger.as_of
    title = ledger.plan.checklist.items[task.item][1].title
    state = StateKey.DONE if is_done else state_of(due, ledger.as_of, ledger.plan.lights.near_days)
    return _Told(
        ("task", pilot.id, task.item), pilot.unit,
        _("{owner}：{item} {title}", owner=pilot.name, item=task.item, title=_(title)), ledger.plan.checklist.clause,
        planned, due, state, _("在工作台“试点实施”页登记进展和佐证；来不及的，到期之前在“延期与销号”页申请延期。"),
        _("脱钩事项"), task.done_on if is_done else None, records=(task.id, *asked),
    )  # fmt: skip


def _reports(ledger: Ledger, sight: Sight) -> Iterator[_Told]:
    """Of the periods that have begun and of those to come."""
    cells = {(cell.unit, cell.period.id): cell for cell in ledger.reports}
    for unit in filter(sight.shows, reporting_units(ledger.world, ledger.pilots)):
        for period in ledger.plan.cadence.periods:
            if period.due is not None:
                yield _report(unit, period, period.due, cells.get((unit, period.id)), ledger)


def _report(unit: str, period: ReportPeriod, due: date, cell: ReportCell | None, ledger: Ledger) -> _Told:
    filed = cell.submitted_on if cell else None
    state = StateKey.DONE if filed else state_of(due, ledger.as_of, ledger.plan.lights.near_days)
    return _Told(
        ("report", unit, period.id), unit, _("{period}报告", period=_(period.title)), ledger.plan.cadence.clause,
        due, due, state if cell else StateKey.IDLE, _("在工作台“季度报告”页填报。"), _("报告"), filed,
    )  # fmt: skip


def _entry(one: _Told, ledger: Ledger) -> Entry:
    mark = state_word(ledger.plan, one.state)
    summary = _("{mark} {unit}：{what}", mark=mark, unit=_(one.unit), what=one.what)
    return Entry(one.key, one.due, one.state, summary, tuple(filter(None, _lines(one, ledger))), one.sort, one.records)


def _lines(one: _Told, ledger: Ledger) -> Iterable[str]:
    """State, days, next step, clause, and what to do."""
    yield _("状态：{state}", state=state_word(ledger.plan, one.state))
    yield _("时限：{day}", day=day(one.due, weekday=True))
    if one.planned and one.planned != one.due:
        yield _("原定 {day}，已批准延期", day=day(one.planned))
    if one.done_on:
        late = (one.done_on - one.due).days
        yield _("办结：{day}", day=day(one.done_on)) + (_("，迟 {n} 天", n=late) if late > 0 else "")
    elif one.state not in SETTLED:
        yield days_text((one.due - ledger.as_of).days)
    if one.state is StateKey.WAITING:
        yield _("等待上级，不算本市逾期。")
    yield one.more
    yield _("依据：{clause}", clause=_(one.clause))
    if one.state not in SETTLED:
        yield one.remedy
