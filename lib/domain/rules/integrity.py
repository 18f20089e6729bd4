"""X: integrity across sheets (表间一致)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TypeVar

from lib.domain.findings import Hit, Severity, checks, rule
from lib.domain.normalise import key
from lib.domain.world import World
from lib.i18n import N_, T_, Text
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.coordination import Extension, Problem, ProblemKind
from sheets_schema.documents import Document
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.phases import PhaseNote
from sheets_schema.plan import Scope
from sheets_schema.reports import Policy
from sheets_schema.sheet import Row
from sheets_schema.tasks import Task, TaskStatus
from sheets_schema.units import Unit
from sheets_schema.workbook import PEOPLE

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

X01 = rule(
    "X01", ERROR, N_("编号重复"), N_("编号“{value}”与第 {other} 行相同，只认先出现的一行"),
    N_("删除重复的行；若是另一条记录，清空编号由应用重编"),
)  # fmt: skip
X02 = rule(
    "X02",
    ERROR,
    N_("所指的记录不存在"),
    N_("“{sheet_label}”里没有“{value}”{hint}"),
    N_("从下拉列表选择，或先在“{sheet_label}”登记"),
)
X03 = rule(
    "X03", ERROR, N_("所指的记录未计入"), N_("“{sheet_label}”里的“{value}”自身有错误，未计入，本行随之不计入"),
    N_("先改正“{sheet_label}”里的那一行"),
)  # fmt: skip
X04 = rule(
    "X04",
    ERROR,
    N_("协会重复登记"),
    N_("“{value}”与第 {other} 行是同一家协会（{why}相同）"),
    N_("保留一行，删除另一行"),
    "scope",
)
X05 = rule(
    "X05",
    ERROR,
    N_("单位重复登记"),
    N_("“{value}”与第 {other} 行是同一单位"),
    N_("保留一行，其他名称写入“别名”"),
    "mechanism",
)
X06 = rule(
    "X06",
    WARNING,
    N_("单位表缺少方案所列单位"),
    N_("方案所列的“{unit}”不在单位表中"),
    N_("在单位表补一行“{unit}”"),
    "mechanism",
)
X07 = rule(
    "X07", WARNING, N_("责任人未定或不止一名"), N_("“{unit}”的责任人：{why}"), N_("填写一名分管负责同志"), "mechanism"
)
X08 = rule(
    "X08", WARNING, N_("联络员未定或不止一名"), N_("“{unit}”的联络员：{why}"), N_("填写一名处级干部"), "mechanism"
)
X09 = rule(
    "X09", NOTE, N_("单位名称待核"), N_("“{unit}”名称存疑：{why}"), N_("核对原件后在“名称核定”填写一次"), "mechanism"
)
X10 = rule(
    "X10",
    WARNING,
    N_("范围判定与名称提示不一致"),
    N_("“{name}”判定为“{flag}”，但{why}"),
    N_("复核判定，或在“范围依据”写明理由"),
    "scope",
)
X11 = rule(
    "X11",
    NOTE,
    N_("是否纳入待定"),
    N_("“{name}”尚未判定是否纳入，暂不计入主管协会数"),
    N_("由办公室判定“纳入”或“不纳入”"),
    "scope",
)
X12 = rule("X12", ERROR, N_("选定缺少日期"), N_("状态为“已选定”，但没有选定日期"), N_("补填选定日期"), "quota")
X13 = rule(
    "X13",
    ERROR,
    N_("同一文件重复登记"),
    N_("“{kind}”与第 {other} 行是同一件文件"),
    N_("保留一行；退回后的新一轮记在“审批”表"),
    "approvals",
)
X14 = rule("X14", ERROR, N_("文件缺少归属"), N_("“{kind}”须写明“{label}”"), N_("补填“{label}”"), "approvals")
X15 = rule(
    "X15",
    ERROR,
    N_("不是选定的试点"),
    N_("“{name}”不是已选定的试点，本行不计入"),
    N_("先在“试点推荐”选定，或改正协会名称"),
    "checklist",
)
X16 = rule(
    "X16", ERROR, N_("同一事项重复"), N_("“{item}”与第 {other} 行重复"), N_("每个试点每个事项保留一行"), "checklist"
)
X17 = rule("X17", ERROR, N_("不涉及缺少理由"), N_("状态为“不涉及”，但没有理由"), N_("在“不涉及理由”写明"), "checklist")
X18 = rule("X18", ERROR, N_("已完成缺少日期"), N_("状态为“已完成”，但没有完成日期"), N_("补填完成日期"), "checklist")
X19 = rule(
    "X19",
    WARNING,
    N_("状态与日期不符"),
    N_("已填“完成日期”，状态却是“{status}”"),
    N_("把状态改为“已完成”，或清空完成日期"),
    "checklist",
)
X20 = rule(
    "X20",
    ERROR,
    N_("销号不合要求"),
    N_("不得销号：{why}"),
    N_("完成并有佐证后，由责任人以外的人销号并写明日期"),
    "tracking",
)
X21 = rule(
    "X21", ERROR, N_("等待国家政策缺少说明"), N_("阶段为“{stage}”，但没有说明"), N_("在“说明”写明情况"), "policies"
)
X22 = rule(
    "X22", WARNING, N_("政策阶段缺少日期或文号"), N_("阶段为“{stage}”，但没有{what}"), N_("补填{what}"), "policies"
)
X23 = rule(
    "X23", ERROR, N_("政策重复登记"), N_("“{area}”由“{owner}”牵头的一行与第 {other} 行重复"), N_("保留一行"), "policies"
)
X24 = rule(
    "X24", ERROR, N_("延期对象不存在"), N_("“{value}”不是事项、文件或阶段的编号"), N_("填写对应表里的编号"), "tracking"
)
X25 = rule(
    "X25", WARNING, N_("问题解决缺少措施"), N_("已填“解决日期”，但没有“解决措施”"), N_("在“解决措施”写明"), "mechanism"
)
X26 = rule(
    "X26",
    WARNING,
    N_("阶段与方案不符"),
    N_("“{value}”与方案的“{expected}”不同，以方案为准"),
    N_("改回“{expected}”；确需调整时走延期或修改方案文件"),
    "deadlines",
)
X27 = rule(
    "X27", ERROR, N_("方案没有这个阶段"), N_("方案没有阶段“{value}”"), N_("恢复阶段编号，或删除本行"), "deadlines"
)


_MISSING, _DOUBLED, _NAME, _CODE = T_("未填写"), T_("不止一名"), T_("名称"), T_("信用代码")
_PEOPLE = re.compile(r"[、,，;；/\s]+(?=[\u4e00-\u9fff]{2,})")


R = TypeVar("R", bound=Row)


def first_of_each(rows: Sequence[R], name: str) -> Iterator[tuple[R, R]]:
    """(later row, first row) for rows that share a value of field ``name``."""
    values = list(map(attrgetter(name), rows))
    if len(set(values)) == len(values):
        return
    first: dict[object, R] = {}
    for row, value in zip(rows, values, strict=True):
        if value is not None and first.setdefault(value, row) is not row:
            yield row, first[value]


def _unique_ids(sheet: str) -> Callable[[Sequence[Row], World], Iterator[Hit]]:
    def check(rows: Sequence[Row], world: World) -> Iterator[Hit]:
        for row, first in first_of_each(rows, "id"):
            yield X01.hit(sheet=sheet, row=row.row, column="id", record=row.id, value=row.id, other=first.row)

    return check


for _sheet in PEOPLE:
    checks(X01, sheet=_sheet.key)(_unique_ids(_sheet.key))

checks(X02, X03, sheet="associations")(lambda rows, world: iter(()))
"""X02 and X03 are found while a reference is read (``lib.domain.world.resolver``); listed here with the others."""


@checks(X05, X07, X08, X09, sheet="units", tier=1)
def units(rows: Sequence[Unit], world: World) -> Iterator[Hit]:
    """Units: no doubles, one 责任人 and one 联络员 each, doubtful names pointed out."""
    planned = {key(name): unit for unit in world.plan.units for name in (unit.name, *unit.aliases)}
    seen: dict[str, Unit] = {}
    for row in rows:
        place = {"sheet": "units", "row": row.row, "record": row.id}
        twin = planned.get(key(row.name))
        first = seen.setdefault(twin.id if twin else key(row.name), row)
        if first is not row:
            yield X05.hit(**place, column="name", value=row.name, other=first.row)
        if twin and twin.doubtful and not row.confirmed_name:
            yield X09.hit(**place, column="name", value=row.name, unit=row.name, why=twin.doubtful)
        for name, broken in (("leader", X07), ("liaison", X08)):
            typed = getattr(row, name)
            if not typed:
                yield broken.hit(**place, column=name, unit=row.name, why=_MISSING)
            elif len([part for part in _PEOPLE.split(typed) if part]) > 1:
                yield broken.hit(**place, column=name, value=typed, unit=row.name, why=_DOUBLED)


@checks(X06, sheet="units", tier=1)
def planned_units(rows: Sequence[Unit], world: World) -> Iterator[Hit]:
    """Every unit the plan lists has a row."""
    present = {key(name) for row in rows for name in (row.name, *row.aliases)}
    for unit in world.plan.units:
        if not present & {key(name) for name in (unit.name, *unit.aliases)}:
            yield X06.hit(sheet="units", record=unit.id, unit=unit.name)


@checks(X04, X10, X11, sheet="associations")
def associations(rows: Sequence[Association], world: World) -> Iterator[Hit]:
    """Associations: registered once, and a scope decision that its name and form support."""
    names: dict[str, Association] = {}
    codes: dict[str, Association] = {}
    for row in rows:
        place = {"sheet": "associations", "row": row.row, "record": row.id}
        same_name = names.setdefault(key(row.name), row)
        same_code = codes.setdefault(key(row.credit_code), row) if row.credit_code else row
        if same_name is not row:
            yield X04.hit(**place, column="name", value=row.name, other=same_name.row, why=_NAME)
        elif same_code is not row:
            yield X04.hit(**place, column="credit_code", value=row.name, other=same_code.row, why=_CODE)
        if row.in_scope is ScopeFlag.OPEN:
            yield X11.hit(**place, column="in_scope", value=row.in_scope.value, name=row.name)
        elif not row.scope_reason:
            why = _scope_doubt(row, world)
            if why:
                yield X10.hit(
                    **place,
                    column="in_scope",
                    value=row.in_scope.value,
                    name=row.name,
                    flag=row.in_scope.value,
                    why=why,
                )


def _scope_doubt(row: Association, world: World) -> Text | None:
    """Why the name and form suggest otherwise than decided, or None."""
    scope = world.plan.in_scope
    fits = row.name.endswith(scope.suffixes)
    if row.in_scope is ScopeFlag.IN and not fits:
        return T_("名称不以规定的字样结尾")
    if row.in_scope is ScopeFlag.IN and row.legal_form and row.legal_form.value not in scope.legal_forms:
        return T_("登记形式是“{form}”", form=row.legal_form.value)
    form_fits = row.legal_form is None or row.legal_form.value in scope.legal_forms
    if row.in_scope is ScopeFlag.OUT and fits and form_fits:
        return T_("名称和登记形式都符合")
    return None


@checks(X12, sheet="nominations")
def nominations(rows: Sequence[Nomination], world: World) -> Iterator[Hit]:
    """A selection has a date."""
    for row in rows:
        if row.status is NominationStatus.SELECTED and row.selected_on is None:
            yield X12.hit(sheet="nominations", row=row.row, column="selected_on", record=row.id)


_OWNER = {
    Scope.UNIT: "unit",
    Scope.SUPERVISOR: "unit",
    Scope.PILOT: "association",
    Scope.AREA: "area",
    Scope.PERIOD: "period",
}


@checks(X13, X14, sheet="documents")
def documents(rows: Sequence[Document], world: World) -> Iterator[Hit]:
    """A document says whose it is, and there is one of a kind for each."""
    seen: dict[tuple[object, ...], Document] = {}
    for row in rows:
        place = {"sheet": "documents", "row": row.row, "record": row.id}
        owner = _OWNER.get(world.plan.kinds[row.kind].per)
        if owner and getattr(row, owner) is None:
            label = world.table(Document).sheet.label_of(owner)
            yield X14.hit(**place, column=owner, kind=row.kind, label=label)
            continue
        first = seen.setdefault((row.kind, row.batch, getattr(row, owner) if owner else None), row)
        if first is not row:
            yield X13.hit(**place, column="kind", value=row.kind, kind=row.kind, other=first.row)


@checks(X16, sheet="tasks")
def unique_tasks(rows: Sequence[Task], world: World) -> Iterator[Hit]:
    """Each checklist item stands once for a pilot."""
    by_pilot: dict[str, list[Task]] = defaultdict(list)
    for row in rows:
        by_pilot[row.association].append(row)
    for mine in by_pilot.values():
        if len({row.item for row in mine}) == len(mine):
            continue
        for row, first in first_of_each(mine, "item"):
            place = {"sheet": "tasks", "row": row.row, "column": "item", "record": row.id, "value": row.item}
            yield X16.hit(**place, item=row.item, other=first.row)


@checks(X15, X17, X18, X19, X20, sheet="tasks", local=True)
def tasks(rows: Sequence[Task], world: World) -> Iterator[Hit]:
    """Checklist rows: of a selected pilot, with the reasons and dates their status asks for."""
    pilots = {n.association for n in world.rows(Nomination) if n.status is NominationStatus.SELECTED}
    for row in rows:
        if row.association not in pilots:
            yield X15.hit(
                sheet="tasks", row=row.row, column="association", record=row.id, name=_name(row.association, world)
            )
        status = row.status
        if status is TaskStatus.NOT_APPLICABLE:
            if not row.not_applicable_reason:
                yield X17.hit(sheet="tasks", row=row.row, column="not_applicable_reason", record=row.id)
        elif status is TaskStatus.DONE:
            if row.done_on is None:
                yield X18.hit(sheet="tasks", row=row.row, column="done_on", record=row.id)
        elif row.done_on is not None:
            yield X19.hit(
                sheet="tasks", row=row.row, column="status", record=row.id, value=status.value, status=status.value
            )
        if row.closed_by or row.closed_on:
            why = closing_problem(row, finished=status in (TaskStatus.DONE, TaskStatus.NOT_APPLICABLE))
            if why:
                yield X20.hit(
                    sheet="tasks", row=row.row, column="closed_by", record=row.id, value=row.closed_by, why=why
                )


def closing_problem(row: Task, finished: bool) -> Text | None:
    """Why a record may not be closed (销号): unfinished, no evidence, no reviewer, or the doer reviews himself."""
    if not finished:
        return T_("事项尚未完成")
    if not row.closed_by or not row.closed_on:
        return T_("缺少销号人或销号日期")
    if row.status is TaskStatus.DONE and not row.evidence:
        return T_("没有佐证")
    if row.owner and key(row.owner) == key(row.closed_by):
        return T_("销号人就是责任人本人")
    return None


def _name(association: str, world: World) -> str:
    found = world.associations.get(association)
    return found.name if found else association


@checks(X21, X22, X23, sheet="policies")
def policies(rows: Sequence[Policy], world: World) -> Iterator[Hit]:
    """Policy rows: waiting for the nation needs a word why, a stage its date, the last one its number."""
    seen: dict[tuple[str, str], Policy] = {}
    last = world.plan.kinds[world.plan.policies.document].steps[-1].verb
    for row in rows:
        place = {"sheet": "policies", "row": row.row, "record": row.id}
        first = seen.setdefault((row.area, row.owner), row)
        if first is not row:
            yield X23.hit(**place, column="area", value=row.area, area=row.area, owner=row.owner, other=first.row)
        if row.stage == world.plan.policies.waiting_national and not row.reason:
            yield X21.hit(**place, column="reason", stage=row.stage)
        if row.stage == last and row.issued_on is None:
            yield X22.hit(**place, column="issued_on", stage=row.stage, what=T_("印发日期"))
        elif row.stage == last and not row.number:
            yield X22.hit(**place, column="number", stage=row.stage, what=T_("文号"))


@checks(X24, sheet="extensions")
def extensions(rows: Sequence[Extension], world: World) -> Iterator[Hit]:
    """An extension names a task, a document or a phase."""
    known = {task.id for task in world.rows(Task)} | set(world.documents) | set(world.plan.phase_by_id)
    for row in rows:
        if row.target not in known:
            yield X24.hit(sheet="extensions", row=row.row, column="target", record=row.id, value=row.target)


@checks(X25, sheet="problems")
def problems(rows: Sequence[Problem], world: World) -> Iterator[Hit]:
    """A settled problem says how."""
    for row in rows:
        if row.kind is ProblemKind.PROBLEM and row.settled_on and not row.settlement:
            yield X25.hit(sheet="problems", row=row.row, column="settlement", record=row.id)


@checks(X26, X27, sheet="phases")
def phases(rows: Sequence[PhaseNote], world: World) -> Iterator[Hit]:
    """Phase rows repeat the plan; where they differ the plan is right."""
    for row in rows:
        phase = world.plan.phase_by_id.get(row.id)
        if phase is None:
            yield X27.hit(sheet="phases", row=row.row, column="id", record=row.id, value=row.id)
            continue
        for name, expected in (("title", phase.title), ("start", phase.start), ("due", phase.due)):
            typed = getattr(row, name)
            if typed is not None and typed != expected:
                yield X26.hit(
                    sheet="phases", row=row.row, column=name, record=row.id, value=typed, expected=expected or "—"
                )
