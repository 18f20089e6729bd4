"""What units owe (应办事项), derived from plan, data and day: documents, reports and checklist items, however far off.

The ledger's dues hold what is late or near; here is also what comes later, and whose turn a document's next step is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from lib.domain.chains import ChainState
from lib.domain.due import Due, document_dues, state_of, subjects
from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.domain.pilots import Pilot
from lib.domain.signing import whose_turn
from lib.domain.terms import terms_of
from lib.i18n import _, listed
from lib.views.whereto import Way, of_document, of_due, of_kind, of_task, way
from sheets_schema.documents import Document
from sheets_schema.plan import RoleKey
from sheets_schema.plan_chains import DocumentKind, Scope, Step
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Task, TaskStatus

NAMED = 3
"""Things of one sort listed one by one; more of them become a line with their number."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One line of what is owed: by which unit, whose turn it is, what, by when, and where it is done.

    ``now``: somebody waits for it, whatever its due date. ``count``: how many things it stands for.
    """

    unit: str
    turn: tuple[str, ...]
    what: str
    clause: str
    due: date | None
    state: StateKey
    way: Way
    act: str
    now: bool = False
    count: int = 1
    audience: frozenset[str] | None = None
    """The units that may see the record it is about; None: everybody who may see the line."""
    public: str = ""
    """What is said of it to a unit whose turn it is and that may not see the record."""


class _Open(NamedTuple):
    """A checklist item that is not done, with its pilot and due date."""

    due: date | None
    pilot: Pilot
    task: Task


def owed(ledger: Ledger, *, by_pilot: bool) -> tuple[Owed, ...]:
    """Everything units owe on the day. ``by_pilot``: a line for each pilot's items, else for each unit's."""
    return (*documents_owed(ledger), *_reports(ledger, one_by_one=by_pilot), *_tasks(ledger, by_pilot=by_pilot))


def documents_owed(ledger: Ledger) -> tuple[Owed, ...]:
    """Documents that a phase expects or that are on their way, with whose turn the next step is."""
    dues = {_about(due): due for due in _document_dues(ledger)}
    chains = {_key(chain): chain for chain in ledger.chains}
    found = [_of_due(due, chains.get(about), ledger) for about, due in dues.items()]
    found += [_of_chain(chain, ledger) for about, chain in chains.items() if about not in dues and not chain.done]
    found += [_not_begun(kind, unit, ledger) for kind, unit in _missing(ledger)]
    return tuple(_gathered(found))


def _document_dues(ledger: Ledger) -> Iterator[Due]:
    world, terms = ledger.world, terms_of(ledger.world, ledger.as_of)
    for phase in ledger.plan.phases:
        for part in phase.deliverables:
            kind = ledger.plan.kinds[part.document]
            expected = subjects(kind, part.until, world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of)
            yield from document_dues(phase, part, expected, terms, ledger.as_of)


def _about(due: Due) -> str:
    return due.record or f"{due.document_kind}/{due.unit}/{due.owner}"


def _key(chain: ChainState) -> str:
    return chain.document.id


def _of_due(due: Due, chain: ChainState | None, ledger: Ledger) -> Owed:
    kind = ledger.plan.kinds[due.document_kind]
    if chain is not None and chain.next_step is not None:
        return _on_its_way(chain, chain.next_step, due.due, due.state, due.unit, due.owner, ledger)
    if due.sheet == "policies":
        what = _("{owner}：{kind}“{verb}”", owner=_(due.owner), kind=_(kind.kind), verb=_(due.verb))
        return Owed(due.unit, (due.unit,), what, due.clause, due.due, due.state, of_due(due, ledger), _("去登记"))
    step = kind.steps[0]
    what = _what(due.owner, kind, step)
    turn = whose_turn(step, _draft(due, kind, ledger), ledger.world)
    return Owed(due.unit, turn, what, kind.clause, due.due, due.state, of_due(due, ledger), _act(step))


def _draft(due: Due, kind: DocumentKind, ledger: Ledger) -> Document:
    """A document that is owed and not there yet."""
    pilot = next((p.id for p in ledger.pilots if kind.per is Scope.PILOT and p.name == due.owner), None)
    return Document(kind=kind.kind, unit=due.unit, association=pilot)


def next_step(due: Due, chain: ChainState | None, ledger: Ledger) -> tuple[str, tuple[str, ...]]:
    """What has to be done next about something owed, by its verb, and the units and bodies whose turn it is; blank and
    the unit itself where it is no document with a chain. ``chain``: its own, None while there is no document."""
    own = (ledger.world.who(due.unit),)
    if due.task is not None or due.sheet != "documents":
        return "", own
    if chain is not None and chain.next_step is not None:
        step = chain.next_step
        return step.verb, whose_turn(step, chain.document, ledger.world, chain.partly) or own
    kind = ledger.plan.kinds[due.document_kind]
    return kind.steps[0].verb, whose_turn(kind.steps[0], _draft(due, kind, ledger), ledger.world) or own


def _of_chain(chain: ChainState, ledger: Ledger) -> Owed:
    """A document without a due date of its own: a standing kind, or one past what its phase asks for."""
    step = chain.next_step
    assert step is not None
    document = chain.document
    association = ledger.world.associations.get(document.association or "")
    unit = document.unit or (association.unit if association else "")
    owner = association.name if association else document.unit or document.period or document.area or ""
    state = StateKey.WAITING if chain.waiting_superior else StateKey.RUNNING
    return _on_its_way(chain, step, None, state, unit, owner, ledger)


def _on_its_way(
    chain: ChainState, step: Step, due: date | None, state: StateKey, unit: str, owner: str, ledger: Ledger
) -> Owed:
    turn = whose_turn(step, chain.document, ledger.world, chain.partly)
    what = _what(owner, chain.kind, step)
    if chain.returned_on is not None:
        what = _("{text}（{more}）", text=what, more=_("已退回"))
    return Owed(
        unit, turn, what, chain.kind.clause, due, state, of_document(chain.document), _act(step),
        now=chain.acts > 0, audience=audience(chain.document, ledger.world), public=_what(unit, chain.kind, step),
    )  # fmt: skip


def _missing(ledger: Ledger) -> Iterator[tuple[DocumentKind, str]]:
    """Documents that every member unit owes without a phase that asks for them, and that do not exist."""
    member = ledger.plan.role(RoleKey.MEMBER)
    begun = {(chain.kind.kind, chain.document.unit) for chain in ledger.chains}
    for kind in ledger.plan.documents:
        if kind.per is Scope.UNIT and kind.phase is None and kind.tracked_in == "documents":
            for unit in ledger.world.units:
                if member in ledger.world.roles_of(unit) and (kind.kind, unit) not in begun:
                    yield kind, unit


def _not_begun(kind: DocumentKind, unit: str, ledger: Ledger) -> Owed:
    step, there = kind.steps[0], of_kind(kind, unit, ledger.plan)
    what = _what(unit, kind, step)
    return Owed(unit, (unit,), what, kind.clause, None, StateKey.IDLE, there, _act(step), now=True)


def _what(owner: str, kind: DocumentKind, step: Step) -> str:
    if kind.per is Scope.ONCE:
        return _("{kind}：待“{verb}”", kind=_(kind.kind), verb=_(step.verb))
    return _("{owner}：{kind}待“{verb}”", owner=_(owner), kind=_(kind.kind), verb=_(step.verb))


def _act(step: Step) -> str:
    return _("去办“{verb}”", verb=_(step.verb))


def _gathered(found: list[Owed]) -> Iterator[Owed]:
    """Many documents of a unit at the same step and light as one line, which leads to their list."""
    alike: dict[tuple[object, ...], list[Owed]] = defaultdict(list)
    for one in found:
        alike[one.unit, one.turn, one.act, one.clause, one.due, one.state, one.now].append(one)
    for same in alike.values():
        if len(same) <= NAMED:
            yield from same
            continue
        first, more = same[0], len(same)
        page = "implementation" if first.way.page == "implementation" else "approvals"
        there = way(page, unit=first.unit, kind=first.way.filters.get("kind"))
        what = _("{what} 等 {n} 件", what=first.what, n=more)
        yield replace(first, what=what, way=there, count=more)


def _reports(ledger: Ledger, *, one_by_one: bool) -> Iterator[Owed]:
    near, clause = ledger.plan.lights.near_days, ledger.plan.cadence.clause
    lacking: dict[str, list[Owed]] = defaultdict(list)
    for cell in ledger.reports:
        if cell.submitted_on is None:
            state = state_of(cell.period.due, ledger.as_of, near)
            what = _("{period}报告", period=_(cell.period.title))
            own = Owed(
                cell.unit, (cell.unit,), what, clause, cell.period.due, state,
                way("reports", unit=cell.unit, period=cell.period.id), _("去报送"),
            )  # fmt: skip
            lacking[cell.period.id].append(own)
            if one_by_one:
                yield own
    for found in () if one_by_one else lacking.values():
        first = found[0]
        if len(found) <= NAMED:
            yield from found
            continue
        there = way("reports", period=first.way.filters["period"])
        what = _("{what}：{n} 个单位未报", what=first.what, n=len(found))
        turn = tuple(one.unit for one in found)
        yield Owed("", turn, what, clause, first.due, first.state, there, _("去看报送"), count=len(found))


def open_items(ledger: Ledger) -> Iterator[_Open]:
    """Every checklist item of the pilots that applies and is not done on the day, with the day it is due."""
    terms = terms_of(ledger.world, ledger.as_of)
    for pilot in ledger.pilots:
        for task in pilot.work.tasks:
            done = task.status is TaskStatus.DONE and task.done_on is not None and task.done_on <= ledger.as_of
            if not done and task.status is not TaskStatus.NOT_APPLICABLE:
                yield _Open(terms.of_task(task), pilot, task)


def _tasks(ledger: Ledger, *, by_pilot: bool) -> Iterator[Owed]:
    """Items by light: one by itself, those of a pilot together, and from afar those of a unit's pilots together."""
    near = ledger.plan.lights.near_days
    groups: dict[tuple[str, str, StateKey], list[_Open]] = defaultdict(list)
    for item in open_items(ledger):
        state = state_of(item.due, ledger.as_of, near)
        groups[item.pilot.unit, item.pilot.id if by_pilot else "", state].append(item)
    for (unit, _pilot, state), found in groups.items():
        due = min((item.due for item in found if item.due), default=None)
        pilots = {item.pilot.id: item.pilot for item in found}
        first = next(iter(pilots.values()))
        there = way("execution", unit=unit) if len(pilots) > 1 else way("execution", pilot=first.id)
        what = _("{n} 家试点的 {count} 项脱钩事项", n=len(pilots), count=len(found))
        if len(found) == 1:
            there, task = of_task(found[0].task), found[0].task
            title = ledger.plan.checklist.items[task.item][1].title
            what = _("{owner}：{item} {title}", owner=first.name, item=task.item, title=_(title))
        elif len(pilots) == 1:
            items = listed(item.task.item for item in found[:NAMED])
            what = _("{owner}：{items} 等 {n} 项脱钩事项", owner=first.name, items=items, n=len(found))
        clause = ledger.plan.checklist.clause
        yield Owed(unit, (unit,), what, clause, due, state, there, _("去办事项"), count=len(found))
