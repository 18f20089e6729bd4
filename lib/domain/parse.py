"""One worksheet → rows of its model, every cell problem collected, and only changed rows read again.

Cells are converted column by column with one parse per distinct text, which is what keeps a cold open of a
city's workbook close to the time it takes to read the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, repeat, zip_longest
from operator import is_, methodcaller, ne
from typing import Any, cast

from pydantic_core import PydanticCustomError

from lib.domain.cells import LONG_LIMIT, TEXT_LIMIT, Parser, looks_like_phone, looks_like_url, parser
from lib.domain.credit_code import check_digit, is_credit_code
from lib.domain.findings import CATALOGUE, Hit, Rule, Severity
from lib.domain.layout import HEADER_SEARCH, Layout, find_layout, mark_hits
from lib.domain.normalise import clean, is_blank, key, to_text
from lib.domain.rules import schema as S
from lib.i18n import T_
from sheets_schema.plan import Plan
from sheets_schema.sheet import Column, Kind, Row, Sheet
from sheets_schema.snapshot import Cell, RawSheet

PIECE = 4096
"""Rows read at a time: so many that what is done once for a column costs nothing, so few that they fit a cache."""
_NEW: Callable[..., Any] = tuple.__new__
"""Makes a row of its values in order, all of them: ``Model(**values)`` without the names."""

Resolver = Callable[[Cell], str]
"""Turns what was typed into the key of the record meant; raises ``PydanticCustomError`` typed by rule id."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A worksheet read: rows in sheet order (also those with mistakes), findings by row, rows with an error."""

    sheet: Sheet
    raw: RawSheet | None
    layout: Layout | None
    refs: Mapping[str, Mapping[str, str]]
    records: tuple[Row | None, ...]
    hits: Mapping[int, tuple[Hit, ...]]
    layout_hits: tuple[Hit, ...]
    bad: frozenset[int]
    changed: frozenset[int] | None = None

    @property
    def rows(self) -> list[Row]:
        """All non-blank rows."""
        return list(filter(None, self.records))

    def record(self, number: int) -> Row | None:
        """The row of a row number; None when it is blank or not there."""
        at = number - self.layout.header_row - 1 if self.layout else -1
        return self.records[at] if 0 <= at < len(self.records) else None


@dataclass(frozen=True, slots=True)
class _Bad:
    rule: Rule
    params: dict[str, Any]


class _Memo(dict[Cell, Any]):
    """Raw cell → value, parsed once for each distinct cell; remembers which cells were bad or doubtful."""

    __slots__ = ("bad", "blank", "doubt", "inspect", "parse")

    def __init__(self, parse: Parser, blank: Any, inspect: Callable[[str], _Bad | None] | None) -> None:
        self.parse, self.blank, self.inspect = parse, blank, inspect
        self.bad: dict[Cell, _Bad] = {}
        self.doubt: dict[Cell, _Bad] = {}

    def __missing__(self, cell: Cell) -> Any:
        if is_blank(cell):
            value = self.blank
        else:
            try:
                value = self.parse(cell)
            except PydanticCustomError as error:
                self.bad[cell] = _Bad(CATALOGUE[error.type], dict(error.context or {}))
                value = self.blank
            else:
                doubt = self.inspect(value) if self.inspect else None
                if doubt:
                    self.doubt[cell] = doubt
        self[cell] = value
        return value


def parse_sheet(
    raw: RawSheet | None,
    sheet: Sheet,
    plan: Plan,
    resolvers: Mapping[str, tuple[Mapping[str, str], Resolver]],
    epoch_1904: bool = False,
    previous: Parsed | None = None,
) -> Parsed:
    """Read one worksheet. ``resolvers``: sheet key → (its index, resolver) for reference columns.

    With ``previous``, rows whose cells are unchanged are taken over; ``changed`` then lists the others.
    """
    refs = {column.ref: resolvers[column.ref][0] for column in sheet.columns if column.ref}
    if raw is None:
        return Parsed(sheet, None, None, refs, (), {}, (), frozenset())
    if previous is not None and previous.raw == raw and previous.refs == refs:
        return _same(previous)
    layout = _layout(raw, sheet, previous)
    body = raw.cells[layout.header_row :]
    start = layout.header_row + 1
    old_body = _reusable(previous, raw, layout, refs)
    if previous is not None and old_body is not None:
        todo = list(compress(range(len(body)), map(ne, body, old_body)))
        todo += range(len(old_body), len(body))
        records: list[Row | None] = [*previous.records[: len(body)]]
        records += [None] * (len(body) - len(records))
        changed = {i + start for i in todo}
        gone = changed.union(range(len(body) + start, len(old_body) + start))
        hits = {row: list(found) for row, found in previous.hits.items() if row not in gone}
    else:
        todo, records, hits = list(range(len(body))), [None] * len(body), {}
        changed = None
    wanted = _filled(body, todo, {row - start for row, _column in raw.marks})
    for i in todo:
        records[i] = None
    fresh: dict[int, list[Hit]] = defaultdict(list)
    todo_rows = {i + start for i in todo}
    for piece in range(0, len(wanted), PIECE):
        some = wanted[piece : piece + PIECE]
        _parse_rows(body, some, layout, sheet, plan, resolvers, epoch_1904, records, fresh)
    for hit in mark_hits(raw, sheet, layout) if raw.marks else ():
        if hit.row in todo_rows:
            fresh[hit.row or 0].append(hit)
    hits |= fresh
    while records and records[-1] is None:
        records.pop()
    gaps = sum(map(is_, records, repeat(None)))
    gap_hits = (S.S25.hit(sheet=sheet.key, n=gaps),) if gaps else ()
    bad = _bad_rows(hits, layout, records)
    return Parsed(
        sheet, raw, layout, refs, tuple(records), {row: tuple(found) for row, found in hits.items()},
        layout.hits + gap_hits, bad, frozenset(gone) if changed is not None else None,
    )  # fmt: skip


def _layout(raw: RawSheet, sheet: Sheet, previous: Parsed | None) -> Layout:
    """The layout, looked for again only when the rows differ among which the header is looked for."""
    then = previous.raw if previous is not None else None
    if previous is None or then is None or previous.layout is None or then.merged != raw.merged:
        return find_layout(raw, sheet)
    counts_rows = any(hit.rule is S.S03 for hit in previous.layout.hits)
    same = then.cells[:HEADER_SEARCH] == raw.cells[:HEADER_SEARCH]
    return previous.layout if same and not counts_rows else find_layout(raw, sheet)


def _filled(body: Sequence[Sequence[Cell]], todo: Iterable[int], marked: set[int]) -> list[int]:
    """Which rows of ``todo`` hold anything; the first cells alone decide for nearly all."""
    try:
        firsts = [body[i][0] for i in todo]
        joined = "".join(firsts)  # type: ignore[arg-type]
    except (TypeError, IndexError):
        firsts, joined = [], " "
    if "" not in firsts and " " not in joined and joined.isprintable():
        return list(todo)
    return [
        i
        for i in todo
        if (body[i] and type(first := body[i][0]) is str and first[:1].isalnum())
        or not all(map(is_blank, body[i]))
        or i in marked
    ]


def _same(previous: Parsed) -> Parsed:
    return Parsed(
        previous.sheet, previous.raw, previous.layout, previous.refs, previous.records,
        previous.hits, previous.layout_hits, previous.bad, frozenset(),
    )  # fmt: skip


def _reusable(
    previous: Parsed | None, raw: RawSheet, layout: Layout, refs: Mapping[str, Mapping[str, str]]
) -> Sequence[Sequence[Cell]] | None:
    """The former body when its rows can be compared one by one, else None."""
    if previous is None or previous.raw is None or previous.layout is None:
        return None
    same_shape = previous.layout.positions == layout.positions and previous.layout.header_row == layout.header_row
    if not same_shape or previous.refs != refs or previous.raw.marks != raw.marks:
        return None
    return previous.raw.cells[layout.header_row :]


def _bad_rows(hits: Mapping[int, list[Hit]], layout: Layout, records: Sequence[Row | None]) -> frozenset[int]:
    if any(hit.rule is S.S03 for hit in layout.hits):
        return frozenset(record.row for record in records if record is not None)
    return frozenset(row for row, found in hits.items() if any(h.rule.severity is Severity.ERROR for h in found))


def _parse_rows(
    body: Sequence[Sequence[Cell]],
    todo: Sequence[int],
    layout: Layout,
    sheet: Sheet,
    plan: Plan,
    resolvers: Mapping[str, tuple[Mapping[str, str], Resolver]],
    epoch_1904: bool,
    records: list[Row | None],
    hits: dict[int, list[Hit]],
) -> None:
    """Fill ``records`` and ``hits`` for the body rows ``todo``, column by column."""
    rows = [i + layout.header_row + 1 for i in todo]
    cells: list[Sequence[Cell]] = list(zip_longest(*(body[i] for i in todo), fillvalue=""))
    fields: list[Sequence[Any]] = [rows]
    pending: list[tuple[Column, dict[Cell, _Bad], Sequence[Cell]]] = []
    ids: list[Any] = []
    for column in sheet.columns:
        if column.name not in sheet.defaults:
            continue
        position = layout.positions.get(column.name)
        default = sheet.defaults[column.name]
        if position is None or position >= len(cells):
            values: list[Any] = [default] * len(todo)
        else:
            parse = resolvers[column.ref][1] if column.ref else parser(column, plan, epoch_1904)
            memo = _Memo(parse, default, _inspector(column))
            raw_values = cells[position]
            plain = _plain(raw_values, default, memo, _limit(column)) if parse is clean else None
            values = list(map(memo.__getitem__, raw_values)) if plain is None else plain
            pending += [(column, found, raw_values) for found in (memo.bad, memo.doubt) if found]
        if column.required and default is None and position is not None and _any_none(values):
            blank = cells[position] if position < len(cells) else ("",) * len(todo)
            for row, cell, value in zip(rows, blank, values, strict=True):
                if value is None and is_blank(cell):
                    hits[row].append(S.S14.hit(sheet=sheet.key, row=row, column=column.name, label=column.label))
        if column.name == "id":
            if not all(values):
                values = [value or f"{sheet.prefix}#{row}" for row, value in zip(rows, values, strict=True)]
            ids = values
            _check_ids(sheet, rows, values, hits)
        fields.append(values)
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
    made = cast("Iterable[Row]", map(partial(_NEW, sheet.model), zip(*fields, strict=True)))
    for i, record in zip(todo, made, strict=True):
        records[i] = record


def _any_none(values: Sequence[Any]) -> bool:
    """Whether None is among the values; ``in`` would ask each of them whether it equals None."""
    return any(map(is_, values, repeat(None)))


def _plain(raw: Sequence[Cell], default: Any, memo: _Memo, limit: int | None) -> list[Any] | None:
    """A column of text without anything odd, taken as a whole; None when its cells need a look one by one.

    ``limit``: the length beyond which a text is doubtful, where that is all there is to doubt.
    """
    try:
        joined = "".join(raw)  # type: ignore[arg-type]
    except TypeError:
        return None
    if not joined:
        return [default] * len(raw)
    if not joined.isprintable():
        return None
    if " " in joined:
        values = [text.strip() or default for text in raw]  # type: ignore[union-attr]
    else:
        values = list(raw) if default == "" else [text or default for text in raw]
    if memo.inspect and (limit is None or max(map(len, raw)) > limit):  # type: ignore[arg-type]
        for cell in set(raw):
            text = str(cell).strip()
            doubt = memo.inspect(text) if text else None
            if doubt:
                memo.doubt[cell] = doubt
    return values


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


def _inspector(column: Column) -> Callable[[str], _Bad | None] | None:
    """What makes a readable cell doubtful: its length, and the shape of codes, phones and links."""
    if column.kind is Kind.CREDIT_CODE:
        return _credit_code
    if column.kind is Kind.PHONE:
        return lambda text: None if looks_like_phone(text) else _Bad(S.S20, {})
    if column.kind is Kind.URL:
        return lambda text: None if looks_like_url(text) else _Bad(S.S21, {})
    limit = _limit(column)
    if limit is not None:
        return lambda text: _Bad(S.S18, {"n": len(text), "limit": limit}) if len(text) > limit else None
    return None


def _limit(column: Column) -> int | None:
    """How long a text may be before it is doubtful; None for cells that hold something else."""
    return {Kind.LONG: LONG_LIMIT, Kind.TEXT: TEXT_LIMIT}.get(column.kind)


def _credit_code(text: str) -> _Bad | None:
    """统一社会信用代码 by GB 32100-2015: 18 characters of its alphabet, the last a check digit."""
    code = key(text)
    if not is_credit_code(code):
        return _Bad(S.S19, {"why": T_("不是 18 位的合法写法")})
    return None if check_digit(code) == code[-1] else _Bad(S.S19, {"why": T_("的校验码不对")})
