"""订阅 on the page 文件: addresses for calendars and other systems, made, listed and revoked by whom they are."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from lib.documents.calendar import ALL, units_in_sight
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services.links import FEED_DAYS, FEEDS, LONGEST_NAME, MOST_FEED_DAYS, PURPOSE_WORDS, address_of
from lib.services.policy import Actor
from lib.services.settings import now
from lib.ui import session
from lib.ui.keeping import Done, attempt, made
from lib.ui.tables import choose_row
from lib.views.admin import link_lines


def subscriptions(actor: Actor, ledger: Ledger) -> None:
    """The form that makes one, and the list of one's own."""
    st.header(_("订阅"), anchor=False)
    st.caption(_("订阅的内容自动更新，不用登录；地址等于钥匙，只发给要用的人，不用时撤销。"))
    made()
    st.caption(
        _("日历：Outlook 选“添加日历 → 从 Internet 订阅”，iPhone 选“设置 → 日历 → 账户 → 添加已订阅的日历”，粘贴地址。")
    )
    st.caption(_("数据：其他系统按地址读取 JSON，字段见 docs/api.md。"))
    with st.expander(_("建立订阅"), icon=":material/calendar_add_on:"):
        _form(actor, ledger)
    _own(actor)


def _form(actor: Actor, ledger: Ledger) -> None:
    units = units_in_sight(ledger, actor.sight)
    with st.form("feed", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(_("给谁用"), max_chars=LONGEST_NAME, placeholder=_("例如 张三的手机"), width=220)
            purpose = st.selectbox(_("用途"), FEEDS, format_func=lambda one: _(PURPOSE_WORDS[one]), width=160)
            unit = st.selectbox(_("单位"), list(units), format_func=units.__getitem__, width=220)
            days = st.number_input(_("有效天数"), 1, MOST_FEED_DAYS, FEED_DAYS, width=140)
        pressed = st.form_submit_button(_("建立订阅"), type="primary", icon=":material/add_link:")
    if not pressed:
        return

    def work() -> Done:
        address = urlsplit(st.context.url or "")
        chosen = () if unit in (None, ALL) else (unit,)
        _link, token = session.entrance().links.make(actor, name, int(days), purpose, chosen)
        text = _("订阅已建立，地址只显示这一次，请复制：")
        return text, address_of(purpose, f"{address.scheme}://{address.netloc}", token)

    attempt(work)


def _own(actor: Actor) -> None:
    links = session.entrance().links
    lines = link_lines(links.kept_by(actor), now(), links.has_stopped)
    if not lines:
        return
    columns = (
        ("name", _("给谁用")), ("purpose", _("用途")), ("units", _("单位")), ("state", _("状态")),
        ("ends", _("有效至")), ("uses", _("使用次数")), ("used", _("最近使用")),
    )  # fmt: skip
    chosen = choose_row(lines, columns, alt=_("我建立的订阅"), key="feeds")
    line = lines[chosen] if chosen is not None else None
    if st.button(_("撤销所选订阅"), icon=":material/link_off:", disabled=not (line and line.is_open)) and line:
        attempt(partial(_revoke, actor, line.number))


def _revoke(actor: Actor, number: int) -> Done:
    session.entrance().links.revoke(actor, number)
    return _("订阅已撤销，地址不再有效。"), ""
