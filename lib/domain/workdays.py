"""Working days (工作日) in China: weekends, public holidays and the days worked in their stead, as announced each year.

The tables are those of ``chinesecalendar``. They end with the last year whose notice it knows: beyond there is no
number, because a guess would look like a fact.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from chinese_calendar import holidays, is_workday


@cache
def known_years() -> tuple[int, int]:
    """The first and the last year of which the working days are known."""
    return min(holidays).year, max(holidays).year


def works(day: date) -> bool | None:
    """Whether a day is a working day; None when nothing is known of its year."""
    first, last = known_years()
    return bool(is_workday(day)) if first <= day.year <= last else None


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
    return sum(bool(is_workday(start + timedelta(days=n))) for n in range(1, (end - start).days + 1))


def unknown_year(one: date, other: date) -> int | None:
    """The year nothing is known of that keeps ``working_days`` from counting, the later of two; None when it counts."""
    first, last = known_years()
    found = [day.year for day in (one, other) if not first <= day.year <= last]
    return max(found, default=None) if one != other else None
