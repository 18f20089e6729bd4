"""The file of accounts (账号文件): who may sign in, in streamlit-authenticator's own YAML format.

People may edit it by hand: it is read again whenever it changes, keys that we do not know are kept, and it is
replaced as a whole, readable by its owner only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from lib.i18n import _
from lib.store.base import Unreadable
from lib.store.files import make_folder, not_writable, swap, write_temp
from lib.store.turns import WriterLock

Entries = dict[str, dict[str, Any]]
"""Account name → what the file says of it."""
_MODE = 0o600


class Credentials:
    """The accounts in a file, found again by its stat."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = WriterLock(path.with_suffix(".lock"))
        self._known: tuple[tuple[int, int, int] | None, dict[str, Any]] | None = None

    def read(self) -> Entries:
        """All accounts; none when there is no file yet. They must not be changed. Raises ``Unreadable``."""
        return _entries(self._whole())

    def change(self, edit: Callable[[Entries], None]) -> None:
        """Change the accounts, one writer at a time. What ``edit`` raises leaves the file as it was. Raises
        ``Unreadable``, ``NotWritable`` or ``Busy``."""
        try:
            make_folder(self.path.parent)
        except OSError as error:
            raise not_writable(self.path, error) from error
        with self._lock:
            whole = self._parsed(self._text())
            edit(_entries(whole))
            made = write_temp(self.path, yaml.safe_dump(whole, allow_unicode=True, sort_keys=False).encode())
            os.chmod(made, _MODE)
            displaced = swap(made, self.path)
            if displaced is not None:
                displaced.unlink(missing_ok=True)
            self._known = None

    def _whole(self) -> dict[str, Any]:
        """The file's content, parsed once for each version of it."""
        try:
            found = self.path.stat()
            mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        except FileNotFoundError:
            mark = None
        except OSError as error:
            raise _unreadable(self.path, error.strerror or "") from error
        if self._known is None or self._known[0] != mark:
            self._known = mark, self._parsed(self._text() if mark else "")
        return self._known[1]

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(self.path, str(error)) from error

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            whole = yaml.safe_load(text) or {}
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise _unreadable(self.path, str(error)) from error
        credentials = whole.setdefault("credentials", {}) if isinstance(whole, dict) else None
        names = credentials.setdefault("usernames", {}) if isinstance(credentials, dict) else None
        if not isinstance(names, dict) or not all(map(_is_entry, names.items())):
            raise _unreadable(self.path, _("应为 credentials: usernames: 账号名: …"))
        return whole


def _entries(whole: dict[str, Any]) -> Entries:
    found: Entries = whole["credentials"]["usernames"]
    return found


def _is_entry(named: tuple[Any, Any]) -> bool:
    """Whether a name and what stands below it can be an account. A name of digits alone has to stand in quotes."""
    name, entry = named
    return isinstance(name, str) and isinstance(entry, dict) and isinstance(entry.get("issued") or 0, int)


def _unreadable(path: Path, why: str) -> Unreadable:
    return Unreadable(_("账号文件“{name}”读不了：{why}", name=path.name, why=why))
