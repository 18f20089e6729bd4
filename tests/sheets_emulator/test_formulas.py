"""The one formula that spills, and what other formulas read as."""

from __future__ import annotations

import gspread
import pytest

from .emulator import Emulator
from .human import Person
from .people import SERVICE

LOOKUP = "IFERROR(VLOOKUP(A2:A,'核对'!A:B,2,FALSE),\"\")"
PLAIN = f'={{"核对结果";ARRAYFORMULA({LOOKUP})}}'
GUARDED = f'={{"核对结果";ARRAYFORMULA(IF(A2:A="","",{LOOKUP}))}}'


@pytest.fixture
def staff(emu: Emulator) -> Person:
    tabs = {"协会": [["编号", "名称"], ["a1", "甲"], ["a2", "乙"], ["A3", "丙"]], "核对": [["a3", "缺日期"], ["a1", 7]]}
    return emu.book(emu.new("台账", tabs, rows=6, columns=5))


@pytest.fixture
def sheet(emu: Emulator, staff: Person) -> gspread.Spreadsheet:
    return emu.client(SERVICE).open_by_key(staff.id)


@pytest.mark.parametrize("formula", [PLAIN, GUARDED])
def test_findings_are_looked_up_down_the_column(sheet: gspread.Spreadsheet, staff: Person, formula: str) -> None:
    sheet.worksheet("协会").update([[formula]], "D1", raw=False)
    expected = ["核对结果", 7, "", "缺日期", "", ""]
    assert [row[3] for row in staff.values("协会")] == expected
    raw = sheet.values_batch_get(["协会"], {"valueRenderOption": "UNFORMATTED_VALUE"})["valueRanges"][0]["values"]
    assert [row[3] for row in raw] == expected
    assert [row[3] for row in sheet.worksheet("协会").get_all_values()] == [str(value) for value in expected]
    assert staff.formulas("协会") == [["编号", "名称", "", formula], ["a1", "甲"], ["a2", "乙"], ["A3", "丙"]]


def test_they_follow_what_is_written_to_the_other_tab(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.worksheet("协会").update([[GUARDED]], "D1", raw=False)
    assert staff.values("协会")[2][3] == ""
    staff.type_row("核对", ["a2", "新"])
    assert staff.values("协会")[2][3] == "新"
    staff.rename_tab("核对", "核 对")
    staff.insert_rows("协会", 3)
    assert [row[3] for row in staff.values("协会")[1:5]] == [7, "", "新", "缺日期"]
    assert "'核 对'!A:B" in staff.formulas("协会")[0][3]


def test_a_value_typed_into_the_spill_breaks_it_until_it_is_gone(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.worksheet("协会").update([[GUARDED]], "D1", raw=False)
    staff.edit("协会", "D3", "mine")
    assert [row[3:] for row in staff.values("协会")] == [["#REF!"], [], ["mine"], []]
    staff.clear("协会", "D3")
    assert staff.values("协会")[1][3] == 7


def test_a_row_inserted_above_the_first_moves_what_is_looked_up(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.worksheet("协会").update([[GUARDED]], "D1", raw=False)
    staff.insert_rows("协会", 2)
    assert "VLOOKUP(A3:A," in staff.formulas("协会")[0][3]


def test_appended_rows_land_below_the_spill(sheet: gspread.Spreadsheet, staff: Person) -> None:
    sheet.worksheet("协会").update([[GUARDED]], "D1", raw=False)
    cells = [{"values": [{"userEnteredValue": {"stringValue": "new"}}]}]
    body = {"appendCells": {"sheetId": 0, "rows": cells, "fields": "userEnteredValue"}}
    sheet.batch_update({"requests": [body]})
    assert staff.values("协会")[6][0] == "new"


@pytest.mark.parametrize(
    ("formula", "shown"),
    [("=1+2*3", 7), ('=HYPERLINK("http://x","go")', "go"), ("=QUERY(A:B)", "#N/A"), ("=1/0", "#N/A")],
)
def test_other_formulas_are_kept_and_mostly_read_as_an_error(staff: Person, formula: str, shown: object) -> None:
    staff.edit("协会", "E1", formula)
    assert staff.values("协会")[0][4] == shown
    assert staff.formulas("协会")[0][4] == formula


def test_pasting_values_only_leaves_the_format_of_the_cell(staff: Person) -> None:
    staff.edit("协会", "E1", "=1+2*3")
    staff.edit("协会", "E2", "50%")
    staff.copy_paste("协会", "E1", "E2", values_only=True)
    assert staff.formulas("协会")[1][4] == 7
    assert staff.values("协会", "FORMATTED_VALUE")[1][4] == "700%"
