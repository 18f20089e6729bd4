"""One cell: raw → value. The same parsers serve the bulk load and the pydantic model a form validates with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model
from pydantic_core import PydanticCustomError

from lib.domain.findings import SHEET_CONVENTION
from lib.domain.normalise import clean, is_blank, key, split_multi, to_date, to_int, to_text
from sheets_schema.plan import Plan
from sheets_schema.sheet import SEPARATOR, Column, Kind, Sheet
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import choices, options

Parser = Callable[[Cell], Any]
TEXT_LIMIT = 200
LONG_LIMIT = 4000
_PHONE = re.compile(r"^(\+?86-?)?(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8}|400-?\d{3}-?\d{4})(-\d{1,6})?$")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
MAIL_LIMIT = 254
"""Characters of a mail address, by RFC 5321."""
_URL = re.compile(r"^https?://[^\s<>\"']+$", re.IGNORECASE)


def broken(rule_id: str, **params: Any) -> PydanticCustomError:
    """The error a parser raises: its type is the rule's id, its context the message's places."""
    return PydanticCustomError(rule_id, SHEET_CONVENTION, params)


def parser(column: Column, plan: Plan, epoch_1904: bool = False) -> Parser:
    """The parser of a non-blank cell of this column. It raises ``PydanticCustomError`` typed by rule id."""
    if column.kind is Kind.DATE:
        return lambda cell: _date(cell, epoch_1904)
    if column.kind is Kind.INT:
        return _int
    accepted = {key(spelling): value for spelling, value in choices(column, plan).items()}
    if column.kind is Kind.MULTI:
        return lambda cell: _multi(cell, accepted, column, plan)
    if accepted:
        return lambda cell: _choice(cell, accepted, column, plan)
    return clean


def _date(cell: Cell, epoch_1904: bool) -> date:
    try:
        return to_date(cell, epoch_1904)
    except (ValueError, OverflowError) as error:
        raise broken("S15", value=to_text(cell)) from error


def _int(cell: Cell) -> int:
    try:
        return to_int(cell)
    except (ValueError, OverflowError) as error:
        raise broken("S17", value=to_text(cell)) from error


def _choice(cell: Cell, accepted: Mapping[str, str], column: Column, plan: Plan) -> str:
    found = accepted.get(key(cell))
    if found is None:
        listed = options(column, plan)
        shown = SEPARATOR.join(listed[:12]) + ("…" if len(listed) > 12 else "")
        raise broken("S16", value=to_text(cell)[:60], options=shown)
    return column.enum(found) if column.enum else found


def _multi(cell: Cell, accepted: Mapping[str, str], column: Column, plan: Plan) -> tuple[str, ...]:
    parts = split_multi(cell)
    return tuple(_choice(part, accepted, column, plan) for part in parts) if accepted else parts


def looks_like_phone(text: str) -> bool:
    """A mobile number, a land line with or without area code, or a 400 number."""
    return bool(_PHONE.match(key(text)))


def looks_like_email(text: str) -> bool:
    """One plain mail address: no name beside it, nothing that could end a header or name a second reader."""
    return len(text) <= MAIL_LIMIT and bool(_EMAIL.fullmatch(text))


def looks_like_url(text: str) -> bool:
    """An http(s) address without white space, quotes or angle brackets: safe to show as a link."""
    return bool(_URL.match(text))


@lru_cache(maxsize=64)
def row_model(sheet: Sheet, plan_id: str, plan: Plan) -> type[BaseModel]:
    """A pydantic model of one row as people type it: keys are field names, blank means the default.

    ``model_validate`` collects every mistake at once; each error's ``type`` is a rule id.
    """
    defaults = sheet.defaults
    made: dict[str, Any] = {}
    for column in sheet.columns:
        if column.name not in defaults:
            continue
        default = defaults[column.name]
        need = column.required and default is None
        made[column.name] = (
            Annotated[Any, BeforeValidator(_blank_or(parser(column, plan), column, need))],
            None if need else default,
        )
    return create_model(f"{sheet.key}_row", __config__=ConfigDict(extra="forbid", validate_default=True), **made)


def _blank_or(parse: Parser, column: Column, need: bool) -> Parser:
    def read(cell: Cell) -> Any:
        if isinstance(cell, tuple):
            return cell
        if is_blank(cell):
            if need:
                raise broken("S14", label=column.label)
            return None
        return parse(cell)

    return read
