"""Prepare once, replay for everybody: what a page shows is made once per (source, language, filter)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar, cast

from lib.domain.ledger import Ledger
from lib.i18n import language

V = TypeVar("V")
KEPT = 256
"""Prepared views kept of ledgers, and of results, over all pages, days, languages and filters; each is small."""


class Versioned(Protocol):
    """Something else than a ledger that views are made of, and what tells it from what replaces it."""

    @property
    def version(self) -> Hashable:
        """Another one for what replaces it."""
        ...


class Shelf:
    """Views of one kind of source. A new version drops all views of the former one, and with them the only hold on its
    rows; sources of another kind have a shelf of their own, and nobody waits for both."""

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
        self._lock = threading.RLock()

    def of(
        self, make: Callable[..., V], source: object, version: Hashable, moment: Hashable, filters: tuple[Hashable, ...]
    ) -> V:
        """``make(source, *filters)``, remembered while this very source is in use."""
        key = (make.__module__, make.__qualname__, version, moment, language(), filters)
        with self._lock:
            known = self._views.get(key)
            if known is not None and known[0] is source:
                self._views.move_to_end(key)
                return cast(V, known[1])
            made = make(source, *filters)
            for stale in [other for other in self._views if other[2] != version]:
                del self._views[stale]
            self._views[key] = (source, made)
            while len(self._views) > KEPT:
                self._views.popitem(last=False)
            return made


_of_ledgers, _of_others = Shelf(), Shelf()


def prepared(make: Callable[..., V], ledger: Ledger, *filters: Hashable) -> V:
    """``make(ledger, *filters)``, remembered while this very ledger is in use. The result must not be changed."""
    version = (ledger.plan.id, ledger.revision, ledger.today)
    return _of_ledgers.of(make, ledger, version, ledger.as_of, filters)


def prepared_of(make: Callable[..., V], source: Versioned, *filters: Hashable) -> V:
    """The same for what is no ledger, such as the roll-up of many."""
    return _of_others.of(make, source, source.version, None, filters)
