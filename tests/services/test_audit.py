"""The audit: who came in or was refused, with address; whole, in order, and without a secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services import work
from lib.services.audit import Audit
from lib.services.corrections import undo
from lib.services.policy import Actor
from lib.store.base import StoreError
from lib.store.journal import BrokenJournal
from tests.security.desk import DAY, OFFICE, OURS, VIEWER, cell, unit
from tests.security.desk import desk as desk_in
from tests.services.doors import BETTER, GOOD, HERE, KEEPER, THERE, Clock, Door, hurry, open_door


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    hurry(monkeypatch)
    made = open_door(tmp_path / "kept", Clock())
    made.keep("lina", "office")
    return made


def actions(audit: Audit) -> list[str]:
    return [entry.data["action"] for entry in reversed(audit.recent())]


def busy(door: Door) -> list[str]:
    """A day at the door; gives every secret of it."""
    secrets = [GOOD, BETTER, "a wrong password", "another wrong one"]
    token = door.token("lina", GOOD)
    door.come("lina", "a wrong password", THERE)
    door.come("nobody", "another wrong one", THERE)
    visitor = door.sessions.visitor(token)
    assert visitor is not None
    changed = door.sessions.change_password(visitor, GOOD, BETTER)
    once = door.accounts.add(KEEPER, "neu", "新", "viewer")
    door.accounts.disable(KEEPER, "neu")
    door.accounts.enable(KEEPER, "neu")
    again = door.accounts.reset(KEEPER, "neu")
    link, key = door.entrance.links.make(OFFICE, "领导")
    redeemed = door.entrance.links.redeem(key, HERE)
    door.entrance.links.revoke(OFFICE, link.id)
    assert changed.token is not None
    assert redeemed is not None
    door.sessions.sign_out(changed.token)
    return [*secrets, token, changed.token, once, again, key, redeemed[0]]


def test_what_happens_at_the_door_is_told_in_order_with_account_and_address(door: Door):
    start = len(door.entrance.audit.recent())
    busy(door)
    told = list(reversed(door.entrance.audit.recent()))[start:]
    assert [entry.data["action"] for entry in told] == [
        "登录", "登录失败", "登录失败", "修改密码", "新增账号", "停用账号", "启用账号", "重置密码",
        "建立链接", "使用链接", "撤销链接", "退出",
    ]  # fmt: skip
    assert [(entry.data["actor"], entry.data["address"]) for entry in told[:3]] == [
        ("lina", HERE), ("lina", THERE), ("nobody", THERE),
    ]  # fmt: skip
    assert all(entry.at.endswith("+08:00") for entry in told)


def test_no_password_and_no_token_is_ever_written(door: Door):
    written = b""
    for secret in busy(door):
        written = written or door.written()
        assert secret.encode() not in written, secret


def test_a_shut_account_is_told_but_does_not_fill_the_disk(door: Door):
    for number in range(200):
        door.come("lina", f"guess {number}", THERE)
    told = actions(door.entrance.audit)
    assert 1 <= told.count("暂停登录") <= 5
    assert told.count("登录失败") == 8
    door.clock.pass_by(minutes=2)
    door.come("lina", "guess", THERE)
    assert actions(door.entrance.audit).count("暂停登录") == told.count("暂停登录") + 1


def test_refusals_and_overrides_of_commands_are_told(tmp_path: Path):
    desk = desk_in(tmp_path)
    assert desk.audit is not None
    desk.act(VIEWER, "改", cell("tasks", "SX-0002", "remark", "x"))
    elsewhere = Actor("赵六", "unit", (OURS,), "zhao", THERE)
    desk.act(elsewhere, "改", cell("tasks", "SX-0006", "remark", "x"))
    told = desk.audit.recent()
    refusals = [entry.data for entry in told if entry.data["action"] == "办理被拒"]
    assert all(entry["why"] for entry in refusals)
    assert len(refusals) == 2
    assert ("zhao", THERE) in [(entry["actor"], entry["address"]) for entry in refusals]
    added = desk.act(OFFICE, "加", work.add("documents", {"kind": "单位实施方案", "unit": "市公安局"}))
    over = desk.act(OFFICE, "批", work.approve(added.records[0], "市公安局", DAY, override="急件"))
    assert over.allowed
    assert desk.audit.recent()[0].data["action"] == "越序办理"
    assert desk.audit.recent()[0].data["why"] == "急件"
    assert not undo(desk, unit(), over.entry or 0).allowed


def test_the_chain_verifies_and_every_kind_of_tampering_is_found(door: Door):
    busy(door)
    folder = door.entrance.audit.journal.folder
    [segment] = folder.glob("*.jsonl")
    good = segment.read_bytes()
    lines = good.splitlines(keepends=True)
    assert door.entrance.audit.journal.verify().ok

    def without(place: int) -> list[bytes]:
        return [*lines[:place], *lines[place + 1 :]]

    changes = {
        "changed": [*lines[:3], lines[3].replace(b"lina", b"anil"), *lines[4:]],
        "dropped": without(3),
        "swapped": [*lines[:2], lines[3], lines[2], *lines[4:]],
        "doubled": [*lines[:4], lines[3], *lines[4:]],
        "address": [line.replace(THERE.encode(), HERE.encode()) for line in lines],
        "invented": [*lines[:4], lines[4].replace(b'"seq":', b'"seq":9'), *lines[5:]],
    }
    for how, changed in changes.items():
        assert changed != lines, how
        segment.write_bytes(b"".join(changed))
        assert not door.again().entrance.audit.journal.verify().ok, how
    segment.write_bytes(good)
    assert door.again().entrance.audit.journal.verify().ok


def test_an_audit_cut_short_while_it_runs_is_found(door: Door):
    busy(door)
    [segment] = door.entrance.audit.journal.folder.glob("*.jsonl")
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:-2]))
    with pytest.raises(BrokenJournal):
        door.entrance.audit.recent()


@pytest.mark.parametrize(
    "name", ["a\nb", '"},{"action":"登录"', "\u202e倒", "\ud83d", "\0", "长" * 100_000, "<script>"]
)
def test_what_somebody_types_at_the_door_forges_no_entry(door: Door, name: str):
    before = len(door.entrance.audit.recent())
    door.come(name, "x")
    told = door.again().entrance.audit.recent()
    assert len(told) == before + 1
    assert told[0].data["action"] == "登录失败"
    assert len(told[0].data["actor"]) <= 200
    assert door.entrance.audit.journal.verify().ok


def test_a_disk_that_is_full_keeps_nobody_out_and_says_so_in_the_log(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def full(*items: object) -> None:
        raise StoreError("磁盘满了")

    monkeypatch.setattr(door.entrance.audit.journal, "append", full)
    assert door.come("lina", GOOD).token
    assert "磁盘满了" in caplog.text
    assert GOOD not in caplog.text


def test_the_servers_log_holds_no_secret(door: Door, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    for secret in busy(door):
        assert secret not in caplog.text
    assert "lina" in caplog.text
