"""What a cell takes in and gives out: text parsed as if typed, numbers shown by their format."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .errors import ApiError
from .model import Formula, Value

EPOCH = datetime(1899, 12, 30)

MOST_CHARACTERS = 50_000

_NUMBER = re.compile(r"^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?$", re.ASCII)
_YMD = re.compile(r"^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$", re.ASCII)
_CJK = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$", re.ASCII)
_MD = re.compile(r"^(\d{1,2})[-/](\d{1,2})$", re.ASCII)
_MDY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$", re.ASCII)
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$", re.ASCII)


def tidy(number: float) -> int | float:
    """A whole number without its ``.0``, as JSON answers show it."""
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e21 else number


def raw(value: Any) -> Value:
    """A value as RAW stores it: what it is in JSON; ``""`` clears."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        message = f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell."
        raise ApiError(message)
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return tidy(value)
    kind = "struct_value" if isinstance(value, dict) else "list_value"
    raise ApiError(f"Invalid values: {kind}")


def typed(value: Any, locale: str, pattern: dict[str, Any] | None) -> tuple[Value, dict[str, Any] | None]:
    """A value as USER_ENTERED stores it, and the number format it brings along, if any."""
    if not isinstance(value, str) or value == "" or len(value) > MOST_CHARACTERS:
        return raw(value), None
    if value.startswith("'"):
        return value[1:] or None, None
    if pattern and pattern.get("type") == "TEXT":
        return value, None
    if value.startswith("=") and len(value) > 1:
        return Formula(value), None
    text = value.strip()
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE", None
    return _number(text) or _moment(text, locale) or (value, None)


def _number(text: str) -> tuple[Value, dict[str, Any] | None] | None:
    bare = text[:-1] if text.endswith("%") else text
    if not _NUMBER.match(bare) or not any(letter.isdigit() for letter in bare):
        return None
    number = float(bare.replace(",", ""))
    if text.endswith("%"):
        return tidy(number / 100), {"type": "PERCENT", "pattern": "0.00%" if "." in bare else "0%"}
    if "e" in bare.lower():
        return tidy(number), {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if "," in bare:
        return tidy(number), {"type": "NUMBER", "pattern": "#,##0.00" if "." in bare else "#,##0"}
    return tidy(number), None


def _moment(text: str, locale: str) -> tuple[Value, dict[str, Any] | None] | None:
    day, _, clock = text.partition(" ")
    if not clock and _TIME.match(day):
        found = _clock(day)
        return None if found is None else (tidy(found), {"type": "TIME", "pattern": "h:mm:ss"})
    found_day = _day(day, locale)
    if found_day is None:
        return None
    serial, pattern = found_day
    if not clock:
        return serial, {"type": "DATE", "pattern": pattern}
    part = _clock(clock.strip())
    if part is None:
        return None
    return tidy(serial + part), {"type": "DATE_TIME", "pattern": pattern + " h:mm:ss"}


def _clock(text: str) -> float | None:
    found = _TIME.match(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    return (int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)) / 86400


def _day(text: str, locale: str) -> tuple[int, str] | None:
    chinese = locale.startswith("zh")
    if found := _YMD.match(text):
        parts = int(found[1]), int(found[3]), int(found[4])
        pattern = "yyyy-mm-dd" if found[2] == "-" else "yyyy/m/d"
    elif found := _CJK.match(text) if chinese else None:
        parts = int(found[1]), int(found[2]), int(found[3])
        pattern = 'yyyy"年"m"月"d"日"'
    elif found := _MDY.match(text) if locale.startswith("en_US") else None:
        parts, pattern = (int(found[3]), int(found[1]), int(found[2])), "m/d/yyyy"
    elif found := _MD.match(text):
        parts, pattern = (datetime.now(UTC).year, int(found[1]), int(found[2])), "m/d"
    else:
        return None
    try:
        return serial(date(*parts)), pattern
    except ValueError:
        return None


def serial(day: date) -> int:
    """Days since 30 December 1899."""
    return (day - EPOCH.date()).days


def is_date(pattern: dict[str, Any] | None) -> bool:
    """Whether a number under this format is a date, a time or both."""
    return pattern is not None and pattern.get("type") in ("DATE", "TIME", "DATE_TIME")


def shown(value: Value, pattern: dict[str, Any] | None) -> str:
    """What a person sees in the cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return str(value)
    if is_date(pattern):
        return _date_text(value, pattern or {})
    kind, form = (pattern or {}).get("type"), (pattern or {}).get("pattern", "")
    if kind == "PERCENT" or form.endswith("%"):
        return f"{value * 100:.{_decimals(form or '0.00%')}f}%"
    if kind == "SCIENTIFIC":
        return f"{value:.2E}"
    if form and set(form) & set("0#") and kind in ("NUMBER", "CURRENCY", None):
        comma = "," if "," in form else ""
        return f"{value:{comma}.{_decimals(form)}f}"
    return _general(value)


def _decimals(form: str) -> int:
    return len(re.sub(r"[^0#]", "", form.partition(".")[2]))


def _general(value: float) -> str:
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.5E}"


_DATE_PART = re.compile(r'"([^"]*)"|yyyy|yy|mmmm|mm|m|dd|d|hh|h|ss|s|.')
_DEFAULT = {"DATE": "yyyy/m/d", "TIME": "h:mm:ss", "DATE_TIME": "yyyy/m/d h:mm:ss"}


def _date_text(value: float, pattern: dict[str, Any]) -> str:
    when = EPOCH + timedelta(seconds=round(value * 86400))
    form = pattern.get("pattern") or _DEFAULT[pattern["type"]]
    parts, after_hour = [], False
    for found in _DATE_PART.finditer(form):
        token = found[0]
        if found[1] is not None:
            parts.append(found[1])
            continue
        minute = after_hour and token in ("m", "mm")
        spelled = {
            "yyyy": f"{when.year:04}",
            "yy": f"{when.year % 100:02}",
            "mm": f"{when.minute if minute else when.month:02}",
            "m": str(when.minute if minute else when.month),
            "dd": f"{when.day:02}",
            "d": str(when.day),
            "hh": f"{when.hour:02}",
            "h": str(when.hour),
            "ss": f"{when.second:02}",
            "s": str(when.second),
        }
        parts.append(spelled.get(token, token))
        if token in spelled:
            after_hour = token in ("h", "hh")
    return "".join(parts)


def rank(value: Value) -> tuple[int, Any]:
    """The order Sheets sorts in: numbers, then text, then booleans; blanks are put last by the caller."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return 1, str(value).casefold()
