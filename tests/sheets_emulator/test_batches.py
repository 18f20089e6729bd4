"""spreadsheets:batchUpdate: kinds of requests, all or nothing, and the state after the write."""

from __future__ import annotations

import gspread
import pytest
from gspread.exceptions import APIError

from .emulator import Emulator
from .human import Person
from .people import EDITOR, SERVICE


def text(value: str) -> dict:
    return {"userEnteredValue": {"stringValue": value}}


def cells(row: int, column: int, *rows: list[dict], fields: str = "userEnteredValue") -> dict:
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": row} for row in rows], "fields": fields}}


def area(top: int, bottom: int, left: int, right: int) -> dict:
    return {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}


def test_any_failing_request_leaves_everything_as_it_was(sheet: gspread.Spreadsheet, staff: Person) -> None:
    before, revision = staff.formulas("协会"), staff.model.revision
    requests = [
        cells(1, 0, [text("changed")]),
        {"addSheet": {"properties": {"title": "New"}}},
        {"updateSpreadsheetProperties": {"properties": {"title": "changed"}, "fields": "title"}},
        {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}}},
        cells(5000, 0, [text("past the grid")]),
    ]
    with pytest.raises(APIError) as refused:
        sheet.batch_update({"requests": requests})
    assert refused.value.error["message"].startswith("Invalid requests[4].updateCells: Attempting to write row")
    assert staff.formulas("协会") == before
    assert [tab.title for tab in staff.model.sheets] == ["协会", "Log"]
    assert (staff.model.title, staff.model.revision) == ("台账", revision)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"deleteSheet": {"sheetId": 77}}, "Invalid requests[0].deleteSheet: No grid with id: 77"),
        (
            {"addSheet": {"properties": {"title": "log"}}},
            'Invalid requests[0].addSheet: A sheet with the name "log" already exists. Please enter another name.',
        ),
        ({"makeCoffee": {}}, "Unknown name"),
        (
            {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1000}}},
            "You can't delete all the rows on the sheet.",
        ),
        ({"updateCells": {"start": {"sheetId": 0}, "rows": []}}, "At least one field must be listed in 'fields'"),
        ({"appendDimension": "x"}, "Invalid JSON payload"),
    ],
)
def test_refusals_name_the_request(sheet: gspread.Spreadsheet, request_: dict, told: str) -> None:
    with pytest.raises(APIError) as refused:
        sheet.batch_update({"requests": [request_]})
    assert told in refused.value.error["message"]
    assert refused.value.code == 400


def test_update_cells_takes_only_what_the_mask_names(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.batch_update({"requests": [cells(1, 1, [text("neu") | {"note": "n"}], fields="note")]})
    assert staff.values("协会")[1][1] == "甲协会"
    assert sheet.worksheet("协会").get_note("B2") == "n"
    sheet.batch_update({"requests": [cells(1, 1, [text("=1+1")])]})
    assert staff.formulas("协会")[1][1] == "=1+1"
    assert staff.values("协会")[1][1] == "=1+1"
    assert sheet.worksheet("协会").get_note("B2") == "n"


def test_update_cells_over_a_range_clears_what_is_not_given(sheet: gspread.Spreadsheet, staff: Person) -> None:
    body = {"range": {"sheetId": 0} | area(1, 4, 0, 2), "rows": [{"values": [text("q")]}], "fields": "userEnteredValue"}
    sheet.batch_update({"requests": [{"updateCells": body}]})
    assert staff.values("协会")[1:] == [["q", "", 42430, 3], ["", "", "", 1], ["", "", "x", 2]]


def test_an_empty_cell_from_a_start_clears_its_place(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.batch_update({"requests": [cells(1, 0, [{}, text("q")])]})
    assert staff.values("协会")[1] == ["", "q", 42430, 3]


def test_the_state_after_the_write_comes_back_in_the_same_answer(sheet: gspread.Spreadsheet) -> None:
    body = {
        "requests": [cells(1, 3, [{"userEnteredValue": {"numberValue": 9.0}}])],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["协会!A2:D2"],
        "responseIncludeGridData": True,
    }
    made = sheet.batch_update(body)
    assert made["replies"] == [{}]
    [one] = made["updatedSpreadsheet"]["sheets"]
    assert one["properties"]["title"] == "协会"
    values = one["data"][0]["rowData"][0]["values"]
    assert [cell.get("effectiveValue") for cell in values] == [
        {"stringValue": "a1"},
        {"stringValue": "甲协会"},
        {"numberValue": 42430},
        {"numberValue": 9},
    ]
    del body["responseIncludeGridData"]
    assert "data" not in sheet.batch_update(body)["updatedSpreadsheet"]["sheets"][0]


def test_the_state_after_the_write_can_be_cut_by_a_mask(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    mask = "replies,updatedSpreadsheet(sheets(data(rowData.values.userEnteredValue)))"
    body = {
        "requests": [cells(1, 0, [text("q")])],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["协会!A2"],
    }
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{sheet.id}:batchUpdate"
    made = emu.session(SERVICE).post(url, params={"fields": mask}, json=body).json()
    rows = [{"values": [{"userEnteredValue": {"stringValue": "q"}}]}]
    assert made == {"replies": [{}], "updatedSpreadsheet": {"sheets": [{"data": [{"rowData": rows}]}]}}


def test_tabs_keep_their_id_when_people_rename_and_move_them(sheet: gspread.Spreadsheet, staff: Person) -> None:
    log = staff.tab("Log").id
    staff.rename_tab("Log", "日志")
    sheet.get_worksheet_by_id(log).update_index(0)
    found = sheet.fetch_sheet_metadata({"fields": "sheets.properties(sheetId,title,index)"})
    assert [one["properties"] for one in found["sheets"]] == [
        {"sheetId": log, "title": "日志", "index": 0},
        {"sheetId": 0, "title": "协会", "index": 1},
    ]


def test_gspread_makes_duplicates_hides_freezes_resizes_and_deletes_tabs(sheet: gspread.Spreadsheet) -> None:
    made = sheet.add_worksheet("新", rows=5, cols=3)
    assert (made.row_count, made.col_count) == (5, 3)
    twin = sheet.worksheet("协会").duplicate(new_sheet_name="协会 2")
    assert twin.get_all_values()[1] == ["a1", "甲协会", "2016/3/1", "3"]
    twin.hide()
    twin.freeze(rows=1)
    twin.resize(rows=4, cols=4)
    found = {one["properties"]["title"]: one["properties"] for one in sheet.fetch_sheet_metadata()["sheets"]}
    assert found["协会 2"]["hidden"] is True
    assert found["协会 2"]["gridProperties"] == {"rowCount": 4, "columnCount": 4, "frozenRowCount": 1}
    assert "hidden" not in found["协会"]
    sheet.del_worksheet(twin)
    assert [one.title for one in sheet.worksheets()] == ["协会", "Log", "新"]


def test_rows_are_inserted_moved_deleted_and_sorted_by_gspread(sheet: gspread.Spreadsheet, staff: Person) -> None:
    worksheet = sheet.worksheet("协会")
    worksheet.insert_row(["a0"], 2)
    worksheet.delete_rows(3)
    assert [row[0] for row in staff.values("协会")] == ["编号", "a0", "a2", "a3"]
    worksheet.sort((1, "des"), range="A2:Z1000")
    assert [row[0] for row in staff.values("协会")] == ["编号", "a3", "a2", "a0"]


def test_numbers_sort_before_text_and_blanks_last(sheet: gspread.Spreadsheet, staff: Person) -> None:
    log = sheet.worksheet("Log")
    log.update([["b"], [2], [None], ["10"], [10], [True], ["a"]], "A1")
    log.sort((1, "asc"), range="A1:Z7")
    assert staff.values("Log") == [[2], [10], ["10"], ["a"], ["b"], [True]]
    log.sort((1, "des"), range="A1:Z7")
    assert staff.values("Log") == [[True], ["b"], ["a"], ["10"], [10], [2]]


def test_rules_are_kept_and_told(sheet: gspread.Spreadsheet, staff: Person) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "是"}]}, "strict": True}
    look = {"ranges": [{"sheetId": 0} | area(1, 9, 0, 1)], "booleanRule": {"condition": {"type": "NOT_BLANK"}}}
    requests = [
        {"setDataValidation": {"range": {"sheetId": 0} | area(1, 4, 1, 2), "rule": rule}},
        {"addConditionalFormatRule": {"rule": look, "index": 0}},
        {"setBasicFilter": {"filter": {"range": {"sheetId": 0} | area(0, 1000, 0, 4)}}},
        {"repeatCell": {
            "range": {"sheetId": 0} | area(1, 10, 2, 3),
            "cell": {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}},
            "fields": "userEnteredFormat.numberFormat",
        }},
    ]  # fmt: skip
    sheet.batch_update({"requests": requests})
    mask = "sheets(basicFilter,conditionalFormats,data(rowData(values(dataValidation,formattedValue))))"
    found = sheet.fetch_sheet_metadata({"fields": mask, "ranges": "协会!A2:D2"})["sheets"][0]
    assert found["basicFilter"]["range"] == area(0, 1000, 0, 4)
    assert found["conditionalFormats"][0]["booleanRule"] == look["booleanRule"]
    assert found["data"][0]["rowData"][0]["values"][1] == {"dataValidation": rule, "formattedValue": "甲协会"}
    assert found["data"][0]["rowData"][0]["values"][2] == {"formattedValue": "2016-03-01"}
    staff.insert_rows("协会", 1)
    clear = [{"clearBasicFilter": {"sheetId": 0}}, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}}]
    made = sheet.batch_update({"requests": clear})
    assert made["replies"][1]["deleteConditionalFormatRule"]["rule"]["ranges"][0]["startRowIndex"] == 2


def test_validation_stops_neither_a_write_nor_a_paste(sheet: gspread.Spreadsheet, staff: Person) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "是"}]}, "strict": True}
    grid = {"sheetId": 0} | area(1, 4, 1, 2)
    sheet.batch_update({"requests": [{"setDataValidation": {"range": grid, "rule": rule}}]})
    sheet.worksheet("协会").update([["否"]], "B2")
    staff.copy_paste("协会", "A3", "B3")
    assert [row[1] for row in staff.values("协会")[1:3]] == ["否", "a2"]


def test_find_and_replace_counts(sheet: gspread.Spreadsheet, staff: Person) -> None:
    made = sheet.batch_update({"requests": [{"findReplace": {"find": "协会", "replacement": "商会", "sheetId": 0}}]})
    counts = {"valuesChanged": 3, "occurrencesChanged": 3, "rowsChanged": 3, "sheetsChanged": 1}
    assert made["replies"][0]["findReplace"] == counts
    assert staff.values("协会")[1][1] == "甲商会"


def test_a_basic_filters_sort_moves_rows(sheet: gspread.Spreadsheet, staff: Person) -> None:
    wide = {"sheetId": 0} | area(0, 1000, 0, 26)
    spec = {"dimensionIndex": 3, "sortOrder": "ASCENDING"}
    sheet.batch_update({"requests": [{"setBasicFilter": {"filter": {"range": wide, "sortSpecs": [spec]}}}]})
    assert [row[0] for row in staff.values("协会")] == ["编号", "a2", "a3", "a1"]


def test_rows_and_columns_are_added_and_hidden(sheet: gspread.Spreadsheet) -> None:
    worksheet = sheet.worksheet("协会")
    worksheet.add_rows(5)
    worksheet.hide_columns(0, 1)
    found = sheet.fetch_sheet_metadata({"fields": "sheets(properties.gridProperties.rowCount,data.columnMetadata)"})
    assert found["sheets"][0]["properties"]["gridProperties"] == {"rowCount": 1005}
    columns = found["sheets"][0]["data"][0]["columnMetadata"]
    assert [one.get("hiddenByUser") for one in columns[:2]] == [True, None]


def test_columns_move_with_their_cells(staff: Person) -> None:
    line = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    staff.as_(EDITOR).do({"moveDimension": {"source": line, "destinationIndex": 3}})
    assert staff.values("协会")[1] == ["甲协会", 42430, "a1", 3]


def test_grid_data_is_made_only_when_asked_for(sheet: gspread.Spreadsheet) -> None:
    assert "data" not in sheet.fetch_sheet_metadata()["sheets"][0]
    found = sheet.fetch_sheet_metadata({"includeGridData": "true", "ranges": ["协会!A1:B2", "Log"]})
    first, log = found["sheets"]
    assert first["data"][0]["rowData"][1]["values"][0]["formattedValue"] == "a1"
    assert "rowData" not in log["data"][0]


@pytest.mark.parametrize("mask", ["sheets(", "sheets)", "a..b", "sheets(properties", "?"])
def test_a_broken_mask_is_refused(sheet: gspread.Spreadsheet, mask: str) -> None:
    with pytest.raises(APIError, match="Invalid field selection"):
        sheet.fetch_sheet_metadata({"fields": mask})


@pytest.mark.parametrize("mask", ["sheets.propertis", "sheets(data(rowdata))", "title"])
def test_a_misspelt_field_is_refused_rather_than_left_out(sheet: gspread.Spreadsheet, mask: str) -> None:
    with pytest.raises(APIError, match="Cannot find matching fields for path"):
        sheet.fetch_sheet_metadata({"fields": mask})
    with pytest.raises(APIError, match=r"Invalid requests\[0\].updateCells: Error expanding 'fields'"):
        sheet.batch_update({"requests": [cells(1, 1, [{}], fields="userEnteredvalue")]})
