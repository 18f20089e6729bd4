"""What people do in the sheet by hand, through the same code as the API. Rows are numbered as people see them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from . import undo
from .a1 import Box, a1, letters, number
from .api import Ask, handle
from .grid import last_used
from .model import Book, Sheet
from .people import may_write
from .values import Look, read
from .world import World

ACTIONS = (
    *("edit", "clear", "type_row", "insert_rows", "delete_rows", "insert_columns", "sort", "sort_part", "drag_row"),
    *(
        "cut_paste",
        "copy_paste",
        "duplicate_row",
        "duplicate_tab",
        "add_tab",
        "rename_tab",
        "rename_header",
        "delete_tab",
    ),
    *("protect", "undo", "values", "formulas", "metadata"),
)
"""What ``/_test/act`` offers."""


class Person:
    """Somebody with the spreadsheet open."""

    def __init__(self, world: World, book_id: str, who: str) -> None:
        self.world, self.id, self.who = world, book_id, who

    def as_(self, who: str) -> Person:
        """Somebody else at the same spreadsheet."""
        return Person(self.world, self.id, who)

    @property
    def model(self) -> Book:
        """The spreadsheet behind it all."""
        return self.world.book(self.id)

    def tab(self, title: str) -> Sheet:
        """A tab of the model."""
        return self.model.by_title(title)

    def values(self, tab: str, render: str = "UNFORMATTED_VALUE") -> list[list[Any]]:
        """What the tab shows."""
        with self.world.lock:
            return read(self.model, self.tab(tab), self.tab(tab).grid, Look({"valueRenderOption": render}))

    def formulas(self, tab: str) -> list[list[Any]]:
        """What was entered into the tab."""
        return self.values(tab, "FORMULA")

    def metadata(self, tab: str, key: str) -> list[str | None]:
        """The value of each used row's metadata under this key, from row 1 on."""
        rows = self.tab(tab).rows
        found = [next((meta.value for meta in row.meta if meta.key == key), None) for row in rows]
        while found and found[-1] is None:
            found.pop()
        return found

    def _send(self, method: str, tail: str, body: dict[str, Any], **query: str) -> Any:
        path = f"/v4/spreadsheets/{self.id}{tail}"
        given = {name: [value] for name, value in query.items()}
        return handle(Ask(self.world, self.who, method, path, given, body))

    def do(self, *requests: dict[str, Any]) -> Any:
        """Any ``batchUpdate`` requests at once."""
        return self._send("POST", ":batchUpdate", {"requests": list(requests)})

    def _box(self, tab: str, cells: str) -> dict[str, Any]:
        sheet, box, _ = self.model.find(f"'{tab.replace(chr(39), chr(39) * 2)}'!{cells}")
        return _grid_range(sheet, box)

    def _lines(self, tab: str, start: int, count: int, dimension: str = "ROWS") -> dict[str, Any]:
        return {
            "sheetId": self.tab(tab).id,
            "dimension": dimension,
            "startIndex": start - 1,
            "endIndex": start - 1 + count,
        }

    def _column(self, tab: str, column: str) -> int:
        """A column by its letter or by its header."""
        header = self.tab(tab).row(0).values
        if column in header:
            return header.index(column)
        if re.fullmatch("[A-Z]{1,3}", column):
            return number(column)
        raise ValueError(f"no column {column} in {tab}")

    def edit(self, tab: str, cell: str, value: Any) -> None:
        """Type into a cell; a list of lists is pasted from there on as text."""
        block = value if isinstance(value, list) else [[value]]
        text = quote(a1(tab, _box_of(self._box(tab, cell))), safe="")
        self._send("PUT", f"/values/{text}", {"values": block}, valueInputOption="USER_ENTERED")

    def clear(self, tab: str, cells: str) -> None:
        """Press Delete over cells."""
        text = quote(a1(tab, _box_of(self._box(tab, cells))), safe="")
        self._send("POST", f"/values/{text}:clear", {})

    def type_row(self, tab: str, values: list[Any]) -> int:
        """Type a row below the last one with something in it; gives its number."""
        sheet = self.tab(tab)
        row = last_used(sheet) + 1
        if row > sheet.row_count:
            self.do({"appendDimension": {"sheetId": sheet.id, "dimension": "ROWS", "length": 1}})
        self.edit(tab, f"A{row}:{letters(max(len(values), 2) - 1)}{row}", [values])
        return row

    def insert_rows(self, tab: str, at: int, count: int = 1) -> None:
        """Blank rows above row ``at``."""
        self.do({"insertDimension": {"range": self._lines(tab, at, count), "inheritFromBefore": at > 1}})

    def insert_columns(self, tab: str, at: str, count: int = 1) -> None:
        """Blank columns left of a column."""
        line = self._lines(tab, self._column(tab, at) + 1, count, "COLUMNS")
        self.do({"insertDimension": {"range": line}})

    def delete_rows(self, tab: str, at: int, count: int = 1) -> None:
        """Rows away."""
        self.do({"deleteDimension": {"range": self._lines(tab, at, count)}})

    def sort(self, tab: str, column: str, descending: bool = False, header: int = 1) -> None:
        """Sort the whole tab below its header."""
        sheet = self.tab(tab)
        self._sort(_grid_range(sheet, Box(header, sheet.row_count, 0, sheet.column_count)), tab, column, descending)

    def sort_part(self, tab: str, cells: str, column: str, descending: bool = False) -> None:
        """Sort only some columns: the values part from their records."""
        self._sort(self._box(tab, cells), tab, column, descending)

    def _sort(self, area: dict[str, Any], tab: str, column: str, descending: bool) -> None:
        order = "DESCENDING" if descending else "ASCENDING"
        spec = {"dimensionIndex": self._column(tab, column), "sortOrder": order}
        self.do({"sortRange": {"range": area, "sortSpecs": [spec]}})

    def drag_row(self, tab: str, row: int, before: int) -> None:
        """Drag a row to above the one that is now number ``before``."""
        self.do({"moveDimension": {"source": self._lines(tab, row, 1), "destinationIndex": before - 1}})

    def cut_paste(self, tab: str, cells: str, to: str) -> None:
        """Cut cells and paste them elsewhere."""
        target = self._box(tab, to)
        place = {
            "sheetId": target["sheetId"],
            "rowIndex": target["startRowIndex"],
            "columnIndex": target["startColumnIndex"],
        }
        self.do({"cutPaste": {"source": self._box(tab, cells), "destination": place, "pasteType": "PASTE_NORMAL"}})

    def copy_paste(self, tab: str, cells: str, to: str, values_only: bool = False) -> None:
        """Copy cells over others."""
        areas = {"source": self._box(tab, cells), "destination": self._box(tab, to)}
        self.do({"copyPaste": areas | {"pasteType": "PASTE_VALUES" if values_only else "PASTE_NORMAL"}})

    def duplicate_row(self, tab: str, row: int) -> None:
        """Insert a copy of a row below it, ids and all."""
        wide = letters(self.tab(tab).column_count - 1)
        self.insert_rows(tab, row + 1)
        self.copy_paste(tab, f"A{row}:{wide}{row}", f"A{row + 1}:{wide}{row + 1}")

    def duplicate_tab(self, tab: str, title: str | None = None) -> None:
        """A copy of a tab at the front of the others."""
        named = {"newSheetName": title} if title else {}
        self.do({"duplicateSheet": {"sourceSheetId": self.tab(tab).id, "insertSheetIndex": 0} | named})

    def add_tab(self, title: str) -> None:
        """A new, empty tab at the end."""
        self.do({"addSheet": {"properties": {"title": title}}})

    def rename_tab(self, tab: str, title: str) -> None:
        """Call a tab something else."""
        named = {"sheetId": self.tab(tab).id, "title": title}
        self.do({"updateSheetProperties": {"properties": named, "fields": "title"}})

    def rename_header(self, tab: str, old: str, new: str) -> None:
        """Type another title over a header."""
        self.edit(tab, f"{letters(self._column(tab, old))}1", new)

    def delete_tab(self, tab: str) -> None:
        """A tab away."""
        self.do({"deleteSheet": {"sheetId": self.tab(tab).id}})

    def protect(self, tab: str, cells: str | None, *editors: str) -> int:
        """Protect cells, or with ``None`` the tab, for some editors; gives the protection's id."""
        area = {"sheetId": self.tab(tab).id} if cells is None else self._open_box(tab, cells)
        one = {"range": area, "editors": {"users": list(editors)}}
        made = self.do({"addProtectedRange": {"protectedRange": one}})
        found: int = made["replies"][0]["addProtectedRange"]["protectedRange"]["protectedRangeId"]
        return found

    def _open_box(self, tab: str, cells: str) -> dict[str, Any]:
        """The range with its open ends left open, as the sheet keeps it for whole rows and columns."""
        sheet, _, area = self.model.find(f"'{tab.replace(chr(39), chr(39) * 2)}'!{cells}")
        parts = {
            "startRowIndex": area.top,
            "endRowIndex": area.bottom,
            "startColumnIndex": area.left,
            "endColumnIndex": area.right,
        }
        return {"sheetId": sheet.id} | {name: part for name, part in parts.items() if part is not None}

    def undo(self) -> None:
        """Take back the last thing this person did; what others did since stays."""
        with self.world.lock:
            may_write(self.model, self.who)
            undo.undo(self.model, self.who, self.world.now())


def _grid_range(sheet: Sheet, box: Box) -> dict[str, Any]:
    return {
        "sheetId": sheet.id,
        "startRowIndex": box.top,
        "endRowIndex": box.bottom,
        "startColumnIndex": box.left,
        "endColumnIndex": box.right,
    }


def _box_of(area: dict[str, Any]) -> Box:
    return Box(area["startRowIndex"], area["endRowIndex"], area["startColumnIndex"], area["endColumnIndex"])
