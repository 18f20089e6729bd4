"""Who may do what: roles on a spreadsheet, and protected ranges."""

from __future__ import annotations

from typing import Any

from .a1 import Box
from .errors import denied, not_found, protected
from .model import Book, Sheet

OWNER = "owner@example.org"
EDITOR = "unit-a@example.org"
EDITOR_2 = "unit-b@example.org"
VIEWER = "viewer@example.org"
SERVICE = "workbench@tuogou.iam.gserviceaccount.com"
SERVICE_DOMAIN = ".iam.gserviceaccount.com"

_RANK = {"reader": 1, "commenter": 1, "writer": 2, "owner": 3}


def role(book: Book, who: str) -> int:
    """0 stranger, 1 reader, 2 writer, 3 owner; what the link gives counts for everybody."""
    ranks = [
        _RANK[one["role"]]
        for one in book.permissions
        if one["type"] == "anyone" or one.get("emailAddress", "").lower() == who.lower()
    ]
    return max(ranks, default=0)


def may_read(book: Book, who: str) -> None:
    """Refuse a stranger as Sheets does: 403, where an unknown id is 404."""
    if book.trashed:
        raise not_found()
    if role(book, who) < 1:
        raise denied()


def may_write(book: Book, who: str) -> None:
    """Refuse who only reads."""
    may_read(book, who)
    if role(book, who) < 2:
        raise denied()


def may_edit(protection: dict[str, Any], book: Book, who: str) -> bool:
    """Whether this identity is let through a protected range. The owner always is."""
    users = [user.lower() for user in protection.get("editors", {}).get("users", [])]
    return role(book, who) == 3 or bool(protection.get("warningOnly")) or who.lower() in users


def guard(book: Book, sheet: Sheet, box: Box, who: str) -> None:
    """Refuse an edit of cells this identity is kept from."""
    for protection in sheet.protections:
        if may_edit(protection, book, who):
            continue
        kept = [box.meet(sheet.box(protection["range"]))]
        for free in protection.get("unprotectedRanges", []):
            kept = [part for one in kept for part in one.without(sheet.box(free))]
        if any(kept):
            raise protected()


def guard_line(book: Book, sheet: Sheet, rows: bool, start: int, end: int, who: str) -> None:
    """Refuse taking out, moving or hiding whole rows or columns across a protected range, holes or not."""
    box = Box(start, end, 0, sheet.column_count) if rows else Box(0, sheet.row_count, start, end)
    for protection in sheet.protections:
        if not may_edit(protection, book, who) and box.meet(sheet.box(protection["range"])):
            raise protected()


def guard_insert(book: Book, sheet: Sheet, rows: bool, at: int, who: str) -> None:
    """Refuse putting a row or column into the middle of a protected range."""
    for protection in sheet.protections:
        box = sheet.box(protection["range"])
        first, last = (box.top, box.bottom) if rows else (box.left, box.right)
        if not may_edit(protection, book, who) and first < at < last:
            raise protected()


def guard_sheet(book: Book, sheet: Sheet, who: str, *, whole: bool = False) -> None:
    """Refuse deleting a tab with any protection, or renaming one that is protected as a whole (``whole``)."""
    for protection in sheet.protections:
        bounded = any(name.startswith(("start", "end")) for name in protection["range"])
        if not may_edit(protection, book, who) and not (whole and bounded):
            raise protected()
