"""A ledger as the rows of a roll-up: the figures the pages of its city show, nothing counted anew. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.domain.findings import Severity
from lib.domain.ledger import Ledger
from lib.domain.reasons import Reasons
from lib.i18n import Text, speaking
from lib.rollup.rows import Figure, Finding, Item, Phase, Pilot, Place, Quota, Report, Row, State, Unit
from lib.services.policy import Sight
from lib.services.whose import veiled
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import TaskStatus

WITHOUT_PERSONAL = Sight(personal=False)
"""Who reads a roll-up sees every unit's records, and nobody's phone number."""
CHINESE, ENGLISH = "zh", "en"
TOLD = (StateKey.OVERDUE, StateKey.NEAR, StateKey.BEHIND, StateKey.WAITING)
"""States in which something is listed as owed."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a ledger came from: the workbook's key and address, and what tells its content and its plan's."""

    key: str
    source: str
    digest: str
    plan_digest: str


def rows_of(ledger: Ledger, origin: Origin) -> dict[type[Row], Sequence[Row]]:
    """Row class → the rows of one place, in the order of its ledger."""
    key = origin.key
    return {
        Place: [_place(ledger, origin)],
        Phase: list(_phases(ledger, key)),
        Quota: list(_quotas(ledger, key)),
        Pilot: list(_pilots(ledger, key)),
        Item: list(_items(ledger, key)),
        Report: list(_reports(ledger, key)),
        Finding: list(_findings(ledger, key)),
        Figure: list(_figures(ledger, key)),
        Unit: list(_units(ledger, key)),
    }


def _place(ledger: Ledger, origin: Origin) -> Place:
    plan = ledger.plan
    return Place(
        origin.key, origin.source, State.OK.value, None, None, ledger.as_of, origin.digest, origin.plan_digest,
        plan.place, plan.id, plan.title, plan.batch, ledger.is_sample,
        ledger.total_rows, ledger.total_rows - ledger.left_out,
        ledger.count(Severity.ERROR), ledger.count(Severity.WARNING), ledger.count(Severity.NOTE),
    )  # fmt: skip


def _phases(ledger: Ledger, key: str) -> Iterator[Phase]:
    for position, p in enumerate(ledger.phases, 1):
        light = ledger.plan.lights.by_state[p.state]
        yield Phase(
            key, position, p.phase.id, p.phase.title, p.phase.clause, p.phase.start, p.due, p.state.value,
            light.word, light.shape, p.done, p.total, p.waiting, p.done_on, p.days_late,
        )  # fmt: skip


def _quotas(ledger: Ledger, key: str) -> Iterator[Quota]:
    for q in ledger.quotas:
        yield Quota(
            key, q.unit, q.count, q.frozen, q.floor, q.expected, q.voluntary, q.recommended, q.selected,
            q.verdict.value, q.submitted_on,
        )  # fmt: skip


def _pilots(ledger: Ledger, key: str) -> Iterator[Pilot]:
    for p in ledger.pilots:
        yield Pilot(
            key, p.id, p.name, p.unit, p.selected_on, p.plan_approved_on, p.tally.done, p.tally.total,
            p.tally.not_applicable, p.unrecorded, p.last_news, p.silent_for,
        )  # fmt: skip


def _items(ledger: Ledger, key: str) -> Iterator[Item]:
    reasons = Reasons(ledger)
    for d in ledger.dues:
        why = both(reasons.of(d)) if d.state is StateKey.OVERDUE else (None, None)
        yield Item(
            key, d.state.value, *both(d.what), d.unit, d.owner, d.clause, d.due, d.days_left, d.sheet, d.record, *why
        )


def _reports(ledger: Ledger, key: str) -> Iterator[Report]:
    for r in ledger.reports:
        yield Report(key, r.unit, r.period.id, r.period.title, r.period.due, r.submitted_on, r.state, r.days_late)


def _findings(ledger: Ledger, key: str) -> Iterator[Finding]:
    spoken = {}
    for language in (CHINESE, ENGLISH):
        with speaking(language):
            spoken[language] = [veiled(f, WITHOUT_PERSONAL, ledger.world)[1:] for f in ledger.findings]
    for f, chinese, english in zip(ledger.findings, spoken[CHINESE], spoken[ENGLISH], strict=True):
        yield Finding(
            key, f.rule, f.severity.value, f.clause, f.sheet, f.row, f.column, f.record, f.unit,
            chinese[0], english[0], chinese[1], english[1],
        )  # fmt: skip


def _figures(ledger: Ledger, key: str) -> Iterator[Figure]:
    """The city's n/N, each of which adds up over places."""
    plan = ledger.plan

    def figure(name: str, n: int, of: int, part: str = "", title: str = "") -> Figure:
        return Figure(key, name, part, title, n, of)

    done = sum(p.state is StateKey.DONE for p in ledger.phases)
    yield figure("phases", done, len(ledger.phases))
    for p in ledger.phases:
        yield figure("phase", p.done, p.total, p.phase.id, p.phase.title)
    yield figure("recommended", sum(q.recommended for q in ledger.quotas), sum(q.expected for q in ledger.quotas))
    yield figure("selected", len(ledger.pilots), sum(q.recommended for q in ledger.quotas))
    approved = sum(p.plan_approved_on is not None for p in ledger.pilots)
    yield figure("plans", approved, len(ledger.pilots))
    yield figure("checklist", ledger.tally.done, ledger.tally.total)
    for part in plan.checklist.separations:
        tallies = [p.by_separation[part.id] for p in ledger.pilots]
        yield figure("separation", sum(t.done for t in tallies), sum(t.total for t in tallies), part.id, part.title)
    yield from (figure("item", *counted) for counted in _by_item(ledger))
    for period in plan.cadence.periods:
        cells = [r for r in ledger.reports if r.period is period]
        if cells:
            filed = sum(r.submitted_on is not None for r in cells)
            yield figure("reports", filed, len(cells), period.id, period.title)


def _by_item(ledger: Ledger) -> Iterator[tuple[int, int, str, str]]:
    """Checklist item by item over all pilots: done, all that apply, its id and title."""
    done, total = Counter[str](), Counter[str]()
    for task in (task for pilot in ledger.pilots for task in pilot.work.tasks):
        if task.status is not TaskStatus.NOT_APPLICABLE:
            total[task.item] += 1
            is_done = task.status is TaskStatus.DONE and task.done_on is not None and task.done_on <= ledger.as_of
            done[task.item] += is_done
    for id, (_part, item) in ledger.plan.checklist.items.items():
        yield done[id], total[id], id, item.title


def _units(ledger: Ledger, key: str) -> Iterator[Unit]:
    world = ledger.world
    owed = Counter((world.who(d.unit), d.state) for d in ledger.dues)
    reports = Counter(r.unit for r in ledger.reports)
    filed = Counter(r.unit for r in ledger.reports if r.submitted_on)
    quotas = {q.unit: q for q in ledger.quotas}
    for unit in world.units:
        quota, mine = quotas.get(unit), [p for p in ledger.pilots if p.unit == unit]
        late, near, behind, waiting = (owed[unit, state] for state in TOLD)
        yield Unit(
            key, unit, "、".join(sorted(world.roles_of(unit))), late, near, behind, waiting, reports[unit], filed[unit],
            quota.expected if quota else 0, quota.recommended if quota else 0,
            len(mine), sum(p.tally.done for p in mine), sum(p.tally.total for p in mine),
        )  # fmt: skip


def both(text: Text) -> tuple[str, str]:
    """A sentence in Chinese and in English."""
    with speaking(CHINESE):
        chinese = str(text)
    with speaking(ENGLISH):
        return chinese, str(text)
