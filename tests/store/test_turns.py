"""Writers take turns, whatever threads and processes they are in."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from lib.store.base import Busy, NotWritable
from lib.store.turns import WriterLock

ROOT = Path(__file__).resolve().parents[2]

COUNTING = """
import os, sys
from pathlib import Path
from lib.store.turns import WriterLock

folder, turns = Path(sys.argv[1]), int(sys.argv[2])
counter = folder / "counter"
counter.write_text("0")
children = []
for _child in range(3):
    child = os.fork()
    if child == 0:
        lock = WriterLock(folder / "lock", timeout=30)
        for _turn in range(turns):
            with lock:
                counter.write_text(str(int(counter.read_text()) + 1))
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made with fork")
def test_processes_take_turns_and_lose_nothing(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", COUNTING, str(tmp_path), "60"], cwd=ROOT, timeout=60, check=True)
    assert (tmp_path / "counter").read_text() == "180"


@pytest.mark.parametrize("shared", [True, False], ids=["one object", "an object each"])
def test_threads_take_turns(shared: bool, tmp_path: Path) -> None:
    one, inside, most = WriterLock(tmp_path / "lock"), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _turn in range(5):
            with one if shared else WriterLock(tmp_path / "lock"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.002)
                inside -= 1

    threads = [threading.Thread(target=work) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def tried_elsewhere(path: Path) -> str:
    """What another thread is told that wants the lock now."""
    told: list[str] = []

    def work() -> None:
        try:
            with WriterLock(path, timeout=0.05):
                told.append("free")
        except Busy as error:
            told.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return told[0]


def test_the_thread_that_has_the_turn_can_take_it_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "lock"
    lock = WriterLock(path)
    with lock:
        with lock, WriterLock(path):
            pass
        assert "正在写入" in tried_elsewhere(path), "the inner one did not let go"
    assert tried_elsewhere(path) == "free"


def test_the_turn_is_passed_on_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), WriterLock(tmp_path / "lock"):
        _ = 1 / 0
    assert tried_elsewhere(tmp_path / "lock") == "free"


def test_a_lock_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable), WriterLock(tmp_path / "file" / "lock"):
        pytest.fail("held")


FORKED = """
import os, sys
from pathlib import Path
from lib.store.base import Busy
from lib.store.turns import WriterLock

path = Path(sys.argv[1])
with WriterLock(path):
    child = os.fork()
    if child == 0:
        try:
            with WriterLock(path, timeout=0.05):
                os._exit(1)
        except Busy:
            os._exit(0)
    code = os.waitpid(child, 0)[1]
child = os.fork()
if child == 0:
    with WriterLock(path, timeout=0.05):
        os._exit(0)
sys.exit(code or os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made with fork")
def test_a_process_forked_in_a_turn_does_not_have_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FORKED, str(tmp_path / "lock")], cwd=ROOT, timeout=60, check=True)


def test_a_program_that_locks_the_file_by_its_path_takes_turns_too(tmp_path: Path) -> None:
    other = FileLock(tmp_path / "lock")
    with WriterLock(tmp_path / "lock"), pytest.raises(Timeout):
        other.acquire(timeout=0)
    with other, pytest.raises(Busy, match="另一个进程正在写入"), WriterLock(tmp_path / "lock", timeout=0.05):
        pytest.fail("held twice")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps an open file")
def test_who_waited_for_a_file_that_was_deleted_meanwhile_takes_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    other, told = FileLock(path), list[str]()

    def wait() -> None:
        with WriterLock(path, timeout=10):
            told.append(tried_elsewhere(path))

    with other:
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.1)
        path.unlink()
    waiting.join()
    assert path.exists()
    assert "正在写入" in told[0]
