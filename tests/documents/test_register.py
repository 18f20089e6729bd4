"""台账: what stands in it is what the ledger has, in any program that opens it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from lib.documents.file import File
from lib.documents.register import make_register
from lib.domain.due import Due
from lib.domain.judge import Judged
from lib.domain.ledger import Ledger, derive
from lib.i18n import speaking
from lib.services.policy import EVERYTHING, Sight
from lib.views.register import register
from lib.views.words import state_word
from sheets_schema.plan_work import StateKey

UNIT = "市科委"
HEAD = 4
"""The row of the header, counted from 1."""


def opened(file: File, *, values: bool = True) -> Workbook:
    return openpyxl.load_workbook(BytesIO(file.content), data_only=values)


def lines(book: Workbook) -> list[dict[str, object]]:
    sheet = book["台账"]
    header = [cell.value for cell in sheet[HEAD] if cell.value]
    return [dict(zip(header, row, strict=False)) for row in sheet.iter_rows(min_row=HEAD + 1, values_only=True)]


@pytest.fixture(scope="module")
def book(ledger: Ledger) -> Workbook:
    return opened(make_register(ledger, EVERYTHING, {}))


def light(ledger: Ledger, due: Due) -> str:
    return state_word(ledger.plan, due.state)


def test_what_is_late_or_near_is_the_ledgers_by_unit_and_light(ledger: Ledger, book: Workbook) -> None:
    near = {state_word(ledger.plan, state) for state in (StateKey.OVERDUE, StateKey.NEAR, StateKey.WAITING)}
    mine = Counter(
        (line["责任单位"], line["灯"], line["完成时限"].date()) for line in lines(book) if line["灯"] in near
    )
    assert mine == Counter((due.unit, light(ledger, due), due.due) for due in ledger.dues)
    assert sum(mine.values()) > 50


@pytest.mark.parametrize("as_of", [date(2015, 11, 20), date(2016, 1, 10), date(2016, 10, 31), date(2017, 1, 1)])
def test_it_holds_on_any_day(kept: object, as_of: date) -> None:
    judged = kept.judged
    assert isinstance(judged, Judged)
    ledger = derive(judged, as_of)
    view = register(ledger, EVERYTHING)
    shown = Counter(entry.state for entry in view.entries)
    told = Counter(due.state for due in ledger.dues)
    for state in (StateKey.OVERDUE, StateKey.NEAR, StateKey.BEHIND):
        assert shown[state] == told[state]
    assert shown[StateKey.WAITING] >= told[StateKey.WAITING]
    tasks = [entry for entry in view.entries if entry.sort == "task"]
    assert (sum(entry.state is StateKey.DONE for entry in tasks), len(tasks)) == ledger.tally[:2]
    assert view.not_applicable == ledger.tally.not_applicable


def test_reports_are_all_there(ledger: Ledger) -> None:
    reports = [entry for entry in register(ledger, EVERYTHING).entries if entry.sort == "report"]
    assert len(reports) == len(ledger.reports)
    assert sum(entry.state is StateKey.DONE for entry in reports) == sum(bool(c.submitted_on) for c in ledger.reports)


def test_the_sums_by_unit_are_those_of_the_items(book: Workbook) -> None:
    rows = list(book["汇总"].iter_rows(min_row=3, values_only=True))
    words, counts = rows[0][1:-1], Counter((line["责任单位"], line["灯"]) for line in lines(book))
    for unit, *numbers, total in rows[1:-1]:
        assert numbers == [counts[unit, word] for word in words]
        assert total == sum(numbers)
    assert rows[-1][-1] == len(lines(book))


def test_a_unit_gets_its_own_rows_with_their_phones_and_a_reader_no_phone(ledger: Ledger) -> None:
    own = lines(opened(make_register(ledger, Sight(frozenset({UNIT})), {})))
    assert {line["责任单位"] for line in own} == {UNIT}
    assert all(line["联络员电话"] for line in own)
    read = lines(opened(make_register(ledger, Sight(personal=False), {})))
    assert len(read) > len(own)
    assert "联络员电话" not in read[0]
    phones = {unit.liaison_phone for unit in ledger.world.units.values() if unit.liaison_phone}
    assert not phones & {value for line in read for value in line.values()}


def test_it_says_of_which_day_it_is_and_what_was_left_out(ledger: Ledger, book: Workbook) -> None:
    assert ledger.plan.place in book["台账"]["A1"].value
    assert "2016年3月31日" in book["台账"]["A2"].value
    assert f"{ledger.left_out} 行记录因错误未计入" in book["台账"]["A2"].value
    assert ledger.left_out


def test_it_is_a_table_one_works_with(book: Workbook) -> None:
    sheet = book["台账"]
    assert sheet.freeze_panes == f"C{HEAD + 1}"
    assert sheet.auto_filter.ref == f"A{HEAD}:O{sheet.max_row}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.print_title_rows == f"${HEAD}:${HEAD}"
    dues = [cell for cell in sheet["H"][HEAD:] if cell.value]
    assert all(isinstance(cell.value, datetime) and cell.number_format == "yyyy-mm-dd" for cell in dues)
    assert sheet.conditional_formatting


def test_in_english_it_is_in_english(ledger: Ledger) -> None:
    with speaking("en"):
        book = opened(make_register(ledger, EVERYTHING, {}))
    assert [sheet.title for sheet in book] == ["Register", "Compilation", "Note"]


def test_of_an_empty_city_it_still_opens(kept: object, ledger: Ledger) -> None:
    assert opened(make_register(ledger, Sight(frozenset({"没有这个单位"})), {}))["台账"].max_row >= HEAD


def test_libreoffice_reckons_the_same(ledger: Ledger, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None and not os.environ.get("CI"):
        pytest.skip("LibreOffice is not installed")
    assert soffice
    file = make_register(ledger, EVERYTHING, {})
    (tmp_path / "台账.xlsx").write_bytes(without_results(file))
    own = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        soffice,
        "--headless",
        own,
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        "out",
        "台账.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=tmp_path)
    ours, theirs = opened(file), openpyxl.load_workbook(tmp_path / "out" / "台账.xlsx", data_only=True)
    assert theirs["台账"]["A3"].value == ours["台账"]["A3"].value
    assert "■ 逾期 62" in ours["台账"]["A3"].value
    rows = [list(book["汇总"].iter_rows(min_row=3, values_only=True)) for book in (ours, theirs)]
    assert rows[0] == rows[1]


def without_results(file: File) -> bytes:
    """The same file with formulas alone, so that whoever opens it has to reckon."""
    book, out = opened(file, values=False), BytesIO()
    book.save(out)
    return out.getvalue()
