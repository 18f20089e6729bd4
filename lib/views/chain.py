"""One document's chain (审批链) as people read it: its steps, who acted, who is missing, what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.ledger import Ledger
from lib.i18n import _, listed
from lib.views.words import state_word
from sheets_schema.documents import Approval, Document
from sheets_schema.plan_chains import Step
from sheets_schema.plan_work import StateKey
from sheets_schema.sheet import YesNo


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act as recorded: in which round, on which step, by whom, on which days, with which result."""

    id: str
    round: int
    verb: str
    item: str
    actor: str
    submitted: str
    decided: str
    result: str
    number: str
    opinion: str
    note: str
    link: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step in the round that counts now: its state, who acts, its acts, and of a joint one who has still to sign."""

    verb: str
    """As the plan has it; ``word`` is for reading."""
    word: str
    actors: str
    state: StateKey
    mark: str
    acts: tuple[ActLine, ...]
    signed: str
    missing: str


@dataclass(frozen=True, slots=True)
class ChainCard:
    """A document's chain whole. ``former``: the acts of rounds that a return ended."""

    id: str
    kind: str
    owner: str
    clause: str
    round: int
    steps: tuple[StepView, ...]
    next_verb: str | None
    former: tuple[ActLine, ...]
    returned: str
    """The opinion with which it was sent back last, where a new round has to follow."""


def chain_card(chain: ChainState, ledger: Ledger) -> ChainCard:
    """The card of a document on the as-of day."""
    acts = acts_of(chain, ledger)
    over = chain.returned_on is not None
    now = chain.round + over
    steps = tuple(_step(chain, place, ledger, [act for act in acts if act.round == now]) for place in _places(chain))
    former = tuple(act for act in acts if act.round < now)
    step = chain.next_step
    back = [act for act in former if act.round == chain.round and act.decided and act.opinion] if over else []
    return ChainCard(
        chain.document.id, chain.kind.kind, owner_of(chain.document, ledger), chain.kind.clause, now, steps,
        step.verb if step else None, former, back[-1].opinion if back else "",
    )  # fmt: skip


def acts_of(chain: ChainState, ledger: Ledger) -> tuple[ActLine, ...]:
    """What is in force of a document's acts on the as-of day, in order."""
    day, order = ledger.as_of, chain.kind.ordinals
    broken = {hit.row for hit in chain.hits if hit.rule.severity == "error"}
    rows = [r for r in ledger.world.rows(Approval) if r.document == chain.document.id and r.row not in broken]
    known = [r for r in rows if any(on and on <= day for on in (r.submitted_on, r.decided_on))]
    return tuple(_act(r, ledger) for r in sorted(known, key=lambda r: (r.round, order.get(r.verb, 0), r.row)))


def owner_of(document: Document, ledger: Ledger) -> str:
    """Whose a document is, in words: a pilot, a unit, a period, an area; else its title or kind."""
    association = ledger.world.associations.get(document.association or "")
    if association:
        return association.name
    if document.period:
        return next((p.title for p in ledger.plan.cadence.periods if p.id == document.period), document.period)
    return (_(document.unit) if document.unit else "") or document.area or document.title or _(document.kind)


def step_state(chain: ChainState, place: int) -> StateKey:
    """The state of a step: passed, the one to take now (above the city: waiting), or later."""
    passed = 0 if chain.returned_on else len(chain.passed)
    if place < passed:
        return StateKey.DONE
    if place > passed:
        return StateKey.IDLE
    return StateKey.WAITING if chain.waiting_superior else StateKey.RUNNING


def steps_text(chain: ChainState, ledger: Ledger) -> str:
    """``✓ 制定 → ● 核准 → ○ 批复``: the whole chain in one cell."""
    shapes = ledger.plan.lights.by_state
    marks = ((step, shapes[step_state(chain, n)].shape) for n, step in enumerate(chain.kind.steps))
    return " → ".join(f"{shape} {_(step.verb)}" for step, shape in marks)


def actors_text(step: Step) -> str:
    """Who acts in a step, as the plan has it."""
    items = (_("{text}（{more}）", text=_(item.item), more=listed(item.actors)) for item in step.items)
    return _("、").join([*map(_, step.actors), *items])


def parts_of(step: Step) -> tuple[str, ...]:
    """What a joint step needs signed: each actor, or each item; nothing of a step that one body takes."""
    return {"any": (), "all": step.actors, "items": tuple(item.item for item in step.items)}[step.mode]


def _places(chain: ChainState) -> range:
    return range(len(chain.kind.steps))


def _step(chain: ChainState, place: int, ledger: Ledger, acts: list[ActLine]) -> StepView:
    step, state = chain.kind.steps[place], step_state(chain, place)
    here = state in (StateKey.RUNNING, StateKey.WAITING)
    signed = chain.partly if here and not chain.returned_on else ()
    missing = tuple(part for part in parts_of(step) if part not in signed) if here else ()
    mark = state_word(ledger.plan, state)
    return StepView(
        step.verb, _(step.verb), actors_text(step), state, mark, tuple(act for act in acts if act.verb == step.verb),
        listed(signed) if parts_of(step) else "", listed(missing),
    )  # fmt: skip


def _act(row: Approval, ledger: Ledger) -> ActLine:
    day = ledger.as_of
    submitted = str(row.submitted_on) if row.submitted_on and row.submitted_on <= day else ""
    decided = str(row.decided_on) if row.decided_on and row.decided_on <= day else ""
    notes = [_("办公室代录")] if row.on_behalf is YesNo.YES else []
    notes += [_("越序：{why}", why=row.override)] if row.override else []
    return ActLine(
        row.id, row.round, row.verb, row.item or "", row.actor, submitted, decided,
        row.result.value if row.result and decided else "", row.number or "", row.opinion or "",
        _("；").join(notes), row.link or "",
    )  # fmt: skip
