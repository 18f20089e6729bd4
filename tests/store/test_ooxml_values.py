"""What is written is read back: text as text, numbers, days; whatever the text looks like."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from lib.store.base import CellPatch
from lib.store.ooxml import patch
from sheets_schema.snapshot import Cell
from tests.store.featureful import BOOK, DAY, HOSTILE, SHEET, element, name_of, part, shown, to
from tests.store.files import FIRST_SHEET
from tests.workbooks import examples

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_text_stays_the_text_it_is(text: str):
    made = patch(BOOK, [to("B5", text), to("D5", text), to("A99", text)])
    found = shown(made)
    assert [found[cell] for cell in ("B5", "D5", "A99")] == [text] * 3
    assert "<f" not in element(made, "D5")
    assert ' t="inlineStr"' in element(made, "D5")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\ud83d", "a�"), ("\udc00b", "�b"), ("\ud83d\ude00", "😀"), ("\ud83dx", "�x"), ("\ufffe\uffff", "��")],
    ids=ascii,
)
def test_what_is_no_character_is_replaced(text: str, kept: str):
    assert shown(patch(BOOK, [to("B5", text)]))["B5"] == kept


@pytest.mark.parametrize("number", [0, -0.0, 7, 7.5, -1.25, 0.1, 1e15, 123456789012345680, 1e300, 5e-324, 2**53])
def test_a_number_is_the_number_it_was(number: float):
    assert shown(patch(BOOK, [to("D5", number)]))["D5"] == number


def test_a_tick_is_written_as_a_tick():
    made = patch(BOOK, [to("D5", True), to("D6", False)])
    assert (shown(made)["D5"], shown(made)["D6"]) == ("TRUE", "FALSE")
    assert openpyxl.load_workbook(io.BytesIO(made))[SHEET]["D5"].value is True


def test_the_style_of_a_cell_is_kept_and_a_new_one_takes_its_row_s_or_its_column_s():
    made = patch(
        BOOK, [to("B5", "文字"), to("C5", None), to("B99", "新"), to("C99", None), to("B21", "原"), to("P21", "新")]
    )
    styles = [re.search(r's="(\d+)"', element(made, cell)) for cell in ("B5", "C5", "B99", "P21")]
    old = [re.search(r's="(\d+)"', element(BOOK, cell)) for cell in ("B5", "C5", "B6")]
    row = re.search(r'<row r="21"[^>]* s="(\d+)"', part(BOOK))
    assert [found and found[1] for found in styles] == [found and found[1] for found in (*old, row)]
    assert 'r="C99"' not in part(made)
    assert element(made, "C5") == '<c r="C5" s="2"/>'


@pytest.mark.parametrize(
    ("value", "in_days", "in_text"),
    [
        (DAY, DAY, "2016-03-31"),
        (datetime(2016, 3, 31, 10, 30), datetime(2016, 3, 31, 10, 30), "2016-03-31 10:30:00"),
        (datetime(2016, 3, 31), DAY, "2016-03-31"),
        (datetime(2016, 3, 31, 9, tzinfo=UTC), datetime(2016, 3, 31, 9), "2016-03-31 09:00:00"),
        (date(1900, 1, 1), date(1900, 1, 1), "1900-01-01"),
        (date(1900, 2, 28), date(1900, 2, 28), "1900-02-28"),
        (date(1900, 3, 1), date(1900, 3, 1), "1900-03-01"),
        (date(1899, 12, 31), "1899-12-31", "1899-12-31"),
        (date(9999, 12, 31), date(9999, 12, 31), "9999-12-31"),
        (time(8, 30), time(8, 30), "08:30:00"),
        (timedelta(hours=-1), "-1:00:00", "-1:00:00"),
        (timedelta(days=1, seconds=61), date(1900, 1, 1), "24:01:01"),
    ],
    ids=str,
)
def test_a_day_is_a_day_where_days_are_shown_and_iso_text_elsewhere(value: Cell, in_days: Cell, in_text: str):
    found = shown(patch(BOOK, [to("C5", value), to("C99", value), to("B5", value), to("D5", value)]))
    if isinstance(value, timedelta) and value > timedelta(0):
        in_days = datetime(1900, 1, 1, 0, 1, 1)
    assert [found[cell] for cell in ("C5", "C99", "B5", "D5")] == [in_days, in_days, in_text, in_text]


@pytest.mark.parametrize("cell", ["C5", "C99"])
def test_a_number_where_days_are_shown_does_not_become_a_day(cell: str):
    assert shown(patch(BOOK, [to(cell, 3.0)]))[cell] == "3"


FORMATS = {
    "yyyy-mm-dd": True, 'yyyy"年"m"月"d"日";@': True, "[$-F800]dddd\\,\\ mmmm": True, "[h]:mm": True, "mm:ss": True,
    "YYYY/M/D": True, "General": False, "@": False, '0"day"': False, "[Red]0": False, "0.00E+00": False,
    "#,##0\\d": False, "0_d": False, "0;yyyy": False, 14: True, 22: True, 27: True, 36: True, 47: True, 58: True,
    1: False, 37: False, 49: False,
}  # fmt: skip


@pytest.mark.parametrize("shows", FORMATS, ids=str)
def test_number_formats_that_show_days_are_told_from_those_that_do_not(shows: str | int):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("Sheet").write_blank(0, 0, None, book.add_format({"num_format": shows}))
    value = element(patch(target.getvalue(), [to("A1", DAY, "Sheet")]), "A1", FIRST_SHEET)
    assert ("<v>42460</v>" in value) is FORMATS[shows]
    assert ("2016-03-31" in value) is not FORMATS[shows]


def test_a_workbook_of_1904_gets_its_own_serials():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"date_1904": True}) as book:
        book.add_worksheet("Sheet").set_column(0, 0, 9, book.add_format({"num_format": "yyyy-mm-dd"}))
    days = [DAY, date(1904, 1, 2), date(1904, 1, 1), date(9999, 12, 31)]
    found = shown(patch(target.getvalue(), [to(f"A{row}", day, "Sheet") for row, day in enumerate(days, 1)]), "Sheet")
    assert list(found.values()) == [DAY, date(1904, 1, 2), "1904-01-01", date(9999, 12, 31)]


COLUMNS, DATE_COLUMN = 5, 3
TRICKY = st.text(st.sampled_from("_x0041DF \n\t\r\x01\ufffe=<&>]'\"长😀"), max_size=12)
VALUES: Any = st.one_of(
    TRICKY,
    st.text(max_size=20),
    st.none(),
    st.dates(),
    st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
    st.times().map(lambda moment: moment.replace(microsecond=0)),
)
NUMBERS: Any = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
ROWS = st.integers(1, 9)
PLACES = st.tuples(ROWS, st.integers(1, COLUMNS))
CHANGES = st.one_of(
    st.tuples(PLACES, VALUES), st.tuples(st.tuples(ROWS, st.integers(DATE_COLUMN + 1, COLUMNS)), NUMBERS)
)
"""Numbers keep out of the column of days, where they are days."""
BOOKS = st.dictionaries(
    PLACES, st.one_of(st.integers(0, 9), st.text("甲乙丙", min_size=1, max_size=3), st.just("=1+1"))
)


def book_of(cells: dict[tuple[int, int], Any], inline: bool) -> bytes:
    """A small workbook with a column of days; its texts are shared or stand in their cells."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": not inline, "constant_memory": inline}) as book:
        tab, day = book.add_worksheet("Sheet"), book.add_format({"num_format": "yyyy-mm-dd"})
        tab.set_column(DATE_COLUMN - 1, DATE_COLUMN - 1, 12, day)
        for (row, column), value in sorted(cells.items()):
            write = tab.write_formula if value == "=1+1" else tab.write
            write(row - 1, column - 1, value, *([day] if column == DATE_COLUMN else []))
    return target.getvalue()


def model(value: Cell, column: int) -> Cell:
    """What a cell shows of what was written."""
    if value is None or isinstance(value, str):
        return re.sub("[\ufffe\uffff]", "\ufffd", value or "")
    if isinstance(value, (int, float)):
        return float(value)
    at_midnight = isinstance(value, datetime) and value.time() == time.min
    day = value.date() if isinstance(value, datetime) else value
    if column == DATE_COLUMN and (isinstance(day, time) or day.year >= 1900):
        return day if at_midnight else value
    return day.isoformat() if at_midnight or not isinstance(value, datetime) else value.isoformat(" ")


@examples(120)
@given(BOOKS, st.booleans(), st.lists(st.lists(CHANGES, max_size=12), max_size=3))
def test_any_changes_to_any_workbook_are_read_back_as_a_table_would_have_them(
    cells: dict[tuple[int, int], Any], inline: bool, rounds: list[list[tuple[tuple[int, int], Cell]]]
):
    data = book_of(cells, inline)
    table = shown(data, "Sheet")
    for changes in rounds:
        data = patch(data, [CellPatch("Sheet", *place, value) for place, value in changes])
        table |= {name_of(*place): model(value, place[1]) for place, value in changes}
    assert shown(data, "Sheet") == {cell: value for cell, value in table.items() if value != ""}
