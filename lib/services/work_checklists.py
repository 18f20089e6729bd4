"""Work on the checklists of pilots (试点事项办理): many items, or one item of many pilots, at once.

An item that is not in the sheet yet is written when something is said of it. One whose row has no effect because of a
mistake is corrected in that row, so that no second one appears beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from lib.domain.edits import Edit
from lib.i18n import N_, T_
from lib.services.scene import Refused, Scene, Values
from lib.services.work import Make
from sheets_schema.plan_work import Checklist
from sheets_schema.snapshot import Cell
from sheets_schema.tasks import Task, TaskStatus

Target = tuple[str, str]
"""A pilot's association id and the id of a checklist item."""
NO_ITEM = N_("方案的清单里没有“{value}”")


def set_items(targets: Sequence[Target], values: Values) -> Make:
    """Bring cells of checklist items to ``values`` (事项填报), 四（五）."""

    def make(scene: Scene) -> list[Edit]:
        held = _held(scene)
        return [edit for target in targets for edit in _bring(scene, held.get(target), target, values)]

    return make


def complete_items(targets: Sequence[Target], on: date | None, evidence: str = "", signed_by: str = "") -> Make:
    """Items are done (完成); the evidence and the signature of the department where they are given."""
    more = {"evidence": evidence, "signed_by": signed_by}
    given: dict[str, Cell] = {name: text for name, text in more.items() if text}
    return set_items(targets, {"status": TaskStatus.DONE.value, "done_on": on, **given})


def leave_out_items(targets: Sequence[Target], reason: str) -> Make:
    """Items do not apply to these pilots (不涉及), with the reason."""
    values: Values = {"status": TaskStatus.NOT_APPLICABLE.value, "not_applicable_reason": reason, "done_on": None}
    return set_items(targets, values)


def reopen_items(targets: Sequence[Target]) -> Make:
    """Items are open again (重新打开): not done, not closed, not left out. One left out has not been begun, so that it
    opens also where the pilot's work may not begin yet."""
    blank: dict[str, Cell] = dict.fromkeys(("done_on", "not_applicable_reason", "closed_by", "closed_on"))

    def make(scene: Scene) -> list[Edit]:
        held, edits = _held(scene), list[Edit]()
        for target in targets:
            record = held.get(target)
            was = scene.record("tasks", record).get("status") if record else None
            begun = was not in (None, TaskStatus.IDLE.value, TaskStatus.NOT_APPLICABLE.value)
            status = TaskStatus.RUNNING if begun else TaskStatus.IDLE
            edits += _bring(scene, record, target, {"status": status.value, **blank})
        return edits

    return make


def list_checklist(association: str) -> Make:
    """Write a row for each checklist item that a pilot has none of yet (建立清单). A second time changes nothing."""

    def make(scene: Scene) -> list[Edit]:
        held, items = _held(scene), scene.judged.plan.checklist.items
        return [_new(scene, (association, item), {}) for item in items if (association, item) not in held]

    return make


def _held(scene: Scene) -> dict[Target, str]:
    """Pilot and item → the id of its row; one in force goes before one without effect."""
    batch, read = scene.judged.plan.batch, scene.judged.parsed.get("tasks")
    standing: tuple[Sequence[object], ...] = (scene.judged.world.rows(Task), read.rows if read else ())
    found: dict[Target, str] = {}
    for rows in standing:
        for row in rows:
            if isinstance(row, Task) and row.batch == batch and row.id:
                found.setdefault((row.association, row.item), row.id)
    return found


def _bring(scene: Scene, record: str | None, target: Target, values: Values) -> Iterator[Edit]:
    if record is None:
        yield _new(scene, target, values)
    else:
        yield from scene.set("tasks", record, values)


def _new(scene: Scene, target: Target, values: Values) -> Edit:
    association, item = target
    plan, known = scene.judged.plan, scene.judged.world.associations.get(association)
    if item not in plan.checklist.items:
        raise Refused(T_(NO_ITEM, value=item), clause=plan.checklist.clause)
    first: dict[str, Cell] = {
        "batch": float(plan.batch), "association": known.name if known else association,
        "item": Checklist.label(plan.checklist.items[item][1]),
    }  # fmt: skip
    return scene.add("tasks", first | dict(values), derived=("batch",))
