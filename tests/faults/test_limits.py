"""Two servers decide at once: what the plan allows once is done once, and the other is told why not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from threading import Barrier, Thread

from lib.services import work
from lib.services.commands import Decision
from lib.services.work import Make
from tests.services.shared import OFFICE, Shared, shared_book
from tests.workbooks import PILOTS, SUPERVISED

DAY = date(2016, 3, 31)
UNIT = next(unit for unit, count in SUPERVISED.items() if count >= 5)


def race(one: Shared, make: Make) -> tuple[Decision, Decision]:
    """The same on two servers at once; the decision that allows and the one that refuses."""
    other = one.restart()
    barrier, decisions = Barrier(2), list[Decision]()

    def run(server: Shared) -> None:
        barrier.wait()
        assert server.board.commands is not None
        decisions.append(server.board.commands.act(OFFICE, "办理", make))

    threads = [Thread(target=run, args=(server,)) for server in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused, allowed = sorted(decisions, key=lambda decision: decision.allowed)
    assert allowed.allowed
    assert not refused.allowed
    for server in (one, other):
        server.keeper.sync()
    assert other.keeper.grids["nominations"].rows == one.keeper.grids["nominations"].rows
    assert one.keeper.journal.verify().ok
    return allowed, refused


def free(shared: Shared) -> str:
    grid = shared.keeper.grids["associations"]
    found = (grid.record(name) or {} for name in grid.rows if name not in PILOTS)
    return next(str(cells["name"]) for cells in found if cells.get("unit") == UNIT)


def test_two_servers_nominate_the_same_association_and_it_is_nominated_once(tmp_path: Path):
    shared = shared_book(tmp_path)
    name, before = free(shared), len(shared.keeper.grids["nominations"].rows)
    _allowed, refused = race(shared, work.nominate(name, UNIT, DAY))
    assert refused.rule == "Q05"
    assert refused.clause
    assert len(shared.on_disk()["nominations"].rows) == before + 1


def test_two_servers_pass_the_same_step_and_it_is_passed_once(tmp_path: Path):
    shared = shared_book(tmp_path)
    assert shared.board.commands is not None
    values = {"kind": "单位实施方案", "batch": 1.0, "unit": UNIT}
    [document] = shared.board.commands.act(OFFICE, "新建", work.add("documents", values)).records
    before = len(shared.keeper.grids["approvals"].rows)
    verb = shared.board.verdicts.plan.kinds["单位实施方案"].steps[0].verb
    _allowed, refused = race(shared, work.approve(document, UNIT, DAY, verb=verb))
    assert refused.rule == "A05"
    assert refused.clause
    assert len(shared.on_disk()["approvals"].rows) == before + 1
