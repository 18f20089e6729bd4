"""A table of a sheet's records to choose from, and the whole history of one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.i18n import _
from lib.services.policy import Actor
from lib.ui.session import board, commands, from_url, to_url
from lib.ui.tables import choose_row, table
from lib.views.changes import changes
from lib.views.records import Record, Records
from sheets_schema.sheet import Sheet

SHOWN = 1000
"""Rows sent to the browser at once; filters find the others."""


def choose_record(view: Records, names: Sequence[str], *, key: str, alt: str) -> Record | None:
    """Show records with some of their columns; gives the chosen one. The choice is in the URL (``?record=XH-0001``)."""
    shown = view.lines[:SHOWN]
    ids = [line.id for line in shown]
    from_url("record", ids)
    words = {True: "", False: _("✕ 不计入")}
    rows = tuple((line.id, *(line[name] for name in names), words[line.in_force]) for line in shown)
    labels = [(name, _(view.sheet.by_name[name].label)) for name in names]
    columns = (("id", _("编号")), *labels, ("state", _("计入")))
    st.text(_("{n}/{total} 条", n=len(view.lines), total=view.total))
    at = choose_row(rows, columns, alt=alt, key=key)
    if len(view.lines) > SHOWN:
        st.caption(_("只列出前 {n} 条，请用筛选缩小范围。", n=SHOWN))
    if at is not None:
        st.session_state["record"] = ids[at]
    wanted = st.session_state.get("record")
    chosen = view.find(str(wanted)) if wanted else None
    to_url("record", chosen.id if chosen else None)
    return chosen


def record_history(sheet: Sheet, record: str, actor: Actor, *, key: str) -> None:
    """Who changed what in a record, folded; made only once it is opened."""
    office = commands()
    if office is None:
        return
    fold = st.expander(_("这条记录的全部变更"), key=key, on_change="rerun", icon=":material/history:")
    if not fold.open:
        return
    with fold:
        view = changes(office.keeper.history, board().judged, actor.sight, sheet.label, None, record)
        columns = (
            ("at", _("时间")), ("actor", _("操作人")), ("action", _("操作")), ("column", _("列")),
            ("old", _("原值")), ("new", _("新值")),
        )  # fmt: skip
        table(view.lines, columns, alt=_("这条记录的全部变更"))
