"""What is not changed, because something else could break: refused with a sentence that names the cell."""

from __future__ import annotations

import random
import struct

import pytest

from lib.store import archive
from lib.store.archive import Unpatchable
from lib.store.base import CellPatch, StoreError
from lib.store.ooxml import add_sheet, patch
from lib.store.proof import prove
from sheets_schema.snapshot import Cell
from tests.store.featureful import (
    BOOK,
    CHAIN_PART,
    CHART,
    EMPTY,
    EMPTY_PART,
    SHEET,
    SHEET_PART,
    records,
    rezipped,
    sheet_of,
    shown,
    to,
    unpacked,
)
from tests.store.files import GOOD, edited
from tests.store.test_xlsx_refused import NO_WORKBOOKS, locked, spoiled

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CHINESE = r"[\u4e00-\u9fff]{4}"


def refused(data: bytes, *patches: CellPatch) -> str:
    """The sentence by which a change is refused."""
    with pytest.raises(Unpatchable, match=CHINESE) as caught:
        patch(data, patches)
    return str(caught.value)


def filled(rows: str) -> bytes:
    return sheet_of(f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')


@pytest.mark.parametrize(("title", "word"), [("没有", "没有名为“没有”"), (CHART, "“图”不是普通工作表"), ("", "名为“”")])
def test_a_tab_that_is_not_there_or_has_no_cells_is_named(title: str, word: str):
    assert word in refused(BOOK, to("A1", "x", title))


@pytest.mark.parametrize(("row", "column"), [(0, 1), (1, 0), (-1, 1), (1_048_577, 1), (1, 16_385)])
def test_a_cell_off_the_sheet_is_refused(row: int, column: int):
    assert f"第 {row} 行第 {column} 列" in refused(BOOK, CellPatch(SHEET, row, column, "x"))


def test_the_last_cell_of_a_sheet_can_be_written():
    made = unpacked(patch(BOOK, [CellPatch(SHEET, 1_048_576, 16_384, "x")]))[SHEET_PART]
    assert b'<row r="1048576"><c r="XFD1048576"' in made


@pytest.mark.parametrize(
    ("text", "length"), [("长" * 32_768, 32_768), ("😀" * 16_384, 32_768), ("\ud800" * 40_000, 40_000)]
)
def test_a_text_too_long_for_a_cell_is_refused_with_its_length(text: str, length: int):
    sentence = refused(BOOK, to("B5", "好"), to("B6", text))
    assert "“台账”的 B6" in sentence
    assert f"{length} 字" in sentence
    assert "32767" in sentence


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 12345678901234567890, 10**400], ids=str)
def test_a_number_that_a_cell_cannot_hold_is_refused(number: Cell):
    assert "D5" in refused(BOOK, to("D5", number))


FORMULAS = (
    '<row r="2"><c r="A2"><f t="shared" ref="A2:A4" si="0">B2*2</f><v>1</v></c></row>'
    '<row r="3"><c r="A3"><f t="shared" si="0"/><v>2</v></c><c r="C3"><f t="array" ref="C3:D4">{1}</f><v>1</v></c>'
    '<c r="D3"><v>1</v></c></row><row r="4"><c r="A4"><f t="shared" si="0"/><v>2</v></c><c r="C4"><v>1</v></c></row>'
    "<row r=\"5\"><c r=\"E5\"><f ca='1' ref='E5:E7' t = 'dataTable' r1='A1'/><v>1</v></c></row>"
    '<row r="6"><c r="E6"><v>1</v></c></row>'
)


@pytest.mark.parametrize("value", ["x", None])
@pytest.mark.parametrize("cell", ["A2", "C3", "D3", "C4", "D4", "E5", "E6", "E7"])
def test_a_cell_on_which_other_formulas_depend_is_refused_by_name(cell: str, value: Cell):
    assert f"“空表”的 {cell} " in refused(filled(FORMULAS), to("B2", 1, EMPTY), to(cell, value, EMPTY))


def test_cells_beside_such_formulas_are_changed():
    made = patch(filled(FORMULAS), [to(cell, "x", EMPTY) for cell in ("A3", "B3", "B4", "E3", "C5", "E4", "E8")])
    assert 'ref="A2:A4"' in unpacked(made)[EMPTY_PART].decode()
    assert {cell for cell, value in shown(made, EMPTY).items() if value == "x"} == {
        "A3", "B3", "B4", "E3", "C5", "E4", "E8",
    }  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), [("M1", "改名"), ("N1", None), ("N1", 5), ("M5", "合计"), ("N5", 1)])
def test_the_headings_and_totals_of_a_table_are_refused(cell: str, value: Cell):
    assert cell in refused(BOOK, to(cell, value))


def test_the_body_of_a_table_is_changed_and_its_headings_stay_what_they_are():
    made = patch(BOOK, [to("M1", "项"), to("M2", "改"), to("N4", 9)])
    assert (shown(made)["M1"], shown(made)["M2"], shown(made)["N4"]) == ("项", "改", 9)
    assert patch(BOOK, [to("M1", "项"), to("N1", "数")]) == BOOK


ODD = {
    "rows that fall": '<row r="5"/><row r="3"/>',
    "a row twice": '<row r="3"/><row r="3"/>',
    "a row of no number": '<row r="x"/>',
    "cells that fall": '<row r="3"><c r="C3"/><c r="B3"/></row>',
    "a cell twice": '<row r="3"><c r="B3"/><c r="B3"/></row>',
    "a cell of another row": '<row r="3"><c r="B4"/></row>',
    "a cell of no column": '<row r="3"><c r="3"/></row>',
    "a cell of an R1C1 reference": '<row r="3"><c r="R3C1"/></row>',
    "a style that is no number": '<row r="3"><c r="B3" s="x"/></row>',
    "a comment": '<row r="3"><c r="B3"/><!-- <row r="4"> --></row>',
    "a comment with rows": '<!--<row r="3"><c r="B3"/></row>-->',
    "a comment around rows": '<!--<row r="2"/><row r="3"/><row r="4"/>-->',
    "an instruction around rows": '<?x <row r="2"/><row r="3"/><row r="4"/>?>',
    "CDATA around rows": '<row r="1"/><![CDATA[<row r="2"/><row r="3"/><row r="4"/>]]>',
    "something behind the row": '<row r="3"/><x/><row r="4"/>',
    "CDATA": '<row r="3"><c r="A3" t="str"><v><![CDATA[<row r="4">]]></v></c></row>',
    "an instruction": '<?x <row r="3"/> ?>',
    "something between cells": '<row r="3"><c r="A3"/><x/><c r="C3"/></row>',
    "something between rows": '<row r="2"/><x/><row r="3"/>',
    "rows in something else": '<alt><row r="3"><c r="B3"/></row></alt>',
    "text between rows": '<row r="2"/>甲<row r="3"/>',
    "a row that is not closed": '<row r="3"><c r="B3"/>',
    "a cell that is not closed": '<row r="3"><c r="B3"></row>',
    "broken tags in the row": '<row r="3"><c r="A3"><v></c></row>',
    "an unknown entity in the row": '<row r="3"><c r="A3"><v>&x;</v></c></row>',
    "a second data element": '</sheetData><sheetData><row r="3"/>',
}


@pytest.mark.parametrize("name", ODD)
def test_xml_that_is_not_surely_understood_is_not_touched(name: str):
    refused(filled(ODD[name]), to("B3", "x", EMPTY))


BROKEN = {
    "declared as another encoding": f'<?xml version="1.0" encoding="latin-1"?><worksheet xmlns="{MAIN}">'
    "<sheetData/></worksheet>",
    "with a document type": f'<!DOCTYPE x [<!ENTITY a "b">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
    "of another vocabulary": '<worksheet xmlns="urn:other"><sheetData/></worksheet>',
    "without data": f'<worksheet xmlns="{MAIN}"><cols/></worksheet>',
    "with data elsewhere": f'<worksheet xmlns="{MAIN}"><x><sheetData/></x></worksheet>',
    "with data in a comment": f'<worksheet xmlns="{MAIN}"><!-- <sheetData/> --><sheetData></sheetData></worksheet>',
    "broken before its rows": f'<worksheet xmlns="{MAIN}"><cols><sheetData/></worksheet>',
    "broken after its rows": f'<worksheet xmlns="{MAIN}"><sheetData/><x></worksheet>',
    "that ends early": f'<worksheet xmlns="{MAIN}"><sheetData><row r="3"/>',
    "that is empty": "",
    "of another program": "<html><worksheet/></html>",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_sheet_that_is_broken_is_not_touched(name: str):
    refused(sheet_of(BROKEN[name]), to("B3", "x", EMPTY))


def test_a_signed_workbook_is_refused_since_the_signature_would_no_longer_hold():
    signed = rezipped({**unpacked(BOOK), "_xmlsignatures/sig1.xml": b"<Signature/>"})
    assert "数字签名" in refused(signed, to("B5", "x"))
    with pytest.raises(Unpatchable, match="数字签名"):
        add_sheet(signed, "新", ["甲"])


@pytest.mark.parametrize("name", NO_WORKBOOKS)
def test_what_is_no_workbook_is_refused(name: str):
    if name != "a zip bomb":  # the reader's business: this one only looks at what it needs
        refused(NO_WORKBOOKS[name], to("A1", "x", "Sheet"))


ENDING = GOOD.rfind(b"PK\x05\x06")
"""Where the end record stands."""

CENTRAL = GOOD.rfind(b"PK\x01\x02", 0, GOOD.rfind(b"xl/worksheets/sheet1.xml"))
"""Where the central record of the sheet stands."""


def with_bytes(at: int, value: bytes) -> bytes:
    return GOOD[:at] + value + GOOD[at + len(value) :]


DAMAGED = {
    "encrypted": locked(GOOD),
    "a spoiled part": spoiled(GOOD, "xl/worksheets/sheet1.xml"),
    "Zip64 by its locator": GOOD[:ENDING] + b"PK\x06\x07" + bytes(16) + GOOD[ENDING:],
    "Zip64 by its numbers": with_bytes(ENDING + 16, b"\xff\xff\xff\xff"),
    "split over disks": with_bytes(ENDING + 4, b"\x01\x00"),
    "one entry too many": with_bytes(ENDING + 8, struct.pack("<2H", *[GOOD.count(b"PK\x01\x02") + 1] * 2)),
    "one entry too few": with_bytes(ENDING + 8, struct.pack("<2H", *[GOOD.count(b"PK\x01\x02") - 1] * 2)),
    "bytes before it": b"MZ" * 50 + GOOD,
    "bytes after it": GOOD + b"x",
    "a wrong checksum": with_bytes(CENTRAL + 16, bytes(4)),
    "another compression": with_bytes(GOOD.find(b"PK\x01\x02") + 10, b"\x0c\x00"),
    "two names for one record": with_bytes(GOOD.rfind(b"PK\x01\x02") + 42, bytes(4)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_archives_that_are_damaged_or_unusual_are_refused(name: str):
    refused(DAMAGED[name], to("A1", "x", "Sheet"))


def test_two_parts_of_one_name_are_refused():
    part = b"xl/worksheets/sheet1.xml"
    other = b"xl/worksheets/sheet2.xml"
    parts = {**unpacked(GOOD), other.decode(): b"<x/>"}
    refused(rezipped(parts).replace(other, part), to("A1", "x", "Sheet"))


def test_a_part_that_unpacks_to_more_than_it_says_is_refused():
    refused(with_bytes(CENTRAL + 24, struct.pack("<L", 10)), to("A1", "x", "Sheet"))


def test_bytes_changed_at_random_are_refused_or_stay_where_they_are():
    chance = random.Random(2015)
    outcomes = set()
    for _ in range(400):
        data = bytearray(GOOD)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            made = patch(bytes(data), [to("B2", "新", "Sheet")])
        except StoreError:
            outcomes.add("refused")
            continue
        outcomes.add("changed")
        before, after = records(bytes(data)), records(made)
        assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet1.xml"]
    assert outcomes == {"refused", "changed"}


def test_a_damaged_calculation_chain_is_not_made_worse():
    for spoil in ((b"calcChain.xml", b"chain.xml"), (b'"calcChain.xml"', b'"../../up.xml"')):
        data = edited(BOOK, "xl/_rels/workbook.xml.rels", spoil)
        refused(data, to("F5", "x"))
    assert CHAIN_PART in unpacked(patch(BOOK, [to("F5", "x")]))


@pytest.mark.parametrize(
    "title",
    ["", "长" * 32, "😀" * 16, "a/b", "a\\b", "a?", "a*", "[a", "a]", "a:b", "'a", "a'", "a\nb", "a\x01", "\ud800"],
    ids=ascii,
)
def test_titles_that_excel_does_not_allow_are_refused(title: str):
    with pytest.raises(Unpatchable, match="不能作工作表的名称"):
        add_sheet(BOOK, title, ["甲"])


@pytest.mark.parametrize("title", [SHEET, "SHEET", "sheet"])
def test_a_title_that_is_taken_is_refused_in_any_case(title: str):
    with pytest.raises(Unpatchable, match="已有名为"):
        add_sheet(BOOK if title == SHEET else GOOD, title, ["甲"])


@pytest.mark.parametrize(
    "row",
    [
        '<row r="4"/>', '<row r="3"/><row r="3"/>', "", '<x r="3"/>', '<row r="3"><x/></row>',
        '<row r="3"><c r="B4"/></row>',
        '<row r="3"><c r="B13"/></row>', '<row r="3"><c r="B3"/><c r="A3"/></row>', '<row r="3"><c/><c r="A3"/></row>',
        '<row r="3">', '<row r="3"></row></sheetData><sheetData>', '<row r="3"><c r="A3"><v>&x;</v></c></row>',
    ],
)  # fmt: skip
def test_a_row_made_wrong_would_be_found_before_it_is_given_out(row: str):
    head, tail = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
    prove(head, [(3, b'<row r="3"><c r="A3"/><c/><c r="D3"><v>1</v></c><extLst/></row>')], tail)
    with pytest.raises(Unpatchable):
        prove(head, [(3, row.encode())], tail)


def test_a_result_that_is_not_what_was_meant_is_not_given_out(monkeypatch: pytest.MonkeyPatch):
    whole = archive._record

    def cut(name: str, content: bytes, central: bytes | None) -> tuple[bytes, bytes]:
        local, told = whole(name, content, central)
        return local[:-3] + b"\0\0\0", told

    monkeypatch.setattr(archive, "_record", cut)
    assert "没有通过检查" in refused(BOOK, to("B5", "x"))
    monkeypatch.setattr(archive, "_record", lambda name, content, central: whole(name, content + b" ", central))
    assert "没有通过检查" in refused(BOOK, to("B5", "x"))
