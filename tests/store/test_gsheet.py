"""The store and the keeper of a shared spreadsheet, while people are at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from lib.domain.edits import Edit, Op
from lib.domain.normalise import to_text
from lib.services import live
from lib.services.live import APART
from lib.store.google_reading import from_value
from sheets_schema.snapshot import Cell
from tests.sheets_emulator.human import Person
from tests.store.google_desk import TAB, UNITS, Desk

ADD = Edit(Op.ADD, "associations", "XH-0005", values={"name": "应用新增", "remark": "r"})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


MOVES: dict[str, Callable[[Person], object]] = {
    "sorted": lambda p: p.sort(TAB, "A", True),
    "inserted": lambda p: p.insert_rows(TAB, 2, 2),
    "deleted": lambda p: p.delete_rows(TAB, 2),
    "dragged": lambda p: p.drag_row(TAB, 3, 2),
    "column": lambda p: p.insert_columns(TAB, "D"),
    "id cleared": lambda p: p.clear(TAB, "A4"),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_change_reaches_its_record_and_no_other_when_rows_move_under_the_write(desk: Desk, move: str):
    others = {record: desk.row(record) for record in ("XH-0002", "XH-0004")}
    desk.put("XH-0003", "contact", "应用")
    desk.before_write(lambda: MOVES[move](desk.people))
    desk.round(4)
    assert "应用" in desk.row("XH-0003")
    assert [cell for cell in desk.row("XH-0003") if cell not in ("", "应用", "自己3")] == [
        "XH-0003",
        "协会3",
        40180,
        "备注3",
    ]
    for record, cells in others.items():
        assert [cell for cell in desk.row(record) if cell != ""] == cells[
            : len(desk.row(record)) if move == "column" else 6
        ][: len([c for c in desk.row(record) if c != ""])]
    assert not [line for line in desk.people.values(TAB)[1:] if line and line[0] == "" and any(line[1:6])]
    assert (desk.keeper.problem, desk.keeper.delay, desk.keeper.waiting) == (None, None, 0)


def test_what_somebody_types_into_the_very_cell_in_the_very_moment_stays_and_ours_is_asked_about(desk: Desk):
    desk.put("XH-0002", "remark", "应用")
    desk.before_write(lambda: desk.people.edit(TAB, "E3", "人"))
    desk.round(3)
    assert desk.row("XH-0002")[4] == "人"
    [conflict] = desk.keeper.history.conflicts.values()
    assert (conflict.record, conflict.column, conflict.base, conflict.ours, conflict.theirs) == (
        "XH-0002", "remark", "备注2", "应用", "人",
    )  # fmt: skip


def test_a_row_somebody_types_where_ours_was_to_go_stays(desk: Desk):
    desk.change(ADD)
    desk.before_write(lambda: desk.people.type_row(TAB, ["", "人新增"]))
    desk.round(3)
    assert [line[1] for line in desk.people.values(TAB)[5:7]] == ["应用新增", "人新增"]
    assert desk.ids() == [f"XH-{n:04d}" for n in range(1, 7)]


def test_a_copy_of_a_row_gets_an_id_of_its_own(desk: Desk):
    desk.people.duplicate_row(TAB, 3)
    desk.round(2)
    assert sorted(desk.ids()) == [f"XH-{n:04d}" for n in range(1, 6)]
    assert desk.row("XH-0005")[1:] == desk.row("XH-0002")[1:]


def test_a_copy_gets_an_id_of_its_own_and_not_the_row_it_was_copied_from_when_rows_move(desk: Desk):
    desk.people.duplicate_row(TAB, 2)
    desk.people.edit(TAB, "B3", "另一家")
    desk.people.edit(TAB, "E3", "改过")
    desk.before_write(lambda: desk.people.insert_rows(TAB, 2))
    desk.round(3)
    assert (desk.row("XH-0001")[4], desk.row("XH-0005")[4]) == ("备注1", "改过")


def test_a_copy_that_somebody_goes_on_to_edit_keeps_the_id_it_gets(desk: Desk):
    desk.people.duplicate_row(TAB, 2)
    desk.before_write(lambda: desk.people.edit(TAB, "E3", "改过"))
    desk.round(3)
    assert (desk.row("XH-0001")[4], desk.row("XH-0005")[4]) == ("备注1", "改过")


def remove_while_rows_move(desk: Desk) -> None:
    """XH-0002 is removed while the rows are sorted: XH-0003 stands there and is emptied."""
    old = desk.held["associations"].record("XH-0002") or {}
    desk.change(Edit(Op.REMOVE, "associations", "XH-0002", values=old))
    desk.before_write(lambda: desk.people.sort(TAB, "A", True))
    desk.clock.t += APART
    desk.keeper.sync()
    assert "XH-0003" not in desk.ids()


def test_what_somebody_types_into_a_row_hit_by_mistake_does_not_make_it_another(desk: Desk):
    desk.people.clear(TAB, "D3")
    desk.round()
    remove_while_rows_move(desk)
    desk.people.edit(TAB, "E3", "人")
    desk.people.drag_row(TAB, 3, 2)
    desk.round(3)
    assert desk.ids() == ["XH-0003", "XH-0004", "XH-0001"]
    assert desk.row("XH-0003") == ["XH-0003", "协会3", 40180, "联系3", "人", "自己3"]


def test_what_was_taken_from_a_row_is_not_given_to_one_that_stands_in_its_place_now(desk: Desk):
    remove_while_rows_move(desk)
    desk.people.delete_rows(TAB, 3)
    desk.people.insert_rows(TAB, 3)
    desk.people.edit(TAB, "B3", "人新增")
    desk.round(3)
    [line] = [line for line in desk.people.values(TAB) if "人新增" in line]
    assert [cell for cell in line[1:6] if cell != ""] == ["人新增"]
    assert desk.row("XH-0003") == ["XH-0003", "协会3", 40180, "联系3", "备注3", "自己3"]


def test_rows_that_move_again_while_they_are_mended_get_back_what_they_had_before_either(desk: Desk):
    desk.put("XH-0002", "remark", "二")
    desk.put("XH-0003", "remark", "三")
    desk.before_writes([lambda: desk.people.drag_row(TAB, 4, 3)] * 2)
    desk.round(4)
    assert [desk.row(f"XH-000{n}")[4] for n in range(1, 5)] == ["备注1", "二", "三", "备注4"]
    assert not desk.keeper.history.conflicts


def test_a_row_that_is_mended_does_not_speak_for_another_that_had_the_same(desk: Desk):
    for cell in ("E3", "E4", "E5"):
        desk.people.edit(TAB, cell, "同")
    desk.round()
    desk.put("XH-0002", "remark", "二")
    desk.put("XH-0003", "remark", "三")
    desk.before_writes([lambda: desk.people.drag_row(TAB, 4, 3), lambda: desk.people.drag_row(TAB, 5, 4)])
    desk.round(4)
    assert [desk.row(f"XH-000{n}")[4] for n in range(1, 5)] == ["备注1", "二", "三", "同"]
    assert not desk.keeper.history.conflicts


def test_a_record_emptied_by_mistake_comes_back_though_its_row_is_gone_and_the_first_try_fails(desk: Desk):
    remove_while_rows_move(desk)
    desk.people.delete_rows(TAB, 3)
    desk.emu.fault("before", "lost", "batchUpdate", seconds=0)
    desk.round()
    desk.people.edit(TAB, "E2", "人")
    desk.round(4)
    assert desk.row("XH-0003") == ["XH-0003", "协会3", 40180, "联系3", "备注3", "自己3"]
    assert desk.ids().count("XH-0003") == 1


@pytest.mark.parametrize(("kind", "text"), [("REF", "#REF!"), ("N_A", "#N/A"), ("DIVIDE_BY_ZERO", "#DIV/0!")])
def test_an_error_in_an_answer_is_what_it_is_read_as(kind: str, text: str):
    assert from_value({"errorValue": {"type": kind, "message": "?"}}) == text


def test_an_id_that_somebody_deleted_comes_back(desk: Desk):
    desk.people.clear(TAB, "A3")
    desk.round(2)
    assert desk.ids() == ["XH-0001", "XH-0002", "XH-0003", "XH-0004"]


def test_a_tab_that_was_renamed_is_the_same_even_for_a_new_server(desk: Desk):
    desk.people.rename_tab(UNITS, "各家")
    desk.round()
    desk.server()
    desk.change(Edit(Op.SET, "units", "DW-01", "leader", "赵一", "钱二"))
    desk.round(2)
    assert desk.row("DW-01", "各家")[2] == "钱二"
    assert desk.keeper.problem is None


def test_a_copy_of_a_tab_is_not_taken_for_it(desk: Desk):
    desk.people.duplicate_tab(TAB)
    desk.people.rename_tab(TAB, "名录")
    desk.put("XH-0001", "remark", "应用")
    desk.round(2)
    assert desk.row("XH-0001", "名录")[4] == "应用"


def test_a_header_that_was_renamed_is_followed(desk: Desk):
    desk.people.rename_header(TAB, "联系人", "联系人员")
    desk.put("XH-0001", "contact", "应用")
    desk.round(2)
    assert desk.row("XH-0001")[3] == "应用"
    assert desk.people.values(TAB)[0][3] == "联系人员"


def test_while_a_tab_of_peoples_is_gone_nothing_is_written_and_it_is_told(desk: Desk):
    desk.put("XH-0001", "remark", "应用")
    desk.people.delete_tab(UNITS)
    desk.clock.t += 700
    writes = sum(call.kind == "write" for call in desk.emu.calls)
    desk.round(3)
    assert UNITS in str(desk.keeper.problem)
    assert sum(call.kind == "write" for call in desk.emu.calls) == writes
    desk.people.undo()
    desk.round(2)
    assert desk.row("XH-0001")[4] == "应用"


def test_a_tab_of_the_apps_that_somebody_deleted_is_made_again(desk: Desk):
    desk.people.delete_tab("冲突")
    desk.people.delete_tab("_meta")
    desk.round(3)
    assert desk.people.values("冲突")[0][0] == "编号"
    assert ["workbook", desk.keeper.history.workbook] in desk.people.values("_meta")


def test_columns_that_people_insert_and_delete_take_nothing_along(desk: Desk):
    desk.put("XH-0004", "remark", "应用")
    desk.people.insert_columns(TAB, "B", 2)
    desk.round(2)
    assert desk.people.values(TAB)[4][:7] == ["XH-0004", "", "", "协会4", 40180, "联系4", "应用"]


def test_peoples_own_columns_and_tabs_stay_as_they_are(desk: Desk):
    desk.put("XH-0001", "name", "应用")
    desk.change(ADD)
    desk.round(2)
    assert [line[5:6] for line in desk.people.values(TAB)[:5]] == [["自己的列"], *([f"自己{n}"] for n in range(1, 5))]
    assert desk.people.values("备忘") == [["随手记"], ["别动"]]


@pytest.mark.parametrize("value", ["=1+1", "0571", "1e5", "'x", "+86", "TRUE", "长" * 10_000, "两\n行", "2016-03-31"])
def test_text_arrives_and_stays_as_it_is(desk: Desk, value: str):
    desk.put("XH-0001", "remark", value)
    desk.round(3)
    assert to_text(desk.held["associations"].record("XH-0001")["remark"]) == value  # type: ignore[index]
    assert not [c for c in desk.keeper.history.changes if c.actor != "李四"]
    assert str(desk.row("XH-0001")[4]).upper() == value.upper()


@pytest.mark.parametrize("value", [date(2016, 3, 31), 5.0, 0.1])
def test_days_and_numbers_arrive_and_stay_as_they_are(desk: Desk, value: Cell):
    desk.put("XH-0001", "registered_on" if isinstance(value, date) else "remark", value)
    desk.round(3)
    assert value in desk.held["associations"].record("XH-0001").values()  # type: ignore[union-attr]
    assert not [c for c in desk.keeper.history.changes if c.actor != "李四"]
    assert (42460 if isinstance(value, date) else value) in desk.row("XH-0001")


LOST = [
    ("before", 503),
    ("after", 503),
    ("before", "lost"),
    ("after", "lost"),
    ("after", "html502"),
    ("after", "timeout"),
]


@pytest.mark.parametrize(("when", "what"), LOST)
def test_a_write_whose_answer_is_lost_is_neither_lost_nor_made_twice(desk: Desk, when: str, what: str):
    desk.change(ADD)
    desk.put("XH-0001", "remark", "应用")
    desk.emu.fault(when, what, "batchUpdate", seconds=0)  # type: ignore[arg-type]
    desk.round()
    assert desk.keeper.delay is not None
    desk.round(3)
    assert desk.ids() == [f"XH-{n:04d}" for n in range(1, 6)]
    assert desk.row("XH-0001")[4] == "应用"
    assert not desk.keeper.history.conflicts


def test_a_row_of_ours_that_loses_its_id_before_we_know_that_it_was_written_is_not_added_again(desk: Desk):
    desk.change(ADD)
    desk.emu.fault("after", "lost", "batchUpdate", seconds=0)
    desk.round()
    desk.people.clear(TAB, "A6")
    desk.round(3)
    assert desk.ids() == [f"XH-{n:04d}" for n in range(1, 6)]
    assert desk.row("XH-0005")[1] == "应用新增"


def test_a_change_typed_in_the_moment_of_a_write_whose_answer_is_lost_is_asked_about(desk: Desk):
    desk.put("XH-0002", "remark", "应用")
    desk.emu.fault("after", "lost", "batchUpdate")
    desk.before_write(lambda: desk.people.edit(TAB, "E3", "人"))
    desk.round(4)
    assert desk.row("XH-0002")[4] == "人"
    assert [c.ours for c in desk.keeper.history.conflicts.values()] == ["应用"]


class Killed(BaseException):
    """The process ends."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_server_killed_around_a_write_goes_on_where_it_was(desk: Desk, moment: str):
    def kill(ask: object) -> None:
        if "batchUpdate" in ask.path:  # type: ignore[attr-defined]
            raise Killed

    desk.server(**{moment: kill})
    desk.change(ADD)
    desk.put("XH-0002", "remark", "应用")
    desk.before_write(lambda: desk.people.sort(TAB, "A", True))
    with pytest.raises(Killed):
        desk.round(2)
    desk.server()
    desk.round(4)
    assert sorted(desk.ids()) == [f"XH-{n:04d}" for n in range(1, 6)]
    assert desk.row("XH-0002")[4] == "应用"
    assert [desk.row(f"XH-{n:04d}")[4] for n in (1, 3, 4)] == ["备注1", "备注3", "备注4"]
    assert {c.actor for c in desk.keeper.history.changes} == {"李四"}


def test_commands_that_were_not_written_are_after_a_restart(desk: Desk):
    desk.change(ADD)
    desk.put("XH-0003", "remark", "应用")
    desk.server()
    desk.people.edit(TAB, "D2", "人")
    desk.round(2)
    assert desk.row("XH-0003")[4] == "应用"
    assert desk.row("XH-0005")[1] == "应用新增"
    assert desk.row("XH-0001")[3] == "人"
    assert not desk.keeper.history.conflicts


def test_a_row_that_vanished_under_a_write_is_not_taken_for_written_after_a_restart(desk: Desk):
    desk.put("XH-0003", "remark", "应用")
    desk.before_write(lambda: desk.people.delete_rows(TAB, 4))
    desk.round()
    desk.server()
    desk.round(3)
    assert "XH-0003" not in desk.ids()
    [conflict] = desk.keeper.history.conflicts.values()
    assert conflict.ours["remark"] == "应用"


def test_while_nothing_changes_nothing_is_written(desk: Desk):
    desk.put("XH-0001", "remark", "应用")
    desk.round(3)
    writes = sum(call.kind == "write" for call in desk.emu.calls)
    version = desk.keeper.version
    desk.round(5)
    assert sum(call.kind == "write" for call in desk.emu.calls) == writes
    assert desk.keeper.version == version


def test_what_is_much_is_written_in_parts_that_google_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "ROWS", 20)
    desk = Desk(tmp_path, rows=60)
    desk.round(4)
    added = [Edit(Op.ADD, "associations", f"XH-{n:04d}", values={"name": f"新增{n}"}) for n in range(61, 96)]
    changed = [Edit(Op.SET, "associations", f"XH-{n:04d}", "remark", f"备注{n}", "应用") for n in range(1, 61)]
    desk.change(*added, *changed)
    calls = len(desk.emu.calls)
    desk.round()
    desk.server()
    desk.before_write(lambda: desk.people.sort(TAB, "A", True))
    desk.round(8)
    assert (desk.keeper.problem, desk.keeper.delay, desk.keeper.waiting) == (None, None, 0)
    assert sorted(desk.ids()) == [f"XH-{n:04d}" for n in range(1, 96)]
    assert {desk.row(f"XH-{n:04d}")[4] for n in range(1, 61)} == {"应用"}
    assert [desk.row(f"XH-{n:04d}")[1] for n in range(61, 96)] == [f"新增{n}" for n in range(61, 96)]
    assert not [line for line in desk.people.values(TAB)[:96] if not any(line)]
    most = max(len(call.body["requests"]) for call in desk.emu.calls[calls:] if call.kind == "write")
    assert most <= 1 + 20 * 4 + 10
    assert not desk.keeper.history.conflicts


def shown(desk: Desk) -> dict[str, str]:
    return {line[0]: line[6] if len(line) > 6 else "" for line in desk.people.values(TAB)[1:] if line}


def test_what_is_wrong_with_a_record_stands_at_its_row_through_a_sort(desk: Desk):
    desk.people.clear(TAB, "D3")
    desk.round(2)
    wanted = {f"XH-{n:04d}": "" if n == 2 else f"有联系人 XH-{n:04d}" for n in range(1, 5)}
    assert shown(desk) == wanted
    desk.people.sort(TAB, "A", True)
    assert shown(desk) == wanted
    desk.round(2)
    assert shown(desk) == wanted


def test_what_is_wrong_with_many_records_stands_at_their_rows(tmp_path: Path):
    desk = Desk(tmp_path, rows=250)
    assert desk.keeper.delay is None
    assert shown(desk) == {f"XH-{n:04d}": f"有联系人 XH-{n:04d}" for n in range(1, 251)}
    desk.put("XH-0250", "remark", "应用")
    desk.round(2)
    assert desk.row("XH-0250")[4] == "应用"


def test_what_somebody_types_among_the_texts_of_checks_is_cleared_and_nobodys_edit(desk: Desk):
    desk.people.edit(TAB, "G3", "乱写")
    assert desk.people.values(TAB)[0][6] == "#REF!"
    desk.round(2)
    assert desk.people.values(TAB)[0][6] == "校验"
    assert shown(desk)["XH-0002"] == "有联系人 XH-0002"
    assert not desk.keeper.history.changes
