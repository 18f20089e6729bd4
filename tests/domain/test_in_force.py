"""A row with an error has no effect, whoever stands beside it; a cell means the same in any company; a batch is a world
of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.domain.ledger import derive
from lib.domain.pilots import Tally
from sheets_schema.associations import Association
from sheets_schema.documents import Document
from sheets_schema.nominations import Nomination
from sheets_schema.snapshot import Mark
from sheets_schema.workbook import BY_KEY
from tests.domain.strategies import edit
from tests.workbooks import (
    AS_OF,
    FIRST,
    Book,
    clean_book,
    edited_plan,
    examples,
    findings,
    judged,
    ledger,
    rules_found,
    units,
)


def corrected_below(sheet: str, **mistake: object) -> tuple[Book, int]:
    """The first record of a sheet made wrong, and the right one typed again below. Gives its row, too."""
    book = clean_book()
    right = {column.name: book.get(sheet, 2, column.name) for column in BY_KEY[sheet].columns}
    del right["id"], right["check"]
    book.set(sheet, 2, **mistake).add(sheet, **right)
    return book, book.row(sheet)


@pytest.mark.parametrize(
    ("sheet", "mistake"),
    [
        ("nominations", {"unit": "市科委"}),
        ("nominations", {"selected_on": ""}),
        ("reports", {"work": ""}),
        ("tasks", {"done_on": ""}),
        ("associations", {"registered_on": date(2061, 1, 1)}),
        ("policies", {"stage": "国家政策未出台"}),
    ],
    ids=["nominated by another", "selected without a day", "report incomplete", "task undated", "future", "policy"],
)
def test_a_row_without_effect_does_not_keep_the_right_one_out(sheet: str, mistake: dict[str, object]):
    book, row = corrected_below(sheet, **mistake)
    table = judged(book).world.tables[BY_KEY[sheet].model]
    assert 2 in table.left_out
    assert row not in table.left_out


def test_a_row_whose_cells_cannot_be_read_does_not_keep_the_right_one_out():
    book, row = corrected_below("reports", submitted_on="1月8日前后")
    assert judged(book).world.tables[BY_KEY["reports"].model].left_out == {2}
    assert "R01" not in rules_found(book)
    assert row == 27


def test_a_name_of_invisible_characters_is_no_name():
    book = clean_book().set("associations", 17, name="\u200b")
    assert "S14" in rules_found(book)


def test_a_zero_is_read_the_same_whatever_stands_in_the_rows_around_it():
    alone = Book().add("documents", kind="工作方案", batch=0.0)
    beside = Book().add("documents", kind="工作方案", batch=0.0).add("documents", kind="试点方案", batch=1.0)
    assert [judged(book).world.rows(Document)[0].batch for book in (alone, beside)] == [0, 0]


def test_a_row_that_holds_only_a_zero_is_a_row():
    book = Book()
    book.tabs["updates"].rows.append([0.0])
    assert judged(book).total_rows == 1


@pytest.mark.parametrize(("ticked", "plain"), [(2, 3), (3, 2)])
def test_a_tick_is_no_number_and_leaves_the_numbers_beside_it_alone(ticked: int, plain: int):
    book = clean_book().set("nominations", ticked, batch="TRUE")
    table = judged(book).world.table(Nomination)
    assert ticked in table.left_out
    assert plain not in table.left_out


@pytest.mark.parametrize("mark", [Mark.FORMULA_BLANK, Mark.ERROR])
def test_rows_left_out_are_rows(mark: Mark):
    book = Book()
    book.tabs["updates"].rows.append([""] * 8)
    made = ledger(book.mark("updates", 2, "title", mark, "#REF!"))
    assert made.left_out <= made.total_rows


def test_a_second_extension_may_be_asked_for_while_the_first_one_runs():
    """The task was planned for 31 May; an extension to 15 June was granted in March."""
    book = clean_book().add(
        "extensions",
        target="SX-0002",
        unit="市商务委",
        reason="会签",
        requested_on=date(2016, 6, 10),
        until=date(2016, 6, 25),
    )
    assert "D09" not in rules_found(book, today=date(2016, 6, 12), as_of=date(2016, 6, 12))


def test_an_extension_asked_for_too_late_carries_no_other():
    """The task was due on 1 February; the first request came the day after, and was granted all the same."""
    book = clean_book().set(
        "extensions",
        2,
        target="SX-0001",
        requested_on=date(2016, 2, 2),
        decided_on=date(2016, 2, 3),
        until=date(2016, 3, 1),
    )
    book.add(
        "extensions",
        target="SX-0001",
        unit="市商务委",
        reason="会签",
        requested_on=date(2016, 2, 20),
        until=date(2016, 4, 1),
    )
    assert judged(book).world.tables[BY_KEY["extensions"].model].left_out == {2, 3}


def of_second_batch(sheet: str, **values: object) -> Book:
    return clean_book().add(sheet, **values | {"batch": 2.0})


def test_a_list_of_the_next_batch_does_not_reopen_this_ones_phase():
    assert findings(of_second_batch("documents", kind="推荐名单", unit="市商务委")) == ()


def test_a_document_of_the_next_batch_does_not_stand_for_this_ones():
    book = of_second_batch("documents", kind="工作方案")
    book.tabs["documents"].rows.insert(0, book.tabs["documents"].rows.pop())
    assert findings(book) == ()


def test_an_item_of_another_batch_is_no_double():
    assert "X16" not in rules_found(of_second_batch("tasks", association="XH-0001", item="A1", status="未启动"))


def test_an_item_of_another_batch_is_not_counted_in_this_one():
    book = of_second_batch("tasks", association="XH-0001", item="A4", status="未启动")
    assert ledger(book).pilots[0].tally == ledger(clean_book()).pilots[0].tally == Tally(1, 3, 1)


def test_a_policy_area_is_owed_by_its_owner_whichever_of_its_names_the_plan_uses():
    book = clean_book()
    owed = ledger(book).phases[-1].total
    book.plan = edited_plan(("title: 综合监管, owners: [市民政局]", "title: 综合监管, owners: [市社团局]"))
    assert ledger(book).phases[-1].total == owed


def test_a_reference_by_name_by_id_or_by_alias_means_the_same_record():
    book = clean_book()
    book.set("updates", 2, association="示例钢铁行业协会").set("events", 2, unit="市社团局").set(
        "problems", 2, unit="DW-0008"
    )
    plain, other = ledger(clean_book()), ledger(book)
    assert other.findings == ()
    assert other.pilots == plain.pilots


def test_a_confirmed_name_and_the_doubtful_one_mean_the_same_unit():
    book = clean_book().set("reports", 17, unit="市农委")
    assert findings(book) == ()
    assert judged(book).world.rows(BY_KEY["reports"].model)[15].unit == "市求委"


def test_what_depends_on_a_row_left_out_is_left_out_too_and_says_why():
    book = clean_book().set("associations", 2, in_scope="大概算")
    found = [f for f in findings(book) if f.rule == "X03"]
    assert {f.sheet for f in found} == {"试点推荐", "文件", "审批", "脱钩事项", "工作动态"}
    assert "XH-0001" not in judged(book).world.associations


def test_columns_people_add_are_kept_and_named():
    book = clean_book()
    book.tabs["associations"].header.append("会长")
    book.tabs["associations"].rows[0].append("周某")
    assert judged(book).world.table(Association).extras == ("会长",)
    assert [(f.rule, f.cell) for f in findings(book)] == [("S08", "协会商会!Q1")]


def test_a_column_that_stands_twice_is_shown_where_it_is_superfluous():
    book = clean_book()
    book.tabs["updates"].header.append("标题")
    assert [(f.rule, f.cell) for f in findings(book)] == [("S06", "工作动态!J1")]


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book.tabs["associations"].rows.reverse(),
        lambda book: book.tabs["approvals"].rows.reverse(),
        lambda book: [tab.rows.append([""] * 3) for tab in book.tabs.values()],
        lambda book: [setattr(tab, "title", f" {tab.title} ") for tab in book.tabs.values()],
        lambda book: book.tabs.update(dict(reversed(book.tabs.items()))),
    ],
    ids=["associations sorted", "approvals sorted", "empty rows below", "spaces in tab names", "tabs moved"],
)
def test_the_order_of_rows_and_tabs_changes_no_figure(change: Callable[[Book], object]):
    book = clean_book()
    change(book)
    plain, other = ledger(clean_book()), ledger(book)
    assert other.findings == ()
    for name in ("phases", "pilots", "quotas", "burn_up", "dues"):
        assert getattr(other, name) == getattr(plain, name), name


@given(st.data())
@examples(40)
def test_rows_left_out_change_no_figure_whatever_is_wrong_with_them(data: st.DataObject):
    """After any edits: the figures are those of the same workbook with the rows left out emptied."""
    book = clean_book()
    for _ in range(data.draw(st.integers(1, 8))):
        data.draw(st.composite(edit)(book))
    made = judged(book)
    assume(not {"S01", "S02", "S03", "S24"} & {finding.rule for finding in made.findings})
    emptied = book.copy()
    for key, tab in emptied.tabs.items():
        table = made.world.tables.get(BY_KEY[key].model)
        out = table.left_out if table else frozenset[int]()
        tab.rows = [[] if row in out else cells for row, cells in enumerate(tab.rows, FIRST)]
        tab.marks = {place: mark for place, mark in tab.marks.items() if place[0] not in out}
    for day in (AS_OF, date(2015, 12, 20)):
        one, other = derive(made, day), derive(judged(emptied), day)
        for name in ("quotas", "pilots", "reports", "phases", "dues", "burn_up"):
            assert getattr(one, name) == getattr(other, name), name


def test_an_empty_workbook_is_judged_too():
    made = ledger(Book(), as_of=AS_OF)
    assert (made.total_rows, made.left_out) == (0, 0)
    assert {f.rule for f in made.findings} >= {"X06", "D01"}


def test_units_alone_owe_their_reports():
    found = [f for f in findings(units(Book())) if f.rule == "R01"]
    assert len(found) == 25
