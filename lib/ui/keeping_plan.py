"""管理, 方案与批次 and 备份: the plan in force, another one held against it, the next batch, and former content."""

from __future__ import annotations

from datetime import timedelta
from zlib import crc32

import streamlit as st

from lib.i18n import _
from lib.services.batches import leftovers, next_batch, plan_text, put_in_force
from lib.services.corrections import RESTORE, restoring
from lib.services.policy import Actor
from lib.services.settings import settings
from lib.ui.decide import once, refused, told
from lib.ui.preview import proposal, propose
from lib.ui.session import board, commands, entrance, reopen
from lib.ui.tables import choose_row, prose, table
from lib.ui.theme import esc
from lib.views.plans import backup_lines, plan_changes, plan_facts
from sheets_schema.plan_load import PlanError, parse_plan
from sheets_schema.workbook import PEOPLE

LARGEST = 1
"""Megabytes a plan file may have; a real one has 20 kB."""
_DONE = "plan_put_in_force"


def plan_section(actor: Actor) -> None:
    """The plan in force, what differs in another one, and the next batch."""
    said = once(_DONE)
    if said:
        st.success(esc(said), icon=":material/check_circle:")
    now = board().plan
    st.header(_("现行方案"), anchor=False)
    prose(plan_facts(now), (("what", _("项目")), ("value", _("内容"))), alt=_("现行方案"))
    try:
        text = plan_text(settings())
    except PlanError as error:
        st.error(esc(str(error)), icon=":material/block:")
        return
    st.download_button(
        _("下载方案文件"), text, f"{now.id}.yaml", "text/yaml", icon=":material/download:", on_click="ignore"
    )  # fmt: skip
    st.header(_("与另一份方案对照"), anchor=False)
    st.caption(_("上传另一份方案文件，逐项列出与现行方案的不同；对照不改动任何数据。"))
    other = st.file_uploader(_("方案文件（YAML）"), type=["yaml", "yml"], max_upload_size=LARGEST, key="plan_file")
    if other is not None:
        compared(actor, other.getvalue().decode("utf-8-sig", "replace"), "upload")
    st.header(_("启动下一批"), anchor=False)
    st.caption(
        _("以现行方案为底，批次加一，所有日期顺延；名录和已有记录都保留，各批分开计算。先核对，再启用。")
    )  # fmt: skip
    years = st.number_input(_("日期顺延（年）"), 0, 20, 1, width=180)
    fold = st.expander(
        _("第 {n} 批方案", n=now.batch + 1), icon=":material/playlist_add:", on_change="rerun", key="fold_next"
    )  # fmt: skip
    if fold.open:
        with fold:
            next_plan(actor, text, int(years))


def next_plan(actor: Actor, text: str, years: int) -> None:
    """The plan file of the next batch: what a person has to look at in it, and what differs from the one in force."""
    try:
        made = next_batch(text, years)
    except PlanError as error:
        st.error(_("日期顺延后的方案有误，请下载现行方案自行修改，再用上面的对照核对。"), icon=":material/block:")
        st.text(str(error))
        return
    with st.spinner(_("正在核对…")):
        plan, left = parse_plan(made), leftovers(text, made)
    if left:
        st.warning(_("下面各行的年份写在文字里，没有顺延，请在文件里核对。"), icon=":material/edit_note:")
        table(left, (("line", _("行")), ("text", _("内容"))), alt=_("需要核对的行"))
    st.download_button(
        _("下载第 {n} 批方案", n=plan.batch), made, f"{plan.id}.yaml", "text/yaml", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip
    compared(actor, made, "next")


def compared(actor: Actor, text: str, key: str) -> None:
    """What differs in a plan file, and the button that puts it in force."""
    try:
        with st.spinner(_("正在核对…")):
            other = parse_plan(text)
    except PlanError as error:
        st.error(_("方案文件有误，没有改动。"), icon=":material/block:")
        st.text(str(error))
        return
    lines = plan_changes(board().plan, other)
    if not lines:
        st.success(_("与现行方案没有不同。"), icon=":material/check_circle:")
        return
    st.text(_("{n} 处不同", n=len(lines)))
    table(
        lines,
        (("part", _("部分")), ("where", _("位置")), ("one", _("现行")), ("other", _("另一份"))),
        alt=_("两份方案的不同"),
    )
    if not actor.keeps_accounts:
        st.caption(_("启用方案由管理员办理。"))
        return
    # what was agreed to and pressed is this change alone, also when somebody else puts a plan in force meanwhile
    key = f"{key}-{crc32((plan_text(settings()) + text).encode()):08x}"
    sure = st.checkbox(_("我已核对：启用后，规则、期限和名额立即按新方案计算"), key=f"{key}-sure")
    if st.button(_("启用这份方案"), icon=":material/published_with_changes:", disabled=not sure, key=f"{key}-go"):
        with st.spinner(_("正在办理…")):
            decision = put_in_force(actor, settings(), text, entrance().audit)
        if not decision.allowed:
            refused(decision)
            return
        reopen()
        st.session_state[_DONE] = str(decision.reason)
        st.rerun()


def backup_section(actor: Actor) -> None:
    """Copies of the workbook, and bringing back what stood in one: all of it, a sheet or a record."""
    office = commands()
    if office is None:
        return
    st.header(_("备份"), anchor=False)
    st.caption(
        _("每次写入工作簿都留一份；越久远留得越稀。整套备份（含账号和审计）由服务器定时做，见部署说明。")
    )  # fmt: skip
    told("restore")
    if proposal("restore", actor):
        return
    copies = office.keeper.backups.all()
    if not copies:
        st.info(_("还没有备份；第一次改动写入后就有了。"), icon=":material/backup:")
        return
    chosen = choose_row(
        backup_lines(copies), (("at", _("时间")), ("revision", _("版本"))), alt=_("备份"), key="backups"
    )  # fmt: skip
    labels = {sheet.key: _(sheet.label) for sheet in PEOPLE}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sheet = st.selectbox(
            _("工作表"), list(labels), index=None, placeholder=_("整本"), format_func=labels.__getitem__, width=200
        )  # fmt: skip
        record = st.text_input(_("记录编号"), placeholder=_("例如 XH-0001"), width=180, disabled=sheet is None)
        pressed = st.button(_("看看会恢复什么"), icon=":material/restore:", disabled=chosen is None)
    st.caption(_("先列出会改动的内容，核对后再恢复；恢复本身也记入变更，可以撤销。"))
    if pressed and chosen is not None:
        moment = copies[chosen][1] + timedelta(seconds=1)
        with st.spinner(_("正在核对…")):
            make = restoring(office, moment, sheet, record.strip() or None if sheet else None)
        propose("restore", actor, RESTORE, make, rescue=True)
