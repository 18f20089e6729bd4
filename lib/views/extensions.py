"""延期与销号: extensions asked for and decided, what one may be asked for, and finished items to close (五（三）)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lib.domain.due import state_of
from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.domain.terms import terms_of
from lib.domain.world import by_id
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.chores import unclosed
from lib.views.owed import open_items
from lib.views.prepared import prepared
from lib.views.whereto import Way, of_row, of_task, way
from lib.views.words import state_word
from sheets_schema.coordination import Extension, Grant
from sheets_schema.plan_chains import Scope
from sheets_schema.tasks import Task, TaskStatus

WITH, WITHOUT, LEFT_OUT = "with", "without", "na"
"""Whether a finished item has its evidence; what does not apply needs none."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an extension may be asked for: its id, the units that may ask, its words, and the day it is due now."""

    id: str
    unit: str
    label: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished item that is not closed."""

    id: str
    pilot: str
    item: str
    unit: str
    owner: str
    done_on: str
    evidence: str
    proof: str
    way: Way


@dataclass(frozen=True, slots=True)
class Extensions:
    """Extensions as they stand on the as-of day, and how many items are done and closed."""

    asked: int
    waiting: int
    granted: int
    refused: int
    targets: tuple[Target, ...]
    finished: tuple[Finished, ...]
    closed: int

    def target(self, record: str | None) -> Target | None:
        """A target by its id."""
        return next((target for target in self.targets if target.id == record), None)


def extensions(ledger: Ledger, sight: Sight) -> Extensions:
    """The view model of 延期与销号, of the records that a sight takes in."""
    if of_units(sight) != sight:
        return prepared(extensions, ledger, of_units(sight))
    day, world = ledger.as_of, ledger.world
    rows = [r for r in world.rows(Extension) if r.requested_on <= day and sees(sight, audience(r, world))]
    decided = [row.result for row in rows if row.decided_on is not None and row.decided_on <= day]
    granted, refused = decided.count(Grant.GRANTED), decided.count(Grant.REFUSED)
    tasks = [task for pilot in ledger.pilots if sight.shows(pilot.unit) for task in pilot.work.tasks]
    return Extensions(
        len(rows), len(rows) - granted - refused, granted, refused, tuple(_targets(ledger, sight)),
        tuple(_finished(ledger, sight)), sum(task.closed_on is not None and task.closed_on <= day for task in tasks),
    )  # fmt: skip


def _targets(ledger: Ledger, sight: Sight) -> Iterator[Target]:
    """Phases that a unit leads, documents under way and open items; those over their due date too, so that the clause
    can say why it is too late for them."""
    world, plan, terms = ledger.world, ledger.plan, terms_of(ledger.world, ledger.as_of)
    for state in ledger.phases:
        leads = [who for who in map(world.who, state.phase.leads) if who in world.units]
        unit = next((lead for lead in leads if sight.shows(lead)), None)
        if state.done_on is None and unit:
            yield _target(state.phase.id, unit, _(state.phase.title), state.due, ledger)
    for chain in ledger.chains:
        document = chain.document
        due = terms.of_target(document.id)
        association = world.associations.get(document.association or "")
        unit = document.unit or (association.unit if association else "")
        phase = plan.phase_by_id.get(chain.kind.phase or "")
        if chain.kind.per is Scope.ONCE and phase is not None:
            unit = world.who(phase.leads[0])
        if due is not None and not chain.done and sight.shows(unit):
            owner = association.name if association else unit
            yield _target(document.id, unit, f"{owner} {_(document.kind)}", due, ledger)
    for due, pilot, task in open_items(ledger):
        if sight.shows(pilot.unit):
            title = plan.checklist.items[task.item][1].title
            yield _target(task.id, pilot.unit, f"{pilot.name} {task.item} {_(title)}", due, ledger)


def _target(record: str, unit: str, name: str, due: date | None, ledger: Ledger) -> Target:
    light = state_word(ledger.plan, state_of(due, ledger.as_of, ledger.plan.lights.near_days))
    return Target(record, unit, f"{name} · {_('时限 {day}', day=due or '—')} · {light} · {record}", due)


def _finished(ledger: Ledger, sight: Sight) -> Iterator[Finished]:
    names = {pilot.id: pilot for pilot in ledger.pilots if sight.shows(pilot.unit)}
    items = ledger.plan.checklist.items
    found = [task for task in unclosed(ledger) if task.association in names]
    found += [
        task
        for pilot in names.values()
        for task in pilot.work.tasks
        if task.status is TaskStatus.NOT_APPLICABLE and task.closed_on is None
    ]
    for task in found:
        pilot, proof = names[task.association], WITH if task.evidence else WITHOUT
        if task.status is TaskStatus.NOT_APPLICABLE:
            proof = LEFT_OUT
        yield Finished(
            task.id, pilot.name, f"{task.item} {_(items[task.item][1].title)}", pilot.unit, task.owner or "",
            str(task.done_on or ""), task.evidence or task.not_applicable_reason or "", proof,
            of_task(task),
        )  # fmt: skip


def until_now(ledger: Ledger, target: str) -> date | None:
    """The day a target is due on the as-of day."""
    return terms_of(ledger.world, ledger.as_of).of_target(target)


def target_words(ledger: Ledger, target: str) -> str:
    """What people call the target of an extension."""
    world = ledger.world
    task = world.table(Task).look_up(by_id).get(target)
    if task is not None:
        association = world.associations.get(task.association)
        title = ledger.plan.checklist.items[task.item][1].title
        return f"{association.name if association else task.association} {task.item} {_(title)}"
    if target in ledger.plan.phase_by_id:
        return _(ledger.plan.phase_by_id[target].title)
    document = world.documents.get(target)
    if document is None:
        return target
    association = world.associations.get(document.association or "")
    return " ".join(text for text in (association.name if association else document.unit, _(document.kind)) if text)


def target_way(ledger: Ledger, target: str) -> Way:
    """Where the target of an extension is worked on."""
    world = ledger.world
    row = world.table(Task).look_up(by_id).get(target) or world.documents.get(target)
    return of_row(row, world) if row is not None else way("phases")
