"""Copy a workbook (复制工作簿) between a file and a shared spreadsheet: all cells of people's, whatever they added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lib.i18n import _
from lib.services.google_setup import NotEmpty, find, writing
from lib.services.settings import Settings, folder_of
from lib.services.setup import keep_old, keep_plan, own_plan
from lib.services.tabs import as_they_stand, completed, copied, has_records
from lib.store.base import StoreError
from lib.store.google_provision import Progress, fill
from lib.store.google_reading import cell_of
from lib.store.google_standing import Shown, shown_at
from lib.store.google_tabs import letters
from lib.store.laid import Laid
from lib.store.provision import fitting, write_workbook
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.reports import headings_of
from sheets_schema.snapshot import Cell


@dataclass(frozen=True, slots=True)
class Copied:
    """How many tabs were copied, and title → its title in the copy where a file does not take it as it is."""

    tabs: int
    renamed: Mapping[str, str]


def copy(source: Settings, target: Settings, plan: Plan, progress: Progress = lambda done, of: None) -> Copied:
    """Copy every tab. Raises ``NotEmpty`` when somebody has worked in the target, another ``StoreError``; a file is
    written whole or not at all, a spreadsheet that is not finished says so."""
    if source.workbook == target.workbook:
        raise StoreError(_("从哪里和到哪里是同一本，没有复制"))
    headings = headings_of(plan.cadence)
    tabs = _from_google(source, plan) if source.google else as_they_stand(XlsxStore(source.workbook).read(), headings)
    if not any(tab.sheet is not None and not tab.sheet.app_owned for tab in tabs):
        raise StoreError(_("“{name}”里没有认得的工作表，没有复制", name=source.workbook.name))
    made, renamed = completed(copied(tabs), headings), dict[str, str]()
    if target.google is not None:
        _to_google(target, plan, made, progress)
    else:
        fit = dict(zip((tab.title for tab in made), fitting(tab.title for tab in made), strict=True))
        renamed = {old: new for old, new in fit.items() if old != new}
        _to_file(target, plan, [replace(tab, title=fit[tab.title]) for tab in made])
        progress(1, 1)
    keep_plan(target.workbook, own_plan(source.workbook) if own_plan(source.workbook).exists() else None)
    return Copied(len(made), renamed)


def _to_google(target: Settings, plan: Plan, tabs: Sequence[Laid], progress: Progress) -> None:
    assert target.google is not None
    found = find(target, plan)
    if not found.may_take(tabs, plan):
        raise NotEmpty(_("“{name}”里已有记录，没有改动；请另建一个空白表格", name=found.there.title))
    with writing(found):
        fill(found.client, target.google.spreadsheet, found.email, plan, tabs, found.there, progress)


def _to_file(target: Settings, plan: Plan, tabs: Sequence[Laid]) -> None:
    path = target.workbook
    if path.exists():
        if has_records(as_they_stand(XlsxStore(path).read(), headings_of(plan.cadence))):
            raise NotEmpty(_("“{name}”里已有记录，没有改动；请换一个文件名", name=path.name))
        keep_old(path)
    elif folder_of(path).exists():
        raise NotEmpty(_("“{name}”已经存在，没有改动；请换一个文件名", name=folder_of(path).name))
    try:
        write_workbook(path, plan, tabs)
    except ValueError as error:
        raise StoreError(str(error)) from error


def _from_google(source: Settings, plan: Plan) -> list[Laid]:
    """The tabs of a spreadsheet; numbers that people see as days or times, in columns not declared, as such."""
    assert source.google is not None
    found = find(source, plan)
    tabs, ids = found.tabs, found.there.ids
    ranges = []
    for tab in tabs:
        quoted = tab.title.replace("'", "''")
        own = [at for at in range(tab.width) if at not in tab.columns] if tab.sheet is not None else []
        ranges += [f"'{quoted}'!{letters(at)}:{letters(at)}" for at in own]
        ranges += [f"'{quoted}'"] if tab.sheet is None and tab.cells else []
    shown: dict[int, dict[tuple[int, int], Shown]] = {}
    for (id, row, at), how in shown_at(found.client, source.google.spreadsheet, ranges).items():
        shown.setdefault(id, {})[row, at] = how
    return [_turned(tab, shown.get(ids[tab.title], {})) for tab in tabs]


def _turned(tab: Laid, shown: Mapping[tuple[int, int], Shown]) -> Laid:
    cells: list[list[Cell]] = [list(line) for line in tab.cells]
    for (row, at), how in shown.items():
        cell = cells[row][at] if row < len(cells) and at < len(cells[row]) else None
        if isinstance(cell, float):
            cells[row][at] = _moment(cell, how)
    return replace(tab, cells=cells) if shown else tab


def _moment(days: float, how: Shown) -> Cell:
    """A number of days as people see it."""
    if how is Shown.DAY:
        return cell_of(days, is_day=True)
    span = timedelta(seconds=round(days * 86400))
    return (datetime.min + span).time() if how is Shown.TIME and timedelta() <= span < timedelta(1) else span
