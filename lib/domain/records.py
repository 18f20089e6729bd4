"""Records (记录) of a snapshot by id: where each stands, and what it holds column by column.

A row is known by its id, never by its place: people sort, insert and delete. Columns are known by the field they
declare, people's own ones by their header (``=备注2``), and a column without any header by its letter (``@H``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lib.domain.layout import Layout, find_layout, match_sheets, meta_of, sheets_in
from lib.domain.normalise import column_letters, is_blank, to_text
from sheets_schema.reports import NO_HEADINGS, Headings
from sheets_schema.sheet import Sheet
from sheets_schema.snapshot import Cell, RawSheet, Snapshot, Torn
from sheets_schema.workbook import PEOPLE

DERIVED = frozenset({"check"})
"""Columns the app fills in from the rest: their content is nobody's edit."""


def same(one: Cell, other: Cell) -> bool:
    """Whether two cells say the same to a person: ``1`` and ``1.0``, a day and its text, blank and nothing."""
    return one == other or to_text(one) == to_text(other)


@dataclass(frozen=True)
class Grid:
    """One declared sheet as it stands in a snapshot: its records by id, and the rows that no id tells apart."""

    sheet: Sheet
    raw: RawSheet
    layout: Layout

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The name of each position, from the left: field, ``=header`` or ``@letter``; not the derived ones."""
        fields = {position: name for name, position in self.layout.positions.items()}
        extras = {position: f"={label}" for position, label in self.layout.extras}
        width = max(map(len, self.raw.cells), default=0)
        named = [fields.get(p) or extras.get(p) or f"@{column_letters(p + 1)}" for p in range(width)]
        return tuple("" if name in DERIVED or named.index(name) < p else name for p, name in enumerate(named))

    @cached_property
    def _ids(self) -> tuple[dict[str, int], tuple[int, ...]]:
        position = self.layout.positions.get("id")
        found: dict[str, int] = {}
        loose: list[int] = []
        if position is None:
            return found, ()
        for index in range(self.layout.header_row, len(self.raw.cells)):
            row = self.raw.cells[index]
            name = to_text(row[position]).strip() if position < len(row) else ""
            if name and name not in found:
                found[name] = index
            elif name or not all(map(is_blank, row)):
                loose.append(index)
        return found, tuple(loose)

    @property
    def has_ids(self) -> bool:
        """Whether there is a column of ids at all."""
        return "id" in self.layout.positions

    @property
    def rows(self) -> dict[str, int]:
        """Record id → 0-based index of its row; of an id that stands twice the first."""
        return self._ids[0]

    @property
    def loose(self) -> tuple[int, ...]:
        """Indexes of rows with content but without an id of their own: new, copied, or with the id deleted."""
        return self._ids[1]

    def values(self, index: int) -> dict[str, Cell]:
        """Column name → cell of a row, blank ones left out, the id too."""
        found = zip(self.columns, self.raw.cells[index], strict=False)
        return {name: cell for name, cell in found if name and name != "id" and not is_blank(cell)}

    def record(self, name: str) -> dict[str, Cell] | None:
        """The cells of a record by its id; None when there is no such record."""
        index = self.rows.get(name)
        return None if index is None else self.values(index)

    def position(self, column: str) -> int | None:
        """The 0-based position of a column; None when the sheet has it no more."""
        return self.columns.index(column) if column in self.columns else None

    def with_cells(self, cells: Sequence[Sequence[Cell]], rows: dict[str, int]) -> Grid:
        """The sheet with other cells, no wider, under the same header; ``rows`` says where each record stands now."""
        made = Grid(self.sheet, replace(self.raw, cells=cells), self.layout)
        made.__dict__.update(_ids=(rows, self.loose), columns=self.columns)
        return made

    @cached_property
    def end(self) -> int:
        """Index of the first row below all content."""
        cells = self.raw.cells
        last = next((i for i in range(len(cells) - 1, -1, -1) if not all(map(is_blank, cells[i]))), 0)
        return max(last + 1, self.layout.header_row)


class Grids(Mapping[str, Grid]):
    """The declared sheets of a snapshot by key. ``previous`` spares indexing sheets that are the same objects;
    ``headings``: how the plan calls columns, as before where nothing is said. ``called``: every declared sheet by key,
    there or not, with its columns as this workbook calls them."""

    def __init__(self, snapshot: Snapshot, previous: Grids | None = None, headings: Headings | None = None) -> None:
        self.snapshot = snapshot
        known = previous.headings if previous is not None else NO_HEADINGS
        self.headings: Headings = known if headings is None else headings
        matched, _hits = match_sheets(snapshot, self.headings)
        self.called = sheets = sheets_in(matched, self.headings)
        self._grids: dict[str, Grid] = {}
        for key, raw in matched.items():
            grid = previous.get(key) if previous is not None else None
            same_grid = grid is not None and grid.raw is raw and grid.sheet is sheets[key]
            self._grids[key] = grid if grid is not None and same_grid else grid_of(raw, sheets[key])

    def exchanged(self, made: Mapping[str, Grid]) -> Grids:
        """The same with some sheets' grids, under the same titles, in the place of theirs."""
        by_title = {grid.raw.title: grid.raw for grid in made.values()}
        sheets = tuple(by_title.get(raw.title, raw) for raw in self.snapshot.sheets)
        return self._with(replace(self.snapshot, sheets=sheets), {**self._grids, **made})

    def marked(self, torn: tuple[Torn, ...]) -> Grids:
        """The same, known to be torn in these places."""
        if self.snapshot.torn == torn:
            return self
        return self._with(replace(self.snapshot, torn=torn), self._grids)

    def _with(self, snapshot: Snapshot, grids: dict[str, Grid]) -> Grids:
        other = Grids.__new__(Grids)
        other.snapshot, other._grids, other.headings, other.called = snapshot, grids, self.headings, self.called
        return other

    def __getitem__(self, key: str) -> Grid:
        """The grid of a sheet. Raises ``KeyError`` when the workbook has no such sheet."""
        return self._grids[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._grids)

    def __len__(self) -> int:
        return len(self._grids)

    @property
    def meta(self) -> dict[str, str]:
        """What the hidden sheet ``_meta`` says."""
        return meta_of({key: grid.raw for key, grid in self._grids.items()})

    def lacking(self, other: Grids) -> list[Sheet]:
        """People's sheets of which ``other`` has records while this has lost the sheet or its column of ids."""
        return [
            sheet
            for sheet in PEOPLE
            if sheet.key in other and other[sheet.key].rows and (sheet.key not in self or not self[sheet.key].has_ids)
        ]


def grid_of(raw: RawSheet, sheet: Sheet) -> Grid:
    """A worksheet as the grid of a declared sheet."""
    return Grid(sheet, raw, find_layout(raw, sheet))
