"""Two servers decide at once: what the plan allows once is done once, and the other is told why not."""

from __future__ import annotations

from datetime import date
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as Gate
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from lib.services import work
from lib.services.scene import Decision
from lib.services.work import Make
from tests.services.shared import OFFICE, Shared, opened, shared_book
from tests.workbooks import PILOTS, SUPERVISED, clean_book

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


def decide(path: Path, act: str, told: dict[str, Any], gate: Gate, decisions: Any) -> None:
    """What one server process does: open the workbook, wait for the other, decide."""
    server = opened(path, clean_book().plan)
    gate.wait()
    assert server.board.commands is not None
    decision = server.board.commands.act(OFFICE, "办理", getattr(work, act)(**told))
    decisions.put((decision.allowed, decision.rule, str(decision.clause)))


def race_of_processes(one: Shared, act: str, **told: Any) -> tuple[str, str]:
    """The same in two processes at once: it is done once; the rule and clause by which the other is refused."""
    context = get_context("spawn")
    gate, decisions = context.Barrier(2), context.Queue()
    servers = [context.Process(target=decide, args=(one.path, act, told, gate, decisions)) for _ in range(2)]
    for server in servers:
        server.start()
    (refused, rule, clause), (allowed, *_rest) = sorted(decisions.get(timeout=60) for _ in servers)
    for server in servers:
        server.join(60)
    assert (refused, allowed) == (False, True)
    one.keeper.sync()
    assert one.keeper.journal.verify().ok
    return rule, clause


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


@pytest.mark.timeout(180)
def test_two_processes_nominate_the_same_association_and_it_is_nominated_once(tmp_path: Path):
    shared = shared_book(tmp_path)
    name, before = free(shared), len(shared.keeper.grids["nominations"].rows)
    rule, clause = race_of_processes(shared, "nominate", association=name, unit=UNIT, on=DAY)
    assert rule == "Q05"
    assert clause
    assert len(shared.on_disk()["nominations"].rows) == before + 1


@pytest.mark.timeout(180)
def test_two_processes_pass_the_same_step_and_it_is_passed_once(tmp_path: Path):
    shared = shared_book(tmp_path)
    assert shared.board.commands is not None
    values = {"kind": "单位实施方案", "batch": 1.0, "unit": UNIT}
    [document] = shared.board.commands.act(OFFICE, "新建", work.add("documents", values)).records
    before = len(shared.keeper.grids["approvals"].rows)
    verb = shared.board.verdicts.plan.kinds["单位实施方案"].steps[0].verb
    rule, clause = race_of_processes(shared, "approve", document=document, actor=UNIT, on=DAY, verb=verb)
    assert rule == "A05"
    assert clause
    assert len(shared.on_disk()["approvals"].rows) == before + 1
