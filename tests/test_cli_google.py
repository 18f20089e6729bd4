"""The commands on a shared spreadsheet, and the server, run as people run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.google import Desk, desk
from tests.server import Server
from tests.sheets_emulator.people import SERVICE

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


def run(office: Desk, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lib.cli", *map(str, arguments)], cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **office.environment, **more}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_init_leads_a_clerk_step_by_step(office: Desk) -> None:
    told = run(office, "init", "--google", office.key, TUOGOU_SPREADSHEET="")
    assert told.returncode == 2
    assert SERVICE in told.stderr
    id = office.create()
    told = run(office, "init", "--google", office.key, TUOGOU_SPREADSHEET="")
    assert id in told.stdout
    assert "--spreadsheet" in told.stderr
    told = run(
        office, "init", "--google", office.key, "--spreadsheet", f"https://docs.google.com/spreadsheets/d/{id}/edit"
    )
    assert told.returncode == 0, told.stderr
    assert f'spreadsheet = "{id}"' in told.stdout
    assert office.owner.values("单位")[1][0] == "DW-01"
    again = run(office, "init", "--google", office.key, "--spreadsheet", id)
    assert again.returncode == 0
    assert "齐全" in again.stdout
    assert run(office, "doctor").returncode == 0, run(office, "doctor").stdout
    office.owner.delete_tab("延期")
    ill = run(office, "doctor")
    assert ill.returncode == 1
    assert "延期" in ill.stdout
    other = office.emu.new("工资", {"工资": [["姓名"]]})
    refused = run(office, "init", "--google", office.key, "--spreadsheet", other)
    assert refused.returncode == 2
    assert "没有改动" in refused.stderr


def test_the_other_commands_work_on_a_spreadsheet(office: Desk, sample_once: Path, tmp_path: Path) -> None:
    office.create()
    copied = run(office, "copy", sample_once, "google")
    assert copied.returncode == 0, copied.stderr
    again = run(office, "copy", sample_once, office.id)
    assert again.returncode == 2
    assert "没有改动" in again.stderr
    figures = [
        json.loads(run(office, "progress", *where, "--as-of", "2016-03-31").stdout) for where in ((), (sample_once,))
    ]
    assert figures[0] == figures[1]
    assert run(office, "check").returncode == 1
    assert run(office, "journal").returncode == 0
    listed = run(office, "restore")
    assert " r" in listed.stdout
    moment = (datetime.fromisoformat(listed.stdout[:19]) + timedelta(seconds=1)).isoformat()
    office.owner.edit("单位", "E2", "换了一个人")
    restored = run(office, "restore", "--at", moment, "--sheet", "单位", "--record", "DW-01")
    assert restored.returncode == 0, restored.stderr
    assert office.owner.values("单位")[1][4] != "换了一个人"
    kept = run(office, "backup", tmp_path / "backups")
    assert kept.returncode == 0, kept.stderr
    assert len(list((tmp_path / "backups").glob("*/google-*.json.gz"))) == 1
    back = run(office, "copy", "google", tmp_path / "回来.xlsx")
    assert back.returncode == 0, back.stderr
    assert run(office, "check", tmp_path / "回来.xlsx").returncode == 1
    assert run(office, "copy", sample_once, tmp_path / "另.xlsx").returncode == 2


def test_while_the_server_runs_a_command_leaves_writing_to_it(office: Desk) -> None:
    office.create()
    run(office, "init", "--google", office.key, "--spreadsheet", office.id, "--sample")
    with server(office) as url:
        assert ready(url, 200)
        office.emu.calm()
        assert run(office, "journal").returncode == 0
        assert run(office, "doctor").returncode == 0
        listed = run(office, "restore")
        moment = (datetime.fromisoformat(listed.stdout[:19]) + timedelta(seconds=1)).isoformat()
        was = office.owner.values("单位")[1][4]
        office.owner.edit("单位", "E2", "换了一个人")
        assert within(90, lambda: "换了一个人" in run(office, "journal").stdout), "the server does not see the edit"
        restored = run(office, "restore", "--at", moment, "--sheet", "单位", "--record", "DW-01")
        assert restored.returncode == 0, restored.stderr
        assert "服务会把它写进工作簿" in restored.stdout
        assert within(90, lambda: office.owner.values("单位")[1][4] == was), (
            "the server does not write what was restored"
        )
        same = run(office, "restore", "--at", moment, "--sheet", "单位", "--record", "DW-01")
        assert "没有需要改动的内容" in same.stdout
        writes = [call for call in office.emu.calls if call.kind == "write"]
        assert len(writes) <= 8, "the server's own, not the commands'"


def test_the_server_starts_without_google_and_heals_by_itself(office: Desk) -> None:
    office.create()
    assert run(office, "init", "--google", office.key, "--spreadsheet", office.id, "--sample").returncode == 0
    office.emu.stop()
    begun = time.monotonic()
    with server(office) as url:
        assert time.monotonic() - begun < 60
        assert answer(f"{url}/healthz") == 200
        assert answer(f"{url}/signin") == 200
        assert answer(f"{url}/readyz") == 503
        office.emu.start()
        assert ready(url, 200)
        office.emu.stop()
        time.sleep(8)
        assert answer(f"{url}/readyz") == 200
        assert answer(f"{url}/signin") == 200


@contextmanager
def server(office: Desk) -> Iterator[str]:
    """The address of the app on the spreadsheet."""
    workbook = Path(office.environment["TUOGOU_WORKBOOK"])
    with Server(workbook, office.folder / "server.log", **office.environment) as started:
        yield started.url


def answer(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as found:
            return int(found.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def ready(url: str, wanted: int) -> bool:
    return within(90, lambda: answer(f"{url}/readyz") == wanted)


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True
