"""Editions (版次): since when what the app shows is as it is, and when each record last changed, as the journal tells.

Programs that ask again and again need both: to be told that nothing is new, and which of two versions is the later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from types import MappingProxyType

from lib.domain.ledger import Ledger
from lib.services.board import Board
from lib.services.settings import ZONE, Settings
from lib.services.setup import own_plan

EPOCH = datetime(2015, 1, 1, tzinfo=ZONE)
"""Where counting begins: before any plan here, and late enough for seconds to fit 32 bits as long as anybody cares."""


@dataclass(frozen=True, slots=True)
class Edition:
    """``at``: the last change of anything; ``moved``: record → its last change, ``floor``: that of all others."""

    at: datetime
    floor: datetime = EPOCH
    moved: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def sequence(self, records: Iterable[str]) -> int:
        """A number that grows with every change of the records, and never goes back: seconds since ``EPOCH``."""
        last = max([self.floor, *(self.moved[record] for record in records if record in self.moved)])
        return max(0, int((last - EPOCH).total_seconds()))


def edition_of(board: Board, ledger: Ledger, chosen: Settings) -> Edition:
    """The edition of a ledger of the board. States follow the calendar, so each day is a new one."""
    floor = _plan_since(chosen)
    day = datetime.combine(ledger.today, time(), ZONE)
    if board.keeper is None:  # nothing tells when, but that it was read
        return Edition(max(day, floor, board.status.read_at or day), floor)
    moved = {change.edit.record: datetime.fromisoformat(change.at) for change in list(board.keeper.history.changes)}
    return Edition(max([day, floor, *moved.values()]).replace(microsecond=0), floor, MappingProxyType(moved))


def _plan_since(chosen: Settings) -> datetime:
    """Since when the plan is as it is, where it is a file that can be exchanged: its days are the plan's own."""
    path = Path(chosen.plan) if chosen.plan else own_plan(chosen.workbook)
    try:
        return max(EPOCH, datetime.fromtimestamp(int(path.stat().st_mtime), ZONE))
    except OSError:
        return EPOCH
