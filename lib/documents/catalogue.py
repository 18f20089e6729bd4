"""Everything the office hands over, in one list: pages offer it, the route and the command line make it.

A new document is one entry of ``DELIVERABLES`` and one line of ``lib.services.policy.DELIVERABLES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.documents.charts import KINDS, chart_names, make_chart
from lib.documents.file import File
from lib.documents.file import NotDelivered as NotDelivered  # noqa: PLC0414 - raised here, caught by those who ask here
from lib.documents.kept import Kept
from lib.documents.records import FILTERS, make_records, sheet_names
from lib.documents.register import make_register
from lib.documents.sheets import FORMATS
from lib.documents.tables import FILTERS as NARROWED
from lib.documents.tables import make_table, table_names
from lib.domain.ledger import Ledger
from lib.i18n import N_, T_, _
from lib.services.policy import Actor, Sight
from sheets_schema.plan import Plan

LONGEST_FILTER = 200
"""Characters of a filter; nobody looks for a longer text."""
LISTED = 20
"""Values that are named to somebody who asked for another one."""
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
    """Something that leaves the app: what it is called, what it tells, the clause it answers to, what has to be chosen,
    and how it is made: of the day's figures (``make``), or of the records as they are now (``of_records``).

    ``missing``: why there may be nothing to make it of; ``filters``: what else may be asked for, in people's own words.
    """

    key: str
    title: str
    about: str
    clause: Callable[[Plan], str]
    make: Callable[[Ledger, Sight, Wanted], File] | None = None
    choices: tuple[Choice, ...] = ()
    missing: str = ""
    of_records: Callable[[Kept, Sight, Wanted], File] | None = None
    filters: tuple[str, ...] = ()


_FORMAT = Choice("format", N_("格式"), lambda _ledger, _sight: {kind: _(word) for kind, word in FORMATS.items()})
_PICTURE = Choice("format", N_("格式"), lambda _ledger, _sight: {kind: _(word) for kind, word in KINDS.items()})

DELIVERABLES: tuple[Deliverable, ...] = (
    Deliverable(
        "register", N_("台账"), N_("全部应办事项一行一件，带灯、时限、责任人和进展，另有各单位汇总"),
        lambda plan: plan.lights.clause, make_register,
    ),
    Deliverable(
        "table", N_("页面上的表格"), N_("逾期与临期、名额、考核、评估、数据问题等表格，内容与页面相同"),
        lambda plan: plan.lights.clause, make_table, (Choice("name", N_("表格"), table_names), _FORMAT),
        filters=NARROWED,
    ),
    Deliverable(
        "records", N_("工作表的记录"), N_("一张工作表现在的全部记录，或变更记录；只含您能看到的行和列"),
        lambda plan: plan.lights.clause, None, (Choice("sheet", N_("工作表"), sheet_names), _FORMAT),
        of_records=make_records, filters=FILTERS,
    ),
    Deliverable(
        "chart", N_("图"), N_("页面上的图，可放进文件或幻灯片"), lambda plan: plan.lights.clause, make_chart,
        (Choice("name", N_("图"), chart_names), _PICTURE), missing=N_("还没有可以画的数据"),
    ),
)  # fmt: skip
"""In the order in which the page lists them."""


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
    chosen |= {name: wanted[name][:LONGEST_FILTER] for name in found.filters if wanted.get(name)}
    if found.make is not None:
        return found.make(ledger, actor.sight, chosen)
    held = kept()
    if held is None or found.of_records is None:
        raise NotDelivered(T_("还没有读到数据，文件做不出来；先看“数据体检”页"))
    return found.of_records(held, actor.sight, chosen)
