"""Pilots (试点) and their checklist: how far each is, by separation, and when it was last heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain
from typing import NamedTuple

from lib.domain.chains import ChainState
from lib.domain.normalise import shifted
from lib.domain.quota import is_selected, recommended
from lib.domain.world import World
from sheets_schema.plan import Phase, Plan
from sheets_schema.tasks import Task, TaskStatus, Update


class Tally(NamedTuple):
    """Checklist items: ``done`` of ``total`` that apply; ``not_applicable`` are left out of both."""

    done: int = 0
    total: int = 0
    not_applicable: int = 0

    @property
    def share(self) -> float:
        """Done share, 0 to 1; 0 when nothing applies."""
        return self.done / self.total if self.total else 0.0

    def plus(self, other: Tally) -> Tally:
        """The sum of two tallies."""
        return Tally(self.done + other.done, self.total + other.total, self.not_applicable + other.not_applicable)


@dataclass(frozen=True, slots=True)
class Pilot:
    """One selected pilot as of a day. ``silent_for``: days since the last news, None before its work began."""

    id: str
    name: str
    unit: str
    selected_on: date | None
    plan_approved_on: date | None
    work: PilotWork
    unrecorded: int
    last_news: date | None
    silent_for: int | None

    @property
    def tally(self) -> Tally:
        """The whole checklist."""
        return self.work.tally

    @property
    def by_separation(self) -> dict[str, Tally]:
        """Separation → its part of the checklist."""
        return self.work.by_separation

    @property
    def finished(self) -> bool:
        """Every item that applies is done and none is unrecorded."""
        return self.tally.total > 0 and self.tally.done == self.tally.total and not self.unrecorded


@dataclass(frozen=True, slots=True)
class PilotWork:
    """One pilot's checklist rows added up on a day: tallies, the days on which items were done, what is open."""

    tasks: list[Task]
    as_of: date
    tally: Tally
    by_separation: dict[str, Tally]
    done_on: tuple[date, ...]
    soon: tuple[Task, ...]
    """Open items whose planned day (or the phase's) is past or near; an extension can only take one off."""


def work_of(world: World, association: str, as_of: date) -> PilotWork:
    """A pilot's work on a day, taken over from the last judging while its rows are the very same."""
    tasks = world.tasks_of(association)
    known = world.works.get(association)
    if known is None or known.as_of != as_of or known.tasks != tasks:
        known = world.works[association] = _add_up(world.plan, tasks, as_of)
    return known


def _add_up(plan: Plan, tasks: list[Task], as_of: date) -> PilotWork:
    parts = plan.checklist.part_of
    done = {part.id: 0 for part in plan.checklist.separations if part.items}
    total, left = done.copy(), done.copy()
    days: list[date] = []
    soon: list[Task] = []
    phase = executing_phase(plan)
    phase_due, horizon = phase.due if phase else None, shifted(as_of, plan.lights.near_days)
    for task in tasks:
        part, status = parts[task.item], task.status
        if status is TaskStatus.NOT_APPLICABLE:
            left[part] += 1
            continue
        total[part] += 1
        if status is TaskStatus.DONE and (day := task.done_on) and day <= as_of:
            done[part] += 1
            days.append(day)
        elif (due := task.planned_on or phase_due) and due <= horizon:
            soon.append(task)
    tallies = {part: Tally(done[part], total[part], left[part]) for part in total}
    whole = Tally(sum(done.values()), sum(total.values()), sum(left.values()))
    return PilotWork(tasks, as_of, whole, tallies, tuple(days), tuple(soon))


def pilots(world: World, chains: Sequence[ChainState], as_of: date) -> tuple[Pilot, ...]:
    """All pilots selected by the day, in sheet order."""
    news: dict[str, date] = {}
    for update in world.rows(Update):
        pilot, on = update.association, update.reported_on
        if on <= as_of and (pilot not in news or on > news[pilot]):
            news[pilot] = on
    awaited = go_ahead(world.plan)
    approved = {
        c.document.association: c.passed_on(awaited[1])
        for c in chains
        if awaited and c.kind.kind == awaited[0] and (c.document.association or c.document.batch == world.plan.batch)
    }
    everyone = approved.get(None)
    phase = executing_phase(world.plan)
    items, associations = world.plan.checklist.items, world.associations
    found = []
    for nomination in recommended(world, as_of):
        association = associations.get(nomination.association)
        if association is None or not is_selected(nomination, as_of):
            continue
        work = work_of(world, association.id, as_of)
        own = approved.get(association.id, everyone)
        allowed = awaited is None or own is not None
        starts = (own, phase.start if phase else None)
        begun = max(filter(None, starts), default=None) if allowed else None
        heard = news.get(association.id, begun)
        silent = (as_of - heard).days if begun and heard and begun <= as_of else None
        unrecorded = len(items) - work.tally.total - work.tally.not_applicable
        found.append(
            Pilot(
                association.id, association.name, nomination.unit, nomination.selected_on,
                own, work, max(0, unrecorded), news.get(association.id), silent,
            )
        )  # fmt: skip
    return tuple(found)


def go_ahead(plan: Plan) -> tuple[str, str] | None:
    """The document and its step that a pilot's checklist waits for; None where a plan lets it begin without."""
    gate = next((gate for gate in plan.gates if gate.checklist and gate.requires_document), None)
    return (gate.requires_document or "", gate.requires_step or "") if gate else None


def executing_phase(plan: Plan) -> Phase | None:
    """The phase in which pilots work through the checklist."""
    return next((phase for phase in plan.phases if phase.executes_checklist), None)


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Checklist items done over time: (day, cumulative count), the total, and where the pace leads."""

    points: tuple[tuple[date, int], ...]
    total: int
    due: date | None
    projected: date | None

    @property
    def days_late(self) -> int | None:
        """Days after (+) or before (−) the due date at the present pace; None when either is unknown."""
        return (self.projected - self.due).days if self.projected and self.due else None


PACE_WINDOW = 60
"""Days looked back for the pace: long enough to smooth single days, short enough to show a change."""


def burn_up(found: Sequence[Pilot], plan: Plan, as_of: date) -> BurnUp:
    """The burn-up of all pilots' checklists and its projection from the pace of the last ``PACE_WINDOW`` days."""
    per_day = Counter(chain.from_iterable(pilot.work.done_on for pilot in found))
    days = sorted(per_day)
    points = tuple(zip(days, accumulate(per_day[day] for day in days), strict=True))
    done = points[-1][1] if points else 0
    total = sum(pilot.tally.total for pilot in found)
    phase = executing_phase(plan)
    projected = None
    if points and done < total:
        window_start = max(days[0], shifted(as_of, -PACE_WINDOW))
        recent = sum(per_day[day] for day in days if day >= window_start)
        span = max((as_of - window_start).days, 1)
        if recent:
            left = -(-(total - done) * span // recent)
            projected = shifted(as_of, left) if left < 3650 else None
    elif points:
        projected = days[-1]
    return BurnUp(points, total, phase.due if phase else None, projected)
