"""Make a workbook from the declarations: a real, pleasant .xlsx that guides whoever types into it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from lib.i18n import _
from lib.store.laid import Laid, laid_out
from lib.store.looks import (
    APP_FILL,
    APP_INK,
    APP_TAB,
    HEAD,
    HEAD_REQUIRED,
    PEOPLE_TAB,
    REQUIRED_INK,
    TINTS,
    header_note,
)  # fmt: skip
from sheets_schema.app_sheets import Meta
from sheets_schema.plan import Plan
from sheets_schema.reports import headings_of, noted
from sheets_schema.sheet import KIND_WORDS, Column, Editor, Kind, Row
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import META, SCHEMA_VERSION, options, sheets_of

Rows = Mapping[str, Sequence[Row]]
"""Sheet key → its rows."""

ROOM = 2000
"""Rows below the data that carry formats and dropdowns: enough for a year of typing."""
LONGEST_TITLE = 31
"""Characters in a tab's title."""
_REFUSED = re.compile(r"[\[\]:*?/\\]")
TOO_LONG = -2
"""What the writer answers when it has cut a text."""
FONT = "Microsoft YaHei"
Named = Mapping[str, tuple[str, int]]
"""Sheet key → its title, and where the names stand that other sheets refer to."""


def provision(path: Path, plan: Plan, rows: Rows, meta: Mapping[str, str]) -> None:
    """Write a new workbook with all declared sheets and ``rows`` to ``path``, whole or not at all."""
    write_workbook(path, plan, declared(plan, rows, meta))


def declared(plan: Plan, rows: Rows, meta: Mapping[str, str]) -> list[Laid]:
    """All declared sheets with their rows; ``_meta`` tells the plan and whatever is to be told besides."""
    told = {"schema": str(SCHEMA_VERSION), "plan": plan.id, **noted(headings_of(plan.cadence)), **meta}
    made = {**rows, META.key: [Meta(id=name, value=value) for name, value in told.items()]}
    return [laid_out(sheet, made.get(sheet.key, ())) for sheet in sheets_of(plan).values()]


def fitting(titles: Iterable[str]) -> list[str]:
    """Titles as a workbook takes them: short enough, without the signs it refuses, no two alike."""
    made: list[str] = []
    taken = set[str]()
    for title in titles:
        plain = _REFUSED.sub("_", title).strip("'")[:LONGEST_TITLE] or "_"
        names = (plain, *(f"{plain[: LONGEST_TITLE - 4]}~{n}" for n in range(2, 1000)))
        made.append(next(name for name in names if name.casefold() not in taken))
        taken.add(made[-1].casefold())
    return made


def named(tabs: Sequence[Laid]) -> Named:
    """Where the names stand that other sheets refer to: the ids where a sheet has no unique name."""
    return {tab.sheet.key: (tab.title, tab.at("name") or tab.at("id") or 0) for tab in tabs if tab.sheet is not None}


def write_workbook(path: Path, plan: Plan, tabs: Sequence[Laid]) -> None:
    """Write a new workbook of these tabs, whole or not at all. Raises ``ValueError`` for a text that does not fit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(suffix=".xlsx", prefix=".new-", dir=path.parent)
    os.close(handle)
    try:
        _write(made, plan, tabs)
        with open(made, "rb") as file:
            os.fsync(file.fileno())
        os.chmod(made, 0o664)
        os.replace(made, path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _write(target: str, plan: Plan, tabs: Sequence[Laid]) -> None:
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, settings) as book:
        book.set_properties({"title": plan.title, "comments": plan.source})
        styles = _Styles(book)
        made = {tab.title: book.add_worksheet(tab.title) for tab in tabs}
        meta = next(tab for tab in tabs if tab.sheet is META)
        lists = _Lists(made[meta.title], meta, styles)
        for tab in tabs:
            _write_tab(made[tab.title], tab, plan, styles, lists, named(tabs))
        made[meta.title].very_hidden()
        made[tabs[0].title].activate()


class _Styles:
    """The cell formats of a workbook, made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        head = {**base, "bold": True, "border": 1, "border_color": "#B8C4D2", "text_wrap": True, "locked": True}
        self.head = book.add_format({**head, "bg_color": HEAD})
        self.head_required = book.add_format({**head, "bg_color": HEAD_REQUIRED, "font_color": REQUIRED_INK})
        self.head_app = book.add_format({**head, "bg_color": APP_FILL, "font_color": APP_INK})
        self.text = book.add_format({**base, "num_format": "@", "locked": False})
        self.long = book.add_format({**base, "num_format": "@", "text_wrap": True, "locked": False})
        self.date = book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left", "locked": False})
        self.number = book.add_format({**base, "num_format": "0", "locked": False})
        self.app = book.add_format({**base, "num_format": "@", "font_color": APP_INK, "bg_color": APP_FILL})
        self.app_long = book.add_format(
            {**base, "num_format": "@", "font_color": APP_INK, "bg_color": APP_FILL, "text_wrap": True}
        )
        self.tints = {
            name: book.add_format({"bg_color": fill, "font_color": ink}) for name, (fill, ink, _words) in TINTS.items()
        }

        self.moment = book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm:ss", "align": "left", "locked": False})
        self.time = book.add_format({**base, "num_format": "hh:mm:ss", "align": "left", "locked": False})
        self.span = book.add_format({**base, "num_format": "[h]:mm:ss", "align": "left", "locked": False})
        self.plain = book.add_format({**base, "locked": False})

    def own(self, cell: Cell) -> Format:
        """The format of a cell in a column of people's own."""
        if isinstance(cell, datetime):
            return self.moment
        if isinstance(cell, date):
            return self.date
        if isinstance(cell, time):
            return self.time
        return self.span if isinstance(cell, timedelta) else self.plain

    def of(self, column: Column) -> Format:
        """The format of a column's cells."""
        if column.editor is Editor.APP:
            return self.app_long if column.kind is Kind.LONG else self.app
        if column.kind is Kind.DATE:
            return self.date
        if column.kind is Kind.INT:
            return self.number
        return self.long if column.kind is Kind.LONG else self.text


class _Lists:
    """Dropdown lists that come from the plan, kept on the hidden _meta sheet to the right of its columns."""

    def __init__(self, tab: Worksheet, meta: Laid, styles: _Styles) -> None:
        self.tab, self.styles, self.ranges = tab, styles, dict[tuple[str, ...], str]()
        self.title, self.start = meta.title, max(meta.width, 2) + 2

    def range(self, listed: tuple[str, ...]) -> str:
        """A reference to a list's cells, written at first use."""
        if listed not in self.ranges:
            position = self.start + len(self.ranges)
            for row, text in enumerate(listed, 1):
                self.tab.write_string(row, position, text, self.styles.app)
            name = xl_col_to_name(position)
            self.ranges[listed] = f"='{self.title}'!${name}$2:${name}${len(listed) + 1}"
        return self.ranges[listed]


def _write_tab(tab: Worksheet, laid: Laid, plan: Plan, styles: _Styles, lists: _Lists, names: Named) -> None:
    last = len(laid.cells) - 1 + ROOM
    for position in sorted(laid.columns):
        _write_column(tab, laid, position, plan, last, styles, lists, names)
    for number, row in enumerate(laid.cells):
        for position, cell in enumerate(row):
            column = laid.columns.get(position)
            if number > laid.header and column is not None:
                _write_cell(tab, number, position, cell, styles.of(column))
            elif number != laid.header or column is None:
                _write_cell(tab, number, position, cell, styles.own(cell))
    if laid.sheet is not None:
        _finish(tab, laid)


def _finish(tab: Worksheet, laid: Laid) -> None:
    """Frozen panes, the filter, how it prints, what is closed."""
    assert laid.sheet is not None
    top = laid.header
    tab.freeze_panes(top + 1, 2)
    tab.set_row(top, 30)
    tab.set_default_row(18)
    tab.autofilter(top, 0, max(len(laid.cells) - 1, top + 1), max(laid.columns))
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(top)
    if laid.sheet.app_owned:
        tab.protect("", {"autofilter": True, "sort": True, "format_columns": True})
        tab.set_tab_color(APP_TAB)
    else:
        tab.set_tab_color(PEOPLE_TAB)


def _write_column(
    tab: Worksheet, laid: Laid, position: int, plan: Plan, last: int, styles: _Styles, lists: _Lists, names: Named
) -> None:
    assert laid.sheet is not None
    sheet, column, top = laid.sheet, laid.columns[position], laid.header
    style = styles.of(column)
    app = column.editor is Editor.APP
    tab.set_column(position, position, column.width, style)
    head = styles.head_app if app else styles.head_required if column.required else styles.head
    tab.write_string(top, position, laid.label(position), head)
    tab.write_comment(top, position, header_note(column, plan), {"x_scale": 1.6, "y_scale": 1.2, "font_size": 9})
    area = (top + 1, position, last, position)
    if app and not sheet.app_owned:
        # A locked cell needs a protected sheet, and there Excel refuses to sort or delete rows; this refuses typing.
        tab.data_validation(
            *area,
            {
                "validate": "custom",
                "value": "=FALSE",
                "error_title": _("应用自动填写"),
                "error_message": column.note[:250],
            },
        )
    elif not sheet.app_owned:
        rule = _dropdown(column, plan, lists, names)
        if rule:
            tab.data_validation(*area, {"ignore_blank": True, "error_type": "warning", **rule})
    if column.kind is Kind.CHOICE:
        listed = set(options(column, plan))
        for name, (_fill, _ink, words) in TINTS.items():
            for word in listed.intersection(words):
                tab.conditional_format(
                    *area, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": styles.tints[name]}
                )
    if column.name == "check":
        tab.conditional_format(*area, {"type": "no_blanks", "format": styles.tints["wait"]})


def _dropdown(column: Column, plan: Plan, lists: _Lists, names: Named) -> dict[str, Any] | None:
    """The data validation that offers what a column accepts; it warns, since pasting goes round it anyway."""
    words = {
        "error_title": _("请核对"),
        "error_message": _("“{label}”：{kind}", label=column.label, kind=_(KIND_WORDS[column.kind])),
    }
    if column.kind is Kind.DATE:
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": date(1949, 1, 1),
            "maximum": date(2099, 12, 31),
            **words,
        }
    if column.kind is Kind.INT:
        return {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 100000, **words}
    if column.kind is not Kind.CHOICE:
        return None
    if column.ref:
        return {"validate": "list", "source": _live_list(*names[column.ref]), **words}
    listed = options(column, plan)
    return {"validate": "list", "source": lists.range(listed), **words} if listed else None


def _live_list(title: str, position: int) -> str:
    """The column of another sheet people choose from."""
    name, quoted = xl_col_to_name(position), title.replace("'", "''")
    return f"='{quoted}'!${name}$2:${name}${ROOM * 5}"


def _write_cell(tab: Worksheet, row: int, position: int, value: Cell, style: Format) -> None:
    """Write a value as what it is. Text is always written as text, so that nothing becomes a formula or a number."""
    if value is None or value == "":
        return
    if isinstance(value, (date, time, timedelta)):
        tab.write_datetime(row, position, value, style)
    elif isinstance(value, (int, float)):
        tab.write_number(row, position, value, style)
    elif tab.write_string(row, position, value, style) == TOO_LONG:
        raise ValueError(_("第 {row} 行的文字超过一个单元格能容纳的 32767 字", row=row + 1))
