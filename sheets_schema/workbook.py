"""The workbook (工作簿): all sheets, in the order in which they are judged, and the lists a plan gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sheets_schema import app_sheets, associations, coordination, documents, nominations, phases, reports, tasks, units
from sheets_schema.plan import Plan
from sheets_schema.plan_work import Checklist
from sheets_schema.sheet import SHEET_OF, Column, PlanList, Row, Sheet, YesNo

SCHEMA_VERSION = 1

PEOPLE: tuple[Sheet, ...] = tuple(
    SHEET_OF[model]
    for model in (
        units.Unit,
        associations.Association,
        nominations.Nomination,
        documents.Document,
        documents.Approval,
        tasks.Task,
        tasks.Update,
        reports.Report,
        reports.Policy,
        coordination.Event,
        coordination.Problem,
        coordination.Extension,
        phases.PhaseNote,
    )
)
"""Sheets people edit, in the order of their tabs."""

_FIRST = ("units", "associations", "documents", "approvals")
JUDGED: tuple[Sheet, ...] = tuple(sorted(PEOPLE, key=lambda s: _FIRST.index(s.key) if s.key in _FIRST else len(_FIRST)))
"""The same in the order in which they are judged: a sheet stands after those its checks look at."""

APP: tuple[Sheet, ...] = tuple(
    SHEET_OF[model] for model in (app_sheets.Change, app_sheets.FindingRow, app_sheets.Conflict, app_sheets.Meta)
)
"""Sheets the app alone writes."""

SHEETS: tuple[Sheet, ...] = PEOPLE + APP
BY_KEY: dict[str, Sheet] = {sheet.key: sheet for sheet in SHEETS}
META = BY_KEY["meta"]


def sheet_of(model: type[Row]) -> Sheet:
    """The sheet a row model declares."""
    return SHEET_OF[model]


def called(headings: reports.Headings, meta: Mapping[str, str] = reports.NO_HEADINGS) -> Mapping[str, Sheet]:
    """Sheet key → the sheet with its columns called as a plan's headings, or as the workbook's ``meta`` says."""
    made = reports.headed(headings, meta)
    return {**BY_KEY, made.key: made}


def sheets_of(plan: Plan) -> Mapping[str, Sheet]:
    """Sheet key → the sheet as a plan calls its columns."""
    return called(reports.headings_of(plan.cadence))


IDLE_STAGE = "未启动"


def _policy_stages(plan: Plan) -> tuple[str, ...]:
    verbs = tuple(step.verb for step in plan.kinds[plan.policies.document].steps)
    return (IDLE_STAGE, *verbs, plan.policies.waiting_national)


_PLAN_LISTS: dict[PlanList, Callable[[Plan], tuple[str, ...]]] = {
    "unit_names": lambda plan: tuple(unit.name for unit in plan.units),
    "actor_names": lambda plan: (
        *(role.name for role in plan.roles.values()),
        *(body.name for body in plan.bodies),
        *(unit.name for unit in plan.units),
    ),
    "document_kinds": lambda plan: tuple(k.kind for k in plan.documents if k.tracked_in == "documents"),
    "verbs": lambda plan: tuple(dict.fromkeys(step.verb for kind in plan.documents for step in kind.steps)),
    "checklist": lambda plan: tuple(Checklist.label(item) for _, item in plan.checklist.items.values()),
    "periods": lambda plan: tuple(period.id for period in plan.cadence.periods),
    "areas": lambda plan: tuple(area.title for area in plan.policies.areas),
    "forms": lambda plan: plan.policies.forms,
    "roles": lambda plan: tuple(role.name for role in plan.roles.values()),
    "policy_stages": _policy_stages,
    "phase_ids": lambda plan: tuple(phase.id for phase in plan.phases),
    "parts": lambda plan: tuple(dict.fromkeys(part for kind in plan.documents for part in kind.parts)),
}


def options(column: Column, plan: Plan) -> tuple[str, ...]:
    """What may stand in a column: its fixed choices, or the list the plan gives; empty when anything may."""
    return _PLAN_LISTS[column.plan_list](plan) if column.plan_list else column.choices


def choices(column: Column, plan: Plan) -> dict[str, str]:
    """Every accepted spelling of a closed list → the value kept; empty when anything may stand there."""
    if column.plan_list in OPEN_LISTS:
        return {}
    accepted = {option: option for option in options(column, plan)}
    if column.plan_list == "checklist":
        for _, item in plan.checklist.items.values():
            accepted |= {Checklist.label(item): item.id, item.id: item.id, item.title: item.id}
    elif column.plan_list == "periods":
        accepted |= {period.title: period.id for period in plan.cadence.periods}
    elif column.plan_list == "areas":
        accepted |= {area.id: area.title for area in plan.policies.areas}
    elif set(column.choices) == {YesNo.YES.value, YesNo.NO.value}:
        accepted |= {"√": "是", "对": "是", "Y": "是", "YES": "是", "×": "否", "N": "否", "NO": "否"}
    return accepted


OPEN_LISTS: frozenset[PlanList] = frozenset({"actor_names"})
"""Plan lists that only suggest: a body outside them is judged by the chain, not by the list."""

CellValue = str | int | float | bool | date | None
