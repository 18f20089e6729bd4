"""试点推荐: each unit's quota, whom it may recommend, and how the recommended spread (二（二）)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.domain.quota import UnitQuota, is_selected, list_kind, recommended
from lib.domain.world import World
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.bars import count_text, verdict_text
from lib.views.prepared import prepared
from lib.views.records import Record, Records
from lib.views.words import day, percent
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.nominations import Nomination


@dataclass(frozen=True, slots=True)
class Quota:
    """A unit's quota as words. ``count`` shows N now and, where it differs, N when the list was submitted."""

    unit: str
    label: str
    count: str
    floor: int
    expected: int
    recommended: int
    selected: int
    verdict: str
    submitted: str
    sorts: tuple[str, ...]
    """What it is counted as: met or unmet, submitted or unsubmitted."""


@dataclass(frozen=True, slots=True)
class Part:
    """How many of a part (a type, an industry, a department) are in scope and recommended."""

    label: str
    recommended: int
    count: int
    share: str


@dataclass(frozen=True, slots=True)
class Nominations:
    """The whole city's figures; the quotas of the units a sight takes in; the spread over types, industries and
    departments; and the clause with what it leaves open."""

    owing: int
    met: int
    expected: int
    recommended: int
    selected: int
    lists: int
    submitted: int
    quotas: tuple[Quota, ...]
    types: tuple[Part, ...]
    industries: tuple[Part, ...]
    departments: tuple[Part, ...]
    note: str
    has_lists: bool


def nominations(ledger: Ledger, sight: Sight) -> Nominations:
    """The view model of 试点推荐 on the as-of day."""
    if of_units(sight) != sight:
        return prepared(nominations, ledger, of_units(sight))
    owing = [quota for quota in ledger.quotas if quota.expected]
    chosen = recommended(ledger.world, ledger.as_of)
    quota = ledger.plan.quota
    return Nominations(
        owing=len(owing),
        met=sum("met" in _sorts(quota) for quota in owing),
        expected=sum(quota.expected for quota in owing),
        recommended=len(chosen),
        selected=sum(is_selected(one, ledger.as_of) for one in chosen),
        lists=len(ledger.quotas),
        submitted=sum(quota.submitted_on is not None for quota in ledger.quotas),
        quotas=tuple(quota_words(quota, ledger) for quota in ledger.quotas if sight.shows(quota.unit)),
        types=_spread(ledger, chosen, lambda row: row.category),
        industries=_spread(ledger, chosen, lambda row: row.industry) if sight.units is None else (),
        departments=_spread(ledger, chosen, lambda row: row.unit) if sight.units is None else (),
        note=_("依据 {clause}。{note}", clause=quota.clause, note=_(quota.open_question)),
        has_lists=list_kind(ledger.plan) is not None,
    )


def quota_words(quota: UnitQuota, ledger: Ledger) -> Quota:
    """A unit's quota as words."""
    return Quota(
        quota.unit, _(quota.unit), count_text(quota), quota.floor, quota.expected, quota.recommended, quota.selected,
        verdict_text(quota, ledger.plan), day(quota.submitted_on), _sorts(quota),
    )  # fmt: skip


def _sorts(quota: UnitQuota) -> tuple[str, ...]:
    met = ("met" if quota.recommended >= quota.expected else "unmet",) if quota.expected else ()
    return (*met, "submitted" if quota.submitted_on is not None else "unsubmitted")


def _spread(
    ledger: Ledger, chosen: Iterable[Nomination], part: Callable[[Association], str | None]
) -> tuple[Part, ...]:
    """Parts of the associations in scope, those with most recommended first; without a part they stand together."""
    known = ledger.world.associations
    given = Counter(part(known[one.association]) or "" for one in chosen if one.association in known)
    there = Counter(part(row) or "" for row in candidates_of(ledger.world, ledger.as_of))
    order = sorted(there.keys() | given.keys(), key=lambda name: (-given[name], -there[name], name))
    return tuple(
        Part(_(name) if name else _("（未填写）"), given[name], there[name], percent(given[name] / there[name]))
        if there[name]
        else Part(_(name) if name else _("（未填写）"), given[name], 0, "—")
        for name in order
    )


def candidates_of(world: World, on: date) -> list[Association]:
    """The associations in scope on a day: registered by then and not ended."""
    return [
        row
        for row in world.rows(Association)
        if row.in_scope is ScopeFlag.IN
        and (row.registered_on is None or row.registered_on <= on)
        and (row.ended_on is None or row.ended_on > on)
    ]


def named(rows: Records, ledger: Ledger, sight: Sight, text: str = "") -> Records:
    """Recommendations with the association's name where its id stands, for whom may see that; ``text`` is looked for
    in what is shown."""
    seen = {row.id: row.name for row in ledger.world.rows(Association) if sight.shows(row.unit)}
    sought = key(text)

    def shown(line: Record) -> Record:
        name = seen.get(line["association"].strip().upper())
        return replace(line, cells={**line.cells, "association": name}) if name else line

    made = replace(rows, lines=tuple(map(shown, rows.lines)))
    return made.where(lambda line: not sought or any(sought in key(cell) for cell in (line.id, *line.cells.values())))
