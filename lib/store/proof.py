"""A second opinion on a worksheet that was cut and joined: expat reads all that was made and what stands around it.

Rows that were not touched are left out (12 MB of them take expat 95 ms). They are the bytes they were, between cuts
that lie at the ends of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.parsers import expat

from lib.store.archive import failed
from lib.store.cellxml import position, reference

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DATA, _ROW, _CELL, _MORE = (f"{_MAIN} {name}" for name in ("sheetData", "row", "c", "extLst"))
_DATA_DEPTH, _ROW_DEPTH, _CELL_DEPTH = 2, 3, 4


def prove(head: bytes, rows: Sequence[tuple[int, bytes]], tail: bytes) -> None:
    """Read a worksheet's frame with the rows that were made, given with their numbers.

    Raises ``Unpatchable`` unless that is well-formed UTF-8 with just these rows in its data, and their cells in rising
    order where the standard wants them.
    """
    try:
        _Reader([number for number, _row in rows]).read(head, b"".join(row for _number, row in rows), tail)
    except (expat.ExpatError, ValueError) as error:
        raise failed() from error


class _Reader:
    """Follows one worksheet."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.waiting = list(reversed(numbers))
        self.depth = self.data = self.row = self.column = 0
        self.inside = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.XmlDeclHandler = self.declare

    def read(self, head: bytes, rows: bytes, tail: bytes) -> None:
        """All of it; between the pieces the parser must be where rows stand."""
        self.parser.Parse(head, False)
        self.parser.Parse(rows, False)
        if not self.inside or self.data > 1 or self.depth != _DATA_DEPTH or self.waiting:
            raise failed()
        self.parser.Parse(tail, True)

    def declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        """What was written is UTF-8."""
        if encoding and encoding.lower() not in ("utf-8", "utf8"):
            raise failed()

    def start(self, name: str, told: dict[str, str]) -> None:
        """Each element is where it may be."""
        self.depth += 1
        if self.depth == _DATA_DEPTH:
            self.inside = name == _DATA
            self.data += self.inside
        elif self.depth == _ROW_DEPTH and self.inside:
            self.start_row(name, told)
        elif self.depth == _CELL_DEPTH and self.inside:
            self.start_cell(name, told)

    def start_row(self, name: str, told: dict[str, str]) -> None:
        """The next row that was made; one without a number takes it from a row that is left out here."""
        if name != _ROW or not self.waiting:
            raise failed()
        self.row, self.column = self.waiting.pop(), 0
        if told.get("r", str(self.row)) != str(self.row):
            raise failed()

    def start_cell(self, name: str, told: dict[str, str]) -> None:
        """A cell stands in the row it names, right of the one before."""
        if name == _MORE:
            return
        where = told.get("r", "")
        column = position(where.rstrip("0123456789")) if where else self.column + 1
        if name != _CELL or column <= self.column or where not in ("", reference(self.row, column)):
            raise failed()
        self.column = column

    def end(self, _name: str) -> None:
        """One level up."""
        self.depth -= 1
