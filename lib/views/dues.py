"""What is late or near (逾期与临期), by unit, as words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lib.domain.due import Due
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services.policy import Sight
from lib.views.whereto import Way, of_due
from lib.views.words import days_text, short_day, state_word
from sheets_schema.plan_work import StateKey

PER_UNIT = 6
"""Entries shown for one unit before the rest is summed up."""


@dataclass(frozen=True, slots=True)
class DueLine:
    """One thing late or near, as words."""

    unit: str
    mark: str
    what: str
    when: str
    clause: str
    way: Way
    """Where it is done."""


@dataclass(frozen=True, slots=True)
class UnitDues:
    """What one unit owes: counts by state, its first lines, and how many more there are."""

    unit: str
    title: str
    overdue: int
    near: int
    lines: tuple[DueLine, ...]
    more: int


def dues_in(ledger: Ledger, sight: Sight) -> tuple[Due, ...]:
    """What is late or near of the units a sight takes in."""
    if sight.units is None:
        return ledger.dues
    return tuple(due for due in ledger.dues if sight.shows(ledger.world.who(due.unit)))


def unit_dues(ledger: Ledger, sight: Sight) -> tuple[UnitDues, ...]:
    """By unit, those with most overdue first; within a unit the longest overdue first."""
    by_unit = defaultdict(list)
    for due in dues_in(ledger, sight):
        if due.state is not StateKey.WAITING:
            by_unit[due.unit].append(due)
    found = []
    for unit, dues in by_unit.items():
        late = sum(due.state is StateKey.OVERDUE for due in dues)
        counts = [_("逾期 {n}", n=late)] if late else []
        near, behind = (sum(due.state is state for due in dues) for state in (StateKey.NEAR, StateKey.BEHIND))
        counts += [_("临期 {n}", n=near)] if near else []
        counts += [_("滞后 {n}", n=behind)] if behind else []
        lines = tuple(due_line(due, ledger) for due in dues[:PER_UNIT])
        title = _("{unit}：{counts}", unit=_(unit), counts=_("，").join(counts))
        found.append(UnitDues(unit, title, late, near, lines, max(0, len(dues) - PER_UNIT)))
    return tuple(sorted(found, key=lambda u: (-u.overdue, -u.near, u.unit)))


def due_line(due: Due, ledger: Ledger) -> DueLine:
    """One thing owed as words."""
    when = short_day(due.due)
    if due.state is not StateKey.BEHIND:  # it waits for the nation, and no day of it is the unit's delay
        when = f"{when} · {days_text(due.days_left)}"
    return DueLine(
        _(due.unit), state_word(ledger.plan, due.state), str(due.what), when, due.clause, of_due(due, ledger)
    )
