"""One writer at a time (轮流写入), among the threads of a process and among processes.

``filelock``'s lock of an open file, without all that it does for a path: a command takes its turn on every call.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import lock_descriptor, unlock_descriptor

from lib.i18n import _
from lib.store.base import Busy
from lib.store.files import make_folder, not_writable

WAIT, POLL = 10.0, 0.01
"""Seconds to wait for another writer, and between two looks; a write of a whole city's workbook takes 0.2."""


class _Turn:
    """The turn at one lock file within this process: its threads wait for one another, then for other processes."""

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self.depth = 0
        self.fd = -1


_TURNS: dict[str, _Turn] = {}
"""One for each path, so that a second object nests instead of waiting for the first."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_TURNS.clear)


class WriterLock:
    """The turn to write, for one thread of one process at a time; the thread that has it can take it again.

    ``path`` is a file of its own, never the workbook, which is swapped while the lock is held. It stays when the
    lock is released; when a process dies, the system releases it. After a fork make a new object.
    Entering waits up to ``timeout`` seconds, then raises ``Busy``; ``NotWritable`` when the file cannot be made, or
    where the system has no real locks: then the workbook had better not be written at all.
    """

    def __init__(self, path: Path, timeout: float = WAIT) -> None:
        self.path, self.timeout = path, timeout
        self._turn = _TURNS.setdefault(os.path.realpath(path), _Turn())

    def __enter__(self) -> Self:
        deadline = time.monotonic() + self.timeout
        if not self._turn.threads.acquire(timeout=self.timeout):
            raise self._busy()
        try:
            if not self._turn.depth:
                self._turn.fd = self._locked(deadline)
            self._turn.depth += 1
        except OSError as error:
            self._turn.threads.release()
            raise not_writable(self.path, error) from error
        except BaseException:
            self._turn.threads.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turn.depth -= 1
        try:
            if not self._turn.depth:
                _let_go(self._turn.fd)
        finally:
            self._turn.threads.release()

    def _locked(self, deadline: float) -> int:
        """A descriptor of the file that holds its lock."""
        while True:
            fd = self._opened()
            try:
                while not lock_descriptor(fd, blocking=False):
                    if time.monotonic() >= deadline:
                        raise self._busy()
                    time.sleep(POLL)
                if os.fstat(fd).st_nlink:  # else somebody deleted it meanwhile: whoever comes next makes another
                    return fd
            except BaseException:
                os.close(fd)
                raise
            _let_go(fd)

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT
        try:
            return os.open(self.path, flags, 0o666)
        except FileNotFoundError:
            make_folder(self.path.parent)
            return os.open(self.path, flags, 0o666)

    def _busy(self) -> Busy:
        return Busy(_("另一个进程正在写入，等了 {seconds} 秒仍未结束；请稍后再试", seconds=round(self.timeout)))


def _let_go(fd: int) -> None:
    """Unlock, not only close: after a fork another process has the same descriptor."""
    try:
        unlock_descriptor(fd)
    finally:
        os.close(fd)
