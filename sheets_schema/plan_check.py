"""What the parts of a plan say of one another: clauses, actors, documents, steps and phases must exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from unicodedata import category

from lib.i18n import N_, _
from sheets_schema.plan import Body, Plan, PlanUnit, RoleKey
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.plan_slips import full_width
from sheets_schema.plan_work import LevelKey, StateKey
from sheets_schema.quota import AllByBatches, FixedList
from sheets_schema.reports import HEADED, other_names
from sheets_schema.spelling import spelt

FEW = 12
"""As many names as are worth listing to somebody who wrote another one."""
LONGEST_HEADING = 60
"""Characters of a heading, which is the header of a column."""
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Characters that break a line or that nobody sees."""
_NOT_TEXT = "=+-@'"
"""With these a person's next edit of the header makes a formula of it, or they are not shown."""


def _twice(named: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Where an id comes again: that is the line to change."""
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield path, _("“{id}”出现了两次", id=name)
        seen.add(name)


def cross_check(plan: Plan) -> Iterator[tuple[str, str]]:
    """What the parts say of one another: clauses, actors, documents, steps and phases must exist, ids be unique."""
    yield from _clauses(plan.model_dump(mode="json"), plan, "")
    for named in (
        [(f"units[{i}].id", unit.id) for i, unit in enumerate(plan.units)],
        [(f"phases[{i}].id", phase.id) for i, phase in enumerate(plan.phases)],
        [(f"documents[{i}].kind", document.kind) for i, document in enumerate(plan.documents)],
        [(f"gates[{i}].id", gate.id) for i, gate in enumerate(plan.gates)],
        [("cadence.listed", period.id) for period in plan.cadence.periods],
        [
            (f"checklist.separations[{i}].items[{n}].id", item.id)
            for i, separation in enumerate(plan.checklist.separations)
            for n, item in enumerate(separation.items)
        ],
    ):
        yield from _twice(named)
    yield from _actors(plan)
    yield from _references(plan)
    yield from _slips(plan)
    yield from _reminders(plan)
    absent = [state.value for state in StateKey if state not in plan.lights.by_state]
    if absent:
        yield "lights.states", _("缺少状态：{names}", names=_("、").join(absent))


def _reminders(plan: Plan) -> Iterator[tuple[str, str]]:
    """A level without a look, or a reminder earlier than anything counts as near."""
    absent = [level.value for level in LevelKey if level not in plan.reminders.by_level]
    if absent:
        yield "reminders.levels", _("缺少等级：{names}", names=_("、").join(absent))
    if (plan.reminders.blue_days or 0) > plan.lights.near_days:
        yield "reminders.blue_days", _("不能大于 lights.near_days（{n} 天）：更早的还不算临期", n=plan.lights.near_days)


def _slips(plan: Plan) -> Iterator[tuple[str, str]]:
    """What would load and then hide work: nobody to act, a gate without effect, periods that never come."""
    for role in RoleKey:
        if role not in plan.roles:
            yield "roles", _("缺少角色 {name}", name=role.value)
    for i, kind in enumerate(plan.documents):
        for j, step in enumerate(kind.steps):
            if not step.actors and not step.items:
                yield f"documents[{i}].steps[{j}]", _("没有写明由谁办理")
    for i, gate in enumerate(plan.gates):
        if not gate.checklist and not (gate.document and gate.steps):
            yield f"gates[{i}]", _("没有写明约束哪个文种的哪个环节")
        if gate.not_before is None and not (gate.requires_document and gate.requires_step):
            yield f"gates[{i}]", _("没有写明前置条件")
    if len(plan.cadence.headings) > len(HEADED):
        yield "cadence.headings", _("报告表只有 {n} 个栏目列，栏目不能更多", n=len(HEADED))
    yield from _headings(plan)
    quarterly = plan.cadence.quarterly
    if quarterly and quarterly.last < quarterly.first:
        yield "cadence.quarterly.last", _("末期早于首期")
    names = [name for unit in plan.units for name in (unit.name, *unit.aliases)]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield "units", _("“{id}”出现了两次", id=twice)
    if isinstance(plan.quota, AllByBatches):
        shares = [entry.cumulative for entry in sorted(plan.quota.batches, key=lambda entry: entry.batch)]
        if shares != sorted(shares):
            yield "quota.batches", _("累计比例不能逐批下降")
        if plan.quota.batch != plan.batch:
            yield "quota.batch", _("与方案的批次 {n} 不同", n=plan.batch)


def _headings(plan: Plan) -> Iterator[tuple[str, str]]:
    """What cannot be the header of a column: no name to be seen, none a cell holds as it is, that of another one."""
    taken = set(map(spelt, other_names()))
    for i, heading in enumerate(plan.cadence.headings):
        place, title = f"cadence.headings[{i}].title", heading.title
        if not spelt(title):
            yield place, _("栏目名称是空白")
        elif any(category(sign) in _UNSEEN for sign in title):
            yield place, _("栏目名称要写在一行里，不能有看不见的字符")
        elif len(title) > LONGEST_HEADING:
            yield place, _("栏目名称长 {n} 字，最多 {most} 字", n=len(title), most=LONGEST_HEADING)
        elif title[0] in _NOT_TEXT:
            yield place, _("栏目名称不能以 {sign} 开头：电子表格不会当作文字", sign=title[0])
        elif spelt(title) in taken:
            yield place, _("栏目不能叫“{name}”：报告表里已有这一列", name=title)
        taken.add(spelt(title))


def _clauses(data: object, plan: Plan, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            child = f"{path}.{key}" if path else key
            is_clause = (key == "clause" or path == "topics") and isinstance(value, str)
            if is_clause and value not in plan.clauses:
                yield child, _("条款“{clause}”未在 clauses 中登记", clause=value) + nearest(value, plan.clauses)
            elif child != "clauses":
                yield from _clauses(value, plan, child)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _clauses(value, plan, f"{path}[{index}]")


def _actors(plan: Plan) -> Iterator[tuple[str, str]]:
    named: list[PlanUnit | Body] = [*plan.units, *plan.bodies]
    known = {name for one in named for name in (one.name, *one.aliases)} | {r.name for r in plan.roles.values()}
    places: list[tuple[str, tuple[str, ...]]] = []
    for i, phase in enumerate(plan.phases):
        places += [(f"phases[{i}].leads", phase.leads), (f"phases[{i}].partners", phase.partners)]
    for i, kind in enumerate(plan.documents):
        for j, step in enumerate(kind.steps):
            places.append((f"documents[{i}].steps[{j}].actors", step.actors))
            places += [(f"documents[{i}].steps[{j}].items[{k}]", item.actors) for k, item in enumerate(step.items)]
    for i, part in enumerate(plan.checklist.separations):
        places += [(f"checklist.separations[{i}].items[{j}]", item.sign_off) for j, item in enumerate(part.items)]
    places += [(f"policies.areas[{i}].owners", area.owners) for i, area in enumerate(plan.policies.areas)]
    if isinstance(plan.quota, FixedList):
        places += [(f"quota.lists[{i}].unit", (entry.unit,)) for i, entry in enumerate(plan.quota.lists)]
    for path, actors in places:
        for actor in actors:
            if actor not in known:
                meant = full_width("enum", actor) or nearest(actor, known)
                yield path, _("“{actor}”不是登记的单位、机构或角色", actor=actor) + meant


def _references(plan: Plan) -> Iterator[tuple[str, str]]:
    unknown = N_("没有文种“{name}”")
    for i, phase in enumerate(plan.phases):
        if phase.start and phase.due and phase.start > phase.due:
            yield f"phases[{i}].due", _("完成时限早于开始日期")
        for j, item in enumerate(phase.deliverables):
            path = f"phases[{i}].deliverables[{j}]"
            if item.document not in plan.kinds:
                yield f"{path}.document", _(unknown, name=item.document) + nearest(item.document, plan.kinds)
            elif plan.kinds[item.document].ordinal(item.until) is None:
                yield f"{path}.until", _no_step(plan.kinds[item.document], item.until)
    for i, kind in enumerate(plan.documents):
        if kind.phase and kind.phase not in plan.phase_by_id:
            yield (
                f"documents[{i}].phase",
                _("没有阶段“{name}”", name=kind.phase) + nearest(kind.phase, plan.phase_by_id),
            )
        verbs = [step.verb for step in kind.steps]
        if len(set(verbs)) < len(verbs):
            yield f"documents[{i}].steps", _("同一审批链里环节不能重名")
        for j, step in enumerate(kind.steps):
            if (step.mode == "items") != bool(step.items):
                yield f"documents[{i}].steps[{j}].items", _("mode 为 items 时须列出 items，其他方式不列")
    for i, gate in enumerate(plan.gates):
        for field, name in (("document", gate.document), ("requires_document", gate.requires_document)):
            if name and name not in plan.kinds:
                yield f"gates[{i}].{field}", _(unknown, name=name) + nearest(name, plan.kinds)
        for name, verbs_of in ((gate.document, gate.steps), (gate.requires_document, (gate.requires_step or "",))):
            for verb in verbs_of if name in plan.kinds else ():
                if plan.kinds[str(name)].ordinal(verb) is None:
                    yield f"gates[{i}]", _no_step(plan.kinds[str(name)], verb)
    needs: dict[str, set[str]] = {}
    for gate in plan.gates:
        if gate.document and gate.requires_document:
            needs.setdefault(gate.document, set()).add(gate.requires_document)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        yield "gates", _("前置条件互相等待：{names}", names=" → ".join(error.args[1]))
    if plan.policies.document not in plan.kinds:
        yield "policies.document", _(unknown, name=plan.policies.document) + nearest(plan.policies.document, plan.kinds)
    if not any(kind.per is Scope.SUPERVISOR for kind in plan.documents):
        yield "documents", _("缺少按业务主管单位报送的名单（per: supervisor）")


def _no_step(kind: DocumentKind, verb: str) -> str:
    return _("“{kind}”没有环节“{verb}”", kind=kind.kind, verb=verb) + nearest(verb, kind.ordinals)


def nearest(written: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """What may have been meant: the nearest known name, else what may be written where that is not much; or nothing."""
    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(written, names, n=1, cutoff=cutoff)
    if near:
        return _("；是不是“{name}”？", name=near[0])
    return _("；可选：{options}", options=_("、").join(names)) if 0 < len(names) <= FEW else ""
