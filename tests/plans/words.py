"""Words that are a plan's own: where one stands and another plan is in force, something is written into the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sheets_schema.plan import Plan

PRODUCT = frozenset({
    *("脱钩事项", "季度报告", "配套政策", "延期", "实施方案", "单位实施方案", "季度汇总", "评估报告", "文件退回"),
    *("未解决问题",),
    *("业务主管单位", "牵头单位", "责任单位", "相关单位", "相关部门", "试点单位", "办公室", "责任人员"),
    *("逾期", "临期", "滞后", "等待上级", "进行中", "未启动", "办结", "不计入"),
})  # fmt: skip
"""Names of sheets, columns, pages, accounts and filters: the product's own, which the first plan uses as well."""


def own_words(plan: Plan) -> set[str]:
    """Units, bodies, phases, clauses, kinds of document, headings, areas, items and their groups, parts and titles of
    gates; verbs only where they are no word of everyday use."""
    return {word for word in _words(plan) if len(word) > 1 and word not in PRODUCT}


def _words(plan: Plan) -> Iterator[str]:
    for one in (*plan.units, *plan.bodies):
        yield from (one.name, *one.aliases)
    yield from (plan.place, plan.title, plan.mechanism.group, plan.mechanism.office)
    yield from (phase.title for phase in plan.phases)
    yield from (clause for clause in plan.clauses if re.search(r"[（条之]", clause))
    for kind in plan.documents:
        yield kind.kind
        yield from kind.parts
        yield from (step.verb for step in kind.steps if step.verb not in VERBS)
    yield from (heading.title for heading in plan.cadence.headings)
    yield from (area.title for area in plan.policies.areas)
    for group, item in plan.checklist.items.values():
        yield from (group.title, item.title)
    yield from (gate.title for gate in plan.gates)
    yield from (role.name for role in plan.roles.values())
    yield from (weight.title for weight in plan.scorecard.weights)
    yield from (light.word for light in plan.lights.states)


VERBS = frozenset({
    *("起草", "征求意见", "修改完善", "审定", "印发", "推荐", "报送", "选定", "修订", "核准", "批复"),
    *("实施", "制定", "总结", "评估", "汇总", "报告", "报备"),
})  # fmt: skip
"""Verbs of the first plan that say what they say in everyday sentences too."""
