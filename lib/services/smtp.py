"""The city's SMTP server (邮件服务器): the section ``[smtp]`` of secrets.toml, and everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lib.domain.cells import looks_like_email
from lib.domain.normalise import one_line
from lib.i18n import T_, Text
from lib.services.settings import ROOT, section

STARTTLS, TLS, NONE = "starttls", "tls", "none"
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
"""Security → the usual port."""
KEYS = (
    "host", "port", "security", "user", "password", "from", "reply_to", "base_url", "daily_limit", "timeout", "ca",
)  # fmt: skip
DAILY, TIMEOUT = 200, 20.0
"""Letters a day, and seconds to wait for the server, unless set otherwise."""
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Smtp:
    """The settings, and everything that is wrong with them. ``base_url``: where the workbench is reached, blank for no
    links; ``ca``: a certificate authority of the city's own; ``timeout`` in seconds."""

    host: str
    port: int = 587
    security: str = STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    reply_to: str = ""
    base_url: str = ""
    daily_limit: int = DAILY
    timeout: float = TIMEOUT
    ca: Path | None = None
    problems: tuple[Text, ...] = ()


def smtp_settings() -> Smtp | None:
    """The section ``[smtp]``, under ``TUOGOU_SMTP_HOST`` and its like for every key; None when no host is set."""
    try:
        told = section("smtp")
    except (ValueError, OSError) as error:
        return Smtp("", problems=(T_(".streamlit/secrets.toml 读不了：{why}", why=str(error)),))
    environment = {key: os.environ.get(f"TUOGOU_SMTP_{key.upper()}") for key in KEYS}
    found = {key: str(environment[key] or told.get(key) or "").strip() for key in KEYS}
    found["password"] = str(environment["password"] or told.get("password") or "")
    return smtp_of(found) if found["host"] else None


def smtp_of(told: Mapping[str, Any]) -> Smtp:
    """The settings that some texts make, with what is wrong with them."""
    problems: list[Text] = []
    security = told.get("security") or STARTTLS
    if security not in PORTS:
        problems.append(T_("[smtp] 的 security 只能是 {options}", options="、".join(PORTS)))
        security = STARTTLS
    host, user, password = str(told["host"]), str(told.get("user") or ""), str(told.get("password") or "")
    sender, reply_to, url = (str(told.get(key) or "") for key in ("from", "reply_to", "base_url"))
    if not looks_like_email(parseaddr(sender)[1]) or one_line(sender, len(sender)) != sender:
        problems.append(T_("[smtp] 的 from 要是一个邮箱地址，现在是“{value}”", value=sender))
    if reply_to and not looks_like_email(reply_to):
        problems.append(T_("[smtp] 的 reply_to 要是一个邮箱地址，现在是“{value}”", value=reply_to))
    if bool(user) != bool(password):
        problems.append(T_("[smtp] 的 user 和 password 要么都写，要么都不写"))
    if not (user + password).isascii():
        problems.append(T_("[smtp] 的 user 和 password 只能用英文字母、数字和符号"))
    if user and security == NONE and host not in _THIS_MACHINE:
        problems.append(T_("[smtp] 不加密时不能带密码登录；把 security 改为 starttls 或 tls"))
    if url and urlsplit(url).scheme not in ("http", "https"):
        problems.append(T_("[smtp] 的 base_url 要以 https:// 开头，现在是“{value}”", value=url))
        url = ""
    ca = ROOT / Path(str(told["ca"])).expanduser() if told.get("ca") else None
    if ca is not None and not ca.is_file():
        problems.append(T_("[smtp] 的 ca 指的文件“{value}”不在", value=str(told["ca"])))
    return Smtp(
        host, int(_number(told, "port", PORTS[security], problems, most=65535)), security, user, password, sender,
        reply_to, url.rstrip("/"), int(_number(told, "daily_limit", DAILY, problems)),
        _number(told, "timeout", TIMEOUT, problems, most=300), ca, tuple(problems),
    )  # fmt: skip


def _number(told: Mapping[str, Any], key: str, usual: float, problems: list[Text], most: float = 100_000) -> float:
    text = str(told.get(key) or "")
    try:
        value = float(text or usual)
    except ValueError:
        value = 0
    if 0 < value <= most:
        return value
    problems.append(T_("[smtp] 的 {name} 要是正数，现在是“{value}”", name=key, value=text))
    return usual
