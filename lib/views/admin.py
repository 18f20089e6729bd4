"""管理 (administration): accounts, leaders' links and the audit as words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lib.i18n import N_, _, listed
from lib.services.accounts import Account
from lib.services.google_health import Line
from lib.services.links import PURPOSE_WORDS, Purpose
from lib.services.policy import ROLE_WORDS, Role
from lib.services.settings import ZONE
from lib.store.access import Link
from lib.store.journal_lines import Entry

SHOWN = 500
"""Audit entries listed at once; the files have them all."""
_TOLD = ("action", "actor", "address")
_WORDS = {
    "account": N_("账号"),
    "role": N_("角色"),
    "link": N_("链接"),
    "name": N_("给谁用"),
    "days": N_("有效天数"),
    "page": N_("页面"),
    "command": N_("操作"),
    "rule": N_("规则"),
    "why": N_("原因"),
    "entry": N_("日志第几条"),
    "service": N_("统一身份认证"),
    "change": N_("修改密码时"),
    "purpose": N_("用途"),
    "units": N_("单位"),
}


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account."""

    user: str
    name: str
    role: str
    units: str
    email: str
    state: str
    sessions: int


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link: for whom, what it opens, and of which units."""

    number: int
    name: str
    purpose: str
    units: str
    state: str
    ends: str
    uses: int
    used: str
    maker: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry of the audit."""

    at: str
    action: str
    actor: str
    address: str
    detail: str


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One thing that was looked over."""

    mark: str
    what: str
    detail: str


def account_lines(accounts: Iterable[Account], sessions: Mapping[str, int]) -> tuple[AccountLine, ...]:
    """Every account and how many sessions it has open."""
    return tuple(
        AccountLine(
            a.user, a.name, _(ROLE_WORDS[a.role]), "、".join(a.units), a.email,
            _("已停用") if a.disabled else _("待首次登录") if a.must_change else _("正常"), sessions.get(a.user, 0),
        )
        for a in accounts
    )  # fmt: skip


def link_lines(
    links: Iterable[Link], now: datetime, has_stopped: Callable[[Link], bool] = lambda link: False
) -> tuple[LinkLine, ...]:
    """Every link, the newest first. ``has_stopped``: whether its maker's account lets it show nothing any more."""
    seconds = now.timestamp()
    lines = []
    for link in links:
        ended = link.ends <= seconds
        stopped = not (link.revoked or ended) and has_stopped(link)
        state = _("已撤销") if link.revoked else _("已到期") if ended else _("已停止") if stopped else _("有效")
        units = listed(link.units) if link.units else _("全部")
        lines.append(
            LinkLine(
                link.id, link.name, _(PURPOSE_WORDS[Purpose(link.purpose)]), units, state, _time(link.ends), link.uses,
                _time(link.used), link.maker, not (link.revoked or ended),
            )
        )  # fmt: skip
    return tuple(lines)


def audit_lines(entries: Iterable[Entry], action: str | None = None, wanted: str = "") -> tuple[AuditLine, ...]:
    """The latest entries, the newest first. ``wanted`` is looked for in names, addresses and details."""
    lines = []
    for entry in entries:
        data, kind, who = entry.data, entry.data["action"], entry.data["actor"]
        if action not in (None, kind):
            continue
        detail = _("；").join(_part(key, value) for key, value in data.items() if key not in _TOLD and _says(value))
        line = AuditLine(
            entry.at[:19].replace("T", " "), _(kind), _(who) if who else "—", data["address"] or "—", detail
        )
        if wanted.strip() in f"{line.actor} {line.address} {line.detail}":
            lines.append(line)
        if len(lines) == SHOWN:
            break
    return tuple(lines)


def health_lines(lines: Iterable[Line]) -> tuple[HealthLine, ...]:
    """What was looked over: in order or not, in a word and a sign."""
    return tuple(HealthLine(_("✓ 正常") if line.ok else _("✗ 要处理"), line.what, line.detail) for line in lines)


def _says(value: object) -> bool:
    return value not in (None, "")


def _part(key: str, value: object) -> str:
    """One detail: ``账号 lina``; the mere word where there is no more to say."""
    word = _(_WORDS.get(key, key))
    shown = _(ROLE_WORDS[Role(str(value))]) if key == "role" and str(value) in ROLE_WORDS else _(str(value))
    return word if value is True else f"{word} {shown}"


def actions_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The kinds of entries there are."""
    return tuple(dict.fromkeys(entry.data["action"] for entry in entries))


def _time(seconds: int | None) -> str:
    return "—" if seconds is None else f"{datetime.fromtimestamp(seconds, ZONE):%Y-%m-%d %H:%M}"
