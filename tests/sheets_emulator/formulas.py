"""What formulas show. One spilling form is worked out; the rest reads as an error a formula can have.

The form is an array in the header row that looks up a text for each record:
``={"title";ARRAYFORMULA(IFERROR(VLOOKUP(A2:A,'tab'!A:B,2,FALSE),""))}``, with or without ``IF(A2:A="","",…)`` around,
or with the cells from the next row down to the last one filled in the place of ``A2:A``.
A looked-up cell counts as it was entered: a lookup into another spill finds nothing.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass, field

from .a1 import number, parse
from .cells import tidy
from .errors import ApiError
from .model import Book, Formula, Sheet, Value

_TITLED = re.compile(r'^=\{\s*"((?:[^"]|"")*)"\s*;\s*(.*)\}$', re.S)
_ARRAY = re.compile(r"^=?\s*ARRAYFORMULA\(\s*(.*)\s*\)$", re.S | re.I)
_GUARDED = re.compile(r'^IF\(\s*([^=]+?)\s*=\s*""\s*,\s*""\s*,\s*(.*)\)$', re.S | re.I)
_SAFE = re.compile(r'^(?:IFERROR|IFNA)\(\s*(.*?)\s*,\s*"((?:[^"]|"")*)"\s*\)$', re.S | re.I)
_DOWN = re.compile(r'INDEX\(([A-Z]+):\1,ROW\(\)\+1\):INDEX\(\1:\1,MAX\(ROW\(\)\+1,FILTER\(ROW\(\1:\1\),\1:\1<>""\)\)\)')
_LOOKUP = re.compile(r"^VLOOKUP\(\s*([^,]+?)\s*,\s*(.+?)\s*,\s*(\d+)\s*,\s*(?:FALSE(?:\(\))?|0)\s*\)$", re.S | re.I)
_LINK = re.compile(r'^=HYPERLINK\("((?:[^"]|"")*)"\s*(?:,\s*"((?:[^"]|"")*)")?\)$', re.S | re.I)
UNKNOWN = "#N/A"
BLOCKED = "#REF!"


@dataclass
class Seen:
    """What formulas make of a tab: values of the cells that hold them, and columns of values below."""

    heads: dict[tuple[int, int], Value] = field(default_factory=dict)
    columns: dict[int, tuple[int, list[Value]]] = field(default_factory=dict)

    @property
    def bottom(self) -> int:
        """The number of rows that spilled values reach down to."""
        return max((top + len(values) for top, values in self.columns.values()), default=0)

    def below(self, row: int, column: int) -> Value:
        """The spilled value of a cell, ``None`` if nothing spills there."""
        top, values = self.columns.get(column, (0, []))
        return values[row - top] if top <= row < top + len(values) else None


def seen(book: Book, sheet: Sheet) -> Seen:
    """What formulas make of this tab now."""
    name = ("seen", sheet.id)
    if name not in book.cache:
        found = Seen()
        for index, row in enumerate(sheet.rows if sheet.formulas else []):
            if row.formulas:
                for column, value in enumerate(row.values):
                    if type(value) is Formula:
                        _work_out(book, sheet, found, index, column, value)
        book.cache[name] = found
    result: Seen = book.cache[name]
    return result


def _work_out(book: Book, sheet: Sheet, found: Seen, row: int, column: int, formula: Formula) -> None:
    spilled = _spill(book, sheet, formula, row)
    if spilled is None:
        found.heads[row, column] = _plain(formula)
        return
    spilled = spilled[: sheet.row_count - row]
    if not book.quirks.spilled_blanks_count:
        spilled = [None if value == "" else value for value in spilled]
        while len(spilled) > 1 and spilled[-1] is None:
            spilled.pop()
    blocked = any(
        sheet.at(index, column) is not None for index in range(row + 1, min(len(sheet.rows), row + len(spilled)))
    )
    found.heads[row, column] = BLOCKED if blocked else spilled[0]
    if not blocked:
        found.columns[column] = row + 1, spilled[1:]


def _plain(formula: Formula) -> Value:
    link = _LINK.match(formula)
    if link:
        return (link[2] if link[2] is not None else link[1]).replace('""', '"')
    try:
        return tidy(_sum(ast.parse(formula[1:].strip(), mode="eval").body))
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return UNKNOWN


_SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _sum(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return float(_SIGNS[type(node.op)](_sum(node.left), _sum(node.right)))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_sum(node.operand)
    raise ValueError


def _spill(book: Book, sheet: Sheet, formula: Formula, row: int) -> list[Value] | None:
    head: list[Value] = []
    text = str(formula)
    if titled := _TITLED.match(text):
        head, text = [titled[1].replace('""', '"')], titled[2].strip()
    if BLOCKED in text:
        return [*head, BLOCKED]
    array = _ARRAY.match(text)
    if not array:
        return None
    inner, guard = _DOWN.sub(lambda found: _to_the_last(sheet, found[1], row + 2), array[1].strip()), None
    if guarded := _GUARDED.match(inner):
        guard, inner = guarded[1], guarded[2].strip()
    fallback: Value = UNKNOWN
    if safe := _SAFE.match(inner):
        inner, fallback = safe[1], safe[2].replace('""', '"')
    lookup = _LOOKUP.match(inner)
    if not lookup or (guard is not None and guard.replace("$", "") != lookup[1].replace("$", "")):
        return None
    try:
        return head + _looked_up(book, sheet, lookup[1], lookup[2], int(lookup[3]), fallback, guard is not None)
    except ApiError:
        return [*head, fallback]


def _to_the_last(sheet: Sheet, column: str, row: int) -> str:
    """The cells of a column from a row down to the last that has something in it."""
    at = number(column)
    last = max((n for n, line in enumerate(sheet.rows, 1) if line.at(at) not in (None, "")), default=0)
    return f"{column}{row}:{column}{max(row, last)}"


def _looked_up(
    book: Book, sheet: Sheet, keys: str, table: str, nth: int, fallback: Value, guarded: bool
) -> list[Value]:
    titles = [tab.title for tab in book.sheets]
    where, source = parse(keys, titles), parse(table, titles)
    tab = sheet if source.title is None else book.by_title(source.title)
    left, top = source.left or 0, source.top or 0
    known: dict[Value, Value] = {}
    for row in tab.rows[top : source.bottom]:
        key = _folded(row.at(left))
        if key is not None:
            known.setdefault(key, row.at(left + nth - 1))
    own = sheet if where.title is None else book.by_title(where.title)
    column = where.left or 0
    values: list[Value] = []
    for index in range(where.top or 0, own.row_count if where.bottom is None else where.bottom):
        key = _folded(own.at(index, column))
        if key is None and guarded:
            values.append("")
            continue
        found = known.get(key, fallback) if key is not None else fallback
        values.append("" if found is None else found)
    return values


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value
