"""Who has a workbook open in a desktop program, and how the app keeps those out while it writes.

Desktop programs leave a small file beside a workbook they have open. LibreOffice's is a line of text, the one of
Excel and WPS a block of bytes with a name in it. LibreOffice heeds such a file and opens the workbook read-only.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from lib.i18n import N_, _
from lib.store.base import Busy
from lib.store.files import not_writable, write_all

OWNER = "脱钩工作台"
"""The name under which the app holds a workbook; LibreOffice shows it to whoever opens the file meanwhile."""
MARKER = "tuogou-workbench"
"""What tells our lock files from LibreOffice's: it stands where that puts the folder of its settings."""
LIBREOFFICE, EXCEL = "LibreOffice", "Excel/WPS"
STALE_AFTER = timedelta(hours=24)
"""Nobody keeps a workbook open overnight and through the next day; a crashed program leaves its file for good."""

_LIBREOFFICE_LOCK = ".~lock.{}#"
_PROC = Path("/proc")
_HEAD = 4096
_LONGEST = 60
_NAME_UTF16, _NAME_MOST = 55, 54
_FIELD = re.compile(r"((?:\\.|[^\\,;])*)[,;]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r"([\\,;])")
_OPEN = N_("“{name}”正由 {who} 打开，没有写入；等对方关闭后再写入")


BEING_WRITTEN = 10
"""Seconds in which a lock file that is still empty may be filled by whoever made it."""


class Holder(NamedTuple):
    """Who has a workbook open: the name its program gives, or the program's when it gives none; the computer, if
    told; the program; since when (UTC, the age of its lock file); and that lock file."""

    who: str
    host: str
    program: str
    since: datetime | None
    path: Path


def holder(workbook: Path) -> Holder | None:
    """Who has the workbook open in a desktop program; None when nobody has. The app's own lock does not count.

    A lock file that cannot be read or understood still tells that somebody has it open.
    """
    folder, name = os.path.split(os.path.realpath(workbook) if os.path.islink(workbook) else workbook)
    line = _content(path := os.path.join(folder, _LIBREOFFICE_LOCK.format(name)))
    if line is not None and not _is_ours(line):
        user, account, host = [*_fields(line), "", "", ""][:3]
        return _holder(Path(path), LIBREOFFICE, (user, account), host)
    for prefix in ("~$", ".~"):
        block = _content(path := os.path.join(folder, prefix + name))
        if block is not None:
            return _holder(Path(path), EXCEL, _owner_names(block))
    return None


def is_stale(found: Holder, now: datetime) -> bool:
    """Whether a crash left this lock file: LibreOffice held it on this very computer (Linux) and does not run here
    any more, or it is older than ``STALE_AFTER``. ``now`` is aware."""
    if found.program == LIBREOFFICE and _is_here(found.host) and _office_runs() is False:
        return True
    return found.since is not None and now - found.since > STALE_AFTER


class DesktopLock:
    """Holds a workbook against LibreOffice, which opens it read-only meanwhile, for the length of a ``with``.

    Entering raises ``Busy`` when somebody has it open, whose lock file stays as it is, or ``NotWritable``. Leaving
    removes the lock file unless another program has replaced it.
    """

    def __init__(self, workbook: Path) -> None:
        self.workbook = workbook.resolve()
        self.path = _desktop_lock(self.workbook)
        self._line = b""

    def __enter__(self) -> Self:
        self._create()
        try:
            self._refuse_held()  # Excel heeds no lock file of others: it may have been there or come just now
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _create(self) -> None:
        self._line = _own_line()
        try:
            fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError as error:
            self._refuse_held()
            raise Busy(_(_OPEN, name=self.workbook.name, who=OWNER), OWNER) from error
        except OSError as error:
            raise not_writable(self.workbook, error) from error
        try:
            write_all(fd, self._line)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise not_writable(self.workbook, error) from error
        finally:
            os.close(fd)

    def _refuse_held(self) -> None:
        found = holder(self.workbook)
        if found is not None:
            raise Busy(_(_OPEN, name=self.workbook.name, who=found.who), found.who)

    def _remove(self) -> None:
        if _content(self.path) == self._line:
            with suppress(OSError):
                self.path.unlink()


def sweep_own(workbook: Path) -> None:
    """Remove the lock file of a process of ours that crashed. The caller holds the writers' lock, so that no live
    one has it. Lock files of others stay. Raises ``NotWritable``."""
    path = _desktop_lock(workbook.resolve())
    content = _content(path)
    if content is not None and (_is_ours(content) or (_may_be_ours(content) and _is_quiet(path))):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise not_writable(path, error) from error


def _desktop_lock(workbook: Path) -> Path:
    """Where LibreOffice puts its lock file; for a link, beside the file it points to."""
    return workbook.with_name(_LIBREOFFICE_LOCK.format(workbook.name))


def _content(path: Path | str) -> bytes | None:
    """The beginning of a lock file; None when there is none, empty when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)
    except FileNotFoundError:
        return None
    except OSError:  # Windows lets nobody read a file that Excel keeps for itself
        return b""


def _holder(path: Path, program: str, names: Iterable[str], host: str = "") -> Holder:
    told = (_printable(name) for name in names)
    return Holder(next(filter(None, told), program), _printable(host), program, _changed(path), path)


def _changed(path: Path) -> datetime | None:
    """The time the file system gives: the one in LibreOffice's line tells minutes and no time zone."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c != "\ufffd").strip()[:_LONGEST]


def _fields(line: bytes) -> list[str]:
    """User, account, computer, time and settings folder, as LibreOffice writes them: with a backslash before ``,``
    ``;`` and ``\\``, the last one ended by ``;``."""
    return [_ESCAPED.sub(r"\1", field) for field in _FIELD.findall(line.decode("utf-8", "replace"))]


def _own_line() -> bytes:
    now = datetime.now().strftime("%d.%m.%Y %H:%M")
    fields = (OWNER, MARKER, socket.gethostname(), now, f"{MARKER}/{os.getpid()}-{secrets.token_hex(8)}")
    return (",".join(_SPECIAL.sub(r"\\\1", field) for field in fields) + ";").encode()


def _is_ours(line: bytes) -> bool:
    fields = _fields(line)
    return len(fields) == 5 and fields[0] == OWNER and fields[4].startswith(f"{MARKER}/")


def _may_be_ours(content: bytes) -> bool:
    """Whether a crash may have cut this short when we wrote it."""
    begin = f"{OWNER},{MARKER}".encode()
    return content.startswith(begin) or begin.startswith(content)


def _is_quiet(path: Path) -> bool:
    """Whether a file has been left alone for so long that nobody is about to fill it."""
    changed = _changed(path)
    return changed is not None and (datetime.now(UTC) - changed).total_seconds() > BEING_WRITTEN


def _owner_names(block: bytes) -> Iterator[str]:
    """The name in Excel's owner file: after its length in UTF-16, which is exact, and before that in the code page
    of the writer's Windows, which is nowhere told."""
    length = int.from_bytes(block[_NAME_UTF16 : _NAME_UTF16 + 2], "little")
    if length <= _NAME_MOST:
        yield block[_NAME_UTF16 + 2 :][: 2 * length].decode("utf-16-le", "replace")
    name = block[1 : 1 + min(block[0], _NAME_MOST)] if block else b""
    with suppress(UnicodeDecodeError):
        yield name.decode("utf-8")
    yield name.decode("gb18030", "replace")


def _is_here(host: str) -> bool:
    """Whether a name means this computer; some programs leave the domain out. Half the world is a localhost."""
    ours, theirs = socket.gethostname().casefold(), host.casefold()
    if theirs in ("", "localhost", "localhost.localdomain"):
        return False
    return theirs == ours or theirs.split(".")[0] == ours or ours.split(".")[0] == theirs


def _office_runs() -> bool | None:
    """Whether LibreOffice runs on this computer; None where that cannot be known."""
    if sys.platform != "linux":
        return None
    own = str(os.getpid())
    try:
        numbers = {name for name in os.listdir(_PROC) if name.isdecimal()}
        if "1" not in numbers:  # other people's processes are hidden here
            return None
        return any(_is_office(_PROC / number / "cmdline") for number in numbers - {own})
    except OSError:
        return None


def _is_office(command: Path) -> bool:
    try:
        line = command.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return b"soffice" in line or b"libreoffice" in line
