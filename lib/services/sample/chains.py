"""Sample approvals: each document walks its chain at a plausible pace and stops where the as-of day cuts it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sheets_schema.associations import Association
from sheets_schema.documents import Approval, Document, Result
from sheets_schema.plan import Plan, RoleKey
from sheets_schema.plan_chains import DocumentKind, Scope, Step

PACE, SUPERIOR_PACE = (2, 7), (18, 26)
"""Days a step takes: within the city, and at a body above it."""


@dataclass
class Registry:
    """Documents and acts made so far, and when each kind's steps passed for whom."""

    plan: Plan
    as_of: date
    random: Random
    documents: list[Document] = field(default_factory=list)
    acts: list[Approval] = field(default_factory=list)
    passed: dict[tuple[str, str | None, str], date] = field(default_factory=dict)

    def walk(
        self, kind: DocumentKind, start: date, *, unit: str | None = None, association: Association | None = None,
        period: str | None = None, title: str = "", stop: int = 99, returned_at: int | None = None, **more: object,
    ) -> Document:  # fmt: skip
        """Register a document and its acts up to the as-of day; ``stop`` ends after so many steps,
        ``returned_at`` sends it back once at that step."""
        document = Document(
            id=f"WJ-{len(self.documents) + 1:04d}", kind=kind.kind, title=title or None, batch=self.plan.batch,
            unit=unit, association=association.name if association else None, period=period, parts=kind.parts, **more,
        )  # fmt: skip
        self.documents.append(document)
        owner = association.name if association else None
        now, round_ = start, 1
        if returned_at is not None:
            for n, step in enumerate(kind.steps[: returned_at + 1]):
                result = Result.RETURNED if n == returned_at else Result.PASSED
                now = self._act(document, kind, step, now, 1, result, unit, association)
            round_ = 2
        for step in kind.steps[:stop]:
            now = self._act(document, kind, step, now, round_, Result.PASSED, unit, association)
            if now <= self.as_of:
                self.passed[kind.kind, owner, step.verb] = now
        return document

    def _act(
        self, document: Document, kind: DocumentKind, step: Step, now: date, round_: int, result: Result,
        unit: str | None, association: Association | None,
    ) -> date:  # fmt: skip
        above = bool(set(step.actors) & self.plan.superiors)
        low, high = SUPERIOR_PACE if above else PACE
        submitted = max(now, self._gate_day(kind, step, association))
        decided = submitted + timedelta(days=self.random.randint(low, high))
        actors = list(self._actors(step, unit, association))
        for actor in actors[:1] if result is Result.RETURNED else actors:
            if submitted > self.as_of:
                break
            done = decided <= self.as_of
            self.acts.append(
                Approval(
                    id=f"SP-{len(self.acts) + 1:05d}", document=document.id, round=round_, verb=step.verb, actor=actor,
                    submitted_on=submitted, decided_on=decided if done else None, result=result if done else None,
                    opinion=_wanting(kind) if done and result is Result.RETURNED else None,
                )
            )  # fmt: skip
        return decided

    def _gate_day(self, kind: DocumentKind, step: Step, association: Association | None) -> date:
        """The first day on which no gate holds a step back; never, when what it waits for has not happened."""
        day = date.min
        for gate in self.plan.gates:
            if gate.document != kind.kind or step.verb not in gate.steps:
                continue
            day = max(day, gate.not_before or date.min)
            if gate.requires_document:
                of_pilot = self.plan.kinds[gate.requires_document].per is Scope.PILOT
                owner = association.name if association and of_pilot else None
                met = self.passed.get((gate.requires_document, owner, gate.requires_step or ""))
                day = max(day, met + timedelta(days=1) if met else date.max - timedelta(days=999))
        return day

    def _actors(self, step: Step, unit: str | None, association: Association | None) -> Iterable[str]:
        sources = [item.actors[0] for item in step.items] or list(step.actors)
        chosen = sources if step.mode != "any" else sources[:1]
        return dict.fromkeys(self._actor(name, unit, association) for name in chosen)

    def _actor(self, name: str, unit: str | None, association: Association | None) -> str:
        if name == self.plan.role(RoleKey.PILOT):
            return association.name if association else name
        if name == self.plan.role(RoleKey.SUPERVISOR):
            return unit or (association.unit if association else name)
        local = {self.plan.role(key): key for key in RoleKey}
        if name in local:
            holders = [u.name for u in self.plan.units if local[name] in u.roles]
            return unit or (holders[0] if holders else name)
        return name


def _wanting(kind: DocumentKind) -> str:
    return f"请补充{'和'.join(kind.parts[1:3]) or '依据'}"
