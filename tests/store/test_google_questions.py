"""What nobody could verify without a real spreadsheet, asked of one (``tests.online`` says how). Each answer is
printed; those that the store relies on are asserted."""

from __future__ import annotations

from typing import Any

import pytest

from lib.store.base import StoreError
from lib.store.google_batch import from_value, insert, write
from lib.store.google_checks import CHECKS, formula
from tests.online import do, online, only, tab_ids, where

pytestmark = pytest.mark.online
HEAD, ROWS = ["编号", "名称", "校验"], [["XH-1", "甲", ""], ["XH-2", "乙", ""]]


@pytest.fixture
def tab() -> int:
    made = only("表")
    do(*(write(made, at, 0, row) for at, row in enumerate([HEAD, *ROWS])))
    return made


def values(tab: int) -> list[list[Any]]:
    client, spreadsheet = online()
    [found] = client.values_by_filter(spreadsheet, [{"gridRange": {"sheetId": tab}}])
    return [list(row) for row in found["valueRange"].get("values", [])]


def told(question: str, answer: object) -> None:
    print(f"\n{where()}: {question} {answer}")


def test_a_copy_made_in_a_batch_shows_what_stood_there_before_the_write_after_it(tab: int) -> None:
    span = {"sheetId": tab, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 3}
    target = span | {"startRowIndex": 10, "endRowIndex": 11}
    answer = do(
        {"copyPaste": {"source": span, "destination": target, "pasteType": "PASTE_VALUES"}},
        write(tab, 1, 1, ["新"]),
        includeSpreadsheetInResponse=True, responseIncludeGridData=True, responseRanges=["表!11:11"],
    )  # fmt: skip
    [row] = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"]
    found = [from_value(cell.get("effectiveValue", {})) for cell in row["values"]]
    told("Does the answer to a batch show the copy it made, before the write that follows it?", found)
    assert found[:2] == ["XH-1", "甲"]
    assert values(tab)[1][1] == "新"


def test_a_batch_that_names_a_tab_that_is_gone_does_nothing(tab: int) -> None:
    with pytest.raises(StoreError) as refused:
        do(write(tab, 1, 1, ["新"]), write(tab + 1, 0, 0, ["x"]))
    told("Is a batch refused as a whole that names a tab that is gone?", refused.value)
    assert values(tab)[1][1] == "甲"


def test_an_inserted_row_takes_nobodys_place(tab: int) -> None:
    do(*insert(tab, 2, [["XH-9", "新"]], inherit=True))
    told("Where does an inserted row stand?", found := values(tab))
    assert [row[0] for row in found] == ["编号", "XH-1", "XH-9", "XH-2"]


def test_text_that_looks_like_a_formula_stays_text(tab: int) -> None:
    do(write(tab, 1, 1, ["=1+1"]))
    told("Does a stringValue that begins with = stay text?", values(tab)[1][1])
    assert values(tab)[1][1] == "=1+1"


def test_what_a_dropdown_does_to_a_write_of_ours(tab: int) -> None:
    area = {"sheetId": tab, "startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 1, "endColumnIndex": 2}
    one_of = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "甲"}]}
    do({"setDataValidation": {"range": area, "rule": {"condition": one_of, "strict": True}}})
    try:
        do(write(tab, 1, 1, ["不在其中"]))
    except StoreError as error:
        told("Does a write through the API heed a strict dropdown? (?)", f"yes: {error}")
    else:
        told("Does a write through the API heed a strict dropdown? (?)", f"no: {values(tab)[1][1]} stands there")


def test_the_formula_of_the_checks_shows_each_text_at_its_row_and_fills_no_row_below(tab: int) -> None:
    if CHECKS not in tab_ids():
        do({"addSheet": {"properties": {"sheetId": tab + 7, "title": CHECKS, "hidden": True}}})
    head = {"userEnteredValue": {"formulaValue": formula("校验", "A")}}
    start = {"sheetId": tab, "rowIndex": 0, "columnIndex": 2}
    do(
        write(tab_ids()[CHECKS], 0, 0, ["XH-2", "错误"]),
        {"updateCells": {"rows": [{"values": [head]}], "fields": "userEnteredValue", "start": start}},
    )
    found = values(tab)
    told("What does the column 校验 show?", [row[2:] for row in found])
    assert [row[2] for row in found if len(row) > 2 and row[2]] == ["校验", "错误"]
    cells = [{"userEnteredValue": {"stringValue": "XH-3"}}]
    do({"appendCells": {"sheetId": tab, "rows": [{"values": cells}], "fields": "userEnteredValue"}})
    told("In which row does an append land below a spilled column?", len(values(tab)))


def test_what_happens_to_an_insertion_at_the_very_end_of_the_grid(tab: int) -> None:
    span = {"sheetId": tab, "dimension": "ROWS", "startIndex": 100, "endIndex": 101}
    try:
        do({"insertDimension": {"range": span, "inheritFromBefore": True}})
    except StoreError as error:
        told("Is a row inserted right behind the last one of the grid?", f"no: {error}")
    else:
        told("Is a row inserted right behind the last one of the grid?", "yes")
