"""Guessing at a running server: two hundred tries from one place, from many, at accounts and at links."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.services.entrance import Entrance
from lib.services.passwords import hashed
from lib.services.policy import OPERATOR
from lib.services.sessions import ACCOUNT_LIMIT, ADDRESS_LIMIT, SHUT, WINDOW
from lib.ui.session import LINK_COOKIE, USER_COOKIE
from tests.entrance import keep
from tests.security.wire import Answer, Wire
from tests.server import Server

PASSWORD, TRIES = "一句好记的话 2016", 200


@pytest.fixture(scope="module")
def attacked(server: Server, door: Entrance) -> Iterator[Server]:
    """A server with accounts that have a real password."""
    kept = hashed(PASSWORD)
    for user in ("lina", "wang", "zhao"):
        keep(door, user, "office")
        door.accounts.credentials.change(lambda users, user=user: users[user].update(password=kept))
    return server


def sign_in(server: Server, user: str, password: str, address: str) -> Answer:
    return Wire.of(server.url, address=address).post("/signin", {"user": user, "password": password})


def guess(server: Server, user: str, address: str, times: int = TRIES) -> list[Answer]:
    """So many wrong passwords, eight at a time."""
    with ThreadPoolExecutor(8) as many:
        return list(many.map(lambda n: sign_in(server, user, f"guess number {n}", address), range(times)))


def test_two_hundred_tries_shut_the_account_also_for_the_right_password_and_after_a_restart(
    attacked: Server, door: Entrance, tmp_path: Path
):
    assert USER_COOKIE in sign_in(attacked, "lina", PASSWORD, "10.7.0.1").cookies
    answers = guess(attacked, "lina", "10.7.0.2")
    assert {answer.status for answer in answers} == {401}
    assert not any(answer.cookies for answer in answers)
    assert sum("账号或密码不对" in answer.body for answer in answers) <= ACCOUNT_LIMIT
    for address in ("10.7.0.2", "10.7.0.3"):
        shut = sign_in(attacked, "lina", PASSWORD, address)
        assert (shut.status, shut.cookies) == (401, {})
        assert "尝试次数过多" in shut.body
    again = Server(attacked.workbook, tmp_path / "again.log")
    try:
        assert sign_in(again, "lina", PASSWORD, "10.7.0.4").cookies == {}
        assert USER_COOKIE in sign_in(again, "zhao", PASSWORD, "10.7.0.4").cookies
    finally:
        again.stop()
    noted = [entry.data["action"] for entry in door.audit.recent() if entry.data.get("address") == "10.7.0.2"]
    assert noted.count("登录失败") <= ACCOUNT_LIMIT
    assert 1 <= noted.count("暂停登录") <= 10


def burn(door: Entrance, place: str, limit: int, left: int) -> None:
    """Tries counted by another process, without the quarter of a second each takes: ``left`` more shut the place."""
    for _try in range(limit - left):
        assert door.accounts.access.attempt((place, limit), window=WINDOW, lock=SHUT) == 0


def test_one_password_tried_on_many_accounts_shuts_the_address(attacked: Server, door: Entrance):
    burn(door, "address:10.7.1.1", ADDRESS_LIMIT, 4)
    answers = [sign_in(attacked, f"user-{n}", "123456", "10.7.1.1") for n in range(30)]
    assert ["尝试次数过多" in answer.body for answer in answers] == [False] * 4 + [True] * 26
    assert sign_in(attacked, "wang", PASSWORD, "10.7.1.1").cookies == {}
    assert USER_COOKIE in sign_in(attacked, "wang", PASSWORD, "10.7.1.2").cookies


def test_an_account_that_is_not_there_answers_alike(attacked: Server, door: Entrance):
    told = {}
    for user in ("wang", "nobody"):
        burn(door, f"account:{user}", ACCOUNT_LIMIT, 2)
        answers = [sign_in(attacked, user, f"guess {n}", f"10.7.2.{n}") for n in range(4)]
        told[user] = [(answer.status, answer.body.replace(user, "")) for answer in answers]
    assert told["wang"] == told["nobody"]
    assert "尝试次数过多" in told["wang"][-1][1]


def test_guessed_links_shut_the_address_but_not_the_link(attacked: Server, door: Entrance):
    _link, token = door.links.make(OPERATOR, "分管市领导")
    guesser = Wire.of(attacked.url, address="10.7.3.1")
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda n: guesser.ask(f"/l/{token[:-3]}{n:03d}"), range(60)))
    assert {answer.status for answer in answers} == {404}
    assert not any(answer.cookies for answer in answers)
    assert guesser.ask(f"/l/{token}").status == 404
    assert LINK_COOKIE in Wire.of(attacked.url, address="10.7.3.2").ask(f"/l/{token}").cookies


def test_a_made_up_address_from_elsewhere_is_not_believed(attacked: Server, door: Entrance):
    """Only a proxy on the machine itself is: the last address it names counts, not what the visitor wrote before it."""
    wire = Wire.of(attacked.url)
    for number in range(3):
        wire.post("/signin", {"user": f"spoof-{number}", "password": "x"}, x_forwarded_for=f"1.2.3.{number}, 10.7.4.1")
    noted = {entry.data["address"] for entry in door.audit.recent() if str(entry.data["actor"]).startswith("spoof")}
    assert noted == {"10.7.4.1"}
