"""A workbook with a record of every kind: one's own, another's, or settled; and what an attack must leave alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from lib.domain.edits import Edit, Op
from lib.services.audit import Audit
from lib.services.board import Board
from lib.services.commands import Commands
from lib.services.keeper_file import FileKeeper
from lib.services.policy import Actor
from lib.services.scene import Decision, Scene
from lib.services.settings import now
from lib.store.memory import MemoryStore
from sheets_schema.snapshot import Cell
from tests.workbooks import TODAY, Book, clean_book

OURS, THEIRS, POLICE, CIVIL = "市商务委", "市科委", "市公安局", "市民政局"
DAY = date(2016, 3, 20)
ADMIN, OFFICE = Actor("管理员", "admin", user="admin"), Actor("李四", "office", user="li")
VIEWER, LEADER = Actor("看", "viewer", user="kan"), Actor("领导", "leader")


def unit(*names: str, user: str = "zhao") -> Actor:
    """Somebody of a unit."""
    return Actor("赵六", "unit", names or (OURS,), user)


@dataclass(frozen=True)
class Kept:
    """Of one sheet: a record of ours that is open, one of another unit's, and a settled one with its unit."""

    sheet: str
    ours: str | None
    theirs: str
    settled: str | None = None
    settled_of: str = OURS


RECORDS = (
    Kept("units", "DW-0002", "DW-0003"),
    Kept("associations", "XH-0002", "XH-0008"),
    Kept("nominations", "TJ-0001", "TJ-0002", "TJ-0004", POLICE),
    Kept("documents", "WJ-9001", "WJ-9002", "WJ-0006"),
    Kept("approvals", "SP-9001", "SP-9002", "SP-9003"),
    Kept("tasks", "SX-0002", "SX-0006", "SX-0001"),
    Kept("updates", "DT-0001", "DT-0002"),
    Kept("reports", "JB-9001", "JB-9002", "JB-9003"),
    Kept("policies", "ZC-9001", "ZC-9002"),
    Kept("events", "XT-9001", "XT-9002"),
    Kept("problems", "WT-9001", "WT-9002", "WT-0001"),
    Kept("extensions", "YQ-9001", "YQ-9002", "YQ-0001"),
    Kept("phases", None, "P1"),
)
BY_SHEET = {kept.sheet: kept for kept in RECORDS}


def book() -> Book:
    """The clean book with a record of every kind for every case; our list is not submitted, and the police's plan
    waits for 市民政局."""
    made = clean_book()
    made.tabs["units"].rows.sort(
        key=lambda row: [OURS, THEIRS, POLICE].index(row[1]) if row[1] in (OURS, THEIRS) else 9
    )
    for number, name in ((2, OURS), (3, THEIRS)):
        made.set("units", made.row("units", name=name), id=f"DW-{number:04d}-x")
    for number, row in enumerate(made.tabs["units"].rows, 2):
        row[0] = {OURS: "DW-0002", THEIRS: "DW-0003"}.get(str(row[1]), f"DW-{number + 100:04d}")
    listed = str(made.get("documents", made.row("documents", kind="推荐名单", unit=OURS), "id"))
    for place in sorted((n for n, row in enumerate(made.tabs["approvals"].rows, 2) if listed in row), reverse=True):
        made.drop("approvals", place)
    drafted = [n for n, row in enumerate(made.tabs["approvals"].rows, 2) if "WJ-0009" in row][1:]
    for place in reversed(drafted):
        made.drop("approvals", place)
    made.set("nominations", made.row("nominations", unit=OURS), status="已推荐", selected_on="")
    for name, number in ((OURS, "01"), (THEIRS, "02")):
        made.add("documents", id=f"WJ-90{number}", kind="单位实施方案", batch=1.0, unit=name)
        made.act(f"WJ-90{number}", "制定", name, date(2016, 3, 1), id=f"SP-90{number}")
        made.add("reports", id=f"JB-90{number}", unit=name, period="2016Q1", submitted_on=DAY, work="会", policies="无",
                 next_steps="清产")  # fmt: skip
        made.add("events", id=f"XT-90{number}", kind="学习", held_on=DAY, unit=name, title="学习")
    first = made.row("approvals", document="WJ-0006", verb="制定")
    made.set("approvals", first, id="SP-9003")
    made.set("reports", made.row("reports", unit=OURS, period="2015Q4"), id="JB-9003")
    made.add("associations", id="XH-9009", name="示例无人引用的协会", unit=OURS, in_scope="不纳入", legal_form="基金会")
    made.add("policies", id="ZC-9001", area="综合监管", owner=OURS, stage="起草", stage_on=DAY)
    made.add("policies", id="ZC-9002", area="信用体系和信息公开", owner=THEIRS, stage="起草", stage_on=DAY)
    raised: dict[str, Cell] = {"kind": "问题", "content": "用房", "raised_on": DAY}
    made.add("problems", id="WT-9001", unit=OURS, **raised)
    made.add("problems", id="WT-9002", unit=THEIRS, assignee=POLICE, **raised)
    made.add("problems", id="WT-9003", unit=THEIRS, assignee=OURS, **raised)
    asked: dict[str, Cell] = {"requested_on": DAY, "until": date(2016, 7, 20), "reason": "会签"}
    made.add("extensions", id="YQ-9001", target="SX-0004", unit=OURS, **asked)
    made.add("extensions", id="YQ-9002", target="SX-0008", unit=THEIRS, **asked)
    return made


def desk(folder: Path, made: Book | None = None) -> Commands:
    """The app on such a workbook, with its audit."""
    snapshot = (made or book()).snapshot()
    keeper = FileKeeper(MemoryStore(*snapshot.sheets), folder / "kept", now)
    board = Board(keeper, clean_book().plan, today=lambda: TODAY)
    board.refresh()
    assert board.commands is not None
    commands = board.commands
    commands.audit = Audit(folder / "audit", now)
    return commands


def mark(commands: Commands) -> tuple[object, ...]:
    """What stands in the workbook and in the journal, byte for byte."""
    held = [(key, [list(row) for row in grid.raw.cells]) for key, grid in commands.keeper.grids.items()]
    files = sorted(path for path in commands.keeper.journal.folder.rglob("*") if path.is_file())
    stored = commands.keeper.store.read().digest
    return repr(held), stored, [(path.name, sha256(path.read_bytes()).hexdigest()) for path in files]


Make = Callable[[Scene], Sequence[Edit]]


def refused(commands: Commands, actor: Actor, make: Make) -> Decision:
    """An attack that is refused with a reason and leaves no trace but the one in the audit."""
    before, noted = mark(commands), len(_notes(commands))
    decision = commands.act(actor, "攻击", make)
    assert not decision.allowed, f"{actor.role} {actor.units} got through"
    assert str(decision.reason)
    assert mark(commands) == before
    notes = _notes(commands)
    assert len(notes) == noted + 1
    assert notes[0].data["actor"] == (actor.user or actor.name)
    return decision


def _notes(commands: Commands) -> list[object]:
    assert commands.audit is not None
    return commands.audit.recent()


def cell(sheet: str, record: str, column: str, value: Cell) -> Make:
    """An edit of one cell, as any page could be made to ask for it."""
    return lambda scene: scene.set(sheet, record, {column: value})


def forged(op: Op, sheet: str, record: str, column: str = "", **values: Cell) -> Make:
    """An edit made by hand, past all that a page would do."""
    return lambda scene: [Edit(op, sheet, record, column, new="伪造", values=values)]


def together(*makes: Make) -> Make:
    """Several in one act."""

    def make(scene: Scene) -> Iterable[Edit]:
        return [edit for each in makes for edit in each(scene)]

    return lambda scene: list(make(scene))
