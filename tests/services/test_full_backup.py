"""A whole backup: made while the server runs, of one moment, and enough to go on from on another machine."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.services import full_backup
from lib.services.entrance import open_entrance
from lib.services.policy import OPERATOR
from lib.services.reminders import outbox_of
from lib.services.settings import folder_of, now
from lib.store.access import digest_of
from lib.store.base import NotWritable, StoreError
from lib.store.outbox import State
from tests.entrance import come_in
from tests.services.shared import Shared, edit_outside, opened, put, shared_book
from tests.services.test_keeper import remark
from tests.test_cli import run


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    (tmp_path / "data").mkdir()
    return shared_book(tmp_path / "data")


def elsewhere(backup: Path, shared: Shared) -> Shared:
    """A fresh machine to which a backup was copied, as docs/deploy tells it."""
    fresh = backup.parent.parent / f"fresh-{backup.name}"
    shutil.copytree(backup, fresh)
    return opened(fresh / shared.path.name, shared.board.plan)


def test_what_was_acknowledged_but_not_written_yet_is_in_the_workbook_of_the_new_machine(
    shared: Shared, tmp_path: Path
):
    remark(shared, "已写入", "XH-0001")
    shared.board.refresh()
    shared.lock()
    remark(shared, "等待写入", "XH-0002")
    shared.board.refresh()
    assert shared.cell("associations", "XH-0002", "remark") is None
    made = full_backup.make(shared.path, tmp_path / "backups", now)
    shutil.rmtree(shared.path.parent)
    there = elsewhere(made.folder, shared)
    assert made.doubts == ()
    assert there.cell("associations", "XH-0001", "remark") == "已写入"
    assert there.cell("associations", "XH-0002", "remark") == "等待写入"
    assert not there.keeper.history.conflicts
    assert there.keeper.journal.verify().ok
    remark(there, "接着做", "XH-0003")
    there.board.refresh()
    assert there.cell("associations", "XH-0003", "remark") == "接着做"


def test_a_save_by_hand_that_the_app_has_not_seen_is_kept(shared: Shared, tmp_path: Path):
    edit_outside(shared.path, put("associations", "XH-0001", "remark", "手工"))
    made = full_backup.make(shared.path, tmp_path / "backups", now)
    there = elsewhere(made.folder, shared)
    assert there.keeper.grids["associations"].record("XH-0001")["remark"] == "手工"  # type: ignore[index]
    assert not there.keeper.history.conflicts


def test_former_states_can_still_be_brought_back(shared: Shared, tmp_path: Path):
    remark(shared, "一")
    shared.board.refresh()
    made = full_backup.make(shared.path, tmp_path / "backups", now)
    there = elsewhere(made.folder, shared)
    assert there.keeper.backups.all()[-len(shared.keeper.backups.all()) :] == shared.keeper.backups.all()


def test_people_come_in_as_before_but_nobody_is_in(shared: Shared, tmp_path: Path):
    entrance = open_entrance(shared.path)
    password = entrance.accounts.add(OPERATOR, "office", "李四", "office")
    _link, token = entrance.links.make(OPERATOR, "市领导")
    session = come_in(shared.path, "admin")
    assert entrance.visitor(session, None) is not None
    made = full_backup.make(shared.path, tmp_path / "backups", now)
    there = open_entrance(elsewhere(made.folder, shared).path)
    assert there.sessions.sign_in("office", password, "127.0.0.1").token
    assert there.links.redeem(token, "127.0.0.1")
    assert there.visitor(session, None) is None
    assert there.audit.journal.verify().ok
    assert there.audit.recent()


def test_a_backup_is_for_nobody_elses_eyes(shared: Shared, tmp_path: Path):
    come_in(shared.path)
    made = full_backup.make(shared.path, tmp_path / "backups", now).folder
    assert made.stat().st_mode & 0o077 == 0
    for name in ("accounts.yaml", "access.sqlite"):
        assert (folder_of(made / shared.path.name) / name).stat().st_mode & 0o077 == 0


def test_every_backup_made_while_people_work_is_of_one_moment(shared: Shared, tmp_path: Path):
    """Whatever had been acknowledged when it was made is in it; nothing is doubtful and nothing is a conflict."""
    into, stop, acknowledged = tmp_path / "backups", threading.Event(), [0]

    def work() -> None:
        while not stop.is_set():
            acknowledged[0] += 1
            remark(shared, str(acknowledged[0]))
            shared.board.refresh()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        least = []
        for _time in range(3):
            least.append(acknowledged[0] - 1)
            made = run("backup", into, shared.path)
            assert made.returncode == 0, made.stderr
    finally:
        stop.set()
        worker.join()
    assert acknowledged[0] > 10, "nobody worked meanwhile"
    for backup, at_least in zip(reversed(full_backup.all_in(into)), least, strict=True):
        there = elsewhere(backup, shared)
        told = [change.edit.new for change in there.keeper.history.changes if change.edit.column == "remark"]
        assert len(told) >= at_least
        assert there.cell("associations", "XH-0001", "remark") == str(len(told))
        assert not there.keeper.history.conflicts


def test_nobody_writes_between_the_copy_of_the_workbook_and_that_of_the_journal(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else the journal could speak of a revision of which neither the workbook nor a copy is there."""

    def act() -> None:
        remark(shared, "同时")
        shared.board.refresh()

    worker, plain_files = threading.Thread(target=act), full_backup._plain_files

    def in_the_very_moment(beside: Path) -> Iterator[Path]:
        worker.start()
        worker.join(1)
        return plain_files(beside)

    monkeypatch.setattr(full_backup, "_plain_files", in_the_very_moment)
    made = full_backup.make(shared.path, tmp_path / "backups", now)
    worker.join()
    assert shared.cell("associations", "XH-0001", "remark") == "同时"
    there = elsewhere(made.folder, shared)
    assert there.keeper.history.changes == []
    assert there.cell("associations", "XH-0001", "remark") is None


def test_the_second_backup_takes_no_space_for_what_the_first_has(shared: Shared, tmp_path: Path):
    into = tmp_path / "backups"
    first = full_backup.make(shared.path, into, now).folder
    remark(shared, "新")
    shared.board.refresh()
    first.rename(into / "20160331-140000")
    second = full_backup.make(shared.path, into, now).folder
    links = [path.stat().st_nlink for path in (folder_of(second / shared.path.name) / "backups").glob("*.xlsx")]
    assert sorted(set(links)) == [1, 2]
    assert elsewhere(second, shared).cell("associations", "XH-0001", "remark") == "新"


def test_only_so_many_are_kept_and_nothing_else_there_is_touched(shared: Shared, tmp_path: Path):
    into = tmp_path / "backups"
    for name in ("20160101-000000", "20160102-000000", "20160103-000000", "别的", f"{full_backup.UNDONE}1234"):
        (into / name).mkdir(parents=True)
    assert run("backup", into, shared.path, "--keep", "2").returncode == 0
    names = sorted(path.name for path in into.iterdir())
    assert names[0] == "20160103-000000"
    assert names[2:] == ["别的"]


def test_a_workbook_that_cannot_be_read_is_backed_up_as_it_is_and_said(shared: Shared, tmp_path: Path):
    shared.path.write_bytes(b"not a workbook")
    told = run("backup", tmp_path / "backups", shared.path)
    assert told.returncode == 1
    assert "读不了" in told.stderr
    [made] = full_backup.all_in(tmp_path / "backups")
    assert (made / shared.path.name).read_bytes() == b"not a workbook"


def test_a_broken_journal_is_said(shared: Shared, tmp_path: Path):
    [segment] = (shared.keeper.folder / "journal").glob("*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"seq":1', b'"seq":7', 1))
    [doubt] = full_backup.make(shared.path, tmp_path / "backups", now).doubts
    assert "第 1 行" in str(doubt)


def test_a_backup_that_fails_leaves_none(shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("lib.services.full_backup.shutil.copyfileobj", full)
    with pytest.raises(NotWritable, match="磁盘已满"):
        full_backup.make(shared.path, tmp_path / "backups", now)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_is_refused_inside_what_it_copies_and_where_there_is_nothing(shared: Shared, tmp_path: Path):
    inside = shared.keeper.folder / "backups"
    before = sorted(inside.iterdir())
    with pytest.raises(StoreError, match="里面"):
        full_backup.make(shared.path, inside, now)
    assert sorted(inside.iterdir()) == before
    refused = run("backup", tmp_path / "backups", tmp_path / "nowhere.xlsx")
    assert refused.returncode == 2
    assert "nowhere" in refused.stderr
    assert not (tmp_path / "backups").exists()


def test_sessions_are_not_even_left_over_in_the_bytes_of_the_copy(shared: Shared, tmp_path: Path):
    session = come_in(shared.path, "admin")
    made = full_backup.make(shared.path, tmp_path / "backups", now).folder
    path = folder_of(made / shared.path.name) / "access.sqlite"
    with sqlite3.connect(path) as copy:
        assert copy.execute("select count(*) from sessions").fetchone() == (0,)
    assert digest_of(session).encode() not in path.read_bytes()


def test_whom_was_reminded_today_is_known_after_a_restore(shared: Shared, tmp_path: Path):
    """Also while the record is open and in use: else a restore would remind everybody a second time."""
    outbox = outbox_of(shared.path)
    assert outbox.claim("市科委", now(), "office", "ke@unit.example") is True
    outbox.settle("市科委", now().date(), State.SENT)
    made = full_backup.make(shared.path, tmp_path / "backups", now).folder
    there = outbox_of(made / shared.path.name)
    assert there.on(now().date())["市科委"].state is State.SENT
    assert there.path.stat().st_mode & 0o077 == 0
