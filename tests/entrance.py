"""People for tests: an account with a session in force, made without the quarter of a second a password costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services.accounts import USER
from lib.services.entrance import Entrance, open_entrance
from lib.services.policy import Role
from lib.services.sessions import LIFE
from lib.store.credentials import Entries
from lib.ui.session import USER_COOKIE

NO_HASH = "$2b$12$" + "." * 53
"""A hash that no password has."""


def come_in(workbook: Path, role: str = Role.OFFICE, *units: str, user: str = "", name: str = "李四") -> str:
    """The token of a session of an account in this role."""
    entrance = open_entrance(workbook)
    called = user or f"{role}-{len(units)}"
    keep(entrance, called, role, *units, name=name)
    account = entrance.accounts.get(called)
    assert account is not None
    return entrance.accounts.access.open(USER, called, account.stamp, LIFE, "127.0.0.1")


def keep(entrance: Entrance, user: str, role: str, *units: str, name: str = "李四") -> None:
    """Write an account into the file."""

    def edit(entries: Entries) -> None:
        entries[user] = {"name": name, "password": NO_HASH, "roles": [str(role)], "units": list(units)}

    entrance.accounts.credentials.change(edit)


def cookie(token: str) -> dict[str, str]:
    """The cookie a browser would hold."""
    return {USER_COOKIE: token}


def sign_in(patch: pytest.MonkeyPatch, workbook: Path, role: str = Role.OFFICE, *units: str) -> None:
    """For AppTest: the tab's cookie opens a session of this role, on whatever workbook the app is pointed at."""
    token = come_in(workbook, role, *units)
    patch.setattr("lib.ui.session.own_cookies", lambda: cookie(token))
    patch.setattr("lib.ui.session.own_address", lambda: "127.0.0.1")
    patch.setattr("lib.ui.session.entrance", lambda: open_entrance(workbook))
