"""Read a plan file: YAML → ``Plan``, or every mistake at once, each with its YAML path and line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lib.i18n import N_, _
from sheets_schema.plan import Body, Plan, PlanUnit
from sheets_schema.plan_base import Strict
from sheets_schema.plan_chains import Scope
from sheets_schema.plan_work import StateKey
from sheets_schema.quota import FixedList

PLANS_DIR = Path(__file__).resolve().parent / "plans"
DEFAULT_PLAN = "tianjin-2015"

_WORDS = {
    "missing": N_("缺少这一项"),
    "extra_forbidden": N_("没有这个设置项"),
    "string_too_short": N_("不能为空"),
    "string_type": N_("须是文字（数字请加引号）"),
    "int_type": N_("须是整数"),
    "int_parsing": N_("须是整数"),
    "greater_than": N_("数值太小"),
    "greater_than_equal": N_("数值太小"),
    "less_than": N_("数值太大"),
    "less_than_equal": N_("数值太大"),
    "too_short": N_("至少要有一项"),
    "enum": N_("不在可选值之列"),
    "literal_error": N_("不在可选值之列"),
    "union_tag_invalid": N_("不在可选值之列"),
    "union_tag_not_found": N_("缺少 mode（名额方式）"),
    "string_pattern_mismatch": N_("写法不合规定"),
    "tuple_type": N_("须是列表"),
    "dict_type": N_("须是“名称: 内容”的形式"),
    "model_type": N_("须是“名称: 内容”的形式"),
}


class PlanError(Exception):
    """The plan file cannot be used; ``problems`` lists (YAML path, line or 0, what is wrong)."""

    def __init__(self, source: str, problems: list[tuple[str, int, str]]) -> None:
        self.source, self.problems = source, problems
        at = {line: _("（第 {n} 行）", n=line) if line else "" for _path_, line, _why in problems}
        lines = [f"  {path or '/'}{at[line]}: {why}" for path, line, why in problems]
        super().__init__(
            _("方案文件 {source} 有 {n} 处问题：", source=source, n=len(problems)) + "\n" + "\n".join(lines)
        )


def load_plan(source: str | Path | None = None) -> Plan:
    """The plan of a YAML file, or of a shipped plan's id; the shipped default without an argument.

    Raises ``PlanError`` naming every mistake.
    """
    path = Path(source or DEFAULT_PLAN)
    if not path.suffix and not path.exists():
        path = PLANS_DIR / f"{path}.yaml"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(path.name, [("", 0, _("无法读取（{error}）", error=type(error).__name__))]) from error
    return parse_plan(text, path.name)


def parse_plan(text: str, source: str = "plan.yaml") -> Plan:
    """The plan of a YAML text. Raises ``PlanError``."""
    lines: dict[str, int] = {}
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        duplicated = list(_walk(node, "", lines)) if node else []
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = _("YAML 写法有误：{why}", why=getattr(error, "problem", None) or error)
        raise PlanError(source, [("", mark.line + 1 if mark else 0, why)]) from error
    if duplicated:
        raise PlanError(source, [(path, lines.get(path, 0), _("这一项写了两遍")) for path in duplicated])
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        problems = [(_path(e["loc"], data), e) for e in error.errors()]
        raise PlanError(source, [(path, _line(path, lines), _explain(e)) for path, e in problems]) from error
    crossed = [(path, _line(path, lines), why) for path, why in _cross_check(plan)]
    if crossed:
        raise PlanError(source, crossed)
    return plan


@cache
def shipped_plan(name: str = DEFAULT_PLAN) -> Plan:
    """A plan of ``sheets_schema/plans``, loaded once per process."""
    return load_plan(name)


def _walk(node: yaml.Node, path: str, lines: dict[str, int]) -> Iterator[str]:
    """Note the line of every YAML path; yield the paths that are written twice."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            child = f"{path}.{key.value}" if path else str(key.value)
            if key.value in seen:
                yield child
            seen.add(key.value)
            lines[child] = key.start_mark.line + 1
            yield from _walk(value, child, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk(value, f"{path}[{index}]", lines)


def _path(loc: tuple[int | str, ...], data: object) -> str:
    """``phases[2].due`` from pydantic's location; parts that are not in the data (union tags) are dropped."""
    path, here = "", data
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(part, int) and isinstance(here, list):
            path, here = f"{path}[{part}]", here[part] if part < len(here) else None
        elif isinstance(here, dict) and (part in here or last):
            path, here = f"{path}.{part}" if path else str(part), here.get(part)
    return path


def _line(path: str, lines: dict[str, int]) -> int:
    """The line of a path, or of its nearest parent that stands in the file."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["))]
    return lines.get(path, 0)


def _explain(error: ErrorDetails) -> str:
    """One sentence for a pydantic error; our own errors carry their sentence already."""
    kind = error["type"]
    if kind not in _WORDS:
        return error["msg"]
    words = _(_WORDS[kind])
    expected = error.get("ctx", {}).get("expected") or error.get("ctx", {}).get("expected_tags")
    if expected:
        words += _("；可选：{options}", options=expected)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), _all_fields(), n=1)
        words += _("；是不是 {name}？", name=near[0]) if near else ""
    return words


def _all_fields() -> list[str]:
    return sorted({name for model in Strict.__subclasses__() for name in model.model_fields})


def _cross_check(plan: Plan) -> Iterator[tuple[str, str]]:
    """What the parts say of one another: clauses, actors, documents, steps and phases must exist, ids be unique."""
    yield from _clauses(plan.model_dump(mode="json"), plan, "")
    for field, ids in {
        "units": [u.id for u in plan.units],
        "phases": [p.id for p in plan.phases],
        "documents": [d.kind for d in plan.documents],
        "gates": [g.id for g in plan.gates],
        "cadence.listed": [p.id for p in plan.cadence.periods],
        "checklist.separations": [i.id for s in plan.checklist.separations for i in s.items],
    }.items():
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            yield field, _("“{id}”出现了两次", id=twice)
    yield from _actors(plan)
    yield from _references(plan)
    absent = [state.value for state in StateKey if state not in plan.lights.by_state]
    if absent:
        yield "lights.states", _("缺少状态：{names}", names=_("、").join(absent))


def _clauses(data: object, plan: Plan, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            child = f"{path}.{key}" if path else key
            is_clause = (key == "clause" or path == "topics") and isinstance(value, str)
            if is_clause and value not in plan.clauses:
                yield child, _("条款“{clause}”未在 clauses 中登记", clause=value)
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
    places += [(f"policies.areas[{i}].owners", area.owners) for i, area in enumerate(plan.policies.areas)]
    if isinstance(plan.quota, FixedList):
        places += [(f"quota.lists[{i}].unit", (entry.unit,)) for i, entry in enumerate(plan.quota.lists)]
    for path, actors in places:
        for actor in actors:
            if actor not in known:
                near = difflib.get_close_matches(actor, known, n=1, cutoff=0.5)
                hint = _("；是不是“{name}”？", name=near[0]) if near else ""
                yield path, _("“{actor}”不是登记的单位、机构或角色", actor=actor) + hint


def _references(plan: Plan) -> Iterator[tuple[str, str]]:
    unknown = N_("没有文种“{name}”")
    for i, phase in enumerate(plan.phases):
        if phase.start and phase.due and phase.start > phase.due:
            yield f"phases[{i}].due", _("完成时限早于开始日期")
        for j, item in enumerate(phase.deliverables):
            path = f"phases[{i}].deliverables[{j}]"
            if item.document not in plan.kinds:
                yield f"{path}.document", _(unknown, name=item.document)
            elif plan.kinds[item.document].ordinal(item.until) is None:
                yield f"{path}.until", _("“{kind}”没有环节“{verb}”", kind=item.document, verb=item.until)
    for i, kind in enumerate(plan.documents):
        if kind.phase and kind.phase not in plan.phase_by_id:
            yield f"documents[{i}].phase", _("没有阶段“{name}”", name=kind.phase)
        verbs = [step.verb for step in kind.steps]
        if len(set(verbs)) < len(verbs):
            yield f"documents[{i}].steps", _("同一审批链里环节不能重名")
        for j, step in enumerate(kind.steps):
            if (step.mode == "items") != bool(step.items):
                yield f"documents[{i}].steps[{j}].items", _("mode 为 items 时须列出 items，其他方式不列")
    for i, gate in enumerate(plan.gates):
        for field, name in (("document", gate.document), ("requires_document", gate.requires_document)):
            if name and name not in plan.kinds:
                yield f"gates[{i}].{field}", _(unknown, name=name)
        for name, verbs_of in ((gate.document, gate.steps), (gate.requires_document, (gate.requires_step or "",))):
            for verb in verbs_of if name in plan.kinds else ():
                if plan.kinds[str(name)].ordinal(verb) is None:
                    yield f"gates[{i}]", _("“{kind}”没有环节“{verb}”", kind=name, verb=verb)
    needs: dict[str, set[str]] = {}
    for gate in plan.gates:
        if gate.document and gate.requires_document:
            needs.setdefault(gate.document, set()).add(gate.requires_document)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        yield "gates", _("前置条件互相等待：{names}", names=" → ".join(error.args[1]))
    if plan.policies.document not in plan.kinds:
        yield "policies.document", _(unknown, name=plan.policies.document)
    if not any(kind.per is Scope.SUPERVISOR for kind in plan.documents):
        yield "documents", _("缺少按业务主管单位报送的名单（per: supervisor）")
