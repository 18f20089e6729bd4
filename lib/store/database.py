"""A small SQLite file (记录库) that several processes share: what is in it survives a crash at any moment."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from lib.i18n import _
from lib.store.base import Unreadable
from lib.store.files import make_folder, not_writable

PATIENCE, PAUSE = 5.0, 0.02
"""Seconds a process waits for its turn at the file, and between two tries where SQLite does not wait by itself."""


class Database:
    """A file with the ``tables`` of a subclass, made when it is first needed. Every call raises ``Unreadable`` when it
    cannot be used."""

    tables = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.RLock()
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        with self._guard:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._guard, told(self.path):
            return self._connection().execute(query, values).fetchall()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """A turn to write, among threads and processes: all of it is on the disk afterwards, or none."""
        with self._guard, told(self.path):
            db = self._connection()
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            try:
                make_folder(self.path.parent)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            except OSError as error:
                raise not_writable(self.path, error) from error
            opened = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            _write_ahead(opened)
            opened.execute("pragma synchronous = full")
            opened.executescript(self.tables)
            self._complete(opened)
            self._opened = opened
        return self._opened

    def _complete(self, opened: sqlite3.Connection) -> None:
        """Bring a file that an earlier version made up to date."""


def _write_ahead(opened: sqlite3.Connection) -> None:
    """Readers and a writer at once. For this alone SQLite does not wait: of processes that begin in the same moment all
    but one are refused."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            opened.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(PAUSE)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What is wrong with a file, in a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise Unreadable(_("记录库“{name}”用不了：{why}", name=path.name, why=error)) from error


def copy_database(path: Path, there: Path, *forgotten: str) -> None:
    """A whole copy of such a file while others use it, without what is in the tables ``forgotten``. Raises
    ``Unreadable``."""
    os.close(os.open(there, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with (
        told(path),
        closing(sqlite3.connect(path, timeout=PATIENCE)) as source,
        closing(sqlite3.connect(there)) as copy,
    ):
        source.backup(copy)
        copy.execute("pragma journal_mode = delete")
        for table in forgotten:
            copy.execute(f"delete from {table}")  # noqa: S608 - names of our own tables
        copy.commit()
        copy.execute("vacuum")
