"""The plan in force (现行方案) and what differs in another one, as words."""

from __future__ import annotations

from datetime import datetime

from lib.i18n import _
from lib.views.words import day
from sheets_schema.plan import Plan
from sheets_schema.plan_diff import differences

Rows = tuple[tuple[str, ...], ...]


def plan_facts(plan: Plan) -> Rows:
    """(what, how it stands) of a plan: enough to recognise it and to see its size."""
    quota = plan.quota
    return (
        (_("名称"), plan.title),
        (_("编号"), plan.id),
        (_("地区"), plan.place),
        (_("批次"), _("第 {n} 批", n=plan.batch)),
        (_("期间"), _("{start} 至 {due}", start=day(plan.window_start), due=day(plan.window_end))),
        (_("单位"), _("{n} 个", n=len(plan.units))),
        (_("阶段"), _("；").join(f"{phase.id} {_(phase.title)} {day(phase.due)}" for phase in plan.phases)),
        (_("推荐名额"), _("依据 {clause}。{note}", clause=quota.clause, note=_(quota.open_question))),
        (_("文种"), _("、").join(_(kind.kind) for kind in plan.documents)),
        (_("前置条件"), _("；").join(_(gate.title) for gate in plan.gates)),
        (_("报告期"), _("、").join(period.id for period in plan.cadence.periods)),
        (_("脱钩事项"), _("{n} 项", n=len(plan.checklist.items))),
    )


def plan_changes(one: Plan, other: Plan) -> Rows:
    """(part, where, value now, value in the other) of each difference."""
    return tuple((_(d.part), d.where, d.one or "—", d.other or "—") for d in differences(one, other))


def backup_lines(copies: list[tuple[int, datetime]]) -> Rows:
    """(when, revision) of the copies of a workbook."""
    return tuple((f"{made:%Y-%m-%d %H:%M:%S}", f"r{revision}") for revision, made in copies)
