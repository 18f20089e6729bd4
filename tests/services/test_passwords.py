"""Passwords: of any script, up to where bcrypt stops; checked at the same cost whether there is an account or not."""

from __future__ import annotations

import unicodedata

import bcrypt
import pytest

from lib.services import passwords


@pytest.mark.parametrize(
    ("password", "allowed"),
    [
        ("abcdefghi", False),  # nine
        ("abcdefghij", True),  # ten
        ("脱钩工作台的好密码一", True),  # ten of another script
        ("脱钩工作台的好密码", False),
        ("пароль пароль", True),
        ("🏮🐉🎋🧧" + "🥟" * 6, True),  # ten characters, forty bytes
        ("abcdefgh" * 8, True),  # 64
        ("abcdefgh" * 9, True),  # 72 bytes
        ("abcdefgh" * 9 + "x", False),  # 73
        ("天地玄黄宇宙洪荒" * 3, True),  # 24 Chinese characters are 72 bytes
        ("天地玄黄宇宙洪荒" * 3 + "日", False),
        ("🏮🐉🎋🧧" * 4 + "🥟🥟", True),  # 72 bytes
        ("🏮🐉🎋🧧" * 5, False),
        ("一句很长的话 也可以 有空格", True),
        ("nul\0in the middle", False),
        ("tab\tin the middle", False),
        ("half \ud83d of a pair", False),
        ("aaaaaaaaaaaa", False),
        ("", False),
        ("x" * 100_000, False),
    ],
)
def test_what_may_be_a_password(password: str, allowed: bool):
    why = passwords.refusal(password)
    assert (why is None) is allowed
    if why is not None:
        assert str(why)
        assert password not in str(why) or not password
    if allowed:
        kept = passwords.hashed(password)
        assert passwords.fits(password, kept)
        assert not passwords.fits(password + "x", kept)
        assert not passwords.fits(password[:-1], kept)


def test_the_limit_is_said_in_bytes():
    said = str(passwords.refusal("天地玄黄宇宙洪荒" * 3 + "日"))
    assert "72" in said
    assert "75" in said


@pytest.mark.parametrize(
    ("password", "account"), [("lina lina 2016", "lina"), ("我叫李娜一二三四五六", "李娜"), ("LINA-2016-xyz", "lina")]
)
def test_a_password_holds_neither_name_of_the_account(password: str, account: str):
    assert passwords.refusal(password, account, "x") is not None
    assert passwords.refusal(password, "other", "x") is None


def test_a_composed_and_a_decomposed_password_are_one():
    composed = unicodedata.normalize("NFC", "café à la carte")
    apart = unicodedata.normalize("NFD", composed)
    assert composed != apart
    assert passwords.fits(apart, passwords.hashed(composed))
    assert passwords.fits(composed, passwords.hashed(apart))
    assert passwords.refusal("é" * 4 + "abcdef") is None
    assert passwords.refusal(unicodedata.normalize("NFD", "éèêëà")) is not None  # five characters, however written


def test_nothing_beyond_the_limit_is_cut_off():
    kept = passwords.hashed("abcdefgh" * 9)
    assert not passwords.fits("abcdefgh" * 9 + "anything", kept)
    assert not passwords.fits("abcdefgh" * 9 + "\0", kept)


@pytest.mark.parametrize("kept", ["", "plain text", "$2b$12$short", "abcdefghij", "$2b$99$" + "." * 53, "\0", "密码"])
def test_what_is_kept_and_is_no_hash_fits_nothing(kept: str):
    for typed in ("abcdefghij", kept, "", "-"):
        assert not passwords.fits(typed, kept)


@pytest.mark.parametrize("typed", ["", "-", "\0", "x" * 100, "\ud83d", "天" * 25, "-" * 73])
def test_every_try_costs_one_check_also_where_there_is_no_account(monkeypatch: pytest.MonkeyPatch, typed: str):
    passwords._nobodys.cache_clear()  # another test may have made it where bcrypt was told to hurry
    kept = passwords.hashed("one two three four")
    passwords.fits("x", None)
    counted = []
    real = bcrypt.checkpw

    def check(password: bytes, against: bytes) -> bool:
        counted.append(against)
        return real(password, against)

    monkeypatch.setattr(bcrypt, "checkpw", check)
    assert not passwords.fits(typed, None)
    assert not passwords.fits(typed, kept)
    assert len(counted) == 2
    assert len({against.split(b"$")[2] for against in counted}) == 1  # at the same cost


def test_one_time_passwords_are_long_different_and_easy_to_read():
    made = {passwords.one_time() for _n in range(200)}
    assert len(made) == 200
    for password in made:
        assert passwords.refusal(password) is None
        assert not set(password) & set("il1o0")
        assert len(password) == 19
