"""Deliberate mistakes (有意的错误): what staff really type, so that the checks have something to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sheets_schema.associations import Association
from sheets_schema.documents import Approval, Document, Result
from sheets_schema.plan import Plan
from sheets_schema.plan_chains import Scope
from sheets_schema.sheet import Row, changed
from sheets_schema.tasks import Task, TaskStatus

Rows = dict[str, list[Row]]


def plant(rows: Rows, plan: Plan, as_of: date) -> None:
    """Put one mistake of each kind into the rows. Raw text goes where a person would have typed it."""
    _change(rows, "associations", 11, credit_code="510000000000000129")
    _change(rows, "associations", 30, phone="无")
    _change(
        rows,
        "associations",
        60,
        unit=f"{getattr(rows['associations'][60 % len(rows['associations'])], 'unit', '')}员会局",
    )
    _change(rows, "units", 2, liaison="王明、李立新")
    _change(rows, "units", 9, leader=None)
    _duplicate_association(rows)
    _change(rows, "reports", 5, next_steps=None)
    _change(rows, "reports", 7, submitted_on="2016.1.8")
    _change_where(rows, _done_task, 3, done_on="3月底")
    _change_where(rows, _done_task, 20, done_on=date(2061, 3, 15))
    _change_where(rows, lambda r: isinstance(r, Task) and r.status is TaskStatus.RUNNING, 4, status="差不多了")
    _change_where(
        rows, lambda r: isinstance(r, Task) and r.status is TaskStatus.NOT_APPLICABLE, 6, not_applicable_reason=None
    )
    _foreign_nomination(rows)
    _skip_a_step(rows, plan, as_of)
    _wrong_actor(rows, plan)


def _change(rows: Rows, sheet: str, index: int, **values: Any) -> None:
    if index < len(rows[sheet]):
        rows[sheet][index] = changed(rows[sheet][index], **values)


def _change_where(rows: Rows, chosen: Callable[[Row], bool], nth: int, **values: Any) -> None:
    found = [n for n, row in enumerate(rows["tasks"]) if chosen(row)]
    if nth < len(found):
        _change(rows, "tasks", found[nth], **values)


def _done_task(row: Row) -> bool:
    return isinstance(row, Task) and row.status is TaskStatus.DONE


def _duplicate_association(rows: Rows) -> None:
    twin = rows["associations"][70 % len(rows["associations"])]
    assert isinstance(twin, Association)
    copy = changed(twin, id=f"XH-{len(rows['associations']) + 1:04d}", name=f" {twin.name}", credit_code=None)
    rows["associations"].append(copy)


def _foreign_nomination(rows: Rows) -> None:
    """The last two nominations: one without its 自愿 flag is left to chance, one by a unit that is not its own."""
    last = rows["nominations"][-1]
    _change(rows, "nominations", len(rows["nominations"]) - 1, voluntary=None)
    other = next(row for row in rows["associations"] if getattr(row, "unit", "") != getattr(last, "unit", ""))
    used = {getattr(n, "association", "") for n in rows["nominations"]}
    spare = next(
        a
        for a in rows["associations"]
        if isinstance(a, Association) and a.unit == getattr(other, "unit", "") and a.name not in used
    )
    rows["nominations"].append(changed(last, id=f"TJ-{len(rows['nominations']) + 1:03d}", association=spare.name))


def _of_pilots(rows: Rows, plan: Plan, length: int) -> list[tuple[Document, list[Approval]]]:
    """Pilot documents whose chain has just ``length`` acts, all passed."""
    kinds = {kind.kind for kind in plan.documents if kind.per is Scope.PILOT and len(kind.steps) >= 3}
    found = []
    for document in rows["documents"]:
        if isinstance(document, Document) and document.kind in kinds:
            acts = [a for a in rows["approvals"] if isinstance(a, Approval) and a.document == document.id]
            if len(acts) == length and all(act.result is Result.PASSED for act in acts):
                found.append((document, acts))
    return found


def _skip_a_step(rows: Rows, plan: Plan, as_of: date) -> None:
    """A reply typed straight into the sheet for a plan that was only drafted and never submitted."""
    for document, acts in _of_pilots(rows, plan, 2)[:1]:
        kind = plan.kinds[document.kind]
        skipped = acts[1]
        rows["approvals"].remove(skipped)
        on = as_of - timedelta(days=9)
        step = kind.steps[2]
        rows["approvals"].append(
            Approval(
                id=f"SP-{90001:05d}", document=document.id, verb=step.verb, actor=step.actors[0],
                submitted_on=on, decided_on=on + timedelta(days=2), result=Result.PASSED,
            )
        )  # fmt: skip


def _wrong_actor(rows: Rows, plan: Plan) -> None:
    """The last step of a pilot's plan recorded for a unit that has no part in it."""
    for document, acts in _of_pilots(rows, plan, 4)[20:21]:
        stranger = next(unit.name for unit in plan.units if unit.name not in (document.unit, acts[0].actor))
        _change(rows, "approvals", rows["approvals"].index(acts[-1]), actor=stranger)
