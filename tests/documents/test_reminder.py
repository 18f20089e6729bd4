"""催办单 as a document: what the page shows stands in it, and only what its unit may see."""

from __future__ import annotations

import dataclasses
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from lib.documents.catalogue import deliver
from lib.documents.file import NotDelivered
from lib.documents.reminder import enclosed, letters
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.services.policy import EVERYTHING, OPERATOR, Actor, Role
from lib.store.xlsx import XlsxStore
from lib.views.reminders import LevelKey, reminder, reminders
from sheets_schema.plan import Plan

UNIT, OTHER = "市发展改革委", "市公安局"


@pytest.fixture(scope="module")
def ledger(sample_once: Path, plan: Plan) -> Ledger:
    return derive(judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23)), date(2016, 3, 31))


def text_of(content: bytes) -> str:
    paper = Document(BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def test_every_item_and_every_reason_stands_in_the_paper(sample: Path, ledger: Ledger) -> None:
    made = deliver(OPERATOR, ledger, "reminder", {"unit": UNIT})
    assert made.name.startswith(f"{UNIT}催办单")
    text, found = text_of(made.content), reminder(ledger, UNIT)
    assert found is not None
    assert found.left
    for item in found.items:
        assert item.what in text
        assert item.when in text
        assert item.clause in text
    for left in found.left:
        assert left.what in text
        assert left.why in text
    assert found.mark in text
    assert "{{" not in text


def test_a_unit_takes_its_own_alone(sample: Path, ledger: Ledger) -> None:
    unit = Actor("王五", Role.UNIT, (UNIT,))
    assert UNIT in deliver(unit, ledger, "reminder", {}).name
    with pytest.raises(NotDelivered):
        deliver(unit, ledger, "reminder", {"unit": OTHER})
    with pytest.raises(NotDelivered):
        deliver(Actor("看", Role.VIEWER), ledger, "reminder", {"unit": UNIT})


def test_letters_go_to_the_addresses_of_the_sheet_at_the_level_asked_for(sample: Path, ledger: Ledger) -> None:
    every = {one.unit: one for one in reminders(ledger, EVERYTHING)}
    made = letters(ledger)
    assert {one.unit for one in made} == {name for name, one in every.items() if one.items}
    assert {one.unit for one in letters(ledger, least=LevelKey.RED)} == {
        name for name, one in every.items() if one.level is LevelKey.RED
    }
    assert all(one.to == ledger.world.units[one.unit].email for one in made)
    [one] = letters(ledger, [OTHER], url="https://tuogou.example")
    assert "https://tuogou.example/todo" in one.body
    whole = enclosed(one, ledger)
    [file] = whole.files
    assert OTHER in text_of(file.content)
    assert dataclasses.replace(whole, files=()) == one


def test_a_workbook_from_before_there_were_addresses_is_read_as_without(sample_once: Path, plan: Plan) -> None:
    snapshot = XlsxStore(sample_once).read()
    older = []
    for sheet in snapshot.sheets:
        cells = sheet.cells
        if "邮箱" in cells[0]:
            at = list(cells[0]).index("邮箱")
            cells = [[*row[:at], *row[at + 1 :]] for row in cells]
        older.append(dataclasses.replace(sheet, cells=cells))
    judged = judge(dataclasses.replace(snapshot, sheets=tuple(older)), plan, date(2026, 11, 23))
    ledger = derive(judged, date(2016, 3, 31))
    told = [finding for finding in ledger.findings if "邮箱" in str(finding.message)]
    assert [finding.rule for finding in told] == ["S04"]
    made = letters(ledger)
    assert made
    assert {one.to for one in made} == {""}
