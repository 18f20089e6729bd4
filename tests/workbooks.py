"""Raw workbooks in memory for tests: cells as somebody typed them, under headers made from the declarations.

``Book(plan).add("associations", name="示例协会", registered_on="3月底").snapshot()``; ``clean_book()`` is a small
workbook under the shipped plan in which nothing is wrong, from which a test breaks one thing.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from hypothesis import HealthCheck, settings

from lib.domain.findings import Finding
from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from sheets_schema.plan import Plan, RoleKey
from sheets_schema.plan_load import PLANS_DIR, parse_plan, shipped_plan
from sheets_schema.snapshot import Cell, Mark, RawSheet, Snapshot, Torn
from sheets_schema.workbook import BY_KEY, SHEETS


def examples(count: int) -> settings:
    """Settings of a property: the same ``count`` examples on every run; ``EXAMPLES=20`` explores 20 times as many."""
    more = os.environ.get("EXAMPLES")
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(
        max_examples=count * int(more or 1),
        derandomize=not more,
        deadline=None,
        database=None,
        suppress_health_check=slow,
    )


AS_OF = date(2016, 3, 31)
TODAY = date(2016, 4, 1)
FIRST = 2
"""The sheet row of the first record, below the header."""


@dataclass
class Tab:
    """One worksheet while it is made. Tests may change any of it."""

    title: str
    header: list[Cell]
    rows: list[list[Cell]] = field(default_factory=list)
    above: list[list[Cell]] = field(default_factory=list)
    marks: dict[tuple[int, int], tuple[Mark, str]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def raw(self) -> RawSheet:
        """What a store would have read."""
        cells = [list(row) for row in (*self.above, self.header, *self.rows)]
        return RawSheet(self.title, cells, dict(self.marks), tuple(self.merged))


class Book:
    """A workbook with every declared sheet, empty to begin with. Sheets are named by key, columns by field name."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or shipped_plan()
        self.tabs = {s.key: Tab(s.label, [column.label for column in s.columns]) for s in SHEETS}
        self.minted = Counter[str]()
        self.extra: list[RawSheet] = []
        self.epoch_1904 = False
        self.torn: tuple[Torn, ...] = ()

    def add(self, sheet: str, **values: Cell) -> Book:
        """A row below the others. An id is made up unless one is given; ``id=""`` leaves it out."""
        prefix, tab = BY_KEY[sheet].prefix, self.tabs[sheet]
        self.minted[sheet] += 1
        if prefix:
            values.setdefault("id", f"{prefix}-{self.minted[sheet]:04d}")
        row: list[Cell] = [""] * len(BY_KEY[sheet].columns)
        for name, value in values.items():
            row[position(sheet, name)] = value
        tab.rows.append(row)
        return self

    def set(self, sheet: str, row: int, **values: Cell) -> Book:
        """Type into cells of a sheet row."""
        for name, value in values.items():
            self.tabs[sheet].rows[row - FIRST][position(sheet, name)] = value
        return self

    def get(self, sheet: str, row: int, name: str) -> Cell:
        """What stands in a cell."""
        return self.tabs[sheet].rows[row - FIRST][position(sheet, name)]

    def row(self, sheet: str, **where: Cell) -> int:
        """The row number of the first record with these cells; the last row without any."""
        for number, cells in enumerate(self.tabs[sheet].rows, FIRST) if where else ():
            if all(cells[position(sheet, name)] == value for name, value in where.items()):
                return number
        if where:
            raise LookupError(f"{sheet}: {where}")
        return FIRST + len(self.tabs[sheet].rows) - 1

    def drop(self, sheet: str, row: int) -> Book:
        """Delete a sheet row, as a person does: what is below moves up."""
        del self.tabs[sheet].rows[row - FIRST]
        return self

    def mark(self, sheet: str, row: int, name: str, mark: Mark, text: str = "") -> Book:
        """Say that a cell holds a formula or an error value."""
        self.tabs[sheet].marks[row, position(sheet, name) + 1] = (mark, text)
        return self

    def tear(self, sheet: str, *columns: str, records: int = 3) -> Book:
        """Say that somebody sorted some columns only."""
        self.torn = (*self.torn, Torn(sheet, columns, records))
        return self

    def act(self, document: str, verb: str, actor: str, on: Cell, **more: Cell) -> Book:
        """An approval passed on the day it was submitted, unless ``more`` says otherwise."""
        values: dict[str, Cell] = {"round": 1.0, "submitted_on": on, "decided_on": on, "result": "通过"}
        return self.add("approvals", document=document, verb=verb, actor=actor, **values | more)

    def walk(self, document: str, *steps: tuple[str, str, date], **more: Cell) -> Book:
        """One act for each (verb, actor, day)."""
        for verb, actor, on in steps:
            self.act(document, verb, actor, on, **more)
        return self

    def pilot(self, association: str, unit: str, **more: Cell) -> Book:
        """A nomination that was selected."""
        values: dict[str, Cell] = {"batch": 1.0, "status": "已选定", "selected_on": date(2015, 11, 28)}
        values |= {"nominated_on": date(2015, 11, 18)} | more
        return self.add("nominations", association=association, unit=unit, **values)

    def copy(self) -> Book:
        """A workbook to change without changing this one."""
        twin = Book.__new__(Book)
        twin.plan, twin.epoch_1904, twin.extra = self.plan, self.epoch_1904, list(self.extra)
        twin.torn = self.torn
        twin.tabs, twin.minted = copy.deepcopy(self.tabs), self.minted.copy()
        return twin

    def snapshot(self) -> Snapshot:
        """The workbook as a store would read it."""
        return Snapshot("r", (*(tab.raw() for tab in self.tabs.values()), *self.extra), self.epoch_1904, torn=self.torn)


def plan_text(*changes: tuple[str, str]) -> str:
    """The shipped plan's YAML with pieces replaced, each of which stands there once."""
    text = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text


def edited_plan(*changes: tuple[str, str]) -> Plan:
    """The plan of ``plan_text``."""
    return parse_plan(plan_text(*changes))


def section(name: str) -> str:
    """The text of one top-level part of the shipped plan, from its key to the next one's."""
    text = plan_text()
    start = text.index(f"\n{name}:") + 1
    return text[start : text.index("\n\n", start) + 2]


def position(sheet: str, name: str) -> int:
    """The 0-based place of a field in a sheet as declared."""
    return [column.name for column in BY_KEY[sheet].columns].index(name)


def judged(book: Book, today: date = TODAY, previous: Judged | None = None) -> Judged:
    """The workbook judged."""
    return judge(book.snapshot(), book.plan, today, previous)


def ledger(book: Book, today: date = TODAY, as_of: date = AS_OF) -> Ledger:
    """The workbook's ledger."""
    return derive(judged(book, today), as_of)


def findings(book: Book, today: date = TODAY, as_of: date = AS_OF) -> tuple[Finding, ...]:
    """Everything found in the workbook."""
    return ledger(book, today, as_of).findings


def rules_found(book: Book, today: date = TODAY, as_of: date = AS_OF) -> set[str]:
    """Ids of the rules that fire."""
    return {finding.rule for finding in findings(book, today, as_of)}


SUPERVISED = {"市商务委": 5, "市科委": 6, "市公安局": 4}
"""Unit → N: one on the threshold, one above it, one voluntary."""
PILOTS = {"XH-0001": "市商务委", "XH-0006": "市科委", "XH-0007": "市科委", "XH-0012": "市公安局"}
TRADES = [
    "钢铁",
    "化工",
    "纺织",
    "服装",
    "食品",
    "酒类",
    "茶叶",
    "水产",
    "粮油",
    "家具",
    "建材",
    "陶瓷",
    "玻璃",
    "水泥",
    "涂料",
]


def units(book: Book) -> Book:
    """Every unit of the plan with its two people; a doubtful name confirmed."""
    for number, unit in enumerate(book.plan.units):
        book.add(
            "units", name=unit.name, roles="、".join(book.plan.role(role) for role in unit.roles),
            leader=f"赵{TRADES[number % 15][0]}", leader_phone=f"022-0000{number:04d}", liaison="钱明",
            liaison_phone="13800000000", confirmed_name="市农委" if unit.doubtful else "",
        )  # fmt: skip
    return book


def association(book: Book, name: str, unit: str, **more: Cell) -> Book:
    """An association in scope."""
    values: dict[str, Cell] = {"in_scope": "纳入", "legal_form": "社会团体", "registered_on": date(1995, 5, 5)}
    return book.add("associations", name=name, unit=unit, **values | more)


def clean_book() -> Book:
    """A copy of the clean workbook: on ``AS_OF`` nothing in it is worth a finding."""
    return _clean().copy()


@cache
def _clean() -> Book:
    book = units(Book())
    trades = iter(TRADES)
    for unit, count in SUPERVISED.items():
        for _ in range(count):
            association(book, f"示例{next(trades)}行业协会", unit)
    association(book, "示例钢铁研究院", "市商务委", in_scope="不纳入", legal_form="基金会")
    for pilot, unit in PILOTS.items():
        book.pilot(pilot, unit, voluntary="是" if SUPERVISED[unit] < 5 else "")
    _documents(book)
    _work(book)
    return book


def _documents(book: Book) -> None:
    both, city = ("市民政局", "市发展改革委"), "市委、市政府"
    book.add("documents", kind="工作方案", batch=1.0, unit="市发展改革委")
    book.walk(
        "WJ-0001", ("起草", both[1], date(2015, 10, 10)), ("征求意见", both[1], date(2015, 10, 20)),
        ("修改完善", both[1], date(2015, 10, 28)), ("审定", city, date(2015, 11, 15)),
        ("印发", both[0], date(2015, 11, 20)),
    )  # fmt: skip
    for unit, count in SUPERVISED.items():
        book.add("documents", kind="推荐名单", batch=1.0, unit=unit, frozen_count=float(count))
        document = str(book.get("documents", book.row("documents"), "id"))
        book.walk(
            document, ("推荐", unit, date(2015, 11, 18)), ("报送", unit, date(2015, 11, 20)),
            ("选定", both[0], date(2015, 11, 28)), ("选定", unit, date(2015, 11, 28)),
        )  # fmt: skip
    book.add("documents", kind="试点方案", batch=1.0)
    book.walk(
        "WJ-0005", ("修订", both[0], date(2015, 11, 10)), ("审定", city, date(2015, 11, 30)),
        ("核准", "民政部", date(2015, 12, 15)), ("批复", "国务院联合工作组", date(2015, 12, 25)),
        ("实施", both[0], date(2015, 12, 28)),
    )  # fmt: skip
    for pilot, unit in PILOTS.items():
        parts = "、".join(book.plan.kinds["实施方案"].parts)
        book.add("documents", kind="实施方案", batch=1.0, association=pilot, parts=parts)
        document = str(book.get("documents", book.row("documents"), "id"))
        book.walk(
            document, ("制定", unit, date(2015, 12, 1)), ("核准", both[0], date(2015, 12, 26)),
            ("批复", "市联合工作组", date(2015, 12, 29)), ("实施", unit, date(2015, 12, 31)),
        )  # fmt: skip
    book.add("documents", kind="季度汇总", batch=1.0, period="2015Q4")
    book.walk("WJ-0010", *((verb, both[0], date(2016, 1, 20)) for verb in ("汇总", "报告", "报送")))


def _work(book: Book) -> None:
    for pilot in PILOTS:
        done: dict[str, Cell] = {"status": "已完成", "owner": "孙明", "evidence": "https://example.org/1"}
        book.add("tasks", batch=1.0, association=pilot, item="A1", planned_on=date(2016, 2, 1),
                 done_on=date(2016, 1, 20), closed_by="李红", closed_on=date(2016, 1, 25), **done)  # fmt: skip
        book.add("tasks", batch=1.0, association=pilot, item="A2", status="进行中", planned_on=date(2016, 5, 31))
        book.add("tasks", batch=1.0, association=pilot, item="A3", status="不涉及", not_applicable_reason="没有代管")
        book.add("tasks", batch=1.0, association=pilot, item="B1", status="未启动", planned_on=date(2016, 6, 30))
        book.add("updates", association=pilot, reported_on=date(2016, 3, 20), title="完成资产清查摸底")
    for unit in book.plan.units:
        if RoleKey.REPORTER in unit.roles:
            book.add("reports", unit=unit.name, period="2015Q4", submitted_on=date(2016, 1, 8),
                     work="召开专题会议", policies="无", next_steps="清产核资")  # fmt: skip
    book.add("policies", area="机构编制", owner="市编办", stage="起草", stage_on=date(2016, 2, 1))
    book.add("policies", area="政府购买服务", owner="市财政局", stage="印发", stage_on=date(2016, 3, 1),
             issued_on=date(2016, 3, 1), number="示例发〔2016〕1号")  # fmt: skip
    book.add("events", kind="协调会", held_on=date(2016, 1, 15), unit="市民政局", title="脱钩工作协调会")
    book.add("problems", kind="问题", unit="市商务委", content="资产权属", raised_on=date(2016, 1, 10),
             meeting="XT-0001", settlement="明确口径", settled_on=date(2016, 1, 15))  # fmt: skip
    book.add("extensions", target="SX-0002", unit="市商务委", requested_on=date(2016, 3, 1), reason="会签",
             until=date(2016, 6, 15), decided_on=date(2016, 3, 5), result="同意")  # fmt: skip
    for phase in book.plan.phases:
        book.add("phases", id=phase.id, title=phase.title, start=phase.start, due=phase.due)


def texts(found: Iterable[Finding]) -> list[str]:
    """Findings in short, for assertion messages."""
    return [f"{f.rule} {f.cell} {f.column} {f.value}: {f.message}" for f in found]
