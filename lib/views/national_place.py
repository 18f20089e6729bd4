"""One place of a roll-up (一个地方): its phases, quotas, reports, late entries with why, and its units.

Each table reads the place's own file of one dataset, when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib.domain.quota import VERDICT_WORDS, Verdict
from lib.i18n import N_, _, listed
from lib.rollup.nation import Nation
from lib.rollup.rows import Item, Phase, Quota, Report, Unit
from lib.views.bars import REPORT_WORDS, VERDICT_STATES
from lib.views.national import address, name_of, spoken, term
from lib.views.words import day, days_text, share
from sheets_schema.plan_work import StateKey

Rows = tuple[tuple[str | int | None, ...], ...]
SHAPES = {
    StateKey.OVERDUE: "■", StateKey.NEAR: "▲", StateKey.BEHIND: "◆", StateKey.WAITING: "⏸", StateKey.RUNNING: "●",
    StateKey.IDLE: "○", StateKey.DONE: "✓", StateKey.LEFT_OUT: "✕",
}  # fmt: skip
"""Where a result tells a state and no shape; of a phase it tells that of the place's plan."""


@dataclass(frozen=True, slots=True)
class Card:
    """A place: name, plan, what is counted, where the workbook is."""

    name: str
    title: str
    counted: str
    source: str


def card(nation: Nation, key: str) -> Card:
    """What stands above the tables of a place. Raises ``KeyError`` for no such place."""
    standing = nation.by_key[key]
    place = standing.place
    counted = _(
        "{total} 行中计入 {n} 行；错误 {errors} 处，提醒 {warnings} 处", total=place.rows, n=place.counted,
        errors=place.errors, warnings=place.warnings,
    )  # fmt: skip
    return Card(name_of(standing), term(place.title), counted, address(place.source))


def phase_rows(nation: Nation, key: str) -> Rows:
    """Phase, state, done, due, days late."""
    return tuple(
        (f"{p.phase} {_(p.title)}", f"{p.shape} {_(p.word)}", share(p.done, p.total), day(p.due),
         p.days_late or None, p.clause)
        for p in nation.rows(Phase, key)
    )  # fmt: skip


def quota_rows(nation: Nation, key: str) -> Rows:
    """Unit, associations, at least, expected, recommended, selected, verdict."""
    return tuple(
        (_(q.unit), q.n, q.floor, q.expected, q.recommended, q.selected, _verdict(q.verdict))
        for q in nation.rows(Quota, key)
    )


def _verdict(value: str) -> str:
    verdict = Verdict(value)
    return f"{SHAPES[VERDICT_STATES[verdict]]} {_(VERDICT_WORDS[verdict])}"


def report_rows(nation: Nation, key: str) -> Rows:
    """Unit, period, state, due, submitted."""
    return tuple(
        (_(r.unit), _(r.title), f"{SHAPES[REPORT_WORDS[r.state][1]]} {_(REPORT_WORDS[r.state][0])}", day(r.due),
         day(r.submitted_on))
        for r in nation.rows(Report, key)
    )  # fmt: skip


def late_rows(nation: Nation, key: str) -> Rows:
    """What is overdue, the longest first: what, unit, how long, why, clause."""
    late = [item for item in nation.rows(Item, key) if item.state == StateKey.OVERDUE]
    return tuple(
        (spoken(i.what, i.what_en), _(i.unit), days_text(i.days_left), spoken(i.why, i.why_en), i.clause)
        for i in sorted(late, key=lambda item: item.days_left)
    )


def unit_rows(nation: Nation, key: str) -> Rows:
    """Unit, overdue, near, behind, waiting, reports, recommended, pilots, items, roles; most overdue first."""
    return tuple(
        (_(u.unit), u.overdue, u.near, u.behind, u.waiting, share(u.reports_filed, u.reports),
         share(u.recommended, u.expected), u.pilots, share(u.done, u.total), listed(u.roles.split("、")))
        for u in sorted(nation.rows(Unit, key), key=lambda unit: -unit.overdue)
    )  # fmt: skip


PARTS: dict[str, tuple[str, Callable[[Nation, str], Rows], tuple[str, ...]]] = {
    "late": (N_("逾期事项"), late_rows, (N_("事项"), N_("单位"), N_("时限"), N_("原因"), N_("依据"))),
    "phases": (
        N_("阶段"), phase_rows, (N_("阶段"), N_("状态"), N_("完成"), N_("时限"), N_("晚几天"), N_("依据")),
    ),
    "quota": (
        N_("推荐名额"), quota_rows,
        (N_("单位"), N_("主管协会"), N_("至少"), N_("提示数"), N_("推荐"), N_("选定"), N_("判定")),
    ),
    "reports": (
        N_("季度报告"), report_rows, (N_("单位"), N_("报告期"), N_("状态"), N_("时限"), N_("报送日期")),
    ),
    "units": (
        N_("各单位"), unit_rows,
        (
            N_("单位"), N_("逾期"), N_("临期"), N_("滞后"), N_("等待上级"), N_("已报/应报"),
            N_("推荐/提示"), N_("试点"), N_("事项完成"), N_("角色"),
        ),
    ),
}  # fmt: skip
"""Key in the URL → title, rows, headers."""
