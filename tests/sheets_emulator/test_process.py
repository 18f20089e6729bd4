"""The emulator as a process of its own: its doors, and a state that outlives it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gspread
import pytest
import requests
from gspread.exceptions import APIError

from .client import emulator_client
from .emulator import Emulator
from .people import EDITOR, SERVICE


@contextmanager
def running(state: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.sheets_emulator", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()
        assert process.wait(20) == 0


def door(url: str, name: str, **body: object) -> dict:
    answer = requests.post(f"{url}/_test/{name}", json=body, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def test_another_process_needs_only_the_address(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running(state) as url:
        book = door(url, "new", title="台账", tabs={"T": [["编号"], ["a1"]]})["id"]
        sheet = emulator_client(url, SERVICE).open_by_key(book)
        act = {"book": book, "who": EDITOR, "action": "edit", "args": ["T", "A2", "a9"]}
        door(url, "before", match="batchGet", act=act)
        found = sheet.values_batch_get(["T"])["valueRanges"][0]["values"]
        assert found == [["编号"], ["a9"]]
        door(url, "fault", when="after", what=503, match="PUT")
        with pytest.raises(APIError):
            sheet.values_update("T!A3", {"valueInputOption": "RAW"}, {"values": [["q"]]})
        assert door(url, "act", book=book, action="values", args=["T"])["result"] == [["编号"], ["a9"], ["q"]]
        assert door(url, "calls")["calls"][-1]["status"] == 503
    with running(state) as url:
        assert [one["title"] for one in door(url, "books")["books"]] == ["台账"]
        assert emulator_client(url, SERVICE).open_by_key(book).sheet1.acell("A2").value == "a9"


def test_a_door_that_is_not_there_says_so(emu: Emulator, book_id: str) -> None:
    assert requests.post(f"{emu.url}/_test/nothing", timeout=5).status_code == 404
    body = {"book": book_id, "action": "model"}
    assert requests.post(f"{emu.url}/_test/act", json=body, timeout=5).status_code == 400


def test_reading_twelve_tabs_of_ten_thousand_rows_takes_the_server_well_under_a_second(emu: Emulator) -> None:
    rows = [[f"r{n}-{c}" if c % 3 else n * c for c in range(14)] for n in range(10_000)]
    tabs = {f"T{n}": rows for n in range(12)}
    book = emu.new("nation", tabs, rows=12_000)
    session = emu.session(SERVICE)
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book}/values:batchGet"
    params = {"ranges": list(tabs), "valueRenderOption": "UNFORMATTED_VALUE"}
    assert len(session.get(url, params=params).content) > 10_000_000
    start = time.process_time()
    session.get(url, params=params)
    assert time.process_time() - start < 1.0


def test_gspread_is_the_version_the_app_pins() -> None:
    assert gspread.__version__ == "6.2.1"
