"""Everything owed (应办事项), done or not: checklist items, documents of the phases, policies, with their days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lib.domain.due import Subject, subjects
from lib.domain.pilots import Pilot, pilots
from lib.domain.quota import unit_quotas
from lib.domain.replays import chains_as_of
from lib.domain.terms import Terms, terms_of
from lib.domain.world import World
from lib.i18n import T_, Text
from sheets_schema.plan import Deliverable, Phase
from sheets_schema.reports import Policy
from sheets_schema.tasks import TaskStatus


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing a unit owes. ``planned``: its day before any extension, ``due`` with those granted; ``done_on``: the
    day the city did its part, None while it has not; ``phase``: the phase whose due day it has, else blank."""

    unit: str
    sheet: str
    record: str
    what: Text
    planned: date
    due: date
    done_on: date | None
    phase: str = ""

    @property
    def in_time(self) -> bool:
        """Done by the due day; that day itself is in time."""
        return self.done_on is not None and self.done_on <= self.due


def owed(world: World, as_of: date) -> Iterator[Owed]:
    """Everything owed as known on a day: what was done or granted later is not there."""
    chains = chains_as_of(world, as_of)
    found = pilots(world, chains, as_of)
    quotas = unit_quotas(world, chains, as_of)
    terms = terms_of(world, as_of)
    for phase in world.plan.phases:
        for deliverable in phase.deliverables:
            kind = world.plan.kinds[deliverable.document]
            expected = subjects(kind, deliverable.until, world, chains, found, quotas, as_of)
            yield from _documents(phase, deliverable, expected, terms, as_of)
    yield from _items(found, terms, as_of)


def _documents(
    phase: Phase, deliverable: Deliverable, expected: Sequence[Subject], terms: Terms, as_of: date
) -> Iterator[Owed]:
    world = terms.world
    kind, planned = world.plan.kinds[deliverable.document], Terms(world).of_part(phase, deliverable)
    policies = {(row.area, row.owner): row for row in world.rows(Policy)} if kind.tracked_in == "policies" else {}
    for subject in expected:
        policy = policies.get((subject.owner, subject.unit))
        document = subject.chain.document if subject.chain else None
        due = terms.of_part(phase, deliverable, document)
        # what only an extension gives a day was not due in any period before it
        if planned is None or due is None or (policy and policy.stage == world.plan.policies.waiting_national):
            continue
        record = policy.id if policy else document.id if document else ""
        done = subject.city_done_on if subject.city_done_on and subject.city_done_on <= as_of else None
        what = T_("{owner}：{kind}“{verb}”", owner=subject.owner, kind=kind.kind, verb=deliverable.until)
        yield Owed(world.who(subject.unit), kind.tracked_in, record, what, planned, due, done, phase.id)


def _items(found: Sequence[Pilot], terms: Terms, as_of: date) -> Iterator[Owed]:
    items, first = terms.world.plan.checklist.items, Terms(terms.world)
    for pilot in found:
        for task in pilot.work.tasks:
            planned, due = first.of_task(task), terms.of_task(task)
            if planned is None or due is None or task.status is TaskStatus.NOT_APPLICABLE:
                continue
            is_done = task.status is TaskStatus.DONE and task.done_on is not None and task.done_on <= as_of
            title = items[task.item][1].title
            what = T_("{owner}：{item} {title}", owner=pilot.name, item=task.item, title=title)
            yield Owed(pilot.unit, "tasks", task.id, what, planned, due, task.done_on if is_done else None)
