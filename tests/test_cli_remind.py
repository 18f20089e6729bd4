"""``remind`` as a person and as a timer run it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib.cli import app
from lib.services.settings import today
from tests.smtp_server import Desk, serving
from tests.test_cli import run

UNIT = "市科委"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with serving() as found:
        wanted = {"HOST": "127.0.0.1", "PORT": str(found.port), "SECURITY": "none", "FROM": "office@tuogou.example"}
        for name, value in wanted.items():
            monkeypatch.setenv(f"TUOGOU_SMTP_{name}", value)
        yield found


def test_without_send_nothing_leaves_and_everybody_is_listed(sample: Path, desk: Desk) -> None:
    done = run("remind", "--workbook", sample)
    assert done.returncode == 0
    assert "预演" in done.stdout
    assert "unit09@example.invalid" in done.stdout
    assert not desk.letters


def test_level_and_unit_narrow_it_down(sample: Path) -> None:
    every, red = (run("remind", "--workbook", sample, "--level", level).stdout for level in ("blue", "red"))
    assert len(red.splitlines()) <= len(every.splitlines())
    assert "红 督办" in red
    one = run("remind", "--workbook", sample, "--unit", UNIT).stdout
    assert "unit09@" in one
    assert "unit10@" not in one
    wrong = run("remind", "--workbook", sample, "--unit", "没有这个单位")
    assert (wrong.returncode, "没有单位" in wrong.stderr) == (2, True)


def test_sending_tells_of_each_and_twice_on_a_day_is_no_failure(sample: Path, desk: Desk) -> None:
    sent = run("remind", "--workbook", sample, "--unit", UNIT, "--send")
    assert sent.returncode == 0, sent.stderr
    assert "发出 1 封" in sent.stdout
    again = run("remind", "--workbook", sample, "--unit", UNIT, "--send")
    assert again.returncode == 0
    assert "已经发过" in again.stdout
    assert desk.to() == ["unit09@example.invalid"]


def test_what_fails_makes_the_exit_code_one(sample: Path, desk: Desk) -> None:
    desk.refused.add("unit10@example.invalid")
    done = run("remind", "--workbook", sample, "--level", "red", "--send")
    assert done.returncode == 1
    assert "550" in done.stdout
    assert len(desk.letters) > 5


def test_what_cannot_start_makes_it_two(sample: Path, desk: Desk) -> None:
    nothing = run("remind", "--workbook", sample, "--send", TUOGOU_SMTP_HOST="")
    assert (nothing.returncode, "[smtp]" in nothing.stderr) == (2, True)
    past = run("remind", "--workbook", sample, "--send", "--as-of", "2016-02-01")
    assert (past.returncode, "--as-of" in past.stderr) == (2, True)
    assert run("remind", "--workbook", sample.with_name("none.xlsx")).returncode == 2
    assert not desk.letters


@pytest.mark.parametrize(
    ("day", "goes_on"),
    [(date(2016, 2, 8), False), (date(2016, 2, 14), True), (date(2016, 3, 26), False), (date(2016, 3, 28), True)],
)
def test_on_a_day_off_the_timer_does_nothing_and_says_so(
    sample: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch, day: date, goes_on: bool
) -> None:
    """The Spring Festival, a Sunday worked in its stead, a plain Saturday and a Monday."""
    monkeypatch.setattr("lib.services.settings.today", lambda: day)
    done = CliRunner().invoke(app, ["remind", "--workbook", str(sample), "--workdays-only"], env=dict(os.environ))
    assert done.exit_code == 0
    assert ("不是工作日" in done.output) is not goes_on
    assert ("预演" in done.output) is goes_on


def test_doctor_says_whether_letters_could_leave(sample: Path, desk: Desk) -> None:
    assert "可以发信" in run("doctor", sample).stdout
    wrong = run("doctor", sample, TUOGOU_SMTP_FROM="nobody")
    assert "✗ 邮件" in wrong.stdout
    assert wrong.returncode == 1
    gone = run("doctor", sample, TUOGOU_SMTP_PORT="9")
    assert "连不上邮件服务器" in gone.stdout
    assert not desk.letters
    assert "邮件" not in run("doctor", sample, TUOGOU_SMTP_HOST="").stdout


def test_the_record_is_beside_the_workbook_and_of_this_day(sample: Path, desk: Desk) -> None:
    run("remind", "--workbook", sample, "--unit", UNIT, "--send")
    from lib.services.reminders import outbox_of

    assert set(outbox_of(sample).on(today())) == {UNIT}
