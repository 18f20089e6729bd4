"""Links (链接): addresses that open something without signing in, until they end or are revoked.

A leaders' link (领导链接) opens one page in a browser; a subscription (订阅) is read again and again by a program: the
calendar, or the figures as data. A token opens what it was made for and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lib.i18n import N_, T_
from lib.services import audit as told
from lib.services.accounts import Account, AccountError
from lib.services.audit import Audit
from lib.services.policy import OPERATOR, Actor, Role, Sight
from lib.services.sessions import Visitor
from lib.services.settings import ZONE
from lib.store.access import PAGE, Access, Link

LINK = "link"
DAYS, MOST_DAYS = 30, 366
"""How long a leaders' link opens unless somebody says otherwise, and at most."""
FEED_DAYS, MOST_FEED_DAYS = 365, 731
"""The same of a subscription: nobody sets up a calendar anew each month."""
SESSION = 30 * 24 * 3600
"""Seconds a phone need not open the link again; never longer than the link."""
ADDRESS_LIMIT, WINDOW, SHUT = 30, 15 * 60, 15 * 60
"""Tries at links that do not open from one address, before it has to wait."""
LONGEST_NAME = 60


class Purpose(StrEnum):
    """What a link opens (用途)."""

    PAGE = PAGE
    CALENDAR = "calendar"
    DATA = "data"


PURPOSE_WORDS = {Purpose.PAGE: N_("领导链接"), Purpose.CALENDAR: N_("日历订阅"), Purpose.DATA: N_("数据订阅")}
USUAL_DAYS = {Purpose.PAGE: DAYS, Purpose.CALENDAR: FEED_DAYS, Purpose.DATA: FEED_DAYS}
_PATHS = {
    Purpose.PAGE: "/l/{token}",
    Purpose.CALENDAR: "/calendar.ics?t={token}",
    Purpose.DATA: "/api/progress.json?t={token}",
}
FEEDS = (Purpose.CALENDAR, Purpose.DATA)
"""What programs read."""


def address_of(purpose: Purpose, base: str, token: str) -> str:
    """The whole address of a link; ``base``: that of the server, without a slash at its end."""
    return base + _PATHS[purpose].format(token=token)


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription that opens now: its link and what it shows."""

    link: Link
    sight: Sight


class TooOften(Exception):
    """An address has tried too many tokens that do not exist; ``seconds``: how long it has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Links:
    """The links there are. ``account``: an account by its name, because a subscription lives no longer than what its
    maker may see."""

    def __init__(
        self, access: Access, audit: Audit, now: Callable[[], datetime], account: Callable[[str], Account | None]
    ) -> None:
        self.access, self.audit, self._now, self._account = access, audit, now, account
        self._refused: dict[int, str] = {}

    def make(
        self, by: Actor, name: str, days: int = DAYS, purpose: Purpose = Purpose.PAGE, units: Sequence[str] = ()
    ) -> tuple[Link, str]:
        """Make a link for somebody; gives it and its token, which is shown this once. ``units``: of a subscription,
        whose records it shows; none: all that its maker sees. Raises ``AccountError``."""
        most = MOST_DAYS if purpose is Purpose.PAGE else MOST_FEED_DAYS
        shown = _shown(by, purpose, units)
        called = " ".join(name.split())
        if not called or len(called) > LONGEST_NAME:
            raise AccountError(T_("写明链接给谁用，最多 {n} 个字符", n=LONGEST_NAME))
        if not 1 <= days <= most:
            raise AccountError(T_("有效期为 1 至 {n} 天", n=most))
        maker = by.user or by.name
        link, token = self.access.add_link(called, maker, days * 24 * 3600, purpose, by.user, shown)
        action = told.LINK_MADE if purpose is Purpose.PAGE else told.FEED_MADE
        self.audit.note(action, maker, by.address, link=link.id, name=called, days=days, **_told(link))
        return link, token

    def redeem(self, token: str, address: str) -> tuple[str, int] | None:
        """Exchange a leaders' link's token for a session: its token, and the seconds it lasts; None when it does not
        open. Raises ``StoreError``.
        """
        place = f"link:{address}"
        if self.access.attempt((place, ADDRESS_LIMIT), window=WINDOW, lock=SHUT):
            return None
        link = self.access.link_of(token)
        if link is None or link.purpose != Purpose.PAGE or not self.access.opens(link):
            self.audit.note(told.LINK_REFUSED, link.name if link else "", address, link=link.id if link else None)
            return None
        self.access.take_back(place)
        self.access.use_link(link)
        self.audit.note(told.LINK_USED, link.name, address, link=link.id)
        seconds = min(SESSION, link.ends - int(self._now().timestamp()))
        return self.access.open(LINK, str(link.id), "", seconds, address), seconds

    def feed(self, token: str, purpose: Purpose, address: str) -> Feed | None:
        """What a program's token opens now; None when it does not open that. Raises ``TooOften`` and ``StoreError``.

        A program asks on when its token has ended, and several share an address, maybe all at the full hour: only
        tokens that never were count as tries, and at a place of their own, so that a forgotten phone shuts out neither
        its colleagues nor a leader.
        """
        if not token:
            return None
        place = f"feed:{address}"
        link = None if (wait := self.access.shut(place)) else self.access.link_of(token)
        if link is None:
            wait = wait or self.access.attempt((place, ADDRESS_LIMIT), window=WINDOW, lock=SHUT)
            if wait:
                raise TooOften(wait)
            self.audit.note(told.FEED_REFUSED, "", address)
            return None
        sight = self._sight(link) if link.purpose == purpose and self.access.opens(link) else None
        if sight is None:
            self._note_refused(link, address)
            return None
        if link.used is None or self._day(link.used) != self._day(int(self._now().timestamp())):
            self.audit.note(told.FEED_USED, link.name, address, link=link.id, **_told(link))
        self.access.use_link(link)
        return Feed(link, sight)

    def _note_refused(self, link: Link, address: str) -> None:
        """Tell of a known token once a day: a program goes on asking."""
        today = self._day(int(self._now().timestamp()))
        if self._refused.get(link.id) != today:
            self._refused[link.id] = today
            self.audit.note(told.FEED_REFUSED, link.name, address, link=link.id, **_told(link))

    def _sight(self, link: Link) -> Sight | None:
        """What a subscription shows: no more than its maker may see now."""
        if not link.account:
            return OPERATOR.feed_sight(link.units)
        account = self._account(link.account)
        if account is None or account.disabled:
            return None
        return Actor(account.name, account.role, account.units, account.user).feed_sight(link.units)

    def visitor(self, token: str | None, address: str = "") -> Visitor | None:
        """Who reads by the session of a link; None when it, or the link, has ended. Raises ``StoreError``."""
        session = self.access.find(token) if token else None
        if session is None or session.kind != LINK:
            return None
        link = self.access.link(int(session.subject))
        if link is None or not self.access.opens(link):
            return None
        return Visitor(Actor(link.name, Role.LEADER, address=address), session)

    def all(self) -> list[Link]:
        """Every link, the newest first."""
        return self.access.links()

    def kept_by(self, by: Actor) -> list[Link]:
        """The subscriptions somebody made, the newest first."""
        return [link for link in self.all() if link.purpose in FEEDS and _is_makers(link, by)]

    def opens(self, link: Link) -> bool:
        """Whether a link still opens."""
        return self.access.opens(link)

    def has_stopped(self, link: Link) -> bool:
        """Whether a subscription shows nothing any more, because its maker's account was shut or lost its units."""
        return link.purpose != Purpose.PAGE and self._sight(link) is None

    def revoke(self, by: Actor, number: int) -> None:
        """Shut a link, also where it is open: any by the office, a subscription by who made it. Raises
        ``AccountError``."""
        link = self.access.link(number)
        own = link is not None and link.purpose in FEEDS and _is_makers(link, by)
        if not own:
            _only_centre(by)
        if link is None:
            raise AccountError(T_("没有链接“{value}”", value=number))
        self.access.revoke_link(link)
        action = told.LINK_REVOKED if link.purpose == Purpose.PAGE else told.FEED_REVOKED
        self.audit.note(action, by.user or by.name, by.address, link=link.id, name=link.name, **_told(link))

    @staticmethod
    def _day(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, ZONE).date().isoformat()


def _shown(by: Actor, purpose: Purpose, units: Sequence[str]) -> tuple[str, ...]:
    """The units a link is made for. A unit's account names its own, so that it does not grow with the account."""
    if purpose is Purpose.PAGE:
        _only_centre(by)
        return ()
    own = by.sight.units
    wanted = tuple(dict.fromkeys(units)) or (() if own is None else by.units)
    if not by.may_subscribe:
        raise AccountError(T_("只有管理员、办公室和单位账号能建立订阅"))
    if own is not None and not set(wanted) <= own:
        raise AccountError(T_("单位账号只能订阅本单位的内容"))
    return wanted


def _told(link: Link) -> dict[str, str]:
    """What the audit says besides of a subscription."""
    if link.purpose == Purpose.PAGE:
        return {}
    return {"purpose": PURPOSE_WORDS[Purpose(link.purpose)], "units": "、".join(link.units)}


def _is_makers(link: Link, by: Actor) -> bool:
    return bool(by.user) and link.account == by.user


def _only_centre(by: Actor) -> None:
    if not by.is_centre:
        raise AccountError(T_("只有管理员和办公室能管理链接"))
