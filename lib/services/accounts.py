"""Accounts (账号): signing in, who a session belongs to, and the keeping of accounts. The one seam for all of it.

Credentials are streamlit-authenticator's; sessions are ours, on the server, so that ending one ends it everywhere at
once. A session is bound to the password hash it was opened under: whatever changes that ends the session.
"""

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
from lib.store.access import Access, Session
from lib.store.credentials import Credentials, Entries

USER = "user"
LIFE, IDLE = 12 * 3600, 2 * 3600
"""Seconds a session lasts, and lasts without anybody at work: a working day, a long meeting."""
SEEN_EVERY = 60
ACCOUNT_LIMIT, ADDRESS_LIMIT, WINDOW, SHUT = 8, 40, 15 * 60, 15 * 60
"""Failures within a window that shut an account, or an address many people may share; and for how long."""
ONE_TIME_LIFE = 7 * 24 * 3600
"""Seconds in which a one-time password must be used."""
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


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer to somebody at the door: a session's token, or why not."""

    token: str | None
    reason: Text | None = None
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a session in force."""

    actor: Actor
    session: Session
    must_change: bool = False


class AccountError(Exception):
    """An account can't be kept as asked; ``reason`` says why, for people."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


WRONG = T_("账号或密码不对")


class Accounts:
    """Who may come in."""

    def __init__(self, credentials: Credentials, access: Access, audit: Audit, now: Callable[[], datetime]) -> None:
        self.credentials, self.access, self.audit, self._now = credentials, access, audit, now
        self._shut_told: dict[str, int] = {}

    # at the door

    def sign_in(self, user: str, password: str, address: str) -> Entry:
        """Let somebody in by name and password. Unknown, disabled and wrong are told apart by nobody: same words, same
        time. Raises ``StoreError``."""
        name = account_name(user)
        places = (f"account:{name[:LONGEST_NAME]}", ACCOUNT_LIMIT), (f"address:{address}", ADDRESS_LIMIT)
        wait = self.access.attempt(*places, window=WINDOW, lock=SHUT)
        if wait:
            self._note_shut(name, address)
            return Entry(None, T_("尝试次数过多，请 {n} 分钟后再试", n=-(-wait // 60)))
        account = self.get(name)
        right = passwords.fits(password, account.hash if account else None)
        if account is None or not right or account.disabled or self._is_stale(account):
            self.audit.note(told.SIGN_IN_FAILED, name, address)
            return Entry(None, WRONG)
        self.access.forgive(places[0][0])
        self.access.take_back(places[1][0])
        return self._let_in(account, address)

    def _note_shut(self, name: str, address: str) -> None:
        """Tell of tries at a shut door, but not of each: whoever knocks a thousand times must not fill the disk."""
        now = self._seconds()
        if now >= self._shut_told.get(address, 0) + SEEN_EVERY:
            self._shut_told = {place: at for place, at in self._shut_told.items() if at + SEEN_EVERY > now}
            self._shut_told[address] = now
            self.audit.note(told.LOCKED, name, address)

    def sign_in_as(self, email: str, address: str) -> Entry:
        """Let somebody in whom the city's own sign-in service has named by a mail address it has verified."""
        wanted = _mail(email)
        found = [account for account in self.all() if wanted and _mail(account.email) == wanted]
        account = found[0] if len(found) == 1 else None  # two of one address: the file was edited by hand
        if account is None or account.disabled:
            self.audit.note(told.SIGN_IN_FAILED, email, address, service=True)
            return Entry(None, T_("“{value}”没有开通账号，请联系管理员", value=email))
        return self._let_in(account, address, by_service=True)

    def _let_in(self, account: Account, address: str, *, by_service: bool = False) -> Entry:
        stamp = account.service_stamp if by_service else account.stamp
        token = self.access.open(USER, account.user, stamp, LIFE, address)
        self.audit.note(told.SIGNED_IN, account.user, address, **({"service": True} if by_service else {}))
        return Entry(token, must_change=account.must_change and not by_service)

    def _is_stale(self, account: Account) -> bool:
        """Whether a one-time password has outlived its time."""
        return account.must_change and self._now().timestamp() > account.issued + ONE_TIME_LIFE

    def visitor(self, token: str | None, address: str = "", *, working: bool = False) -> Visitor | None:
        """Whose session a token opens now; None when it opens none. ``working``: somebody does something, rather than
        an open page looking for news by itself. Raises ``StoreError``."""
        session = self.access.find(token) if token else None
        if session is None or session.kind != USER:
            return None
        account, now = self.get(session.subject), int(self._now().timestamp())
        if account is None or account.disabled or now > session.seen + IDLE:
            return None
        by_service = session.stamp == account.service_stamp
        if not by_service and session.stamp != account.stamp:
            return None
        if working and now >= session.seen + SEEN_EVERY:
            self.access.touch(session)
        actor = Actor(account.name, account.role, account.units, account.user, address)
        return Visitor(actor, session, account.must_change and not by_service)

    def sign_out(self, token: str, address: str = "") -> None:
        """End a session."""
        session = self.access.find(token)
        if session is not None:
            self.access.end(token)
            self.audit.note(told.SIGNED_OUT, session.subject, address)

    def change_password(self, visitor: Visitor, old: str, new: str) -> Entry:
        """Give one's account another password. All its sessions end; the answer holds a new one."""
        user, address = visitor.actor.user, visitor.actor.address
        account = self.get(user)
        place = f"account:{user}"
        wait = self.access.attempt((place, ACCOUNT_LIMIT), window=WINDOW, lock=SHUT)
        if wait:
            return Entry(None, T_("尝试次数过多，请 {n} 分钟后再试", n=-(-wait // 60)))
        if account is None or not passwords.fits(old, account.hash):
            self.audit.note(told.SIGN_IN_FAILED, user, address, change=True)
            return Entry(None, T_("现在的密码不对"))
        self.access.forgive(place)
        why = passwords.refusal(new, account.user, account.name)
        if why is None and passwords.fits(new, account.hash):
            why = T_("新密码和现在的一样，请换一个")
        if why is not None:
            return Entry(None, why)
        self._set(user, password=passwords.hashed(new), must_change=False)
        self.access.end_all(USER, user)
        self.audit.note(told.PASSWORD_CHANGED, user, address)
        changed = self.get(user)
        assert changed is not None
        return Entry(self.access.open(USER, user, changed.stamp, LIFE, address))

    # keeping accounts

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


def _mail(address: str) -> bytes:
    """A mail address for comparing: only plain letters lose their case, so that no look-alike becomes another's."""
    return address.strip().encode("utf-8", "surrogatepass").lower()


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
