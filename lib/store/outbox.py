"""What was sent out (发出记录): one line for each unit and day, written before a letter leaves and after.

A line that says "sending" long after is that of a process which died in between: whether the letter arrived nobody
can tell, so it is not sent again by itself that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lib.store.database import Database


class State(StrEnum):
    """How a letter fared. ``FAILED`` certainly did not arrive and may be sent again; ``UNSURE`` may have arrived."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Sending:
    """One letter: to which unit, on which day, in what state, since when (ISO 8601), by whom, to which address, and
    what went wrong."""

    unit: str
    day: date
    state: State
    at: str
    maker: str
    address: str
    why: str


_COLUMNS = "unit, day, state, at, maker, address, why"


class Outbox(Database):
    """The record in a file; made when it is first needed. Every call raises ``Unreadable`` when it cannot be used."""

    tables = """
create table if not exists sendings (
    unit text not null, day text not null, state text not null, at text not null, maker text not null,
    address text not null, why text not null, primary key (day, unit)) without rowid;
"""

    def claim(self, unit: str, at: datetime, maker: str, address: str, limit: int | None = None) -> Sending | bool:
        """Note that a letter is about to leave, in one turn with the look at what did already, for all processes.

        True: it may leave, and the intent is on the disk. A line: that of today stands in the way. False: today's
        ``limit`` is reached.
        """
        day = at.date().isoformat()
        with self._changing() as db:
            found = db.execute(f"select {_COLUMNS} from sendings where day = ? and unit = ?", (day, unit)).fetchone()  # noqa: S608
            if found is not None and found[2] != State.FAILED:
                return _sending(found)
            (count,) = db.execute(
                "select count(*) from sendings where day = ? and state != ?", (day, State.FAILED)
            ).fetchone()
            if limit is not None and count >= limit:
                return False
            db.execute(
                "insert or replace into sendings values (?, ?, ?, ?, ?, ?, '')",
                (unit, day, State.SENDING, at.isoformat(), maker, address),
            )
        return True

    def settle(self, unit: str, day: date, state: State, why: str = "") -> None:
        """Note how a letter fared."""
        with self._changing() as db:
            db.execute(
                "update sendings set state = ?, why = ? where day = ? and unit = ?", (state, why, day.isoformat(), unit)
            )

    def on(self, day: date) -> dict[str, Sending]:
        """Unit → the letter of a day."""
        found = self._rows(f"select {_COLUMNS} from sendings where day = ?", day.isoformat())  # noqa: S608
        return {row[0]: _sending(row) for row in found}

    def latest(self) -> dict[str, Sending]:
        """Unit → its latest letter that arrived or may have."""
        found = self._rows(
            f"select {_COLUMNS} from sendings where state != ? order by day", State.FAILED  # noqa: S608
        )  # fmt: skip
        return {row[0]: _sending(row) for row in found}


def _sending(row: tuple[str, ...]) -> Sending:
    unit, day, state, at, maker, address, why = row
    return Sending(unit, date.fromisoformat(day), State(state), at, maker, address, why)
