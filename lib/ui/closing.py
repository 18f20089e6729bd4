"""销号: finished items listed, chosen by the office, and closed together after a look at what would change."""

from __future__ import annotations

import streamlit as st

from lib.domain.normalise import key
from lib.i18n import N_, _
from lib.services import work
from lib.services.policy import Act, Actor
from lib.ui.decide import fresh, told
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import record_form
from lib.ui.navigation import link
from lib.ui.preview import proposal, propose
from lib.ui.session import as_of
from lib.ui.tables import choose_rows
from lib.views.extensions import LEFT_OUT, WITH, WITHOUT, Finished
from sheets_schema.workbook import BY_KEY

CLOSE = N_("销号")
PROOFS = {WITH: N_("有佐证"), WITHOUT: N_("无佐证"), LEFT_OUT: N_("不涉及")}
SHOWN = 500
"""Items listed, and closed, at once."""


def closing(actor: Actor, items: tuple[Finished, ...]) -> None:
    """The items that wait to be closed, and for the office the form that closes them."""
    proof = pick_one("evidence", _("佐证"), {name: _(word) for name, word in PROOFS.items()})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        unit = pick("unit", _("单位"), {name: _(name) for name in sorted({item.unit for item in items})}, width=220)
        sought = key(search())
    listed = tuple(
        item
        for item in items
        if item.proof == proof
        and unit in (None, item.unit)
        and (not sought or any(sought in key(text) for text in (item.id, item.pilot, item.item, item.owner)))
    )[:SHOWN]
    if not listed:
        st.info(_("没有等待销号的事项。事项完成并附上佐证后，列在这里。"), icon=":material/task_alt:")
        told("closing")
        return
    st.text(_("{n}/{total} 项", n=len(listed), total=len(items)))
    columns = (
        ("pilot", _("试点协会")), ("item", _("事项")), ("unit", _("单位")), ("owner", _("责任人")),
        ("done_on", _("完成日期")), ("evidence", _("佐证或理由")), ("id", _("编号")),
    )  # fmt: skip
    rows = tuple(tuple(getattr(item, name) for name, _label in columns) for item in listed)
    at = choose_rows(rows, columns, alt=_("等待销号的事项"), key=fresh(f"closing-{proof}-{unit}-{sought}"))
    if len(at) == 1:
        there = listed[at[0]].way
        link(there.page, _("打开这一事项"), **there.filters)
    if not actor.is_centre:
        if actor.may_write:
            st.caption(_("销号由办公室办理；没有佐证的，先在试点实施里补上。"))
        return
    if not proposal("closing", actor):
        _form(actor, listed, at)


def _form(actor: Actor, listed: tuple[Finished, ...], at: tuple[int, ...]) -> None:
    every = st.checkbox(
        _("列出的 {n} 项全部销号", n=len(listed)), key=fresh("close_all"), disabled=bool(at),
        help=_("在表里选了行的，只销选中的。"),
    )  # fmt: skip
    chosen = [listed[place].id for place in at] or ([item.id for item in listed] if every else [])
    values = record_form(
        fresh("close"), BY_KEY["tasks"], actor, ("closed_by", "closed_on"), act=Act.EDIT, at="closing",
        start={"closed_by": actor.name, "closed_on": as_of()}, submit=_("核对并销号（{n} 项）", n=len(chosen)),
        icon=":material/task_alt:",
    )  # fmt: skip
    if values is None:
        return
    if not chosen:
        st.warning(_("先在表里选中要销号的事项。"), icon=":material/checklist:")
        return
    propose("closing", actor, CLOSE, work.close_all(chosen, values["closed_by"], values["closed_on"]))
