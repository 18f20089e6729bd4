"""The journal (操作日志): what was acknowledged, line by line, synced to the disk before anybody is told "saved".

Each line carries the hash of the line before, so that a line that was changed, dropped or moved shows. Whoever
rewrites all lines from one on, or cuts lines off the end, is found out only by somebody who noted a later hash.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lib.i18n import N_, _
from lib.store.base import StoreError, Unreadable
from lib.store.files import fsync_folder, make_folder, not_writable, write_all
from lib.store.journal_lines import FIRST, MALFORMED, Entry, decoded, encoded, is_torn

LIMIT = 8 * 2**20
"""Bytes after which a segment is full: about 20,000 lines, small enough to open in an editor."""

_SEGMENT = re.compile(r"journal-([0-9]{6,})\.jsonl")
_BINARY: int = getattr(os, "O_BINARY", 0)
_SHORTER = N_("日志比先前读到的短，末尾的记录被删除了")


class BrokenJournal(StoreError):
    """A line of the journal is not what was written; ``segment``, ``line`` and ``why`` say where and how."""

    def __init__(self, segment: str, line: int, why: str) -> None:
        hint = N_("操作日志 {name} 第 {line} 行有问题：{why}。请停止写入，备份日志文件夹，并请维护人员检查")
        super().__init__(_(hint, name=segment, line=line, why=why))
        self.segment, self.line, self.why = segment, line, why


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: how many lines are good; if not all, the first bad one and why, in a sentence.

    ``torn`` counts the bytes of a last line that a crash cut short: it was never acknowledged and is no fault.
    """

    ok: bool
    count: int
    segment: str = ""
    line: int = 0
    why: str = ""
    torn: int = 0


class _Place(NamedTuple):
    """How far somebody has read: the end of a line, with that line's number in the segment, its seq and hash."""

    segment: int
    offset: int
    line: int
    seq: int
    hash: str


_START = _Place(1, 0, 0, 0, FIRST)


class _Part(NamedTuple):
    """What stands in one segment from a place on: ``why`` is empty when all of it is good."""

    entries: list[Entry]
    end: _Place
    torn: int
    why: str


class Journal:
    """The journal in a folder. One object can be used by several threads; processes take turns to ``append``.

    ``now`` gives an aware time; ``limit`` is the size in bytes after which a new segment begins.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime], limit: int = LIMIT) -> None:
        self.folder, self.limit = folder, limit
        self._now = now
        self._guard = threading.RLock()
        self._place = _START
        self._torn = 0
        self._unseen: list[Entry] = []
        self._begun = False

    def append(self, *items: tuple[str, dict[str, Any]]) -> list[Entry]:
        """Write ``(kind, data)`` pairs as lines, in one write; they are on the disk when it returns them.

        The caller holds the lock between processes. A crash in the middle may leave the first of several lines
        without the others: what belongs together goes into one item. Raises ``NotWritable``, after which nothing of
        it is in the journal, ``BrokenJournal`` or ``Unreadable``; ``TypeError`` or ``ValueError`` for data that is
        not JSON or a time without offset.
        """
        if not items:
            return []
        with self._guard:
            self._unseen += self._catch_up()
            moment = self._now()
            if moment.tzinfo is None:
                raise ValueError("a time without offset")
            at = moment.isoformat(timespec="milliseconds")
            block, entries = encoded(items, at, self._place.seq, self._place.hash)
            self._cut_torn()
            self._write(block, entries)
            if not self._begun:
                self._begun, self._unseen = True, []
            return entries

    def tail(self) -> list[Entry]:
        """The entries that neither ``tail`` nor ``append`` of this object gave yet, by whomever they were written.

        The first call gives all there are; after an ``append`` as the very first call, only those after it. Two
        ``stat`` when nothing is new. Raises ``BrokenJournal`` or ``Unreadable``, and then gives the same again.
        """
        with self._guard:
            self._unseen += self._catch_up()
            self._begun = True
            found, self._unseen = self._unseen, []
            return found

    def entries(self) -> Iterator[Entry]:
        """All entries, from the first segment on. Raises ``BrokenJournal`` after the last good one, or
        ``Unreadable``."""
        for part in self._parts(_START):
            yield from part.entries
            self._refuse(part)

    def verify(self) -> Verdict:
        """Whether every line is as it was written. Raises ``Unreadable``."""
        count, torn = 0, 0
        for part in self._parts(_START):
            count, torn = count + len(part.entries), part.torn
            if part.why:
                return Verdict(False, count, _name(part.end.segment), part.end.line + 1, part.why)
        return Verdict(True, count, torn=torn)

    def mark(self) -> str:
        """A cheap mark that changes when the journal does. Raises ``Unreadable``."""
        number, size = self._last()
        return f"{number}-{size}"

    # reading

    def _catch_up(self) -> list[Entry]:
        """The entries after the place reached, which moves to the end."""
        last, place = self._last(), self._place
        if last == (place.segment, place.offset):
            self._torn = 0
            return []
        if last < (place.segment, place.offset):
            raise BrokenJournal(_name(place.segment), place.line, _(_SHORTER))
        entries, torn = list[Entry](), 0
        for part in self._parts(place):
            self._refuse(part)
            entries += part.entries
            place, torn = part.end, part.torn
        self._place, self._torn = place, torn
        return entries

    def _last(self) -> tuple[int, int]:
        """Number and size of the last segment."""
        number = self._place.segment
        size = self._size(number)
        while (following := self._size(number + 1)) is not None:
            number, size = number + 1, following
        return number, size or 0

    def _size(self, number: int) -> int | None:
        try:
            return os.stat(os.path.join(self.folder, _name(number))).st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(number) from error

    def _parts(self, place: _Place) -> Iterator[_Part]:
        """What stands after a place, by segment, up to the first bad line."""
        numbers = [number for number in self._numbers() if number >= place.segment]
        for number in numbers:
            if number != place.segment:
                place = _Place(number, 0, 0, place.seq, place.hash)
            part = self._part(place, is_last=number == numbers[-1])
            yield part
            if part.why:
                return
            place = part.end

    def _part(self, place: _Place, is_last: bool) -> _Part:
        lines = self._bytes(place).split(b"\n")
        rest = lines.pop()
        if is_last and not rest and lines and is_torn(lines[-1] + b"\n"):
            rest = lines.pop() + b"\n"
        entries, why = decoded(lines, place.seq, place.hash)
        if rest and not why and not (is_last and is_torn(rest)):
            why = _(MALFORMED)
        size = sum(map(len, lines[: len(entries)])) + len(entries)
        return _Part(entries, _after(place, entries, size), len(rest), why)

    def _bytes(self, place: _Place) -> bytes:
        try:
            with self._path(place.segment).open("rb") as file:
                file.seek(place.offset)
                return file.read()
        except OSError as error:
            raise _unreadable(place.segment) from error

    def _numbers(self) -> list[int]:
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(1) from error
        return sorted(int(found[1]) for name in names if (found := _SEGMENT.fullmatch(name)))

    def _path(self, number: int) -> Path:
        return self.folder / _name(number)

    @staticmethod
    def _refuse(part: _Part) -> None:
        if part.why:
            raise BrokenJournal(_name(part.end.segment), part.end.line + 1, part.why)

    # writing

    def _write(self, block: bytes, entries: list[Entry]) -> None:
        place = self._place
        if place.offset >= self.limit:
            place = _Place(place.segment + 1, 0, 0, place.seq, place.hash)
        path = self._path(place.segment)
        try:
            if place.offset == 0:
                make_folder(self.folder)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)
            try:
                self._commit(fd, block, place.offset)
            finally:
                os.close(fd)
        except OSError as error:
            raise not_writable(path, error) from error
        self._place = _after(place, entries, len(block))

    def _commit(self, fd: int, block: bytes, before: int) -> None:
        """Write and sync, or leave the file as long as it was."""
        try:
            write_all(fd, block)
            os.fsync(fd)
            if before == 0:
                fsync_folder(self.folder)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(fd, before)
                os.fsync(fd)
            raise

    def _cut_torn(self) -> None:
        """Cut off what a crash left of a line that was never acknowledged; keep a copy for whoever investigates."""
        if not self._torn:
            return
        path = self._path(self._place.segment)
        kept = self.folder / f"journal-torn-{self._now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.txt"
        rest = self._bytes(self._place)
        try:
            _save(kept, rest)
            with path.open("r+b") as file:
                file.truncate(self._place.offset)
                os.fsync(file.fileno())
            fsync_folder(self.folder)
        except OSError as error:
            raise not_writable(path, error) from error
        self._torn = 0


def _name(number: int) -> str:
    return f"journal-{number:06d}.jsonl"


def _unreadable(number: int) -> Unreadable:
    return Unreadable(_("读不了操作日志“{name}”；请检查文件夹的权限和磁盘", name=_name(number)))


def _after(place: _Place, entries: Sequence[Entry], size: int) -> _Place:
    """The place after ``entries``, which take ``size`` bytes."""
    if not entries:
        return place
    last = entries[-1]
    return _Place(place.segment, place.offset + size, place.line + len(entries), last.seq, last.hash)


def _save(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
