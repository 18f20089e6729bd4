"""A roster handed in: what each row would do, what is refused and why, and that nothing else is changed."""

from __future__ import annotations

import csv
import time
import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from lib.domain.credit_code import check_digit
from lib.domain.normalise import to_text
from lib.services import work
from lib.services.commands import Commands
from lib.services.policy import VIEWER, Actor
from lib.services.roster import Roster, import_roster, try_roster
from lib.services.roster_rows import Fate, Line
from lib.services.scene import Decision, Refused
from lib.store import uploads
from lib.views.roster import lines_of, refused_csv
from sheets_schema.nominations import Nomination
from tests.services.shared import OFFICE, shared_book
from tests.services.test_commands import UNIT, cell, done, office
from tests.workbooks import clean_book

HEADER = ("协会名称", "统一社会信用代码", "业务主管单位", "类型", "登记日期")


def code(number: int) -> str:
    body = f"51120000{number:09d}"
    return body + check_digit(body + "0")


@pytest.fixture
def desk(tmp_path: Path) -> Commands:
    book = clean_book()
    book.add("associations", name="旧名协会", credit_code=code(1), unit=UNIT, in_scope="纳入", remark="留着")
    return office(book, tmp_path)


def as_csv(*rows: Sequence[object], header: Sequence[str] = HEADER, coding: str = "utf-8-sig") -> bytes:
    out = StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(coding)


def as_xlsx(*rows: Sequence[object], header: Sequence[object] = HEADER, above: int = 0) -> bytes:
    book = Workbook()
    tab = book.active
    assert tab is not None
    for _n in range(above):
        tab.append(["某市行业协会名录"])
    for row in (header, *rows):
        tab.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def tried(desk: Commands, data: bytes, name: str = "名录.csv") -> Roster:
    """Tried, and nothing has changed by it."""
    before, entries = desk.keeper.grids, desk.keeper.journal.verify().count
    roster = try_roster(desk, OFFICE, data, name)
    assert desk.keeper.grids is before
    assert desk.keeper.journal.verify().count == entries
    return roster


def fates(roster: Roster) -> list[Fate]:
    return [line.fate for line in roster.lines]


def imported(desk: Commands, roster: Roster, actor: Actor = OFFICE) -> Decision:
    return desk.act(actor, "导入名录", import_roster(actor, roster.good))


def held(desk: Commands) -> dict[str, dict[str, str]]:
    """Name → the cells of the associations in the workbook."""
    grid = desk.keeper.grids["associations"]
    found = [{name: to_text(c) for name, c in grid.values(at).items()} for at in grid.rows.values()]
    return {cells["name"]: cells for cells in found if "name" in cells}


def only(roster: Roster) -> Line:
    [line] = roster.lines
    return line


def test_new_changed_and_equal_rows_are_told_apart_and_imported_in_one_command(desk: Commands) -> None:
    other = next(name for name in held(desk) if name != "旧名协会")
    data = as_csv(
        ("新设协会", code(2), UNIT, "行业协会", "2014-05-06"),
        ("改名协会", code(1), "", "", ""),
        (f" {other}", "", "", "", ""),
    )
    roster = tried(desk, data)
    assert fates(roster) == [Fate.NEW, Fate.CHANGED, Fate.SAME]
    assert "旧名协会 → 改名协会" in lines_of(roster, Fate.CHANGED)[0].what
    entries = desk.keeper.journal.verify().count
    assert imported(desk, roster).allowed
    assert desk.keeper.journal.verify().count == entries + 1
    now = held(desk)
    assert now["新设协会"]["registered_on"] == "2014-05-06"
    assert now["新设协会"]["in_scope"] == "待定"
    assert "旧名协会" not in now
    assert now["改名协会"]["unit"] == UNIT
    assert now["改名协会"]["remark"] == "留着"


def test_a_roster_may_come_in_the_chinese_code_page_with_other_headers_and_below_a_title(desk: Commands) -> None:
    data = as_csv(("新设协会", UNIT), header=("名称", "主管单位"), coding="gb18030")
    assert fates(tried(desk, data)) == [Fate.NEW]
    roster = tried(desk, as_xlsx(("新设协会", code(2), UNIT, "", ""), above=3), "名录.xlsx")
    assert fates(roster) == [Fate.NEW]
    assert only(roster).row == 5


def test_a_unit_is_known_by_any_of_its_names_and_an_unknown_one_refused_with_the_rule(desk: Commands) -> None:
    world = desk.verdicts.of(desk.keeper.grids.snapshot).world
    alias = next(name for unit in world.plan.units for name in unit.aliases if unit.name in world.units)
    roster = tried(desk, as_csv(("甲协会", code(2), alias, "", ""), ("乙协会", code(3), "市没有局", "", "")))
    assert fates(roster) == [Fate.NEW, Fate.REFUSED]
    assert roster.lines[0].values["unit"] == world.who(alias)
    reason = roster.lines[1].refused
    assert reason is not None
    assert reason.rule == "X02"
    assert "市没有局" in str(reason.message)
    assert str(reason.remedy)
    assert imported(desk, roster).allowed
    assert "乙协会" not in held(desk)


def test_what_stands_twice_in_the_file_is_taken_once(desk: Commands) -> None:
    rows = [("甲协会", code(2), UNIT, "", ""), ("甲 协会", "", UNIT, "", ""), ("乙协会", code(2), UNIT, "", "")]
    roster = tried(desk, as_csv(*rows))
    assert fates(roster) == [Fate.NEW, Fate.REFUSED, Fate.REFUSED]
    assert {line.refused.rule for line in roster.lines if line.refused} == {"X04"}
    assert "第 2 行" in str(roster.lines[1].refused and roster.lines[1].refused.message)


def test_a_name_of_one_and_the_code_of_another_is_refused(desk: Commands) -> None:
    other = next(name for name in held(desk) if name != "旧名协会")
    line = only(tried(desk, as_csv((other, code(1), "", "", ""))))
    assert line.refused is not None
    assert (line.refused.rule, line.fate) == ("X04", Fate.REFUSED)


@pytest.mark.parametrize("typed", [9.1e17, 911200001234567890, "9.1E+17", "9.1e17", "9.11200001234568E+17"])
def test_a_code_that_became_a_number_is_refused_and_never_stored(desk: Commands, typed: object) -> None:
    line = only(tried(desk, as_xlsx(("新设协会", typed, UNIT, "", "")), "名录.xlsx"))
    assert line.refused is not None
    assert line.refused.rule == "S19"
    assert "丢失" in str(line.refused.message)


def test_a_wrong_check_digit_is_imported_with_a_doubt(desk: Commands) -> None:
    wrong = code(2)[:-1] + ("0" if code(2)[-1] != "0" else "1")
    line = only(tried(desk, as_csv(("新设协会", wrong, UNIT, "", ""))))
    assert line.fate is Fate.NEW
    assert [doubt.rule for doubt in line.doubts] == ["S19"]


def test_dates_may_be_serials_and_others_are_refused(desk: Commands) -> None:
    rows = [("甲协会", code(2), UNIT, "", 41765), ("乙协会", code(3), UNIT, "", "五月底")]
    roster = tried(desk, as_xlsx(*rows), "名录.xlsx")
    assert roster.lines[0].values["registered_on"] == date(2014, 5, 6)
    reason = roster.lines[1].refused
    assert reason is not None
    assert reason.rule == "S15"


def test_a_choice_outside_the_list_and_a_missing_unit_are_refused(desk: Commands) -> None:
    roster = tried(desk, as_csv(("甲协会", "", UNIT, "俱乐部", ""), ("乙协会", "", "", "", "")))
    assert [line.refused and line.refused.rule for line in roster.lines] == ["S16", "S14"]
    assert not roster.good


def test_formulas_are_not_taken_over(desk: Commands) -> None:
    formula = '=HYPERLINK("http://evil.example")'
    for data, name in (
        (as_csv((formula, "", UNIT, "", "")), "a.csv"),
        (as_xlsx((formula, "", UNIT, "", "")), "a.xlsx"),
    ):
        line = only(tried(desk, data, name))
        assert line.refused is not None
        assert line.refused.rule == "S12"
    told = only(tried(desk, f'协会名称,统一社会信用代码,业务主管单位\n甲协会,"=""{code(2)}""",{UNIT}\n'.encode()))
    assert told.values["credit_code"] == code(2)


def test_the_refused_rows_come_back_as_a_file_that_starts_no_formula(desk: Commands) -> None:
    roster = tried(desk, as_csv(("=1+1", "", UNIT, "", ""), ("乙协会", "", "市没有局", "", "")))
    rows = list(csv.reader(StringIO(refused_csv(roster).decode("utf-8-sig"))))
    assert rows[0][:2] == ["协会名称", "业务主管单位"]
    assert len(rows) == 3
    assert not [text for row in rows for text in row if text.startswith(("=", "+", "-", "@"))]
    assert "X02" in rows[2]


def test_a_change_that_breaks_what_hangs_on_it_is_refused_by_that_rule(desk: Commands) -> None:
    world = desk.verdicts.of(desk.keeper.grids.snapshot).world
    nominated = next(iter({row.association for row in world.rows(Nomination)}))
    name = world.associations[nominated].name
    roster = tried(desk, as_csv((name, "不纳入"), ("旧名协会", "不纳入"), header=("协会名称", "是否纳入")))
    assert fates(roster) == [Fate.REFUSED, Fate.CHANGED]
    reason = roster.lines[0].refused
    assert reason is not None
    assert reason.rule == "Q07"
    assert reason.clause


def test_a_rename_that_others_still_call_by_the_old_name_is_refused_alone(desk: Commands) -> None:
    world = desk.verdicts.of(desk.keeper.grids.snapshot).world
    row = world.rows(Nomination)[0]
    name = world.associations[row.association].name
    assert cell(desk, "nominations", row.id, "association") in (name, row.association)
    done(desk, work.edit("nominations", row.id, {"association": name}))
    done(desk, work.edit("associations", row.association, {"credit_code": code(7)}))
    roster = tried(desk, as_csv(("改名后的协会", code(7), "", "", ""), ("甲协会", code(2), UNIT, "", "")))
    assert fates(roster) == [Fate.REFUSED, Fate.NEW]
    reason = roster.lines[0].refused
    assert reason is not None
    assert reason.rule == "X02"
    assert name in str(reason.message)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "空文件"),
        (b"\xef\xbb\xbf", "空文件"),
        (b"a,b\n1,2\n", "没有认出"),
        (b"PK\x03\x04garbage", "损坏"),
        (b"\xd0\xcf\x11\xe0" + b"\1" * 600, ".xls"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "GBK"),
        ("协会名称\n" .encode() + b"\xff\xff\xff", "GBK"),
        (b"x" * (uploads.MAX_UPLOAD + 1), "过大"),
        (("协会名称\n" + "甲协会\n" * (uploads.MAX_ROWS + 1)).encode(), "超过"),
    ],
)  # fmt: skip
def test_what_is_no_roster_is_refused_with_a_sentence(desk: Commands, data: bytes, why: str) -> None:
    with pytest.raises(Refused) as caught:
        tried(desk, data)
    assert why in str(caught.value.decision.reason)
    assert str(caught.value.decision.remedy)


ROW = ("新设协会", "", UNIT, "", "")
GOOD = as_xlsx(ROW)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"E\0n\0c\0r\0y\0p\0t\0e\0d\0"


def archive(**parts: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """The same archive, its parts marked as encrypted."""
    made, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        made[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(made)


def far_out() -> bytes:
    book = load_workbook(BytesIO(GOOD))
    book.worksheets[0]["XFD1048576"] = "x"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


BAD = {
    "text named xlsx": b"hello",
    "page named xls": "<html><table><tr><td>协会名称".encode(),
    "utf-16 without a mark": as_csv(ROW, coding="utf-16-le"),
    "utf-16 cut": as_csv(ROW, coding="utf-16")[:-1],
    "big5": "協會名稱,業務主管單位\n".encode("big5"),
    "nul": as_csv(ROW) + b"\0\0",
    "docx": archive(**{"word/document.xml": b"<a/>"}),
    "ods": archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "no parts": archive(),
    "cut": GOOD[: len(GOOD) // 2],
    "bytes turned": bytes(byte ^ 0xFF if at > 100 and at % 97 == 0 else byte for at, byte in enumerate(GOOD)),
    "encrypted": encrypted(GOOD),
    "password": OLE * 40,
    "far cell": far_out(),
    "endless cell": as_csv(("长" * 200_000, "", UNIT, "", "")),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_bad_file_is_answered_in_a_sentence_with_what_to_do(desk: Commands, data: bytes) -> None:
    for name in ("名录.csv", "名录.xlsx"):
        with pytest.raises(Refused) as caught:
            tried(desk, data, name)
        assert "名录" in str(caught.value.decision.reason)
        assert str(caught.value.decision.remedy)


def test_files_as_other_programs_save_them_are_read(desk: Commands) -> None:
    told = ["sep=;", "协会名称;业务主管单位", f"甲协会;{UNIT}"]
    for data in (
        as_csv(ROW, coding="utf-16"),
        "\r".join(told).replace(";", "\t").encode(),
        "\n".join(told).encode("gbk"),
        ("某市名录\n\n" + as_csv(ROW, coding="utf-8").decode()).encode(),
    ):
        assert fates(tried(desk, data)) == [Fate.NEW]


def test_names_that_differ_by_width_or_by_what_nobody_sees_are_one_association(desk: Commands) -> None:
    names = ("ＡＢＣ协会", "ABC协会", "甲（乙）协会", "甲(乙)协会", "零\u200b宽协会", "零宽协会", "旧名 协会")
    roster = tried(desk, as_csv(*((name, "", UNIT, "", "") for name in names)))
    assert fates(roster) == [Fate.NEW, Fate.REFUSED] * 3 + [Fate.CHANGED]
    assert imported(desk, roster).allowed


def test_which_worksheet_and_columns_were_not_read_is_told(desk: Commands) -> None:
    book = Workbook()
    tab = book.active
    assert tab is not None
    tab.title = "名录"
    tab.append(["编号", "协会名称", "业务主管单位", "协会名称", "主管单位"])
    tab.append(["XH-0001", "甲协会", UNIT, "乙协会", "市公安局"])
    other = book.create_sheet("藏起来的")
    other.sheet_state = "hidden"
    other.append(["协会名称"])
    out = BytesIO()
    book.save(out)
    roster = tried(desk, out.getvalue(), "名录.xlsx")
    assert (only(roster).cells["name"], only(roster).values["unit"]) == ("甲协会", UNIT)
    assert roster.ignored == ("编号", "协会名称", "主管单位")
    assert (roster.sheet, roster.others) == ("名录", ("藏起来的",))


def test_merged_cells_give_their_value_to_the_first_row_alone_and_the_others_are_told(desk: Commands) -> None:
    book = load_workbook(BytesIO(as_xlsx(ROW, ("乙协会", "", "", "", ""))))
    book.worksheets[0].merge_cells("C2:C3")
    out = BytesIO()
    book.save(out)
    assert fates(tried(desk, out.getvalue(), "名录.xlsx")) == [Fate.NEW, Fate.REFUSED]


def test_what_no_cell_holds_never_waits_for_the_workbook(tmp_path: Path) -> None:
    """What the workbook cannot give back as it was would be written again at every look."""
    shared = shared_book(tmp_path)
    desk = shared.board.commands
    assert desk is not None
    names = ("甲\x01\x0b协会", "乙\n协会", "丙\ufffe协会", "\u202e丁协会", "_x0041_协会", "🏮协会")
    rows = [(name, UNIT, "") for name in names] + [("长协会", UNIT, "长" * 40_000), ("🏮长协会", UNIT, "🏮" * 20_000)]
    roster = tried(desk, as_csv(*rows, header=("协会名称", "业务主管单位", "备注")))
    assert fates(roster) == [Fate.NEW] * 6 + [Fate.REFUSED] * 2
    done = imported(desk, roster)
    assert done.allowed
    shared.keeper.sync()
    version = shared.keeper.version
    shared.keeper.sync()
    assert (shared.keeper.delay, shared.keeper.waiting, shared.keeper.version) == (None, 0, version)
    there, kept = shared.on_disk()["associations"], shared.keeper.grids["associations"]
    assert [there.record(one) for one in done.records] == [kept.record(one) for one in done.records]
    refused = desk.act(OFFICE, "改", work.edit("associations", done.records[0], {"remark": "长" * 40_000}))
    assert (refused.allowed, "40000" in str(refused.reason)) == (False, True)


def test_a_zip_bomb_is_refused_and_not_unpacked(desk: Commands) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (uploads.MAX_UNPACKED + 1))
    with pytest.raises(Refused, match="过大"):
        tried(desk, out.getvalue(), "名录.xlsx")


@pytest.mark.parametrize("actor", [Actor("某人", "unit", (UNIT,)), VIEWER])
def test_only_the_office_imports(desk: Commands, actor: Actor) -> None:
    roster = tried(desk, as_csv(("新设协会", "", UNIT, "", ""), ("旧名协会", "", "", "商会", "")))
    with pytest.raises(Refused):
        try_roster(desk, actor, as_csv(("新设协会", "", UNIT, "", "")), "a.csv")
    before = desk.keeper.grids
    assert not imported(desk, roster, actor).allowed
    assert desk.keeper.grids is before


def test_what_was_changed_since_the_trial_is_not_overwritten(desk: Commands) -> None:
    roster = tried(desk, as_csv(("旧名协会", "", "", "商会", "")))
    other = tried(desk, as_csv(("旧名协会", "", "", "联合会", "")))
    assert imported(desk, other).allowed
    assert not imported(desk, roster).allowed
    assert cell(desk, "associations", only(roster).record, "category") == "联合会"


def test_two_thousand_rows_are_tried_in_a_few_seconds(tmp_path: Path) -> None:
    desk = office(clean_book(), tmp_path)
    rows = [(f"第{n}协会", code(n), UNIT if n % 10 else "市没有局", "行业协会", "2014-05-06") for n in range(2000)]
    begun = time.perf_counter()
    roster = tried(desk, as_csv(*rows))
    took = time.perf_counter() - begun
    assert (roster.count(Fate.NEW), roster.count(Fate.REFUSED)) == (1800, 200)
    assert took < 8, took
