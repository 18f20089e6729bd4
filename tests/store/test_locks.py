"""Who has a workbook open is told from what desktop programs leave beside it."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from lib.store import locks
from lib.store.base import Busy, NotWritable
from lib.store.locks import OWNER, DesktopLock, Holder, holder, is_stale, sweep_own
from lib.store.turns import WriterLock

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2016, 3, 31, 9, 30, tzinfo=UTC)
LIBREOFFICE_LINE = r"三\,四\;五\\六 张,root,vm,23.11.2026 12:45,file:///tmp/profile;"
"""As LibreOffice 7.4 wrote it for a user so named."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "台账 #1.xlsx"
    path.write_bytes(b"a workbook")
    return path


def line_file(book: Path) -> Path:
    return book.with_name(f".~lock.{book.name}#")


def owner_file(book: Path, prefix: str = "~$") -> Path:
    return book.with_name(prefix + book.name)


def owner_block(name: str, encoding: str = "gb18030") -> bytes:
    """165 bytes as Excel writes them: length and name in the code page, then both again in UTF-16 at 55."""
    short = name.encode(encoding, "replace")
    wide = name.encode("utf-16-le")
    front = bytes([len(short)]) + short.ljust(54, b" ")
    return front + len(name).to_bytes(2, "little") + (wide + b" \x00" * 54)[:108]


# what desktop programs leave


def test_nobody_has_it_open(book: Path) -> None:
    assert holder(book) is None
    assert holder(book.parent / "gone" / "a.xlsx") is None


def test_libreoffice_tells_name_and_computer_and_its_file_the_time(book: Path) -> None:
    line_file(book).write_text(LIBREOFFICE_LINE, "utf-8")
    os.utime(line_file(book), (NOW.timestamp(), NOW.timestamp()))
    assert holder(book) == Holder("三,四;五\\六 张", "vm", "LibreOffice", NOW, line_file(book))


def test_a_person_who_gave_libreoffice_no_name_is_known_by_the_account(book: Path) -> None:
    line_file(book).write_text(",wang,PC-7,23.11.2026 12:45,file:///C:/x;", "utf-8")
    found = holder(book)
    assert found is not None
    assert (found.who, found.host) == ("wang", "PC-7")


@pytest.mark.parametrize("prefix", ["~$", ".~"], ids=["Excel and WPS", "WPS, hidden"])
def test_excel_and_wps_tell_a_name(prefix: str, book: Path) -> None:
    owner_file(book, prefix).write_bytes(owner_block("王小明"))
    found = holder(book)
    assert found is not None
    assert found.since is not None
    assert found[:3] == ("王小明", "", "Excel/WPS")
    assert found.path == owner_file(book, prefix)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_owner_file_without_the_second_name_tells_the_first(encoding: str, book: Path) -> None:
    owner_file(book).write_bytes(owner_block("王小明", encoding)[:55])
    found = holder(book)
    assert found is not None
    assert found.who == "王小明"


def garbage() -> Iterator[bytes]:
    yield from (b"", b"\x00", b"\xff" * 200, b",,,,;", b"\\", b";" * 5000, b"\n\n", b"\x34" + b"\x00" * 164)
    yield owner_block("x")[:56]
    yield b"\x00" * 55 + b"\x36\x00" + b"\x00\xd8" * 54
    yield LIBREOFFICE_LINE.encode()[:3] + b"\xff\x00\x07"
    for seed in range(40):
        yield random.Random(seed).randbytes(seed * 9)


@pytest.mark.parametrize("content", list(garbage()), ids=lambda content: content[:6].hex() + f"-{len(content)}")
def test_a_lock_file_nobody_understands_still_tells_that_it_is_open(content: bytes, book: Path) -> None:
    for path, program in ((line_file(book), "LibreOffice"), (owner_file(book), "Excel/WPS")):
        path.write_bytes(content)
        found = holder(book)
        assert found is not None
        assert found.program == program
        assert found.who
        assert (found.who + found.host).isprintable()
        assert len(found.who) <= 60
        assert is_stale(found, datetime.now(UTC)) is False
        path.unlink()


def test_a_lock_that_cannot_be_read_still_tells_that_it_is_open(book: Path) -> None:
    owner_file(book).mkdir()
    found = holder(book)
    assert found is not None
    assert found.who == "Excel/WPS"


def test_the_lock_of_another_workbook_says_nothing(book: Path) -> None:
    other = book.with_name("别的.xlsx")
    line_file(other).write_text(LIBREOFFICE_LINE, "utf-8")
    owner_file(other).write_bytes(owner_block("王小明"))
    assert holder(book) is None


def test_a_link_is_held_by_whoever_holds_the_file_it_points_to(book: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    link = tmp_path / "sub" / "link.xlsx"
    link.symlink_to(book)
    line_file(book).write_text(LIBREOFFICE_LINE, "utf-8")
    assert holder(link) == holder(book) is not None
    line_file(book).unlink()
    with DesktopLock(link):
        assert line_file(book).exists()


# stale lock files


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux with two processes, none of them LibreOffice."""
    folder = tmp_path / "proc"
    for number, line in (("1", b"/sbin/init\0"), ("77", b"python\0-m\0streamlit\0")):
        (folder / number).mkdir(parents=True)
        (folder / number / "cmdline").write_bytes(line)
    (folder / "meminfo").touch()
    monkeypatch.setattr(locks, "_PROC", folder)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(socket, "gethostname", lambda: "pc-7")
    return folder


def held(host: str = "pc-7", program: str = "LibreOffice", hours: float = 1) -> Holder:
    return Holder("王", host, program, NOW - timedelta(hours=hours), Path("x"))


@pytest.mark.parametrize("host", ["pc-7", "PC-7", "pc-7.example.org"])
def test_a_lock_of_this_computer_is_stale_when_libreoffice_does_not_run(host: str, processes: Path) -> None:
    assert is_stale(held(host), NOW)


@pytest.mark.parametrize("line", [b"/usr/lib/libreoffice/program/x\0", b"/opt/office/soffice.bin\0--calc\0"])
def test_a_lock_of_this_computer_holds_while_libreoffice_runs(line: bytes, processes: Path) -> None:
    (processes / "77" / "cmdline").write_bytes(line)
    assert not is_stale(held(), NOW)
    assert is_stale(held(hours=25), NOW)


@pytest.mark.parametrize("host", ["pc-8", "", "localhost", "pc-70"])
def test_a_lock_of_another_computer_holds_for_a_day(host: str, processes: Path) -> None:
    assert not is_stale(held(host, hours=23.9), NOW)
    assert is_stale(held(host, hours=24.1), NOW)


def test_a_computer_without_a_name_of_its_own_is_not_known_again(
    processes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")
    assert not is_stale(held("localhost"), NOW)


def test_a_lock_of_excel_holds_for_a_day_wherever_it_is_from(processes: Path) -> None:
    assert not is_stale(held(program="Excel/WPS"), NOW)
    assert is_stale(held(program="Excel/WPS", hours=24.1), NOW)


def test_a_lock_of_unknown_age_holds(processes: Path) -> None:
    assert not is_stale(held("pc-8")._replace(since=None), NOW)


def test_where_processes_are_hidden_a_lock_holds_for_a_day(processes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (processes / "77" / "cmdline").unlink()
    assert is_stale(held(), NOW), "a process that ended meanwhile is none"
    (processes / "77" / "cmdline").mkdir()
    assert not is_stale(held(), NOW), "a process that cannot be looked at may be the one"
    shutil.rmtree(processes / "77")
    shutil.rmtree(processes / "1")
    assert not is_stale(held(), NOW)
    monkeypatch.setattr(locks, "_PROC", processes / "gone")
    assert not is_stale(held(), NOW)
    monkeypatch.setattr(sys, "platform", "win32")
    assert not is_stale(held(), NOW)


# holding a workbook


def test_the_app_holds_a_workbook_in_libreoffices_format_and_lets_go(book: Path) -> None:
    before = sorted(book.parent.iterdir())
    with DesktopLock(book):
        content = line_file(book).read_text("utf-8")
        fields = content.removesuffix(";").split(",")
        assert content.endswith(";")
        assert len(fields) == 5
        assert (fields[0], fields[2]) == (OWNER, socket.gethostname())
        written = datetime.strptime(fields[3], "%d.%m.%Y %H:%M")
        assert abs(written - datetime.now()) < timedelta(minutes=2)
        assert holder(book) is None, "the app is nobody who has it open"
    assert sorted(book.parent.iterdir()) == before


@pytest.mark.parametrize("kind", ["LibreOffice", "Excel", "ours"])
def test_a_workbook_that_is_held_cannot_be_held_and_its_lock_stays(kind: str, book: Path) -> None:
    other = DesktopLock(book)
    if kind == "LibreOffice":
        line_file(book).write_text(",王小明,vm,,;", "utf-8")
    elif kind == "Excel":
        owner_file(book).write_bytes(owner_block("王小明"))
    else:
        other.__enter__()
    before = {path: path.read_bytes() for path in book.parent.iterdir()}
    who = OWNER if kind == "ours" else "王小明"
    with pytest.raises(Busy, match=who) as busy, DesktopLock(book):
        pytest.fail("held twice")
    assert busy.value.who == who
    assert book.name in str(busy.value)
    assert {path: path.read_bytes() for path in book.parent.iterdir()} == before


def test_a_lock_file_that_another_program_put_in_place_of_ours_stays(book: Path) -> None:
    with DesktopLock(book):
        line_file(book).write_text(LIBREOFFICE_LINE, "utf-8")
    assert line_file(book).read_text("utf-8") == LIBREOFFICE_LINE


def test_a_lock_file_that_vanished_is_no_fault(book: Path) -> None:
    with DesktopLock(book):
        line_file(book).unlink()


def test_a_workbook_is_let_go_when_the_work_fails(book: Path) -> None:
    with pytest.raises(ZeroDivisionError), DesktopLock(book):
        _ = 1 / 0
    assert not line_file(book).exists()


@pytest.mark.parametrize("call", ["open", "write"])
def test_a_full_disk_leaves_no_half_lock(call: str, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(NotWritable, match="磁盘已满"), DesktopLock(book):
            pytest.fail("held")
    assert not line_file(book).exists()


HELD_AND_KILLED = """
import os, signal, sys
from pathlib import Path
from lib.store.locks import DesktopLock
from lib.store.turns import WriterLock

book = Path(sys.argv[1])
with WriterLock(book.parent / "lock"), DesktopLock(book):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
def test_what_a_killed_process_held_is_free_at_once_and_its_lock_file_is_swept(book: Path) -> None:
    command = [sys.executable, "-c", HELD_AND_KILLED, str(book)]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == -signal.SIGKILL
    assert line_file(book).exists()
    with WriterLock(book.parent / "lock", timeout=0):
        with pytest.raises(Busy, match=OWNER), DesktopLock(book):
            pytest.fail("held twice")
        sweep_own(book)
        with DesktopLock(book):
            pass


@pytest.mark.parametrize("content", [LIBREOFFICE_LINE, f"{OWNER},wang,vm,23.11.2026 12:45,file:///x;", "", OWNER])
def test_only_our_own_lock_file_is_swept(content: str, book: Path) -> None:
    sweep_own(book)
    line_file(book).write_text(content, "utf-8")
    owner_file(book).write_bytes(owner_block(OWNER))
    sweep_own(book)
    assert line_file(book).exists()
    assert owner_file(book).exists()


# the real LibreOffice

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="givenname" oor:op="fuse">
<value>王,小;明</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Filter/Microsoft/Import"><prop oor:name="CreateMSOLockFiles"
oor:op="fuse"><value>true</value></prop></item>
</oor:items>"""
"""A name with the characters that need escaping, and owner files as Excel writes them beside LibreOffice's own."""
OPEN_BY_PIPE = """
import sys, time, uno
from com.sun.star.beans import PropertyValue
hidden = PropertyValue(Name="Hidden", Value=True)
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for attempt in range(1200):
    try:
        there = resolver.resolve(f"uno:pipe,name={sys.argv[1]};urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.05)
desktop = there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
for path in map(str.strip, sys.stdin):
    loaded = desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, (hidden,))
    print(loaded.isReadonly(), flush=True)
"""


class Office(NamedTuple):
    """A running LibreOffice that has ``open`` open; ``load`` has it open more, and tells of each whether read-only."""

    open: Path
    load: Callable[..., list[str]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed here")
    python = shutil.which("python3", path="/usr/bin:/opt/libreoffice/program")
    if python is None or subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode:
        pytest.skip("the system's Python cannot talk to LibreOffice (python3-uno)")
    folder = tmp_path_factory.mktemp("office")
    (folder / "user").mkdir()
    (folder / "user" / "registrymodifications.xcu").write_text(SETTINGS, "utf-8")
    workbook = folder / "台账 #1%20,;.xlsx"
    openpyxl.Workbook().save(workbook)
    pipe = f"tuogou{os.getpid()}"
    options = ["--headless", "--norestore", "--nologo", f"-env:UserInstallation={folder.as_uri()}"]
    command = [program, *options, f"--accept=pipe,name={pipe};urp;"]

    running = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # one connection for all: without any, LibreOffice may end, and some builds crash over it
    asking = subprocess.Popen([python, "-c", OPEN_BY_PIPE, pipe], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def load(*paths: Path) -> list[str]:
        assert asking.stdin is not None
        assert asking.stdout is not None
        asking.stdin.write("".join(f"{path}\n" for path in paths).encode())
        asking.stdin.flush()
        return [asking.stdout.readline().decode().strip() for _path in paths]

    try:
        assert load(workbook) == ["False"]
        yield Office(workbook, load)
    finally:
        asking.kill()
        asking.wait()
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def test_the_real_libreoffice_tells_who_has_a_workbook_open(office: Office) -> None:
    found = holder(office.open)
    assert found is not None
    assert found.path == line_file(office.open)
    assert (found.who, found.host, found.program) == ("王,小;明", socket.gethostname(), "LibreOffice")
    assert found.since is not None
    assert datetime.now(UTC) - found.since < timedelta(minutes=2)
    assert not is_stale(found, datetime.now(UTC)), "it runs"
    with pytest.raises(Busy, match="王,小;明"), DesktopLock(office.open):
        pytest.fail("held")


def test_an_owner_file_as_libreoffice_writes_it_for_excel_tells_the_same_name(office: Office, book: Path) -> None:
    shutil.copy(owner_file(office.open), owner_file(book))
    found = holder(book)
    assert found is not None
    assert found.who == "王,小;明"


def test_the_real_libreoffice_opens_read_only_what_the_app_holds(office: Office, tmp_path: Path) -> None:
    ours, free = tmp_path / "ours.xlsx", tmp_path / "free.xlsx"
    for path in (ours, free):
        openpyxl.Workbook().save(path)
    with DesktopLock(ours):
        content = line_file(ours).read_bytes()
        assert office.load(ours, free) == ["True", "False"]
        assert line_file(ours).read_bytes() == content
    assert not line_file(ours).exists()
    assert holder(free) is not None
