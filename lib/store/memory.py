"""A store in memory, for tests: the same behaviour as the others without a workbook file."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lib.store.base import Busy, CellPatch, Changed, Missing, Unreadable, Written, digest
from lib.store.locks import Holder
from sheets_schema.snapshot import Cell, RawSheet, Snapshot


class MemoryStore:
    """Holds one snapshot; ``put`` replaces it as somebody's save would, ``lose`` makes it unreachable.

    ``held_by`` says who has it open, as a lock file would.
    """

    live = False

    def __init__(self, *sheets: RawSheet, name: str = "memory") -> None:
        self.name = name
        self.held_by: Holder | None = None
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

    def refresh(self, force: bool = False) -> None:
        """Nothing: a look takes no time."""

    def read(self) -> Snapshot:
        """The snapshot. Raises ``Missing`` after ``lose``."""
        revision = self.probe()
        assert self._sheets is not None
        return Snapshot(revision, self._sheets, digest=_digest(self._sheets))

    def read_copy(self, path: Path) -> Snapshot:
        """The content kept at a path. Raises ``Missing`` or ``Unreadable``."""
        try:
            sheets = _unpack(path.read_bytes())
        except OSError as error:
            raise Missing(path.name) from error
        except (pickle.UnpicklingError, EOFError) as error:
            raise Unreadable(path.name) from error
        return Snapshot("", sheets, digest=_digest(sheets))

    def keep(self, base: Snapshot, path: Path) -> None:
        """A copy of the content. Raises ``Changed``."""
        if self.read().digest != base.digest:
            raise Changed(self.name)
        path.write_bytes(_pack(base.sheets))

    def write(self, base: Snapshot, patches: Sequence[CellPatch], keep: Path | None) -> Written:
        """Write cells. Raises ``Busy``, ``Changed`` or ``Missing``."""
        if self.held_by is not None:
            raise Busy(self.name, self.held_by.who)
        if self.read().digest != base.digest:
            raise Changed(self.name)
        missing = {p.sheet for p in patches} - {raw.title for raw in base.sheets}
        tabs = (*base.sheets, *(RawSheet(title, []) for title in sorted(missing)))
        sheets = tuple(_patched(raw, [p for p in patches if p.sheet == raw.title]) for raw in tabs)
        if keep is not None:
            keep.write_bytes(_pack(sheets))
        self.put(*sheets)
        return Written(_digest(sheets))

    def holder(self) -> Holder | None:
        """Who has it open."""
        return self.held_by

    def put_right(self) -> Sequence[str]:
        """It has no tools in the workbook."""
        return ()

    def strays(self) -> Sequence[Path]:
        """There are none."""
        return ()


def _pack(sheets: tuple[RawSheet, ...]) -> bytes:
    return pickle.dumps([(raw.title, [list(row) for row in raw.cells], dict(raw.marks), raw.merged) for raw in sheets])


def _unpack(data: bytes) -> tuple[RawSheet, ...]:
    return tuple(RawSheet(*parts) for parts in pickle.loads(data))  # noqa: S301 - read back from the test that wrote it


def _digest(sheets: tuple[RawSheet, ...]) -> str:
    return digest(repr([(raw.title, [list(row) for row in raw.cells]) for raw in sheets]).encode())


def _patched(raw: RawSheet, patches: Sequence[CellPatch]) -> RawSheet:
    cells: list[list[Cell]] = [list(row) for row in raw.cells] if patches else []
    for patch in patches:
        cells += [[] for _ in range(patch.row - len(cells))]
        row = cells[patch.row - 1]
        row += [""] * (patch.column - len(row))
        row[patch.column - 1] = "" if patch.value is None else patch.value
    return replace(raw, cells=cells) if patches else raw
