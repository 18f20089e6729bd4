"""One worksheet → rows of its model, every cell problem collected, and only changed rows read again.

Cells are converted column by column with one parse per distinct text, which is what keeps a cold open of a
city's workbook close to the time it takes to read the file.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from itertools import zip_longest
from typing import Any

from pydantic_core import PydanticCustomError

from lib.domain.cells import LONG_LIMIT, TEXT_LIMIT, Parser, looks_like_phone, looks_like_url, parser
from lib.domain.credit_code import check_digit, is_credit_code
from lib.domain.findings import CATALOGUE, Hit, Rule, Severity
from lib.domain.layout import Layout, find_layout, mark_hits
from lib.domain.normalise import clean, is_blank, key, to_text
from lib.domain.rules import schema as S
from lib.i18n import T_
from sheets_schema.plan import Plan
from sheets_schema.sheet import Column, Kind, Row, Sheet
from sheets_schema.snapshot import Cell, RawSheet

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
        return [record for record in self.records if record is not None]


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
    layout = find_layout(raw, sheet)
    body = raw.cells[layout.header_row :]
    start = layout.header_row + 1
    old_body = _reusable(previous, raw, layout, refs)
    if previous is not None and old_body is not None:
        todo = [i for i, (now, then) in enumerate(zip(body, old_body, strict=False)) if now != then]
        todo += range(len(old_body), len(body))
        records: list[Row | None] = [*previous.records[: len(body)], *[None] * (len(body) - len(old_body))]
        changed = {i + start for i in todo}
        gone = changed.union(range(len(body) + start, len(old_body) + start))
        hits = {row: list(found) for row, found in previous.hits.items() if row not in gone}
    else:
        todo, records, hits = list(range(len(body))), [None] * len(body), {}
        changed = None
    marked = {row - start for row, _column in raw.marks}
    wanted = [i for i in todo if _is_filled(body[i]) or i in marked]
    for i in todo:
        records[i] = None
    fresh: dict[int, list[Hit]] = defaultdict(list)
    todo_rows = {i + start for i in todo}
    _parse_rows(body, wanted, layout, sheet, plan, resolvers, epoch_1904, records, fresh)
    for hit in mark_hits(raw, sheet, layout) if raw.marks else ():
        if hit.row in todo_rows:
            fresh[hit.row or 0].append(hit)
    hits |= fresh
    filled = [i for i, record in enumerate(records) if record is not None]
    gaps = filled[-1] + 1 - len(filled) if filled else 0
    gap_hits = (S.S25.hit(sheet=sheet.key, n=gaps),) if gaps else ()
    bad = _bad_rows(hits, layout, filled)
    return Parsed(
        sheet, raw, layout, refs, tuple(records), {row: tuple(found) for row, found in hits.items()},
        layout.hits + gap_hits, bad, frozenset(gone) if changed is not None else None,
    )  # fmt: skip


def _is_filled(row: Sequence[Cell]) -> bool:
    """Whether anything stands in a row; the first cell alone decides for nearly all."""
    first = row[0] if row else None
    if type(first) is str and first[:1].isalnum():
        return True
    return bool(row) and (not is_blank(first) or not all(map(is_blank, row)))


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


def _bad_rows(hits: Mapping[int, list[Hit]], layout: Layout, filled: Sequence[int]) -> frozenset[int]:
    if any(hit.rule is S.S03 for hit in layout.hits):
        return frozenset(i + layout.header_row + 1 for i in filled)
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
    columns: list[Sequence[Cell]] = list(zip_longest(*(body[i] for i in todo), fillvalue=""))
    defaults = {f.name: None if f.default is MISSING else f.default for f in fields(sheet.model)}
    made = [sheet.model.__new__(sheet.model) for _ in todo]
    _fill(sheet.model, "row", made, rows)
    pending: list[tuple[Column, dict[Cell, _Bad], Sequence[Cell]]] = []
    ids: list[Any] = []
    for column in sheet.columns:
        if column.name not in defaults:
            continue
        position = layout.positions.get(column.name)
        default = defaults[column.name]
        if position is None or position >= len(columns):
            values: list[Any] = [default] * len(todo)
        else:
            parse = resolvers[column.ref][1] if column.ref else parser(column, plan, epoch_1904)
            memo = _Memo(parse, default, _inspector(column))
            raw_values = columns[position]
            plain = _plain(raw_values, default, memo) if parse is clean else None
            values = list(map(memo.__getitem__, raw_values)) if plain is None else plain
            pending += [(column, found, raw_values) for found in (memo.bad, memo.doubt) if found]
        if column.required and default is None and position is not None and None in values:
            blank = columns[position] if position < len(columns) else ("",) * len(todo)
            for row, cell, value in zip(rows, blank, values, strict=True):
                if value is None and is_blank(cell):
                    hits[row].append(S.S14.hit(sheet=sheet.key, row=row, column=column.name, label=column.label))
        if column.name == "id":
            ids = values = [value or f"{sheet.prefix}#{row}" for row, value in zip(rows, values, strict=True)]
            _check_ids(sheet, rows, values, hits)
        _fill(sheet.model, column.name, made, values)
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
    for i, record in zip(todo, made, strict=True):
        records[i] = record


def _plain(raw: Sequence[Cell], default: Any, memo: _Memo) -> list[Any] | None:
    """A column of text without anything odd, taken as a whole; None when its cells need a look one by one."""
    try:
        joined = "".join(raw)  # type: ignore[arg-type]
    except TypeError:
        return None
    if not joined:
        return [default] * len(raw)
    if not joined.isprintable():
        return None
    values = [text.strip() or default for text in raw]  # type: ignore[union-attr]
    if memo.inspect:
        doubts = {text: memo.inspect(text) for text in set(values) if text != default}
        memo.doubt |= {cell: doubt for cell in set(raw) if (doubt := doubts.get(str(cell).strip()))}
    return values


def _fill(model: type[Row], name: str, made: Sequence[Row], values: Sequence[Any]) -> None:
    """Set one field of many new rows. The rows are frozen for everybody else; this is their construction."""
    deque(map(getattr(model, name).__set__, made, values), maxlen=0)


def _check_ids(sheet: Sheet, rows: Sequence[int], values: Sequence[str], hits: dict[int, list[Hit]]) -> None:
    if not sheet.prefix:
        return
    start, provisional = f"{sheet.prefix}-", f"{sheet.prefix}#"
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
    if column.kind in (Kind.TEXT, Kind.LONG):
        limit = LONG_LIMIT if column.kind is Kind.LONG else TEXT_LIMIT
        return lambda text: _Bad(S.S18, {"n": len(text), "limit": limit}) if len(text) > limit else None
    return None


def _credit_code(text: str) -> _Bad | None:
    """统一社会信用代码 by GB 32100-2015: 18 characters of its alphabet, the last a check digit."""
    code = key(text)
    if not is_credit_code(code):
        return _Bad(S.S19, {"why": T_("不是 18 位的合法写法")})
    return None if check_digit(code) == code[-1] else _Bad(S.S19, {"why": T_("的校验码不对")})
