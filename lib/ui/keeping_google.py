"""管理, 共享表格: the quota used, the last look at the spreadsheet, and what keeps it from working."""

from __future__ import annotations

import streamlit as st

from lib.i18n import _
from lib.services.google_health import Line, last_look, look_over, usage
from lib.services.settings import settings
from lib.store.gsheet import GoogleStore
from lib.ui.session import board
from lib.ui.tables import prose
from lib.views.admin import health_lines
from sheets_schema.reports import headings_of

_FOUND = "google_health"


def google_section() -> None:
    """The spreadsheet the app runs on; looking it over takes some requests, so only when asked to."""
    keeper = board().keeper
    store = keeper.store if keeper is not None else None
    if not isinstance(store, GoogleStore):
        return
    st.header(_("共享表格"), anchor=False)
    st.link_button(
        _("打开表格"), f"https://docs.google.com/spreadsheets/d/{store.spreadsheet}/edit", icon=":material/open_in_new:"
    )  # fmt: skip
    _shown([usage(store), last_look(store)], _("配额与最近读取"))
    st.caption(_("检查会用几次读取：密钥、共享、权限、语言区域、工作表、保护。与 doctor 命令说的一样。"))
    if st.button(_("检查"), icon=":material/troubleshoot:"):
        st.session_state[_FOUND] = look_over(settings(), store, headings_of(board().plan.cadence))
    found = st.session_state.get(_FOUND)
    if found:
        _shown(found, _("检查结果"))


def _shown(lines: list[Line], alt: str) -> None:
    columns = (("mark", _("结果")), ("what", _("项目")), ("detail", _("说明")))
    prose(health_lines(lines), columns, alt=alt)
