"""Reading a roll-up (读取结果): rows as objects, tables for sums, and SQL over all of it. Reads one run as a whole.

``open_result(out)`` follows the pointer once: a run that ends meanwhile changes nothing in what was opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from lib.rollup import folder, tables
from lib.rollup.manifest import Run
from lib.rollup.rows import DATASETS, NAME_OF, Figure, Item, Phase, Place, Quota, Report, Row, Unit
from sheets_schema.plan_work import StateKey

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Result:
    """One run: where it is, and what it tells of itself. What is read once is kept; nobody may change it."""

    folder: Path
    run: Run
    _tables: dict[type[Row], Any] = field(default_factory=dict, repr=False, compare=False)
    _rows: dict[type[Row], Any] = field(default_factory=dict, repr=False, compare=False)

    def table(self, model: type[Row]) -> Any:
        """A dataset as an Arrow table, place by place."""
        if model not in self._tables:
            self._tables[model] = tables.read(self.folder, model)
        return self._tables[model]

    def rows(self, model: type[R]) -> tuple[R, ...]:
        """A dataset as objects, place by place, within one in the order of its ledger."""
        if model not in self._rows:
            self._rows[model] = tables.rows(self.table(model), model)
        found: tuple[R, ...] = self._rows[model]
        return found

    def of(self, model: type[R], key: str) -> tuple[R, ...]:
        """A dataset's rows of one place."""
        return tuple(row for row in self.rows(model) if row.key == key)

    @property
    def places(self) -> tuple[Place, ...]:
        """Every workbook, also those without figures."""
        return self.rows(Place)

    @property
    def doubles(self) -> Mapping[str, list[str]]:
        """Place → keys of the workbooks that claim it, where there are several; a sum would count it twice."""
        return self.run.same_place

    def phases(self) -> dict[str, dict[str, Phase]]:
        """Place's key → phase id → phase."""
        found: dict[str, dict[str, Phase]] = defaultdict(dict)
        for phase in self.rows(Phase):
            found[phase.key][phase.phase] = phase
        return dict(found)

    def quotas(self, key: str) -> tuple[Quota, ...]:
        """The quotas of a place's units."""
        return self.of(Quota, key)

    def reports(self, key: str) -> tuple[Report, ...]:
        """A place's periodic reports."""
        return self.of(Report, key)

    def units(self, key: str) -> tuple[Unit, ...]:
        """A place's units in the order of its sheet."""
        return self.of(Unit, key)

    def late(self, key: str | None = None) -> tuple[Item, ...]:
        """What is overdue, with why, the longest first; of one place or of all."""
        found = self.rows(Item) if key is None else self.of(Item, key)
        return tuple(sorted((i for i in found if i.state == StateKey.OVERDUE), key=lambda i: (i.days_left, i.key)))

    def totals(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(figure, part) → n/N over all places."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for row in self.rows(Figure):
            n, of = found.get((row.figure, row.part), (0, 0))
            found[row.figure, row.part] = n + row.n, of + row.of
        return found

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query by DuckDB, in which each dataset is a view; it can reach nothing else."""
        with duckdb.connect() as database:
            for model in DATASETS.values():
                database.register(NAME_OF[model], self.table(model))
            database.execute("SET enable_external_access = false; SET lock_configuration = true")
            return database.execute(query, values).fetchall()


def open_result(out: Path | str) -> Result:
    """The current result in a folder. Raises ``NoResult``, also when some of it is missing."""
    return Result(*folder.whole(Path(out)))
