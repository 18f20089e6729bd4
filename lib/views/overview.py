"""总览 (overview): where the plan stands, in one sentence, six figures, charts and a list of what is late."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from lib.domain.findings import Severity
from lib.domain.ledger import Ledger
from lib.domain.pilots import PACE_WINDOW, go_ahead
from lib.i18n import _, listed
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.bars import (
    PhaseBar,
    QuotaBar,
    ReportMark,
    SeparationBar,
    phase_bars,
    quota_bars,
    report_marks,
    separation_bars,
)
from lib.views.dues import DueLine, UnitDues, due_line, dues_in, unit_dues
from lib.views.prepared import prepared
from lib.views.words import day, percent, share, short_day
from sheets_schema.nominations import Nomination
from sheets_schema.plan import RoleKey
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Task


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: label, value as n/N, a word beside it, what it counts, the page of its rows, and whether it needs
    attention."""

    label: str
    value: str
    detail: str
    help: str
    page: str
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """The burn-up: points, total, due date, projection, and a sentence about where the pace leads."""

    points: tuple[tuple[date, int], ...]
    total: int
    due: date | None
    projected: date | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything 总览 shows."""

    as_of: date
    headline: str
    subline: str
    own_note: str
    """What is of the whole city and what is not, for whom that differs."""
    figures: tuple[Figure, ...]
    phases: tuple[PhaseBar, ...]
    quotas: tuple[QuotaBar, ...]
    quota_note: str
    separations: tuple[SeparationBar, ...]
    reports: tuple[ReportMark, ...]
    periods: tuple[str, ...]
    pace: Pace
    dues: tuple[UnitDues, ...]
    all_dues: tuple[DueLine, ...]
    left_out: str


def overview(ledger: Ledger, sight: Sight) -> Overview:
    """The view model of 总览 for a ledger, in the current language: figures of the whole city, and lists by unit of
    the units a sight takes in."""
    if of_units(sight) != sight:
        return prepared(overview, ledger, of_units(sight))
    return Overview(
        as_of=ledger.as_of,
        headline=_headline(ledger),
        subline=_subline(ledger, sight),
        own_note="" if sight.units is None else _("以上和各阶段、各项分离是全市的数字；其余只列本单位的。"),
        figures=_figures(ledger),
        phases=phase_bars(ledger),
        quotas=quota_bars(ledger, sight),
        quota_note=_("依据 {clause}。{note}", clause=ledger.plan.quota.clause, note=_(ledger.plan.quota.open_question)),
        separations=separation_bars(ledger),
        reports=report_marks(ledger, sight),
        periods=tuple(dict.fromkeys(_(cell.period.title) for cell in ledger.reports)),
        pace=_pace(ledger),
        dues=unit_dues(ledger, sight),
        all_dues=tuple(due_line(due, ledger) for due in dues_in(ledger, sight)),
        left_out=_left_out(ledger),
    )


def _headline(ledger: Ledger) -> str:
    states = Counter(phase.state for phase in ledger.phases)
    parts = [_("{n} 个阶段已办结 {done} 个", n=len(ledger.phases), done=states[StateKey.DONE])]
    late = [phase for phase in ledger.phases if phase.state is StateKey.OVERDUE]
    if late:
        titles = listed(phase.phase.title for phase in late)
        parts.append(_("{n} 个逾期（{titles}）", n=len(late), titles=titles))
    overdue = ledger.overdue
    if overdue:
        units = len({due.unit for due in overdue})
        parts.append(_("共有 {n} 项逾期，涉及 {units} 个单位", n=len(overdue), units=units))
    else:
        parts.append(_("没有逾期事项"))
    return _("截至{day}：", day=day(ledger.as_of)) + _("，").join(parts) + _("。")


def _subline(ledger: Ledger, sight: Sight) -> str:
    """What matters next: the unit with most overdue work, to a unit its own, and where the pace leads."""
    parts = []
    per_unit = Counter(due.unit for due in ledger.overdue)
    if sight.units is not None:
        own = sum(count for unit, count in per_unit.items() if sight.shows(ledger.world.who(unit)))
        parts.append(_("本单位逾期 {n} 项。", n=own) if own else _("本单位没有逾期事项。"))
    elif per_unit:
        unit, count = per_unit.most_common(1)[0]
        parts.append(_("逾期最多的是{unit}（{n} 项）。", unit=_(unit), n=count))
    sentence = _pace_sentence(ledger)
    return " ".join([*parts, sentence]).strip()


def _pace_sentence(ledger: Ledger) -> str:
    pace = ledger.burn_up
    if pace.total and ledger.tally.done == ledger.tally.total:
        return _("试点的脱钩事项已全部完成。")
    if pace.projected is None:
        return _("近 {n} 天少有新完成的事项，无法推算何时完成。", n=PACE_WINDOW) if ledger.tally.done else ""
    late = pace.days_late
    when = short_day(pace.projected) if pace.projected.year == ledger.as_of.year else day(pace.projected)
    if late is None:
        return _("按目前进度，试点的脱钩事项将于{day}完成。", day=when)
    if late > 0:
        return _("按目前进度，试点的脱钩事项将于{day}完成，晚 {n} 天。", day=when, n=late)
    return _("按目前进度，试点的脱钩事项将于{day}完成，可按期。", day=when)


def _figures(ledger: Ledger) -> tuple[Figure, ...]:
    done = sum(phase.state is StateKey.DONE for phase in ledger.phases)
    late = sum(phase.state is StateKey.OVERDUE for phase in ledger.phases)
    owing = [quota for quota in ledger.quotas if quota.expected]
    met = sum(quota.recommended >= quota.expected for quota in owing)
    recommended = sum(quota.recommended for quota in ledger.quotas)
    ended = [cell for cell in ledger.reports if cell.state != "open"]
    filed = sum(cell.submitted_on is not None for cell in ended)
    on_time = sum(cell.state == "on_time" for cell in ended)
    near = sum(due.state is StateKey.NEAR for due in ledger.dues)
    nominations, tasks = ledger.world.table(Nomination), ledger.world.table(Task)
    return (
        Figure(
            _("阶段办结"), share(done, len(ledger.phases)), _("逾期 {n} 个", n=late),
            _("方案的全部阶段；交付成果全部到位才算办结。"), "phases", late > 0,
        ),
        Figure(
            _("推荐达标单位"), share(met, len(owing)), _("推荐 {n} 家", n=recommended),
            _("有推荐任务的{role}中，推荐数达到提示数的。推荐记录 {n}/{total} 行计入。",
              role=_(ledger.plan.role(RoleKey.SUPERVISOR)), n=len(nominations.rows), total=nominations.total),
            "nominations", met < len(owing),
        ),
        _begun(ledger),
        Figure(
            _("脱钩事项完成"), share(ledger.tally.done, ledger.tally.total), percent(ledger.tally.share),
            _("各试点清单中适用的事项；不涉及 {na} 项不计。事项记录 {n}/{total} 行计入。",
              na=ledger.tally.not_applicable, n=len(tasks.rows), total=tasks.total), "execution",
        ),
        Figure(
            _("报告按期报送"), share(on_time, len(ended)), _("已报 {n} 份", n=filed),
            _("已到期的报告中按期报送的；迟报的算已报，不算按期。"), "reports", on_time < len(ended),
        ),
        Figure(
            _("逾期事项"), str(len(ledger.overdue)), _("临期 {n} 项", n=near),
            _("文件、脱钩事项、报告和政策中已过时限的。另有 {n} 处错误待改。", n=ledger.count(Severity.ERROR)),
            "todo", bool(ledger.overdue),
        ),
    )  # fmt: skip


def _begun(ledger: Ledger) -> Figure:
    """How many pilots may work at their checklists; where a plan lets all of them, how many are through."""
    pilots, awaited = ledger.pilots, go_ahead(ledger.plan)
    total = _("试点 {n} 家", n=len(pilots))
    if awaited is None:
        done = share(sum(pilot.finished for pilot in pilots), len(pilots))
        return Figure(_("试点全部完成"), done, total, _("已选定的试点中，全部事项都已完成的。"), "execution")
    words = {"kind": _(awaited[0]), "verb": _(awaited[1])}
    return Figure(
        _("{kind}{verb}", **words), share(sum(pilot.plan_approved_on is not None for pilot in pilots), len(pilots)),
        total, _("已选定的试点中，{kind}已经{verb}、可以开展事项的。", **words), "implementation",
    )  # fmt: skip


def _pace(ledger: Ledger) -> Pace:
    burn = ledger.burn_up
    return Pace(burn.points, burn.total, burn.due, burn.projected, _pace_sentence(ledger))


def _left_out(ledger: Ledger) -> str:
    if not ledger.left_out:
        return _("{n} 行全部计入。", n=ledger.total_rows)
    return _(
        "{total} 行中计入 {n} 行；{out} 行因错误未计入，见“数据体检”。",
        total=ledger.total_rows, n=ledger.total_rows - ledger.left_out, out=ledger.left_out,
    )  # fmt: skip
