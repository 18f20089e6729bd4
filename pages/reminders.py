"""催办: which unit is reminded of what and how sharply; its text for a chat, and its letter by mail."""

import streamlit as st

from lib.i18n import _
from lib.services.smtp import smtp_settings
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one
from lib.ui.reminding import last_reminded, mail_section, one_reminder
from lib.ui.session import board, ledger, require
from lib.ui.tables import choose_row
from lib.ui.theme import esc, page_head
from lib.views.prepared import prepared
from lib.views.reminders import ORDER, level_word, reminders, table_of

actor = require("reminders")
found = ledger()
page_head(_("催办"), found.as_of, board())
smtp = smtp_settings()
every = prepared(reminders, found, actor.sight)
plan = found.plan
if actor.is_centre or len(every) > 1:
    with figures():
        for level in ORDER:
            count = sum(one.level is level for one in every)
            figure(level_word(plan, level), count, _("个单位"), page="reminders", level=level.value)
        figure(_("不在催办之列"), sum(len(one.left) for one in every), _("项"),
               help=_("等待上级、等其他单位办理，或前置条件未具备；点选单位可看理由"))  # fmt: skip
note = _("依据 {clause}；等级的天数和件数写在方案里。等待上级的从不催办。", clause=plan.reminder_clause)
more = _("和“总览”是同样的事项：每一项要么在催办单里，要么写明为什么不催。")
st.caption(esc(note + more))
if not every:
    st.info(_("没有要催办的事项。"), icon=":material/task_alt:")
    st.stop()

sent = last_reminded()
unit = next(iter(actor.units), None) if not actor.is_centre else None
if len(every) > 1:
    words = {"all": _("全部 {n}", n=len(every))} | {one.value: level_word(plan, one) for one in ORDER}
    chosen = pick_one("level", _("等级"), words)
    shown = tuple(one for one in every if chosen in ("all", one.level))
    rows = prepared(table_of, found, shown, tuple(sent.items()))
    heads = (
        ("unit", _("单位")), ("level", _("等级")), ("overdue", _("逾期")), ("near", _("临期")), ("behind", _("滞后")),
        ("left", _("不催")), ("last", _("上次催办")),
    )  # fmt: skip
    if not shown:
        st.info(_("没有这一级的单位。"), icon=":material/task_alt:")
    at = choose_row(rows, heads, alt=_("各单位的催办"), key=f"reminders-{chosen}") if shown else None
    clicked = shown[at].unit if at is not None else None
    if clicked is not None and clicked != st.session_state.get("reminders-clicked"):
        st.session_state["unit"] = clicked
    st.session_state["reminders-clicked"] = clicked
    names = [one.unit for one in every]
    unit = pick("unit", _("看一个单位的催办单"), names, width=260, every=_("选择单位，或在上表选中一行"))
elif every:
    unit = every[0].unit
picked = next((one for one in every if one.unit == unit), None)
if picked is not None:
    one_reminder(picked, found, smtp.base_url if smtp else "", sent.get(picked.unit, "—"))
if actor.may_remind:
    mail_section(actor, found, smtp, unit)
