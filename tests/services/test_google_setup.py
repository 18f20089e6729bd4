"""Setting up a shared spreadsheet, working in it, what is said when a step is missing, copying it there and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest

from lib.domain.edits import Edit, Op
from lib.services import google_setup
from lib.services import settings as config
from lib.services.board import Board
from lib.services.copying import copy
from lib.services.google_health import look_over
from lib.services.google_setup import Meanwhile, NotEmpty, NotShared
from lib.services.settings import Settings
from lib.services.stores import keeper_at, seen, store_of
from lib.services.tabs import as_they_stand
from lib.store.base import StoreError
from lib.store.google_login import stand_in
from lib.store.gsheet import GoogleStore
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.plan_load import shipped_plan
from sheets_schema.reports import headings_of
from sheets_schema.snapshot import Snapshot
from sheets_schema.workbook import BY_KEY, PEOPLE, SHEETS
from tests.google import Desk, desk
from tests.services.shared import edit_outside
from tests.sheets_emulator.errors import ApiError
from tests.sheets_emulator.people import EDITOR, SERVICE

UNITS, MEMBERS = BY_KEY["units"].label, BY_KEY["associations"].label


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        made.create()
        made.point(monkeypatch)
        yield made


def set_up(sample: bool = False, plan: Plan | None = None) -> int | None:
    return google_setup.set_up(config.settings(), plan or shipped_plan(), sample=sample)


class Clock:
    """Time that goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def board_on(chosen: Settings, plan: Plan) -> tuple[Board, Callable[[], None]]:
    """The app on a spreadsheet, and what lets ten seconds pass."""
    clock = Clock()
    keeper = keeper_at(chosen)
    keeper.store.clock = keeper.clock = clock  # type: ignore[attr-defined]
    board = Board(keeper, plan, today=lambda: date(2016, 3, 31))
    board.refresh()

    def later() -> None:
        clock.now += 10
        board.refresh()

    later()
    return board, later


def line_of(chosen: Settings, what: str) -> tuple[bool, str]:
    store = store_of(chosen)
    assert isinstance(store, GoogleStore)
    found = {line.what: line for line in look_over(chosen, store, headings_of(shipped_plan().cadence))}
    assert what in found, found
    return found[what].ok, found[what].detail


# the whole way


def test_from_an_empty_spreadsheet_to_work_done_by_hand_and_by_the_app(office: Desk, plan: Plan) -> None:
    assert set_up(sample=True) is None
    board, later = board_on(config.settings(), plan)
    assert board.is_sample
    assert board.judged is not None
    count = len(board.judged.world.associations)
    person = office.person()
    row = person.type_row(MEMBERS, ["", "新成立的协会", "", "市民政局"])
    later()
    later()
    assert len(board.judged.world.associations) == count + 1 or "新成立的协会" in str(board.judged.findings)
    given = person.values(MEMBERS)[row - 1][0]
    assert given.startswith("XH-")
    assert board.keeper is not None
    with board.keeper.alone():
        edit = Edit(Op.SET, "associations", given, "contact", "", "张三")
        board.keeper.record([edit], actor="李四", action="改")
    later()
    head = person.values(MEMBERS)[0]
    line = person.values(MEMBERS)[row - 1]
    assert line[head.index("联系人")] == "张三"
    assert head[-1] == "校验"
    checked = {r[0]: r[-1] for r in person.values(MEMBERS)[1:] if len(r) == len(head) and r[-1]}
    assert "统一社会信用代码" in checked["XH-0012"]
    person.sort(MEMBERS, "协会名称")
    after = {r[0]: r[-1] for r in person.values(MEMBERS)[1:] if len(r) == len(head) and r[-1]}
    assert after == checked


def test_people_may_do_by_hand_what_they_need_and_not_touch_what_is_the_apps(office: Desk) -> None:
    set_up(sample=True)
    person = office.person()
    person.sort(MEMBERS, "协会名称", True)
    person.insert_rows(MEMBERS, 5)
    person.delete_rows(MEMBERS, 5)
    person.insert_columns(MEMBERS, "C")
    person.edit(MEMBERS, "C1", "自己加的列")
    check = person.values(MEMBERS)[0].index("校验")
    for act in (
        lambda: person.edit("变更记录", "B2", "x"), lambda: person.edit("_前像", "A1", "x"),
        lambda: person.edit(MEMBERS, f"{chr(65 + check)}1", "x"), lambda: person.delete_tab("校验结果"),
    ):  # fmt: skip
        with pytest.raises(ApiError):
            act()


def test_every_tab_has_what_guides_whoever_types(office: Desk) -> None:
    set_up()
    book = office.owner.model
    assert [sheet.title for sheet in book.sheets][: len(SHEETS)] == [sheet.label for sheet in SHEETS]
    assert {sheet.title for sheet in book.sheets if sheet.hidden} == {"_meta", "_前像", "_校验"}
    for declared in PEOPLE:
        tab = book.by_title(declared.label)
        assert (tab.frozen_rows, tab.frozen_columns) == (1, 2)
        assert tab.filter is not None
        for at, column in enumerate(declared.columns):
            form = tab.row(1).extras[at]["userEnteredFormat"]["numberFormat"]
            wanted = {"date": ("DATE", "yyyy-mm-dd"), "int": ("NUMBER", "0")}.get(column.kind.value, ("TEXT", "@"))
            assert (form["type"], form["pattern"]) == wanted, (declared.label, column.label)
            assert tab.row(0).extras[at]["note"]
            assert tab.columns[at].props["pixelSize"] == column.width * 8
    members = book.by_title(MEMBERS)
    at = [column.name for column in BY_KEY["associations"].columns].index("unit")
    rule = members.row(400).extras[at]["dataValidation"]
    assert rule["condition"] == {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": f"='{UNITS}'!$B$2:$B"}]}
    assert rule["strict"] is False
    assert members.conditionals


def test_setting_up_takes_few_requests(office: Desk) -> None:
    set_up(sample=True)
    kinds = [call.kind for call in office.emu.calls]
    assert kinds.count("write") < 15
    assert kinds.count("read") < 10


def test_a_locale_and_time_zone_of_elsewhere_are_put_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path) as made:
        made.create(locale="en_US", time_zone="America/New_York")
        made.point(monkeypatch)
        set_up()
        assert (made.owner.model.locale, made.owner.model.time_zone) == ("zh_CN", "Asia/Shanghai")


# what is refused, and running it again


def test_a_spreadsheet_with_something_else_in_it_is_left_alone(office: Desk) -> None:
    office.owner.edit("工作表1", "A1", "工资表")
    with pytest.raises(NotEmpty):
        set_up()
    assert [sheet.title for sheet in office.owner.model.sheets] == ["工作表1"]
    assert office.owner.values("工作表1") == [["工资表"]]


def test_one_that_is_not_shared_is_told_with_the_address_to_share_it_with(office: Desk) -> None:
    office.id = office.emu.new("私人", people={})
    chosen = replace(config.settings(), google=replace(config.settings().google, spreadsheet=office.id))  # type: ignore[type-var]
    with pytest.raises(NotShared, match=SERVICE):
        google_setup.find(chosen, shipped_plan())


def test_running_it_again_adds_what_is_missing_and_nothing_else(office: Desk) -> None:
    set_up()
    assert set_up() == 0
    owner = office.owner
    owner.delete_tab("延期")
    owner.type_row(MEMBERS, ["XH-0001", "某协会"])
    at = owner.values(MEMBERS)[0].index("联系电话")
    owner.do({"deleteDimension": {"range": owner._lines(MEMBERS, at + 1, 1, "COLUMNS")}})
    protection = owner.tab("变更记录").protections[0]["protectedRangeId"]
    owner.do({"deleteProtectedRange": {"protectedRangeId": protection}})
    assert set_up()
    assert set_up() == 0
    assert owner.values("延期")[0][0] == "编号"
    assert owner.values(MEMBERS)[0][-1] == "联系电话"
    assert owner.values(MEMBERS)[1][:2] == ["XH-0001", "某协会"]
    assert owner.tab("变更记录").protections


def test_a_formula_that_somebody_overwrote_is_put_back(office: Desk) -> None:
    set_up()
    at = office.owner.values(UNITS)[0].index("校验")
    office.owner.edit(UNITS, f"{chr(65 + at)}1", "校验")
    assert set_up()
    assert office.owner.formulas(UNITS)[0][at].startswith("=")


@pytest.mark.parametrize("what", ["lost", 503])
def test_breaking_off_leaves_a_mark_and_the_next_run_finishes(
    office: Desk, what: str | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.store.google_provision.PAUSE", 0.01)
    monkeypatch.setattr("lib.store.google_provision.AGAIN", 1)
    seen = 0

    def third(call: object) -> bool:
        nonlocal seen
        seen += "batchUpdate" in call.path  # type: ignore[attr-defined]
        return seen == 3

    office.emu.fault("after", what, third)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        set_up(sample=True)
    assert "没有完成" in line_of(config.settings(), "建立")[1]
    office.emu.calm()
    assert set_up(sample=True) is None
    assert len(office.owner.values("脱钩事项")) > 1000
    in_order()


# what doctor says


def test_a_spreadsheet_in_order_has_nothing_to_complain_of(office: Desk) -> None:
    set_up()
    in_order()


def in_order() -> None:
    store = store_of(config.settings())
    assert isinstance(store, GoogleStore)
    assert [
        line for line in look_over(config.settings(), store, headings_of(shipped_plan().cadence)) if not line.ok
    ] == []


def test_doctor_says_which_step_is_missing(office: Desk) -> None:
    chosen = config.settings()
    assert chosen.google is not None

    def other(**changes: object) -> Settings:
        return replace(chosen, google=replace(chosen.google, **changes))  # type: ignore[type-var]

    assert line_of(other(key=office.folder / "none.json"), "密钥")[0] is False
    broken = office.folder / "broken.json"
    broken.write_text("{not json")
    assert "JSON" in line_of(other(key=broken), "密钥")[1]
    broken.write_text('{"installed": {}}')
    assert "client_email" in line_of(other(key=broken), "密钥")[1]
    broken.write_text('{"client_email": "a@b", "private_key": "x", "token_uri": "y"}')
    assert "密钥文件" in line_of(other(key=broken, url=None), "连接")[1]
    assert SERVICE in line_of(other(spreadsheet=office.emu.new("x", people={})), "共享")[1]
    assert "编号" in line_of(other(spreadsheet="nowhere"), "连接")[1]
    office.key.chmod(0o644)
    assert "chmod 600" in line_of(chosen, "密钥")[1]
    office.key.chmod(0o600)
    office.emu.fault("before", 403)
    assert "Google Sheets API" in line_of(chosen, "连接")[1]
    office.emu.calm()
    assert "编辑者" in line_of(other(spreadsheet=office.emu.new("x", people={SERVICE: "reader"})), "权限")[1]
    assert "init" in line_of(chosen, "工作表")[1]
    office.emu.fault("before", 403, "/drive/")
    assert "Google Drive API" in line_of(chosen, "权限")[1]


def test_doctor_sees_what_has_come_apart(office: Desk) -> None:
    set_up()
    chosen, owner = config.settings(), office.owner
    office.emu.world.share(owner.model, None, "writer")
    assert "知道链接的人都能改" in line_of(chosen, "链接")[1]
    owner.model.locale = "en_US"
    assert "en_US" in line_of(chosen, "语言区域")[1]
    owner.do({"deleteProtectedRange": {"protectedRangeId": owner.tab("冲突").protections[0]["protectedRangeId"]}})
    assert line_of(chosen, "保护") == (False, line_of(chosen, "保护")[1])
    assert "冲突" in line_of(chosen, "保护")[1]
    at = owner.values(UNITS)[0].index("校验")
    owner.edit(UNITS, f"{chr(65 + at)}1", "校验")
    assert UNITS in line_of(chosen, "校验")[1]
    owner.delete_tab("延期")
    owner.do({"deleteDimension": {"range": owner._lines(MEMBERS, 3, 1, "COLUMNS")}})
    assert "延期" in line_of(chosen, "工作表")[1]
    assert f"{MEMBERS}!统一社会信用代码" in line_of(chosen, "工作表")[1]


def test_only_looking_neither_writes_nor_settles_what_is_the_servers_to_settle(office: Desk, plan: Plan) -> None:
    set_up(sample=True)
    _board, later = board_on(config.settings(), plan)
    kept = config.folder_of(config.settings().workbook) / "kept.json"
    while not kept.exists():
        later()
    kept.unlink()
    office.emu.calm()
    in_order()
    assert seen(config.settings()).sheets
    assert {call.kind for call in office.emu.calls} <= {"read", "drive"}
    assert not kept.exists()


def test_the_running_app_puts_its_own_tools_right(office: Desk, plan: Plan) -> None:
    set_up(sample=True)
    _board, later = board_on(config.settings(), plan)
    later()  # what is wrong is shown although nobody changes anything
    checked = office.owner.values(MEMBERS)
    assert "统一社会信用代码" in str(checked[1:])
    for tab in ("_校验", "_前像"):
        office.owner.delete_tab(tab)
    for _n in range(4):
        later()
    assert office.owner.values(MEMBERS) == checked
    in_order()


# copying


def content(snapshot: Snapshot) -> dict[str, list[list[object]]]:
    """All cells of people's tabs and of tabs nobody declared, without what the app fills in."""
    found = {}
    for tab in as_they_stand(snapshot, headings_of(shipped_plan().cadence)):
        if tab.sheet is not None and tab.sheet.app_owned:
            continue
        check = tab.at("check")
        lines = [[("" if at == check else cell) or "" for at, cell in enumerate(line)] for line in tab.cells]
        for line in lines:
            while line and line[-1] == "":
                line.pop()
        while lines and not lines[-1]:
            lines.pop()
        found[tab.title] = lines
    return found


def own_things(book: object) -> None:
    """A column and a tab of people's own, a renamed header, a day and a text that look alike, a sum."""
    tab = book[MEMBERS]  # type: ignore[index]
    at = tab.max_column + 2
    for number, value in enumerate(("进馆日期", date(2016, 2, 1), "2016-02-01", 42401, "0571", "=1+1", True), 1):
        tab.cell(number, at, value)
        if value == "=1+1":
            tab.cell(number, at).data_type = "s"
    tab["B1"] = "协会名称"
    extra = book.create_sheet("值班 表's")  # type: ignore[attr-defined]
    extra["B3"], extra["C4"], extra["A6"] = date(2016, 5, 1), 3.5, "末行"


def test_a_workbook_goes_to_google_and_comes_back_the_same(office: Desk, sample_once: Path, plan: Plan) -> None:
    import shutil

    source, back = office.folder / "甲.xlsx", office.folder / "乙.xlsx"
    shutil.copy(sample_once, source)
    edit_outside(source, own_things)  # type: ignore[arg-type]
    told: list[tuple[int, int]] = []
    copy(config.chosen(source), config.settings(), plan, lambda done, of: told.append((done, of)))
    assert told[-1][0] == told[-1][1] > 10_000
    wanted = content(XlsxStore(source).read())
    copy(config.settings(), config.chosen(back), plan)
    found = content(XlsxStore(back).read())
    assert list(found) == list(wanted)
    for title, lines in wanted.items():
        assert found[title] == lines, title
    assert office.person().values("值班 表's", "FORMATTED_VALUE")[2][1] == "2016-05-01"
    board, _later = board_on(config.settings(), plan)
    assert board.status.problem is None


def test_a_target_that_somebody_works_in_is_not_overwritten(office: Desk, sample_once: Path, plan: Plan) -> None:
    set_up()
    copy(config.chosen(sample_once), config.settings(), plan)
    before = office.owner.values(MEMBERS)
    with pytest.raises(NotEmpty):
        copy(config.chosen(sample_once), config.settings(), plan)
    assert office.owner.values(MEMBERS) == before
    taken = office.folder / "有人用.xlsx"
    taken.write_bytes(sample_once.read_bytes())
    with pytest.raises(NotEmpty):
        copy(config.settings(), config.chosen(taken), plan)
    assert taken.read_bytes() == sample_once.read_bytes()


def test_a_copy_into_a_spreadsheet_the_app_is_on_already_is_taken_in(
    office: Desk, sample_once: Path, plan: Plan
) -> None:
    set_up()
    board, later = board_on(config.settings(), plan)
    office.owner.do({"addSheet": {"properties": {"title": "说明"}}})
    copy(config.chosen(sample_once), config.settings(), plan)
    for _n in range(4):
        later()
    assert board.status.problem is None
    assert board.status.waiting == 0
    assert board.judged is not None
    assert len(board.judged.world.associations) > 200
    assert "说明" in [sheet.title for sheet in office.owner.model.sheets]
    assert office.owner.values("变更记录")[1:]


def test_a_copy_waits_for_the_quota(
    office: Desk, sample_once: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.store.google_provision.PAUSE", 0.01)
    monkeypatch.setattr("lib.store.google_client.PATIENCE", 0.0)
    found = google_setup.find(config.settings(), plan)
    found.client.writes.limit = 2

    def free(seconds: float) -> None:
        found.client.writes._times.clear()

    monkeypatch.setattr("lib.store.google_provision.sleep", free)
    monkeypatch.setattr("lib.services.copying.find", lambda target, plan: found)
    copy(config.chosen(sample_once), config.settings(), plan)
    assert len(office.owner.values("脱钩事项")) > 1000


def test_a_copy_gives_way_to_what_somebody_has_already_put_into_a_new_one(
    office: Desk, sample_once: Path, plan: Plan
) -> None:
    set_up()
    at = office.owner.values(UNITS)[0].index("责任人")
    office.owner.edit(UNITS, f"{chr(65 + at)}2", "赵主任")
    with pytest.raises(NotEmpty):
        copy(config.chosen(sample_once), config.settings(), plan)
    assert office.owner.values(UNITS)[1][at] == "赵主任"


def test_what_people_typed_into_an_unfinished_one_is_not_thrown_away(office: Desk) -> None:
    broken_off(office)
    row = office.owner.type_row(MEMBERS, ["XH-9999", "有人先填的"])
    with pytest.raises(NotEmpty, match="没有建完"):
        set_up(sample=True)
    assert office.owner.values(MEMBERS)[row - 1][1] == "有人先填的"
    office.owner.delete_rows(MEMBERS, row)
    assert set_up(sample=True) is None
    in_order()


def test_the_app_does_not_take_what_is_half_made_for_what_people_want(office: Desk, plan: Plan) -> None:
    broken_off(office)
    keeper = keeper_at(config.settings())
    with pytest.raises(StoreError, match="没有完成"):
        keeper.sync()
    set_up(sample=True)
    board, _later = board_on(config.settings(), plan)
    assert board.judged is not None


def broken_off(office: Desk) -> None:
    """Setting up with the sample, broken off before the first rows."""

    def no_more(*_given: object) -> None:
        raise StoreError("断了")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lib.store.google_provision._insist", no_more)
        with pytest.raises(StoreError):
            set_up(sample=True)


def test_a_hidden_tab_of_ours_that_is_gone_is_made_again(office: Desk) -> None:
    set_up()
    office.owner.type_row(MEMBERS, ["XH-0001", "某协会"])
    office.owner.delete_tab("_meta")
    assert "_meta" in line_of(config.settings(), "工作表")[1]
    assert set_up()
    in_order()
    assert ["plan", shipped_plan().id] in office.owner.values("_meta")
    assert office.owner.values(MEMBERS)[1][1] == "某协会"


def test_records_whose_ids_are_gone_get_no_others(office: Desk) -> None:
    set_up()
    office.owner.type_row(MEMBERS, ["XH-0001", "某协会"])
    office.owner.rename_header(MEMBERS, "编号", "序号")
    before = office.owner.values(MEMBERS)
    with pytest.raises(NotEmpty, match="编号"):
        set_up()
    assert MEMBERS in line_of(config.settings(), "编号")[1]
    assert office.owner.values(MEMBERS) == before
    office.owner.rename_header(MEMBERS, "序号", "编号")
    assert set_up() == 0


def test_one_that_may_only_be_looked_at_is_told_with_the_address(office: Desk) -> None:
    office.id = office.emu.new("只看", people={SERVICE: "reader"})
    chosen = replace(config.settings(), google=replace(config.settings().google, spreadsheet=office.id))  # type: ignore[type-var]
    with pytest.raises(NotShared, match=SERVICE):
        google_setup.set_up(chosen, shipped_plan(), sample=False)


def test_two_at_once_make_one(office: Desk) -> None:
    office.emu.before("batchUpdate", lambda: set_up(sample=True))
    with pytest.raises(Meanwhile, match="再运行一次"):
        set_up(sample=True)
    assert len(office.owner.values("脱钩事项")) > 1000
    in_order()


def test_somebody_elses_spreadsheet_is_not_to_be_completed(office: Desk) -> None:
    office.owner.edit("工作表1", "A1", "工资表")
    assert "init" not in line_of(config.settings(), "工作表")[1]


def test_the_quota_that_others_use_up_is_waited_for(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.store.google_provision.PAUSE", 0.01)
    monkeypatch.setattr("lib.store.google_client.TOTAL", 0.0)
    count = 0

    def later(call: object) -> bool:
        nonlocal count
        count += "batchUpdate" in call.path  # type: ignore[attr-defined]
        return "batchUpdate" in call.path and count > 1  # type: ignore[attr-defined]

    office.emu.fault("before", 429, later, times=7)
    assert set_up(sample=True) is None
    in_order()


def test_titles_and_times_that_only_one_side_knows(office: Desk, sample_once: Path, plan: Plan) -> None:
    import shutil

    source, back, again = (office.folder / name for name in ("甲.xlsx", "乙.xlsx", "丙.xlsx"))
    shutil.copy(sample_once, source)
    moments = [time_of_day(8, 30), timedelta(hours=30, minutes=5), datetime(2016, 1, 2, 3, 4, 5)]

    def own(book: object) -> None:
        tab = book.create_sheet("时刻表")  # type: ignore[attr-defined]
        for number, moment in enumerate(moments, 1):
            tab.cell(number, 2, moment)

    edit_outside(source, own)  # type: ignore[arg-type]
    copy(config.chosen(source), config.settings(), plan)
    assert office.person().values("时刻表", "FORMATTED_VALUE")[0][1] == "08:30:00"
    long = "一二三四五六七八九十" * 4
    for title in ("2016/1 [草]", long, f"{long}再"):
        office.owner.add_tab(title)
        office.owner.edit(title, "A1", title)
    made = copy(config.settings(), config.chosen(back), plan)
    found = {sheet.title: sheet for sheet in XlsxStore(back).read().sheets}
    assert [line[1] for line in found["时刻表"].cells] == moments
    assert made.renamed["2016/1 [草]"] == "2016_1 _草_"
    assert {found[new].cells[0][0] for new in made.renamed.values()} == {"2016/1 [草]", long, f"{long}再"}
    office.create()
    office_too = replace(config.settings(), google=replace(config.settings().google, spreadsheet=office.id))  # type: ignore[type-var]
    copy(config.chosen(back), office_too, plan)
    copy(office_too, config.chosen(again), plan)
    sheets = [{sheet.title: sheet.cells for sheet in XlsxStore(path).read().sheets} for path in (back, again)]
    assert sheets[0] == sheets[1]


def test_a_workbook_is_not_copied_upon_itself(office: Desk, plan: Plan) -> None:
    set_up(sample=True)
    with pytest.raises(StoreError, match="同一本"):
        copy(config.settings(), config.settings(), plan)


# Google is not there


def test_while_google_is_away_the_age_of_the_data_is_told_and_it_recovers(office: Desk, plan: Plan) -> None:
    set_up(sample=True)
    board, later = board_on(config.settings(), plan)
    assert board.status.problem is None
    read_at = board.status.read_at
    office.emu.fault("before", 503, times=10_000)
    import lib.store.google_client as way

    pause, way.TOTAL = way.TOTAL, 0.0
    try:
        for _n in range(30):
            later()
        assert board.status.problem is not None
        assert board.status.read_at is not None
        assert read_at is not None
        assert (read_at - board.status.read_at).total_seconds() > 200
        assert board.judged is not None
    finally:
        way.TOTAL = pause
    office.emu.calm()
    for _n in range(8):
        later()
    assert board.status.problem is None


def test_a_start_without_google_takes_seconds_and_heals(
    office: Desk, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lib.services import board as service

    set_up()
    office.emu.stop()
    monkeypatch.setattr(service, "FIRST_LOOK", 0.5)
    begun = time.monotonic()
    opened = service.open_board()
    assert time.monotonic() - begun < 3
    assert opened.status.problem is not None
    assert opened.ledger(opened.default_as_of) is None
    office.emu.start()
    opened.feed.start()
    deadline = time.monotonic() + 60
    while opened.status.problem is not None and time.monotonic() < deadline:
        time.sleep(0.2)
    opened.feed.stop()
    assert opened.status.problem is None
    assert opened.ledger(opened.default_as_of) is not None


# settings


def test_the_environment_counts_more_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets.toml"
    monkeypatch.setattr(config, "SECRETS", (secrets,))
    for name in ("TUOGOU_WORKBOOK", "TUOGOU_SPREADSHEET", "TUOGOU_GOOGLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert config.settings().google is None
    id = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcd"
    secrets.write_text(
        f'[google]\nspreadsheet = "https://docs.google.com/spreadsheets/d/{id}/edit#gid=0"\nkey = "k.json"'
    )
    found = config.settings()
    assert found.google is not None
    assert found.google.spreadsheet == id
    assert found.google.key == config.ROOT / "k.json"
    assert config.folder_of(found.workbook) == config.ROOT / "data" / f".google-{id[:12]}.tuogou"
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(tmp_path / "a.xlsx"))
    assert config.settings().google is None
    monkeypatch.setenv("TUOGOU_SPREADSHEET", "2" + id[1:])
    assert config.settings().workbook == tmp_path / f"google-2{id[1:12]}"
    secrets.write_text('[google]\nspreadsheet = "x"\nprivate_key = "p"\nclient_email = "e"\ntoken_uri = "t"')
    google = config.settings().google
    assert google is not None
    assert google.fields["client_email"] == "e"
    assert "private_key" not in repr(google)


def test_a_file_that_cannot_be_read_is_told_and_no_other_workbook_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[google]\nspreadsheet = ")
    monkeypatch.setattr(config, "SECRETS", (secrets,))
    monkeypatch.delenv("TUOGOU_WORKBOOK", raising=False)
    with pytest.raises(StoreError, match="secrets"):
        store_of(config.settings()).read()


@pytest.mark.parametrize(
    "url", ["http://example.org", "https://127.0.0.1:1", "http://10.0.0.1", "http://127.0.0.1.x.org"]
)
def test_a_stand_in_is_on_this_machine_only(url: str) -> None:
    with pytest.raises(StoreError, match="本机"):
        stand_in(url, EDITOR)
