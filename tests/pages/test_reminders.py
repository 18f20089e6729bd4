"""催办, as the office and a unit use it: levels, text to copy, a dry run, and sending to a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.services.policy import EVERYTHING
from lib.services.settings import today
from lib.ui.reminding import outbox  # before a test replaces the entrance it uses
from lib.ui.session import board, entrance
from lib.views.dues import unit_dues
from tests.entrance import sign_in
from tests.pages.desk import press, said, widget
from tests.pages.test_pages import open_page
from tests.smtp_server import Desk, serving

UNIT, OTHER = "市科委", "市公安局"
LOOK, SEND = "预演：看会发给谁", "确认发出 {n} 封"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with serving() as found:
        monkeypatch.setenv("TUOGOU_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("TUOGOU_SMTP_PORT", str(found.port))
        monkeypatch.setenv("TUOGOU_SMTP_SECURITY", "none")
        monkeypatch.setenv("TUOGOU_SMTP_FROM", "office@tuogou.example")
        yield found


def test_the_table_lists_every_unit_by_level_and_a_link_narrows_it(sample: Path) -> None:
    app = open_page("reminders")
    assert not app.exception
    every = app.dataframe[0].value
    due = {one.unit: one for one in unit_dues(board().ledger(board().default_as_of), EVERYTHING)}  # type: ignore[arg-type]
    assert set(due) <= set(every["单位"])
    assert sum(int(metric.value) for metric in app.metric[:3]) == len(every[every["等级"] != "—"])
    red = open_page("reminders", level="red").dataframe[0].value
    assert len(red) == int(app.metric[0].value)
    assert set(red["等级"]) == {"■ 红 督办"}
    assert set(every["上次催办"]) == {"—"}


def test_a_level_without_units_says_so_instead_of_an_empty_table(sample: Path) -> None:
    app = open_page("reminders", level="blue")
    assert app.metric[2].value == "0"
    assert "没有这一级的单位" in said(app)
    assert not app.dataframe


def test_choosing_a_unit_shows_its_text_its_things_and_what_is_left_out(sample: Path) -> None:
    app = open_page("reminders", unit="市发展改革委")
    assert not app.exception
    [text] = [code.value for code in app.code]
    assert text.startswith("【■ 红 督办】市发展改革委：")
    left = app.dataframe[-1].value
    assert any("等市民政局办理" in why for why in left["理由"])


def test_nothing_can_be_sent_without_a_mail_server_but_the_dry_run_shows_who_would_get_what(sample: Path) -> None:
    app = press(open_page("reminders"), LOOK)
    assert "没有设定邮件服务器" in said(app)
    plan = app.dataframe[-1].value
    assert set(plan["结果"]) == {"会发出"}
    assert "unit09@example.invalid" in list(plan["收件人"])
    assert [button.disabled for button in app.button if button.label.startswith("确认发出")] == [True]


def test_the_office_sends_after_a_dry_run_and_never_twice(sample: Path, desk: Desk) -> None:
    app = open_page("reminders", unit=UNIT)
    assert widget(app, "发给谁").value == "unit"
    assert not [button for button in app.button if button.label.startswith("确认发出")]
    app = press(app, LOOK)
    assert not desk.letters
    app = press(app, SEND.format(n=1))
    assert not app.exception
    assert desk.to() == ["unit09@example.invalid"]
    [(_to, letter)] = desk.letters
    assert UNIT in str(letter["Subject"])
    [file] = letter.iter_attachments()
    assert str(file.get_filename()).endswith(".docx")
    assert file.get_content()[:2] == b"PK"
    assert "✓ 已发出" in str(app.table[0].value)
    rows = app.dataframe[0].value
    assert rows[rows["单位"] == UNIT].iloc[0]["上次催办"].startswith(today().isoformat())
    app = press(app, LOOK)
    assert "已经发过" in app.dataframe[-1].value.iloc[0]["结果"]
    assert [button.disabled for button in app.button if button.label.startswith("确认发出")] == [True]
    assert entrance().audit.recent()[0].data["unit"] == UNIT
    assert set(outbox().latest()) == {UNIT}


def test_what_fails_is_told_for_each_unit(sample: Path, desk: Desk) -> None:
    desk.refused.add("unit10@example.invalid")
    app = press(open_page("reminders", scope="red"), LOOK)
    count = len(app.dataframe[-1].value)
    app = press(app, SEND.format(n=count))
    result = app.table[0].value
    assert len(result) == count
    assert len(desk.letters) == count - 1
    assert "550" in str(result).replace("\\", "")


def test_another_day_is_for_looking_only(sample: Path, desk: Desk) -> None:
    app = open_page("reminders", asof="2016-02-01")
    assert "只能按当天" in said(app)
    assert not [button for button in app.button if button.label == LOOK]


def test_a_unit_reads_its_own_reminder_and_sends_nothing(
    sample: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(monkeypatch, sample, "unit", UNIT)
    app = open_page("reminders", unit=OTHER)
    assert not app.exception
    assert not app.button or LOOK not in [button.label for button in app.button]
    [text] = [code.value for code in app.code]
    assert UNIT in text
    shown = "".join(str(frame.value) for frame in app.dataframe) + text
    assert OTHER not in shown


def test_a_viewer_cannot_open_it(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch, sample, "viewer")
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page().switch_page("../pages/reminders.py")


def test_a_new_workbook_has_nothing_to_remind_of(empty: Path) -> None:
    app = open_page("reminders", asof="2015-08-01")
    assert not app.exception
    assert "没有要催办" in said(app)
