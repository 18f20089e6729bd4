"""Accounts: who gets in, who does not, when it ends, and that the file stays streamlit-authenticator's."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Barrier, Thread

import pytest
import yaml

from lib.services import passwords
from lib.services.accounts import HOUSE, AccountError, account_name
from lib.services.policy import Actor, Role
from lib.services.sessions import ACCOUNT_LIMIT, ADDRESS_LIMIT, IDLE, LIFE, ONE_TIME_LIFE, SHUT
from lib.store.base import StoreError, Unreadable
from lib.store.credentials import Entries
from tests.services.doors import BETTER, GOOD, HERE, KEEPER, OFFICE, THERE, Clock, Door, hurry, open_door


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    passwords._nobodys.cache_clear()
    return hurry(monkeypatch)


@pytest.fixture
def door(tmp_path: Path, checks: list[bytes]) -> Door:
    made = open_door(tmp_path / "kept", Clock())
    made.keep("root", "admin")
    made.keep("lina", "office")
    made.keep("wu", "unit", "市科委")
    return made


# coming in


def test_who_has_the_password_comes_in_as_who_she_is(door: Door):
    visitor = door.entrance.visitor(door.token("wu"), None, HERE)
    assert visitor is not None
    assert visitor.actor == Actor("李娜", Role.UNIT, ("市科委",), "wu", HERE)
    assert not visitor.must_change


@pytest.mark.parametrize("typed", ["lina", "LINA", " Lina ", "ｌｉｎａ"])
def test_a_name_has_one_spelling(door: Door, typed: str):
    assert door.come(typed).token
    assert account_name(typed) == "lina"


def test_wrong_unknown_and_disabled_are_told_apart_by_nobody(door: Door, checks: list[bytes]):
    door.accounts.disable(KEEPER, "wu")
    said, cost = set(), []
    for user, password in (
        ("lina", BETTER),
        ("nobody", GOOD),
        ("wu", GOOD),
        ("wu", BETTER),
        ("", ""),
        ("lina\0", GOOD),
    ):
        before = len(checks)
        entry = door.come(user, password)
        cost.append(len(checks) - before)
        assert entry.token is None
        said.add(str(entry.reason))
    assert len(said) == 1
    assert cost == [1] * 6


def test_every_session_has_a_token_of_its_own_of_256_bits(door: Door):
    tokens = {door.token() for _n in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}


def test_a_one_time_password_lasts_a_week_and_has_to_be_changed(door: Door):
    once = door.accounts.add(HOUSE, "neu", "新", "viewer")
    entry = door.come("neu", once)
    assert entry.must_change
    visitor = door.sessions.visitor(entry.token)
    assert visitor is not None
    assert visitor.must_change
    door.clock.pass_by(seconds=ONE_TIME_LIFE + 1)
    assert door.come("neu", once).token is None
    again = door.accounts.reset(KEEPER, "neu")
    assert door.come("neu", once).token is None
    assert door.come("neu", again).must_change


def test_the_first_administrator_is_made_once_with_a_password_nobody_knows(tmp_path: Path, checks: list[bytes]):
    empty = open_door(tmp_path, Clock())
    assert empty.come("admin", "admin").token is None
    made = empty.accounts.first_admin()
    assert made is not None
    assert empty.accounts.first_admin() is None
    assert empty.again().accounts.first_admin() is None
    assert empty.come(*made).must_change
    assert made[1].encode() not in empty.written()
    other = open_door(tmp_path / "other", Clock()).accounts.first_admin()
    assert other is not None
    assert other[1] != made[1]


# sessions


ENDINGS = {
    "signed out": lambda door, token: door.sessions.sign_out(token),
    "disabled": lambda door, token: door.accounts.disable(KEEPER, "lina"),
    "disabled and enabled again": lambda door, token: (
        door.accounts.disable(KEEPER, "lina"), door.accounts.enable(KEEPER, "lina")
    ),
    "reset": lambda door, token: door.accounts.reset(KEEPER, "lina"),
    "password changed": lambda door, token: door.sessions.change_password(door.sessions.visitor(token), GOOD, BETTER),
    "password edited by hand": lambda door, token: door.by_hand(
        lambda users: users["lina"].update(password=passwords.hashed(BETTER))
    ),
    "disabled by hand": lambda door, token: door.by_hand(lambda users: users["lina"].update(disabled=True)),
    "removed by hand": lambda door, token: door.by_hand(lambda users: users.pop("lina")),
    "renamed by hand": lambda door, token: door.by_hand(lambda users: users.update(lina2=users.pop("lina"))),
    "file is garbage": lambda door, token: door.yaml.write_bytes(b"\xff\x00garbage"),
    "file is gone": lambda door, token: door.yaml.unlink(),
    "twelve hours": lambda door, token: door.clock.pass_by(seconds=LIFE),
    "idle": lambda door, token: door.clock.pass_by(seconds=IDLE + 1),
}  # fmt: skip


@pytest.mark.parametrize("how", ENDINGS)
def test_a_session_ends_at_once_and_in_every_process(door: Door, how: str):
    token, other = door.token(), door.again()
    assert door.opens(token)
    assert other.opens(token)
    ENDINGS[how](door, token)
    for process in (other, door, door.again()):
        try:
            assert not process.opens(token)
        except StoreError:
            assert how == "file is garbage"


def test_other_sessions_go_on_when_one_signs_out(door: Door):
    one, two = door.token(), door.token(address=THERE)
    door.sessions.sign_out(one)
    assert door.opens(two)


def test_a_changed_role_counts_at_once(door: Door):
    token = door.token()
    door.again().accounts.change(KEEPER, "lina", name="李娜", role="viewer", units=(), email="")
    visitor = door.sessions.visitor(token)
    assert visitor is not None
    assert not visitor.actor.may_write
    door.by_hand(lambda users: users["lina"].update(roles=["emperor"]))
    visitor = door.sessions.visitor(token)
    assert visitor is not None
    assert visitor.actor.role is Role.VIEWER


def test_work_keeps_a_session_open_and_polling_does_not(door: Door):
    working, polling = door.token(), door.token()
    for _half_hour in range(7):
        door.clock.pass_by(minutes=30)
        door.sessions.visitor(working, HERE, working=True)
        door.sessions.visitor(polling, HERE)
    assert door.opens(working)
    assert not door.opens(polling)


def test_no_work_keeps_a_session_open_for_ever(door: Door):
    token = door.token()
    for _hour in range(LIFE // 3600 - 1):
        door.clock.pass_by(hours=1)
        assert door.sessions.visitor(token, HERE, working=True) is not None
    door.clock.pass_by(hours=1)
    assert door.sessions.visitor(token, HERE, working=True) is None


@pytest.mark.parametrize("forged", ["", "x", "0" * 43, "../../etc/passwd", "' or 1=1 --", "\0", "\ud83d", "长" * 5000])
def test_a_forged_token_opens_nothing(door: Door, forged: str):
    token = door.token()
    for tried in (
        forged,
        token + forged if forged else token[:-1],
        token.swapcase(),
        token[:-1],
        f" {token}",
        f"{token}=",
    ):
        assert not door.opens(tried)
    assert door.opens(token)


def test_what_is_kept_of_a_session_signs_in_nobody(door: Door):
    token = door.token()
    [digest] = [row[0] for row in door.accounts.access._rows("select digest from sessions where subject = 'lina'")]
    assert token.encode() not in door.written()
    assert not door.opens(digest)


def test_a_stale_one_time_session_changes_nothing_after_a_reset(door: Door):
    visitor = door.sessions.visitor(door.token())
    assert visitor is not None
    once = door.accounts.reset(KEEPER, "lina")
    assert door.sessions.change_password(visitor, GOOD, BETTER).token is None
    assert door.come("lina", BETTER).token is None
    assert door.come("lina", once).must_change


# changing one's password


def test_a_password_is_changed_by_who_knows_it_and_only_to_a_good_one(door: Door):
    token = door.token()
    visitor = door.sessions.visitor(token)
    assert visitor is not None
    for old, new in (
        ("wrong wrong", BETTER),
        (GOOD, "short"),
        (GOOD, GOOD),
        (GOOD, "lina lina lina"),
        (GOOD, "天" * 25),
    ):
        entry = door.sessions.change_password(visitor, old, new)
        assert entry.token is None
        assert str(entry.reason)
        assert door.opens(token)
    entry = door.sessions.change_password(visitor, GOOD, BETTER)
    assert not door.opens(token)
    assert door.opens(entry.token)
    assert door.come("lina", GOOD).token is None
    assert door.come("lina", BETTER).token


def test_somebody_elses_open_tab_does_not_guess_the_old_password_for_ever(door: Door):
    visitor = door.sessions.visitor(door.token())
    assert visitor is not None
    for number in range(ACCOUNT_LIMIT):
        assert door.sessions.change_password(visitor, f"guess number {number}", BETTER).token is None
    assert door.sessions.change_password(visitor, GOOD, BETTER).token is None


# too many tries


def test_an_account_shuts_after_so_many_failures_and_opens_again(door: Door):
    for number in range(ACCOUNT_LIMIT):
        assert door.come("lina", f"guess {number}", f"10.0.1.{number}").token is None
    shut = door.come("lina", GOOD, THERE)
    assert shut.token is None
    assert "分钟" in str(shut.reason)
    assert door.again().come("lina", GOOD, THERE).token is None
    assert door.come("wu", GOOD, THERE).token
    door.clock.pass_by(seconds=SHUT + 1)
    assert door.come("lina", GOOD, THERE).token


def test_an_unknown_account_shuts_alike(door: Door):
    answers = {}
    for user in ("lina", "nobody"):
        told = [str(door.come(user, f"guess {n}", f"10.0.1.{n}").reason) for n in range(ACCOUNT_LIMIT + 2)]
        answers[user] = told
    assert answers["lina"] == answers["nobody"]


def test_an_address_shuts_whatever_account_it_tries(door: Door):
    for number in range(ADDRESS_LIMIT):
        assert door.come(f"user-{number}", "guess", THERE).token is None
    assert door.come("lina", GOOD, THERE).token is None
    assert door.again().come("lina", GOOD, THERE).token is None
    assert door.come("lina", GOOD, HERE).token


def test_those_who_know_their_passwords_shut_no_address(door: Door):
    for _n in range(ADDRESS_LIMIT + 5):
        assert door.come("lina", GOOD, THERE).token


def test_a_try_against_a_shut_account_costs_no_check_and_changes_nothing(door: Door, checks: list[bytes]):
    for number in range(ACCOUNT_LIMIT):
        door.come("lina", f"guess {number}")
    before = len(checks)
    for number in range(50):
        door.come("lina", f"guess {number}")
    assert len(checks) == before
    door.clock.pass_by(seconds=SHUT + 1)
    assert door.come().token


def test_a_hundred_tries_at_once_make_no_more_checks_than_the_limit(door: Door, checks: list[bytes]):
    before, barrier = len(checks), Barrier(100)
    processes = [door, door.again(), door.again()]

    def run(number: int) -> None:
        barrier.wait()
        processes[number % 3].come("lina", f"guess {number}", f"10.0.{number}.1")

    threads = [Thread(target=run, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < len(checks) - before <= ACCOUNT_LIMIT
    assert door.come("lina", GOOD, THERE).token is None


def test_an_administrator_opens_a_shut_account(door: Door):
    for number in range(ACCOUNT_LIMIT):
        door.come("lina", f"guess {number}")
    once = door.accounts.reset(KEEPER, "lina")
    assert door.come("lina", once, THERE).must_change


# keeping accounts


@pytest.mark.parametrize("by", [OFFICE, Actor("x", "unit", ("市科委",)), Actor("x", "viewer"), Actor("x", "leader")])
def test_only_an_administrator_keeps_accounts(door: Door, by: Actor):
    before = door.yaml.read_bytes()
    tries = (
        lambda: door.accounts.add(by, "x1", "x", "admin"),
        lambda: door.accounts.change(by, "lina", name="x", role="admin", units=(), email=""),
        lambda: door.accounts.disable(by, "root"),
        lambda: door.accounts.enable(by, "wu"),
        lambda: door.accounts.reset(by, "root"),
    )
    for attempt in tries:
        with pytest.raises(AccountError):
            attempt()
    assert door.yaml.read_bytes() == before


def test_the_last_administrator_stays(door: Door):
    for attempt in (
        lambda: door.accounts.disable(KEEPER, "root"),
        lambda: door.accounts.change(KEEPER, "root", name="x", role="office", units=(), email=""),
    ):
        with pytest.raises(AccountError):
            attempt()
    door.accounts.add(KEEPER, "second", "二", "admin")
    door.accounts.disable(KEEPER, "root")
    with pytest.raises(AccountError):
        door.accounts.disable(KEEPER, "second")


@pytest.mark.parametrize(
    ("user", "role", "units"),
    [
        ("lina", "office", ()),
        ("LINA", "office", ()),
        ("", "office", ()),
        ("a b", "office", ()),
        ("x" * 65, "office", ()),
        ("a\nb", "office", ()),
        ("<b>", "office", ()),
        ("a/../b", "office", ()),
        ("ok1", "leader", ()),
        ("ok2", "root", ()),
        ("ok3", "unit", ()),
        ("ok4", "office", ("市科委",)),
        ("ok5", "unit", (" ",)),
        ("ok6", "unit", ("查无此单位",)),
    ],
)
def test_an_account_that_cannot_be_is_not_made(door: Door, user: str, role: str, units: tuple[str, ...]):
    before = door.yaml.read_bytes()
    with pytest.raises(AccountError) as told:
        door.accounts.add(KEEPER, user, "李", role, units, known={"市科委"})
    assert str(told.value.reason)
    assert door.yaml.read_bytes() == before


def test_a_mail_address_is_one_accounts(door: Door):
    door.accounts.change(KEEPER, "lina", name="李娜", role="office", units=(), email="lina@example.org")
    with pytest.raises(AccountError):
        door.accounts.add(KEEPER, "other", "x", "viewer", email="LINA@example.org")
    assert door.sessions.sign_in_as("", HERE).token is None
    assert door.sessions.sign_in_as("stranger@example.org", HERE).token is None


# the file


def test_the_file_is_its_owners_and_so_is_the_doors(door: Door):
    old = os.umask(0)
    try:
        door.accounts.add(KEEPER, "x1", "x", "viewer")
        other = open_door(door.folder.with_name("other"), door.clock)
        other.keep("root", "admin")
    finally:
        os.umask(old)
    for made in (door, other):
        assert made.yaml.stat().st_mode & 0o777 == 0o600
        for path in made.folder.glob("access.sqlite*"):
            assert path.stat().st_mode & 0o777 == 0o600


def test_a_failing_edit_leaves_the_file_as_it_was(door: Door, monkeypatch: pytest.MonkeyPatch):
    before = door.yaml.read_bytes()

    def fail(entries: Entries) -> None:
        entries.clear()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        door.accounts.credentials.change(fail)
    assert door.yaml.read_bytes() == before
    assert door.come().token

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lib.store.credentials.swap", killed)
    with pytest.raises(KeyboardInterrupt):
        door.accounts.disable(KEEPER, "lina")
    assert door.yaml.read_bytes() == before
    assert door.again().come().token


GARBAGE = [
    b"\xff\xfe\x00",
    b"{",
    b"a: [",
    b"- 1\n- 2\n",
    b"credentials:\n",
    b"credentials: []\n",
    b"credentials: {usernames: 5}\n",
    b"credentials: {usernames: {lina: secret}}\n",
    b"credentials: {usernames: [lina]}\n",
    b"x: !!python/object:os.system {}\n",
    b"credentials: {usernames: {lina: {password: x, issued: soon}}}\n",
    b"credentials: {usernames: {1: {password: x}}}\n",
    b"when: 2016-13-45\n",
    b"[" * 5000,
    b"a: &a [*a]\ncredentials: *a\n",
    b"just words",
]


@pytest.mark.parametrize("content", GARBAGE, ids=range(len(GARBAGE)))
def test_a_garbage_file_lets_nobody_in_and_says_so(door: Door, content: bytes):
    token = door.token()
    door.yaml.write_bytes(content)
    for work in (
        lambda: door.opens(token),
        door.come,
        lambda: door.again().come(),
        door.accounts.all,
    ):
        with pytest.raises(Unreadable) as told:
            work()
        assert "accounts.yaml" in str(told.value)
        assert str(door.folder) not in str(told.value)
    with pytest.raises(Unreadable):
        door.accounts.first_admin()
    assert door.yaml.read_bytes() == content


@pytest.mark.parametrize(
    "change", [{"units": "市科委"}, {"roles": "unit"}, {"name": None}, {"password": None}, {"disabled": "no"}]
)
def test_a_slip_of_the_hand_never_gives_more(door: Door, change: dict[str, object]):
    token = door.token("wu")
    door.by_hand(lambda users: users["wu"].update(change))
    visitor = door.sessions.visitor(token)
    if visitor is not None:
        assert visitor.actor.role in (Role.UNIT, Role.VIEWER)
        assert set(visitor.actor.units) <= {"市科委"}
    assert len(door.accounts.all()) == 3


def test_a_garbage_database_lets_nobody_in_and_says_so(door: Door):
    token = door.token()
    door.accounts.access._connection().close()
    for path in door.folder.glob("access.sqlite*"):
        path.write_bytes(b"garbage" * 1000)
    for work in (lambda: door.again().opens(token), lambda: door.again().come(), lambda: door.opens(token)):
        with pytest.raises(Unreadable) as told:
            work()
        assert str(door.folder) not in str(told.value)


def test_the_authenticator_itself_reads_our_file_and_accepts_the_password(door: Door):
    from streamlit_authenticator import Authenticate
    from streamlit_authenticator.models import AuthenticationModel

    whole = yaml.safe_load(door.yaml.read_text(encoding="utf-8"))
    model = AuthenticationModel(whole["credentials"], auto_hash=False)
    assert model.check_credentials("lina", GOOD)
    assert not model.check_credentials("lina", BETTER)
    theirs = Authenticate(whole["credentials"], "c", "k" * 32, 0, auto_hash=False)
    assert set(theirs.authentication_controller.authentication_model.credentials["usernames"]) == {"root", "lina", "wu"}


def test_keys_of_the_authenticators_own_stay(door: Door):
    whole = yaml.safe_load(door.yaml.read_text(encoding="utf-8"))
    whole["cookie"] = {"name": "x", "expiry_days": 0}
    whole["credentials"]["usernames"]["lina"]["password_hint"] = "提示"
    door.yaml.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    door.accounts.disable(KEEPER, "wu")
    after = yaml.safe_load(door.yaml.read_text(encoding="utf-8"))
    assert after["cookie"] == whole["cookie"]
    assert after["credentials"]["usernames"]["lina"]["password_hint"] == "提示"
