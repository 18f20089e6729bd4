"""Records of one sheet (台账记录) as people see them: the cells as typed, what is in force, and what is wrong."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lib.domain.judge import Judged
from lib.domain.normalise import key, to_text
from lib.domain.owners import audience
from lib.domain.records import Grids
from lib.i18n import _, language
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
    asked: tuple[tuple[str, str], ...] = ()
    """The filters by which they were chosen: ``text``, or a field and its value."""

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
    found, sought = _kept(grids, judged, sheet, sight), key(text)
    asked = {name: value for name, value in wanted.items() if value is not None}
    if asked:
        found = found.where(lambda line: all(line[name] == value for name, value in asked.items()))
    if sought:
        found = found.where(lambda line: any(sought in key(cell) for cell in (line.id, *line.cells.values())))
        asked["text"] = text
    return replace(found, asked=tuple(asked.items())) if asked else found


KEPT = 32
"""Lists remembered, one for each sheet, sight and language: a filter then costs what it looks at."""
_lists: OrderedDict[tuple[str, Sight, str], tuple[Grids, Judged, Records]] = OrderedDict()
_lock = threading.Lock()


def _kept(grids: Grids, judged: Judged, sheet: Sheet, sight: Sight) -> Records:
    """All records of a sheet for a sight, made once while the workbook stays the same."""
    place = sheet.key, sight, language()
    with _lock:
        known = _lists.get(place)
        if known is None or known[0] is not grids or known[1] is not judged:
            known = _lists[place] = grids, judged, _all(grids, judged, sheet, sight)
        _lists.move_to_end(place)
        while len(_lists) > KEPT:
            _lists.popitem(last=False)
    return known[2]


def _all(grids: Grids, judged: Judged, sheet: Sheet, sight: Sight) -> Records:
    grid, read, table = grids.get(sheet.key), judged.parsed.get(sheet.key), judged.world.tables.get(sheet.model)
    if grid is None or read is None or table is None:
        return Records(sheet, sheet.columns, (), 0)
    said: dict[int, list[str]] = {}
    for finding in judged.findings:
        if finding.sheet == sheet.label and finding.row is not None:
            _value, message, remedy = veiled(finding, sight, judged.world)
            said.setdefault(finding.row, []).append(f"{message} {remedy}".strip())
    rows = {row.row: row for row in read.rows}
    lines = []
    for record, index in grid.rows.items():
        row = rows.get(index + 1)
        if not sees(sight, audience(row, judged.world) if row is not None else frozenset()):
            continue
        cells = {
            name: _(HIDDEN) if not sight.personal and sheet.is_personal(name) else to_text(cell)
            for name, cell in grid.values(index).items()
        }
        in_force = row is not None and row.row not in table.left_out
        lines.append(Record(record, cells, in_force, tuple(said.get(index + 1, ()))))
    there = grid.layout.positions
    columns = tuple(column for column in sheet.columns if not column.spare or column.name in there)
    return Records(sheet, columns, tuple(lines), len(lines))
