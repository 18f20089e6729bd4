"""A store in memory, for tests: the same behaviour as the others without a file."""

from __future__ import annotations

from lib.store.base import Missing
from sheets_schema.snapshot import RawSheet, Snapshot


class MemoryStore:
    """Holds one snapshot; ``put`` replaces it, ``lose`` makes it unreachable."""

    def __init__(self, *sheets: RawSheet, name: str = "memory") -> None:
        self.name = name
        self._sheets: tuple[RawSheet, ...] | None = sheets
        self._revision = 1

    def put(self, *sheets: RawSheet) -> None:
        """Replace the content."""
        self._sheets = sheets
        self._revision += 1

    def lose(self) -> None:
        """Be gone until the next ``put``."""
        self._sheets = None

    def probe(self) -> str:
        """The revision number. Raises ``Missing`` after ``lose``."""
        if self._sheets is None:
            raise Missing(self.name)
        return str(self._revision)

    def read(self) -> Snapshot:
        """The snapshot. Raises ``Missing`` after ``lose``."""
        revision = self.probe()
        assert self._sheets is not None
        return Snapshot(revision, self._sheets)
