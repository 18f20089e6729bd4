"""Local policies as commands (配套政策): stage by stage, none skipped, or waiting for the nation (二（三）)."""

from __future__ import annotations

from datetime import date

from lib.domain.edits import Edit
from lib.i18n import T_
from lib.services.scene import Filled, Refused, Scene, Values
from lib.services.work import Make
from sheets_schema.plan import Plan
from sheets_schema.reports import Policy
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import IDLE_STAGE


def note_policy(area: str, owner: str, values: Values) -> Make:
    """Fill in what is known of a policy; its row is made where the plan expects one that nobody has typed yet."""

    def make(scene: Scene) -> list[Edit]:
        row = _row(scene, area, owner)
        if row is not None:
            return scene.set("policies", row.id, values)
        return [scene.add("policies", {"stage": IDLE_STAGE, **values, "area": area, "owner": owner})]

    return make


def advance_policy(area: str, owner: str, to: str, on: Cell, values: Values | None = None) -> Make:
    """Take a policy to its next stage, which is ``to``; the last one issues it. What it waited for is over then."""

    def make(scene: Scene) -> list[Edit]:
        plan, row = scene.judged.plan, _row(scene, area, owner)
        chain, now = plan.kinds[plan.policies.document], row.stage if row else IDLE_STAGE
        stage = next_stage(plan, now)
        if to != stage:
            wanted = T_("下一阶段是“{stage}”", stage=stage) if stage else T_("各阶段都已走完")
            raise Refused(
                T_("“{area}”现在是“{now}”，不能登记“{to}”", area=area, now=now, to=to), wanted, "", chain.clause
            )
        if not isinstance(on, date):
            raise Refused(T_("没有填写进入“{stage}”的日期", stage=to), T_("填写日期后再登记"), "", chain.clause)
        if row is not None and row.stage_on is not None and on < row.stage_on:
            why = T_("“{stage}”的日期早于上一阶段的 {on}", stage=to, on=row.stage_on)
            raise Refused(why, T_("核对两处日期，改正写错的一处"), "", chain.clause)
        more: dict[str, Cell] = {"stage": to, "stage_on": on}
        more |= {"issued_on": on} if to == chain.steps[-1].verb else {}
        more |= {"reason": None} if now == plan.policies.waiting_national else {}
        seen = values.seen if isinstance(values, Filled) else {}
        return list(note_policy(area, owner, Filled({**(values or {}), **more}, seen))(scene))

    return make


def await_nation(area: str, owner: str, on: Cell, reason: Cell) -> Make:
    """Say that the national document is not out yet (国家政策未出台), with the reason (X21), 二（三）."""

    def make(scene: Scene) -> list[Edit]:
        stage = scene.judged.plan.policies.waiting_national
        return list(note_policy(area, owner, {"stage": stage, "stage_on": on, "reason": reason})(scene))

    return make


def next_stage(plan: Plan, stage: str) -> str | None:
    """The stage that follows; None after the last. Who waited for the nation begins by drafting."""
    verbs = [step.verb for step in plan.kinds[plan.policies.document].steps]
    if stage not in verbs:
        return verbs[0]
    at = verbs.index(stage) + 1
    return verbs[at] if at < len(verbs) else None


def _row(scene: Scene, area: str, owner: str) -> Policy | None:
    rows = scene.judged.world.rows(Policy)
    return next((row for row in rows if (row.area, row.owner) == (area, owner)), None)
