"""Judge a snapshot: cells → rows → which rows are in force, with every finding on the way. Pure and incremental."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from operator import attrgetter
from typing import Any

from lib.domain.findings import CHECKS, Finding, Hit, Severity, to_finding
from lib.domain.layout import match_sheets
from lib.domain.owners import NOBODY, audience
from lib.domain.parse import Parsed, Resolver, parse_sheet
from lib.domain.rules import load_all
from lib.domain.world import Table, World, index, resolver
from sheets_schema.associations import Association
from sheets_schema.documents import Approval
from sheets_schema.nominations import Nomination
from sheets_schema.plan import Plan
from sheets_schema.sheet import Row, Sheet
from sheets_schema.snapshot import Snapshot
from sheets_schema.tasks import Task
from sheets_schema.units import Unit
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
    """One sheet judged: its table, index for references, findings, and what it was judged against.

    ``face`` stands for all that checks of other sheets see of this one: it stays the same object while that does.
    """

    table: Table[Any]
    spellings: dict[str, str]
    findings: tuple[Finding, ...]
    upstream: tuple[object, ...]
    hits: dict[int, tuple[Hit, ...]]
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
    if previous is not None and (previous.plan is not plan or previous.today != today):
        previous = None
    matched, sheet_hits = match_sheets(snapshot)
    world = World(plan, today)
    if previous is not None:
        former = previous.world
        world = World(plan, today, chains=former.chains, works=former.works, replays=former.replays)
    findings = [to_finding(hit, plan) for hit in sheet_hits]
    parsed: dict[str, Parsed] = {}
    stages: dict[str, _Stage] = {}
    resolvers: dict[str, tuple[dict[str, str], Resolver]] = {}
    for sheet in JUDGED:
        old = previous.parsed.get(sheet.key) if previous else None
        read = parse_sheet(matched.get(sheet.key), sheet, plan, resolvers, snapshot.epoch_1904, old)
        parsed[sheet.key] = read
        upstream = tuple(stage.face for stage in stages.values())
        before = previous.stages.get(sheet.key) if previous else None
        same_upstream = before is not None and before.upstream == upstream
        same_layout = old is not None and (old.layout, old.layout_hits) == (read.layout, read.layout_hits)
        if before is not None and same_upstream and same_layout and read.changed == frozenset():
            stage = before
            world.settle(sheet.model, before.table)
        else:
            stage = _judge_sheet(read, sheet, world, upstream, before if same_upstream else None, old)
            if before is not None and old is not None and previous is not None:
                same_chains = sheet.model is not Approval or world.chains is previous.world.chains
                if same_chains and _looks_same(read, old, stage, before):
                    stage = replace(stage, face=before.face)
        stages[sheet.key] = stage
        if sheet.key in REFERRED:
            same = before is not None and before.spellings == stage.spellings
            spellings = before.spellings if same and before else stage.spellings
            resolvers[sheet.key] = (spellings, resolver(spellings, sheet))
        findings += stage.findings
    return Judged(snapshot.revision, plan, today, world, tuple(findings), _meta(matched), parsed, stages)


def _looks_same(read: Parsed, old: Parsed, stage: _Stage, before: _Stage) -> bool:
    """Whether checks of other sheets see the same rows in force as before, and the same in them."""
    if read.changed is None or stage.table.left_out != before.table.left_out:
        return False
    seen = SEEN.get(read.sheet.model)
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
    rows = tuple(read.rows)
    changed = read.changed if before is not None else None
    kept = before.hits if before is not None and changed is not None else {}
    hits = [*read.layout_hits, *(hit for found in read.hits.values() for hit in found)]
    out = set(read.bad)
    extras = tuple(label for _, label in read.layout.extras) if read.layout else ()
    found_by: dict[int, tuple[Hit, ...]] = {}
    outs: dict[int, frozenset[int]] = {}
    table = _table(sheet, rows, out, extras)
    world.settle(sheet.model, table)
    for tier in sorted({check.tier for check in CHECKS if check.sheet == sheet.key}):
        outs[tier] = table.left_out
        same_rows = before is not None and before.outs.get(tier) == table.left_out
        touched: Sequence[Row] = table.rows
        if changed is not None:
            numbers = sorted(changed - table.left_out)
            touched = [row for row in map(read.record, numbers) if row is not None]
        for number, check in enumerate(CHECKS):
            if check.sheet != sheet.key or check.tier != tier:
                continue
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
            table = _table(sheet, rows, out, extras)
            world.settle(sheet.model, table)
    findings = tuple(located(hits, read, world))
    spellings = index(table, world, iter(rows)) if sheet.key in REFERRED else {}
    return _Stage(table, spellings, findings, upstream, found_by, outs, object())


def _same_in(looks: tuple[str, ...], rows: Sequence[Row], old: Parsed | None) -> bool:
    """Whether some fields of changed rows are what they were."""
    look = attrgetter(*looks)
    pairs = ((old.record(row.row), row) for row in rows) if old is not None else iter([(None, rows)])
    return all(was is not None and look(was) == look(row) for was, row in pairs)


def _table(sheet: Sheet, rows: tuple[Row, ...], out: set[int], extras: tuple[str, ...]) -> Table[Any]:
    """The rows without those that are out, cut from between them: mostly they are few."""
    cuts = sorted(bisect_left(rows, number, key=attrgetter("row")) for number in out)
    parts = [rows[start:end] for start, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(rows)], strict=True)]
    return Table(sheet, tuple(chain.from_iterable(parts)) if out else rows, len(rows), frozenset(out), extras)


def located(hits: Iterable[Hit], read: Parsed, world: World) -> Iterator[Finding]:
    """The findings that hits in one sheet make: each with its cell, its record, and whose that is.

    What is said of a unit is that unit's, what is said of a record is for those who answer for it; a row below the
    header that is no record, such as a stray merged range, may hold anything and is the office's.
    """
    header = read.layout.addresses if read.layout else {}
    top = read.layout.header_row if read.layout else 0
    for hit in hits:
        row = read.record(hit.row) if hit.row is not None else None
        about = NOBODY if hit.row is not None and hit.row > top else None
        record, unit = "", ""
        if row is not None:
            about, record, unit = audience(row, world), row.id, hit.unit or world.unit_of(row)
        if hit.unit:
            about = (about or NOBODY) | {world.who(hit.unit)}
        yield to_finding(hit, world.plan, header, record, unit, about)


def _meta(matched: dict[str, Any]) -> dict[str, str]:
    raw = matched.get(META.key)
    return {str(row[0]): str(row[1]) for row in raw.cells[1:] if len(row) > 1 and row[0]} if raw else {}
