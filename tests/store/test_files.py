"""Files are swapped in whole, whatever happens meanwhile; what stood there can be had back."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lib.store import files
from lib.store.base import NotWritable
from lib.store.files import leftovers, make_folder, swap, write_temp

ROOT = Path(__file__).resolve().parents[2]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can exchange two files")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(b"old")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Synced:
    """Notes what is synced, with the size it has then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[int, int]] = []
        self._real = os.fsync
        monkeypatch.setattr(os, "fsync", self)

    def __call__(self, fd: int) -> None:
        found = os.fstat(fd)
        self.seen.append((found.st_ino, found.st_size))
        self._real(fd)

    def inodes(self) -> list[int]:
        return [inode for inode, _size in self.seen]


def test_a_new_file_stands_hidden_beside_the_workbook_with_its_mode(book: Path) -> None:
    book.chmod(0o640)
    made = write_temp(book, b"new")
    assert made.parent == book.parent
    assert made.name.startswith(".tuogou-")
    assert not made.match("*.xlsx")
    assert made.read_bytes() == b"new"
    assert stat.S_IMODE(made.stat().st_mode) == 0o640
    assert book.read_bytes() == b"old"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_new_file_belongs_to_whom_the_workbook_belonged(book: Path) -> None:
    os.chown(book, 12345, 54321)
    made = write_temp(book, b"new").stat()
    assert (made.st_uid, made.st_gid) == (12345, 54321)


def test_a_new_file_is_synced_whole_before_it_is_given(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = Synced(monkeypatch)
    made = write_temp(book, b"x" * 5000)
    assert (made.stat().st_ino, 5000) in synced.seen


@linux_only
def test_a_swap_gives_back_the_file_that_stood_there(book: Path) -> None:
    made = write_temp(book, b"new")
    assert swap(made, book) == made
    assert book.read_bytes() == b"new"
    assert made.read_bytes() == b"old"


def test_a_swap_to_where_nothing_stood_gives_nothing_back(book: Path) -> None:
    made = write_temp(book, b"new")
    book.unlink()
    assert swap(made, book) is None
    assert book.read_bytes() == b"new"
    assert names(book.parent) == [book.name]


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL])
def test_where_files_cannot_be_exchanged_the_new_one_replaces_the_old(
    number: int, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_rename", lambda *_args: number)
    made = write_temp(book, b"new")
    assert swap(made, book) is None
    assert book.read_bytes() == b"new"
    assert names(book.parent) == [book.name]


def test_without_the_system_call_the_new_one_replaces_the_old(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_renameat2", lambda: None)
    assert swap(write_temp(book, b"new"), book) is None
    assert book.read_bytes() == b"new"


@linux_only
def test_a_save_that_turns_up_while_the_file_was_gone_is_given_back_and_not_lost(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files._rename

    def rename_after_excel_has(new: Path, target: Path, flag: int) -> int:
        if flag == files._NOREPLACE:
            target.write_bytes(b"saved by Excel")
        return real(new, target, flag)

    monkeypatch.setattr(files, "_rename", rename_after_excel_has)
    made = write_temp(book, b"new")
    book.unlink()
    assert swap(made, book) == made
    assert made.read_bytes() == b"saved by Excel"
    assert book.read_bytes() == b"new"


def test_the_folder_is_synced_after_the_swap(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = write_temp(book, b"new")
    order: list[str] = []
    move, sync = files._move, files.fsync_folder
    monkeypatch.setattr(files, "_move", lambda *args: order.append("moved") or move(*args))
    monkeypatch.setattr(files, "fsync_folder", lambda path: order.append(f"synced {path.name}") or sync(path))
    swap(made, book)
    assert order == ["moved", f"synced {book.parent.name}"]


@linux_only
def test_a_link_stays_a_link_and_the_file_it_points_to_is_swapped(book: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "link.xlsx"
    link.symlink_to(book)
    made = write_temp(link, b"new")
    assert made.parent == book.parent
    assert leftovers(link) == [made]
    swap(made, link)
    assert link.is_symlink()
    assert book.read_bytes() == b"new"


CAUSES = [
    (errno.ENOSPC, "磁盘已满"),
    (errno.EDQUOT, "磁盘已满"),
    (errno.EROFS, "只读"),
    (errno.EACCES, "没有权限"),
    (errno.EPERM, "没有权限"),
    (errno.EIO, os.strerror(errno.EIO)),
]


@pytest.mark.parametrize(("number", "sentence"), CAUSES)
@pytest.mark.parametrize("call", ["open", "write", "fsync"])
def test_a_refusal_names_its_cause_and_leaves_nothing_behind(
    number: int, sentence: str, call: str, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(NotWritable, match=sentence) as refused:
            write_temp(book, b"new")
    assert book.name in str(refused.value)
    assert str(book.parent) not in str(refused.value), "no path of the server in what people read"
    assert names(book.parent) == [book.name]
    assert book.read_bytes() == b"old"


def test_an_interrupted_write_leaves_nothing_behind(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_fd: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_temp(book, b"new")
    assert names(book.parent) == [book.name]


def test_a_system_that_takes_little_at_a_time_gets_it_all(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:7]))
    content = bytes(range(256))
    assert write_temp(book, content).read_bytes() == content


def test_a_failed_swap_leaves_both_files_as_they_were(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = write_temp(book, b"new")
    monkeypatch.setattr(files, "_rename", lambda *_args: errno.EACCES)
    with pytest.raises(NotWritable, match="没有权限"):
        swap(made, book)
    assert (book.read_bytes(), made.read_bytes()) == (b"old", b"new")


def test_a_swap_without_the_new_file_is_refused(book: Path) -> None:
    with pytest.raises(NotWritable):
        swap(book.with_name("gone"), book)
    assert book.read_bytes() == b"old"


def test_a_workbook_that_people_set_read_only_is_not_replaced(book: Path) -> None:
    book.chmod(0o444)
    with pytest.raises(NotWritable, match="只读"):
        write_temp(book, b"new")
    assert names(book.parent) == [book.name]


def test_leftovers_are_ours_and_of_this_workbook_only(book: Path) -> None:
    other = book.with_name("市-台账.xlsx")
    made = {write_temp(book, b"1"), write_temp(book, b"2")}
    write_temp(other, b"3")
    book.with_name(f".tuogou-{book.name}.tmp").write_bytes(b"not so named by us")
    assert set(leftovers(book)) == made
    assert len(leftovers(other)) == 1
    assert leftovers(book.parent / "gone" / "a.xlsx") == []


def test_a_folder_is_made_with_those_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = Synced(monkeypatch)
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert synced.inodes() == [tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino]
    make_folder(tmp_path / "a" / "b")
    assert len(synced.seen) == 2


FULL_DISK = """
import subprocess, sys
from pathlib import Path
from lib.store.base import NotWritable
from lib.store.files import leftovers, write_temp
folder = Path(sys.argv[1])
book = folder / "a.xlsx"
book.write_bytes(b"old")
for prepare in ([], ["mount", "-o", "remount,ro", str(folder)]):
    if prepare:
        subprocess.run(prepare, check=True)
    try:
        write_temp(book, b"x" * 200_000 if not prepare else b"x")
    except NotWritable as error:
        print(error)
    print(book.read_bytes(), len(leftovers(book)), len(list(folder.iterdir())))
"""


def on_a_small_disk(script: str, folder: Path) -> str:
    """Run a script on a file system of its own, of 64 kB, that nobody else sees."""
    mount = 'mount -t tmpfs -o size=64k none "$1" && exec "$2" -c "$3" "$1"'
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh", str(folder), sys.executable, script]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare(1) here to mount a small disk with")
    done = subprocess.run(unshare, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_really_full_and_a_really_read_only_disk_are_told_apart(tmp_path: Path) -> None:
    full, after_full, read_only, after_read_only = on_a_small_disk(FULL_DISK, tmp_path).splitlines()
    assert "磁盘已满" in full
    assert "只读" in read_only
    assert after_full == after_read_only == "b'old' 0 1"


KILLED = """
import os, random, select, signal, sys, time, zlib
from pathlib import Path
from lib.store.files import leftovers, swap, write_temp

def content(version):
    body = random.Random(version).randbytes(200_000)
    return zlib.crc32(body).to_bytes(4, "big") + body

def is_whole(data):
    return len(data) == 200_004 and zlib.crc32(data[4:]).to_bytes(4, "big") == data[:4]

book, kills = Path(sys.argv[1]), int(sys.argv[2])
versions = [content(n) for n in range(8)]
book.write_bytes(versions[0])
whole = halves = 0
seen = set()
for kill in range(kills):
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        turn = kill
        while True:
            turn += 1
            came_out = swap(write_temp(book, versions[turn % 8]), book)
            os.write(theirs, b"!")
            if came_out:
                came_out.unlink()
    if kill % 4 == 0:
        select.select([ours], [], [])
    time.sleep(random.uniform(0, 0.006))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours), os.close(theirs)
    data = book.read_bytes()
    seen.add(data[:4])
    whole += is_whole(data)
    for left in leftovers(book):
        halves += not is_whole(left.read_bytes())
        left.unlink()
print(whole, halves, len(seen), len(list(book.parent.iterdir())))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are made with fork")
def test_after_200_kills_in_the_middle_the_workbook_is_whole_every_time(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "台账.xlsx"), "200"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=True)
    whole, halves, versions, files_there = map(int, done.stdout.split())
    assert whole == 200
    assert halves > 0, "some kills came in the middle of a write"
    assert versions > 1, "some came after a swap"
    assert files_there == 1, "all that was left was found"
