"""``spreadsheets:batchUpdate``: requests of many kinds, done together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import ApiError
from .fields import Mask, parse
from .model import Book, Sheet

Reply = dict[str, Any] | None


@dataclass(frozen=True)
class Doing:
    """What a request works on and who asks."""

    book: Book
    who: str

    def sheet(self, area: dict[str, Any]) -> Sheet:
        """The tab of a GridRange, a GridCoordinate or a DimensionRange; a missing sheetId is 0."""
        return self.book.by_id(area.get("sheetId", 0))


Kind = Callable[[Doing, dict[str, Any]], Reply]
KINDS: dict[str, Kind] = {}
CELLS_ONLY = {"updateCells", "appendCells", "repeatCell", "setDataValidation", "findReplace"}
"""These leave rows where they are, so what is known of metadata still holds."""


def kind(name: str) -> Callable[[Kind], Kind]:
    """Register what does a kind of request."""

    def keep(function: Kind) -> Kind:
        KINDS[name] = function
        return function

    return keep


def mask_of(body: dict[str, Any]) -> Mask:
    """The mask of an update; Google insists on one."""
    if not body.get("fields"):
        raise ApiError("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return parse(body["fields"])


def run(book: Book, requests: Any, who: str) -> list[dict[str, Any]]:
    """Do them in order; the caller takes everything back if one is refused."""
    if not requests:
        raise ApiError("Must specify at least one request.")
    replies = []
    for place, request in enumerate(requests):
        names = list(request)
        if len(names) != 1 or names[0] not in KINDS:
            unknown = names[0] if names else ""
            raise ApiError(f"Invalid JSON payload received. Unknown name \"{unknown}\" at 'requests[{place}]'")
        try:
            reply = KINDS[names[0]](Doing(book, who), request[names[0]])
            book.check_size()
        except ApiError as error:
            raise error.within(f"requests[{place}].{names[0]}") from None
        if names[0] in CELLS_ONLY:
            book.cells_touched()
        elif "eveloperMetadata" not in names[0]:
            book.touched()
        replies.append({} if reply is None else {names[0]: reply})
    return replies
