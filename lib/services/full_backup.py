"""A whole backup (整套备份): the workbook with everything the app keeps beside it, as of one moment, while the server
runs.

What is held is the workbook as last written and the journal since, so both must be of the same moment: they are copied
under the lock that every writer takes. What never changes once it is there (the copies of former revisions) is copied
before, so that nobody waits for it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lib.i18n import N_, T_, Text, _
from lib.services.settings import folder_of
from lib.services.setup import own_plan
from lib.store.access import copy_access
from lib.store.base import Changed, NotWritable, StoreError
from lib.store.database import copy_database
from lib.store.files import fsync_folder, leftovers, not_writable
from lib.store.journal import Journal
from lib.store.turns import WriterLock
from lib.store.xlsx import XlsxStore

NAME, DATED = "%Y%m%d-%H%M%S", re.compile(r"\d{8}-\d{6}")
"""A backup's folder is named after its moment."""
UNDONE = ".unfinished-"
"""What the name of a backup begins with until it is whole."""
PATIENCE = 60.0
"""Seconds to wait for somebody who writes."""
SAVE_TRIES = 3
"""A desktop program may save while we copy; twice in a row is unheard of."""
ACCESS, OUTBOX = "access.sqlite", "outbox.sqlite"
Live = Callable[[Path], None]
_PRIVATE = 0o700
_INSIDE = N_("备份不能放在“{name}”里面；请放到另一个文件夹，最好是另一块磁盘")
_NOTHING = N_("“{name}”旁边还没有日志，没有可以备份的；先启动一次服务")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: where, how many entries its journal has, and what is doubtful in it."""

    folder: Path
    entries: int
    doubts: tuple[Text, ...]


def make(workbook: Path, into: Path, now: Callable[[], datetime], live: Live | None = None) -> Backup:
    """Make a backup in a new folder of ``into``; laid out as the data folder is, so that restoring is copying it.
    ``live``: keeps a copy of a spreadsheet at a path, where there is no workbook file.

    It is read back before it gets its name. Raises ``StoreError``; then there is no backup.
    """
    beside = folder_of(workbook)
    if not (beside / "journal").is_dir():
        raise StoreError(_(_NOTHING, name=workbook.name))
    if into.resolve().is_relative_to(beside.resolve()):
        raise StoreError(_(_INSIDE, name=beside.name))
    made = into / f"{UNDONE}{secrets.token_hex(4)}"
    try:
        made.mkdir(parents=True, mode=_PRIVATE)
        try:
            kept = _seen(live, made / f"{workbook.name}.json.gz") if live else ()
            _fill(workbook, made, all_in(into), with_file=live is None)
            entries, doubts = _looked_over(made / workbook.name, now, with_file=live is None)
            doubts = (*kept, *doubts)
            made = made.rename(_free(into, now()))
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        fsync_folder(into)
    except OSError as error:
        raise not_writable(made, error) from error
    return Backup(made, entries, doubts)


def all_in(into: Path) -> list[Path]:
    """The backups in a folder, the latest first."""
    found = (path for path in into.glob("*") if DATED.fullmatch(path.name) and path.is_dir())
    return sorted(found, reverse=True)


def thin_out(into: Path, keep: int) -> int:
    """Delete the oldest backups but ``keep``, and what a crash left of one; gives how many went. Raises
    ``NotWritable``."""
    old = [*all_in(into)[keep:], *into.glob(f"{UNDONE}*")]
    try:
        for path in old:
            shutil.rmtree(path)
    except OSError as error:
        raise not_writable(path, error) from error
    return len(old)


def _fill(workbook: Path, made: Path, former: list[Path], *, with_file: bool) -> None:
    """Copy everything."""
    beside = folder_of(workbook)
    target = made / beside.name
    for name in ("", "backups", "journal", "audit"):
        (target / name).mkdir(mode=_PRIVATE)
    twins = former[0] / beside.name / "backups" if former else None
    _copies(beside / "backups", target / "backups", twins)
    with WriterLock(beside / "lock", PATIENCE):
        if with_file:
            _copy_workbook(workbook, made / workbook.name)
        for stray in leftovers(workbook):
            _copy(stray, made / stray.name)
        _copies(beside / "backups", target / "backups", twins)
        for path in _plain_files(beside):
            _copy(path, target / path.relative_to(beside))
    with WriterLock(beside / "audit.lock", PATIENCE):
        for path in _files(beside / "audit"):
            _copy(path, target / "audit" / path.name)
    for name, copied in ((ACCESS, copy_access), (OUTBOX, copy_database)):
        if (beside / name).exists():
            copied(beside / name, target / name)
    if own_plan(workbook).exists():
        _copy(own_plan(workbook), made / own_plan(workbook).name)


def _plain_files(beside: Path) -> Iterator[Path]:
    """The journal, the accounts, and saves that could not be merged: all but locks, the databases, and what has a turn
    of its own."""
    yield from _files(beside / "journal")
    for path in _files(beside):
        if not path.name.startswith((ACCESS, OUTBOX)) and path.suffix != ".lock" and path.name != "lock":
            yield path


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []


def _copies(source: Path, target: Path, twins: Path | None) -> None:
    """Copy the revisions that are not there yet; one that the former backup has too takes no space again."""
    for path in _files(source):
        there = target / path.name
        if there.exists():
            continue
        twin = twins / path.name if twins else None
        with suppress(FileNotFoundError):  # thinned out meanwhile
            if twin is None or not _alike(twin, path) or not _linked(twin, there):
                _copy(path, there)


def _alike(twin: Path, path: Path) -> bool:
    if not twin.exists():
        return False
    one, other = twin.stat(), path.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _linked(twin: Path, there: Path) -> bool:
    """Whether a file could be had twice for the space of one: not on every disk."""
    try:
        os.link(twin, there)
    except OSError:
        return False
    return True


def _copy_workbook(workbook: Path, there: Path) -> None:
    """The workbook as somebody saved it, whole. One that cannot be read is copied as it is; ``_looked_over`` tells."""
    store = XlsxStore(workbook)
    for _attempt in range(SAVE_TRIES):
        try:
            store.keep(store.read(), there)
        except Changed:
            continue
        except NotWritable:
            raise
        except StoreError:
            break
        return
    if workbook.exists():
        _copy(workbook, there)


def _copy(path: Path, there: Path) -> None:
    """A copy on the disk, with the mode and the time of the original: revisions are found by it."""
    with path.open("rb") as source, there.open("xb") as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        os.fsync(copy.fileno())
    shutil.copystat(path, there)


def _seen(live: Live, there: Path) -> tuple[Text, ...]:
    """Keep a copy of a spreadsheet; what is doubtful when it cannot be read now: the revisions are backed up anyway."""
    try:
        live(there)
    except NotWritable:
        raise
    except StoreError as error:
        return (T_("Google 表格现在读不了，只备份了过去的副本：{why}", why=str(error)),)
    return ()


def _looked_over(workbook: Path, now: Callable[[], datetime], *, with_file: bool) -> tuple[int, tuple[Text, ...]]:
    """Read a backup as a restore would: how many entries its journal has, and what is doubtful."""
    beside = folder_of(workbook)
    doubts: list[Text] = []
    try:
        if with_file:
            XlsxStore(workbook).read_copy(workbook)
    except StoreError as error:
        doubts.append(T_("工作簿读不了，照原样备份：{why}", why=str(error)))
    journal = Journal(beside / "journal", now).verify()
    if not journal.ok:
        doubts.append(T_("变更日志在 {segment} 第 {line} 行断开", segment=journal.segment, line=journal.line))
    audit = Journal(beside / "audit", now).verify()
    if not audit.ok:
        doubts.append(T_("审计记录在 {segment} 第 {line} 行断开", segment=audit.segment, line=audit.line))
    return journal.count, tuple(doubts)


def _free(into: Path, moment: datetime) -> Path:
    """The folder for a moment. Raises ``StoreError`` when there is one: two at once are a mistake."""
    wanted = into / moment.strftime(NAME)
    if wanted.exists():
        raise StoreError(_("备份“{name}”已经存在，请过一秒再试", name=wanted.name))
    return wanted
