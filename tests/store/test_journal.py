"""The journal keeps what was acknowledged, and shows what was not written by it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lib.store import journal as module
from lib.store.base import NotWritable, Unreadable
from lib.store.journal import BrokenJournal, Journal, Verdict
from lib.store.journal_lines import Entry
from lib.store.turns import WriterLock

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2016, 3, 31, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
NASTY: dict[str, Any] = {
    "text": 'a"b\\c\nd\u2028e\r\x00 "seq":1} 示例',
    "hash": "f" * 64,
    "kind": "edit",
    "prev": "0" * 64,
    "nested": [{"hash": "f" * 64, "kind": "x", "prev": "0" * 64, "seq": 1}, None, 1.5, -0.0, 1e300, 10**30, True],
    '","hash":"': '","prev":"',
}
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made with fork")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal"


def opened(folder: Path, limit: int = module.LIMIT) -> Journal:
    return Journal(folder, lambda: NOW, limit)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("journal-*.jsonl"))


def lines(folder: Path) -> list[bytes]:
    return b"".join(path.read_bytes() for path in segments(folder)).splitlines(keepends=True)


def filled(folder: Path, count: int = 6, limit: int = module.LIMIT) -> list[Entry]:
    journal = opened(folder, limit)
    return [journal.append(("edit", {"n": n, "name": "示例协会"}))[0] for n in range(1, count + 1)]


def seqs(entries: list[Entry]) -> list[int]:
    return [entry.seq for entry in entries]


# what is written is what is read


def test_what_was_appended_is_what_everybody_reads(folder: Path) -> None:
    writer = opened(folder)
    written = writer.append(("edit", NASTY), ('","prev":"', {}), ("批复\n", {"日期": "2016-03-31"}))
    assert seqs(written) == [1, 2, 3]
    assert written[0].data == NASTY
    assert {entry.at for entry in written} == {"2016-03-31T09:30:00.000+08:00"}
    assert list(opened(folder).entries()) == opened(folder).tail() == written
    assert writer.verify() == Verdict(ok=True, count=3)


def test_a_line_is_compact_json_chained_as_anybody_can_compute_again(folder: Path) -> None:
    filled(folder, 3)
    opened(folder).append(("edit", NASTY))
    prev = "0" * 64
    for raw in lines(folder):
        line = json.loads(raw)
        assert raw == json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        mark = line.pop("hash")
        assert line.pop("prev") == prev
        assert set(line) == {"seq", "at", "kind", "data"}
        rest = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256((prev + rest).encode()).hexdigest() == mark
        prev = mark


def test_keys_that_are_no_text_and_tuples_are_given_as_they_will_be_read(folder: Path) -> None:
    data: dict[Any, Any] = {10: "a", 9: (1, 2)}
    [entry] = opened(folder).append(("edit", data))
    assert entry.data == {"10": "a", "9": [1, 2]}
    assert list(opened(folder).entries()) == [entry]
    data[10] = "changed later"
    assert entry.data["10"] == "a"


@pytest.mark.parametrize(
    "data", [{"x": NOW}, {"x": float("nan")}, {"x": b"1"}, {"x": "\ud800"}, {1: "", "a": ""}], ids=repr
)
def test_what_is_not_json_is_refused_and_nothing_is_written(data: dict[str, Any], folder: Path) -> None:
    filled(folder, 1)
    before = lines(folder)
    journal = opened(folder)
    with pytest.raises((TypeError, ValueError)):
        journal.append(("edit", {}), ("edit", data))
    assert lines(folder) == before
    assert seqs(journal.append(("edit", {}))) == [2]


def test_a_time_without_offset_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="offset"):
        Journal(folder, lambda: NOW.replace(tzinfo=None)).append(("edit", {}))
    assert not folder.exists()


def test_nothing_to_append_writes_nothing(folder: Path) -> None:
    assert opened(folder).append() == []
    assert not folder.exists()
    assert opened(folder).tail() == []
    assert list(opened(folder).entries()) == []
    assert opened(folder).verify() == Verdict(ok=True, count=0)


# on the disk before it is acknowledged


class Disk:
    """Notes every write and every sync, and can fail at one of them after some bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.synced: dict[int, int] = {}
        self.room: int | None = None
        self.sync_fails = 0
        self._write, self._fsync = os.write, os.fsync
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "fsync", self.fsync)

    def write(self, fd: int, data: memoryview) -> int:
        self.calls.append("write")
        if self.room is None:
            return self._write(fd, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self._write(fd, data[: self.room])
        self.room -= taken
        return taken

    def fsync(self, fd: int) -> None:
        self.calls.append("fsync")
        if self.sync_fails and self.calls.count("fsync") == self.sync_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._fsync(fd)
        found = os.fstat(fd)
        self.synced[found.st_ino] = found.st_size


def test_all_of_an_append_is_synced_once_before_it_returns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder, 1)
    journal = opened(folder)
    journal.tail()
    disk = Disk(monkeypatch)
    journal.append(("edit", {"n": 1}), ("edit", {"n": 2}), ("edit", {"n": 3}))
    assert disk.calls == ["write", "fsync"]
    found = segments(folder)[0].stat()
    assert disk.synced == {found.st_ino: found.st_size}


def test_a_new_segment_is_synced_with_its_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder, 2, limit=1)
    disk = Disk(monkeypatch)
    opened(folder, limit=1).append(("edit", {}))
    found = segments(folder)[-1].stat()
    assert len(segments(folder)) == 3
    assert disk.synced[found.st_ino] == found.st_size
    assert folder.stat().st_ino in disk.synced


@pytest.mark.parametrize("room", [0, 1, 200, 401])
@pytest.mark.parametrize("limit", [module.LIMIT, 1])
def test_a_full_disk_leaves_the_journal_as_it_was(
    room: int, limit: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled(folder, 3, limit)
    text = lines(folder)
    journal = opened(folder, limit)
    journal.tail()
    with monkeypatch.context() as patched:
        Disk(patched).room = room
        with pytest.raises(NotWritable, match="磁盘已满"):
            journal.append(("edit", {"n": "x" * 30}), ("edit", {"n": "y" * 30}))
    assert lines(folder) == text
    assert journal.tail() == []
    [after] = journal.append(("edit", {"n": "later"}))
    assert list(opened(folder, limit).entries()) == [*before, after]
    assert opened(folder).verify() == Verdict(ok=True, count=4)


@pytest.mark.parametrize(("limit", "which"), [(module.LIMIT, 1), (1, 1), (1, 2)], ids=["line", "segment", "folder"])
def test_what_could_not_be_synced_is_taken_back(
    limit: int, which: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(folder, 3, limit)
    text = lines(folder)
    journal = opened(folder, limit)
    with monkeypatch.context() as patched:
        Disk(patched).sync_fails = which
        with pytest.raises(NotWritable, match=os.strerror(errno.EIO)):
            journal.append(("edit", {"n": "lost"}))
    assert lines(folder) == text
    assert seqs(journal.append(("edit", {"n": "kept"}))) == [4]
    assert [entry.data["n"] for entry in opened(folder).entries()] == [1, 2, 3, "kept"]


SMALL_DISK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from lib.store.base import NotWritable
from lib.store.journal import Journal

folder = Path(sys.argv[1])
filler = folder / "filler"
filler.write_bytes(b"x" * 20_000)
journal = Journal(folder / "journal", lambda: datetime.now(UTC), 20_000)
acknowledged = refused = 0
for _more in range(2):
    try:
        while True:
            acknowledged += len(journal.append(*[("edit", {"text": "x" * 700})] * 12))
    except NotWritable as error:
        refused += "磁盘已满" in str(error)
    filler.unlink(missing_ok=True)
other = Journal(folder / "journal", lambda: datetime.now(UTC))
print(refused, acknowledged, other.verify().ok, len(list(other.entries())))
"""


def test_a_really_full_disk_loses_nothing_and_takes_more_once_there_is_room(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare(1) here to mount a small disk with")
    mount = 'mount -t tmpfs -o size=64k none "$1" && exec "$2" -c "$3" "$1"'
    inner = ["sh", "-c", mount, "sh", str(tmp_path), sys.executable, SMALL_DISK]
    command = ["unshare", "--mount", "--map-root-user", *inner]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    refused, acknowledged, ok, there = done.stdout.split()
    assert (refused, ok) == ("2", "True")
    assert acknowledged == there
    assert int(there) > 20


# a crash in the middle of a line


def tear(folder: Path, kept: bytes) -> None:
    """Make the last line of the last segment what a crash left of it."""
    path = segments(folder)[-1]
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:-1]) + kept)


@pytest.mark.parametrize("limit", [module.LIMIT, 1], ids=["in a segment", "first of a segment"])
def test_a_line_torn_at_any_byte_is_ignored_by_readers_and_cut_off_by_the_next_append(
    limit: int, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _fd: None)  # nothing here depends on it, and there are thousands
    filled(folder, 3, limit)
    last = lines(folder)[-1]
    for size in range(1, len(last)):
        torn = tmp_path / str(size)
        shutil.copytree(folder, torn)
        tear(torn, last[:size])
        journal = opened(torn, limit)
        assert seqs(journal.tail()) == seqs(list(opened(torn).entries())) == [1, 2]
        assert journal.verify() == Verdict(ok=True, count=2, torn=size)
        assert journal.tail() == []
        assert seqs(journal.append(("edit", {"n": "after"}))) == [3]
        assert [path.read_bytes() for path in torn.glob("journal-torn-*.txt")] == [last[:size]]
        assert opened(torn).verify() == Verdict(ok=True, count=3)
        assert [entry.data["n"] for entry in opened(torn).entries()] == [1, 2, "after"]
        shutil.rmtree(torn)


@pytest.mark.parametrize("rest", [b"\x00" * 40, b"\x00" * 40 + b"\n", b"\n", b'","seq":3}\n', b"\xff\xfe\n"], ids=repr)
def test_blocks_that_never_reached_the_disk_are_a_torn_line_too(rest: bytes, folder: Path) -> None:
    filled(folder, 3)
    tear(folder, rest)
    journal = opened(folder)
    assert journal.verify() == Verdict(ok=True, count=2, torn=len(rest))
    assert seqs(journal.append(("edit", {}))) == [3]
    assert opened(folder).verify() == Verdict(ok=True, count=3)


def test_two_crashes_at_one_place_keep_two_copies(folder: Path) -> None:
    filled(folder, 2)
    for _crash in range(2):
        tear(folder, b"{")
        opened(folder).append(("edit", {}))
    assert len(list(folder.glob("journal-torn-*.txt"))) == 2


def test_a_reader_that_saw_a_torn_line_reads_on_when_it_was_replaced(folder: Path) -> None:
    filled(folder, 3)
    tear(folder, b'{"at":')
    reader = opened(folder)
    assert seqs(reader.tail()) == [1, 2]
    written = opened(folder).append(("edit", {"n": "after"}))
    assert reader.tail() == written


def test_a_torn_line_that_cannot_be_kept_is_not_cut_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder, 3)
    tear(folder, b'{"at":')
    before = segments(folder)[0].read_bytes()
    journal = opened(folder)
    with monkeypatch.context() as patched:
        Disk(patched).sync_fails = 1
        with pytest.raises(NotWritable):
            journal.append(("edit", {}))
    assert segments(folder)[0].read_bytes() == before
    assert seqs(journal.append(("edit", {}))) == [3]


# segments


def test_the_chain_goes_on_from_segment_to_segment(folder: Path) -> None:
    written = filled(folder, 12, limit=600)
    paths = segments(folder)
    assert [path.name for path in paths[:2]] == ["journal-000001.jsonl", "journal-000002.jsonl"]
    assert len(paths) > 3
    assert all(path.stat().st_size >= 600 for path in paths[:-1])
    for path, following in pairwise(paths):
        last, first = path.read_bytes().splitlines()[-1], following.read_bytes().splitlines()[0]
        assert json.loads(first)["prev"] == json.loads(last)["hash"]
    assert list(opened(folder).entries()) == written
    assert opened(folder).verify() == Verdict(ok=True, count=12)


def test_an_empty_segment_left_by_a_crash_is_used(folder: Path) -> None:
    filled(folder, 2, limit=1)
    (folder / "journal-000003.jsonl").touch()
    journal = opened(folder, limit=1)
    assert journal.verify() == Verdict(ok=True, count=2)
    assert seqs(journal.append(("edit", {}))) == [3]
    assert len(segments(folder)) == 3
    assert opened(folder).verify() == Verdict(ok=True, count=3)


def test_readers_follow_into_segments_others_began(folder: Path) -> None:
    reader = opened(folder)
    writer = opened(folder, limit=1)
    for _turn in range(3):
        written = writer.append(("edit", {}), ("edit", {})) + writer.append(("edit", {}))
        assert reader.tail() == written
        assert reader.tail() == []


# what is new


def test_tail_gives_what_is_new_once_by_whomever_it_was_written(folder: Path) -> None:
    filled(folder, 2)
    mine, other = opened(folder), opened(folder)
    assert seqs(mine.tail()) == [1, 2]
    assert mine.tail() == []
    other.append(("edit", {}), ("edit", {}))
    assert seqs(mine.tail()) == [3, 4]
    mine.append(("edit", {}))
    assert mine.tail() == [], "append gave that already"
    assert seqs(other.tail()) == [5]


def test_what_others_wrote_before_an_append_is_chained_and_still_new_to_tail(folder: Path) -> None:
    mine, other = opened(folder), opened(folder)
    assert mine.tail() == []
    other.append(("edit", {}))
    assert seqs(mine.append(("edit", {}))) == [2]
    other.append(("edit", {}))
    assert seqs(mine.tail()) == [1, 3]
    assert mine.tail() == []
    assert mine.verify() == Verdict(ok=True, count=3)


def test_after_a_first_append_the_history_is_left_to_entries(folder: Path) -> None:
    filled(folder, 3)
    journal = opened(folder)
    assert seqs(journal.append(("edit", {}))) == [4]
    assert journal.tail() == []
    assert seqs(list(journal.entries())) == [1, 2, 3, 4]


def test_a_first_append_that_failed_hides_no_history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder, 3)
    journal = opened(folder)
    with monkeypatch.context() as patched:
        Disk(patched).room = 0
        with pytest.raises(NotWritable):
            journal.append(("edit", {}))
    assert seqs(journal.tail()) == [1, 2, 3]


def test_looking_when_nothing_is_new_opens_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder, 5, limit=300)
    journal = opened(folder)
    journal.tail()
    calls: list[object] = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **options: calls.append(path) or real(path, **options))
    monkeypatch.setattr(Path, "open", lambda *_args: pytest.fail("opened a file"))
    monkeypatch.setattr(os, "listdir", lambda *_args: pytest.fail("listed the folder"))
    assert journal.tail() == []
    assert len(calls) == 2


def test_the_mark_changes_when_the_journal_does_and_only_then(folder: Path) -> None:
    watcher, writer = opened(folder), opened(folder, limit=1)
    marks = [watcher.mark()]
    for _turn in range(3):
        writer.append(("edit", {}))
        marks.append(watcher.mark())
        watcher.tail()
        assert watcher.mark() == marks[-1]
    assert len(set(marks)) == 4


def test_threads_that_share_one_journal_get_every_entry_once(folder: Path) -> None:
    journal, lock = opened(folder), WriterLock(folder / "lock")
    foreign, given = opened(folder), list[int]()

    def work(writer: Journal) -> None:
        for _turn in range(15):
            with lock:
                entries = writer.append(("edit", {}))
            if writer is journal:
                given.extend(seqs(entries))
            given.extend(seqs(journal.tail()))

    journal.tail()
    threads = [threading.Thread(target=work, args=(writer,)) for writer in (journal, journal, foreign)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 46))
    assert journal.verify() == Verdict(ok=True, count=45)


# tampering


def found_wrong(folder: Path, good: int, segment: str, line: int) -> None:
    """Everybody who reads must say so, and name the place."""
    verdict = opened(folder).verify()
    assert (verdict.ok, verdict.count, verdict.segment, verdict.line) == (False, good, segment, line)
    assert verdict.why.startswith("这一行")
    read: list[Entry] = []
    with pytest.raises(BrokenJournal, match=segment) as broken:
        read.extend(opened(folder).entries())
    for entries in (opened(folder).tail, lambda: opened(folder).append(("edit", {}))):
        with pytest.raises(BrokenJournal, match=f"第 {line} 行"):
            entries()
    assert (broken.value.segment, broken.value.line, broken.value.why) == (segment, line, verdict.why)
    assert str(folder) not in str(broken.value)


Change = Callable[[list[bytes], int], None]


def _content(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = all_lines[n].replace("示例".encode(), "别的".encode())


def _time(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = all_lines[n].replace(b"2016-03", b"2015-03")


def _number(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = re.sub(rb'"seq":\d', b'"seq":9', all_lines[n])


def _hash(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = re.sub(rb'"hash":"....', b'"hash":"0000', all_lines[n])


def _prev(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = re.sub(rb'"prev":"....', b'"prev":"1111', all_lines[n])


def _spaces(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = all_lines[n].replace(b'"data":', b'"data": ')


def _twice(all_lines: list[bytes], n: int) -> None:
    all_lines[n] = all_lines[n].replace(b'"kind":', b'"kind":"other","kind":')


def _inserted(all_lines: list[bytes], n: int) -> None:
    all_lines.insert(n, all_lines[n - 1] if n else all_lines[-1])


def _dropped(all_lines: list[bytes], n: int) -> None:
    del all_lines[n]


def _forged(all_lines: list[bytes], n: int) -> None:
    """Change a line and give it a hash that fits."""
    line = json.loads(all_lines[n])
    del line["hash"]
    prev = line.pop("prev")
    line["data"]["n"] = "forged"
    rest = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    line |= {"prev": prev, "hash": hashlib.sha256((prev + rest).encode()).hexdigest()}
    all_lines[n] = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize("change", [_content, _time, _number, _hash, _prev, _spaces, _twice, _inserted])
def test_a_change_to_any_line_is_found_there(change: Change, folder: Path) -> None:
    filled(folder, 6, limit=700)
    paths = segments(folder)
    assert len(paths) > 1
    whole = {path: path.read_bytes() for path in paths}
    good = 0
    for path in paths:
        count = len(whole[path].splitlines())
        for n in range(count):
            changed = whole[path].splitlines(keepends=True)
            change(changed, n)
            path.write_bytes(b"".join(changed))
            found_wrong(folder, good + n, path.name, n + 1)
        good += count
        path.write_bytes(whole[path])
    assert opened(folder).verify() == Verdict(ok=True, count=6)


@pytest.mark.parametrize(("change", "line"), [(_dropped, 0), (_forged, 1)])
def test_a_line_that_was_dropped_or_forged_shows_in_the_next_one(change: Change, line: int, folder: Path) -> None:
    filled(folder, 6)
    path = segments(folder)[0]
    whole = path.read_bytes().splitlines(keepends=True)
    for n in range(5):
        changed = list(whole)
        change(changed, n)
        path.write_bytes(b"".join(changed))
        found_wrong(folder, n + line, path.name, n + line + 1)


@pytest.mark.parametrize("bit", [1, 128])
def test_a_flipped_bit_in_any_byte_is_found(bit: int, folder: Path) -> None:
    filled(folder, 3)
    path = segments(folder)[0]
    whole = path.read_bytes()
    last = len(whole) - len(lines(folder)[-1])
    for at, byte in enumerate(whole):
        path.write_bytes(whole[:at] + bytes([byte ^ bit]) + whole[at + 1 :])
        verdict = opened(folder).verify()
        line = whole[:at].count(b"\n") + 1
        if verdict.ok:
            assert at >= last, "only the last line can be what a crash left"
            assert (verdict.count, verdict.torn) == (2, len(whole) - last)
        else:
            assert (verdict.count, verdict.line) == (line - 1, line), at


def test_a_lost_newline_costs_no_acknowledged_line(folder: Path) -> None:
    filled(folder, 3)
    path = segments(folder)[0]
    whole = path.read_bytes()
    first, second, third = lines(folder)
    for spoilt in (first + second[:-1] + third, first + second + third[:-1] + b"\x0b", whole + third[:-1] + b"{"):
        path.write_bytes(spoilt)
        with pytest.raises(BrokenJournal):
            opened(folder).append(("edit", {}))
        assert path.read_bytes() == spoilt


def test_a_torn_line_before_the_last_segment_is_no_crash(folder: Path) -> None:
    filled(folder, 4, limit=1)
    path = segments(folder)[1]
    whole = path.read_bytes()
    for rest in (whole[:-1], whole[:50], whole + b"{", b""):
        path.write_bytes(rest)
        verdict = opened(folder).verify()
        assert not verdict.ok
        assert verdict.segment == segments(folder)[2 if rest == b"" else 1].name
    path.unlink()
    found_wrong(folder, 1, "journal-000003.jsonl", 1)


def test_a_missing_beginning_is_found(folder: Path) -> None:
    filled(folder, 3, limit=1)
    segments(folder)[0].unlink()
    found_wrong(folder, 0, "journal-000002.jsonl", 1)


@pytest.mark.parametrize("cut", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_a_journal_that_got_shorter_is_not_written_on(cut: Callable[[Path], object], folder: Path) -> None:
    filled(folder, 3, limit=1)
    journal = opened(folder)
    journal.tail()
    cut(segments(folder)[-1])
    before = lines(folder)
    for call in (journal.tail, lambda: journal.append(("edit", {}))):
        with pytest.raises(BrokenJournal, match="比先前读到的短"):
            call()
    assert lines(folder) == before


def test_a_journal_that_cannot_be_read_says_so(folder: Path) -> None:
    filled(folder, 1)
    segments(folder)[0].unlink()
    (folder / "journal-000001.jsonl").mkdir()
    for call in (opened(folder).tail, opened(folder).verify, lambda: list(opened(folder).entries())):
        with pytest.raises(Unreadable, match=r"journal-000001\.jsonl"):
            call()


# several processes

ALTERNATING = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from lib.store.journal import Journal
from lib.store.turns import WriterLock

folder, turns = Path(sys.argv[1]), int(sys.argv[2])
children = []
for name in ("甲", "乙"):
    child = os.fork()
    if child == 0:
        journal, lock = Journal(folder, lambda: datetime.now(UTC), 1500), WriterLock(folder / "lock")
        last, mine = "乙", 0
        while mine < turns:
            with lock:
                for entry in journal.tail():
                    last = entry.data["who"]
                if last != name:
                    journal.append(("edit", {"who": name, "n": mine}))
                    last, mine = name, mine + 1
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@needs_fork
def test_two_processes_that_append_in_turn_make_one_chain(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", ALTERNATING, str(folder), "40"], cwd=ROOT, timeout=60, check=True)
    entries = list(opened(folder).entries())
    assert [entry.data["who"] for entry in entries] == ["甲", "乙"] * 40
    assert [entry.data["n"] for entry in entries] == [n // 2 for n in range(80)]
    assert opened(folder).verify() == Verdict(ok=True, count=80)
    assert len(segments(folder)) > 3


KILLED = """
import os, random, select, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from lib.store.journal import Journal
from lib.store.turns import WriterLock

folder, kills = Path(sys.argv[1]), int(sys.argv[2])
for kill in range(kills):
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        journal, lock = Journal(folder, lambda: datetime.now(UTC), 20_000), WriterLock(folder / "lock")
        while True:
            with lock:
                entries = journal.append(*[("edit", {"kill": kill, "text": "x" * 900})] * random.choice((1, 2, 5)))
            os.write(theirs, "".join(f"{entry.seq} {entry.hash}\\n" for entry in entries).encode())
    os.close(theirs)
    if kill % 3:
        select.select([ours], [], [])
    time.sleep(random.uniform(0, 0.008))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with open(ours) as acknowledged:
        sys.stdout.write(acknowledged.read())
    if not Journal(folder, lambda: datetime.now(UTC)).verify().ok:
        sys.exit(f"broken by kill {kill}")
"""


@needs_fork
def test_after_60_kills_every_acknowledged_line_is_there(folder: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(folder), "60"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=True)
    acknowledged = {tuple(line.split()) for line in done.stdout.splitlines()}
    entries = list(opened(folder).entries())
    assert len(acknowledged) > 40
    assert acknowledged <= {(str(entry.seq), entry.hash) for entry in entries}
    assert len({entry.data["kill"] for entry in entries}) >= 40
    assert opened(folder).verify().ok
