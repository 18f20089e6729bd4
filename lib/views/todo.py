"""我的待办: what a unit owes and what the office must do next, by due date, each with the page that does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from lib.domain.ledger import Ledger
from lib.i18n import _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.chores import conflict_chores, office_chores, unit_chores
from lib.views.owed import Owed, documents_owed, owed
from lib.views.prepared import prepared
from lib.views.whereto import Way, way
from lib.views.words import days_text, short_day, state_word
from sheets_schema.plan import RoleKey
from sheets_schema.plan_work import StateKey

SORTS = {
    "near": frozenset({"overdue", "soon", "others"}),
    "overdue": frozenset({"overdue"}),
    "soon": frozenset({"soon"}),
    "others": frozenset({"others"}),
    "later": frozenset({"later"}),
    "all": frozenset({"overdue", "soon", "others", "later"}),
}
"""What one can ask to see → the sorts of things it takes in."""
_ORDER = {state: n for n, state in enumerate(StateKey)}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do as words, with the way to it. ``turn``: whose it is to act; empty: the office's."""

    state: StateKey
    mark: str
    what: str
    when: str
    clause: str
    unit: str
    waits: str
    """For whom it waits, where that is not whose list this is."""
    turn: tuple[str, ...]
    way: Way
    act: str
    count: int


@dataclass(frozen=True, slots=True)
class Todo:
    """What there is to do: the lines asked for, and how many things are overdue, near, and to come."""

    lines: tuple[Line, ...]
    overdue: int
    near: int
    others: int
    """Without a due date that is late or near: somebody waits for them all the same."""
    later: int
    """Due later, and nobody waits for them yet."""
    units: tuple[str, ...]


def todo(
    ledger: Ledger, sight: Sight, desk: bool, unit: str | None = None, show: str = "near", conflicts: int = 0
) -> Todo:
    """The view model of 我的待办. ``desk``: what the office itself must do (not for a unit's sight), else what units
    owe, of one ``unit`` or all that the sight takes in; ``show``: one of ``SORTS``."""
    if of_units(sight) != sight:
        return prepared(todo, ledger, of_units(sight), desk, unit, show, conflicts)
    office = desk and sight.units is None
    found = _of_office(ledger, unit, conflicts) if office else _of_units(ledger, sight, unit, conflicts)
    counts: Counter[str] = Counter()
    for one in found:
        counts[_sort(one)] += one.count
    shown = sorted((one for one in found if _sort(one) in SORTS[show]), key=_by_due)
    own = frozenset((unit,)) if unit else sight.units
    return Todo(
        tuple(_line(one, own, ledger) for one in shown),
        counts["overdue"], counts["soon"], counts["others"], counts["later"],
        tuple(name for name in ledger.world.units if sight.shows(name)),
    )  # fmt: skip


def _sort(one: Owed) -> str:
    """Overdue, soon due, something else that somebody waits for, or later."""
    if one.state is StateKey.OVERDUE:
        return "overdue"
    if one.state is StateKey.NEAR:
        return "soon"
    return "others" if one.now or one.state is StateKey.WAITING else "later"


def _of_office(ledger: Ledger, unit: str | None, conflicts: int) -> list[Owed]:
    """The office's own: its chores, and documents whose next step is a lead's, or of a body that is no unit."""
    world = ledger.world
    lead = ledger.plan.role(RoleKey.LEAD)
    others = {name for name in world.units if lead not in world.roles_of(name)}
    papers = [one for one in documents_owed(ledger) if set(one.turn) - others and unit in (None, one.unit)]
    return [*office_chores(ledger, unit, conflicts), *papers]


def _of_units(ledger: Ledger, sight: Sight, unit: str | None, conflicts: int) -> list[Owed]:
    """What units owe, and documents that wait for them; a unit's own conflicts, all others are the office's."""
    found = owed(ledger, by_pilot=unit is not None or sight.units is not None)
    mine = [_shown(one, sight) for one in found if _concerns(one, sight) and unit in (None, one.unit, *one.turn)]
    names = [name for name in ledger.world.units if sight.shows(name) and unit in (None, name)]
    mine += conflict_chores(conflicts if sight.units is not None else 0)
    return mine + [chore for name in names for chore in unit_chores(ledger, name)]


def _concerns(one: Owed, sight: Sight) -> bool:
    return sight.shows(one.unit, *one.turn)


def _shown(one: Owed, sight: Sight) -> Owed:
    """The line as a sight may read it: of another unit's record whose turn it is, its sort and unit alone."""
    if sees(sight, one.audience):
        return one
    return replace(one, what=one.public, way=way("approvals", unit=one.unit))


def _by_due(one: Owed) -> tuple[bool, date, int, str]:
    return one.state is StateKey.WAITING, one.due or date.max, _ORDER[one.state], one.unit


def _line(one: Owed, own: frozenset[str] | None, ledger: Ledger) -> Line:
    when = ""
    if one.due is not None:
        when = f"{short_day(one.due)} · {days_text((one.due - ledger.as_of).days)}"
    elsewhere = bool(one.turn) and (not own.intersection(one.turn) if own else one.unit not in one.turn)
    waits = _("等{names}", names=listed(one.turn[:3])) if elsewhere and len(one.turn) <= 3 else ""
    named = bool(one.unit) and own != frozenset((one.unit,))
    return Line(
        one.state, state_word(ledger.plan, one.state), one.what, when, _(one.clause), _(one.unit) if named else "",
        waits, one.turn, one.way, one.act, one.count,
    )  # fmt: skip


def theirs(line: Line, units: Iterable[str]) -> bool:
    """Whether it is one of these units' turn."""
    return not line.turn or bool(set(line.turn) & set(units))
