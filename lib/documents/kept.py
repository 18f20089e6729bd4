"""Kept (现有记录): what documents of records are made of."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.judge import Judged
from lib.domain.records import Grids
from lib.services.history import History


@dataclass(frozen=True, slots=True)
class Kept:
    """The records as they are now, whatever the as-of day, and how they came to be so; no history where the workbook is
    only looked at."""

    grids: Grids
    judged: Judged
    history: History | None = None
