"""Whose a record is: who may see it, who may write it."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from lib.domain.judge import Judged
from lib.domain.owners import answering, audience, is_citys, writers
from sheets_schema.associations import Association
from sheets_schema.documents import Approval, Document
from sheets_schema.nominations import Nomination
from sheets_schema.sheet import Row
from sheets_schema.tasks import Task
from tests.workbooks import Book, clean_book, judged

TRADE, SCIENCE, POLICE, CIVIL, REFORM = "市商务委", "市科委", "市公安局", "市民政局", "市发展改革委"
TRADES_PILOT, SCIENCES_PILOT = "XH-0001", "XH-0006"
ALIAS = "商务委员会"
NONE: set[str] = set()


def book() -> Book:
    """The clean book, in which one unit is also called otherwise, and rows of every sheet that say whose they are."""
    made = clean_book()
    made.set("units", made.row("units", name=TRADE), aliases=ALIAS)
    made.add("associations", id="XH-9001", name="示例别名行业协会", unit=ALIAS, in_scope="纳入", legal_form="社会团体")
    made.add("documents", id="WJ-9001", kind="单位实施方案", batch=1.0, unit=ALIAS)
    made.add("documents", id="WJ-9002", kind="评估报告", batch=1.0)
    made.add("documents", id="WJ-9003", kind="试点工作总结", batch=1.0, association=SCIENCES_PILOT, unit=TRADE)
    made.add("documents", id="WJ-9004", kind="季度汇总", batch=1.0, period="2016Q1", association=SCIENCES_PILOT)
    acts = {
        "SP-9001": ("WJ-0006", "市民政局（市社团局）"),  # a pilot's plan, judged by the office under its long name
        "SP-9002": ("WJ-0006", ALIAS),
        "SP-9003": ("WJ-0006", "市联合工作组"),
        "SP-9004": ("WJ-9001", CIVIL),
        "SP-9005": ("WJ-9002", SCIENCE),
        "SP-9006": ("WJ-0006", "查无此单位"),
    }
    for id, (document, actor) in acts.items():
        made.add(
            "approvals", id=id, document=document, actor=actor, round=1.0, verb="核准", submitted_on=date(2016, 3, 1)
        )
    made.add(
        "nominations", id="TJ-9001", batch=1.0, association=SCIENCES_PILOT, unit=TRADE, nominated_on=date(2016, 3, 1)
    )
    made.add("policies", id="ZC-9001", area="综合监管", owner=ALIAS, stage="起草", stage_on=date(2016, 3, 1))
    made.add(
        "problems", id="WT-9001", kind="问题", unit=ALIAS, content="用房", raised_on=date(2016, 3, 1), assignee=POLICE
    )
    made.add("problems", id="WT-9002", kind="经验做法", unit=POLICE, content="做法", raised_on=date(2016, 3, 1))
    made.add("tasks", id="SX-9001", batch=1.0, association="没有这家协会", item="A1", status="未启动")
    return made


@cache
def scene() -> Judged:
    return judged(book())


def row_of(sheet: str, record: str) -> Row:
    return next(row for row in scene().parsed[sheet].rows if row.id == record)


CASES: list[tuple[str, str, set[str], set[str], bool]] = [
    # sheet, record, who answers for it, who may write it, whether it is the city's
    ("units", "DW-0005", {CIVIL}, {CIVIL}, False),
    ("associations", TRADES_PILOT, {TRADE}, {TRADE}, False),
    ("associations", "XH-9001", {TRADE}, {TRADE}, False),
    ("nominations", "TJ-0001", {TRADE}, {TRADE}, False),
    ("nominations", "TJ-9001", {TRADE, SCIENCE}, NONE, False),
    ("documents", "WJ-0001", {REFORM}, {REFORM}, True),
    ("documents", "WJ-0002", {TRADE}, {TRADE}, False),
    ("documents", "WJ-0005", NONE, NONE, True),
    ("documents", "WJ-0006", {TRADE}, {TRADE}, False),
    ("documents", "WJ-9001", {TRADE}, {TRADE}, False),
    ("documents", "WJ-9003", {TRADE, SCIENCE}, NONE, False),
    ("documents", "WJ-9004", {SCIENCE}, {SCIENCE}, False),
    ("approvals", "SP-9001", {TRADE, CIVIL}, {CIVIL}, False),
    ("approvals", "SP-9002", {TRADE}, {TRADE}, False),
    ("approvals", "SP-9003", {TRADE}, NONE, False),
    ("approvals", "SP-9004", {TRADE, CIVIL}, {CIVIL}, False),
    ("approvals", "SP-9005", {SCIENCE}, {SCIENCE}, True),
    ("approvals", "SP-9006", {TRADE}, NONE, False),
    ("tasks", "SX-0001", {TRADE}, {TRADE}, False),
    ("tasks", "SX-9001", NONE, NONE, False),
    ("updates", "DT-0002", {SCIENCE}, {SCIENCE}, False),
    ("policies", "ZC-9001", {TRADE}, {TRADE}, False),
    ("events", "XT-0001", {CIVIL}, {CIVIL}, False),
    ("problems", "WT-0001", {TRADE}, {TRADE}, False),
    ("problems", "WT-9001", {TRADE, POLICE}, {TRADE, POLICE}, False),
    ("problems", "WT-9002", {POLICE}, {POLICE}, False),
    ("extensions", "YQ-0001", {TRADE}, {TRADE}, False),
    ("phases", "P1", NONE, NONE, True),
]


@pytest.mark.parametrize(("sheet", "record", "answers", "writes", "citys"), CASES, ids=[case[1] for case in CASES])
def test_whose_a_record_is(sheet: str, record: str, answers: set[str], writes: set[str], citys: bool):
    row, world = row_of(sheet, record), scene().world
    assert answering(row, world) == answers
    assert writers(row, world) == writes
    assert is_citys(row, world) is citys
    assert audience(row, world) == (None if citys else answers)


def test_a_report_is_its_units():
    row = next(row for row in scene().parsed["reports"].rows if getattr(row, "unit", "") == SCIENCE)
    assert answering(row, scene().world) == writers(row, scene().world) == {SCIENCE}


def test_who_may_write_a_row_may_see_it():
    for read in scene().parsed.values():
        for row in read.rows:
            assert writers(row, scene().world) <= answering(row, scene().world), row


@pytest.mark.parametrize(
    "row",
    [
        Approval(id="SP-1", document="WJ-7777", actor="市联合工作组"),
        Document(id="WJ-1", kind="没有这个文种", batch=1),
        Document(id="WJ-1", kind="实施方案", batch=1, association="XH-7777"),
        Nomination(id="TJ-1", batch=1, association="", unit=""),
        Association(id="XH-1", name="示例协会", unit="查无此单位"),
        Task(id="SX-1", batch=1, association=None, item="A1"),
    ],
    ids=lambda row: type(row).__name__,
)
def test_what_names_nobody_is_the_offices(row: Row):
    assert answering(row, scene().world) == writers(row, scene().world) == frozenset()
    assert not is_citys(row, scene().world)


def test_a_finding_is_for_those_its_record_is_about():
    found = {(f.rule, f.record): f for f in scene().findings}
    assert found["A05", "SP-9001"].audience == {TRADE, CIVIL}
    assert found["Q06", "TJ-9001"].audience == {TRADE, SCIENCE}
    assert found["X02", "SX-9001"].audience == frozenset()


def test_a_finding_about_the_sheet_is_everybodys_and_a_stray_cell_the_offices():
    made = clean_book()
    tab = made.tabs["updates"]
    tab.header.append("自加的列")
    last = len(tab.rows) + 20
    tab.merged.append((last, 1, last, 3))
    found = {f.rule: f for f in judged(made).findings}
    assert found["S08"].audience is None
    assert found["S10"].audience == frozenset()
