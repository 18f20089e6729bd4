"""Commands: done when policy and rules allow it, refused with rule, clause and remedy otherwise, and then untouched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Barrier, Thread

import pytest

from lib.domain.edits import Edit, Op
from lib.services import work
from lib.services.board import Board
from lib.services.commands import Commands
from lib.services.corrections import adopt, undo_last
from lib.services.keeper_file import FileKeeper
from lib.services.policy import VIEWER, Actor
from lib.services.scene import Decision
from lib.services.settings import now
from lib.services.work import Make
from lib.store.memory import MemoryStore
from tests.services.shared import OFFICE
from tests.workbooks import PILOTS, SUPERVISED, TODAY, Book, clean_book

DAY = date(2016, 3, 31)
UNIT = next(unit for unit, count in SUPERVISED.items() if count >= 5)
SMALL = next((unit for unit, count in SUPERVISED.items() if count < 5), "")


def office(book: Book, folder: Path) -> Commands:
    """The app on a workbook in memory."""
    snapshot = book.snapshot()
    board = Board(FileKeeper(MemoryStore(*snapshot.sheets), folder, now), book.plan, today=lambda: TODAY)
    board.refresh()
    assert board.commands is not None
    return board.commands


@pytest.fixture
def desk(tmp_path: Path) -> Commands:
    return office(clean_book(), tmp_path)


def act(desk: Commands, make: Make, actor: Actor = OFFICE) -> Decision:
    return desk.act(actor, "办理", make)


def done(desk: Commands, make: Make, actor: Actor = OFFICE) -> Decision:
    decision = act(desk, make, actor)
    assert decision.allowed, str(decision.reason)
    return decision


def refused(desk: Commands, make: Make, rule: str, actor: Actor = OFFICE) -> Decision:
    """Refused by a rule, with all a person needs to know, and nothing has changed."""
    before, entries = desk.keeper.grids, desk.keeper.journal.verify().count
    decision = act(desk, make, actor)
    assert not decision.allowed
    assert decision.rule == rule
    assert str(decision.reason)
    assert str(decision.remedy)
    assert decision.clause or not rule
    assert desk.keeper.grids is before
    assert desk.keeper.journal.verify().count == entries
    return decision


def cell(desk: Commands, sheet: str, record: str, column: str) -> object:
    return (desk.keeper.grids[sheet].record(record) or {}).get(column)


def first(desk: Commands, sheet: str, **where: object) -> str:
    grid = desk.keeper.grids[sheet]
    for name in grid.rows:
        found = grid.record(name) or {}
        if all(found.get(column) == value for column, value in where.items()):
            return name
    raise LookupError(where)


def free_association(desk: Commands, unit: str) -> str:
    grid = desk.keeper.grids["associations"]
    records = {name: grid.record(name) or {} for name in grid.rows if name not in PILOTS}
    return next(str(r["name"]) for r in records.values() if r.get("unit") == unit)


def test_a_nomination_is_added_under_an_id_of_its_own(desk: Commands):
    name = free_association(desk, UNIT)
    [record] = done(desk, work.nominate(name, UNIT, DAY)).records
    assert record.startswith("TJ-")
    assert cell(desk, "nominations", record, "association") == name
    assert cell(desk, "nominations", record, "status") == "已推荐"


def test_nobody_is_nominated_twice_by_another_unit_or_out_of_scope(desk: Commands):
    name = free_association(desk, UNIT)
    done(desk, work.nominate(name, UNIT, DAY))
    refused(desk, work.nominate(name, UNIT, DAY), "Q05")
    refused(desk, work.nominate("示例钢铁研究院", "市商务委", DAY), "Q07")
    other = next(unit for unit in SUPERVISED if unit != UNIT)
    refused(desk, work.nominate(free_association(desk, UNIT), other, DAY), "Q06")


def test_a_volunteer_says_so(desk: Commands):
    if not SMALL:
        pytest.skip("every unit of the clean book is above the threshold")
    name = free_association(desk, SMALL)
    refused(desk, work.nominate(name, SMALL, DAY), "Q04")
    done(desk, work.nominate(name, SMALL, DAY, voluntary=True))


def test_a_withdrawn_nomination_stays_as_a_row(desk: Commands):
    [record] = done(desk, work.nominate(free_association(desk, UNIT), UNIT, DAY)).records
    done(desk, work.withdraw(record, "协会换届"))
    assert cell(desk, "nominations", record, "status") == "已撤回"


def test_a_scope_decision_is_recorded_with_its_reason(desk: Commands):
    record = first(desk, "associations", name="示例钢铁研究院")
    done(desk, work.confirm_scope(record, "待定", "等章程修改"))
    assert cell(desk, "associations", record, "scope_reason") == "等章程修改"


def test_submitting_a_list_freezes_how_many_associations_the_unit_has(tmp_path: Path):
    book = clean_book()
    document = book.get("documents", book.row("documents", kind="推荐名单", unit=UNIT), "id")
    for row in sorted((n for n, r in enumerate(book.tabs["approvals"].rows, 2) if document in r), reverse=True):
        book.drop("approvals", row)
    for row in sorted((n for n, r in enumerate(book.tabs["nominations"].rows, 2) if UNIT in r), reverse=True):
        book.set("nominations", row, status="已推荐", selected_on="")
    desk = office(book, tmp_path)
    done(desk, work.submit_list(UNIT, date(2015, 11, 25)))
    assert cell(desk, "documents", str(document), "frozen_count") == float(SUPERVISED[UNIT])
    refused(desk, work.submit_list(UNIT, date(2015, 11, 26)), "")


def new_plan(desk: Commands) -> str:
    """A 单位实施方案 not yet begun."""
    values = {"kind": "单位实施方案", "batch": 1.0, "unit": UNIT}
    return done(desk, work.add("documents", values)).records[0]


def test_steps_are_passed_in_order_by_who_may(desk: Commands):
    kind = desk.verdicts.plan.kinds["单位实施方案"]
    document = new_plan(desk)
    refused(desk, work.approve(document, UNIT, DAY, verb=kind.steps[1].verb), "A01")
    refused(desk, work.approve(document, "市财政局", DAY), "A04")
    done(desk, work.approve(document, UNIT, date(2016, 3, 10)))
    refused(desk, work.approve(document, UNIT, DAY, verb=kind.steps[0].verb), "A05")
    refused(desk, work.approve(document, UNIT, date(2016, 3, 1), on_behalf=True), "A02")
    assert desk.verdicts.of(desk.keeper.grids.snapshot).world.documents[document]


def test_a_returned_document_begins_a_new_round(desk: Commands):
    document = new_plan(desk)
    done(desk, work.approve(document, UNIT, date(2016, 3, 1)))
    done(desk, work.return_document(document, UNIT, date(2016, 3, 2), "补充时间步骤", on_behalf=True))
    [act_again] = done(desk, work.approve(document, UNIT, date(2016, 3, 3))).records
    assert cell(desk, "approvals", act_again, "round") == 2.0


def test_a_checklist_item_is_done_left_out_opened_again_and_closed_by_another(desk: Commands):
    task = first(desk, "tasks", item="A2")
    done(desk, work.edit("tasks", task, {"owner": "孙明"}))
    done(desk, work.complete(task, DAY, "https://example.org/2"))
    refused(desk, work.close(task, "孙明", DAY), "X20")
    done(desk, work.close(task, "李红", DAY))
    done(desk, work.reopen(task))
    assert cell(desk, "tasks", task, "done_on") is None
    refused(desk, work.not_applicable(task, ""), "X17")
    done(desk, work.not_applicable(task, "没有主管主办关系"))
    refused(desk, work.complete(task, date(2016, 5, 1)), "D03")


def test_news_reports_and_meetings_are_recorded(desk: Commands):
    pilot = next(iter(PILOTS))
    done(desk, work.report_progress(pilot, DAY, "完成清产核资"))
    done(desk, work.file_report(UNIT, "2016Q1", DAY, work="专题会议", policies="无", next_steps="清产核资"))
    refused(desk, work.file_report(UNIT, "2016Q1", DAY, work="又一份", policies="无", next_steps="无"), "R04")
    refused(desk, work.file_report(SMALL or "市财政局", "2016Q1", DAY, work="缺栏目"), "R03")
    done(desk, work.record_meeting("协调会", DAY, UNIT, "第二次协调会"))


def test_an_extension_is_asked_for_in_time_and_decided(desk: Commands):
    task = first(desk, "tasks", item="A2")
    refused(desk, work.ask_extension("SX-9999", UNIT, DAY, date(2016, 6, 20), "会签"), "X24")
    late = first(desk, "tasks", item="A1")
    refused(desk, work.ask_extension(late, UNIT, DAY, date(2016, 6, 20), "会签"), "D09")
    [record] = done(desk, work.ask_extension(task, UNIT, DAY, date(2016, 6, 20), "会签")).records
    done(desk, work.decide_extension(record, DAY, "李四", granted=True))
    assert cell(desk, "extensions", record, "result") == "同意"


def test_a_policy_is_issued_with_its_number(desk: Commands):
    record = first(desk, "policies", stage="起草")
    decision = done(desk, work.publish_policy(record, DAY, "机构编制管理办法", ""))
    assert [note.rule for note in decision.notes] == ["X22"]
    done(desk, work.publish_policy(record, DAY, "机构编制管理办法", "示例编发〔2016〕2号"))


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(desk: Commands):
    record = first(desk, "associations", unit=UNIT)
    done(desk, work.edit("associations", record, {"remark": "甲"}, expected={"remark": None}))
    decision = refused(desk, work.edit("associations", record, {"remark": "乙"}, expected={"remark": None}), "")
    assert "甲" in str(decision.reason)


def test_what_was_wrong_before_is_no_hindrance(tmp_path: Path):
    book = clean_book()
    book.set("associations", 2, unit="没有这个单位")
    desk = office(book, tmp_path)
    record = str(book.get("associations", 3, "id"))
    done(desk, work.edit("associations", record, {"remark": "照常"}))
    done(desk, work.edit("associations", str(book.get("associations", 2, "id")), {"unit": UNIT}))


def test_a_viewer_changes_nothing_and_a_unit_only_its_own(desk: Commands):
    mine = Actor("赵六", "unit", (UNIT,))
    own, other = first(desk, "associations", unit=UNIT), first(desk, "associations", unit=PILOTS_OTHER)
    refused(desk, work.edit("associations", own, {"remark": "x"}), "", VIEWER)
    refused(desk, work.edit("associations", other, {"remark": "x"}), "", mine)
    done(desk, work.edit("associations", own, {"remark": "x"}), mine)
    refused(desk, work.edit("associations", own, {"unit": PILOTS_OTHER}), "", mine)
    nomination = first(desk, "nominations", unit=UNIT)
    refused(desk, work.select(nomination, DAY), "", mine)
    assert not desk.act(VIEWER, "认可", lambda scene: [], adopts=1).allowed
    assert not adopt(desk, VIEWER, 1).allowed


PILOTS_OTHER = next(unit for unit in SUPERVISED if unit != UNIT)


def test_a_column_of_the_app_or_its_sheets_is_nobodys_to_change(desk: Commands):
    def forged(scene: object) -> Sequence[Edit]:
        return [Edit(Op.SET, "meta", "revision", "value", "1", "99")]

    refused(desk, forged, "")


def test_two_who_nominate_the_same_association_at_once_one_is_refused(tmp_path: Path):
    desk = office(clean_book(), tmp_path)
    name = free_association(desk, UNIT)
    race(desk, [work.nominate(name, UNIT, DAY), work.nominate(name, UNIT, DAY)], "Q05")


def test_two_who_pass_the_same_step_at_once_one_is_refused(desk: Commands):
    document = new_plan(desk)
    verb = desk.verdicts.plan.kinds["单位实施方案"].steps[0].verb
    make = work.approve(document, UNIT, DAY, verb=verb)
    race(desk, [make, make], "A05")


def race(desk: Commands, makes: Sequence[Make], rule: str) -> None:
    barrier, decisions = Barrier(len(makes)), list[Decision]()

    def run(make: Make) -> None:
        barrier.wait()
        decisions.append(act(desk, make))

    threads = [Thread(target=run, args=(make,)) for make in makes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(decision.allowed for decision in decisions) == [False, True]
    assert next(decision.rule for decision in decisions if not decision.allowed) == rule


def test_undo_takes_back_ones_own_act_and_not_a_namesakes(desk: Commands):
    mine, namesake = (Actor("李娜", "office", user=user) for user in ("lina", "lina2"))
    record = first(desk, "associations", unit=UNIT)
    done(desk, work.edit("associations", record, {"remark": "我的"}), mine)
    done(desk, work.edit("associations", record, {"contact": "别人的"}), namesake)
    assert undo_last(desk, mine).allowed
    now = desk.keeper.grids["associations"].record(record) or {}
    assert (now.get("remark"), now.get("contact")) == (None, "别人的")
