"""Taking over a spreadsheet from another server (交接), and shutting out what that one had under way.

Google has no compare-and-set, but a batch that names a tab which is not there is refused as a whole. Every batch of
ours names the hidden tab of pre-images by its id. So before a new holder writes for the first time it puts a copy of
that tab in its place, under an id nobody else knows: a batch of the former holder is either in by then, and the copy
tells of it, or refused for good, however late it comes. A holder also asks for its turn right before it sends and right
after the answer; but what protects the spreadsheet from one that was stopped in between is the tab.

What is left: after the answer the holder notes in the shared folder what its batch displaced and that it has dealt with
it. One that is stopped for longer than its turn between that question and those notes, a moment on its own disk, writes
them late. What it displaced then bears the number of a former turn and is passed over, for the new holder has settled
that batch itself; the old name makes the new holder look once more at what its own last batch replaced.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.i18n import _
from lib.store.base import Busy
from lib.store.google_batch import PRE_IMAGE
from lib.store.google_copies import BROKEN, pack, unpack
from lib.store.google_patches import Size
from lib.store.google_reading import Tab
from lib.store.lease import Lease, Offer

LOOKED = "looked"
"""The file that names the content seen by the last look; its time is when that was."""


class Shift:
    """One store's part in the taking of turns. ``folder`` is shared by all servers."""

    def __init__(self, lease: Lease, folder: Path) -> None:
        self.lease, self.folder = lease, folder
        self._number = 0
        self._fenced = 0
        self._mark = ""
        self._left: list[Path] = []
        """What former holders have left in the folder when our turn began."""

    def begins(self) -> bool:
        """Whether this is the first look of a new turn."""
        number = self.lease.number
        begins, self._number = number != self._number, number
        if begins:
            self._left = list(self.folder.glob("turn-*"))
        return begins

    def check(self) -> None:
        """Raises ``Busy`` when it is not the turn any more in which we looked."""
        if not self.lease.mine() or self.lease.number != self._number:
            raise Busy(_("另一台服务器已接手这本表格"))

    def named(self, name: str) -> str:
        """The name of a file of ours in the folder: it tells our turn."""
        return f"turn-{self._number}-{name}"

    def ours(self, pattern: str) -> list[Path]:
        """The files of this kind that are ours to deal with: made in our turn, or there when it began. What a former
        holder that was stopped puts there later is long out of date."""
        found = sorted(self.folder.glob(f"turn-*-{pattern}"))
        return [path for path in found if path in self._left or path.name.startswith(self.named(""))]

    # shutting out the former holder

    @property
    def is_fenced(self) -> bool:
        """Whether nobody else's batch can be applied any more."""
        return self._fenced == self._number

    def fenced(self) -> None:
        """The hidden tab was replaced, or there is none."""
        self._fenced = self._number

    @staticmethod
    def fence(here: Size, tabs: int) -> tuple[int, dict[str, Any]]:
        """The batch that puts a copy of the hidden tab in its place, and the copy's id; it comes after ``tabs``
        others."""
        id = uuid.uuid4().int % 2**30 + 1
        made = {
            "sourceSheetId": here.id,
            "newSheetId": id,
            "newSheetName": f"{PRE_IMAGE}{id}",
            "insertSheetIndex": tabs,
        }
        named = {"sheetId": id, "title": PRE_IMAGE, "hidden": True}
        return id, {
            "requests": [
                {"duplicateSheet": made},
                {"deleteSheet": {"sheetId": here.id}},
                {"updateSheetProperties": {"properties": named, "fields": "title,hidden"}},
            ]
        }

    # what was seen

    def looked(self, mark: str, title: str, sizes: Sequence[Size], tabs: Iterable[Tab]) -> None:
        """Note what the last look, or our own write, has left there. Call it before anybody acts upon it."""
        path = self.folder / LOOKED
        try:
            if mark == self._mark:
                os.utime(path)
                self.lease.offer(mark)
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(mark)
        except OSError:  # then nobody may take what was left before for what is there now
            self._mark = ""
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return
        self._mark = mark
        kept_tabs = list(tabs)
        told = json.dumps({"title": title, "sizes": [asdict(size) for size in sizes]}).encode()
        self.lease.offer(mark, lambda: Offer(mark, told, pack(kept_tabs)))

    def unknown(self) -> None:
        """What was left for others is not what stands there any more, and nobody has looked since."""
        self._mark = ""
        with suppress(OSError):
            (self.folder / LOOKED).write_text("")

    def offered(self) -> tuple[str, list[Size], dict[int, Tab], float] | None:
        """The spreadsheet's title, its tabs with their sizes and content as the last holder saw or left them, and the
        age of that in seconds; None when that is not fresh, or not the last there was."""
        try:
            mark = (self.folder / LOOKED).read_text()
            found = self.lease.offered()
            if found is None or found.mark != mark:
                return None
            told = json.loads(found.sizes)
            sizes = [Size(**size) for size in told["sizes"]]
            return told["title"], sizes, {tab.id: tab for tab in unpack(found.tabs)}, found.age
        except BROKEN:
            return None


def looked_at(folder: Path) -> float | None:
    """When any server looked at the spreadsheet last, in seconds since 1970; None when none ever did."""
    try:
        return os.stat(folder / LOOKED).st_mtime
    except OSError:
        return None
