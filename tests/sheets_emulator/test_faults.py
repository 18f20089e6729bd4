"""What a test can make go wrong: before or after the write, quotas, people between two requests."""

from __future__ import annotations

import time

import gspread
import pytest
import requests
from gspread.exceptions import APIError

from .emulator import Emulator
from .human import Person
from .people import EDITOR, SERVICE

RAW = {"valueInputOption": "RAW"}


def write(sheet: gspread.Spreadsheet, text: str = "q") -> dict:
    return sheet.values_update("Log!A1", RAW, {"values": [[text]]})


@pytest.mark.parametrize(("when", "there"), [("before", []), ("after", [["q"]])])
@pytest.mark.parametrize("what", [503, 500, 429, "html502", "lost"])
def test_a_fault_before_the_write_leaves_it_undone_and_one_after_it_done(
    emu: Emulator, sheet: gspread.Spreadsheet, staff: Person, when: str, there: list, what: int | str
) -> None:
    fault = emu.fault(when, what, "PUT")
    with pytest.raises((APIError, requests.ConnectionError)) as failed:
        write(sheet)
    assert staff.values("Log") == there
    assert fault.hits == 1
    if isinstance(failed.value, APIError):
        assert failed.value.response.status_code == (502 if what == "html502" else what)
    else:
        assert what == "lost"
    write(sheet)


def test_the_bodies_are_googles(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    emu.fault("before", 503, times=1)
    with pytest.raises(APIError) as away:
        write(sheet)
    assert away.value.error["status"] == "UNAVAILABLE"
    emu.fault("before", 429, times=1)
    with pytest.raises(APIError) as often:
        write(sheet)
    assert often.value.error["status"] == "RESOURCE_EXHAUSTED"
    assert often.value.error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    emu.fault("before", "html502", times=1)
    with pytest.raises(APIError) as html:
        write(sheet)
    assert html.value.code == -1
    assert html.value.response.text.startswith("<!DOCTYPE html>")


def test_a_fault_hits_only_what_it_is_meant_for(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    emu.fault("before", 503, lambda call: "batchGet" in call.path and call.identity == SERVICE, times=2)
    write(sheet)
    for _ in range(2):
        with pytest.raises(APIError):
            sheet.values_batch_get(["Log"])
    sheet.values_batch_get(["Log"])


def test_slow_answers_and_timeouts(emu: Emulator, sheet: gspread.Spreadsheet, staff: Person) -> None:
    emu.fault("before", "slow", seconds=0.3)
    start = time.monotonic()
    write(sheet)
    assert time.monotonic() - start >= 0.3
    emu.fault("after", "timeout", seconds=1.5)
    sheet.client.set_timeout(0.6)
    with pytest.raises(requests.ReadTimeout):
        write(sheet, "applied all the same")
    assert staff.values("Log") == [["applied all the same"]]


def test_the_quota_of_a_minute_is_per_identity_and_kind(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    emu.quota(reads=2, writes=3)
    for _ in range(3):
        write(sheet)
    with pytest.raises(APIError) as refused:
        write(sheet)
    assert refused.value.code == 429
    assert refused.value.error["message"].startswith(
        "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:"
    )
    for _ in range(2):
        sheet.values_batch_get(["Log"])
    with pytest.raises(APIError, match="Read requests per minute"):
        sheet.values_batch_get(["Log"])
    emu.client(EDITOR).open_by_key(sheet.id)
    emu.advance(61)
    write(sheet)
    sheet.values_batch_get(["Log"])


def test_calls_are_counted(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    start = len(emu.calls)
    sheet.values_batch_get(["Log", "协会"])
    write(sheet)
    told = [(call.method, call.identity, call.kind, call.status) for call in emu.calls[start:]]
    assert told == [("GET", SERVICE, "read", 200), ("PUT", SERVICE, "write", 200)]
    assert emu.calls[-1].path.endswith("/values/Log%21A1")


def test_somebody_acts_between_two_requests(emu: Emulator, sheet: gspread.Spreadsheet, staff: Person) -> None:
    editor = staff.as_(EDITOR)
    emu.before(2, lambda: editor.insert_rows("协会", 2))
    emu.before("values:batchUpdate", lambda: editor.rename_tab("Log", "gone"))
    assert sheet.values_get("协会!A2")["values"] == [["a1"]]
    assert "values" not in sheet.values_get("协会!A2:D2")
    with pytest.raises(APIError, match="Unable to parse range: Log!A1"):
        sheet.values_batch_update(body=RAW | {"data": [{"range": "Log!A1", "values": [["q"]]}]})


def test_stopped_is_refused_and_started_again_is_there(emu: Emulator, sheet: gspread.Spreadsheet) -> None:
    write(sheet)
    emu.stop()
    with pytest.raises(requests.ConnectionError):
        write(sheet)
    emu.start()
    assert sheet.values_get("Log!A1")["values"] == [["q"]]


def test_no_other_host_is_reached(emu: Emulator) -> None:
    with pytest.raises(requests.ConnectionError, match="not in this double"):
        emu.session(SERVICE).get("https://example.org/")
