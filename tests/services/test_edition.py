"""Editions: a later state is never numbered lower, whichever server answers and after any restart."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from lib.services import work
from lib.services.edition import EPOCH, Edition, edition_of
from lib.services.settings import ZONE, Settings, now
from lib.services.setup import own_plan
from tests.services.shared import OFFICE, Shared, edit_outside, put, shared_book
from tests.workbooks import AS_OF, TODAY

TASK, OTHER = "SX-0004", "SX-0008"


def edition(made: Shared) -> Edition:
    ledger = made.board.ledger(AS_OF)
    assert ledger is not None
    return edition_of(made.board, ledger, Settings(made.path, None, 1, is_default=False))


def test_what_nobody_has_touched_is_numbered_lowest(tmp_path: Path):
    found = edition(shared_book(tmp_path))
    assert found.sequence([TASK]) == found.sequence([]) == 0
    assert found.at == datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=ZONE)


def test_a_change_in_the_app_or_in_the_sheet_raises_its_record_alone_and_for_good(tmp_path: Path):
    made = shared_book(tmp_path)
    assert made.board.commands is not None
    began = int((now() - EPOCH).total_seconds())
    assert made.board.commands.act(OFFICE, "编辑", work.edit("tasks", TASK, {"remark": "改期"})).allowed
    made.board.refresh()
    first = edition(made).sequence([TASK])
    assert began <= first < 2**31
    assert edition(made).sequence([OTHER]) == 0
    edit_outside(made.path, put("tasks", OTHER, "remark", "直接改的"))
    made.board.refresh()
    assert edition(made).sequence([OTHER]) >= first
    for again in (made, made.restart()):
        assert edition(again).sequence([TASK]) == first
        assert edition(again).at >= now() - timedelta(minutes=5)


def test_an_exchanged_plan_raises_everything(tmp_path: Path):
    made = shared_book(tmp_path)
    plan = own_plan(made.path)
    plan.write_text("id: x", encoding="utf-8")
    at = datetime(2016, 2, 1, 9, tzinfo=ZONE)
    os.utime(plan, (at.timestamp(), at.timestamp()))
    found = edition(made)
    assert found.sequence([TASK]) == found.sequence([]) == int((at - EPOCH).total_seconds())
