"""A tab as it is to stand in a new workbook: its cells, and which of its columns are declared ones.

Made from rows when a workbook is set up, from a snapshot when one is copied; written by whatever makes workbooks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sheets_schema.sheet import SEPARATOR, Column, Row, Sheet
from sheets_schema.snapshot import Cell

EARLIEST_YEAR = 1900
"""Spreadsheets know no days before."""


@dataclass(frozen=True)
class Laid:
    """A tab: its title, all cells from row 1 on, the declared sheet it is (None: people's own), 0-based position →
    declared column, and the 0-based row of the header."""

    title: str
    cells: Sequence[Sequence[Cell]]
    sheet: Sheet | None = None
    columns: Mapping[int, Column] = field(default_factory=dict)
    header: int = 0

    @property
    def width(self) -> int:
        """How many columns have something in them."""
        return max((max(map(len, self.cells), default=0), *(at + 1 for at in self.columns)), default=0)

    def label(self, position: int) -> str:
        """What the header of a declared column says, or shall say."""
        line = self.cells[self.header] if self.header < len(self.cells) else ()
        return str(line[position] if position < len(line) and line[position] else self.columns[position].label)

    def at(self, name: str) -> int | None:
        """The position of a declared column; None when the tab lacks it."""
        return next((at for at, column in self.columns.items() if column.name == name), None)


def laid_out(sheet: Sheet, rows: Sequence[Row]) -> Laid:
    """A declared sheet with its rows, under the declared headers; without the columns that its plan does not use."""
    columns = [column for column in sheet.columns if not column.spare]
    header: list[Cell] = [column.label for column in columns]
    cells = [[_cell(getattr(row, column.name, sheet.defaults.get(column.name))) for column in columns] for row in rows]
    return Laid(sheet.label, [header, *cells], sheet, dict(enumerate(columns)))


def _cell(value: object) -> Cell:
    """A value of a row as it is typed into a cell."""
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return SEPARATOR.join(value)
    if isinstance(value, date):
        return value if value.year >= EARLIEST_YEAR else value.isoformat()
    return float(value) if isinstance(value, int) else str(value)
