"""One unit's work on 试点推荐: whom to recommend, its list, and how an act would move its quota (四（二）)."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.ledger import Ledger
from lib.domain.quota import UnitQuota, list_kind, submitted_lists
from lib.domain.world import World
from lib.i18n import _
from lib.views.nominations import candidates_of, quota_words
from lib.views.words import day
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.plan import RoleKey


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
