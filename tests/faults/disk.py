"""A disk that fails when told to: every system call of the app that changes something is a point where the process can
die, the power go, the disk be full, or somebody else act in the very moment."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from lib.store import files

WRITING = os.O_WRONLY | os.O_RDWR
SPARED = frozenset(os.environ.get("FAULTS_SPARED", "none").split(","))
"""Folders whose names survive a power cut unsynced: none, unless asked."""


class Crash(BaseException):
    """The process is dead: nothing it still tries has any effect."""


class Disk:
    """Stands between the app and the system within ``app``. What was not synced can go in a power cut."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.events: dict[int, str] = {}
        """Number of a call → what happens there: crash, crash-after, full, people."""
        self.people: Callable[[], None] = lambda: None
        self.calls = 0
        self.active = self.dead = self.full = False
        self._paths: dict[int, str] = {}
        self._loose: dict[tuple[int, int], tuple[int, int]] = {}
        """Inode → (a descriptor of it, its size when it was last synced)."""
        self._moves: list[tuple[str, Callable[[], object]]] = []
        """Folder and how to take back each change of names that is not synced."""

    @contextmanager
    def app(self, events: dict[int, str] | None = None) -> Iterator[None]:
        """The app acts; ``events`` happen at its calls. Raises ``Crash``."""
        self.events, self.calls = events or {}, 0
        self.active = True
        try:
            yield
        finally:
            self.active = self.dead = self.full = False

    def settle(self) -> None:
        """Time passes: all that was written is on the disk."""
        for fd, _size in self._loose.values():
            os.close(fd)
        self._loose.clear()
        self._moves.clear()

    def cut(self) -> None:
        """The power goes: of each folder's changes the last few are undone, of each file what was not synced."""
        keep = {folder: self.random.random() < 0.5 for folder, _undo in self._moves}
        for folder, undo in reversed(self._moves):
            if not keep[folder]:
                with suppress(OSError):
                    undo()
                keep[folder] = self.random.random() < 0.4
        for fd, size in self._loose.values():
            now = os.fstat(fd).st_size
            if now > size:
                os.ftruncate(fd, self.random.choice([size, self.random.randint(size, now)]))
        self.settle()

    # calls

    def point(self) -> str:
        """One call of the app; what happens after it."""
        if not self.active:
            return ""
        if self.dead:
            raise Crash
        self.calls += 1
        event = self.events.get(self.calls, "")
        if event == "crash":
            self.dead = True
            raise Crash
        if event == "full":
            self.full = True
        if event == "people":
            self.active = False
            try:
                self.people()
            finally:
                self.active = True
        return event

    def after(self, event: str) -> None:
        """The process may die when the call is done."""
        if event == "crash-after":
            self.dead = True
            raise Crash

    def no_space(self) -> None:
        if self.active and self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def moved(self, folder: str, undo: Callable[[], object]) -> None:
        if self.active and os.path.basename(folder) not in SPARED:
            self._moves.append((folder, undo))

    def written(self, fd: int) -> None:
        if self.active:
            found = os.fstat(fd)
            key = (found.st_dev, found.st_ino)
            if key not in self._loose:
                self._loose[key] = (os.dup(fd), found.st_size)

    def synced(self, fd: int) -> None:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            here = (found.st_dev, found.st_ino)
            self._moves = [move for move in self._moves if _key(move[0]) != here]
        elif (loose := self._loose.pop((found.st_dev, found.st_ino), None)) is not None:
            os.close(loose[0])


def _key(folder: str) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _put(path: str, data: bytes | None) -> None:
    if data is None:
        REAL["unlink"](path)
    else:
        with open(path, "wb") as file:
            file.write(data)


def _folder(path: str) -> str:
    return os.path.dirname(path) or "."


REAL: dict[str, Any] = {
    name: getattr(os, name) for name in ("open", "write", "fsync", "ftruncate", "unlink", "replace", "rename", "mkdir")
}
RENAME = files._rename
READ = Path.read_bytes


@contextmanager
def installed(disk: Disk) -> Iterator[Disk]:
    """The calls of this process go through ``disk``; those outside ``disk.app`` pass unharmed."""

    def open_(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if not disk.active or not flags & WRITING:
            return REAL["open"](path, flags, *rest, **more)
        event = disk.point()
        disk.no_space()
        fresh = not os.path.lexists(path)
        fd: int = REAL["open"](path, flags, *rest, **more)
        if fresh:
            disk.moved(_folder(os.fspath(path)), lambda: _put(os.fspath(path), None))
        try:
            disk.after(event)
        except Crash:
            os.close(fd)
            raise
        return fd

    def write(fd: int, data: Any) -> int:
        event = disk.point()
        disk.no_space()
        disk.written(fd)
        if event == "crash-after" and disk.random.random() < 0.6:
            REAL["write"](fd, bytes(data)[: disk.random.randint(0, len(data))])
            disk.after(event)
        count: int = REAL["write"](fd, data)
        disk.after(event)
        return count

    def fsync(fd: int) -> None:
        event = disk.point()
        disk.no_space()
        if disk.active:
            disk.synced(fd)
        disk.after(event)

    def ftruncate(fd: int, size: int) -> None:
        event = disk.point()
        REAL["ftruncate"](fd, size)
        disk.after(event)

    def unlink(path: Any, **more: Any) -> None:
        event = disk.point()
        was = _bytes(os.fspath(path)) if disk.active else None
        REAL["unlink"](path, **more)
        if was is not None:
            disk.moved(_folder(os.fspath(path)), lambda: _put(os.fspath(path), was))
        disk.after(event)

    def replace(new: Any, old: Any, **more: Any) -> None:
        event = disk.point()
        new, old = os.fspath(new), os.fspath(old)
        was, comes = (_bytes(old), _bytes(new)) if disk.active else (None, None)
        REAL["replace"](new, old, **more)

        def undo() -> None:
            _put(old, was)
            _put(new, comes)

        disk.moved(_folder(old), undo)
        disk.after(event)

    def mkdir(path: Any, *rest: Any, **more: Any) -> None:
        event = disk.point()
        disk.no_space()
        REAL["mkdir"](path, *rest, **more)
        disk.after(event)

    def rename(new: Path, target: Path, flag: int) -> int:
        event = disk.point()
        code = RENAME(new, target, flag)
        if code == 0:
            back = (lambda: RENAME(new, target, flag)) if flag == files._EXCHANGE else (lambda: os.rename(target, new))
            disk.moved(_folder(str(target)), back)
        disk.after(event)
        return code

    def read_bytes(path: Path) -> bytes:
        event = disk.point()
        data = READ(path)
        disk.after(event)
        return data

    fakes = {
        "open": open_, "write": write, "fsync": fsync, "ftruncate": ftruncate, "unlink": unlink, "replace": replace,
        "rename": replace, "mkdir": mkdir,
    }  # fmt: skip
    for name, fake in fakes.items():
        setattr(os, name, fake)
    files._rename, Path.read_bytes = rename, read_bytes  # type: ignore[method-assign]
    try:
        yield disk
    finally:
        disk.settle()
        for name, real in REAL.items():
            setattr(os, name, real)
        files._rename, Path.read_bytes = RENAME, READ  # type: ignore[method-assign]
