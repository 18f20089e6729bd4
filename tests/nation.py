"""A synthetic nation: ``python -m tests.nation OUT --places 300 --rows 2000`` makes a workbook for each place.

Every place has a plan of its own beside its workbook: another name, other days, another way to round the quota; its
sample is made with a seed of its own and cut to about the rows asked for. The same call makes the same nation.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from unittest.mock import patch

from lib.services.sample import make, make_sample
from lib.services.setup import own_plan
from lib.store.provision import provision
from sheets_schema.associations import Association
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR, parse_plan
from sheets_schema.sheet import Row

SAMPLE_ROWS = 1700
"""About what one sample has; a larger place is a multiple of it."""
_DUE_DAY = re.compile(r"(?m)^(\s*due_day:\s*)\d+")
_ROUNDING = re.compile(r"(?m)^(\s*rounding:\s*)\w+")


def plan_text(number: int) -> str:
    """The plan file of a place: the shipped one with another name, reporting day and rounding."""
    text = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")
    text = text.replace("id: tianjin-2015", f"id: example-{number:03d}", 1)
    text = re.sub(r"(?m)^place: .*$", f"place: {place_name(number)}", text)
    text = re.sub(r"(?m)^title: .*$", f"title: {place_name(number)}脱钩工作方案", text, count=1)
    text = _DUE_DAY.sub(rf"\g<1>{5 + number % 15}", text)
    return _ROUNDING.sub(rf"\g<1>{('up', 'nearest', 'down')[number % 3]}", text)


def place_name(number: int) -> str:
    """A place that does not exist."""
    return f"示例{number:03d}市"


def place_rows(plan: Plan, number: int, rows: int) -> dict[str, list[Row]]:
    """A place's rows: how far it is differs by some weeks, and so does its size by a third either way."""
    random = Random(number)
    wanted = round(rows * random.uniform(0.67, 1.33))
    day = (plan.sample_as_of or make.date.today()) - timedelta(days=random.randint(0, 60))
    with patch.object(make, "SEED", make.SEED + number):
        made = make_sample(plan, day, scale=max(1, -(-wanted // SAMPLE_ROWS)))
    return cut(made, wanted)


def cut(made: dict[str, list[Row]], wanted: int) -> dict[str, list[Row]]:
    """Fewer associations, and with them all that is about them."""
    total = sum(map(len, made.values()))
    share = min(1.0, wanted / total)
    kept = [row for row in made["associations"] if isinstance(row, Association)]
    kept = kept[: max(1, round(len(kept) * share))]
    names = {row.name for row in kept} | {row.id for row in kept}
    left = {key: [row for row in rows if _stays(row, names)] for key, rows in made.items()}
    documents = {row.id for row in left["documents"]}
    acts = [row for row in left["approvals"] if getattr(row, "document", None) in documents]
    return left | {"associations": list(kept), "approvals": acts}


def _stays(row: Row, names: set[str]) -> bool:
    about = getattr(row, "association", None)
    return about is None or about in names


def make_place(folder: Path, number: int, rows: int = 600) -> Path:
    """The workbook of a place with its plan beside it."""
    path = folder / place_name(number) / "脱钩工作台.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = plan_text(number)
    own_plan(path).write_text(text, encoding="utf-8")
    provision(path, plan := parse_plan(text), place_rows(plan, number, rows), {"sample": "yes"})
    return path


def make_nation(folder: Path, places: int, rows: int = 600) -> list[Path]:
    """So many places."""
    return [make_place(folder, number, rows) for number in range(1, places + 1)]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.nation", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--rows", type=int, default=2000, help="rows of a place, about")
    chosen = parser.parse_args(arguments)
    for number in range(1, chosen.places + 1):
        print(make_place(chosen.out, number, chosen.rows), flush=True)


if __name__ == "__main__":
    main()
