"""Dates as a plan writes them: a day, a month, a third of a month, a year, or nothing yet.

``2016-06`` read as a due date is the month's last day (底前 is inclusive), read as a start its first;
``2016-08 中旬`` is the 11th to the 20th. Null stays null: a plan may not know its dates.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from lib.i18n import _

PHRASE = (
    r"^(\d{4})(?:年|-|/|\.)?(?:(\d{1,2})(?:月|-|/|\.)?(?:(\d{1,2})日?)?)?"
    r"\s*(上旬|中旬|下旬|初|底)?(?:前|之前|以前)?$"
)
"""How a date is written: year, month, day and third of the month; editors check it by the same pattern."""
_PHRASE = re.compile(PHRASE)
_THIRDS = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (1, 31)}


def read_phrase(value: object, edge: Literal["first", "last"]) -> date | None:
    """The first or last inclusive day that a date phrase covers.

    Raises ``ValueError`` when the phrase is no date.
    """
    if value is None or isinstance(value, date):
        return value
    match = _PHRASE.match(str(value).strip())
    if not match:
        raise ValueError(str(value))
    year, month, day = (int(match[place]) if match[place] else None for place in (1, 2, 3))
    assert year is not None
    if month is None:
        return date(year, 1, 1) if edge == "first" else date(year, 12, 31)
    if day is not None:
        return date(year, month, day)
    low, high = _THIRDS.get(match[4] or "", (1, 31))
    return date(year, month, low if edge == "first" else min(high, monthrange(year, month)[1]))


def _validator(edge: Literal["first", "last"]) -> BeforeValidator:
    def read(value: object) -> date | None:
        try:
            return read_phrase(value, edge)
        except ValueError as error:
            raise PydanticCustomError(
                "plan_date",
                _("“{value}”不是日期；可写 2016-06-30、2016-06、2016-08 中旬、2016，或留空（null）"),
                {"value": str(value)},
            ) from error

    return BeforeValidator(read)


_WRITTEN = WithJsonSchema(
    {"type": ["string", "integer", "number", "null"], "pattern": PHRASE, "examples": ["2016-06-30", "2016-06", None]}
)
FirstDay = Annotated[date | None, _validator("first"), _WRITTEN]
LastDay = Annotated[date | None, _validator("last"), _WRITTEN]
