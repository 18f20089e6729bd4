"""People in the shared spreadsheet, and what became of each value that anybody typed, followed cell by cell.

Every value is typed once only, so that wherever it stands it can be told whose it is. Rows are followed by what the
emulator knows them by, not by their ids: that is how a person sees them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from lib.domain.normalise import to_text
from lib.store.google_reading import EPOCH
from tests.sheets_emulator import EDITOR, ApiError
from tests.sheets_emulator.a1 import letters
from tests.sheets_emulator.grid import last_used
from tests.sheets_emulator.human import Person
from tests.sheets_emulator.model import Formula, Sheet, Value

DAYS = "登记日期"
CHECK = "校验"
OWN = "自己的列"


class Place(NamedTuple):
    """A cell as people see it: the tab's id, the row whatever its place, the position in it."""

    tab: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody put a value, which id stood in that row, and when: the number of the act, 0 from the start."""

    place: Place
    id: str
    act: int


@dataclass
class Fate:
    """What people did with one value."""

    homes: list[Home] = field(default_factory=list)
    killed: bool = False
    """Somebody deleted or replaced it where it was last."""
    count: int = 0
    """How often it stood in the sheet after the last act that touched it."""
    most: int = 0
    """And at most, after any."""


Cells = dict[Place, str]


def text_of(value: Value, label: str) -> str:
    """What a person reads in a cell; nothing for a formula."""
    if isinstance(value, Formula):
        return ""
    if label == DAYS and isinstance(value, int | float) and not isinstance(value, bool):
        return (EPOCH + timedelta(days=int(value))).isoformat()
    return to_text(value)


def label_of(sheet: Sheet, column: int) -> str:
    """The header of a column."""
    value = sheet.row(0).at(column)
    return CHECK if isinstance(value, Formula) else to_text(value)


def ids_of(sheet: Sheet) -> dict[int, str]:
    """Row → the id in it."""
    at = next((c for c in range(sheet.column_count) if label_of(sheet, c) == "编号"), None)
    return {row.uid: to_text(row.at(at)).strip() for row in sheet.rows[1:]} if at is not None else {}


class People:
    """Everybody at the spreadsheet. ``act`` does something at random; ``fates`` tells of each value what people did."""

    def __init__(self, person: Person, random: Random, tabs: list[int], log: list[str]) -> None:
        self.person, self.random, self.tabs, self.log = person, random, tabs, log
        self.fates: defaultdict[str, Fate] = defaultdict(Fate)
        self.touched: dict[Place, int] = {}
        """Cell → the last act that changed it."""
        self.acts = 0
        self.typed = 0
        self.columns = False
        """Whether columns come and go too."""
        self._take({}, self.cells())

    def sheet(self, tab: int) -> Sheet:
        """A tab by its id."""
        return self.person.model.by_id(tab)

    def cells(self) -> Cells:
        """Everything that stands in people's tabs below the headers, 校验 left out."""
        found: Cells = {}
        for tab in self.tabs:
            sheet = self.sheet(tab)
            labels = [label_of(sheet, column) for column in range(sheet.column_count)]
            for row in sheet.rows[1:]:
                for column, value in enumerate(row.values):
                    if labels[column] != CHECK and (text := text_of(value, labels[column])):
                        found[Place(tab, row.uid, column)] = text
        return found

    def act(self) -> None:
        """Somebody does something."""
        kinds: list[tuple[Callable[[Sheet], str], int]] = [
            (self.edit, 10), (self.clear, 3), (self.no_id, 1), (self.type_row, 4), (self.insert, 2), (self.delete, 2),
            (self.sort, 3), (self.drag, 2), (self.cut, 2), (self.over, 1), (self.duplicate, 1), (self.duplicate_tab, 1),
            (self.rename_tab, 1), (self.rename_header, 1), (self.undo, 1), (self.spoil, 1), (self.app_tab, 1),
            (self.blank_and_type, 1),
        ]  # fmt: skip
        if self.columns:
            kinds += [(self.insert_column, 1), (self.delete_column, 1)]
        [kind] = self.random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
        tab = self.random.choices(self.tabs, [5, 2, 1])[0]
        self.did(lambda: kind(self.sheet(tab)))

    def did(self, act: Callable[[], str]) -> None:
        """Follow what an act changes."""
        before, self.acts = self.cells(), self.acts + 1
        self._moved = lambda place: place
        try:
            told = act()
        except ApiError as error:
            told = f"is refused: {error}"
        self.log.append(f"    [{self.acts}] somebody {told}")
        self._follow()
        self._take({self._moved(place): text for place, text in before.items()}, self.cells())

    def _take(self, before: Cells, after: Cells) -> None:
        ids = {(tab, row): id for tab in self.tabs for row, id in ids_of(self.sheet(tab)).items()}
        was, now = Counter(before.values()), Counter(after.values())
        for place in before.keys() | after.keys():
            old, new = before.get(place, ""), after.get(place, "")
            if old == new:
                continue
            self.touched[place] = self.acts
            if new:
                self.fates[new].homes.append(Home(place, ids.get((place.tab, place.row), ""), self.acts))
            for text in filter(None, (old, new)):
                fate = self.fates[text]
                fate.count = now[text]
                fate.most = max(fate.most, now[text])
                fate.killed = not now[text] and bool(was[text])

    def _follow(self) -> None:
        """Columns have moved: so have the places in them."""
        for fate in self.fates.values():
            fate.homes = [Home(self._moved(home.place), home.id, home.act) for home in fate.homes]
        self.touched = {self._moved(place): act for place, act in self.touched.items()}

    # what they do

    def value(self, label: str) -> str | int:
        """Something nobody has typed before."""
        self.typed += 1
        if label == DAYS:
            return (date(2031, 1, 1) + timedelta(days=self.typed)).isoformat()
        if label not in ("编号", "协会名称") and self.random.random() < 0.15:
            return 700_000 + self.typed
        return f"人{self.typed}"

    def _row(self, sheet: Sheet) -> int:
        """The number of a row below the header, mostly one with something in it."""
        return self.random.randint(2, max(last_used(sheet), 2))

    def _column(self, sheet: Sheet, ids: bool = False) -> int:
        wide = max(len(row.values) for row in sheet.rows)
        left = [c for c in range(wide) if label_of(sheet, c) != CHECK and (ids or label_of(sheet, c) != "编号")]
        return self.random.choice(left)

    def _wide(self, sheet: Sheet) -> str:
        """The last column before 校验."""
        wide = next((c for c in range(sheet.column_count) if label_of(sheet, c) in (CHECK, "")), 1)
        return letters(max(wide - 1, 0))

    def edit(self, sheet: Sheet) -> str:
        row, column = self._row(sheet), self._column(sheet)
        value = self.value(label_of(sheet, column))
        self.person.edit(sheet.title, f"{letters(column)}{row}", value)
        return f"types {value} into {sheet.title}!{letters(column)}{row}"

    def clear(self, sheet: Sheet) -> str:
        cell = f"{letters(self._column(sheet))}{self._row(sheet)}"
        self.person.clear(sheet.title, cell)
        return f"clears {sheet.title}!{cell}"

    def no_id(self, sheet: Sheet) -> str:
        cell = f"A{self._row(sheet)}"
        self.person.clear(sheet.title, cell)
        return f"clears the id {sheet.title}!{cell}"

    def type_row(self, sheet: Sheet) -> str:
        labels = [label_of(sheet, column) for column in range(1, 5)]
        values = ["", *(self.value(x) if x not in ("", CHECK) and n < 2 else "" for n, x in enumerate(labels))]
        while values and values[-1] == "":
            values.pop()
        row = self._below(sheet)
        for column, value in enumerate(values):
            if value != "":
                self.person.edit(sheet.title, f"{letters(column)}{row}", value)
        return f"types a row into {sheet.title}!{row}: {values}"

    @staticmethod
    def _below(sheet: Sheet) -> int:
        return next((n for n in range(len(sheet.rows), 0, -1) if sheet.rows[n - 1].values), 0) + 1

    def blank_and_type(self, sheet: Sheet) -> str:
        row = self._row(sheet)
        self.person.insert_rows(sheet.title, row)
        value = self.value("")
        self.person.edit(sheet.title, f"B{row}", value)
        return f"inserts a row at {sheet.title}!{row} and types {value}"

    def insert(self, sheet: Sheet) -> str:
        row = self._row(sheet)
        self.person.insert_rows(sheet.title, row)
        return f"inserts a row at {sheet.title}!{row}"

    def delete(self, sheet: Sheet) -> str:
        row = self._row(sheet)
        self.person.delete_rows(sheet.title, row)
        return f"deletes row {sheet.title}!{row}"

    def sort(self, sheet: Sheet) -> str:
        column, down = letters(self._column(sheet, ids=True)), self.random.random() < 0.5
        self.person.sort(sheet.title, column, down)
        return f"sorts {sheet.title} by {column} {'down' if down else 'up'}"

    def drag(self, sheet: Sheet) -> str:
        row, to = self._row(sheet), self._row(sheet)
        self.person.drag_row(sheet.title, row, to)
        return f"drags row {sheet.title}!{row} to before {to}"

    def cut(self, sheet: Sheet) -> str:
        row, wide = self._row(sheet), self._wide(sheet)
        if self.random.random() < 0.5:
            source, to = f"A{row}:{wide}{row}", f"A{self._below(sheet) + self.random.choice([0, 1])}"
        else:
            column = letters(self._column(sheet))
            source, to = f"{column}{row}", f"{column}{self._row(sheet)}"
        self.person.cut_paste(sheet.title, source, to)
        return f"cuts {sheet.title}!{source} and pastes at {to}"

    def over(self, sheet: Sheet) -> str:
        """Copies one row's cells over another's, id and all."""
        wide, row, to = self._wide(sheet), self._row(sheet), self._row(sheet)
        self.person.copy_paste(sheet.title, f"A{row}:{wide}{row}", f"A{to}:{wide}{to}")
        return f"copies row {sheet.title}!{row} over {to}"

    def duplicate(self, sheet: Sheet) -> str:
        row, wide = self._row(sheet), self._wide(sheet)
        self.person.insert_rows(sheet.title, row + 1)
        self.person.copy_paste(sheet.title, f"A{row}:{wide}{row}", f"A{row + 1}:{wide}{row + 1}")
        return f"duplicates row {sheet.title}!{row}"

    def duplicate_tab(self, sheet: Sheet) -> str:
        if len(self.person.model.sheets) > 10:
            return "does nothing"
        self.person.duplicate_tab(sheet.title)
        return f"duplicates the tab {sheet.title}"

    def rename_tab(self, sheet: Sheet) -> str:
        names = {"协会商会": "协会商会台账", "协会商会台账": "协会商会", "单位": "单位表", "单位表": "单位"}
        title, new = sheet.title, names.get(sheet.title, sheet.title + "x")
        self.person.rename_tab(title, new)
        return f"renames {title} to {new}"

    def rename_header(self, sheet: Sheet) -> str:
        names = {
            "联系人": "联系人员",
            "联系人员": "联系人",
            OWN: "列二",
            "列二": OWN,
            "责任人": "责任人员",
            "责任人员": "责任人",
        }
        found = [c for c in range(sheet.column_count) if label_of(sheet, c) in names]
        if not found:
            return "does nothing"
        column = self.random.choice(found)
        old = label_of(sheet, column)
        self.person.edit(sheet.title, f"{letters(column)}1", names[old])
        return f"renames the header {old} of {sheet.title}"

    def undo(self, sheet: Sheet) -> str:
        if self.columns:
            return "does nothing"
        self.person.undo()
        return "takes back the last act"

    def spoil(self, sheet: Sheet) -> str:
        """Types into the column that the app fills."""
        found = [c for c in range(sheet.column_count) if label_of(sheet, c) == CHECK]
        if not found:
            return "does nothing"
        cell = f"{letters(found[0])}{self._row(sheet)}"
        self.person.edit(sheet.title, cell, "乱写")
        return f"types into 校验 {sheet.title}!{cell}"

    def app_tab(self, _sheet: Sheet) -> str:
        """Types into a tab that the app alone fills, or deletes it."""
        if all(one.title != "冲突" for one in self.person.model.sheets):
            return "does nothing"
        if self.random.random() < 0.2:
            self.person.delete_tab("冲突")
            return "deletes 冲突"
        cell = f"{self.random.choice('ABC')}{self.random.randint(2, 5)}"
        self.person.edit("冲突", cell, "乱写")
        return f"types into 冲突!{cell}"

    def insert_column(self, sheet: Sheet) -> str:
        at, tab = self.random.randint(0, 5), sheet.id
        self.person.insert_columns(sheet.title, letters(at))
        self._moved = lambda p: p._replace(column=p.column + 1) if p.tab == tab and p.column >= at else p
        return f"inserts a column at {sheet.title}!{letters(at)}"

    def delete_column(self, sheet: Sheet) -> str:
        found = [c for c in range(6) if label_of(sheet, c) not in ("编号", CHECK)]
        at, tab = self.random.choice(found), sheet.id
        lines = {"sheetId": tab, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
        self.person.do({"deleteDimension": {"range": lines}})

        def moved(place: Place) -> Place:
            if place.tab != tab or place.column < at:
                return place
            return place._replace(column=place.column - 1 if place.column > at else -self.acts)

        self._moved = moved
        return f"deletes column {sheet.title}!{letters(at)}"


def somebody(person: Person) -> Person:
    """A person who may edit."""
    return person.as_(EDITOR)
