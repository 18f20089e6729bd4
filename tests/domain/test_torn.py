"""A partial sort is told from typing: values that only moved to other records give it away."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.domain.merge import merge
from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.domain.torn import FEWEST, Tear, is_mended, tears
from sheets_schema.snapshot import Cell
from tests.domain.test_merge import minter
from tests.workbooks import Book, examples

COLUMNS = ("name", "unit", "contact", "in_scope", "phone", "remark")
Row = dict[str, Cell]


def rows(count: int = 8) -> list[Row]:
    """Associations whose columns order them each in another way; 是否纳入 has few values."""
    return [
        {
            "name": f"协会{n:02}", "unit": f"单位{n * 5 % count}", "contact": f"联系人{n * 11 % count}",
            "in_scope": ("纳入", "不纳入", "待定")[n % 3], "phone": f"13{n * 7 % count:09}",
            "remark": f"备注{count - n}",
        }
        for n in range(count)
    ]  # fmt: skip


def grids(rows: list[Row], order: list[int] | None = None) -> Grids:
    """A workbook with these associations, each under the id of its place in ``rows``."""
    book = Book()
    for at in order or range(len(rows)):
        book.add("associations", id=f"XH-{at + 1:04d}", **rows[at])
    return Grids(book.snapshot())


def told(before: Grids, after: Grids, ours: Grids | None = None) -> list[Tear]:
    held = ours or before
    return tears(merge(before, held, after, minter()), held)


def sorted_part(rows: list[Row], columns: list[str], by: str, descending: bool = False, until: int = 99) -> list[Row]:
    """The rows after somebody sorted some columns of them."""
    block = sorted(rows[:until], key=lambda row: to_text(row[by]), reverse=descending)
    taken = [{name: row[name] for name in columns} for row in block]
    return [row | taken[at] if at < len(taken) else row for at, row in enumerate(rows)]


@given(
    st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True), st.data(), st.booleans(), st.integers(3, 12),
    st.permutations(range(12)),
)  # fmt: skip
@examples(150)
def test_sorting_some_columns_is_detected(columns, data, descending, until, order):
    was = [row for _place, row in sorted(zip(order, rows(12), strict=True), key=lambda pair: pair[0])]
    by = data.draw(st.sampled_from(columns))
    now = sorted_part(was, columns, by, descending, until)
    moved = {
        name: [(a[name], b[name]) for a, b in zip(was, now, strict=True) if a[name] != b[name]] for name in columns
    }
    telling = [name for name in columns if name != "in_scope" and len(moved[name]) >= FEWEST]
    assume(telling)
    [tear] = told(grids(was), grids(now))
    assert set(telling) <= set(tear.columns) <= {name for name in columns if moved[name]}
    found = {(edit.record, edit.column) for edit in tear.edits}
    assert found == {
        (f"XH-{at + 1:04d}", name)
        for at, (a, b) in enumerate(zip(was, now, strict=True))
        for name in tear.columns
        if a[name] != b[name]
    }
    if "in_scope" in columns and len(moved["in_scope"]) > 0:
        assert "in_scope" in tear.columns


@given(
    st.lists(
        st.tuples(
            st.integers(0, 11), st.sampled_from(COLUMNS),
            st.one_of(st.text("abcdef", max_size=3), st.sampled_from(["纳入", "不纳入", "待定", "", "单位1"])),
        ),
        max_size=40,
    )
)  # fmt: skip
@examples(150)
def test_typing_anything_anywhere_is_not(typed):
    was = rows(12)
    now = [dict(row) for row in was]
    for at, column, text in typed:
        now[at][column] = text if column != "in_scope" else text if text in ("纳入", "不纳入", "待定") else "待定"
    assert not told(grids(was), grids(now))


@given(st.permutations(range(10)))
@examples(40)
def test_sorting_whole_rows_is_not(order):
    assert not told(grids(rows(10)), grids(rows(10), list(order)))


@given(st.lists(st.sampled_from(["纳入", "不纳入", "待定"]), min_size=12, max_size=12))
@examples(100)
def test_any_values_of_a_short_list_are_not(values):
    was = rows(12)
    assert not told(grids(was), grids([row | {"in_scope": value} for row, value in zip(was, values, strict=True)]))


def test_a_fill_down_is_not():
    was = rows()
    assert not told(grids(was), grids([was[0], *({**row, "remark": was[0]["remark"]} for row in was[1:])]))


def test_a_pasted_list_is_not():
    was = rows()
    assert not told(grids(was), grids([{**row, "contact": f"新人{n}"} for n, row in enumerate(was)]))


def test_two_values_that_changed_places_are_not():
    was = rows()
    now = [dict(row) for row in was]
    now[0]["phone"], now[5]["phone"] = now[5]["phone"], now[0]["phone"]
    assert not told(grids(was), grids(now))


def test_three_corrected_cells_are_not():
    was = rows()
    now = [dict(row) for row in was]
    for at in (1, 3, 4):
        now[at]["contact"] = f"改正{at}"
    assert not told(grids(was), grids(now))


def test_handing_cases_to_each_other_among_a_few_people_is_not():
    was = [row | {"contact": f"经办{n % 4}"} for n, row in enumerate(rows(12))]
    now = [row | {"contact": f"经办{(n + 1) % 4}" if n < 4 else row["contact"]} for n, row in enumerate(was)]
    assert not told(grids(was), grids(now))


def test_a_column_of_few_values_moved_in_a_long_sheet_is():
    """Sixty cells that come out in just the numbers there were are no typing."""
    was = [row | {"contact": f"经办{n * 7 % 60 % 8}"} for n, row in enumerate(rows(60))]
    [tear] = told(grids(was), grids(sorted_part(was, ["contact"], "contact")))
    assert tear.columns == ("contact",)


def test_columns_of_a_list_moved_together_are():
    was = [
        row | {"in_scope": ("纳入", "不纳入", "待定")[n % 3], "category": ("商会", "联合会", "其他")[n * 5 % 7 % 3]}
        for n, row in enumerate(rows(30))
    ]
    now = [row | {"in_scope": was[n - 1]["in_scope"], "category": was[n - 1]["category"]} for n, row in enumerate(was)]
    [tear] = told(grids(was), grids(now))
    assert set(tear.columns) == {"in_scope", "category"}


def test_numbering_the_rows_anew_after_sorting_them_is_not():
    was = [row | {"remark": str(n + 1)} for n, row in enumerate(rows())]
    order = [3, 1, 0, 2, 7, 6, 5, 4]
    now = [row | {"remark": str(order.index(n) + 1)} for n, row in enumerate(was)]
    assert not told(grids(was), grids(now, order))


def test_what_was_typed_besides_is_not_part_of_it():
    was = rows()
    now = sorted_part(was, ["contact", "phone"], "contact")
    now[2]["remark"], now[3]["phone"] = "另外写的", "13900000000"
    [tear] = told(grids(was), grids(now))
    assert set(tear.columns) == {"contact", "phone"}
    cells = {(edit.record, edit.column) for edit in tear.edits}
    assert ("XH-0003", "remark") not in cells
    assert ("XH-0004", "phone") not in cells


def test_a_cell_pushed_in_parts_values_from_their_records_too():
    was = rows()
    phones: list[Cell] = ["", *(row["phone"] for row in was[:-1])]
    [tear] = told(grids(was), grids([row | {"phone": phone} for row, phone in zip(was, phones, strict=True)]))
    assert tear.columns == ("phone",)
    assert len(tear.edits) == len(was)


def test_it_is_detected_where_a_change_of_ours_waits_in_the_column():
    was = rows()
    ours = [dict(row) for row in was]
    ours[1]["contact"] = "应用的"
    [tear] = told(grids(was), grids(sorted_part(was, ["contact"], "contact")), grids(ours))
    assert tear.columns == ("contact",)
    assert {edit.old for edit in tear.edits if edit.record == "XH-0002"} == {"应用的"}


@pytest.mark.parametrize("back", [True, False])
def test_it_is_mended_once_every_value_is_back(back: bool):
    was = rows()
    now = sorted_part(was, ["contact", "phone"], "contact")
    [tear] = told(grids(was), grids(now))
    state = was if back else [*was[:1], now[1], *was[2:]]
    assert is_mended(tear.edits, grids(state)) is back
