"""管理: leaders' links, accounts, who came in or was refused; the plan in force and the next batch; backups."""

from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from lib.i18n import N_, _
from lib.services.settings import now, settings
from lib.ui.filters import pick_one
from lib.ui.keeping import account_form, attempt, disable, enable, link_form, made, reset, revoke
from lib.ui.keeping_google import google_section
from lib.ui.keeping_plan import backup_section, plan_section
from lib.ui.session import board, entrance, require
from lib.ui.tables import choose_row, table
from lib.views.admin import account_lines, actions_of, audit_lines, link_lines

SECTIONS = {"people": N_("链接、账号与审计"), "plan": N_("方案与批次"), "backups": N_("备份"), "google": N_("共享表格")}

actor = require("admin")
st.title(_("管理"), anchor=False)
made()
sections = SECTIONS if settings().google else {name: word for name, word in SECTIONS.items() if name != "google"}
section = pick_one("section", _("栏目"), {name: _(word) for name, word in sections.items()})
if section == "google":
    google_section()
    st.stop()
if section == "plan":
    plan_section(actor)
    st.stop()
if section == "backups":
    backup_section(actor)
    st.stop()
door = entrance()

st.header(_("领导链接和订阅"), anchor=False)
st.caption(_("打开链接的人不用账号，只看得到“一页速览”。链接等于钥匙：发给本人，不用时撤销。"))
address = urlsplit(st.context.url)
link_form(actor, f"{address.scheme}://{address.netloc}")
links = link_lines(door.links.all(), now(), door.links.has_stopped)
st.caption(_("日历和数据的订阅在“文件”页建立，也列在这里；建立它的账号停用或不再管这个单位时，订阅随之停止。"))
if not links:
    st.info(_("还没有链接。"), icon=":material/link_off:")
else:
    COLUMNS = (
        ("name", _("给谁用")), ("purpose", _("用途")), ("units", _("单位")), ("state", _("状态")),
        ("ends", _("有效至")), ("uses", _("使用次数")), ("used", _("最近使用")), ("maker", _("建立人")),
    )  # fmt: skip
    chosen = choose_row(links, COLUMNS, alt=_("领导链接和订阅"), key="links")
    line = links[chosen] if chosen is not None else None
    if st.button(_("撤销所选链接"), icon=":material/link_off:", disabled=not (line and line.is_open)) and line:
        attempt(partial(revoke, actor, line.number))

if not actor.keeps_accounts:
    st.stop()

st.header(_("账号"), anchor=False)
judged = board().judged
units = tuple(judged.world.units) if judged else ()
accounts = door.accounts.all()
lines = account_lines(accounts, door.accounts.access.count("user"))
COLUMNS = (
    ("user", _("账号名")), ("name", _("姓名")), ("role", _("角色")), ("units", _("所属单位")), ("email", _("邮箱")),
    ("state", _("状态")), ("sessions", _("在线")),
)  # fmt: skip
chosen = choose_row(lines, COLUMNS, alt=_("账号"), key="accounts")
if chosen is None:
    st.caption(_("选中一行可以修改、重置密码或停用。"))
    with st.expander(_("新增账号"), icon=":material/person_add:"):
        account_form(actor, units, None)
else:
    account = accounts[chosen]
    account_form(actor, units, account)
    with st.container(horizontal=True):
        if st.button(_("重置密码"), icon=":material/key:"):
            attempt(partial(reset, actor, account.user))
        if account.disabled:
            if st.button(_("启用"), icon=":material/lock_open:"):
                attempt(partial(enable, actor, account.user))
        elif st.button(_("停用"), icon=":material/block:"):
            attempt(partial(disable, actor, account.user))

st.header(_("审计记录"), anchor=False)
st.caption(_("登录、被拒绝的访问和办理、越序办理、链接的使用；逐条相扣，不能悄悄删改。"))
entries = door.audit.recent()
with st.container(horizontal=True, vertical_alignment="bottom"):
    action = st.selectbox(
        _("动作"), actions_of(entries), index=None, placeholder=_("全部"), width=200, format_func=_
    )  # fmt: skip
    wanted = st.text_input(_("查找"), placeholder=_("账号、地址或内容"), width=260)
table(
    audit_lines(entries, action, wanted),
    (("at", _("时间")), ("action", _("动作")), ("actor", _("谁")), ("address", _("地址")), ("detail", _("详情"))),
    alt=_("审计记录"),
)  # fmt: skip
