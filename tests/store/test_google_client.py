"""The way to Google: what is repeated and what never is, bounds in time and calls, and the sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError

from lib.store.base import Missing, NotWritable, StoreError
from lib.store.google_client import (
    ATTEMPTS,
    PER_MINUTE,
    TOTAL,
    BoundedClient,
    Budget,
    Exhausted,
    Refused,
    Throttled,
    Unsure,
)


class Clock:
    def __init__(self) -> None:
        self.t = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.t

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.t += seconds


class Line(requests.Session):
    """Answers what it was given, one after the other, the last again and again; ``takes`` seconds each."""

    def __init__(self, clock: Clock, *answers: Any, takes: float = 0.1) -> None:
        super().__init__()
        self.clock, self.answers, self.takes, self.calls = clock, list(answers), takes, 0
        self.timeouts: list[Any] = []

    def request(self, *_args: Any, **more: Any) -> requests.Response:  # type: ignore[override]
        self.calls += 1
        self.timeouts.append(more.get("timeout"))
        self.clock.t += self.takes
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]


def answer(code: int, message: str = "", kind: str = "application/json", **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = code
    made._content = json.dumps({"error": {"message": message}} if code >= 400 else {"ok": 1}).encode()
    made.headers.update({"Content-Type": kind, **headers})
    return made


def client(clock: Clock, *answers: Any, takes: float = 0.1) -> tuple[BoundedClient, Line]:
    line = Line(clock, *answers, takes=takes)
    return BoundedClient(None, line, clock, clock.sleep), line


def read(way: BoundedClient) -> object:
    return way.values_by_filter("id", [])


def write(way: BoundedClient) -> object:
    return way.batch("id", {})


def test_an_office_file_that_was_uploaded_is_no_spreadsheet():
    way, _line = client(Clock(), answer(400, "This operation is not supported for this document"))
    with pytest.raises(Missing, match="Office"):
        read(way)


def test_a_quota_that_is_used_up_is_known_as_such():
    way, _line = client(Clock(), answer(429))
    with pytest.raises(Exhausted, match="自动继续") as told:
        write(way)
    assert "自动继续" not in told.value.cause


PASSING = [answer(503), answer(500), answer(502, kind="text/html"), answer(200, kind="text/html"),
           requests.ConnectionError(), requests.ReadTimeout()]  # fmt: skip


@pytest.mark.parametrize("trouble", PASSING, ids=str)
def test_a_read_is_repeated(trouble: Any):
    way, line = client(Clock(), trouble, answer(200))
    read(way)
    assert line.calls == 2


@pytest.mark.parametrize("trouble", PASSING, ids=str)
def test_a_write_that_may_have_been_applied_is_never_repeated(trouble: Any):
    way, line = client(Clock(), trouble, answer(200))
    with pytest.raises(Unsure):
        write(way)
    assert line.calls == 1


@pytest.mark.parametrize("trouble", [answer(429), requests.ConnectTimeout()], ids=str)
def test_a_write_that_surely_was_not_applied_is_repeated(trouble: Any):
    way, line = client(Clock(), trouble, answer(200))
    write(way)
    assert line.calls == 2


def test_it_waits_as_long_as_google_asks_for():
    clock = Clock()
    way, _line = client(clock, answer(429, **{"Retry-After": "7"}), answer(200))
    write(way)
    assert clock.slept == [7]


@pytest.mark.parametrize("call", [read, write])
def test_it_does_not_wait_longer_than_it_may(call: Any):
    clock = Clock()
    way, line = client(clock, answer(429, **{"Retry-After": "3600"}))
    with pytest.raises(StoreError, match="这一分钟"):
        call(way)
    assert (line.calls, clock.slept) == (1, [])


@pytest.mark.parametrize("takes", [0.1, 30.0])
def test_attempts_and_time_are_bounded(takes: float):
    clock = Clock()
    way, line = client(clock, answer(503), takes=takes)
    with pytest.raises(StoreError, match="503"):
        read(way)
    assert line.calls <= ATTEMPTS
    assert clock.t <= TOTAL + takes
    assert all(timeout is not None for timeout in line.timeouts)


SENTENCES = [
    (answer(404), Missing, "找不到这本 Google 表格"),
    (answer(401), StoreError, "密钥"),
    (answer(403, "The caller does not have permission"), NotWritable, "编辑者"),
    (answer(403, "You are trying to edit a protected cell"), NotWritable, "保护区域"),
    (answer(403, "Google Sheets API has not been used in project"), StoreError, "启用"),
    (answer(400, "No grid with id: 7"), Refused, "No grid with id: 7"),
    (answer(413), StoreError, "太多"),
    (RefreshError("invalid_grant"), StoreError, "invalid_grant"),  # type: ignore[no-untyped-call]
]


@pytest.mark.parametrize(("trouble", "kind", "words"), SENTENCES, ids=str)
def test_what_will_not_pass_is_told_at_once_in_a_sentence(trouble: Any, kind: type[Exception], words: str):
    for call in (read, write):
        way, line = client(Clock(), trouble)
        with pytest.raises(kind, match=words) as told:
            call(way)
        assert not isinstance(told.value, Unsure)
        assert line.calls == 1


def test_the_budget_is_never_exceeded_in_any_minute():
    clock = Clock()
    budget = Budget(PER_MINUTE, clock, clock.sleep)
    times = []
    for n in range(400):
        try:
            budget.take()
        except Throttled:
            clock.t += 1.5
        else:
            times.append(clock.t)
        clock.t += 0.1 if n % 7 else 2.0
    assert len(times) > PER_MINUTE
    for at in times:
        assert sum(at - 60 < other <= at for other in times) <= PER_MINUTE


def test_a_call_waits_a_little_for_its_turn_and_no_longer():
    clock = Clock()
    budget = Budget(2, clock, clock.sleep)
    budget.take()
    clock.t = 57.0
    budget.take()
    budget.take()
    assert clock.slept == [3.0]
    clock.t = 100.0
    with pytest.raises(Throttled, match="17 秒"):
        budget.take()
    assert clock.slept == [3.0]


def test_reads_and_writes_are_counted_apart_and_repeated_calls_too():
    way, _line = client(Clock(), answer(503), answer(200))
    read(way)
    write(way)
    assert (way.usage.reads, way.usage.writes, way.usage.limit) == (2, 1, PER_MINUTE)
