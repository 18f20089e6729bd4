"""The shared store: a Google spreadsheet that people edit while the app reads and writes it.

What the last look saw is told in ``google_seen``; here is when to look, how to write, and what to make of a write that
met what people did in that very moment (``google_batch``). What it costs is bounded by ``google_client``.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.i18n import _
from lib.store import google_copies
from lib.store.base import Busy, CellPatch, Changed, StoreError, Written
from lib.store.google_batch import PRE_IMAGE, Batch, Replaced, answered, grow, moved, settled
from lib.store.google_checks import freed
from lib.store.google_client import BoundedClient, Throttled, Unsure
from lib.store.google_damage import damaged, masked, repairs, vanished
from lib.store.google_looking import before, kept
from lib.store.google_patches import Patched, append, header, patched
from lib.store.google_reading import BLOCKED, CHECK, ID, Tab
from lib.store.google_seen import METADATA_AGE, Seen
from lib.store.google_standing import TOOLS
from lib.store.google_tools import Head, Heads, email_of, remade
from lib.store.lease import Lease
from sheets_schema.snapshot import Snapshot

log = logging.getLogger(__name__)
EAGER, CALM = 5.0, 10.0
"""Seconds between two looks while things change, and when nothing has for a while."""
CALM_AFTER = 120.0
"""Seconds without a change after which it is calm."""
LONGEST_MENDING = 20.0
"""Seconds after which mending rests until the next look, when rows keep moving under it."""
LONGEST_PAUSE = 60.0
"""Seconds between two looks at most, after many that failed."""
ANSWER = "updatedSpreadsheet.sheets.data.rowData.values.effectiveValue"
MEND = "mend-"
"""How the names of batches begin that give rows their content back."""


class GoogleStore(Seen):
    """One spreadsheet. ``refresh`` looks and mends, ``read`` gives what the last look saw, ``write`` writes."""

    live = True

    def __init__(
        self, client: BoundedClient, spreadsheet: str, folder: Path, clock: Callable[[], float] = time.monotonic,
        lease: Lease | None = None,
    ) -> None:  # fmt: skip
        super().__init__(client, spreadsheet, folder, clock, lease)
        self._failed = 0
        self._heads = Heads()
        self._put_right = deque[str]()

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

    def strays(self) -> Sequence[Path]:
        """What a write displaced and nobody has merged yet."""
        return self.shift.ours(f"{google_copies.DISPLACED}*.json.gz")

    def put_right(self) -> Sequence[str]:
        """What was put right since this was last asked, in sentences for the journal."""
        return [self._put_right.popleft() for _n in range(len(self._put_right))]

    # what became of a batch

    def _settle(self, head: Tab | None) -> None:
        """Deal with the batch that the hidden tab names, unless that was done."""
        line = head.values[0] if head is not None and head.values else ()
        name = str(line[0]) if line else ""
        self._unsure = False
        if not name or head is None or name == self._kept.settled:
            return
        [answer] = self.client.values_by_filter(self.spreadsheet, [{"gridRange": {"sheetId": head.id}}])
        table = answer["valueRange"].get("values", [])
        self._replaced(str(table[0][0]) if table and table[0] else name, settled(table))  # another may be in by now

    def _replaced(self, name: str, replaced: Sequence[Replaced]) -> Path | None:
        """Learn what a batch replaced: a copy of what it displaced, if it did; cells of other rows are to be mended."""
        wrong = self._wrong(name, replaced)
        self._kept.damage = damaged(self._kept.damage, replaced, wrong)
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
        if wrong and self._damage_seen is None:
            self._damage_seen = self._kept.damage
        return self._replaced(made.batch.name, replaced)

    def _tools(self) -> list[dict[str, Any]]:
        """What makes our hidden tabs where they are not there."""
        made, told = remade(self._sizes, self._checks, email_of(self.client)) if self._lacks_tools else ([], [])
        self._put_right.extend(told if self._kept.settled else ())
        return made

    @property
    def _lacks_tools(self) -> bool:
        return not {size.title for size in self._sizes}.issuperset(TOOLS)

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
        for id in {one.tab for one, _held in lost}:
            append(self._tabs[id], [list(held) for one, held in lost if one.tab == id], self._sizes, made)
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
