"""Sending reminders (催办): who gets one, who does not and why, and never two to a unit on one day.

The intent is on the disk before a letter leaves and the outcome after. What was interrupted in between is "unsure":
it is shown to people and not repeated by itself that day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from lib.domain.cells import looks_like_email
from lib.i18n import DEFAULT, N_, T_, Text, speaking
from lib.services.audit import Audit
from lib.services.mail import Letter, MailError, Post
from lib.services.policy import Actor
from lib.services.settings import folder_of
from lib.services.smtp import Smtp
from lib.store.outbox import Outbox, Sending, State

REMINDED = N_("发出催办")
STALE = timedelta(minutes=10)
"""A letter that is "being sent" for longer is nobody's any more."""
PATIENCE = 2
"""Connections in a row that may break before the rest is not tried."""
NOBODYS = (".invalid", ".example", ".test")
"""Ends of addresses that are nobody's and never will be (RFC 2606): the only ones that sample data writes to."""
STATE_WORDS = {
    State.SENT: N_("✓ 已发出"),
    State.FAILED: N_("✕ 没有发出"),
    State.UNSURE: N_("◆ 不能确定"),
    State.SENDING: N_("● 正在发送"),
}
_NOT_ALLOWED = T_("只有办公室可以发出催办")
_NO_SETTINGS = T_("没有设定邮件服务器；在 .streamlit/secrets.toml 写 [smtp] 一节")


class NotSent(Exception):
    """Nothing can be sent at all; ``reason`` says why and what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Fate(StrEnum):
    """What becomes of a letter."""

    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    SKIPPED = "skipped"


FATE_WORDS = {
    Fate.SENT: STATE_WORDS[State.SENT],
    Fate.FAILED: STATE_WORDS[State.FAILED],
    Fate.UNSURE: STATE_WORDS[State.UNSURE],
    Fate.SKIPPED: N_("○ 不发"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one unit's letter, and why it did not leave, if so."""

    unit: str
    to: str
    fate: Fate
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one: ``why`` it would stay here, None when it would leave."""

    letter: Letter
    why: Text | None


def outbox_of(workbook: Path) -> Outbox:
    """The record of what was sent, in the folder beside a workbook."""
    return Outbox(folder_of(workbook) / "outbox.sqlite")


def planned(letters: Sequence[Letter], smtp: Smtp | None, outbox: Outbox, now: datetime) -> tuple[Planned, ...]:
    """A dry run: what ``send`` would do now. Raises ``StoreError``."""
    today = outbox.on(now.date())
    limit = smtp.daily_limit if smtp else None
    left = None if limit is None else limit - sum(one.state is not State.FAILED for one in today.values())
    found = []
    for letter in letters:
        why = _bad_address(letter) or _stands_in_the_way(today.get(letter.unit), now)
        if why is None and left is not None:
            why = _limit_reached(limit) if left <= 0 else None
            left -= 1
        found.append(Planned(letter, why))
    return tuple(found)


def why_not(actor: Actor, smtp: Smtp | None) -> Text | None:
    """Why somebody can send nothing at all; None when it can be done."""
    if not actor.may_remind:
        return _NOT_ALLOWED
    if smtp is None:
        return _NO_SETTINGS
    return smtp.problems[0] if smtp.problems else None


def send(
    actor: Actor,
    letters: Sequence[Letter],
    smtp: Smtp | None,
    outbox: Outbox,
    audit: Audit,
    now: Callable[[], datetime],
    finish: Callable[[Letter], Letter] = lambda letter: letter,
) -> tuple[Told, ...]:
    """Send what may be sent, over one connection, and tell of each. ``finish``: makes a letter complete, for those that
    really leave. Raises ``NotSent`` and ``StoreError``."""
    refusal = why_not(actor, smtp)
    if refusal is not None or smtp is None:
        raise NotSent(refusal or _NO_SETTINGS)
    told: list[Told] = []
    broken = 0
    with Post(smtp) as post:
        for at, letter in enumerate(letters):
            one, cut = _sent(actor, letter, post, outbox, audit, now, finish)
            told.append(one)
            broken = broken + 1 if cut else 0
            if broken >= PATIENCE and one.why is not None:
                told += [Told(rest.unit, rest.to, Fate.FAILED, one.why) for rest in letters[at + 1 :]]
                break
    return tuple(told)


def _sent(
    actor: Actor,
    letter: Letter,
    post: Post,
    outbox: Outbox,
    audit: Audit,
    now: Callable[[], datetime],
    finish: Callable[[Letter], Letter],
) -> tuple[Told, bool]:
    """What became of one letter, and whether the connection broke."""
    bad = _bad_address(letter)
    if bad is not None:
        return Told(letter.unit, letter.to, Fate.SKIPPED, bad), False
    started = now()
    standing = outbox.on(started.date()).get(letter.unit)
    why = _stands_in_the_way(standing, started)
    if why is not None:  # no connection is needed to tell
        return Told(letter.unit, letter.to, Fate.SKIPPED, why), False
    whole = finish(letter)  # before the intent is noted: what cannot be made leaves no trace
    try:
        post.ready()
    except MailError as error:
        return Told(letter.unit, letter.to, Fate.FAILED, error.reason), True
    claimed = outbox.claim(letter.unit, started, actor.user or actor.name, letter.to, post.smtp.daily_limit)
    if claimed is not True:
        why = _limit_reached(post.smtp.daily_limit) if claimed is False else _stands_in_the_way(claimed, started)
        return Told(letter.unit, letter.to, Fate.SKIPPED, why), False
    fate, reason, cut = Fate.SENT, None, False
    try:
        post.send(whole, started)
    except MailError as error:
        fate, reason, cut = Fate.UNSURE if error.unsure else Fate.FAILED, error.reason, error.cut
    _note(letter.unit, started.date(), fate, reason, outbox)
    audit.note(REMINDED, actor.user or actor.name, actor.address, unit=letter.unit, outcome=fate.value)
    return Told(letter.unit, letter.to, fate, reason), cut


def _note(unit: str, day: date, fate: Fate, reason: Text | None, outbox: Outbox) -> None:
    with speaking(DEFAULT):
        why = str(reason) if reason else ""
    outbox.settle(unit, day, State(fate.value), why)


def _bad_address(letter: Letter) -> Text | None:
    if not letter.to:
        return T_("没有填邮箱；在“机制与单位”页填写")
    if not looks_like_email(letter.to):
        return T_("邮箱“{value}”写法有误；在“机制与单位”页改正", value=letter.to[:80])
    if letter.sample and not letter.to.lower().endswith(NOBODYS):
        return T_("示例数据只发给不存在的邮箱（以 {value} 结尾），不打扰真实的人", value="、".join(NOBODYS))
    return None


def _stands_in_the_way(standing: Sending | None, now: datetime) -> Text | None:
    """Why today's line keeps a letter from leaving; a failed one does not."""
    if standing is None or standing.state is State.FAILED:
        return None
    time = standing.at[11:16]
    if standing.state is State.SENT:
        return T_("今天 {time} 已经发过", time=time)
    if standing.state is State.SENDING and now - datetime.fromisoformat(standing.at) < STALE:
        return T_("{time} 起正在发送", time=time)
    return T_("今天 {time} 发过，是否收到不能确定；请电话核实，明天可以再发", time=time)


def _limit_reached(limit: int | None) -> Text:
    return T_("今天已到上限 {n} 封；明天再发，或调大 [smtp] 的 daily_limit", n=limit or 0)


def last_words(sending: Sending | None, now: datetime) -> tuple[str, State | None]:
    """When a unit was last reminded, as month and day and time, and how that went; a dash for never."""
    if sending is None:
        return "—", None
    state = sending.state
    if state is State.SENDING and now - datetime.fromisoformat(sending.at) >= STALE:
        state = State.UNSURE
    return f"{sending.day.isoformat()} {sending.at[11:16]}", state
