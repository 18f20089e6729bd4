"""Judging what changed gives exactly what judging everything gives, through any sequence of edits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain import blocks
from lib.domain.edits import apply
from lib.domain.judge import Judged, judge
from lib.domain.ledger import derive
from lib.domain.records import Grids
from sheets_schema.plan_load import load_plan
from sheets_schema.snapshot import Mark
from tests.domain.strategies import command, edit
from tests.workbooks import AS_OF, TODAY, Book, clean_book, examples, judged, texts


def assert_same(now: Judged, fresh: Judged) -> None:
    """Tables, references, chains, findings and the ledgers of several days."""
    assert Counter(texts(now.findings)) == Counter(texts(fresh.findings))
    assert now.world.tables == fresh.world.tables
    assert now.world.chains == fresh.world.chains
    assert {key: stage.spellings for key, stage in now.stages.items()} == {
        key: stage.spellings for key, stage in fresh.stages.items()
    }
    for day in (AS_OF, date(2015, 12, 20)):
        one, other = derive(now, day), derive(fresh, day)
        assert one.findings == other.findings
        for name in ("chains", "quotas", "pilots", "reports", "phases", "dues", "burn_up", "total_rows", "left_out"):
            assert getattr(one, name) == getattr(other, name), name


@given(st.data())
@examples(80)
def test_after_any_edits_the_changed_rows_alone_give_the_whole(data: st.DataObject):
    book = clean_book()
    known = judged(book)
    for _ in range(data.draw(st.integers(1, 6))):
        for _ in range(data.draw(st.integers(1, 2))):
            data.draw(st.composite(edit)(book))
        known = judged(book, previous=known)
        assert_same(known, judged(book))


@given(st.data())
@examples(80)
def test_after_any_commands_the_lines_they_touched_alone_give_the_whole(data: st.DataObject):
    book = clean_book()
    with patch.object(blocks, "SIZE", 4):
        grids = Grids(book.snapshot())
        known = judge(grids.snapshot, book.plan, TODAY)
        for _ in range(data.draw(st.integers(1, 6))):
            grids = apply(grids, [data.draw(st.composite(command)(grids)) for _ in range(data.draw(st.integers(1, 3)))])
            known = judge(grids.snapshot, book.plan, TODAY, known)
            read = [replace(raw, cells=list(map(list, raw.cells))) for raw in grids.snapshot.sheets]
            anew = replace(grids.snapshot, sheets=tuple(read))
            assert_same(known, judge(anew, book.plan, TODAY))
            assert_same(judge(anew, book.plan, TODAY, known), known)
            assert {key: (g.rows, g.columns) for key, g in grids.items()} == {
                key: (g.rows, g.columns) for key, g in Grids(anew).items()
            }


def test_an_edit_taken_back_leaves_no_trace():
    book = clean_book()
    first = judged(book)
    for sheet in ("units", "associations", "nominations", "documents", "approvals", "tasks"):
        kept = list(book.tabs[sheet].rows[0])
        book.tabs[sheet].rows[0] = []
        broken = judged(book, previous=first)
        assert broken.findings
        book.tabs[sheet].rows[0] = kept
        first = judged(book, previous=broken)
        assert_same(first, judged(book))
        assert not first.findings


def test_another_day_or_another_plan_is_judged_afresh():
    book = clean_book().set("updates", 2, reported_on=date(2016, 4, 2))
    known = judged(book, TODAY)
    tomorrow = judged(book, date(2016, 4, 2), previous=known)
    assert {f.rule for f in known.findings} == {"D03"}
    assert not tomorrow.findings
    book.plan = load_plan()
    assert_same(judged(book, previous=known), judged(book))


def follows(before: Book, after: Book) -> None:
    assert_same(judged(after, previous=judged(before)), judged(after))


@pytest.mark.parametrize(
    "change",
    [
        lambda tab: tab.header.__setitem__(1, "名称"),
        lambda tab: tab.header.append("自己加的一列"),
        lambda tab: tab.header.append("协会名称"),
        lambda tab: tab.merged.append((3, 2, 4, 2)),
    ],
    ids=["renamed", "added", "doubled", "merged"],
)
def test_a_change_of_the_header_alone_is_noticed(change):
    book = clean_book()
    change(book.tabs["associations"])
    follows(clean_book(), book)


@pytest.mark.parametrize("comes_in", [True, False])
def test_a_row_that_comes_in_or_out_because_of_another_is_judged_again(comes_in: bool):
    """Row 3 is planned too late (D06), unless row 2 above it is about the same item, which puts it out."""
    alone = clean_book().set("tasks", 3, planned_on=date(2016, 8, 1))
    doubled = alone.copy().set("tasks", 2, item="A2")
    follows(*((doubled, alone) if comes_in else (alone, doubled)))


def test_a_zero_means_the_same_when_its_row_is_read_alone():
    before = clean_book().set("documents", 3, frozen_count=0.0)
    follows(before, before.copy().set("documents", 3, remark="核对"))


def test_a_formula_below_the_last_row_is_found_however_the_rows_came_to_end_there():
    """The last record is cleared but for a formula without result: its cell is blank and the store ends above it."""
    before = clean_book().mark("documents", 11, "title", Mark.FORMULA_BLANK)
    after = before.copy()
    after.tabs["documents"].rows.pop()
    follows(before, after)
