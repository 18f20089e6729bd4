"""Reading and writing ranges as gspread does it."""

from __future__ import annotations

import gspread
import pytest
from gspread.exceptions import APIError

from .conftest import ROWS
from .emulator import Emulator
from .human import Person
from .people import EDITOR, SERVICE

RAW = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}


def read(sheet: gspread.Spreadsheet, *ranges: str, **more: str) -> list[dict]:
    return sheet.values_batch_get(list(ranges), RAW | more)["valueRanges"]


def test_one_read_gives_every_tab_raw_with_dates_as_serials(sheet: gspread.Spreadsheet) -> None:
    first, log = read(sheet, "协会", "Log")
    assert first["values"][1] == ["a1", "甲协会", 42430, 3]
    assert first["range"] == "'协会'!A1:Z1000"
    assert log == {"range": "Log!A1:Z1000", "majorDimension": "ROWS"}


def test_formatted_values_show_dates_as_the_cell_does(sheet: gspread.Spreadsheet) -> None:
    worksheet = sheet.worksheet("协会")
    assert worksheet.get_all_values()[1] == ["a1", "甲协会", "2016/3/1", "3"]
    [found] = read(sheet, "协会!C2", dateTimeRenderOption="FORMATTED_STRING")
    assert found["values"] == [["2016/3/1"]]


def test_trailing_blanks_are_trimmed_and_inner_gaps_are_empty_texts(sheet: gspread.Spreadsheet) -> None:
    [found] = read(sheet, "协会!A1:D20")
    assert found["values"][2] == ["a2", "乙协会", "", 1]
    assert len(found["values"]) == 4
    sheet.values_update("协会!B9", {"valueInputOption": "RAW"}, {"values": [["x"]]})
    [found] = read(sheet, "协会")
    assert found["values"][4:] == [[], [], [], [], ["", "x"]]


def test_columns_instead_of_rows(sheet: gspread.Spreadsheet) -> None:
    [found] = read(sheet, "协会!A:B", majorDimension="COLUMNS")
    assert found["values"] == [["编号", "a1", "a2", "a3"], ["名称", "甲协会", "乙协会", "丙协会"]]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Log!A2:2", "Log!A2:Z2"),
        ("'Log'!A:B", "Log!A1:B1000"),
        ("Log!B5:A2", "Log!A2:B5"),
        ("Log!A1:ZZ5000", "Log!A1:Z1000"),
        ("Log!C3", "Log!C3"),
        ("Log", "Log!A1:Z1000"),
        ("协会!A1", "'协会'!A1"),
        ("A1:B2", "'协会'!A1:B2"),
    ],
)
def test_ranges_are_normalised_and_clamped(sheet: gspread.Spreadsheet, asked: str, told: str) -> None:
    assert read(sheet, asked)[0]["range"] == told


@pytest.mark.parametrize("asked", ["Nowhere!A1", "Log!A", "Log!A1:[5", "'协会!A1", "Log!A1:B2:C3"])
def test_a_range_that_cannot_be_parsed_says_so(sheet: gspread.Spreadsheet, asked: str) -> None:
    with pytest.raises(APIError, match="Unable to parse range") as refused:
        read(sheet, asked)
    assert refused.value.error["status"] == "INVALID_ARGUMENT"


def test_a_range_past_the_grid_is_refused_with_googles_words(sheet: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError) as refused:
        read(sheet, "Log!A1001:B")
    assert refused.value.error == {
        "code": 400,
        "message": "Range (Log!A1001:B) exceeds grid limits. Max rows: 1000, max columns: 26",
        "status": "INVALID_ARGUMENT",
    }


def test_null_skips_and_an_empty_text_clears_and_a_short_row_leaves_the_rest(sheet: gspread.Spreadsheet) -> None:
    made = sheet.values_update("协会!A2", {"valueInputOption": "RAW"}, {"values": [[None, "", "neu"]]})
    assert made["updatedRange"] == "'协会'!A2:C2"
    assert (made["updatedRows"], made["updatedColumns"], made["updatedCells"]) == (1, 2, 2)
    assert read(sheet, "协会!A2:D2")[0]["values"] == [["a1", "", "neu", 3]]


def test_a_write_of_nothing_leaves_the_counts_out(sheet: gspread.Spreadsheet) -> None:
    made = sheet.values_update("协会!A2", {"valueInputOption": "RAW"}, {"values": [[None, None]]})
    assert set(made) == {"spreadsheetId", "updatedRange"}


def test_raw_keeps_what_it_is_given(sheet: gspread.Spreadsheet) -> None:
    given = ["=1+1", "2016/3/1", "007", True, 1.5, "'x"]
    sheet.values_update("Log!A1", {"valueInputOption": "RAW"}, {"values": [given]})
    assert read(sheet, "Log")[0]["values"] == [given]


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("=1+1", 2, "2"),
        ("2016/3/1", 42430, "2016/3/1"),
        ("2016-03-01", 42430, "2016-03-01"),
        ("2016年3月1日", 42430, "2016年3月1日"),
        ("2016-03-01 12:00", 42430.5, "2016-03-01 12:00:00"),
        ("2016年13月1日", "2016年13月1日", "2016年13月1日"),
        ("2016.3.1", "2016.3.1", "2016.3.1"),
        ("12.5%", 0.125, "12.50%"),
        ("1,234.5", 1234.5, "1,234.50"),
        ("0571", 571, "571"),
        ("5.10", 5.1, "5.1"),
        ("1e5", 100000, "1.00E+05"),
        ("true", True, "TRUE"),
        ("'0571", "0571", "0571"),
        ("'=1+1", "=1+1", "=1+1"),
        ("３", "３", "３"),
    ],
)
def test_user_entered_is_parsed_as_if_typed(sheet: gspread.Spreadsheet, typed: str, stored: object, shown: str) -> None:
    sheet.values_update("Log!A1", {"valueInputOption": "USER_ENTERED"}, {"values": [[typed]]})
    assert read(sheet, "Log!A1")[0]["values"] == [[stored]]
    assert sheet.worksheet("Log").acell("A1").value == shown


def test_a_cell_formatted_as_text_stays_text_when_typed_into(sheet: gspread.Spreadsheet) -> None:
    log = sheet.worksheet("Log")
    log.format("A:A", {"numberFormat": {"type": "TEXT", "pattern": "@"}})
    log.update([["0571"], ["2016/3/1"]], "A1", raw=False)
    assert log.get_all_values() == [["0571"], ["2016/3/1"]]


def test_a_block_larger_than_its_range_or_the_grid_is_refused_and_changes_nothing(sheet: gspread.Spreadsheet) -> None:
    before = read(sheet, "协会")
    with pytest.raises(
        APIError, match=r"Requested writing within range \['协会'!A2:B2\], but tried writing to row \[3\]"
    ):
        sheet.values_update("协会!A2:B2", {"valueInputOption": "RAW"}, {"values": [["q"], ["q"]]})
    with pytest.raises(APIError, match=r"tried writing to column \[C\]"):
        sheet.values_update("协会!A2:B2", {"valueInputOption": "RAW"}, {"values": [["q", "q", "q"]]})
    with pytest.raises(APIError, match=r"tried writing to row \[1001\]"):
        sheet.values_update("协会!A1000", {"valueInputOption": "RAW"}, {"values": [["q"], ["q"]]})
    with pytest.raises(APIError, match="exceeds grid limits"):
        sheet.values_update("协会!A1001", {"valueInputOption": "RAW"}, {"values": [["q"]]})
    assert read(sheet, "协会") == before


def test_a_batch_of_writes_is_atomic_and_names_the_one_that_failed(sheet: gspread.Spreadsheet, staff: Person) -> None:
    body = {
        "valueInputOption": "RAW",
        "data": [{"range": "协会!A2", "values": [["q"]]}, {"range": "Gone!A2", "values": [["q"]]}],
    }
    with pytest.raises(APIError, match=r"Invalid data\[1\]: Unable to parse range: Gone!A2"):
        sheet.values_batch_update(body=body)
    assert staff.values("协会")[1][0] == "a1"


def test_a_batch_of_writes_adds_up_and_echoes_the_values(sheet: gspread.Spreadsheet) -> None:
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "UNFORMATTED_VALUE",
        "data": [{"range": "协会!A2", "values": [["q", 1]]}, {"range": "Log!B1:B2", "values": [["r"], ["s"]]}],
    }
    made = sheet.values_batch_update(body=body)
    names = ("totalUpdatedRows", "totalUpdatedColumns", "totalUpdatedCells", "totalUpdatedSheets")
    assert [made[name] for name in names] == [3, 3, 4, 2]
    assert made["responses"][0]["updatedData"]["values"] == [["q", 1]]


def test_clearing_leaves_formats(sheet: gspread.Spreadsheet) -> None:
    assert sheet.values_clear("协会!B2:C3")["clearedRange"] == "'协会'!B2:C3"
    assert sheet.values_batch_clear(body={"ranges": ["协会!A4:4"]})["clearedRanges"] == ["'协会'!A4:Z4"]
    assert read(sheet, "协会")[0]["values"] == [ROWS[0], ["a1", "", "", 3], ["a2", "", "", 1]]
    sheet.values_update("协会!C2", {"valueInputOption": "RAW"}, {"values": [[42431]]})
    assert sheet.worksheet("协会").acell("C2").value == "2016/3/2"


def test_without_a_value_input_option_nothing_is_written(sheet: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError, match="valueInputOption"):
        sheet.values_update("Log!A1", {}, {"values": [["q"]]})


def test_the_kept_text_of_a_row_is_never_stale(emu: Emulator, sheet: gspread.Spreadsheet, staff: Person) -> None:
    read(sheet, "协会")
    staff.as_(EDITOR).edit("协会", "B2", '新"名')
    assert read(sheet, "协会")[0]["values"][1][1] == '新"名'
    staff.do({"deleteDimension": {"range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}})
    assert read(sheet, "协会")[0]["values"][1] == ['新"名', 42430, 3]
    assert emu.client(SERVICE).open_by_key(staff.id).sheet1.get_all_values()[1] == ['新"名', "2016/3/1", "3"]


@pytest.mark.parametrize("option", ["RAW", "USER_ENTERED"])
def test_a_cell_holds_fifty_thousand_characters(sheet: gspread.Spreadsheet, option: str) -> None:
    sheet.values_update("Log!A1", {"valueInputOption": option}, {"values": [["x" * 50_000]]})
    told = "Your input contains more than the maximum of 50000 characters in a single cell."
    with pytest.raises(APIError, match=told):
        sheet.values_update("Log!A1", {"valueInputOption": option}, {"values": [["x" * 50_001]]})


def test_a_spreadsheet_holds_ten_million_cells(sheet: gspread.Spreadsheet, staff: Person) -> None:
    with pytest.raises(APIError, match=r"Invalid requests\[0\].addSheet: .* above the limit of 10000000 cells"):
        sheet.add_worksheet("wide", rows=400_000, cols=26)
    assert len(staff.model.sheets) == 2
