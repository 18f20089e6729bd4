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
    """``make(ledger, *filters)``, remembered while this very ledger is in use. The result must not be changed."""
    key = (
        make.__module__,
        make.__qualname__,
        ledger.revision,
        ledger.today,
        ledger.as_of,
        ledger.plan.id,
        language(),
        filters,
    )
    with _lock:
        if key in _views and _views[key][0] is ledger:
            _views.move_to_end(key)
            return cast(V, _views[key][1])
        made = make(ledger, *filters)
        _views[key] = (ledger, made)
        while len(_views) > KEPT:
            _views.popitem(last=False)
        return made
