"""Guesses can be turned the other way; and whatever people do, a row keeps what is its own."""

from __future__ import annotations

import contextlib
import random

import gspread
import pytest
from gspread.exceptions import APIError

from .emulator import Emulator
from .errors import ApiError
from .human import Person
from .people import EDITOR, SERVICE
from .test_formulas import GUARDED
from .test_metadata import by_id, post, tag


def test_a_duplicated_tab_may_have_the_metadata_or_not(emu: Emulator, staff: Person) -> None:
    staff.do(tag(0, 2, "a1"))
    staff.duplicate_tab("协会", "with")
    assert staff.metadata("with", "id") == [None, "a1"]
    emu.quirks.duplicate_keeps_metadata = False
    staff.duplicate_tab("协会", "without")
    assert staff.metadata("without", "id") == []


def test_spilled_blanks_may_be_values_or_blank_cells(emu: Emulator) -> None:
    tabs = {"协会": [["编号"], ["a1"]], "核对": [["a1", "缺日期"]]}
    person = emu.book(emu.new("台账", tabs, rows=9))
    person.edit("协会", "D1", GUARDED)
    assert len(person.values("协会")) == 9
    emu.quirks.spilled_blanks_count = False
    person.edit("协会", "B2", "x")
    assert person.values("协会") == [["编号", "", "", "核对结果"], ["a1", "x", "", "缺日期"]]


def test_a_filter_without_a_match_may_be_refused(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": by_id("gone"), "values": [["q"]]}]}
    assert "responses" not in post(emu, sheet.id, "/values:batchUpdateByDataFilter", body)
    emu.quirks.unmatched_filter_is_refused = True
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{sheet.id}/values:batchUpdateByDataFilter"
    assert emu.session(SERVICE).post(url, json=body).status_code == 400


def test_a_sort_of_the_used_width_may_move_rows(emu: Emulator, staff: Person) -> None:
    staff.do(tag(0, 2, "a1"))
    emu.quirks.sort_of_used_width_moves_rows = True
    staff.sort_part("协会", "A2:D4", "编号", descending=True)
    assert staff.metadata("协会", "id") == [None, None, None, "a1"]
    assert staff.values("协会")[3][0] == "a1"


def test_undo_may_bring_rows_back_without_metadata(emu: Emulator, staff: Person) -> None:
    staff.do(tag(0, 2, "a1"))
    emu.quirks.undo_brings_metadata_back = False
    staff.as_(EDITOR).delete_rows("协会", 2)
    staff.as_(EDITOR).undo()
    assert staff.values("协会")[1][0] == "a1"
    assert staff.metadata("协会", "id") == []


def _deleted(row: int) -> dict:
    return {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": row}}}


def act(person: Person, dice: random.Random, name: str) -> None:
    """One thing a person may do to whole rows, or the app to a cell that is not the key."""
    row = dice.randrange(2, 11)
    match name:
        case "insert":
            person.insert_rows("T", row, dice.randrange(1, 3))
        case "delete":
            person.delete_rows("T", row)
        case "drag":
            person.drag_row("T", row, dice.randrange(2, 11))
        case "sort":
            person.sort("T", dice.choice("AB"), dice.random() < 0.5)
        case "edit":
            person.edit("T", f"B{row}", dice.randrange(9))
        case "app":
            person.as_(SERVICE).edit("T", f"C{row}", "by the app")
        case "undo":
            with contextlib.suppress(ApiError):
                person.undo()
        case "refused":
            with pytest.raises(ApiError):
                person.do(tag(0, row, "never"), _deleted(row), {"deleteSheet": {"sheetId": 9}})


ACTIONS = ["insert", "insert", "delete", "drag", "drag", "sort", "edit", "app", "undo", "undo", "refused"]


@pytest.mark.parametrize("seed", range(25))
def test_whole_row_actions_never_part_a_row_from_its_metadata(emu: Emulator, seed: int) -> None:
    dice = random.Random(seed)
    book = emu.new("台账", {"T": [["编号", "值"]] + [[f"a{n}", dice.randrange(9)] for n in range(8)]}, rows=40)
    person = emu.book(book, EDITOR)
    person.as_(SERVICE).do(*(tag(0, n + 2, f"a{n}") for n in range(8)))
    for _ in range(40):
        act(person, dice, dice.choice(ACTIONS))
        rows, tags = person.values("T"), person.metadata("T", "id")
        keys = [line[0] or None if line else None for line in rows[1:]]
        while keys and keys[-1] is None:
            keys.pop()
        assert tags[1:] == keys


def test_a_search_after_a_refused_batch_finds_what_was_there(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    sheet.batch_update({"requests": [tag(0, 2, "a1")]})
    with pytest.raises(APIError):
        sheet.batch_update({"requests": [tag(0, 3, "a2"), {"deleteSheet": {"sheetId": 99}}]})
    assert post(emu, sheet.id, "/developerMetadata:search", {"dataFilters": [by_id("a2")]}) == {}
    assert post(emu, sheet.id, "/developerMetadata:search", {"dataFilters": [by_id("a1")]})
