"""汇总 (all places): what was rolled up and what was not, six figures, rankings, and why things are late.

The figures are sums over places, each of which is counted once and was judged by its own plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lib.i18n import N_, _, language, listed
from lib.rollup.nation import Nation, Share, Standing
from lib.rollup.rows import STATE_WORDS, State
from lib.views.words import day, percent, share

Value = Share | int


@dataclass(frozen=True, slots=True)
class Measure:
    """Something places are compared by: a count of what is wrong, or a share of what is done."""

    label: str
    head: str
    of: Callable[[Standing], Value]
    is_share: bool = False


MEASURES: dict[str, Measure] = {
    "overdue": Measure(N_("逾期事项"), N_("逾期项数"), lambda s: s.overdue),
    "days": Measure(N_("最长逾期"), N_("逾期天数"), lambda s: s.days_late),
    "items": Measure(N_("脱钩事项完成"), N_("完成/适用"), lambda s: s.items, is_share=True),
    "quota": Measure(N_("推荐达标单位"), N_("达标/应推荐"), lambda s: s.quota, is_share=True),
    "reports": Measure(N_("报告按期报送"), N_("按期/应报"), lambda s: s.reports, is_share=True),
    "phases": Measure(N_("阶段办结"), N_("办结/全部"), lambda s: s.closed, is_share=True),
    "errors": Measure(N_("数据错误"), N_("错误处数"), lambda s: s.place.errors or 0),
}
"""By what places are ranked; the worst come first."""
MOST_NAMED = 3
"""Places named beside a reason, and places and reasons named above all."""
ROOM = 9
"""Characters of a figure in its frame; a longer ``n/N`` stands below its percentage."""
HELP = {
    "overdue": N_("文件、脱钩事项、报告和政策中已过时限的；等待上级的不算。"),
    "phases": N_("各地方案的全部阶段；交付成果全部到位才算办结。"),
    "items": N_("各试点清单中适用的事项；不涉及的不计。"),
    "quota": N_("有推荐任务的业务主管单位中，推荐数达到提示数的。"),
    "reports": N_("已到期的报告中按期报送的；迟报的算已报，不算按期。"),
    "errors": N_("有错误的行不计入任何数字，要在当地的工作簿里改。"),
}
"""The six figures in their order, what is late first, and what each counts."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over all places, and by which measure its ranking is."""

    by: str
    label: str
    value: str
    detail: str
    help: str
    alarm: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A workbook that is in no figure, and why."""

    what: str
    place: str
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class CauseLine:
    """A reason over all places: how many entries, in how many places, the longest, and where there are most; ``key``
    names it in either language."""

    key: str
    why: str
    count: int
    places: int
    longest: int
    most: str


@dataclass(frozen=True, slots=True)
class National:
    """What stands above the tables: what is overdue; ``where`` most of it is and ``why``, blank when nothing is;
    ``counted`` of ``total`` workbooks, what became of the others, six figures,
    none where nothing is counted: noughts would look as if nothing were late."""

    as_of: date
    headline: str
    where: str
    why: str
    counted: int
    total: int
    samples: int
    figures: tuple[Figure, ...]
    left_out: tuple[LeftOut, ...]
    passed_over: tuple[LeftOut, ...]
    names: dict[str, str]
    """Workbook's key → what its place is called, in the order of the names."""


@dataclass(frozen=True, slots=True)
class RankLine:
    """A place by one measure, a count or ``n/N``; ``at`` is what its bar shows, the count or a share of one; None where
    nothing is owed."""

    key: str
    rank: int | None
    name: str
    value: str | int
    at: float | None


def national(nation: Nation) -> National:
    """The view model of 汇总's head; call it through ``prepared_of``."""
    run, standings = nation.run, nation.counted
    total = len(run.sources) + len(run.gone) + len(run.absent)
    late = [standing for standing in standings if standing.overdue]
    told = _told(standings, late)
    counted = _("计入 {n}/{total} 本工作簿", n=len(standings), total=total)
    as_of = date.fromisoformat(run.as_of)
    return National(
        as_of, _("截至{day}：", day=day(as_of)) + _("；").join((told, counted)) + _("。"), _where(late), _why(nation),
        len(standings), total,
        sum(bool(s.place.sample) for s in standings), tuple(_figure(by, standings) for by in HELP if standings),
        (*_failed(nation), *_missing(nation), *_doubles(nation)),
        tuple(LeftOut(_("跳过"), "", address(one.source), _(one.why)) for one in run.skipped),
        {standing.place.key: name_of(standing) for standing in nation.standings},
    )  # fmt: skip


def _told(standings: tuple[Standing, ...], late: list[Standing]) -> str:
    if not standings:
        return _("没有一本工作簿计入，看不出进展")
    if not late:
        return _("没有逾期事项")
    return _("共有 {n} 项逾期，涉及 {places} 个地方", n=sum(s.overdue for s in late), places=len(late))


def _where(late: list[Standing]) -> str:
    """The places with most overdue entries."""
    most = sorted(late, key=lambda standing: (-standing.overdue, name_of(standing)))[:MOST_NAMED]
    return listed(_("{name} {n} 项", name=name_of(standing), n=standing.overdue) for standing in most)


def _why(nation: Nation) -> str:
    """The reasons of most overdue entries."""
    return listed(_("{name} {n} 项", name=line.why, n=line.count) for line in reasons(nation)[:MOST_NAMED])


def address(source: str) -> str:
    """Where a workbook is, as people know it: a file of this server by its path alone."""
    return source.removeprefix("file://")


def name_of(standing: Standing) -> str:
    """What a place is called: a later batch says so, and so does a workbook that is not counted."""
    place = standing.place
    name = _(place.place or place.key)
    if (place.batch or 1) > 1:
        name = _("{name}（第 {n} 批）", name=name, n=place.batch)
    return name if standing.is_counted else _("{name}（重复）", name=name)


def spoken(chinese: str | None, english: str | None) -> str:
    """A sentence of a result in the current language; a dash where there is none."""
    return (english if language() == "en" else None) or chinese or "—"


def term(text: str | None) -> str:
    """A term of a plan in the current language; blank where there is none."""
    return _(text) if text else ""


def _figure(by: str, standings: tuple[Standing, ...]) -> Figure:
    measure = MEASURES[by]
    values = [measure.of(standing) for standing in standings]
    shares = [value for value in values if isinstance(value, Share)]
    if shares:
        whole = Share(sum(s.n for s in shares), sum(s.of for s in shares))
        value, detail = share(whole.n, whole.of), percent(whole.n / whole.of) if whole.of else _("没有应计的")
        if len(value) > ROOM:
            value, detail = detail, value
        return Figure(by, _(measure.label), value, detail, _(HELP[by]), alarm=False)
    counts = [value for value in values if isinstance(value, int)]
    where = sum(count > 0 for count in counts)
    detail = _("{n}/{total} 个地方有", n=where, total=len(counts))
    return Figure(by, _(measure.label), f"{sum(counts):,}", detail, _(HELP[by]), alarm=where > 0)


def _failed(nation: Nation) -> list[LeftOut]:
    return [
        LeftOut(
            _(STATE_WORDS[State(note.state)]), term(note.place), address(note.source), spoken(note.why, note.why_en)
        )
        for note in nation.run.bad
    ]


def _missing(nation: Nation) -> list[LeftOut]:
    gone = [
        LeftOut(_("不见了"), term(one.place), address(one.source),
                _("{day}起不在原处；放回去，或确认不要了，汇总时加 --forget", day=day(date.fromisoformat(one.since))))
        for one in nation.run.gone
    ]  # fmt: skip
    absent = [
        LeftOut(_("不存在"), "", address(source), _("写明要汇总它，但那里没有文件")) for source in nation.run.absent
    ]
    return [*gone, *absent]


def _doubles(nation: Nation) -> list[LeftOut]:
    by_key = nation.by_key
    return [
        LeftOut(_("重复"), term(s.place.place), address(s.place.source),
                _("同一地方同一批次有几本，只计有效行最多的“{name}”；请只留一本",
                  name=address(by_key[s.instead].place.source)))
        for s in nation.standings
        if s.instead is not None
    ]  # fmt: skip


def ranking(nation: Nation, by: str) -> tuple[RankLine, ...]:
    """All counted places by a measure, the worst first; those of which nothing is owed stand last, without a rank."""
    measure = MEASURES[by]
    lines = []
    for standing in nation.counted:
        value = measure.of(standing)
        told = share(value.n, value.of) if isinstance(value, Share) else value
        lines.append(RankLine(standing.place.key, None, name_of(standing), told, _at(value)))
    worst = sorted(lines, key=lambda line: _badness(line, is_share=measure.is_share))
    return tuple(
        RankLine(line.key, rank if line.at is not None else None, line.name, line.value, line.at)
        for rank, line in enumerate(worst, 1)
    )


def _at(value: Value) -> float | None:
    if isinstance(value, Share):
        return value.n / value.of if value.of else None
    return value


def _badness(line: RankLine, *, is_share: bool) -> tuple[bool, float, str]:
    at = line.at or 0.0
    return line.at is None, at if is_share else -at, line.name


def reasons(nation: Nation) -> tuple[CauseLine, ...]:
    """Why things are late over all places, most first; the counts add up to the overdue entries."""
    found: dict[tuple[str | None, str | None], list[tuple[int, int, str]]] = defaultdict(list)
    for standing in nation.counted:
        for why in standing.causes:
            found[why.why, why.why_en].append((why.count, why.longest, name_of(standing)))
    lines = []
    for (chinese, english), all_places in found.items():
        most = sorted(all_places, key=lambda one: (-one[0], one[2]))[:MOST_NAMED]
        lines.append(
            CauseLine(
                chinese or "—", spoken(chinese, english),
                sum(count for count, _longest, _name in all_places), len(all_places),
                max(longest for _count, longest, _name in all_places),
                listed(_("{name} {n} 项", name=name, n=count) for count, _longest, name in most),
            )
        )  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (-line.count, line.why)))


@dataclass(frozen=True, slots=True)
class WhereLine:
    """A place with a reason: how many of its entries, and days of the longest."""

    key: str
    name: str
    count: int
    longest: int


def places_with(nation: Nation, reason: str) -> tuple[WhereLine, ...]:
    """The places in which things are late for a reason, the ``key`` of a ``CauseLine``; most entries first."""
    found = [
        WhereLine(standing.place.key, name_of(standing), why.count, why.longest)
        for standing in nation.counted
        for why in standing.causes
        if (why.why or "—") == reason
    ]
    return tuple(sorted(found, key=lambda line: (-line.count, line.name)))


def common_phases(nation: Nation) -> tuple[str, ...]:
    """The titles of the phases most places have, in their order: what places are laid side by side by."""
    plans = Counter(tuple(phase.title for phase in standing.phases) for standing in nation.counted)
    return plans.most_common(1)[0][0] if plans else ()
