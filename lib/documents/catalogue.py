"""Everything the office hands over, in one list: pages offer it, the route and the command line make it.

A new document is one entry of ``DELIVERABLES`` and one line of ``lib.services.policy.DELIVERABLES``.
"""

from __future__ import annotations

from lib.documents import bulletin, calendar, evaluation, implementation, notice, onepage, quarterly
from lib.documents.deliverable import Deliverable, Wanted
from lib.documents.file import File, NotDelivered
from lib.documents.own import with_template
from lib.domain.ledger import Ledger
from lib.i18n import T_, _
from lib.services.policy import Actor

LISTED = 20
"""Values that are named to somebody who asked for another one."""
_DOCUMENTS = (
    onepage.DELIVERABLE,
    quarterly.DELIVERABLE,
    notice.DELIVERABLE,
    bulletin.DELIVERABLE,
    implementation.DELIVERABLE,
    evaluation.DELIVERABLE,
)
DELIVERABLES: tuple[Deliverable, ...] = (*_DOCUMENTS, calendar.DELIVERABLE, with_template(_DOCUMENTS))
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
