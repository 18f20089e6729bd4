"""实施方案框架 (plan skeleton): what a pilot's plan has to name, and the pilot's items (四（四）)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.documents.deliverable import Choice, Deliverable, Wanted
from lib.documents.file import File
from lib.documents.paper import in_chinese, typeset
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.execution import Item, execution
from lib.views.implementation import lacking, plan_kind
from lib.views.prepared import prepared
from lib.views.words import day
from sheets_schema.plan import Plan

KEY, LABEL = "implementation", N_("实施方案框架")


@dataclass(frozen=True, slots=True)
class Part:
    """Something the plan has to name, and whether its record says that it does."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Group:
    """A separation and the pilot's items of it."""

    title: str
    items: tuple[Item, ...]


def pilots(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
    """The pilots a sight takes in; none where the plan asks for no such document."""
    if plan_kind(ledger.plan) is None:
        return {}
    return {line.id: line.name for line in prepared(execution, ledger, sight).lines}


@in_chinese
def skeleton(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
    """The skeleton for the pilot ``wanted["pilot"]``, as .docx."""
    found = values(ledger, sight, wanted["pilot"])
    title = _("{pilot}{kind}", pilot=pilots(ledger, sight)[wanted["pilot"]], kind=_(LABEL))
    return typeset(KEY, LABEL, title, found)


def values(ledger: Ledger, sight: Sight, pilot: str) -> dict[str, object]:
    """Everything the template may look up."""
    line, kind = prepared(execution, ledger, sight).find(pilot), plan_kind(ledger.plan)
    assert line is not None, "the catalogue offers pilots that are there"
    assert kind is not None, "and none where the plan asks for no such document"
    chain = next((c for c in ledger.chains if c.kind is kind and c.document.association == pilot), None)
    open_parts = lacking(chain) if chain else kind.parts
    row = ledger.world.associations.get(pilot)
    selected = next((held.selected_on for held in ledger.pilots if held.id == pilot), None)
    items = tuple(item for item in line.items if not item.left_out_because)
    return {
        "plan": ledger.plan.title, "clause": kind.clause, "kind": kind.kind, "pilot": line, "unit": line.unit,
        "credit_code": row.credit_code if row and row.credit_code else "", "selected_on": day(selected),
        "parts": [Part(part, _("尚未载明") if part in open_parts else _("已在方案中载明")) for part in kind.parts],
        "items": items,
        "groups": [
            Group(part.title, found) for part in ledger.plan.checklist.separations
            if (found := tuple(item for item in items if item.part == part.id))
        ],
    }  # fmt: skip


def _clause(plan: Plan) -> str:
    kind = plan_kind(plan)
    return kind.clause if kind else plan.topics.checklist


DELIVERABLE = Deliverable(
    KEY, LABEL, N_("每个试点一份，列出方案要求载明的内容和事项清单"), _clause, skeleton,
    (Choice("pilot", N_("试点"), pilots),), N_("还没有选定的试点，或方案没有要求各试点制定实施方案。"),
)  # fmt: skip
