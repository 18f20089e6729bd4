"""The shared store: a Google spreadsheet that people edit while the app reads and writes it.

One look every few seconds serves all sessions; what it costs is bounded by ``google_client``. Nobody holds a stale
copy of it: whatever differs from our last look, somebody has just done. How a write meets what people do in that very
moment is told in ``google_batch``. Tabs are bound by their ids, for people rename them.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib.i18n import _
from lib.store import google_copies
from lib.store.base import Busy, CellPatch, Changed, Missing, StoreError, Written
from lib.store.google_batch import PRE_IMAGE, Batch, Replaced, answered, grow, moved, settled
from lib.store.google_checks import CHECKS, Checks, freed
from lib.store.google_client import BoundedClient, Refused, Throttled, Unsure
from lib.store.google_damage import damages, masked, repairs, vanished
from lib.store.google_kept import Kept
from lib.store.google_looking import before, kept, looked_at, measured
from lib.store.google_patches import Patched, Size, append, header, patched
from lib.store.google_reading import BLOCKED, CHECK, ID, Tab
from lib.store.google_shift import Shift
from lib.store.google_standing import TOOLS
from lib.store.google_tools import Head, Heads, email_of, remade
from lib.store.lease import Alone, Lease
from lib.store.locks import Holder
from sheets_schema.snapshot import RawSheet, Snapshot

log = logging.getLogger(__name__)
EAGER, CALM = 5.0, 10.0
"""Seconds between two looks while things change, and when nothing has for a while."""
CALM_AFTER = 120.0
"""Seconds without a change after which it is calm."""
LONGEST_MENDING = 20.0
"""Seconds after which mending rests until the next look, when rows keep moving under it."""
LONGEST_PAUSE = 60.0
"""Seconds between two looks at most, after many that failed."""
METADATA_AGE = 600.0
"""Seconds after which the list of tabs is read again: people add tabs."""
ANSWER = "updatedSpreadsheet.sheets.data.rowData.values.effectiveValue"
MEND = "mend-"
"""How the names of batches begin that give rows their content back."""


class GoogleStore:
    """One spreadsheet. ``refresh`` looks and mends, ``read`` gives what the last look saw, ``write`` writes.

    ``folder`` keeps what must outlive this process: which batch has been dealt with, and what one displaced.
    """

    live = True

    def __init__(
        self, client: BoundedClient, spreadsheet: str, folder: Path, clock: Callable[[], float] = time.monotonic,
        lease: Lease | None = None,
    ) -> None:  # fmt: skip
        self.client, self.spreadsheet, self.folder, self.clock = client, spreadsheet, folder, clock
        self.shift = Shift(lease or Alone(), folder)
        self.title = ""
        self.looked_at: float | None = None
        """When the last look succeeded, by ``clock``."""
        self._io = threading.RLock()
        self._sizes: list[Size] = []
        self._sized_at = -METADATA_AGE
        self._tabs: dict[int, Tab] = {}
        self._sheets: dict[int, tuple[Tab, RawSheet]] = {}
        self._latest: Snapshot | None = None
        self._problem: StoreError | None = None
        self._due = self._changed_at = clock()
        self._failed = 0
        self._checks, self._heads = Checks(), Heads()
        self._put_right = deque[str]()
        self._kept = Kept.at(folder / "kept.json")
        self._unsure = False
        self._run, self._count = uuid.uuid4().hex[:12], 0

    @property
    def name(self) -> str:
        """The spreadsheet's title."""
        return self.title or self.spreadsheet

    def probe(self) -> str:
        """Which content the last look saw. Raises ``StoreError`` when it failed."""
        if self._problem is not None:
            raise self._problem
        return self.read().revision

    def read(self) -> Snapshot:
        """What the last look saw, or a first look. Raises ``StoreError``."""
        if self._latest is None:
            self.refresh(force=True)
        if self._problem is not None:
            raise self._problem
        assert self._latest is not None
        return self._latest

    def refresh(self, force: bool = False) -> None:
        """Look at the spreadsheet if it is time, and mend what a write hit by mistake. Never raises ``StoreError``."""
        with self._io:
            now = self.clock()
            if now < self._due and not force:
                return
            try:
                age = self._took_over() if self.shift.begins() else None
                if age is None:
                    self._look()
                    while self._mend() and self.clock() < now + LONGEST_MENDING:
                        self._look()
            except StoreError as error:
                self._failed += 1
                self._problem = error
                pause = EAGER if isinstance(error, (Throttled, Unsure)) else EAGER * 2 ** min(self._failed, 5)
                self._due = self.clock() + min(pause, LONGEST_PAUSE)
            else:
                self._failed, self._problem, self.looked_at = 0, None, self.clock() - (age or 0.0)
                calm = self.looked_at - self._changed_at > CALM_AFTER
                self._due = self.looked_at + (CALM if calm else EAGER)
                self._note_look()

    def write(self, base: Snapshot, patches: Sequence[CellPatch], keep: Path | None) -> Written:
        """Write cells into the rows that ``base`` shows at their places, wherever these have gone meanwhile; what
        could not be written is simply not in what ``read`` gives afterwards. A copy goes to ``keep``.

        Raises ``Changed`` when there was a newer look, ``Unsure`` when it is not known whether it was written (the
        next look finds out), or another ``StoreError``.
        """
        with self._io:
            if self._unsure:
                raise Busy(_("上一次写入是否成功还不清楚，先查清再写"))
            if self._latest is None or base.digest != self._latest.digest:
                raise Changed(_("“{name}”刚被别人保存过", name=self.name))
            if not self.shift.is_fenced:
                self._fence()
                raise Changed(_("刚接手这本表格，先再读一遍"))
            before = self._tools()
            made = patched(uuid.uuid4().hex, self._tabs, self._sizes, patches, self._checks)
            replaced = self._send(made.batch, [*before, *made.before])
            displaced = self._written(made, replaced)
            if keep is not None:
                google_copies.save(self._shown(), keep)
            mark = self._publish()
            self._note_look()
            return Written(mark, displaced)

    def keep(self, base: Snapshot, path: Path) -> None:
        """A copy of what the last look saw. Raises ``NotWritable``, ``Changed``."""
        with self._io:
            if self._latest is None or base.digest != self._latest.digest:
                raise Changed(_("“{name}”刚被别人保存过", name=self.name))
            google_copies.save(self._shown(), path)

    def read_copy(self, path: Path) -> Snapshot:
        """The content of a copy. Raises ``StoreError``."""
        return google_copies.read(path)

    def holder(self) -> Holder | None:
        """Nobody ever keeps us from writing."""
        return None

    def strays(self) -> Sequence[Path]:
        """What a write displaced and nobody has merged yet."""
        return self.shift.ours(f"{google_copies.DISPLACED}*.json.gz")

    # looking

    def _look(self, found: dict[int, Tab] | None = None) -> None:
        """Read everything once; learn what became of a batch whose answer was lost. ``found``: what stands there, where
        another server has just read it."""
        old = self.clock() - self._sized_at > METADATA_AGE
        if not self._sizes or old or self._kept.lacks(tab.title for tab in (found or self._tabs).values()):
            self._measure()
        try:
            found = found or looked_at(self.client, self.spreadsheet, self._sizes)
        except (Refused, Missing):
            self._measure()  # somebody deleted a tab
            found = looked_at(self.client, self.spreadsheet, self._sizes)
        own = {size.id: size.title for size in self._sizes if size.title in TOOLS}
        titles = self._kept.known_as((id, tab.title) for id, tab in found.items())
        found = {id: tab if tab.title == titles[id] else replace(tab, title=titles[id]) for id, tab in found.items()}
        changed = False
        tabs: dict[int, Tab] = {}
        for size in self._sizes:
            tab = found.get(size.id, Tab(size.id, size.title, ()))
            known = self._tabs.get(size.id)
            same = known is not None and known.title == tab.title and known.values == tab.values
            tabs[size.id] = known if same and known is not None else tab
            changed |= not same and size.id not in own
        changed |= bool(self._tabs.keys() - tabs.keys())
        self._tabs = {id: tab for id, tab in tabs.items() if own.get(id) != PRE_IMAGE}
        checks = next((tab for tab in tabs.values() if own.get(tab.id) == CHECKS), None)
        changed |= self._checks.take(checks)
        if changed:
            self._changed_at = self.clock()
        self._settle(next((tab for tab in tabs.values() if own.get(tab.id) == PRE_IMAGE), None))
        if changed or self._latest is None or self._kept.damage:
            self._publish()

    def _measure(self) -> None:
        self.title, self._sizes = measured(self.client, self.spreadsheet)
        self._sized_at = self.clock()

    # taking turns

    def _took_over(self) -> float | None:
        """Forget what was so in a former turn. When the last holder left what it saw, that is our look: its age."""
        self._kept = Kept.at(self._kept.path)
        self._unsure, self._sized_at = False, -METADATA_AGE
        told = self.shift.offered()
        if told is None:
            return None
        self.title, self._sizes, found, age = told
        self._sized_at = self.clock() - age
        self._look(found)
        return age

    def _note_look(self) -> None:
        if self._latest is not None:
            self.shift.looked(self._latest.digest, self.title, self._sizes, self._tabs.values())

    def _fence(self) -> None:
        """See to it that no batch of a former holder can be applied any more; then a new look is due."""
        if all(size.title != PRE_IMAGE for size in self._sizes):
            self._measure()
        here = next((size for size in self._sizes if size.title == PRE_IMAGE), None)
        if here is not None:
            self.shift.check()
            id, batch = self.shift.fence(here, len(self._sizes))
            self._sized_at = -METADATA_AGE  # unless it is known to be done
            self.client.batch(self.spreadsheet, batch, "spreadsheetId")
            here.id, self._sized_at = id, self.clock()
        self.shift.fenced()
        self._due = self.clock()

    # what became of a batch

    def _settle(self, head: Tab | None) -> None:
        """Deal with the batch that the hidden tab names, unless that was done."""
        line = head.values[0] if head is not None and head.values else ()
        name = str(line[0]) if line else ""
        self._unsure = False
        if not name or head is None or name == self._kept.settled:
            return
        [answer] = self.client.values_by_filter(self.spreadsheet, [{"gridRange": {"sheetId": head.id}}])
        self._replaced(name, settled(answer["valueRange"].get("values", [])))

    def _replaced(self, name: str, replaced: Sequence[Replaced]) -> Path | None:
        """Learn what a batch replaced: a copy of what it displaced, if it did; cells of other rows are to be mended."""
        wrong = self._wrong(name, replaced)
        if name.startswith(MEND):
            hits = [one for one in replaced if one.cells.values and one not in wrong]
            self._kept.damage = [one for one in self._kept.damage if not any(map(one.is_mended_by, hits))]
        self._kept.damage += damages(wrong, replaced)
        if wrong:
            self._due = self.clock()  # rows have moved: what we know of their places is old
        displaced = [one for one in replaced if one not in wrong and one.differing]
        path = None
        if displaced:
            path = google_copies.displaced(self.folder, name, self.shift.named)
            google_copies.save(self._shown(before(displaced, self._tabs)), google_copies.base_of(path))
            google_copies.save(self._shown(kept(displaced, self._tabs)), path)
        self._kept.settled = name
        self._kept.save()
        return path

    def _wrong(self, name: str, replaced: Sequence[Replaced]) -> list[Replaced]:
        """The rows that a batch did not mean, because rows or columns had moved."""
        tabs = moved(replaced, (ID,), (CHECK, BLOCKED))
        mending = name.startswith(MEND)
        return [one for one in replaced if one.cells.values and (one.cells.tab in tabs or not self._hit(one, mending))]

    def _hit(self, one: Replaced, mending: bool) -> bool:
        tab = self._tabs.get(one.cells.tab)
        return tab is None or one.is_same(tab.id_at, tab.check_at, mending)

    # writing

    def _send(self, batch: Batch, before: Sequence[dict[str, Any]]) -> list[Replaced]:
        """Send a batch; what each row it wrote over held. Raises ``Unsure`` and other ``StoreError``."""
        here = next(size for size in self._sizes if size.title == PRE_IMAGE)
        rows, columns = batch.size
        more = max(rows - here.rows, 0), max(columns - here.columns, 0)
        here.rows, here.columns = here.rows + more[0], here.columns + more[1]
        requests = [*before, *grow(here.id, *more), *batch.requests(here.id)]
        body = {
            "requests": requests, "includeSpreadsheetInResponse": True, "responseIncludeGridData": True,
            "responseRanges": [f"'{PRE_IMAGE}'!1:{rows}"],
        }  # fmt: skip
        self.shift.check()
        try:
            answer = self.client.batch(self.spreadsheet, body, ANSWER)
        except StoreError as error:
            self._unsure = isinstance(error, Unsure)
            self._sized_at, self._due = -METADATA_AGE, self.clock()
            raise
        self.shift.check()
        return settled(answered(answer))

    def _written(self, made: Patched, replaced: Sequence[Replaced]) -> Path | None:
        """Take over what a batch has made of the tabs."""
        wrong = {(one.cells.tab, one.cells.row) for one in self._wrong(made.batch.name, replaced)}
        self._tabs |= made.tabs(self._tabs, wrong)
        self._checks = made.checks
        self._changed_at = self.clock()
        return self._replaced(made.batch.name, replaced)

    def _tools(self) -> list[dict[str, Any]]:
        """What makes our hidden tabs where they are not there."""
        made, told = remade(self._sizes, self._checks, email_of(self.client)) if self._lacks_tools else ([], [])
        self._put_right.extend(told if self._kept.settled else ())
        return made

    @property
    def _lacks_tools(self) -> bool:
        return not {size.title for size in self._sizes}.issuperset(TOOLS)

    def put_right(self) -> Sequence[str]:
        """What was put right since this was last asked, in sentences for the journal."""
        return [self._put_right.popleft() for _n in range(len(self._put_right))]

    def _mend(self) -> bool:
        """Give back to other records what a write took from them; clear what keeps 校验 from being shown. Gives whether
        there is more to mend after another look."""
        lost = vanished(self._kept.damage, self._tabs)
        self._kept.damage, rows = repairs(self._kept.damage, self._tabs)
        if rows or lost:
            log.warning("%d rows had moved under a write; they get their content back", len(rows) + len(lost))
        right = masked(self._kept.damage, self._tabs)
        rows += freed(right.values())
        heads = self._lost_heads(right)
        if not rows and not lost and not heads and not (self._lacks_tools and self._kept.settled):
            return False
        if not self.shift.is_fenced:
            self._fence()  # and mend after a new look
            return True
        before = self._tools()
        rows += [head.cells for head in heads]
        made = Patched(Batch(MEND + uuid.uuid4().hex, rows, [head.request for head in heads]), self._checks)
        for id in {id for id, _held in lost}:
            append(self._tabs[id], [list(held) for at, held in lost if at == id], self._sizes, made)
        rows += [header(self._tabs[id]) for id in {one.tab for one in rows}]
        self._written(made, self._send(made.batch, [*before, *made.before]))
        self._put_right.extend(head.told for head in heads)
        self._publish()
        return bool(self._kept.damage)

    def _lost_heads(self, tabs: Mapping[int, Tab]) -> list[Head]:
        now = self.clock()
        return self._heads.broken(
            self.client, self.spreadsheet, self._heads.suspects(tabs.values(), self._checks, now), now + METADATA_AGE
        )

    # showing

    def _shown(self, tabs: Mapping[int, Tab] | None = None) -> list[Tab]:
        """The workbook's tabs: without our tools, with 校验 at its rows, without what is about to be mended."""
        tabs = masked(self._kept.damage, self._tabs if tabs is None else tabs)
        return [
            self._checks.shown(tabs[size.id]) for size in self._sizes if size.title not in TOOLS and size.id in tabs
        ]

    def _publish(self) -> str:
        """Make what ``read`` gives; sheets that did not change are the very same objects."""
        self._count += 1
        mark = f"{self._run}-{self._count}"
        sheets: dict[int, tuple[Tab, RawSheet]] = {}
        for tab in self._shown():
            known = self._sheets.get(tab.id)
            if known is not None and (
                known[0] is tab or (known[0].title == tab.title and known[0].values == tab.values)
            ):
                sheets[tab.id] = known
            else:
                sheets[tab.id] = (tab, RawSheet(tab.title, tab.cells))
        if self._latest is not None and [pair[1] for pair in sheets.values()] == list(self._latest.sheets):
            return self._latest.digest
        self._sheets = sheets
        self._latest = Snapshot(mark, tuple(raw for _tab, raw in sheets.values()), digest=mark)
        return mark
