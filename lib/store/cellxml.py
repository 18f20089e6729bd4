"""What a value is in a worksheet's XML: text that stays text, numbers, and days as serials where days are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import isfinite
from xml.etree import ElementTree

from sheets_schema.snapshot import Cell

MAX_TEXT = 32_767
"""Characters of one cell, counted as Excel does: in units of UTF-16, so that an emoji is two."""
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
"""The last row and column of a worksheet."""
WHOLE = 1e15
"""Below it whole numbers are written without an exponent, as Excel shows them."""
LEAP = date(1900, 3, 1)
"""Serials count a 29 February 1900 that never was: earlier days lie one serial lower."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CONTROLS = "\x00-\x08\x0b-\x1f"
_TO_ESCAPE = re.compile(f"[{_CONTROLS}]|_(?=x[0-9A-Fa-f]{{4}}[_{_CONTROLS}])")
"""What XML cannot carry (or would not give back: CR), and underscores that would be read as such an escape, also one
that only arises because the character after it is escaped. The standard's ST_Xstring."""
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_PATTERN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
"""Parts of a number format that stand for themselves: quoted text, escaped characters, colours, locales."""
_DATE_PATTERN = re.compile(r"[ymdhs]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dates:
    """How a workbook keeps days: the cell styles that show them, and whether serials count from 1904."""

    styles: frozenset[int] = frozenset()
    epoch_1904: bool = False


def date_styles(xml: bytes) -> frozenset[int]:
    """The indexes of the cell styles in ``styles.xml`` whose number format shows a date or a time.

    Raises ``ElementTree.ParseError`` and ``ValueError`` when it is damaged.
    """
    root = ElementTree.fromstring(xml)
    custom = {
        int(found.get("numFmtId", "-1")): found.get("formatCode", "") for found in root.iterfind(f".//{_MAIN}numFmt")
    }
    formats = (int(style.get("numFmtId", "0")) for style in root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"))
    return frozenset(index for index, number in enumerate(formats) if _shows_dates(number, custom.get(number)))


def _shows_dates(number: int, code: str | None) -> bool:
    if code is None:
        return number in _BUILT_IN_DATES
    positive = _NOT_PATTERN.sub("", code).partition(";")[0]
    return _DATE_PATTERN.search(positive) is not None


def is_text_too_long(text: str) -> bool:
    """Whether a cell cannot hold a text."""
    return len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le", "surrogatepass")) > 2 * MAX_TEXT


def is_exact(number: float) -> bool:
    """Whether a cell holds this very number: not so for infinity and for digits beyond those of a float."""
    try:
        held = float(number)
    except OverflowError:
        return False
    return isfinite(held) and held == number


def reference(row: int, column: int) -> str:
    """Row 5, column 2 → ``B5``."""
    return f"{letters(column)}{row}"


@lru_cache(maxsize=MAX_COLUMN)
def letters(column: int) -> str:
    """1 → ``A``, 27 → ``AA``."""
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(65 + last)


def position(column: str) -> int:
    """``A`` → 1, ``AA`` → 27."""
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def cell_xml(prefix: str, where: str, style: int | None, value: Cell, dates: Dates) -> str:
    """One cell element: its namespace prefix with colon, its reference, its style, and what stands in it."""
    head = f'<{prefix}c r="{where}"' + (f' s="{style}"' if style is not None else "")
    shown = _held(value, (style or 0) in dates.styles, dates.epoch_1904)
    if shown is None or shown == "":
        return f"{head}/>"
    if isinstance(shown, bool):
        return f'{head} t="b"><{prefix}v>{shown:d}</{prefix}v></{prefix}c>'
    if isinstance(shown, str):
        text = f'<{prefix}t xml:space="preserve">{text_xml(shown)}</{prefix}t>'
        return f'{head} t="inlineStr"><{prefix}is>{text}</{prefix}is></{prefix}c>'
    return f"{head}><{prefix}v>{_number(shown)}</{prefix}v></{prefix}c>"


def text_xml(text: str) -> str:
    """Text as it stands in a worksheet's XML; every program reads back what was given, lone surrogates excepted."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", storable(text)).translate(_MARKUP)


def storable(text: str) -> str:
    """Text as a cell keeps it: halves of a pair that stand side by side are one character; what is none is replaced."""
    if text.isprintable():
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _NO_CHARACTERS.sub("\ufffd", whole)


def _number(number: float) -> str:
    held = float(number)
    return str(int(held)) if abs(held) < WHOLE and held.is_integer() else repr(held)


def _held(value: Cell, dated: bool, epoch_1904: bool) -> str | float | None:
    """What a cell of this kind keeps for a value: days and times as serials if its style shows them, else as text;
    a number that its style would show as a day as text too."""
    if not isinstance(value, (date, time, timedelta)):
        return _number(value) if dated and isinstance(value, (int, float)) else value
    number = _serial(value, epoch_1904) if dated else None
    return _iso(value) if number is None else number


def _serial(value: date | time | timedelta, epoch_1904: bool) -> float | None:
    """Days since the workbook's epoch; None for days and spans that serials do not reach."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1) if value >= timedelta(0) else None
    if isinstance(value, time):
        return _part_of_day(value)
    day = value.date() if isinstance(value, datetime) else value
    first = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30 if day >= LEAP else 31)
    days = (day - first).days
    if days < 1:  # serials below one are times of day
        return None
    return days + _part_of_day(value.time()) if isinstance(value, datetime) else days


def _part_of_day(value: time) -> float:
    since = timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )  # fmt: skip
    return since / timedelta(days=1)


def _iso(value: date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.replace(tzinfo=None).isoformat(" ")
    if not isinstance(value, timedelta):
        return value.isoformat()
    minutes, seconds = divmod(abs(value) // timedelta(seconds=1), 60)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
