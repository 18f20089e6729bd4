"""The keeper of a workbook file (工作簿文件的守护), which people open, change and save whole.

What they saved is merged with what the app holds, from the state they had opened: the file itself says which, by the
revision it carries. The app writes the file as a whole, as the next revision, while nobody has it open.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from lib.domain.edits import Edit
from lib.domain.merge import Before, merge
from lib.domain.records import Grids
from lib.i18n import T_
from lib.services.history import given_data
from lib.services.keeper import Keeper, refusal, revision_of
from lib.services.mirror import meta_patches
from lib.store.base import Busy, Changed, Store, StoreError
from lib.store.locks import Holder
from sheets_schema.snapshot import Snapshot

log = logging.getLogger(__name__)


class FileKeeper(Keeper):
    """Holds a workbook file: merges every save, and writes when nobody has it open."""

    def __init__(self, store: Store, folder: Path, now: Callable[[], datetime]) -> None:
        super().__init__(store, folder, now)
        self._holder: Holder | None = None
        self._news: list[Edit] = []

    def sync(self) -> None:
        """Learn what others changed, and write what waits if nobody has the workbook open. What stands in the way
        is told by ``problem`` and ``delay``. Raises ``StoreError`` when nothing could be read ever."""
        with self._lock:
            self._learn()
            self._sweep()
            self.delay = None
            if self._file is None:
                return
            try:
                self._flush(self._file)
            except Busy as error:
                self.delay = T_("{who}正打开着工作簿，关闭后写入", who=error.who)
            except Changed:
                self._file = None
                log.info("the workbook was saved by somebody in the very moment; it is merged next time")
            except StoreError as error:
                self.delay = T_("{why}", why=str(error))

    def listen(self, wake: Callable[[], None]) -> None:
        """A file tells nothing: it has to be looked at."""

    def close(self) -> None:
        """Nothing is held that another would wait for."""

    def _look(self) -> None:
        """Merge the workbook when somebody has saved it."""
        holder = self.store.holder()
        if self._file is None or self.store.probe() != self._file.revision:
            found = self.store.read()
            if self._file is None or found.digest != self._file.digest:
                goes_on = holder is not None and holder == self._holder
                self._seen = self._take(found, goes_on)
            self._file = found
        self._holder = holder

    def _take(self, found: Snapshot, goes_on: bool = False) -> Grids:
        """Merge a saved workbook with what it went out from, by the revision it carries; gives it with its rows
        identified. ``goes_on``: the same program has had it open since the last save. Raises ``StoreError`` when it
        lacks what a merge needs."""
        theirs = Grids(found, self._held, self.headings)
        self._refuse_other(theirs)
        carried = revision_of(theirs)
        if found.digest == self.history.flushed:
            self._bases[carried] = theirs
        elif carried > self.history.revision and (written := self._base(carried)) is not None:
            # a process of ours wrote this and died before it could say so
            done = found.digest if written.snapshot.digest == found.digest else ""
            self._note(("flush", {"revision": carried, "digest": done, **self._left()}))
        history = self.history
        news = self._news if goes_on else ()
        seen = found.digest == history.merged
        before = Before(partial(history.past, carried), history.given(carried), news, seen)
        merged = merge(self._base(carried), self.grids, theirs, partial(self._mint, theirs), before)
        if merged.outside or merged.conflicts or merged.given or found.digest not in history.digests:
            given = [given_data(row) for row in merged.given]
            save = {"carried": carried, "digest": found.digest, "given": given}
            self._note_outside(merged, save)
        self._news = merged.news if merged.outside else self._news
        self._hold(merged.grids)
        return merged.identified

    def _sweep(self) -> None:
        """Take in what a crash left beside the workbook."""
        try:
            for stray in self.store.strays():
                self._take_stray(stray)
                self._look()
        except StoreError as error:
            self._file, self.problem = None, T_("{why}", why=str(error))

    def _take_copy(self, path: Path) -> None:
        found = self.store.read_copy(path)
        if found.digest not in self.history.digests and not self.backups.has(found.digest):
            self._take(found)

    def _flush(self, file: Snapshot) -> None:
        """Write what is held, and what the app shows in the workbook, as the next revision."""
        there = Grids(file, self._seen)
        cells = self._cells(file, there)
        if file.digest == self.history.flushed and set(cells) <= self._refused:
            self.delay = refusal(self._refused)
            return
        holder = self.store.holder()
        if holder is not None:
            raise Busy("", holder.who)
        revision = max(self.history.revision, revision_of(there)) + 1
        cells += meta_patches(there, {"workbook": self.history.workbook, "revision": str(revision)})
        written = self.store.write(file, cells, self.backups.path(revision))
        self._note(("flush", {"revision": revision, "digest": written.digest, **self._left()}))
        self._refused = frozenset(written.refused)
        self.delay = refusal(self._refused)
        self.backups.prune()
        if written.displaced is not None:
            self._take_stray(written.displaced)
        self._look()
        if self._file is not None:
            self._count(self._file)
        else:
            self.waiting = self.kept_back = 0

    def _left(self) -> dict[str, list[str]]:
        """For the journal: the sheets that a write leaves out."""
        return {"without": sorted(self.history.frozen)} if self.history.torn else {}
