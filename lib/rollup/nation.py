"""All places of a result side by side (全国): where each stands, from a few columns, without the rows behind them.

A nation has a million items; what a page of all places shows are sums, which Arrow makes column by column. Rows are
read of one place at a time, from its own files.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from pyarrow import compute, parquet
from pyarrow import dataset as datasets

from lib.rollup import folder
from lib.rollup.folder import damaged
from lib.rollup.manifest import Run
from lib.rollup.rows import KEY, NAME_OF, Figure, Item, Phase, Place, Quota, Report, Row, State, columns
from lib.rollup.tables import place_of, schema
from sheets_schema.plan_work import StateKey

R = TypeVar("R", bound=Row)
DAMAGE = (OSError, ValueError, KeyError, TypeError, pa.ArrowException)
"""What reading files raises that are not there, not whole, or of another version of the app."""
CLOSED, ITEMS = "phases", "checklist"
"""Figures of the dataset of that name which are taken as they are."""


@dataclass(frozen=True, slots=True)
class Share:
    """``n`` of ``of``."""

    n: int = 0
    of: int = 0

    def plus(self, other: Share) -> Share:
        """Both together."""
        return Share(self.n + other.n, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Why:
    """A reason (原因) in Chinese and English for which so many entries of a place are overdue; ``longest``: days."""

    why: str | None
    why_en: str | None
    count: int
    longest: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a place stands (地方进展). ``quota``: units that recommend as many as expected, of those that have to;
    ``reports``: on time, of those that were due. ``instead``: the key of the workbook of the same place and batch that
    is counted instead of this one, if any."""

    place: Place
    phases: tuple[Phase, ...]
    closed: Share
    items: Share
    quota: Share
    reports: Share
    causes: tuple[Why, ...]
    instead: str | None = None

    @property
    def overdue(self) -> int:
        """How many entries are overdue."""
        return sum(cause.count for cause in self.causes)

    @property
    def days_late(self) -> int:
        """How many days the longest of them is."""
        return max((cause.longest for cause in self.causes), default=0)

    @property
    def is_counted(self) -> bool:
        """Whether it is part of the sums."""
        return self.instead is None


@dataclass(frozen=True, slots=True, eq=False)
class Nation:
    """A result as a page needs it: what its run tells, and where every place with figures stands."""

    folder: Path
    run: Run
    standings: tuple[Standing, ...]

    @property
    def version(self) -> str:
        """What tells this run from any other."""
        return self.folder.name

    @property
    def counted(self) -> tuple[Standing, ...]:
        """The places that are part of the sums, each once."""
        return tuple(standing for standing in self.standings if standing.is_counted)

    @property
    def by_key(self) -> dict[str, Standing]:
        """Workbook's key → where its place stands."""
        return {standing.place.key: standing for standing in self.standings}

    def rows(self, model: type[R], key: str) -> tuple[R, ...]:
        """A dataset's rows of one place, from its own file alone. Raises ``NoResult``, ``KeyError`` for no such place:
        a key may come from a link and becomes part of a path."""
        self.by_key[key]
        expected = self.run.by_key[key].files
        return _of_place(self.folder, model, key, expected.get(NAME_OF[model], 0) if expected else None)


def open_nation(out: Path) -> Nation:
    """The current result in a folder. Raises ``NoResult`` also when some of it is missing: a sum over a part would look
    like one over all."""
    version, run = folder.whole(out)
    try:
        return Nation(version, run, _without_doubles(_standings(version, run)))
    except DAMAGE as error:
        raise damaged(out) from error


def _standings(version: Path, run: Run) -> list[Standing]:
    places = [Place(**row) for row in _columns(version, Place, *columns(Place)).to_pylist()]
    if {(place.key, place.state) for place in places} != {(note.key, note.state) for note in run.sources}:
        raise ValueError("places and run differ")
    phases: dict[str, list[Phase]] = defaultdict(list)
    for row in _columns(version, Phase, *columns(Phase)).to_pylist():
        StateKey(row["state"])  # one that only a later version knows has no colour here
        phases[row[KEY]].append(Phase(**row))
    if any(place.state == State.OK and place.key not in phases for place in places):
        raise ValueError("a place without phases")
    figures, quota, reports, causes = _figures(version), _quota(version), _reports(version), _causes(version)
    return [
        Standing(
            place, tuple(phases[place.key]), figures[CLOSED, place.key], figures[ITEMS, place.key],
            quota.get(place.key, Share()), reports.get(place.key, Share()), tuple(causes.get(place.key, ())),
        )
        for place in sorted(places, key=lambda place: (place.place or "", place.batch or 0, place.key))
        if place.state == State.OK
    ]  # fmt: skip


def _without_doubles(standings: list[Standing]) -> tuple[Standing, ...]:
    """Of several workbooks of one place and batch the one with most rows in force counts."""
    claims: dict[tuple[str | None, int | None], list[Standing]] = defaultdict(list)
    for standing in standings:
        claims[standing.place.place, standing.place.batch].append(standing)
    first = {claim: min(all, key=lambda s: (-(s.place.counted or 0), s.place.key)) for claim, all in claims.items()}
    found = []
    for standing in standings:
        chosen = first[standing.place.place, standing.place.batch]
        found.append(standing if standing is chosen else replace(standing, instead=chosen.place.key))
    return tuple(found)


def _figures(version: Path) -> dict[tuple[str, str], Share]:
    table = _columns(version, Figure, KEY, "figure", "n", "of", where=datasets.field("figure").isin([CLOSED, ITEMS]))
    return {(row["figure"], row[KEY]): Share(row["n"], row["of"]) for row in table.to_pylist()}


def _quota(version: Path) -> dict[str, Share]:
    table = _columns(version, Quota, KEY, "expected", "recommended", where=datasets.field("expected") > 0)
    met = compute.cast(compute.greater_equal(table["recommended"], table["expected"]), pa.int64())
    summed = table.append_column("met", met).group_by(KEY).aggregate([("met", "sum"), ("met", "count")])
    return {row[KEY]: Share(row["met_sum"], row["met_count"]) for row in summed.to_pylist()}


def _reports(version: Path) -> dict[str, Share]:
    table = _columns(version, Report, KEY, "state", where=datasets.field("state") != "open")
    on_time = compute.cast(compute.equal(table["state"], "on_time"), pa.int64())
    summed = table.append_column("on_time", on_time).group_by(KEY).aggregate([("on_time", "sum"), ("on_time", "count")])
    return {row[KEY]: Share(row["on_time_sum"], row["on_time_count"]) for row in summed.to_pylist()}


def _causes(version: Path) -> dict[str, list[Why]]:
    late = datasets.field("state") == StateKey.OVERDUE.value
    table = _columns(version, Item, KEY, "why", "why_en", "days_left", where=late)
    summed = table.group_by([KEY, "why", "why_en"]).aggregate([("days_left", "count"), ("days_left", "min")])
    found: dict[str, list[Why]] = defaultdict(list)
    for row in summed.to_pylist():
        found[row[KEY]].append(Why(row["why"], row["why_en"], row["days_left_count"], -row["days_left_min"]))
    return found


def _columns(version: Path, model: type[Row], *names: str, where: Any = None) -> Any:
    """Some columns of a dataset over all places, as an Arrow table in no particular order of the places."""
    parts = datasets.partitioning(pa.schema([pa.field(KEY, pa.string())]), flavor="hive")
    found = datasets.dataset(version / NAME_OF[model], format="parquet", partitioning=parts)
    if not found.files:
        return schema(model).empty_table().select(list(names))
    return found.to_table(columns=list(names), filter=where)


def _of_place(version: Path, model: type[R], key: str, size: int | None) -> tuple[R, ...]:
    """``size``: the bytes that its run wrote; None where nobody knows."""
    path = place_of(version, model, key)
    if not path.exists() and version.exists() and not size:
        return ()
    try:
        if size is not None and path.stat().st_size != size:
            raise ValueError(path.name)
        return tuple(model(key, **row) for row in parquet.read_table(path, partitioning=None).to_pylist())
    except DAMAGE as error:
        raise damaged(version.parent) from error
