"""A shared workbook for tests: the clean book in a real file, an app that keeps it, and people who edit it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl

from lib.domain.records import Grids
from lib.services.board import Board
from lib.services.keeper import Keeper
from lib.services.keeper_file import FileKeeper
from lib.services.policy import Actor
from lib.services.settings import folder_of, now
from lib.store.provision import provision
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.snapshot import Snapshot
from sheets_schema.workbook import BY_KEY, META
from tests.workbooks import TODAY, clean_book

OFFICE = Actor("李四", "office")


@dataclass
class Shared:
    """A workbook file and the board on it."""

    path: Path
    board: Board

    @property
    def keeper(self) -> Keeper:
        assert self.board.keeper is not None
        return self.board.keeper

    def on_disk(self) -> Grids:
        """What stands in the file."""
        return Grids(XlsxStore(self.path).read())

    def cell(self, sheet: str, record: str, column: str) -> object:
        """A cell in the file."""
        return (self.on_disk()[sheet].record(record) or {}).get(column)

    def restart(self) -> Shared:
        """The app again, as after a crash."""
        return opened(self.path, self.board.plan)

    def lock(self) -> Path:
        """Open it in LibreOffice: its lock file."""
        made = self.path.with_name(f".~lock.{self.path.name}#")
        made.write_text(",王五,elsewhere,31.03.2016 09:00,file:///home/w;", encoding="utf-8")
        return made


def write_book(path: Path, plan: Plan, snapshot: Snapshot) -> None:
    """A real file with a snapshot's cells under the provisioned headers."""
    provision(path, plan, {}, {"sample": "no"})
    book = openpyxl.load_workbook(path)
    for raw in snapshot.sheets:
        if raw.title != META.label:
            for number, row in enumerate(raw.cells[1:], 2):
                for position, cell in enumerate(row, 1):
                    if cell not in ("", None):
                        book[raw.title].cell(number, position, cell)
    book.save(path)


def opened(path: Path, plan: Plan) -> Shared:
    """The app on a workbook."""
    board = Board(FileKeeper(XlsxStore(path), folder_of(path), now), plan, today=lambda: TODAY)
    board.refresh()
    return Shared(path, board)


def looked_at(path: Path, plan: Plan) -> None:
    """A file as the app has it after its first look: what it shows in a workbook stands there, so that not every test
    pays for writing that. The journal is not kept, and whoever opens a copy begins anew."""
    Board(FileKeeper(XlsxStore(path), folder_of(path), now), plan).refresh()
    shutil.rmtree(folder_of(path))


def shared_book(folder: Path) -> Shared:
    """The clean book as a file, kept by the app."""
    book = clean_book()
    path = folder / "台账.xlsx"
    write_book(path, book.plan, book.snapshot())
    return opened(path, book.plan)


def edit_outside(path: Path, change: Callable[[openpyxl.Workbook], None], to: Path | None = None) -> None:
    """Open the file, change it, save it whole: as desktop programs do."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(to or path)


def put(sheet: str, record: str, column: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    """Type into a cell of a record."""

    def change(book: openpyxl.Workbook) -> None:
        tab = book[BY_KEY[sheet].label]
        position = [cell.value for cell in tab[1]].index(BY_KEY[sheet].label_of(column)) + 1
        row = next(line[0].row for line in tab.iter_rows(min_row=2) if line[0].value == record)
        tab.cell(row, position, value)

    return change


def drop(sheet: str, record: str) -> Callable[[openpyxl.Workbook], None]:
    """Delete a record's row."""

    def change(book: openpyxl.Workbook) -> None:
        tab = book[BY_KEY[sheet].label]
        tab.delete_rows(next(line[0].row for line in tab.iter_rows(min_row=2) if line[0].value == record))

    return change


def day(text: str) -> date:
    return date.fromisoformat(text)
