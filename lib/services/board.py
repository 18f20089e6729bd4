"""The board (看板数据): the judged workbook and its ledgers, one for the process, replaced as a whole."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from lib.domain.edits import apply
from lib.domain.judge import Judged
from lib.domain.ledger import Ledger, derive
from lib.i18n import T_, Text
from lib.services import settings as config
from lib.services.audit import Audit
from lib.services.commands import Commands
from lib.services.keeper import Keeper
from lib.services.setup import first_start, plan_of
from lib.services.stores import keeper_at
from lib.services.told import shown
from lib.services.verdicts import Verdicts
from lib.store.feed import Feed, Source
from lib.store.gsheet import GoogleStore
from lib.store.pauses import no_collection
from sheets_schema.plan import Plan
from sheets_schema.reports import headings_of
from sheets_schema.snapshot import Snapshot

KEPT_LEDGERS = 64
"""As-of days whose ledgers are kept for one revision."""
FIRST_LOOK = 10.0
"""Seconds the start waits for a spreadsheet; reading a city's takes about one."""


@dataclass(frozen=True, slots=True)
class Status:
    """How fresh the data are: which version, read when, and what stands in the way, if anything. A spreadsheet is
    looked at every few seconds: there ``read_at`` is the last look that succeeded."""

    version: int
    read_at: datetime | None
    problem: Text | None
    delay: Text | None = None
    waiting: int = 0


class Board:
    """Keeps a workbook judged. Sessions only read; the feed's thread replaces everything at once.

    ``source`` is a store to look at, or the keeper of one that can be changed: then ``commands`` changes it.
    """

    def __init__(
        self,
        source: Source,
        plan: Plan,
        today: Callable[[], date] = config.today,
        seconds: float = 1.0,
        audit: Audit | None = None,
    ) -> None:
        self.plan, self.source, self._today = plan, source, today
        self.verdicts = Verdicts(plan, today)
        self.keeper = source if isinstance(source, Keeper) else None
        self.commands = Commands(self.keeper, self.verdicts, audit) if self.keeper else None
        if self.keeper:
            self.keeper.headings = headings_of(plan.cadence)
            self.keeper.day = partial(self._effective_day, self.keeper)
            self.keeper.mirror = partial(shown, self.verdicts, self.keeper.history)
        self._snapshot: Snapshot | None = None
        self._judged: Judged | None = None
        self._read_at: datetime | None = None
        self._ledgers: OrderedDict[tuple[str, date, date], Ledger] = OrderedDict()
        self._lock = threading.Lock()
        self.feed = Feed(source, self._accept, seconds)
        if self.keeper:
            self.keeper.listen(self.feed.nudge)

    def refresh(self) -> bool:
        """Look at the workbook now; True when something changed."""
        return self.feed.poll()

    def catch_up(self) -> None:
        """Show what has just been acknowledged. A file is written at once where it can be; a spreadsheet in a moment,
        and nobody waits for Google."""
        if self.keeper is None or not self.keeper.store.live:
            self.refresh()
            return
        held = self.keeper.grids.snapshot
        self._accept(replace(held, revision=f"held-{self.keeper.version}"))
        self.feed.nudge()

    def close(self) -> None:
        """Look no more, and let another server take over."""
        self.feed.stop()
        if self.keeper:
            self.keeper.close()

    def _accept(self, snapshot: Snapshot) -> None:
        judged = self.verdicts.of(snapshot)
        self._snapshot, self._judged, self._read_at = snapshot, judged, config.now()

    @property
    def status(self) -> Status:
        """Version, time of reading, what stands in the way of reading and of writing, how many cells wait."""
        status = Status(self.feed.version, self._read_at, self.feed.problem)
        if self.keeper is None:
            return status
        problem = status.problem or self.keeper.problem
        read_at = self._looked_at(self.keeper) or status.read_at
        delay = self.keeper.delay or self.keeper.question
        return replace(status, problem=problem, read_at=read_at, delay=delay, waiting=self.keeper.waiting)

    def _looked_at(self, keeper: Keeper) -> datetime | None:
        """When a spreadsheet was last looked at; of a file it does not matter, and a server that only follows the
        journal does not look."""
        store = keeper.store
        if self._read_at is None or not isinstance(store, GoogleStore) or store.looked_at is None:
            return None
        return config.now() - timedelta(seconds=round(store.clock() - store.looked_at))

    @property
    def judged(self) -> Judged | None:
        """The judged workbook; None when none could ever be read. Judged anew when the day has changed."""
        if self._judged is not None and self._snapshot is not None and self._judged.today != self._today():
            self._judged = self.verdicts.of(self._snapshot)
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

    def _effective_day(self, keeper: Keeper) -> date:
        """The day from which a change counts: today, in the sample the sample's own day."""
        is_sample = keeper.grids.meta.get("sample") == "yes"
        return (self.plan.sample_as_of if is_sample else None) or self._today()

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
                    known = self._ledgers[key] = derive(self._as_it_was(judged, as_of), as_of)
                for stale in [k for k in self._ledgers if k[:2] != key[:2]]:
                    del self._ledgers[stale]
                while len(self._ledgers) > KEPT_LEDGERS:
                    self._ledgers.popitem(last=False)
            else:
                self._ledgers.move_to_end(key)
        return known

    def _as_it_was(self, judged: Judged, as_of: date) -> Judged:
        """The judged workbook with the records that people deleted only after a day."""
        if self.keeper is None:
            return judged
        later = [c for c in self.keeper.history.removed.values() if c.day > as_of.isoformat()]
        if not later:
            return judged
        with_them = apply(self.keeper.grids, [change.edit.inverse for change in later])
        return replace(self.verdicts.trial(with_them.snapshot), revision=judged.revision)


def keeper_of(workbook: Path) -> Keeper:
    """The keeper of a workbook file, with its journal and backups beside it."""
    return keeper_at(replace(config.settings(), workbook=workbook, google=None))


def open_board(audit: Audit | None = None) -> Board:
    """The board of the configured workbook, read once. Raises ``PlanError`` when the plan file is unusable."""
    chosen = config.settings()
    if chosen.is_default and not config.has_only_rollup():
        first_start(chosen.workbook)
    plan = plan_of(chosen.workbook, chosen.plan)
    board = Board(keeper_at(chosen), plan, seconds=chosen.poll_seconds, audit=audit)
    if chosen.google is None:
        board.refresh()
    else:
        _look_for_a_while(board)
    return board


def _look_for_a_while(board: Board) -> None:
    """Give the first look at a spreadsheet some seconds; then go on without it: pages say so, the feed keeps trying."""
    board.feed.problem = T_("还在等 Google 的第一次回答")
    looking = threading.Thread(target=board.refresh, name="first-look", daemon=True)
    looking.start()
    looking.join(FIRST_LOOK)
