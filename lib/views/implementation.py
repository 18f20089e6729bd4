"""实施方案: one for each pilot, what it has to name, where it stands, and what holds it back (四（四）)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.due import Due
from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.domain.pilots import Pilot
from lib.domain.replays import gate_requirement
from lib.domain.terms import terms_of
from lib.i18n import _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.approvals import MissingLine
from lib.views.chain import steps_text
from lib.views.phases import GateView, gate_view
from lib.views.prepared import prepared
from lib.views.words import share, state_word
from sheets_schema.plan import Plan
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_work import StateKey


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One pilot's plan. ``missing``: what it does not name yet; ``gate``: what its next step waits for."""

    id: str
    name: str
    unit: str
    mark: str
    stage: str
    parts: str
    missing: str
    steps: str
    gate: str
    due: str
    document: str
    sorts: tuple[str, ...]
    """What it is counted as: drafted, complete, approved, overdue."""


@dataclass(frozen=True, slots=True)
class Plans:
    """Everything 实施方案 shows: figures of the whole city, the pilots of a sight, and the gates."""

    kind: str
    clause: str
    expected: int
    drafted: int
    complete: int
    approved: int
    until: str
    overdue: int
    lines: tuple[PlanLine, ...]
    gates: tuple[GateView, ...]

    def where(self, stage: str, unit: str | None, text: str) -> tuple[PlanLine, ...]:
        """The pilots that fit."""
        sought = key(text)
        return tuple(
            line
            for line in self.lines
            if stage in ("all", line.stage, *line.sorts)
            and unit in (None, line.unit)
            and sought in key(f"{line.id}\n{line.name}\n{line.unit}\n{line.document}\n{line.missing}")
        )


def plan_kind(plan: Plan) -> DocumentKind | None:
    """The kind of document that every pilot owes with parts it has to name; None where a plan has none."""
    return next((kind for kind in plan.documents if kind.per is Scope.PILOT and kind.parts), None)


def implementation(ledger: Ledger, sight: Sight) -> Plans | None:
    """The view model of 实施方案; None where the plan asks for no such document."""
    if of_units(sight) != sight:
        return prepared(implementation, ledger, of_units(sight))
    kind = plan_kind(ledger.plan)
    if kind is None:
        return None
    chains = {chain.document.association: chain for chain in ledger.chains if chain.kind is kind}
    dues = [due for due in ledger.dues if due.document_kind == kind.kind]
    late = {due.owner: due for due in dues}
    until = dues_until(kind, ledger)
    lines = [_line(pilot, kind, chains.get(pilot.id), late.get(pilot.name), until, ledger) for pilot in ledger.pilots]
    counts = Counter(sort for line in lines for sort in line.sorts)
    return Plans(
        kind.kind, kind.clause, len(lines), counts["drafted"], counts["complete"], counts["approved"], until,
        counts["overdue"],
        tuple(sorted((line for line in lines if sight.shows(line.unit)), key=lambda line: line.stage == "done")),
        tuple(gate_view(gate, ledger) for gate in ledger.plan.gates if gate.document == kind.kind),
    )  # fmt: skip


def dues_until(kind: DocumentKind, ledger: Ledger) -> str:
    """The step by which the plan takes a document for delivered; without a phase, its last one."""
    phase = ledger.plan.phase_by_id.get(kind.phase or "")
    owed = phase.deliverables if phase else ()
    return next((d.until for d in owed if d.document == kind.kind), kind.steps[-1].verb)


def lacking(chain: ChainState) -> tuple[str, ...]:
    """What a document has to name by the plan and does not."""
    return tuple(part for part in chain.kind.parts if part not in chain.document.parts)


def to_begin(line: PlanLine, plans: Plans) -> MissingLine:
    """A pilot's plan that nobody has begun, for the form that begins it."""
    return MissingLine(
        f"{plans.kind}:{line.id}", plans.kind, line.name, line.unit, line.due, line.mark, line.id, ""
    )  # fmt: skip


def _line(
    pilot: Pilot, kind: DocumentKind, chain: ChainState | None, due: Due | None, until: str, ledger: Ledger
) -> PlanLine:
    missing = lacking(chain) if chain else kind.parts
    state = _state(chain, due)
    on = terms_of(ledger.world, ledger.as_of).of_kind(kind, chain.document if chain else None)
    sorts = {
        "drafted": chain is not None, "complete": chain is not None and not missing,
        "approved": chain is not None and chain.passed_on(until) is not None,
        "overdue": due is not None and due.state is StateKey.OVERDUE,
    }  # fmt: skip
    return PlanLine(
        pilot.id, pilot.name, pilot.unit, state_word(ledger.plan, state), _stage(chain),
        share(len(kind.parts) - len(missing), len(kind.parts)), listed(missing),
        steps_text(chain, ledger) if chain else "", _held_back(chain, ledger), str(on or ""),
        chain.document.id if chain else "", tuple(sort for sort, is_so in sorts.items() if is_so),
    )  # fmt: skip


def _state(chain: ChainState | None, due: Due | None) -> StateKey:
    if chain is not None and chain.done:
        return StateKey.DONE
    if due is not None:
        return due.state
    return StateKey.RUNNING if chain is not None and chain.acts else StateKey.IDLE


def _stage(chain: ChainState | None) -> str:
    if chain is None:
        return "missing"
    return "done" if chain.done else "returned" if chain.returned_on else "running"


def _held_back(chain: ChainState | None, ledger: Ledger) -> str:
    """The gates of the next step that are still shut for this document."""
    step = chain.next_step if chain else None
    if chain is None or step is None:
        return ""
    here = [gate for gate in ledger.plan.gates if gate.document == chain.kind.kind and step.verb in gate.steps]
    met = [(gate, gate_requirement(gate, ledger.chains)(chain.document)) for gate in here]
    return _("；").join(_(gate.title) for gate, on in met if on is None or on > ledger.as_of)
