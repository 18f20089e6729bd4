"""催办单 as plain text: short enough for a chat, whole for a mail. No markup, and nothing typed breaks a line."""

from __future__ import annotations

from datetime import date

from lib.domain.normalise import one_line
from lib.i18n import N_, _
from lib.views.reminders import Item, Reminder
from lib.views.words import day, short_day
from sheets_schema.plan import Plan

CHAT = 600
"""Characters of a text for a chat: about one screen of a phone, and no program folds it away."""
LETTER = 200
"""Things listed one by one in a mail; nobody reads more."""
_NAME, _WHAT, _REMEDY = 24, 40, 30
"""Characters of what people typed, in a chat."""
_WHOLE = 200
"""The same in a mail."""


def plain(text: str, limit: int = _WHOLE) -> str:
    """What somebody typed, as a piece of a line."""
    return one_line(text, limit)


def subject(found: Reminder, as_of: date) -> str:
    """The mail's subject: ``【催办】市科委：逾期 3，临期 2（截至2016年3月31日）``."""
    unit = plain(_(found.unit), _NAME)
    return _("【催办】{unit}：{counts}（截至{day}）", unit=unit, counts=found.title, day=day(as_of))


def chat(found: Reminder, plan: Plan, as_of: date, url: str = "") -> str:
    """A unit's reminder for a chat: its head, as many numbered things as fit, and how many more there are."""
    head, foot = _head(found, as_of), _foot(plan, url)
    lines: list[str] = []
    for number, item in enumerate(found.items, 1):
        line = _line(number, item, plain(item.what, _WHAT), plain(item.remedy, _REMEDY))
        rest = _("另有 {n} 项", n=len(found.items) - number)
        if len("\n".join((head, *lines, line, rest, *foot))) > CHAT:
            lines.append(_("另有 {n} 项", n=len(found.items) - number + 1))
            break
        lines.append(line)
    return "\n".join((head, *lines, *foot))


def letter(found: Reminder, plan: Plan, as_of: date, url: str = "") -> str:
    """The same for a mail: everything, and to whom it goes."""
    lines = [
        _line(number, item, plain(item.what), plain(item.remedy)) for number, item in enumerate(found.items[:LETTER], 1)
    ]
    more = len(found.items) - len(lines)
    lines += [_("另有 {n} 项", n=more)] if more else []
    left = [_("另有 {n} 项不在此次催办之列（等待上级或其他单位）。", n=len(found.left))] if found.left else []
    named = people(found)
    greeting = [_("请转：{names}", names=_("、").join(named))] if named else []
    return "\n".join((_head(found, as_of), *greeting, "", *lines, "", *left, *_foot(plan, url)))


def people(found: Reminder) -> tuple[str, ...]:
    """Who a unit's reminder is for, by role and name; who is not named yet is not there."""
    named = ((N_("责任人"), found.leader), (N_("联络员"), found.liaison))
    return tuple(f"{_(role)} {plain(name, _NAME)}" for role, name in named if name)


def _head(found: Reminder, as_of: date) -> str:
    return _(
        "【{level}】{unit}：{counts}（截至{day}）", level=found.mark, unit=plain(_(found.unit), _NAME),
        counts=found.title, day=day(as_of),
    )  # fmt: skip


def _line(number: int, item: Item, what: str, remedy: str) -> str:
    when = _("{day}到期，{text}", day=short_day(item.due), text=item.when) if item.due else item.mark
    return _(
        "{number}. {mark} {what}。{when}。依据{clause}。{remedy}。",
        number=number, mark=item.mark, what=what, when=when, clause=item.clause, remedy=remedy,
    )  # fmt: skip


def _foot(plan: Plan, url: str) -> tuple[str, ...]:
    before = _("到期前确实办不完的，请先申请延期。") if plan.extensions.before_due else ""
    return tuple(filter(None, (before, _("办理：{url}", url=f"{url}/todo") if url else "")))
