"""Working days over the holidays of real years, as the yearly notices set them, and the end of what is known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chinese_calendar import is_workday

from lib.domain.workdays import known_years, unknown_year, working_days, works


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        # National Day 2015: 1-7 October off, Saturday the 10th worked in their stead
        (date(2015, 9, 30), date(2015, 10, 8), 1),
        (date(2015, 10, 8), date(2015, 10, 10), 2),
        # Spring Festival 2016: 7-13 February off, Saturday the 6th and Sunday the 14th worked
        (date(2016, 2, 5), date(2016, 2, 14), 2),
        (date(2016, 2, 6), date(2016, 2, 13), 0),
        # a plain weekend, and a plain week
        (date(2016, 3, 18), date(2016, 3, 21), 1),
        (date(2016, 3, 14), date(2016, 3, 18), 4),
        # over New Year: Friday 1 January off
        (date(2015, 12, 31), date(2016, 1, 4), 1),
        (date(2016, 3, 31), date(2016, 3, 31), 0),
    ],
)
def test_the_working_days_between_two_days(start: date, end: date, count: int) -> None:
    assert working_days(start, end) == count
    assert working_days(end, start) == count


def test_a_worked_saturday_is_a_working_day_and_a_free_monday_is_none() -> None:
    assert works(date(2015, 10, 10)) is True
    assert works(date(2015, 10, 5)) is False


def test_beyond_the_tables_there_is_no_number_and_the_year_is_named() -> None:
    _first, last = known_years()
    end = date(last, 12, 31)
    assert works(end) is not None
    assert works(end + timedelta(days=1)) is None
    assert working_days(end, end + timedelta(days=10)) is None
    assert unknown_year(end, end + timedelta(days=10)) == last + 1
    assert unknown_year(date(last, 1, 1), end) is None
    assert working_days(date(1999, 12, 1), date(1999, 12, 31)) is None
    assert unknown_year(date(1999, 12, 1), date(1999, 12, 31)) == 1999


def test_every_known_day_counts_as_the_calendar_says() -> None:
    first, last = known_years()
    start, end = date(first, 1, 1), date(last, 12, 31)
    for day in (start + timedelta(days=n) for n in range((end - start).days)):
        after = day + timedelta(days=1)
        assert working_days(day, after) == int(is_workday(after)) == int(bool(works(after)))


def test_years_are_counted_as_fast_as_days() -> None:
    """A due ten years old stands on the page of reminders some hundred times."""
    first, last = known_years()
    with pytest.MonkeyPatch.context() as patch:
        working_days(date(first, 1, 1), date(last, 12, 31))
        patch.setattr("lib.domain.workdays._works", None)
        assert working_days(date(first, 1, 1), date(last, 12, 31)) > 200 * (last - first)
