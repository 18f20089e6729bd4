"""What two sides did to one workbook comes together: nothing is lost, nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from lib.domain.edits import Edit, Op, apply
from lib.domain.merge import Before, Merged, Origin, Past, merge
from lib.domain.records import Grids, same
from sheets_schema.snapshot import Cell
from tests.workbooks import Book, examples


def book(*rows: tuple[Cell, ...]) -> Grids:
    """A workbook with one sheet of associations: id, name, phone, remark."""
    made = Book()
    for name, *rest in rows:
        made.add("associations", id=name, **dict(zip(("name", "contact", "remark"), rest, strict=True)))
    return Grids(made.snapshot())


def minter() -> Callable[[str], str]:
    numbers = iter(range(900, 999))
    return lambda sheet: f"XH-{next(numbers):04d}"


def records(grids: Grids) -> dict[str, tuple[Cell, ...]]:
    grid = grids["associations"]
    names = ("name", "contact", "remark")
    return {name: tuple((grid.record(name) or {}).get(column, "") for column in names) for name in grid.rows}


BASE = (("XH-0001", "甲协会", "1", "a"), ("XH-0002", "乙协会", "2", "b"), ("XH-0003", "丙协会", "3", "c"))


def row(at: int, column: int, value: Cell, rows: tuple[tuple[Cell, ...], ...] = BASE) -> tuple[tuple[Cell, ...], ...]:
    changed = [list(line) for line in rows]
    changed[at][column] = value
    return tuple(map(tuple, changed))


def test_changes_to_different_cells_both_stand():
    ours = book(*row(0, 2, "app"))
    theirs = book(*row(0, 3, "hand"))
    merged = merge(book(*BASE), ours, theirs, minter())
    assert records(merged.grids)["XH-0001"] == ("甲协会", "app", "hand")
    assert [(e.record, e.column, e.new) for e in merged.outside] == [("XH-0001", "remark", "hand")]
    assert not merged.conflicts


def test_two_values_for_one_cell_leave_theirs_in_it_and_both_in_the_list():
    merged = merge(book(*BASE), book(*row(0, 2, "app")), book(*row(0, 2, "hand")), minter())
    assert records(merged.grids)["XH-0001"][1] == "hand"
    [conflict] = merged.conflicts
    assert (conflict.column, conflict.base, conflict.ours, conflict.theirs) == ("contact", "1", "app", "hand")


def test_the_same_value_twice_is_no_conflict():
    merged = merge(book(*BASE), book(*row(0, 2, "same")), book(*row(0, 2, "same")), minter())
    assert not merged.conflicts
    assert not merged.outside


def test_sorting_changes_nothing_and_what_waits_follows_its_record():
    merged = merge(book(*BASE), book(*row(2, 3, "app")), book(*reversed(BASE)), minter())
    assert not merged.outside
    assert not merged.conflicts
    assert list(records(merged.grids)) == ["XH-0003", "XH-0002", "XH-0001"]
    assert records(merged.grids)["XH-0003"][2] == "app"


def test_a_row_inserted_without_id_gets_one():
    merged = merge(book(*BASE), book(*BASE), book(BASE[0], ("", "新协会", "9", ""), *BASE[1:]), minter())
    assert records(merged.grids)["XH-0900"] == ("新协会", "9", "")
    assert [(e.op, e.record) for e in merged.outside] == [(Op.ADD, "XH-0900")]


def test_a_deleted_row_is_told_with_all_it_held():
    merged = merge(book(*BASE), book(*BASE), book(*BASE[1:]), minter())
    [edit] = merged.outside
    assert edit.op is Op.REMOVE
    assert edit.values["name"] == "甲协会"


def test_a_row_deleted_while_the_app_changed_it_is_a_conflict():
    merged = merge(book(*BASE), book(*row(0, 2, "app")), book(*BASE[1:]), minter())
    assert "XH-0001" not in records(merged.grids)
    [conflict] = merged.conflicts
    assert conflict.column == ""
    assert conflict.theirs is None
    assert conflict.ours["contact"] == "app"


def test_a_row_the_app_added_meanwhile_is_put_back():
    added = Edit(Op.ADD, "associations", "XH-0009", values={"name": "应用加的"})
    merged = merge(book(*BASE), apply(book(*BASE), [added]), book(*reversed(BASE)), minter())
    assert records(merged.grids)["XH-0009"][0] == "应用加的"
    assert not merged.conflicts
    assert not merged.outside


def test_of_a_copied_row_the_one_like_the_record_keeps_the_id():
    copy = ("XH-0001", "丁协会", "4", "d")
    merged = merge(book(*BASE), book(*BASE), book(copy, *BASE), minter())
    assert records(merged.grids)["XH-0001"][0] == "甲协会"
    assert records(merged.grids)["XH-0900"] == ("丁协会", "4", "d")


def test_a_row_whose_id_was_deleted_is_known_by_what_it_says():
    merged = merge(book(*BASE), book(*row(1, 2, "app")), book(BASE[0], ("", *BASE[1][1:]), BASE[2]), minter())
    assert records(merged.grids)["XH-0002"] == ("乙协会", "app", "b")
    assert not merged.outside
    assert not merged.conflicts


def test_without_a_base_every_difference_is_a_conflict():
    merged = merge(None, book(*row(0, 2, "one")), book(*row(0, 2, "two")), minter())
    assert records(merged.grids)["XH-0001"][1] == "two"
    assert len(merged.conflicts) == 1


def test_a_change_by_hand_from_the_same_state_is_not_put_back_without_asking():
    def past(sheet: str, record: str, column: str) -> Past:
        return Past(Origin.HAND, ("first",))

    merged = merge(book(*BASE), book(*row(0, 2, "first")), book(*BASE), minter(), Before(past))
    assert records(merged.grids)["XH-0001"][1] == "1"
    assert [(c.ours, c.theirs) for c in merged.conflicts] == [("first", "1")]


def test_columns_moved_and_added_by_people_stay_with_their_records():
    made = Book()
    for name, title, phone, remark in BASE:
        made.add("associations", id=name, name=title, contact=phone, remark=remark)
    tab = made.tabs["associations"]
    tab.header.append("自己的列")
    for line in tab.rows:
        line.append("x")
    merged = merge(book(*BASE), book(*row(0, 2, "app")), Grids(made.snapshot()), minter())
    assert records(merged.grids)["XH-0001"][1] == "app"
    assert {(e.record, e.column, e.new) for e in merged.outside} == {(name, "=自己的列", "x") for name, *_ in BASE}


VALUES = st.sampled_from(["", "1", "2", "3", "4"])
SIDE = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 3), st.integers(0, 2), VALUES),
        st.tuples(st.just("drop"), st.integers(0, 3)),
        st.tuples(st.just("add"), VALUES),
        st.tuples(st.just("sort")),
    ),
    max_size=4,
)


def played(rows: list[list[Cell]], moves: list[tuple[object, ...]], own: str) -> list[list[Cell]]:
    """What a person or the app makes of the rows. New rows have the id ``own``-n when the app makes them."""
    rows = [list(line) for line in rows]
    for n, move in enumerate(moves):
        if move[0] == "set" and int(str(move[1])) < len(rows):
            rows[int(str(move[1]))][1 + int(str(move[2]))] = move[3]  # type: ignore[assignment]
        elif move[0] == "drop" and int(str(move[1])) < len(rows):
            del rows[int(str(move[1]))]
        elif move[0] == "add":
            rows.append([f"{own}{n}" if own else "", f"新{own}{n}", move[1], ""])  # type: ignore[list-item]
        elif move[0] == "sort":
            rows.reverse()
    return rows


def told(merged: Merged, ours: Grids) -> None:
    """Everything either side holds that the other does not is in force, told as an edit, or a conflict."""
    after = records(merged.grids)
    conflicts = {(c.record, c.column) for c in merged.conflicts}
    for name, cells in records(ours).items():
        outside = {(e.record, e.column): e for e in merged.outside if e.record == name}
        if name not in after:
            assert (name, "") in outside or (name, "") in conflicts
            continue
        for column, mine, stands in zip(("name", "contact", "remark"), cells, after[name], strict=True):
            if not same(mine, stands):
                assert same(outside[name, column].old, mine)
                assert same(outside[name, column].new, stands)


@given(SIDE, SIDE)
@examples(200)
def test_whatever_both_do_nothing_disappears_untold(app: list[tuple[object, ...]], hand: list[tuple[object, ...]]):
    start = [list(line) for line in BASE]
    base = book(*map(tuple, start))
    ours, theirs = book(*map(tuple, played(start, app, "XH-1"))), book(*map(tuple, played(start, hand, "")))
    merged = merge(base, ours, theirs, minter())
    told(merged, ours)
    after, before = records(merged.grids), records(base)
    conflicts = {(c.record, c.column) for c in merged.conflicts}
    for name, cells in records(theirs).items():
        mine = records(ours).get(name)
        for at, column in enumerate(("name", "contact", "remark")):
            typed_by_them = name in before and not same(cells[at], before[name][at])
            if typed_by_them:
                assert name in after
                assert same(after[name][at], cells[at])
                if mine and not same(mine[at], before[name][at]) and not same(mine[at], cells[at]):
                    assert (name, column) in conflicts
    for name, cells in records(ours).items():
        if name in before and name in records(theirs):
            for at, column in enumerate(("name", "contact", "remark")):
                if not same(cells[at], before[name][at]) and same(records(theirs)[name][at], before[name][at]):
                    assert same(after[name][at], cells[at]), column
    assert len({*after}) == len(after)
