"""Two real processes on one spreadsheet, people in it besides; one dies in the middle of a write, one is stopped."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lib.store.gsheet import EAGER, MEND
from lib.store.turns import WriterLock
from tests.redis_server import RedisServer, needs_redis
from tests.server import ROOT
from tests.services.one_server import IDENTITY
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.people import EDITOR
from tests.sheets_emulator.world import SHARED

RATE = 3.0
"""Commands a second on each server."""
HEADER = ["编号", "协会名称", "登记日期", "联系人", "备注", "校验"]
NAMES = ("1", "2")
SORTED_EVERY = 2.0
"""After how many things typed the rows are sorted."""
STARTED_IN = 60.0
"""Seconds within which a server is up, and everything written, however busy this machine is."""
SETTLED = 6.0
"""Seconds without a write after which nothing is left: two looks, and the pause between two writes."""
WITHOUT_A_WRITER = 10.0
"""Seconds for which nobody may write at most."""


@dataclass
class Process:
    """A server, and what it said."""

    name: str
    popen: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def said(self, kind: str) -> list[list[str]]:
        return [line.split()[1:] for line in list(self.lines) if line.startswith(f"{kind} ")]

    def say(self, line: str) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(f"{line}\n")
        self.popen.stdin.flush()

    def hear(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip())


class Town:
    """The spreadsheet, the servers, and a person who types into it."""

    def __init__(self, emulator: Emulator, folder: Path, redis: str | None) -> None:
        self.emulator, self.folder, self.redis = emulator, folder, redis
        rows = [HEADER] + [[f"XH-{name}{n}", f"协会{name}{n}", 40000, "", "", ""] for name in NAMES for n in range(10)]
        rows += [[f"XH-{n}", f"人改的{n}", 40000, "", "", ""] for n in range(100, 110)]
        tabs = {"协会商会": rows, "_meta": [["编号", "值"], ["sample", "no"]], "冲突": [["编号"]]}
        people = {**SHARED, **{IDENTITY.format(name=name): "writer" for name in NAMES}}
        self.book = emulator.new("台账", tabs, people=people)
        self.person = emulator.book(self.book, EDITOR)
        self.typed: dict[str, str] = {}
        self.started: list[Process] = []

    def start(self, name: str) -> Process:
        command = [sys.executable, "-m", "tests.services.one_server", name, self.emulator.url, self.book]
        more = [self.redis] if self.redis else []
        log = (self.folder / f"server-{name}-{len(self.started)}.log").open("w")
        popen = subprocess.Popen(
            [*command, str(self.folder / "data"), str(RATE), *more], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        made = Process(name, popen)
        threading.Thread(target=made.hear, daemon=True).start()
        self.started.append(made)
        return made

    def working(self, *servers: Process) -> None:
        """Wait until these have acknowledged something: how long a start takes is this machine's affair."""
        ends = time.monotonic() + STARTED_IN
        while not all(one.said("set") or one.said("add") for one in servers):
            assert time.monotonic() < ends, "a server did not start"
            time.sleep(0.1)

    def quiet(self, *servers: Process) -> None:
        """No more commands; wait until all that was acknowledged has been written."""
        for one in servers:
            one.say("quiet")
        ends, writes = time.monotonic() + STARTED_IN, -1
        while time.monotonic() < ends:
            now = sum(call.kind == "write" for call in list(self.emulator.calls))
            if now == writes:
                return
            writes = now
            time.sleep(SETTLED)

    def holder(self) -> Process:
        """The server whose turn began last."""
        turns = [(int(number), one) for one in self.started for [number] in one.said("turn")]
        return max(turns, key=lambda turn: turn[0])[1]

    def go_on(self, seconds: float) -> None:
        """Let everybody work; the person types into a record of her own now and then, and sorts the rows."""
        ends = time.monotonic() + seconds
        for count in itertools.count(len(self.typed)):
            if time.monotonic() > ends:
                return
            time.sleep(0.7)
            record, text = f"XH-{100 + count % 10}", f"手改{count}"
            with self.emulator.world.lock:
                at = [row[0] for row in self.person.values("协会商会")].index(record) + 1
                self.person.edit("协会商会", f"D{at}", text)
                if count % SORTED_EVERY == 0:
                    self.person.sort("协会商会", random.choice("ABE"), True)
            self.typed[record] = text

    def stop(self, one: Process) -> None:
        """Stop a server, but not while it has the journal's lock, which everybody would have to wait for."""
        with WriterLock(self.folder / "data" / "lock"):
            os.kill(one.popen.pid, signal.SIGSTOP)

    def amid_a_write(self, then: Callable[[], object]) -> float:
        """Do something to the one that writes, when its batch has come in and is about to be applied; when it was."""
        done = threading.Event()

        def act() -> None:
            then()
            done.set()

        self.emulator.before(lambda call: call.path.endswith(":batchUpdate"), act)
        assert done.wait(20), "nobody wrote"
        return time.time()

    def written_after(self, moment: float, name: str) -> float:
        """When this server wrote first after a moment, in seconds after it."""
        for _try in range(300):
            for call in list(self.emulator.calls):
                if call.time > moment and call.status == 200 and call.kind == "write" and f"-{name}@" in call.identity:
                    return call.time - moment
            time.sleep(0.1)
        raise AssertionError(f"{name} never wrote")

    def mended(self) -> int:
        """How often rows that had moved under a write got their content back: there is a look before and after it."""
        return sum(f'"{MEND}' in json.dumps(call.body) for call in list(self.emulator.calls))

    def check(self, processes: int) -> None:
        """Nothing acknowledged is lost or doubled; nothing typed is."""
        rows = self.person.values("协会商会")[1:]
        ids = Counter(str(row[0]) for row in rows)
        assert [id for id, count in ids.items() if count > 1 or not id] == []
        by_id = {str(row[0]): [*row, *[""] * 6] for row in rows}
        last: dict[str, str] = {}
        for one in self.started:
            last |= dict(one.said("set"))
        assert {record: by_id[record][4] for record in last} == last
        added = [said for one in self.started for said in one.said("add")]
        assert {id: by_id[id][1] for id, _name in added} == dict(added)
        names = Counter(str(row[1]) for row in rows)
        assert [name for name, count in names.items() if count > 1] == []
        # a command that was in the journal when its server was killed may never have been told
        assert 0 <= len(rows) - 30 - len(added) <= processes
        assert {record: by_id[record][3] for record in self.typed} == self.typed
        refused = {line for one in self.started for line in one.lines if line.startswith("refused")}
        assert refused <= {"refused 等值守的服务器第一次读出共享表格"}

    def end(self) -> None:
        for one in self.started:
            one.popen.kill()
            one.popen.wait(10)


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    redis = RedisServer(tmp_path) if getattr(request, "param", "") == "redis" else None
    with Emulator() as emulator:
        emulator.quota()
        made = Town(emulator, tmp_path, redis.url if redis else None)
        yield made
        made.end()
    if redis:
        redis.stop()


@pytest.mark.parametrize("town", [pytest.param("redis", marks=needs_redis), "file"], indirect=True)
def test_nothing_is_lost_when_a_server_dies_in_the_middle_of_a_write(town: Town, capsys: pytest.CaptureFixture[str]):
    town.working(*map(town.start, NAMES))
    town.go_on(5)
    dead = town.holder()
    moment = town.amid_a_write(lambda: dead.popen.send_signal(signal.SIGKILL))
    other = next(name for name in NAMES if name != dead.name)
    town.go_on(5)
    gap = town.written_after(moment, other)
    back = town.start(dead.name)
    town.working(back)
    town.go_on(3)
    assert town.holder().name == other, "who comes back follows"
    stopped_gap = late = 0.0
    if town.redis:
        stopped = town.holder()
        moment = town.amid_a_write(lambda: town.stop(stopped))
        town.go_on(6)
        stopped_gap = town.written_after(moment, back.name)
        os.kill(stopped.popen.pid, signal.SIGCONT)
        late = time.time()
        town.go_on(5)
        assert town.holder() is back
    town.quiet(back, town.started[NAMES.index(other)])
    turns = sum(len(one.said("turn")) for one in town.started)
    with capsys.disabled():
        reads = Counter(call.identity for call in town.emulator.calls if call.kind == "read")
        span = town.emulator.calls[-1].time - town.emulator.calls[0].time
        a_minute = {who: round(count * 60 / span, 1) for who, count in reads.items()}
        acknowledged = sum(len(one.said("set") + one.said("add")) for one in town.started)
        print(
            f"\n{'redis' if town.redis else 'file'}: {gap:.1f} s without a writer after kill -9, "
            f"{stopped_gap:.1f} s after SIGSTOP; {span:.0f} s, reads a minute {a_minute}, "
            f"turns {turns}, mended {town.mended()}, acknowledged {acknowledged}"
        )
    assert max(gap, stopped_gap) <= WITHOUT_A_WRITER
    assert sum(reads.values()) <= span / EAGER + 5 * turns + 2 * town.mended(), "two look as often as one"
    if late:
        after = [call for call in town.emulator.calls if call.time > late and f"-{stopped.name}@" in call.identity]
        assert [call for call in after if call.status == 200] == []
    town.check(len(town.started))
