"""All spreadsheets there are, and what time it is."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from .cells import typed
from .errors import not_found
from .model import Book, Row, Sheet
from .people import EDITOR, EDITOR_2, OWNER, SERVICE, VIEWER
from .quirks import Quirks

SHARED = {EDITOR: "writer", EDITOR_2: "writer", SERVICE: "writer", VIEWER: "reader"}
"""Who a spreadsheet made for a test is shared with, unless the test says otherwise."""


class World:
    """Spreadsheets by id; one request at a time works on them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.ahead = 0.0
        self.books: dict[str, Book] = {}
        self.quirks = Quirks()
        self.lock = threading.RLock()
        self.append_gap = 0.005
        """Seconds between an append's look at the table and its write: what another append needs to get in between."""

    def now(self) -> float:
        """Seconds since the epoch, moved ahead by ``ahead``."""
        return self.clock() + self.ahead

    def book(self, book_id: str) -> Book:
        """The spreadsheet with this id."""
        if book_id not in self.books:
            raise not_found()
        return self.books[book_id]

    def new(
        self,
        title: str,
        tabs: dict[str, Iterable[list[Any]]] | None = None,
        *,
        owner: str = OWNER,
        people: dict[str, str] | None = None,
        locale: str = "zh_CN",
        time_zone: str = "Asia/Shanghai",
        rows: int = 1000,
        columns: int = 26,
    ) -> str:
        """A spreadsheet as a person makes and shares it; values in tabs as if typed. Gives its id."""
        book = Book(
            secrets.token_urlsafe(33)[:44], title, owner, locale, time_zone, created=self.now(), quirks=self.quirks
        )
        for place, (name, lines) in enumerate((tabs or {"工作表1": []}).items()):
            filled = [_typed_row(line, locale) for line in lines]
            width = max((len(row.values) for row in filled), default=0)
            sheet_id = 0 if place == 0 else secrets.randbelow(2**31 - 2) + 1
            grid = Sheet(sheet_id, name, max(rows, len(filled)), max(columns, width), rows=filled)
            grid.formulas = any(row.formulas for row in filled)
            book.sheets.append(grid)
        self.share(book, owner, "owner")
        for who, role in (SHARED if people is None else people).items():
            self.share(book, who, role)
        self.books[book.id] = book
        return book.id

    def share(self, book: Book, who: str | None, role: str) -> dict[str, Any]:
        """Let an identity in, or with ``None`` anyone who has the link."""
        kind = "anyone" if who is None else "user"
        one: dict[str, Any] = {"kind": "drive#permission", "type": kind, "role": role}
        one["id"] = "anyoneWithLink" if who is None else str(secrets.randbelow(10**20))
        if who is not None:
            one["emailAddress"] = who
            book.permissions = [p for p in book.permissions if p.get("emailAddress", "").lower() != who.lower()]
        else:
            book.permissions = [p for p in book.permissions if p["type"] != "anyone"]
        book.permissions.append(one)
        return one


def _typed_row(line: list[Any], locale: str) -> Row:
    values, extras = [], {}
    for column, given in enumerate(line):
        value, form = typed(given, locale, None)
        values.append(value)
        if form:
            extras[column] = {"userEnteredFormat": {"numberFormat": form}}
    return Row(values, extras)
