"""What is the app's own in a shared spreadsheet is put right by the running server, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.store.google_batch import PRE_IMAGE
from lib.store.google_checks import CHECKS, works
from lib.store.google_client import PER_MINUTE
from tests.sheets_emulator.people import OWNER
from tests.store.google_desk import TAB, UNITS, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.people = made.emu.book(made.id, OWNER)
    made.round(2)
    assert shown(made) == WANTED
    return made


WANTED = {f"XH-{n:04d}": f"有联系人 XH-{n:04d}" for n in range(1, 5)}


def shown(desk: Desk) -> dict[str, str]:
    """Record → what 校验 shows at it."""
    head = desk.people.values(TAB)[0]
    at = head.index("校验") if "校验" in head else None
    rows = [line for line in desk.people.values(TAB)[1:] if line]
    return {} if at is None else {str(line[0]): str(line[at]) if len(line) > at else "" for line in rows}


def noted(desk: Desk) -> list[str]:
    """What the journal says was put right."""
    return [text for entry in desk.keeper.journal.entries() if entry.kind == "mended" for text in entry.data["what"]]


def of_people(desk: Desk) -> dict[str, list[list[object]]]:
    """All that stands in people's tabs but the column 校验."""
    return {tab: [line[:6] for line in desk.people.formulas(tab)] for tab in (TAB, UNITS, "备忘")}


def test_both_hidden_tabs_are_made_again_and_the_formulas_that_looked_into_them(desk: Desk):
    before = of_people(desk)
    desk.people.delete_tab(CHECKS)
    desk.people.delete_tab(PRE_IMAGE)
    assert shown(desk) != WANTED
    desk.round(3)
    assert shown(desk) == WANTED
    assert {sheet.title for sheet in desk.people.model.sheets if sheet.hidden} >= {CHECKS, PRE_IMAGE}
    assert of_people(desk) == before
    assert [text for text in noted(desk) if CHECKS in text or PRE_IMAGE in text]
    assert not desk.keeper.history.conflicts


@pytest.mark.parametrize("text", ["校验", "问题", ""])
def test_a_header_that_was_typed_over_gets_its_formula_back(desk: Desk, text: str):
    before, mark = of_people(desk), desk.keeper.history.seq
    desk.people.edit(TAB, "G1", text)
    desk.round(2)
    assert shown(desk) == WANTED
    assert works(desk.people.formulas(TAB)[0][6])
    assert of_people(desk) == before
    assert [TAB in text for text in noted(desk)] == [True]
    assert desk.keeper.history.seq > mark
    assert not desk.keeper.history.conflicts


def test_a_column_into_which_somebody_has_typed_is_left_alone(desk: Desk):
    desk.people.edit(TAB, "G1", "评语")
    desk.people.edit(TAB, "G3", "很好")
    desk.round(3)
    assert [line[6:] for line in desk.people.values(TAB)[:3]] == [["评语"], [], ["很好"]]
    assert noted(desk) == []


def test_what_only_looks_wrong_is_asked_about_once_in_ten_minutes(desk: Desk):
    desk.people.edit(TAB, "G1", "校验")
    desk.people.edit(TAB, "G3", "很好")
    asked: list[str] = []
    client = desk.keeper.store.client  # type: ignore[attr-defined]
    sent = client.request

    def counted(method: str, url: str, *rest: object, **more: object) -> object:
        asked.append(url.rpartition(":")[2])
        return sent(method, url, *rest, **more)

    client.request = counted
    desk.round(10)
    assert asked.count("getByDataFilter") == 1
    assert client.usage.reads < PER_MINUTE / 2


def test_columns_that_move_in_the_very_moment_keep_their_titles(desk: Desk):
    desk.people.edit(TAB, "G1", "校验")
    desk.before_write(lambda: desk.people.insert_columns(TAB, "B"))
    desk.round(4)
    head = desk.people.values(TAB)[0]
    assert [cell for cell in head if cell] == ["编号", "协会名称", "登记日期", "联系人", "备注", "自己的列", "校验"]
    assert shown(desk) == WANTED


def test_a_server_that_starts_afterwards_makes_them_again_too(desk: Desk):
    desk.people.delete_tab(CHECKS)
    desk.server()
    desk.round(3)
    assert shown(desk) == WANTED
