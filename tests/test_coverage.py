"""The table of clauses names everything the plan demands, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from lib.domain.findings import CATALOGUE
from lib.domain.rules import load_all
from lib.ui.navigation import PLACES
from sheets_schema.plan import Plan
from sheets_schema.workbook import PEOPLE

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("clause", "work", "sheets", "rules", "pages", "tests")


def lines() -> list[dict[str, str]]:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")][2:]
    return [dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True)) for row in rows]


def test_every_clause_of_the_plan_has_a_line_and_no_cell_is_blank(plan: Plan) -> None:
    assert [line["clause"] for line in lines()] == list(plan.clauses)
    assert [line["clause"] for line in lines() if not all(line.values())] == []


def test_sheets_rules_pages_and_tests_that_are_named_exist() -> None:
    load_all()
    sheets, pages = {sheet.label for sheet in PEOPLE}, {place.title for place in PLACES}
    for line in lines():
        assert set(line["sheets"].split("、")) <= sheets, line
        assert set(line["rules"].split()) <= set(CATALOGUE), line
        assert set(line["pages"].split("、")) <= pages, line
        named = re.findall(r"`(tests/[\w/]+\.py)`", line["tests"])
        assert named, line
        assert [name for name in named if not (ROOT / name).exists()] == [], line


def test_every_page_and_every_rule_of_the_plans_work_belongs_to_a_clause() -> None:
    """What serves no clause is either about the spreadsheet itself or should not be there."""
    load_all()
    found = lines()
    shown = {page for line in found for page in line["pages"].split("、")}
    of_the_sheet = {"一页速览", "数据体检", "变更与冲突", "规则依据"}
    assert {place.title for place in PLACES} - shown == of_the_sheet
    used = {rule for line in found for rule in line["rules"].split()}
    assert {name for name in CATALOGUE if name[0] in "QDAR"} - used == set()
