"""Anything a person, a program or an accident may leave in a workbook."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from lib.domain.edits import Edit, Op
from lib.domain.records import Grids
from sheets_schema.snapshot import Cell, Mark, RawSheet
from sheets_schema.workbook import BY_KEY, PEOPLE, SHEETS
from tests.workbooks import Book, Tab, clean_book, position

ODD: list[Cell] = [
    None, "", " ", "\n", "\u200b", "\ufeff", "0", "-", "无", "是", "√", "=1+1", "=HYPERLINK(1)", "+86", "@x", "#REF!",
    "#N/A", "NaN", "inf",
    "1e400", "{value}", "{", "%s", "<b>", "'; --", "שלום", "مرحبا", "\u202e反", "🏳️‍🌈", "\x00", "\x01", "\ud800",
    "长" * 10_000, "、，;",
    "2016.3.31", "3月底", "2061-01-01", "0000-00-00", "99999999999999999999", "٣", "²", "ß", "XH-0001", "XH#2",
    "WJ-0005", "市商务委",
    "示例钢铁行业协会", "P1", "通过", "退回", "已选定", "已完成", "不涉及", "推荐名单", "实施方案", "2015Q4",
    0.0, -0.0, 1.0, 2.0, -1.0, 0.5, 42459.0, 1e16, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"),
    "TRUE", "FALSE",
    date.min, date.max, date(2016, 3, 1), datetime.min, datetime.max, datetime(2016, 2, 29, 23, 59, 59, 999999),
    time(0, 0), time.max,
    timedelta(0), timedelta.max, timedelta.min,
]  # fmt: skip

CELLS = st.one_of(
    st.sampled_from(ODD), st.sampled_from(ODD), st.text(max_size=12), st.floats(), st.dates(), st.datetimes(),
    st.times(), st.timedeltas(),
)  # fmt: skip
ROWS = st.lists(CELLS, max_size=20)
LABELS = sorted({column.label for sheet in SHEETS for column in sheet.columns})
TITLES = st.one_of(st.sampled_from([sheet.label for sheet in SHEETS]), st.text(min_size=1, max_size=8))


def place(draw: st.DrawFn, tab: Tab) -> tuple[list[Cell], int]:
    """A row of a tab, now and then its header, and a position in it or just beyond."""
    row = draw(st.sampled_from([*tab.rows[:4], *tab.rows, tab.header]))
    return row, draw(st.integers(0, len(row) + 2))


def change(draw: st.DrawFn, book: Book) -> None:
    """Change one thing anywhere."""
    if not book.tabs:
        return
    name = draw(st.sampled_from(sorted(book.tabs)))
    tab = book.tabs[name]
    kind = draw(
        st.sampled_from(["cell"] * 8 + ["header", "header", "short", "twin", "row", "above", "tab", "extra", "marks"])
    )
    if kind == "cell":
        row, at = place(draw, tab)
        row[at : at + 1] = [*[""] * (at - len(row)), draw(CELLS)]
    elif kind == "header" and tab.header:
        at = draw(st.integers(0, len(tab.header) - 1))
        text = draw(st.sampled_from(LABELS) | CELLS)
        act = draw(st.sampled_from(["rename", "double", "move", "lose"]))
        if act == "rename":
            tab.header[at] = text
        elif act == "double":
            tab.header.append(tab.header[at])
        elif act == "move":
            tab.header.insert(0, tab.header.pop(at))
        else:
            del tab.header[at:]
    elif kind == "short" and tab.rows:
        row, at = place(draw, tab)
        del row[at:]
    elif kind == "twin" and tab.rows:
        tab.rows.insert(draw(st.integers(0, len(tab.rows))), list(draw(st.sampled_from(tab.rows))))
    elif kind == "row":
        tab.rows.insert(draw(st.integers(0, len(tab.rows))), draw(ROWS))
    elif kind == "above":
        tab.above.append(draw(ROWS))
    elif kind == "tab":
        if draw(st.booleans()):
            tab.title = draw(TITLES)
        else:
            del book.tabs[name]
    elif kind == "extra":
        book.extra.append(RawSheet(draw(TITLES), draw(st.lists(ROWS, max_size=4))))
    elif kind == "marks":
        ends = [draw(st.integers(1, 30)) for _ in range(4)]
        tab.merged.append((min(ends[0], ends[2]), min(ends[1], ends[3]), max(ends[0], ends[2]), max(ends[1], ends[3])))
        at = draw(st.integers(1, len(tab.rows) + 3)), draw(st.integers(1, 20))
        tab.marks[at] = draw(st.sampled_from(list(Mark))), draw(st.text(max_size=5))


@st.composite
def wild_books(draw: st.DrawFn) -> Book:
    """The clean workbook after up to a dozen accidents."""
    book = clean_book()
    book.epoch_1904 = draw(st.booleans())
    for _ in range(draw(st.integers(1, 12))):
        change(draw, book)
    return book


TELLING: dict[str, list[Cell]] = {
    "units": ["市商务委", "市科委", "市社团局", "市求委", "市农委"],
    "associations": ["纳入", "不纳入", "待定", "示例钢铁行业协会", "示例化工行业协会", date(2016, 3, 1)],
    "nominations": ["已推荐", "已选定", "已撤回", "是", "否", "XH-0002", "XH-0001", 2.0],
    "documents": ["工作方案", "实施方案", "推荐名单", "XH-0001", "XH-0006", "脱钩事项", 6.0],
    "approvals": ["通过", "退回", "WJ-0005", "WJ-0006", "批复", "核准", "市民政局", "民政部", 2.0, date(2015, 12, 1),
    date(2016, 2, 1)],
    "tasks": ["未启动", "进行中", "已完成", "不涉及", date(2016, 2, 2), date(2016, 7, 1), date(2015, 12, 1),
    "政策缺失", "A1", "A2", "XH-0001", "SX-0001"],
    "updates": ["XH-0001", "XH-0006", date(2016, 2, 1)],
    "reports": ["市商务委", "2015Q4", "2016Q1", date(2016, 1, 20)],
    "policies": ["国家政策未出台", "印发", "市编办"],
    "extensions": ["SX-0001", "SX-0006", "P5", "同意", date(2016, 2, 1), date(2016, 9, 1)],
    "phases": ["P1", "P2", date(2016, 1, 1)],
}  # fmt: skip
"""Cells that make a difference in a sheet, so that most edits are about something."""

EDITS = ["type"] * 6 + ["insert", "delete", "copy", "sort", "swap", "clear", "title", "mark", "header"]


def edit(draw: st.DrawFn, book: Book) -> None:
    """What a person does in one go: type, insert, delete, copy down, sort, clear, rename the tab."""
    key = draw(st.sampled_from([sheet.key for sheet in PEOPLE]))
    tab = book.tabs[key]
    act = draw(
        st.sampled_from(["type"] * 6 + ["insert", "delete", "copy", "sort", "swap", "clear", "title", "mark", "header"])
    )
    at = draw(st.integers(0, len(tab.rows) - 1)) if tab.rows else 0
    if act == "type" and tab.rows:
        names = [column.name for column in BY_KEY[key].columns]
        told = st.sampled_from(TELLING[key]) if key in TELLING else CELLS
        row, place = tab.rows[at], position(key, draw(st.sampled_from(names)))
        row[place : place + 1] = [*[""] * (place - len(row)), draw(told | CELLS)]
    elif act == "insert":
        tab.rows.insert(at, [""] * draw(st.integers(0, 12)))
    elif act == "delete" and tab.rows:
        del tab.rows[at]
    elif act == "copy" and tab.rows:
        tab.rows.insert(draw(st.integers(0, len(tab.rows))), list(tab.rows[at]))
    elif act == "sort":
        by = draw(st.integers(0, 6))
        tab.rows.sort(key=lambda row: str(row[by]) if by < len(row) else "", reverse=draw(st.booleans()))
    elif act == "swap" and tab.rows:
        other = draw(st.integers(0, len(tab.rows) - 1))
        tab.rows[at], tab.rows[other] = tab.rows[other], tab.rows[at]
    elif act == "clear" and tab.rows:
        tab.rows[at] = []
    elif act == "title":
        tab.title = draw(st.sampled_from([tab.title, f" {tab.title}", f"{tab.title}（新）"]))
    elif act == "mark":
        tab.marks[at + 2, draw(st.integers(1, 8))] = draw(st.sampled_from(list(Mark))), "x"
    elif act == "header":
        at, text = draw(st.integers(0, len(tab.header) - 1)), draw(st.sampled_from(LABELS) | CELLS)
        tab.header[at : at + draw(st.integers(0, 1))] = [text]
    tab.marks = {place: mark for place, mark in tab.marks.items() if place[0] < len(tab.rows) + 2}


def command(draw: st.DrawFn, grids: Grids) -> Edit:
    """What a command does to one record: set a cell, add it, remove it."""
    key = draw(st.sampled_from([sheet.key for sheet in PEOPLE]))
    known = list(grids[key].rows)
    op = draw(st.sampled_from([Op.SET] * 6 + [Op.ADD, Op.ADD, Op.REMOVE]))
    names = [column.name for column in BY_KEY[key].columns if column.name not in ("id", "check")]
    told = (st.sampled_from(TELLING[key]) if key in TELLING else CELLS) | CELLS
    if op is Op.ADD or not known:
        values = draw(st.dictionaries(st.sampled_from(names), told, max_size=4))
        return Edit(Op.ADD, key, f"{BY_KEY[key].prefix}-{draw(st.integers(1, 99)):04d}", values=values)
    record = draw(st.sampled_from(known))
    if op is Op.REMOVE:
        return Edit(Op.REMOVE, key, record, values=grids[key].record(record) or {})
    return Edit(Op.SET, key, record, draw(st.sampled_from([*names, "=自己的一列"])), new=draw(told))
