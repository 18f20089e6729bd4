"""What is settled (已定): submitted, decided, granted or closed, so that who filled it in does not change it any more.

A return opens a document again. The office may always correct.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.domain.chains import ChainState
from lib.domain.world import World
from sheets_schema.coordination import Extension, Problem
from sheets_schema.documents import Approval, Document
from sheets_schema.nominations import Nomination
from sheets_schema.plan_chains import Scope
from sheets_schema.reports import Report
from sheets_schema.sheet import Row
from sheets_schema.tasks import Task

DRAFTING = 1
"""Steps of a chain in which a document is still its author's own: the first is the drafting one."""


def settled(row: Row, world: World) -> bool:
    """Whether a record is settled."""
    judge = _SETTLED.get(type(row))
    return judge is not None and judge(row, world)


def _handed_in(chain: ChainState) -> bool:
    """Whether a document has left its author's hands and was not returned."""
    return chain.returned_on is None and (chain.done or len(chain.passed) > DRAFTING)


def _document(row: Document, world: World) -> bool:
    return any(_handed_in(chain) for chain in world.chains if chain.document.id == row.id)


def _nomination(row: Nomination, world: World) -> bool:
    """The list that names it is with the office."""
    return any(
        _handed_in(chain)
        for chain in world.chains
        if chain.kind.per is Scope.SUPERVISOR and (chain.document.unit, chain.document.batch) == (row.unit, row.batch)
    )


def _approval(row: Approval, world: World) -> bool:
    """Another act rests on it: of a later step, or of a later round."""
    document = world.documents.get(row.document)
    order = world.plan.kinds[document.kind].ordinals if document else {}

    def place(act: Approval) -> tuple[int, int]:
        return act.round, order.get(act.verb, 0)

    return any(act.document == row.document and place(act) > place(row) for act in world.rows(Approval))


def _report(row: Report, world: World) -> bool:
    """Its period's summary has gone up, and holds it: what is filed later is late, but can be filed."""
    return any(
        _handed_in(chain) and row.submitted_on <= chain.passed[0].on
        for chain in world.chains
        if chain.kind.per is Scope.PERIOD and chain.document.period == row.period
    )


_SETTLED: dict[type[Row], Callable[[Any, World], bool]] = {
    Document: _document,
    Nomination: _nomination,
    Approval: _approval,
    Report: _report,
    Task: lambda row, world: row.closed_on is not None or row.closed_by is not None,
    Extension: lambda row, world: row.result is not None,
    Problem: lambda row, world: row.settled_on is not None,
}
