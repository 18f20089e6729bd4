"""The side of LibreOffice: run by a Python that has ``uno``, told by lines of JSON what a person does.

It imports nothing of this project, since it is run by another Python. Each line asks for one thing, each answer is
one line: what came of it, or ``{"error": …}``.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.task import XInteractionHandler

CONNECT_FOR = 60.0
"""Seconds in which a fresh LibreOffice with an empty profile must have started."""


class Answers(unohelper.Base, XInteractionHandler):
    """Answers LibreOffice's dialogs as most people do: a locked file read-only, "save anyway", yes."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def handle(self, request: Any) -> None:
        asked = type(request.getRequest()).__name__
        self.asked.append(asked)
        choices = {name: c for c in request.getContinuations() for name in _interfaces(c)}
        wanted = ("Disapprove", "Approve") if asked == "LockedDocumentRequest" else ("Approve", "Disapprove")
        for name in (*wanted, "Abort"):
            if f"com.sun.star.task.XInteraction{name}" in choices:
                choices[f"com.sun.star.task.XInteraction{name}"].select()
                return


def _interfaces(continuation: Any) -> list[str]:
    return [kind.typeName for kind in continuation.getTypes()]


class Office:
    """A running LibreOffice with the documents a person has open in it, by the name the test gives them."""

    def __init__(self, address: str) -> None:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        until = time.monotonic() + CONNECT_FOR
        while True:
            try:
                self.context = resolver.resolve(f"uno:{address};urp;StarOffice.ComponentContext")
                break
            except NoConnectException:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self.desktop = self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)
        self.documents: dict[str, Any] = {}
        self.answers = Answers()

    def open(self, name: str, path: str) -> dict[str, Any]:
        self.answers.asked = []
        settings = (_property("Hidden", True), _property("InteractionHandler", self.answers))
        document = self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, settings)
        if document is None:
            return {"open": False, "asked": self.answers.asked}
        self.documents[name] = document
        return {"open": True, "readonly": document.isReadonly(), "asked": self.answers.asked}

    def read(self, name: str, sheet: str) -> list[list[Any]]:
        """All cells of a sheet as a person sees them: text as it is, numbers (days too) as numbers."""
        tab = self._tab(name, sheet)
        cursor = tab.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        rows = tab.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow).getDataArray()
        last = max((number for number, row in enumerate(rows) if any(cell != "" for cell in row)), default=-1)
        return [list(row) for row in rows[: last + 1]]

    def type(self, name: str, sheet: str, row: int, column: int, text: str) -> None:
        """Type text into a cell; rows and columns count from 0."""
        self._tab(name, sheet).getCellByPosition(column, row).setString(text)

    def cell(self, name: str, sheet: str, row: int, column: int) -> dict[str, Any]:
        """What LibreOffice knows of a cell: text, formula, kind of content, dropdown, note."""
        cell = self._tab(name, sheet).getCellByPosition(column, row)
        validation = cell.Validation
        return {
            "text": cell.getString(), "formula": cell.getFormula(), "type": cell.getType().value,
            "validation": validation.getPropertyValue("Type").value, "source": validation.getFormula1(),
            "note": cell.getAnnotation().getString(),
        }  # fmt: skip

    def insert_rows(self, name: str, sheet: str, row: int, count: int = 1) -> None:
        self._tab(name, sheet).Rows.insertByIndex(row, count)

    def delete_rows(self, name: str, sheet: str, row: int, count: int = 1) -> None:
        self._tab(name, sheet).Rows.removeByIndex(row, count)

    def copy_row(self, name: str, sheet: str, row: int, to: int, width: int) -> None:
        """Copy a whole row and paste it over another."""
        tab = self._tab(name, sheet)
        source = tab.getCellRangeByPosition(0, row, width - 1, row)
        tab.copyRange(tab.getCellByPosition(0, to).CellAddress, source.RangeAddress)

    def sort(self, name: str, sheet: str, first: int, last: int, width: int, column: int, up: bool) -> None:
        """Sort whole rows by a column."""
        field = uno.createUnoStruct("com.sun.star.table.TableSortField")
        field.Field, field.IsAscending = column, up
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        area = self._tab(name, sheet).getCellRangeByPosition(0, first, width - 1, last)
        area.sort((_property("SortFields", fields), _property("ContainsHeader", False)))

    def store(self, name: str) -> dict[str, Any]:
        """Save, as by Ctrl+S, in the format the file has."""
        self.answers.asked = []
        self.documents[name].store()
        return {"asked": self.answers.asked}

    def close(self, name: str) -> None:
        """Close without saving."""
        self.documents.pop(name).close(True)

    def quit(self) -> None:
        self.desktop.terminate()

    def _tab(self, name: str, sheet: str) -> Any:
        return self.documents[name].Sheets.getByName(sheet)


def _property(name: str, value: Any) -> Any:
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def main() -> None:
    office = Office(sys.argv[1])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = getattr(office, asked.pop("do"))(**asked)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
