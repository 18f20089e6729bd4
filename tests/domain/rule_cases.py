"""For every rule of the catalogue: what to change in the clean workbook so that it fires, and where, and a neighbour
of that change which is legal. ``test_rules`` walks the table; the cases stand in three modules by family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sheets_schema.workbook import BY_KEY
from tests.workbooks import AS_OF, TODAY, Book

Change = Callable[[Book], object]


@dataclass(frozen=True)
class Case:
    """``breaks`` makes ``rule`` fire at (sheet, row, column); ``legal`` comes as near as it may without firing."""

    rule: str
    sheet: str
    row: int | None
    column: str | None
    breaks: Change
    legal: Change
    as_of: date = AS_OF
    legal_as_of: date = AS_OF

    @property
    def today(self) -> date:
        """The day after the as-of day, or the usual one."""
        return max(TODAY, self.as_of + timedelta(days=1))

    @property
    def place(self) -> tuple[str, int | None, str | None]:
        """(sheet label, row, column label) as a finding tells it."""
        declared = BY_KEY.get(self.sheet)
        if declared is None:
            return self.sheet, self.row, self.column
        known = self.column in declared.by_name if self.column else False
        return declared.label, self.row, declared.label_of(str(self.column)) if known else self.column


def same(book: Book) -> None:
    """No change: the clean workbook itself is the legal neighbour."""
