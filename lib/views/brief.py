"""一页速览 (brief): what a leader needs on a phone: what is late and why, who owes it, and the rest in n/N.

Figures of the whole city are everybody's; entries of units are only shown to those who may see them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.domain.ledger import Ledger, PhaseState
from lib.domain.pilots import go_ahead
from lib.domain.quota import VERDICT_WORDS, UnitQuota, Verdict
from lib.domain.world import Table
from lib.i18n import _, listed
from lib.services.policy import EVERYTHING, Sight
from lib.views.bars import QuotaBar, SeparationBar
from lib.views.causes import Cause, causes, waiting
from lib.views.dues import DueLine, UnitDues
from lib.views.overview import Figure, Overview, overview
from lib.views.prepared import prepared
from lib.views.words import day, days_text, percent, share, state_word
from sheets_schema.nominations import Nomination
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Task

TOP = 5
"""Units that have an entry of their own; the rest is folded together, so that the page stays short on a phone."""
CAUSES_SHOWN = 4
"""Causes that are named at once, so that who owes it begins on the same screen; the table has all of them."""
BEHIND_SHOWN = 6
"""Units short of their quota that are named at once; the table has all of them."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share as words and as a bar: ``value`` 0 to 1, None where nothing is expected."""

    text: str
    value: float | None


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One cause as words: ``54/62``, what is missing, its reasons, and how many units."""

    title: str
    share: str
    reasons: str
    units: str
    longest: str
    clause: str


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase in two short lines."""

    mark: str
    state: StateKey
    label: str
    progress: str
    due: str
    detail: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything 一页速览 shows."""

    as_of: date
    title: str
    state: StateKey
    verdict: str
    notes: tuple[str, ...]
    figures: tuple[Figure, ...]
    scope: str
    causes: tuple[CauseLine, ...]
    more_causes: str
    top: tuple[UnitDues, ...]
    rest: tuple[UnitDues, ...]
    rest_title: str
    all_dues: tuple[DueLine, ...]
    quota: Share
    quota_note: str
    quota_behind: tuple[str, ...]
    quotas: tuple[QuotaBar, ...]
    pilots: tuple[Share, ...]
    items_note: str
    separations: tuple[SeparationBar, ...]
    phases: tuple[PhaseLine, ...]
    trend: str
    points: tuple[tuple[str, int, str], ...]
    left_out: str


def brief(ledger: Ledger, sight: Sight = EVERYTHING) -> Brief:
    """The view model of 一页速览 for somebody's sight, in the current language."""
    whole = prepared(overview, ledger, EVERYTHING)
    state, verdict = _verdict(ledger)
    why = causes(ledger, sight)
    owed = tuple(unit for unit in whole.dues if sight.shows(unit.unit))
    late = tuple(unit for unit in owed if unit.overdue)
    rest = (*late[TOP:], *(unit for unit in owed if not unit.overdue))
    return Brief(
        as_of=ledger.as_of,
        title=_(ledger.plan.title),
        state=state,
        verdict=verdict,
        notes=_notes(ledger, state),
        figures=whole.figures[:-1],
        scope=_scope(ledger, sight),
        causes=tuple(_cause(cause) for cause in why),
        more_causes=_more_causes(why[CAUSES_SHOWN:]),
        top=late[:TOP],
        rest=rest,
        rest_title=_rest_title(late[TOP:], len(rest) - len(late[TOP:])),
        all_dues=tuple(
            line for due, line in zip(ledger.dues, whole.all_dues, strict=True) if sight.shows(due.unit)
        ),
        quota=_quota(ledger),
        quota_note=_counted(_("推荐记录"), ledger.world.table(Nomination)),
        quota_behind=_quota_behind(ledger, sight),
        quotas=tuple(
            bar for quota, bar in zip(ledger.quotas, whole.quotas, strict=True) if sight.shows(quota.unit)
        ),
        pilots=_pilots(ledger),
        items_note=_items_note(ledger),
        separations=whole.separations if ledger.tally.total else (),
        phases=tuple(_phase(phase, bar.label, ledger) for phase, bar in zip(ledger.phases, whole.phases, strict=True)),
        trend=_trend(whole),
        points=tuple((day(on), n, share(n, whole.pace.total)) for on, n in reversed(whole.pace.points)),
        left_out=_left_out(ledger),
    )  # fmt: skip


def _verdict(ledger: Ledger) -> tuple[StateKey, str]:
    """The worst that is true of the whole city, as shape, word and number."""
    plan, overdue = ledger.plan, ledger.overdue
    phases = Counter(phase.state for phase in ledger.phases)
    near = sum(due.state is StateKey.NEAR for due in ledger.dues)
    if overdue:
        units = len({due.unit for due in overdue})
        mark = state_word(plan, StateKey.OVERDUE)
        return StateKey.OVERDUE, _("{mark} {n} 项，涉及 {units} 个单位", mark=mark, n=len(overdue), units=units)
    for state in (StateKey.OVERDUE, StateKey.BEHIND):
        if phases[state]:
            part = share(phases[state], len(ledger.phases))
            text = _("{mark} {share} 个阶段", mark=state_word(plan, state), share=part)
            return state, text if state is StateKey.OVERDUE else text + _("，没有逾期")
    if near:
        mark = state_word(plan, StateKey.NEAR)
        return StateKey.NEAR, _("{mark} {n} 项", mark=mark, n=near) + _("，没有逾期")
    state = next((s for s in (StateKey.DONE, StateKey.IDLE) if phases[s] == len(ledger.phases)), StateKey.RUNNING)
    return state, state_word(plan, state) + _("，没有逾期")


def _notes(ledger: Ledger, state: StateKey) -> tuple[str, ...]:
    """What else the first screen says: which phases the verdict is about, what is due next, what waits above the city,
    where the pace leads."""
    plan = ledger.plan
    near = sum(due.state is StateKey.NEAR for due in ledger.dues)
    above, behind = waiting(ledger), ledger.burn_up.days_late
    notes = []
    if not ledger.overdue and state in (StateKey.OVERDUE, StateKey.BEHIND):
        notes.append(listed(phase.phase.title for phase in ledger.phases if phase.state is state))
    if near:
        mark = state_word(plan, StateKey.NEAR)
        notes.append(_("{mark} {n} 项（{days} 天内到期）", mark=mark, n=near, days=plan.lights.near_days))
    if above:
        notes.append(_("{mark} {n} 项，不算逾期", mark=state_word(plan, StateKey.WAITING), n=above))
    if behind is not None and behind > 0:
        notes.append(_("按目前进度，脱钩事项晚 {n} 天", n=behind))
    return tuple(notes)


def _cause(cause: Cause) -> CauseLine:
    return CauseLine(
        cause.title, share(cause.count, cause.total),
        _("，").join(_("{word} {n}", word=word, n=n) for word, n in cause.reasons),
        _("，").join(f"{unit} {n}" for unit, n in cause.by_unit), _("{n} 天", n=cause.longest), cause.clause,
    )  # fmt: skip


def _more_causes(hidden: tuple[Cause, ...]) -> str:
    if not hidden:
        return ""
    return _("另有 {kinds} 类共 {n} 项，见下方表格。", kinds=len(hidden), n=sum(cause.count for cause in hidden))


def _scope(ledger: Ledger, sight: Sight) -> str:
    """For an account of a unit: how much of the city's overdue is its own."""
    if sight.units is None or not ledger.overdue:
        return ""
    own = sum(sight.shows(due.unit) for due in ledger.overdue)
    return _("以下原因和欠项只列本单位的：逾期 {share} 项。", share=share(own, len(ledger.overdue)))


def _rest_title(late: tuple[UnitDues, ...], only_near: int) -> str:
    parts = []
    if late:
        parts.append(_("另有 {units} 个单位逾期 {n} 项", units=len(late), n=sum(unit.overdue for unit in late)))
    if only_near:
        parts.append(_("{units} 个单位只有临期事项", units=only_near))
    return _("，").join(parts)


def _part(done: int, total: int, text: str) -> Share:
    return Share(text, done / total if total else None)


def _quota(ledger: Ledger) -> Share:
    owing = [quota for quota in ledger.quotas if quota.expected]
    met = sum(quota.recommended >= quota.expected for quota in owing)
    if not owing:
        return Share(_("还没有应当推荐的单位。"), None)
    return _part(met, len(owing), _("推荐数达到提示数的单位 {share}", share=share(met, len(owing))))


def _pilots(ledger: Ledger) -> tuple[Share, ...]:
    """Plans approved (四（四）), pilots finished and items done (四（五）), each as n/N."""
    pilots, tally = ledger.pilots, ledger.tally
    if not pilots:
        return (Share(_("还没有选定试点。"), None),)
    total = len(pilots)
    approved, awaited = sum(pilot.plan_approved_on is not None for pilot in pilots), go_ahead(ledger.plan)
    finished = sum(pilot.finished for pilot in pilots)
    items = _("脱钩事项已完成 {share}（{percent}）", share=share(tally.done, tally.total), percent=percent(tally.share))
    return (
        *(
            _part(
                approved, total, _("{kind}已{verb} {share}", kind=_(kind), verb=_(verb), share=share(approved, total))
            )
            for kind, verb in ([awaited] if awaited else ())
        ),
        _part(finished, total, _("已全部脱钩的试点 {share}", share=share(finished, total))),
        _part(tally.done, tally.total, items),
    )


def _items_note(ledger: Ledger) -> str:
    counted = _counted(_("事项记录"), ledger.world.table(Task))
    left = ledger.tally.not_applicable
    return counted + (_("；不涉及的 {n} 项不计", n=left) if left else "")


def _quota_behind(ledger: Ledger, sight: Sight) -> tuple[str, ...]:
    """Units short of their quota once its phase is over, the furthest first; those beyond the first few as a number."""
    if not ledger.quota_is_due:
        return ()
    short = [q for q in ledger.quotas if q.verdict in (Verdict.SHORT, Verdict.EXPLAIN) and sight.shows(q.unit)]
    short.sort(key=lambda q: q.recommended - q.expected)
    lines = [_short_of(quota, ledger) for quota in short[:BEHIND_SHOWN]]
    if len(short) > BEHIND_SHOWN:
        lines.append(_("另有 {n} 个单位，见下方表格。", n=len(short) - BEHIND_SHOWN))
    return tuple(lines)


def _short_of(quota: UnitQuota, ledger: Ledger) -> str:
    state = StateKey.OVERDUE if quota.verdict is Verdict.SHORT else StateKey.BEHIND
    return _(
        "{shape} {verdict}：{unit} 推荐 {share}", shape=ledger.plan.lights.by_state[state].shape,
        verdict=_(VERDICT_WORDS[quota.verdict]), unit=_(quota.unit), share=share(quota.recommended, quota.expected),
    )  # fmt: skip


def _counted(label: str, table: Table[Any]) -> str:
    return _("{label} {total} 行，计入 {n} 行", label=label, total=table.total, n=len(table.rows))


def _phase(phase: PhaseState, label: str, ledger: Ledger) -> PhaseLine:
    if phase.state in (StateKey.DONE, StateKey.WAITING):
        late = phase.days_late
        detail = _("晚 {n} 天", n=late) if late else _("按期")
    else:
        detail = days_text((phase.due - ledger.as_of).days) if phase.due else _("时限未定")
    return PhaseLine(
        state_word(ledger.plan, phase.state), phase.state, label, share(phase.done, phase.total), day(phase.due), detail
    )


def _trend(whole: Overview) -> str:
    return whole.pace.sentence or _("还没有完成的事项，无法推算。")


def _left_out(ledger: Ledger) -> str:
    if not ledger.left_out:
        return _("{n} 行全部计入。", n=ledger.total_rows)
    return _(
        "{total} 行中计入 {n} 行；{out} 行因错误未计入。",
        total=ledger.total_rows, n=ledger.total_rows - ledger.left_out, out=ledger.left_out,
    )  # fmt: skip
