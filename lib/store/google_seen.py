"""What a shared spreadsheet showed when it was last looked at, and what that makes readers see.

One look every few seconds serves all sessions. Nobody holds a stale copy of it: whatever differs from our last look,
somebody has just done. Tabs are bound by their ids, for people rename them.
"""

from __future__ import annotations

import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from lib.i18n import _
from lib.store import google_copies
from lib.store.base import Changed, Missing, StoreError
from lib.store.google_batch import PRE_IMAGE
from lib.store.google_checks import CHECKS, Checks
from lib.store.google_client import BoundedClient, Refused
from lib.store.google_damage import Damage, masked
from lib.store.google_kept import Kept
from lib.store.google_looking import looked_at, measured
from lib.store.google_patches import Size
from lib.store.google_reading import Tab
from lib.store.google_shift import Shift
from lib.store.google_standing import TOOLS
from lib.store.lease import Alone, Lease
from lib.store.locks import Holder
from sheets_schema.snapshot import RawSheet, Snapshot

METADATA_AGE = 600.0
"""Seconds after which the list of tabs is read again: people add tabs."""


class Seen(ABC):
    """A spreadsheet as the last look saw it.

    ``folder`` keeps what must outlive this process: which batch has been dealt with, and what one displaced.
    """

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
        self._checks = Checks()
        self._kept = Kept.at(folder / "kept.json")
        self._unsure = False
        self._damage_seen: list[Damage] | None = None
        """The damage in what the last look saw, when rows had moved under a write since: it is out of date then."""
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

    @abstractmethod
    def refresh(self, force: bool = False) -> None:
        """Look, if it is time."""

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

    # looking

    def _look(self, found: dict[int, Tab] | None = None) -> None:
        """Read everything once; learn what became of a batch whose answer was lost. ``found``: what stands there, where
        another server has just read it."""
        self._damage_seen = None
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
        if self._damage_seen is not None:
            self.shift.unknown()
        elif self._latest is not None:
            self.shift.looked(self._latest.digest, self.title, self._sizes, self._tabs.values())

    @abstractmethod
    def _settle(self, head: Tab | None) -> None:
        """Learn what became of the batch that the hidden tab names."""

    # showing

    def _shown(self, tabs: Mapping[int, Tab] | None = None) -> list[Tab]:
        """The workbook's tabs: without our tools, with 校验 at its rows, without what is about to be mended."""
        damage = self._kept.damage if self._damage_seen is None else self._damage_seen
        tabs = masked(damage, self._tabs if tabs is None else tabs)
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
