"""The result that is shown (当前结果): opened again when its pointer was exchanged; one look a second for everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.rollup.folder import POINTER, NoResult, damaged, missing
from lib.rollup.nation import Nation, open_nation

SECONDS, AGAIN = 1.0, 5.0
"""Between two looks; and until a result that could not be read is tried again."""


@dataclass(frozen=True, slots=True)
class Look:
    """The newest result that could be read, None when there was none yet; and why a newer one cannot, blank if none."""

    nation: Nation | None
    problem: str = ""


class Latest:
    """Keeps the result of one folder open for all sessions. A look costs one ``stat`` a second, however many ask; when
    what is there cannot be read the last good one stays."""

    def __init__(self, out: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.out, self.clock = out, clock
        self._nation: Nation | None = None
        self._mark: tuple[int, ...] | None = None
        self._failed = False
        self._next = float("-inf")
        self._lock = threading.Lock()

    def look(self) -> Look:
        """What there is now; a problem is told in the language of whoever asks."""
        with self._lock:
            if self.clock() >= self._next:
                self._refresh()
                self._next = self.clock() + (AGAIN if self._failed else SECONDS)
            return Look(self._nation, self._told())

    def _refresh(self) -> None:
        mark = self._stat()  # before the result is read, so that no exchange is missed
        if mark == self._mark and not self._failed and self._nation is not None:
            return
        try:
            self._nation, self._failed = open_nation(self.out), False
        except NoResult:
            self._failed = True
        self._mark = mark

    def _told(self) -> str:
        if not self._failed:
            return ""
        return str(missing(self.out) if self._mark is None else damaged(self.out))

    def _stat(self) -> tuple[int, ...] | None:
        try:
            found = (self.out / POINTER).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
