"""Passwords (密码): what may be one, and how it is kept and checked; the hash is streamlit-authenticator's bcrypt."""

from __future__ import annotations

import logging
import secrets
import unicodedata
from functools import cache
from typing import Any

from lib.i18n import T_, Text

SHORTEST = 10
"""Characters of any script."""
LONGEST_BYTES = 72
"""Where bcrypt stops: 72 letters, 24 Chinese characters."""
FEWEST_DIFFERENT = 4
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of passwords that are read off a screen: nothing that looks like something else."""


def refusal(password: str, *personal: str) -> Text | None:
    """Why a text may not become a password; None when it may. ``personal``: the account's names, which it must not
    hold. Nothing is asked of its composition (ASVS 6.2.5)."""
    text = normal(password)
    if len(text) < SHORTEST:
        return T_("密码太短：至少 {n} 个字符，可以是一句话", n=SHORTEST)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_BYTES:
        return T_("密码太长：最多 {n} 个字节（字母数字每个 1 字节，汉字每个 3 字节），现在是 {size}",
                  n=LONGEST_BYTES, size=size)  # fmt: skip
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        return T_("密码里有看不见的控制字符，请换掉")
    if len(set(text)) < FEWEST_DIFFERENT:
        return T_("密码太简单：不同的字符至少 {n} 个", n=FEWEST_DIFFERENT)
    folded = text.casefold()
    if any(len(name) > 1 and name.casefold() in folded for name in personal):
        return T_("密码里不能有账号名或姓名")
    return None


def normal(password: str) -> str:
    """The same password whatever keyboard composed it."""
    return unicodedata.normalize("NFC", password)


def hashed(password: str) -> str:
    """The hash to keep of a password that ``refusal`` lets through."""
    found: str = _hasher().hash(normal(password))
    return found


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one kept. Takes the same time when there is none to compare with."""
    text = normal(password)
    data = text.encode("utf-8", "replace")
    possible = kept is not None and len(data) <= LONGEST_BYTES and "\0" not in text
    try:
        right = bool(_hasher().check_pw(text if possible else "-", kept if possible else _nobodys()))
    except (ValueError, UnicodeError):  # what is kept is no hash, or nothing that can be encoded was typed
        _hasher().check_pw("-", _nobodys())
        return False
    return right and possible


def one_time() -> str:
    """A password for the first sign-in, easy to read to somebody: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _n in range(4)) for _group in range(4))


@cache
def _nobodys() -> str:
    """A hash that no password is asked to fit, as costly as the real ones."""
    return hashed(secrets.token_urlsafe(16))


@cache
def _hasher() -> Any:
    logging.disable(logging.WARNING)  # its package imports all of Streamlit, which then misses a running page
    try:
        from streamlit_authenticator.utilities.hasher import Hasher  # noqa: PLC0415
    finally:
        logging.disable(logging.NOTSET)
    return Hasher
