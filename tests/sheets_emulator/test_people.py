"""Who may do what: roles, the link, protected ranges; and what people do by hand."""

from __future__ import annotations

import gspread
import pytest
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from gspread.exceptions import APIError

from .client import redirect
from .emulator import Emulator
from .errors import PROTECTED, ApiError
from .human import Person
from .people import EDITOR, EDITOR_2, OWNER, SERVICE, VIEWER
from .test_metadata import tag


def test_unknown_is_404_and_not_shared_is_403(emu: Emulator, book_id: str) -> None:
    client = emu.client("stranger@example.org").http_client
    with pytest.raises(APIError) as unknown:
        client.values_get("1nothing", "A1")
    assert unknown.value.error["status"] == "NOT_FOUND"
    with pytest.raises(APIError) as hidden:
        client.values_get(book_id, "A1")
    assert hidden.value.error == {
        "code": 403,
        "message": "The caller does not have permission",
        "status": "PERMISSION_DENIED",
    }


def test_a_viewer_reads_and_does_not_write(emu: Emulator, book_id: str) -> None:
    viewer = emu.client(VIEWER).open_by_key(book_id)
    assert viewer.sheet1.acell("A2").value == "a1"
    before = emu.book(book_id).values("协会")
    for attempt in (
        lambda: viewer.values_update("A2", {"valueInputOption": "RAW"}, {"values": [["q"]]}),
        lambda: viewer.values_append("A2", {"valueInputOption": "RAW"}, {"values": [["q"]]}),
        lambda: viewer.values_clear("A2"),
        lambda: viewer.batch_update({"requests": [{"deleteSheet": {"sheetId": 0}}]}),
    ):
        with pytest.raises(APIError) as refused:
            attempt()
        assert refused.value.code == 403
    assert emu.book(book_id).values("协会") == before


def test_without_a_token_nothing_is_told(emu: Emulator, book_id: str) -> None:
    session = emu.session(SERVICE)
    del session.headers["Authorization"]
    answer = session.get(f"https://sheets.googleapis.com/v4/spreadsheets/{book_id}")
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_a_service_account_signs_in_with_its_key_as_it_does_at_google(emu: Emulator, book_id: str) -> None:
    scopes = ["https://www.googleapis.com/auth/spreadsheets"]
    credentials = Credentials.from_service_account_info(emu.service_key(), scopes=scopes)
    session = AuthorizedSession(credentials)
    redirect(session, emu.url)
    assert gspread.Client(credentials, session=session).open_by_key(book_id).title == "台账"
    assert emu.calls[-1].identity == SERVICE


def test_the_service_account_can_make_no_spreadsheet(emu: Emulator) -> None:
    session = emu.session(SERVICE)
    answer = session.post("https://sheets.googleapis.com/v4/spreadsheets", json={"properties": {"title": "x"}})
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    with pytest.raises(APIError) as refused:
        emu.client(SERVICE).create("x")
    assert refused.value.code == 403
    assert emu.client(OWNER).create("x").title == "x"


def test_a_protected_column_keeps_editors_out_but_not_the_owner_or_the_app(
    emu: Emulator, sheet: gspread.Spreadsheet, staff: Person
) -> None:
    staff.protect("协会", "A:A", SERVICE)
    sheet.values_update("A2", {"valueInputOption": "RAW"}, {"values": [["by the app"]]})
    staff.edit("协会", "A3", "by the owner")
    editor = emu.client(EDITOR).open_by_key(staff.id)
    before = staff.values("协会")
    with pytest.raises(APIError) as refused:
        editor.values_update("A4:B4", {"valueInputOption": "RAW"}, {"values": [["q", "q"]]})
    assert refused.value.error == {"code": 400, "message": PROTECTED, "status": "INVALID_ARGUMENT"}
    body = {"valueInputOption": "RAW", "data": [{"range": "A4", "values": [["q"]]}]}
    with pytest.raises(APIError, match=r"Invalid data\[0\]: You are trying to edit a protected cell"):
        editor.values_batch_update(body=body)
    assert staff.values("协会") == before
    editor.values_update("A4:B4", {"valueInputOption": "RAW"}, {"values": [[None, "allowed"]]})
    assert staff.values("协会")[3][:2] == ["a3", "allowed"]


def test_the_owner_is_let_in_even_where_nobody_named_them(staff: Person) -> None:
    staff.protect("协会", "A:A", SERVICE)
    staff.tab("协会").protections[0]["editors"]["users"] = [SERVICE]
    staff.delete_rows("协会", 3)
    with pytest.raises(ApiError, match="protected"):
        staff.as_(EDITOR).delete_rows("协会", 3)


def test_rows_across_a_protected_range_are_not_deleted_inserted_sorted_or_cut(staff: Person) -> None:
    staff.protect("协会", "A:A", SERVICE)
    editor, before = staff.as_(EDITOR), staff.values("协会")
    for attempt in (
        lambda: editor.delete_rows("协会", 3),
        lambda: editor.insert_rows("协会", 3),
        lambda: editor.sort("协会", "名称"),
        lambda: editor.drag_row("协会", 4, before=2),
        lambda: editor.cut_paste("协会", "A2:B2", "A6"),
        lambda: editor.clear("协会", "A2:B2"),
        lambda: editor.delete_tab("协会"),
    ):
        with pytest.raises(ApiError, match="You are trying to edit a protected cell"):
            attempt()
    assert staff.values("协会") == before
    editor.sort_part("协会", "B2:D4", "名称", descending=True)
    assert staff.values("协会")[1][:2] == ["a1", "甲协会"]
    assert staff.values("协会")[3][:2] == ["a3", "丙协会"]
    staff.delete_rows("协会", 3)


def test_a_protected_header_lets_rows_come_and_go_below_it(staff: Person) -> None:
    staff.protect("协会", "1:1", SERVICE)
    editor = staff.as_(EDITOR)
    editor.insert_rows("协会", 2)
    editor.delete_rows("协会", 3)
    with pytest.raises(ApiError, match="protected"):
        editor.rename_header("协会", "名称", "名字")


def test_a_protected_tab_has_holes(emu: Emulator, staff: Person) -> None:
    hole = {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}
    one = {"range": {"sheetId": 0}, "unprotectedRanges": [hole], "editors": {"users": [SERVICE]}}
    staff.do({"addProtectedRange": {"protectedRange": one}})
    editor = staff.as_(EDITOR)
    editor.edit("协会", "B3", "in the hole")
    for attempt in (
        lambda: editor.edit("协会", "C3", "q"),
        lambda: editor.edit("协会", "B3", [["q", "q"]]),
        lambda: editor.delete_rows("协会", 3),
        lambda: editor.rename_tab("协会", "q"),
    ):
        with pytest.raises(ApiError, match="protected"):
            attempt()
    emu.client(SERVICE).open_by_key(staff.id).sheet1.update([["q"]], "C3")


def test_protections_tell_who_is_asking(emu: Emulator, staff: Person) -> None:
    staff.protect("协会", "A:A", SERVICE)
    mine = emu.client(SERVICE).open_by_key(staff.id).list_protected_ranges(0)
    theirs = emu.client(EDITOR).open_by_key(staff.id).list_protected_ranges(0)
    assert mine[0]["requestingUserCanEdit"] is True
    assert set(mine[0]["editors"]["users"]) == {SERVICE, OWNER}
    assert "requestingUserCanEdit" not in theirs[0]
    assert "editors" not in theirs[0]
    assert mine[0]["range"] == {"startColumnIndex": 0, "endColumnIndex": 1}


def test_a_protection_is_changed_and_removed_only_by_who_it_lets_in(emu: Emulator, staff: Person) -> None:
    number = staff.protect("协会", "A:A", SERVICE)
    with pytest.raises(ApiError, match="protected"):
        staff.as_(EDITOR).do({"deleteProtectedRange": {"protectedRangeId": number}})
    change = {"protectedRangeId": number, "editors": {"users": [SERVICE, EDITOR]}}
    staff.as_(SERVICE).do({"updateProtectedRange": {"protectedRange": change, "fields": "editors"}})
    staff.as_(EDITOR).edit("协会", "A2", "now allowed")
    with pytest.raises(ApiError, match="protected"):
        staff.as_(EDITOR_2).edit("协会", "A2", "q")
    staff.as_(EDITOR).do({"deleteProtectedRange": {"protectedRangeId": number}})
    staff.as_(EDITOR_2).edit("协会", "A2", "free")


def test_a_warning_stops_nobody(staff: Person) -> None:
    staff.do({"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "warningOnly": True}}})
    staff.as_(EDITOR).edit("协会", "A2", "q")


def test_protected_ranges_follow_rows_and_columns(emu: Emulator, staff: Person) -> None:
    staff.protect("协会", "B2:B3", SERVICE)
    staff.insert_rows("协会", 1)
    staff.insert_columns("协会", "A")
    [one] = emu.client(SERVICE).open_by_key(staff.id).list_protected_ranges(0)
    assert one["range"] == {"startRowIndex": 2, "endRowIndex": 4, "startColumnIndex": 2, "endColumnIndex": 3}


def test_people_type_rows_and_rename_and_duplicate(staff: Person) -> None:
    editor = staff.as_(EDITOR)
    assert editor.type_row("协会", ["a4", "", "2016年3月2日"]) == 5
    editor.rename_header("协会", "名称", "名字")
    editor.duplicate_row("协会", 5)
    editor.duplicate_tab("协会", "备份")
    editor.delete_tab("Log")
    assert [tab.title for tab in staff.model.sheets] == ["备份", "协会"]
    assert staff.values("备份") == staff.values("协会")
    assert staff.values("协会")[4:] == [["a4", "", 42431], ["a4", "", 42431]]


def test_undo_takes_back_ones_own_last_change_and_nothing_else(staff: Person) -> None:
    editor = staff.as_(EDITOR)
    editor.edit("协会", "B2", "typed by mistake")
    staff.as_(SERVICE).edit("协会", "B3", "by the app")
    editor.undo()
    assert [row[1] for row in staff.values("协会")[1:3]] == ["甲协会", "by the app"]


def test_undo_leaves_a_cell_that_somebody_wrote_since(staff: Person) -> None:
    editor = staff.as_(EDITOR)
    editor.edit("协会", "B2", "typed by mistake")
    staff.as_(SERVICE).edit("协会", "B2", "by the app")
    editor.undo()
    assert staff.values("协会")[1][1] == "by the app"


def test_undo_brings_a_deleted_row_back_under_what_the_app_wrote(staff: Person) -> None:
    staff.do(tag(0, 3, "a2"))
    editor = staff.as_(EDITOR)
    editor.delete_rows("协会", 3)
    staff.as_(SERVICE).edit("协会", "B3", "by the app")
    editor.undo()
    assert [row[:2] for row in staff.values("协会")[1:]] == [["a1", "甲协会"], ["a2", "乙协会"], ["a3", "by the app"]]
    assert staff.metadata("协会", "id") == [None, None, "a2"]


def test_undo_of_sort_insert_rename_and_delete(staff: Person) -> None:
    before, editor = staff.values("协会"), staff.as_(EDITOR)
    editor.sort("协会", "编号", descending=True)
    editor.insert_rows("协会", 2, 2)
    editor.rename_tab("协会", "q")
    editor.delete_tab("Log")
    for _ in range(4):
        editor.undo()
    assert staff.values("协会") == before
    assert [tab.title for tab in staff.model.sheets] == ["协会", "Log"]
    with pytest.raises(ApiError, match="Nothing to undo"):
        editor.undo()
