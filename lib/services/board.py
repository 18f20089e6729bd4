"""The board (看板数据): the judged workbook and its ledgers, one for the process, replaced as a whole."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import Text
from lib.services import settings as config
from lib.services.setup import first_start, plan_of
from lib.store.base import Store
from lib.store.feed import Feed
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.snapshot import Snapshot

KEPT_LEDGERS = 64
"""As-of days whose ledgers are kept for one revision."""


@dataclass(frozen=True, slots=True)
class Status:
    """How fresh the data are: which version, read when, and what stands in the way, if anything."""

    version: int
    read_at: datetime | None
    problem: Text | None


class Board:
    """Keeps a workbook judged. Sessions only read; the feed's thread replaces everything at once."""

    def __init__(
        self, store: Store, plan: Plan, today: Callable[[], date] = config.today, seconds: float = 1.0
    ) -> None:
        self.plan, self.store, self._today = plan, store, today
        self._judged: Judged | None = None
        self._snapshot: Snapshot | None = None
        self._read_at: datetime | None = None
        self._ledgers: OrderedDict[tuple[str, date, date], Ledger] = OrderedDict()
        self._lock = threading.Lock()
        self.feed = Feed(store, self._accept, seconds)

    def refresh(self) -> bool:
        """Look at the workbook now; True when something changed."""
        return self.feed.poll()

    def _accept(self, snapshot: Snapshot) -> None:
        with no_collection():
            judged = judge(snapshot, self.plan, self._today(), self._judged)
        self._snapshot, self._judged, self._read_at = snapshot, judged, config.now()

    @property
    def status(self) -> Status:
        """Version, time of reading, and the present problem."""
        return Status(self.feed.version, self._read_at, self.feed.problem)

    @property
    def judged(self) -> Judged | None:
        """The judged workbook; None when none could ever be read. Judged anew when the day has changed."""
        judged, snapshot = self._judged, self._snapshot
        if judged is not None and snapshot is not None and judged.today != self._today():
            with self._lock:
                if self._judged is judged:
                    self._judged = judge(snapshot, self.plan, self._today())
        return self._judged

    @property
    def is_sample(self) -> bool:
        """Whether the workbook holds sample data."""
        return self._judged is not None and self._judged.meta.get("sample") == "yes"

    @property
    def default_as_of(self) -> date:
        """The as-of day to start with: the sample's own day, else today."""
        if self.is_sample and self.plan.sample_as_of:
            return self.plan.sample_as_of
        return self._today()

    def ledger(self, as_of: date) -> Ledger | None:
        """The ledger as of a day, made once for all sessions; None when no workbook could ever be read."""
        judged = self.judged
        if judged is None:
            return None
        key = (judged.revision, judged.today, as_of)
        with self._lock:
            known = self._ledgers.get(key)
            if known is None:
                with no_collection():
                    known = self._ledgers[key] = derive(judged, as_of)
                for stale in [k for k in self._ledgers if k[:2] != key[:2]]:
                    del self._ledgers[stale]
                while len(self._ledgers) > KEPT_LEDGERS:
                    self._ledgers.popitem(last=False)
            else:
                self._ledgers.move_to_end(key)
        return known


@contextmanager
def no_collection() -> Iterator[None]:
    """Pause cyclic garbage collection while many lasting objects are made: it would walk them all, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def open_board() -> Board:
    """The board of the configured workbook, read once. Raises ``PlanError`` when the plan file is unusable."""
    chosen = config.settings()
    if chosen.is_default:
        first_start(chosen.workbook)
    plan = plan_of(chosen.workbook, chosen.plan)
    board = Board(XlsxStore(chosen.workbook), plan, seconds=chosen.poll_seconds)
    board.refresh()
    return board
