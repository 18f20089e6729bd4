"""Everything the office hands over, in one list: pages offer it, the route and the command line make it.

A new document is one entry of ``DELIVERABLES`` and one line of ``lib.services.policy.DELIVERABLES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.documents import calendar
from lib.documents.file import File
from lib.domain.ledger import Ledger
from lib.i18n import T_, Text, _
from lib.services.policy import Actor, Sight
from sheets_schema.plan import Plan

LISTED = 20
"""Values that are named to somebody who asked for another one."""
Wanted = Mapping[str, str]
"""What somebody chose: the choice's key → its value."""


class NotDelivered(Exception):
    """A file cannot be made as it was asked for; ``reason`` says why and what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose before a file is made: what it is called, and value → words as of the ledger, the usual one
    first. No options: there is nothing to make a file of yet."""

    key: str
    title: str
    options: Callable[[Ledger, Sight], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Deliverable:
    """Something that leaves the app: what it is called, what it tells, the clause it answers to, what has to be chosen,
    and how it is made. ``missing``: why there may be nothing to make it of."""

    key: str
    title: str
    about: str
    clause: Callable[[Plan], str]
    make: Callable[[Ledger, Sight, Wanted], File]
    choices: tuple[Choice, ...] = ()
    missing: str = ""


DELIVERABLES: tuple[Deliverable, ...] = (
    Deliverable(
        "calendar", calendar.TITLE, calendar.ABOUT, lambda plan: plan.lights.clause, calendar.calendar_file,
        (Choice("unit", calendar.UNIT, calendar.units_in_sight),), calendar.MISSING,
    ),
)  # fmt: skip
"""In the order in which the page lists them."""


def offered(actor: Actor) -> tuple[Deliverable, ...]:
    """What somebody may take."""
    return tuple(one for one in DELIVERABLES if actor.may_take(one.key))


def deliver(actor: Actor, ledger: Ledger, key: str, wanted: Wanted) -> File:
    """A file for somebody, of what she may see, in the current language; what she left open is the usual choice.

    Raises ``NotDelivered`` for what she may not take, for what is not to be chosen, and where there is nothing yet.
    """
    found = next((one for one in offered(actor) if one.key == key), None)
    if found is None:
        raise NotDelivered(T_("没有这份文件，或您的账号不能取用；能取用的列在“文件”页"))
    chosen = {}
    for choice in found.choices:
        options = choice.options(ledger, actor.sight)
        value = wanted.get(choice.key) or next(iter(options), None)
        if value is None:
            raise NotDelivered(T_(found.missing))
        if value not in options:
            known = _("、").join(list(options)[:LISTED])
            why = T_("“{label}”没有“{value}”；可选：{options}", label=_(choice.title), value=value, options=known)
            raise NotDelivered(why)
        chosen[choice.key] = value
    return found.make(ledger, actor.sight, chosen)
