"""Whose a record is (记录归属): which units answer for it and may see it, and which may write it.

A unit is named as in ``Unit.name``, whatever spelling stands in the cell. Who wants to know for a row that is not in
force asks in the same way: what its cells do not tell is nobody's, and then the office alone sees and writes it.
"""

from __future__ import annotations

from lib.domain.world import World, by_id
from sheets_schema.coordination import Extension, Problem
from sheets_schema.documents import Approval, Document
from sheets_schema.phases import PhaseNote
from sheets_schema.plan_chains import Scope
from sheets_schema.reports import Policy
from sheets_schema.sheet import Row
from sheets_schema.tasks import Task
from sheets_schema.units import Unit

NOBODY: frozenset[str] = frozenset()
_OF_THE_CITY = frozenset({Scope.ONCE, Scope.PERIOD})
"""Kinds of documents of which the city has one, or one each period: they are everybody's to see."""
_SETTLING = frozenset({"meeting", "settlement", "settled_on", "remark"})
"""Columns of a problem that the unit fills in which has to settle it."""


def audience(row: Row, world: World) -> frozenset[str] | None:
    """The units that may see a row; None for a record of the city, which everybody signed in may see."""
    return None if is_citys(row, world) else answering(row, world)


def answering(row: Row, world: World) -> frozenset[str]:
    """The units that answer for a row: it is about them, or they do it. Empty: the office alone knows."""
    if isinstance(row, Approval):
        document = world.documents.get(row.document)
        about = answering(document, world) if document else NOBODY
        return about | _unit(row.actor, world)
    if isinstance(row, Problem):
        return _unit(row.unit, world) | _unit(row.assignee, world)
    return _named(row, world) | _supervising(row, world)


def writers(row: Row, world: World, column: str | None = None) -> frozenset[str]:
    """The units that may write a row, each for itself; empty: the office alone. ``column``: one cell of it, or blank
    for the row as a whole; None: any of its cells.

    An act belongs to the body that acts, never to the one whose document it is: else a unit could approve its own
    plans. A problem is told by who raises it and settled by either; nobody raises one in another's name. A unit asks
    for more time for its own work alone, and begins a document of the city only where it drafts that. Where a row
    names a unit and another one's association, the office has to settle which of them is right.
    """
    if isinstance(row, Approval):
        return _unit(row.actor, world) or _acts_for_pilot(row, world)
    if isinstance(row, Problem):
        return answering(row, world) if column is None or column in _SETTLING else _unit(row.unit, world)
    named, supervising = _named(row, world), _supervising(row, world)
    found = named & supervising if named and supervising else named | supervising
    if isinstance(row, Extension):
        return found & _may_ask(row, world)
    return found & _drafting(row, world) if isinstance(row, Document) and is_citys(row, world) else found


def is_citys(row: Row, world: World) -> bool:
    """Whether a record belongs to no unit but to the city: the phases' notes, its own documents, their approvals."""
    if isinstance(row, Approval):
        document = world.documents.get(row.document)
        return document is not None and is_citys(document, world)
    if isinstance(row, Document):
        kind = world.plan.kinds.get(row.kind)
        return kind is not None and kind.per in _OF_THE_CITY and not row.association
    return isinstance(row, PhaseNote)


def _named(row: Row, world: World) -> frozenset[str]:
    """The unit a row names as its own."""
    if isinstance(row, Unit):
        return _unit(row.name, world)
    return _unit(row.owner if isinstance(row, Policy) else getattr(row, "unit", None), world)


def _supervising(row: Row, world: World) -> frozenset[str]:
    """The unit that supervises the association a row is about."""
    association = world.associations.get(getattr(row, "association", None) or "")
    return _unit(association.unit, world) if association else NOBODY


def _may_ask(row: Extension, world: World) -> frozenset[str]:
    """The units whose due date an extension would move: of their own record, or of a phase they lead."""
    phase = world.plan.phase_by_id.get(row.target)
    if phase is not None:
        return frozenset().union(*(_unit(lead, world) for lead in phase.leads))
    target = world.table(Task).look_up(by_id).get(row.target) or world.documents.get(row.target)
    return writers(target, world) if target is not None else _unit(row.unit, world)


def _drafting(row: Document, world: World) -> frozenset[str]:
    """The units with which a document of the city begins."""
    return frozenset().union(*(_unit(actor, world) for actor in world.plan.kinds[row.kind].steps[0].actors))


def _acts_for_pilot(row: Approval, world: World) -> frozenset[str]:
    """The supervising unit where the pilot itself acts on a document of its own: pilots have no accounts."""
    document = world.documents.get(row.document)
    association = world.associations.get(document.association or "") if document else None
    if association is None or world.who(row.actor) != world.who(association.name):
        return NOBODY
    return _unit(association.unit, world)


def _unit(text: str | None, world: World) -> frozenset[str]:
    if not text:
        return NOBODY
    name = text if text in world.units else world.who(text)
    return frozenset({name}) if name in world.units else NOBODY
