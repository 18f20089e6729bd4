"""Where a thing is done (去处): the page, and the filters in its URL, for whatever is owed, found or on record."""

from __future__ import annotations

from typing import NamedTuple

from lib.domain.due import Due
from lib.domain.findings import Finding, Severity
from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.domain.quota import list_kind
from lib.domain.world import World, by_id
from lib.services.policy import EVERYTHING, Sight
from lib.services.whose import sees
from sheets_schema.documents import Approval, Document
from sheets_schema.nominations import Nomination
from sheets_schema.plan import Plan
from sheets_schema.plan_chains import DocumentKind
from sheets_schema.reports import Policy, Report
from sheets_schema.sheet import Row
from sheets_schema.tasks import Task, Update
from sheets_schema.workbook import BY_KEY, sheet_of


class Way(NamedTuple):
    """A page and the query that sets its filters or opens a record there."""

    page: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def filters(self) -> dict[str, str]:
        """The query by name."""
        return dict(self.query)


QUOTA = frozenset({"Q01", "Q02", "Q03", "Q08"})
"""Rules on how many a unit recommends: said at the unit, put right with its recommendations."""


def way(page: str, **query: str | None) -> Way:
    """The way to a page; what is None or blank needs no mention."""
    return Way(page, tuple((name, value) for name, value in query.items() if value))


def of_due(due: Due, ledger: Ledger) -> Way:
    """Where a thing owed is done."""
    if due.task is not None:
        return of_task(due.task)
    if due.sheet == "reports":
        return way("reports", unit=due.unit, period=due.record)
    if due.sheet == "policies":
        return _policy(due.owner, due.unit, ledger.world)
    if due.record:
        return way("approvals", record=due.record)
    pilot = next((pilot.id for pilot in ledger.pilots if pilot.name == due.owner and pilot.unit == due.unit), None)
    return of_kind(ledger.plan.kinds[due.document_kind], due.unit, ledger.plan, pilot)


def of_kind(kind: DocumentKind, unit: str, plan: Plan, pilot: str | None = None) -> Way:
    """Where a document that does not exist yet is begun: a unit's list with the recommendations, a pilot's plan with
    the pilot, any other where documents go their way."""
    if kind is list_kind(plan):
        return way("nominations", unit=unit)
    if pilot and any(gate.checklist and gate.requires_document == kind.kind for gate in plan.gates):
        return way("implementation", record=pilot)
    return way("approvals", kind=kind.kind, unit=unit)


def of_task(task: Task) -> Way:
    """Where a checklist item is worked on."""
    return way("execution", pilot=task.association, item=task.item)


def of_row(row: Row, world: World) -> Way:
    """Where a record is looked at and changed."""
    if isinstance(row, Task):
        return of_task(row)
    if isinstance(row, Report):
        return way("reports", unit=row.unit, period=row.period)
    if isinstance(row, Nomination):
        return way("nominations", unit=row.unit)
    if isinstance(row, Approval):
        return way("approvals", record=row.document)
    if isinstance(row, Update):
        return way("execution", pilot=row.association)
    return _by_id(sheet_of(type(row)).key, row.id, world.unit_of(row))


def of_finding(finding: Finding, ledger: Ledger, sight: Sight = EVERYTHING) -> Way:
    """Where what a finding says is put right: at its record, else where its sheet is worked on for its unit. A
    document that a sight does not take in is not named: an act in another unit's document may be wrong."""
    key = next((key for key, sheet in BY_KEY.items() if sheet.label == finding.sheet), "")
    world = ledger.world
    if finding.rule in QUOTA and finding.unit:
        return way("nominations", unit=finding.unit)
    if key and finding.record:
        row = world.table(BY_KEY[key].model).look_up(by_id).get(finding.record)
        if key == "approvals":
            return _of_act(finding, row if isinstance(row, Approval) else None, world, sight)
        return of_row(row, world) if row is not None else _by_id(key, finding.record, finding.unit)
    return _by_id(key, "", finding.unit)


def errors_of(unit: str | None) -> Way:
    """The mistakes in a unit's rows, or in all."""
    return way("health", severity=Severity.ERROR.value, unit=unit)


_RECORDS = {
    "associations": "registry", "documents": "approvals", "policies": "policies", "problems": "problems",
    "extensions": "extensions",
}  # fmt: skip
"""Sheet → the page on which ``?record=`` opens one of its records."""
_PLACES = {
    "units": "mechanism", "events": "mechanism", "nominations": "nominations", "tasks": "execution",
    "updates": "execution", "reports": "reports", "approvals": "approvals",
}  # fmt: skip
"""Sheet → the page on which its records are found by their unit."""


def _by_id(key: str, record: str, unit: str) -> Way:
    if key in _RECORDS:
        return way(_RECORDS[key], record=record) if record else way(_RECORDS[key], unit=unit)
    if key == "phases":
        return way("phases")
    return way(_PLACES[key], unit=unit) if key in _PLACES else way("health", unit=unit)


def _of_act(finding: Finding, act: Approval | None, world: World, sight: Sight) -> Way:
    """An act is shown with its document, also one without effect."""
    hits = ((hit.record, chain.document.id) for chain in world.chains for hit in chain.hits)
    name = act.document if act else next((document for record, document in hits if record == finding.record), "")
    document = world.documents.get(name)
    if document is not None and sees(sight, audience(document, world)):
        return way("approvals", record=name)
    return way("approvals", unit=finding.unit)


def _policy(area: str, owner: str, world: World) -> Way:
    found = next((row for row in world.rows(Policy) if (row.area, row.owner) == (area, owner)), None)
    return way("policies", record=found.id) if found else way("policies", area=area)


def of_document(document: Document) -> Way:
    """Where a document goes its way."""
    return way("approvals", record=document.id)
