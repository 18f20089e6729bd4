"""The workbook file: made from the declarations, read back as typed, refused in words when it is none."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from lib.services.setup import set_up
from lib.store.base import Missing, Unreadable
from lib.store.provision import provision
from lib.store.reading import read_workbook
from lib.store.xlsx import XlsxStore
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.plan import Plan
from sheets_schema.snapshot import Mark, RawSheet
from sheets_schema.workbook import PEOPLE, SHEETS

TYPED = ("=1+1", "+86", "-x", "@cmd", "007", "5.10", "1e5", "TRUE", "2016-03-31", "示例", "a\nb", "<b>", "'x")


@pytest.fixture
def book(tmp_path: Path, plan: Plan) -> openpyxl.Workbook:
    set_up(tmp_path / "new.xlsx", plan, sample=False)
    return openpyxl.load_workbook(tmp_path / "new.xlsx")


def sheet(path: Path, title: str) -> RawSheet:
    return next(raw for raw in XlsxStore(path).read().sheets if raw.title == title)


@pytest.mark.parametrize("text", TYPED)
def test_text_comes_back_as_the_text_it_was(text: str, tmp_path: Path, plan: Plan) -> None:
    row = Association(id="XH-1", name=text, unit="市民政局", in_scope=ScopeFlag.IN, remark=text)
    provision(tmp_path / "w.xlsx", plan, {"associations": [row]}, {})
    cells = sheet(tmp_path / "w.xlsx", "协会商会").cells[1]
    assert text in cells
    assert all(not isinstance(cell, float) for cell in cells)
    assert not sheet(tmp_path / "w.xlsx", "协会商会").marks, "nothing became a formula"


def test_dates_are_dates_and_codes_are_text(tmp_path: Path, plan: Plan) -> None:
    row = Association(id="XH-1", name="示例协会", credit_code="510000000000000129", registered_on=date(1999, 5, 4))
    provision(tmp_path / "w.xlsx", plan, {"associations": [row]}, {})
    cells = sheet(tmp_path / "w.xlsx", "协会商会").cells[1]
    assert "510000000000000129" in cells
    assert date(1999, 5, 4) in cells


def test_every_declared_sheet_is_there_with_a_frozen_header_and_notes(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [declared.label for declared in SHEETS]
    for declared in SHEETS:
        tab = book[declared.label]
        assert tab.freeze_panes == "C2"
        assert [cell.value for cell in tab[1]][: len(declared.columns)] == [c.label for c in declared.columns]
        assert all(cell.comment for cell in tab[1][: len(declared.columns)])
    assert book["_meta"].sheet_state == "veryHidden"


def test_dropdowns_offer_fixed_lists_plan_lists_and_live_lists(book: openpyxl.Workbook) -> None:
    assert "单位" in source(book["协会商会"], "业务主管单位")
    assert "_meta" in source(book["脱钩事项"], "事项")
    assert source(book["脱钩事项"], "状态")


def source(tab: Worksheet, label: str) -> str:
    letter = next(cell.column_letter for cell in tab[1] if cell.value == label)
    return next(
        str(rule.formula1)
        for rule in tab.data_validations.dataValidation
        if f"{letter}2" in str(rule.sqref).split(":")[0]
    )


def test_app_sheets_are_protected_and_key_columns_refuse_typing(book: openpyxl.Workbook) -> None:
    for declared in SHEETS:
        assert book[declared.label].protection.sheet == declared.app_owned
    for declared in PEOPLE:
        assert "FALSE" in source(book[declared.label], "编号")


def made(tmp_path: Path, change: object) -> RawSheet:
    path = tmp_path / "made.xlsx"
    workbook = openpyxl.Workbook()
    change(workbook.active)  # type: ignore[operator]
    workbook.save(path)
    return XlsxStore(path).read().sheets[0]


def test_formulas_errors_and_merged_cells_are_noticed(tmp_path: Path) -> None:
    def fill(tab: Worksheet) -> None:
        tab["A1"], tab["B3"], tab["C2"] = "x", "=1+1", "#N/A"
        tab["C2"].data_type = "e"
        tab.merge_cells("A5:B6")

    raw = made(tmp_path, fill)
    assert raw.marks[3, 2][0] is Mark.FORMULA_BLANK
    assert raw.marks[2, 3] == (Mark.ERROR, "#N/A")
    assert raw.merged == ((5, 1, 6, 2),)


def test_rows_keep_their_numbers_when_the_first_ones_are_empty(tmp_path: Path) -> None:
    raw = made(tmp_path, lambda tab: tab.__setitem__("C4", "x"))
    assert raw.cells[3][2] == "x"


def test_a_tick_is_text(tmp_path: Path) -> None:
    raw = made(
        tmp_path, lambda tab: (tab.__setitem__("A1", True), tab.__setitem__("B1", 1), tab.__setitem__("C1", False))
    )
    assert list(raw.cells[0]) == ["TRUE", 1.0, "FALSE"]


def test_days_of_a_1904_workbook_are_the_same_days(tmp_path: Path) -> None:
    path = tmp_path / "mac.xlsx"
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    workbook.active["A1"] = date(2016, 3, 31)
    workbook.save(path)
    snapshot = XlsxStore(path).read()
    assert snapshot.epoch_1904
    found = snapshot.sheets[0].cells[0][0]
    assert str(found)[:10] == "2016-03-31"


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"words", b"PK\x03\x04", zipped(readme=b"no workbook"), zipped(**{"xl/workbook.xml": b"<not"}),
     b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"bad\.xlsx"):
        read_workbook(data, "bad.xlsx")


def test_a_zip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = zipped(**{"xl/worksheets/sheet1.xml": b"0" * 80_000_000})
    with pytest.raises(Unreadable, match="过大"):
        read_workbook(bomb, "bomb.xlsx")


def test_a_truncated_workbook_is_refused(sample_once: Path) -> None:
    data = sample_once.read_bytes()
    for share in (0.1, 0.5, 0.9, 0.999):
        with pytest.raises(Unreadable):
            read_workbook(data[: int(len(data) * share)], "cut.xlsx")


def test_a_missing_workbook_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"none\.xlsx"):
        XlsxStore(tmp_path / "none.xlsx").read()


def test_external_entities_in_the_xml_are_not_followed(sample_once: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    with zipfile.ZipFile(sample_once) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    head, _mark, rest = parts["xl/workbook.xml"].partition(b"?>")
    parts["xl/workbook.xml"] = head + b"?>" + doctype + rest.replace("单位".encode(), b"&e;", 1)
    try:
        titles = [raw.title for raw in read_workbook(zipped(**parts), "xxe.xlsx").sheets]
    except Unreadable:
        return
    assert "geheim" not in "".join(titles)
