"""A workbook as made for people: every value comes back as it was, and the sheet guides whoever types into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from lib.domain.judge import judge
from lib.domain.ledger import derive
from lib.services.sample.make import make_sample
from lib.store.provision import provision
from lib.store.reading import read_workbook
from lib.store.xlsx import XlsxStore
from sheets_schema.documents import Document
from sheets_schema.plan_load import shipped_plan
from sheets_schema.sheet import SEPARATOR, Column, Editor, Kind, Row
from sheets_schema.snapshot import Cell
from sheets_schema.units import Unit
from sheets_schema.workbook import BY_KEY, META, PEOPLE, SHEETS, options
from tests.workbooks import AS_OF, TODAY, clean_book, examples, texts

PLAN = shipped_plan()
DANGEROUS = [
    "007", "5.10", "1e5", "00", "510000000000000129", "12345678901234567890", "=1+1", '=HYPERLINK("http://x")',
    "+86 13800000000", "-1", "@SUM(A1)",
    "TRUE", "#N/A", "2016-03-31", "3/4", "1:30", "http://example.org", "mailto:a@b", "a\nb", "\ttab", " 前后有空格 ",
    "_x0041_", "<b>&amp;", "'单引号",
    "שלום", "🏳️‍🌈", "\u202e反", "长" * 10_000, "\x01",
]  # fmt: skip


def written(path: Path, **rows: list[Row]) -> dict[str, list[list[Cell]]]:
    """Provision a workbook and read it back: sheet key → rows of cells."""
    provision(path, PLAN, rows, {"sample": "yes"})
    labels = {sheet.label: sheet.key for sheet in SHEETS}
    return {labels[raw.title]: [list(row) for row in raw.cells] for raw in XlsxStore(path).read().sheets}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    """The sample workbook, as another program sees it."""
    path = tmp_path_factory.mktemp("provisioned") / "台账.xlsx"
    provision(path, PLAN, make_sample(PLAN), {"sample": "yes"})
    return openpyxl.load_workbook(path)


def columns(book: openpyxl.Workbook) -> Iterator[tuple[Worksheet, str, Column, int]]:
    """(worksheet, sheet key, column, its 1-based position) of every declared column."""
    for sheet in SHEETS:
        for place, column in enumerate(sheet.columns, 1):
            yield book[sheet.label], sheet.key, column, place


@pytest.mark.parametrize("text", DANGEROUS, ids=lambda text: repr(text)[:20])
def test_text_comes_back_as_the_very_same_text(tmp_path: Path, text: str):
    cells = written(tmp_path / "w.xlsx", units=[Unit(id="DW-01", name=text, leader_phone=text, remark=text)])["units"][
        1
    ]
    labels = [column.label for column in BY_KEY["units"].columns]
    for label in ("单位名称", "责任人电话", "备注"):
        assert cells[labels.index(label)] == text
    assert read_workbook((tmp_path / "w.xlsx").read_bytes()).sheets[0].marks == {}, "nothing became a formula"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30), min_size=1, max_size=20)
)
@examples(20)
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, values: list[str]):
    rows = [Unit(id=f"DW-{n}", name="x", remark=value) for n, value in enumerate(values)]
    cells = written(tmp_path_factory.mktemp("text") / "w.xlsx", units=rows)["units"]
    at = [column.name for column in BY_KEY["units"].columns].index("remark")
    assert [row[at] for row in cells[1:]] == values


def test_every_value_of_the_sample_survives(tmp_path: Path):
    rows = make_sample(PLAN)
    cells = written(tmp_path / "w.xlsx", **rows)
    for key, made in rows.items():
        declared = BY_KEY[key].columns
        assert cells[key][0] == [column.label for column in declared]
        for row, found in zip(made, cells[key][1:], strict=True):
            for column, cell in zip(declared, found, strict=True):
                value = getattr(row, column.name, None)
                value = SEPARATOR.join(value) if isinstance(value, tuple) else value
                assert cell == ("" if value is None else value), (key, column.label)


def test_numbers_and_dates_are_numbers_and_dates(tmp_path: Path):
    cells = written(tmp_path / "w.xlsx", documents=[Document(id="WJ-1", kind="工作方案", batch=2, frozen_count=0)])[
        "documents"
    ][1]
    assert cells[3] == 2.0
    assert cells[9] == 0.0
    assert type(cells[3]) is float


def test_the_clean_workbook_means_the_same_as_a_file(tmp_path: Path):
    """Rows judged in memory, written and read back, give the same ledger."""
    before = judge(clean_book().snapshot(), PLAN, TODAY)
    rows = {sheet.key: list(before.world.rows(sheet.model)) for sheet in PEOPLE}
    path = tmp_path / "w.xlsx"
    provision(path, PLAN, rows, {})
    after = derive(judge(XlsxStore(path).read(), PLAN, TODAY), AS_OF)
    assert texts(after.findings) == []
    assert after.phases == derive(before, AS_OF).phases
    assert after.pilots == derive(before, AS_OF).pilots


def test_meta_says_which_plan_and_whether_it_is_a_sample(tmp_path: Path):
    cells = written(tmp_path / "w.xlsx")["meta"]
    found = {row[0]: row[1] for row in cells[1:] if row[0]}
    assert found["plan"] == "tianjin-2015"
    assert found["sample"] == "yes"
    assert found["schema"] == "1"


def test_the_sheets_stand_in_their_order_and_meta_is_hidden(book: openpyxl.Workbook):
    assert book.sheetnames == [sheet.label for sheet in SHEETS]
    assert book[META.label].sheet_state == "veryHidden"
    assert book.active.title == SHEETS[0].label


def test_every_header_has_its_label_and_a_note_on_how_to_fill_it_in(book: openpyxl.Workbook):
    for tab, _, column, place in columns(book):
        cell = tab.cell(1, place)
        assert cell.value == column.label
        assert cell.comment is not None
        if column.editor is Editor.APP:
            assert "应用自动填写" in cell.comment.text
        else:
            assert ("必填" if column.required else "选填") in cell.comment.text
        assert column.note in cell.comment.text


def test_the_header_and_the_first_columns_stay_in_sight(book: openpyxl.Workbook):
    for sheet in SHEETS:
        assert book[sheet.label].freeze_panes == "C2"
        assert book[sheet.label].auto_filter.ref.startswith("A1:")


def validations(tab: Worksheet, place: int) -> list[openpyxl.worksheet.datavalidation.DataValidation]:
    cell = tab.cell(2, place).coordinate
    return [rule for rule in tab.data_validations.dataValidation if cell in rule.sqref]


def test_every_choice_offers_its_list(book: openpyxl.Workbook):
    seen = 0
    for tab, key, column, place in columns(book):
        if BY_KEY[key].app_owned or column.editor is Editor.APP or column.kind is not Kind.CHOICE:
            continue
        (rule,) = validations(tab, place)
        assert (rule.type, rule.errorStyle) == ("list", "warning")
        name, area = rule.formula1.lstrip("=").split("!")
        cells = [cell.value for (cell,) in book[name.strip("'")][area.replace("$", "")]]
        if column.ref:
            assert name.strip("'") == BY_KEY[column.ref].label
            seen += cells[0] is not None
        else:
            assert cells == list(options(column, PLAN)), column.label
            seen += 1
    assert seen > 20


def test_dates_and_numbers_are_checked_while_typing_and_the_apps_columns_refuse_it(book: openpyxl.Workbook):
    for tab, key, column, place in columns(book):
        if BY_KEY[key].app_owned:
            assert tab.protection.sheet
            continue
        kinds = [rule.type for rule in validations(tab, place)]
        if column.editor is Editor.APP:
            assert kinds == ["custom"], column.label
        elif column.kind in (Kind.DATE, Kind.INT):
            assert kinds == [{Kind.DATE: "date", Kind.INT: "whole"}[column.kind]], column.label


def test_codes_are_formatted_as_text_and_dates_as_dates_down_the_column(book: openpyxl.Workbook):
    for tab, _, column, place in columns(book):
        formats = [d.number_format for d in tab.column_dimensions.values() if d.min <= place <= d.max]
        kinds = {Kind.DATE: "yyyy-mm-dd", Kind.INT: "0"}
        assert formats == [kinds.get(column.kind, "@") if column.editor is not Editor.APP else "@"], column.label


def test_a_workbook_is_written_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "w.xlsx"
    provision(path, PLAN, {}, {})
    kept = path.read_bytes()
    with pytest.raises(UnicodeEncodeError):
        provision(path, PLAN, {"units": [Unit(id="DW-1", name="\ud800")]}, {})
    assert path.read_bytes() == kept
    assert [found.name for found in tmp_path.iterdir()] == ["w.xlsx"]


@pytest.mark.parametrize("day", [date(1949, 10, 1), date(1900, 3, 1), date(2016, 2, 29), date(2099, 12, 31)])
def test_a_date_is_read_back_as_that_day(tmp_path: Path, day: date):
    cells = written(tmp_path / "w.xlsx", units=[Unit(id="DW-01", name="x", confirmed_on=day)])["units"][1]
    assert day in cells


def test_a_day_before_1900_is_not_lost(tmp_path: Path):
    cells = written(tmp_path / "w.xlsx", units=[Unit(id="DW-01", name="x", confirmed_on=date(1899, 5, 1))])["units"][1]
    assert any(str(cell).startswith("1899") for cell in cells)


def test_a_text_too_long_for_a_cell_is_refused_rather_than_cut(tmp_path: Path):
    text = "长" * 32_768
    try:
        cells = written(tmp_path / "w.xlsx", units=[Unit(id="DW-01", name="x", remark=text)])["units"][1]
    except ValueError:
        return
    assert text in cells
