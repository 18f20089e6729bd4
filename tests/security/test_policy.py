"""Who may do what: the table against an oracle of its own, and the commands against everybody who tries anyway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from threading import Barrier, Thread

import pytest

from lib.domain.edits import Op
from lib.services import work
from lib.services.commands import Commands
from lib.services.corrections import undo, undo_last
from lib.services.policy import PAGES, Act, Actor, Case, Role, refusal
from lib.services.scene import Decision
from sheets_schema.sheet import Column
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import PEOPLE, SHEETS
from tests.security.desk import (
    ADMIN,
    BY_SHEET,
    CIVIL,
    DAY,
    LEADER,
    OFFICE,
    OURS,
    POLICE,
    RECORDS,
    THEIRS,
    VIEWER,
    Kept,
    Make,
    book,
    cell,
    desk,
    forged,
    mark,
    refused,
    together,
    unit,
)  # fmt: skip

OF_THE_APP = {"changes", "findings", "conflicts", "meta"}
OF_THE_OFFICE = {
    "units": {"name", "aliases", "roles", "confirmed_name", "confirmed_on"},
    "associations": {"name", "unit", "legal_form", "in_scope", "scope_reason", "ended_on"},
    "nominations": {"batch", "status", "selected_on"},
    "documents": {"batch", "frozen_count"},
    "approvals": {"on_behalf", "override"},
    "tasks": {"batch", "closed_by", "closed_on"},
    "extensions": {"decided_on", "result", "approver"},
    "phases": {"title", "start", "due", "closed_by", "closed_on"},
}
"""Written down once more, so that a column does not come to be everybody's by a slip in its declaration."""
BY_ITSELF = {"id", "check"}
PERSONAL = {
    ("units", "leader_phone"), ("units", "liaison_phone"), ("associations", "contact"), ("associations", "phone"),
    ("updates", "reporter"), ("units", "email"),
}  # fmt: skip
ROLES = ("admin", "office", "unit", "viewer", "leader")


def may(role: str, act: str, sheet: str, column: str, own: bool, settled: bool) -> bool:
    """The oracle, written from the issue and not from the table."""
    if act == "see":
        if role in ("viewer", "leader"):
            return (sheet, column) not in PERSONAL
        return role != "unit" or own
    if role in ("viewer", "leader") or sheet in OF_THE_APP:
        return False
    if column in BY_ITSELF and act in ("add", "edit"):
        return False
    if role in ("admin", "office"):
        return True
    return own and not settled and column not in OF_THE_OFFICE.get(sheet, ())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", ["see", "add", "edit", "remove"])
def test_the_table_says_what_the_oracle_says(role: str, act: str):
    wrong, asked = [], 0
    for sheet in SHEETS:
        columns: list[Column | None] = [None, *sheet.columns]
        for column, own, settled in product(columns, (True, False), (True, False)):
            name = column.name if column else ""
            said = refusal(Case(Role(role), Act(act), sheet.key, column, own, settled)) is None
            asked += 1
            if said is not may(role, act, sheet.key, name, own, settled):
                wrong.append((sheet.key, name, own, settled, said))
    assert not wrong
    assert asked > 600


def test_the_oracle_knows_every_column_there_is():
    declared = {sheet.key: set(sheet.by_name) for sheet in PEOPLE}
    assert all(columns <= declared[key] for key, columns in OF_THE_OFFICE.items())
    assert all(column in declared[key] for key, column in PERSONAL)
    assert {sheet.key for sheet in SHEETS} - set(declared) == OF_THE_APP


def test_every_page_is_for_the_roles_that_were_decided_on():
    inside = {"admin", "office", "unit", "viewer"}
    exceptions = {
        "admin": {"admin", "office"}, "brief": {*inside, "leader"}, "reminders": {"admin", "office", "unit"},
        "rollup": {"admin", "office", "viewer"},
    }  # fmt: skip
    for page, roles in PAGES.items():
        assert set(roles) == exceptions.get(page, inside), page
    assert [page for page in PAGES if LEADER.may_see(page)] == ["brief"]
    assert not Actor("x", "root").may_see("overview")
    assert not LEADER.may_see("../admin")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A workbook that no attack has changed when all are over."""
    made = desk(tmp_path_factory.mktemp("still"))
    before = mark(made)
    yield made
    assert mark(made) == before


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """The same for what is allowed, so that a refusal means something."""
    return desk(tmp_path_factory.mktemp("live"))


def every(part: str) -> list[Kept]:
    return [kept for kept in RECORDS if getattr(kept, part)]


@pytest.mark.parametrize("kept", RECORDS, ids=lambda kept: kept.sheet)
def test_the_office_changes_any_record(live: Commands, kept: Kept):
    for actor in (ADMIN, OFFICE):
        for record in filter(None, (kept.ours, kept.theirs, kept.settled)):
            assert live.act(actor, "改", cell(kept.sheet, record, "remark", f"{actor.user}{record}")).allowed


@pytest.mark.parametrize("kept", every("ours"), ids=lambda kept: kept.sheet)
def test_a_unit_changes_its_own_open_record(live: Commands, kept: Kept):
    decision = live.act(unit(), "改", cell(kept.sheet, kept.ours or "", "remark", "本单位改的"))
    assert decision.allowed, str(decision.reason)


@pytest.mark.parametrize("kept", RECORDS, ids=lambda kept: kept.sheet)
@pytest.mark.parametrize("column", ["remark", "every"])
def test_a_unit_changes_no_record_of_another(still: Commands, kept: Kept, column: str):
    columns = ["remark"] if column == "remark" else [c.name for c in SHEET[kept.sheet] if c.name not in BY_ITSELF]
    for name in columns:
        refused(still, unit(), cell(kept.sheet, kept.theirs, name, other_than(still, kept.sheet, kept.theirs, name)))


@pytest.mark.parametrize("kept", every("settled"), ids=lambda kept: kept.sheet)
def test_a_unit_changes_nothing_that_is_settled(still: Commands, kept: Kept):
    for column in SHEET[kept.sheet]:
        if column.name not in BY_ITSELF:
            value = other_than(still, kept.sheet, kept.settled or "", column.name)
            refused(still, unit(kept.settled_of), cell(kept.sheet, kept.settled or "", column.name, value))
    refused(still, unit(kept.settled_of), forged(Op.REMOVE, kept.sheet, kept.settled or ""))


@pytest.mark.parametrize("actor", [VIEWER, LEADER, Actor("x", "root")], ids=lambda actor: str(actor.role))
@pytest.mark.parametrize("kept", RECORDS, ids=lambda kept: kept.sheet)
def test_who_only_reads_changes_nothing(still: Commands, kept: Kept, actor: Actor):
    bound = Actor(actor.name, actor.role, (OURS, THEIRS), "x")  # units give a reader nothing
    for record in filter(None, (kept.ours, kept.theirs, kept.settled)):
        refused(still, bound, cell(kept.sheet, record, "remark", "看了就改"))
        refused(still, bound, forged(Op.REMOVE, kept.sheet, record))
    refused(still, bound, forged(Op.ADD, kept.sheet, "XX-1", remark="新"))
    assert not bound.may_write


OFFICE_CELLS = [(kept, name) for kept in every("ours") for name in sorted(OF_THE_OFFICE.get(kept.sheet, ()))]


@pytest.mark.parametrize(("kept", "name"), OFFICE_CELLS, ids=lambda value: getattr(value, "sheet", value))
def test_a_unit_fills_in_no_cell_of_the_offices_in_its_own_record(still: Commands, kept: Kept, name: str):
    value = other_than(still, kept.sheet, kept.ours or "", name)
    refused(still, unit(), cell(kept.sheet, kept.ours or "", name, value))
    good = cell(kept.sheet, kept.ours or "", "remark", "好")
    refused(still, unit(), together(good, cell(kept.sheet, kept.ours or "", name, value)))


@pytest.mark.parametrize("actor", [ADMIN, OFFICE, unit()], ids=lambda actor: str(actor.role))
@pytest.mark.parametrize("kept", RECORDS, ids=lambda kept: kept.sheet)
def test_nobody_fills_in_what_the_app_does(still: Commands, kept: Kept, actor: Actor):
    record = kept.ours or kept.theirs
    for name in BY_ITSELF:
        refused(still, actor, cell(kept.sheet, record, name, "XX-6666"))
        refused(still, actor, forged(Op.SET, kept.sheet, record, name))
        refused(still, actor, forged(Op.ADD, kept.sheet, "XX-7777", **{name: "XX-6666", "remark": "x"}))


@pytest.mark.parametrize("actor", [ADMIN, OFFICE, unit(), VIEWER, LEADER], ids=lambda actor: str(actor.role))
@pytest.mark.parametrize("sheet", sorted(OF_THE_APP))
def test_nobody_writes_the_sheets_of_the_app(still: Commands, sheet: str, actor: Actor):
    there = next(iter(still.keeper.grids[sheet].rows), "revision") if sheet in still.keeper.grids else "x"
    for op in Op:
        refused(still, actor, forged(op, sheet, there, "value" if sheet == "meta" else "record", value="99"))


INVENTED = ("nope", "", "=自己加的列", "@ZZ", "row", "__class__", "remark; drop", "备注", "check\0")


@pytest.mark.parametrize("name", INVENTED)
@pytest.mark.parametrize("actor", [ADMIN, unit()], ids=lambda actor: str(actor.role))
def test_a_field_that_does_not_exist_is_refused(still: Commands, name: str, actor: Actor):
    for kept in every("ours"):
        refused(still, actor, cell(kept.sheet, kept.ours or "", name, "x"))
        refused(still, actor, forged(Op.ADD, kept.sheet, "XX-1", **{name: "x", "remark": "x"}))


@pytest.mark.parametrize("record", ["XH-7777", "", "XH#5", "../XH-0001", "xh-0002", "XH-0002 "])
def test_a_record_that_does_not_exist_is_refused(still: Commands, record: str):
    refused(still, unit(), cell("associations", record, "remark", "x"))


MOVES = [
    ("documents", "unit", OURS, THEIRS), ("documents", "association", "XH-0001", "XH-0006"),
    ("tasks", "association", "XH-0001", "XH-0006"), ("updates", "association", "XH-0001", "XH-0006"),
    ("reports", "unit", OURS, THEIRS), ("policies", "owner", OURS, THEIRS), ("events", "unit", OURS, THEIRS),
    ("problems", "unit", OURS, THEIRS), ("extensions", "unit", OURS, THEIRS), ("approvals", "actor", OURS, THEIRS),
    ("approvals", "actor", OURS, CIVIL), ("nominations", "unit", OURS, THEIRS),
    ("nominations", "association", "XH-0001", "XH-0008"), ("associations", "unit", OURS, THEIRS),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "column", "mine", "yours"), MOVES)
def test_no_record_is_handed_to_another_unit_or_taken_from_it(
    still: Commands, sheet: str, column: str, mine: str, yours: str
):
    kept = BY_SHEET[sheet]
    refused(still, unit(), cell(sheet, kept.ours or "", column, yours))
    refused(still, unit(), cell(sheet, kept.theirs, column, mine))
    refused(still, unit(THEIRS), cell(sheet, kept.ours or "", column, yours))


def test_a_record_that_names_nobody_is_not_for_the_taking(tmp_path: Path):
    made = book()
    made.set("events", made.row("events", id="XT-9002"), unit="查无此单位")
    made.set("tasks", made.row("tasks", id="SX-0006"), association="查无此协会")
    desked = desk(tmp_path, made)
    refused(desked, unit(), cell("events", "XT-9002", "unit", OURS))
    refused(desked, unit(), together(cell("events", "XT-9002", "unit", OURS), cell("events", "XT-9002", "title", "x")))
    refused(desked, unit(), cell("tasks", "SX-0006", "association", "XH-0001"))


SPELLINGS = (
    CIVIL,
    "市民政局（市社团局）",
    "市社团局",
    "市民政局(市社团局)",
    " 市民政局 ",
    "市联合工作组",
    "市委、市政府",
    "民政部",
)


@pytest.mark.parametrize("body", SPELLINGS)
def test_a_unit_does_not_act_for_another_body(still: Commands, body: str):
    for document, verb in (("WJ-0006", "核准"), ("WJ-0006", "批复"), ("WJ-9001", "报备"), ("WJ-0002", "选定")):
        for on_behalf in (False, True):
            refused(still, unit(), work.approve(document, body, DAY, verb=verb, on_behalf=on_behalf))
    refused(still, unit(), cell("approvals", "SP-9001", "actor", body))
    refused(still, unit(), work.return_document("WJ-0007", body, DAY, "退"))


def test_a_unit_does_not_record_for_the_office_or_past_the_order(still: Commands):
    first = work.approve("WJ-9001", OURS, DAY, on_behalf=True)
    refused(still, unit(), first)
    refused(still, unit(), work.approve("WJ-9001", OURS, DAY, verb="制定", override="急"))
    refused(still, unit(), cell("approvals", "SP-9001", "override", "急"))
    refused(still, unit(), cell("approvals", "SP-9001", "on_behalf", "是"))


def test_a_unit_does_not_approve_its_own_plan_in_the_name_of_who_may(still: Commands, live: Commands):
    for body in SPELLINGS:
        refused(still, unit(POLICE), work.approve("WJ-0009", body, DAY, verb="核准"))
        refused(still, unit(POLICE), work.approve("WJ-0009", body, DAY))
    refused(still, unit(POLICE), work.return_document("WJ-0009", CIVIL, DAY, "退"))
    refused(still, unit(), work.approve("WJ-0009", CIVIL, DAY, verb="核准"))
    decision = live.act(unit(CIVIL), "核准", work.approve("WJ-0009", CIVIL, DAY, verb="核准"))
    assert decision.allowed, str(decision.reason)


def test_nothing_is_nominated_or_withdrawn_once_the_list_is_in(still: Commands):
    records = still.keeper.grids["associations"]
    free = next(
        str(cells["name"]) for name in records.rows if (cells := records.record(name) or {}).get("unit") == POLICE
        and name != "XH-0012"
    )  # fmt: skip
    refused(still, unit(POLICE), work.nominate(free, POLICE, DAY, voluntary=True))
    refused(still, unit(POLICE), work.withdraw("TJ-0004", "不去了"))
    refused(still, unit(POLICE), cell("nominations", "TJ-0004", "association", free))
    refused(still, unit(POLICE), work.submit_list(POLICE, DAY))
    refused(still, unit(), work.nominate(free, POLICE, DAY, voluntary=True))
    refused(still, unit(), work.nominate(free, OURS, DAY, voluntary=True))
    refused(still, unit(), work.submit_list(THEIRS, DAY))
    refused(still, unit(), work.select("TJ-0001", DAY))


def test_an_approval_others_rest_on_stays(still: Commands):
    for name, value in (("result", "退回"), ("decided_on", date(2015, 12, 2)), ("document", "WJ-9001"), ("round", 2.0)):
        refused(still, unit(), cell("approvals", "SP-9003", name, value))


def test_a_unit_removes_nothing_that_holds_more_than_its_own_words(still: Commands):
    held = (("associations", "XH-0002"), ("associations", "XH-9009"), ("units", "DW-0002"), ("nominations", "TJ-0002"))
    for sheet, record in held:
        refused(still, unit(), forged(Op.REMOVE, sheet, record))
        refused(still, unit(), forged(Op.REMOVE, sheet, record, remark="x"))
    for kept in RECORDS:
        refused(still, unit(), forged(Op.REMOVE, kept.sheet, kept.theirs))


def test_a_unit_takes_back_its_own_record_but_not_the_offices_edit(tmp_path: Path):
    desked = desk(tmp_path)
    added = desked.act(unit(), "报", work.report_progress("XH-0001", DAY, "清产"))
    assert added.allowed
    by_office = desked.act(OFFICE, "改", cell("associations", "XH-0002", "scope_reason", "名称"))
    theirs = desked.act(unit(THEIRS, user="qian"), "改", cell("updates", "DT-0002", "remark", "x"))
    before = mark(desked)
    for entry in (by_office.entry, theirs.entry):
        assert entry is not None
        assert not undo(desked, unit(), entry).allowed
        assert not undo(desked, VIEWER, entry).allowed
    assert mark(desked) == before
    assert added.entry is not None
    assert undo(desked, unit(), added.entry).allowed
    assert not undo_last(desked, LEADER).allowed


def test_nobody_raises_a_problem_in_anothers_name(still: Commands, live: Commands):
    values: dict[str, Cell] = {"kind": "问题", "content": "栽赃", "raised_on": DAY}
    refused(still, unit(), work.add("problems", {**values, "unit": THEIRS, "assignee": OURS}))
    for name, value in (
        ("content", "改口"),
        ("unit", POLICE),
        ("unit", OURS),
        ("assignee", POLICE),
        ("kind", "经验做法"),
    ):
        refused(still, unit(), cell("problems", "WT-9003", name, value))
    refused(still, unit(), forged(Op.REMOVE, "problems", "WT-9003"))
    assert live.act(unit(), "办", cell("problems", "WT-9003", "settlement", "腾退")).allowed
    assert live.act(unit(), "提", work.add("problems", {**values, "unit": OURS, "assignee": THEIRS})).allowed


@pytest.mark.parametrize("target", ["SX-0006", "WJ-9002", "WJ-0001", "P5"])
def test_a_unit_asks_for_more_time_for_its_own_work_alone(still: Commands, live: Commands, target: str):
    until = date(2016, 7, 20)
    refused(still, unit(), work.ask_extension(target, OURS, DAY, until, "会签"))
    refused(still, unit(), work.ask_extension(target, THEIRS, DAY, until, "会签"))
    refused(still, unit(), cell("extensions", "YQ-9001", "target", target))
    granted: dict[str, Cell] = {"target": "SX-0004", "unit": OURS, "requested_on": DAY, "until": until, "reason": "急"}
    refused(still, unit(), work.add("extensions", {**granted, "result": "同意", "decided_on": DAY}))
    refused(still, unit(), work.decide_extension("YQ-9001", DAY, "赵六", granted=True))
    live_target = work.ask_extension("P5" if target == "WJ-0001" else target, OURS, DAY, until, "会签")
    assert live.act(OFFICE, "批", live_target).allowed


@pytest.mark.parametrize("kind", ["工作方案", "试点方案", "评估报告", "季度汇总"])
def test_a_unit_begins_no_document_of_the_city(still: Commands, kind: str):
    values: dict[str, Cell] = {"kind": kind, "unit": OURS, "period": "2016Q1" if kind == "季度汇总" else None}
    refused(still, unit(), work.add("documents", values))
    refused(still, unit(), cell("documents", "WJ-9001", "kind", kind))


def test_a_refused_part_takes_the_rest_with_it(still: Commands):
    good = cell("updates", "DT-0001", "remark", "好")
    for bad in (cell("updates", "DT-0002", "remark", "坏"), forged(Op.SET, "meta", "revision", "value")):
        refused(still, unit(), together(good, bad))
        refused(still, unit(), together(bad, good))


# at the same time


def race(desked: Commands, *asks: tuple[Actor, Make]) -> list[Decision]:
    barrier, decisions = Barrier(len(asks)), list[Decision]()

    def run(actor: Actor, make: Make) -> None:
        barrier.wait()
        decisions.append(desked.act(actor, "抢", make))

    threads = [Thread(target=run, args=ask) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return decisions


def test_a_step_passed_by_many_accounts_at_once_is_passed_once(tmp_path: Path):
    desked = desk(tmp_path)
    [record] = desked.act(OFFICE, "加", work.add("documents", {"kind": "单位实施方案", "unit": POLICE})).records
    make = work.approve(record, POLICE, DAY, verb="制定")
    actors = [unit(POLICE, user=f"u{n}") for n in range(4)] + [OFFICE, ADMIN]
    decisions = race(desked, *((actor, make) for actor in actors))
    assert sum(decision.allowed for decision in decisions) == 1
    assert acts(desked, record) == 1
    assert all(str(decision.reason) for decision in decisions if not decision.allowed)


def test_the_same_place_taken_by_several_units_at_once_is_taken_once(tmp_path: Path):
    made = book()
    free = next(str(row[1]) for row in made.tabs["associations"].rows if row[0] == "XH-0002")
    desked = desk(tmp_path, made)
    nominate = work.nominate(free, OURS, DAY)
    asks = [(unit(user="a"), nominate), (unit(user="b"), nominate), (OFFICE, nominate), (unit(THEIRS), nominate)]
    decisions = race(desked, *asks)
    assert sum(decision.allowed for decision in decisions) == 1
    grid = desked.keeper.grids["nominations"]
    assert sum((grid.record(name) or {}).get("association") == free for name in grid.rows) == 1


def test_one_report_a_quarter_however_many_send_it(tmp_path: Path):
    desked = desk(tmp_path)
    make = work.file_report(POLICE, "2016Q1", DAY, work="会", policies="无", next_steps="清产")
    decisions = race(desked, *((unit(POLICE, user=f"u{n}"), make) for n in range(5)))
    assert sum(decision.allowed for decision in decisions) == 1


def test_a_list_that_is_submitted_while_a_nomination_comes_in_holds_it_or_refuses_it(tmp_path: Path):
    for turn in range(3):
        desked = desk(tmp_path / str(turn))
        name = str((desked.keeper.grids["associations"].record("XH-0002") or {})["name"])
        on = date(2015, 11, 25)
        nominate = work.nominate(name, OURS, on)
        decisions = race(desked, (unit(user="a"), work.submit_list(OURS, on)), (unit(user="b"), nominate))
        late = desked.act(unit(user="c"), "补", nominate)
        assert any(decision.allowed for decision in decisions)
        assert not late.allowed


# what the tests above need


def acts(desked: Commands, document: str) -> int:
    grid = desked.keeper.grids["approvals"]
    return sum((grid.record(name) or {}).get("document") == document for name in grid.rows)


SHEET = {sheet.key: sheet.columns for sheet in PEOPLE}


def other_than(desked: Commands, sheet: str, record: str, name: str) -> Cell:
    """A value that may stand in a cell and does not stand there now."""
    there = (desked.keeper.grids[sheet].record(record) or {}).get(name)
    column = next(column for column in SHEET[sheet] if column.name == name)
    known = {"date": date(2016, 3, 2), "int": 2.0, "phone": "022-1111", "url": "https://example.org/x"}
    options: list[Cell] = [*column.choices, known.get(column.kind.value, "甲乙丙")]
    return next(option for option in options if option != there)
