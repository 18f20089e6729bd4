"""催办: what each unit is reminded of, how sharply, and what it is not reminded of and why (五（三）).

Counted is what 总览 counts: of a unit's dues each is either in its reminder or left out for a reason that is told.
Beside its own a unit is reminded of what others wait for it to do, and of phases it leads that are behind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from lib.domain.due import Due
from lib.domain.ledger import Ledger, PhaseState
from lib.domain.owners import audience
from lib.domain.workdays import unknown_year, working_days
from lib.i18n import _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.owed import next_step
from lib.views.prepared import prepared
from lib.views.whereto import Way, of_due, way
from lib.views.words import days_text, percent, share, state_word
from sheets_schema.plan import Plan
from sheets_schema.plan_work import LevelKey, StateKey

ORDER = tuple(reversed(LevelKey))
"""The sharpest first."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a unit is reminded of: its state and level as shape and word, what, by when and how long that is in
    days and working days, the clause, and what to do. ``own``: of its own dues; else others wait for it, or a phase.
    """

    state: StateKey
    mark: str
    level: LevelKey
    what: str
    due: date | None
    days_left: int
    workdays: int | None
    when: str
    clause: str
    remedy: str
    way: Way
    own: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One of a unit's dues that it is not reminded of, and why: mostly because it can do nothing about it."""

    state: StateKey
    mark: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one unit is reminded of: how many things by state, the sharpest level (None: of nothing), who it goes to,
    the things, the most urgent first, and what is left out."""

    unit: str
    level: LevelKey | None
    mark: str
    overdue: int
    near: int
    behind: int
    leader: str
    liaison: str
    items: tuple[Item, ...]
    left: tuple[LeftOut, ...]

    @property
    def title(self) -> str:
        """``逾期 3，临期 2``."""
        counts = [_("逾期 {n}", n=self.overdue)] if self.overdue else []
        counts += [_("临期 {n}", n=self.near)] if self.near else []
        counts += [_("滞后 {n}", n=self.behind)] if self.behind else []
        return _("，").join(counts)


@dataclass(slots=True)
class _Heap:
    """What gathers for one unit."""

    items: list[Item] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)


def reminders(ledger: Ledger, sight: Sight) -> tuple[Reminder, ...]:
    """The reminders of the units a sight takes in, the sharpest first; units with nothing to say about are not there.
    Each tells no more than its unit may see."""
    if of_units(sight) != sight:
        return prepared(reminders, ledger, of_units(sight))
    if sight.units is not None:
        return tuple(one for one in prepared(reminders, ledger, Sight()) if sight.shows(one.unit))
    heaps = _gathered(ledger)
    found = [_reminder(unit, heaps[unit], ledger) for unit in ledger.world.units if unit in heaps]
    return tuple(sorted(found, key=lambda one: (_rank(one.level), -one.overdue, -one.near, one.unit)))


def reminder(ledger: Ledger, unit: str) -> Reminder | None:
    """One unit's reminder as that unit itself would see it."""
    return next(iter(prepared(reminders, ledger, Sight(frozenset({unit}), personal=False))), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's line in the table of reminders. ``left``: things it is not reminded of; ``last``: when it was."""

    unit: str
    level: str
    overdue: int
    near: int
    behind: int
    left: int
    last: str


def table_of(_ledger: Ledger, found: tuple[Reminder, ...], last: tuple[tuple[str, str], ...]) -> tuple[Standing, ...]:
    """A line for each unit. ``last``: unit and when it was last reminded."""
    when = dict(last)
    return tuple(
        Standing(
            _(one.unit), one.mark, one.overdue, one.near, one.behind, len(one.left), when.get(one.unit, "—")
        )
        for one in found
    )  # fmt: skip


def level_word(plan: Plan, level: LevelKey | None) -> str:
    """Shape, light and word of a level, ``■ 红 督办``; a dash for none."""
    if level is None:
        return "—"
    held = plan.reminders.by_level[level]
    return f"{held.shape} {_(held.light)} {_(held.word)}"


def reaches(level: LevelKey | None, least: LevelKey) -> bool:
    """Whether a level is as sharp as ``least``, or sharper."""
    return level is not None and _rank(level) <= _rank(least)


def _rank(level: LevelKey | None) -> int:
    return ORDER.index(level) if level is not None else len(ORDER)


def _gathered(ledger: Ledger) -> dict[str, _Heap]:
    heaps: dict[str, _Heap] = defaultdict(_Heap)
    chains = {chain.document.id: chain for chain in ledger.chains}
    approved = {pilot.id: pilot.plan_approved_on is not None for pilot in ledger.pilots}
    for due in ledger.dues:
        chain = chains.get(due.record) if due.sheet == "documents" else None
        verb, turn = next_step(due, chain, ledger)
        owner, why = ledger.world.who(due.unit), _why_not(due, approved, ledger)
        if not why and owner not in turn:
            why = _("等{names}办理“{verb}”", names=listed(turn[:3]), verb=_(verb))
        if why:
            heaps[owner].left.append(LeftOut(due.state, state_word(ledger.plan, due.state), str(due.what), why))
        elif owner in ledger.world.units:
            heaps[owner].items.append(_item(due, verb, ledger, own=True))
        for unit in turn if not _why_not(due, approved, ledger) else ():
            if unit != owner and unit in ledger.world.units:
                seen = chain is None or unit in (audience(chain.document, ledger.world) or (unit,))
                heaps[unit].items.append(_item(due, verb, ledger, own=False, seen=seen))
    for phase in ledger.phases:
        for lead in dict.fromkeys(map(ledger.world.who, phase.phase.leads)):
            if phase.state is StateKey.BEHIND and lead in ledger.world.units:
                heaps[lead].items.append(_of_phase(phase, ledger))
    return heaps


def _why_not(due: Due, approved: dict[str, bool], ledger: Ledger) -> str:
    """Why nobody in the city can do anything about it now, or need not yet; blank when somebody can."""
    if due.state is StateKey.WAITING:
        return _(ledger.plan.lights.by_state[StateKey.WAITING].word)
    if due.state is StateKey.BEHIND:
        return _(ledger.plan.policies.waiting_national)
    if due.state is StateKey.NEAR and due.days_left > (ledger.plan.reminders.blue_days or due.days_left):
        return _("未到提醒的时候")
    if due.task is not None and not approved.get(due.task.association, True):
        for gate in ledger.plan.gates:
            if gate.checklist and gate.requires_document and gate.requires_step:
                return _("{kind}未{verb}", kind=_(gate.requires_document), verb=_(gate.requires_step))
    return ""


def _item(due: Due, verb: str, ledger: Ledger, *, own: bool, seen: bool = True) -> Item:
    """The due as an item. ``seen``: the unit may see the record it is about."""
    days = due.days_left
    level = LevelKey.BLUE if due.state is StateKey.NEAR else LevelKey.YELLOW
    level = LevelKey.RED if -days > ledger.plan.reminders.red_days else level
    what = str(due.what) if seen else _("{unit}：{kind}", unit=_(due.unit), kind=_(due.document_kind))
    there = of_due(due, ledger) if seen else way("approvals", unit=due.unit)
    return Item(
        due.state, state_word(ledger.plan, due.state), level, what, due.due, days, _workdays(due.due, ledger),
        _when(due.due, ledger), due.clause, _remedy(due, verb, ledger), there, own,
    )  # fmt: skip


def _of_phase(phase: PhaseState, ledger: Ledger) -> Item:
    due, plan = phase.due, ledger.plan
    what = _(
        "{phase}进度落后：已完成 {done}（{share}）", phase=_(phase.phase.title), done=share(phase.done, phase.total),
        share=percent(phase.share),
    )  # fmt: skip
    return Item(
        StateKey.BEHIND, state_word(plan, StateKey.BEHIND), LevelKey.YELLOW, what, due,
        (due - ledger.as_of).days if due else 0, _workdays(due, ledger) if due else None,
        _when(due, ledger) if due else "", phase.phase.clause, _("查明原因，督促未完成的单位"),
        way("phases"), own=False,
    )  # fmt: skip


def _workdays(due: date, ledger: Ledger) -> int | None:
    return working_days(due, ledger.as_of)


def _when(due: date, ledger: Ledger) -> str:
    """``逾期 12 天（8 个工作日）``; where the working days of a year are not known, it says so."""
    text, days = days_text((due - ledger.as_of).days), _workdays(due, ledger)
    if due == ledger.as_of:
        return text
    if days is None:
        return _("{text}（{year} 年的工作日安排未知）", text=text, year=unknown_year(due, ledger.as_of))
    return _("{text}（{n} 个工作日）", text=text, n=days)


def _remedy(due: Due, verb: str, ledger: Ledger) -> str:
    if due.task is not None:
        return _("办结后填写完成日期和佐证；确实办不了的写明原因")
    if due.sheet == "reports":
        headings = listed(heading.title for heading in ledger.plan.cadence.headings if heading.required)
        return _("写明{headings}后报送", headings=headings)
    if due.sheet == "policies":
        return _("推进到“{verb}”并登记文号和日期", verb=_(due.verb))
    return _("办理“{verb}”并登记", verb=_(verb))


def _urgency(item: Item) -> tuple[int, date]:
    return _rank(item.level), item.due or date.max


def _reminder(unit: str, heap: _Heap, ledger: Ledger) -> Reminder:
    items = tuple(sorted(heap.items, key=_urgency))
    counts = Counter(item.state for item in items)
    level = min((item.level for item in items), key=_rank, default=None)
    if counts[StateKey.OVERDUE] > ledger.plan.reminders.red_items:
        level = LevelKey.RED
    people = ledger.world.units[unit]
    return Reminder(
        unit, level, level_word(ledger.plan, level), counts[StateKey.OVERDUE], counts[StateKey.NEAR],
        counts[StateKey.BEHIND], people.leader or "", people.liaison or "", items, tuple(heap.left),
    )  # fmt: skip
