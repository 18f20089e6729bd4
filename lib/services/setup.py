"""Set up a workbook (建立工作簿): with sample data, or empty for real work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lib.services.sample import make_sample
from lib.services.sample.make import phase_rows, unit_rows
from lib.store.provision import provision
from sheets_schema.plan import Plan
from sheets_schema.sheet import Row


class AlreadyThere(Exception):
    """A workbook stands at the place already; nothing was written."""


def set_up(path: Path, plan: Plan, *, sample: bool, replace: bool = False) -> None:
    """Make a workbook of ``plan`` at ``path``. Raises ``AlreadyThere`` unless ``replace``.

    A workbook that is replaced is kept beside the new one as ``….old.xlsx``, numbered.
    """
    if path.exists():
        if not replace:
            raise AlreadyThere(path.name)
        keep_old(path)
    bare: dict[str, Sequence[Row]] = {"units": unit_rows(plan), "phases": phase_rows(plan)}
    rows: Mapping[str, Sequence[Row]] = make_sample(plan) if sample else bare
    provision(path, plan, rows, {"sample": "yes" if sample else "no"})


def keep_old(path: Path) -> Path:
    """Move a workbook out of the way under a name that is free; gives the new path."""
    number = 1
    while (target := path.with_name(f"{path.stem}.old{number}{path.suffix}")).exists():
        number += 1
    path.rename(target)
    return target
