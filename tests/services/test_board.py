"""The board: one judged workbook for all, fresh when it changes, the last good one when it breaks."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lib.services.board import Board
from lib.services.setup import set_up
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan

TODAY = date(2026, 11, 23)
AS_OF = date(2016, 3, 31)


@pytest.fixture
def board(sample: Path, plan: Plan) -> Board:
    opened = Board(XlsxStore(sample), plan, today=lambda: TODAY)
    opened.refresh()
    return opened


def change(path: Path, sheet: str, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


def test_sessions_share_one_ledger_for_a_day(board: Board) -> None:
    assert board.ledger(AS_OF) is board.ledger(AS_OF)


def test_a_change_is_seen_and_gives_a_new_version(board: Board, sample: Path) -> None:
    before, version = board.ledger(AS_OF), board.status.version
    change(sample, "协会商会", "B3", "示例新名字行业协会")
    assert board.refresh()
    assert board.status.version > version
    after = board.ledger(AS_OF)
    assert after is not before
    assert after is not None
    assert "示例新名字行业协会" in {a.name for a in after.world.associations.values()}


def test_an_unchanged_file_is_looked_at_but_not_read(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(XlsxStore, "read", lambda self: pytest.fail("read although nothing changed"))
    assert not board.refresh()


@pytest.mark.parametrize("harm", ["garbage", "gone", "empty", "directory"])
def test_harm_to_the_file_keeps_the_last_good_data_and_heals_by_itself(
    harm: str, board: Board, sample: Path, tmp_path: Path
) -> None:
    before = board.ledger(AS_OF)
    keep = tmp_path / "keep.xlsx"
    shutil.copy(sample, keep)
    if harm in ("gone", "directory"):
        sample.unlink()
    if harm == "garbage":
        sample.write_bytes(os.urandom(5000))
    if harm == "empty":
        sample.write_bytes(b"")
    if harm == "directory":
        sample.mkdir()
    board.refresh()
    assert board.ledger(AS_OF) is before
    assert board.status.problem is not None
    assert "sample.xlsx" in str(board.status.problem)
    if harm == "directory":
        sample.rmdir()
    shutil.copy(keep, sample)
    board.refresh()
    assert board.status.problem is None
    assert board.ledger(AS_OF) is not None


def test_no_workbook_at_all_gives_no_ledger_but_no_crash(tmp_path: Path, plan: Plan) -> None:
    board = Board(XlsxStore(tmp_path / "none.xlsx"), plan, today=lambda: TODAY)
    board.refresh()
    assert board.ledger(AS_OF) is None
    assert board.status.problem is not None
    set_up(tmp_path / "none.xlsx", plan, sample=True)
    board.refresh()
    assert board.ledger(AS_OF) is not None


def test_the_sample_starts_on_its_own_day_and_real_data_today(board: Board, tmp_path: Path, plan: Plan) -> None:
    assert board.default_as_of == AS_OF
    set_up(tmp_path / "real.xlsx", plan, sample=False)
    real = Board(XlsxStore(tmp_path / "real.xlsx"), plan, today=lambda: TODAY)
    real.refresh()
    assert real.default_as_of == TODAY


def test_a_new_day_is_judged_anew(sample: Path, plan: Plan) -> None:
    clock = [date(2016, 2, 1)]
    board = Board(XlsxStore(sample), plan, today=lambda: clock[0])
    board.refresh()
    early = board.ledger(AS_OF)
    clock[0] = TODAY
    late = board.ledger(AS_OF)
    assert early is not None
    assert late is not None
    assert early.left_out > late.left_out, "what was in the future is not any more"
