"""The columns of 季度报告 are called as the plan's headings, in a file and in a shared spreadsheet, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lib.domain.findings import Finding
from lib.domain.judge import judge
from lib.services import copying, google_setup, work
from lib.services import settings as config
from lib.services.board import Board, keeper_of
from lib.services.google_health import look_over
from lib.services.history import OUTSIDE
from lib.services.policy import OPERATOR
from lib.services.setup import set_up
from lib.services.stores import keeper_at, store_of
from lib.store.gsheet import GoogleStore
from lib.store.xlsx import XlsxStore
from lib.views.changes import changes
from sheets_schema.plan import Plan
from sheets_schema.plan_load import DEFAULT_PLAN, PLANS_DIR, load_plan, parse_plan
from sheets_schema.reports import HEADED, Report, headings_of
from sheets_schema.sheet import SHEET_OF
from sheets_schema.workbook import META
from tests.google import desk
from tests.services.shared import edit_outside

PLANS = {path.stem: load_plan(path) for path in sorted(PLANS_DIR.glob("*.yaml"))}
TITLE = SHEET_OF[Report].label
FEW = "example-fixed-list"
"""The plan with two headings: two columns of the four that there may be are not used."""
TODAY = date(2026, 1, 1)
SAID = "人手不够，两处办公用房还没有腾退"


def header_of(path: Path) -> list[str]:
    """The header of 季度报告 in a file."""
    return [cell.value for cell in openpyxl.load_workbook(path)[TITLE][1] if cell.value]


def typed(path: Path, column: str, text: str) -> str:
    """A person types into a column of the first report; gives the report's id."""
    found: list[str] = []

    def type_in(book: openpyxl.Workbook) -> None:
        sheet = book[TITLE]
        at = next(cell.column for cell in sheet[1] if cell.value == column)
        sheet.cell(2, at, text)
        found.append(sheet.cell(2, 1).value)

    edit_outside(path, type_in)
    return found[0]


def report(board: Board, id: str) -> Report:
    assert board.judged is not None
    return next(row for row in board.judged.world.table(Report).rows if row.id == id)


def about_columns(path: Path, plan: Plan) -> list[Finding]:
    """What is found of the columns of 季度报告."""
    found = judge(XlsxStore(path).read(), plan, TODAY).findings
    return [one for one in found if one.sheet == TITLE and one.rule in ("S03", "S04", "S05", "S08")]


def reworded(plan: Plan) -> tuple[str, str, Plan]:
    """A heading, other words for it, and the plan that uses these."""
    old, new = plan.cadence.headings[0].title, "完全不同的说法"
    return old, new, parse_plan((PLANS_DIR / f"{plan.id}.yaml").read_text(encoding="utf-8").replace(old, new))


def opened(path: Path, plan: Plan) -> Board:
    """The app on a file."""
    board = Board(keeper_of(path), plan, today=lambda: TODAY)
    board.refresh()
    return board


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A sample workbook of the plan with two headings."""
    path = tmp_path / "台账.xlsx"
    set_up(path, PLANS[FEW], sample=True, plan_file=PLANS_DIR / f"{FEW}.yaml")
    return path


@pytest.mark.parametrize("name", PLANS)
def test_a_new_workbook_has_these_columns_and_no_others(name: str, tmp_path: Path) -> None:
    path, plan = tmp_path / "new.xlsx", PLANS[name]
    set_up(path, plan, sample=False)
    titles = {heading.title for heading in plan.cadence.headings}
    declared = {SHEET_OF[Report].label_of(field) for field in HEADED}
    assert titles <= set(header_of(path))
    assert (declared - titles).isdisjoint(header_of(path))
    assert about_columns(path, plan) == []
    told = str(openpyxl.load_workbook(path)[TITLE]["E1"].comment.text)
    assert "本方案" not in told


def test_what_a_person_types_there_and_what_the_app_writes_meet(few: Path) -> None:
    plan = PLANS[FEW]
    first, second = (heading.title for heading in plan.cadence.headings)
    board = opened(few, plan)
    id = typed(few, second, SAID)
    board.refresh()
    fields = headings_of(plan.cadence)
    by_title = {title: field for field, title in fields.items()}
    assert getattr(report(board, id), by_title[second]) == SAID
    assert board.commands is not None
    done = board.commands.act(OPERATOR, "改正", work.edit("reports", id, {by_title[first]: "两件事已办"}))
    assert done.allowed, done.reason
    board.refresh()
    book = openpyxl.load_workbook(few)
    row = dict(zip(header_of(few), (cell.value for cell in book[TITLE][2]), strict=False))
    assert (row[first], row[second]) == ("两件事已办", SAID)
    assert board.keeper is not None
    shown = changes(board.keeper.history, board.judged, OPERATOR.sight)
    assert [(line.actor == OUTSIDE, line.column) for line in shown.lines[:2]] == [(False, first), (True, second)]
    noted = [cell.value for row in book["变更记录"].iter_rows() for cell in row]
    assert {first, second} <= set(noted)


def test_other_words_in_the_plan_leave_the_reports_as_they_are(few: Path) -> None:
    old, new, later = reworded(PLANS[FEW])
    id = typed(few, old, SAID)
    board = opened(few, later)
    assert report(board, id).work == SAID
    [told] = about_columns(few, later)
    assert (told.rule, told.column) == ("S05", new)
    assert old in str(told.message)
    edit_outside(few, lambda book: book[TITLE].cell(1, header_of(few).index(old) + 1, new) and None)
    board.refresh()
    assert report(board, id).work == SAID
    assert about_columns(few, later) == []


def test_a_new_heading_at_the_end_is_a_column_that_lacks(few: Path) -> None:
    text = (PLANS_DIR / f"{FEW}.yaml").read_text(encoding="utf-8")
    more = parse_plan(text.replace("  silent_days: 45\n", "    - {title: 新增的栏目}\n  silent_days: 45\n"))
    [told] = about_columns(few, more)
    assert (told.rule, "新增的栏目" in str(told.message)) == ("S04", True)
    edit_outside(few, lambda book: book[TITLE].cell(1, len(header_of(few)) + 1, "新增的栏目") and None)
    assert {one.rule for one in about_columns(few, more)} <= {"S07"}


def test_without_meta_nothing_is_lost(few: Path) -> None:
    """Somebody copies the tabs that can be seen into a new file."""
    plan = PLANS[FEW]
    board = opened(few, plan)
    id = typed(few, plan.cadence.headings[1].title, SAID)
    edit_outside(few, lambda book: book.remove(book[META.label]))
    board.refresh()
    assert report(board, id).policies == SAID
    assert board.keeper is not None
    assert [c.edit.column for c in board.keeper.history.changes] == ["policies"]
    again = opened(few, plan)
    assert report(again, id).policies == SAID


def test_a_workbook_made_under_the_declared_names_is_understood(few: Path) -> None:
    plan = PLANS[FEW]
    declared = {title: SHEET_OF[Report].label_of(field) for field, title in headings_of(plan.cadence).items()}
    first = plan.cadence.headings[0].title
    id = typed(few, first, SAID)

    def as_before(book: openpyxl.Workbook) -> None:
        for cell in book[TITLE][1]:
            cell.value = declared.get(cell.value, cell.value)
        for row in book[META.label].iter_rows():
            if str(row[0].value).startswith("reports."):
                row[0].value = row[1].value = None

    edit_outside(few, as_before)
    assert report(opened(few, plan), id).work == SAID


def test_a_copy_has_the_same_columns(few: Path, tmp_path: Path) -> None:
    plan, to = PLANS[FEW], tmp_path / "copy.xlsx"
    here = config.chosen(few)
    copying.copy(here, replace(here, workbook=to), plan)
    assert header_of(to) == header_of(few)
    assert about_columns(to, plan) == []


def test_a_shared_spreadsheet_has_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = PLANS[FEW]
    first, second = (heading.title for heading in plan.cadence.headings)
    with desk(tmp_path) as office:
        office.create()
        chosen = office.point(monkeypatch)
        assert google_setup.set_up(chosen, plan, sample=True) is None
        head = office.owner.values(TITLE)[0]
        assert [title for title in head if title in (first, second)] == [first, second]
        assert not {SHEET_OF[Report].label_of(field) for field in HEADED} & set(head)
        store = store_of(chosen)
        assert isinstance(store, GoogleStore)
        assert [line for line in look_over(chosen, store, headings_of(plan.cadence)) if not line.ok] == []
        assert google_setup.set_up(chosen, plan, sample=False) == 0
        board, later = on_google(chosen, plan)
        office.person().edit(TITLE, f"{'ABCDEFGH'[head.index(second)]}2", SAID)
        later()
        id = office.owner.values(TITLE)[1][0]
        assert report(board, id).policies == SAID
        assert board.commands is not None
        assert board.commands.act(OPERATOR, "改正", work.edit("reports", id, {"work": "两件事已办"})).allowed
        later()
        assert office.owner.values(TITLE)[1][head.index(first)] == "两件事已办"


def on_google(chosen: config.Settings, plan: Plan) -> tuple[Board, Callable[[], None]]:
    """The app on a spreadsheet, and what lets ten seconds pass."""
    now = [0.0]
    keeper = keeper_at(chosen)
    keeper.store.clock = keeper.clock = lambda: now[0]  # type: ignore[attr-defined]
    board = Board(keeper, plan, today=lambda: TODAY)

    def later() -> None:
        now[0] += 10
        board.refresh()

    later()
    later()
    return board, later


def test_the_shipped_plan_names_them_as_they_are_declared() -> None:
    titles = headings_of(PLANS[DEFAULT_PLAN].cadence)
    assert titles == {field: SHEET_OF[Report].label_of(field) for field in HEADED}
