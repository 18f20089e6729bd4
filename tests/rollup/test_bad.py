"""One bad workbook is a row that says what is wrong, in both languages; the others are rolled up as ever."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from lib.rollup.place import LONGEST
from lib.rollup.result import Result
from lib.rollup.rows import Finding, Phase, Place
from lib.rollup.sources import key_of
from lib.services.setup import own_plan
from tests.rollup.conftest import books, parts, rolled


def edited(path: Path, change: Callable[[openpyxl.Workbook], None]) -> None:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def corrupt(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 2**22)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inner.xlsx").write_bytes(b"x")


def foreign(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "电话"])  # type: ignore[union-attr]
    book.save(path)


def without_plan(path: Path) -> None:
    own_plan(path).unlink()


def unnamed(path: Path) -> None:
    without_plan(path)
    edited(path, lambda book: book.remove(book["_meta"]))


def bad_plan(path: Path) -> None:
    own_plan(path).write_text(own_plan(path).read_text("utf-8").replace("rounding:", "runding:"), encoding="utf-8")


def plan_of_aliases(path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    own_plan(path).write_text("\n".join(lines), encoding="utf-8")


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


BAD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "corrupt": (corrupt, "unreadable", "已损坏"),
    "text": (lambda path: path.write_text("姓名,电话", encoding="utf-8"), "unreadable", "不是可以读取"),
    "nothing": (lambda path: path.write_bytes(b""), "empty", "空文件"),
    "blank": (lambda path: openpyxl.Workbook().save(path), "empty", "没有任何内容"),
    "password": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600)), "unreadable", "密码"),
    "bomb": (bomb, "unreadable", "过大"),
    "folder": (folder, "unreadable", "是文件夹"),
    "pipe": (pipe, "unreadable", "管道"),
    "plan_pipe": (lambda path: pipe(own_plan(path)), "unreadable", "管道"),
    "foreign": (foreign, "foreign", "没有工作台的工作表"),
    "without_plan": (without_plan, "no_plan", "example-001"),
    "unnamed": (unnamed, "no_plan", "脱钩工作台.plan.yaml"),
    "bad_plan": (bad_plan, "bad_plan", "runding"),
    "aliases": (plan_of_aliases, "bad_plan", "方案文件"),
    "plan_bytes": (lambda path: own_plan(path).write_bytes(b"\xff\xfe\xff"), "bad_plan", "方案文件"),
    "huge_plan": (lambda path: own_plan(path).write_bytes(b"#" * 2**21), "unreadable", "过大"),
}


@pytest.fixture(scope="module")
def bads(nation_once: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """One good place and a bad one of each kind, rolled up."""
    base = tmp_path_factory.mktemp("bad")
    first = books(nation_once)[0]
    shutil.copytree(first.parent, base / "in" / "good")
    for name, (spoil, _state, _why) in BAD.items():
        spoil(Path(shutil.copytree(first.parent, base / "in" / name)) / first.name)
    return base, rolled(base / "in", base / "out")


def row_of(bads: tuple[Path, Result], name: str) -> Place:
    key = key_of(f"file://{bads[0]}/in/{name}/脱钩工作台.xlsx")
    return next(row for row in bads[1].places if row.key == key)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_workbook_says_what_is_wrong(name: str, bads: tuple[Path, Result]) -> None:
    _spoil, state, why = BAD[name]
    row = row_of(bads, name)
    assert row.state == state
    assert why in str(row.why)
    assert row.why_en
    assert row.why_en != row.why
    assert str(bads[0]) not in f"{row.why}{row.why_en}"
    assert len(str(row.why)) <= LONGEST
    assert (row.place, row.plan, row.rows, row.errors) == (None, None, None, None), "what is not known is null"
    assert row.key not in {phase.key for phase in bads[1].rows(Phase)}


def test_the_others_are_rolled_up_as_ever(bads: tuple[Path, Result]) -> None:
    assert row_of(bads, "good").state == "ok"
    assert len(bads[1].places) == len(BAD) + 1
    assert {phase.key for phase in bads[1].rows(Phase)} == {row_of(bads, "good").key}


def test_bad_workbooks_that_did_not_change_are_taken_over_but_what_was_not_read_is_read_again(
    bads: tuple[Path, Result],
) -> None:
    again = rolled(bads[0] / "in", bads[0] / "out")
    assert parts(again) == parts(bads[1])
    anew = {note.key for note in again.run.sources if not note.taken_over}
    assert anew == {row_of(bads, name).key for name in ("folder", "huge_plan", "pipe", "plan_pipe")}


def test_hostile_text_is_text(nation: Path, tmp_path: Path) -> None:
    first = books(nation)[0]

    def change(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[1]
        for number, text in enumerate(("<script>alert(1)</script>", "'; DROP TABLE places; --", "{why}", "../../x")):
            sheet.cell(3 + number, 2).value = text
        sheet.cell(8, 2).value = "长" * 30_000
        for tab in book.worksheets[2:12]:
            for column in range(2, 9):
                tab.cell(4, column).value = 1e300

    edited(first, change)
    result = rolled(nation, tmp_path / "out")
    assert [row.state for row in result.places] == ["ok"] * 3
    assert result.sql("SELECT count(*) FROM places") == [(3,)]
    found = [finding for finding in result.rows(Finding) if finding.key == key_of(f"file://{first}")]
    assert len(found) > 50, "it is judged like any other and told what is wrong with it"
    assert result.sql("SELECT count(*) FROM findings WHERE key = ?", found[0].key) == [(len(found),)]


def test_no_phone_number_gets_into_the_result(nation: Path, tmp_path: Path) -> None:
    first = books(nation)[0]

    def change(book: openpyxl.Workbook) -> None:
        head = [cell.value for cell in book["单位"][1]]
        book["单位"].cell(3, head.index("联络员电话") + 1).value = "022-1234-坏号码"

    edited(first, change)
    result = rolled(nation, tmp_path / "out")
    assert any("联络员电话" in str(f.column) for f in result.rows(Finding)), "the finding itself is there"
    assert all("1234-坏" not in f"{f.message}{f.remedy}{f.message_en}" for f in result.rows(Finding))
    assert all("坏号码".encode() not in data for data in parts(result).values())
