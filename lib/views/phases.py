"""阶段 (phases): each phase with its dates, leads, deliverables, chains as steps, and the gates between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.findings import Severity
from lib.domain.ledger import Ledger, PhaseState
from lib.domain.owners import audience
from lib.domain.pilots import Pilot
from lib.i18n import _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.prepared import prepared
from lib.views.words import day, days_text, light, percent, share, state_word
from sheets_schema.phases import PhaseNote
from sheets_schema.plan_chains import DocumentKind, Gate, Scope
from sheets_schema.plan_work import StateKey


@dataclass(frozen=True, slots=True)
class StepMark:
    """A step as shown: its verb, who acts, how many documents have passed it, and its state."""

    verb: str
    actors: str
    state: StateKey
    shape: str
    colour: str
    detail: str


@dataclass(frozen=True, slots=True)
class Open:
    """A document not through its chain: whose, where it stands, since when."""

    owner: str
    step: str
    since: str
    note: str


@dataclass(frozen=True, slots=True)
class ChainView:
    """One kind of document: its steps, and the documents still on the way."""

    kind: str
    clause: str
    done: str
    steps: tuple[StepMark, ...]
    open: tuple[Open, ...]


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate: what it holds back, what it waits for, and whether it is open."""

    title: str
    clause: str
    effect: str
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One phase as the page shows it."""

    id: str
    title: str
    clause: str
    state: str
    state_key: StateKey
    colour: str
    summary: str
    dates: str
    leads: str
    partners: str
    deliverables: tuple[str, ...]
    progress: float
    chains: tuple[ChainView, ...]
    gates: tuple[GateView, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Phases:
    """Everything 阶段 shows."""

    phases: tuple[PhaseView, ...]
    standing: tuple[ChainView, ...]


def phases(ledger: Ledger, sight: Sight) -> Phases:
    """The view model of 阶段; ``standing`` holds the chains that belong to no phase. How far each kind of document is
    everybody may see; which ones are still open, for the units a sight takes in and of the city's own."""
    if of_units(sight) != sight:
        return prepared(phases, ledger, of_units(sight))
    return Phases(
        tuple(_phase(state, ledger, sight) for state in ledger.phases),
        tuple(_chain(k, ledger, sight) for k in ledger.plan.documents if not k.phase and k.tracked_in == "documents"),
    )


def _phase(state: PhaseState, ledger: Ledger, sight: Sight) -> PhaseView:
    plan, phase = ledger.plan, state.phase
    kinds = [k for k in plan.documents if k.phase == phase.id]
    gates = [
        g for g in plan.gates if any(g.document == k.kind for k in kinds) or (g.checklist and phase.executes_checklist)
    ]
    deliverables = tuple(
        _(
            "{name}：{done} 已“{verb}”",
            name=_(d.deliverable.document),
            done=share(d.done, d.total),
            verb=_(d.deliverable.until),
        )
        for d in state.deliverables
    )
    if phase.executes_checklist:
        tally = ledger.tally
        deliverables += (
            _("脱钩事项：{done}（{percent}）", done=share(tally.done, tally.total), percent=percent(tally.share)),
        )
    return PhaseView(
        phase.id, _(phase.title), phase.clause, state_word(plan, state.state), state.state,
        light(plan, state.state).colour, _summary(state, ledger),
        _("{start} 至 {due}", start=day(phase.start) if phase.start else _("未定"), due=day(state.due, weekday=True)),
        listed(phase.leads), listed(phase.partners), deliverables, state.share,
        tuple(_chain(kind, ledger, sight) for kind in kinds if kind.tracked_in == "documents"),
        tuple(gate_view(gate, ledger) for gate in gates), _note(phase.id, ledger),
    )  # fmt: skip


def _summary(state: PhaseState, ledger: Ledger) -> str:
    if state.state is StateKey.DONE:
        late = state.days_late
        return (
            _("{day} 办结，晚 {n} 天", day=day(state.done_on), n=late)
            if late
            else _("{day} 按期办结", day=day(state.done_on))
        )
    if state.state is StateKey.WAITING:
        late = state.days_late
        return _("已报出（晚 {n} 天），等待上级办理", n=late) if late else _("已按期报出，等待上级办理")
    if state.due is None:
        return _("时限未定")
    return days_text((state.due - ledger.as_of).days)


def _note(phase_id: str, ledger: Ledger) -> str:
    for row in ledger.world.rows(PhaseNote):
        if row.id == phase_id:
            parts = [text for text in (row.progress, row.problem, row.next_step) if text]
            return _("；").join(parts)
    return ""


def _chain(kind: DocumentKind, ledger: Ledger, sight: Sight) -> ChainView:
    chains = [chain for chain in ledger.chains if chain.kind is kind]
    broken = _broken_documents(ledger)
    expected = _expected(kind, ledger, len(chains))
    steps = []
    for ordinal, step in enumerate(kind.steps):
        passed = sum(len(chain.passed) > ordinal for chain in chains)
        here = [chain for chain in chains if len(chain.passed) == ordinal and chain.acts]
        state = _step_state(passed, expected, here, broken)
        mark = light(ledger.plan, state)
        actors = _("、").join(
            [*map(_, step.actors), *(_("{text}（{more}）", text=_(i.item), more=listed(i.actors)) for i in step.items)]
        )
        detail = share(passed, expected) if kind.per is not Scope.ONCE else _step_detail(chains, ordinal)
        steps.append(StepMark(_(step.verb), actors, state, mark.shape, mark.colour, detail))
    on_the_way = [chain for chain in chains if not chain.done and sees(sight, audience(chain.document, ledger.world))]
    opened = [_open(chain, ledger, broken) for chain in on_the_way]
    missing = [pilot for pilot in _missing(kind, ledger, chains) if sight.shows(pilot.unit)]
    opened += [Open(pilot.name, _("尚未起草"), "", "") for pilot in missing]
    through = sum(chain.done for chain in chains)
    return ChainView(_(kind.kind), kind.clause, share(through, expected), tuple(steps), tuple(opened))


def _broken_documents(ledger: Ledger) -> dict[str, int]:
    """Document id → how many of its acts have no effect because they break the order."""
    return Counter(
        chain.document.id for chain in ledger.world.chains for hit in chain.hits if hit.rule.severity is Severity.ERROR
    )


def _expected(kind: DocumentKind, ledger: Ledger, existing: int) -> int:
    for phase in ledger.phases:
        for state in phase.deliverables:
            if state.deliverable.document == kind.kind:
                return state.total
    return existing


def _step_state(passed: int, expected: int, here: list[ChainState], broken: dict[str, int]) -> StateKey:
    if any(chain.document.id in broken for chain in here):
        return StateKey.OVERDUE
    if expected and passed >= expected:
        return StateKey.DONE
    if any(chain.waiting_superior for chain in here):
        return StateKey.WAITING
    if passed or any(chain.pending_since or chain.acts for chain in here):
        return StateKey.RUNNING
    return StateKey.IDLE


def _step_detail(chains: list[ChainState], ordinal: int) -> str:
    for chain in chains:
        if len(chain.passed) > ordinal:
            return day(chain.passed[ordinal].on)
        if len(chain.passed) == ordinal and chain.pending_since:
            return _("{day} 报出", day=day(chain.pending_since))
    return ""


def _open(chain: ChainState, ledger: Ledger, broken: dict[str, int]) -> Open:
    step = chain.next_step
    assert step is not None
    since = chain.pending_since or (chain.passed[-1].on if chain.passed else chain.returned_on)
    notes = []
    if chain.document.id in broken:
        notes.append(_("有 {n} 行办理记录有错误，未生效", n=broken[chain.document.id]))
    if chain.returned_on:
        notes.append(_("{day} 退回，待另起一轮", day=day(chain.returned_on)))
    elif chain.waiting_superior:
        notes.append(_("等待上级"))
    elif chain.pending_since:
        notes.append(_("已报送，待办结"))
    if chain.partly:
        notes.append(_("已签：{names}", names=listed(chain.partly)))
    return Open(
        _owner(chain, ledger), _("待“{verb}”", verb=_(step.verb)), day(since) if since else "", _("；").join(notes)
    )


def _owner(chain: ChainState, ledger: Ledger) -> str:
    document = chain.document
    association = ledger.world.associations.get(document.association or "")
    if association:
        return association.name
    if document.unit:
        return _(document.unit)
    return document.period or document.area or document.title or _(document.kind)


def _missing(kind: DocumentKind, ledger: Ledger, chains: list[ChainState]) -> list[Pilot]:
    if kind.per is Scope.PILOT and not any(
        p.phase.id == kind.phase and p.state is StateKey.IDLE for p in ledger.phases
    ):
        present = {chain.document.association for chain in chains}
        due = next((p for p in ledger.phases if p.phase.id == kind.phase), None)
        if due and due.due and ledger.as_of > due.due:
            return [pilot for pilot in ledger.pilots if pilot.id not in present]
    return []


def gate_view(gate: Gate, ledger: Ledger) -> GateView:
    """A gate on the as-of day: for how many documents it is open."""
    effect = _("不满足则不生效") if gate.effect == "block" else _("不满足则提醒")
    if gate.requires_document is None:
        is_open = gate.not_before is None or gate.not_before <= ledger.as_of
        state = _("已到日期") if is_open else _("未到日期")
        return GateView(_(gate.title), gate.clause, effect, state, is_open)
    chains = [c for c in ledger.chains if c.kind.kind == gate.requires_document]
    met = sum(c.passed_on(gate.requires_step or "") is not None for c in chains)
    total = max(_expected(ledger.plan.kinds[gate.requires_document], ledger, len(chains)), len(chains))
    return GateView(
        _(gate.title), gate.clause, effect, _("已满足 {done}", done=share(met, total)), bool(total) and met >= total
    )
