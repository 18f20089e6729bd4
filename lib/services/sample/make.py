"""Make the sample of a plan as of a day: rows for every sheet, then a dozen deliberate mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from lib.services.sample import names
from lib.services.sample.chains import Registry
from lib.services.sample.mistakes import plant
from lib.services.sample.work import make_coordination, make_policies, make_reports, make_tasks
from sheets_schema.associations import Association, LegalForm, ScopeFlag
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.phases import PhaseNote
from sheets_schema.plan import Plan, RoleKey
from sheets_schema.plan_chains import Scope
from sheets_schema.quota import FixedList
from sheets_schema.sheet import Row, YesNo
from sheets_schema.units import Unit

SEED = 2015


@dataclass
class Sample:
    """What has been made so far."""

    plan: Plan
    as_of: date
    random: Random
    units: list[Unit]
    associations: list[Association]
    nominations: list[Nomination]
    registry: Registry

    @property
    def pilots(self) -> list[Association]:
        """Associations selected as pilots."""
        chosen = {n.association for n in self.nominations if n.status is NominationStatus.SELECTED}
        return [association for association in self.associations if association.name in chosen]


def make_sample(plan: Plan, as_of: date | None = None, scale: int = 1, mistakes: bool = True) -> dict[str, list[Row]]:
    """Sheet key → rows, for a batch of this plan as it would stand on ``as_of`` (default: the plan's sample day).

    ``scale`` multiplies the number of associations; ``mistakes`` plants the deliberate ones.
    """
    day = as_of or plan.sample_as_of or date(2016, 3, 31)
    random = Random(SEED)
    units = _units(plan, random)
    supervisors = [unit for unit in units if plan.role(RoleKey.SUPERVISOR) in unit.roles]
    associations = _associations(plan, supervisors, random, scale)
    sample = Sample(plan, day, random, units, associations, [], Registry(plan, day, random))
    _nominate(sample, supervisors)
    _documents(sample)
    tasks, updates = make_tasks(sample.pilots, sample.registry, day)
    reports = make_reports(plan, units, day, random)
    events, problems, extensions = make_coordination(plan, units, tasks, day, random)
    rows: dict[str, list[Row]] = {
        "units": list(units),
        "associations": list(associations),
        "nominations": list(sample.nominations),
        "documents": list(sample.registry.documents),
        "approvals": list(sample.registry.acts),
        "tasks": list(tasks),
        "updates": list(updates),
        "reports": list(reports),
        "policies": list(make_policies(plan, day)),
        "events": list(events),
        "problems": list(problems),
        "extensions": list(extensions),
        "phases": list(phase_rows(plan)),
    }
    if mistakes:
        plant(rows, plan, day)
    return rows


def phase_rows(plan: Plan) -> list[PhaseNote]:
    """The plan's phases as rows of the sheet 阶段."""
    return [PhaseNote(id=p.id, title=p.title, start=p.start, due=p.due) for p in plan.phases]


def unit_rows(plan: Plan) -> list[Unit]:
    """The plan's units as rows of the sheet 单位."""
    return [
        Unit(id=f"DW-{n:02d}", name=u.name, aliases=u.aliases, roles=tuple(plan.role(role) for role in u.roles))
        for n, u in enumerate(plan.units, 1)
    ]


def _units(plan: Plan, random: Random) -> list[Unit]:
    made = []
    outside = Unit(
        id=f"DW-{len(plan.units) + 1:02d}",
        name=names.OUTSIDE_UNIT,
        roles=(plan.role(RoleKey.SUPERVISOR),),
        remark="相关单位之外的业务主管单位",
    )
    for n, unit in enumerate([*unit_rows(plan), outside]):
        made.append(
            Unit(
                id=unit.id, name=unit.name, aliases=unit.aliases, roles=unit.roles, leader=names.person(random),
                leader_post="副主任", leader_phone=names.phone(n), liaison=names.person(random),
                liaison_post="处长", liaison_phone=names.phone(5000 + n),
                email=names.email(n + 1), remark=unit.remark,
            )
        )  # fmt: skip
    return made


def _associations(plan: Plan, supervisors: list[Unit], random: Random, scale: int) -> list[Association]:
    counts = [(names.COUNTS[n % len(names.COUNTS)]) * scale for n in range(len(supervisors))]
    outside = 7
    pool = names.association_names(sum(counts) + outside, plan.in_scope.suffixes, random)
    made: list[Association] = []
    for unit, count in zip(supervisors, counts, strict=True):
        listed = _listed(plan, unit.name)
        for place in range(max(count, len(listed))):
            number = len(made)
            name = pool[number] if number < len(pool) else f"{names.PLACE_WORD}第{number}行业协会"
            name = listed[place] if place < len(listed) else name
            made.append(_association(number, name, unit.name, ScopeFlag.IN, random))
    for n in range(outside):
        number = len(made)
        name = f"{names.PLACE_WORD}{names.TRADES[n]}{('研究院', '基金会', '学会')[n % 3]}"
        made.append(_association(number, name, supervisors[n % len(supervisors)].name, ScopeFlag.OUT, random))
    return made


def _listed(plan: Plan, unit: str) -> tuple[str, ...]:
    """The associations that a plan with a fixed list names for a unit."""
    lists = plan.quota.lists if isinstance(plan.quota, FixedList) else ()
    return tuple(name for entry in lists if entry.unit == unit for name in entry.associations)


def _association(number: int, name: str, unit: str, flag: ScopeFlag, random: Random) -> Association:
    trade = next((trade for trade in names.TRADES if trade in name), None)
    category = "商会" if name.endswith("商会") else "联合会" if name.endswith("联合会") else "行业协会"
    inside = flag is ScopeFlag.IN
    return Association(
        id=f"XH-{number + 1:04d}", name=name, credit_code=names.credit_code(number + 1), unit=unit,
        category=category if inside else "其他", industry=trade,
        legal_form=LegalForm.ASSOCIATION if inside else LegalForm.FOUNDATION,
        same_industry=YesNo.YES if inside else YesNo.NO, in_scope=flag,
        scope_reason=None if inside else "登记形式或名称不在范围内",
        registered_on=date(random.randint(1988, 2012), random.randint(1, 12), random.randint(1, 28)),
        contact=names.person(random), phone=names.phone(7000 + number),
    )  # fmt: skip


def _nominate(sample: Sample, supervisors: list[Unit]) -> None:
    """Each unit recommends what is expected of it; small units by choice; two units are behind, one is short."""
    plan, random = sample.plan, sample.random
    kind = next(k for k in plan.documents if k.per is Scope.SUPERVISOR)
    phase = plan.phase_by_id[kind.phase or plan.phases[0].id]
    due = phase.due or sample.as_of
    for n, unit in enumerate(supervisors):
        mine = [a for a in sample.associations if a.unit == unit.name and a.in_scope is ScopeFlag.IN]
        _floor, expected, voluntary = plan.quota.bounds(unit.name, len(mine))
        wanted = 1 if voluntary and len(mine) == 4 else expected
        if n == 5:
            wanted = max(0, expected - 2)
        if not wanted:
            continue
        late = n in (8, 13)
        stop = 2 if late else 99
        start = due - timedelta(days=24 if not late else 6)
        sample.registry.walk(
            kind, start, unit=unit.name, title=f"{unit.name}{kind.kind}", stop=stop, frozen_count=len(mine)
        )
        chosen_on = sample.registry.acts[-1].decided_on
        for association in mine[:wanted]:
            selected = not late and not voluntary
            sample.nominations.append(
                Nomination(
                    id=f"TJ-{len(sample.nominations) + 1:03d}", batch=plan.batch, association=association.name,
                    unit=unit.name, nominated_on=start + timedelta(days=random.randint(1, 3)),
                    voluntary=YesNo.YES if voluntary else None,
                    status=NominationStatus.SELECTED if selected else NominationStatus.NOMINATED,
                    selected_on=chosen_on if selected else None,
                )
            )  # fmt: skip


def _documents(sample: Sample) -> None:
    """Walk every other kind of document, those that gates require first."""
    plan, registry, random = sample.plan, sample.registry, sample.random
    first = next((kind for kind in plan.documents if kind.per is Scope.PILOT), None)
    for kind in plan.documents:
        phase = plan.phase_by_id.get(kind.phase or "")
        due = phase.due if phase and phase.due else None
        start = (phase.start if phase else None) or (due - timedelta(days=40) if due else plan.window_start)
        if start is None or kind.tracked_in != "documents" or kind.per is Scope.SUPERVISOR:
            continue
        if kind.per is Scope.ONCE:
            returned = 3 if kind is plan.documents[0] and len(kind.steps) > 3 else None
            registry.walk(kind, start, title=f"{plan.place}{kind.kind}", returned_at=returned)
        elif (
            kind.per is Scope.PILOT
            and start <= sample.as_of
            and (kind is first or not (phase and phase.executes_checklist))
        ):
            for n, pilot in enumerate(sample.pilots):
                if n == 17:
                    continue
                begin = start + timedelta(days=random.randint(20, 70))
                registry.walk(
                    kind, begin, association=pilot, title=f"{pilot.name}{kind.kind}",
                    stop=2 if n in (9, 30) else 99, returned_at=1 if n in (4, 21, 33) else None,
                )  # fmt: skip
        elif kind.per is Scope.PERIOD:
            for period in plan.cadence.periods:
                if period.due and period.due < sample.as_of:
                    registry.walk(
                        kind, period.due + timedelta(days=2), period=period.id, title=f"{period.title}{kind.kind}"
                    )
        elif kind.per is Scope.UNIT:
            for n, planned in enumerate(plan.units):
                if n % 6:
                    begin = (plan.window_start or start) + timedelta(days=120 + n)
                    registry.walk(kind, begin, unit=planned.name, title=f"{planned.name}{kind.kind}")
