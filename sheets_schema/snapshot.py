"""A Snapshot (快照): every sheet's raw cells as typed, at one revision. What a store reads and the domain judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

Cell = str | float | date | datetime | time | timedelta | None
"""A raw cell. Text stays text; blank is ``""`` or None; numbers are floats; a tick is the text ``TRUE`` or ``FALSE``
(Python holds True and 1.0 for equal, so that a tick typed over a one would not be seen as a change)."""


class Mark(StrEnum):
    """What the values alone do not tell about a cell."""

    FORMULA = "formula"
    FORMULA_BLANK = "formula_blank"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One worksheet: its tab name, cells from row 1 on, marks by (row, column) 1-based, merged ranges as ``A1:B2``."""

    title: str
    cells: Sequence[Sequence[Cell]]
    marks: Mapping[tuple[int, int], tuple[Mark, str]] = field(default_factory=lambda: MappingProxyType({}))
    merged: tuple[tuple[int, int, int, int], ...] = ()


class Torn(NamedTuple):
    """A sheet (by key) some of whose columns were rearranged among so many records; a person has to decide on it."""

    sheet: str
    columns: tuple[str, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All worksheets at one revision. ``epoch_1904``: bare serial numbers count from 1904.

    ``digest`` tells one content from another: a write is refused unless the workbook still has it. ``torn``: what the
    cells do not tell, only how they came about.
    """

    revision: str
    sheets: tuple[RawSheet, ...]
    epoch_1904: bool = False
    digest: str = ""
    torn: tuple[Torn, ...] = ()
