"""Forms of 管理: accounts and leaders' links. What is made is shown once; a refusal keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lib.i18n import _
from lib.services.accounts import Account, AccountError
from lib.services.links import DAYS, LONGEST_NAME, MOST_DAYS, Purpose, address_of
from lib.services.policy import ACCOUNT_ROLES, ROLE_WORDS, Actor, Role
from lib.store.base import StoreError
from lib.ui.decide import once
from lib.ui.session import entrance
from lib.ui.theme import esc

_MADE = "made_secret"
Done = tuple[str, str]
"""What to say, and what to show this once."""


def attempt(work: Callable[[], Done]) -> None:
    """Do it and rerun the page, or say why not and leave the form as it is."""
    try:
        st.session_state[_MADE] = work()
    except AccountError as error:
        st.error(esc(str(error.reason)), icon=":material/block:")
    except StoreError as error:
        st.error(esc(str(error)), icon=":material/cloud_off:")
    else:
        st.rerun()


def made() -> None:
    """Show what the last act made, until the person does something else."""
    found = once(_MADE)
    if found is None:
        return
    text, secret = found
    st.success(esc(text), icon=":material/check_circle:")
    if secret:
        st.code(secret, language=None, wrap_lines=True)


def link_form(actor: Actor, base: str) -> None:
    """Make a link."""
    with st.form("link", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(_("给谁用"), max_chars=LONGEST_NAME, placeholder=_("例如 分管市领导"), width=260)
        days = st.number_input(_("有效天数"), 1, MOST_DAYS, DAYS, width=140)
        pressed = st.form_submit_button(_("建立链接"), type="primary", icon=":material/add_link:")
    if pressed:

        def work() -> Done:
            _link, token = entrance().links.make(actor, name, int(days))
            return _("链接已建立，只显示这一次，请复制后发给本人："), address_of(Purpose.PAGE, base, token)

        attempt(work)


def revoke(actor: Actor, number: int) -> Done:
    """Shut a link."""
    entrance().links.revoke(actor, number)
    return _("链接已撤销，打开着的页面也看不到了。"), ""


def account_form(actor: Actor, units: Sequence[str], known: Account | None) -> None:
    """Make an account, or change one."""
    key = known.user if known else "new"
    with st.form(f"account-{key}", border=True):
        if known is None:
            user = st.text_input(_("账号名"), max_chars=64, placeholder=_("登录时输入，如 lina"))
        else:
            user = known.user
            st.markdown(f"**{esc(user)}**")
        name = st.text_input(_("姓名"), known.name if known else "", max_chars=64, placeholder=_("例如 李娜"))
        role = st.selectbox(
            _("角色"), ACCOUNT_ROLES, index=ACCOUNT_ROLES.index(known.role if known else Role.UNIT),
            format_func=lambda r: _(ROLE_WORDS[r]),
        )  # fmt: skip
        options = list(dict.fromkeys([*units, *(known.units if known else ())]))
        bound = st.multiselect(
            _("所属单位（单位角色必选）"), options, known.units if known else None, placeholder=_("请选择"),
        )  # fmt: skip
        email = st.text_input(_("邮箱（用统一身份认证登录时填）"), known.email if known else "", max_chars=120)
        pressed = st.form_submit_button(
            _("保存修改") if known else _("新增账号"), type="primary", icon=":material/person:"
        )
    if not pressed:
        return

    def work() -> Done:
        accounts = entrance().accounts
        if known is not None:
            accounts.change(actor, user, name=name, role=role, units=bound, email=email, known=options)
            return _("已保存；立即生效。"), ""
        password = accounts.add(actor, user, name, role, bound, email, known=options)
        return _("账号已建立。一次性密码只显示这一次，7 天内首次登录时修改："), password

    attempt(work)


def reset(actor: Actor, user: str) -> Done:
    """A new one-time password."""
    return _("“{user}”的新一次性密码，只显示这一次：", user=user), entrance().accounts.reset(actor, user)


def disable(actor: Actor, user: str) -> Done:
    """Shut an account."""
    entrance().accounts.disable(actor, user)
    return _("“{user}”已停用，打开着的页面也已退出。", user=user), ""


def enable(actor: Actor, user: str) -> Done:
    """Open an account again."""
    entrance().accounts.enable(actor, user)
    return _("“{user}”已启用。", user=user), ""
