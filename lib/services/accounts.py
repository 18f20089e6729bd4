"""Accounts (账号): who may come in, in which role and for which units; kept in streamlit-authenticator's file."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from lib.i18n import N_, T_, Text
from lib.services import audit as told
from lib.services import passwords
from lib.services.audit import Audit
from lib.services.policy import ACCOUNT_ROLES, Actor, Role
from lib.store.access import Access
from lib.store.credentials import Credentials, Entries

USER = "user"
"""The kind of a session that an account opened."""
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the file tells it."""

    user: str
    name: str
    role: Role
    units: tuple[str, ...]
    email: str
    disabled: bool
    must_change: bool
    issued: int
    hash: str

    @property
    def stamp(self) -> str:
        """What sessions opened with the password are bound to."""
        return sha256(self.hash.encode()).hexdigest()[:32]

    @property
    def service_stamp(self) -> str:
        """What sessions opened by the city's sign-in service are bound to: a reset ends them too, and so does another
        mail address."""
        return sha256(f"{self.hash}\n{self.email}".encode()).hexdigest()[:32]


class AccountError(Exception):
    """An account can't be kept as asked; ``reason`` says why, for people."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Accounts:
    """The accounts of a workbook, and what an administrator does with them."""

    def __init__(self, credentials: Credentials, access: Access, audit: Audit, now: Callable[[], datetime]) -> None:
        self.credentials, self.access, self.audit, self._now = credentials, access, audit, now

    def all(self) -> list[Account]:
        """Every account. Raises ``Unreadable``."""
        return [_account(user, entry) for user, entry in self.credentials.read().items()]

    def get(self, user: str) -> Account | None:
        """An account by its name."""
        entry = self.credentials.read().get(user)
        return None if entry is None else _account(user, entry)

    def first_admin(self) -> tuple[str, str] | None:
        """At the very first start: name and one-time password of the one administrator; else None."""
        if self.credentials.read():
            return None
        try:
            return "admin", self.add(HOUSE, "admin", "管理员", Role.ADMIN)
        except AccountError:
            if self.credentials.read():
                return None  # another server that starts at the same moment was first
            raise

    def add(
        self, by: Actor, user: str, name: str, role: str, units: Iterable[str] = (), email: str = "",
        known: Iterable[str] | None = None,
    ) -> str:  # fmt: skip
        """Make an account; gives its one-time password, kept nowhere else. ``known``: the units there are. Raises
        ``AccountError``."""
        _only_admin(by)
        made, password = account_name(user), passwords.one_time()
        kept = passwords.hashed(password)
        entry = {"name": name.strip() or made, "email": email.strip(), "password": kept, "must_change": True,
                 "issued": self._seconds(), "disabled": False, **_standing(role, units, known)}  # fmt: skip
        if not made or len(made) > LONGEST_NAME or not all(char.isalnum() or char in "._-@" for char in made):
            raise AccountError(T_("账号名用字母、数字、汉字和 . _ - @，最多 {n} 个字符", n=LONGEST_NAME))

        def edit(entries: Entries) -> None:
            if made in entries:
                raise AccountError(T_("账号“{value}”已经存在", value=made))
            _refuse_taken(entries, made, entry["email"])
            entries[made] = entry

        self.credentials.change(edit)
        self.audit.note(told.ACCOUNT_ADDED, by.user or by.name, by.address, account=made, role=role)
        return password

    def change(
        self, by: Actor, user: str, *, name: str, role: str, units: Iterable[str], email: str,
        known: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        """Change what an account may do; at once, in open tabs too. Raises ``AccountError``."""
        _only_admin(by)
        self._set(user, name=name.strip() or user, email=email.strip(), **_standing(role, units, known))
        self.audit.note(told.ACCOUNT_CHANGED, by.user or by.name, by.address, account=user, role=role)

    def disable(self, by: Actor, user: str) -> None:
        """Shut an account and end its sessions. Raises ``AccountError``."""
        _only_admin(by)
        self._set(user, disabled=True)
        self.access.end_all(USER, user)
        self.audit.note(told.ACCOUNT_DISABLED, by.user or by.name, by.address, account=user)

    def enable(self, by: Actor, user: str) -> None:
        """Open an account again. Raises ``AccountError``."""
        _only_admin(by)
        self._set(user, disabled=False)
        self.audit.note(told.ACCOUNT_ENABLED, by.user or by.name, by.address, account=user)

    def reset(self, by: Actor, user: str) -> str:
        """Give an account a new one-time password and lift its lock-out; its sessions end. Raises ``AccountError``."""
        _only_admin(by)
        password = passwords.one_time()
        self._set(user, password=passwords.hashed(password), must_change=True, issued=self._seconds())
        self.access.end_all(USER, user)
        self.access.forgive(f"account:{user}")
        self.audit.note(told.PASSWORD_RESET, by.user or by.name, by.address, account=user)
        return password

    def set_password(self, user: str, password: str) -> Account:
        """Give an account another password, for whoever has just shown that it is theirs by the old one; its sessions
        end. Raises ``AccountError``."""
        self._set(user, password=passwords.hashed(password), must_change=False)
        self.access.end_all(USER, user)
        changed = self.get(user)
        assert changed is not None
        return changed

    def _set(self, user: str, **values: Any) -> None:
        """Change an account, leaving at least one administrator who can come in."""

        def edit(entries: Entries) -> None:
            if user not in entries:
                raise AccountError(T_("没有账号“{value}”", value=user))
            _refuse_taken(entries, user, values.get("email", ""))
            before, after = _account(user, entries[user]), _account(user, {**entries[user], **values})
            others = [_account(other, entry) for other, entry in entries.items() if other != user]
            if _can_keep(before) and not _can_keep(after) and not any(map(_can_keep, others)):
                raise AccountError(T_("“{value}”是唯一能用的管理员，不能停用或改为其他角色", value=user))
            entries[user].update(values)

        self.credentials.change(edit)

    def _seconds(self) -> int:
        return int(self._now().timestamp())


def account_name(typed: str) -> str:
    """The one spelling of an account's name: full-width and upper-case letters are no other account."""
    whole = typed.encode("utf-8", "replace").decode()  # half a character has no place in a file
    return unicodedata.normalize("NFKC", whole).strip().casefold()


def _account(user: str, entry: dict[str, Any]) -> Account:
    """An account; a role nobody knows may only look."""
    roles = _listed(entry.get("roles"))
    role = next((Role(role) for role in roles if role in ACCOUNT_ROLES), Role.VIEWER)
    name = entry.get("name") or " ".join(filter(None, (entry.get("first_name"), entry.get("last_name")))) or user
    return Account(
        user, str(name), role, _listed(entry.get("units")), str(entry.get("email") or ""),
        bool(entry.get("disabled")), bool(entry.get("must_change")), int(entry.get("issued") or 0),
        str(entry.get("password") or ""),
    )  # fmt: skip


def _listed(written: object) -> tuple[str, ...]:
    """What a list in the file holds; somebody who wrote one word without its dash meant a list of one."""
    if not written:
        return ()
    return tuple(map(str, written)) if isinstance(written, list) else (str(written),)


def _standing(role: str, units: Iterable[str], known: Iterable[str] | None) -> dict[str, Any]:
    """What the file says of a role and its units. Raises ``AccountError``."""
    if role not in ACCOUNT_ROLES:
        raise AccountError(T_("没有角色“{value}”；可选：{options}", value=role, options="、".join(ACCOUNT_ROLES)))
    bound = list(dict.fromkeys(unit.strip() for unit in units if unit.strip()))
    if (role == Role.UNIT) != bool(bound):
        raise AccountError(T_("单位账号至少对应一个单位，其他角色不对应单位"))
    unknown = next((unit for unit in bound if known is not None and unit not in set(known)), None)
    if unknown is not None:
        raise AccountError(T_("“单位”表里没有“{value}”", value=unknown))
    return {"roles": [str(role)], "units": bound}


def _refuse_taken(entries: Entries, user: str, email: str) -> None:
    taken = {str(entry.get("email") or "").casefold() for other, entry in entries.items() if other != user}
    if email and email.casefold() in taken:
        raise AccountError(T_("邮箱“{value}”已用于另一个账号", value=email))


def _can_keep(account: Account) -> bool:
    return account.role is Role.ADMIN and not account.disabled


def _only_admin(by: Actor) -> None:
    if not by.keeps_accounts:
        raise AccountError(T_("只有管理员能管理账号"))


HOUSE = Actor(N_("系统"), Role.ADMIN)
"""Who acts at the first start."""
