"""The entrance (门禁) of a workbook: its accounts, sessions, links and audit, kept in the folder beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.services import settings as config
from lib.services.accounts import Accounts
from lib.services.audit import Audit
from lib.services.links import Links
from lib.services.sessions import Sessions, Visitor
from lib.store.access import Access
from lib.store.credentials import Credentials


@dataclass(frozen=True)
class Entrance:
    """Everything that lets people in."""

    accounts: Accounts
    sessions: Sessions
    links: Links
    audit: Audit

    def visitor(
        self, user: str | None, link: str | None, address: str = "", *, working: bool = False
    ) -> Visitor | None:
        """Who somebody is, by the session of an account or else of a link. Raises ``StoreError``."""
        found = self.sessions.visitor(user, address, working=working)
        return found or self.links.visitor(link, address)


def open_entrance(workbook: Path) -> Entrance:
    """The entrance of a workbook."""
    folder = config.folder_of(workbook)
    access, audit = Access(folder / "access.sqlite", config.now), Audit(folder / "audit", config.now)
    accounts = Accounts(Credentials(folder / "accounts.yaml"), access, audit, config.now)
    sessions = Sessions(accounts, access, audit, config.now)
    return Entrance(accounts, sessions, Links(access, audit, config.now, accounts.get), audit)
