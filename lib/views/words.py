"""Words and formats that views share: dates, counts, states, and the plan's own terms in the reader's language."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from lib.i18n import N_, _, language
from sheets_schema.plan import Plan
from sheets_schema.plan_work import Light, StateKey

_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


def day(on: date | None, weekday: bool = False) -> str:
    """``2016年6月30日`` or ``30 June 2016``; a dash for no date. With ``weekday`` its name follows."""
    if on is None:
        return "—"
    text = format_date(on, "long", locale=_LOCALES[language()])
    return _("{text}（{more}）", text=text, more=_(WEEKDAYS[on.weekday()])) if weekday else text


def short_day(on: date | None) -> str:
    """``6月30日`` or ``30 Jun``."""
    if on is None:
        return "—"
    return f"{on.month}月{on.day}日" if language() == "zh" else format_date(on, "d MMM", locale=_LOCALES["en"])


def share(done: int, total: int) -> str:
    """``437/1067``; a dash when nothing is expected."""
    return f"{done}/{total}" if total else "—"


def percent(value: float) -> str:
    """``41%``."""
    return f"{value:.0%}"


def state_word(plan: Plan, state: StateKey) -> str:
    """Shape and word of a state, ``■ 逾期``."""
    light = plan.lights.by_state[state]
    return f"{light.shape} {_(light.word)}"


def light(plan: Plan, state: StateKey) -> Light:
    """The light of a state."""
    return plan.lights.by_state[state]


def days_text(days_left: int) -> str:
    """``逾期 12 天``, ``当日到期``, ``还有 3 天``."""
    if days_left < 0:
        return _("逾期 {n} 天", n=-days_left)
    return _("还有 {n} 天", n=days_left) if days_left else _("当日到期")
