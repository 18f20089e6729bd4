"""Records of a sheet as people see them."""

from __future__ import annotations

from pathlib import Path

from lib.services import work
from lib.services.policy import EVERYTHING, VIEWER, Sight
from lib.views.records import Records, records
from sheets_schema.workbook import BY_KEY
from tests.services.shared import OFFICE, Shared, edit_outside, put, shared_book


def listed(shared: Shared, sight: Sight = EVERYTHING, text: str = "", **wanted: str | None) -> Records:
    grids = shared.keeper.grids
    return records(grids, shared.board.verdicts.of(grids.snapshot), BY_KEY["associations"], sight, text, **wanted)


def test_every_row_is_listed_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    edit_outside(shared.path, put("associations", "XH-0002", "in_scope", "也许"))
    shared.board.refresh()
    found = listed(shared)
    assert len(found.lines) == found.total == len(shared.keeper.grids["associations"].rows)
    wrong = found.find("XH-0002")
    assert wrong is not None
    assert not wrong.in_force
    assert "也许" in wrong.findings[0]
    assert found.left_out == 1


def test_filters_look_at_cells_and_text_at_all_of_them(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    unit = listed(shared).lines[0]["unit"]
    own = listed(shared, unit=unit)
    assert {line["unit"] for line in own.lines} == {unit}
    assert 0 < len(own.lines) < own.total
    assert [line.id for line in listed(shared, text="ｘｈ-0002").lines] == ["XH-0002"]
    assert not listed(shared, text="没有这样的话").lines


def test_a_unit_and_a_reader_see_no_more_than_is_theirs(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    assert shared.board.commands is not None
    shared.board.commands.act(OFFICE, "编辑", work.edit("associations", "XH-0002", {"phone": "022-23456789"}))
    unit = listed(shared).lines[0]["unit"]
    assert {line["unit"] for line in listed(shared, Sight(frozenset({unit}))).lines} == {unit}
    assert "022-23456789" not in str(listed(shared, VIEWER.sight).lines)
    assert "022-23456789" in str(listed(shared).lines)


def test_the_list_is_made_once_and_anew_after_a_change(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    assert listed(shared).lines is listed(shared).lines
    assert shared.board.commands is not None
    shared.board.commands.act(OFFICE, "编辑", work.edit("associations", "XH-0002", {"remark": "新"}))
    found = listed(shared).find("XH-0002")
    assert found is not None
    assert found["remark"] == "新"
