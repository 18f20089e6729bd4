"""Prepare once, replay for everybody: what a page shows is made once per (ledger, language, filter)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from lib.domain.ledger import Ledger
from lib.i18n import language

V = TypeVar("V")
KEPT = 256
"""Prepared views kept, over all pages, days, languages and filters; each is small."""

_views: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
_lock = threading.RLock()


def prepared(make: Callable[..., V], ledger: Ledger, *filters: Hashable) -> V:
    """``make(ledger, *filters)``, remembered while this very ledger is in use. The result must not be changed.

    A new revision drops all views of the former one, and with them the only hold on its rows.
    """
    version = (ledger.plan.id, ledger.revision, ledger.today)
    key = (make.__module__, make.__qualname__, version, ledger.as_of, language(), filters)
    with _lock:
        known = _views.get(key)
        if known is not None and known[0] is ledger:
            _views.move_to_end(key)
            return cast(V, known[1])
        made = make(ledger, *filters)
        for stale in [other for other in _views if other[2] != version]:
            del _views[stale]
        _views[key] = (ledger, made)
        while len(_views) > KEPT:
            _views.popitem(last=False)
        return made
