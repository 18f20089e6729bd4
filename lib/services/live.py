"""The keeper of a spreadsheet that people edit in place (共享表格的守护).

Nobody has a stale copy of it: whatever differs from what was last seen there, somebody has just done. So the base of a
merge is what was last seen, and the journal can rebuild that too: the last copy, the edits seen from outside since, and
the changes of ours that were written. Google is waited for outside the writers' lock; a change is acknowledged at once.

Of several servers on one data folder the one that has the turn (``lib.store.lease``) looks and writes; the others learn
from the journal and never ask Google. Who takes over rebuilds what was last seen from the journal and looks anew.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from lib.domain.arrived import caught_up, nameless
from lib.domain.edits import apply, between
from lib.domain.identify import Given, identify
from lib.domain.merge import Before, Origin, Past, merge
from lib.domain.records import Grids
from lib.i18n import T_, Text, _
from lib.services.history import OUTSIDE
from lib.services.keeper import Keeper, refusal
from lib.services.mirror import meta_patches, people_patches, remade
from lib.store.base import CellPatch, Changed, Store, StoreError, Written
from lib.store.google_copies import base_of
from lib.store.google_shift import looked_at
from lib.store.journal_lines import Entry
from lib.store.lease import Alone, Lease
from sheets_schema.snapshot import Snapshot
from sheets_schema.workbook import PEOPLE

log = logging.getLogger(__name__)
COPY_EVERY = timedelta(minutes=10)
"""How old the last copy may be before a write makes another."""
APART = 2.0
"""Seconds between two writes: what comes meanwhile goes together."""
ROWS = 500
"""Rows of people's sheets in one write, which is about 1 MB of request: Google answers that in time. The next write
takes what is left."""
STALE = timedelta(seconds=90)
"""How old the last look of any server may be before those that wait for it say so; failing, one looks every 60 s."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written: over which look, which cells, up to which entry of the journal, the copy to make, and in
    whose turn."""

    file: Snapshot
    cells: tuple[CellPatch, ...]
    through: int
    revision: int | None
    turn: int


class LiveKeeper(Keeper):
    """Holds a shared spreadsheet. Only the server that has the ``lease`` looks at it and writes; the others follow the
    journal."""

    def __init__(
        self, store: Store, folder: Path, now: Callable[[], datetime], lease: Lease | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(store, folder, now)
        self.lease, self.clock, self._name = lease or Alone(), clock, uuid.uuid4().hex[:12]
        self._done: tuple[object, object] | None = None
        """What was in the spreadsheet and what was held when there was nothing left to write."""
        self._next = 0.0
        self._looked: int | None = None
        """The turn in which the store has looked."""
        self._rebuilt: int | None = None
        """The turn for which what was last seen has been made from the journal."""
        self._given: dict[tuple[str, str], Given] = {}
        """Rows whose id does not stand in them yet, by record."""

    def probe(self) -> str:
        """As for a file, after a look at the spreadsheet where it is time for one. Call it outside ``alone``."""
        turn = self._turn
        if turn is None:
            return f"{self.version}|{self.journal.mark()}|{self._idle()}"
        self._refresh(turn)
        late = 0 if self._is_written else int(self.clock() / APART)
        return f"{super().probe()}|{late}"

    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when any server has put something into the journal, where servers can tell one another."""
        self.lease.listen(wake)

    def close(self) -> None:
        """Let another server take over."""
        self.lease.close()

    @property
    def _turn(self) -> int | None:
        """The number of our turn; None when it is not ours."""
        return self.lease.number if self.lease.mine() else None

    def _idle(self) -> Text | None:
        """Why what we have from the server whose turn it is may be old; None when there is no reason to think so."""
        if self.lease.mine():
            return None
        looked = looked_at(self.folder)
        when = datetime.fromtimestamp(looked, self.now().tzinfo) if looked is not None else None
        if self.lease.problem is None and (when is None or self.now() - when < STALE):
            return None
        why = self.lease.problem or T_("值守的服务器读不到共享表格")
        return T_("{why}（表格是 {time} 的样子）", why=why, time=f"{when:%H:%M}") if when is not None else why

    def sync(self) -> None:
        """Learn, then write what waits. Raises ``StoreError`` when nothing could be read ever."""
        turn = self._turn
        if turn is not None and turn != self._looked:
            self._refresh(turn)
        with self._lock:
            self._learn()
            self.delay = None
            job = self._job()
        if job is None:
            return
        try:
            written = self.store.write(job.file, job.cells, self._copy if job.revision is not None else None)
        except Changed:
            self._file = None
        except StoreError as error:
            self.delay = T_("{why}", why=str(error))
            self._file = None
        else:
            with self._lock:
                if self._turn == job.turn:
                    self._wrote(job, written)
                else:  # whoever took over finds out by itself what was written, and may have noted that already
                    self._file = None
        finally:
            self._next = self.clock() + APART

    def _refresh(self, turn: int) -> None:
        """Look at the spreadsheet where it is time to, and in any case when our turn has begun."""
        self.store.refresh(force=turn != self._looked)
        self._looked = turn

    @property
    def _copy(self) -> Path:
        """Where a write puts its copy until it is noted; every server has its own."""
        return self.folder / f"copy-{self._name}.json.gz"

    def _start(self) -> None:
        base = self._base(self.history.revision) if self.history.workbook else None
        if base is not None:
            self._reserve(base)
            self._hold(apply(base, self.history.since_flush, told=True))
        elif self._turn is None or self._turn != self._looked:
            raise StoreError(_("等值守的服务器第一次读出共享表格"))
        else:
            super()._start()

    def _look(self) -> None:
        """Take in what differs from what was last seen."""
        turn = self._turn
        if turn is None or turn != self._looked:
            self._file, self.problem = None, self._idle()
            return
        found = self.store.read()
        if turn != self._rebuilt:
            self._rebuild()
            self._file, self._rebuilt = None, turn
        if told := self.store.put_right():
            self._note(("mended", {"what": list(told)}))
        for stray in self.store.strays():  # what these displaced stood there before what we see now
            self._take_stray(stray)
        if self._file is None or found.digest != self._file.digest:
            self._seen = self._merge(self._seen, found)
        self._file = found

    def _rebuild(self) -> None:
        """Make what was last seen by whoever had the turn before: the last copy, and what has got into the spreadsheet
        since as the journal tells it."""
        base = self._base(self.history.revision)
        if base is None:  # the copy is gone: all that is not known to be there is put into it again
            super()._start()
            base = self._base(self.history.revision)
            assert base is not None
        self._seen = apply(base, self.history.in_workbook, told=True)
        self._done = None
        for left in self.folder.glob("copy-*.json.gz"):
            left.unlink(missing_ok=True)

    def _take_copy(self, path: Path) -> None:
        """What somebody typed in the very moment of a write, over which it stands now."""
        base = Grids(self.store.read_copy(base_of(path)), self._held, self.headings)
        self._merge(base, self.store.read_copy(path), displaced=True)
        base_of(path).unlink(missing_ok=True)

    def _merge(self, base: Grids | None, found: Snapshot, displaced: bool = False) -> Grids:
        theirs = Grids(found, self._held, self.headings)
        self._refuse_other(theirs)
        given = [*self._given.values()]
        if base is not None and not displaced:
            base = caught_up(base, theirs, self.history.unwritten)
            given += nameless(theirs, self.history.unwritten)

        def past(sheet: str, record: str, _column: str) -> Past:
            """A record that is not in the base although we added it: the answer to that write was lost."""
            if base is None or record in base[sheet].rows:
                return Past()
            last = next(self.history.of_record(sheet, record), None)
            ours = record in self.grids[sheet].rows or (last is not None and last.actor != OUTSIDE)
            return Past(Origin.OTHER if ours else Origin.NONE)

        before = Before(past, given=given)
        merged = merge(base, self.grids, theirs, partial(self._mint, theirs), before)
        self._given |= {(one.sheet, one.record): one for one in merged.given}
        self._given = {place: one for place, one in self._given.items() if one.record not in theirs[one.sheet].rows}
        if merged.outside or merged.conflicts:
            told = {"displaced": True} if displaced else {}
            self._note_outside(merged, {"carried": self.history.revision, "digest": "", **told})
        self._hold(merged.grids)
        return merged.identified

    @property
    def _is_written(self) -> bool:
        """Whether there is nothing left to write, of people's and of what the app shows."""
        return self._file is not None and self._done == (self._file.digest, self.version)

    def _job(self) -> Job | None:
        """What there is to write now, if anything."""
        file = self._file
        if file is None or self._is_written or self.clock() < self._next:
            return None
        there = Grids(file, self._held)
        cells = [*self._cells(file, there), *remade(there, self.mirror(self.grids))]
        if there.meta.get("workbook") != self.history.workbook:
            cells += meta_patches(there, {"workbook": self.history.workbook})
        if set(cells) <= self._refused:
            self._done, self.delay = (file.digest, self.version), refusal(self._refused)
            return None
        newest = next((made for _revision, made in self.backups.all()), None)
        old = newest is None or self.now() - newest > COPY_EVERY
        revision = self.history.revision + 1 if old else None
        assert self._rebuilt is not None
        return Job(file, tuple(_first(cells, there)), self.history.seq, revision, self._rebuilt)

    def _wrote(self, job: Job, written: Written) -> None:
        """Note what is in the spreadsheet now, and merge what was typed there in the very moment."""
        found = self.store.read()
        theirs = Grids(found, self._held, self.headings)
        self._file = found
        self._seen = identify(self._seen, self.grids, theirs, partial(self._mint, theirs), self._given.values()).grids
        lacking = bool(people_patches(found, self.grids))
        told: dict[str, Any] = {"through": job.through}
        if job.revision is None or not self._kept(job.revision):
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
        self._count(found)

    def _kept(self, revision: int) -> bool:
        """Put the copy that was made in its place; a write that was noted by nobody may have left one there."""
        try:
            os.replace(self._copy, self.backups.path(revision))
        except OSError as error:
            log.error("the copy of revision %d is lost: %s", revision, error)
            return False
        return True

    def _note(self, *items: tuple[str, dict[str, Any]]) -> list[Entry]:
        entries = super()._note(*items)
        self.lease.tell()
        return entries


def _first(cells: Sequence[CellPatch], there: Grids) -> Iterator[CellPatch]:
    """What one write takes: so many rows of people's sheets, and the app's own sheets, which are written whole."""
    people = {there[sheet.key].raw.title for sheet in PEOPLE if sheet.key in there}
    rows = dict.fromkeys((cell.sheet, cell.row) for cell in cells if cell.sheet in people)
    later = set(islice(rows, ROWS, None))
    return (cell for cell in cells if (cell.sheet, cell.row) not in later)
