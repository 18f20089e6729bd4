"""考核 (scorecard), 五（三）: the ranking of all units, how each of a unit's points came about, the 通报 made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lib.domain.ledger import Ledger
from lib.domain.normalise import shifted
from lib.domain.scorecard import Card, Measure, Period, Point, scorecard
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.prepared import prepared
from lib.views.words import day, share

DEFAULT_DAYS = 365
"""Looked back where a plan does not say when its work began."""
UNCHANGED = 0.05
"""Points below which a change is none: scores are shown to one decimal."""


HOW: dict[str, str] = {
    "tasks_on_time": N_(
        "考核期内到期的脱钩事项、阶段文件和配套政策中，按期完成的占比；"
        "批准延期的按延至的日期，等待上级的以报出日为准，等国家文件的不计"
    ),
    "reports_on_time": N_("考核期内应报的季度报告中，按期报送的占比"),
    "documents_returned": N_("考核期内报出的文件，每轮一件，未被退回的占比"),
    "extensions": N_("考核期内原定到期的事项中，未延期的占比"),
    "open_problems": N_("考核期内提出、由本单位协调的问题中，已解决的占比"),
    "data_quality": N_("本单位填报的行中，没有错误和提醒的占比；逾期本身不算填报问题"),
}
"""How each measure is counted, in words for those who are measured; ``lib.domain.scorecard`` does it."""
FILTERS: dict[str, Callable[[Standing], bool]] = {
    "all": lambda standing: True,
    "scored": lambda standing: standing.total is not None,
    "late": lambda standing: standing.late > 0,
    "none": lambda standing: standing.total is None,
}
"""Which units the ranking lists."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit in the ranking: its place among those with a score, its points, and the change against the period
    before; each measure as ``n/of`` in the plan's order."""

    unit: str
    rank: int | None
    total: float | None
    change: float | None
    measures: tuple[str, ...]
    late: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """All units over a period, the best first, those without a score last; the average of the scores and its change."""

    period: Period
    before: Period
    standings: tuple[Standing, ...]
    average: float | None
    change: float | None

    @property
    def scored(self) -> int:
        """How many units have a score."""
        return len(self.listed("scored"))

    @property
    def late(self) -> int:
        """How many units were late with something."""
        return len(self.listed("late"))

    def listed(self, which: str) -> tuple[Standing, ...]:
        """The units that fit one of ``FILTERS``."""
        return tuple(filter(FILTERS[which], self.standings))

    def of(self, unit: str) -> Standing | None:
        """A unit's place."""
        return next((standing for standing in self.standings if standing.unit == unit), None)


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure of a unit as shown: points of its weight, how many of how many, and the points of the period
    before."""

    measure: str
    title: str
    weight: int
    points: str
    share: str
    before: str


@dataclass(frozen=True, slots=True)
class PointLine:
    """One record behind a measure."""

    mark: str
    what: str
    why: str
    record: str
    sheet: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A unit's card point by point: its measures, and measure → the records that made it, those that cost first."""

    standing: Standing
    measures: tuple[MeasureLine, ...]
    points: dict[str, tuple[PointLine, ...]]


def default_start(ledger: Ledger) -> date:
    """The day from which a scorecard looks when nobody says: the start of the plan's window."""
    start = ledger.plan.window_start
    return start if start and start <= ledger.as_of else shifted(ledger.as_of, -DEFAULT_DAYS)


def spans(ledger: Ledger) -> dict[str, Period]:
    """Periods offered: since the plan's start, and each reporting period that has begun, by its title."""
    found = {_("方案开始以来"): Period(default_start(ledger), ledger.as_of)}
    for period in ledger.plan.cadence.periods:
        if period.start is not None and period.start <= ledger.as_of:
            found[_(period.title)] = Period(period.start, min(period.end or ledger.as_of, ledger.as_of))
    return found


def ranking(ledger: Ledger, start: date, end: date) -> Ranking:
    """The ranking over a period; figures of the city, everybody's to see. It ends with the as-of day at the latest."""
    period = Period(start, min(end, ledger.as_of))
    before = _before(period)
    former = {card.unit: card.total for card in prepared(_cards, ledger, before)}
    cards = sorted(prepared(_cards, ledger, period), key=_place)
    totals = [round(card.total, 1) for card in cards if card.total is not None]
    average = sum(totals) / len(totals) if totals else None
    then = [total for total in former.values() if total is not None]
    return Ranking(
        period, before,
        tuple(
            Standing(
                card.unit, totals.index(round(card.total, 1)) + 1 if card.total is not None else None, card.total,
                _change(card.total, former[card.unit]), tuple(share(m.n, m.of) for m in card.measures),
                len(card.late()),
            )
            for card in cards
        ),
        average, _change(average, sum(then) / len(then) if then else None),
    )  # fmt: skip


def measures_explained(ledger: Ledger) -> tuple[tuple[str, int, str], ...]:
    """Title, weight and way of counting of every measure."""
    return tuple((_(w.title), w.weight, _(HOW[w.measure])) for w in ledger.plan.scorecard.weights)


def breakdown(ledger: Ledger, sight: Sight, start: date, end: date, unit: str) -> Breakdown | None:
    """How each point of a unit came about; None for a unit that the sight does not take in, or that is not there."""
    found = prepared(ranking, ledger, start, end)
    standing = found.of(unit)
    if standing is None or not sight.shows(unit):
        return None
    card, former = (_card(prepared(_cards, ledger, period), unit) for period in (found.period, found.before))
    return Breakdown(
        standing,
        tuple(_measure(now, then) for now, then in zip(card.measures, former.measures, strict=True)),
        {measure.weight.measure: _points(measure) for measure in card.measures},
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with a score, in the notice."""

    rank: int
    unit: str
    points: str
    late: int


@dataclass(frozen=True, slots=True)
class Late:
    """What a unit was late with, and how."""

    unit: str
    lines: tuple[PointLine, ...]


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What the 通报 tells: units with a score, the best first; those without; what weighs how much; who was late."""

    period: Period
    scored: tuple[Scored, ...]
    average: str
    none: tuple[str, ...]
    weights: tuple[str, ...]
    late: tuple[Late, ...]


def notice_facts(ledger: Ledger, start: date, end: date) -> NoticeFacts:
    """The facts of the 通报 over a period, of all units: for the office alone."""
    found = prepared(ranking, ledger, start, end)
    cards = {card.unit: card for card in prepared(_cards, ledger, found.period)}
    late = sorted((standing for standing in found.standings if standing.late), key=lambda standing: -standing.late)
    return NoticeFacts(
        found.period,
        tuple(
            Scored(s.rank, _(s.unit), f"{s.total:.1f}", s.late)
            for s in found.standings if s.total is not None and s.rank is not None
        ),
        "—" if found.average is None else f"{found.average:.1f}",
        tuple(_(s.unit) for s in found.standings if s.total is None),
        tuple(f"{_(w.title)} {w.weight}" for w in ledger.plan.scorecard.weights),
        tuple(
            Late(_(s.unit), tuple(map(_point, cards[s.unit].late())))
            for s in late
        ),
    )  # fmt: skip


def notice(ledger: Ledger, start: date, end: date) -> str:
    """The 通报 as plain text."""
    facts = notice_facts(ledger, start, end)
    lines = [
        _("考核通报"), f"{_(ledger.plan.title)} {ledger.plan.scorecard.clause}",
        _("考核期：{start}至{end}", start=day(facts.period.start), end=day(facts.period.end)), "", _("一、得分"),
        *(_("{n}. {unit}：{points} 分", n=s.rank, unit=s.unit, points=s.points) for s in facts.scored),
    ]  # fmt: skip
    if facts.none:
        lines.append(_("考核期内没有到期事项、不计分：{units}", units=_("、").join(facts.none)))
    lines += ["", _("二、未按期办理的事项")]
    for late in facts.late:
        lines.append(_("{unit}（{n} 项）", unit=late.unit, n=len(late.lines)))
        lines += ["  " + _("{n}. {what}；{why}", n=n, what=p.what, why=p.why) for n, p in enumerate(late.lines, 1)]
    lines += [] if facts.late else [_("没有")]
    return "\n".join([*lines, "", _("三、分值"), _("、").join(facts.weights)])


def _cards(ledger: Ledger, period: Period) -> tuple[Card, ...]:
    return scorecard(ledger, period)


def _place(card: Card) -> float:
    return 1.0 if card.total is None else -card.total


def _before(period: Period) -> Period:
    """The period of the same length that ends the day before."""
    length = (period.end - period.start).days
    return Period(shifted(period.start, -length - 1), shifted(period.start, -1))


def _card(cards: tuple[Card, ...], unit: str) -> Card:
    return next(card for card in cards if card.unit == unit)


def _change(now: float | None, then: float | None) -> float | None:
    if now is None or then is None:
        return None
    return now - then if abs(now - then) >= UNCHANGED else 0.0


def _measure(now: Measure, then: Measure) -> MeasureLine:
    weight = now.weight
    return MeasureLine(
        weight.measure, _(weight.title), weight.weight, _score(now), share(now.n, now.of),
        _("{text}（{more}）", text=_score(then), more=share(then.n, then.of)) if then.of else "—",
    )  # fmt: skip


def _score(measure: Measure) -> str:
    return "—" if measure.score is None else f"{measure.score:.1f}"


def _points(measure: Measure) -> tuple[PointLine, ...]:
    return tuple(map(_point, measure.points))


def _point(p: Point) -> PointLine:
    return PointLine(_("✓ 得分") if p.good else _("✕ 扣分"), str(p.what), str(p.why), p.record, p.sheet)
