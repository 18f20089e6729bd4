"""机制与单位 (mechanism): who leads the work, what units lack, their own plans, meetings and publicity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.i18n import N_, _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.prepared import prepared
from lib.views.words import day, share, state_word
from sheets_schema.coordination import Event, EventKind
from sheets_schema.plan import RoleKey
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_work import StateKey

ISSUES = {"leader": "X07", "liaison": "X08", "name": "X09"}
"""What can be wrong at a unit → the rule that finds it."""
PLAN_STATES = {"none": N_("尚未制定"), "open": N_("办理中"), "done": N_("已办结"), "lacking": N_("内容不全")}


@dataclass(frozen=True, slots=True)
class Mechanism:
    """The working group as the plan has it; issue → records of the units that have it. Counts are the city's."""

    clause: str
    leaders: tuple[tuple[str, str], ...]
    total: int
    issues: dict[str, frozenset[str]]
    doubts: dict[str, str]
    """Unit → why the plan holds its name doubtful."""
    missing: tuple[str, ...]
    """Units of the plan without a row."""


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit's own plan: its document if there is one, where that stands, and which parts it names and lacks."""

    unit: str
    title: str
    record: str
    key: str
    state: str
    step: str
    parts: str
    lacking: str
    cells: tuple[tuple[str, str], ...]
    """What stands in the document's row: field → text, to start a form with."""


@dataclass(frozen=True, slots=True)
class UnitPlans:
    """Units' own plans, those somebody may see; the counts are the city's: state → how many."""

    kind: DocumentKind
    lines: tuple[UnitPlan, ...]
    counts: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class Publicity:
    """Meetings and publicity up to the as-of day: by kind, by unit and kind, and how many units have none."""

    by_kind: dict[str, int]
    rows: tuple[tuple[object, ...], ...]
    units: int
    silent: int


def mechanism(ledger: Ledger) -> Mechanism:
    """The working mechanism, 三."""
    plan, held = ledger.plan, ledger.plan.mechanism
    broken = {
        issue: frozenset(f.record for f in ledger.findings if f.rule == rule and f.record)
        for issue, rule in ISSUES.items()
    }
    names = {key(name) for row in ledger.world.units.values() for name in (row.name, *row.aliases)}
    doubts = {ledger.world.who(unit.name): unit.doubtful for unit in plan.units if unit.doubtful}
    return Mechanism(
        held.clause,
        (
            (_("工作机制"), _(held.group)), (_("组长"), listed(held.heads)), (_("副组长"), listed(held.deputies)),
            (_("办公室"), _(held.office)), (_("办公室主任"), listed(held.office_heads)),
        ),
        len(ledger.world.units), broken, doubts,
        tuple(u.name for u in plan.units if not names & {key(name) for name in (u.name, *u.aliases)}),
    )  # fmt: skip


def unit_plans(ledger: Ledger, sight: Sight) -> UnitPlans | None:
    """Units' own plans, 五（二）: of each member unit, and what others filed. None where the plan asks for none."""
    if of_units(sight) != sight:
        return prepared(unit_plans, ledger, of_units(sight))
    kind = next((kind for kind in ledger.plan.documents if kind.per is Scope.UNIT), None)
    if kind is None:
        return None
    chains = {chain.document.unit: chain for chain in ledger.chains if chain.kind is kind}
    member = ledger.plan.role(RoleKey.MEMBER)
    units = [unit for unit in ledger.world.units if member in ledger.world.roles_of(unit) or unit in chains]
    lines = [_unit_plan(unit, chains.get(unit), kind, ledger) for unit in units]
    counts = Counter(line.key for line in lines)
    counts["lacking"] = sum(bool(line.record and line.lacking) for line in lines)
    return UnitPlans(kind, tuple(line for line in lines if sight.shows(line.unit)), dict(counts), len(lines))


def _unit_plan(unit: str, chain: ChainState | None, kind: DocumentKind, ledger: Ledger) -> UnitPlan:
    if chain is None:
        return UnitPlan(unit, _(unit), "", "none", state_word(ledger.plan, StateKey.IDLE), _("尚未制定"), "—", "", ())
    document, step = chain.document, chain.next_step
    named = [part for part in kind.parts if part in document.parts]
    if step is None:
        where = _("{day} 已“{verb}”", day=day(chain.passed[-1].on), verb=_(chain.passed[-1].verb))
    elif chain.returned_on:
        where = _("{day} 退回，待另起一轮", day=day(chain.returned_on))
    else:
        where = _("待“{verb}”", verb=_(step.verb))
    held = ("title", document.title), ("parts", "、".join(document.parts)), ("link", document.link)
    cells = (*held, ("remark", document.remark))
    return UnitPlan(
        unit, _(unit), document.id, "open" if step else "done",
        state_word(ledger.plan, StateKey.RUNNING if step else StateKey.DONE), where,
        share(len(named), len(kind.parts)), listed(part for part in kind.parts if part not in named),
        tuple((name, text) for name, text in cells if text),
    )  # fmt: skip


def publicity(ledger: Ledger, sight: Sight) -> Publicity:
    """Meetings and publicity, 五（四）: counts of the city by kind; by unit for those the sight takes in."""
    if of_units(sight) != sight:
        return prepared(publicity, ledger, of_units(sight))
    events = [event for event in ledger.world.rows(Event) if event.held_on <= ledger.as_of]
    cells = Counter((event.unit, event.kind) for event in events)
    by_unit = Counter(event.unit for event in events)
    units = list(ledger.world.units)
    shown = sorted((unit for unit in units if sight.shows(unit)), key=lambda unit: by_unit[unit])
    return Publicity(
        {kind.value: sum(n for (_unit, k), n in cells.items() if k is kind) for kind in EventKind},
        tuple((_(unit), *(cells[unit, kind] for kind in EventKind), by_unit[unit]) for unit in shown),
        len(units), sum(not by_unit[unit] for unit in units),
    )  # fmt: skip
