"""Working days (工作日) in China: weekends, public holidays and the days worked in their stead, as announced each year.

The tables are those of ``chinesecalendar``. They end with the last year whose notice it knows: beyond there is no
number, because a guess would look like a fact.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import accumulate

from chinese_calendar import holidays, workdays


@cache
def known_years() -> tuple[int, int]:
    """The first and the last year of which the working days are known."""
    return min(holidays).year, max(holidays).year


def works(day: date) -> bool | None:
    """Whether a day is a working day; None when nothing is known of its year."""
    first, last = known_years()
    return _works(day) if first <= day.year <= last else None


def working_days(one: date, other: date) -> int | None:
    """Working days between two days, in either order: after the earlier one, up to and with the later one.

    None when nothing is known of a year they touch.
    """
    start, end = sorted((one, other))
    first, last = known_years()
    if start == end:
        return 0
    if start.year < first or end.year > last:
        return None
    worked, base = _worked(), date(first, 1, 1).toordinal()
    return worked[end.toordinal() - base] - worked[start.toordinal() - base]


def unknown_year(one: date, other: date) -> int | None:
    """The year nothing is known of that keeps ``working_days`` from counting, the later of two; None when it counts."""
    first, last = known_years()
    found = [day.year for day in (one, other) if not first <= day.year <= last]
    return max(found, default=None) if one != other else None


def _works(day: date) -> bool:
    return day in workdays or (day.weekday() < 5 and day not in holidays)


@cache
def _worked() -> tuple[int, ...]:
    """How many days have been worked up to and with each known day. Counted once: a due ten years old would otherwise
    ask for thousands of days each time it is shown, and the calendar's own question looks through all its years."""
    first, last = known_years()
    days = range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1)
    return tuple(accumulate(_works(date.fromordinal(day)) for day in days))
