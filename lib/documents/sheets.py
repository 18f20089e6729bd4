"""Tables as files (表格文件): one table as .xlsx or .csv, whatever it holds.

In .xlsx texts are texts and days are days: nothing people typed becomes a formula, a link or a number, and leading
zeros and 18-digit codes stay. CSV knows no such difference; ``lib.views.plain`` keeps it harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from math import ceil
from typing import Any

import xlsxwriter

from lib.documents.file import CSV, UNWRITABLE, XLSX, File, named
from lib.i18n import N_, _
from lib.views.plain import csv_bytes

Value = str | int | float | date | None
FORMATS = {"xlsx": N_("Excel（.xlsx）"), "csv": N_("CSV（.csv）")}
"""What a table can be had as, the usual one first."""
LONGEST_CELL, MOST_ROWS = 32_767, 1_048_576
"""What a worksheet holds; Excel calls a file with more damaged."""
PAPER_A4 = 9
FONT, INK, HEAD = "微软雅黑", "#1B2430", "#E6EAF0"
NARROWEST, WIDEST = 6, 48
"""Widths of columns, in characters."""
LINE, MOST_LINES, TIGHT = 15, 12, 0.93
"""Points of a line; lines of one row before the rest is cut off on paper; widths a letter takes of a column's unit."""
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\uffef]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its title, a sentence below it (as of which day, of how many), its header and rows."""

    title: str
    about: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def as_file(table: Table, kind: str, name: str) -> File:
    """A table in one of ``FORMATS`` under a name."""
    if kind == "csv":
        return named(name, CSV, csv_bytes(table.header, table.rows))
    return as_book([table], name)


def as_book(tables: Sequence[Table], name: str) -> File:
    """A workbook under a name, a sheet for each table; their titles differ."""
    with workbook() as (book, out):
        for table in tables:
            _sheet(book, table)
    return named(name, XLSX, out.getvalue())


@contextmanager
def workbook() -> Iterator[tuple[Any, BytesIO]]:
    """A new workbook that guesses nothing, and the bytes it ends up in."""
    out = BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd", "default_format_properties": {"font_name": FONT, "font_size": 10},
    }  # fmt: skip
    book = xlsxwriter.Workbook(out, options)
    yield book, out
    book.close()


def put(sheet: Any, row: int, column: int, value: Value, form: Any = None) -> None:
    """One cell, written as what it is."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    elif isinstance(value, str):
        sheet.write_string(row, column, fitting(value), form)
    else:
        sheet.write_number(row, column, value, form)


def fitting(text: str) -> str:
    """A text as a cell holds it: without signs no XML takes, and cut with a word where it is too long."""
    clean = UNWRITABLE.sub("�", text)
    said = _("……（太长，已截断）")
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - len(said)] + said


@dataclass(frozen=True, slots=True)
class Looks:
    """How a header and cells look: a text to the left, a number to the right with a little room, a day in between, so
    that no two columns run into each other."""

    head: Any
    text: Any
    number: Any
    day: Any

    def of(self, value: Value) -> Any:
        """How a cell with this value looks."""
        if isinstance(value, date):
            return self.day
        return self.number if isinstance(value, (int, float)) else self.text


def looks(book: Any) -> Looks:
    """The looks of one workbook's cells."""
    line = {"border": 1, "border_color": "#D5DBE3", "valign": "top", "text_wrap": True, "font_color": INK}
    head = {**line, "bold": True, "bg_color": HEAD, "valign": "vcenter", "align": "center"}
    text, number = {**line, "align": "left"}, {**line, "align": "right", "indent": 1}
    on = {**line, "align": "center", "num_format": "yyyy-mm-dd"}
    return Looks(*(book.add_format(each) for each in (head, text, number, on)))


def print_set_up(sheet: Any, header_row: int) -> None:
    """A4 across, as wide as the page, the header on each page, and which page of how many."""
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)
    sheet.set_footer("&C" + _("第 {page} 页，共 {pages} 页", page="&P", pages="&N"))


def width_of(header: str, values: Sequence[Value]) -> int:
    """Characters a column needs, within bounds; a Chinese one counts twice."""
    longest = max((_length(value) for value in values[:500]), default=0)
    return min(max(_length(header) + 4, longest + 1, NARROWEST), WIDEST)


def height_of(values: Sequence[Value], widths: Sequence[int]) -> int:
    """Points a row needs whose cells wrap in columns of these widths: not every program finds out by itself."""
    lines = max(ceil(_length(value) * TIGHT / width) for value, width in zip(values, widths, strict=True))
    return LINE * min(max(lines, 1), MOST_LINES)


def _length(value: Value) -> int:
    text = "" if value is None else str(value)[: WIDEST * 2]
    return len(text) + len(_WIDE.findall(text))


def _sheet(book: Any, table: Table) -> None:
    sheet = book.add_worksheet(_tab(table.title))
    look = looks(book)
    room = MOST_ROWS - 4
    rows = table.rows[:room]
    cut = _("；只装得下前 {n} 行，请先筛选", n=room) if len(table.rows) > room else ""
    sheet.write_string(0, 0, fitting(table.title), book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, fitting(table.about + cut), book.add_format({"font_color": "#5B6470"}))
    widths = [width_of(label, [row[at] for row in rows[:500]]) for at, label in enumerate(table.header)]
    for column, label in enumerate(table.header):
        put(sheet, 2, column, label, look.head)
        sheet.set_column(column, column, widths[column])
    for at, row in enumerate(rows, 3):
        sheet.set_row(at, height_of(row, widths))
        for column, value in enumerate(row):
            put(sheet, at, column, value, look.of(value))
    sheet.freeze_panes(3, 1)
    sheet.autofilter(2, 0, max(2 + len(rows), 3), max(len(table.header) - 1, 0))
    print_set_up(sheet, 2)


def _tab(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "_", title)[:31] or "_"
