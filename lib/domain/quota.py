"""Quota (推荐名额): how many associations a unit must, should and did recommend. Source: the plan's quota clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lib.domain.chains import ChainState
from lib.domain.world import World
from lib.i18n import N_
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.plan import Plan
from sheets_schema.plan_chains import DocumentKind, Scope, Step
from sheets_schema.quota import FixedList


class Verdict(StrEnum):
    """How a unit's recommendation compares with its quota (名额判定)."""

    SHORT = "short"
    EXPLAIN = "explain"
    MET = "met"
    ABOVE = "above"
    VOLUNTARY = "voluntary"
    NONE = "none"


VERDICT_WORDS = {
    Verdict.SHORT: N_("不足"),
    Verdict.EXPLAIN: N_("需说明"),
    Verdict.MET: N_("达到"),
    Verdict.ABOVE: N_("超过"),
    Verdict.VOLUNTARY: N_("自愿"),
    Verdict.NONE: N_("无任务"),
}


@dataclass(frozen=True, slots=True)
class UnitQuota:
    """One supervising unit's quota: N now, N frozen at submission (or None), floor, expected, recommended."""

    unit: str
    count: int
    frozen: int | None
    floor: int
    expected: int
    voluntary: bool
    recommended: int
    selected: int
    explained: bool
    submitted_on: date | None

    @property
    def verdict(self) -> Verdict:
        """Below the floor fails every reading of the clause; between floor and expected asks for an explanation."""
        if self.voluntary:
            return Verdict.VOLUNTARY if self.count or self.recommended else Verdict.NONE
        if self.recommended < self.floor:
            return Verdict.SHORT
        if self.recommended < self.expected:
            return Verdict.EXPLAIN
        if self.expected == 0 and self.recommended == 0:
            return Verdict.NONE
        return Verdict.MET if self.recommended == self.expected else Verdict.ABOVE


def recommended(world: World, as_of: date) -> list[Nomination]:
    """Nominations of this batch that stand on the day: not withdrawn, not later."""
    return [
        n
        for n in world.rows(Nomination)
        if n.batch == world.plan.batch and n.status is not NominationStatus.WITHDRAWN and n.nominated_on <= as_of
    ]


def in_scope_counts(world: World, as_of: date) -> Counter[str]:
    """Unit → N, its in-scope associations on the day."""
    return Counter(
        a.unit
        for a in world.rows(Association)
        if a.in_scope is ScopeFlag.IN
        and (a.registered_on is None or a.registered_on <= as_of)
        and (a.ended_on is None or a.ended_on > as_of)
    )


def bounds(world: World, unit: str, count: int) -> tuple[int, int, bool]:
    """(floor, expected, voluntary) for a unit with ``count`` associations; a fixed list knows a unit by any name."""
    quota = world.plan.quota
    if isinstance(quota, FixedList):
        unit = next((entry.unit for entry in quota.lists if world.who(entry.unit) == unit), unit)
    return quota.bounds(unit, count)


def list_kind(plan: Plan) -> DocumentKind | None:
    """The document in which each supervising unit submits whom it recommends; None where the plan knows no such."""
    return next((k for k in plan.documents if k.per is Scope.SUPERVISOR and k.tracked_in == "documents"), None)


def submitting(kind: DocumentKind) -> Step:
    """The step by which a list is submitted: the one after the drafting one."""
    return kind.steps[min(1, len(kind.steps) - 1)]


def submitted_lists(chains: Iterable[ChainState], plan: Plan, batch: int) -> dict[str, tuple[ChainState, date | None]]:
    """Unit → the chain of its list in a batch, and the day it was submitted."""
    kind, found = list_kind(plan), {}
    for chain in chains:
        unit = chain.document.unit
        if chain.kind is kind and unit and chain.document.batch == batch:
            found[unit] = (chain, chain.passed_on(submitting(kind).verb))
    return found


def unit_quotas(world: World, chains: tuple[ChainState, ...], as_of: date) -> tuple[UnitQuota, ...]:
    """The quota of every unit that supervises or has recommended, in sheet order. N freezes at submission."""
    counts = in_scope_counts(world, as_of)
    standing = recommended(world, as_of)
    given = Counter(n.unit for n in standing)
    chosen = Counter(n.unit for n in standing if is_selected(n, as_of))
    explained = {n.unit for n in standing if n.reason}
    lists = submitted_lists(chains, world.plan, world.plan.batch)
    result = []
    for unit in world.units:
        chain, submitted_on = lists.get(unit, (None, None))
        if unit not in counts and unit not in given and not (chain and chain.acts):
            continue
        frozen = chain.document.frozen_count if chain and submitted_on else None
        floor, expected, voluntary = bounds(world, unit, counts[unit] if frozen is None else frozen)
        reasoned = unit in explained or bool(chain and chain.document.remark)
        result.append(
            UnitQuota(
                unit,
                counts[unit],
                frozen,
                floor,
                expected,
                voluntary,
                given[unit],
                chosen[unit],
                reasoned,
                submitted_on,
            )
        )
    return tuple(result)


def is_selected(nomination: Nomination, as_of: date) -> bool:
    """Selected as a pilot (选定) on the day."""
    return (
        nomination.status is NominationStatus.SELECTED
        and nomination.selected_on is not None
        and nomination.selected_on <= as_of
    )
