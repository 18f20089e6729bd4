"""Set up a workbook (建立工作簿): with sample data, or empty for real work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lib.services.entrance import open_entrance
from lib.services.sample import make_sample
from lib.services.sample.make import phase_rows, unit_rows
from lib.services.settings import folder_of
from lib.store.credentials import Entries
from lib.store.files import make_folder
from lib.store.provision import provision
from sheets_schema.plan import Plan
from sheets_schema.plan_load import DEFAULT_PLAN, load_plan
from sheets_schema.sheet import Row


class AlreadyThere(Exception):
    """A workbook stands at the place already; nothing was written."""


def set_up(path: Path, plan: Plan, *, sample: bool, replace: bool = False, plan_file: Path | None = None) -> None:
    """Make a workbook of ``plan`` at ``path``. Raises ``AlreadyThere`` unless ``replace``.

    A workbook that is replaced is kept beside the new one as ``….old1.xlsx``, numbered; the accounts stay, sessions
    and links end. A plan of one's own (``plan_file``) is kept beside the workbook, where ``plan_of`` finds it.
    """
    people: Entries = {}
    if path.exists():
        if not replace:
            raise AlreadyThere(path.name)
        people = open_entrance(path).accounts.credentials.read()
        keep_old(path)
    elif folder_of(path).exists():
        raise AlreadyThere(folder_of(path).name)
    provision(path, plan, first_rows(plan, sample=sample), {"sample": "yes" if sample else "no"})
    if people:
        open_entrance(path).accounts.credentials.change(lambda entries: entries.update(people))
    keep_plan(path, plan_file)


def first_rows(plan: Plan, *, sample: bool) -> Mapping[str, Sequence[Row]]:
    """What stands in a new workbook: sample data, or only what the plan gives."""
    return make_sample(plan) if sample else {"units": unit_rows(plan), "phases": phase_rows(plan)}


def keep_plan(path: Path, plan_file: Path | None) -> None:
    """Keep a plan of one's own beside a new workbook; none: what lay there is of another one."""
    if plan_file is None:
        own_plan(path).unlink(missing_ok=True)
    elif plan_file != own_plan(path):
        make_folder(path.parent)
        own_plan(path).write_bytes(plan_file.read_bytes())


def own_plan(workbook: Path) -> Path:
    """Where a workbook's own plan file stands: beside it, under its name."""
    return workbook.with_name(f"{workbook.stem}.plan.yaml")


def plan_of(workbook: Path, chosen: str | None = None) -> Plan:
    """The plan of a workbook: the chosen file or id, else the one beside the workbook, else the shipped default.

    Raises ``PlanError``.
    """
    beside = own_plan(workbook)
    return load_plan(chosen or (beside if beside.exists() else DEFAULT_PLAN))


def first_start(path: Path) -> bool:
    """Make the sample workbook when the folder for workbooks has never existed; True when it did.

    A workbook that has gone missing later is never replaced by sample data.
    """
    if path.parent.exists():
        return False
    set_up(path, plan_of(path), sample=True)
    return True


def keep_old(path: Path) -> Path:
    """Move a workbook out of the way under a name that is free; gives the new path."""
    number = 1
    while (target := path.with_name(f"{path.stem}.old{number}{path.suffix}")).exists():
        number += 1
    path.rename(target)
    if folder_of(path).exists():
        folder_of(path).rename(folder_of(target))
    return target
