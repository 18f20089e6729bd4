"""``rollup`` as it is run at night and by hand: what it says, what it leaves when it is ended, what it needs."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from pyarrow import parquet
from typer.testing import CliRunner

from lib.cli import app
from lib.cli_rollup import NEEDED
from lib.rollup.result import open_result
from tests.google import desk
from tests.rollup.conftest import books, nation, nation_once, rolled, wait_for  # noqa: F401 - fixtures
from tests.server import free_port
from tests.test_cli import ROOT, run

ROLLUP = [sys.executable, "-m", "lib.cli", "rollup"]
DAY = ("--as-of", "2016-03-31")


def invoke(*arguments: object, **environment: str) -> Result:
    """The command in this process."""
    return CliRunner().invoke(app, ["rollup", *map(str, arguments)], env={"COLUMNS": "200", **environment})


def test_it_rolls_up_and_tells_what_could_not_be(nation: Path, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "out"
    first = invoke(nation, *DAY, "-o", out, "--workers", 0)
    assert (first.exit_code, "汇总 3 本" in first.output) == (0, True), first.output
    assert len(open_result(out).places) == 3
    books(nation)[0].write_bytes(b"x")
    second = run("--lang", "en", "rollup", nation, *DAY, "-o", out, "--workers", 0)
    assert second.returncode == 1
    assert "not a readable" in second.stdout
    assert "2 workbooks" in second.stdout
    assert "2 of them unchanged" in second.stdout, "what cannot be read is not taken over"


def test_what_is_gone_for_good_is_forgotten_when_asked_for(nation: Path, tmp_path: Path) -> None:  # noqa: F811
    out, again = tmp_path / "out", (nation, *DAY, "-o", tmp_path / "out", "--workers", 0)
    invoke(*again)
    shutil.rmtree(books(nation)[0].parent)
    assert "不见了" in invoke(*again).output
    assert "不见了" in invoke(*again).output, "every night, until somebody says so"
    done = invoke(*again, "--forget")
    assert (done.exit_code, "不见了" in done.output) == (0, False)
    assert "不见了" not in invoke(*again).output
    assert len(open_result(str(out)).places) == 2


def test_what_is_typed_wrong_is_a_sentence_and_exit_code_2(nation: Path, tmp_path: Path) -> None:  # noqa: F811
    for arguments in (
        (tmp_path / "nowhere",), (nation, "--as-of", "31.3.2016"), ("no-such-protocol://x/*.xlsx",),
        (nation, "--memory", "much", "--workers", "1"),
    ):  # fmt: skip
        told = invoke(*arguments, "-o", tmp_path / "out")
        assert told.exit_code == 2, arguments
        assert told.stderr.strip()
        assert isinstance(told.exception, SystemExit), "no trace"


@pytest.mark.parametrize("where", ["file", "file/below", "disk"])
def test_a_result_that_cannot_be_written_is_a_sentence(
    where: str, nation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    out = tmp_path / "file"
    if where == "disk":
        rolled(nation, out)

        def full(*_given: object, **_more: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(parquet, "write_table", full)
    else:
        out.write_text("x", encoding="utf-8")
    told = invoke(nation, "-o", tmp_path / where.replace("disk", "file"), "--as-of", "2016-03-01", "--workers", 0)
    assert told.exit_code == 2
    assert isinstance(told.exception, SystemExit), "no trace"
    assert "“file”" in told.stderr
    assert out.read_text("utf-8") == "x" if out.is_file() else len(open_result(out).places) == 3


def test_an_office_without_the_extra_has_every_other_command_and_is_told_what_to_install(tmp_path: Path) -> None:
    hide = f"import sys; sys.modules.update(dict.fromkeys({(*NEEDED, 'fsspec.core')!r}))\n"
    script = hide + "from lib.cli import app; app(sys.argv[1:])"
    for arguments, code, told in (
        (["rollup", str(tmp_path), "-o", str(tmp_path / "out")], 2, "requirements-rollup.txt"),
        (["schema"], 0, "单位"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert told in done.stdout + done.stderr


@pytest.mark.parametrize("ending", ["interrupt", "kill"])
def test_who_ends_it_in_the_middle_keeps_the_former_result(ending: str, nation: Path, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "out"
    before = rolled(nation, out)
    going = subprocess.Popen(
        [*ROLLUP, str(nation), "-o", str(out), "--as-of", "2016-03-01", "--workers", "1"], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: any(p.is_dir() and p != before.folder and any(p.rglob("*.parquet")) for p in out.iterdir()))
    if ending == "interrupt":
        os.killpg(going.pid, signal.SIGINT)
    else:
        going.kill()
    _told, complaint = going.communicate(timeout=60)
    assert open_result(out).folder == before.folder
    if ending == "interrupt":
        assert going.returncode == 130
        assert "没有改动" in complaint
        assert "Traceback" not in complaint
        assert [p for p in out.iterdir() if p.is_dir()] == [before.folder]
    wait_for(lambda: not alive(going.pid))
    again = rolled(nation, out)
    assert all(note.taken_over for note in again.run.sources)
    assert len([p for p in out.iterdir() if p.is_dir()]) == 2


def alive(group: int) -> bool:
    """Whether any process of a group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """A scheduler and one worker as an operator starts them."""
    address = f"tcp://127.0.0.1:{free_port()}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    base = {
        "cwd": ROOT,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": {**os.environ, "PYTHONPATH": str(ROOT)},
    }
    first = subprocess.Popen(
        [*dask, "--host", "127.0.0.1", "--port", address.rsplit(":", maxsplit=1)[-1], "--no-dashboard"], **base
    )  # type: ignore[call-overload]
    second = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard",
         "--local-directory", str(tmp_path / "scratch")], **base
    )  # type: ignore[call-overload]  # fmt: skip
    yield address
    for process in (second, first):
        process.terminate()
        process.wait(30)


def test_workers_of_a_scheduler_elsewhere_do_the_work(scheduler: str, nation: Path, tmp_path: Path) -> None:  # noqa: F811
    done = run("rollup", nation, *DAY, "-o", tmp_path / "out", "--scheduler", scheduler)
    assert done.returncode == 0, done.stderr
    assert len(open_result(tmp_path / "out").places) == 3


def test_shared_spreadsheets_are_rolled_up_beside_files(nation: Path, tmp_path: Path) -> None:  # noqa: F811
    with desk(tmp_path) as office:
        office.create()
        made = run("init", "--google", office.key, "--spreadsheet", office.id, "--sample", **office.environment)
        assert made.returncode == 0, made.stderr
        listing = tmp_path / "places.txt"
        listing.write_text(f"google:{office.id}\n{nation}\ngoogle:1234567890abcdefghijklmnopqrstuvwxyz\n", "utf-8")
        command = (listing, *DAY, "-o", tmp_path / "out", "--workers", 0)
        assert invoke(*command, **office.environment).exit_code == 1, "the one that nobody shared is told"
        result = open_result(tmp_path / "out")
        by_source = {row.source: row for row in result.places}
        assert by_source[f"google:{office.id}"].state == "ok", by_source
        assert by_source["google:1234567890abcdefghijklmnopqrstuvwxyz"].state == "unreadable"
        assert (by_source[f"google:{office.id}"].rows or 0) > 1000
        assert "沿用 4 本" in invoke(*command, **office.environment).output


def test_doctor_says_whether_the_roll_up_that_is_shown_can_be_read(nation: Path, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "out"
    told = run("doctor", TUOGOU_ROLLUP=str(out)).stdout
    assert "✗ 汇总结果" in told
    assert "先运行 rollup" in told
    assert invoke(nation, *DAY, "-o", out, "--workers", 0).exit_code == 0
    assert "✓ 汇总结果: 基准日 2016-03-31，3 个地方" in run("doctor", TUOGOU_ROLLUP=str(out)).stdout
    assert "汇总结果" not in run("doctor").stdout
