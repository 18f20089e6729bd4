"""What a roll-up holds (汇总结果): one frozen row class for each dataset, which is its schema too.

``key`` names the workbook a row is of. A field that may be None is null where nothing is known, never 0 or blank
instead. Texts are in Chinese; where a sentence is made by the app, ``…_en`` is the same in English. Terms of a plan
(titles, words of lights) are the plan's, and a page translates them as it does those of a ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from lib.i18n import N_


class State(StrEnum):
    """What became of a workbook (读取情况)."""

    OK = "ok"
    EMPTY = "empty"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    NO_PLAN = "no_plan"
    BAD_PLAN = "bad_plan"
    KILLED = "killed"
    FAILED = "failed"


STATE_WORDS = {
    State.OK: N_("已汇总"),
    State.EMPTY: N_("没有内容"),
    State.FOREIGN: N_("不是工作台的工作簿"),
    State.UNREADABLE: N_("读不了"),
    State.NO_PLAN: N_("没有方案"),
    State.BAD_PLAN: N_("方案有误"),
    State.KILLED: N_("超出内存"),
    State.FAILED: N_("程序出错"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a dataset: the key of the workbook it is of."""

    key: str


@dataclass(frozen=True, slots=True)
class Place(Row):
    """One workbook (地方): what became of it, and how many of its rows count. All but the first fields are null when
    it could not be judged."""

    source: str
    state: str
    why: str | None
    why_en: str | None
    as_of: date
    digest: str | None
    plan_digest: str | None
    place: str | None = None
    plan: str | None = None
    title: str | None = None
    batch: int | None = None
    sample: bool | None = None
    rows: int | None = None
    counted: int | None = None
    errors: int | None = None
    warnings: int | None = None
    notes: int | None = None


@dataclass(frozen=True, slots=True)
class Phase(Row):
    """A phase (阶段) of a place on the day; ``done`` of ``total`` documents."""

    position: int
    phase: str
    title: str
    clause: str
    start: date | None
    due: date | None
    state: str
    word: str
    shape: str
    done: int
    total: int
    waiting: int
    done_on: date | None
    days_late: int | None


@dataclass(frozen=True, slots=True)
class Quota(Row):
    """A supervising unit's quota (名额); ``n`` associations in scope, ``frozen`` as it was when the list came."""

    unit: str
    n: int
    frozen: int | None
    floor: int
    expected: int
    voluntary: bool
    recommended: int
    selected: int
    verdict: str
    submitted_on: date | None


@dataclass(frozen=True, slots=True)
class Pilot(Row):
    """A pilot (试点) and how far its checklist is. ``silent_for``: days since the last news."""

    id: str
    name: str
    unit: str
    selected_on: date | None
    plan_approved_on: date | None
    done: int
    total: int
    not_applicable: int
    unrecorded: int
    last_news: date | None
    silent_for: int | None


@dataclass(frozen=True, slots=True)
class Item(Row):
    """Something that is late, near, behind or waits above the city (到期事项); ``why`` of what is late."""

    state: str
    what: str
    what_en: str
    unit: str
    owner: str
    clause: str
    due: date
    days_left: int
    sheet: str
    record: str
    why: str | None
    why_en: str | None


@dataclass(frozen=True, slots=True)
class Report(Row):
    """A unit's report for a period (定期报告)."""

    unit: str
    period: str
    title: str
    due: date | None
    submitted_on: date | None
    state: str
    days_late: int


@dataclass(frozen=True, slots=True)
class Finding(Row):
    """A finding (校验结果), without what was typed in its cell and without anything of a personal column."""

    rule: str
    severity: str
    clause: str
    sheet: str
    row: int | None
    column: str | None
    record: str
    unit: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Figure(Row):
    """A figure as n/N (数字): ``n`` of ``of``; ``part`` says of which phase, separation, item or period."""

    figure: str
    part: str
    title: str
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Unit(Row):
    """A unit of a place (单位) with what it owes and has done; also one that owes nothing."""

    unit: str
    roles: str
    overdue: int
    near: int
    behind: int
    waiting: int
    reports: int
    reports_filed: int
    expected: int
    recommended: int
    pilots: int
    done: int
    total: int


DATASETS: dict[str, type[Row]] = {
    "places": Place, "phases": Phase, "quota": Quota, "pilots": Pilot, "items": Item, "reports": Report,
    "findings": Finding, "figures": Figure, "units": Unit,
}  # fmt: skip
"""Folder → the class of its rows."""
NAME_OF: dict[type[Row], str] = {model: name for name, model in DATASETS.items()}
KEY = "key"
"""The column that stands in the folders' names and not in the files."""


def columns(model: type[Row]) -> tuple[str, ...]:
    """The names of a dataset's columns, the key first."""
    return tuple(field.name for field in fields(model))
