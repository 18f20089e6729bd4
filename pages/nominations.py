"""试点推荐: each unit's quota; whom it recommends, its list, and which of them the office selects."""

import streamlit as st

from lib.charts.nominations import spread_chart
from lib.i18n import N_, _
from lib.ui.decide import told
from lib.ui.figures import figure, figures
from lib.ui.files import take_figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import only
from lib.ui.navigation import link
from lib.ui.nominating import quota_line, recommend, standing, the_list
from lib.ui.records import choose_record, listing, record_card, record_history
from lib.ui.session import board, ledger, require
from lib.ui.tables import choose_row, folded_table
from lib.ui.theme import esc, page_head
from lib.views.nominating import undecided, unit_work
from lib.views.nominations import named, nominations
from lib.views.prepared import prepared
from sheets_schema.nominations import NominationStatus
from sheets_schema.workbook import BY_KEY

QUOTAS = {
    "all": N_("全部单位"), "unmet": N_("未达到提示数"), "met": N_("达到提示数"), "unsubmitted": N_("未报送名单"),
    "submitted": N_("已报送名单"),
}  # fmt: skip

actor = require("nominations")
found = ledger()
view = prepared(nominations, found, actor.sight)
page_head(_("试点推荐"), found.as_of, board())
with figures():
    figure(_("推荐 / 提示数"), f"{view.recommended} / {view.expected}", page="nominations", quota="all")
    figure(_("达到提示数"), f"{view.met} / {view.owing}", page="nominations", quota="met")
    figure(_("已报送名单"), f"{view.submitted} / {view.lists}", page="nominations", quota="submitted")
    figure(_("已选定"), view.selected, page="nominations", status=NominationStatus.SELECTED.value)
st.caption(esc(view.note))

if not view.quotas:
    st.info(_("还没有纳入范围的协会。先在协会名录登记并判定“纳入”。"), icon=":material/domain_add:")
    link("registry", _("到协会名录"))
else:
    columns = (
        ("label", _("单位")), ("count", _("主管协会")), ("floor", _("至少")), ("expected", _("提示数")),
        ("recommended", _("推荐")), ("verdict", _("判定")), ("submitted", _("报送日期")), ("selected", _("选定")),
    )  # fmt: skip
    sort = pick_one("quota", _("名额"), {name: _(word) for name, word in QUOTAS.items()})
    quotas = tuple(quota for quota in view.quotas if sort in ("all", *quota.sorts))
    at = choose_row(quotas, columns, alt=_("各单位的推荐名额"), key=f"quotas-{sort}")
    take_figures(actor, table="quota")
    clicked = quotas[at].unit if at is not None else None
    if clicked is not None and clicked != st.session_state.get("quotas-clicked"):
        st.session_state["unit"] = clicked
    st.session_state["quotas-clicked"] = clicked

units = {name: _(name) for name in found.world.units if actor.sight.shows(name)}
own = only(one for one in actor.units if one in units)
if own and "unit" not in st.session_state and st.query_params.get("unit") not in units:
    st.session_state["unit"] = own
with st.container(horizontal=True, vertical_alignment="bottom"):
    unit = pick("unit", _("推荐单位"), units, width=220, every=_("全部；选一个单位办理"))
    status = pick("status", _("状态"), [status.value for status in NominationStatus])
    text = search()

if unit is not None:
    mine = prepared(unit_work, found, unit)
    st.header(esc(_(unit)), anchor=False)
    quota_line(unit, mine, found)
    if actor.may_write:
        st.markdown(f"**{_('一、推荐')}**")
        recommend(actor, unit, mine, found)
        st.markdown(f"**{_('二、已推荐的')}**")
        standing(actor, mine.standing)
    if mine.list is not None:
        st.markdown(f"**{_('三、名单')}**")
        the_list(actor, unit, mine.list, found)

elif actor.is_centre:
    waiting = prepared(undecided, found)
    if waiting:
        st.header(_("名单已报送、待选定（{n}）", n=len(waiting)), anchor=False)
        standing(actor, waiting)
    else:
        told("standing")

st.header(_("推荐记录"), anchor=False)
rows = named(listing("nominations", actor, status=status), found, actor.sight, text)
rows = rows.where(lambda line: unit is None or found.world.who(line["unit"]) == found.world.who(unit))
if not rows.total:
    st.info(_("还没有推荐。选一个单位，勾选它主管的协会。"), icon=":material/how_to_vote:")
else:
    fields = ("association", "unit", "nominated_on", "voluntary", "status", "selected_on")
    chosen = choose_record(rows, fields, key="nominations", alt=_("推荐记录"), unit=unit)
    if chosen is not None:
        st.header(esc(chosen["association"] or chosen.id), anchor=False)
        record_card(rows, chosen)
        record_history(BY_KEY["nominations"], chosen.id, actor, key="fold_history")

st.header(_("兼顾不同类型、行业和部门"), anchor=False)
if view.recommended:
    st.vega_lite_chart(prepared(spread_chart, found, actor.sight), alt=_("各类型已推荐与其余纳入的家数"))
    take_figures(actor, chart="spread")
parts = (("label", _("名称")), ("recommended", _("推荐")), ("count", _("纳入")), ("share", _("占比")))
folded_table(_("按类型"), view.types, parts, key="fold_types", alt=_("按类型的推荐数"))
if actor.sight.units is None:
    folded_table(_("按行业"), view.industries, parts, key="fold_industries", alt=_("按行业的推荐数"))
    folded_table(_("按部门"), view.departments, parts, key="fold_departments", alt=_("按部门的推荐数"))
