"""The keeper: acknowledged is durable, what people save is merged, and nothing stands in the way for good."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl.worksheet.formula import ArrayFormula

from lib.services import work
from lib.services.backups import kept_of
from lib.services.board import Board, keeper_of
from lib.services.corrections import OURS, THEIRS, resolve, restore, undo, undo_last
from lib.services.keeper import Keeper
from lib.services.settings import ZONE, now
from lib.services.setup import set_up
from lib.store import xlsx
from lib.store.base import NotWritable
from sheets_schema.plan import Plan
from tests.services.shared import OFFICE, Shared, drop, edit_outside, opened, put, shared_book
from tests.workbooks import AS_OF, clean_book


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return shared_book(tmp_path)


def remark(shared: Shared, text: str, record: str = "XH-0001") -> None:
    made = work.edit("associations", record, {"remark": text})
    decision = shared.board.commands and shared.board.commands.act(OFFICE, "备注", made)
    assert decision is not None
    assert decision.allowed, decision.reason


def test_an_acknowledged_change_survives_the_death_of_the_app_before_the_workbook_was_written(shared: Shared):
    remark(shared, "已确认")
    assert shared.cell("associations", "XH-0001", "remark") is None
    again = shared.restart()
    assert again.cell("associations", "XH-0001", "remark") == "已确认"


def test_a_change_is_shown_at_once_and_written_soon(shared: Shared):
    remark(shared, "=1+1")
    assert shared.keeper.waiting == 1
    assert shared.board.refresh()
    assert shared.cell("associations", "XH-0001", "remark") == "=1+1"
    assert shared.board.status.waiting == 0


def test_an_unchanged_workbook_is_written_no_more(shared: Shared):
    shared.board.refresh()
    before = shared.path.stat().st_mtime_ns
    for _again in range(3):
        assert not shared.board.refresh()
    assert shared.path.stat().st_mtime_ns == before


def test_a_stale_copy_saved_over_the_workbook_undoes_nothing(shared: Shared, tmp_path: Path):
    stale = tmp_path / "stale.xlsx"
    shutil.copy(shared.path, stale)
    remark(shared, "应用的改动")
    shared.board.refresh()
    edit_outside(stale, put("associations", "XH-0002", "remark", "手工的改动"))
    shutil.copy(stale, shared.path)
    shared.board.refresh()
    assert shared.cell("associations", "XH-0001", "remark") == "应用的改动"
    assert shared.cell("associations", "XH-0002", "remark") == "手工的改动"
    assert not shared.keeper.history.conflicts


def test_the_same_cell_changed_on_both_sides_waits_for_a_choice(shared: Shared, tmp_path: Path):
    stale = tmp_path / "stale.xlsx"
    shutil.copy(shared.path, stale)
    remark(shared, "应用")
    shared.board.refresh()
    edit_outside(stale, put("associations", "XH-0001", "remark", "手工"))
    shutil.copy(stale, shared.path)
    shared.board.refresh()
    [conflict] = shared.keeper.history.conflicts.values()
    assert (conflict.ours, conflict.theirs) == ("应用", "手工")
    assert shared.cell("associations", "XH-0001", "remark") == "手工"
    assert shared.board.commands is not None
    assert resolve(shared.board.commands, OFFICE, conflict.id, OURS).allowed
    shared.board.refresh()
    assert shared.cell("associations", "XH-0001", "remark") == "应用"
    assert not shared.restart().keeper.history.conflicts


def test_a_conflict_settled_for_the_workbook_changes_nothing(shared: Shared, tmp_path: Path):
    stale = tmp_path / "stale.xlsx"
    shutil.copy(shared.path, stale)
    remark(shared, "应用")
    shared.board.refresh()
    edit_outside(stale, put("associations", "XH-0001", "remark", "手工"), shared.path)
    shared.board.refresh()
    [conflict] = shared.keeper.history.conflicts.values()
    assert shared.board.commands is not None
    assert resolve(shared.board.commands, OFFICE, conflict.id, THEIRS).allowed
    assert not resolve(shared.board.commands, OFFICE, conflict.id, OURS).allowed
    shared.board.refresh()
    assert shared.cell("associations", "XH-0001", "remark") == "手工"


def test_while_somebody_has_it_open_changes_wait_and_the_page_says_who(shared: Shared):
    lock = shared.lock()
    remark(shared, "等一等")
    shared.board.refresh()
    assert shared.cell("associations", "XH-0001", "remark") is None
    assert "王五" in str(shared.board.status.delay)
    assert shared.board.status.waiting == 1
    ledger = shared.board.ledger(AS_OF)
    assert ledger is not None
    assert ledger.world.associations["XH-0001"].remark == "等一等"
    lock.unlink()
    shared.keeper.sync()
    assert shared.cell("associations", "XH-0001", "remark") == "等一等"


def test_a_row_typed_below_gets_its_id_in_the_workbook(shared: Shared):
    def add(book):
        book["协会商会"].append([None, "示例新增行业协会"])

    edit_outside(shared.path, add)
    shared.board.refresh()
    grid = shared.on_disk()["associations"]
    found = {name for name in grid.rows if (grid.record(name) or {}).get("name") == "示例新增行业协会"}
    assert len(found) == 1
    assert found.pop().startswith("XH-")


def test_a_deleted_row_counts_on_the_days_before(shared: Shared):
    nominations = shared.keeper.grids["nominations"].rows
    before = shared.board.ledger(date(2016, 3, 31))
    shared.keeper.day = lambda: date(2016, 4, 1)
    edit_outside(shared.path, drop("nominations", next(iter(nominations))))
    shared.board.refresh()
    then, later = shared.board.ledger(date(2016, 3, 31)), shared.board.ledger(date(2016, 4, 1))
    assert before is not None
    assert then is not None
    assert later is not None
    assert len(then.pilots) == len(before.pilots)
    assert len(later.pilots) == len(before.pilots) - 1


def test_gone_or_garbage_the_app_works_on_and_writes_when_it_is_back(shared: Shared, tmp_path: Path):
    kept = tmp_path / "kept.xlsx"
    shutil.copy(shared.path, kept)
    for harm in (shared.path.unlink, lambda: shared.path.write_bytes(b"garbage")):
        harm()
        shared.board.refresh()
        assert shared.board.status.problem
        assert shared.board.ledger(AS_OF) is not None
    remark(shared, "仍可办理")
    shutil.copy(kept, shared.path)
    shared.keeper.sync()
    assert shared.keeper.problem is None
    assert shared.cell("associations", "XH-0001", "remark") == "仍可办理"


def test_a_full_disk_keeps_what_was_acknowledged_and_recovers(shared: Shared, monkeypatch: pytest.MonkeyPatch):
    def full(path: Path, data: bytes) -> Path:
        raise NotWritable("磁盘已满")

    remark(shared, "磁盘满时")
    with monkeypatch.context() as patch:
        patch.setattr(xlsx, "write_temp", full)
        shared.keeper.sync()
        assert "磁盘已满" in str(shared.keeper.delay)
    shared.keeper.sync()
    assert shared.cell("associations", "XH-0001", "remark") == "磁盘满时"


def test_two_servers_on_one_workbook_see_each_others_changes(shared: Shared):
    other = shared.restart()
    remark(shared, "甲机")
    remark(other, "乙机", "XH-0002")
    shared.keeper.sync()
    other.keeper.sync()
    for server in (shared, other):
        server.keeper.sync()
        assert server.keeper.grids["associations"].record("XH-0001")["remark"] == "甲机"
        assert server.keeper.grids["associations"].record("XH-0002")["remark"] == "乙机"
    assert shared.cell("associations", "XH-0002", "remark") == "乙机"
    assert shared.keeper.journal.verify().ok


def test_another_workbook_in_its_place_is_not_mixed_with_it(shared: Shared, tmp_path: Path):
    other = tmp_path / "b"
    other.mkdir()
    foreign = shared_book(other)
    foreign.board.refresh()
    remark(shared, "本册的改动")
    shutil.copy(foreign.path, shared.path)
    shared.keeper.sync()
    assert shared.keeper.problem is not None
    assert shared.keeper.grids["associations"].record("XH-0001")["remark"] == "本册的改动"


def test_findings_stand_at_their_row_and_go_when_mended(shared: Shared):
    edit_outside(shared.path, put("associations", "XH-0001", "unit", "没有这个单位"))
    shared.board.refresh()
    shared.keeper.sync()
    grid = shared.on_disk()["associations"]
    row = grid.raw.cells[grid.rows["XH-0001"]]
    assert "没有这个单位" in str(row[grid.layout.positions["check"]])
    assert any("没有这个单位" in str(cells) for cells in shared.on_disk()["findings"].raw.cells)
    edit_outside(shared.path, put("associations", "XH-0001", "unit", "市民政局"))
    shared.board.refresh()
    shared.keeper.sync()
    grid = shared.on_disk()["associations"]
    assert not grid.raw.cells[grid.rows["XH-0001"]][grid.layout.positions["check"]]


def test_what_is_typed_over_derived_text_is_no_edit_and_no_conflict(shared: Shared):
    edit_outside(shared.path, put("associations", "XH-0001", "check", "我写的"))
    shared.board.refresh()
    shared.keeper.sync()
    assert not shared.keeper.history.conflicts
    assert not [c for c in shared.keeper.history.changes if c.edit.column == "check"]
    assert "我写的" not in str(shared.on_disk()["associations"].raw.cells)


def test_undo_takes_back_ones_own_last_act_and_only_once(shared: Shared):
    assert shared.board.commands is not None
    remark(shared, "写错了")
    assert undo_last(shared.board.commands, OFFICE).allowed
    shared.board.refresh()
    assert shared.cell("associations", "XH-0001", "remark") is None


def test_undo_is_refused_when_somebody_changed_it_since(shared: Shared):
    assert shared.board.commands is not None
    remark(shared, "第一次")
    entry = shared.keeper.history.changes[-1].seq
    shared.keeper.sync()
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "后来的"))
    shared.keeper.sync()
    decision = undo(shared.board.commands, OFFICE, entry)
    assert not decision.allowed
    assert shared.keeper.grids["associations"].record("XH-0001")["remark"] == "后来的"


def test_an_outside_edit_can_be_taken_back(shared: Shared):
    assert shared.board.commands is not None
    edit_outside(shared.path, drop("associations", "XH-0002"))
    shared.keeper.sync()
    [change] = [c for c in shared.keeper.history.changes if c.edit.record == "XH-0002"]
    assert undo(shared.board.commands, OFFICE, change.seq).allowed
    shared.keeper.sync()
    assert "XH-0002" in shared.on_disk()["associations"].rows


def test_restore_drill_a_sheet_pasted_over_comes_back_as_it_was(shared: Shared):
    assert shared.board.commands is not None
    shared.keeper.sync()
    was = {name: shared.on_disk()["associations"].record(name) for name in shared.on_disk()["associations"].rows}
    moment = datetime.now(ZONE)

    def ruin(book):
        tab = book["协会商会"]
        for row in tab.iter_rows(min_row=2, min_col=2, max_col=4):
            for cell in row:
                cell.value = "贴错了" if cell.value else None
        tab.delete_rows(3)

    edit_outside(shared.path, ruin)
    shared.keeper.sync()
    decision = restore(shared.board.commands, OFFICE, moment, "associations")
    assert decision.allowed, decision.reason
    shared.keeper.sync()
    grid = shared.on_disk()["associations"]
    assert {name: grid.record(name) for name in grid.rows} == was


def test_backups_are_thinned_out_by_age():
    moment = now()
    copies = [(10_000 - n, moment - timedelta(hours=n)) for n in range(24 * 400)]
    kept = kept_of(copies, moment)
    ages = [moment - made for revision, made in copies if revision in kept]
    assert {revision for revision, _made in copies[:5]} <= kept
    assert len([age for age in ages if age < timedelta(days=3)]) == 72
    assert 25 <= len([age for age in ages if timedelta(days=3) <= age < timedelta(days=31)]) <= 33
    assert len(kept) < 160
    assert max(ages) > timedelta(days=330)


def test_a_workbook_made_anew_begins_a_new_history(tmp_path: Path):
    shared = shared_book(tmp_path)
    remark(shared, "旧册")
    set_up(shared.path, clean_book().plan, sample=False, replace=True)
    fresh = opened(shared.path, clean_book().plan)
    assert not fresh.keeper.history.changes
    assert isinstance(fresh.keeper, Keeper)
    assert list(tmp_path.glob(".*old1.tuogou"))


def test_a_cell_in_an_array_formula_is_left_and_told_while_the_others_are_written(shared: Shared):
    def spread(book):
        tab = book["协会商会"]
        position = [cell.value for cell in tab[1]].index("备注") + 1
        tab.cell(2, position).value = ArrayFormula(tab.cell(2, position).coordinate, "=SUM(1,2)")

    edit_outside(shared.path, spread)
    shared.keeper.sync()
    record = shared.keeper.grids["associations"].raw.cells[1][0]
    remark(shared, "不能写", str(record))
    remark(shared, "能写", "XH-0003")
    shared.keeper.sync()
    assert shared.cell("associations", "XH-0003", "remark") == "能写"
    assert shared.keeper.waiting == 1
    assert "协会商会!" in str(shared.keeper.delay)
    before = shared.path.stat().st_mtime_ns
    shared.keeper.sync()
    assert shared.path.stat().st_mtime_ns == before


def test_a_deleted_app_sheet_comes_back_and_merging_goes_on(shared: Shared):
    def tidy(book):
        del book["_meta"]

    edit_outside(shared.path, tidy)
    shared.keeper.sync()
    assert shared.on_disk().meta["revision"] == str(shared.keeper.history.revision)
    remark(shared, "照常")
    shared.keeper.sync()
    assert shared.cell("associations", "XH-0001", "remark") == "照常"
    assert not shared.keeper.history.conflicts


def test_without_its_backups_the_app_puts_back_what_it_acknowledged(shared: Shared):
    remark(shared, "备份丢了")
    remark(shared, "两边都改", "XH-0002")
    shutil.rmtree(shared.keeper.backups.folder)
    edit_outside(shared.path, put("associations", "XH-0002", "remark", "手工"))
    again = shared.restart()
    assert again.cell("associations", "XH-0001", "remark") == "备份丢了"
    assert again.cell("associations", "XH-0002", "remark") == "手工"
    assert [c.ours for c in again.keeper.history.conflicts.values()] == ["两边都改"]
    once_more = again.restart()
    assert once_more.cell("associations", "XH-0002", "remark") == "手工"
    assert len(once_more.keeper.history.conflicts) == 1


def test_a_column_that_people_removed_is_not_written_into_thin_air(shared: Shared):
    def drop_column(book):
        tab = book["协会商会"]
        tab.delete_cols([cell.value for cell in tab[1]].index("备注") + 1)

    edit_outside(shared.path, drop_column)
    shared.keeper.sync()
    assert shared.board.commands is not None
    for make in (
        work.edit("associations", "XH-0001", {"remark": "无处可写"}),
        work.add("associations", {"name": "示例新增行业协会", "remark": "无处可写"}),
    ):
        decision = shared.board.commands.act(OFFICE, "编辑", make)
        assert not decision.allowed
        assert "备注" in str(decision.reason)
    whole = {"name": "示例又一行业协会", "unit": "市商务委"}
    assert shared.board.commands.act(OFFICE, "编辑", work.add("associations", whole)).allowed


def test_an_older_copy_laid_over_the_workbook_somebody_has_open_undoes_nothing(shared: Shared, tmp_path: Path):
    home = tmp_path / "home.xlsx"
    shutil.copy(shared.path, home)
    remark(shared, "应用的改动")
    shared.board.refresh()
    shared.lock()
    shared.keeper.sync()
    edit_outside(shared.path, put("associations", "XH-0003", "remark", "桌面"))
    shared.keeper.sync()
    edit_outside(home, put("associations", "XH-0002", "remark", "别处"), shared.path)
    shared.keeper.sync()
    assert shared.keeper.grids["associations"].record("XH-0001")["remark"] == "应用的改动"


def test_the_day_of_a_change_in_the_sample_is_the_samples_own_from_the_first_moment_on(sample: Path, plan: Plan):
    Board(keeper_of(sample), plan).refresh()
    edit_outside(sample, put("associations", "XH-0001", "remark", "夜里"))
    again = Board(keeper_of(sample), plan)
    again.refresh()
    assert again.keeper is not None
    assert {change.day for change in again.keeper.history.changes} == {"2016-03-31"}
