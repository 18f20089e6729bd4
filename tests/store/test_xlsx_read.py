"""Reading what people and other programs save: formulas, errors, merged cells, dates; refusing what is no workbook."""

from __future__ import annotations

import io
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from lib.domain.normalise import to_date
from lib.store import xlsx
from lib.store.base import Missing
from lib.store.memory import MemoryStore
from lib.store.reading import read_workbook
from lib.store.xlsx import XlsxStore
from sheets_schema.snapshot import Mark, RawSheet
from tests.store.files import FIRST_SHEET, GOOD, edited, saved


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch):
    """Files that are gone stay gone here."""
    monkeypatch.setattr(xlsx, "SETTLE_WAIT", 0)


def sheet(data: bytes) -> RawSheet:
    return read_workbook(data, "台账.xlsx").sheets[0]


def test_a_formula_nobody_has_calculated_is_told():
    def fill(tab: Worksheet) -> None:
        tab["A2"], tab["B2"] = "DW-01", "=1+1"

    found = sheet(saved(fill))
    assert found.marks == {(2, 2): (Mark.FORMULA_BLANK, "")}
    assert found.cells[1][0] == "DW-01"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (b'<c r="B2"><f>1+1</f><v>2</v></c>', 2.0),
        (b'<c r="B2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>', "ab"),
        (b'<c r="B2" t="str"><f t="shared" si="0">""</f><v></v></c>', ""),
    ],
    ids=["number", "text", "empty text"],
)
def test_a_calculated_formula_gives_its_result_and_a_mark(cell: bytes, value: object):
    def fill(tab: Worksheet) -> None:
        tab["B2"], tab["C2"] = "=1+1", "x"

    data = edited(saved(fill), FIRST_SHEET, (b'<c r="B2"><f>1+1</f><v></v></c>', cell))
    found = sheet(data)
    assert found.cells[1][1] == value
    assert found.marks[2, 2][0] is Mark.FORMULA


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#NAME?", "#REF!", "#VALUE!"])
def test_an_error_value_is_told_by_its_name(error: str):
    def fill(tab: Worksheet) -> None:
        tab["B2"], tab["C2"] = error, "x"
        tab["B2"].data_type = "e"

    assert sheet(saved(fill)).marks == {(2, 2): (Mark.ERROR, error)}


def test_plain_cells_have_no_marks_whatever_they_say():
    def fill(tab: Worksheet) -> None:
        tab["A2"], tab["B2"] = "=1+1", "<f>x</f>"
        tab["A2"].data_type = "s"

    found = sheet(saved(fill))
    assert found.cells[1] == ["=1+1", "<f>x</f>"]
    assert found.marks == {}


def test_merged_ranges_are_found():
    def fill(tab: Worksheet) -> None:
        tab["A3"] = "两行"
        tab.merge_cells("A3:B4")
        tab.merge_cells("Z10:AB12")

    assert set(sheet(saved(fill)).merged) == {(3, 1, 4, 2), (10, 26, 12, 28)}


def test_each_kind_of_value_is_read_as_what_it_is():
    values = [
        "007",
        7,
        7.5,
        date(2016, 3, 31),
        datetime(2016, 3, 31, 10, 30),
        time(8, 30),
        timedelta(hours=30),
        True,
        False,
    ]
    found = sheet(saved(lambda tab: tab.append(values))).cells[1]
    assert found == [
        "007",
        7.0,
        7.5,
        date(2016, 3, 31),
        datetime(2016, 3, 31, 10, 30),
        time(8, 30),
        timedelta(hours=30),
        "TRUE",
        "FALSE",
    ]
    assert not any(isinstance(cell, bool) for cell in found)


def test_a_sheet_is_read_from_its_first_cell_even_if_that_is_empty():
    def fill(tab: Worksheet) -> None:
        tab["A1"], tab["C3"] = None, "x"

    assert sheet(saved(fill)).cells[2] == ["", "", "x"]


def test_a_workbook_of_1904_keeps_its_days_whether_formatted_or_bare():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["日期", "序列值"])
    book.active.append([date(2015, 11, 30), 42338 - 1462])
    target = io.BytesIO()
    book.save(target)
    found = read_workbook(target.getvalue())
    assert found.epoch_1904
    assert [to_date(cell, found.epoch_1904) for cell in found.sheets[0].cells[1]] == [date(2015, 11, 30)] * 2


def test_a_sheet_of_charts_does_not_stop_the_reading():
    book = openpyxl.Workbook()
    book.active.append(["编号"])
    book.create_chartsheet("图表")
    target = io.BytesIO()
    book.save(target)
    titles = [raw.title for raw in read_workbook(target.getvalue()).sheets]
    assert titles == ["Sheet", "图表"]


def test_odd_tab_names_are_kept():
    book = openpyxl.Workbook()
    book.active.title = "单位 & <其他>"
    book.active.append(["编号"])
    target = io.BytesIO()
    book.save(target)
    assert read_workbook(target.getvalue()).sheets[0].title == "单位 & <其他>"


def test_a_missing_file_is_missing_and_says_its_name(tmp_path: Path):
    store = XlsxStore(tmp_path / "台账.xlsx")
    for action in (store.probe, store.read):
        with pytest.raises(Missing, match=r"“台账\.xlsx”"):
            action()
    with pytest.raises(Missing):
        XlsxStore(tmp_path).read()


def test_the_revision_changes_with_the_file_and_only_then(tmp_path: Path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(GOOD)
    store = XlsxStore(path)
    first = store.read()
    assert first.revision == store.probe() == store.probe()
    path.write_bytes(saved(lambda tab: tab.append(["DW-02"])))
    assert store.probe() != first.revision
    assert store.read().revision == store.probe()


def test_a_copy_renamed_over_the_file_is_another_revision(tmp_path: Path):
    path, other = tmp_path / "台账.xlsx", tmp_path / "副本.xlsx"
    for one in (path, other):
        one.write_bytes(GOOD)
        os.utime(one, ns=(10**18, 10**18))
    before = XlsxStore(path).probe()
    other.replace(path)
    assert XlsxStore(path).probe() != before


def test_the_store_in_memory_is_lost_and_found():
    store = MemoryStore(RawSheet("单位", [["编号"]]))
    first = store.read()
    assert (first.sheets[0].title, first.revision) == ("单位", store.probe())
    store.lose()
    for action in (store.probe, store.read):
        with pytest.raises(Missing):
            action()
    store.put(RawSheet("协会商会", [["编号"]]))
    assert store.read().revision != first.revision


def test_a_number_no_calendar_reaches_in_a_date_cell_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("表")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        tab.write_string(0, 0, "日期")
        for row, number in enumerate((-2e11, -9.1e17, 1e300, 42460), 1):
            tab.write_number(row, 0, number, day)
    [sheet] = XlsxStore(path).read().sheets
    assert sheet.cells[4][0] == date(2016, 3, 31)
    assert [row[0] for row in sheet.cells[1:3]] == [-2e11, -9.1e17]
