"""What a request is, and how the one that answers it is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from .errors import ApiError
from .fields import Mask, cut, parse
from .model import Book
from .people import may_read
from .world import World


@dataclass
class Ask:
    """One request, whoever brings it."""

    world: World
    who: str
    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        """A query parameter."""
        return self.query.get(name, [None])[-1]

    @property
    def params(self) -> dict[str, Any]:
        """The query as single values."""
        return {name: values[-1] for name, values in self.query.items()}

    @property
    def mask(self) -> Mask | None:
        """The field mask, if there is one."""
        text = self.one("fields") or self.one("$fields")
        return parse(text) if text else None

    def book(self, book_id: str) -> Book:
        """The spreadsheet, if this identity may open it."""
        book = self.world.book(book_id)
        may_read(book, self.who)
        return book


Answer = dict[str, Any] | str
_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = []
ID = r"/v4/spreadsheets/(?P<book_id>[^/:]+)"


def route(method: str, path: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register what answers a URL."""

    def keep(function: Callable[..., Answer]) -> Callable[..., Answer]:
        _ROUTES.append((method, re.compile(f"^{path}$"), function))
        return function

    return keep


def handle(ask: Ask) -> Answer:
    """Answer a request; an append takes the lock itself."""
    for method, pattern, function in _ROUTES:
        found = pattern.match(ask.path)
        if found and method == ask.method:
            parts = {name: unquote(part) for name, part in found.groupdict().items()}
            if method == "POST" and ask.path.endswith(":append"):
                made = function(ask, **parts)
            else:
                with ask.world.lock:
                    made = function(ask, **parts)
            mask = ask.mask
            return made if mask is None or isinstance(made, str) else cut(made, mask)
    raise ApiError("The requested URL was not found on this server.", 404, "NOT_FOUND")
