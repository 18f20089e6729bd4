"""The checks behind the A rules: approvals replayed against their chains, and what waits on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from lib.domain.findings import Hit, checks
from lib.domain.quota import list_kind, submitting
from lib.domain.replays import replay_all
from lib.domain.rules import approvals as A
from lib.domain.world import Chains, World
from lib.i18n import T_
from sheets_schema.documents import Approval
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.plan_chains import Gate
from sheets_schema.sheet import YesNo
from sheets_schema.tasks import Task, TaskStatus

if TYPE_CHECKING:
    from lib.domain.ledger import Figures


@checks(A.A11, A.A15, A.A16, sheet="approvals", local=True)
def complete_acts(rows: Sequence[Approval], world: World) -> Iterator[Hit]:
    """An act has a date, and a result with its day."""
    for row in rows:
        place = {"sheet": "approvals", "row": row.row, "record": row.id}
        if row.submitted_on is None and row.decided_on is None:
            yield A.A15.hit(**place, column="submitted_on", verb=row.verb)
        elif (row.result is None) != (row.decided_on is None):
            missing = "result" if row.result is None else "decided_on"
            what = world.table(Approval).sheet.label_of(missing)
            yield A.A11.hit(**place, column=missing, what=f"“{what}”")
        if row.on_behalf is YesNo.YES:
            yield A.A16.hit(**place, column="on_behalf", verb=row.verb, actor=row.actor)


@checks(A.A01, A.A02, A.A03, A.A04, A.A05, A.A06, A.A07, A.A08, A.A09, A.A12, sheet="approvals", tier=2)
def order_of_acts(rows: Sequence[Approval], world: World) -> Iterator[Hit]:
    """Every chain replayed: what breaks the order has no effect."""
    world.chains = replay_all(world, rows)
    for chain in world.chains:
        yield from chain.hits


@checks(A.A17, sheet="nominations", local=True)
def selected_from_a_list(rows: Sequence[Nomination], world: World) -> Iterator[Hit]:
    """An association is selected from a list its unit has submitted, in whatever round, where the plan asks for one."""
    kind = list_kind(world.plan)
    if kind is None:
        return
    verb = submitting(kind).verb
    days = {(c.document.batch, c.document.unit): c.first_passed_on(verb) for c in world.chains if c.kind is kind}
    for row in rows:
        day = days.get((row.batch, row.unit))
        if row.status is NominationStatus.SELECTED and (day is None or (row.selected_on or day) < day):
            yield A.A17.hit(
                sheet="nominations", row=row.row, column="selected_on" if day else "status", record=row.id,
                value=row.selected_on if day else row.status.value, clause=kind.clause,
                name=world.associations[row.association].name, unit=row.unit, kind=kind.kind, verb=verb,
                state=T_("{day} 才通过“{verb}”", day=day, verb=verb) if day else T_("尚未通过“{verb}”", verb=verb),
                options=NominationStatus.NOMINATED.value,
            )  # fmt: skip


@checks(A.A07, A.A10, sheet="tasks", local=True)
def checklist_gate(rows: Sequence[Task], world: World) -> Iterator[Hit]:
    """A pilot's checklist starts only after what the plan's gates require."""
    for gate in (gate for gate in world.plan.gates if gate.checklist):
        met = _met(gate, world)
        begun = (TaskStatus.RUNNING, TaskStatus.DONE)
        for row in [row for row in rows if row.status in begun]:
            pilot = (row.batch, row.association)
            day = met[pilot] if pilot in met else met.get((row.batch, None))
            if day is None or (row.done_on is not None and row.done_on < day):
                yield _gate_hit(row, gate, day)


def _met(gate: Gate, world: World) -> Mapping[tuple[int, str | None], date | None]:
    """(batch, association or None for all) → the day a checklist gate opened; None while it is shut."""
    floor = gate.not_before or date.min
    if gate.requires_document is None:
        return dict.fromkeys(world.table(Nomination).look_up(_batches), floor)
    return world.chains.look_up(_opened, gate.requires_document, gate.requires_step or "", floor)


def _batches(rows: tuple[Nomination, ...]) -> set[tuple[int, None]]:
    return {(row.batch, None) for row in rows}


def _opened(chains: Chains, document: str, verb: str, floor: date) -> dict[tuple[int, str | None], date | None]:
    mine = [chain for chain in chains if chain.kind.kind == document]
    days = ((chain.document, chain.first_passed_on(verb)) for chain in mine)
    return {(of.batch, of.association): max(day, floor) if day else None for of, day in days}


def _gate_hit(row: Task, gate: Gate, day: date | None) -> Hit:
    place = {
        "sheet": "tasks", "row": row.row, "column": "done_on" if day else "status", "record": row.id,
        "value": row.done_on if day else row.status.value, "clause": gate.clause, "gate": gate.title,
    }  # fmt: skip
    if gate.effect == "warn":
        return A.A07.hit(**place, verb=row.item)
    words = {"document": gate.requires_document, "step": gate.requires_step}
    if gate.requires_document is None:
        return A.A10.hit(**place, state=T_("自 {day} 起方可开始", day=day))
    passed, not_yet = (
        T_("的{document}于 {day} 通过“{step}”", **words, day=day),
        T_("的{document}尚未通过“{step}”", **words),
    )
    return A.A10.hit(**place, state=passed if day else not_yet)


@checks(A.A13, A.A14)
def standing(figures: Figures) -> Iterator[Hit]:
    """Where documents wait above the city, and plans approved although parts are missing."""
    for chain in figures.chains:
        document, kind = chain.document, chain.kind
        place = {"sheet": "documents", "row": document.row, "record": document.id, "clause": kind.clause}
        if chain.waiting_superior and chain.next_step:
            step = chain.next_step
            yield A.A13.hit(**place, column="kind", kind=kind.kind, actor=step.actors, verb=step.verb)
        missing = [part for part in kind.parts if part not in document.parts]
        if missing and len(chain.passed) > 1:
            yield A.A14.hit(
                **place, column="parts", value="、".join(document.parts), kind=kind.kind,
                verb=chain.passed[-1].verb, missing=tuple(missing),
            )  # fmt: skip
