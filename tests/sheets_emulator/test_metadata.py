"""Row metadata: what it follows, what it does not, and how rows are found by it."""

from __future__ import annotations

import gspread
import pytest
from gspread.exceptions import APIError

from .api import Ask, handle
from .emulator import Emulator
from .human import Person
from .people import SERVICE


def tag(sheet_id: int, row: int, value: str, key: str = "id", dimension: str = "ROWS") -> dict:
    line = {"sheetId": sheet_id, "dimension": dimension, "startIndex": row - 1, "endIndex": row}
    one = {"metadataKey": key, "metadataValue": value, "visibility": "DOCUMENT", "location": {"dimensionRange": line}}
    return {"createDeveloperMetadata": {"developerMetadata": one}}


def by_id(value: str) -> dict:
    return {"developerMetadataLookup": {"metadataKey": "id", "metadataValue": value}}


@pytest.fixture
def tagged(sheet: gspread.Spreadsheet, staff: Person) -> Person:
    sheet.batch_update({"requests": [tag(0, row, value) for row, value in ((2, "a1"), (3, "a2"), (4, "a3"))]})
    return staff


def post(emu: Emulator, book: str, tail: str, body: dict) -> dict:
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book}{tail}"
    answer = emu.session(SERVICE).post(url, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys(staff: Person) -> list[tuple[str | None, str]]:
    """Each record's metadata beside the key in its cell."""
    rows = staff.values("协会")
    tags = staff.metadata("协会", "id")
    return [(tags[i] if i < len(tags) else None, rows[i][0] if rows[i] else "") for i in range(1, len(rows))]


def test_a_created_piece_is_told_without_zeros(sheet: gspread.Spreadsheet) -> None:
    made = sheet.batch_update({"requests": [tag(0, 1, "h")]})["replies"][0]["createDeveloperMetadata"]
    line = made["developerMetadata"]["location"]["dimensionRange"]
    assert line == {"dimension": "ROWS", "endIndex": 1}


def test_it_follows_its_row_through_insert_delete_move_and_sort(tagged: Person) -> None:
    tagged.insert_rows("协会", 2, 3)
    assert [pair for pair in keys(tagged) if pair[1]] == [("a1", "a1"), ("a2", "a2"), ("a3", "a3")]
    tagged.delete_rows("协会", 2, 3)
    tagged.drag_row("协会", 4, before=2)
    assert keys(tagged) == [("a3", "a3"), ("a1", "a1"), ("a2", "a2")]
    tagged.sort("协会", "数", descending=True)
    assert keys(tagged) == [("a1", "a1"), ("a3", "a3"), ("a2", "a2")]


def test_it_stays_when_only_some_columns_are_sorted(tagged: Person) -> None:
    tagged.sort_part("协会", "A2:D4", "编号", descending=True)
    assert keys(tagged) == [("a1", "a3"), ("a2", "a2"), ("a3", "a1")]


def test_it_stays_when_cells_are_cut_or_pasted_over(tagged: Person) -> None:
    tagged.cut_paste("协会", "A2:D2", "A6")
    assert keys(tagged) == [("a1", ""), ("a2", "a2"), ("a3", "a3"), (None, ""), (None, "a1")]
    tagged.copy_paste("协会", "A3:D3", "A4:D4")
    assert keys(tagged)[1:3] == [("a2", "a2"), ("a3", "a2")]


def test_a_duplicated_row_has_none(tagged: Person) -> None:
    tagged.duplicate_row("协会", 2)
    assert keys(tagged)[:2] == [("a1", "a1"), (None, "a1")]


def test_a_deleted_row_takes_it_along(emu: Emulator, tagged: Person) -> None:
    tagged.delete_rows("协会", 3)
    found = post(emu, tagged.id, "/developerMetadata:search", {"dataFilters": [by_id("a2")]})
    assert found == {}


def test_rows_are_read_by_it_wherever_they_are(emu: Emulator, tagged: Person) -> None:
    tagged.insert_rows("协会", 2, 5)
    body = {"dataFilters": [by_id("a2"), by_id("gone")], "valueRenderOption": "UNFORMATTED_VALUE"}
    found = post(emu, tagged.id, "/values:batchGetByDataFilter", body)
    [one] = found["valueRanges"]
    assert one["valueRange"]["range"] == "'协会'!A8:Z8"
    assert one["valueRange"]["values"] == [["a2", "乙协会", "", 1]]
    assert one["dataFilters"] == [by_id("a2")]


def test_rows_are_written_by_it_with_the_id_echoed(emu: Emulator, tagged: Person) -> None:
    tagged.sort("协会", "编号", descending=True)
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "data": [{"dataFilter": by_id("a1"), "values": [[None, None, None, 9]]}],
    }
    made = post(emu, tagged.id, "/values:batchUpdateByDataFilter", body)
    [one] = made["responses"]
    assert one["updatedRange"] == "'协会'!A4:D4"
    assert one["updatedData"]["values"][0][0] == "a1"
    assert one["dataFilter"] == by_id("a1")
    assert made["totalUpdatedCells"] == 1
    assert tagged.values("协会")[3] == ["a1", "甲协会", 42430, 9]


def test_a_filter_that_matches_nothing_writes_nothing_and_is_not_told(emu: Emulator, tagged: Person) -> None:
    before = tagged.values("协会")
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": by_id("gone"), "values": [["q"]]}]}
    made = post(emu, tagged.id, "/values:batchUpdateByDataFilter", body)
    assert made == {"spreadsheetId": tagged.id}
    assert tagged.values("协会") == before


def test_cells_are_cleared_by_it(emu: Emulator, tagged: Person) -> None:
    made = post(emu, tagged.id, "/values:batchClearByDataFilter", {"dataFilters": [by_id("a3")]})
    assert made["clearedRanges"] == ["'协会'!A4:Z4"]
    assert len(tagged.values("协会")) == 3


def test_the_spreadsheet_is_cut_down_to_it(emu: Emulator, tagged: Person) -> None:
    tail = ":getByDataFilter?fields=sheets(properties.title,data(startRow,rowData.values.formattedValue))"
    found = post(emu, tagged.id, tail, {"dataFilters": [by_id("a3")], "includeGridData": True})
    [one] = found["sheets"]
    assert one["properties"] == {"title": "协会"}
    assert one["data"][0]["startRow"] == 3
    assert one["data"][0]["rowData"][0]["values"][0] == {"formattedValue": "a3"}


def test_all_of_a_key_are_searched_at_once(emu: Emulator, tagged: Person) -> None:
    lookup = {"developerMetadataLookup": {"metadataKey": "id", "locationType": "ROW"}}
    found = post(emu, tagged.id, "/developerMetadata:search", {"dataFilters": [lookup]})
    matched = found["matchedDeveloperMetadata"]
    places = {
        one["developerMetadata"]["metadataValue"]: one["developerMetadata"]["location"]["dimensionRange"]["startIndex"]
        for one in matched
    }
    assert places == {"a1": 1, "a2": 2, "a3": 3}
    area = {"gridRange": {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3}}
    [one] = post(emu, tagged.id, "/developerMetadata:search", {"dataFilters": [area]})["matchedDeveloperMetadata"]
    assert one["developerMetadata"]["metadataValue"] == "a2"


def test_a_location_is_matched_exactly_or_by_what_it_holds(emu: Emulator, tagged: Person) -> None:
    where = {"metadataLocation": {"sheetId": 0}}
    exact = {"dataFilters": [{"developerMetadataLookup": where}]}
    loose = {
        "dataFilters": [{"developerMetadataLookup": where | {"locationMatchingStrategy": "INTERSECTING_LOCATION"}}]
    }
    assert post(emu, tagged.id, "/developerMetadata:search", exact) == {}
    found = post(emu, tagged.id, "/developerMetadata:search", loose)
    assert len(found["matchedDeveloperMetadata"]) == 3


def test_one_piece_by_its_id_and_404_when_gone(emu: Emulator, tagged: Person) -> None:
    meta = tagged.tab("协会").rows[1].meta[0]
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{tagged.id}/developerMetadata/"
    assert emu.session(SERVICE).get(f"{url}{meta.id}").json()["metadataValue"] == "a1"
    tagged.delete_rows("协会", 2)
    assert emu.session(SERVICE).get(f"{url}{meta.id}").status_code == 404


def test_it_is_changed_and_deleted_by_filter(sheet: gspread.Spreadsheet, tagged: Person) -> None:
    change = {
        "dataFilters": [by_id("a1")],
        "developerMetadata": {"metadataValue": "b1"},
        "fields": "metadataValue",
    }
    sheet.batch_update({"requests": [{"updateDeveloperMetadata": change}]})
    made = sheet.batch_update({"requests": [{"deleteDeveloperMetadata": {"dataFilter": by_id("a2")}}]})
    gone = made["replies"][0]["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]
    assert [one["metadataValue"] for one in gone] == ["a2"]
    assert tagged.metadata("协会", "id") == [None, "b1", None, "a3"]


def test_columns_tabs_and_the_spreadsheet_carry_it_too(sheet: gspread.Spreadsheet, staff: Person) -> None:
    def hang(location: dict, value: str) -> dict:
        one = {"metadataKey": "k", "metadataValue": value, "visibility": "DOCUMENT", "location": location}
        return {"createDeveloperMetadata": {"developerMetadata": one}}

    wide = tag(0, 2, "c", "k", "COLUMNS")
    sheet.batch_update({"requests": [hang({"spreadsheet": True}, "s"), hang({"sheetId": 0}, "t"), wide]})
    staff.insert_columns("协会", "A")
    mask = "developerMetadata,sheets(developerMetadata,data(columnMetadata.developerMetadata))"
    found = sheet.fetch_sheet_metadata({"fields": mask, "ranges": "协会!A1:C1"})
    assert found["developerMetadata"][0]["metadataValue"] == "s"
    assert found["sheets"][0]["developerMetadata"][0]["metadataValue"] == "t"
    lines = found["sheets"][0]["data"][0]["columnMetadata"]
    assert [bool(line) for line in lines] == [False, False, True]


def test_rows_tell_theirs_in_a_read_of_the_grid(sheet: gspread.Spreadsheet, tagged: Person) -> None:
    mask = "sheets(data(rowMetadata(developerMetadata(metadataKey,metadataValue))))"
    found = sheet.fetch_sheet_metadata({"fields": mask, "ranges": "协会!A1:A4"})
    rows = found["sheets"][0]["data"][0]["rowMetadata"]
    assert rows == [{}] + [
        {"developerMetadata": [{"metadataKey": "id", "metadataValue": v}]} for v in ("a1", "a2", "a3")
    ]


def test_a_tab_holds_thirty_thousand_characters(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.batch_update({"requests": [tag(0, 2, "x" * 29_994)]})
    with pytest.raises(APIError, match="limit of 30000"):
        sheet.batch_update({"requests": [tag(0, 3, "abc")]})
    sheet.batch_update({"requests": [tag(0, 3, "ab")]})
    sheet.batch_update({"requests": [tag(staff.tab("Log").id, 3, "abc")]})


def test_it_must_sit_on_one_row_and_be_visible(sheet: gspread.Spreadsheet) -> None:
    two = tag(0, 2, "x")
    two["createDeveloperMetadata"]["developerMetadata"]["location"]["dimensionRange"]["endIndex"] = 4
    blind = tag(0, 2, "x")
    del blind["createDeveloperMetadata"]["developerMetadata"]["visibility"]
    for wrong in (two, blind):
        with pytest.raises(APIError, match=r"Invalid requests\[0\]\.createDeveloperMetadata"):
            sheet.batch_update({"requests": [wrong]})


def test_many_rows_are_tagged_and_looked_up_quickly(emu: Emulator) -> None:
    book = emu.new("big", {"T": [[f"{n}"] for n in range(3000)]}, rows=3000)
    requests = [tag(0, n + 1, f"{n}", "i") for n in range(3000)]
    handle(Ask(emu.world, SERVICE, "POST", f"/v4/spreadsheets/{book}:batchUpdate", {}, {"requests": requests}))
    emu.book(book).sort("T", "A", descending=True, header=0)
    filters = [{"developerMetadataLookup": {"metadataKey": "i", "metadataValue": f"{n}"}} for n in range(0, 3000, 10)]
    found = post(emu, book, "/values:batchGetByDataFilter", {"dataFilters": filters})
    assert [one["valueRange"]["values"][0][0] for one in found["valueRanges"]] == [f"{n}" for n in range(0, 3000, 10)]
