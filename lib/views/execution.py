"""试点实施: pilots against separations, one pilot's checklist, and one item across pilots (四（五）)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib.domain.cells import looks_like_url
from lib.domain.due import state_of
from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.domain.pilots import Pilot, Tally, go_ahead
from lib.domain.terms import Terms, terms_of
from lib.i18n import N_, _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.prepared import prepared
from lib.views.words import share, state_word
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Task, TaskStatus, Unfinished

UNEXPLAINED = "unexplained"
"""The mark of a pilot with overdue items that give no reason."""
MARKS = {
    StateKey.OVERDUE.value: N_("有逾期事项"),
    StateKey.NEAR.value: N_("有临期事项"),
    "silent": N_("久无动态"),
    "shut": N_("尚不可开展事项"),
    "unlisted": N_("清单不全"),
    "unfinished": N_("未完成"),
    Unfinished.POLICY_MISSING.name.lower(): N_("因政策缺失未完成"),
    Unfinished.WORK_LAGGING.name.lower(): N_("因工作不到位未完成"),
    UNEXPLAINED: N_("逾期未注明原因"),
    "pending": N_("有未到时限的"),
    StateKey.DONE.value: N_("全部完成"),
    "closed": N_("有已销号的"),
}
"""What a pilot can be looked for by (``?state=``), and its words."""


@dataclass(frozen=True, slots=True)
class Item:
    """One checklist item of one pilot as shown; ``state`` None where no row of it is in force."""

    pilot: str
    name: str
    unit: str
    item: str
    record: str
    part: str
    label: str
    state: StateKey | None
    mark: str
    planned: str
    done: str
    owner: str
    evidence: str
    link: str | None
    signers: str
    signed: str
    left_out_because: str
    unfinished: str
    problem: str
    next_step: str
    late: bool


@dataclass(frozen=True, slots=True)
class PilotLine:
    """One pilot: its state, share done, a cell for each separation, its items, and what it can be looked for by."""

    id: str
    name: str
    unit: str
    state: StateKey
    mark: str
    done: str
    cells: tuple[str, ...]
    quiet: str
    marks: frozenset[str]
    items: tuple[Item, ...]
    unrecorded: int
    approved_on: date | None
    left_out: int

    @property
    def row(self) -> tuple[str, ...]:
        """Its line in the matrix."""
        return self.name, _(self.unit), self.mark, self.done, *self.cells, self.quiet


@dataclass(frozen=True, slots=True)
class Execution:
    """The figures of the whole city, and the pilots that a sight takes in."""

    done: int
    total: int
    pilots: int
    finished: int
    silent: int
    overdue: int
    lines: tuple[PilotLine, ...]

    def where(self, unit: str | None = None, mark: str | None = None, text: str = "") -> tuple[PilotLine, ...]:
        """The pilots of a unit, with a mark, and with a text in their name, id or unit."""
        sought = key(text)
        return tuple(
            line for line in self.lines
            if unit in (None, line.unit) and (mark is None or mark in line.marks)
            and (not sought or any(sought in key(cell) for cell in (line.id, line.name, line.unit)))
        )  # fmt: skip

    def find(self, pilot: str | None) -> PilotLine | None:
        """A pilot by its association's id."""
        return next((line for line in self.lines if line.id == pilot), None)


def execution(ledger: Ledger, sight: Sight) -> Execution:
    """The view model of 试点实施."""
    if of_units(sight) != sight:
        return prepared(execution, ledger, of_units(sight))
    terms = terms_of(ledger.world, ledger.as_of)
    tally = ledger.tally
    return Execution(
        tally.done, tally.total, len(ledger.pilots), sum(pilot.finished for pilot in ledger.pilots),
        sum(is_silent(pilot, ledger.plan) for pilot in ledger.pilots),
        sum(due.sheet == "tasks" for due in ledger.overdue),
        tuple(_line(pilot, ledger, terms) for pilot in ledger.pilots if sight.shows(pilot.unit)),
    )  # fmt: skip


def is_silent(pilot: Pilot, plan: Plan) -> bool:
    """Whether a pilot at work has sent no news for the days the plan names."""
    return pilot.silent_for is not None and pilot.silent_for >= plan.cadence.silent_days and not pilot.finished


def _line(pilot: Pilot, ledger: Ledger, terms: Terms) -> PilotLine:
    plan = ledger.plan
    held = {task.item: task for task in pilot.work.tasks}
    items = tuple(_item(pilot, item, held.get(item), ledger, terms) for item in plan.checklist.items)
    state = _state(pilot, items)
    quiet = _("{n} 天", n=pilot.silent_for) if pilot.silent_for is not None else "—"
    return PilotLine(
        pilot.id, pilot.name, pilot.unit, state, state_word(plan, state),
        share(pilot.tally.done, pilot.tally.total),
        tuple(_cell(pilot.by_separation[part.id], [i for i in items if i.part == part.id], plan)
              for part in plan.checklist.separations),
        quiet, frozenset(_marks(pilot, items, ledger)), items, pilot.unrecorded, pilot.plan_approved_on,
        pilot.tally.not_applicable,
    )  # fmt: skip


def _item(pilot: Pilot, item: str, task: Task | None, ledger: Ledger, terms: Terms) -> Item:
    part, listed_item = ledger.plan.checklist.items[item]
    state = item_state(task, ledger, terms) if task else None
    done = task.done_on if task and state is StateKey.DONE else None
    evidence = (task.evidence or "") if task else ""
    return Item(
        pilot.id, pilot.name, pilot.unit, item, task.id if task else "", part.id,
        f"{item} {_(listed_item.title)}", state,
        item_word(ledger.plan, task, state),
        _text(task and task.planned_on), _text(done), _text(task and task.owner), evidence,
        evidence if looks_like_url(evidence) else None, listed(listed_item.sign_off), _text(task and task.signed_by),
        _text(task and task.not_applicable_reason),
        task.unfinished.value if task and task.unfinished else "",
        _text(task and task.problem), _text(task and task.next_step),
        bool(done and task and task.planned_on and done > task.planned_on),
    )  # fmt: skip


def _text(value: object) -> str:
    return str(value) if value else ""


def item_state(task: Task, ledger: Ledger, terms: Terms) -> StateKey:
    """An item's state on the day; LEFT_OUT where it does not apply."""
    if task.status is TaskStatus.NOT_APPLICABLE:
        return StateKey.LEFT_OUT
    if task.status is TaskStatus.DONE and task.done_on and task.done_on <= ledger.as_of:
        return StateKey.DONE
    by_calendar = state_of(terms.of_task(task), ledger.as_of, ledger.plan.lights.near_days)
    if by_calendar is StateKey.RUNNING and task.status is TaskStatus.IDLE:
        return StateKey.IDLE
    return by_calendar


def item_word(plan: Plan, task: Task | None, state: StateKey | None) -> str:
    """Shape and word of an item."""
    if state is None:
        return _("＋ 未登记")
    if state is StateKey.LEFT_OUT:
        return _("— 不涉及")
    closed = _("（已销号）") if task is not None and task.closed_on and state is StateKey.DONE else ""
    return state_word(plan, state) + closed


def _state(pilot: Pilot, items: tuple[Item, ...]) -> StateKey:
    """A pilot's state is that of its worst item."""
    if pilot.finished:
        return StateKey.DONE
    states = {item.state for item in items}
    for worst in (StateKey.OVERDUE, StateKey.NEAR):
        if worst in states:
            return worst
    return StateKey.RUNNING if states & {StateKey.RUNNING, StateKey.DONE} else StateKey.IDLE


def _cell(tally: Tally, items: list[Item], plan: Plan) -> str:
    """Shape, word and share of one separation of one pilot."""
    if not tally.total:
        return _("— 不涉及") if tally.not_applicable else _("＋ 未登记")
    states = {item.state for item in items}
    state = StateKey.DONE if tally.done == tally.total and None not in states else StateKey.IDLE
    if state is not StateKey.DONE and states & {StateKey.OVERDUE, StateKey.RUNNING, StateKey.NEAR, StateKey.DONE}:
        state = StateKey.OVERDUE if StateKey.OVERDUE in states else StateKey.RUNNING
    return f"{state_word(plan, state)} {tally.done}/{tally.total}"


def _marks(pilot: Pilot, items: tuple[Item, ...], ledger: Ledger) -> set[str]:
    found = {item.state.value for item in items if item.state in (StateKey.OVERDUE, StateKey.NEAR)}
    late = [task for task in pilot.work.tasks if _is_open(task, ledger.as_of)]
    found |= {task.unfinished.name.lower() for task in late if task.unfinished}
    held = {task.item: task for task in pilot.work.tasks}
    if any(item.state is StateKey.OVERDUE and not held[item.item].unfinished for item in items):
        found.add(UNEXPLAINED)
    pending = {item.item for item in items if item.state is not StateKey.OVERDUE}
    checks = {
        "silent": is_silent(pilot, ledger.plan), "unlisted": pilot.unrecorded > 0,
        "shut": pilot.plan_approved_on is None and go_ahead(ledger.plan) is not None, "unfinished": not pilot.finished,
        "pending": any(task.item in pending and not task.unfinished for task in late),
        StateKey.DONE.value: pilot.finished,
        "closed": any(task.closed_on is not None and task.closed_on <= ledger.as_of for task in pilot.work.tasks),
    }  # fmt: skip
    return found | {name for name, holds in checks.items() if holds}


def _is_open(task: Task, as_of: date) -> bool:
    """Whether an item applies and is not done on the day."""
    if task.status is TaskStatus.NOT_APPLICABLE:
        return False
    return not (task.status is TaskStatus.DONE and task.done_on is not None and task.done_on <= as_of)
