"""Leaders' links: a token nobody guesses, kept nowhere, that opens one page for a while and not a moment longer."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from lib.services.accounts import AccountError
from lib.services.links import ADDRESS_LIMIT, MOST_DAYS, SESSION, SHUT
from lib.services.policy import Actor, Role
from lib.store.access import digest_of
from tests.services.doors import HERE, KEEPER, OFFICE, THERE, Clock, Door, hurry, open_door


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    hurry(monkeypatch)
    made = open_door(tmp_path / "kept", Clock())
    made.keep("lina", "office")
    return made


def reads(door: Door, token: str | None) -> bool:
    return door.entrance.visitor(None, token) is not None


def redeemed(door: Door, token: str) -> str:
    found = door.entrance.links.redeem(token, HERE)
    assert found is not None
    return found[0]


def test_a_token_has_256_bits_and_no_two_are_alike(door: Door):
    tokens = [door.entrance.links.make(OFFICE, "分管市领导")[1] for _n in range(50)]
    assert len(set(tokens)) == 50
    assert all(len(urlsafe_b64decode(token + "=")) == 32 for token in tokens)


def test_only_the_hash_of_a_token_stands_in_any_file(door: Door):
    link, token = door.entrance.links.make(OFFICE, "分管市领导")
    session = redeemed(door, token)
    door.entrance.links.revoke(OFFICE, link.id)
    door.entrance.links.redeem(token, HERE)
    written = door.written()
    for secret in (token, session):
        assert secret.encode() not in written
        assert secret.encode()[:20] not in written
    assert digest_of(token).encode() in written


def test_it_opens_as_a_leader_who_only_reads(door: Door):
    _link, token = door.entrance.links.make(OFFICE, "分管市领导")
    visitor = door.entrance.visitor(None, redeemed(door, token), HERE)
    assert visitor is not None
    assert (visitor.actor.role, visitor.actor.name, visitor.actor.user) == (Role.LEADER, "分管市领导", "")
    assert not visitor.actor.may_write
    assert not visitor.actor.sight.personal


def test_uses_are_counted_and_kept(door: Door):
    link, token = door.entrance.links.make(OFFICE, "分管市领导")
    for _use in range(3):
        redeemed(door, token)
    [found] = [each for each in door.again().entrance.links.all() if each.id == link.id]
    assert found.uses == 3
    assert found.used == int(door.clock.at.timestamp())


def test_a_revoked_link_ends_what_it_opened_at_once_in_every_process(door: Door):
    link, token = door.entrance.links.make(OFFICE, "分管市领导")
    _other, kept = door.entrance.links.make(OFFICE, "另一位")
    session, staying, second = redeemed(door, token), redeemed(door, kept), door.again()
    second.entrance.links.revoke(OFFICE, link.id)
    for process in (door, second, door.again()):
        assert not reads(process, session)
        assert reads(process, staying)
        assert process.entrance.links.redeem(token, HERE) is None
    second.entrance.links.revoke(OFFICE, link.id)  # once more does no harm


def test_a_link_expires_and_so_does_what_it_opened(door: Door):
    _link, token = door.entrance.links.make(OFFICE, "分管市领导", 2)
    door.clock.pass_by(days=1, hours=23)
    session = redeemed(door, token)
    assert reads(door, session)
    door.clock.pass_by(hours=1)
    assert not reads(door, session)
    assert door.entrance.links.redeem(token, HERE) is None


def test_a_phone_opens_a_long_link_again_after_a_while(door: Door):
    _link, token = door.entrance.links.make(OFFICE, "分管市领导", MOST_DAYS)
    found = door.entrance.links.redeem(token, HERE)
    assert found is not None
    assert found[1] == SESSION
    door.clock.pass_by(seconds=SESSION)
    assert not reads(door, found[0])
    assert reads(door, redeemed(door, token))


def test_a_link_is_no_account_and_an_account_no_link(door: Door):
    link, token = door.entrance.links.make(OFFICE, "分管市领导")
    door.keep(str(link.id), "viewer")  # an account that is called as the link is numbered
    session, user = redeemed(door, token), door.token(str(link.id))
    assert door.sessions.visitor(session) is None
    assert door.entrance.links.visitor(user) is None
    assert door.entrance.visitor(session, user) is None
    assert door.entrance.visitor(None, token) is None  # the link's own token opens no session by itself
    assert door.entrance.links.redeem(session, HERE) is None
    assert door.entrance.links.redeem(user, HERE) is None


@pytest.mark.parametrize("forged", ["", "x", "0" * 43, "' or '1'='1", "%00", "\0", "\ud83d", "长" * 5000, "null", "1"])
def test_a_forged_token_opens_nothing(door: Door, forged: str):
    _link, token = door.entrance.links.make(OFFICE, "分管市领导")
    for tried in (forged, token[:-1], token + "A", token.swapcase(), digest_of(token)):
        assert door.entrance.links.redeem(tried, HERE) is None
    assert door.entrance.links.all()[0].uses == 0


def test_guessing_shuts_the_address_also_for_a_right_token_and_after_a_restart(door: Door):
    _link, token = door.entrance.links.make(OFFICE, "分管市领导")
    for number in range(ADDRESS_LIMIT):
        assert door.entrance.links.redeem(f"guess-{number}", THERE) is None
    assert door.entrance.links.redeem(token, THERE) is None
    assert door.again().entrance.links.redeem(token, THERE) is None
    assert door.entrance.links.redeem(token, HERE)
    door.clock.pass_by(seconds=SHUT + 1)
    assert door.entrance.links.redeem(token, THERE)


def test_using_a_link_shuts_nothing(door: Door):
    _link, token = door.entrance.links.make(OFFICE, "分管市领导")
    for _use in range(ADDRESS_LIMIT * 2):
        assert door.entrance.links.redeem(token, HERE)


@pytest.mark.parametrize(
    "by", [Actor("x", "unit", ("市科委",)), Actor("x", "viewer"), Actor("x", "leader"), Actor("", "")]
)
def test_only_the_centre_makes_and_revokes_links(door: Door, by: Actor):
    link, token = door.entrance.links.make(KEEPER, "分管市领导")
    with pytest.raises(AccountError):
        door.entrance.links.make(by, "自己")
    with pytest.raises(AccountError):
        door.entrance.links.revoke(by, link.id)
    assert door.entrance.links.redeem(token, HERE)
    assert len(door.entrance.links.all()) == 1


@pytest.mark.parametrize(
    ("name", "days"), [("", 1), (" \n", 1), ("长" * 61, 1), ("甲", 0), ("甲", -1), ("甲", MOST_DAYS + 1)]
)
def test_a_link_without_a_reader_or_an_end_is_not_made(door: Door, name: str, days: int):
    with pytest.raises(AccountError):
        door.entrance.links.make(OFFICE, name, days)
    assert door.entrance.links.all() == []


def test_a_link_that_is_not_there_cannot_be_revoked(door: Door):
    with pytest.raises(AccountError):
        door.entrance.links.revoke(OFFICE, 99)


def test_what_a_link_was_used_for_stands_in_the_audit_without_its_token(door: Door):
    link, token = door.entrance.links.make(OFFICE, "分管市领导")
    redeemed(door, token)
    door.entrance.links.revoke(OFFICE, link.id)
    door.entrance.links.redeem(token, THERE)
    door.entrance.links.redeem("guess" * 9, THERE)
    told = [(entry.data["action"], entry.data["address"]) for entry in reversed(door.entrance.audit.recent())][-5:]
    assert [action for action, _address in told] == ["建立链接", "使用链接", "撤销链接", "链接无效", "链接无效"]
    assert [address for _action, address in told][-2:] == [THERE, THERE]
    assert not re.search(re.escape(token[:12]) + "|guess", repr(door.entrance.audit.recent()))
