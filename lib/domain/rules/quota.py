"""Q: the quota (推荐名额)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from lib.domain.findings import Hit, Severity, checks, rule
from lib.domain.normalise import key, keys
from lib.domain.quota import Verdict, bounds, in_scope_counts, submitted_lists
from lib.domain.rules.integrity import first_of_each
from lib.domain.world import World
from lib.i18n import N_
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.quota import FixedList
from sheets_schema.sheet import YesNo

if TYPE_CHECKING:
    from lib.domain.ledger import Figures

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

Q01 = rule(
    "Q01", ERROR, N_("推荐数不足"), N_("“{unit}”主管 {n} 家，至少应推荐 {floor} 家，现推荐 {given} 家"),
    N_("补充推荐，或复核主管协会的“是否纳入”"), "quota",
)  # fmt: skip
Q02 = rule(
    "Q02", WARNING, N_("推荐数需说明"), N_("“{unit}”主管 {n} 家，提示推荐 {expected} 家，现推荐 {given} 家，尚无说明"),
    N_("在“推荐说明”写明理由，或补充推荐"), "quota",
)  # fmt: skip
Q03 = rule(
    "Q03",
    NOTE,
    N_("推荐数超过提示数"),
    N_("“{unit}”提示推荐 {expected} 家，现推荐 {given} 家"),
    N_("允许，无须处理"),
    "quota",
)
Q04 = rule(
    "Q04", ERROR, N_("自愿参加未注明"), N_("“{unit}”主管 {n} 家，属自愿参加，但“{name}”未注明自愿，本行不计入"),
    N_("确属自愿的，在“自愿”填“是”"), "quota",
)  # fmt: skip
Q05 = rule(
    "Q05",
    ERROR,
    N_("同一批重复推荐"),
    N_("“{name}”在第 {batch} 批已由第 {other} 行推荐"),
    N_("每家每批保留一行"),
    "quota",
)
Q06 = rule(
    "Q06", ERROR, N_("推荐单位不是其业务主管单位"), N_("“{name}”的业务主管单位是“{owner}”，不是“{unit}”"),
    N_("改由其业务主管单位推荐，或改正名录"), "quota",
)  # fmt: skip
Q07 = rule(
    "Q07",
    ERROR,
    N_("不在范围内"),
    N_("“{name}”判定为“{flag}”，不能推荐为试点"),
    N_("撤回推荐，或先改正范围判定"),
    "scope",
)
Q08 = rule(
    "Q08", WARNING, N_("主管协会数有变动"), N_("“{unit}”报送名单时主管 {frozen} 家，现为 {n} 家；名额仍按报送时计算"),
    N_("核对名录变动是否属实"), "quota",
)  # fmt: skip
Q09 = rule(
    "Q09", ERROR, N_("不在既定名单"), N_("“{name}”不在方案的既定名单内"), N_("撤回推荐，或修改方案名单"), "quota"
)
Q10 = rule(
    "Q10",
    WARNING,
    N_("既定名单所列协会未登记"),
    N_("方案的既定名单列有“{unit}”的“{name}”，“{sheet_label}”里没有计入的登记"),
    N_("在“{sheet_label}”登记，或改正方案名单里的名称"),
    "quota",
)


@checks(Q06, Q07, Q09, sheet="nominations", local=True)
def nominations(rows: Sequence[Nomination], world: World) -> Iterator[Hit]:
    """A nomination is its own unit's, of an association in scope, and on the list where there is a fixed one."""
    quota = world.plan.quota
    listed = {key(name) for name in quota.names()} if isinstance(quota, FixedList) else None
    for row, name, association in _standing(rows, world):
        place = {"sheet": "nominations", "row": row.row, "record": row.id}
        if association.unit != row.unit:
            yield Q06.hit(**place, column="unit", value=row.unit, name=name, unit=row.unit, owner=association.unit)
        if association.in_scope is not ScopeFlag.IN:
            flag = association.in_scope.value
            yield Q07.hit(**place, column="association", value=name, name=name, flag=flag)
        if listed is not None and key(name) not in listed:
            yield Q09.hit(**place, column="association", value=name, name=name)


@checks(Q05, sheet="nominations", tier=1, looks=("id", "batch", "association", "status"))
def nominated_once(rows: Sequence[Nomination], world: World) -> Iterator[Hit]:
    """An association is nominated once in a batch."""
    standing = {row: name for row, name, _association in _standing(rows, world)}
    for row, first in first_of_each(list(standing), map(attrgetter("association", "batch"), standing)):
        name = standing[row]
        place = {"sheet": "nominations", "row": row.row, "column": "association", "record": row.id, "value": name}
        yield Q05.hit(**place, name=name, batch=row.batch, other=first.row)


@checks(Q04, sheet="nominations", local=True)
def voluntary(rows: Sequence[Nomination], world: World) -> Iterator[Hit]:
    """Below the voluntary threshold every nomination carries its 自愿 flag; N as frozen once the list was submitted."""
    counts = in_scope_counts(world, world.today)
    lists = {batch: submitted_lists(world.chains, world.plan, batch) for batch in {row.batch for row in rows}}

    @cache
    def asked(batch: int, unit: str) -> tuple[int, bool]:
        chain, submitted_on = lists[batch].get(unit, (None, None))
        frozen = chain.document.frozen_count if chain and submitted_on else None
        count = counts[unit] if frozen is None else frozen
        return count, bounds(world, unit, count)[2]

    for row, name, _association in _standing(rows, world):
        count, is_voluntary = asked(row.batch, row.unit)
        if is_voluntary and row.voluntary is not YesNo.YES:
            place = {"sheet": "nominations", "row": row.row, "column": "voluntary", "record": row.id}
            yield Q04.hit(**place, unit=row.unit, n=count, name=name)


def _standing(rows: Sequence[Nomination], world: World) -> Iterator[tuple[Nomination, str, Association]]:
    """Nominations not withdrawn, with the association's name and record."""
    for row in rows:
        association = world.associations.get(row.association)
        if association is not None and row.status is not NominationStatus.WITHDRAWN:
            yield row, association.name, association


@checks(Q01, Q02, Q03, Q08)
def quotas(figures: Figures) -> Iterator[Hit]:
    """Each unit's recommendation against its quota, once it has recommended or is due to."""
    for quota in figures.quotas:
        unit = figures.world.units[quota.unit]
        place = {"sheet": "units", "row": unit.row, "column": "name", "record": unit.id, "value": unit.name}
        n = quota.count if quota.frozen is None else quota.frozen
        counts = {"unit": quota.unit, "n": n, "given": quota.recommended, "expected": quota.expected}
        owing = quota.recommended or quota.submitted_on or figures.quota_is_due
        if quota.verdict is Verdict.SHORT and owing:
            yield Q01.hit(**place, **counts, floor=quota.floor)
        elif quota.verdict is Verdict.EXPLAIN and owing and not quota.explained:
            yield Q02.hit(**place, **counts)
        elif quota.verdict is Verdict.ABOVE:
            yield Q03.hit(**place, **counts)
        if quota.frozen is not None and quota.frozen != quota.count:
            yield Q08.hit(**place, unit=quota.unit, frozen=quota.frozen, n=quota.count)


@checks(Q10)
def listed(figures: Figures) -> Iterator[Hit]:
    """Every association on a fixed list is registered."""
    world, quota = figures.world, figures.plan.quota
    table = world.table(Association)
    for entry in quota.lists if isinstance(quota, FixedList) else ():
        for name in entry.associations:
            if key(name) not in table.look_up(_names):
                place = {"sheet": "associations", "value": name, "unit": world.who(entry.unit)}
                yield Q10.hit(**place, name=name, sheet_label=table.sheet.label)


def _names(rows: tuple[Association, ...]) -> frozenset[str]:
    return frozenset(keys([row.name for row in rows]))
