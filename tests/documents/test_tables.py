"""Tables taken as .xlsx and .csv: texts stay texts, nothing starts a formula, nobody takes more than she may see."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
from openpyxl.cell import Cell

from lib.documents.catalogue import NotDelivered, deliver
from lib.documents.file import File
from lib.documents.kept import Kept
from lib.documents.sheets import LONGEST_CELL, Table, as_file
from lib.documents.tables import TABLES
from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.domain.records import Grids
from lib.services.policy import OPERATOR, Actor, Role
from sheets_schema.workbook import BY_KEY, PEOPLE

ATTACKS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "　=1", "\u200b=1", "\ufeff=1", "＝1+1", "＋1",
    "－1+1", "＠SUM(A1)", '=HYPERLINK("http://evil.example","x")', "=cmd|'/c calc'!A1", "{=1}", "\x01=1",
    "http://evil.example", "mailto:a@b.c", "internal:Sheet!A1", "0012", "310000000000000018", "1e5", "_x003D_1",
    "\ud800", "\x0b", "<script>alert(1)</script>", "TRUE", "#REF!", "2016-03-31x",
)  # fmt: skip
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
UNIT = Actor("赵", Role.UNIT, ("市科委",))
VIEWER = Actor("看", Role.VIEWER)


def table(*rows: tuple[object, ...]) -> Table:
    return Table("=表", "=1", ("=列", "数"), rows)


def cells(file: File) -> list[Cell]:
    return [cell for row in openpyxl.load_workbook(BytesIO(file.content)).active.iter_rows() for cell in row]


def csv_rows(file: File) -> list[list[str]]:
    assert file.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(file.content.decode("utf-8-sig"), newline="")))


def test_in_xlsx_every_text_is_a_text() -> None:
    made = as_file(table(*((text, 1) for text in ATTACKS)), "xlsx", "=名")
    found = cells(made)
    assert not [cell for cell in found if cell.data_type in "fe" or cell.hyperlink]
    values = [cell.value for cell in found]
    for text in ("=1+1", "0012", "310000000000000018", "http://evil.example", "TRUE", "#REF!", "_x003D_1"):
        assert text in values, text


def test_a_day_and_the_number_beside_it_do_not_run_into_each_other() -> None:
    made = Table("表", "", ("时限", "还有几天", "依据"), [(date(2016, 2, 1), -41, "四（五）")])
    row = cells(as_file(made, "xlsx", "名"))[-3:]
    assert [cell.alignment.horizontal for cell in row] == ["center", "right", "left"]


@pytest.mark.parametrize(
    "text", [text for text in ATTACKS if text.strip("\u200b\ufeff\x01 　\t\r\n").startswith(STARTS)]
)
def test_in_csv_no_cell_starts_a_formula(text: str) -> None:
    [_header, [cell, number]] = csv_rows(as_file(table((text, -5)), "csv", "名"))
    assert cell.startswith("'")
    assert number == "-5"


def test_days_are_days_and_numbers_numbers() -> None:
    made = cells(as_file(table((date(2016, 3, 31), -5)), "xlsx", "名"))
    assert [cell.value for cell in made[-2:]] == [datetime(2016, 3, 31), -5]
    assert made[-2].number_format == "yyyy-mm-dd"
    assert csv_rows(as_file(table((date(2016, 3, 31), -5)), "csv", "名"))[1] == ["2016-03-31", "-5"]


def test_what_is_too_long_is_cut_with_a_word() -> None:
    [*_head, cell, _number] = cells(as_file(table(("长" * 40_000, 1)), "xlsx", "名"))
    assert len(cell.value) == LONGEST_CELL
    assert cell.value.endswith("（太长，已截断）")


def test_a_table_too_long_for_a_sheet_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.documents.sheets.MOST_ROWS", 14)
    book = openpyxl.load_workbook(BytesIO(as_file(table(*[("a", 1)] * 20), "xlsx", "名").content))
    assert "只装得下前 10 行" in book.active["A2"].value
    assert book.active.max_row == 13


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_taken(ledger: Ledger, name: str, form: str) -> None:
    made = deliver(OPERATOR, ledger, "table", {"name": name, "format": form})
    rows = csv_rows(made) if form == "csv" else cells(made)
    assert len(rows) > 1


def test_the_dues_are_the_ledgers(ledger: Ledger) -> None:
    rows = csv_rows(deliver(OPERATOR, ledger, "table", {"name": "dues", "format": "csv"}))[1:]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        (due.unit, due.due.isoformat(), str(due.days_left)) for due in ledger.dues
    ]
    mine = csv_rows(deliver(UNIT, ledger, "table", {"name": "dues", "format": "csv"}))[1:]
    assert {row[0] for row in mine} == {"市科委"}


@pytest.mark.parametrize("key", [sheet.key for sheet in PEOPLE])
def test_a_units_records_are_its_own_and_a_reader_gets_no_personal_column(ledger: Ledger, kept: Kept, key: str) -> None:
    world, sheet = kept.judged.world, BY_KEY[key]
    rows = {row.id: row for row in world.rows(sheet.model)}
    personal = {column.label for column in sheet.columns if column.personal}

    def taken(actor: Actor) -> tuple[list[str], list[list[str]]]:
        made = deliver(actor, ledger, "records", {"sheet": key, "format": "csv"}, lambda: kept)
        header, *found = csv_rows(made)
        return header, found

    header, every = taken(OPERATOR)
    assert personal <= set(header)
    assert {line[0] for line in every} >= set(rows)
    _header, mine = taken(UNIT)
    own = {name for name, row in rows.items() if (who := audience(row, world)) is None or "市科委" in who}
    assert {line[0] for line in mine} & set(rows) == own
    header, read = taken(VIEWER)
    assert not personal & set(header)
    assert len(read) == len(every)


def test_columns_that_people_added_are_for_those_who_may_see_personal_ones(ledger: Ledger, kept: Kept) -> None:
    snapshot = kept.grids.snapshot
    sheets = [
        replace(raw, cells=tuple((*row, "自家备注" if at == 0 else "=秘密") for at, row in enumerate(raw.cells)))
        if raw.title == "单位" else raw for raw in snapshot.sheets
    ]  # fmt: skip
    held = replace(kept, grids=Grids(replace(snapshot, sheets=tuple(sheets))))
    for actor, there in ((OPERATOR, True), (VIEWER, False)):
        made = deliver(actor, ledger, "records", {"sheet": "units", "format": "csv"}, lambda: held)
        text = made.content.decode()
        assert ("自家备注" in text) is there
        assert ("'=秘密" in text) is there


def test_records_keep_the_filters_of_the_page(ledger: Ledger, kept: Kept) -> None:
    asked = {"sheet": "reports", "format": "csv", "unit": "市科委", "text": "2015Q4"}
    rows = csv_rows(deliver(OPERATOR, ledger, "records", asked, lambda: kept))
    assert len(rows) == 2
    assert "市科委" in rows[1]


@pytest.mark.parametrize("wanted", [{"sheet": "_meta"}, {"sheet": "findings"}, {"sheet": "units", "format": "exe"}])
def test_what_is_not_to_be_chosen_is_refused(ledger: Ledger, kept: Kept, wanted: dict[str, str]) -> None:
    with pytest.raises(NotDelivered):
        deliver(OPERATOR, ledger, "records", wanted, lambda: kept)


def test_a_leader_with_a_link_takes_nothing(ledger: Ledger, kept: Kept) -> None:
    leader = Actor("领导", Role.LEADER)
    for key in ("register", "table", "records", "chart"):
        with pytest.raises(NotDelivered):
            deliver(leader, ledger, key, {}, lambda: kept)
