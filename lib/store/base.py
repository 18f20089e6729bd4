"""What every store offers, and the one family of exceptions it raises."""

from __future__ import annotations

from typing import Protocol

from sheets_schema.snapshot import Snapshot


class StoreError(Exception):
    """The workbook could not be read or written; the message is a sentence for people."""


class Missing(StoreError):
    """The workbook is not where it is expected."""


class Unreadable(StoreError):
    """The file is there but is no workbook we can read."""


class Store(Protocol):
    """A spreadsheet that is the system of record. Reading only; writing joins with the commands."""

    @property
    def name(self) -> str:
        """The workbook's name as people know it."""
        ...

    def probe(self) -> str:
        """A cheap mark that changes when the workbook does. Raises ``StoreError``."""
        ...

    def read(self) -> Snapshot:
        """All raw cells. Raises ``StoreError``."""
        ...
