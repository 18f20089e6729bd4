"""Whose turn it is to talk to a shared spreadsheet (值守), among servers that share one data folder.

One of them looks and writes, the others learn from the journal: Google's quota is counted once, and nobody writes over
what another is about to merge. Each turn has a number, greater than all before, by which ``lib.store.google_shift``
shuts out a write that a former holder had under way.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import lock_descriptor, unlock_descriptor

from lib.i18n import T_, Text
from lib.store.base import StoreError
from lib.store.files import make_folder, not_writable, swap, write_temp


@dataclass(frozen=True, slots=True)
class Offer:
    """What the holder saw last, for whoever takes over: the name of that content, and its bytes; ``age`` in seconds."""

    mark: str
    sizes: bytes
    tabs: bytes
    age: float = 0.0


class Lease(Protocol):
    """The turn, as a keeper and a store ask for it. Nothing here waits for a network or raises."""

    @property
    def number(self) -> int:
        """Tells one turn from the next: it grows with each. 0 where there is one server only."""
        ...

    @property
    def problem(self) -> Text | None:
        """Why nobody may have the turn now, for people; None while all is well, whoever has it."""
        ...

    def mine(self) -> bool:
        """Whether it is ours now, for certain; asks for it when it is free."""
        ...

    def tell(self) -> None:
        """Let the other servers know that there is something new in the journal."""
        ...

    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake``, from any thread, when a server told that there is something new."""
        ...

    def offer(self, mark: str, make: Callable[[], Offer] | None = None) -> None:
        """Leave what we see now to whoever takes over; ``make``: None when it is what was left before, seen again."""
        ...

    def offered(self) -> Offer | None:
        """What the last holder left, while it is fresh."""
        ...

    def close(self) -> None:
        """Give the turn back: another server takes over at once."""
        ...

    @property
    def closed(self) -> bool:
        """Whether it was closed: it is never ours again, who goes on needs another one."""
        ...


class Alone:
    """The lease where there is one server only."""

    @property
    def number(self) -> int:
        """There is nobody to be told from."""
        return 0

    @property
    def problem(self) -> Text | None:
        """Never any."""
        return None

    def mine(self) -> bool:
        """Always."""
        return True

    def tell(self) -> None:
        """Nobody listens."""

    def listen(self, wake: Callable[[], None]) -> None:
        """Nobody tells."""

    def offer(self, mark: str, make: Callable[[], Offer] | None = None) -> None:
        """Nobody takes over."""

    def offered(self) -> Offer | None:
        """Nobody left anything."""
        return None

    def close(self) -> None:
        """There is nothing to give back."""

    @property
    def closed(self) -> bool:
        """Never."""
        return False


class FileLease(Alone):
    """The turn of one process on this computer: it has a file locked until it ends, however it ends.

    Another process has it at its next question after that. A process that is stopped but not dead keeps it: nobody
    writes until it goes on or is killed; ``RedisLease`` takes it away after seconds. The others are not woken, they
    read the journal once a second.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers = Numbers(path.with_name(f"{path.name}-number"))
        self._guard = threading.Lock()
        self._fd, self._number = -1, 0
        self._problem: Text | None = None
        self._closed = False

    @property
    def number(self) -> int:
        """The number of our turn; of the last one, when it is not ours any more."""
        return self._number

    @property
    def problem(self) -> Text | None:
        """Why the file cannot be locked by anybody."""
        return self._problem

    def mine(self) -> bool:
        """Whether we have the file locked; tries to lock it."""
        with self._guard:
            if self._fd >= 0 and not self._is_there():
                self._let_go()
            if self._fd < 0 and not self._closed:
                self._try()
            return self._fd >= 0

    @property
    def closed(self) -> bool:
        """Whether it is unlocked for good."""
        return self._closed

    def close(self) -> None:
        """Unlock the file, for good."""
        with self._guard:
            self._closed = True
            self._let_go()

    def _try(self) -> None:
        self._problem = None
        try:
            make_folder(self.path.parent)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            if not lock_descriptor(self._fd, blocking=False) or not self._is_there():
                self._let_go()
                return
            self._number = self._numbers.take(self._numbers.last + 1)
        except (OSError, StoreError) as error:
            told = error if isinstance(error, StoreError) else not_writable(self.path, error)
            self._problem = T_("{why}", why=str(told))
            self._let_go()

    def _is_there(self) -> bool:
        """Whether our file is the one that others would lock: nobody has deleted it."""
        try:
            return os.path.samestat(os.fstat(self._fd), os.stat(self.path))
        except OSError:
            return False

    def _let_go(self) -> None:
        if self._fd >= 0:
            with suppress(OSError):
                unlock_descriptor(self._fd)
            os.close(self._fd)
            self._fd = -1


class Numbers:
    """The greatest number of a turn so far, in a file of its own in the shared folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def last(self) -> int:
        """The greatest number taken; 0 when there is none."""
        try:
            return int(self.path.read_text())
        except (OSError, ValueError):
            return 0

    def take(self, number: int) -> int:
        """Note a number that was given to us. Raises ``NotWritable``."""
        make_folder(self.path.parent)
        former = swap(write_temp(self.path, str(number).encode()), self.path)
        if former is not None:
            former.unlink(missing_ok=True)
        return number


def lease_for(folder: Path, spreadsheet: str, redis_url: str | None) -> Lease:
    """The lease for a spreadsheet whose data folder is ``folder``: by Redis where there is an address of one
    (``REDIS_URL``), else by a file. Raises ``StoreError`` when the library for Redis is missing."""
    if redis_url:
        from lib.store.redis_lease import RedisLease  # noqa: PLC0415 - its library is an extra

        return RedisLease(redis_url, spreadsheet, folder)
    return FileLease(folder / "turn")
