"""A partial sort, in a file and in a spreadsheet edited in place: detected, its sheet frozen, put back or adopted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.services import work
from lib.services.board import Board
from lib.services.corrections import OURS, adopt, put_back, resolve, undo
from lib.services.keeper import Keeper
from lib.services.keeper_file import FileKeeper
from lib.services.live import LiveKeeper
from lib.services.policy import Actor
from lib.services.scene import Decision
from lib.services.settings import now
from lib.store.google_client import BoundedClient
from lib.store.google_reading import raw_of
from lib.store.gsheet import GoogleStore
from lib.store.memory import MemoryStore
from sheets_schema.snapshot import Cell, RawSheet
from sheets_schema.workbook import BY_KEY, META
from tests.services.shared import OFFICE, Shared, edit_outside, put, shared_book
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.a1 import letters
from tests.sheets_emulator.people import EDITOR, SERVICE
from tests.workbooks import TODAY, Book, clean_book, position

SORTED = ("contact", "phone")
NAMES = ("丁", "乙", "丙", "甲", "己", "戊")


def book() -> Book:
    """The clean workbook with people to sort."""
    made = clean_book()
    for at, name in enumerate(NAMES):
        made.set("associations", at + 2, contact=name, phone=f"1380000000{9 - at}")
    return made


def values(grids: Grids, *columns: str) -> dict[str, tuple[str, ...]]:
    grid = grids["associations"]
    return {r: tuple(to_text((grid.record(r) or {}).get(c)) for c in columns or SORTED) for r in grid.rows}


@dataclass
class Desk:
    """A shared table with the app on it, and somebody who edits it by hand."""

    board: Board

    @property
    def keeper(self) -> Keeper:
        assert self.board.keeper is not None
        return self.board.keeper

    def sort(self, *columns: str) -> None:
        """Sort some columns of 协会商会 by the first of them, as a person does."""
        raise NotImplementedError

    def type(self, record: str, column: str, text: str) -> None:
        raise NotImplementedError

    def there(self) -> Grids:
        """What stands in the workbook."""
        raise NotImplementedError

    def look(self) -> None:
        """Let the app look, and write what it can."""
        self.keeper.sync()
        self.board.refresh()

    def again(self) -> Desk:
        """The app anew, as after a crash."""
        raise NotImplementedError

    def act(self, sheet: str, record: str, **cells: Cell) -> Decision:
        assert self.board.commands is not None
        return self.board.commands.act(OFFICE, "编辑", work.edit(sheet, record, cells))

    @property
    def entry(self) -> int:
        [(entry, _torn)] = self.keeper.history.torn.items()
        return entry


class MemoryDesk(Desk):
    """A file that programs save as a whole."""

    def __init__(self, folder: Path, store: MemoryStore | None = None) -> None:
        meta = RawSheet(META.label, [["编号", "值"], ["sample", "no"]])
        sheets = [raw for raw in book().snapshot().sheets if raw.title != META.label]
        self.folder, self.store = folder, store or MemoryStore(*sheets, meta)
        board = Board(FileKeeper(self.store, folder, now), clean_book().plan, today=lambda: TODAY)
        super().__init__(board)
        self.look()

    def again(self) -> Desk:
        return MemoryDesk(self.folder, self.store)

    def there(self) -> Grids:
        return Grids(self.store.read())

    def _save(self, change: list[list[Cell]]) -> None:
        label = BY_KEY["associations"].label
        sheets = [replace(raw, cells=change) if raw.title == label else raw for raw in self.store.read().sheets]
        self.store.put(*sheets)

    def _cells(self) -> list[list[Cell]]:
        return [list(row) for row in self.there()["associations"].raw.cells]

    def sort(self, *columns: str) -> None:
        cells = self._cells()
        places = [position("associations", name) for name in columns]
        block = sorted(
            ([row[at] for at in places] for row in cells[1:]), key=lambda line: (not line[0], to_text(line[0]))
        )
        for row, line in zip(cells[1:], block, strict=True):
            for at, cell in zip(places, line, strict=True):
                row[at] = cell
        self._save(cells)

    def type(self, record: str, column: str, text: str) -> None:
        cells = self._cells()
        next(row for row in cells if row[0] == record)[position("associations", column)] = text
        self._save(cells)


class Clock:
    """Time that passes when told to."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


class SheetDesk(Desk):
    """A Google spreadsheet that people edit in place."""

    def __init__(self, emu: Emulator, folder: Path, clock: Clock, name: str) -> None:
        self.emu, self.folder, self.clock, self.name = emu, folder, clock, name
        store = GoogleStore(BoundedClient(None, emu.session(SERVICE)), name, folder / "f", clock)
        keeper = LiveKeeper(store, folder / "f", now, clock=clock)
        super().__init__(Board(keeper, clean_book().plan, today=lambda: TODAY))
        self.person = emu.book(name, EDITOR)
        self.tab = BY_KEY["associations"].label
        self.look()

    def again(self) -> Desk:
        return SheetDesk(self.emu, self.folder, self.clock, self.name)

    def look(self) -> None:
        for _again in range(3):
            self.clock.at += 6
            self.board.refresh()

    def there(self) -> Grids:
        sheets = tuple(RawSheet(tab.title, self.person.values(tab.title)) for tab in self.person.model.sheets)
        return Grids(replace(self.keeper.grids.snapshot, sheets=sheets, torn=()))

    def sort(self, *columns: str) -> None:
        places = sorted(position("associations", name) for name in columns)
        rows = len(self.person.values(self.tab))
        area = f"{letters(places[0])}2:{letters(places[-1])}{rows}"
        self.person.sort_part(self.tab, area, letters(position("associations", columns[0])))

    def type(self, record: str, column: str, text: str) -> None:
        row = [line[0] if line else "" for line in self.person.values(self.tab)].index(record) + 1
        self.person.edit(self.tab, f"{letters(position('associations', column))}{row}", text)


@pytest.fixture(params=["file", "sheet"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "file":
        yield MemoryDesk(tmp_path)
        return
    with Emulator() as emu:
        snapshot = book().snapshot()
        tabs = {
            raw.title: [[raw_of(cell) for cell in row] for row in raw.cells]
            for raw in snapshot.sheets
            if raw.title != META.label
        }
        name = emu.new("台账", tabs | {META.label: [["编号", "值"], ["sample", "no"]]})
        yield SheetDesk(emu, tmp_path, Clock(), name)


def test_it_is_detected_and_said(desk: Desk):
    before = values(desk.keeper.grids)
    desk.sort(*SORTED)
    desk.look()
    [torn] = desk.keeper.history.torn.values()
    assert (torn.sheet, set(torn.columns)) == ("associations", set(SORTED))
    assert torn.records >= 3
    assert values(desk.keeper.grids) == values(desk.there()) != before
    assert desk.board.judged is not None
    [finding] = [one for one in desk.board.judged.findings if one.rule == "S26"]
    assert finding.sheet == "协会商会"
    assert "联系人" in str(finding.message)


def test_nothing_is_written_into_its_sheet_and_the_others_go_on(desk: Desk):
    desk.sort(*SORTED)
    desk.look()
    stood = desk.there()["associations"].raw.cells
    assert desk.act("updates", "DT-0001", title="别的表照写").allowed
    decision = desk.act("associations", "XH-0003", remark="不行")
    assert not decision.allowed
    assert decision.rule == "S26"
    assert "协会商会" in str(decision.reason)
    assert "联系人" in str(decision.reason)
    assert "变更与冲突" in str(decision.remedy)
    desk.look()
    assert (desk.there()["updates"].record("DT-0001") or {})["title"] == "别的表照写"
    assert [list(row) for row in desk.there()["associations"].raw.cells] == [list(row) for row in stood]


@pytest.mark.parametrize("restarts", [False, True])
def test_what_waited_for_that_sheet_waits_on_and_is_written_afterwards(desk: Desk, restarts: bool):
    assert desk.act("associations", "XH-0002", remark="先前的改动").allowed
    desk.sort(*SORTED)
    desk.look()
    assert desk.board.status.waiting == 1
    assert "变更与冲突" in str(desk.board.status.delay)
    assert desk.act("updates", "DT-0001", title="别的表照写").allowed
    desk.look()
    desk = desk.again() if restarts else desk
    assert (desk.keeper.grids["associations"].record("XH-0002") or {})["remark"] == "先前的改动"
    assert desk.there()["associations"].record("XH-0002") is not None
    assert "remark" not in (desk.there()["associations"].record("XH-0002") or {})
    assert desk.board.commands is not None
    assert adopt(desk.board.commands, OFFICE, desk.entry).allowed
    desk.look()
    assert (desk.there()["associations"].record("XH-0002") or {})["remark"] == "先前的改动"
    assert desk.board.status.waiting == 0
    assert not desk.keeper.history.conflicts


@pytest.mark.parametrize("restarts", [False, True])
def test_put_back_every_value_is_at_its_record_again(desk: Desk, restarts: bool):
    before = values(desk.keeper.grids)
    desk.sort(*SORTED)
    desk.look()
    desk = desk.again() if restarts else desk
    assert desk.board.commands is not None
    decision = put_back(desk.board.commands, OFFICE, desk.entry)
    assert decision.allowed, decision.reason
    desk.look()
    assert values(desk.there()) == values(desk.keeper.grids) == before
    assert not desk.keeper.history.torn
    assert desk.board.judged is not None
    assert not [one for one in desk.board.judged.findings if one.rule == "S26"]
    assert desk.act("associations", "XH-0003", remark="又可以了").allowed


def test_adopted_it_stays_and_the_work_goes_on(desk: Desk):
    desk.sort(*SORTED)
    desk.look()
    after = values(desk.keeper.grids)
    assert desk.board.commands is not None
    assert adopt(desk.board.commands, OFFICE, desk.entry).allowed
    assert desk.act("associations", "XH-0003", remark="又可以了").allowed
    desk.look()
    assert values(desk.there()) == after
    assert (desk.there()["associations"].record("XH-0003") or {})["remark"] == "又可以了"
    again = desk.again()
    assert not again.keeper.history.torn
    assert values(again.keeper.grids) == after


def test_what_else_was_typed_in_that_save_stays_when_it_is_put_back(desk: Desk):
    before = values(desk.keeper.grids)
    desk.sort(*SORTED)
    desk.type("XH-0004", "remark", "另外写的")
    desk.look()
    desk.type("XH-0005", "phone", "13911112222")
    desk.look()
    assert desk.board.commands is not None
    assert put_back(desk.board.commands, OFFICE, desk.entry).allowed
    desk.look()
    assert (desk.there()["associations"].record("XH-0004") or {})["remark"] == "另外写的"
    assert values(desk.there()) == before | {"XH-0005": (before["XH-0005"][0], "13911112222")}


def test_who_takes_back_the_sorting_by_hand_has_answered(desk: Desk):
    before = values(desk.keeper.grids)
    stood = desk.keeper.grids["associations"].raw.cells
    desk.sort(*SORTED)
    desk.look()
    assert desk.keeper.history.torn
    if isinstance(desk, MemoryDesk):
        desk._save([list(row) for row in stood])
    else:
        assert isinstance(desk, SheetDesk)
        desk.person.undo()
    desk.look()
    assert values(desk.there()) == values(desk.keeper.grids) == before
    assert not desk.keeper.history.torn
    assert not desk.keeper.history.conflicts
    assert desk.act("associations", "XH-0003", remark="又可以了").allowed


def test_a_row_typed_meanwhile_is_one_record_even_after_a_restart(desk: Desk):
    desk.sort(*SORTED)
    desk.look()
    if isinstance(desk, MemoryDesk):
        cells = desk._cells()
        row: list[Cell] = [""] * len(cells[0])
        row[position("associations", "name")] = "示例新来行业协会"
        desk._save([*cells, row])
    else:
        assert isinstance(desk, SheetDesk)
        desk.person.type_row(desk.tab, ["", "示例新来行业协会"])
    desk.look()
    assert desk.act("updates", "DT-0001", title="别的表照写").allowed
    desk.look()
    for one in (desk, desk.again()):
        one.look()
        grid = one.keeper.grids["associations"]
        assert [(grid.record(r) or {}).get("name") for r in grid.rows].count("示例新来行业协会") == 1
        assert not grid.loose
    assert one.board.commands is not None
    assert put_back(one.board.commands, OFFICE, one.entry).allowed
    one.look()
    grid = one.there()["associations"]
    assert [(grid.record(r) or {}).get("name") for r in grid.rows].count("示例新来行业协会") == 1
    assert not grid.loose


def test_the_app_s_value_comes_back_where_the_sort_ran_over_it(desk: Desk):
    record = next(iter(desk.keeper.grids["associations"].rows))
    assert desk.act("associations", record, contact="应用的").allowed
    desk.sort(*SORTED)
    if isinstance(desk, SheetDesk):
        desk.keeper.store.refresh(force=True)
    desk.look()
    assert desk.keeper.history.torn
    assert desk.board.commands is not None
    assert put_back(desk.board.commands, OFFICE, desk.entry).allowed
    desk.look()
    assert values(desk.there())[record][0] == "应用的"
    assert not desk.keeper.history.conflicts


def test_of_two_the_later_comes_first(desk: Desk):
    before = values(desk.keeper.grids)
    desk.sort(*SORTED)
    desk.look()
    desk.sort("phone")
    desk.look()
    first, second = desk.keeper.history.torn
    assert desk.board.commands is not None
    assert not put_back(desk.board.commands, OFFICE, first).allowed
    assert put_back(desk.board.commands, OFFICE, second).allowed
    assert put_back(desk.board.commands, OFFICE, first).allowed
    desk.look()
    assert values(desk.there()) == before


def test_an_ordinary_undo_of_it_does_the_same(desk: Desk):
    before = values(desk.keeper.grids)
    desk.sort(*SORTED)
    desk.look()
    assert desk.board.commands is not None
    assert undo(desk.board.commands, OFFICE, desk.entry).allowed
    desk.look()
    assert values(desk.there()) == before
    assert not desk.keeper.history.torn


def test_a_unit_may_not_decide_on_others_records(desk: Desk):
    desk.sort(*SORTED)
    desk.look()
    unit = Actor("赵六", "unit", ("市商务委",))
    assert desk.board.commands is not None
    for decide in (put_back, adopt):
        assert not decide(desk.board.commands, unit, desk.entry).allowed
    assert desk.keeper.history.torn


@pytest.mark.parametrize("desk", ["sheet"], indirect=True)
def test_waiting_for_the_decision_costs_no_new_version(desk: Desk):
    """Every session reruns with each: nothing has changed for them."""
    assert desk.act("associations", "XH-0002", remark="先前的改动").allowed
    desk.sort(*SORTED)
    desk.look()
    desk.look()
    version = desk.board.status.version
    desk.look()
    assert desk.board.status.version == version


@pytest.mark.parametrize("column", ["remark", "contact"])
@pytest.mark.parametrize("desk", ["sheet"], indirect=True)
def test_sorted_in_the_very_moment_the_app_writes_nothing_is_lost(desk: Desk, column: str):
    assert isinstance(desk, SheetDesk)
    before = values(desk.keeper.grids)
    record = list(before)[1]
    assert desk.act("associations", record, **{column: "应用的"}).allowed
    desk.emu.before(lambda call: call.path.endswith(":batchUpdate"), lambda: desk.sort(*SORTED))
    desk.look()
    assert desk.board.commands is not None
    assert put_back(desk.board.commands, OFFICE, desk.entry).allowed
    for conflict in list(desk.keeper.history.conflicts):
        assert resolve(desk.board.commands, OFFICE, conflict, OURS).allowed
    desk.look()
    there = values(desk.there())
    assert {r: v for r, v in there.items() if r != record} == {r: v for r, v in before.items() if r != record}
    assert values(desk.there(), column)[record] == ("应用的",)
    assert there[record][1] == before[record][1]


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return shared_book(tmp_path)


def test_a_real_file_sorted_in_part_and_put_back(shared: Shared):
    def sort(workbook):
        tab = workbook["协会商会"]
        at = [cell.value for cell in tab[1]].index("联系人") + 1
        texts = sorted((tab.cell(row, at).value or "" for row in range(2, tab.max_row + 1)), reverse=True)
        for row, text in enumerate(texts, 2):
            tab.cell(row, at, text or None)

    for record, text in zip(list(shared.keeper.grids["associations"].rows), NAMES, strict=False):
        edit_outside(shared.path, put("associations", record, "contact", text))
    shared.board.refresh()
    before = values(shared.on_disk(), "contact")
    edit_outside(shared.path, sort)
    shared.board.refresh()
    assert values(shared.on_disk(), "contact") != before
    [entry] = shared.keeper.history.torn
    again = shared.restart()
    assert again.board.commands is not None
    assert put_back(again.board.commands, OFFICE, entry).allowed
    again.board.refresh()
    assert values(again.on_disk(), "contact") == before
