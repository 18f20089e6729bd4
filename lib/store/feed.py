"""The feed: one look at the workbook a second for the whole process, whoever is watching.

``poll`` costs one ``stat`` while nothing changes. Whatever the store does, the last good snapshot stays.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from lib.i18n import T_, Text
from lib.store.base import StoreError
from sheets_schema.snapshot import Snapshot

log = logging.getLogger(__name__)
TOGETHER = 0.1
"""Seconds between news and the look at it: what comes in quick succession is looked at together."""
LAST_LOOK = 3.0
"""Seconds a stop waits for the look that is under way."""


class Source(Protocol):
    """What a feed watches: a store, or a keeper that holds one."""

    @property
    def name(self) -> str:
        """The workbook's name as people know it."""
        ...

    def probe(self) -> str:
        """A cheap mark that changes when there is something new. Raises ``StoreError``."""
        ...

    def read(self) -> Snapshot:
        """What there is now. Raises ``StoreError``."""
        ...


class Feed:
    """Watches a source and hands each new snapshot to ``accept``; ``problem`` says what is wrong now, if anything."""

    def __init__(self, source: Source, accept: Callable[[Snapshot], None], seconds: float = 1.0) -> None:
        self.source, self.accept, self.seconds = source, accept, seconds
        self.problem: Text | None = None
        self.version = 0
        self._probe = ""
        self._lock = threading.Lock()
        self._stop, self._news = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def poll(self) -> bool:
        """Look once; True when the snapshot or the problem changed. Never raises."""
        with self._lock:
            try:
                probe = self.source.probe()
                if probe == self._probe:
                    return False
                snapshot = self.source.read()
                self.accept(snapshot)
                self._probe = snapshot.revision
                problem = None
            except StoreError as error:
                problem, self._probe = T_("{why}", why=str(error)), ""
            except Exception:
                log.exception("the workbook was read but could not be judged")
                problem = T_("读取工作簿时出了意料之外的错误，已记入日志")
            changed = problem is None or str(problem) != str(self.problem)
            self.problem = problem
            self.version += changed
            return changed

    def start(self) -> None:
        """Poll from a thread of its own until ``stop``; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
            self._thread.start()

    def nudge(self) -> None:
        """Look now instead of at the next second; from any thread."""
        self._news.set()

    def stop(self) -> None:
        """Stop polling, after the look that is under way unless that takes long."""
        self._stop.set()
        self._news.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(LAST_LOOK)

    def _run(self) -> None:
        while True:
            self._news.wait(self.seconds - min(TOGETHER, self.seconds))
            if self._stop.wait(min(TOGETHER, self.seconds)):
                return
            self._news.clear()
            self.poll()
