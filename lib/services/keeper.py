"""The keeper (守护): the one place where program and people share a workbook without losing anything.

A change is acknowledged once it stands in the journal; the workbook follows. What people did there is merged with what
the app holds before anything is written. All of it happens under a lock that every process on this workbook takes, and
all of it can be rebuilt from the journal. How a workbook is looked at and written is told by ``keeper_file`` (people
save it whole) and ``live`` (they edit it in place).
"""

from __future__ import annotations

import logging
import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lib.domain.edits import Edit, apply
from lib.domain.merge import Merged, put_back
from lib.domain.normalise import column_letters
from lib.domain.records import Grids
from lib.i18n import T_, Text, _
from lib.services.backups import Backups
from lib.services.history import History, conflicts_data, edits_in
from lib.services.mirror import Mirror, nothing, people_patches, shown_patches
from lib.services.reworded import reworded, with_headings
from lib.services.tears import outside_items, question, writable
from lib.store.base import CellPatch, NotWritable, Store, StoreError
from lib.store.google_provision import UNFINISHED
from lib.store.journal import Journal
from lib.store.journal_lines import Entry
from lib.store.turns import WriterLock
from sheets_schema.reports import NO_HEADINGS, Headings
from sheets_schema.snapshot import Snapshot

log = logging.getLogger(__name__)
RETRY = 5
"""Seconds between two attempts at what could not be written."""
BASES = 3
"""Former states of the workbook kept in memory, for merging saves that went out from them."""


class Keeper(ABC):
    """Holds a workbook: what people see is ``grids``; ``record`` changes it, ``sync`` learns and writes.

    ``mirror`` makes what the app shows in the workbook (校验, 变更记录, 冲突) from what is held.
    """

    def __init__(self, store: Store, folder: Path, now: Callable[[], datetime]) -> None:
        self.store, self.folder, self.now = store, folder, now
        self.mirror: Mirror = nothing
        self.day: Callable[[], date] = lambda: now().date()
        """The day from which what is recorded now counts."""
        self.journal = Journal(folder / "journal", now)
        self.backups = Backups(folder / "backups", now)
        self.history = History()
        self.problem: Text | None = None
        """Why the workbook cannot be read now."""
        self.delay: Text | None = None
        """Why it cannot be written now."""
        self.waiting = 0
        """How many cells of people's sheets are not in the workbook yet."""
        self.kept_back = 0
        """How many of these wait for a decision on a partial sort."""
        self.version = 0
        self.headings: Headings = NO_HEADINGS
        """How the plan calls the columns of reports."""
        self._lock = WriterLock(folder / "lock")
        self._held: Grids | None = None
        self._file: Snapshot | None = None
        self._seen: Grids | None = None
        self._bases: dict[int, Grids] = {}
        self._refused: frozenset[CellPatch] = frozenset()

    @property
    def name(self) -> str:
        """The workbook's name."""
        return self.store.name

    @property
    def question(self) -> Text | None:
        """What people have to decide before all that waits can be written."""
        return question(self.history) if self.kept_back else None

    @property
    def grids(self) -> Grids:
        """The workbook as last saved by anybody, with all changes that wait to be written. Raises ``StoreError``
        when no workbook could be read yet."""
        if self._held is None:
            self.sync()
        assert self._held is not None
        return self._held

    @contextmanager
    def alone(self) -> Iterator[Grids]:
        """Nobody else changes anything meanwhile; gives the freshest state. Raises ``StoreError``."""
        with self._lock:
            self._learn()
            yield self.grids

    def record(self, edits: Sequence[Edit], after: Grids | None = None, **data: Any) -> Entry:
        """Acknowledge a change: it is in the journal, on the disk, and held from now on. Call it within ``alone``.

        ``after``: what is held with the edits, where the caller has made that already.
        """
        told = {**data, "day": self.day().isoformat(), "edits": [edit.as_json() for edit in edits]}
        [entry] = self._note(("command", told))
        self._hold(apply(self.grids, edits) if after is None else after)
        self.waiting += len(edits)
        return entry

    def probe(self) -> str:
        """A cheap mark that changes when the workbook, the journal, or who has the workbook open does."""
        try:
            mark = self.store.probe()
        except StoreError:
            mark = "gone"
        late = int(self.now().timestamp() // RETRY) if self.problem or self.delay else 0
        held_by = self.store.holder() if late else None
        return f"{self.version}|{mark}|{self.journal.mark()}|{held_by}|{late}"

    def read(self) -> Snapshot:
        """What is held, after learning and writing what there is. Raises ``StoreError`` when there is nothing yet."""
        self.sync()
        return replace(self.grids.snapshot, revision=self.probe())

    @abstractmethod
    def sync(self) -> None:
        """Learn what others changed, and write what waits where that is possible now. What stands in the way is told
        by ``problem`` and ``delay``. Raises ``StoreError`` when nothing could be read ever."""

    @abstractmethod
    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when there is something new, where that is told."""

    @abstractmethod
    def close(self) -> None:
        """The process ends: let another take over what only one may do."""

    # what others did

    def _learn(self) -> None:
        """Take in the journal's new entries and the workbook's new content."""
        entries = [reworded(entry, self.headings) for entry in self.journal.tail()]
        for entry in entries:
            self.history.take(entry)
        self.problem = None
        if self._held is None:
            self._start()
        elif entries:
            self._hold(apply(self.grids, [edit for entry in entries for edit in edits_in(entry)], told=True))
        try:
            self._look()
        except StoreError as error:
            self._file, self.problem = None, T_("{why}", why=str(error))

    def _start(self) -> None:
        """Hold what was held when the last process ended: the last flush and what the journal has after it."""
        base = self._base(self.history.revision) if self.history.workbook else None
        if base is not None:
            self._reserve(base)
            self._hold(apply(base, self.history.since_flush, told=True))
            return
        found = self.store.read()
        grids = Grids(found, headings=self.headings)
        _refuse_unfinished(grids)
        revision = max(self.history.revision, revision_of(grids) or 0)
        self.store.keep(found, self.backups.path(revision))
        workbook = grids.meta.get("workbook") or uuid.uuid4().hex
        merged = put_back(grids, self.history.since_flush)
        told = {"workbook": workbook, "revision": revision, "digest": found.digest}
        pending = [edit.as_json() for edit in merged.outside]
        self._note(("adopt", {**told, "conflicts": conflicts_data(merged.conflicts), "pending": pending}))
        self._reserve(grids)
        self._hold(merged.grids)

    @abstractmethod
    def _look(self) -> None:
        """Take in what stands in the workbook now. Raises ``StoreError``."""

    @abstractmethod
    def _take_copy(self, path: Path) -> None:
        """Merge a copy of what stood in the workbook. Raises ``StoreError``."""

    def _refuse_other(self, theirs: Grids) -> None:
        _refuse_unfinished(theirs)
        workbook = theirs.meta.get("workbook", self.history.workbook)
        if workbook != self.history.workbook:
            raise StoreError(_("这里换成了另一本工作簿；请放回原来的一本，或用 init 重新建立"))
        lacking = "、".join(sheet.label for sheet in theirs.lacking(self.grids))
        if lacking:
            raise StoreError(_("“{sheets}”不见了，或缺了“编号”列；恢复之前应用不写入工作簿", sheets=lacking))

    def _take_stray(self, path: Path) -> None:
        """A workbook that a write displaced or a crash left: merge what somebody saved, drop what is known."""
        try:
            self._take_copy(path)
        except NotWritable:
            raise  # the journal is full, not the save at fault: it stays where it is until there is space
        except StoreError as error:
            kept = self.folder / f"unreadable-{path.name}"
            log.error("a save that could not be merged is kept as %s: %s", kept.name, error)
            shutil.move(path, kept)
            return
        path.unlink(missing_ok=True)
        self._file = None  # what is held stands row by row over the stray: look at the workbook itself again

    def _base(self, revision: int) -> Grids | None:
        """The workbook as the app wrote it at a revision; None when that is not known any more."""
        if revision not in self._bases:
            path = self.backups.path(revision)
            try:
                self._bases[revision] = Grids(self.store.read_copy(path), self._held, self.headings)
            except StoreError:
                return None
        while len(self._bases) > BASES:
            del self._bases[min(self._bases.keys() - {revision})]
        return self._bases[revision]

    # what waits to be written

    def _cells(self, file: Snapshot, there: Grids) -> list[CellPatch]:
        """What is to be written: changes of people's sheets, and what the app shows; nothing into a frozen sheet."""
        cells = self._count(file) + shown_patches(there, self.mirror(self.grids))
        return writable(cells, self.grids, self.history)

    def _count(self, file: Snapshot) -> list[CellPatch]:
        """All that waits to be written into people's sheets."""
        cells = people_patches(file, self.grids)
        self.waiting = len(cells)
        self.kept_back = self.waiting - len(writable(cells, self.grids, self.history))
        return cells

    # small things

    def _note_outside(self, merged: Merged, save: Mapping[str, Any]) -> None:
        """Note what people did; ``save`` tells of the save as a whole."""
        self._note(*outside_items(merged, self.grids, self.history, self.day().isoformat(), save))

    def _note(self, *items: tuple[str, dict[str, Any]]) -> list[Entry]:
        entries = self.journal.append(*((kind, with_headings(data, self.headings)) for kind, data in items))
        for entry in entries:
            self.history.take(entry)
        return entries

    def _hold(self, grids: Grids) -> None:
        grids = grids.marked(tuple(self.history.torn.values()))
        if grids is not self._held:
            self._held = grids
            self.version += 1

    def _reserve(self, grids: Grids) -> None:
        for key, grid in grids.items():
            for record in grid.rows:
                self.history.reserve(key, record)

    def _mint(self, theirs: Grids, sheet: str) -> str:
        while (name := self.history.mint(sheet)) in theirs[sheet].rows:
            pass
        return name


def refusal(refused: Collection[CellPatch]) -> Text | None:
    """What to do about cells that the program must not write."""
    if not refused:
        return None
    cells = "、".join(f"{patch.sheet}!{column_letters(patch.column)}{patch.row}" for patch in sorted(refused, key=str))
    return T_("{cells} 在数组公式或表格标题里，应用不能改写；请在工作簿里改成普通单元格", cells=cells[:200])


def revision_of(grids: Grids) -> int:
    """The revision a workbook carries; 0 for one the app has not written yet."""
    text = grids.meta.get("revision", "")
    return int(text) if text.isdecimal() else 0


def _refuse_unfinished(found: Grids) -> None:
    """What is half copied must not be taken for what people want. Raises ``StoreError``."""
    if UNFINISHED in found.meta:
        raise StoreError(_("这本表格的建立或复制还没有完成；请再运行一次同样的命令"))
