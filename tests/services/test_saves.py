"""Several saves from one state: rows that the file has no id for yet, values that come back, people who save on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from lib.domain.edits import Edit, Op
from lib.services import work
from lib.store.base import NotWritable
from lib.store.files import write_temp
from lib.store.journal_lines import Entry
from tests.services.shared import OFFICE, Shared, drop, edit_outside, put, shared_book

TAB = "协会商会"
NEW = "示例新增行业协会"


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return shared_book(tmp_path)


def act(shared: Shared, record: str, **values: object) -> None:
    made = work.edit("associations", record, values)  # type: ignore[arg-type]
    decision = shared.board.commands and shared.board.commands.act(OFFICE, "编辑", made)
    assert decision is not None
    assert decision.allowed, decision.reason


def held(shared: Shared, record: str) -> dict[str, object]:
    return shared.keeper.grids["associations"].record(record) or {}


def named(shared: Shared, name: str) -> list[str]:
    """Records with a name."""
    grid = shared.keeper.grids["associations"]
    return [record for record in grid.rows if (grid.record(record) or {}).get("name") == name]


def conflicts(shared: Shared) -> list[tuple[str, str, object, object]]:
    return [(c.record, c.column, c.ours, c.theirs) for c in shared.keeper.history.conflicts.values()]


def typed(name: str) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: book[TAB].append([None, name])


def where(name: str, column: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    """Type into the row of a name, whatever its id."""

    def change(book: openpyxl.Workbook) -> None:
        tab = book[TAB]
        row = next(line[1].row for line in tab.iter_rows(min_row=2) if line[1].value == name)
        tab.cell(row, [cell.value for cell in tab[1]].index(column) + 1, value)

    return change


def copied(record: str, name: str) -> Callable[[openpyxl.Workbook], None]:
    """Copy a row below all others, its id too, and give the copy a name."""

    def change(book: openpyxl.Workbook) -> None:
        tab = book[TAB]
        row = next([cell.value for cell in line] for line in tab.iter_rows(min_row=2) if line[0].value == record)
        tab.append([row[0], name, *row[2:]])

    return change


def test_a_value_that_comes_back_with_a_save_opened_before_waits_for_a_choice(shared: Shared, tmp_path: Path):
    """She saves twice; somebody who had her first save open saves over it, without having touched the cell."""
    shared.lock()
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "第一次"))
    edit_outside(shared.path, put("associations", "XH-0003", "remark", "都有"))
    shared.keeper.sync()
    other = tmp_path / "other.xlsx"
    shutil.copy(shared.path, other)
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "第二次"))
    shared.keeper.sync()
    assert not conflicts(shared)
    edit_outside(other, put("associations", "XH-0002", "remark", "别人的"), shared.path)
    shared.keeper.sync()
    assert held(shared, "XH-0001")["remark"] == "第一次"
    assert conflicts(shared) == [("XH-0001", "remark", "第二次", "第一次")]


def test_somebody_who_had_only_the_first_save_open_does_not_pass_for_her_who_saved_twice(
    shared: Shared, tmp_path: Path
):
    shared.lock()
    edit_outside(shared.path, put("associations", "XH-0003", "remark", "都有"))
    shared.keeper.sync()
    other = tmp_path / "other.xlsx"
    shutil.copy(shared.path, other)
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "她的"))
    shared.keeper.sync()
    edit_outside(other, put("associations", "XH-0001", "remark", "别人的"), shared.path)
    shared.keeper.sync()
    assert conflicts(shared) == [("XH-0001", "remark", "她的", "别人的")]


def test_who_saves_on_and_thinks_again_is_not_asked(shared: Shared):
    shared.lock()
    shared.keeper.sync()
    for n, text in enumerate(("一", "二", "三"), 3):
        edit_outside(shared.path, put("associations", "XH-0001", "remark", text))
        edit_outside(shared.path, put("associations", f"XH-000{n}", "contact", f"又填{text}"))
        shared.keeper.sync()
    assert held(shared, "XH-0001")["remark"] == "三"
    assert not conflicts(shared)


def test_who_saves_on_and_goes_back_to_what_she_had_saved_before_is_asked(shared: Shared):
    """It may as well be somebody who had her first save open, and typed nothing there."""
    shared.lock()
    shared.keeper.sync()
    for n, text in enumerate(("一", "二", "一"), 3):
        edit_outside(shared.path, put("associations", "XH-0001", "remark", text))
        edit_outside(shared.path, put("associations", f"XH-000{n}", "contact", f"又填{text}"))
        shared.keeper.sync()
    assert conflicts(shared) == [("XH-0001", "remark", "二", "一")]


def test_a_value_changed_back_by_hand_is_not_lost_because_the_app_changed_it_too(shared: Shared, tmp_path: Path):
    home = tmp_path / "home.xlsx"
    act(shared, "XH-0001", remark="原来")
    shared.keeper.sync()
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "手工"), home)
    shutil.copy(home, shared.path)
    shared.keeper.sync()
    act(shared, "XH-0001", remark="应用")
    edit_outside(home, put("associations", "XH-0001", "remark", "原来"), shared.path)
    shared.keeper.sync()
    assert conflicts(shared) == [("XH-0001", "remark", "应用", "原来")]


def test_a_copy_stays_itself_when_the_row_it_was_copied_from_goes(shared: Shared):
    shared.lock()
    edit_outside(shared.path, copied("XH-0001", NEW))
    shared.keeper.sync()
    [copy] = named(shared, NEW)
    edit_outside(shared.path, drop("associations", "XH-0001"))
    shared.keeper.sync()
    assert named(shared, NEW) == [copy]
    assert not held(shared, "XH-0001")
    assert [(record, column) for record, column, *_ in conflicts(shared)] == [("XH-0001", "")]


def test_a_row_filled_in_before_it_has_its_id_stays_one_record(shared: Shared):
    shared.lock()
    edit_outside(shared.path, typed(NEW))
    shared.keeper.sync()
    records = named(shared, NEW)
    edit_outside(shared.path, where(NEW, "联系人", "王五"))
    shared.keeper.sync()
    assert named(shared, NEW) == records
    assert held(shared, records[0])["contact"] == "王五"
    assert not conflicts(shared)


def test_after_a_restart_the_apps_change_of_a_row_typed_by_hand_is_put_back_and_not_asked(shared: Shared):
    lock = shared.lock()
    edit_outside(shared.path, typed(NEW))
    edit_outside(shared.path, put("associations", "XH-0002", "remark", "手工"))
    shared.keeper.sync()
    [record] = named(shared, NEW)
    act(shared, record, contact="应用填的", name="应用改的名称")
    act(shared, "XH-0002", remark="应用")
    again = shared.restart()
    again.keeper.sync()
    lock.unlink()
    again.keeper.sync()
    assert not conflicts(again)
    assert again.cell("associations", record, "contact") == "应用填的"
    assert again.cell("associations", record, "name") == "应用改的名称"
    assert again.cell("associations", "XH-0002", "remark") == "应用"


def test_the_apps_change_of_a_row_typed_by_hand_stands_when_she_saves_on(shared: Shared):
    shared.lock()
    edit_outside(shared.path, typed(NEW))
    shared.keeper.sync()
    [record] = named(shared, NEW)
    act(shared, record, contact="应用填的")
    again = shared.restart()
    edit_outside(shared.path, put("associations", "XH-0002", "remark", "她接着写"))
    again.keeper.sync()
    assert held(again, record)["contact"] == "应用填的"
    assert not conflicts(again)


def test_a_row_the_app_removed_is_not_brought_back_by_a_save_that_still_has_it(shared: Shared):
    shared.lock()
    edit_outside(shared.path, typed(NEW))
    shared.keeper.sync()
    [record] = named(shared, NEW)
    with shared.keeper.alone() as grids:
        cells = grids["associations"].record(record) or {}
        shared.keeper.record([Edit(Op.REMOVE, "associations", record, values=cells)], actor="李四", action="删除")
    edit_outside(shared.path, put("associations", "XH-0002", "remark", "她接着写"))
    shared.keeper.sync()
    assert not named(shared, NEW)
    assert not conflicts(shared)


def test_a_save_that_was_displaced_waits_beside_the_workbook_while_the_journal_cannot_be_written(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_items: object) -> list[Entry]:
        raise NotWritable("磁盘已满")

    save = tmp_path / "save.xlsx"
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "被换出的"), save)
    act(shared, "XH-0002", remark="应用")
    shared.keeper.sync()
    write_temp(shared.path, save.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(shared.keeper.journal, "append", full)
        shared.keeper.sync()
    shared.keeper.sync()
    assert held(shared, "XH-0001")["remark"] == "被换出的"
    assert not list(shared.keeper.folder.glob("unreadable-*"))


def test_a_column_that_was_removed_and_comes_back_with_a_save_is_not_emptied_by_another_server(
    shared: Shared, tmp_path: Path
):
    def without(book: openpyxl.Workbook) -> None:
        tab = book[TAB]
        tab.delete_cols([cell.value for cell in tab[1]].index("备注") + 1)

    act(shared, "XH-0001", remark="要留下的")
    shared.keeper.sync()
    home = tmp_path / "home.xlsx"
    shutil.copy(shared.path, home)
    edit_outside(shared.path, without)
    other = shared.restart()
    for server in (shared, other):
        server.keeper.sync()
    shutil.copy(home, shared.path)
    for server in (shared, other, shared, other):
        server.keeper.sync()
    assert shared.cell("associations", "XH-0001", "remark") == "要留下的"
    assert held(other, "XH-0001")["remark"] == "要留下的"
