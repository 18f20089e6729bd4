"""Drive: files, permissions, and a change time that lags."""

from __future__ import annotations

import gspread
import pytest
import requests
from gspread.exceptions import APIError, SpreadsheetNotFound

from .emulator import Emulator
from .human import Person
from .people import EDITOR, OWNER, SERVICE, VIEWER

FILES = "https://www.googleapis.com/drive/v3/files"


def capabilities(session: requests.Session, file_id: str) -> dict:
    found = session.get(f"{FILES}/{file_id}", params={"fields": "capabilities(canEdit,canShare)"})
    return found.json()["capabilities"]


def test_files_are_listed_by_name_for_whom_they_are_shared_with(emu: Emulator, book_id: str) -> None:
    assert emu.client(SERVICE).open("台账").id == book_id
    assert [one["id"] for one in emu.client(VIEWER).list_spreadsheet_files()] == [book_id]
    with pytest.raises(SpreadsheetNotFound):
        emu.client(SERVICE).open("other")
    assert emu.client("stranger@example.org").list_spreadsheet_files() == []


def test_capabilities_tell_the_role(emu: Emulator, book_id: str) -> None:
    assert capabilities(emu.session(EDITOR), book_id) == {"canEdit": True, "canShare": True}
    assert capabilities(emu.session(VIEWER), book_id) == {"canEdit": False, "canShare": False}


def test_an_unknown_file_is_404_in_drives_words(emu: Emulator) -> None:
    answer = emu.session(SERVICE).get(f"{FILES}/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["errors"][0]["reason"] == "notFound"


def test_permissions_are_given_listed_and_taken(emu: Emulator, book_id: str) -> None:
    sheet = emu.client(OWNER).open_by_key(book_id)
    sheet.share("new@example.org", perm_type="user", role="reader", notify=False)
    assert emu.client("new@example.org").open_by_key(book_id).title == "台账"
    one = next(p for p in sheet.list_permissions() if p["emailAddress"] == "new@example.org")
    assert one["role"] == "reader"
    emu.client(OWNER).remove_permission(book_id, one["id"])
    with pytest.raises(PermissionError):
        emu.client("new@example.org").open_by_key(book_id)
    with pytest.raises(APIError) as refused:
        emu.client(VIEWER).list_permissions(book_id)
    assert refused.value.code == 403


def test_anyone_with_the_link_gets_in_and_is_seen_in_the_list(emu: Emulator, book_id: str) -> None:
    emu.client(OWNER).insert_permission(book_id, None, perm_type="anyone", role="writer")
    stranger = emu.client("stranger@example.org").open_by_key(book_id)
    stranger.values_update("Log!A1", {"valueInputOption": "RAW"}, {"values": [["q"]]})
    kinds = {one["type"] for one in emu.client(SERVICE).list_permissions(book_id)}
    assert kinds == {"user", "anyone"}


def test_the_change_time_lags_behind_edits(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    url, ask = f"{FILES}/{sheet.id}", {"fields": "version,modifiedTime"}
    session = emu.session(SERVICE)
    before = session.get(url, params=ask).json()
    sheet.values_update("Log!A1", {"valueInputOption": "RAW"}, {"values": [["q"]]})
    emu.advance(14)
    assert session.get(url, params=ask).json() == before
    emu.advance(120)
    assert session.get(url, params=ask).json() != before


def test_a_copy_belongs_to_who_makes_it(emu: Emulator, book_id: str, staff: Person) -> None:
    twin = emu.client(EDITOR).copy(book_id, title="copy")
    assert twin.sheet1.acell("A2").value == "a1"
    emu.book(twin.id, EDITOR).edit("协会", "A2", "other")
    assert staff.values("协会")[1][0] == "a1"
    with pytest.raises(APIError, match="storage quota"):
        emu.client(SERVICE).copy(book_id, title="copy")


def test_only_the_owner_deletes(emu: Emulator, book_id: str) -> None:
    with pytest.raises(APIError) as refused:
        emu.client(SERVICE).del_spreadsheet(book_id)
    assert refused.value.code == 403
    emu.client(OWNER).del_spreadsheet(book_id)
    with pytest.raises(SpreadsheetNotFound):
        emu.client(OWNER).open_by_key(book_id)
