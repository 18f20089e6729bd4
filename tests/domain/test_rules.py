"""Every rule of the catalogue fires where it should and not one step further, and errors alone take a row out."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from lib.domain.findings import CATALOGUE, CHECKS, SHEET_CONVENTION, Finding, Rule, Severity
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.rules import load_all
from lib.domain.rules import schema as schema_rules
from lib.i18n import speaking
from sheets_schema.workbook import BY_KEY
from tests.domain.cases_integrity import INTEGRITY, QUOTA
from tests.domain.cases_schema import SCHEMA
from tests.domain.cases_time import APPROVALS, CADENCE, DEADLINES
from tests.domain.rule_cases import Case
from tests.workbooks import FIRST, clean_book, findings, ledger, texts

load_all()
CASES = [*SCHEMA, *INTEGRITY, *QUOTA, *DEADLINES, *APPROVALS, *CADENCE]
FIGURE_RULES = {rule.id for check in CHECKS if check.sheet is None for rule in check.rules}
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def broken(case: Case) -> Ledger:
    """The ledger of the clean workbook with the case's change."""
    book = clean_book()
    case.breaks(book)
    return ledger(book, case.today, case.as_of)


def hits(case: Case, found: tuple[Finding, ...]) -> list[Finding]:
    """The case's own findings among all."""
    return [finding for finding in found if finding.rule == case.rule]


def test_the_clean_workbook_has_no_findings():
    assert texts(findings(clean_book())) == []


@every_case
def test_rule_fires_at_its_cell(case: Case):
    found = broken(case).findings
    places = [(finding.sheet, finding.row, finding.column) for finding in hits(case, found)]
    assert case.place in places, texts(found)


@every_case
def test_rule_is_silent_on_the_nearest_legal_workbook(case: Case):
    book = clean_book()
    case.legal(book)
    found = findings(book, max(case.today, case.legal_as_of), case.legal_as_of)
    assert not hits(case, found), texts(found)


@every_case
def test_a_finding_says_what_is_wrong_what_to_do_and_under_which_clause(case: Case):
    for finding in hits(case, broken(case).findings):
        assert finding.severity is CATALOGUE[case.rule].severity
        assert finding.clause == SHEET_CONVENTION or finding.clause in clean_book().plan.clauses
        for language in ("zh", "en"):
            with speaking(language):
                told = finding.as_json()
                assert json.loads(json.dumps(told)) == told
                assert told["message"].strip()
                assert told["remedy"].strip()
                assert "{" not in told["message"] + told["remedy"]


ROW_CASES = [c for c in CASES if c.sheet in BY_KEY and c.row and c.row >= FIRST and c.rule != "S24"]
"""Cases at a record. S24 is about the header itself, which then stands in row 2."""


@pytest.mark.parametrize("case", ROW_CASES, ids=lambda case: case.rule)
def test_an_error_takes_its_row_out_and_a_warning_leaves_it_in(case: Case):
    """An error in the figures (Q01) is the unit's, whose row is right as it is."""
    made = broken(case)
    severity = hits(case, made.findings)[0].severity
    table = made.world.tables[BY_KEY[case.sheet].model]
    goes = severity is Severity.ERROR and case.rule not in FIGURE_RULES
    assert (case.row in table.left_out) == goes
    assert (case.row in {row.row for row in table.rows}) != goes
    assert len(table.left_out) + len(table.rows) == table.total


def test_a_sheet_without_a_required_column_counts_for_nothing():
    (case,) = (c for c in CASES if c.rule == "S03")
    table = broken(case).world.tables[BY_KEY[case.sheet].model]
    assert table.rows == ()
    assert len(table.left_out) == table.total > 0


FIGURES = ("quotas", "pilots", "reports", "phases", "dues", "burn_up", "tally")


@pytest.mark.parametrize(
    "case",
    [c for c in ROW_CASES if CATALOGUE[c.rule].severity is Severity.ERROR and c.rule not in FIGURE_RULES],
    ids=lambda case: case.rule,
)
def test_a_row_with_an_error_changes_no_figure(case: Case):
    book = clean_book()
    case.breaks(book)
    with_row = ledger(book, case.today, case.as_of)
    for key, tab in book.tabs.items():
        table = with_row.world.tables.get(BY_KEY[key].model)
        for row in table.left_out if table else ():
            tab.rows[row - FIRST] = []
        tab.marks.clear()
    without = ledger(book, case.today, case.as_of)
    assert without.left_out == 0
    assert without.total_rows == with_row.total_rows - with_row.left_out
    for name in FIGURES:
        assert getattr(with_row, name) == getattr(without, name), name
    assert _standing(with_row) == _standing(without)


def _standing(made: Ledger) -> list[tuple[object, ...]]:
    return [(c.document.id, c.round, c.passed, c.returned_on, c.returns, c.waiting_superior) for c in made.chains]


def test_every_rule_has_a_case():
    assert {case.rule for case in CASES} == set(CATALOGUE)


def test_every_rule_can_be_produced():
    """A rule is registered with the check that finds it, or is one of those the reading of cells and headers finds."""
    registered = {rule.id for check in CHECKS for rule in check.rules}
    read = {rule.id for rule in vars(schema_rules).values() if isinstance(rule, Rule)}
    assert registered | read == set(CATALOGUE)
    assert not registered & read


@every_case
def test_a_check_finds_only_the_rules_it_is_registered_for(case: Case):
    book = clean_book()
    case.breaks(book)
    judged = judge(book.snapshot(), book.plan, case.today)
    for check in CHECKS:
        if check.sheet is not None:
            rows = judged.world.rows(BY_KEY[check.sheet].model)
            assert {hit.rule for hit in check.run(rows, judged.world)} <= set(check.rules)


def test_findings_are_sorted_errors_first_then_by_sheet_and_row():
    book = clean_book()
    for case in CASES:
        if case.sheet == "updates" and case.row:
            case.breaks(book)
    found = derive(judge(book.snapshot(), book.plan, CASES[0].today), CASES[0].as_of).findings
    order = [severity.value for severity in Severity]
    ranks = [order.index(finding.severity.value) for finding in found]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1


def test_a_finding_carries_everything_a_person_needs():
    names = {field.name for field in fields(Finding)}
    assert {"rule", "severity", "sheet", "row", "column", "record", "value", "message", "clause", "remedy"} <= names
