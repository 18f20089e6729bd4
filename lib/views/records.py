"""Records of one sheet (台账记录) as people see them: the cells as typed, what is in force, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lib.domain.judge import Judged
from lib.domain.normalise import key, to_text
from lib.domain.owners import audience
from lib.domain.records import Grids
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import HIDDEN, sees, veiled
from sheets_schema.sheet import Column, Sheet


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its id, its cells as text by field name (people's own columns as ``=header``), whether it counts,
    and its findings as sentences."""

    id: str
    cells: Mapping[str, str]
    in_force: bool
    findings: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        """A cell; blank where nothing stands."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a sheet that somebody may see and that fit the filters, in the order of the sheet."""

    sheet: Sheet
    columns: tuple[Column, ...]
    lines: tuple[Record, ...]
    total: int
    """How many there are for this person without filters."""

    @property
    def left_out(self) -> int:
        """How many of those listed have no effect because of an error."""
        return sum(not line.in_force for line in self.lines)

    def where(self, fits: Callable[[Record], bool]) -> Records:
        """The same with only the lines that fit."""
        return replace(self, lines=tuple(line for line in self.lines if fits(line)))

    def find(self, record: str) -> Record | None:
        """A record by its id."""
        return next((line for line in self.lines if line.id == record), None)


def records(grids: Grids, judged: Judged, sheet: Sheet, sight: Sight, text: str = "", **wanted: str | None) -> Records:
    """The records of a sheet. ``text`` is looked for in every cell; ``wanted``: field → the value it must show, or
    None for any. A row that nobody can tell whose it is, is the office's."""
    grid, read, table = grids.get(sheet.key), judged.parsed.get(sheet.key), judged.world.tables.get(sheet.model)
    if grid is None or read is None or table is None:
        return Records(sheet, sheet.columns, (), 0)
    said: dict[int, list[str]] = {}
    for finding in judged.findings:
        if finding.sheet == sheet.label and finding.row is not None:
            _value, message, remedy = veiled(finding, sight, judged.world)
            said.setdefault(finding.row, []).append(f"{message} {remedy}".strip())
    rows = {row.row: row for row in read.rows}
    lines, total, sought = [], 0, key(text)
    for record, index in grid.rows.items():
        row = rows.get(index + 1)
        seen_by = audience(row, judged.world) if row is not None else frozenset[str]()
        if not sees(sight, seen_by):
            continue
        total += 1
        cells = {
            name: _(HIDDEN) if not sight.personal and sheet.is_personal(name) else to_text(cell)
            for name, cell in grid.values(index).items()
        }
        fits = all(value is None or cells.get(name, "") == value for name, value in wanted.items())
        if fits and (not sought or any(sought in key(cell) for cell in (record, *cells.values()))):
            lines.append(
                Record(record, cells, row is not None and row.row not in table.left_out, tuple(said.get(index + 1, ())))
            )
    return Records(sheet, sheet.columns, tuple(lines), total)
