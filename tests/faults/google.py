"""One schedule at a shared spreadsheet: a keeper, people who act between any two requests, and what goes wrong on the
way to Google, all from one seed. ``python -m tests.faults.google SEED`` tells one story, ``… FROM TO`` many."""

from __future__ import annotations

import json
import secrets
import sys
import traceback
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from lib.domain.edits import Edit, Op
from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.services.corrections import _ours
from lib.services.live import LiveKeeper
from lib.services.scene import Scene
from lib.services.settings import ZONE
from lib.store.base import StoreError
from lib.store.google_checks import formula
from lib.store.google_client import BoundedClient
from lib.store.gsheet import GoogleStore
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY
from tests.faults.disk import Crash, Disk, installed
from tests.faults.google_people import DAYS, OWN, People, somebody
from tests.faults.world import State, clean, mirrored, records
from tests.sheets_emulator import SERVICE, Emulator
from tests.sheets_emulator.api import Ask
from tests.sheets_emulator.direct import DirectSession

KEYS = ("associations", "units")
FORMULA = formula("校验", "A")
STEPS = (6, 16)
ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
FAULTS = [("before", 503), ("after", 503), ("before", "lost"), ("after", "lost"), ("after", "html502"), ("before", 429),
          ("after", 500), ("before", "html502")]  # fmt: skip


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.t = 1000.0

    def __call__(self) -> float:
        return self.t

    def sleep(self, seconds: float) -> None:
        self.t += seconds

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, tzinfo=ZONE) + timedelta(seconds=int(self.t))


class World:
    """A spreadsheet, its keeper and its people."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.random, self.folder = seed, Random(seed), folder
        self.clock, self.disk, self.log = Clock(), Disk(self.random), list[str]()
        self.commands: dict[int, str] = {}
        self.plan: list[str] = []
        """What happens around each coming request."""
        self.keeper_: LiveKeeper | None = None
        self.emu = Emulator(clock=self.clock)
        self.busy = False
        self.writes_at_rest = 0

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The whole lines of the journal, read without the app."""
        found = sorted((self.folder / "journal").glob("journal-*.jsonl"))
        whole = b"".join(path.open("rb").read() for path in found)
        return [json.loads(line) for line in whole.split(b"\n")[:-1] if line.endswith(b"}")]

    def run(self) -> State:
        """Play the schedule and let everything settle; gives what stood in the spreadsheet at first."""
        random = self.random
        was = (secrets.token_hex, uuid.uuid4, secrets.randbelow)
        secrets.token_hex = lambda count=32: random.randbytes(count or 32).hex()  # type: ignore[assignment]
        secrets.randbelow = random.randrange  # type: ignore[assignment]
        uuid.uuid4 = lambda: uuid.UUID(int=random.getrandbits(128), version=4)
        try:
            with installed(self.disk):
                start = self._begin()
                for _step in range(random.randint(*STEPS)):
                    self.step()
                self._settle()
                return start
        finally:
            secrets.token_hex, uuid.uuid4, secrets.randbelow = was

    def _begin(self) -> State:
        first: list[list[Any]] = [["编号", "协会名称", DAYS, "联系人", "备注", OWN, FORMULA]]
        for n in range(1, self.random.randint(2, 6) + 1):
            contact = f"联系人{n}" if n % 2 else ""
            first.append([f"XH-{n:04d}", f"协会{n}", f"2010-01-{n:02d}", contact, f"备注{n}", f"自己{n}"])
        units = [
            ["编号", "单位名称", "责任人", "备注"],
            ["DW-01", "单位甲", "赵一", "单备1"],
            ["DW-02", "单位乙", "", ""],
        ]
        conflicts = [[column.label for column in BY_KEY["conflicts"].columns]]
        tabs: dict[str, list[list[Any]]] = {
            "协会商会": first, "单位": units, "备忘": [["事", "话"], ["忘1", "忘2"], ["忘3", ""]], "冲突": conflicts,
            "_meta": [["编号", "值"], ["sample", "no"]],
        }  # fmt: skip
        self.id = self.emu.new("台账", tabs, rows=self.random.choice([9, 30]), columns=self.random.choice([8, 20]))
        self.person = somebody(self.emu.book(self.id))
        self.tabs = [sheet.id for sheet in self.person.model.sheets[:3]]
        self.people = People(self.person, self.random, self.tabs, self.log)
        self.people.columns = self.seed % 5 == 4
        self.keeper.sync()
        return records(self.keeper.grids)

    @property
    def keeper(self) -> LiveKeeper:
        """The server; started when it does not run."""
        if self.keeper_ is None:
            session = DirectSession(self.emu, SERVICE, self.before, self.after)
            store = GoogleStore(
                BoundedClient(None, session, self.clock, self.clock.sleep), self.id, self.folder / "google", self.clock
            )
            made = self.keeper_ = LiveKeeper(store, self.folder, self.clock.now, clock=self.clock)
            made.mirror = lambda held: mirrored(made, held)
        return self.keeper_

    # around requests

    def before(self, ask: Ask) -> None:
        """Somebody acts before a request, or the process dies."""
        kind = self.plan.pop(0) if self.plan else ""
        self.kill = kind == "kill-after"
        self.log.append(f"   {ask.method} {ask.path[-24:]} {kind}")
        if kind == "kill":
            self._die()
        for _act in range({"act": 1, "acts": 2}.get(kind, 0)):
            self.meanwhile()

    def after(self, _ask: Ask) -> None:
        """The process dies before it has the answer."""
        if self.kill:
            self._die()

    def _die(self) -> None:
        self.disk.dead = True
        raise Crash

    def meanwhile(self) -> None:
        """Somebody acts while a request is under way."""
        active, self.disk.active = self.disk.active, False
        try:
            self.people.act()
        finally:
            self.disk.active = active

    # steps

    def step(self) -> None:
        """Something happens."""
        self.clock.t += self.random.choice([0.5, 2.5, 6, 6, 11, 30])
        if self.random.random() < 0.02:
            self.clock.t += 700
        if self.random.random() < 0.3:
            for _act in range(self.random.choice([1, 1, 2, 3])):
                self.people.act()
        else:
            self.app(self.random.choices([self.command, self.cycle, self.restart], [5, 6, 1])[0])

    def app(self, act: Any) -> None:
        """The server does something, undisturbed or not."""
        calm = self.random.random() < 0.35
        kinds = ["", "act", "acts", "kill", "kill-after"]
        self.plan = [] if calm else self.random.choices(kinds, [10, 6, 2, 0.5, 0.7], k=6)
        self.emu.trouble.faults.clear()
        if not calm and self.random.random() < 0.25:
            when, what = self.random.choice(FAULTS)
            match = self.random.choice([None, "batchUpdate", "batchUpdate"])
            self.emu.fault(when, what, match, self.random.choice([1, 1, 1, 4, 5]))  # type: ignore[arg-type]
            self.log.append(f"  fault {when} {what} {match}")
        events = {self.random.randint(1, 25): "crash"} if not calm and self.random.random() < 0.05 else {}
        told = f"app {act.__name__}"
        try:
            with self.disk.app(events):
                told += f": {act()}"
        except Crash:
            told += ": died"
            self.keeper_ = None
        except StoreError as error:
            told += f": {type(error).__name__} {error}"
        self.log.append(told)

    def cycle(self) -> str:
        """Look, learn, write."""
        keeper = self.keeper
        keeper.probe()
        if self.random.random() < 0.3:
            self.meanwhile()
        keeper.sync()
        return f"t={self.clock.t:.0f} problem={keeper.problem} delay={keeper.delay} waiting={keeper.waiting}"

    def restart(self) -> str:
        """End the server and start it again."""
        self.keeper_ = None
        return self.cycle()

    def command(self) -> str:
        """Change something and be told that it is saved."""
        number = len(self.commands) + 1
        with self.keeper.alone() as grids:
            edits, more = self.choose(grids, number)
            if not edits and not more:
                return "nothing"
            self.commands[number] = UNKNOWN
            try:
                self.keeper.record(edits, actor="李四", action="改", n=number, **more)
            except StoreError:
                self.commands[number] = REFUSED
                raise
            self.commands[number] = ACKNOWLEDGED
        told = [(e.op.value, e.record, e.column, to_text(e.new) or dict(e.values)) for e in edits]
        return f"{number} {told} {more}"

    def choose(self, grids: Grids, number: int) -> tuple[list[Edit], dict[str, Any]]:
        """What a command does; every value it writes is new."""
        kind, key, keeper = self.random.random(), self.random.choices(KEYS, [4, 1])[0], self.keeper
        grid = grids.get(key)
        if grid is None or not grid.has_ids:
            return [], {}
        if kind < 0.15:
            values: dict[str, Cell] = {"name": f"令{number}.name", "remark": f"令{number}.remark"}
            there = {name: cell for name, cell in values.items() if name in grid.columns}
            return [Edit(Op.ADD, key, keeper.history.mint(key), values=there)], {}
        if kind < 0.25 and keeper.history.conflicts:
            found = self.random.choice(list(keeper.history.conflicts.values()))
            if self.random.random() < 0.5:
                return [], {"resolves": found.id}
            with suppress(Exception):
                made = _ours(found, Scene(grids, None, keeper.history.mint))  # type: ignore[arg-type]
                if all(not edit.column or edit.column in grids[edit.sheet].columns for edit in made):
                    return made, {"resolves": found.id}
            return [], {}
        if not grid.rows:
            return [], {}
        record = self.random.choice(list(grid.rows))
        cells = grid.record(record) or {}
        if kind < 0.31 and len(grid.rows) > 1:
            return [Edit(Op.REMOVE, key, record, values=cells)], {}
        names = [
            name for name in ("name", "contact", "remark", "leader", "registered_on", f"={OWN}") if name in grid.columns
        ]
        edits = []
        for column in self.random.sample(names, min(len(names), self.random.choice([1, 1, 1, 2]))):
            mark = self.random.choice(["", "", "", "=", "'", "+"])
            value: Cell = None if self.random.random() < 0.15 else f"{mark}令{number}.{column}"
            edits.append(Edit(Op.SET, key, record, column, cells.get(column), value))
        return edits, {}

    # the end

    def _settle(self) -> None:
        """Everything goes well from now on; then two rounds in which nothing may happen any more."""
        self.disk.settle()
        self.plan = []
        self.emu.trouble.faults.clear()
        for _round in range(10):
            self.clock.t += 61
            self.app_calm()
        calls, before = len(self.emu.calls), self.contents()
        for _round in range(2):
            self.clock.t += 700
            self.app_calm()
        self.writes_at_rest = sum(call.kind == "write" for call in self.emu.calls[calls:])
        self.moved_at_rest = before != self.contents()

    def app_calm(self) -> None:
        """Look, learn, write, undisturbed."""
        self.keeper.probe()
        self.keeper.sync()
        self.log.append(f"calm: {self.keeper.problem} {self.keeper.delay} {self.keeper.waiting}")

    def contents(self) -> list[Any]:
        """All that is entered in the spreadsheet."""
        return [(sheet.title, [row.values for row in sheet.rows]) for sheet in self.person.model.sheets]


def play(seed: int, folder: Path) -> tuple[World, list[str]]:
    """One schedule and the verdict on it. The app must not fall over either."""
    from tests.faults.google_verdict import verdict

    world = World(seed, clean(folder))
    try:
        start = world.run()
        return world, verdict(world, start)
    except Exception:
        return world, [f"fell: {traceback.format_exc()}"]


def failures(seeds: range, folder: Path) -> dict[int, list[str]]:
    """Seed → what was lost, for the seeds in which anything was."""
    played = ((seed, play(seed, folder)[1]) for seed in seeds)
    return {seed: told for seed, told in played if told}


def show(world: World) -> None:
    """The spreadsheet as it stands."""
    for sheet in world.person.model.sheets:
        rows = [[str(v) if v is not None else "" for v in row.values] for row in sheet.rows[:16]]
        print(sheet.title, *rows, sep="\n   ")


if __name__ == "__main__":
    from tests.faults.__main__ import main

    sys.exit(bool(main(play, show)))
