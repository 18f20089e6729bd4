"""A small SQLite file that several processes begin to use in the same moment."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from lib.store.base import Unreadable
from lib.store.database import Database


class Notes(Database):
    tables = "create table if not exists notes (who integer primary key) without rowid;"

    def add(self, who: int) -> None:
        with self._changing() as db:
            db.execute("insert into notes values (?)", (who,))

    def all(self) -> list[int]:
        return [who for (who,) in self._rows("select who from notes order by who")]


def test_who_begins_while_another_process_is_beginning_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    other.execute(Notes.tables)
    ends = threading.Timer(0.3, other.execute, ("commit",))
    ends.start()
    Notes(path).add(1)
    ends.join()
    assert Notes(path).all() == [1]
    other.close()


def test_one_that_stays_closed_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.store.database.PATIENCE", 0.1)
    path = tmp_path / "notes.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        other.execute(Notes.tables)
        with pytest.raises(Unreadable, match=r"notes\.sqlite"):
            Notes(path).add(1)
