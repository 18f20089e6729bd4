"""An hour of an office's life on a shared spreadsheet, in simulated time: what it costs of Google's quota."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from lib.domain.edits import Edit, Op
from lib.services.live import LiveKeeper
from lib.services.settings import now
from lib.store import google_client
from lib.store.google_client import BoundedClient, Budget
from lib.store.gsheet import GoogleStore
from tests.sheets_emulator import Emulator
from tests.sheets_emulator.people import EDITOR, SERVICE

MINUTES, SESSIONS, STAFF_EDITS = 60, 20, 10
HEAD = ["编号", "协会名称", "登记日期", "联系人", "备注", "校验"]
RECORDS = 60


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_an_hour_of_office_life_stays_within_the_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random, clock = Random(7), Clock()
    monkeypatch.setattr(google_client.time, "sleep", clock.sleep)
    rows = [[f"XH-{n:04d}", f"协会{n}", 40000 + n, f"联系人{n}", "", ""] for n in range(1, RECORDS + 1)]
    with Emulator(clock=clock) as emu:
        book = emu.new("台账", {"协会商会": [HEAD, *rows], "_meta": [["编号", "值"], ["sample", "no"]]})
        emu.quota(reads=60, writes=60)
        client = BoundedClient(None, emu.session(SERVICE))
        client.reads, client.writes = Budget(clock=clock), Budget(clock=clock)
        keeper = LiveKeeper(GoogleStore(client, book, tmp_path, clock), tmp_path, now, clock=clock)
        keeper.sync()
        staff, typed, acknowledged = emu.book(book, EDITOR), 0, dict[str, str]()
        start, mark = clock.seconds, ""
        while clock.seconds < start + MINUTES * 60:
            clock.sleep(1)
            if random.random() < STAFF_EDITS / 60:
                typed += 1
                row = random.randint(2, RECORDS + 1)
                staff.edit("协会商会", f"D{row}", f"手填{typed}")
            if random.random() < SESSIONS / 60:  # each of them changes something once a minute
                record = f"XH-{random.randint(1, RECORDS):04d}"
                value = f"应用{len(acknowledged)}-{clock.seconds:.0f}"
                with keeper.alone() as grids:
                    old = grids["associations"].record(record)["name"]
                    keeper.record([Edit(Op.SET, "associations", record, "name", old, value)], actor="李四", action="改")
                acknowledged[record] = value
            if (keeper.probe()) != mark:
                keeper.sync()
                mark = keeper.probe()
        for _round in range(4):
            clock.sleep(6)
            keeper.probe()
            keeper.sync()
        reads, writes = (_per_minute(emu, kind) for kind in ("read", "write"))
        print(f"\n{typed} edits by staff, {len(keeper.history.changes)} changes in the journal")
        for name, found in (("reads", reads), ("writes", writes)):
            print(f"{name} a minute: most {max(found)}, mean {sum(found) / len(found):.1f}")
        stands = {row[0]: row[1] for row in staff.values("协会商会")[1:]}
        assert {record: stands[record] for record in acknowledged} == acknowledged
        assert not [call for call in emu.calls if call.status == 429]
        assert max(reads) <= 60
        assert max(writes) <= 60
        assert keeper.waiting == 0


def _per_minute(emu: Emulator, kind: str) -> list[int]:
    """Calls of a kind by the service account in each minute."""
    found = Counter(int(call.time // 60) for call in emu.calls if call.kind == kind and call.identity == SERVICE)
    return [found[minute] for minute in range(min(found), max(found) + 1)]
