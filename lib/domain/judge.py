"""Judge a snapshot: cells → rows → which rows are in force, with every finding on the way. Pure and incremental."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any

from lib.domain.findings import CHECKS, Check, Finding, Hit, Severity, to_finding
from lib.domain.layout import match_sheets, meta_of, sheets_in
from lib.domain.owners import NOBODY, audience
from lib.domain.parse import Parsed, Resolver, parse_sheet
from lib.domain.rules import load_all
from lib.domain.rules.schema import torn_hits
from lib.domain.world import Table, World, index, resolver
from sheets_schema.associations import Association
from sheets_schema.documents import Approval
from sheets_schema.nominations import Nomination
from sheets_schema.plan import Plan
from sheets_schema.reports import headings_of
from sheets_schema.sheet import Row, Sheet
from sheets_schema.snapshot import Snapshot
from sheets_schema.tasks import Task
from sheets_schema.units import Unit
from sheets_schema.workbook import JUDGED, PEOPLE

load_all()

_NUMBERED = list(enumerate(CHECKS))
_PLANNED: dict[str, list[tuple[int, list[tuple[int, Check]]]]] = {
    sheet.key: [
        (tier, [(number, check) for number, check in _NUMBERED if (check.sheet, check.tier) == (sheet.key, tier)])
        for tier in sorted({check.tier for check in CHECKS if check.sheet == sheet.key})
    ]
    for sheet in PEOPLE
}
"""Sheet key → its checks and their places in the catalogue, tier by tier."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A snapshot judged on a day: tables of rows in force, findings of rows, and what the next judging reuses."""

    revision: str
    plan: Plan
    today: date
    epoch_1904: bool
    world: World
    findings: tuple[Finding, ...]
    meta: dict[str, str]
    parsed: dict[str, Parsed]
    stages: dict[str, _Stage]

    @property
    def total_rows(self) -> int:
        """All non-blank rows of the people's sheets."""
        return sum(table.total for table in self.world.tables.values())

    def goes_on(self, snapshot: Snapshot, plan: Plan, today: date) -> bool:
        """Whether a snapshot is judged by the same plan on the same day, its bare serial numbers counted alike."""
        return self.plan is plan and self.today == today and self.epoch_1904 == snapshot.epoch_1904

    @property
    def left_out(self) -> int:
        """Rows without effect because of an error."""
        return sum(len(table.left_out) for table in self.world.tables.values())


@dataclass(frozen=True, slots=True)
class _Stage:
    """One sheet judged: its table, index for references, findings, and what it was judged against.

    ``face`` stands for all that checks of other sheets see of this one: it stays the same object while that does, and
    so does ``spellings``.
    """

    table: Table[Any]
    spellings: dict[str, str]
    hits: tuple[Hit, ...]
    findings: tuple[Finding, ...]
    """What was found, and the findings this makes, one by one."""
    upstream: tuple[object, ...]
    found_by: dict[int, tuple[Hit, ...]]
    """What each check found, by its place in the catalogue."""
    outs: dict[int, frozenset[int]]
    """The rows that had dropped out before each tier."""
    face: object


REFERRED = frozenset(column.ref for sheet in PEOPLE for column in sheet.columns if column.ref)
"""Sheets that others refer to."""

SEEN: dict[type[Row], Callable[[Any], object]] = {
    Unit: attrgetter("id", "name", "confirmed_name", "aliases", "roles"),
    Association: attrgetter("id", "name", "unit", "in_scope", "registered_on", "ended_on"),
    Nomination: attrgetter("batch", "association", "status"),
    Approval: lambda act: None,
    Task: attrgetter("id", "planned_on"),
}
"""What checks of other sheets look at in a row; all of it where nothing is said. Of approvals they see the chains.

A test watches every look, so that none is forgotten here.
"""


def judge(snapshot: Snapshot, plan: Plan, today: date, previous: Judged | None = None) -> Judged:
    """Everything a workbook says under a plan on a day. ``previous`` spares reading unchanged rows again."""
    if previous is not None and not previous.goes_on(snapshot, plan, today):
        previous = None
    headings = headings_of(plan.cadence)
    matched, sheet_hits = match_sheets(snapshot, headings)
    sheets = sheets_in(matched, headings)
    world = World(plan, today)
    if previous is not None:
        former = previous.world
        world = World(plan, today, chains=former.chains, works=former.works, replays=former.replays)
    findings = [to_finding(hit, plan) for hit in (*sheet_hits, *torn_hits(snapshot, sheets))]
    parsed: dict[str, Parsed] = {}
    stages: dict[str, _Stage] = {}
    resolvers: dict[str, tuple[dict[str, str], Resolver]] = {}
    upstream: tuple[object, ...] = ()
    for sheet in (sheets[declared.key] for declared in JUDGED):
        old = previous.parsed.get(sheet.key) if previous else None
        before = previous.stages.get(sheet.key) if previous else None
        read = parse_sheet(matched.get(sheet.key), sheet, plan, resolvers, snapshot.epoch_1904, old)
        parsed[sheet.key] = read
        same_upstream = before is not None and before.upstream == upstream
        if before is not None and same_upstream and old is not None and _same_read(read, old):
            stage = before
            world.settle(sheet.model, before.table)
        else:
            stage = _judge_sheet(read, sheet, world, upstream, before if same_upstream else None, old)
            if before is not None and old is not None and previous is not None:
                same_chains = sheet.model is not Approval or world.chains is previous.world.chains
                if same_chains and _looks_same(read, old, stage, before):
                    stage = replace(stage, face=before.face)
        if sheet.key in REFERRED:
            if before is not None and stage is not before and before.spellings == stage.spellings:
                stage = replace(stage, spellings=before.spellings)
            resolvers[sheet.key] = (stage.spellings, resolver(stage.spellings, sheet))
        stages[sheet.key] = stage
        upstream = (*upstream, stage.face)
        findings += stage.findings
    return Judged(
        snapshot.revision, plan, today, snapshot.epoch_1904, world, tuple(findings), meta_of(matched), parsed, stages
    )


def _same_read(read: Parsed, old: Parsed) -> bool:
    """Whether a worksheet was read with the same rows and the same layout as before."""
    if read is old:
        return True
    return read.changed == frozenset() and (old.layout, old.layout_hits) == (read.layout, read.layout_hits)


def _looks_same(read: Parsed, old: Parsed, stage: _Stage, before: _Stage) -> bool:
    """Whether checks of other sheets see the same rows in force as before, and the same in them."""
    if stage.table.left_out != before.table.left_out:
        return False
    if read is old:
        return True
    seen = SEEN.get(read.sheet.model)
    if read.changed is None:
        return False
    for number in read.changed - stage.table.left_out:
        now, then = read.record(number), old.record(number)
        if now is None or then is None or seen is None or seen(now) != seen(then):
            return False
    return True


def _judge_sheet(
    read: Parsed, sheet: Sheet, world: World, upstream: tuple[object, ...], before: _Stage | None, old: Parsed | None
) -> _Stage:
    """Run the row checks of one sheet, tier by tier; a row with an error drops out before the next tier.

    With ``before``, judged from ``old`` against the same other sheets, checks that look at single rows run on changed
    rows only, and checks that compare rows run only when what they look at has changed.
    """
    changed = read.changed if before is not None else None
    kept = before.found_by if before is not None and changed is not None else {}
    hits = [*read.layout_hits, *(hit for found in read.hits.values() for hit in found)]
    out = set(read.bad)
    found_by: dict[int, tuple[Hit, ...]] = {}
    outs: dict[int, frozenset[int]] = {}
    table = _table(read, out, before.table if before is not None else None)
    world.settle(sheet.model, table)
    for tier, planned in _PLANNED[sheet.key]:
        outs[tier] = table.left_out
        same_rows = before is not None and before.outs.get(tier) == table.left_out
        touched: Sequence[Row] = () if changed is None else _rows(read, changed - table.left_out)
        for number, check in planned:
            if check.local and changed is not None:
                found = [hit for hit in kept.get(number, ()) if hit.row not in changed]
                found += check.run(touched, world)
            elif number in kept and same_rows and check.looks and _same_in(check.looks, touched, old):
                found = list(kept[number])
            else:
                found = list(check.run(table.rows, world))
            found_by[number] = tuple(found)
            hits += found
            out |= {h.row for h in found if h.row is not None and h.rule.severity is Severity.ERROR}
        if len(out) > len(table.left_out):
            table = _table(read, out, table)
            world.settle(sheet.model, table)
    known: Mapping[int, Finding] = {}
    if before is not None and changed is not None:
        known = {
            id(hit): made for hit, made in zip(before.hits, before.findings, strict=True) if hit.row not in changed
        }
    findings = tuple(known.get(id(hit)) or located(hit, read, world) for hit in hits)
    spellings = index(table, world, iter(read.rows)) if sheet.key in REFERRED else {}
    return _Stage(table, spellings, tuple(hits), findings, upstream, found_by, outs, object())


def _rows(read: Parsed, numbers: Iterable[int]) -> list[Row]:
    return [row for row in map(read.record, sorted(numbers)) if row is not None]


def _same_in(looks: tuple[str, ...], rows: Sequence[Row], old: Parsed | None) -> bool:
    """Whether some fields of changed rows are what they were."""
    look = attrgetter(*looks)
    pairs = ((old.record(row.row), row) for row in rows) if old is not None else iter([(None, rows)])
    return all(was is not None and look(was) == look(row) for was, row in pairs)


def _table(read: Parsed, out: Set[int], known: Table[Any] | None) -> Table[Any]:
    """The rows without those that are out. ``known``: a table of the last time, or of this one with fewer rows out."""
    records, numbers = read.records, out
    if known is not None and read.changed is not None:
        records, numbers = known.records.resized(len(read.records)), read.changed | (out ^ known.left_out)
    places = {number - read.start: None if number in out else read.record(number) for number in numbers}
    records = records.exchanged({at: row for at, row in places.items() if 0 <= at < len(records)})
    extras = tuple(label for _, label in read.layout.extras) if read.layout else ()
    return Table(read.sheet, records, read.total, frozenset(out), extras)


def located(hit: Hit, read: Parsed, world: World) -> Finding:
    """The finding that a hit in a sheet makes, with its cell, its record, and whose that is.

    What is said of a unit is that unit's, what is said of a record is for those who answer for it; a row below the
    header that is no record, such as a stray merged range, may hold anything and is the office's.
    """
    row = read.record(hit.row) if hit.row is not None else None
    top = read.layout.header_row if read.layout else 0
    about = NOBODY if hit.row is not None and hit.row > top else None
    record, unit = "", ""
    if row is not None:
        about, record, unit = audience(row, world), row.id, hit.unit or world.unit_of(row)
    if hit.unit:
        about = (about or NOBODY) | {world.who(hit.unit)}
    return to_finding(hit, world.plan, read.layout.addresses if read.layout else {}, record, unit, about)
