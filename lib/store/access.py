"""What the door remembers (门禁记录): sessions, failed attempts and links, in one SQLite file.

Of tokens only the hash is kept: whoever reads the file can sign in with none of them. Several processes may share
the file, and what is ended here is ended everywhere at once.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from lib.store.database import Database, copy_database

TOKEN_BYTES = 32
"""256 bits: nobody guesses one."""
_TABLES = """
create table if not exists sessions (
    digest text primary key, kind text not null, subject text not null, stamp text not null,
    created integer not null, seen integer not null, ends integer not null, address text not null) without rowid;
create index if not exists sessions_by_subject on sessions (kind, subject);
create table if not exists attempts (
    place text primary key, failed integer not null, since integer not null, until integer not null) without rowid;
create table if not exists links (
    id integer primary key, name text not null, digest text not null unique, maker text not null,
    created integer not null, ends integer not null, revoked integer, uses integer not null default 0, used integer);
"""
PAGE = "page"
"""The purpose of a link that opens one page: the only one there was before subscriptions."""
_LATER = {
    "purpose": f"text not null default '{PAGE}'",
    "account": "text not null default ''",
    "units": "text not null default '[]'",
}
"""Columns that the table of links got later: a file made before them is given them when it is opened."""
_LINK = "id, name, maker, created, ends, revoked, uses, used, purpose, account, units"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who came in: ``kind`` user or link, ``subject`` which account or link; times in epoch seconds."""

    digest: str
    kind: str
    subject: str
    stamp: str
    created: int
    seen: int
    ends: int
    address: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address that opens something without signing in; times in epoch seconds, None while it has not happened.

    ``purpose``: what its token opens, and that alone; ``account``: who made it, blank for the command line; ``units``:
    whose records it shows, none for all.
    """

    id: int
    name: str
    maker: str
    created: int
    ends: int
    revoked: int | None
    uses: int
    used: int | None
    purpose: str = PAGE
    account: str = ""
    units: tuple[str, ...] = ()


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """A token nobody can guess, fit for a cookie and a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Access(Database):
    """The door's file; made when it is first needed. Every call raises ``Unreadable`` when it cannot be used."""

    tables = _TABLES

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        super().__init__(path)
        self._now = now

    # sessions

    def open(self, kind: str, subject: str, stamp: str, seconds: int, address: str) -> str:
        """Let somebody in for a time; gives the token of the session."""
        token, now = new_token(), self._seconds()
        with self._changing() as db:
            db.execute("delete from sessions where ends <= ?", (now,))
            db.execute(
                "insert into sessions values (?, ?, ?, ?, ?, ?, ?, ?)",
                (digest_of(token), kind, subject, stamp, now, now, now + seconds, address),
            )
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, unless it has ended."""
        found = self._rows(
            "select digest, kind, subject, stamp, created, seen, ends, address from sessions"
            " where digest = ? and ends > ?", digest_of(token), self._seconds(),
        )  # fmt: skip
        return next((Session(*row) for row in found), None)

    def touch(self, session: Session) -> None:
        """Note that somebody is at work."""
        with self._changing() as db:
            db.execute("update sessions set seen = ? where digest = ?", (self._seconds(), session.digest))

    def end(self, token: str) -> None:
        """End the session of a token."""
        with self._changing() as db:
            db.execute("delete from sessions where digest = ?", (digest_of(token),))

    def end_all(self, kind: str, subject: str) -> None:
        """End every session of an account or of a link."""
        with self._changing() as db:
            db.execute("delete from sessions where kind = ? and subject = ?", (kind, subject))

    def count(self, kind: str) -> dict[str, int]:
        """Subject → how many sessions it has open."""
        found = self._rows(
            "select subject, count(*) from sessions where kind = ? and ends > ? group by subject",
            kind, self._seconds(),
        )  # fmt: skip
        return dict(found)

    # attempts

    def attempt(self, *places: tuple[str, int], window: int, lock: int) -> int:
        """Count an attempt at every ``(place, limit)`` before it is made, so that a thousand at once are no way round.

        Gives the seconds for which one of the places stays shut, 0 when the attempt may be made. A place shuts for
        ``lock`` seconds when ``limit`` attempts have failed within ``window``.
        """
        now = self._seconds()
        with self._changing() as db:
            db.execute("delete from attempts where since <= ? and until <= ?", (now - window, now))
            known = {place: db.execute("select failed, until from attempts where place = ?", (place,)).fetchone()
                     for place, _limit in places}  # fmt: skip
            wait = max((row[1] - now for row in known.values() if row), default=0)
            if wait > 0:
                return int(wait)
            for place, limit in places:
                failed = (known[place][0] if known[place] else 0) + 1
                shut, failed = (now + lock, 0) if failed >= limit else (0, failed)
                db.execute(
                    "insert into attempts values (?, ?, ?, ?) on conflict (place)"
                    " do update set failed = excluded.failed, until = excluded.until",
                    (place, failed, now, shut),
                )
        return 0

    def shut(self, place: str) -> int:
        """For how many seconds a place stays shut; nothing is counted."""
        found = self._rows("select until from attempts where place = ?", place)
        return max([0, *(int(until) - self._seconds() for (until,) in found)])

    def forgive(self, place: str) -> None:
        """Forget the attempts at a place: the right password was given, or an administrator opened it."""
        with self._changing() as db:
            db.execute("delete from attempts where place = ?", (place,))

    def take_back(self, place: str) -> None:
        """Do not count the last attempt at a place, which was none."""
        with self._changing() as db:
            db.execute("update attempts set failed = max(failed - 1, 0) where place = ?", (place,))

    # links

    def add_link(
        self, name: str, maker: str, seconds: int, purpose: str = PAGE, account: str = "", units: tuple[str, ...] = ()
    ) -> tuple[Link, str]:
        """Make a link; its token is given this once and kept nowhere."""
        token, now = new_token(), self._seconds()
        with self._changing() as db:
            made = db.execute(
                "insert into links (name, digest, maker, created, ends, purpose, account, units)"
                " values (?, ?, ?, ?, ?, ?, ?, ?) returning id",
                (name, digest_of(token), maker, now, now + seconds, purpose, account, json.dumps(units)),
            ).fetchone()
        return Link(made[0], name, maker, now, now + seconds, None, 0, None, purpose, account, units), token

    def links(self, number: int | None = None, digest: str | None = None) -> list[Link]:
        """All links ever made, the newest first; or the one with a number, or of a token's digest."""
        found = self._rows(
            f"select {_LINK} from links where id = coalesce(?, id) and digest = coalesce(?, digest) order by id desc",  # noqa: S608 - our own column names
            number, digest,
        )  # fmt: skip
        return [replace(Link(*row[:10]), units=tuple(json.loads(row[10]))) for row in found]

    def link(self, number: int) -> Link | None:
        """A link by its number."""
        return next(iter(self.links(number)), None)

    def link_of(self, token: str) -> Link | None:
        """The link of a token, whether it still opens or not."""
        return next(iter(self.links(digest=digest_of(token))), None)

    def opens(self, link: Link | None) -> bool:
        """Whether a link still opens."""
        return link is not None and link.revoked is None and link.ends > self._seconds()

    def use_link(self, link: Link) -> None:
        """Count a use."""
        with self._changing() as db:
            db.execute("update links set uses = uses + 1, used = ? where id = ?", (self._seconds(), link.id))

    def revoke_link(self, link: Link) -> None:
        """Shut a link and end what it opened."""
        with self._changing() as db:
            db.execute("update links set revoked = ? where id = ? and revoked is null", (self._seconds(), link.id))
            db.execute("delete from sessions where kind = 'link' and subject = ?", (str(link.id),))

    # the file

    def _seconds(self) -> int:
        return int(self._now().timestamp())

    def _complete(self, opened: sqlite3.Connection) -> None:
        """Give the table of links the columns it lacks; of two processes that start at once, one does."""
        opened.execute("begin immediate")
        there = {row[1] for row in opened.execute("pragma table_info(links)")}
        for name, kind in _LATER.items():
            if name not in there:
                opened.execute(f"alter table links add column {name} {kind}")
        opened.execute("commit")


def copy_access(path: Path, there: Path) -> None:
    """A whole copy of the door's file while others use it, without the sessions: who had signed out must not be in
    again after a restore. Raises ``Unreadable``."""
    copy_database(path, there, "sessions")
