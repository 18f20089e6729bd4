"""What people type: many spellings, one meaning, and a plain refusal where there is none."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from lib.domain.credit_code import ALPHABET, check_digit, is_credit_code
from lib.domain.normalise import clean, column_letters, is_blank, key, split_multi, to_date, to_int, to_text
from tests.workbooks import examples

DAY = date(2015, 11, 30)
SPELLINGS = [
    "2015-11-30", "2015.11.30", "2015/11/30", "2015年11月30日", "２０１５年11月30日", "２０１５．１１．３０",
    "2015 年 11 月 30 日", " 2015-11-30\n", "20151130", "2015-11-30 08:30", "2015-11-30T08:30:00", "\u200b2015-11-30",
    "2015年11月30",
    42338.0, 42338.75, "42338", DAY, datetime(2015, 11, 30, 23, 59),
]  # fmt: skip
REFUSED = [
    "11月底", "2015年11月", "2015-11", "2015", "15.11.30", "2015-02-30", "2015-13-01", "尽快", "待定", "2015-11-30前",
    "-",
    "nan", "inf", 1.0, 99999999.0, float("nan"), float("inf"), "TRUE", time(8, 30), timedelta(days=42338), "",
]  # fmt: skip


@pytest.mark.parametrize("typed", SPELLINGS, ids=repr)
def test_every_spelling_of_a_day_means_that_day(typed):
    assert to_date(typed) == DAY
    assert type(to_date(typed)) is date


@pytest.mark.parametrize("typed", REFUSED, ids=repr)
def test_what_names_no_single_day_is_refused(typed):
    with pytest.raises((ValueError, OverflowError)):
        to_date(typed)


def test_a_serial_number_counts_from_the_workbooks_own_epoch():
    assert to_date(42338.0) == DAY
    assert to_date(42338.0 - 1462, epoch_1904=True) == DAY
    assert to_date("2015-11-30", epoch_1904=True) == DAY


@given(st.dates(date(1955, 1, 1), date(2100, 1, 1)))
@examples(200)
def test_any_day_is_read_back_from_each_way_to_write_it(day: date):
    serial = float((day - date(1899, 12, 30)).days)
    for typed in (
        day.isoformat(), f"{day.year}.{day.month}.{day.day}", f"{day.year}年{day.month}月{day.day}日", day, serial,
        str(int(serial)),
        f"{day.year}/{day.month:02}/{day.day:02}".translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ):  # fmt: skip
        assert to_date(typed) == day


@given(st.text(max_size=30))
@examples(300)
def test_a_text_is_either_a_day_or_refused(typed: str):
    with contextlib.suppress(ValueError, OverflowError):
        assert isinstance(to_date(typed), date)


@pytest.mark.parametrize("typed", ["4e4", "4_2338"])
def test_a_number_nobody_would_write_for_a_day_is_refused(typed: str):
    with pytest.raises((ValueError, OverflowError)):
        to_date(typed)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("007", "007"), ("5.10", "5.10"), ("1e5", "1e5"), ("=1+1", "=1+1"), (1e5, "100000"), (5.1, "5.1"), (7.0, "7"),
        (-0.0, "0"),         (None, ""), (DAY, "2015-11-30"), (datetime(2015, 11, 30), "2015-11-30"),
        (datetime(2015, 11, 30, 8, 5), "2015-11-30 08:05"),         ("510000000000000129", "510000000000000129"),
        (float("nan"), "nan"), (" x ", " x "),
    ],
    ids=repr,
)  # fmt: skip
def test_a_cell_is_shown_as_a_person_sees_it(cell, shown: str):
    assert to_text(cell) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("市民政局（市社团局）", "市民政局(市社团局)"), ("津民发〔2015〕3号", "津民发 (2015) 3号"),
        ("【示例】协会", "(示例)协会"), (" 示例 协会\n", "示例协会"),
        ("ＡＢ１２", "ab12"), ("示例\u200b协会", "示例协会"), ("示例\u3000协会", "示例协会"), (2.0, "2"), ("①", "1"),
    ],
    ids=repr,
)  # fmt: skip
def test_two_spellings_of_one_thing_share_a_key(one, other: str):
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("007", "7"), ("5.10", "5.1"), ("市农委", "市教委"), ("1e5", "100000")])
def test_different_things_keep_different_keys(one: str, other: str):
    assert key(one) != key(other)


@given(st.text(max_size=40))
@examples(200)
def test_white_space_and_width_never_tell_two_keys_apart(text: str):
    assert key(f"  {text}\t") == key(text)
    assert clean(text) == clean(clean(text))


@pytest.mark.parametrize("cell", [None, "", " ", "\n\t", "\u3000"], ids=repr)
def test_white_space_is_blank(cell):
    assert is_blank(cell)


@pytest.mark.parametrize("cell", [0.0, "FALSE", "0", "-", "无", date(2016, 1, 1)], ids=repr)
def test_zero_and_no_are_not_blank(cell):
    assert not is_blank(cell)


@pytest.mark.parametrize("cell", ["\u200b", "\ufeff", " \u200b "], ids=repr)
def test_invisible_characters_are_blank(cell: str):
    assert clean(cell) == ""
    assert is_blank(cell)


def test_entries_of_a_list_are_parted_by_any_usual_mark():
    assert split_multi("市商务委、市科委,市建委；市外办\n 市编办 ，、") == (
        "市商务委",
        "市科委",
        "市建委",
        "市外办",
        "市编办",
    )
    assert split_multi("") == ()


@pytest.mark.parametrize(
    ("cell", "number"), [(3.0, 3), ("3", 3), ("１２", 12), (" 4 ", 4), (0.0, 0), ("-2", -2)], ids=repr
)
def test_whole_numbers_are_read(cell, number: int):
    assert to_int(cell) == number


@pytest.mark.parametrize("cell", ["三", 3.5, "3.5", "TRUE", "", "nan", "inf", float("inf"), 1e12, "第1批"], ids=repr)
def test_what_is_no_whole_number_is_refused(cell):
    with pytest.raises((ValueError, OverflowError)):
        to_int(cell)


@pytest.mark.parametrize(("index", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_are_lettered_as_a_spreadsheet_letters_them(index: int, letters: str):
    assert column_letters(index) == letters


BODIES = st.tuples(
    st.sampled_from("1569"), st.sampled_from("123"), st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map("".join)  # fmt: skip


@given(BODIES)
@examples(300)
def test_the_check_digit_is_the_one_python_stdnum_computes(body: str):
    assert check_digit(body) == uscc.calc_check_digit(body)
    assert uscc.is_valid(body + check_digit(body))


@given(st.one_of(st.text(ALPHABET + "IOSVZ-", min_size=15, max_size=19), BODIES.map(lambda body: body + "0")))
@examples(300)
def test_a_code_is_valid_here_just_when_python_stdnum_says_so(code: str):
    """But for two things: stdnum drops separators, and knows no letters for authority and kind (Y1, N2)."""
    assume(code[:2].isdigit())
    ours = is_credit_code(code) and check_digit(code) == code[-1]
    try:
        theirs = uscc.validate(code) == code
    except ValidationError:
        theirs = False
    assert ours == theirs


@given(BODIES, st.integers(0, 16), st.sampled_from(ALPHABET))
@examples(200)
def test_one_wrong_character_is_always_noticed(body: str, place: int, letter: str):
    code = body + check_digit(body)
    mistyped = code[:place] + letter + code[place + 1 :]
    wrong = is_credit_code(mistyped) and check_digit(mistyped) == mistyped[-1]
    assert wrong == (mistyped == code)
