"""Leaders' links (领导链接): an address that opens one page without an account, until it ends or is revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lib.i18n import T_
from lib.services import audit as told
from lib.services.accounts import AccountError, Visitor
from lib.services.audit import Audit
from lib.services.policy import Actor, Role
from lib.store.access import Access, Link

LINK = "link"
DAYS, MOST_DAYS = 30, 366
"""How long a link opens unless somebody says otherwise, and at most."""
SESSION = 30 * 24 * 3600
"""Seconds a phone need not open the link again; never longer than the link."""
ADDRESS_LIMIT, WINDOW, SHUT = 30, 15 * 60, 15 * 60
"""Tries at links that do not open from one address, before it has to wait."""
LONGEST_NAME = 60


class Links:
    """The links there are."""

    def __init__(self, access: Access, audit: Audit, now: Callable[[], datetime]) -> None:
        self.access, self.audit, self._now = access, audit, now

    def make(self, by: Actor, name: str, days: int = DAYS) -> tuple[Link, str]:
        """Make a link for somebody; gives it and its token, which is shown this once. Raises ``AccountError``."""
        _only_centre(by)
        called = " ".join(name.split())
        if not called or len(called) > LONGEST_NAME:
            raise AccountError(T_("写明链接给谁用，最多 {n} 个字符", n=LONGEST_NAME))
        if not 1 <= days <= MOST_DAYS:
            raise AccountError(T_("有效期为 1 至 {n} 天", n=MOST_DAYS))
        link, token = self.access.add_link(called, by.user or by.name, days * 24 * 3600)
        self.audit.note(told.LINK_MADE, by.user or by.name, by.address, link=link.id, name=called, days=days)
        return link, token

    def redeem(self, token: str, address: str) -> tuple[str, int] | None:
        """Exchange a link's token for a session: its token, and the seconds it lasts; None when it does not open.

        Raises ``StoreError``.
        """
        place = f"link:{address}"
        if self.access.attempt((place, ADDRESS_LIMIT), window=WINDOW, lock=SHUT):
            return None
        link = self.access.link_of(token)
        if link is None or not self.access.opens(link):
            self.audit.note(told.LINK_REFUSED, link.name if link else "", address, link=link.id if link else None)
            return None
        self.access.take_back(place)
        self.access.use_link(link)
        self.audit.note(told.LINK_USED, link.name, address, link=link.id)
        seconds = min(SESSION, link.ends - int(self._now().timestamp()))
        return self.access.open(LINK, str(link.id), "", seconds, address), seconds

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

    def opens(self, link: Link) -> bool:
        """Whether a link still opens."""
        return self.access.opens(link)

    def revoke(self, by: Actor, number: int) -> None:
        """Shut a link, also where it is open. Raises ``AccountError``."""
        _only_centre(by)
        link = self.access.link(number)
        if link is None:
            raise AccountError(T_("没有链接“{value}”", value=number))
        self.access.revoke_link(link)
        self.audit.note(told.LINK_REVOKED, by.user or by.name, by.address, link=link.id, name=link.name)


def _only_centre(by: Actor) -> None:
    if not by.is_centre:
        raise AccountError(T_("只有管理员和办公室能管理链接"))
