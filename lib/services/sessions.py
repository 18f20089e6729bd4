"""Sessions (登录): signing in and out, and whose a session is. The one seam for all of it.

Sessions are ours, on the server, so that ending one ends it everywhere at once. A session is bound to the password hash
it was opened under: whatever changes that ends the session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lib.i18n import T_, Text
from lib.services import audit as told
from lib.services import passwords
from lib.services.accounts import LONGEST_NAME, USER, Account, Accounts, account_name
from lib.services.audit import Audit
from lib.services.policy import Actor
from lib.store.access import Access, Session

LIFE, IDLE = 12 * 3600, 2 * 3600
"""Seconds a session lasts, and lasts without anybody at work: a working day, a long meeting."""
SEEN_EVERY = 60
ACCOUNT_LIMIT, ADDRESS_LIMIT, WINDOW, SHUT = 8, 40, 15 * 60, 15 * 60
"""Failures within a window that shut an account, or an address many people may share; and for how long."""
ONE_TIME_LIFE = 7 * 24 * 3600
"""Seconds in which a one-time password must be used."""


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


WRONG = T_("账号或密码不对")


class Sessions:
    """Who is in, and how one gets in."""

    def __init__(self, accounts: Accounts, access: Access, audit: Audit, now: Callable[[], datetime]) -> None:
        self.accounts, self.access, self.audit, self._now = accounts, access, audit, now
        self._shut_told: dict[str, int] = {}

    def sign_in(self, user: str, password: str, address: str) -> Entry:
        """Let somebody in by name and password. Unknown, disabled and wrong are told apart by nobody: same words, same
        time. Raises ``StoreError``."""
        name = account_name(user)
        places = (f"account:{name[:LONGEST_NAME]}", ACCOUNT_LIMIT), (f"address:{address}", ADDRESS_LIMIT)
        wait = self.access.attempt(*places, window=WINDOW, lock=SHUT)
        if wait:
            self._note_shut(name, address)
            return Entry(None, T_("尝试次数过多，请 {n} 分钟后再试", n=-(-wait // 60)))
        account = self.accounts.get(name)
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
        found = [account for account in self.accounts.all() if wanted and _mail(account.email) == wanted]
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
        account, now = self.accounts.get(session.subject), self._seconds()
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
        account = self.accounts.get(user)
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
        changed = self.accounts.set_password(user, new)
        self.audit.note(told.PASSWORD_CHANGED, user, address)
        return Entry(self.access.open(USER, user, changed.stamp, LIFE, address))

    def _seconds(self) -> int:
        return int(self._now().timestamp())


def _mail(address: str) -> bytes:
    """A mail address for comparing: only plain letters lose their case, so that no look-alike becomes another's."""
    return address.strip().encode("utf-8", "surrogatepass").lower()
