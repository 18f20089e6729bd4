"""Everything the office hands over, in one list: pages offer it, the route and the command line make it.

A new document is one entry of ``DELIVERABLES`` and one line of ``lib.services.policy.DELIVERABLES``.
"""

from __future__ import annotations

from collections.abc import Callable

from lib.documents import (
    bulletin,
    calendar,
    charts,
    evaluation,
    implementation,
    notice,
    onepage,
    quarterly,
    records,
    register,
    reminder,
    tables,
)  # fmt: skip
from lib.documents.deliverable import Deliverable, Wanted
from lib.documents.file import File, NotDelivered
from lib.documents.kept import Kept
from lib.documents.own import with_template
from lib.domain.ledger import Ledger
from lib.i18n import N_, T_, _
from lib.services.policy import Actor

NATIONAL = "national"
"""``lib.documents.national``, beside the list: it is made of a roll-up and needs no workbook."""
NO_FILE = T_("没有这份文件，或您的账号不能取用；能取用的列在“文件”页")
LONGEST_FILTER = 200
"""Characters of a filter; nobody looks for a longer text."""
LONGEST_SHOWN = 60
"""Characters of a value that was not to be chosen, which are given back."""
LISTED = 20
"""Values that are named to somebody who asked for another one."""
_DOCUMENTS = (
    onepage.DELIVERABLE,
    quarterly.DELIVERABLE,
    notice.DELIVERABLE,
    bulletin.DELIVERABLE,
    implementation.DELIVERABLE,
    evaluation.DELIVERABLE,
    reminder.DELIVERABLE,
)
PAPERS = N_("公文")
GROUPS: dict[str, tuple[Deliverable, ...]] = {
    PAPERS: (*_DOCUMENTS, with_template(_DOCUMENTS)),
    N_("台账、表格和图"): (
        register.DELIVERABLE,
        calendar.DELIVERABLE,
        tables.DELIVERABLE,
        records.DELIVERABLE,
        charts.DELIVERABLE,
    ),
}
"""By the heading they stand under, in the order in which the page lists them."""
DELIVERABLES = tuple(one for group in GROUPS.values() for one in group)


def offered(actor: Actor) -> tuple[Deliverable, ...]:
    """What somebody may take."""
    return tuple(one for one in DELIVERABLES if actor.may_take(one.key))


def deliver(
    actor: Actor, ledger: Ledger, key: str, wanted: Wanted, kept: Callable[[], Kept | None] = lambda: None
) -> File:
    """A file for somebody, of what she may see, in the current language; what she left open is the usual choice.

    Raises ``NotDelivered`` for what she may not take, for what is not to be chosen, and where there is nothing yet.
    """
    found = next((one for one in offered(actor) if one.key == key), None)
    if found is None:
        raise NotDelivered(NO_FILE)
    chosen = {}
    for choice in found.choices:
        options = choice.options(ledger, actor.sight)
        value = wanted.get(choice.key) or next(iter(options), None)
        if value is None:
            raise NotDelivered(T_(found.missing))
        if value not in options:
            known = _("、").join(list(options)[:LISTED])
            why = T_(
                "“{label}”没有“{value}”；可选：{options}",
                label=_(choice.title),
                value=value[:LONGEST_SHOWN],
                options=known,
            )
            raise NotDelivered(why)
        chosen[choice.key] = value
    chosen |= {name: wanted[name][:LONGEST_FILTER] for name in found.filters if wanted.get(name)}
    if found.make is not None:
        return found.make(ledger, actor.sight, chosen)
    held = kept()
    if held is None or found.of_records is None:
        raise NotDelivered(T_("还没有读到数据，文件做不出来；先看“数据体检”页"))
    return found.of_records(held, actor.sight, chosen)
