"""``kill -9`` in the middle of acts on many records: what was acknowledged is there once, nothing is half done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lib.domain.normalise import to_text
from lib.services import work
from lib.services.batches import next_batch, put_in_force
from lib.services.policy import Actor
from lib.services.roster import import_roster, try_roster
from lib.services.settings import Settings
from lib.services.setup import own_plan
from lib.services.work_pilots import together
from sheets_schema.plan_load import PLANS_DIR, parse_plan
from tests.services.shared import OFFICE, Shared, opened, shared_book
from tests.workbooks import clean_book

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are made with fork")
KILLS, ROWS = 8, 25
UNIT, LIST = "市财政局", date(2016, 3, 20)
ADMIN = Actor("周宁", "admin")
TEXT = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")

KILLED = """
import importlib, os, random, signal, sys, time
from pathlib import Path
path, kills = Path(sys.argv[1]), int(sys.argv[2])
acts = getattr(importlib.import_module("tests.faults.test_kills"), sys.argv[3])
for kill in range(kills):
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        try:
            acts(path, kill, theirs)
        finally:
            os._exit(1)
    os.close(theirs)
    with open(ours) as acknowledged:
        told = [acknowledged.readline() for _line in range(3 if kill % 3 else 1)]
        time.sleep(random.uniform(0, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.stdout.write("".join(told) + acknowledged.read())
"""
"""Most of the kills come after the third line, however slow the machine is, the others somewhere before it."""


def acts(path: Path, kill: int, out: int) -> None:
    """Act after act on many records, each told once it is acknowledged, until the end comes."""
    shared = opened(path, clean_book().plan)
    office, turn = shared.board.commands, 0
    assert office is not None
    os.write(out, b"ready\n")
    while True:
        turn += 1
        told = f"{kill}-{turn}"
        names = list(shared.keeper.grids["associations"].rows)
        many = together(*(work.edit("associations", name, {"remark": told}) for name in names))
        if office.act(OFFICE, "批量", many).allowed:
            os.write(out, f"edit {told} {len(names)}\n".encode())
        rows = "".join(f"名{told}-{n}协会,{UNIT}\n" for n in range(ROWS))
        roster = try_roster(office, OFFICE, f"协会名称,业务主管单位\n{rows}".encode(), "a.csv")
        if office.act(OFFICE, "导入名录", import_roster(OFFICE, roster.good)).allowed:
            os.write(out, f"roster {told}\n".encode())
        if office.act(OFFICE, "报送名单", work.submit_list(UNIT, LIST, on_behalf=True)).allowed:
            os.write(out, b"submit\n")
        shared.keeper.sync()


def plans(path: Path, kill: int, out: int) -> None:
    """The next batch put in force, and the one after that, until the end comes."""
    text, chosen = TEXT, Settings(path, None, 1.0, is_default=False)
    while True:
        text = next_batch(text, 1)
        if put_in_force(ADMIN, chosen, text).allowed:
            os.write(out, f"plan {parse_plan(text).batch}\n".encode())


def killed(path: Path, what: str, kills: int) -> list[list[str]]:
    """What was acknowledged by processes that were killed in the middle of it."""
    command = [sys.executable, "-c", KILLED, str(path), str(kills), what]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=170, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def order(told: str) -> tuple[int, ...]:
    """The later an act, the greater."""
    return tuple(map(int, told.split("-")))


def held(shared: Shared, sheet: str) -> list[dict[str, str]]:
    grid = shared.keeper.grids[sheet]
    return [{name: to_text(cell) for name, cell in grid.values(at).items()} for at in grid.rows.values()]


def test_acts_on_many_records_are_whole_or_not_there(tmp_path: Path) -> None:
    shared = shared_book(tmp_path)
    shared.keeper.sync()
    before = len(held(shared, "approvals"))
    told = killed(shared.path, "acts", KILLS)
    again = shared.restart()
    found = held(again, "associations")
    rosters = Counter(one["name"].removeprefix("名").rpartition("-")[0] for one in found if one["name"][0] == "名")
    acknowledged = {line[1] for line in told if line[0] == "roster"}
    assert len(acknowledged) > KILLS // 2, "otherwise this proves nothing"
    assert acknowledged <= set(rosters)
    assert set(rosters.values()) == {ROWS}
    assert len({one["name"] for one in found}) == len(found)
    edited = max(order(line[1]) for line in told if line[0] == "edit")
    marks = {one["remark"] for one in found if one.get("remark")}
    assert len(marks) == 1
    assert order(marks.pop()) >= edited
    lists = [one for one in held(again, "documents") if (one.get("unit"), one["kind"]) == (UNIT, "推荐名单")]
    steps = len(held(again, "approvals")) - before
    assert (len(lists), steps) in ((1, 2), (0, 0))
    assert lists or ["submit"] not in told
    assert ["submit"] in told, "otherwise this proves nothing"
    again.keeper.sync()
    again.keeper.sync()
    on_disk = again.on_disk()
    for sheet in ("associations", "documents", "approvals"):
        there, kept = on_disk[sheet], again.keeper.grids[sheet]
        assert [there.record(name) for name in there.rows] == [kept.record(name) for name in kept.rows]
    assert again.keeper.journal.verify().ok


def test_a_plan_is_in_force_whole_and_none_that_was_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    told = killed(path, "plans", 4)
    assert told
    files = [own_plan(path), *own_plan(path).parent.glob("*.old*")]
    batches = [parse_plan(file.read_text(encoding="utf-8")).batch for file in files]
    assert int(told[-1][1]) <= batches[0] <= int(told[-1][1]) + 1
    assert {int(line[1]) for line in told} <= set(batches)
