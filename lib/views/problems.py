"""问题协调: problems raised, with whom they lie and whether they are settled; practices worth spreading (三)."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.prepared import prepared
from sheets_schema.coordination import Event, EventKind, Problem, ProblemKind


@dataclass(frozen=True, slots=True)
class Problems:
    """How the register stands on the as-of day: problems raised, still open, without anybody to settle them, settled;
    practices; and the meetings a problem can be taken to, id → day and title."""

    raised: int
    open: int
    unassigned: int
    practices: int
    meetings: dict[str, str]
    oldest_days: int
    """How long the oldest open problem has waited; 0 when there is none."""

    @property
    def settled(self) -> int:
        """Problems that are settled."""
        return self.raised - self.open


def problems(ledger: Ledger, sight: Sight) -> Problems:
    """The view model of 问题协调, of the records that a sight takes in."""
    if of_units(sight) != sight:
        return prepared(problems, ledger, of_units(sight))
    day = ledger.as_of
    rows = [
        row for row in ledger.world.rows(Problem) if row.raised_on <= day and sees(sight, audience(row, ledger.world))
    ]
    found = [row for row in rows if row.kind is ProblemKind.PROBLEM]
    open_ones = [row for row in found if row.settled_on is None or row.settled_on > day]
    return Problems(
        raised=len(found),
        open=len(open_ones),
        unassigned=sum(row.assignee is None for row in open_ones),
        practices=len(rows) - len(found),
        meetings={
            row.id: f"{row.held_on} {row.title}"
            for row in ledger.world.rows(Event)
            if row.kind is EventKind.MEETING and sees(sight, audience(row, ledger.world))
        },
        oldest_days=max(((day - row.raised_on).days for row in open_ones), default=0),
    )
