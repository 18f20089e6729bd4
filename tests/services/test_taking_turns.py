"""Two keepers of one spreadsheet in one process, the turn handed about at the worst moments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from lib.domain.edits import Edit, Op
from lib.i18n import T_, Text
from lib.services.live import STALE, LiveKeeper
from lib.services.settings import now
from lib.store.base import StoreError
from lib.store.google_batch import PRE_IMAGE
from lib.store.google_client import BoundedClient
from lib.store.google_shift import LOOKED
from lib.store.gsheet import CALM, EAGER, GoogleStore
from lib.store.lease import Alone, Offer
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.human import Person
from tests.sheets_emulator.people import EDITOR
from tests.sheets_emulator.world import SHARED

SHEET = "协会商会"
HEADER = ["编号", "协会名称", "登记日期", "联系人", "备注", "校验"]
IDENTITIES = tuple(f"{name}@tuogou.iam.gserviceaccount.com" for name in "ab")


class Turns:
    """Whose turn it is, as the test says, and what was left for the next."""

    def __init__(self) -> None:
        self.whose, self.number, self.left, self.age = "", 0, None, 0.0
        self.left: Offer | None
        self.problem: Text | None = None
        self.told = 0

    def give(self, whose: str) -> None:
        self.whose, self.number = whose, self.number + 1


class Turn(Alone):
    """One server's view of it."""

    def __init__(self, turns: Turns, name: str) -> None:
        self.turns, self.name, self._number = turns, name, 0

    @property
    def number(self) -> int:
        return self._number

    @property
    def problem(self) -> Text | None:
        return self.turns.problem

    def mine(self) -> bool:
        if self.turns.whose == self.name:
            self._number = self.turns.number
        return self.turns.whose == self.name

    def tell(self) -> None:
        self.turns.told += 1

    def offer(self, mark: str, make: Callable[[], Offer] | None = None) -> None:
        if make is not None:
            self.turns.left = make()

    def offered(self) -> Offer | None:
        return self.turns.left


@dataclass
class Desk:
    """The spreadsheet, two keepers of it on one folder, and somebody at it."""

    emulator: Emulator
    folder: Path
    book: str
    turns: Turns
    keepers: dict[str, LiveKeeper]
    person: Person
    time: float = 0.0

    def clock(self) -> float:
        return self.time

    def step(self, name: str, seconds: float = CALM + 1) -> LiveKeeper:
        """What the feed of a server does, some seconds later."""
        self.time += seconds
        keeper = self.keepers[name]
        keeper.probe()
        keeper.sync()
        return keeper

    def command(self, name: str, *edits: Edit) -> None:
        with self.keepers[name].alone():
            self.keepers[name].record(list(edits), actor="李四", action="改")

    def calls(self, name: str) -> int:
        who = IDENTITIES["ab".index(name)]
        return sum(call.identity == who for call in self.emulator.calls)

    def rows(self) -> dict[str, list[object]]:
        rows = [row for row in self.person.values(SHEET)[1:] if any(row)]
        assert len({row[0] for row in rows}) == len(rows), rows
        return {str(row[0]): [*row, *[""] * 6][:5] for row in rows}

    def amid(self, then: Callable[[], object]) -> None:
        """Do something when the next batch has come in and is about to be applied."""
        self.emulator.before(lambda call: call.path.endswith(":batchUpdate"), then)

    def answered(self, name: str, then: Callable[[], object]) -> None:
        """Do something when the server's next batch has been applied, before it learns that."""
        client = self.keepers[name].store.client  # type: ignore[attr-defined]
        send = client.batch

        def batch(*given: object) -> object:
            client.batch = send
            answer = send(*given)
            then()
            return answer

        client.batch = batch


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Emulator() as emulator:
        rows = [HEADER] + [[f"XH-{n:04d}", f"协会{n}", 40000, f"联系人{n}", f"备注{n}", ""] for n in range(1, 6)]
        tabs = {SHEET: rows, "_meta": [["编号", "值"], ["sample", "no"]], "冲突": [["编号"]]}
        book = emulator.new("台账", tabs, people={**SHARED, **dict.fromkeys(IDENTITIES, "writer")})
        turns = Turns()
        made = Desk(emulator, tmp_path, book, turns, {}, emulator.book(book, EDITOR))
        for name, who in zip("ab", IDENTITIES, strict=True):
            turn = Turn(turns, name)
            store = GoogleStore(BoundedClient(None, emulator.session(who)), book, tmp_path, made.clock, turn)
            made.keepers[name] = LiveKeeper(store, tmp_path, now, turn, made.clock)
        turns.give("a")
        made.step("a")
        yield made


def remark(record: str, old: str, new: str) -> Edit:
    return Edit(Op.SET, "associations", record, "remark", old, new)


def held(keeper: LiveKeeper, record: str, column: str = "remark") -> object:
    return (keeper.grids["associations"].record(record) or {}).get(column)


def test_who_has_not_the_turn_never_asks_google_and_learns_everything(desk: Desk):
    desk.command("a", remark("XH-0001", "备注1", "甲改的"))
    desk.step("a")
    desk.person.edit(SHEET, "D2", "人改的")
    desk.step("a")
    follower = desk.step("b")
    assert held(follower, "XH-0001") == "甲改的"
    assert held(follower, "XH-0001", "contact") == "人改的"
    desk.command("b", remark("XH-0002", "备注2", "乙改的"))
    assert desk.rows()["XH-0002"][4] == "备注2"
    desk.step("b")
    desk.step("a")
    assert desk.rows()["XH-0002"][4] == "乙改的"
    desk.step("b")
    assert desk.calls("b") == 0
    assert follower.problem is None
    assert desk.turns.told > 3


def test_before_anybody_has_read_it_who_follows_says_so(desk: Desk, tmp_path: Path):
    turn = Turn(desk.turns, "b")
    store = GoogleStore(BoundedClient(None, desk.emulator.session(IDENTITIES[1])), desk.book, tmp_path / "new")
    keeper = LiveKeeper(store, tmp_path / "new", now, turn)
    with pytest.raises(StoreError, match="第一次"):
        keeper.read()
    assert desk.calls("b") == 0


def test_who_takes_over_takes_what_waits_for_the_spreadsheet_and_what_was_typed_meanwhile(desk: Desk):
    desk.command(
        "a", remark("XH-0001", "备注1", "甲改的"), Edit(Op.ADD, "associations", "XH-0006", values={"name": "新"})
    )
    desk.turns.give("")
    desk.command("b", remark("XH-0002", "备注2", "乙改的"))
    desk.person.edit(SHEET, "E4", "人改的")
    desk.turns.give("b")
    desk.step("b")
    desk.step("b")
    rows = desk.rows()
    assert [rows[f"XH-{n:04d}"][4] for n in (1, 2, 3)] == ["甲改的", "乙改的", "人改的"]
    assert rows["XH-0006"][1] == "新"
    assert not desk.keepers["b"].history.conflicts
    desk.turns.give("a")
    desk.command("a", remark("XH-0003", "人改的", "再改"))
    desk.step("a")
    desk.step("a")
    assert desk.rows()["XH-0003"][4] == "再改"
    assert [c.edit.new for c in desk.keepers["a"].history.changes if c.actor == "表格直改"] == ["人改的"]


def test_a_batch_that_comes_after_another_has_written_is_refused_as_a_whole(desk: Desk):
    """However late: the former holder was stopped right before it was sent."""
    desk.command("a", remark("XH-0003", "备注3", "以前"))
    desk.step("a")  # now there is a tab of pre-images
    desk.command(
        "a", remark("XH-0001", "备注1", "甲改的"), Edit(Op.ADD, "associations", "XH-0006", values={"name": "新"})
    )

    def take_over() -> None:
        desk.turns.give("b")
        desk.step("b")
        desk.step("b")
        desk.command("b", remark("XH-0001", "甲改的", "乙再改的"))
        desk.step("b")
        assert desk.rows()["XH-0001"][4] == "乙再改的"

    desk.amid(take_over)
    desk.step("a")
    assert desk.rows()["XH-0001"][4] == "乙再改的"
    assert desk.rows()["XH-0006"][1] == "新"
    entries = list(desk.keepers["a"].journal.entries())
    for name in "abab":
        desk.step(name)
    assert desk.rows()["XH-0001"][4] == "乙再改的"
    assert len(list(desk.keepers["a"].journal.entries())) == len(entries), "and nobody has anything to tell of it"
    assert held(desk.keepers["a"], "XH-0001") == "乙再改的"
    titles = [sheet.title for sheet in desk.person.model.sheets]
    assert titles.count(PRE_IMAGE) == 1
    assert all(sheet.hidden for sheet in desk.person.model.sheets if sheet.title.startswith(PRE_IMAGE))


def test_what_a_batch_displaced_whose_sender_was_stopped_is_settled_by_the_next(desk: Desk):
    desk.command("a", remark("XH-0003", "备注3", "以前"))
    desk.step("a")
    desk.command("a", remark("XH-0001", "备注1", "甲改的"))
    desk.amid(lambda: desk.person.edit(SHEET, "E2", "人改的"))

    def take_over() -> None:
        desk.turns.give("b")
        desk.step("b")
        desk.step("b")

    desk.answered("a", take_over)
    desk.step("a")
    conflicts = list(desk.keepers["b"].history.conflicts.values())
    assert [(one.ours, one.theirs) for one in conflicts] == [("甲改的", "人改的")]
    for name in "abab":
        desk.step(name)
    assert desk.rows()["XH-0001"][4] == "人改的", "what a person typed stays in the cell"
    assert len(desk.keepers["a"].history.conflicts) == 1
    assert not list(desk.folder.glob("*displaced*"))
    assert not list(desk.folder.glob("copy-*"))


def test_who_died_after_a_write_and_before_its_note_is_followed_without_a_word(desk: Desk):
    desk.command("a", remark("XH-0003", "备注3", "以前"))
    desk.step("a")
    desk.command(
        "a", remark("XH-0001", "备注1", "甲改的"), Edit(Op.ADD, "associations", "XH-0006", values={"name": "新"})
    )

    def die() -> None:
        desk.turns.give("b")
        raise RuntimeError("killed")

    desk.answered("a", die)
    with pytest.raises(RuntimeError, match="killed"):
        desk.step("a")
    del desk.keepers["a"]
    desk.command("b", remark("XH-0001", "甲改的", "乙改的"))
    keeper = desk.step("b")
    desk.step("b")
    assert desk.rows()["XH-0001"][4] == "乙改的"
    assert desk.rows()["XH-0006"][1] == "新"
    assert not keeper.history.conflicts
    assert not [change for change in keeper.history.changes if change.actor == "表格直改"]


def test_rows_that_moved_under_a_write_whose_sender_was_stopped_get_their_content_back_from_the_next(desk: Desk):
    desk.command("a", remark("XH-0003", "备注3", "以前"))
    desk.step("a")
    desk.command("a", remark("XH-0001", "备注1", "甲改的"), remark("XH-0002", "备注2", "甲也改的"))
    desk.amid(lambda: desk.person.sort(SHEET, "A", False))

    def take_over() -> None:
        desk.turns.give("b")
        desk.command("b", remark("XH-0004", "备注4", "乙改的"))
        desk.step("b")
        desk.step("b", 3)

    desk.answered("a", take_over)
    desk.step("a")
    for _time in range(3):
        desk.step("b")
    remarks = {record: row[4] for record, row in desk.rows().items()}
    assert remarks == {
        "XH-0001": "甲改的", "XH-0002": "甲也改的", "XH-0003": "以前", "XH-0004": "乙改的", "XH-0005": "备注5",
    }  # fmt: skip
    keeper = desk.keepers["b"]
    assert not keeper.history.conflicts
    assert not [change.edit for change in keeper.history.changes if change.actor == "表格直改"]


def test_a_displaced_cell_whose_holder_died_before_merging_it_is_settled_on_the_workbook_as_it_is_now(desk: Desk):
    desk.command("a", remark("XH-0003", "备注3", "以前"))
    desk.step("a")
    desk.command("a", remark("XH-0001", "备注1", "甲改的"))
    desk.amid(lambda: desk.person.edit(SHEET, "E2", "人改的"))
    dead = desk.keepers.pop("a")
    dead._wrote = lambda *given: (_ for _ in ()).throw(RuntimeError("killed"))  # type: ignore[method-assign]
    desk.time += CALM + 1
    dead.probe()
    with pytest.raises(RuntimeError, match="killed"):
        dead.sync()
    assert list(desk.folder.glob("*displaced*"))
    desk.person.edit(SHEET, "E5", "后来的")
    desk.turns.give("b")
    keeper = desk.step("b")
    desk.step("b")
    assert desk.rows()["XH-0004"][4] == "后来的"
    assert held(keeper, "XH-0004") == "后来的"
    assert [change.edit.new for change in keeper.history.changes if change.edit.record == "XH-0004"] == ["后来的"]
    assert [(one.ours, one.theirs) for one in keeper.history.conflicts.values()] == [("甲改的", "人改的")]


def test_what_the_last_holder_saw_spares_the_next_its_first_look(desk: Desk):
    desk.command("a", remark("XH-0001", "备注1", "甲改的"))
    desk.step("a")
    desk.turns.give("b")
    keeper = desk.step("b", 1)
    assert desk.calls("b") == 0
    assert held(keeper, "XH-0001") == "甲改的"
    desk.step("b", EAGER + 1)
    assert desk.calls("b") > 0
    assert not [change for change in keeper.history.changes if change.actor == "表格直改"]


def test_what_was_left_before_the_last_write_is_not_taken(desk: Desk):
    """Redis may be behind: then the old content would look like somebody's edit."""
    before = desk.turns.left
    desk.command("a", remark("XH-0001", "备注1", "甲改的"))
    desk.step("a")
    desk.turns.left = before
    desk.turns.give("b")
    keeper = desk.step("b", 1)
    assert desk.calls("b") > 0
    assert not [change for change in keeper.history.changes if change.actor == "表格直改"]


def test_what_was_left_is_not_taken_when_a_mending_met_other_columns_after_it(desk: Desk):
    desk.command("a", Edit(Op.SET, "associations", "XH-0001", "contact", "联系人1", "甲改的"))
    desk.amid(lambda: desk.person.sort(SHEET, "A", True))
    desk.step("a")
    desk.amid(lambda: desk.person.rename_header(SHEET, "联系人", "联系人员"))
    desk.time += CALM + 1
    desk.keepers["a"].probe()
    assert "甲改的" not in [row[3] for row in desk.rows().values()]
    desk.turns.give("b")
    keeper = desk.step("b", 1)
    assert desk.calls("b") > 0
    desk.step("b")
    assert not [change for change in keeper.history.changes if change.actor == "表格直改"]


def test_while_nobody_can_have_the_turn_commands_are_acknowledged_and_pages_say_why(desk: Desk):
    desk.step("b")
    desk.turns.give("")
    desk.turns.problem = T_("连不上 Redis，暂时没有一台服务器读写共享表格；改动照常受理，恢复后自动写入")
    desk.command("b", remark("XH-0001", "备注1", "乙改的"))
    keeper = desk.step("b")
    assert "Redis" in str(keeper.problem)
    assert "的样子" in str(keeper.problem), "and how old the data are"
    desk.turns.problem = None
    desk.turns.give("a")
    desk.step("a")
    desk.step("a")
    assert desk.rows()["XH-0001"][4] == "乙改的"
    assert desk.step("b").problem is None


def test_when_the_holder_cannot_look_those_who_follow_say_so_too(desk: Desk):
    keeper = desk.step("b")
    assert keeper.problem is None
    mark = keeper.probe()
    long_ago = (now() - 2 * STALE - timedelta(seconds=1)).timestamp()
    os.utime(desk.folder / LOOKED, (long_ago, long_ago))
    assert keeper.probe() != mark
    keeper.sync()
    assert "读不到" in str(keeper.problem)
