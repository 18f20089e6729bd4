"""An entrance whose clock the test holds, in a folder of its own; a second one is another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import bcrypt
import pytest
import yaml

from lib.services.accounts import HOUSE, Accounts
from lib.services.audit import Audit
from lib.services.entrance import Entrance
from lib.services.links import Links
from lib.services.policy import Actor
from lib.services.sessions import Entry, Sessions
from lib.services.settings import ZONE
from lib.store.access import Access
from lib.store.credentials import Credentials

KEEPER, OFFICE = Actor("管理员", "admin", user="root"), Actor("李四", "office", user="li")
GOOD, BETTER = "一句好记的话 2016", "another good one 2016"
HERE, THERE = "10.0.0.1", "10.0.0.2"


@dataclass
class Clock:
    """A clock that stands still until it is told."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, tzinfo=ZONE))

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Door:
    """An entrance, its folder and its clock."""

    folder: Path
    clock: Clock
    entrance: Entrance

    @property
    def accounts(self) -> Accounts:
        return self.entrance.accounts

    @property
    def sessions(self) -> Sessions:
        return self.entrance.sessions

    @property
    def yaml(self) -> Path:
        return self.folder / "accounts.yaml"

    def again(self) -> Door:
        """The same door in another process, or after a restart."""
        return open_door(self.folder, self.clock)

    def keep(self, user: str = "lina", role: str = "office", *units: str, password: str = GOOD) -> None:
        """An account whose password is its own already."""
        once = self.accounts.add(HOUSE, user, "李娜", role, units)
        visitor = self.sessions.visitor(self.sessions.sign_in(user, once, HERE).token)
        assert visitor is not None
        changed = self.sessions.change_password(visitor, once, password)
        assert changed.token is not None
        self.sessions.sign_out(changed.token)

    def come(self, user: str = "lina", password: str = GOOD, address: str = HERE) -> Entry:
        return self.sessions.sign_in(user, password, address)

    def token(self, user: str = "lina", password: str = GOOD, address: str = HERE) -> str:
        entry = self.come(user, password, address)
        assert entry.token is not None, str(entry.reason)
        return entry.token

    def opens(self, token: str | None) -> bool:
        return self.entrance.visitor(token, None) is not None

    def written(self) -> bytes:
        """Everything that stands in any file of the folder."""
        return b"\n".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())

    def by_hand(self, change: Callable[[dict[str, dict[str, object]]], object]) -> None:
        """Edit the file of accounts as somebody with an editor does."""
        whole = yaml.safe_load(self.yaml.read_text(encoding="utf-8"))
        change(whole["credentials"]["usernames"])
        self.yaml.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")


def open_door(folder: Path, clock: Clock) -> Door:
    access, audit = Access(folder / "access.sqlite", clock), Audit(folder / "audit", clock)
    accounts = Accounts(Credentials(folder / "accounts.yaml"), access, audit, clock)
    sessions = Sessions(accounts, access, audit, clock)
    return Door(folder, clock, Entrance(accounts, sessions, Links(access, audit, clock, accounts.get), audit))


def hurry(patch: pytest.MonkeyPatch) -> list[bytes]:
    """Have bcrypt take no time and count what it is asked; its cost is measured elsewhere."""
    asked: list[bytes] = []
    check = bcrypt.checkpw
    patch.setattr(bcrypt, "gensalt", lambda rounds=4, prefix=b"2b", make=bcrypt.gensalt: make(4, prefix))

    def counted(password: bytes, kept: bytes) -> bool:
        asked.append(kept)
        return check(password, kept)

    patch.setattr(bcrypt, "checkpw", counted)
    return asked
