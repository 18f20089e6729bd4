"""Normalise (规整) what people type, for comparison only: the raw text is kept and reported.

Gives plain values: text keys, dates from the many ways to write one, whole numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sheets_schema.snapshot import Cell
from sheets_schema.spelling import INVISIBLE, spelt

_PLAIN = re.compile(r"[A-Z0-9\u4e00-\u9fff\-]+").fullmatch
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_DATE_TIME = re.compile(r"^(.*\d)[T ]\d{1,2}:\d{2}(:\d{2})?$")
_MULTI = re.compile(r"[、,，;；\n]+")

SERIAL_RANGE = range(20000, 80000)
"""Bare numbers read as dates: 1954 to 2119. Outside it a number in a date column is a mistake."""


def is_blank(cell: Cell) -> bool:
    """True for an empty cell and for one that holds only white space or invisible characters."""
    return cell is None or (isinstance(cell, str) and not clean(cell))


def to_text(cell: Cell) -> str:
    """A cell as the text a person sees: whole floats without ``.0``, dates as ``2016-03-31``."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def clean(cell: Cell) -> str:
    """Text trimmed of white space and invisible characters, otherwise as typed."""
    if type(cell) is str and cell.isprintable():
        return cell.strip()
    return to_text(cell).translate(INVISIBLE).strip()


def one_line(text: str, limit: int) -> str:
    """Text as one line without control characters and without any that change the direction, at most ``limit`` long."""
    kept = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Cc") else c for c in text)
    line = " ".join("".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cs")).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def key(cell: Cell) -> str:
    """The text that two spellings of one thing share: NFKC, brackets alike, no white space, upper case."""
    text = cell if type(cell) is str else to_text(cell)
    return text if _PLAIN(text) else spelt(text)


def keys(texts: Sequence[str]) -> list[str]:
    """The keys of many texts; a look at all of them together spares looking at each when none is odd."""
    return list(texts) if _PLAIN("".join(texts)) else list(map(key, texts))


def split_multi(cell: Cell) -> tuple[str, ...]:
    """The entries of a multi-valued cell; 、 ， , ； ; and line breaks separate."""
    return tuple(part.strip() for part in _MULTI.split(clean(cell)) if part.strip())


def to_date(cell: Cell, epoch_1904: bool = False) -> date:
    """The day a cell means. Raises ``ValueError`` when it names no single day (``11月底``)."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool):
        raise ValueError(cell)
    if isinstance(cell, (int, float)):
        return _from_serial(float(cell), epoch_1904)
    text = unicodedata.normalize("NFKC", clean(cell))
    stamped = _DATE_TIME.match(text)
    text = stamped[1] if stamped else text
    match = _DATE.match(text) or _COMPACT_DATE.match(text)
    if match:
        return date(int(match[1]), int(match[2]), int(match[3]))
    if not _SERIAL.match(text):
        raise ValueError(text)
    return _from_serial(float(text), epoch_1904)


def _from_serial(number: float, epoch_1904: bool) -> date:
    days = int(number)
    if days not in SERIAL_RANGE:
        raise ValueError(number)
    return (date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)) + timedelta(days=days)


def shifted(day: date, days: int) -> date:
    """A day so many days later (or earlier), held within the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def to_int(cell: Cell) -> int:
    """A whole number, full-width digits included. Raises ``ValueError``."""
    if isinstance(cell, bool):
        raise ValueError(cell)
    if isinstance(cell, float):
        if not cell.is_integer() or abs(cell) > 1e9:
            raise ValueError(cell)
        return int(cell)
    text = unicodedata.normalize("NFKC", clean(cell))
    number = float(text)
    if not number.is_integer() or abs(number) > 1e9:
        raise ValueError(text)
    return int(number)


def column_letters(index: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
