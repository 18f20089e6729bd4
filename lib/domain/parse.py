"""One worksheet → rows of its model, every cell problem collected, and only changed rows read again.

Cells are converted column by column with one parse per distinct text, which is what keeps a cold open of a
city's workbook close to the time it takes to read the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat, zip_longest
from operator import is_, methodcaller
from typing import Any, cast

from lib.domain.blocks import Blocks, differing
from lib.domain.fields import Bad, Field, Memo, fields_of, plain_column
from lib.domain.findings import Hit, Severity
from lib.domain.layout import HEADER_SEARCH, Layout, find_layout, mark_hits
from lib.domain.normalise import clean, is_blank, to_text
from lib.domain.rules import schema as S
from sheets_schema.plan import Plan
from sheets_schema.sheet import Column, Row, Sheet
from sheets_schema.snapshot import Cell, RawSheet

PIECE = 4096
"""Rows read at a time: so many that what is done once for a column costs nothing, so few that they fit a cache."""
_NEW: Callable[..., Any] = tuple.__new__
"""Makes a row of its values in order, all of them: ``Model(**values)`` without the names."""

Resolver = Callable[[Cell], str]
"""Turns what was typed into the key of the record meant; raises ``PydanticCustomError`` typed by rule id."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A worksheet read: rows in sheet order (also those with mistakes), findings by row, rows with an error.

    ``records`` holds what stands in each line below the header, None for a blank one; ``total`` counts the others.
    ``changed`` tells the rows that differed from what was read before; None when all of them were read anew.
    """

    sheet: Sheet
    raw: RawSheet | None
    layout: Layout | None
    fields: tuple[Field, ...]
    refs: Mapping[str, Mapping[str, str]]
    records: Blocks[Row | None]
    total: int
    hits: Mapping[int, tuple[Hit, ...]]
    layout_hits: tuple[Hit, ...]
    bad: frozenset[int]
    changed: frozenset[int] | None = None

    @property
    def rows(self) -> list[Row]:
        """All non-blank rows."""
        return list(filter(None, self.records))

    @property
    def start(self) -> int:
        """The number of the first row below the header."""
        return self.layout.header_row + 1 if self.layout else 1

    def record(self, number: int) -> Row | None:
        """The row of a row number; None when it is blank or not there."""
        at = number - self.start
        return self.records[at] if 0 <= at < len(self.records) else None


def parse_sheet(
    raw: RawSheet | None,
    sheet: Sheet,
    plan: Plan,
    resolvers: Mapping[str, tuple[Mapping[str, str], Resolver]],
    epoch_1904: bool = False,
    previous: Parsed | None = None,
) -> Parsed:
    """Read one worksheet. ``resolvers``: sheet key → (its index, resolver) for reference columns.

    With ``previous``, read by the same plan and epoch, rows whose cells are unchanged are taken over; ``changed``
    then lists the others. The very same worksheet is given back as it was read.
    """
    if previous is not None and previous.sheet is not sheet:
        previous = None
    refs = {column.ref: resolvers[column.ref][0] for column in sheet.columns if column.ref}
    fields = previous.fields if previous is not None else fields_of(sheet, plan, epoch_1904)
    if raw is None:
        return Parsed(sheet, None, None, fields, refs, Blocks(), 0, {}, (), frozenset())
    if previous is not None and previous.refs == refs and (previous.raw is raw or previous.raw == raw):
        return previous if previous.raw is raw else replace(previous, raw=raw, changed=frozenset())
    layout = _layout(raw, sheet, previous)
    start, end = layout.header_row + 1, len(raw.cells) + 1
    former = _reusable(previous, raw, layout, refs)
    if former is not None and former.raw is not None:
        changed = [at + 1 for at in differing(raw.cells, former.raw.cells) if at >= layout.header_row]
        numbers: Sequence[int] = [*changed, *range(len(former.raw.cells) + 1, end)]
        lines: Sequence[Sequence[Cell]] = [raw.cells[number - 1] for number in numbers]
    else:
        numbers, lines = range(start, end), raw.cells[layout.header_row :]
    records, fresh = _read(lines, numbers, raw, layout, fields, sheet, resolvers)
    if former is not None and former.raw is not None:
        gone = frozenset(numbers).union(range(end, len(former.raw.cells) + 1))
        total = former.total - sum(former.record(number) is not None for number in gone)
        hits = {row: found for row, found in former.hits.items() if row not in gone} | fresh
        kept = former.records.resized(end - start)
        all_records = kept.exchanged({number - start: row for number, row in zip(numbers, records, strict=True)})
    else:
        gone, total, hits, all_records = None, 0, fresh, Blocks(records)
    total += len(records) - sum(map(is_, records, repeat(None)))
    length = next((at for at in range(len(all_records), 0, -1) if all_records[at - 1] is not None), 0)
    gaps = length - total
    gap_hits = (S.S25.hit(sheet=sheet.key, n=gaps),) if gaps else ()
    all_records = all_records.resized(length)
    bad = _bad_rows(hits, layout, all_records)
    return Parsed(sheet, raw, layout, fields, refs, all_records, total, hits, layout.hits + gap_hits, bad, gone)


def _read(
    lines: Sequence[Sequence[Cell]],
    numbers: Sequence[int],
    raw: RawSheet,
    layout: Layout,
    fields: Sequence[Field],
    sheet: Sheet,
    resolvers: Mapping[str, tuple[Mapping[str, str], Resolver]],
) -> tuple[list[Row | None], dict[int, tuple[Hit, ...]]]:
    """The record that stands in each of some lines, None in a blank one, and what is wrong by row number."""
    wanted = _filled(lines, numbers, {row for row, _column in raw.marks})
    every = len(wanted) == len(lines)
    filled: Sequence[Sequence[Cell]] = lines if every else [lines[at] for at in wanted]
    rows: Sequence[int] = numbers if every else [numbers[at] for at in wanted]
    records: list[Row | None] = []
    hits: dict[int, list[Hit]] = defaultdict(list)
    for piece in range(0, len(rows), PIECE):
        some = slice(piece, piece + PIECE)
        records += _parse_rows(filled[some], rows[some], layout, fields, sheet, resolvers, hits)
    if not every:
        there = dict(zip(wanted, records, strict=True))
        records = [there.get(at) for at in range(len(lines))]
    if raw.marks:
        asked = set(numbers)
        for hit in mark_hits(raw, sheet, layout):
            if hit.row in asked:
                hits[hit.row or 0].append(hit)
    return records, {row: tuple(found) for row, found in hits.items()}


def _layout(raw: RawSheet, sheet: Sheet, previous: Parsed | None) -> Layout:
    """The layout, looked for again only when the rows differ among which the header is looked for."""
    then = previous.raw if previous is not None else None
    if previous is None or then is None or previous.layout is None or then.merged != raw.merged:
        return find_layout(raw, sheet)
    counts_rows = any(hit.rule is S.S03 for hit in previous.layout.hits)
    same = then.cells[:HEADER_SEARCH] == raw.cells[:HEADER_SEARCH]
    return previous.layout if same and not counts_rows else find_layout(raw, sheet)


def _filled(lines: Sequence[Sequence[Cell]], numbers: Sequence[int], marked: set[int]) -> Sequence[int]:
    """The places of lines that hold anything; the first cells alone decide for nearly all."""
    try:
        firsts = [line[0] for line in lines]
        joined = "".join(firsts)  # type: ignore[arg-type]
    except (TypeError, IndexError):
        firsts, joined = [], " "
    if "" not in firsts and " " not in joined and joined.isprintable():
        return range(len(lines))
    return [
        at
        for at, line in enumerate(lines)
        if (line and type(first := line[0]) is str and first[:1].isalnum())
        or not all(map(is_blank, line))
        or numbers[at] in marked
    ]


def _reusable(
    previous: Parsed | None, raw: RawSheet, layout: Layout, refs: Mapping[str, Mapping[str, str]]
) -> Parsed | None:
    """What was read the last time when its rows can be compared one by one, else None."""
    if previous is None or previous.raw is None or previous.layout is None:
        return None
    same_shape = previous.layout.positions == layout.positions and previous.layout.header_row == layout.header_row
    same_marks = previous.raw.marks is raw.marks or previous.raw.marks == raw.marks
    return previous if same_shape and same_marks and previous.refs == refs else None


def _bad_rows(hits: Mapping[int, Sequence[Hit]], layout: Layout, records: Iterable[Row | None]) -> frozenset[int]:
    if any(hit.rule is S.S03 for hit in layout.hits):
        return frozenset(record.row for record in records if record is not None)
    return frozenset(row for row, found in hits.items() if any(h.rule.severity is Severity.ERROR for h in found))


def _parse_rows(
    lines: Sequence[Sequence[Cell]],
    rows: Sequence[int],
    layout: Layout,
    fields: Sequence[Field],
    sheet: Sheet,
    resolvers: Mapping[str, tuple[Mapping[str, str], Resolver]],
    hits: dict[int, list[Hit]],
) -> Iterable[Row]:
    """The records of lines with content, column by column; what is wrong goes to ``hits`` by row number."""
    cells: list[Sequence[Cell]] = list(zip_longest(*lines, fillvalue=""))
    made: list[Sequence[Any]] = [rows]
    pending: list[tuple[Column, dict[Cell, Bad], Sequence[Cell]]] = []
    ids: list[Any] = []
    for field in fields:
        column, default = field.column, field.default
        position = layout.positions.get(column.name)
        if position is None or position >= len(cells):
            values: list[Any] = [default] * len(rows)
        else:
            parse = field.parse or resolvers[column.ref or ""][1]
            memo = Memo(parse, default, field.inspect)
            raw_values = cells[position]
            plain = plain_column(raw_values, default, memo, field.limit) if parse is clean else None
            values = list(map(memo.__getitem__, raw_values)) if plain is None else plain
            pending += [(column, found, raw_values) for found in (memo.bad, memo.doubt) if found]
        if field.required and position is not None and _any_none(values):
            blank = cells[position] if position < len(cells) else ("",) * len(rows)
            for row, cell, value in zip(rows, blank, values, strict=True):
                if value is None and is_blank(cell):
                    hits[row].append(S.S14.hit(sheet=sheet.key, row=row, column=column.name, label=column.label))
        if column.name == "id":
            if not all(values):
                values = [value or f"{sheet.prefix}#{row}" for row, value in zip(rows, values, strict=True)]
            ids = values
            _check_ids(sheet, rows, values, hits)
        made.append(values)
    for column, found, raw_values in pending:
        for row, record, cell in zip(rows, ids, raw_values, strict=True):
            if cell in found:
                problem = found[cell]
                hits[row].append(
                    problem.rule.hit(
                        sheet=sheet.key,
                        row=row,
                        column=column.name,
                        record=record,
                        **{**problem.params, "value": to_text(cell)[:60]},
                    )
                )
    return cast("Iterable[Row]", map(partial(_NEW, sheet.model), zip(*made, strict=True)))


def _any_none(values: Sequence[Any]) -> bool:
    """Whether None is among the values; ``in`` would ask each of them whether it equals None."""
    return any(map(is_, values, repeat(None)))


def _check_ids(sheet: Sheet, rows: Sequence[int], values: Sequence[str], hits: dict[int, list[Hit]]) -> None:
    if not sheet.prefix:
        return
    start, provisional = f"{sheet.prefix}-", f"{sheet.prefix}#"
    if all(map(methodcaller("startswith", start), values)):
        return
    for row, value in zip(rows, values, strict=True):
        if value.startswith(start):
            continue
        if value.startswith(provisional):
            hits[row].append(S.S22.hit(sheet=sheet.key, row=row, column="id"))
        else:
            hits[row].append(S.S23.hit(sheet=sheet.key, row=row, column="id", value=value, prefix=sheet.prefix))
