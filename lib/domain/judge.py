"""Judge a snapshot: cells → rows → which rows are in force, with every finding on the way. Pure and incremental."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lib.domain.findings import CHECKS, Finding, Hit, Severity, to_finding
from lib.domain.layout import match_sheets
from lib.domain.parse import Parsed, Resolver, parse_sheet
from lib.domain.rules import load_all
from lib.domain.world import Table, World, index, resolver
from sheets_schema.documents import Approval
from sheets_schema.plan import Plan
from sheets_schema.sheet import Row, Sheet
from sheets_schema.snapshot import Snapshot
from sheets_schema.workbook import JUDGED, META, PEOPLE

load_all()


@dataclass(frozen=True, slots=True)
class Judged:
    """A snapshot judged on a day: tables of rows in force, findings of rows, and what the next judging reuses."""

    revision: str
    plan: Plan
    today: date
    world: World
    findings: tuple[Finding, ...]
    meta: dict[str, str]
    parsed: dict[str, Parsed]
    stages: dict[str, _Stage]

    @property
    def total_rows(self) -> int:
        """All non-blank rows of the people's sheets."""
        return sum(table.total for table in self.world.tables.values())

    @property
    def left_out(self) -> int:
        """Rows without effect because of an error."""
        return sum(len(table.left_out) for table in self.world.tables.values())


@dataclass(frozen=True, slots=True)
class _Stage:
    """One sheet judged: its table, index for references, findings, and the tables it was judged against."""

    table: Table[Any]
    spellings: dict[str, str]
    findings: tuple[Finding, ...]
    upstream: tuple[int, ...]
    local_hits: dict[int, tuple[Hit, ...]]


def judge(snapshot: Snapshot, plan: Plan, today: date, previous: Judged | None = None) -> Judged:
    """Everything a workbook says under a plan on a day. ``previous`` spares reading unchanged rows again."""
    if previous is not None and (previous.plan is not plan or previous.today != today):
        previous = None
    matched, sheet_hits = match_sheets(snapshot)
    world = World(plan, today, works=previous.world.works if previous else {})
    findings = [to_finding(hit, plan) for hit in sheet_hits]
    parsed: dict[str, Parsed] = {}
    stages: dict[str, _Stage] = {}
    resolvers: dict[str, tuple[dict[str, str], Resolver]] = {}
    for sheet in JUDGED:
        old = previous.parsed.get(sheet.key) if previous else None
        read = parse_sheet(matched.get(sheet.key), sheet, plan, resolvers, snapshot.epoch_1904, old)
        parsed[sheet.key] = read
        upstream = tuple(id(stage.table) for stage in stages.values())
        before = previous.stages.get(sheet.key) if previous else None
        same_upstream = before is not None and before.upstream == upstream
        same_layout = old is not None and (old.layout, old.layout_hits) == (read.layout, read.layout_hits)
        if before is not None and same_upstream and same_layout and read.changed == frozenset():
            stage = before
            world.settle(sheet.model, before.table)
            if sheet.model is Approval and previous is not None:
                world.chains = previous.world.chains
        else:
            stage = _judge_sheet(read, sheet, world, upstream, before if same_upstream else None)
        stages[sheet.key] = stage
        if any(column.ref == sheet.key for other in PEOPLE for column in other.columns):
            same = before is not None and before.spellings == stage.spellings
            spellings = before.spellings if same and before else stage.spellings
            resolvers[sheet.key] = (spellings, resolver(spellings, sheet))
        findings += stage.findings
    return Judged(snapshot.revision, plan, today, world, tuple(findings), _meta(matched), parsed, stages)


def _judge_sheet(read: Parsed, sheet: Sheet, world: World, upstream: tuple[int, ...], before: _Stage | None) -> _Stage:
    """Run the row checks of one sheet, tier by tier; a row with an error drops out before the next tier.

    With ``before``, judged against the same other sheets, checks that look at single rows run on changed rows only.
    """
    rows: Sequence[Row] = read.rows
    total = len(rows)
    kept = before.local_hits if before is not None and read.changed is not None else {}
    changed = read.changed if before is not None and read.changed is not None else None
    hits = [*read.layout_hits, *(hit for found in read.hits.values() for hit in found)]
    out = set(read.bad)
    extras = tuple(label for _, label in read.layout.extras) if read.layout else ()
    local_hits: dict[int, tuple[Hit, ...]] = {}
    in_force, known_out = tuple(rows), 0
    for tier in sorted({check.tier for check in CHECKS if check.sheet == sheet.key}):
        if len(out) > known_out:
            in_force, known_out = tuple(row for row in rows if row.row not in out), len(out)
        touched = [row for row in in_force if row.row in changed] if changed is not None else in_force
        world.settle(sheet.model, Table(sheet, in_force, total, frozenset(out), extras))
        for number, check in enumerate(CHECKS):
            if check.sheet != sheet.key or check.tier != tier:
                continue
            if check.local and changed is not None:
                found = [hit for hit in kept.get(number, ()) if hit.row not in changed]
                found += check.run(touched, world)
            else:
                found = list(check.run(in_force, world))
            if check.local:
                local_hits[number] = tuple(found)
            hits += found
            out |= {h.row for h in found if h.row is not None and h.rule.severity is Severity.ERROR}
    if len(out) > known_out:
        in_force = tuple(row for row in rows if row.row not in out)
    table = Table(sheet, in_force, total, frozenset(out), extras)
    world.settle(sheet.model, table)
    header = read.layout.addresses if read.layout else {}
    named = {hit.row for hit in hits}
    about: dict[int | None, Row] = {row.row: row for row in rows if row.row in named}
    findings = tuple(_finding(hit, world, header, about) for hit in hits)
    referred = any(column.ref == sheet.key for other in PEOPLE for column in other.columns)
    return _Stage(table, index(table, world, iter(rows)) if referred else {}, findings, upstream, local_hits)


def _finding(hit: Hit, world: World, header: dict[str, int], about: dict[int | None, Row]) -> Finding:
    made = to_finding(hit, world.plan, header)
    row = about.get(hit.row)
    return made if row is None else replace(made, record=made.record or row.id, unit=made.unit or world.unit_of(row))


def _meta(matched: dict[str, Any]) -> dict[str, str]:
    raw = matched.get(META.key)
    return {str(row[0]): str(row[1]) for row in raw.cells[1:] if len(row) > 1 and row[0]} if raw else {}
