"""Google's raw values as a snapshot: what is a day, what is a tick, what the app keeps for itself.

Days come as serial numbers, because their text depends on the spreadsheet's locale. Which columns hold days is
declared; a number in any other column stays a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from sheets_schema.sheet import Kind
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import SHEETS

Raw = str | float | bool
EPOCH = date(1899, 12, 30)
"""The day whose serial number is 0."""
LAST_DAY = 2_958_465
HEADER_SEARCH = 10
"""Rows from the top among which a tab's header is looked for."""
_DAYS = {name for s in SHEETS for c in s.columns if c.kind is Kind.DATE for name in (c.label, *c.aliases)}
_LABELS = {name for s in SHEETS for c in s.columns for name in (c.label, *c.aliases)}
ID, CHECK = "编号", "校验"
BLOCKED = "#REF!"
"""What the header 校验 reads when somebody has typed into a cell that its formula fills."""
_ERRORS = {"DIVIDE_BY_ZERO": "#DIV/0!", "N_A": "#N/A", "NAME": "#NAME?", "NULL_VALUE": "#NULL!"}
"""What errors read whose text is not made of their type."""


@dataclass(frozen=True)
class Tab:
    """A worksheet: its id, which people cannot change, its title, which they can, and its raw values as read."""

    id: int
    title: str
    values: Sequence[Sequence[Raw]]

    @cached_property
    def header(self) -> int:
        """0-based index of the row that has most of the declared labels."""
        scores = [sum(cell in _LABELS for cell in row) for row in self.values[:HEADER_SEARCH]]
        return scores.index(max(scores)) if scores else 0

    @cached_property
    def _head(self) -> list[str]:
        return [str(cell).strip() for cell in self.values[self.header]] if self.values else []

    @cached_property
    def id_at(self) -> int | None:
        """0-based position of the column of ids."""
        return self._head.index(ID) if ID in self._head else None

    @cached_property
    def check_at(self) -> int | None:
        """0-based position of the column in which the app says what is wrong."""
        found = next((name for name in (CHECK, BLOCKED) if name in self._head), None)
        return None if found is None or self.id_at is None else self._head.index(found)

    @property
    def blocked(self) -> bool:
        """Whether the app's formula cannot show its texts there, because somebody has typed among them."""
        return self.check_at is not None and self._head[self.check_at] == BLOCKED

    @cached_property
    def days(self) -> frozenset[int]:
        """Positions of the columns that hold days."""
        return frozenset(at for at, label in enumerate(self._head) if label in _DAYS)

    def line(self, row: int) -> Sequence[Raw]:
        """The values of a row by its 0-based index; none below all content."""
        return self.values[row] if row < len(self.values) else ()

    @cached_property
    def width(self) -> int:
        """How many columns have content."""
        return max(map(len, self.values), default=0)

    def whole(self, row: int) -> tuple[Raw, ...]:
        """The values of a row as far to the right as the tab has any."""
        line = self.line(row)
        return (*line, *[""] * (self.width - len(line)))

    def at(self, row: int, position: int) -> Raw:
        """One value."""
        line = self.line(row)
        return line[position] if position < len(line) else ""

    def record(self, row: int) -> str:
        """The id in a row; empty when there is none."""
        return "" if self.id_at is None or row <= self.header else str(self.at(row, self.id_at)).strip()

    def known_by(self, row: int) -> str:
        """What a row is known by: a record by its id, the header by what stands above the ids."""
        return ID if row == self.header and self.id_at is not None else self.record(row)

    def row_of(self, record: str) -> int | None:
        """The first row of a record; None when it is gone."""
        return self._rows.get(record)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {self.record(at): at for at in range(len(self.values) - 1, self.header, -1)}

    def with_cells(self, rows: Iterable[tuple[int, Mapping[int, Raw]]]) -> Tab:
        """The tab with some cells exchanged: (row, position → value)."""
        values = list(self.values)
        for at, cells in rows:
            values += [()] * (at + 1 - len(values))
            width = max(len(values[at]), *(position + 1 for position in cells))
            line = [*values[at], *[""] * (width - len(values[at]))]
            for position, value in cells.items():
                line[position] = value
            values[at] = line
        return replace(self, values=values)

    @cached_property
    def cells(self) -> list[list[Cell]]:
        """The cells as the domain takes them."""
        days, head = self.days, self.header
        return [
            [cell_of(cell, position in days and at > head) for position, cell in enumerate(row)]
            for at, row in enumerate(self.values)
        ]

    @cached_property
    def end(self) -> int:
        """0-based index of the first row below all content."""
        filled = (at for at in range(len(self.values) - 1, -1, -1) if any(cell != "" for cell in self.values[at]))
        return max(next(filled, -1), self.header) + 1


def cell_of(raw: Raw, is_day: bool = False) -> Cell:
    """One raw value as a cell."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return str(raw).upper()
    if is_day and 1 <= raw <= LAST_DAY:
        whole = EPOCH + timedelta(days=int(raw))
        if raw == int(raw):
            return whole
        return datetime.combine(whole, datetime.min.time()) + timedelta(seconds=round((raw - int(raw)) * 86400))
    return float(raw)


def raw_of(cell: Cell) -> Raw:
    """What a cell is read as once it has been written: ``cell_of`` the other way round."""
    if cell is None or isinstance(cell, str):
        return {"TRUE": True, "FALSE": False}.get(cell or "", cell or "")
    if isinstance(cell, datetime):
        rest = cell - datetime.combine(cell.date(), datetime.min.time(), cell.tzinfo)
        return (cell.date() - EPOCH).days + rest.total_seconds() / 86400
    if isinstance(cell, date):
        serial = (cell - EPOCH).days
        return serial if serial >= 1 else cell.isoformat()
    if isinstance(cell, (int, float)):
        return cell
    return str(cell)


def copied_raw(cell: Cell, *, declared: bool) -> Raw:
    """What a cell of another workbook is written as: a time is the part of a day that it is, where a format of its own
    may say so, else a text."""
    if declared or not isinstance(cell, (time, timedelta)):
        return raw_of(cell)
    since = cell if isinstance(cell, timedelta) else datetime.combine(date.min, cell) - datetime.min
    return since.total_seconds() / 86400


def value_of(raw: Raw) -> dict[str, Raw]:
    """A raw value as Google's ``ExtendedValue``; never a formula. Nothing clears a cell."""
    if raw == "" and isinstance(raw, str):
        return {}
    if isinstance(raw, bool):
        return {"boolValue": raw}
    return {"stringValue": raw} if isinstance(raw, str) else {"numberValue": raw}


def from_value(value: Mapping[str, Any]) -> Raw:
    """``value_of`` the other way round, as an answer tells it; an error as the text that it is read as."""
    for name in ("stringValue", "numberValue", "boolValue"):
        if name in value:
            found: Raw = value[name]
            return found
    if "errorValue" not in value:
        return ""
    kind = str(value["errorValue"]["type"])
    return _ERRORS.get(kind, f"#{kind}!")
