"""Why the app does not append by values:append, and what appendCells does instead."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import gspread
import pytest
from gspread.exceptions import APIError

from .emulator import Emulator
from .human import Person
from .people import SERVICE


def appended(sheet_id: int, *rows: list[str]) -> dict:
    cells = [{"values": [{"userEnteredValue": {"stringValue": text}} for text in row]} for row in rows]
    return {"requests": [{"appendCells": {"sheetId": sheet_id, "rows": cells, "fields": "userEnteredValue"}}]}


def test_append_writes_below_the_table(sheet: gspread.Spreadsheet) -> None:
    made = sheet.worksheet("协会").append_row(["a4", "丁"])
    assert made["tableRange"] == "'协会'!A1:D4"
    assert made["updates"]["updatedRange"] == "'协会'!A5:B5"


def test_append_drifts_right_when_the_first_cells_are_blank(sheet: gspread.Spreadsheet) -> None:
    log = sheet.worksheet("Log")
    log.update([["", "", "x"], ["", "", "y"]], "A1")
    log.append_row(["new"])
    assert log.get_all_values()[2] == ["", "", "new"]


def test_append_to_an_empty_tab_starts_at_its_first_cell(sheet: gspread.Spreadsheet) -> None:
    assert sheet.worksheet("Log").append_row(["x"])["updates"]["updatedRange"] == "Log!A1"


def test_append_grows_the_grid(emu: Emulator) -> None:
    small = emu.client(SERVICE).open_by_key(emu.new("s", {"T": [["a"], ["b"]]}, rows=2, columns=1))
    small.sheet1.append_row(["c"])
    assert small.worksheet("T").row_count == 3


def test_parallel_appends_lose_rows(emu: Emulator, book_id: str) -> None:
    emu.world.append_gap = 0.05

    def one(number: int) -> None:
        emu.client(SERVICE).http_client.values_append(
            book_id, "Log", {"valueInputOption": "RAW"}, {"values": [[f"r{number}"]]}
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(24)))
    assert 0 < len(emu.book(book_id).values("Log")) < 24


def test_append_cells_guesses_nothing_and_loses_nothing(emu: Emulator, book_id: str, staff: Person) -> None:
    log = staff.tab("Log").id
    staff.edit("Log", "C1", "off to the right")

    def one(number: int) -> None:
        emu.client(SERVICE).http_client.batch_update(book_id, appended(log, [f"r{number}"]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(24)))
    assert sorted(row[0] for row in staff.values("Log")[1:]) == sorted(f"r{n}" for n in range(24))


def test_append_cells_grows_the_grid_but_not_its_width(emu: Emulator) -> None:
    book = emu.new("s", {"T": [["a"], ["b"]]}, rows=2, columns=1)
    client = emu.client(SERVICE).http_client
    client.batch_update(book, appended(0, ["c"]))
    assert emu.book(book).values("T") == [["a"], ["b"], ["c"]]
    told = "Invalid requests[0].appendCells: Attempting to write column: 1, beyond the last requested column of: 0"
    with pytest.raises(APIError, match=re.escape(told)):
        client.batch_update(book, appended(0, ["c", "d"]))
