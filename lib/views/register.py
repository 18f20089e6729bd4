"""台账 (register): everything owed, done or not, one line for each thing, with its light as the pages show it (§8).

The ledger's dues hold what is late or near; here is also what is done and what comes later. Light and due date are the
domain's own (``document_dues``, ``state_of``, ``Terms``), so that the sums agree with every page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lib.domain.chains import ChainState
from lib.domain.due import Subject, document_dues, state_of, subjects
from lib.domain.ledger import Ledger
from lib.domain.pilots import Pilot
from lib.domain.signing import whose_turn
from lib.domain.terms import Terms, terms_of
from lib.i18n import T_, _, listed
from lib.services.policy import Sight
from lib.views.execution import item_state
from lib.views.words import state_word
from sheets_schema.documents import Document
from sheets_schema.plan import Deliverable, Phase
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_work import StateKey
from sheets_schema.reports import Policy
from sheets_schema.tasks import Task, TaskStatus


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing owed as words; ``phone`` blank where it is not for the reader. ``sort``: task, document, report."""

    sort: str
    what: str
    clause: str
    unit: str
    owner: str
    liaison: str
    phone: str
    due: date | None
    progress: str
    problem: str
    next_step: str
    state: StateKey
    mark: str
    extension: str
    closed_by: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """What somebody may see of the 台账, and what is not in it: of how many things of the whole city, checklist items
    that do not apply, and those that nobody has written down."""

    entries: tuple[Entry, ...]
    total: int
    not_applicable: int
    unrecorded: int


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something owed before it is said whose people answer for it."""

    sort: str
    what: str
    clause: str
    unit: str
    planned: date | None
    due: date | None
    progress: str
    next_step: str
    state: StateKey
    problem: str = ""
    owner: str = ""
    closed_by: str = ""
    closed_on: date | None = None


def register(ledger: Ledger, sight: Sight) -> Register:
    """The view model of 台账; call it through ``prepared``."""
    terms = terms_of(ledger.world, ledger.as_of)
    found = [*_documents(ledger, terms), *_reports(ledger), *_tasks(ledger, terms)]
    mine = tuple(_entry(one, ledger, sight) for one in found if sight.shows(ledger.world.who(one.unit)))
    pilots = [pilot for pilot in ledger.pilots if sight.shows(pilot.unit)]
    return Register(
        mine, len(found), sum(pilot.tally.not_applicable for pilot in pilots), sum(pilot.unrecorded for pilot in pilots)
    )


def _entry(one: _Thing, ledger: Ledger, sight: Sight) -> Entry:
    unit = ledger.world.units.get(ledger.world.who(one.unit))
    phone = (unit.liaison_phone if unit and sight.personal else None) or ""
    moved = one.planned is not None and one.due is not None and one.due > one.planned
    return Entry(
        one.sort, one.what, _(one.clause), _(one.unit), one.owner or (unit.leader if unit else None) or "",
        (unit.liaison if unit else None) or "", phone, one.due,
        one.progress, one.problem, one.next_step, one.state, state_word(ledger.plan, one.state),
        _("原定 {day}", day=one.planned) if moved else "", one.closed_by, one.closed_on,
    )  # fmt: skip


def _documents(ledger: Ledger, terms: Terms) -> Iterator[_Thing]:
    """What the phases ask for; then what every unit owes without a phase; then what else is on its way."""
    told: set[str] = set()
    world = ledger.world
    for phase in ledger.plan.phases:
        for part in phase.deliverables:
            kind = ledger.plan.kinds[part.document]
            for subject in subjects(kind, part.until, world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of):
                told |= {subject.chain.document.id} if subject.chain else set()
                yield _of_phase(phase, part, kind, subject, ledger, terms)
    for kind in ledger.plan.documents:
        if kind.per is Scope.UNIT and kind.phase is None and kind.tracked_in == "documents":
            verb = kind.steps[-1].verb
            for subject in subjects(kind, verb, world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of):
                told |= {subject.chain.document.id} if subject.chain else set()
                yield _standing(kind, subject.unit, subject.owner, subject.chain, ledger)
    for chain in ledger.chains:
        if chain.document.id not in told:
            document = chain.document
            association = world.associations.get(document.association or "")
            unit = document.unit or (association.unit if association else chain.kind.steps[0].actors[0])
            owner = association.name if association else document.period or document.area or unit
            yield _standing(chain.kind, unit, owner, chain, ledger)


def _of_phase(
    phase: Phase, part: Deliverable, kind: DocumentKind, subject: Subject, ledger: Ledger, terms: Terms
) -> _Thing:
    late = next(document_dues(phase, part, [subject], terms, ledger.as_of), None)
    planned = Terms(ledger.world).of_part(phase, part)
    due = terms.of_part(phase, part, subject.chain.document if subject.chain else None)
    state = late.state if late else StateKey.DONE if subject.done_on else StateKey.RUNNING
    what = _("{owner}：{kind}“{verb}”", owner=_(subject.owner), kind=_(kind.kind), verb=_(part.until))
    if kind.tracked_in == "policies":
        progress, ahead, problem = _policy(subject, part.until, ledger)
    else:
        progress, ahead = _progress(kind, subject.unit, subject.chain, ledger)
        problem = ""
    if subject.done_on:
        progress, ahead = _("已“{verb}” {day}", verb=_(part.until), day=subject.done_on), ""
    return _Thing(
        "document", what, phase.clause, subject.unit, planned, due, progress, ahead, state, problem
    )  # fmt: skip


def _policy(subject: Subject, until: str, ledger: Ledger) -> tuple[str, str, str]:
    rows = (row for row in ledger.world.rows(Policy) if (row.area, row.owner) == (subject.owner, subject.unit))
    row = next(rows, None)
    ahead = _("待“{verb}”（{who}）", verb=_(until), who=_(subject.unit))
    if row is None:
        return _("未登记"), ahead, ""
    return _(row.stage), ahead, row.reason or ""


def _standing(kind: DocumentKind, unit: str, owner: str, chain: ChainState | None, ledger: Ledger) -> _Thing:
    """A document without a due date of its own."""
    state = StateKey.RUNNING if chain else StateKey.IDLE
    if chain is not None and (chain.done or chain.waiting_superior):
        state = StateKey.DONE if chain.done else StateKey.WAITING
    what = _("{owner}：{kind}", owner=_(owner), kind=_(kind.kind))
    progress, ahead = _progress(kind, unit, chain, ledger)
    return _Thing("document", what, kind.clause, unit, None, None, progress, ahead, state)


def _progress(kind: DocumentKind, unit: str, chain: ChainState | None, ledger: Ledger) -> tuple[str, str]:
    """How far a document is, and whose turn it is to do what."""
    document = chain.document if chain else Document(kind=kind.kind, unit=unit)
    step = chain.next_step if chain else kind.steps[0]
    progress = _("未起草")
    if chain is not None:
        progress = _("已起草")
    if chain is not None and chain.passed:
        last = chain.passed[-1]
        progress = _("已“{verb}” {day}", verb=_(last.verb), day=last.on)
    if chain is not None and chain.returned_on:
        progress = _("已退回 {day}", day=chain.returned_on)
    if step is None:
        return progress, ""
    turn = whose_turn(step, document, ledger.world, chain.partly if chain else ())
    who = listed(turn) if turn else _(unit)
    return progress, _("待“{verb}”（{who}）", verb=_(step.verb), who=who)


def _reports(ledger: Ledger) -> Iterator[_Thing]:
    cadence, near = ledger.plan.cadence, ledger.plan.lights.near_days
    for cell in ledger.reports:
        due, on = cell.period.due, cell.submitted_on
        what = _("{owner}：{kind}", owner=_(cell.unit), kind=_("{period}报告", period=_(cell.period.title)))
        state = StateKey.DONE if on else state_of(due, ledger.as_of, near)
        progress = _("未报送")
        if on:
            progress = _("已报送 {day}", day=on)
        if cell.days_late:
            progress = _("{day} 报送，迟 {n} 天", n=cell.days_late, day=on)
        ahead = "" if on else _("待“{verb}”（{who}）", verb=_("报送"), who=_(cell.unit))
        yield _Thing("report", what, cadence.clause, cell.unit, due, due, progress, ahead, state)


def _tasks(ledger: Ledger, terms: Terms) -> Iterator[_Thing]:
    for pilot in ledger.pilots:
        for task in pilot.work.tasks:
            if task.status is not TaskStatus.NOT_APPLICABLE:
                yield _task(pilot, task, ledger, terms)


def _task(pilot: Pilot, task: Task, ledger: Ledger, terms: Terms) -> _Thing:
    plan, planned = ledger.plan, Terms(ledger.world).of_task(task)
    state = item_state(task, ledger, terms)
    done, closed = state is StateKey.DONE, task.closed_on is not None and task.closed_on <= ledger.as_of
    progress = _("已完成 {day}", day=task.done_on) if done else _(task.status.value)
    if not done and task.status is TaskStatus.DONE:  # done after the as-of day, or without a date: not done then
        progress = _(TaskStatus.RUNNING.value)
    problem = _("；").join(filter(None, (_(task.unfinished.value) if task.unfinished else "", task.problem)))
    title = plan.checklist.items[task.item][1].title
    what = T_("{owner}：{item} {title}", owner=pilot.name, item=task.item, title=title)
    return _Thing(
        "task", str(what), plan.checklist.clause, pilot.unit, planned, terms.of_task(task), progress,
        "" if done else task.next_step or "", state, "" if done else problem, task.owner or "",
        task.closed_by or "" if closed else "", task.closed_on if closed else None,
    )  # fmt: skip
