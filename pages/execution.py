"""试点实施: pilots against separations; one pilot's checklist, news and summary; one item of many pilots at once."""

import streamlit as st

from lib.i18n import _
from lib.ui.checklist import TALLEST, act_on, items_table, pilot_work
from lib.ui.choosing import choose_one
from lib.ui.decide import told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, search
from lib.ui.navigation import link
from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head
from lib.views.execution import MARKS, execution
from lib.views.prepared import prepared
from lib.views.words import share, state_word
from sheets_schema.plan_work import Checklist, StateKey

actor = require("execution")
found = ledger()
view = prepared(execution, found, actor.sight)
page_head(_("试点实施"), found.as_of, board())
told()
with figures():
    figure(_("脱钩事项完成"), share(view.done, view.total), page="evaluation")
    figure(_("全部完成的试点"), share(view.finished, view.pilots), page="execution", state=StateKey.DONE.value)
    figure(_("{n} 天以上无动态", n=found.plan.cadence.silent_days), view.silent, page="execution", state="silent")
    figure(_("逾期事项"), view.overdue, page="execution", state=StateKey.OVERDUE.value)
if not view.pilots:
    st.info(_("还没有选定的试点。先在“试点推荐”里推荐并选定，再回到这里逐项填报。"), icon=":material/how_to_vote:")
    link("nominations", _("去推荐试点"))
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom"):
    unit = pick("unit", _("单位"), list(dict.fromkeys(line.unit for line in view.lines)))
    state = pick("state", _("状况"), {name: _(word) for name, word in MARKS.items()}, width=190)
    text = search(placeholder=_("协会名称或编号"))
    items = {name: Checklist.label(item) for name, (_part, item) in found.plan.checklist.items.items()}
    item = pick("item", _("跨试点办理的事项"), items, width=260, every=_("不选：按试点看"))
lines = view.where(unit, state, text)
st.text(_("{n}/{total} 个试点", n=len(lines), total=len(view.lines)))

if item:
    across = tuple(entry for line in lines for entry in line.items if entry.item == item)
    chosen = items_table(across, actor, f"across-{item}", by_pilot=True)
    if actor.may_write:
        act_on(actor, chosen, f"act-{item}")
    st.stop()

heads = [_("试点协会"), _("单位"), _("状态"), _("完成")]
heads += [f"{part.id} {_(part.title)}" for part in found.plan.checklist.separations] + [_("距上次动态")]
rows = tuple(line.row for line in lines)
pilot = choose_one(
    "pilot", [line.id for line in lines], [line.id for line in view.lines], rows,
    tuple((str(at), head) for at, head in enumerate(heads)), alt=_("试点与各项分离"),
    height=min(46 + 35 * max(len(rows), 1), TALLEST),
)  # fmt: skip
shapes = (StateKey.DONE, StateKey.RUNNING, StateKey.NEAR, StateKey.IDLE, StateKey.OVERDUE)
st.caption(" · ".join(state_word(found.plan, shape) for shape in shapes))
line = view.find(pilot)
if line is None:
    st.caption(_("选中一行，打开这个试点的清单、动态和总结。要同时办理多个试点的同一事项，先在上面选事项。"))
else:
    pilot_work(found, actor, line)
