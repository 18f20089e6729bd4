"""台账 as .xlsx (domain §8): every item owed with its light, the sums by unit, and what the columns mean.

The sums are formulas that follow the filter, written together with their results, for programs that do not reckon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from lib.documents.deliverable import Deliverable
from lib.documents.file import XLSX, File, named
from lib.documents.sheets import Value, fitting, height_of, looks, print_set_up, put, workbook
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.views.prepared import prepared
from lib.views.register import Entry, Register, register
from lib.views.words import day, share, state_word
from sheets_schema.plan_work import Light, StateKey

TITLE, ABOUT, SUMS, HEAD, FIRST = range(5)
"""Rows from the top: title, what it is, the sums, the header, the first item."""
ITEMS, BY_UNIT, MEANING = N_("台账"), N_("汇总"), N_("说明")


class _Column(NamedTuple):
    """A column: header, width in characters, what it holds, what it means."""

    label: str
    width: int
    value: Callable[[Entry], Value]
    meaning: str
    personal: bool = False


_COLUMNS = (
    _Column(N_("事项"), 30, lambda e: e.what, N_("要办的事：阶段文件、定期报告、试点的每一项脱钩事项")),
    _Column(N_("来源条款"), 9, lambda e: e.clause, N_("方案中提出这件事的条款")),
    _Column(N_("责任单位"), 15, lambda e: e.unit, N_("对这件事负责的单位")),
    _Column(N_("责任人"), 8, lambda e: e.owner, N_("事项上写明的责任人；没有写明的，是单位的责任人")),
    _Column(N_("联络员"), 8, lambda e: e.liaison, N_("责任单位的联络员")),
    _Column(N_("联络员电话"), 14, lambda e: e.phone, N_("个人联系方式，只给办公室和本单位看"), personal=True),
    _Column(N_("完成时限"), 11, lambda e: e.due, N_("当日完成算按期；已批准的延期计算在内；空白是方案没有写明日期")),
    _Column(N_("进展"), 20, lambda e: e.progress, N_("基准日当天办到哪一步")),
    _Column(N_("存在问题"), 19, lambda e: e.problem, N_("未完成的原因和问题，照单位填写")),
    _Column(N_("下一步"), 21, lambda e: e.next_step, N_("接下来办什么、由谁办")),
    _Column(N_("灯"), 11, lambda e: e.mark, N_("按完成时限和基准日算出，与各页相同")),
    _Column(N_("延期"), 13, lambda e: e.extension, N_("批准过延期的，写明原定的时限")),
    _Column(N_("销号人"), 9, lambda e: e.closed_by, N_("核对佐证后销号的人")),
    _Column(N_("销号日期"), 11, lambda e: e.closed_on, N_("销号的日期")),
)


class _Place(NamedTuple):
    """Where the items stand: columns shown, and the ranges that formulas ask."""

    columns: tuple[_Column, ...]
    last: int
    lights: str
    units: str
    seen: str


def make_register(ledger: Ledger, sight: Sight, _wanted: object) -> File:
    """The 台账 of what a sight takes in, in the current language."""
    view = prepared(register, ledger, sight)
    columns = tuple(column for column in _COLUMNS if sight.personal or not column.personal)
    last = FIRST + max(len(view.entries), 1) - 1
    at = {column.label: number for number, column in enumerate(columns, 1)}
    lights, units, seen = (
        _range(number, last) for number in (at["灯"], at["责任单位"], len(columns) + 1)
    )  # fmt: skip
    place = _Place(columns, last, lights, units, seen)
    title = _("{place}脱钩工作台账", place=_(ledger.plan.place))
    with workbook() as (book, out):
        book.set_properties({"title": title, "comments": _("基准日 {day}", day=ledger.as_of.isoformat())})
        _items(book, title, ledger, view, place)
        _by_unit(book, ledger, view, place)
        _meaning(book, ledger, view, columns)
    return named(f"{title}_{ledger.as_of.isoformat()}", XLSX, out.getvalue())


def _range(column: int, last: int) -> str:
    name = xl_col_to_name(column)
    return f"'{_(ITEMS)}'!${name}${FIRST + 1}:${name}${last + 1}"


def _lights(ledger: Ledger, view: Register) -> list[Light]:
    """The lights that occur, in the plan's order."""
    found = {entry.state for entry in view.entries}
    return [light for light in ledger.plan.lights.states if light.state in found]


def _items(book: Any, title: str, ledger: Ledger, view: Register, place: _Place) -> None:
    sheet = book.add_worksheet(_(ITEMS))
    look = looks(book)
    width = len(place.columns)
    sheet.write_string(TITLE, 0, fitting(title), book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(ABOUT, 0, fitting(_about(ledger, view)), book.add_format({"font_color": "#5B6470"}))
    formula, said = _sums(ledger, view, place)
    sheet.write_formula(SUMS, 0, formula, book.add_format({"bold": True}), said)
    put(sheet, HEAD, 0, _("序号"), look.head)
    sheet.set_column(0, 0, 6)
    for number, column in enumerate(place.columns, 1):
        put(sheet, HEAD, number, _(column.label), look.head)
        sheet.set_column(number, number, column.width)
    sheet.set_column(width + 1, width + 1, 4, None, {"hidden": True})
    for row, entry in enumerate(view.entries, FIRST):
        values = [column.value(entry) for column in place.columns]
        sheet.set_row(row, height_of(values, [column.width for column in place.columns]))
        sheet.write_number(row, 0, row - FIRST + 1, look.number)
        for number, value in enumerate(values, 1):
            put(sheet, row, number, value, look.of(value))
        # one for a row that the filter shows: COUNTIFS alone would count hidden ones too
        sheet.write_formula(row, width + 1, f"=SUBTOTAL(103,{xl_rowcol_to_cell(row, 1)})", None, 1)
    at = next(number for number, column in enumerate(place.columns, 1) if column.label == "灯")
    _colours(book, sheet, ledger, FIRST, at, place.last, at)
    sheet.freeze_panes(FIRST, 2)
    sheet.autofilter(HEAD, 0, place.last, width)
    sheet.print_area(0, 0, place.last, width)
    print_set_up(sheet, HEAD)


def _about(ledger: Ledger, view: Register) -> str:
    text = _(
        "依据《{plan}》；基准日 {day}；共 {n} 项（全市 {total} 项）", plan=_(ledger.plan.title), day=day(ledger.as_of),
        n=len(view.entries), total=view.total,
    )  # fmt: skip
    if ledger.left_out:
        text += _("；全市有 {n} 行记录因错误未计入，见“数据体检”", n=ledger.left_out)
    return text + (_("；示例数据") if ledger.is_sample else "")


def _sums(ledger: Ledger, view: Register, place: _Place) -> tuple[str, str]:
    """The sums by light of the rows that the filter shows: a formula, and what it gives while all are shown."""
    counts = Counter(entry.state for entry in view.entries)
    parts = [(_quoted(_("所示") + " "), f"SUM({place.seen})", _("所示") + " " + str(len(view.entries)))]
    for light in _lights(ledger, view):
        word = state_word(ledger.plan, light.state)
        ask = f"COUNTIFS({place.lights},{_quoted(word)},{place.seen},1)"
        parts.append((_quoted(f"　{word} "), ask, f"　{word} {counts[light.state]}"))
    return "=" + "&".join(f"{text}&{ask}" for text, ask, _said in parts), "".join(said for _text, _ask, said in parts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _colours(book: Any, sheet: Any, ledger: Ledger, top: int, left: int, bottom: int, right: int) -> None:
    """Each light in its colour, by its word, also where somebody writes another one in."""
    for light in ledger.plan.lights.states:
        form = book.add_format({"font_color": light.colour, "bold": light.state is StateKey.OVERDUE})
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": _quoted(state_word(ledger.plan, light.state)),
            "format": form,
        }
        sheet.conditional_format(top, left, bottom, right, rule)


def _by_unit(book: Any, ledger: Ledger, view: Register, place: _Place) -> None:
    """Unit × light, all items whatever the filter."""
    sheet = book.add_worksheet(_(BY_UNIT))
    look = looks(book)
    lights = [light.state for light in _lights(ledger, view)]
    units = list(dict.fromkeys(entry.unit for entry in view.entries))
    counts = Counter((entry.unit, entry.state) for entry in view.entries)
    sheet.write_string(0, 0, _("各单位的事项，按灯"), book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, _("基准日 {day}", day=day(ledger.as_of)), book.add_format({"font_color": "#5B6470"}))
    words = [state_word(ledger.plan, state) for state in lights]
    _line(sheet, 2, [_("单位"), *words, _("合计")], look.head)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, len(lights) + 1, 12)
    for row, unit in enumerate(units, 3):
        put(sheet, row, 0, unit, look.text)
        for column, state in enumerate(lights, 1):
            asked = f"{place.units},$A{row + 1},{place.lights},{xl_rowcol_to_cell(2, column, row_abs=True)}"
            sheet.write_formula(row, column, f"=COUNTIFS({asked})", look.number, counts[unit, state])
        total = sum(counts[unit, state] for state in lights)
        _sum(sheet, row, len(lights) + 1, (row, 1), (row, len(lights)), look.number, total)
    bottom = 3 + len(units)
    put(sheet, bottom, 0, _("合计"), look.head)
    for column in range(1, len(lights) + 2):
        chosen = lights[column - 1 : column] or lights
        total = sum(counts[unit, state] for unit in units for state in chosen)
        _sum(sheet, bottom, column, (3, column), (max(bottom - 1, 3), column), look.number, total)
    _colours(book, sheet, ledger, 2, 1, 2, len(lights) + 1)
    sheet.freeze_panes(3, 1)
    print_set_up(sheet, 2)


def _sum(
    sheet: Any, row: int, column: int, first: tuple[int, int], last: tuple[int, int], form: Any, total: int
) -> None:
    span = f"{xl_rowcol_to_cell(*first)}:{xl_rowcol_to_cell(*last)}"
    sheet.write_formula(row, column, f"=SUM({span})" if total or first != last else "=0", form, total)


def _line(sheet: Any, row: int, values: Sequence[Value], form: Any) -> None:
    for column, value in enumerate(values):
        put(sheet, row, column, value, form)


def _meaning(book: Any, ledger: Ledger, view: Register, columns: Sequence[_Column]) -> None:
    sheet = book.add_worksheet(_(MEANING))
    look = looks(book)
    lines: list[tuple[str, str]] = [
        (_("范围"), _about(ledger, view)),
        (_("已完成"), _("{share} 项", share=share(_done(view), len(view.entries)))),
        (_("不在台账里"), _not_listed(view)),
        (_("筛选后的合计"), _("“台账”第三行随筛选变化；“汇总”总是全部事项")),
        (_("序号"), _("本文件中的顺序，不是记录编号")),
        *((_(column.label), _(column.meaning)) for column in columns),
    ]
    _line(sheet, 0, (_("项目"), _("说明")), look.head)
    for row, line in enumerate(lines, 1):
        sheet.set_row(row, height_of(line, (18, 90)))
        _line(sheet, row, line, look.text)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    print_set_up(sheet, 0)


def _done(view: Register) -> int:
    return sum(entry.state is StateKey.DONE for entry in view.entries)


def _not_listed(view: Register) -> str:
    return _(
        "不涉及的脱钩事项 {n} 项；还没有登记的 {more} 项；因错误未计入的记录", n=view.not_applicable,
        more=view.unrecorded,
    )  # fmt: skip


DELIVERABLE = Deliverable(
    "register", N_("台账"), N_("全部应办事项一行一件，带灯、时限、责任人和进展，另有各单位汇总"),
    lambda plan: plan.lights.clause, make_register,
)  # fmt: skip
