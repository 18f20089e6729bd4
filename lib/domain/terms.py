"""Terms (时限): the day a phase, a document, a policy or a checklist item is due, with extensions granted (延期).

A document is due on the day granted to it, else on that granted to its phase, else on the plan's. A policy has no
extension of its own: one is granted for an item, a document or a phase (X24), so a policy moves with its phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lib.domain.pilots import executing_phase
from lib.domain.world import World, by_id
from sheets_schema.coordination import Extension, Grant
from sheets_schema.documents import Document
from sheets_schema.plan import Deliverable, Phase
from sheets_schema.plan_chains import DocumentKind
from sheets_schema.tasks import Task


class Terms:
    """When things are due. ``granted``: record or phase id → the day an extension gives; none: as first planned."""

    def __init__(self, world: World, granted: Mapping[str, date] | None = None) -> None:
        self.world, self.granted = world, granted or {}
        phase = executing_phase(world.plan)
        self._last = self.of_phase(phase) if phase else None

    def of_phase(self, phase: Phase) -> date | None:
        """The day of a phase; None where the plan names none and none was granted."""
        return self.granted.get(phase.id, phase.due)

    def of_part(self, phase: Phase, part: Deliverable, document: Document | None = None) -> date | None:
        """The day of what a phase hands over, of ``document`` where there is one already."""
        return self._of(phase, part.due, document)

    def of_kind(self, kind: DocumentKind, document: Document | None = None) -> date | None:
        """The same by a document's kind; None for a kind of no phase, unless it was granted to the document itself."""
        phase = self.world.plan.phase_by_id.get(kind.phase or "")
        if phase is None:
            return None if document is None else self.granted.get(document.id)
        own = next((part.due for part in phase.deliverables if part.document == kind.kind), None)
        return self._of(phase, own, document)

    def _of(self, phase: Phase, own: date | None, document: Document | None) -> date | None:
        due = self.granted.get(phase.id, own or phase.due)
        return due if document is None else self.granted.get(document.id, due)

    def of_task(self, task: Task) -> date | None:
        """The day of a checklist item: granted, planned, or that of the phase that works through the checklist."""
        return self.granted.get(task.id) or task.planned_on or self._last

    def of_target(self, target: str) -> date | None:
        """The day of whatever an extension may be asked for, by its id; None for what there is not."""
        if phase := self.world.plan.phase_by_id.get(target):
            return self.of_phase(phase)
        if document := self.world.documents.get(target):
            return self.of_kind(self.world.plan.kinds[document.kind], document)
        task = self.world.table(Task).look_up(by_id).get(target)
        return None if task is None else self.of_task(task)


def terms_of(world: World, as_of: date) -> Terms:
    """When things are due by the extensions granted by a day; of several for one thing the latest counts."""
    found: dict[str, date] = {}
    for row in world.rows(Extension):
        if row.result is Grant.GRANTED and row.decided_on and row.decided_on <= as_of:
            found[row.target] = max(row.until, found.get(row.target, row.until))
    return Terms(world, found)
