"""``/files/KEY`` as a browser asks it: each gets what is hers, finished and harmless, and nobody else anything."""

from __future__ import annotations

import csv
import shutil
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path

import anyio
import openpyxl
import pytest
from starlette.requests import Request
from starlette.responses import Response

from lib.documents.pictures import can_draw_chinese
from tests.entrance import come_in, cookie
from tests.server import Server

UNIT = "市科委"
files = import_module("lib.web.files")  # the package has its routes under the same name
ATTACK = '=HYPERLINK("http://evil.example","坏")'


@pytest.fixture(scope="module")
def server(sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("files")
    path = folder / "sample.xlsx"
    shutil.copy(sample_once, path)
    book = openpyxl.load_workbook(path)
    tab = book["协会商会"]
    header = [cell.value for cell in tab[1]]
    for row in range(2, tab.max_row + 1):
        cell = tab.cell(row, header.index("备注") + 1)
        cell.value, cell.data_type = ATTACK, "s"
    book.save(path)
    made = Server(path, folder / "server.log")
    yield made
    made.stop()


def ask(server: Server, key: str, role: str = "", *units: str, **wanted: str) -> tuple[int, str, bytes]:
    """Status, kind and bytes of what somebody is given."""
    request = urllib.request.Request(f"{server.url}/files/{key}?{urllib.parse.urlencode(wanted)}")
    if role:
        held = cookie(come_in(server.workbook, role, *units))
        request.add_header("cookie", "; ".join(f"{name}={value}" for name, value in held.items()))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read()


def test_a_unit_gets_its_own_associations_and_no_formula(server: Server) -> None:
    status, kind, content = ask(server, "records", "unit", UNIT, sheet="associations", format="csv")
    assert (status, kind) == (200, "text/csv; charset=utf-8")
    header, *rows = csv.reader(StringIO(content.decode("utf-8-sig")))
    assert {row[header.index("业务主管单位")] for row in rows} == {UNIT}
    assert {row[header.index("备注")] for row in rows} == {f"'{ATTACK}"}
    assert "联系电话" in header


def test_the_same_in_xlsx_is_text(server: Server) -> None:
    _status, _kind, content = ask(server, "records", "unit", UNIT, sheet="associations")
    found = [cell for row in openpyxl.load_workbook(BytesIO(content)).active.iter_rows() for cell in row]
    assert [cell for cell in found if cell.value == ATTACK]
    assert not [cell for cell in found if cell.data_type == "f" or cell.hyperlink]


def test_a_reader_gets_no_phone(server: Server) -> None:
    status, _kind, content = ask(server, "records", "viewer", sheet="associations", format="csv")
    assert status == 200
    assert "联系电话" not in content.decode()


def test_a_units_register_is_its_own(server: Server) -> None:
    _status, _kind, content = ask(server, "register", "unit", UNIT, asof="2016-03-31")
    rows = list(openpyxl.load_workbook(BytesIO(content))["台账"].iter_rows(min_row=5, values_only=True))
    assert len(rows) > 10
    assert {row[3] for row in rows} == {UNIT}


def test_changes_can_be_taken(server: Server) -> None:
    status, _kind, content = ask(server, "records", "office", sheet="changes", format="csv")
    assert status == 200
    assert content.decode("utf-8-sig").startswith("时间,")


def test_a_chart_is_a_picture_or_a_word_why_not(server: Server) -> None:
    status, kind, content = ask(server, "chart", "office", name="gantt")
    if can_draw_chinese():
        assert (status, kind, content[:4]) == (200, "image/png", b"\x89PNG")
    else:
        assert status == 404
        assert "fonts-noto-cjk" in content.decode()


@pytest.mark.parametrize("wanted", [{"name": "../etc"}, {"name": "gantt", "format": "exe"}])
def test_what_there_is_not_is_told_in_words(server: Server, wanted: dict[str, str]) -> None:
    status, _kind, content = ask(server, "chart", "office", **wanted)
    assert status == 404
    assert "可选" in content.decode()
    assert "Traceback" not in content.decode()


def test_nobody_gets_nothing(server: Server) -> None:
    for key in ("register", "records", "table", "chart"):
        status, kind, content = ask(server, key)
        assert kind.startswith("text/html") or status in (401, 403)
        assert b"PK" not in content[:2]


def test_a_few_files_are_made_at_a_time_and_the_others_wait_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    working, most, guard = 0, 0, threading.Lock()

    def make(_request: Request) -> Response:
        nonlocal working, most
        with guard:
            working += 1
            most = max(most, working)
        time.sleep(0.05)
        with guard:
            working -= 1
        return Response()

    async def ask_at_once() -> None:
        async with anyio.create_task_group() as tasks:
            for _one in range(12):
                tasks.start_soon(files.give, Request({"type": "http"}))

    monkeypatch.setattr(files, "_give", make)
    anyio.run(ask_at_once)
    assert 1 < most <= 3
