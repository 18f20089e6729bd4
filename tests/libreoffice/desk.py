"""A person with a workbook open in LibreOffice: types, inserts, deletes, copies and sorts, saves and closes.

Every text typed is a token that stands nowhere else, so that its fate can be told afterwards.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sheets_schema.workbook import BY_KEY
from tests.libreoffice.office import Office

COLUMNS = {
    "updates": ("title", "content", "remark"),
    "problems": ("content", "settlement", "remark"),
    "associations": ("remark",),
    "tasks": ("problem", "next_step", "remark"),
}
"""Sheets people work in here, and the columns of free text in them."""
WEIGHTS = {"updates": 5, "problems": 3, "associations": 2, "tasks": 2}
HOT = 6
"""So many first rows of a sheet get half of all edits: there people and app meet."""
Cells = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Typed:
    """A token in a cell; ``record`` is empty where the row had no id of its own. ``seen``: what stood there before
    the eyes of who typed."""

    token: str
    sheet: str
    record: str
    column: str
    seen: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A row deleted, with the texts that stood in it before the eyes of who did."""

    sheet: str
    record: str
    seen: frozenset[str]


Act = Typed | Deleted


@dataclass
class Tokens:
    """Texts that nobody has typed before."""

    given: int = 0

    def next(self, who: str) -> str:
        self.given += 1
        return f"{who}〔{self.given:05d}〕"


@dataclass
class Desk:
    """One document open in LibreOffice. ``pending`` is what was typed and is not in the shared file yet."""

    office: Office
    name: str
    path: Path
    chance: random.Random
    tokens: Tokens
    done: Counter[str]
    pending: list[Act] = field(default_factory=list)
    is_open: bool = False
    unsaved: bool = False
    _doubled: set[tuple[str, str]] = field(default_factory=set)

    def open(self) -> bool:
        """Open it for editing; False when LibreOffice gets it read-only, and then it is closed again."""
        found = self.office.ask("open", name=self.name, path=str(self.path))
        if not found["open"] or found["readonly"]:
            if found["open"]:
                self.office.ask("close", name=self.name)
            return False
        self.is_open, self._doubled = True, set()
        return True

    def save(self) -> None:
        self.office.ask("store", name=self.name)
        self.unsaved = False

    def close(self) -> None:
        self.office.ask("close", name=self.name)
        self.is_open = False

    def landed(self) -> list[Act]:
        """What is in the shared file from now on."""
        landed, self.pending = self.pending, []
        return landed

    def work(self) -> None:
        """Do one thing a person does."""
        sheet = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        cells = self.office.ask("read", name=self.name, sheet=BY_KEY[sheet].label)
        acts = {self._type: 60, self._insert: 14, self._append: 6, self._delete: 9, self._copy: 6, self._sort: 5}
        self.chance.choices(list(acts), list(acts.values()))[0](sheet, cells)
        self.unsaved = True

    def _type(self, sheet: str, cells: Cells) -> None:
        at = self._some_row(cells)
        self._put(sheet, cells, at, self.chance.choice(COLUMNS[sheet]))
        self.done["cells typed into"] += 1

    def _insert(self, sheet: str, cells: Cells) -> None:
        at = self._some_row(cells)
        self.office.ask("insert_rows", name=self.name, sheet=BY_KEY[sheet].label, row=at)
        self._fill(sheet, cells, at)
        self.done["rows inserted"] += 1

    def _append(self, sheet: str, cells: Cells) -> None:
        self._fill(sheet, cells, len(cells))
        self.done["rows appended"] += 1

    def _fill(self, sheet: str, cells: Cells, at: int) -> None:
        """Type a new row; there is nothing in it, and no id."""
        grown = [*cells[:at], [""] * len(cells[0]), *cells[at:]]
        for column in COLUMNS[sheet][:2]:
            self._put(sheet, grown, at, column)

    def _delete(self, sheet: str, cells: Cells) -> None:
        at = self._some_row(cells)
        record, texts = self._record(sheet, cells, at), _texts([cells[at]])
        others = _texts([*cells[:at], *cells[at + 1 :]])
        own = [a for a in self.pending if isinstance(a, Typed) and a.token in texts and a.token not in others]
        self.office.ask("delete_rows", name=self.name, sheet=BY_KEY[sheet].label, row=at)
        self.pending = [act for act in self.pending if act not in own]
        self.pending.append(Deleted(sheet, record, texts | {act.seen for act in own}))
        self.done["rows deleted"] += 1

    def _copy(self, sheet: str, cells: Cells) -> None:
        """Copy a row below another and change it: the copy has the id too, until the app tells them apart."""
        at, below = self._some_row(cells), self._some_row(cells)
        tab = BY_KEY[sheet].label
        width = len(cells[0])
        self.office.ask("insert_rows", name=self.name, sheet=tab, row=below + 1)
        source = at + (at > below)
        self.office.ask("copy_row", name=self.name, sheet=tab, row=source, to=below + 1, width=width)
        self._doubled.add((sheet, cells[at][0]))
        self.pending = [_anywhere(act, sheet, cells[at][0]) for act in self.pending]
        grown = [*cells[: below + 1], cells[at], *cells[below + 1 :]]
        self._put(sheet, grown, below + 1, self.chance.choice(COLUMNS[sheet]))
        self.done["rows copied"] += 1

    def _sort(self, sheet: str, cells: Cells) -> None:
        width, column = len(cells[0]), self.chance.randrange(len(cells[0]))
        tab, up = BY_KEY[sheet].label, self.chance.random() < 0.5
        self.office.ask(
            "sort", name=self.name, sheet=tab, first=1, last=len(cells) - 1, width=width, column=column, up=up
        )
        self.done["sheets sorted"] += 1

    def _put(self, sheet: str, cells: Cells, row: int, column: str) -> None:
        """Type a token into a cell. What was typed there before and never saved is the typist's own to drop."""
        position = list(cells[0]).index(BY_KEY[sheet].label_of(column))
        seen = str(cells[row][position])
        record = self._record(sheet, cells, row)
        own = next((act for act in self.pending if isinstance(act, Typed) and act.token == seen), None)
        if own is not None and not self._is_doubled(sheet, cells, row):
            self.pending.remove(own)
            seen = own.seen
        token = self.tokens.next(self.name)
        self.office.ask("type", name=self.name, sheet=BY_KEY[sheet].label, row=row, column=position, text=token)
        self.pending.append(Typed(token, sheet, record, column, seen))

    def _record(self, sheet: str, cells: Cells, row: int) -> str:
        """The id of a row if it is the only one with it."""
        return "" if self._is_doubled(sheet, cells, row) else str(cells[row][0])

    def _is_doubled(self, sheet: str, cells: Cells, row: int) -> bool:
        name = cells[row][0]
        return (sheet, name) in self._doubled or [line[0] for line in cells].count(name) > 1

    def _some_row(self, cells: Cells) -> int:
        rows = list(_rows(cells))
        return self.chance.choice(rows[:HOT] if self.chance.random() < 0.5 else rows)


def _texts(cells: Cells) -> frozenset[str]:
    return frozenset(cell for row in cells for cell in row if isinstance(cell, str) and cell)


def _anywhere(act: Act, sheet: str, record: str) -> Act:
    """A copy may be liker to the record than the changed row it was made of, and gets its id."""
    is_it = isinstance(act, Typed) and (act.sheet, act.record) == (sheet, record)
    return replace(act, record="") if is_it else act


def _rows(cells: Cells) -> Iterator[int]:
    return (number for number, row in enumerate(cells) if number and any(cell != "" for cell in row))
