"""Writing under people's hands: every cell is written together with a copy of what it replaces.

Google has no compare-and-set: between our look and our write somebody may type into the very cell, or sort the rows
away from under it. But a batch is atomic, and it may copy. So each row that is written is copied first, in the same
batch, to a hidden tab (前像, the pre-image). Afterwards the copy tells what was replaced: nothing but what we had seen;
or something typed in the very moment, which is then merged like any other edit; or a cell of another record, which gets
its content back. The tab's first cell names the batch, so that a write whose answer was lost is found or known not to
have been applied. New rows are inserted, never written over a place that may be taken meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from lib.store.google_reading import Raw, from_value, value_of

PRE_IMAGE = "_前像"
"""The hidden tab that holds what the last batch replaced."""
LINES = 3
"""Lines of it for each row that was written: what we had seen, what really stood there, what was written."""
Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one row to write: the tab's id, the 0-based row, whose record it was when we looked (empty: of none),
    what stood in the whole row, and position → new value. ``new``: the row is inserted, nothing is written over. A row
    with nothing to write is a header: it tells whether columns have moved."""

    tab: int
    row: int
    record: str
    was: tuple[Raw, ...]
    values: Mapping[int, Raw]
    new: bool = False

    @property
    def width(self) -> int:
        """How many cells of the row are known or written."""
        return max([len(self.was), 1, *(at + 1 for at in self.values)])

    def stood(self, position: int) -> Raw:
        """What stood in a cell when we looked."""
        return self.was[position] if position < len(self.was) else ""


@dataclass
class Batch:
    """One atomic batch: its name, the rows to write over, and requests that cannot hit anybody's cell."""

    name: str
    rows: list[Cells] = field(default_factory=list)
    others: list[Request] = field(default_factory=list)

    def requests(self, pre_image: int) -> Iterator[Request]:
        """Everything in order; ``pre_image`` is the id of the hidden tab."""
        yield write(pre_image, 0, 0, [self.name, len(self.rows)])
        for number, one in enumerate(self.rows):
            line = 1 + number * LINES
            yield write(pre_image, line, 0, [_note(one), *one.was])
            blank = [""] * one.width
            yield write(pre_image, line + 1, 1, blank) if one.new else _copy(one, pre_image, line + 1)
            yield write(pre_image, line + 2, 1, [one.values.get(at, "") for at in range(one.width)])
        for one in self.rows:
            for start, run in () if one.new else runs(one.values):
                yield write(one.tab, one.row, start, run)
        yield from self.others

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns the hidden tab needs for it."""
        return 1 + len(self.rows) * LINES, 1 + max((one.width for one in self.rows), default=1)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a written row really held: ``cells`` as we had looked, ``found`` the row that was written over."""

    cells: Cells
    found: tuple[Raw, ...]

    def at(self, position: int) -> Raw:
        """What stood in a cell."""
        return self.found[position] if position < len(self.found) else ""

    @property
    def differing(self) -> dict[int, Raw]:
        """Position → what somebody had typed meanwhile into a cell that was written over."""
        return {
            at: self.at(at)
            for at, new in self.cells.values.items()
            if not alike(self.at(at), self.cells.stood(at)) and not alike(self.at(at), new)
        }

    def is_same(self, id_at: int | None, derived: int | None, mending: bool = False) -> bool:
        """Whether it was the row we meant: the one with its id; where there is none now, one with mostly the same
        cells, but for ``derived``, which the app's formula fills. A copy that gets an id of its own must be the same
        but for a cell somebody may just have typed, for its id is another row's too. ``mending``: a row we had hit may
        have nothing else to be known by, so that it is the same while nothing was typed where we wrote."""
        if id_at is None or self.cells.new:
            return True
        now = str(self.at(id_at)).strip()
        copied = not mending and self.cells.values.get(id_at, "") not in ("", self.cells.record)
        if now and (now != self.cells.record or not copied):
            return now == self.cells.record
        pairs = [(self.at(at), self.cells.stood(at)) for at in range(self.cells.width) if at != derived]
        filled = [alike(found, stood) for found, stood in pairs if (found, stood) != ("", "")]
        equal, differing = sum(filled), len(filled) - sum(filled)
        if now:
            return differing <= min(equal, 1)
        untouched = all(alike(self.at(at), self.cells.stood(at)) for at in self.cells.values)
        if self.cells.record:
            return 0 < equal >= differing
        return differing <= equal or (mending and untouched and differing <= 1)


def moved(replaced: Sequence[Replaced], fixed: Collection[Raw], derived: Collection[Raw]) -> set[int]:
    """Tabs whose columns have moved: a header that we wrote below, or one of ``fixed``, is another now. ``derived``:
    what the header of the app's own column may read."""
    found = set()
    for head in replaced:
        if not head.cells.values:
            written = {at for one in replaced if one.cells.tab == head.cells.tab for at in one.cells.values}
            written |= {at for at, label in enumerate(head.cells.was) if label in fixed}
            stands = {at for at, label in enumerate(head.found) if label in derived}
            for at in written:
                was, now = head.cells.stood(at), head.at(at)
                in_place = {was, now} <= {*derived, ""} and stands <= {at}  # typed over, or shown again, where it stood
                if was != now and not in_place:
                    found.add(head.cells.tab)
    return found


def alike(one: Raw, other: Raw) -> bool:
    """Whether two raw values are one; a tick is no number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def settled(table: Sequence[Sequence[Raw]]) -> list[Replaced]:
    """What the hidden tab tells about the batch it names: each row that was written over."""
    count = table[0][1] if table and len(table[0]) > 1 else 0
    if not isinstance(count, (int, float)):
        return []
    lines = [*table[1:], *[()] * LINES * int(count)]
    return [_read(lines[at : at + LINES]) for at in range(0, int(count) * LINES, LINES) if lines[at]]


def _read(lines: Sequence[Sequence[Raw]]) -> Replaced:
    told = json.loads(str(lines[0][0]))
    was, found, new = ([*line[1:], *[""] * told["width"]] for line in lines)
    values = {at: new[at] for at in told["written"]}
    made = Cells(told["tab"], told["row"], told["record"], tuple(was[: told["was"]]), values, "new" in told)
    return Replaced(made, tuple(found[: told["width"]]))


def answered(answer: Mapping[str, Any]) -> list[list[Raw]]:
    """The hidden tab as the answer to a batch holds it."""
    sheets = answer.get("updatedSpreadsheet", {}).get("sheets", [])
    rows = [row for sheet in sheets for data in sheet.get("data", []) for row in data.get("rowData", [])]
    return [[from_value(cell.get("effectiveValue", {})) for cell in row.get("values", [])] for row in rows]


# requests


def write(tab: int, row: int, column: int, values: Sequence[Raw]) -> Request:
    """Write values into a row from a column on; formats stay."""
    cells = [{"userEnteredValue": value_of(value)} for value in values]
    start = {"sheetId": tab, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"rows": [{"values": cells}], "fields": "userEnteredValue", "start": start}}


def insert(tab: int, at: int, rows: Sequence[Sequence[Raw]], inherit: bool) -> list[Request]:
    """Insert rows at a place and write into them: whatever stands there moves down. ``inherit``: they look like the row
    above."""
    span = {"sheetId": tab, "dimension": "ROWS", "startIndex": at, "endIndex": at + len(rows)}
    made: list[Request] = [{"insertDimension": {"range": span, "inheritFromBefore": inherit}}]
    cells = [{"values": [{"userEnteredValue": value_of(value)} for value in row]} for row in rows]
    start = {"sheetId": tab, "rowIndex": at, "columnIndex": 0}
    return [*made, {"updateCells": {"rows": cells, "fields": "userEnteredValue", "start": start}}]


def grow(tab: int, rows: int, columns: int) -> list[Request]:
    """Add rows and columns at the end of a tab."""
    wanted = (("ROWS", rows), ("COLUMNS", columns))
    return [
        {"appendDimension": {"sheetId": tab, "dimension": dimension, "length": count}}
        for dimension, count in wanted
        if count > 0
    ]


def runs(values: Mapping[int, Raw]) -> Iterator[tuple[int, list[Raw]]]:
    """Positions that follow one another, taken together: (first position, values)."""
    for _key, group in groupby(enumerate(sorted(values)), lambda pair: pair[1] - pair[0]):
        positions = [position for _n, position in group]
        yield positions[0], [values[position] for position in positions]


def _copy(one: Cells, pre_image: int, line: int) -> Request:
    def span(tab: int, row: int, column: int) -> Request:
        return {
            "sheetId": tab, "startRowIndex": row, "endRowIndex": row + 1, "startColumnIndex": column,
            "endColumnIndex": column + one.width,
        }  # fmt: skip

    target = span(pre_image, line, 1)
    return {"copyPaste": {"source": span(one.tab, one.row, 0), "destination": target, "pasteType": "PASTE_VALUES"}}


def _note(one: Cells) -> str:
    told: dict[str, Any] = {
        "tab": one.tab, "row": one.row, "record": one.record, "was": len(one.was), "width": one.width,
        "written": sorted(one.values),
    }  # fmt: skip
    if one.new:
        told["new"] = True
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
