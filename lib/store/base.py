"""What every store offers, and the one family of exceptions it raises."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sheets_schema.snapshot import Cell, Snapshot

if TYPE_CHECKING:
    from lib.store.locks import Holder


class StoreError(Exception):
    """The workbook could not be read or written; the message is a sentence for people."""


class Missing(StoreError):
    """The workbook is not where it is expected."""


class Unreadable(StoreError):
    """The file is there but is no workbook we can read."""


class Changed(StoreError):
    """Somebody saved the workbook meanwhile: what was to be written must be merged with that first."""


class Busy(StoreError):
    """Somebody has the workbook open in a desktop program; ``who`` is the name that program gives."""

    def __init__(self, message: str, who: str = "") -> None:
        super().__init__(message)
        self.who = who


class NotWritable(StoreError):
    """The workbook can be read but not written now: read-only, no space, a folder without permission."""


@dataclass(frozen=True, slots=True)
class CellPatch:
    """One cell to write: the tab's title, 1-based row and column, and its new value; None or ``""`` clears it."""

    sheet: str
    row: int
    column: int
    value: Cell


def digest(data: bytes) -> str:
    """What tells one content from another, in hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: the digest of the workbook now; the workbook that somebody saved in the very moment, which it
    displaced and which must be merged; the cells that could not be written."""

    digest: str
    displaced: Path | None = None
    refused: tuple[CellPatch, ...] = ()


class Store(Protocol):
    """A spreadsheet that is the system of record.

    ``live``: people edit it in place, so that nobody ever has a stale copy of it to save.
    """

    live: bool

    @property
    def name(self) -> str:
        """The workbook's name as people know it."""
        ...

    def probe(self) -> str:
        """A cheap mark that changes when the workbook does. Raises ``StoreError``."""
        ...

    def refresh(self, force: bool = False) -> None:
        """Look at the workbook where that takes a while, if it is time to; ``probe`` and ``read`` never wait for it.
        Does not raise."""
        ...

    def read(self) -> Snapshot:
        """All raw cells. Raises ``StoreError``."""
        ...

    def keep(self, base: Snapshot, path: Path) -> None:
        """Put a copy of the workbook that ``base`` was read from at ``path``. Raises ``StoreError``."""
        ...

    def write(self, base: Snapshot, patches: Sequence[CellPatch], keep: Path | None) -> Written:
        """Write cells into the workbook that ``base`` was read from, all or none; a copy goes to ``keep``, if given.

        Raises ``Changed`` when the workbook is no longer the one read, ``Busy`` while somebody has it open in a
        desktop program, ``NotWritable`` or another ``StoreError``. After an exception nothing was written.
        """
        ...

    def read_copy(self, path: Path) -> Snapshot:
        """The content of a copy kept by ``write``, or of a workbook that was displaced. Raises ``StoreError``."""
        ...

    def holder(self) -> Holder | None:
        """Who has the workbook open in a desktop program, as that program's lock tells it."""
        ...

    def put_right(self) -> Sequence[str]:
        """What of its own tools it has repaired since this was last asked, in sentences for the journal."""
        ...

    def strays(self) -> Sequence[Path]:
        """Workbooks a crash left beside this one; each may hold somebody's save."""
        ...
