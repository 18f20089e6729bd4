"""A plan that puts its headings in another order, takes one out or in: each text stays under its heading."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import yaml

from lib.domain.judge import Judged, judge
from lib.services import google_setup, work
from lib.services.board import Board, keeper_of
from lib.services.corrections import restore, undo
from lib.services.policy import OPERATOR
from lib.services.setup import set_up
from lib.store.xlsx import XlsxStore
from lib.views.changes import changes
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR, PlanError, parse_plan
from sheets_schema.reports import Report, headings_of
from sheets_schema.sheet import SHEET_OF
from sheets_schema.workbook import META
from tests.google import desk
from tests.plans.test_report_columns import on_google
from tests.services.shared import edit_outside

TITLE = SHEET_OF[Report].label
TODAY = date(2026, 1, 1)
A, B, C = "本季完成", "下季完成", "别的事项"
"""Two headings that look alike, and another one."""
SAID, THEN = "人手不够", "两处办公用房已经腾退"


def planned(*titles: str) -> Plan:
    """A plan with these headings, none of which must be filled."""
    data = yaml.safe_load((PLANS_DIR / "example-fixed-list.yaml").read_text(encoding="utf-8"))
    data["cadence"]["headings"] = [{"title": title, "required": False} for title in titles]
    return parse_plan(yaml.safe_dump(data, allow_unicode=True))


def header_of(path: Path) -> list[str]:
    return [cell.value for cell in openpyxl.load_workbook(path)[TITLE][1] if cell.value]


def first_of(path: Path) -> dict[str, str]:
    """The first report as it stands in the file, by header."""
    sheet = openpyxl.load_workbook(path)[TITLE]
    return dict(zip(header_of(path), (cell.value for cell in sheet[2]), strict=False))


def typed(path: Path, **texts: str) -> str:
    """A person types into the first report; gives its id."""
    head = header_of(path)
    edit_outside(path, lambda book: [book[TITLE].cell(2, head.index(key) + 1, text) for key, text in texts.items()])
    return str(first_of(path)["编号"])


def opened(path: Path, *titles: str) -> Board:
    """The app on a file under a plan with these headings."""
    board = Board(keeper_of(path), planned(*titles), today=lambda: TODAY)
    board.refresh()
    return board


def under(board: Board | Judged, id: str, plan: Plan) -> dict[str, str]:
    """What a report says under each heading of the plan."""
    judged = board if isinstance(board, Judged) else board.judged
    assert judged is not None
    row = next(row for row in judged.world.table(Report).rows if row.id == id)
    return {title: getattr(row, name) for name, title in headings_of(plan.cadence).items() if getattr(row, name)}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook made under two headings."""
    path = tmp_path / "台账.xlsx"
    set_up(path, planned(A, B), sample=True)
    return path


@pytest.mark.parametrize("titles", [(B, A), (B,), (A,), (B, C), (C, A, B), (A, C, B), (C, B), (C, "又一项", B)])
def test_every_text_stays_under_its_heading(book: Path, titles: tuple[str, ...]) -> None:
    id = typed(book, **{A: SAID, B: THEN})
    plan = planned(*titles)
    judged = judge(XlsxStore(book).read(), plan, TODAY)
    found, all_of_it = under(judged, id, plan), {A: SAID, B: THEN}
    assert {title: text for title, text in found.items() if title in all_of_it} == {
        title: text for title, text in all_of_it.items() if title in titles
    }
    about = {one.rule for one in judged.findings if one.sheet == TITLE}
    assert "S06" not in about, "a column of another heading is not the same column once more"


@pytest.mark.parametrize("titles", [(B, A), (B,), (C, A, B), (B, C)])
def test_what_waits_in_the_journal_goes_with_its_heading(book: Path, titles: tuple[str, ...]) -> None:
    """The file is open in Excel, the server is killed, and begins again under the next plan."""
    id = typed(book, **{A: "先前", B: THEN})
    board = opened(book, A, B)
    assert board.commands is not None
    lock = book.with_name(f"~${book.name}")
    lock.write_bytes(b"\x05Zhang" + b"\x00" * 159)
    assert board.commands.act(OPERATOR, "改正", work.edit("reports", id, {"work": SAID})).allowed
    assert first_of(book)[A] == "先前"
    again = opened(book, *titles)
    lock.unlink()
    again.refresh()
    there = first_of(book)
    assert (there[A], there[B]) == (SAID, THEN)
    assert header_of(book).count(A) == 1
    found = under(again, id, planned(*titles))
    assert found.get(A, SAID) == SAID
    assert found[B] == THEN
    assert again.keeper is not None
    assert not again.keeper.history.conflicts


@pytest.mark.parametrize("titles", [(B, A), (B,), (C, A, B)])
def test_a_change_is_told_and_undone_under_its_heading(book: Path, titles: tuple[str, ...]) -> None:
    id = typed(book, **{A: "先前", B: THEN})
    board = opened(book, A, B)
    assert board.commands is not None
    assert board.keeper is not None
    board.commands.act(OPERATOR, "改正", work.edit("reports", id, {"work": SAID}))
    board.refresh()
    entry = board.keeper.history.changes[-1].seq
    again = opened(book, *titles)
    assert again.commands is not None
    assert again.keeper is not None
    told = changes(again.keeper.history, again.judged, OPERATOR.sight)
    assert told.lines[0].column == A
    done = undo(again.commands, OPERATOR, entry)
    assert done.allowed, done.reason
    again.refresh()
    assert (first_of(book)[A], first_of(book)[B]) == ("先前", THEN)


def test_a_heading_that_comes_back_has_its_texts(book: Path) -> None:
    id = typed(book, **{A: SAID, B: THEN})
    lone = opened(book, B)
    typed(book, **{A: "其间改的"})
    lone.refresh()
    again = opened(book, A, B)
    assert under(again, id, planned(A, B)) == {A: "其间改的", B: THEN}
    assert again.keeper is not None
    assert again.commands is not None
    done = undo(again.commands, OPERATOR, again.keeper.history.changes[-1].seq)
    assert done.allowed, done.reason
    again.refresh()
    assert first_of(book)[A] == SAID
    assert header_of(book).count(A) == 1


def test_a_backup_made_under_other_headings_is_restored_under_its_own(book: Path) -> None:
    id = typed(book, **{A: SAID, B: THEN})
    board = opened(book, A, B)
    typed(book, **{A: "写坏了", B: "也写坏了"})
    board.refresh()
    again = opened(book, B, A)
    assert again.commands is not None
    assert again.keeper is not None
    oldest = min(moment for _revision, moment in again.keeper.backups.all())
    assert isinstance(oldest, datetime)
    done = restore(again.commands, OPERATOR, oldest, "reports", id)
    assert done.allowed, done.reason
    again.refresh()
    assert (first_of(book)[A], first_of(book)[B]) == (SAID, THEN)


def test_a_column_of_their_own_that_looks_like_two_headings_is_neither(book: Path) -> None:
    id = typed(book, **{A: SAID, B: THEN})
    at = header_of(book).index(B) + 1
    edit_outside(book, lambda made: made[TITLE].cell(1, at, "上季完成") and None)
    judged = judge(XlsxStore(book).read(), planned(A, B), TODAY)
    assert under(judged, id, planned(A, B)) == {A: SAID}
    told = {one.rule: str(one.message) for one in judged.findings if one.sheet == TITLE and one.rule in ("S04", "S08")}
    assert B in told["S04"]
    assert "上季完成" in told["S08"]


def test_a_column_the_plan_does_not_use_is_missed_by_nobody(book: Path) -> None:
    """Their own header looks like a column that other plans use."""
    width = len(header_of(book))
    own = SHEET_OF[Report].label_of("problems")[:-1]
    edit_outside(book, lambda made: made[TITLE].cell(1, width + 1, own) and None)
    judged = judge(XlsxStore(book).read(), planned(A, B), TODAY)
    assert {one.rule for one in judged.findings if one.sheet == TITLE and one.rule.startswith("S")} == {"S08"}


@pytest.mark.parametrize("place", ["work", "problems"])
@pytest.mark.parametrize("word", ["责任单位", "编号", A, B, "校验", "季度"])
def test_what_is_typed_into_meta_takes_no_column_from_another(book: Path, place: str, word: str) -> None:
    id = typed(book, **{A: SAID, B: THEN})

    def type_over(made: openpyxl.Workbook) -> None:
        sheet = made[META.label]
        at = next((row[0].row for row in sheet.iter_rows() if row[0].value == f"reports.{place}"), sheet.max_row + 1)
        sheet.cell(at, 1, f"reports.{place}")
        sheet.cell(at, 2, word)

    edit_outside(book, type_over)
    judged = judge(XlsxStore(book).read(), planned(A, B), TODAY)
    assert under(judged, id, planned(A, B)) == {A: SAID, B: THEN}
    assert [one for one in judged.findings if one.sheet == TITLE and one.rule.startswith("S")] == []


def test_a_heading_named_as_a_column_it_does_not_take(tmp_path: Path) -> None:
    """The last of the declared names, of a plan's second heading."""
    plan = planned("办了哪些事", SHEET_OF[Report].label_of("problems"))
    path = tmp_path / "台账.xlsx"
    set_up(path, plan, sample=True)
    id = typed(path, **{SHEET_OF[Report].label_of("problems"): SAID})
    assert under(opened(path, *headings_of(plan.cadence).values()), id, plan)["存在的问题和建议"] == SAID


REFUSED = (
    " ",
    "\u200b",
    "两行\n文字",
    "响铃\a",
    "=1+1",
    "@甲",
    "'甲",
    "+1",
    "长" * 61,
    "责任 单位",
    "备\u200b注",
    "季度",
)


@pytest.mark.parametrize("title", REFUSED)
def test_a_heading_that_can_be_no_header_is_refused_where_it_stands(title: str) -> None:
    with pytest.raises(PlanError, match=r"cadence\.headings\[1\]\.title") as caught:
        planned(A, title)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("pair", [("Ｗork", "WORK"), ("（一）工作", "【一】工作"), ("工作", "工\u3000作")])
def test_two_headings_that_are_one_to_the_workbook_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(PlanError, match=r"cadence\.headings\[1\]\.title"):
        planned(*pair)


@pytest.mark.parametrize("title", ["【一】工作　情况", "√ 办结", "长" * 60, "2016", "a*b_[c](d)<e>"])
def test_odd_headings_are_headers_like_others(title: str, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    set_up(path, planned(title, B), sample=True)
    id = typed(path, **{title: SAID, B: THEN})
    board = opened(path, title, B)
    assert under(board, id, planned(title, B)) == {title: SAID, B: THEN}
    assert board.commands is not None
    assert board.commands.act(OPERATOR, "改正", work.edit("reports", id, {"work": THEN})).allowed
    board.refresh()
    assert first_of(path)[title] == THEN


@pytest.mark.parametrize("titles", [(B, A), (B,), (C, A, B)])
def test_in_a_shared_spreadsheet_too(titles: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was acknowledged and not written yet when the plan was exchanged is written where its heading stands, by the
    same server: it gave its turn back and takes it again."""
    with desk(tmp_path) as office:
        office.create()
        chosen = office.point(monkeypatch)
        assert google_setup.set_up(chosen, planned(A, B), sample=True) is None
        board, later = on_google(chosen, planned(A, B))
        head = office.owner.values(TITLE)[0]
        at_a, at_b = head.index(A), head.index(B)
        office.person().edit(TITLE, f"{'ABCDEFGH'[at_b]}2", THEN)
        later()
        id = office.owner.values(TITLE)[1][0]
        assert board.commands is not None
        assert board.commands.act(OPERATOR, "改正", work.edit("reports", id, {"work": SAID})).allowed
        assert office.owner.values(TITLE)[1][at_a] != SAID
        board.close()
        again, later = on_google(chosen, planned(*titles))
        later()
        later()
        row = office.owner.values(TITLE)[1]
        assert (row[at_a], row[at_b]) == (SAID, THEN)
        assert office.owner.values(TITLE)[0].count(A) == 1
        found = under(again, id, planned(*titles))
        assert found.get(A, SAID) == SAID
        assert found[B] == THEN
