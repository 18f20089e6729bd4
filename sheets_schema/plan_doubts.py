"""What is legal in a plan and doubtful all the same (存疑): said when a plan is checked, never refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lib.i18n import N_, _
from sheets_schema.plan import Plan, RoleKey
from sheets_schema.plan_chains import Scope
from sheets_schema.plan_work import StateKey
from sheets_schema.quota import AllByBatches, FixedList

_SATURDAY = 5
_WEEKEND = {_SATURDAY: N_("周六"), 6: N_("周日")}


def doubts(plan: Plan) -> Iterator[tuple[str, str]]:
    """(YAML path, what is doubtful)."""
    yield from _days(plan)
    yield from _people(plan)
    yield from _work(plan)
    yield from _words(plan)


def _days(plan: Plan) -> Iterator[tuple[str, str]]:
    dues: list[tuple[str, date | None]] = []
    for i, phase in enumerate(plan.phases):
        dues.append((f"phases[{i}].due", phase.due))
        dues += [(f"phases[{i}].deliverables[{j}].due", d.due) for j, d in enumerate(phase.deliverables)]
        for j, item in enumerate(phase.deliverables):
            if item.due and phase.due and item.due > phase.due:
                yield f"phases[{i}].deliverables[{j}].due", _("晚于阶段的时限 {day}", day=phase.due)
        if plan.window_end and phase.due and phase.due > plan.window_end:
            yield f"phases[{i}].due", _("在本批结束（{day}）之后", day=plan.window_end)
        if plan.window_start and phase.start and phase.start < plan.window_start:
            yield f"phases[{i}].start", _("在本批开始（{day}）之前", day=plan.window_start)
    for i, period in enumerate(plan.cadence.listed):
        dues.append((f"cadence.listed[{i}].due", period.due))
        if period.start and period.end and period.end < period.start:
            yield f"cadence.listed[{i}].end", _("结束早于开始")
    for path, due in dues:
        if due and due.weekday() >= _SATURDAY:
            yield path, _("{day} 是{weekday}，时限不顺延", day=due, weekday=_(_WEEKEND[due.weekday()]))


def _people(plan: Plan) -> Iterator[tuple[str, str]]:
    for i, unit in enumerate(plan.units):
        if not unit.roles:
            yield f"units[{i}].roles", _("“{name}”没有角色，不会有它要办的事", name=unit.name)
        if unit.doubtful:
            yield f"units[{i}].doubtful", _("“{name}”的名称存疑，办公室须核定一次", name=unit.name)
    for key in RoleKey:
        if key is not RoleKey.PILOT and not any(key in unit.roles for unit in plan.units):
            yield f"roles.{key.value}", _("没有单位担任这个角色")


def _work(plan: Plan) -> Iterator[tuple[str, str]]:
    for i, phase in enumerate(plan.phases):
        if not phase.deliverables and not phase.executes_checklist:
            yield f"phases[{i}]", _("没有交付成果，办没办完看不出来")
    executing = [i for i, phase in enumerate(plan.phases) if phase.executes_checklist]
    if not executing:
        yield "phases", _("没有办理脱钩事项的阶段（executes_checklist: true），事项没有时限")
    for i in executing[1:]:
        yield f"phases[{i}].executes_checklist", _("办理脱钩事项的阶段只认第一个")
    owed = {item.document for phase in plan.phases for item in phase.deliverables}
    for i, kind in enumerate(plan.documents):
        if kind.phase and kind.kind not in owed:
            yield f"documents[{i}].phase", _("属于阶段“{phase}”，但不在它的交付成果里，没有时限", phase=kind.phase)
    if not plan.cadence.periods:
        yield "cadence", _("没有报告期，不会有定期报告")
    elif not any(kind.per is Scope.REPORT for kind in plan.documents):
        yield "documents", _("有报告期，但没有按期报送的文种（per: report）")
    for i, area in enumerate(plan.policies.areas):
        if not area.owners:
            yield f"policies.areas[{i}].owners", _("没有牵头单位，没有人会去办")


def _words(plan: Plan) -> Iterator[tuple[str, str]]:
    quota = plan.quota
    if isinstance(quota, FixedList):
        for i, entry in enumerate(quota.lists):
            for name in entry.associations:
                if not name.endswith(plan.in_scope.suffixes):
                    yield f"quota.lists[{i}].associations", _("“{name}”的结尾不在适用范围之列", name=name)
    if isinstance(quota, AllByBatches) and max(share.cumulative for share in quota.batches) < 1:
        yield "quota.batches", _("末批没有到 1，最后仍有协会不参加")
    words = [plan.lights.by_state[state].word for state in StateKey]
    if len(set(words)) < len(words):
        yield "lights.states", _("两个状态用了同一个说法，分不出来")
