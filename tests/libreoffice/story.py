"""A random story: somebody works in LibreOffice, somebody else on a copy, the app in between, killed now and then."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from lib.domain.records import Grids
from lib.store.xlsx import XlsxStore
from tests.libreoffice.desk import COLUMNS, HOT, WEIGHTS, Act, Deleted, Desk, Tokens, Typed
from tests.libreoffice.office import PERSON, App, Office, some_moment
from tests.libreoffice.proof import Proof, Witness

TRIES = 20
"""Attempts to open a workbook that the app is just writing."""
A_WRITE = 0.008
"""Seconds from the lock the app makes to the last byte it writes."""
OUTSIDE = ("cells typed into", "rows inserted", "rows appended", "rows deleted", "rows copied")
APP = ("app edits", "app rows added", "app rows removed")


@dataclass
class Report:
    """What happened in a story and what came of it."""

    done: Counter[str]
    proof: Proof
    kills: int
    seconds: float
    wrong: list[str]
    """Promises broken on the way: written while it was open, not told who has it open, an error in the app."""

    def __str__(self) -> str:
        told = "\n".join((*self.proof.losses, *self.wrong)) or "nothing lost"
        outside, app = (sum(self.done[name] for name in names) for names in (OUTSIDE, APP))
        return (
            f"{outside} outside edits, {app} acknowledged app edits, {self.kills} kills, "
            f"{len(self.proof.losses)} losses, {self.proof.conflicts} open conflicts, {self.seconds:.0f} s\n"
            f"{dict(self.done)}\n{dict(self.proof.fates)}\n{told}"
        )


@dataclass
class Story:
    """Runs until so many edits and kills have happened; then everybody goes home and what came of it is examined."""

    folder: Path
    workbook: Path
    office: Office
    edits: int
    kills: int
    chance: random.Random
    flags: tuple[str, ...] = ()
    done: Counter[str] = field(default_factory=Counter)
    acts: list[Act] = field(default_factory=list)
    uncertain: list[Act] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def run(self) -> Report:
        began, first = time.monotonic(), Grids(XlsxStore(self.workbook).read())
        tokens = Tokens()
        (self.folder / "elsewhere").mkdir()
        away = self.folder / "elsewhere" / self.workbook.name
        self.tokens = tokens
        self.desk = Desk(self.office, "桌面", self.workbook, self.chance, tokens, self.done)
        self.away = Desk(self.office, "别处", away, self.chance, tokens, self.done)
        self.app = App(self.workbook, self.folder, *self.flags)
        self.alive, self._stamp = True, self._stat()
        self._ways = cycle((self._kill_writing, self._kill_recording, self._kill_writing, self._kill_starting))
        try:
            self._sync()
            while self.count < self.edits or self.app.kills < self.kills:
                self._step()
            self._home()
        finally:
            self.app.stop()
            for desk in (self.desk, self.away):
                if desk.is_open:
                    desk.close()
        proof = Witness(self.workbook, first).proof(self.acts, self.uncertain)
        log = (self.folder / "app.log").read_text("utf-8")
        if "Traceback" in log:
            self.wrong.append(f"an error in the app: {log[-3000:]}")
        return Report(self.done, proof, self.app.kills, time.monotonic() - began, self.wrong)

    @property
    def count(self) -> int:
        """Edits made so far."""
        return sum(self.done[name] for name in OUTSIDE + APP)

    def _step(self) -> None:
        due = self.edits * (self.app.kills + 1) / (self.kills + 1)
        if not self.alive:
            self.chance.choice((self._at_desk, self._restart))()
        elif self.app.kills < self.kills and self.count >= due:
            self._kill()
        else:
            acts = {
                self._at_desk: 40, self._by_app: 25, self._meanwhile: 12, self._sync: 12, self._elsewhere: 8,
            }  # fmt: skip
            self.chance.choices(list(acts), list(acts.values()))[0]()

    def _home(self) -> None:
        """Everybody saves and closes; the app learns it and writes, twice."""
        if not self.alive:
            self._restart()
        if self.away.is_open:
            self._land()
        if self.desk.is_open:
            self._save()
            self.desk.close()
        for _again in range(2):
            answer = self._sync()
        if answer["problem"] or answer["delay"] or answer["waiting"]:
            self.wrong.append(f"not all was written in the end: {answer}")

    # the person at the desk

    def _at_desk(self) -> None:
        if not self.desk.is_open and not self._open():
            return
        for _again in range(self.chance.randint(1, 3)):
            self.desk.work()
        if self.chance.random() < 0.6:
            self._save()
        if self.chance.random() < 0.4:
            self._close()

    def _open(self) -> bool:
        """Open the workbook; while the app writes LibreOffice gets it read-only, and the person tries again."""
        for _try in range(TRIES):
            if self.desk.open():
                self._stamp = self._stat()
                return True
            self.done["LibreOffice refused"] += 1
            if not self.alive:  # it died while it wrote: its lock is swept when it starts
                self._restart()
                self._sync()
        self.wrong.append("LibreOffice could not open the workbook any more")
        return False

    def _save(self) -> None:
        self._still()
        self.desk.save()
        self.acts += self.desk.landed()
        self._stamp = self._stat()

    def _close(self) -> None:
        if self.desk.unsaved:
            self._save()
        self._still()
        self.desk.close()

    # the app

    def _command(self) -> tuple[str, dict[str, Any], list[Act]]:
        """A command, and what it does if it is acknowledged."""
        sheet = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        records = self.app.ask("records", sheet=sheet, most=HOT if self.chance.random() < 0.6 else 10_000)
        record = self.chance.choice(records)
        roll = self.chance.random()
        if roll < 0.1:
            like = self.app.ask("records", sheet="updates", most=10_000)
            one, other = self.tokens.next("应用"), self.tokens.next("应用")
            made: list[Act] = [Typed(one, "updates", "", "title", ""), Typed(other, "updates", "", "content", "")]
            return "add", {"like": self.chance.choice(like), "title": one, "content": other}, made
        if roll < 0.15 and sheet in ("updates", "problems"):
            return "remove", {"sheet": sheet, "record": record}, [Deleted(sheet, record, frozenset())]
        column, token = self.chance.choice(COLUMNS[sheet]), self.tokens.next("应用")
        told = {"sheet": sheet, "record": record, "column": column, "text": token}
        return "edit", told, [Typed(token, sheet, record, column, "")]

    def _acknowledged(self, do: str, answer: dict[str, Any], acts: list[Act]) -> None:
        if not answer["allowed"]:
            self.done["app refused"] += 1
            return
        for act in acts:
            if isinstance(act, Deleted):
                self.acts.append(Deleted(act.sheet, act.record, frozenset(answer["seen"])))
            elif do == "add":
                self.acts.append(Typed(act.token, act.sheet, answer["records"][0], act.column, ""))
            else:
                self.acts.append(Typed(act.token, act.sheet, act.record, act.column, str(answer["seen"][0])))
        self.done[{"edit": "app edits", "add": "app rows added", "remove": "app rows removed"}[do]] += 1

    def _by_app(self) -> None:
        do, told, acts = self._command()
        self._acknowledged(do, self.app.ask(do, **told), acts)
        self._still()

    def _meanwhile(self) -> None:
        """The app writes or records in the very moment in which somebody opens, types, saves and closes."""
        if self.chance.random() < 0.5:
            do, told, acts = self._command()
            self._acknowledged(do, self.app.ask(do, **told), acts)
        self.app.talk.tell("sync")
        time.sleep(self.chance.uniform(0, 0.15))
        self._at_desk()
        self.app.talk.answer()
        self._still()

    def _sync(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.app.ask(self.chance.choice(("sync", "poll")) if self.desk.is_open else "sync")
        self._still()
        if self.desk.is_open and answer["waiting"] and PERSON not in answer["delay"]:
            self.wrong.append(f"who has it open is not told: {answer}")
        if answer["problem"]:
            self.wrong.append(f"the workbook could not be read: {answer}")
        return answer

    def _kill(self) -> None:
        """Kill the app while it writes, while it records, while it starts again after a kill."""
        next(self._ways)()
        self.alive = False
        self._still()

    def _kill_writing(self) -> None:
        if self.desk.is_open:
            self._close()
        self._by_app()
        self.app.talk.tell("sync")
        self._until_it_writes()
        self.app.kill(self.chance.uniform(0, A_WRITE))
        self.done["killed in the middle of a write"] += self._is_writing()

    def _is_writing(self) -> bool:
        return any(self.workbook.parent.glob(f".*{self.workbook.name}*"))

    def _until_it_writes(self) -> None:
        while not self._is_writing() and not self.app.talk.has_answered:
            time.sleep(0.0005)

    def _kill_recording(self) -> None:
        """What it had acknowledged counts, what it had not may count."""
        do, told, acts = self._command()
        self.app.talk.tell(do, **told)
        answer = self.app.kill(some_moment(self.chance) / 5)
        if answer is None:
            self.done["killed before an answer"] += 1
            self.uncertain += acts
        else:
            self._acknowledged(do, answer, acts)

    def _kill_starting(self) -> None:
        self._by_app()
        self.app.kill(0)
        self.app.start()
        self.app.talk.tell("sync")
        self.app.kill(some_moment(self.chance) * 2)

    def _restart(self) -> None:
        self.app.start()
        self.alive = True
        self._sync()

    # somebody whose lock cannot be seen

    def _elsewhere(self) -> None:
        """Somebody works on a copy on another machine, which is laid over the workbook when it is finished."""
        if not self.away.is_open:
            shutil.copy(self.workbook, self.away.path)
            self.away.open()
        self.away.work()
        if self.chance.random() < 0.5:
            self._land()

    def _land(self) -> None:
        """The app has seen what was there before; nobody could know of it otherwise."""
        self.away.save()
        self.away.close()
        self._sync()
        made = self.workbook.with_name("incoming.part")
        shutil.copy(self.away.path, made)
        os.replace(made, self.workbook)
        self.acts += self.away.landed()
        self._stamp = self._stat()
        self._sync()

    # what must not happen

    def _stat(self) -> tuple[int, int, int]:
        found = self.workbook.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _still(self) -> None:
        """While it is open in LibreOffice nobody but LibreOffice writes the workbook."""
        if self.desk.is_open and self._stat() != self._stamp:
            self.wrong.append("the app wrote while LibreOffice had the workbook open")
            self._stamp = self._stat()
