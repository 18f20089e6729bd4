"""How the cells of one column are read (逐列读取): each distinct cell once, with what makes it wrong or doubtful."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from lib.domain.cells import LONG_LIMIT, TEXT_LIMIT, Parser, looks_like_email, looks_like_phone, looks_like_url, parser
from lib.domain.credit_code import check_digit, is_credit_code
from lib.domain.findings import CATALOGUE, Rule
from lib.domain.normalise import is_blank, key
from lib.domain.rules import schema as S
from lib.i18n import T_
from sheets_schema.plan import Plan
from sheets_schema.sheet import Column, Kind, Sheet
from sheets_schema.snapshot import Cell


@dataclass(frozen=True, slots=True)
class Bad:
    """The rule a cell breaks, and what its message tells besides the place."""

    rule: Rule
    params: dict[str, Any]


class Memo(dict[Cell, Any]):
    """Raw cell → value, parsed once for each distinct cell; remembers which cells were bad or doubtful."""

    __slots__ = ("bad", "blank", "doubt", "inspect", "parse")

    def __init__(self, parse: Parser, blank: Any, inspect: Callable[[str], Bad | None] | None) -> None:
        self.parse, self.blank, self.inspect = parse, blank, inspect
        self.bad: dict[Cell, Bad] = {}
        self.doubt: dict[Cell, Bad] = {}

    def __missing__(self, cell: Cell) -> Any:
        if is_blank(cell):
            value = self.blank
        else:
            try:
                value = self.parse(cell)
            except PydanticCustomError as error:
                self.bad[cell] = Bad(CATALOGUE[error.type], dict(error.context or {}))
                value = self.blank
            else:
                doubt = self.inspect(value) if self.inspect else None
                if doubt:
                    self.doubt[cell] = doubt
        self[cell] = value
        return value


@dataclass(frozen=True, slots=True)
class Field:
    """How the cells of a column are read; ``parse`` is None where they refer to another sheet."""

    column: Column
    default: Any
    parse: Parser | None
    inspect: Callable[[str], Bad | None] | None
    limit: int | None
    required: bool


def fields_of(sheet: Sheet, plan: Plan, epoch_1904: bool) -> tuple[Field, ...]:
    """How a sheet's columns are read: made once for a plan, for its lists of choices take as long as many cells."""
    return tuple(
        Field(
            column, default, None if column.ref else parser(column, plan, epoch_1904),
            _inspector(column), _limit(column), column.required and default is None,
        )
        for name, default in sheet.defaults.items()
        for column in [sheet.by_name[name]]
    )  # fmt: skip


def plain_column(raw: Sequence[Cell], default: Any, memo: Memo, limit: int | None) -> list[Any] | None:
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


def _inspector(column: Column) -> Callable[[str], Bad | None] | None:
    """What makes a readable cell doubtful: its length, and the shape of codes, phones, addresses and links."""
    if column.kind is Kind.CREDIT_CODE:
        return _credit_code
    if column.kind is Kind.PHONE:
        return lambda text: None if looks_like_phone(text) else Bad(S.S20, {})
    if column.kind is Kind.EMAIL:
        return lambda text: None if looks_like_email(text) else Bad(S.S27, {})
    if column.kind is Kind.URL:
        return lambda text: None if looks_like_url(text) else Bad(S.S21, {})
    limit = _limit(column)
    if limit is not None:
        return lambda text: Bad(S.S18, {"n": len(text), "limit": limit}) if len(text) > limit else None
    return None


def _limit(column: Column) -> int | None:
    """How long a text may be before it is doubtful; None for cells that hold something else."""
    return {Kind.LONG: LONG_LIMIT, Kind.TEXT: TEXT_LIMIT}.get(column.kind)


def _credit_code(text: str) -> Bad | None:
    """统一社会信用代码 by GB 32100-2015: 18 characters of its alphabet, the last a check digit."""
    code = key(text)
    if not is_credit_code(code):
        return Bad(S.S19, {"why": T_("不是 18 位的合法写法")})
    return None if check_digit(code) == code[-1] else Bad(S.S19, {"why": T_("的校验码不对")})
