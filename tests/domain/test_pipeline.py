"""No workbook can stop the pipeline: whatever stands in it, it is judged, told in words, and counted within bounds."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.findings import CATALOGUE, Finding, Severity
from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import speaking
from sheets_schema.plan_load import shipped_plan
from sheets_schema.snapshot import RawSheet, Snapshot
from sheets_schema.workbook import PEOPLE, SHEETS
from tests.domain.strategies import ODD, ROWS, TITLES, wild_books
from tests.workbooks import FIRST, TODAY, Book, clean_book, edited_plan, examples, judged, ledger, section, texts

DAYS = st.dates(date(2014, 1, 1), date(2030, 1, 1))


def assert_told(findings: tuple[Finding, ...]) -> None:
    """Every finding can be shown, in each language, and sent as JSON."""
    for finding in findings:
        assert finding.rule in CATALOGUE
        assert finding.cell
        for language in ("zh", "en"):
            with speaking(language):
                told = finding.as_json()
                assert json.loads(json.dumps(told))["rule"] == finding.rule
                assert told["message"]
                assert told["remedy"]


def assert_within_bounds(made: Ledger) -> None:
    """n ≤ N, everywhere a page says n/N."""
    for table in made.world.tables.values():
        assert len(table.rows) <= table.total
        assert not {row.row for row in table.rows} & table.left_out
    for phase in made.phases:
        assert 0 <= phase.done <= phase.done + phase.waiting <= phase.total
        assert 0 <= phase.share <= 1
        assert all(part.done <= part.total for part in phase.deliverables)
    for pilot in made.pilots:
        assert pilot.tally.done <= pilot.tally.total
        assert pilot.tally.total == sum(part.total for part in pilot.by_separation.values())
        assert pilot.unrecorded >= 0
    for quota in made.quotas:
        assert quota.selected <= quota.recommended
        assert quota.floor <= quota.expected
    counts = [count for _, count in made.burn_up.points]
    assert counts == sorted(counts)
    assert not counts or counts[-1] <= made.burn_up.total
    assert made.tally.done <= made.tally.total


def assert_errors_and_only_errors_count_out(made: Judged) -> None:
    """A row is out of its table just when an error is found at it, or its sheet lacks a required column."""
    labels = {sheet.label: sheet for sheet in PEOPLE}
    whole = {f.sheet for f in made.findings if f.rule == "S03"}
    wrong: dict[str, set[int]] = {}
    for finding in made.findings:
        if finding.severity is Severity.ERROR and finding.row is not None and finding.sheet not in whole:
            wrong.setdefault(finding.sheet, set()).add(finding.row)
    for label, sheet in labels.items():
        table = made.world.tables[sheet.model]
        if label in whole:
            assert table.rows == ()
        else:
            assert set(table.left_out) == wrong.get(label, set()), label


@given(wild_books(), DAYS, DAYS)
@examples(250)
def test_nothing_typed_anywhere_stops_the_pipeline(book: Book, today: date, as_of: date):
    made = judged(book, today)
    assert_errors_and_only_errors_count_out(made)
    told = derive(made, as_of)
    assert_told(told.findings)
    assert_within_bounds(told)


@given(st.lists(st.builds(RawSheet, TITLES, st.lists(ROWS, max_size=6)), max_size=6), DAYS)
@examples(100)
def test_a_workbook_of_anything_at_all_is_judged(sheets: list[RawSheet], day: date):
    made = derive(judge(Snapshot("r", tuple(sheets)), shipped_plan(), day), day)
    assert_told(made.findings)
    assert_within_bounds(made)


@pytest.mark.parametrize("sheet", PEOPLE, ids=lambda sheet: sheet.key)
def test_every_odd_value_in_every_column(sheet):
    """Each column of a sheet takes each odd value in turn, a row for each; the other cells are as in a good row."""
    book = clean_book()
    pattern = list(book.tabs[sheet.key].rows[0])
    for at in range(len(pattern)):
        book.tabs[sheet.key].rows = [[*pattern[:at], cell, *pattern[at + 1 :]] for cell in ODD]
        made = judged(book)
        assert_errors_and_only_errors_count_out(made)
        told = derive(made, TODAY)
        assert_told(told.findings)
        assert_within_bounds(told)


def test_a_zero_in_a_required_column_is_read_or_refused():
    """One record in the sheet, and nought or no time at all where something must stand."""
    for sheet in PEOPLE:
        for column in (column for column in sheet.columns if column.required):
            for zero in (0.0, timedelta(0)):
                book = clean_book()
                del book.tabs[sheet.key].rows[1:]
                made = judged(book.set(sheet.key, FIRST, **{column.name: zero}))
                assert all(getattr(row, column.name) is not None for row in made.world.rows(sheet.model))


@given(wild_books())
@examples(60)
def test_judging_twice_gives_the_same(book: Book):
    one, other = ledger(book), ledger(book.copy())
    assert texts(one.findings) == texts(other.findings)
    assert (one.phases, one.pilots, one.quotas) == (other.phases, other.pilots, other.quotas)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_an_as_of_day_at_the_end_of_the_calendar_is_a_day(day: date):
    book = clean_book().set("tasks", 2, done_on=date.min, closed_by="", closed_on="")
    book.set("nominations", 2, nominated_on=date.min, selected_on=date.min)
    book.plan = edited_plan((section("gates"), ""))
    assert_within_bounds(derive(judged(book, TODAY), day))


def test_sheets_without_rows_and_rows_without_cells_are_judged():
    empty = Snapshot("r", tuple(RawSheet(sheet.label, []) for sheet in SHEETS))
    bare = Snapshot("r", tuple(RawSheet(sheet.label, [[], []]) for sheet in SHEETS))
    for snapshot in (Snapshot("r", ()), empty, bare):
        made = derive(judge(snapshot, shipped_plan(), TODAY), TODAY)
        assert made.total_rows == 0
        assert_told(made.findings)


def test_a_missing_sheet_is_one_error_and_a_renamed_one_is_recognised():
    book = clean_book()
    book.tabs["reports"].title = "报告 2016"
    del book.tabs["events"]
    found = {f.rule: f for f in ledger(book).findings if f.rule in {"S01", "S02"}}
    assert found["S01"].sheet == "协调宣传"
    assert found["S02"].sheet == "季度报告"
    assert len(ledger(book).reports) > 0
