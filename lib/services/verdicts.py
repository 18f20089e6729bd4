"""Verdicts (判定): the workbook judged, one state after another, each building on the one before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from lib.domain.judge import Judged, judge
from lib.store.pauses import no_collection
from sheets_schema.plan import Plan
from sheets_schema.snapshot import Snapshot


class Verdicts:
    """Judges snapshots under a plan; remembers the last, so that the next costs only what differs."""

    def __init__(self, plan: Plan, today: Callable[[], date]) -> None:
        self.plan, self.today = plan, today
        self._last: tuple[Snapshot, Judged] | None = None
        self._trial: tuple[Snapshot, Judged] | None = None
        self._lock = threading.Lock()

    def of(self, snapshot: Snapshot) -> Judged:
        """The judged snapshot, as of today."""
        with self._lock, no_collection():
            today = self.today()
            for known in (self._last, self._trial):
                if known is not None and known[0] is snapshot and known[1].today == today:
                    self._last = known
                    return known[1]
            judged = judge(snapshot, self.plan, today, self._last[1] if self._last else None)
            self._last = (snapshot, judged)
            return judged

    def trial(self, snapshot: Snapshot) -> Judged:
        """The same for a state that may never come about."""
        with self._lock, no_collection():
            judged = judge(snapshot, self.plan, self.today(), self._last[1] if self._last else None)
            self._trial = (snapshot, judged)
            return judged
