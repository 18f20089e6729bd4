"""变更与冲突: who changed what, what waits for a choice, undo, and the history of any record."""

import streamlit as st

from lib.i18n import _
from lib.services.corrections import OURS, THEIRS, adopt, put_back, resolve, undo, undo_last
from lib.ui.decide import decide, told
from lib.ui.files import take_records
from lib.ui.session import board, commands, ledger, require
from lib.ui.tables import choose_row, prose
from lib.ui.theme import esc, page_head
from lib.views.changes import changes

actor = require("changes")
page_head(_("变更与冲突"), ledger().as_of, board())
told()
office = commands()
if office is None:
    st.info(_("这里只看数据，不记录变更。"), icon=":material/visibility:")
    st.stop()
history = office.keeper.history
if not actor.may_write:
    st.caption(_("当前是只读身份：可以查看，不能处理。"))

judged = board().judged
every = changes(history, judged, actor.sight)
TORN = (("record", _("记录")), ("before", _("原来")), ("after", _("现在")))
if every.torn:
    st.header(_("等待决定的重新排列"), anchor=False)
    st.caption(
        _("像是只排序了部分列：值离开了自己的记录。决定之前，应用不写这张表，也不办理涉及它的操作；其他表照常。")
    )
for torn in every.torn:
    decides = actor.may_write and torn.is_own and torn.is_last
    with st.container(border=True):
        st.markdown(f"**{esc(torn.sheet)}**　{esc(torn.columns)}")
        st.caption(_("{at} 发现，涉及 {n} 条记录，例如：", at=torn.at, n=torn.records))
        prose(torn.rows, TORN, alt=_("重新排列的例子"))
        if not torn.is_last:
            st.caption(_("这张表后来又有一次重新排列，先处理较近的一次。"))
        with st.container(horizontal=True):
            if st.button(_("放回原来的对应关系"), key=f"back-{torn.entry}", type="primary", disabled=not decides):
                decide(put_back(office, actor, torn.entry))
            if st.button(_("就是要这样改"), key=f"keep-{torn.entry}", disabled=not decides):
                decide(adopt(office, actor, torn.entry))
if every.conflicts:
    st.header(_("等待选择的冲突"), anchor=False)
    st.caption(_("同一处两边都改过：表里现在是“表中的值”，另一个值没有丢，请选择留哪一个。"))
for card in every.conflicts:
    settles = actor.may_write and card.is_own
    with st.container(border=True):
        st.markdown(f"**{esc(card.where)}**")
        st.caption(card.at)
        with st.grid("auto", min_column_width=220):
            for label, value in ((_("原值"), card.base), (_("应用的值"), card.ours), (_("表中的值"), card.theirs)):
                with st.container():
                    st.caption(label)
                    st.text(value)
        with st.container(horizontal=True):
            if st.button(_("保留表中的值"), key=f"theirs-{card.id}", disabled=not settles):
                decide(resolve(office, actor, card.id, THEIRS))
            if st.button(_("改为应用的值"), key=f"ours-{card.id}", disabled=not settles):
                decide(resolve(office, actor, card.id, OURS))

st.header(_("变更记录"), anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom"):
    sheet = st.selectbox(_("工作表"), every.sheets, index=None, placeholder=_("全部"), width=170)
    who = st.selectbox(_("操作人"), every.actors, index=None, placeholder=_("全部"), width=200)
    record = st.text_input(_("记录编号"), placeholder=_("例如 XH-0001"), width=180)
view = changes(history, judged, actor.sight, sheet, who, record)
if not view.lines:
    st.info(_("还没有变更。"), icon=":material/history:")
    st.stop()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.text(_("{n}/{total} 处", n=len(view.lines), total=view.total), width="content")
    take_records("changes")
COLUMNS = (
    ("at", _("时间")), ("actor", _("操作人")), ("action", _("操作")), ("sheet", _("工作表")), ("record", _("记录")),
    ("column", _("列")), ("old", _("原值")), ("new", _("新值")), ("state", _("状态")),
)  # fmt: skip
chosen = choose_row(view.lines, COLUMNS, alt=_("变更记录"), key=f"changes-{sheet}-{who}-{record}")
with st.container(horizontal=True):
    line = view.lines[chosen] if chosen is not None else None
    if st.button(_("撤销我的上一步"), icon=":material/undo:", disabled=not actor.may_write):
        decide(undo_last(office, actor))
    if st.button(_("撤销所选的操作"), disabled=not (actor.may_write and line and line.can_undo)) and line:
        decide(undo(office, actor, line.entry))
    if st.button(_("认可所选的改动"), disabled=not (actor.may_write and line and line.can_undo)) and line:
        decide(adopt(office, actor, line.entry))
