"""X: checklist, policies, extensions, problems and phases against the other sheets (表间一致)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from lib.domain.findings import Hit, Severity, checks, rule
from lib.domain.normalise import key
from lib.domain.rules.integrity import first_of_each
from lib.domain.world import World, by_id, by_pilot
from lib.i18n import N_, T_, Text
from sheets_schema.coordination import Extension, Problem, ProblemKind
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.phases import PhaseNote
from sheets_schema.reports import Policy
from sheets_schema.tasks import Task, TaskStatus

if TYPE_CHECKING:
    from lib.domain.ledger import Figures

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

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
X28 = rule(
    "X28",
    WARNING,
    N_("试点协会已注销"),
    N_("“{name}”已于 {on} 注销，仍作为试点计入"),
    N_("办公室研究：不再推进的，把推荐的状态改为“{options}”；已办结的，补录事项；日期有误的，改正日期"),
    "scope",
)


@checks(X16, sheet="tasks", tier=1, looks=("id", "batch", "association", "item"))
def unique_tasks(rows: Sequence[Task], world: World) -> Iterator[Hit]:
    """Each checklist item stands once for a pilot."""
    for mine in world.table(Task).look_up(by_pilot).values():
        for row, first in first_of_each(mine, map(attrgetter("item"), mine)):
            place = {"sheet": "tasks", "row": row.row, "column": "item", "record": row.id, "value": row.item}
            yield X16.hit(**place, item=row.item, other=first.row)


_LOOKED_AT = (("batch", "association"), ("status",))


@checks(X15, X17, X18, X19, X20, sheet="tasks", local=True)
def tasks(rows: Sequence[Task], world: World) -> Iterator[Hit]:
    """Checklist rows: of a selected pilot, with the reasons and dates their status asks for."""
    selected = world.table(Nomination).look_up(_selected)
    not_applicable, done = TaskStatus.NOT_APPLICABLE, TaskStatus.DONE
    for row, pilot, status in zip(rows, *(map(attrgetter(*names), rows) for names in _LOOKED_AT), strict=True):
        if pilot not in selected:
            yield X15.hit(
                sheet="tasks", row=row.row, column="association", record=row.id, name=_name(row.association, world)
            )
        if status is not_applicable:
            if not row.not_applicable_reason:
                yield X17.hit(sheet="tasks", row=row.row, column="not_applicable_reason", record=row.id)
        elif status is done:
            if row.done_on is None:
                yield X18.hit(sheet="tasks", row=row.row, column="done_on", record=row.id)
        elif row.done_on is not None:
            yield X19.hit(
                sheet="tasks", row=row.row, column="status", record=row.id, value=status.value, status=status.value
            )
        if row.closed_by or row.closed_on:
            why = closing_problem(row, finished=status in (done, not_applicable))
            if why:
                yield X20.hit(
                    sheet="tasks", row=row.row, column="closed_by", record=row.id, value=row.closed_by, why=why
                )


def _selected(rows: tuple[Nomination, ...]) -> set[tuple[int, str]]:
    return {(row.batch, row.association) for row in rows if row.status is NominationStatus.SELECTED}


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


@checks(X28)
def ended_pilots(figures: Figures) -> Iterator[Hit]:
    """Pilots that have dissolved with their checklist unfinished."""
    for pilot in figures.pilots:
        association = figures.world.associations[pilot.id]
        on = association.ended_on
        if on and on <= figures.as_of and not pilot.finished:
            yield X28.hit(
                sheet="associations", row=association.row, column="ended_on", record=pilot.id, value=on,
                unit=pilot.unit, name=pilot.name, on=on, options=NominationStatus.WITHDRAWN.value,
            )  # fmt: skip


@checks(X21, X22, sheet="policies", local=True)
def policies(rows: Sequence[Policy], world: World) -> Iterator[Hit]:
    """Policy rows: waiting for the nation needs a word why, the last stage its date and number."""
    last = world.plan.kinds[world.plan.policies.document].steps[-1].verb
    for row in rows:
        place = {"sheet": "policies", "row": row.row, "record": row.id}
        if row.stage == world.plan.policies.waiting_national and not row.reason:
            yield X21.hit(**place, column="reason", stage=row.stage)
        if row.stage == last and row.issued_on is None:
            yield X22.hit(**place, column="issued_on", stage=row.stage, what=T_("印发日期"))
        elif row.stage == last and not row.number:
            yield X22.hit(**place, column="number", stage=row.stage, what=T_("文号"))


@checks(X23, sheet="policies", tier=1, looks=("id", "area", "owner"))
def policy_once(rows: Sequence[Policy], world: World) -> Iterator[Hit]:
    """One row for an area and its owner."""
    for row, first in first_of_each(rows, map(attrgetter("area", "owner"), rows)):
        place = {"sheet": "policies", "row": row.row, "column": "area", "record": row.id, "value": row.area}
        yield X23.hit(**place, area=row.area, owner=row.owner, other=first.row)


@checks(X24, sheet="extensions", local=True)
def extensions(rows: Sequence[Extension], world: World) -> Iterator[Hit]:
    """An extension names a task, a document or a phase."""
    known = (world.table(Task).look_up(by_id), world.documents, world.plan.phase_by_id)
    for row in rows:
        if not any(row.target in records for records in known):
            yield X24.hit(sheet="extensions", row=row.row, column="target", record=row.id, value=row.target)


@checks(X25, sheet="problems", local=True)
def problems(rows: Sequence[Problem], world: World) -> Iterator[Hit]:
    """A settled problem says how."""
    for row in rows:
        if row.kind is ProblemKind.PROBLEM and row.settled_on and not row.settlement:
            yield X25.hit(sheet="problems", row=row.row, column="settlement", record=row.id)


@checks(X26, X27, sheet="phases", local=True)
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
