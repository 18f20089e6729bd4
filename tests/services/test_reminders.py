"""Sending reminders: never two on a day, whoever sends and whatever dies; each unit's fate is told."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from lib.services.audit import Audit
from lib.services.mail import Letter
from lib.services.policy import OPERATOR, Actor
from lib.services.reminders import REMINDED, STALE, Fate, NotSent, last_words, outbox_of, planned, send
from lib.services.settings import ROOT, ZONE
from lib.store.outbox import Outbox, State
from tests.smtp_server import Desk, serving

MORNING = datetime(2016, 3, 31, 9, 0, tzinfo=ZONE)
OFFICE = Actor("李四", "office", user="li")


class Post:
    """An office with a clock, a record and an audit of its own."""

    def __init__(self, folder: Path) -> None:
        self.workbook = folder / "w.xlsx"
        self.time = MORNING
        self.outbox = outbox_of(self.workbook)
        self.audit = Audit(folder / "audit", lambda: self.time)

    def send(self, desk: Desk, *letters: Letter, actor: Actor = OFFICE, **settings: object) -> dict[str, Fate]:
        told = send(actor, letters, desk.smtp(**settings), self.outbox, self.audit, lambda: self.time)
        assert [one.unit for one in told] == [letter.unit for letter in letters]
        assert all(one.why for one in told if one.fate is not Fate.SENT)
        return {one.unit: one.fate for one in told}


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def letter(name: str, to: str | None = None) -> Letter:
    return Letter(name, f"{name}@unit.example" if to is None else to, f"催办 {name}", "正文")


def test_a_unit_is_reminded_once_a_day(post: Post) -> None:
    with serving() as desk:
        assert post.send(desk, letter("a"), letter("b")) == {"a": Fate.SENT, "b": Fate.SENT}
        post.time += timedelta(hours=8)
        assert post.send(desk, letter("a"), letter("c")) == {"a": Fate.SKIPPED, "c": Fate.SENT}
        post.time = MORNING + timedelta(days=1)
        assert post.send(desk, letter("a")) == {"a": Fate.SENT}
    assert desk.to() == ["a@unit.example", "b@unit.example", "c@unit.example", "a@unit.example"]
    noted = [(entry.data["unit"], entry.data["outcome"]) for entry in post.audit.recent()]
    assert noted == [("a", "sent"), ("c", "sent"), ("b", "sent"), ("a", "sent")]
    assert {entry.data["action"] for entry in post.audit.recent()} == {REMINDED}


def test_the_day_is_that_of_the_city(post: Post) -> None:
    """Half past midnight there is still yesterday in UTC."""
    with serving() as desk:
        post.time = datetime(2016, 3, 31, 23, 50, tzinfo=ZONE)
        post.send(desk, letter("a"))
        post.time += timedelta(minutes=40)
        assert post.send(desk, letter("a")) == {"a": Fate.SENT}
    assert set(post.outbox.on(date(2016, 4, 1))) == {"a"}


def test_a_bad_address_is_told_and_the_others_get_theirs(post: Post) -> None:
    with serving() as desk:
        desk.refused.add("b@unit.example")
        told = post.send(desk, letter("a"), letter("b"), letter("c", ""), letter("d", "x@y, z@y.example"), letter("e"))
    assert told == {
        "a": Fate.SENT, "b": Fate.FAILED, "c": Fate.SKIPPED, "d": Fate.SKIPPED, "e": Fate.SENT,
    }  # fmt: skip
    assert desk.to() == ["a@unit.example", "e@unit.example"]


def test_what_certainly_did_not_leave_may_be_tried_again_the_same_day(post: Post) -> None:
    with serving() as desk:
        desk.refused.add("a@unit.example")
        assert post.send(desk, letter("a")) == {"a": Fate.FAILED}
        desk.refused.clear()
        assert post.send(desk, letter("a")) == {"a": Fate.SENT}


def test_a_connection_that_breaks_in_the_middle(post: Post) -> None:
    with serving() as desk:
        desk.drop_after_data = 2
        told = post.send(desk, letter("a"), letter("b"), letter("c"))
        assert told == {"a": Fate.SENT, "b": Fate.UNSURE, "c": Fate.SENT}
        assert post.send(desk, letter("b")) == {"b": Fate.SKIPPED}
        assert desk.to().count("b@unit.example") == 1
        [plan] = planned([letter("b")], desk.smtp(), post.outbox, post.time)
        assert "不能确定" in str(plan.why)


def test_a_server_that_hangs_up_after_each_letter_gets_them_all_once(post: Post) -> None:
    with serving() as desk:
        desk.one_each = True

        def finish(one: Letter) -> Letter:
            time.sleep(0.1)  # as long as a paper takes to make: the server is gone by then
            return one

        letters = [letter(name) for name in "abcd"]
        told = send(OFFICE, letters, desk.smtp(), post.outbox, post.audit, lambda: post.time, finish)
        assert [one.fate for one in told] == [Fate.SENT] * 4
        assert desk.to() == [one.to for one in letters]


@pytest.mark.parametrize(
    ("to", "leaves"),
    [
        ("a@unit.example.invalid", True), ("A@UNIT.TEST", True), ("a@unit.gov.cn", False), ("a@invalid.cn", False),
        ("a@example", False),
    ],
)  # fmt: skip
def test_sample_data_writes_to_nobody_real(to: str, leaves: bool, post: Post) -> None:
    with serving() as desk:
        one = Letter("a", to, "催办", "正文", sample=True)
        [plan] = planned([one], desk.smtp(), post.outbox, post.time)
        assert (plan.why is None) == leaves
        assert post.send(desk, one) == {"a": Fate.SENT if leaves else Fate.SKIPPED}
        assert len(desk.letters) == leaves


def test_a_server_that_is_gone_is_not_asked_for_every_letter(post: Post) -> None:
    with serving() as desk:
        pass
    started = time.monotonic()
    told = post.send(desk, *(letter(str(n)) for n in range(50)))
    assert set(told.values()) == {Fate.FAILED}
    assert time.monotonic() - started < 5
    assert post.outbox.on(MORNING.date()) == {}


def test_no_more_leave_than_the_days_limit(post: Post) -> None:
    with serving() as desk:
        smtp = desk.smtp(daily_limit=2)
        plans = planned([letter("a"), letter("b"), letter("c")], smtp, post.outbox, post.time)
        assert [one.why is None for one in plans] == [True, True, False]
        told = post.send(desk, letter("a"), letter("b"), letter("c"), daily_limit=2)
        assert told == {"a": Fate.SENT, "b": Fate.SENT, "c": Fate.SKIPPED}
    assert len(desk.letters) == 2


@pytest.mark.parametrize("role", ["unit", "viewer", "leader"])
def test_only_who_runs_the_plan_may_send(post: Post, role: str) -> None:
    with serving() as desk, pytest.raises(NotSent):
        post.send(desk, letter("a"), actor=Actor("王五", role, ("a",)))
    assert not desk.letters
    assert post.outbox.on(MORNING.date()) == {}


def test_without_settings_or_with_wrong_ones_nothing_is_tried(post: Post) -> None:
    for smtp in (None, Desk().smtp(problems=("x",))):
        with pytest.raises(NotSent):
            send(OPERATOR, [letter("a")], smtp, post.outbox, post.audit, lambda: post.time)


def test_two_at_once_send_each_letter_once(post: Post) -> None:
    letters = [letter(str(n)) for n in range(12)]
    with serving() as desk:
        other = Post(post.workbook.parent)
        results: list[dict[str, Fate]] = []
        threads = [threading.Thread(target=lambda one=one: results.append(one.send(desk, *letters)))
                   for one in (post, other)]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(desk.to()) == sorted(one.to for one in letters)
    assert all({one[name] for one in results} == {Fate.SENT, Fate.SKIPPED} for name in results[0])


SENDER = """
import sys
from datetime import datetime
from pathlib import Path
from lib.services.audit import Audit
from lib.services.mail import Letter
from lib.services.smtp import Smtp
from lib.services.policy import OPERATOR
from lib.services.reminders import outbox_of, send
folder, port, at = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
letters = [Letter(str(n), f"{n}@unit.example", "s", "b") for n in range(int(sys.argv[4]))]
smtp = Smtp("127.0.0.1", port, "none", sender="o@tuogou.example", timeout=20)
for one in send(OPERATOR, letters, smtp, outbox_of(folder / "w.xlsx"), Audit(folder / "audit", lambda: at), lambda: at):
    print(one.unit, one.fate)
"""


def process(post: Post, desk: Desk, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", SENDER, str(post.workbook.parent), str(desk.port), MORNING.isoformat(), str(count)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_send_each_letter_once(post: Post) -> None:
    with serving() as desk:
        both = [process(post, desk, 10) for _n in range(2)]
        said = [one.communicate(timeout=60)[0] for one in both]
    assert all(one.returncode == 0 for one in both)
    assert sorted(desk.to()) == sorted(f"{n}@unit.example" for n in range(10))
    assert sum(text.count("sent") for text in said) == 10


def test_a_process_killed_between_intent_and_outcome_leaves_it_unsure(post: Post) -> None:
    with serving() as desk:
        desk.hold = threading.Event()
        dying = process(post, desk, 2)
        assert desk.arrived.wait(30)
        dying.kill()
        dying.wait()
        desk.hold.set()
        desk.hold = None
        assert post.outbox.on(MORNING.date())["0"].state is State.SENDING
        post.time = MORNING + timedelta(minutes=2)
        [soon] = planned([letter("0")], desk.smtp(), post.outbox, post.time)
        assert "正在发送" in str(soon.why)
        post.time = MORNING + STALE
        assert post.send(desk, letter("0"), letter("1")) == {"0": Fate.SKIPPED, "1": Fate.SENT}
        [later] = planned([letter("0")], desk.smtp(), post.outbox, post.time)
        assert "不能确定" in str(later.why)
        assert last_words(post.outbox.latest()["0"], post.time) == ("2016-03-31 09:00", State.UNSURE)
        post.time = MORNING + timedelta(days=1)
        assert post.send(desk, letter("0")) == {"0": Fate.SENT}
    assert desk.to().count("0@unit.example") == 2


def test_the_intent_is_on_the_disk_before_the_server_hears_of_the_letter(post: Post) -> None:
    seen: list[State] = []
    with serving() as desk:
        other = Outbox(post.outbox.path)
        known = desk.handle_RCPT

        async def look(*told: object) -> str:
            seen.append(other.on(MORNING.date())["a"].state)
            return await known(*told)  # type: ignore[arg-type]

        desk.handle_RCPT = look  # type: ignore[method-assign]
        post.send(desk, letter("a"))
    assert seen == [State.SENDING]
    assert other.on(MORNING.date())["a"].state is State.SENT


def test_what_cannot_be_finished_is_not_claimed(post: Post) -> None:
    def fails(_letter: Letter) -> Letter:
        raise RuntimeError("no paper")

    with serving() as desk, pytest.raises(RuntimeError):
        send(OFFICE, [letter("a")], desk.smtp(), post.outbox, post.audit, lambda: post.time, fails)
    assert post.outbox.on(MORNING.date()) == {}
