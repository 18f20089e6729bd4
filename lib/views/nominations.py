"""试点推荐: each unit's quota and list, whom it may recommend, and how the recommended spread (二（二）, 四（二）)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from lib.domain.chains import ChainState
from lib.domain.ledger import Ledger
from lib.domain.normalise import key
from lib.domain.quota import VERDICT_WORDS, UnitQuota, is_selected, list_kind, recommended, submitted_lists
from lib.domain.world import World
from lib.i18n import _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.overview import VERDICT_STATES
from lib.views.prepared import prepared
from lib.views.records import Record, Records
from lib.views.words import day, percent, state_word
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.plan import RoleKey


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
    counted = str(quota.count)
    if quota.frozen is not None and quota.frozen != quota.count:
        counted = _("{n}（报送时 {frozen}）", n=quota.count, frozen=quota.frozen)
    shape = state_word(ledger.plan, VERDICT_STATES[quota.verdict]).split()[0]
    return Quota(
        quota.unit, _(quota.unit), counted, quota.floor, quota.expected, quota.recommended, quota.selected,
        f"{shape} {_(VERDICT_WORDS[quota.verdict])}", day(quota.submitted_on), _sorts(quota),
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """An association that its unit may recommend."""

    id: str
    name: str
    category: str
    industry: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A recommendation that was not withdrawn."""

    id: str
    unit: str
    name: str
    status: str
    on: str
    voluntary: str
    reason: str
    selected: str


@dataclass(frozen=True, slots=True)
class ListState:
    """Where a unit's list stands: its steps with their days, whether it may be submitted now, and who has still to
    act on the step after that (actors by name)."""

    document: str
    kind: str
    clause: str
    steps: tuple[tuple[str, str], ...]
    may_submit: bool
    returned: str
    next_verb: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitWork:
    """What there is to do for one unit, by all that is recorded: whatever the as-of day, nobody recommends twice."""

    quota: UnitQuota | None
    voluntary: bool
    candidates: tuple[Candidate, ...]
    standing: tuple[Standing, ...]
    list: ListState | None


def unit_work(ledger: Ledger, unit: str) -> UnitWork:
    """One unit's candidates, recommendations and list. The caller asks for units that may be seen only."""
    world, batch = ledger.world, ledger.plan.batch
    rows = [row for row in world.rows(Nomination) if row.batch == batch and row.unit == unit]
    rows = [row for row in rows if row.status is not NominationStatus.WITHDRAWN]
    taken = {row.association for row in rows}
    own = [row for row in candidates_of(world, ledger.as_of) if row.unit == unit and row.id not in taken]
    quota = next((one for one in ledger.quotas if one.unit == unit), None)
    return UnitWork(
        quota=quota,
        voluntary=quota.voluntary if quota else False,
        candidates=tuple(
            Candidate(row.id, row.name, _(row.category) if row.category else "", row.industry or "") for row in own
        ),
        standing=tuple(_standing(row, world) for row in rows),
        list=_list(ledger, unit),
    )  # fmt: skip


def undecided(ledger: Ledger) -> tuple[Standing, ...]:
    """Recommendations on lists that were submitted and of which nobody has said yet whether they are selected."""
    world, batch = ledger.world, ledger.plan.batch
    lists = submitted_lists(world.chains, ledger.plan, batch)
    handed_in = {unit for unit, (_chain, on) in lists.items() if on is not None}
    free = list_kind(ledger.plan) is None
    rows = [row for row in world.rows(Nomination) if row.batch == batch and row.status is NominationStatus.NOMINATED]
    return tuple(_standing(row, world) for row in rows if free or row.unit in handed_in)


def _standing(row: Nomination, world: World) -> Standing:
    known = world.associations.get(row.association)
    return Standing(
        row.id, _(row.unit), known.name if known else row.association, _(row.status.value), day(row.nominated_on),
        _(row.voluntary.value) if row.voluntary else "", row.reason or "", day(row.selected_on),
    )  # fmt: skip


def _list(ledger: Ledger, unit: str) -> ListState | None:
    kind = list_kind(ledger.plan)
    if kind is None:
        return None
    chain, _on = submitted_lists(ledger.world.chains, ledger.plan, ledger.plan.batch).get(unit, (None, None))
    if chain is None:
        steps = tuple((_(step.verb), "—") for step in kind.steps)
        return ListState("", kind.kind, kind.clause, steps, True, "", "", ())
    steps = tuple((_(step.verb), day(chain.passed_on(step.verb))) for step in kind.steps)
    returned = day(chain.returned_on) if chain.returned_on else ""
    may_submit = bool(returned) or len(chain.passed) < min(2, len(kind.steps))
    step = chain.next_step if not may_submit else None
    return ListState(
        chain.document.id, kind.kind, kind.clause, steps, may_submit, returned, step.verb if step else "",
        _missing(chain, unit, ledger),
    )  # fmt: skip


def _missing(chain: ChainState, unit: str, ledger: Ledger) -> tuple[str, ...]:
    """Who has still to act on the next step, the unit by its own name; each body once."""
    step = chain.next_step
    if step is None:
        return ()
    supervisor = ledger.plan.role(RoleKey.SUPERVISOR)
    left = (actor for actor in step.actors if actor not in chain.partly)
    return tuple(dict.fromkeys(unit if actor == supervisor else actor for actor in left))


@dataclass(frozen=True, slots=True)
class Move:
    """How a unit's quota would move: ``推荐 2 → 3，● 达到``; and what the quota's rules would say of it."""

    words: str
    said: tuple[tuple[str, str], ...]
    """(clause, sentence) of each."""


def move(before: Ledger, after: Ledger, unit: str) -> Move:
    """What an act would do to a unit's quota."""
    was = next((one for one in before.quotas if one.unit == unit), None)
    now = next((one for one in after.quotas if one.unit == unit), None)
    if now is None:
        return Move("", ())
    words = quota_words(now, after)
    counted = _(
        "推荐 {old} → {new}（至少 {floor}，提示 {expected}），{verdict}",
        old=was.recommended if was else 0, new=now.recommended, floor=now.floor, expected=now.expected,
        verdict=words.verdict,
    )  # fmt: skip
    row = after.world.units[unit]
    said = [
        (_(finding.clause), f"{finding.message} {finding.remedy}")
        for finding in after.findings
        if finding.record == row.id and finding.rule in _QUOTA_RULES
    ]
    return Move(counted, tuple(said))


_QUOTA_RULES = ("Q01", "Q02", "Q08")
"""Rules of the whole list that a single row does not break."""


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
