"""A table of a sheet's records to choose from, one record whole, and its history."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.i18n import _
from lib.services.policy import Actor
from lib.ui.choosing import SHOWN, choose_one
from lib.ui.files import take_records
from lib.ui.session import board, commands
from lib.ui.tables import prose, table
from lib.ui.theme import esc
from lib.views.changes import changes
from lib.views.records import Record, Records, records
from sheets_schema.sheet import Sheet
from sheets_schema.workbook import BY_KEY, sheets_of


def listing(sheet_key: str, actor: Actor, text: str = "", **wanted: str | None) -> Records:
    """The records of a sheet as they are now, whatever the as-of day, that the actor may see and that fit: ``text`` in
    any cell, ``wanted`` in theirs."""
    office = commands()
    if office is None:
        sheet = BY_KEY[sheet_key]
        return Records(sheet, sheet.columns, (), 0)
    grids = office.keeper.grids
    judged = office.verdicts.of(grids.snapshot)
    return records(grids, judged, sheets_of(judged.plan)[sheet_key], actor.sight, text, **wanted)


def choose_record(view: Records, names: Sequence[str], *, key: str, alt: str, unit: str | None = None) -> Record | None:
    """Show records with some of their columns; gives the chosen one. The choice is in the URL (``?record=XH-0001``).

    ``unit``: of which unit they are, where the page itself has seen to that; their file is of that unit too.
    """
    shown = view.lines[:SHOWN]
    words = {True: "", False: _("✕ 不计入")}
    rows = tuple((line.id, *(line[name] for name in names), words[line.in_force]) for line in shown)
    labels = [(name, _(view.sheet.by_name[name].label)) for name in names]
    columns = (("id", _("编号")), *labels, ("state", _("计入")))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(_("{n}/{total} 条", n=len(view.lines), total=view.total), width="content")
        take_records(view.sheet.key, **{**({"unit": unit} if unit else {}), **dict(view.asked)})
    ids = [line.id for line in view.lines]
    chosen = choose_one("record", ids[:SHOWN], ids, rows, columns, alt=alt, key=key)
    if len(view.lines) > SHOWN:
        st.caption(_("只列出前 {n} 条，请用筛选缩小范围。", n=SHOWN))
    return view.find(chosen) if chosen else None


def record_card(view: Records, record: Record) -> None:
    """One record whole: every column that holds something, what people added too, and what is wrong with it."""
    names = {column.name: _(column.label) for column in view.columns if column.name not in ("id", "check")}
    held = [(label, record[name]) for name, label in names.items() if record[name]]
    held += [(name.removeprefix("="), cell) for name, cell in record.cells.items() if name.startswith("=")]
    prose(tuple(held), (("label", _("列")), ("value", _("内容"))), alt=_("这条记录的内容"))
    for said in record.findings:
        st.warning(esc(said), icon=":material/warning:")


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
