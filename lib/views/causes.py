"""Why things are late (为什么): overdue entries grouped by what is missing, with the reasons the ledger knows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from lib.domain.due import Due
from lib.domain.ledger import Ledger
from lib.domain.reasons import Reasons
from lib.i18n import _
from lib.services.policy import EVERYTHING, Sight
from sheets_schema.plan_work import StateKey


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is missing: how many of all ``total`` overdue entries, for which reasons, at which units."""

    title: str
    clause: str
    count: int
    total: int
    longest: int
    reasons: tuple[tuple[str, int], ...]
    by_unit: tuple[tuple[str, int], ...]


def causes(ledger: Ledger, sight: Sight = EVERYTHING) -> tuple[Cause, ...]:
    """What is missing behind the overdue entries somebody may see, most first; the counts add up to their number.

    What waits above the city (等待上级) is not overdue and therefore no cause.
    """
    late = [due for due in ledger.overdue if sight.shows(due.unit)]
    groups: dict[str, list[Due]] = defaultdict(list)
    for due in late:
        groups[_missing(due, ledger)].append(due)
    said = Reasons(ledger)
    found = [
        Cause(
            title, dues[0].clause, len(dues), len(late), max(-due.days_left for due in dues),
            tuple(Counter(str(said.of(due)) for due in dues).most_common()),
            tuple((_(unit), n) for unit, n in Counter(due.unit for due in dues).most_common()),
        )
        for title, dues in groups.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda cause: -cause.count))


def waiting(ledger: Ledger, sight: Sight = EVERYTHING) -> int:
    """How many documents wait above the city (等待上级): not its delay, and in no cause."""
    return sum(due.state is StateKey.WAITING and sight.shows(due.unit) for due in ledger.dues)


def _missing(due: Due, ledger: Ledger) -> str:
    if due.task is not None:
        return _("脱钩事项未完成")
    if due.document_kind:
        return _("{kind}未{verb}", kind=_(due.document_kind), verb=_(due.verb))
    kind = next((kind for kind in ledger.plan.documents if kind.tracked_in == due.sheet), None)
    return _("{kind}未{verb}", kind=_(kind.kind), verb=_(kind.steps[-1].verb)) if kind else _("定期报告未报送")
