"""Approval chains (审批链): replay what was recorded against the plan's steps, in order, round by round.

``replay`` gives where a document stands and which acts broke the order; a broken act has no effect, so what
builds on it falls too. The same function answers for any as-of day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from lib.domain.findings import Hit
from lib.domain.rules import approvals as A
from lib.domain.signing import signing_parts
from lib.domain.world import World
from sheets_schema.documents import Approval, Document, Result
from sheets_schema.plan import Plan
from sheets_schema.plan_chains import DocumentKind, Step

Requirements = dict[str, date | None]
"""Gate id → when its requirement was met for a document; None: not yet."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that has passed, on which day."""

    verb: str
    on: date


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where a document stands: its round, the steps passed in it, what is submitted and waits, what broke."""

    document: Document
    kind: DocumentKind
    round: int = 1
    passed: tuple[Passed, ...] = ()
    pending_since: date | None = None
    returned_on: date | None = None
    returns: int = 0
    acts: int = 0
    partly: tuple[str, ...] = ()
    superior: bool = False
    handed_up_on: date | None = None
    """The day the document first went to a body above the city in this round."""
    ever_passed: tuple[Passed, ...] = ()
    """Steps that passed in any round, each on the first day it did: a later round does not undo what rested on it."""
    hits: tuple[Hit, ...] = ()

    @property
    def next_step(self) -> Step | None:
        """The step to take now: after a return the drafting one; None when the chain is through."""
        if self.returned_on is not None:
            return self.kind.steps[0]
        return self.kind.steps[len(self.passed)] if len(self.passed) < len(self.kind.steps) else None

    @property
    def done(self) -> bool:
        """All steps have passed."""
        return self.next_step is None

    @property
    def waiting_superior(self) -> bool:
        """等待上级: submitted to a body above the city, so that its silence is not the city's delay."""
        return self.superior and not self.done

    def passed_on(self, verb: str) -> date | None:
        """The day a step passed in the current round, or None."""
        return next((step.on for step in self.passed if step.verb == verb), None)

    def first_passed_on(self, verb: str) -> date | None:
        """The day a step first passed, in whatever round, or None."""
        return next((step.on for step in self.ever_passed if step.verb == verb), None)


@dataclass
class _Round:
    number: int
    opened_by: Passed | None = None
    passed: list[Passed] = field(default_factory=list)
    signed: dict[str, date] = field(default_factory=dict)
    returned_on: date | None = None
    pending_since: date | None = None
    pending_ordinal: int = -1
    handed_up_on: date | None = None
    parts: frozenset[str] = frozenset()
    """What the act now judged would sign."""


def replay(
    document: Document,
    acts: Iterable[Approval],
    world: World,
    met: Requirements | None = None,
    as_of: date | None = None,
) -> ChainState:
    """Replay ``acts`` of one document; ``met``: its gates, unless they do not matter.

    ``as_of``: what was decided later still waits, what came later is not there.
    """
    kind = world.plan.kinds[document.kind]
    ordered = sorted(acts, key=partial(_order, kind.ordinals))
    now = _Round(1)
    returns, counted = 0, 0
    ever: dict[str, Passed] = {}
    hits: list[Hit] = []
    for act in ordered:
        seen = _as_of(act, as_of)
        if seen is None:
            continue
        decided, submitted = seen
        if act.round != now.number:
            if act.round != now.number + 1 or now.returned_on is None:
                hits.append(A.A06.hit(**_place(act, "round"), kind=kind.kind, n=act.round, clause=kind.clause))
                continue
            here = _Round(act.round, Passed(Result.RETURNED.value, now.returned_on))
        else:
            here = now
        broken = list(_judge(act, kind, document, here, world, met))
        hits += broken
        if any(hit.rule.severity is A.ERROR for hit in broken):
            continue
        now = here
        counted += 1
        ordinal = kind.ordinal(act.verb)
        assert ordinal is not None
        if _above(kind, ordinal, world.plan):
            now.handed_up_on = now.handed_up_on or submitted or decided
        if decided is None:
            now.pending_since, now.pending_ordinal = submitted, ordinal
        elif act.result is Result.RETURNED:
            now.returned_on, returns = decided, returns + 1
        else:
            _sign(kind.steps[ordinal], decided, now)
            if now.passed:
                ever.setdefault(now.passed[-1].verb, now.passed[-1])
    waiting = now.pending_ordinal == len(now.passed) and now.returned_on is None
    superior = (
        now.returned_on is None
        and _above(kind, len(now.passed), world.plan)
        and (waiting or _above(kind, len(now.passed) - 1, world.plan))
    )
    return ChainState(
        document, kind, now.number, tuple(now.passed), now.pending_since if waiting else None, now.returned_on,
        returns, counted, tuple(now.signed), superior, now.handed_up_on,
        tuple(ever.values()), tuple(hits),
    )  # fmt: skip


def _above(kind: DocumentKind, ordinal: int, plan: Plan) -> bool:
    """Whether a step is a superior body's."""
    return 0 <= ordinal < len(kind.steps) and not plan.superiors.isdisjoint(kind.steps[ordinal].actors)


def _as_of(act: Approval, as_of: date | None) -> tuple[date | None, date | None] | None:
    """(decided, submitted) as known on the day; None when the act had not happened yet."""
    if as_of is None:
        return act.decided_on, act.submitted_on
    decided = act.decided_on if act.decided_on and act.decided_on <= as_of else None
    submitted = act.submitted_on if act.submitted_on and act.submitted_on <= as_of else None
    return (decided, submitted) if decided or submitted else None


def _order(ordinals: dict[str, int], act: Approval) -> tuple[int, int, date, int]:
    return act.round, ordinals.get(act.verb, 999), act.decided_on or act.submitted_on or date.max, act.row


def _place(act: Approval, column: str) -> dict[str, object]:
    return {"sheet": "approvals", "row": act.row, "column": column, "record": act.id, "value": getattr(act, column)}


def _judge(
    act: Approval, kind: DocumentKind, document: Document, now: _Round, world: World, requirements: Requirements | None
) -> Iterable[Hit]:
    """Everything wrong with one act, given what has passed in its round."""
    clause = kind.clause
    ordinal = kind.ordinal(act.verb)
    if ordinal is None:
        verbs = " → ".join(step.verb for step in kind.steps)
        yield A.A03.hit(**_place(act, "verb"), kind=kind.kind, verb=act.verb, chain=verbs, clause=clause)
        return
    step = kind.steps[ordinal]
    if now.returned_on is not None:
        yield A.A06.hit(**_place(act, "round"), kind=kind.kind, n=act.round, clause=clause)
        return
    if ordinal > len(now.passed):
        missing = tuple(step.verb for step in kind.steps[len(now.passed) : ordinal])
        yield A.A01.hit(**_place(act, "verb"), kind=kind.kind, verb=act.verb, missing=missing, clause=clause)
        return
    if ordinal < len(now.passed):
        yield A.A05.hit(**_place(act, "verb"), kind=kind.kind, verb=act.verb, clause=clause)
        return
    parts = now.parts = signing_parts(act, step, document, world)
    if not parts:
        expected = (*step.actors, *(actor for item in step.items for actor in item.actors))
        yield A.A04.hit(**_place(act, "actor"), verb=act.verb, actor=act.actor, expected=expected, clause=clause)
        return
    if now.signed.keys() >= parts:
        yield A.A05.hit(**_place(act, "verb"), kind=kind.kind, verb=act.verb, clause=clause)
        return
    dates = [day for day in (act.submitted_on, act.decided_on) if day]
    before = now.passed[-1] if now.passed else now.opened_by
    if before and dates and min(dates) < before.on:
        yield A.A02.hit(
            **_place(act, "decided_on" if act.decided_on else "submitted_on"),
            verb=act.verb, before=before.verb, on=before.on, clause=clause,
        )  # fmt: skip
        return
    if act.result is Result.RETURNED and ordinal == 0:
        yield A.A12.hit(**_place(act, "result"), verb=act.verb, clause=clause)
        return
    if requirements:
        yield from _gates(act, document, world, requirements)


def _gates(act: Approval, document: Document, world: World, requirements: Requirements) -> Iterable[Hit]:
    for gate in world.plan.gates:
        if gate.document != document.kind or act.verb not in gate.steps:
            continue
        on = act.decided_on or act.submitted_on
        met = requirements[gate.id]
        if on is None or (met is not None and met <= on):
            continue
        rule = A.A07 if gate.effect == "warn" else A.A09 if act.override else A.A08
        column = "override" if rule is A.A09 else "verb"
        yield rule.hit(
            **_place(act, column), verb=act.verb, gate=gate.title, reason=act.override or "", clause=gate.clause
        )


def _sign(step: Step, on: date, now: _Round) -> None:
    """Note a passed act; the step passes when everyone it needs has acted."""
    now.signed |= dict.fromkeys(now.parts, on)
    if len(now.signed) >= step.needed:
        now.passed.append(Passed(step.verb, max(now.signed.values())))
        now.signed = {}
        now.pending_since, now.pending_ordinal = None, -1
