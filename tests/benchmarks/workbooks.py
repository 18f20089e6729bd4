"""Workbooks of different sizes, made from the sample of the shipped plan, each once in a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib.services.sample import make_sample, names
from lib.store.provision import provision
from sheets_schema.associations import Association
from sheets_schema.plan import Plan
from sheets_schema.sheet import Row, changed

CITY_SCALE = 28
"""Times the sample: about 47,000 rows in the people's 13 sheets."""
NATION = 70_000
"""Associations; the other sheets stay as in the sample, for a nation is many workbooks."""


class Workbooks:
    """Makes workbooks in a folder when they are first asked for."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self.rows: dict[Path, int] = {}
        """Workbook → rows of data in all sheets."""

    def sample(self, scale: int = 1) -> Path:
        """The sample with ``scale`` times its associations."""
        path = self.folder / f"sample-{scale}.xlsx"
        return path if path in self.rows else self._write(path, make_sample(self.plan, scale=scale))

    def city(self) -> Path:
        """A city's workbook."""
        return self.sample(CITY_SCALE)

    def nation(self) -> Path:
        """The sample with 70,000 associations."""
        path = self.folder / "nation.xlsx"
        if path in self.rows:
            return path
        rows = make_sample(self.plan)
        known = [row for row in rows["associations"] if isinstance(row, Association)]
        more = (_another(known[n % len(known)], n) for n in range(len(known), NATION))
        return self._write(path, rows | {"associations": [*known, *more]})

    def _write(self, path: Path, rows: dict[str, list[Row]] | dict[str, Sequence[Row]]) -> Path:
        provision(path, self.plan, rows, {"sample": "yes"})
        self.rows[path] = sum(map(len, rows.values()))
        return path


def _another(like: Association, number: int) -> Association:
    return changed(
        like,
        id=f"XH-{number + 1:05d}",
        name=f"{names.PLACE_WORD}第{number}行业协会",
        credit_code=names.credit_code(number + 1),
    )
