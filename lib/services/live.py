"""The keeper of a spreadsheet that people edit in place (共享表格的守护).

Nobody has a stale copy of it: whatever differs from what was last seen there, somebody has just done. So the base of a
merge is what was last seen, and the journal can rebuild that too: the last copy, the edits seen from outside since, and
the changes of ours that were written. Google is waited for outside the writers' lock; a change is acknowledged at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from lib.domain.edits import apply, between
from lib.domain.identify import Given, identify
from lib.domain.merge import Before, Origin, Past, merge
from lib.domain.records import Grids
from lib.i18n import T_
from lib.services.history import OUTSIDE
from lib.services.keeper import Keeper, named, refusal
from lib.services.mirror import meta_patches, people_patches, remade, shown_patches
from lib.store.base import CellPatch, Changed, Store, StoreError, Written
from lib.store.google_copies import base_of
from sheets_schema.snapshot import Snapshot

log = logging.getLogger(__name__)
COPY_EVERY = timedelta(minutes=10)
"""How old the last copy may be before a write makes another."""
APART = 2.0
"""Seconds between two writes: what comes meanwhile goes together."""


class Lease(Protocol):
    """Whose turn it is to talk to the spreadsheet, among servers."""

    def mine(self) -> bool:
        """Whether it is ours now; asks for it when it is free."""
        ...


class Alone:
    """The lease where there is one server only."""

    def mine(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written: over which look, which cells, up to which entry of the journal, and the copy to make."""

    file: Snapshot
    cells: tuple[CellPatch, ...]
    through: int
    revision: int | None


class LiveKeeper(Keeper):
    """Holds a shared spreadsheet. Only the server that has the ``lease`` looks at it and writes; the others follow the
    journal."""

    def __init__(
        self, store: Store, folder: Path, now: Callable[[], datetime], lease: Lease | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(store, folder, now)
        self.lease, self.clock = lease or Alone(), clock
        self._done: tuple[object, object] | None = None
        """What was in the spreadsheet and what was held when there was nothing left to write."""
        self._next = 0.0
        self._given: dict[tuple[str, str], Given] = {}
        """Rows whose id does not stand in them yet, by record."""

    def probe(self) -> str:
        """As for a file, after a look at the spreadsheet where it is time for one. Call it outside ``alone``."""
        if self.lease.mine():
            self.store.refresh()
        late = int(self.clock() / APART) if self.waiting else 0
        return f"{super().probe()}|{late}"

    def sync(self) -> None:
        """Learn, then write what waits. Raises ``StoreError`` when nothing could be read ever."""
        with self._lock:
            self._learn()
            self._sweep()
            self.delay = None
            job = self._job()
        if job is None:
            return
        try:
            copy = self.backups.path(job.revision) if job.revision is not None else None
            written = self.store.write(job.file, job.cells, copy)
        except Changed:
            self._file = None
        except StoreError as error:
            self.delay = T_("{why}", why=str(error))
            self._file = None
        else:
            with self._lock:
                self._wrote(job, written)
        finally:
            self._next = self.clock() + APART

    def _start(self) -> None:
        base = self._base(self.history.revision) if self.history.workbook else None
        if base is None:
            super()._start()
            self._seen = self._held
            return
        self._reserve(base)
        self._seen = apply(base, self.history.in_workbook, told=True)
        self._hold(apply(base, self.history.since_flush, told=True))

    def _look(self) -> None:
        """Take in what differs from what was last seen."""
        if not self.lease.mine():
            self._file = None
            return
        found = self.store.read()
        if self._file is None or found.digest != self._file.digest:
            self._seen = self._take(found)
        self._file = found

    def _take(self, found: Snapshot, goes_on: bool = False) -> Grids:
        return self._merge(self._seen, found)

    def _take_copy(self, path: Path) -> None:
        """What somebody typed in the very moment of a write, over which it stands now."""
        base = Grids(self.store.read_copy(base_of(path)), self._held)
        self._merge(base, self.store.read_copy(path), displaced=True)
        base_of(path).unlink(missing_ok=True)

    def _merge(self, base: Grids | None, found: Snapshot, displaced: bool = False) -> Grids:
        theirs = Grids(found, self._held)
        self._refuse_other(theirs)

        def past(sheet: str, record: str, _column: str) -> Past:
            """A record that is not in the base although we added it: the answer to that write was lost."""
            if base is None or record in base[sheet].rows:
                return Past()
            last = next(self.history.of_record(sheet, record), None)
            ours = record in self.grids[sheet].rows or (last is not None and last.actor != OUTSIDE)
            return Past(Origin.OTHER if ours else Origin.NONE)

        before = Before(past, given=[*self._given.values()])
        merged = merge(base, self.grids, theirs, partial(self._mint, theirs), before)
        self._given |= {(one.sheet, one.record): one for one in merged.given}
        self._given = {place: one for place, one in self._given.items() if one.record not in theirs[one.sheet].rows}
        if merged.outside or merged.conflicts:
            who = {"actor": OUTSIDE, "action": OUTSIDE, "day": self.day().isoformat()}
            told = {
                "carried": self.history.revision,
                "digest": "",
                "edits": [edit.as_json() for edit in merged.outside],
            } | ({"displaced": True} if displaced else {})
            self._note(("outside", {**who, **told, "conflicts": named(merged)}))
        self._hold(merged.grids)
        return merged.identified

    def _job(self) -> Job | None:
        """What there is to write now, if anything."""
        file = self._file
        if file is None or self._done == (file.digest, self.version) or self.clock() < self._next:
            return None
        cells = people_patches(file, self.grids)
        self.waiting = len(cells)
        there = Grids(file, self._held)
        shown = self.mirror(self.grids)
        cells += [*shown_patches(there, shown), *remade(there, shown)]
        if there.meta.get("workbook") != self.history.workbook:
            cells += meta_patches(there, {"workbook": self.history.workbook})
        if set(cells) <= self._refused:
            self._done, self.delay = (file.digest, self.version), refusal(self._refused)
            return None
        newest = next((made for _revision, made in self.backups.all()), None)
        old = newest is None or self.now() - newest > COPY_EVERY
        return Job(file, tuple(cells), self.history.seq, self.history.revision + 1 if old else None)

    def _wrote(self, job: Job, written: Written) -> None:
        """Note what is in the spreadsheet now, and merge what was typed there in the very moment."""
        found = self.store.read()
        theirs = Grids(found, self._held)
        self._file = found
        self._seen = identify(self._seen, self.grids, theirs, partial(self._mint, theirs), self._given.values()).grids
        lacking = bool(people_patches(found, self.grids))
        told: dict[str, Any] = {"through": job.through}
        if job.revision is None:
            stands = between(self.grids, self._seen) if lacking else []
            self._note(("written", told | {"stands": [edit.as_json() for edit in stands]}))
        else:
            pending = between(self._seen, self.grids) if lacking else []
            told |= {"revision": job.revision, "digest": "", "pending": [edit.as_json() for edit in pending]}
            self._note(("flush", told))
            self.backups.prune()
        self._refused = frozenset(written.refused)
        if written.displaced is not None:
            self._take_stray(written.displaced)
        self.waiting = len(people_patches(found, self.grids))
