"""What the app writes into the workbook for its readers: 校验 at each row, 校验结果, 变更记录, 冲突, and ``_meta``.

All of it is derived: it is written when it differs from what stands there, losing it costs nothing, and nothing
typed over it is anybody's edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from lib.domain.normalise import is_blank, to_text
from lib.domain.records import DERIVED, Grid, Grids
from lib.store.base import CellPatch
from sheets_schema.sheet import Row
from sheets_schema.snapshot import Cell, RawSheet, Snapshot
from sheets_schema.workbook import APP, META, PEOPLE


@dataclass(frozen=True, slots=True)
class Shown:
    """What the workbook shall show: sheet key → row number → text of 校验, and the rows of the app's own sheets."""

    checks: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)


def people_patches(file: Snapshot, held: Grids) -> list[CellPatch]:
    """The cells of people's sheets in which what is held differs from the file it is held over, row by row."""
    there = {raw.title: raw for raw in file.sheets}
    found: list[CellPatch] = []
    for sheet in PEOPLE:
        grid = held.get(sheet.key)
        raw = there.get(grid.raw.title) if grid is not None else None
        if grid is not None and raw is not None and raw is not grid.raw:
            found += _differences(raw, grid)
    return found


def _differences(raw: RawSheet, grid: Grid) -> Iterator[CellPatch]:
    skipped = {grid.layout.positions[name] for name in DERIVED if name in grid.layout.positions}
    for number, (row, wanted) in enumerate(zip_longest(raw.cells, grid.raw.cells, fillvalue=()), 1):
        if row is wanted or row == wanted:
            continue
        for position, (cell, new) in enumerate(zip_longest(row, wanted, fillvalue="")):
            if cell != new and not (is_blank(cell) and is_blank(new)) and position not in skipped:
                yield CellPatch(raw.title, number, position + 1, new)


def shown_patches(file: Grids, shown: Shown) -> list[CellPatch]:
    """The cells of 校验 columns and of the app's sheets that differ from what they shall show."""
    found: list[CellPatch] = []
    for sheet in PEOPLE:
        if sheet.key in file and "check" in file[sheet.key].layout.positions:
            found += _checks(file[sheet.key], shown.checks.get(sheet.key, {}))
    for sheet in APP:
        if sheet.key in file and sheet.key in shown.tables:
            found += _table(file[sheet.key], shown.tables[sheet.key])
    return found


def _checks(grid: Grid, wanted: Mapping[int, str]) -> Iterator[CellPatch]:
    position = grid.layout.positions["check"]
    start = grid.layout.header_row
    rows = zip_longest(grid.raw.cells[start:], range(max(wanted, default=start) - start), fillvalue=())
    for number, (row, _place) in enumerate(rows, start + 1):
        stands = to_text(row[position]) if position < len(row) else ""
        if stands != wanted.get(number, ""):
            yield CellPatch(grid.raw.title, number, position + 1, wanted.get(number, ""))


def _table(grid: Grid, rows: Sequence[Row]) -> Iterator[CellPatch]:
    start = grid.layout.header_row
    names = [(name, position) for name, position in grid.layout.positions.items()]
    for index in range(max(len(rows), len(grid.raw.cells) - start)):
        stands: Sequence[Cell] = grid.raw.cells[start + index] if start + index < len(grid.raw.cells) else ()
        for name, position in names:
            wanted = str(getattr(rows[index], name) or "") if index < len(rows) else ""
            if (to_text(stands[position]) if position < len(stands) else "") != wanted:
                yield CellPatch(grid.raw.title, start + index + 1, position + 1, wanted)


def meta_patches(file: Grids, wanted: Mapping[str, str]) -> list[CellPatch]:
    """The cells of ``_meta`` to write for some keys; where somebody deleted the sheet, the store makes it anew."""
    grid = file.get(META.key)
    if grid is None:
        lines = enumerate(wanted.items(), 2)
        return [CellPatch(META.label, n, column, text) for n, line in lines for column, text in enumerate(line, 1)]
    cells = grid.raw.cells
    at = {to_text(row[0]): index for index, row in enumerate(cells) if index and row and not is_blank(row[0])}
    found: list[CellPatch] = []
    end = max(at.values(), default=0)
    for key, value in wanted.items():
        index = at.get(key)
        if index is None:
            index = end = end + 1
            found.append(CellPatch(grid.raw.title, index + 1, 1, key))
        found.append(CellPatch(grid.raw.title, index + 1, 2, value))
    return found


def remade(file: Grids, shown: Shown) -> list[CellPatch]:
    """The cells of the app's sheets that somebody deleted; the store makes them anew."""
    found = []
    for sheet in APP:
        rows = shown.tables.get(sheet.key)
        if rows is not None and sheet.key not in file:
            lines = [[column.label for column in sheet.columns]]
            lines += [[str(getattr(row, column.name) or "") for column in sheet.columns] for row in rows]
            found += [
                CellPatch(sheet.label, number, column, text)
                for number, line in enumerate(lines, 1)
                for column, text in enumerate(line, 1)
                if text
            ]
    return found


Mirror = Callable[[Grids], Shown]
"""What the workbook shall show, given what is held."""


def nothing(held: Grids) -> Shown:
    """A mirror that shows nothing."""
    return Shown()
