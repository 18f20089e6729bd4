"""One schedule: a small workbook, one or two servers, some people, and what goes wrong, all from one seed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from lib.domain.edits import Edit, Op
from lib.domain.normalise import to_text
from lib.domain.records import DERIVED, Grids
from lib.services.corrections import _ours, _stands
from lib.services.keeper import Keeper
from lib.services.keeper_file import FileKeeper
from lib.services.mirror import Shown
from lib.services.scene import Scene
from lib.services.settings import folder_of, now
from lib.store import xlsx
from lib.store.base import Busy, StoreError, digest
from lib.store.reading import read_workbook
from lib.store.xlsx import XlsxStore
from sheets_schema.app_sheets import Conflict as ConflictRow
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY
from tests.faults import table
from tests.faults.disk import REAL, Crash, Disk, installed
from tests.faults.people import FORMULAS, Editor, Truth, Version, learned_of, truth, version_of

NAME = "台账.xlsx"
KEYS = ("associations", "units")
ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
STEPS = (6, 16)
State = dict[str, dict[str, dict[str, str]]]
"""Sheet → record → column → what a person reads there."""


class Turn:
    """The writers' lock between servers, each as if in a process of its own: it is refused, not waited for."""

    def __init__(self) -> None:
        self.owner: object = None
        self.depth = 0

    @contextmanager
    def of(self, keeper: object) -> Iterator[None]:
        """The turn of one server."""
        if self.owner not in (None, keeper):
            raise Busy("another server is writing")
        self.owner, self.depth = keeper, self.depth + 1
        try:
            yield
        finally:
            self.depth -= 1
            if not self.depth:
                self.owner = None


class _Lock:
    """What a keeper takes for its lock."""

    def __init__(self, turn: Turn) -> None:
        self.turn, self.held = turn, list[Any]()

    def __enter__(self) -> None:
        held = self.turn.of(self)
        held.__enter__()
        self.held.append(held)

    def __exit__(self, *_error: object) -> None:
        self.held.pop().__exit__(None, None, None)


class World:
    """A workbook in ``folder`` and everybody at it."""

    def __init__(self, seed: int, folder: Path, calm: bool = False) -> None:
        self.seed, self.random, self.calm = seed, Random(seed), calm
        self.folder, self.path = folder, folder / NAME
        self.disk = Disk(self.random)
        self.turn = Turn()
        self.log: list[str] = []
        self.keepers: dict[str, Keeper] = {}
        self.editors: list[Editor] = []
        self.versions: list[Version] = []
        """Everything people saved, in order."""
        self.truths: dict[int, Truth] = {}
        self.commands: dict[int, str] = {}
        self.aside: bytes | None = None
        """The workbook while it is gone or garbage."""
        self.garbage = b""
        self.clock = 1_700_000_000_000_000_000
        self.syncs = 0

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The whole lines of the journal, read without the app."""
        found = sorted((folder_of(self.path) / "journal").glob("journal-*.jsonl"))
        whole = b"".join(path.open("rb").read() for path in found)
        return [json.loads(line) for line in whole.split(b"\n")[:-1] if line.endswith(b"}")]

    def learned(self) -> set[str]:
        """Digests of the saves that the app has merged."""
        return {entry["data"]["digest"] for entry in self.journal if entry["kind"] == "outside"}

    # a schedule

    def run(self) -> State:
        """Play the schedule, then let everybody close, the faults go, and everything settle; gives what stood in the
        workbook at first."""
        random, was = self.random, (secrets.token_hex, uuid.uuid4, xlsx.SETTLE_WAIT)
        secrets.token_hex = lambda count=32: random.randbytes(count or 32).hex()  # type: ignore[assignment]
        uuid.uuid4 = lambda: uuid.UUID(int=random.getrandbits(128), version=4)
        xlsx.SETTLE_WAIT = 0
        try:
            with installed(self.disk):
                start = self._begin()
                self.cast = random.choices(["one", "two", "crowd"], [5, 3, 2])[0]
                for _step in range(random.randint(*STEPS)):
                    self.step()
                self._settle()
                return start
        finally:
            secrets.token_hex, uuid.uuid4, xlsx.SETTLE_WAIT = was  # type: ignore[assignment]

    def _begin(self) -> State:
        count = self.random.randint(2, 5)
        rows: list[list[Cell]] = [["编号", "协会名称", "登记日期", "联系人", "备注", "校验"]]
        rows += [
            [f"XH-{n:04d}", f"协会{n}", date(2010, 1, n), f"联系人{n}" if n % 2 else "", f"备注{n}", ""]
            for n in range(1, count + 1)
        ]
        units: list[list[Cell]] = [["编号", "单位名称", "责任人", "备注"], ["DW-01", "市民政局", "赵一", ""]]
        conflicts = [[column.label for column in BY_KEY["conflicts"].columns]]
        meta: list[list[Cell]] = [["编号", "值"], ["sample", "no"]]
        sheets = {"协会商会": rows, "单位": units, "冲突": conflicts, "_meta": meta}
        self.path.write_bytes(table.write(sheets))  # type: ignore[arg-type]
        start = records(Grids(read_workbook(self.path.open("rb").read())))
        self.keeper("甲").sync()
        return start

    def step(self) -> None:
        """Something happens."""
        if not self.calm and self.random.random() < 0.04:
            self.log.append("power cut")
            self.disk.cut()
            self.keepers.clear()
        if self.random.random() < 0.5:
            self.app_step()
        else:
            self.people_step()

    # the app

    def keeper(self, name: str) -> Keeper:
        """A server; started when it does not run."""
        if name not in self.keepers:
            made = FileKeeper(XlsxStore(self.path), folder_of(self.path), now)
            made._lock = _Lock(self.turn)  # type: ignore[assignment]
            made.mirror = lambda held: mirrored(made, held)
            self.keepers[name] = made
        return self.keepers[name]

    def app_step(self, events: dict[int, str] | None = None) -> None:
        """A server does something, undisturbed or not."""
        name = self.random.choice("甲乙") if self.cast == "two" else "甲"
        act = self.random.choices([self.command, self.sync, self.restart], [5, 5, 1])[0]
        self.app(name, act, self.events() if events is None else events)

    def events(self) -> dict[int, str]:
        """What goes wrong during one act, if anything."""
        if self.calm or self.random.random() < 0.55:
            return {}
        kinds = self.random.choices(
            ["crash", "crash-after", "full", "people"], [3, 3, 2, 5], k=self.random.choice([1, 1, 2])
        )
        return {self.random.randint(1, 40): kind for kind in kinds}

    def app(self, name: str, act: Callable[[str], str], events: dict[int, str]) -> None:
        """Let a server do something; note how it ended."""
        told = f"{name} {getattr(act, '__name__', act)}"
        self.disk.people = lambda: self.meanwhile(name)
        try:
            with self.disk.app(events):
                told += f": {act(name)}"
        except Crash:
            told += f": died at call {self.disk.calls} of {events}"
            self.died(name)
        except StoreError as error:
            told += f": {type(error).__name__} {error}"
        self.log.append(told + (f" {events}" if events else ""))

    def meanwhile(self, name: str) -> None:
        """Somebody acts while a server is at work; another server is kept out by the lock."""
        self.log.append(f"  while {name} is at call {self.disk.calls}:")
        if self.cast == "two" and self.random.random() < 0.4:
            other = "乙" if name == "甲" else "甲"
            with suppress(StoreError):
                self.log.append(f"  {other} {self.random.choice([self.command, self.sync])(other)}")
        else:
            self.people_step()

    def died(self, name: str) -> None:
        """A server is dead, at times all of them because the power is gone."""
        self.turn.owner, self.turn.depth = None, 0
        if self.random.random() < 0.3:
            self.log.append("  power cut")
            self.disk.cut()
            self.keepers.clear()
        else:
            self.keepers.pop(name, None)

    def sync(self, name: str) -> str:
        """Learn and write."""
        keeper = self.keeper(name)
        keeper.sync()
        self.syncs += 1
        return f"problem={keeper.problem} delay={keeper.delay} revision={keeper.history.revision}"

    def restart(self, name: str) -> str:
        """End a server and start it again."""
        self.keepers.pop(name, None)
        return self.sync(name)

    def command(self, name: str) -> str:
        """Change something and be told that it is saved."""
        keeper, number = self.keeper(name), len(self.commands) + 1
        with keeper.alone() as grids:
            edits, more = self.choose(keeper, grids, number)
            if not edits and not more:
                return "nothing"
            self.commands[number] = UNKNOWN
            try:
                keeper.record(edits, actor="李四", action="改", n=number, **more)
            except StoreError:
                self.commands[number] = REFUSED
                raise
            self.commands[number] = ACKNOWLEDGED
        return f"{number} {[(e.op.value, e.record, e.column, to_text(e.new)) for e in edits]} {more}"

    def choose(self, keeper: Keeper, grids: Grids, number: int) -> tuple[list[Edit], dict[str, Any]]:
        """What a command does."""
        if keeper.history.torn and self.random.random() < 0.3:
            return self.decide(keeper, grids)
        kind, key = self.random.random(), self.random.choices(KEYS, [4, 1])[0]
        grid = grids.get(key)
        if grid is None or not grid.has_ids:
            return [], {}
        if kind < 0.15:
            values: dict[str, Cell] = {"name": f"应用{number}", "remark": f"a{number}"}
            return [Edit(Op.ADD, key, keeper.history.mint(key), values=self._there(grid.columns, values))], {}
        if kind < 0.3 and keeper.history.conflicts:
            found = self.random.choice(list(keeper.history.conflicts.values()))
            if self.random.random() < 0.4:
                return [], {"resolves": found.id}
            with suppress(Exception):
                made = _ours(found, Scene(grids, None, keeper.history.mint))  # type: ignore[arg-type]
                if all(not edit.column or edit.column in grids[edit.sheet].columns for edit in made):
                    return made, {"resolves": found.id}
            return [], {}  # commands refuse to write into a column that people removed
        if not grid.rows:
            return [], {}
        record = self.random.choice(list(grid.rows))
        cells = grid.record(record) or {}
        if kind < 0.36 and len(grid.rows) > 1:
            return [Edit(Op.REMOVE, key, record, values=cells)], {}
        names = [name for name in ("name", "contact", "remark", "leader", "registered_on") if name in grid.columns]
        edits = []
        for column in self.random.sample(names, min(len(names), self.random.choice([1, 1, 1, 2]))):
            value = self.value(keeper, (key, record, column), number)
            edits.append(Edit(Op.SET, key, record, column, cells.get(column), value))
        return edits, {}

    def decide(self, keeper: Keeper, grids: Grids) -> tuple[list[Edit], dict[str, Any]]:
        """Answer the latest partial sort: keep it so, or put it back."""
        entry = max(keeper.history.torn)
        if self.random.random() < 0.5:
            return [], {"adopts": entry}
        back = [edit.inverse for edit in keeper.history.of_entry(entry) if _stands(edit, grids)]
        return back, {"undoes": entry}

    @staticmethod
    def _there(columns: tuple[str, ...], values: dict[str, Cell]) -> dict[str, Cell]:
        return {name: cell for name, cell in values.items() if name in columns}

    def value(self, keeper: Keeper, place: tuple[str, str, str], number: int) -> Cell:
        """What a command puts into a cell: mostly something new, at times what stood there before."""
        kind = self.random.random()
        if kind < 0.6:
            return f"a{number}.{place[2]}"
        if kind < 0.75:
            return None
        if kind < 0.9:
            former = [c.edit for c in keeper.history.changes if (c.edit.sheet, c.edit.record, c.edit.column) == place]
            return self.random.choice(former).old if former else f"a{number}"
        return self.random.choice([*FORMULAS, date(2016, 2, 3)])

    # people

    def people_step(self) -> None:
        """Somebody does something at a desktop program, or to the file."""
        self.disk.settle()
        kind = self.random.random()
        if kind < 0.06 and not self.calm:
            self.harm()
        elif not self.editors or (kind < 0.25 and len(self.editors) < 3):
            self.open()
        else:
            editor = self.random.choice(self.editors)
            for _edit in range(self.random.choice([0, 1, 1, 2, 3])):
                self.log.append(f"{editor.name} {editor.edit()}")
            if self.random.random() < 0.6:
                self.save(editor)
                if self.random.random() < 0.3:
                    self.close(editor)

    def open(self) -> None:
        """Somebody opens the workbook, if that is possible now."""
        try:
            data = self.path.open("rb").read()
            found = [v for v in self.versions if v.digest == digest(data)]
            version = found[-1] if found else version_of(data)
        except Exception:
            return
        name = f"人{len(self.versions)}{len(self.log)}"
        kind = self.random.random
        editor = Editor(name, version, self.random, "", kind() < 0.5, kind() < 0.04)
        if kind() < 0.5:
            self.lock(editor, self.random.choice(["office", "excel"]))
        self.editors.append(editor)
        self.log.append(f"{name} opens {'theirs' if version.who else 'ours'} lock={editor.lock} {editor.in_place}")

    def lock(self, editor: Editor, kind: str) -> None:
        """Put a lock file there unless there is one."""
        path = self.lock_path(kind)
        if path.exists():
            return
        editor.lock = kind
        block = editor.name.encode("utf-16-le")
        content = {
            "office": f",{editor.name},elsewhere,31.03.2016 09:00,file:///home/x;".encode(),
            "excel": bytes([1]) + b"x".ljust(54) + (len(block) // 2).to_bytes(2, "little") + block,
        }[kind]
        with path.open("wb") as file:
            file.write(content)

    def lock_path(self, kind: str) -> Path:
        return self.path.with_name({"office": f".~lock.{NAME}#", "excel": f"~${NAME}"}[kind])

    def close(self, editor: Editor) -> None:
        """Close without saving."""
        self.editors.remove(editor)
        if editor.lock:
            with suppress(OSError):
                REAL["unlink"](self.lock_path(editor.lock))
        self.log.append(f"{editor.name} closes")

    def save(self, editor: Editor) -> None:
        """Save the whole file over whatever stands there."""
        learned = self.learned()
        version = editor.save(len(self.journal))
        standing = self.aside if self.aside is not None else self.path.open("rb").read()
        for former in self.versions:
            if former.digest == digest(standing) and former.digest not in learned:
                former.overwritten = True
        self.aside = None
        self.truths[len(self.versions)] = truth(version, learned_of(self.versions, learned))
        self.versions.append(version)
        self.put(version.data, editor.in_place)
        self.log.append(f"{editor.name} saves as {len(self.versions)} {version.digest[:6]}")

    def put(self, data: bytes, in_place: bool = True) -> None:
        """Write the file as a program does that knows nothing of others."""
        target = self.path if in_place else self.path.with_name("saving.tmp")
        if in_place and self.path.exists() and not os.stat(self.path).st_mode & 0o222:
            os.chmod(self.path, 0o644)
        with target.open("wb") as file:
            file.write(data)
        if not in_place:
            REAL["rename"](target, self.path)
        self.clock += 1_000_000_000
        os.utime(self.path, ns=(self.clock, self.clock))

    def harm(self) -> None:
        """The file goes, becomes garbage, becomes read-only; or all is well again."""
        if self.aside is not None or not os.stat(self.path).st_mode & 0o222:
            self.mend()
            return
        kind = self.random.choice(["gone", "garbage", "torn", "read-only"])
        self.log.append(f"the file is {kind}")
        if kind == "read-only":
            os.chmod(self.path, 0o444)
            return
        self.aside = self.path.open("rb").read()
        if kind == "gone":
            REAL["unlink"](self.path)
        else:
            self.put(b"garbage" if kind == "garbage" else self.aside[: len(self.aside) // 2])

    def mend(self) -> None:
        """The file is as it should be."""
        if self.aside is not None:
            self.put(self.aside)
            self.aside = None
        os.chmod(self.path, 0o644)
        self.log.append("the file is well again")

    # the end

    def _settle(self) -> None:
        """Everybody closes, all is well, an hour passes, every server syncs twice."""
        self.disk.settle()
        for editor in list(self.editors):
            self.close(editor)
        self.mend()
        self._age()
        for kind in ("office", "excel"):
            with suppress(OSError):
                REAL["unlink"](self.lock_path(kind))  # a crash may leave half of it, which counts for 24 hours
        names = ["甲", "乙"] if self.cast == "two" else ["甲"]
        for _round in range(3):
            for name in names:
                self.app(name, self.sync, {})
            while (keeper := self.keepers.get(names[0])) and keeper.history.torn:
                self.app(names[0], self.answer, {})

    def answer(self, name: str) -> str:
        """The office answers the latest partial sort."""
        keeper = self.keeper(name)
        with keeper.alone() as grids:
            if not keeper.history.torn:
                return "nothing"
            edits, more = self.decide(keeper, grids)
            keeper.record(edits, actor="李四", action="改", **more)
        return f"{more}"

    def _age(self) -> None:
        """What lies about is an hour old."""
        for path in self.path.parent.iterdir():
            if path != self.path and path.is_file():
                then = path.stat().st_mtime - 3600
                os.utime(path, (then, then))


def mirrored(keeper: Keeper, held: Grids) -> Shown:
    """Something like what the app shows: a text at rows with a contact, and the open conflicts."""
    grid = held.get("associations")
    checks = {}
    if grid is not None:
        checks = {
            at + 1: f"有联系人 {name}" for name, at in grid.rows.items() if (grid.record(name) or {}).get("contact")
        }
    rows = [ConflictRow(at="", record=c.record, column_label=c.column) for c in keeper.history.conflicts.values()]
    return Shown({"associations": checks}, {"conflicts": rows})


def records(grids: Grids) -> State:
    """Sheet → record → column → what a person reads there."""
    found: State = {}
    for key in KEYS:
        grid = grids.get(key)
        found[key] = {}
        for name in grid.rows if grid is not None else ():
            cells = grid.record(name) or {} if grid is not None else {}
            found[key][name] = {c: to_text(v) for c, v in cells.items() if to_text(v) and c not in DERIVED}
    return found


def clean(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
