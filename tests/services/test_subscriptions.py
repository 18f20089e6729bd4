"""Subscriptions: a program's token opens one thing, of what its maker may see now, and stops when he may not."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.services.accounts import AccountError
from lib.services.links import ADDRESS_LIMIT, FEEDS, MOST_FEED_DAYS, SHUT, Purpose, TooOften, address_of
from lib.services.policy import OPERATOR, Actor, Sight
from lib.store.access import digest_of
from tests.services.doors import HERE, KEEPER, OFFICE, THERE, Clock, Door, hurry, open_door

OURS, THEIRS = "市商务委", "市科委"
ALL = Sight(None, personal=False)


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    hurry(monkeypatch)
    made = open_door(tmp_path / "kept", Clock())
    made.keep("root", "admin")
    made.keep("li", "office")
    made.keep("zhao", "unit", OURS, THEIRS)
    return made


def zhao(*units: str) -> Actor:
    return Actor("赵六", "unit", units or (OURS, THEIRS), "zhao", HERE)


def make(door: Door, by: Actor = OFFICE, purpose: Purpose = Purpose.CALENDAR, *units: str, days: int = 30) -> str:
    return door.entrance.links.make(by, "张三的手机", days, purpose, units)[1]


def shown(door: Door, token: str, purpose: Purpose = Purpose.CALENDAR, address: str = HERE) -> Sight | None:
    found = door.entrance.links.feed(token, purpose, address)
    return found.sight if found else None


def told(door: Door) -> list[str]:
    return [entry.data["action"] for entry in reversed(door.entrance.audit.recent()) if "订阅" in entry.data["action"]]


@pytest.mark.parametrize("made", list(Purpose))
@pytest.mark.parametrize("asked", FEEDS)
def test_a_token_of_one_purpose_opens_no_other(door: Door, made: Purpose, asked: Purpose):
    token = make(door, OFFICE, made)
    assert (shown(door, token, asked) is not None) == (made == asked)
    assert (door.entrance.links.redeem(token, HERE) is not None) == (made is Purpose.PAGE)


def test_it_shows_what_it_was_made_for_and_nobodys_phone(door: Door):
    assert shown(door, make(door)) == ALL
    assert shown(door, make(door, OFFICE, Purpose.CALENDAR, OURS)) == Sight(frozenset({OURS}), personal=False)
    assert shown(door, make(door, zhao())) == Sight(frozenset({OURS, THEIRS}), personal=False)
    assert shown(door, make(door, zhao(), Purpose.CALENDAR, THEIRS)) == Sight(frozenset({THEIRS}), personal=False)
    assert shown(door, make(door, OPERATOR)) == ALL


@pytest.mark.parametrize(
    ("by", "units"),
    [
        (zhao(OURS), (THEIRS,)),
        (zhao(OURS), (OURS, THEIRS)),
        (Actor("看", "viewer", user="kan"), ()),
        (Actor("看", "viewer", user="kan"), (OURS,)),
        (Actor("领导", "leader"), ()),
        (Actor("", ""), ()),
    ],
)
def test_nobody_makes_one_for_more_than_he_sees(door: Door, by: Actor, units: tuple[str, ...]):
    with pytest.raises((AccountError, ValueError)):
        make(door, by, Purpose.DATA, *units)
    assert door.entrance.links.all() == []


@pytest.mark.parametrize("days", [0, -1, MOST_FEED_DAYS + 1])
def test_it_has_an_end_within_two_years(door: Door, days: int):
    with pytest.raises(AccountError):
        make(door, days=days)
    token = make(door, days=MOST_FEED_DAYS)
    door.clock.pass_by(days=MOST_FEED_DAYS - 1)
    assert shown(door, token)
    door.clock.pass_by(days=1)
    assert shown(door, token) is None


def test_it_stops_with_its_makers_account_and_goes_on_with_it(door: Door):
    office, unit, operators = make(door), make(door, zhao()), make(door, OPERATOR)
    for user in ("li", "zhao"):
        door.accounts.disable(KEEPER, user)
    for process in (door, door.again()):
        assert shown(process, office) is None
        assert shown(process, unit) is None
        assert shown(process, operators) == ALL
    door.accounts.enable(KEEPER, "li")
    assert shown(door, office) == ALL


def test_it_loses_the_units_its_maker_loses_and_gains_none(door: Door):
    both = make(door, zhao())
    one = make(door, zhao(), Purpose.CALENDAR, THEIRS)
    door.accounts.change(KEEPER, "zhao", name="赵六", role="unit", units=[OURS, "市公安局"], email="")
    assert shown(door, both) == Sight(frozenset({OURS}), personal=False)
    assert shown(door, one) is None
    [stopped] = [link for link in door.entrance.links.all() if door.entrance.links.has_stopped(link)]
    assert stopped.units == (THEIRS,)


@pytest.mark.parametrize(("role", "units"), [("viewer", []), ("unit", [OURS])])
def test_what_was_made_for_all_does_not_outlive_the_role_that_made_it(door: Door, role: str, units: list[str]):
    everything, theirs = make(door), make(door, OFFICE, Purpose.CALENDAR, THEIRS)
    door.accounts.change(KEEPER, "li", name="李四", role=role, units=units, email="")
    assert shown(door, everything) is None
    assert shown(door, theirs) is None


def test_its_maker_and_the_office_revoke_it_and_nobody_else(door: Door):
    links = door.entrance.links
    mine, offices = (links.make(by, "手机", 30, Purpose.CALENDAR) for by in (zhao(), OFFICE))
    assert [link.id for link in links.kept_by(zhao())] == [mine[0].id]
    for stranger in (zhao(), Actor("赵六", "unit", (OURS,), "other"), Actor("", "viewer", user="kan")):
        with pytest.raises(AccountError):
            links.revoke(stranger, offices[0].id)
    with pytest.raises(AccountError):
        links.revoke(Actor("赵六", "unit", (OURS,), "other"), mine[0].id)
    links.revoke(zhao(), mine[0].id)
    links.revoke(KEEPER, offices[0].id)
    assert shown(door.again(), mine[1]) is None
    assert shown(door.again(), offices[1]) is None


def test_a_unit_revokes_no_leaders_link_that_an_account_of_its_name_made(door: Door):
    link, token = door.entrance.links.make(Actor("李四", "office", user="zhao"), "领导")
    with pytest.raises(AccountError):
        door.entrance.links.revoke(zhao(), link.id)
    assert door.entrance.links.redeem(token, HERE)


@pytest.mark.parametrize("forged", ["", "x", "0" * 43, "' or '1'='1", "\0", "\ud83d", "长" * 5000, "null"])
def test_a_forged_token_opens_nothing(door: Door, forged: str):
    token = make(door)
    for tried in (forged, token[:-1], token + "A", token.swapcase(), digest_of(token)):
        assert shown(door, tried) is None
    assert shown(door, token)


def test_guessing_shuts_the_address_for_every_token_alike_and_opens_again(door: Door):
    token, leader = make(door), make(door, OFFICE, Purpose.PAGE)
    for number in range(ADDRESS_LIMIT):
        assert shown(door, f"guess-{number}", address=THERE) is None
    for tried in (token, "guess"):
        with pytest.raises(TooOften) as error:
            shown(door.again(), tried, address=THERE)
        assert 0 < error.value.seconds <= SHUT
    assert shown(door, token)
    assert door.entrance.links.redeem(leader, THERE), "a calendar shuts out no leader"
    door.clock.pass_by(seconds=SHUT + 1)
    assert shown(door, token, address=THERE)


def test_a_forgotten_phone_shuts_out_none_of_its_colleagues(door: Door):
    link, old = door.entrance.links.make(OFFICE, "旧手机", 30, Purpose.CALENDAR)
    door.entrance.links.revoke(OFFICE, link.id)
    token = make(door)
    for _poll in range(ADDRESS_LIMIT * 2):
        assert shown(door, old) is None
    assert shown(door, token)


def test_a_whole_office_behind_one_address_may_ask_at_the_same_moment(door: Door):
    token, several = make(door), ADDRESS_LIMIT * 2
    begin = threading.Barrier(several)

    def ask(_number: int) -> bool:
        begin.wait()
        return shown(door, token) is not None

    with ThreadPoolExecutor(several) as threads:
        assert all(threads.map(ask, range(several)))


def test_what_is_done_with_it_is_audited_and_each_poll_is_counted_only(door: Door):
    link, token = door.entrance.links.make(zhao(), "手机", 30, Purpose.CALENDAR, [OURS])
    for _day in range(2):
        for _poll in range(5):
            shown(door, token)
        door.clock.pass_by(days=1)
    door.entrance.links.revoke(zhao(), link.id)
    for _poll in range(5):
        shown(door, token)
    shown(door, "guess" * 9)
    shown(door, "")  # nobody's try: an address that was cut off
    assert told(door) == ["建立订阅", "使用订阅", "使用订阅", "撤销订阅", "订阅无效", "订阅无效"]
    assert next(each.uses for each in door.entrance.links.all() if each.id == link.id) == 10
    written = door.written()
    assert token.encode() not in written
    assert b"guess" not in written
    made = next(e.data for e in door.entrance.audit.recent() if e.data["action"] == "建立订阅")
    assert (made["actor"], made["units"], made["purpose"]) == ("zhao", OURS, "日历订阅")


def test_links_made_before_there_were_subscriptions_still_open(door: Door):
    token = make(door, OFFICE, Purpose.PAGE)
    path = door.folder / "access.sqlite"
    with sqlite3.connect(path) as db:
        for column in ("purpose", "account", "units"):
            db.execute(f"alter table links drop column {column}")
    db.close()
    old = door.again()
    [link] = old.entrance.links.all()
    assert (link.purpose, link.account, link.units) == ("page", "", ())
    assert old.entrance.links.redeem(token, HERE)
    assert shown(old, token) is None
    assert shown(old, make(old))


def test_an_address_names_its_token_in_the_query_or_the_path():
    assert address_of(Purpose.PAGE, "https://a.cn", "T") == "https://a.cn/l/T"
    assert address_of(Purpose.CALENDAR, "https://a.cn", "T") == "https://a.cn/calendar.ics?t=T"
    assert address_of(Purpose.DATA, "https://a.cn", "T") == "https://a.cn/api/progress.json?t=T"
