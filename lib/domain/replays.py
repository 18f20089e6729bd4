"""All documents' chains (审批链) together: gates between them, what can be used again, and how they stood on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from operator import is_

from lib.domain.chains import ChainState, Requirements, replay
from lib.domain.world import Chains, World
from sheets_schema.documents import Approval, Document
from sheets_schema.plan_chains import Gate


def gate_requirement(gate: Gate, chains: Sequence[ChainState]) -> Callable[[Document], date | None]:
    """When a gate's requirement was met for a document, looked up among the chains replayed so far."""
    floor = gate.not_before or date.min
    if gate.requires_document is None:
        return lambda document: floor
    by_batch: dict[int, list[ChainState]] = defaultdict(list)
    for chain in chains:
        if chain.kind.kind == gate.requires_document:
            by_batch[chain.document.batch].append(chain)
    own = {batch for batch, found in by_batch.items() if any(chain.document.association for chain in found)}
    first: dict[tuple[int, str | None], date] = {}
    for batch, found in by_batch.items():
        for chain in found:
            day = chain.first_passed_on(gate.requires_step or "")
            whose = (batch, chain.document.association if batch in own else None)
            if day is not None:
                first[whose] = min(day, first.get(whose, day))

    def met(document: Document) -> date | None:
        day = first.get((document.batch, document.association if document.batch in own else None))
        return None if day is None else max(day, floor)

    return met


def chains_as_of(world: World, as_of: date) -> tuple[ChainState, ...]:
    """The chain of every document of the plan's batch on a day. Only those with later acts are replayed again."""
    mine = tuple(chain for chain in world.chains if chain.document.batch == world.plan.batch)
    later = {
        act.document
        for act in world.rows(Approval)
        if (act.decided_on or act.submitted_on or date.min) > as_of or (act.submitted_on or date.min) > as_of
    }
    if not later:
        return mine
    acts: dict[str, list[Approval]] = {name: [] for name in later}
    for act in world.rows(Approval):
        if act.document in later:
            acts[act.document].append(act)
    return tuple(
        replay(chain.document, acts[chain.document.id], world, as_of=as_of) if chain.document.id in later else chain
        for chain in mine
    )


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay with all it rests on besides the plan, to be used again while that is the same."""

    document: Document
    acts: list[Approval]
    met: Requirements
    signers: object
    state: ChainState


def replay_all(world: World, acts: Sequence[Approval]) -> Chains:
    """Every document's chain, in an order in which gates find what they require.

    What ``world.replays`` knows of the last time is used again; when no chain differs, the answer is the very same.
    """
    by_document: dict[str, list[Approval]] = defaultdict(list)
    for act in acts:
        by_document[act.document].append(act)
    by_kind: dict[str, list[Document]] = defaultdict(list)
    for document in world.rows(Document):
        by_kind[document.kind].append(document)
    needs: dict[str, set[str]] = {kind: set() for kind in world.plan.kinds}
    for gate in world.plan.gates:
        if gate.document and gate.requires_document and gate.document != gate.requires_document:
            needs[gate.document].add(gate.requires_document)
    known, signers = world.replays, world.signers
    former = next(iter(known.values())).signers if known else None
    if former == signers:
        signers = former
    replays: dict[str, Replay] = {}
    for kind in TopologicalSorter(needs).static_order():
        done = [replay.state for replay in replays.values()]
        gates = [(gate, gate_requirement(gate, done)) for gate in world.plan.gates if gate.document == kind]
        for document in by_kind.get(kind, ()):
            mine = by_document.get(document.id, [])
            met = {gate.id: requirement(document) for gate, requirement in gates}
            old = known.get(document.id)
            if old and old.signers is signers and old.document is document and old.acts == mine and old.met == met:
                replays[document.id] = old
                continue
            state = replay(document, mine, world, met)
            state = old.state if old and old.state == state else state
            replays[document.id] = Replay(document, mine, met, signers, state)
    chains = Chains(replays[document.id].state for document in world.rows(Document))
    world.replays = replays
    same = len(chains) == len(world.chains) and all(map(is_, chains, world.chains))
    return world.chains if same else chains
