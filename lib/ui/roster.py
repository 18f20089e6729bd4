"""Handing in a roster (名录导入): the file, what each row would do, one button that takes over the good ones."""

from __future__ import annotations

import streamlit as st

from lib.i18n import N_, _, listed
from lib.services.commands import Commands
from lib.services.policy import Actor
from lib.services.roster import Roster, import_roster, try_roster
from lib.services.roster_rows import COLUMNS, FATE_WORDS, Fate
from lib.services.scene import Refused
from lib.store.uploads import MAX_UPLOAD
from lib.ui.decide import do, fresh, refused, told
from lib.ui.session import commands
from lib.ui.tables import table
from lib.ui.theme import esc
from lib.views.roster import lines_of, refused_csv

IMPORT = N_("导入名录")
AT = "roster"
SHOWN = 500
"""Rows listed at once; those to look at come first."""
_TRIED = "roster_tried"


def roster_section(actor: Actor) -> None:
    """The whole of it. Nothing is saved before the button is pressed, whatever the file holds."""
    told(AT)
    st.text(_("先核对、后导入：空白格不会清除已有内容；同一家协会按信用代码、其次按名称认定。"))
    st.text(_("可用的列：{columns}", columns=listed(column.label for column in COLUMNS.values())))
    file = st.file_uploader(
        _("名录文件（.xlsx 或 .csv）"), type=["xlsx", "csv"], key=fresh("roster-file"),
        max_upload_size=MAX_UPLOAD // 2**20,
    )  # fmt: skip
    office = commands()
    if file is None or office is None:
        st.session_state.pop(_TRIED, None)
        return
    before = st.session_state.get(_TRIED)
    try:
        roster = _tried(office, actor, file.file_id, file.getvalue(), file.name)
    except Refused as error:
        refused(error.decision)
        return
    seen = before[2] if before is not None and before[0] == (file.file_id, actor.user) else roster
    _show(actor, roster, seen)


def _tried(office: Commands, actor: Actor, file_id: str, data: bytes, name: str) -> Roster:
    """The file tried against the workbook as it is; again only when either has changed."""
    known = st.session_state.get(_TRIED)
    state = office.keeper.grids.snapshot
    if known is not None and known[0] == (file_id, actor.user) and known[1] is state:
        found: Roster = known[2]
        return found
    with st.spinner(_("正在逐行核对…")):
        made = try_roster(office, actor, data, name)
    st.session_state[_TRIED] = (file_id, actor.user), state, made
    return made


def _show(actor: Actor, roster: Roster, seen: Roster) -> None:
    """The roster as it stands now; the button takes over what was ``seen`` when it was pressed."""
    with st.grid("auto", min_column_width=110):
        for fate in Fate:
            st.metric(_(FATE_WORDS[fate]), roster.count(fate), border=True)
    renamed = [f"{found} → {_(COLUMNS[name].label)}" for found, name in roster.headers if found != COLUMNS[name].label]
    if renamed:
        st.info(esc(" · ".join(renamed)), title=_("这些表头按相近的列读取"), icon=":material/swap_horiz:")
    if roster.others:
        said = _("读取的是“{sheet}”；没有读取：{others}", sheet=roster.sheet, others=listed(roster.others))
        st.warning(esc(said), title=_("文件里有几张工作表"), icon=":material/tab:")
    if roster.ignored:
        st.warning(esc(" · ".join(roster.ignored)), title=_("这些列不导入"), icon=":material/visibility_off:")
    if not roster.lines:
        st.info(_("表头下面没有内容。"), icon=":material/table:")
        return
    present = [fate for fate in Fate if roster.count(fate)]
    shown = st.pills(
        _("只看"), present, key="roster-fate", format_func=lambda fate: f"{_(FATE_WORDS[fate])} {roster.count(fate)}"
    )
    columns = (
        ("row", _("文件行号")), ("fate", _("结果")), ("name", _("协会名称")), ("record", _("编号")),
        ("what", _("内容或问题")), ("clause", _("依据")), ("remedy", _("改法")),
    )  # fmt: skip
    lines = lines_of(roster, shown)
    table(lines[:SHOWN], columns, alt=_("文件逐行的核对结果"))
    if len(lines) > SHOWN:
        st.caption(_("只列出前 {n} 行，要看的排在前面。", n=SHOWN))
    if not roster.decision.allowed:
        refused(roster.decision)
    good = roster.good if roster.decision.allowed else ()
    with st.container(horizontal=True):
        go = st.button(
            _("导入 {n} 行", n=len(good)), type="primary", icon=":material/upload:", key="roster-go", disabled=not good
        )
        if roster.count(Fate.REFUSED):
            st.download_button(
                _("下载被拒绝的行"), refused_csv(roster), "refused.csv", "text/csv", icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip
    if go:
        do(actor, IMPORT, import_roster(actor, seen.good), AT)
