"""A small shared spreadsheet with its keeper and its people, for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lib.domain.edits import Edit, Op
from lib.domain.records import Grids
from lib.services.live import LiveKeeper
from lib.store.google_checks import formula
from lib.store.google_client import BoundedClient
from lib.store.gsheet import GoogleStore
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY
from tests.faults.google import Clock
from tests.faults.world import mirrored
from tests.sheets_emulator import EDITOR, SERVICE, Emulator
from tests.sheets_emulator.direct import DirectSession

TAB, UNITS = "协会商会", "单位"


class Desk:
    """``people`` is somebody at the spreadsheet; ``round`` lets the app look and write."""

    def __init__(self, folder: Path, rows: int = 4) -> None:
        self.folder, self.emu, self.clock = folder, Emulator(), Clock()
        first: list[list[Any]] = [["编号", "协会名称", "登记日期", "联系人", "备注", "自己的列", formula("校验", "A")]]
        first += [
            [f"XH-{n:04d}", f"协会{n}", "2010-01-02", f"联系{n}", f"备注{n}", f"自己{n}"] for n in range(1, rows + 1)
        ]
        tabs: dict[str, Any] = {
            TAB: first,
            UNITS: [["编号", "单位名称", "责任人", "备注"], ["DW-01", "单位甲", "赵一", ""]],
            "备忘": [["随手记"], ["别动"]],
            "冲突": [[column.label for column in BY_KEY["conflicts"].columns]],
            "_meta": [["编号", "值"], ["sample", "no"]],
        }
        self.id = self.emu.new("台账", tabs, rows=max(40, rows + 20))
        self.people = self.emu.book(self.id, EDITOR)
        self.keeper = self.server()
        self.keeper.sync()
        self.round()

    def server(self, **hooks: Callable[..., None]) -> LiveKeeper:
        """A server that starts now."""
        client = BoundedClient(None, DirectSession(self.emu, SERVICE, **hooks), self.clock, self.clock.sleep)
        store = GoogleStore(client, self.id, self.folder / "google", self.clock)
        made = self.keeper = LiveKeeper(store, self.folder, self.clock.now, clock=self.clock)
        made.mirror = lambda held: mirrored(made, held)
        return made

    def round(self, times: int = 1) -> None:
        """Some seconds pass, the app looks and writes."""
        for _time in range(times):
            self.clock.t += 12
            self.keeper.probe()
            self.keeper.sync()

    def before_write(self, act: Callable[[], object]) -> None:
        """Somebody acts between the app's look and its next write."""
        self.emu.before("batchUpdate", act)

    def before_writes(self, acts: Sequence[Callable[[], object]]) -> None:
        """Somebody acts before the next write, and before the one after it."""
        first, *others = acts

        def act() -> None:
            first()
            if others:
                self.before_writes(others)

        self.before_write(act)

    def change(self, *edits: Edit) -> None:
        """A change that the app acknowledges."""
        with self.keeper.alone():
            self.keeper.record(edits, actor="李四", action="改")

    def put(self, record: str, column: str, value: Cell) -> None:
        """Change one cell of an association."""
        old = (self.held["associations"].record(record) or {}).get(column)
        self.change(Edit(Op.SET, "associations", record, column, old, value))

    @property
    def held(self) -> Grids:
        """What the app holds."""
        return self.keeper.grids

    def row(self, record: str, tab: str = TAB) -> list[Any]:
        """A record's cells as they stand, 校验 left out."""
        [found] = [line[:6] for line in self.people.values(tab)[1:] if line and line[0] == record]
        return found

    def ids(self, tab: str = TAB) -> list[str]:
        """The ids from the top, of rows with something in them."""
        return [str(line[0]) for line in self.people.values(tab)[1:] if any(cell != "" for cell in line)]
