"""How something that leaves the app is declared (文件)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.documents.file import File
from lib.documents.kept import Kept
from lib.documents.sheets import FORMATS
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from sheets_schema.plan import Plan

Wanted = Mapping[str, str]
"""What somebody chose: the choice's key → its value."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose before a file is made: what it is called, and value → words as of the ledger, the usual one
    first. No options: there is nothing to make a file of yet."""

    key: str
    title: str
    options: Callable[[Ledger, Sight], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Deliverable:
    """Something that leaves the app: what it is called, what it tells, the clause it answers to or none, what has to be
    chosen, and how it is made: of the day's figures (``make``), or of the records as they are now (``of_records``).

    ``missing``: why there may be nothing to make it of; ``filters``: what else may be asked for, in people's own words.
    """

    key: str
    title: str
    about: str
    clause: Callable[[Plan], str] | None
    make: Callable[[Ledger, Sight, Wanted], File] | None = None
    choices: tuple[Choice, ...] = ()
    missing: str = ""
    of_records: Callable[[Kept, Sight, Wanted], File] | None = None
    filters: tuple[str, ...] = ()


FORMAT = Choice("format", N_("格式"), lambda _ledger, _sight: {kind: _(word) for kind, word in FORMATS.items()})
"""What a table can be had as."""
