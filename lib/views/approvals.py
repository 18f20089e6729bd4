"""审批流转: every document of the plan with its chain, and those the plan expects that nobody has begun (四)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.due import Due, subjects
from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.domain.owners import audience
from lib.domain.signing import signing_parts
from lib.domain.terms import Terms, terms_of
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.chain import owner_of, steps_text
from lib.views.prepared import prepared
from lib.views.words import short_day, state_word
from sheets_schema.documents import Approval
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_work import StateKey


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in the list. ``stages``: the states one may ask for that it is in."""

    id: str
    kind: str
    owner: str
    unit: str
    mark: str
    next: str
    steps: str
    since: str
    due: str
    note: str
    stages: frozenset[str]
    search: str


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A document the plan expects that nobody has begun: what it is about, as the fields of its record."""

    id: str
    """Kind and subject, ``实施方案:XH-0001``: a link to it stays good while nobody has begun it."""
    kind: str
    owner: str
    unit: str
    due: str
    mark: str
    association: str
    period: str


@dataclass(frozen=True, slots=True)
class Approvals:
    """Everything 审批流转 lists."""

    lines: tuple[DocumentLine, ...]
    missing: tuple[MissingLine, ...]

    def count(self, stage: str) -> int:
        """How many documents are in a state."""
        return sum(stage in line.stages for line in self.lines)

    def where(self, stage: str, kind: str | None, unit: str | None, text: str) -> tuple[DocumentLine, ...]:
        """The documents that fit; ``stage`` all: whatever their state."""
        sought = key(text)
        return tuple(
            line
            for line in self.lines
            if (stage == "all" or stage in line.stages)
            and kind in (None, line.kind)
            and unit in (None, line.unit)
            and sought in line.search
        )

    def lacking(self, kind: str | None, unit: str | None, text: str) -> tuple[MissingLine, ...]:
        """The documents not begun that fit."""
        return tuple(
            line
            for line in self.missing
            if kind in (None, line.kind) and unit in (None, line.unit) and key(text) in key(line.owner + line.unit)
        )


def approvals(ledger: Ledger, sight: Sight) -> Approvals:
    """The view model of 审批流转: a unit's own documents, the city's, and others on which it acted or has to act now,
    which it could not do without seeing them."""
    if of_units(sight) != sight:
        return prepared(approvals, ledger, of_units(sight))
    dues = {due.record: due for due in ledger.dues if due.sheet == "documents" and due.record}
    terms = terms_of(ledger.world, ledger.as_of)
    acted = _acted_on(ledger, sight)
    lines = [
        _line(chain, ledger, sight, dues.get(chain.document.id), terms)
        for chain in ledger.chains
        if sees(sight, audience(chain.document, ledger.world))
        or chain.document.id in acted
        or _is_before(chain, ledger, sight)
    ]
    lines.sort(key=lambda line: ("done" in line.stages, line.due or "9", line.id))
    return Approvals(tuple(lines), tuple(line for line in _missing(ledger) if _sees(line, sight, ledger)))


def _acted_on(ledger: Ledger, sight: Sight) -> frozenset[str]:
    """Documents on which a unit of the sight has acted."""
    if sight.units is None:
        return frozenset()
    rows = ledger.world.rows(Approval)
    return frozenset(row.document for row in rows if ledger.world.who(row.actor) in sight.units)


def _is_before(chain: ChainState, ledger: Ledger, sight: Sight) -> bool:
    """待我办: whether a unit of the sight may take the next step; for the office, whether none but it can record it."""
    step = chain.next_step
    if step is None or chain.waiting_superior:
        return False
    if sight.units is None:
        bodies = {body.name for body in ledger.plan.bodies}
        actors = (*step.actors, *(actor for item in step.items for actor in item.actors))
        return all(ledger.world.who(actor) in bodies for actor in actors)
    acts = (Approval(row=0, id="", actor=unit) for unit in sorted(sight.units))
    parts = [signing_parts(act, step, chain.document, ledger.world) for act in acts]
    signed = frozenset(() if chain.returned_on else chain.partly)
    return any(part - signed for part in parts) or bool(_acts_for_pilot(chain, ledger, sight))


def _acts_for_pilot(chain: ChainState, ledger: Ledger, sight: Sight) -> bool:
    """Pilots have no accounts: their supervising unit records what they do."""
    association = ledger.world.associations.get(chain.document.association or "")
    step = chain.next_step
    if association is None or step is None or not sight.shows(association.unit):
        return False
    return bool(signing_parts(Approval(row=0, id="", actor=association.name), step, chain.document, ledger.world))


def _line(chain: ChainState, ledger: Ledger, sight: Sight, due: Due | None, terms: Terms) -> DocumentLine:
    document, plan, step = chain.document, ledger.plan, chain.next_step
    stages = {"done"} if chain.done else {"waiting"} if chain.waiting_superior else {"running"}
    stages |= {"returned"} if chain.returned_on else set()
    stages |= {"mine"} if _is_before(chain, ledger, sight) else set()
    since = chain.pending_since or chain.returned_on or (chain.passed[-1].on if chain.passed else None)
    association = ledger.world.associations.get(document.association or "")
    unit = document.unit or (association.unit if association else "")
    owner = owner_of(document, ledger)
    words = (document.id, document.kind, owner, unit, document.title or "", document.number or "")
    return DocumentLine(
        document.id, document.kind, owner, unit, state_word(plan, _state(chain, due)),
        _("待“{verb}”", verb=_(step.verb)) if step else "", steps_text(chain, ledger), str(since or ""),
        str(terms.of_kind(chain.kind, document) or ""), _note(chain), frozenset(stages),
        key("\n".join(words)),
    )  # fmt: skip


def _state(chain: ChainState, due: Due | None) -> StateKey:
    if chain.done:
        return StateKey.DONE
    if chain.waiting_superior:
        return StateKey.WAITING
    return due.state if due is not None else StateKey.RUNNING if chain.acts else StateKey.IDLE


def _note(chain: ChainState) -> str:
    notes = [_("第 {n} 轮", n=chain.round)] if chain.round > 1 else []
    if chain.returned_on:
        notes.append(_("{day} 退回，待另起一轮", day=short_day(chain.returned_on)))
    elif chain.pending_since:
        notes.append(_("已报送，待办结"))
    return _("；").join(notes)


def _sees(line: MissingLine, sight: Sight, ledger: Ledger) -> bool:
    return sight.shows(line.unit) or ledger.plan.kinds[line.kind].per in (Scope.ONCE, Scope.PERIOD)


def _missing(ledger: Ledger) -> Iterator[MissingLine]:
    terms = terms_of(ledger.world, ledger.as_of)
    states = {(due.document_kind, due.owner): due.state for due in ledger.dues if not due.record}
    for kind in ledger.plan.documents:
        if kind.tracked_in != "documents":
            continue
        due = str(terms.of_kind(kind) or "")
        for name, owner, unit, association, period in _lacking(kind, ledger):
            mark = state_word(ledger.plan, states.get((kind.kind, owner), StateKey.IDLE))
            yield MissingLine(f"{kind.kind}:{name}", kind.kind, owner, unit, due, mark, association, period)


def _lacking(kind: DocumentKind, ledger: Ledger) -> Iterator[tuple[str, str, str, str, str]]:
    """(name, owner, unit, association, period) of each document of a kind that is expected and not there."""
    if kind.per is Scope.PERIOD:
        there = {chain.document.period for chain in ledger.chains if chain.kind is kind}
        for period in ledger.plan.cadence.periods:
            if period.end is not None and period.end < ledger.as_of and period.id not in there:
                yield period.id, period.title, "", "", period.id
        return
    expected = subjects(
        kind, kind.steps[-1].verb, ledger.world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of
    )  # fmt: skip
    pilots = [pilot.id for pilot in ledger.pilots] if kind.per is Scope.PILOT else [""] * len(expected)
    for subject, pilot in zip(expected, pilots, strict=True):
        if subject.chain is None:
            unit = "" if kind.per is Scope.ONCE else subject.unit
            yield pilot or unit or kind.kind, subject.owner, unit, pilot, ""
