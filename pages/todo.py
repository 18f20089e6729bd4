"""我的待办: what is to be done next, by whom and by when, each line with the page that does it."""

import streamlit as st

from lib.i18n import N_, _
from lib.services.policy import Actor
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one
from lib.ui.navigation import link
from lib.ui.session import board, commands, ledger, require
from lib.ui.tables import folded_table
from lib.ui.theme import BADGE, esc, page_head
from lib.views.changes import changes
from lib.views.prepared import prepared
from lib.views.todo import Line, theirs, todo

SHOWN = 20
"""Lines shown as cards; more of them nobody reads at a glance. The table below has all."""
LISTS = {"desk": N_("办公室要办"), "units": N_("各单位应办")}
RANGES = {
    "near": N_("近期"), "overdue": N_("逾期"), "soon": N_("临期"), "others": N_("另外要办"), "later": N_("以后到期"),
    "all": N_("全部"),
}  # fmt: skip

actor = require("todo")
found = ledger()
page_head(_("我的待办"), found.as_of, board())


def conflicts() -> int:
    """How many conflicts that the actor may see wait for a choice."""
    office = commands()
    if office is None or not office.keeper.history.conflicts:
        return 0
    return len(changes(office.keeper.history, board().judged, actor.sight).conflicts)


def card(line: Line, actor: Actor) -> None:
    """One line: light, what, by when and whose; and the one button that does it."""
    told = " · ".join(esc(text) for text in (line.when, line.unit, line.waits, line.clause) if text)
    acts = actor.is_centre or (actor.may_write and theirs(line, actor.units))
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            st.markdown(f":{BADGE[line.state]}-badge[{esc(line.mark)}] **{esc(line.what)}**  \n:gray[{told}]")
        with st.container(width="content"):
            link(line.way.page, esc(line.act if acts else _("查看")), **line.way.filters)


chosen = "units"
if actor.sight.units is None:
    chosen = pick_one("list", _("谁来办"), {value: _(word) for value, word in LISTS.items()})
wanted = pick_one("show", _("范围"), {value: _(word) for value, word in RANGES.items()})
names = [name for name in found.world.units if actor.sight.shows(name)]
unit = pick("unit", _("单位"), {name: _(name) for name in names}, width=220) if len(names) > 1 else None
view = prepared(todo, found, actor.sight, chosen == "desk", unit, wanted, conflicts())

with figures():
    for sort, count, detail, told_more in (
        ("overdue", view.overdue, "", None),
        ("soon", view.near, _("{n} 天以内", n=found.plan.lights.near_days), None),
        ("others", view.others, "", _("没有时限，或时限还远，但已经在等这一步。")),
        ("later", view.later, "", None),
    ):
        figure(_(RANGES[sort]), count, detail, page="todo", help=told_more, show=sort, list=chosen)

if not view.lines:
    if not names:
        st.info(_("还没有登记单位。先登记单位和协会，待办会由方案和数据得出。"), icon=":material/checklist:")
        link("mechanism", _("去登记单位"))
    elif view.later:
        st.success(
            _("近期没有要办的。另有 {n} 项以后到期，选“全部”列出。", n=view.later), icon=":material/check_circle:"
        )
    else:
        st.success(_("没有要办的事。"), icon=":material/check_circle:")
for line in view.lines[:SHOWN]:
    card(line, actor)
if len(view.lines) > SHOWN:
    st.caption(_("另有 {n} 条，见下表；选单位可以缩小范围。", n=len(view.lines) - SHOWN))
if view.lines:
    folded_table(
        _("全部待办（表格）"), view.lines,
        (
            ("mark", _("状态")), ("what", _("事项")), ("when", _("时限")), ("unit", _("单位")), ("count", _("项数")),
            ("clause", _("依据")),
        ),
        key="fold_todo", alt=_("待办事项"),
    )  # fmt: skip
