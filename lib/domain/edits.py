"""Edits (改动): changes addressed by sheet, record id and column, never by a place; applied to a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lib.domain.blocks import Blocks
from lib.domain.normalise import is_blank, to_text
from lib.domain.records import Grid, Grids, grid_of, same
from sheets_schema.snapshot import Cell


class Op(StrEnum):
    """What an edit does: set one cell, add a record, remove one."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. ``column`` with ``old`` and ``new`` for a cell; ``values`` for a record added or removed whole."""

    op: Op
    sheet: str
    record: str
    column: str = ""
    old: Cell = None
    new: Cell = None
    values: Mapping[str, Cell] = field(default_factory=dict)
    derived: frozenset[str] = frozenset()
    """Columns that an act fills in by itself: they are nobody's typing and not kept in the journal."""

    @property
    def inverse(self) -> Edit:
        """The edit that takes this one back."""
        if self.op is Op.SET:
            return replace(self, old=self.new, new=self.old)
        return replace(self, op=Op.REMOVE if self.op is Op.ADD else Op.ADD)

    def as_json(self) -> dict[str, Any]:
        """For the journal; ``from_json`` reads it back."""
        if self.op is Op.SET:
            place = {"column": self.column, "old": pack(self.old), "new": pack(self.new)}
        else:
            place = {"values": {name: pack(cell) for name, cell in self.values.items()}}
        return {"op": self.op.value, "sheet": self.sheet, "record": self.record, **place}


def from_json(data: Mapping[str, Any]) -> Edit:
    """An edit as the journal keeps it."""
    values = {name: unpack(cell) for name, cell in data.get("values", {}).items()}
    old, new = unpack(data.get("old")), unpack(data.get("new"))
    return Edit(Op(data["op"]), data["sheet"], data["record"], data.get("column", ""), old, new, values)


def pack(cell: Cell) -> Any:
    """A cell as JSON: text, number or null as they are, a day as ``{"date": …}``."""
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    return cell if cell is None or isinstance(cell, (str, int, float)) else to_text(cell)


def unpack(data: Any) -> Cell:
    """What ``pack`` made of a cell."""
    if isinstance(data, dict):
        if "date" in data:
            return date.fromisoformat(data["date"])
        return datetime.fromisoformat(data["datetime"])
    found: Cell = data
    return found


def apply(grids: Grids, edits: Iterable[Edit], told: bool = False) -> Grids:
    """The grids after the edits; the former ones stay as they are, rows that no edit touches are shared.

    An edit whose sheet, record or column is not there has no effect: whoever made it checks that first. ``told``: the
    journal tells them, so a declared column was there: people had removed it, and a later save had it again.
    """
    drafts: dict[str, _Draft] = {}
    for edit in edits:
        grid = grids.get(edit.sheet)
        if grid is None or not grid.has_ids:
            continue
        if edit.sheet not in drafts:
            drafts[edit.sheet] = _Draft(grid, told)
        drafts[edit.sheet].apply(edit)
    return grids.exchanged({key: draft.made for key, draft in drafts.items()}) if drafts else grids


def between(was: Grids, now: Grids) -> list[Edit]:
    """The edits that make ``now`` of ``was``, sheet by sheet that both have; nothing of derived columns."""
    found: list[Edit] = []
    for key in was.keys() & now.keys():
        one, other = was[key], now[key]
        for record in [*one.rows, *(record for record in other.rows if record not in one.rows)]:
            old, new = one.record(record), other.record(record)
            if old is None or new is None:
                op = Op.REMOVE if new is None else Op.ADD
                found.append(Edit(op, key, record, values=old or new or {}))
            elif old != new:
                differing = [name for name in dict.fromkeys((*old, *new)) if not same(old.get(name), new.get(name))]
                found += [Edit(Op.SET, key, record, name, old.get(name), new.get(name)) for name in differing]
    return found


class _Draft:
    """One sheet's rows while edits are applied to them."""

    def __init__(self, grid: Grid, told: bool) -> None:
        self.grid, self.told = grid, told
        cells = grid.raw.cells
        self.cells: Blocks[Sequence[Cell]] = cells if isinstance(cells, Blocks) else Blocks(cells)
        self.lines: dict[int, Sequence[Cell]] = {}
        self.columns = list(grid.columns)
        self.found = grid.rows
        self.end = grid.end

    def apply(self, edit: Edit) -> None:
        """Apply one edit."""
        at = self.found.get(edit.record)
        if edit.op is Op.ADD and at is None:
            for name, cell in edit.values.items():
                self._position(name, cell)
            self._put(self._free(edit.record), {"id": edit.record, **edit.values})
        elif edit.op is Op.REMOVE and at is not None:
            del self._own_index()[edit.record]
            self._put(at, {})
        elif edit.op is Op.SET and at is not None:
            position = self._position(edit.column, edit.new)
            if position is not None:
                row = self._line(at)
                row[position] = _shown(edit.new)
                self.lines[at] = row

    @property
    def made(self) -> Grid:
        """The sheet with the edits."""
        cells = self.cells.resized(max(len(self.cells), self.end), ()).exchanged(self.lines)
        if len(self.columns) > len(self.grid.columns):
            return grid_of(replace(self.grid.raw, cells=cells), self.grid.sheet)
        return self.grid.with_cells(cells, self.found)

    def _position(self, name: str, cell: Cell) -> int | None:
        """Where a column is. People's own columns are made where they are not there yet; declared ones only where the
        journal tells what stood in them."""
        if name in self.columns:
            return self.columns.index(name)
        declared = self.grid.sheet.by_name.get(name) if self.told and not is_blank(cell) else None
        if not name.startswith("=") and declared is None:
            return None
        at = self.grid.layout.header_row - 1
        self.lines[at] = [*self._line(at), self.grid.sheet.header_of(name)]
        self.columns.append(name)
        return len(self.columns) - 1

    def _line(self, at: int) -> list[Cell]:
        """A row as it stands by now, as wide as the sheet, to be changed."""
        row = self.lines[at] if at in self.lines else self.cells[at]
        return [*row, *[""] * (len(self.columns) - len(row))]

    def _free(self, record: str) -> int:
        """The index of a new row: below everything that stands in the sheet or was added before."""
        at = self._own_index()[record] = self.end
        self.end += 1
        return at

    def _own_index(self) -> dict[str, int]:
        """Where each record stands, to be changed: mostly no record comes or goes, and the former index serves."""
        if self.found is self.grid.rows:
            self.found = dict(self.found)
        return self.found

    def _put(self, at: int, values: Mapping[str, Cell]) -> None:
        self.lines[at] = [_shown(values.get(name)) if name else "" for name in self.columns]


def _shown(cell: Cell) -> Cell:
    return "" if cell is None else cell
