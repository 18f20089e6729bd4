"""Make a workbook from the declarations: a real, pleasant .xlsx that guides whoever types into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from lib.i18n import _
from sheets_schema.app_sheets import Meta
from sheets_schema.plan import Plan
from sheets_schema.sheet import EDITOR_WORDS, KIND_WORDS, SEPARATOR, Column, Editor, Kind, Row, Sheet
from sheets_schema.workbook import META, SCHEMA_VERSION, SHEETS, options

Rows = Mapping[str, Sequence[Row]]
"""Sheet key → its rows."""

ROOM = 2000
"""Rows below the data that carry formats and dropdowns: enough for a year of typing."""
EARLIEST_YEAR = 1900
"""Excel knows no days before."""
TOO_LONG = -2
"""What the writer answers when it has cut a text."""
FONT = "Microsoft YaHei"
_HEAD, _HEAD_REQUIRED, _APP = "#DCE6F1", "#C6D9F0", "#F2F2F2"
_TINTS = {
    "good": ("#E6F4EA", "#1B6E3C", ("已完成", "通过", "同意", "已选定", "纳入")),
    "bad": ("#FBE9E7", "#B3261E", ("退回", "不同意", "错误")),
    "wait": ("#FFF4E0", "#9A5B00", ("待定", "提醒", "政策缺失", "工作不到位")),
    "none": ("#EEF0F2", "#5B6470", ("不涉及", "已撤回", "不纳入", "未启动", "未选定")),
}


def provision(path: Path, plan: Plan, rows: Rows, meta: Mapping[str, str]) -> None:
    """Write a new workbook with all declared sheets and ``rows`` to ``path``, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(suffix=".xlsx", prefix=".new-", dir=path.parent)
    os.close(handle)
    try:
        _write(made, plan, rows, {"schema": str(SCHEMA_VERSION), "plan": plan.id, **meta})
        with open(made, "rb") as file:
            os.fsync(file.fileno())
        os.chmod(made, 0o664)
        os.replace(made, path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _write(target: str, plan: Plan, rows: Rows, meta: Mapping[str, str]) -> None:
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, settings) as book:
        book.set_properties({"title": plan.title, "comments": plan.source})
        styles = _Styles(book)
        tabs = {sheet.key: book.add_worksheet(sheet.label) for sheet in SHEETS}
        lists = _Lists(tabs[META.key], styles)
        for sheet in SHEETS:
            made = (
                [Meta(id=name, value=value) for name, value in meta.items()]
                if sheet is META
                else rows.get(sheet.key, ())
            )
            _write_sheet(tabs[sheet.key], sheet, plan, made, styles, lists)
        tabs[META.key].very_hidden()
        tabs[SHEETS[0].key].activate()


class _Styles:
    """The cell formats of a workbook, made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        head = {**base, "bold": True, "border": 1, "border_color": "#B8C4D2", "text_wrap": True, "locked": True}
        self.head = book.add_format({**head, "bg_color": _HEAD})
        self.head_required = book.add_format({**head, "bg_color": _HEAD_REQUIRED, "font_color": "#7A1B12"})
        self.head_app = book.add_format({**head, "bg_color": _APP, "font_color": "#5B6470"})
        self.text = book.add_format({**base, "num_format": "@", "locked": False})
        self.long = book.add_format({**base, "num_format": "@", "text_wrap": True, "locked": False})
        self.date = book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left", "locked": False})
        self.number = book.add_format({**base, "num_format": "0", "locked": False})
        self.app = book.add_format({**base, "num_format": "@", "font_color": "#5B6470", "bg_color": _APP})
        self.app_long = book.add_format(
            {**base, "num_format": "@", "font_color": "#5B6470", "bg_color": _APP, "text_wrap": True}
        )
        self.tints = {
            name: book.add_format({"bg_color": fill, "font_color": ink}) for name, (fill, ink, _words) in _TINTS.items()
        }

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

    def __init__(self, tab: Worksheet, styles: _Styles) -> None:
        self.tab, self.styles, self.ranges = tab, styles, dict[tuple[str, ...], str]()

    def range(self, listed: tuple[str, ...]) -> str:
        """A reference to a list's cells, written at first use."""
        if listed not in self.ranges:
            position = 4 + len(self.ranges)
            for row, text in enumerate(listed, 1):
                self.tab.write_string(row, position, text, self.styles.app)
            name = xl_col_to_name(position)
            self.ranges[listed] = f"='{META.label}'!${name}$2:${name}${len(listed) + 1}"
        return self.ranges[listed]


def _write_sheet(tab: Worksheet, sheet: Sheet, plan: Plan, rows: Sequence[Row], styles: _Styles, lists: _Lists) -> None:
    last = len(rows) + ROOM
    tab.freeze_panes(1, 2)
    tab.set_row(0, 30)
    tab.set_default_row(18)
    for position, column in enumerate(sheet.columns):
        _write_column(tab, sheet, column, position, plan, last, styles, lists)
    for number, row in enumerate(rows, 1):
        for position, column in enumerate(sheet.columns):
            _write_cell(
                tab, number, position, getattr(row, column.name, sheet.defaults.get(column.name)), styles.of(column)
            )
    tab.autofilter(0, 0, max(len(rows), 1), len(sheet.columns) - 1)
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(0)
    if sheet.app_owned:
        tab.protect("", {"autofilter": True, "sort": True, "format_columns": True})
        tab.set_tab_color("#9AA3AE")
    else:
        tab.set_tab_color("#0072B2")


def _write_column(
    tab: Worksheet, sheet: Sheet, column: Column, position: int, plan: Plan, last: int, styles: _Styles, lists: _Lists
) -> None:
    style = styles.of(column)
    app = column.editor is Editor.APP
    tab.set_column(position, position, column.width, style)
    head = styles.head_app if app else styles.head_required if column.required else styles.head
    tab.write_string(0, position, column.label, head)
    tab.write_comment(0, position, header_note(column, plan), {"x_scale": 1.6, "y_scale": 1.2, "font_size": 9})
    area = (1, position, last, position)
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
        rule = _dropdown(column, plan, lists)
        if rule:
            tab.data_validation(*area, {"ignore_blank": True, "error_type": "warning", **rule})
    if column.kind is Kind.CHOICE:
        listed = set(options(column, plan))
        for name, (_fill, _ink, words) in _TINTS.items():
            for word in listed.intersection(words):
                tab.conditional_format(
                    *area, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": styles.tints[name]}
                )
    if column.name == "check":
        tab.conditional_format(*area, {"type": "no_blanks", "format": styles.tints["wait"]})


def _dropdown(column: Column, plan: Plan, lists: _Lists) -> dict[str, Any] | None:
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
        return {"validate": "list", "source": _live_list(column.ref), **words}
    listed = options(column, plan)
    return {"validate": "list", "source": lists.range(listed), **words} if listed else None


def _live_list(ref: str) -> str:
    """The column of another sheet people choose from: its names, or its ids where it has no unique name."""
    target = next(sheet for sheet in SHEETS if sheet.key == ref)
    shown = next((n for n, c in enumerate(target.columns) if c.name == "name"), 0)
    name = xl_col_to_name(shown)
    return f"='{target.label}'!${name}$2:${name}${ROOM * 5}"


def header_note(column: Column, plan: Plan) -> str:
    """What the note at a header says: kind, whether required, who fills it in, what may stand there."""
    editor, need = _(EDITOR_WORDS[column.editor]), _("必填") if column.required else _("选填")
    told = _("{kind}；{need}；{editor}填写", kind=_(KIND_WORDS[column.kind]), need=need, editor=editor)
    parts = [editor if column.editor is Editor.APP else told]
    if column.note:
        parts.append(_(column.note))
    listed = options(column, plan)
    if listed and len(listed) <= 12:
        parts.append(_("可选：{options}", options=SEPARATOR.join(listed)))
    return "\n".join(parts)


def _write_cell(tab: Worksheet, row: int, position: int, value: object, style: Format) -> None:
    """Write a value as what it is. Text is always written as text, so that nothing becomes a formula or a number."""
    if value is None or value in ((), ""):
        return
    if isinstance(value, StrEnum):
        tab.write_string(row, position, value.value, style)
    elif isinstance(value, tuple):
        tab.write_string(row, position, SEPARATOR.join(value), style)
    elif isinstance(value, date) and value.year < EARLIEST_YEAR:
        tab.write_string(row, position, value.isoformat(), style)
    elif isinstance(value, date):
        tab.write_datetime(row, position, value, style)
    elif isinstance(value, int):
        tab.write_number(row, position, value, style)
    elif tab.write_string(row, position, str(value), style) == TOO_LONG:
        raise ValueError(_("第 {row} 行的文字超过一个单元格能容纳的 32767 字", row=row + 1))
