"""The spreadsheet: tabs of rows of plain values, with all that hangs on a row, a tab or the whole.

Rows never change: an edit puts another row object in the place. So a snapshot is a copy of a list, a failed batch is
taken back at no cost, and the text of a row in an answer is made once.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from .a1 import Area, Box, parse, quoted
from .errors import ApiError
from .quirks import Quirks

_uids = itertools.count(1)
MOST_CELLS = 10_000_000
HISTORY = 10
"""So many changes can be undone; each holds a list of row references."""


class Formula(str):
    """A formula's text, ``=`` included."""

    __slots__ = ()


Value = None | bool | int | float | str | Formula


class Meta(NamedTuple):
    """One piece of developer metadata; where it sits is told by what holds it."""

    id: int
    key: str
    value: str | None
    visibility: str = "DOCUMENT"

    @property
    def size(self) -> int:
        """Characters that count towards the limit of its tab."""
        return len(self.key) + len(self.value or "")


class Line(NamedTuple):
    """What hangs on a column."""

    meta: tuple[Meta, ...] = ()
    props: dict[str, Any] = {}  # noqa: RUF012 - never changed in place


PLAIN: dict[int, dict[str, Any]] = {}
"""The extras of a row without any; one object for all, never changed in place."""


class Row:
    """One row: values, per-cell extras (format, note, validation), metadata. Never changed in place."""

    __slots__ = ("extras", "formulas", "meta", "props", "text", "uid", "values")

    def __init__(
        self,
        values: list[Value] | None = None,
        extras: dict[int, dict[str, Any]] | None = None,
        meta: tuple[Meta, ...] = (),
        props: dict[str, Any] | None = None,
        uid: int | None = None,
    ) -> None:
        self.values: list[Value] = values if values is not None else []
        while self.values and self.values[-1] is None:
            self.values.pop()
        self.extras = extras or PLAIN
        self.meta = meta
        self.props = props or {}
        self.uid = uid or next(_uids)
        self.formulas = any(type(value) is Formula for value in self.values)
        self.text: str | None = None

    def but(self, **changes: Any) -> Row:
        """The same row with something changed; it keeps its identity."""
        parts: dict[str, Any] = {
            "values": self.values,
            "extras": self.extras,
            "meta": self.meta,
            "props": self.props,
            "uid": self.uid,
        } | changes
        return Row(**parts)

    def dressed(self, extras: dict[int, dict[str, Any]]) -> Row:
        """The same row with other extras; nothing about its values is worked out again."""
        row = Row.__new__(Row)
        row.values, row.extras, row.meta, row.props = self.values, extras, self.meta, self.props
        row.uid, row.formulas, row.text = self.uid, self.formulas, self.text
        return row

    def at(self, column: int) -> Value:
        """The value in a column, ``None`` if blank."""
        return self.values[column] if column < len(self.values) else None


BLANK = Row()


@dataclass(eq=False)
class Sheet:
    """One tab. ``rows`` holds only the rows that were ever used; the rest of the grid is blank."""

    id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    frozen_rows: int = 0
    frozen_columns: int = 0
    hidden: bool = False
    looks: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    columns: list[Line] = field(default_factory=list)
    meta: tuple[Meta, ...] = ()
    protections: list[dict[str, Any]] = field(default_factory=list)
    filter: dict[str, Any] | None = None
    conditionals: list[dict[str, Any]] = field(default_factory=list)
    formulas: bool = False
    """Whether there ever was a formula: where there was none, nobody need look for one."""

    def __post_init__(self) -> None:
        while len(self.columns) < self.column_count:
            self.columns.append(Line())

    def copy(self) -> Sheet:
        """A tab that no later change reaches."""
        return replace(
            self,
            looks=copy.deepcopy(self.looks),
            rows=list(self.rows),
            columns=list(self.columns),
            protections=copy.deepcopy(self.protections),
            filter=copy.deepcopy(self.filter),
            conditionals=copy.deepcopy(self.conditionals),
        )

    @property
    def grid(self) -> Box:
        """All cells."""
        return Box(0, self.row_count, 0, self.column_count)

    def row(self, index: int) -> Row:
        """The row at a position, blank ones included."""
        return self.rows[index] if index < len(self.rows) else BLANK

    def at(self, row: int, column: int) -> Value:
        """What was entered into a cell."""
        return self.row(row).at(column)

    def own(self, index: int) -> Row:
        """The row at a position as one that may be replaced: the list is long enough afterwards."""
        while len(self.rows) <= index:
            self.rows.append(Row())
        return self.rows[index]

    def box(self, area: dict[str, Any]) -> Box:
        """A GridRange, its open ends closed by the grid."""
        box = Box(
            area.get("startRowIndex", 0),
            area.get("endRowIndex", self.row_count),
            area.get("startColumnIndex", 0),
            area.get("endColumnIndex", self.column_count),
        )
        return box.meet(self.grid)


@dataclass
class Change:
    """One change as undo needs it."""

    who: str
    before: list[Sheet]
    after: list[Sheet]


@dataclass(eq=False)
class Book:
    """One spreadsheet and who may open it."""

    id: str
    title: str
    owner: str
    locale: str = "zh_CN"
    time_zone: str = "Asia/Shanghai"
    sheets: list[Sheet] = field(default_factory=list)
    meta: tuple[Meta, ...] = ()
    permissions: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 1
    created: float = 0.0
    edits: list[float] = field(default_factory=list)
    history: list[Change] = field(default_factory=list)
    trashed: bool = False
    quirks: Quirks = field(default_factory=Quirks)
    cache: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @contextmanager
    def change(self, who: str, now: float = 0.0) -> Iterator[None]:
        """Everything inside happens, or nothing does."""
        before, meta = [sheet.copy() for sheet in self.sheets], self.meta
        names = self.title, self.locale, self.time_zone
        try:
            yield
        except BaseException:
            self.sheets, self.meta = before, meta
            self.title, self.locale, self.time_zone = names
            self.cache = {}
            raise
        self.revision += 1
        self.edits.append(now)
        self.history.append(Change(who, before, [sheet.copy() for sheet in self.sheets]))
        del self.history[:-HISTORY]

    def by_id(self, sheet_id: int) -> Sheet:
        """The tab with this sheetId."""
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise ApiError(f"No grid with id: {sheet_id}")

    def by_title(self, title: str) -> Sheet:
        """The tab people call this."""
        for sheet in self.sheets:
            if sheet.title == title:
                return sheet
        raise ApiError(f"Unable to parse range: {title}")

    def check_size(self) -> None:
        """Refuse more cells than a spreadsheet may have, blank ones included."""
        if sum(sheet.row_count * sheet.column_count for sheet in self.sheets) > MOST_CELLS:
            message = "This action would increase the number of cells in the workbook above the limit of {} cells."
            raise ApiError(message.format(MOST_CELLS))

    def touched(self) -> None:
        """Rows, tabs or metadata changed: nothing that was worked out before holds any longer."""
        self.cache = {}

    def cells_touched(self) -> None:
        """Only cells changed: metadata are still where they were."""
        self.cache = {name: kept for name, kept in self.cache.items() if name[0] == "meta"}

    def find(self, text: str) -> tuple[Sheet, Box, Area]:
        """The cells an A1 range names; its end is clamped to the grid, a start outside is refused."""
        area = parse(text, [sheet.title for sheet in self.sheets])
        sheet = self.sheets[0] if area.title is None else self.by_title(area.title)
        top, left = area.top or 0, area.left or 0
        if top >= sheet.row_count or left >= sheet.column_count:
            raise ApiError(
                f"Range ({quoted(sheet.title)}!{area.part}) exceeds grid limits. "
                f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
            )
        bottom = sheet.row_count if area.bottom is None else area.bottom
        right = sheet.column_count if area.right is None else area.right
        return sheet, Box(top, bottom, left, right).meet(sheet.grid), area
