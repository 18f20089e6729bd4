"""催办: one unit's reminder as text to copy, and sending by mail: first what would leave, then the button."""

from __future__ import annotations

import streamlit as st

from lib.documents.reminder import enclosed, letters
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.mail import Letter
from lib.services.policy import Actor
from lib.services.reminders import FATE_WORDS, STATE_WORDS, NotSent, Told, last_words, outbox_of, planned, send, why_not
from lib.services.settings import now, settings
from lib.services.smtp import Smtp
from lib.store.base import StoreError
from lib.store.outbox import Outbox, State
from lib.ui.files import take
from lib.ui.filters import pick_one
from lib.ui.navigation import link
from lib.ui.session import board, entrance
from lib.ui.tables import prose, table
from lib.ui.theme import esc
from lib.views.reminder_text import chat
from lib.views.reminders import Reminder
from sheets_schema.plan_work import LevelKey

SCOPES = {"blue": N_("全部等级"), "yellow": N_("黄色以上"), "red": N_("只发红色")}
_TRIED, _TOLD = "reminders_tried", "reminders_told"


@st.cache_resource(show_spinner=False)
def outbox() -> Outbox:
    """The one record of what was sent."""
    return outbox_of(settings().workbook)


def last_reminded() -> dict[str, str]:
    """Unit → when it was last reminded and how that went, as words."""
    try:
        latest = outbox().latest()
    except StoreError as error:
        st.error(esc(str(error)), icon=":material/database_off:")
        return {}
    found = {}
    for unit, sending in latest.items():
        when, state = last_words(sending, now())
        found[unit] = when if state in (None, State.SENT) else f"{when} {_(STATE_WORDS[state])}"
    return found


def one_reminder(found: Reminder, ledger: Ledger, url: str, last: str) -> None:
    """A unit's reminder: how sharp, the text to copy, the paper, the things, and what is left out and why."""
    with st.container(border=True):
        st.header(esc(f"{_(found.unit)} · {found.mark}"), anchor=False)
        st.caption(esc(_("{counts}；上次催办：{last}", counts=found.title or "—", last=last)))
        if found.items:
            st.markdown(f"**{_('发到群里的文字')}**")
            st.code(chat(found, ledger.plan, ledger.as_of, url), language=None, wrap_lines=True)
            with st.container(horizontal=True):
                take("reminder", _("下载催办单"), unit=found.unit)
                link("todo", _("办理这些事项"), unit=found.unit, show="all")
            heads = (("mark", _("状态")), ("what", _("事项")), ("when", _("时限")), ("clause", _("依据")),
                     ("remedy", _("怎么办")))  # fmt: skip
            table(found.items, heads, alt=_("催办的事项"))
        if found.left:
            st.markdown(f"**{_('不在催办之列')}**")
            table(found.left, (("mark", _("状态")), ("what", _("事项")), ("why", _("理由"))), alt=_("不催办的事项"))


def mail_section(actor: Actor, ledger: Ledger, smtp: Smtp | None, unit: str | None) -> None:
    """By mail, for who may: a dry run that names every recipient and every reason, then a button that sends."""
    st.header(_("用邮件发出"), anchor=False)
    refusal = why_not(actor, smtp)
    if refusal is not None:
        st.info(esc(str(refusal)), icon=":material/mail_off:")
    if ledger.as_of != board().default_as_of:
        st.info(_("只能按当天的情况发出；把基准日改回今天。"), icon=":material/event_busy:")
        return
    scopes = ({"unit": _("只发选中的单位")} if unit else {}) | {key: _(word) for key, word in SCOPES.items()}
    scope = pick_one("scope", _("发给谁"), scopes)
    made = letters(
        ledger, [unit] if scope == "unit" and unit else None, LevelKey.BLUE if scope == "unit" else LevelKey(scope),
        smtp.base_url if smtp else "",
    )  # fmt: skip
    asked = (scope, unit if scope == "unit" else None, ledger.revision, ledger.as_of)
    if st.button(_("预演：看会发给谁"), icon=":material/preview:"):
        st.session_state[_TRIED] = asked
        st.session_state.pop(_TOLD, None)
    told = st.session_state.get(_TOLD)
    if told:
        _show_told(told)
    if st.session_state.get(_TRIED) != asked:
        return
    plans = planned(made, smtp, outbox(), now())
    rows = tuple(
        (_(one.letter.unit), one.letter.to or "—", str(one.why) if one.why else _("会发出"), one.letter.subject)
        for one in plans
    )
    heads = (("unit", _("单位")), ("to", _("收件人")), ("fate", _("结果")), ("subject", _("主题")))
    table(rows, heads, alt=_("会发给谁"))
    leaving = tuple(one.letter for one in plans if one.why is None)
    if leaving:
        with st.expander(_("看第一封的全文")):
            st.code(leaving[0].body, language=None, wrap_lines=True)
    label = _("确认发出 {n} 封", n=len(leaving))
    if st.button(label, type="primary", disabled=not leaving or refusal is not None, icon=":material/send:"):
        _send(actor, leaving, smtp, ledger)


def _send(actor: Actor, leaving: tuple[Letter, ...], smtp: Smtp | None, ledger: Ledger) -> None:
    try:
        with st.spinner(_("正在发出…")):
            told = send(actor, leaving, smtp, outbox(), entrance().audit, now, lambda one: enclosed(one, ledger))
    except NotSent as error:
        st.error(esc(str(error.reason)), icon=":material/mail_off:")
        return
    except StoreError as error:
        st.error(esc(str(error)), icon=":material/database_off:")
        return
    st.session_state[_TOLD] = told
    st.session_state.pop(_TRIED, None)
    st.rerun()


def _show_told(told: tuple[Told, ...]) -> None:
    st.markdown(f"**{_('发出的结果')}**")
    rows = tuple((_(one.unit), one.to or "—", _(FATE_WORDS[one.fate]), str(one.why or "")) for one in told)
    heads = (("unit", _("单位")), ("to", _("收件人")), ("fate", _("结果")), ("why", _("说明")))
    prose(rows, heads, alt=_("发出的结果"))
