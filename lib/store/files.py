"""Files that are whole at any moment: written beside the workbook, synced, then swapped in.

A crash leaves the workbook as it was or as it became, never half of it. What stood there can be had back, so that a
save that somebody made in the very moment is not lost unseen.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from lib.i18n import N_, _
from lib.store.base import NotWritable

PREFIX, SUFFIX = ".tuogou-", ".tmp"
"""What the names of temporary files begin and end with; the suffix keeps them out of every search for ``*.xlsx``."""
TOKEN = 8
"""Hexadecimal digits that tell two temporary files of one workbook apart."""

_BINARY: int = getattr(os, "O_BINARY", 0)  # only Windows has it, and would translate line ends without
_AT_FDCWD, _NOREPLACE, _EXCHANGE = -100, 1, 2
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOENT})
_SWAP_TRIES = 5
_FULL = N_("磁盘已满，“{name}”没有写入；请先腾出空间")
_READ_ONLY = N_("“{name}”是只读的，没有写入；请取消只读属性，或把文件夹移到可以写入的磁盘")
_FORBIDDEN = N_("没有权限写入“{name}”，或它正被别的程序占用；请检查文件夹的权限，并关闭占用它的程序")
_CAUSES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
}


def not_writable(path: Path, error: OSError) -> NotWritable:
    """The exception that tells people why a file could not be written and what to do; to be raised."""
    known = _CAUSES.get(error.errno or 0)
    if known is not None:
        return NotWritable(_(known, name=path.name))
    why = error.strerror or type(error).__name__
    return NotWritable(_("“{name}”没有写入，系统报告：{why}", name=path.name, why=why))


def write_temp(target: Path, data: bytes) -> Path:
    """Write ``data`` to a new hidden file beside ``target``, synced to the disk; gives its path.

    It has the mode of ``target``, and its owner and group where the system lets us. A link is followed: the file
    stands beside what it points to. Raises ``NotWritable``; then nothing is left behind.
    """
    target = target.resolve()
    made = target.with_name(f"{PREFIX}{secrets.token_hex(TOKEN // 2)}-{target.name}{SUFFIX}")
    try:
        found = _writable(target)
        fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        try:
            _fill(fd, made, data, found)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise not_writable(target, error) from error
    return made


def swap(new: Path, target: Path) -> Path | None:
    """Put ``new`` in the place of ``target``, at once and for good. Gives the file that came out, or None.

    Where the system can exchange two files (Linux), ``new`` afterwards holds what stood at ``target`` and is given
    back. Elsewhere, and when nothing stood there, ``new`` is gone. Raises ``NotWritable``; when that is because the
    folder could not be synced, the files have changed places already.
    """
    target = target.resolve()
    try:
        came_out = _move(new, target)
        fsync_folder(target.parent)
    except OSError as error:
        raise not_writable(target, error) from error
    return new if came_out else None


def leftovers(target: Path) -> list[Path]:
    """Our temporary files beside ``target``: after a crash, or while somebody writes. Look before deleting: one
    that came out of a swap may hold somebody's save."""
    target = target.resolve()
    ending = f"-{target.name}{SUFFIX}"
    size = len(PREFIX) + TOKEN + len(ending)
    with suppress(OSError):
        beside = sorted(target.parent.iterdir())
        return [p for p in beside if p.name.startswith(PREFIX) and p.name.endswith(ending) and len(p.name) == size]
    return []


def fsync_folder(folder: Path) -> None:
    """Make names that were created or changed in ``folder`` survive a power cut. Does nothing on Windows and on
    network drives that cannot. Raises ``OSError``."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(fd)


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, to survive a power cut. Raises ``OSError``."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        fsync_folder(folder.parent)


def write_all(fd: int, data: bytes) -> None:
    """Write all of ``data``: the system may take less at a time, as it does just before the disk is full. Raises
    ``OSError``."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _writable(target: Path) -> os.stat_result | None:
    """What is known of the file to replace. A file that people set read-only is theirs to release: a rename would
    not ask."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not found.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    return found


def _fill(fd: int, path: Path, data: bytes, like: os.stat_result | None) -> None:
    try:
        if like is not None:
            _give(fd, like)
            path.chmod(stat.S_IMODE(like.st_mode))
        write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def _give(fd: int, like: os.stat_result) -> None:
    """Owner and group as before, or the group at least: people share a folder by it."""
    if sys.platform != "win32":
        for owner in (like.st_uid, -1):
            with suppress(OSError):
                os.fchown(fd, owner, like.st_gid)
                return


def _move(new: Path, target: Path) -> bool:
    """Rename ``new`` to ``target``; whether what stood there is at ``new`` now."""
    for _attempt in range(_SWAP_TRIES):
        failed = _rename(new, target, _EXCHANGE)
        if failed == 0:
            return True
        if failed == errno.ENOENT:
            # Excel saves by deleting and renaming: what turns up in this moment must not be overwritten unseen
            failed = _rename(new, target, _NOREPLACE)
            if failed == 0:
                return False
        if failed != errno.EEXIST:
            break
    if failed not in _UNSUPPORTED:
        raise OSError(failed, os.strerror(failed))
    os.replace(new, target)
    return False


def _rename(new: Path, target: Path, flag: int) -> int:
    """Linux' ``renameat2``; 0 or the error number."""
    call = _renameat2()
    if call is None:
        return errno.ENOSYS
    if call(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(target), flag) == 0:
        return 0
    return ctypes.get_errno()


@cache
def _renameat2() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
