"""Whose turn it is: never two at once, soon somebody's again, by a file and by a real Redis."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.store.base import StoreError
from lib.store.lease import Alone, FileLease, Offer, lease_for
from lib.store.redis_lease import MARGIN, RedisLease
from tests.redis_server import RedisServer, needs_redis

TTL = 1.5
"""Seconds of a turn in these tests."""
HOLD = """
import sys, time
from pathlib import Path
from lib.store.lease import FileLease
lease = FileLease(Path(sys.argv[1]))
print(lease.mine(), lease.number, flush=True)
time.sleep(60)
"""


def until(true: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait; the seconds that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.01)
    return time.monotonic() - began


def test_alone_it_is_always_ours():
    lease = Alone()
    assert lease.mine()
    assert lease.number == 0


# by a file


def test_of_two_in_one_process_one_has_the_turn_and_the_other_gets_it_when_it_is_given_back(tmp_path: Path):
    first, second = FileLease(tmp_path / "a" / "turn"), FileLease(tmp_path / "a" / "turn")
    assert first.mine()
    assert not second.mine()
    assert first.mine()
    first.close()
    assert second.mine()
    assert second.number > first.number
    assert not first.mine(), "who has given it back for good does not ask again"
    second.close()


def test_another_process_has_it_until_it_dies(tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "turn")], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().split() == ["True", "1"]
        lease = FileLease(tmp_path / "turn")
        assert not lease.mine()
        other.kill()
        other.wait(10)
        assert lease.mine()
        assert lease.number == 2
        lease.close()


def test_a_lock_file_that_somebody_deletes_is_no_turn_any_more(tmp_path: Path):
    first, second = FileLease(tmp_path / "turn"), FileLease(tmp_path / "turn")
    assert first.mine()
    (tmp_path / "turn").unlink()
    assert second.mine()
    assert not first.mine()
    second.close()
    first.close()


def test_a_folder_that_cannot_be_made_is_told_and_is_no_turn(tmp_path: Path):
    (tmp_path / "a").write_text("a file")
    lease = FileLease(tmp_path / "a" / "turn")
    assert not lease.mine()
    assert str(lease.problem)


def test_without_an_address_of_redis_it_is_the_file(tmp_path: Path):
    assert isinstance(lease_for(tmp_path, "book", None), FileLease)


def test_without_the_library_a_sentence_tells_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.delitem(sys.modules, "lib.store.redis_lease")
    with pytest.raises(StoreError, match=r"requirements-redis\.txt"):
        lease_for(tmp_path, "book", "redis://127.0.0.1:1/0")


def test_a_wrong_address_of_redis_is_told(tmp_path: Path):
    with pytest.raises(StoreError, match="REDIS_URL"):
        lease_for(tmp_path, "book", "127.0.0.1")


# by Redis


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path_factory.mktemp("redis"))
    yield made
    made.stop()


Make = Callable[..., RedisLease]


@pytest.fixture
def lease(server: RedisServer, tmp_path: Path) -> Iterator[Make]:
    """Make a lease on the test's own spreadsheet; all are closed afterwards."""
    made: list[RedisLease] = []
    server.client.set(f"tuogou:{tmp_path.name}:number", 7, nx=True)  # a Redis that has been running for a while

    def make(clock: Callable[[], float] = time.monotonic) -> RedisLease:
        made.append(RedisLease(server.url, tmp_path.name, tmp_path, clock, TTL))
        return made[-1]

    yield make
    for one in made:
        one.close()


@needs_redis
def test_one_of_many_has_the_turn_and_numbers_grow(lease: Make):
    asked = [lease() for _one in range(5)]
    until(lambda: any(one.mine() for one in asked))
    seen = set()
    ends = time.monotonic() + 2 * TTL
    while time.monotonic() < ends:
        held = [one for one in asked if one.mine()]
        assert len(held) == 1
        seen.add(held[0].number)
    assert seen == {8}
    held[0].close()
    rest = [one for one in asked if one is not held[0]]
    assert until(lambda: any(one.mine() for one in rest)) < TTL, "given back, not run out"
    assert next(one for one in rest if one.mine()).number == 9


@needs_redis
def test_who_hears_nothing_of_redis_lets_go_before_another_has_it(lease: Make, monkeypatch: pytest.MonkeyPatch):
    first, second = lease(), lease()
    until(first.mine)
    second.mine()
    monkeypatch.setattr(first, "_ask", lambda: None)  # its thread is stuck
    lost = time.monotonic() + until(lambda: not first.mine())
    taken = time.monotonic() + until(second.mine)
    assert taken >= lost
    assert not first.mine()


@needs_redis
def test_a_turn_counts_from_before_it_was_asked_for(lease: Make, server: RedisServer):
    """However long the answer takes."""
    now = 0.0

    def clock() -> float:
        return now

    slow = lease(clock)
    inner = slow._redis.eval

    def late(*given: object) -> object:
        nonlocal now
        answer = inner(*given)  # type: ignore[arg-type]
        now += TTL - MARGIN
        return answer

    slow._redis.eval = late  # type: ignore[assignment,method-assign]
    slow._ask()
    assert slow.number == 8, "Redis has given it"
    assert now >= slow._until, "but it may be over"


@needs_redis
def test_an_answer_that_was_lost_is_no_second_turn(lease: Make):
    one = lease()
    one._ask()
    number, one._number, one._until = one.number, 0, float("-inf")
    one._ask()
    assert one.number == number


@needs_redis
def test_without_redis_nobody_has_it_and_it_comes_back_by_itself(lease: Make, server: RedisServer):
    first, second = lease(), lease()
    until(lambda: first.mine() or second.mine())
    before = max(first.number, second.number)
    server.stop()
    try:
        until(lambda: not first.mine() and not second.mine())
        until(lambda: first.problem is not None and second.problem is not None)
        assert "Redis" in str(first.problem)
        first.tell()
        first.offer("a", lambda: Offer("a", b"", b""))
        assert first.offered() is None
    finally:
        server.start()
    until(lambda: first.mine() or second.mine(), 4 * TTL)
    assert max(first.number, second.number) > before, "an empty Redis goes on counting"
    until(lambda: first.problem is None and second.problem is None)


@needs_redis
def test_a_redis_that_lost_everything_gives_no_turn_while_the_former_may_be_believed_in(
    lease: Make, server: RedisServer, monkeypatch: pytest.MonkeyPatch
):
    first, second = lease(), lease()
    until(first.mine)
    second.mine()
    monkeypatch.setattr(first, "_ask", lambda: None)
    server.client.flushall()
    while first.mine():
        assert not second.mine()
    until(second.mine)
    assert second.number > first.number


@needs_redis
def test_what_the_holder_saw_is_there_for_the_next_for_a_while(lease: Make, server: RedisServer, tmp_path: Path):
    first, second = lease(), lease()
    until(first.mine)
    assert second.offered() is None
    first.offer("look-1", lambda: Offer("look-1", b"sizes", b"tabs"))
    until(lambda: second.offered() is not None)
    found = second.offered()
    assert found is not None
    assert (found.mark, found.sizes, found.tabs) == ("look-1", b"sizes", b"tabs")
    assert 0 <= found.age < 2
    key = f"tuogou:{tmp_path.name}:tabs"
    server.client.pexpire(key, 5000)
    assert 9 < (aged := second.offered()).age < 12, aged  # type: ignore[union-attr]
    first.offer("look-1")
    until(lambda: server.client.pttl(key) > 10_000)
    server.client.pexpire(key, 5000)
    second.offer("look-2", lambda: Offer("look-2", b"", b""))
    time.sleep(0.2)
    assert server.client.hget(key, "mark") == "look-1", "only the holder leaves anything"


@needs_redis
def test_everybody_who_listens_is_woken(lease: Make):
    first, second = lease(), lease()
    until(first.mine)
    second.mine()
    woken = threading.Event()
    second.listen(woken.set)

    def told() -> bool:
        first.tell()
        return woken.wait(0.05)

    until(told)
