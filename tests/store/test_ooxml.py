"""Cells changed in a person's workbook: all else stays byte for byte, and every program reads what was written."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import time as clock
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from lib.store.ooxml import add_sheet, patch
from tests.store import featureful as rich
from tests.store.featureful import (
    BOOK,
    CHAIN_PART,
    EMPTY,
    EMPTY_PART,
    SHEET,
    SHEET_PART,
    SUMS,
    SUMS_PART,
    element,
    name_of,
    part,
    records,
    sheet_of,
    shown,
    to,
    unpacked,
)
from tests.store.files import FIRST_SHEET, edited, saved

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def others(xml: bytes, cells: Iterable[str], new_rows: Iterable[int] = ()) -> bytes:
    """A sheet's XML without some cells and rows, and without what follows from them."""
    for cell in cells:
        xml = re.sub(rf'<c r="{cell}"(?:[^>]*/>|[^>]*>.*?</c>)'.encode(), b"", xml, flags=re.DOTALL)
    for row in new_rows:
        xml = xml.replace(f'<row r="{row}"></row>'.encode(), b"")
    return re.sub(rb' spans="[^"]*"|<dimension [^>]*>', b"", xml)


NUMBERS = [to(f"D{row}", row * 100.25) for row in range(2, 12)]
TEXTS = [to(f"B{row}", f"=改写 {row}\r\n<&>") for row in range(2, 12)]
DAYS = [to(f"C{row}", date(2015, 11, row)) for row in range(2, 12)]
CLEARED = [to(f"E{row}", None) for row in range(2, 8)]
FORMULAS = [to(f"F{row}", "定了") for row in range(30, 36)]
NEW = [to(cell, "新") for cell in ("G3", "P21", "A41", "B45", "ZZ45", "C50", "A60", "D21")]
FIFTY = [*NUMBERS, *TEXTS, *DAYS, *CLEARED, *FORMULAS, *NEW]


def test_fifty_changes_leave_everything_else_as_it_was_byte_for_byte():
    assert len(FIFTY) == 50
    made = patch(BOOK, FIFTY)
    before, after = records(BOOK), records(made)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == {SHEET_PART, CHAIN_PART}
    flags, *_between, packed, size = struct.unpack_from("<4H3L", after[SHEET_PART][0], 6)
    assert flags == 0, "no data descriptor follows"
    assert (packed, size) == struct.unpack_from("<2L", after[SHEET_PART][1], 20)
    assert zipfile.ZipFile(io.BytesIO(made)).comment == "某程序".encode()
    touched = [name_of(one.row, one.column) for one in FIFTY]
    old, new = unpacked(BOOK)[SHEET_PART], unpacked(made)[SHEET_PART]
    assert others(new, touched, (41, 45, 50, 60)) == others(old, touched)


def test_fifty_changes_are_read_by_calamine_and_openpyxl():
    made = patch(BOOK, FIFTY)
    expected = {**shown(BOOK), **{name_of(one.row, one.column): one.value for one in FIFTY}}
    assert shown(made) == {cell: value for cell, value in expected.items() if value is not None}
    assert shown(made, SUMS) == shown(BOOK, SUMS)
    tab = openpyxl.load_workbook(io.BytesIO(made))[SHEET]
    assert tab["D5"].value == 501.25
    assert tab["C5"].value == datetime(2015, 11, 5)
    assert (tab["F31"].value, tab["F29"].value) == ("定了", "=D29*2")
    assert tab["E3"].value is None
    assert tab.dimensions == "A1:ZZ60"


CHANGED_BY_LIBREOFFICE = re.compile("[\r\x00\x01\x1f\x7f\x85\ufeff]|_x...._x")
"""It reads a line break of Windows as one of its own, leaves out a byte order mark, and saves ``_x0041_x0042_`` such
that it means another text. Calamine gives all of it back."""
SOFFICE = shutil.which("soffice")


def by_libreoffice(folder: Path, **books: bytes) -> dict[str, bytes]:
    """Workbooks as LibreOffice opens and saves them."""
    for name, data in books.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    profile, kind = f"-env:UserInstallation=file://{folder}/profile", "xlsx:Calc MS Excel 2007 XML"
    files = [str(folder / f"{name}.xlsx") for name in books]
    command = [str(SOFFICE), profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "out"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return {name: (folder / "out" / f"{name}.xlsx").read_bytes() for name in books}


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_a_changed_workbook_and_its_own_files_are_changed_too(tmp_path: Path):
    hostile = {f"H{row}": text for row, text in enumerate(rich.HOSTILE, 1) if not CHANGED_BY_LIBREOFFICE.search(text)}
    changes = [to(cell, text, "Sheet") for cell, text in hostile.items()]
    plain = saved(lambda tab: tab.append(["DW-01", rich.DAY, 7.5, "=C2*2"]))
    made = by_libreoffice(
        tmp_path,
        rich=patch(BOOK, FIFTY),
        own=plain,
        hostile=patch(plain, changes),
        added=add_sheet(plain, "冲突", ["甲"]),
    )
    found = shown(made["rich"])
    assert [found[cell] for cell in ("D5", "C5", "A60", "ZZ45")] == [501.25, date(2015, 11, 5), "新", "新"]
    assert found["B5"] == "=改写 5\n<&>"
    assert found["F36"] == 105
    assert "E3" not in found
    assert {cell: shown(made["hostile"], "Sheet").get(cell) for cell in hostile} == hostile
    assert shown(made["added"], "冲突") == {"A1": "甲"}
    again = patch(made["own"], [to("A2", "=1+1", "Sheet"), to("B2", date(2015, 11, 30), "Sheet"), to("D9", 1, "Sheet")])
    assert shown(again, "Sheet") == {
        "A1": "编号", "A2": "=1+1", "B2": date(2015, 11, 30), "C2": 7.5, "D2": 15, "D9": 1,
    }  # fmt: skip
    unchanged = set(unpacked(made["own"])) - {FIRST_SHEET}
    assert all(records(again)[name] == records(made["own"])[name] for name in unchanged)


def test_rows_are_put_where_they_belong():
    for sheet, name in ((EMPTY, EMPTY_PART), (SHEET, SHEET_PART)):
        made = patch(BOOK, [to("B70", "末", sheet), to("A41", "中", sheet), to("C50", "间", sheet)])
        made = patch(made, [to("A45", "又", sheet), to("A1", "首", sheet), to("A90", "后", sheet)])
        numbers = [int(row) for row in re.findall(r'<row r="(\d+)"', part(made, name))]
        assert numbers == sorted(set(numbers))
        assert set(numbers) >= {1, 41, 45, 50, 70, 90}
        assert shown(made, sheet).items() >= {"A1": "首", "A45": "又", "C50": "间", "A90": "后"}.items()


def test_cells_are_put_where_they_belong_in_their_row():
    made = patch(BOOK, [to("G5", "中"), to("ZZ5", "末"), to("K5", "间")])
    made = patch(made, [to("H5", "又"), to("AAA5", "后")])
    cells = re.findall(r'<c r="([A-Z]+)5"', part(made))
    assert cells == ["A", "B", "C", "D", "E", "F", "G", "H", "K", "N", "ZZ", "AAA"]


def test_a_row_keeps_its_hint_of_columns_only_while_that_is_true():
    def opening(made: bytes) -> str:
        found = re.search('<row r="5"[^>]*>', part(made))
        assert found
        return found[0]

    assert opening(patch(BOOK, [to("C5", 1), to("H5", 1)])) == opening(BOOK)
    assert opening(patch(BOOK, [to("ZZ5", 1)])) == opening(BOOK).replace(' spans="1:14"', "") != opening(BOOK)


def test_the_later_of_two_changes_counts():
    assert shown(patch(BOOK, [to("B5", "先"), to("B6", "另"), to("B5", "后")]))["B5"] == "后"


def test_no_change_gives_the_very_bytes_back():
    assert patch(BOOK, []) == BOOK
    assert patch(BOOK, [to("C99", None), to("H5", "")]) == BOOK
    made = patch(BOOK, FIFTY)
    assert patch(made, FIFTY) == made


def test_several_sheets_are_changed_at_once():
    made = patch(BOOK, [to("A1", "甲", EMPTY), to("B5", "乙"), to("B1", "丙", SUMS)])
    assert (shown(made, EMPTY), shown(made)["B5"], shown(made, SUMS)["B1"]) == ({"A1": "甲"}, "乙", "丙")
    assert part(made, EMPTY_PART).count("<sheetData>") == 1


@pytest.mark.parametrize(("cell", "area"), [("B2", "A1:B2"), ("D9", "A1:D9"), ("A1", "A1")])
def test_the_dimension_takes_in_what_is_written(cell: str, area: str):
    made = patch(BOOK, [to(cell, 1, EMPTY), to("Z99", None, EMPTY)])
    assert f'<dimension ref="{area}"/>' in part(made, EMPTY_PART)


def chained(data: bytes) -> list[tuple[str, str]]:
    """The calculation chain: sheet number and cell, the number being that of the entry before where it is left out."""
    found, sheet = [], ""
    for cell, number in re.findall(r'<c r="(\w+)"(?: i="(\d+)")?', part(data, CHAIN_PART)):
        sheet = number or sheet
        found.append((sheet, cell))
    return found


@pytest.mark.parametrize(
    ("sheet", "cells"), [(SHEET, ["F2"]), (SHEET, ["F3", "F40"]), (SUMS, ["F1"]), (SUMS, ["F1", "F2", "F9"])]
)
def test_an_overwritten_formula_leaves_the_calculation_chain(sheet: str, cells: list[str]):
    number = {SHEET: "1", SUMS: "2"}[sheet]
    made = patch(BOOK, [to(cell, 1, sheet) for cell in cells])
    assert chained(made) == [entry for entry in chained(BOOK) if entry not in [(number, cell) for cell in cells]]
    assert all("<f" not in element(made, cell, {SHEET: SHEET_PART, SUMS: SUMS_PART}[sheet]) for cell in cells)


def test_only_one_entry_leaves_the_calculation_chain():
    assert part(patch(BOOK, [to("F5", 1)]), CHAIN_PART) == part(BOOK, CHAIN_PART).replace('<c r="F5"/>', "", 1)


def test_a_calculation_chain_that_would_be_empty_is_taken_out_whole():
    made = patch(BOOK, [*(to(f"F{row}", 1) for row in range(2, 41)), *(to(f"F{row}", 1, SUMS) for row in range(1, 10))])
    parts = unpacked(made)
    assert CHAIN_PART not in parts
    assert b"calcChain" not in parts["[Content_Types].xml"] + parts["xl/_rels/workbook.xml.rels"]
    touched = {SHEET_PART, SUMS_PART, CHAIN_PART, "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
    assert {name for name, record in records(BOOK).items() if records(made).get(name) != record} == touched
    assert openpyxl.load_workbook(io.BytesIO(made))[SHEET]["F2"].value == 1


def test_rows_and_cells_without_references_stay_in_their_places():
    data = sheet_of(
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c><c><v>2</v></c>'
        f'<c r="E1"><v>5</v></c><c><v>6</v></c></row>'
        f'<row ht="9" customHeight="1"/><row r="5"><c><v>7</v></c></row><row><c><v>8</v></c></row>'
        "</sheetData></worksheet>"
    )
    made = patch(data, [to(cell, cell, EMPTY) for cell in ("B1", "C1", "G1", "A2", "B3", "B5", "A6", "A9")])
    assert shown(made, EMPTY) == {
        "A1": 1, "B1": "B1", "C1": "C1", "E1": 5, "F1": 6, "G1": "G1", "A2": "A2", "B3": "B3", "A5": 7, "B5": "B5",
        "A6": "A6", "A9": "A9",
    }  # fmt: skip
    assert '<row ht="9" customHeight="1"><c r="A2"' in part(made, EMPTY_PART)


@pytest.mark.parametrize(
    "data", ["<x:sheetData/>", "<x:sheetData></x:sheetData>", '<x:sheetData><x:row spans="1:2" r="2"/></x:sheetData>']
)
def test_a_sheet_whose_tags_have_a_prefix_is_changed_in_kind(data: str):
    made = patch(
        sheet_of(f'<?xml version="1.0"?><x:worksheet xmlns:x="{MAIN}">{data}</x:worksheet>'), [to("B2", " 甲 ", EMPTY)]
    )
    assert shown(made, EMPTY) == {"B2": " 甲 "}
    assert openpyxl.load_workbook(io.BytesIO(made))[EMPTY]["B2"].value == " 甲 "


def test_other_ways_to_write_the_same_xml_are_understood():
    data = sheet_of(
        f"<?xml version='1.0' encoding='utf-8'?><!-- 导出 -->\n<worksheet xmlns='{MAIN}'>\n"
        " <sheetData >\n  <row spans='1:3'  r = '2'>\n"
        "   <c t='str' r='A2' s='0'>\n<v>a&gt;b</v></c >\n   <c\nr='C2' ><v>3</v></c>\n<c r='D2' s='0'></c>  </row >\n"
        " <row r='4' x='a>b' /></sheetData >\n"
        "</worksheet>"
    )
    made = patch(data, [to("A2", "甲", EMPTY), to("B2", "乙", EMPTY), to("A3", "丙", EMPTY), to("A4", "丁", EMPTY)])
    made = patch(made, [to("D2", None, EMPTY), to("E2", None, EMPTY)])
    assert shown(made, EMPTY) == {"A2": "甲", "B2": "乙", "C2": 3, "A3": "丙", "A4": "丁"}
    assert "<c\nr='C2' ><v>3</v></c>\n<c r='D2' s='0'></c>  </row >" in part(made, EMPTY_PART)


def test_a_sheet_is_found_by_an_absolute_path_too():
    data = edited(BOOK, "xl/_rels/workbook.xml.rels", (b'"worksheets/sheet3.xml"', b'"/xl/worksheets/sheet3.xml"'))
    assert shown(patch(data, [to("A1", "甲", EMPTY)]), EMPTY) == {"A1": "甲"}


def test_files_of_openpyxl_are_changed():
    data = saved(lambda tab: tab.append(["DW-01", rich.DAY, 7.5, "=C2*2"]))
    made = patch(data, [to("B2", date(2015, 11, 30), "Sheet"), to("D2", "定", "Sheet"), to("A3", "新", "Sheet")])
    assert shown(made, "Sheet") == {
        "A1": "编号",
        "A2": "DW-01",
        "B2": date(2015, 11, 30),
        "C2": 7.5,
        "D2": "定",
        "A3": "新",
    }


def test_a_tab_of_five_thousand_rows_is_rewritten_in_no_time():
    changes = [to(f"{column}{row}", f"第 {row} 行", EMPTY) for row in range(1, 5001) for column in "ABCDEFGH"]
    start = clock.process_time()
    made = patch(BOOK, changes)
    assert patch(made, changes) == made
    assert clock.process_time() - start < 4  # about 1 s; the rest is for slow machines
    assert len(shown(made, EMPTY)) == 40_000


@pytest.mark.parametrize("hidden", [False, True])
def test_a_sheet_is_added_at_the_end(hidden: bool):
    header = ["编号", "=1+1", " 前后 "]
    made = add_sheet(BOOK, "冲突 & <其他>", header, hidden=hidden)
    changed = {"[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml"}
    before, after = records(BOOK), records(made)
    assert {name for name in before if before[name] != after[name]} == changed
    assert list(after) == [*before, "xl/worksheets/sheet4.xml"]
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == [SHEET, SUMS, EMPTY, rich.CHART, "冲突 & <其他>"]
    assert book.worksheets[-1].sheet_state == ("veryHidden" if hidden else "visible")
    assert list(shown(made, "冲突 & <其他>").values()) == header
    again = patch(add_sheet(made, "校验结果", []), [to("A1", "甲", "校验结果"), to("A2", "乙", "冲突 & <其他>")])
    assert (shown(again, "校验结果"), shown(again, "冲突 & <其他>")["A2"]) == ({"A1": "甲"}, "乙")


def test_a_sheet_is_added_to_a_workbook_that_names_its_vocabularies_otherwise():
    book = part(BOOK, "xl/workbook.xml").replace("xmlns:r=", "xmlns:rel=").replace(" r:id=", " rel:id=")
    book = book.replace("xmlns=", "xmlns:x=").replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    parts = {**unpacked(BOOK), "xl/workbook.xml": book.replace("<x:?xml", "<?xml").encode()}
    made = add_sheet(rich.rezipped(parts), "新", ["甲"])
    assert openpyxl.load_workbook(io.BytesIO(made))["新"]["A1"].value == "甲"
    assert openpyxl.load_workbook(io.BytesIO(patch(made, [to("B5", "改")])))[SHEET]["B5"].value == "改"
