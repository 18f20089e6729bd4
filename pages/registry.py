"""协会名录: the associations, whether the plan covers each, and a roster taken over from a file."""

import streamlit as st

from lib.i18n import N_, _
from lib.services import work
from lib.services.policy import Act
from lib.services.work_pilots import confirm_scopes
from lib.ui.choosing import tick_rows
from lib.ui.decide import do, fresh, told
from lib.ui.figures import figure, figures
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import only, record_form
from lib.ui.navigation import link
from lib.ui.preview import proposal, propose
from lib.ui.records import choose_record, listing, record_card, record_history
from lib.ui.roster import AT as ROSTER
from lib.ui.roster import roster_section
from lib.ui.session import board, ledger, require
from lib.ui.theme import esc, page_head
from lib.views.prepared import prepared
from lib.views.registry import GROUPS, OPEN, registry
from sheets_schema.associations import ScopeFlag
from sheets_schema.workbook import BY_KEY

ADD, EDIT, SCOPE, SCOPES = N_("登记协会"), N_("更正协会"), N_("判定范围"), N_("批量判定范围")
DETAILS = (
    "name", "credit_code", "unit", "category", "industry", "legal_form", "same_industry", "registered_on", "ended_on",
    "contact", "phone", "remark",
)  # fmt: skip

actor = require("registry")
found = ledger()
view = prepared(registry, found, actor.sight)
page_head(_("协会名录"), found.as_of, board())
told()
counted = figures(130)
sheet = BY_KEY["associations"]
units = {name: _(name) for name in found.world.units if actor.sight.shows(name)}
with st.container(horizontal=True, vertical_alignment="bottom"):
    unit = pick("unit", _("业务主管单位"), units, width=220)
    category = pick("category", _("类型"), sheet.by_name["category"].choices)
    text = search()
every = listing("associations", actor, text, category=category)
every = every.where(lambda line: unit is None or view.units.get(line.id, line["unit"]) == unit)
where = {line.id: view.group(line.id, in_force=line.in_force) for line in every.lines}
counts = {name: sum(group == name for group in where.values()) for name in GROUPS}
with counted:
    figure(_("全部"), len(every.lines), page="registry", scope="all")
    for name, word in GROUPS.items():
        figure(_(word), counts[name], page="registry", scope=name)
scopes = {"all": _("全部")} | {name: f"{_(word)} {counts[name]}" for name, word in GROUPS.items()}
scope = pick_one("scope", _("是否纳入"), scopes)
rows = every.where(lambda line: scope in ("all", where[line.id]))

chosen = None
if not every.total:
    st.info(_("名录还是空的。办公室可以在下面导入名录文件，或逐家登记。"), icon=":material/domain_add:")
else:
    names = ("name", "unit", "category", "industry", "in_scope", "credit_code")
    chosen = choose_record(rows, names, key="associations", alt=_("协会名录"), unit=unit)
    if chosen is None:
        st.caption(_("选中一行，可以查看全部内容和变更，更正或判定是否纳入。"))

if chosen is not None:
    st.header(esc(chosen["name"] or chosen.id), anchor=False)
    record_card(rows, chosen)
    hint = next((one for one in view.undecided if one.id == chosen.id), None)
    if actor.is_centre:
        if hint is not None:
            st.info(
                esc(f"{hint.suggestion} · {hint.why}"), title=_("按名称和登记形式提示"), icon=":material/lightbulb:"
            )
        start = (
            {"in_scope": hint.flag, "scope_reason": chosen["scope_reason"] or hint.grounds} if hint else chosen.cells
        )
        values = record_form(
            fresh(f"scope-{chosen.id}"), sheet, actor, ("in_scope", "scope_reason"), act=Act.EDIT, at="scope",
            start=start, record=chosen.id, submit=_("保存判定"),
        )  # fmt: skip
        if values is not None:
            do(actor, SCOPE, work.edit("associations", chosen.id, values), "scope")
    if actor.may_write:
        with st.expander(_("更正这家协会的登记内容"), icon=":material/edit:", expanded=not actor.is_centre):
            held = dict(chosen.cells) | {"unit": view.units.get(chosen.id, chosen["unit"])}
            values = record_form(
                fresh(f"edit-{chosen.id}"), sheet, actor, DETAILS, act=Act.EDIT, at="edit", start=held,
                choices={"unit": units}, record=chosen.id, submit=_("保存更正"),
            )  # fmt: skip
            if values is not None:
                do(actor, EDIT, work.edit("associations", chosen.id, values), "edit")
    record_history(sheet, chosen.id, actor, key="fold_history")
    link("nominations", _("到试点推荐"), unit=view.units.get(chosen.id, ""))

undecided = tuple(one for one in view.undecided if where.get(one.id) == OPEN)
told("scopes")
if actor.is_centre and not proposal("scopes", actor) and undecided:
    with st.expander(_("批量判定待定的协会（{n}）", n=len(undecided)), icon=":material/rule:", expanded=scope == OPEN):
        columns = (
            ("name", _("协会名称")), ("unit", _("业务主管单位")), ("suggestion", _("提示")), ("why", _("理由")),
        )  # fmt: skip
        at = tick_rows(undecided, columns, alt=_("待定的协会"), key=fresh("undecided"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ways = {"hint": _("按提示"), ScopeFlag.IN.value: _("纳入"), ScopeFlag.OUT.value: _("不纳入")}
            way = st.selectbox(_("判定为"), list(ways), key="scopes-way", format_func=ways.__getitem__, width=160)
            why = st.text_input(
                _("范围依据"), key="scopes-why", max_chars=200, placeholder=_("不填则用提示的理由"), width=320
            )
            if st.button(_("核对判定"), icon=":material/checklist:", disabled=not at):
                asked = [(one, one.flag if way == "hint" else way) for one in (undecided[n] for n in at)]
                decided = {
                    one.id: (flag, why.strip() or (one.grounds if flag == one.flag else "")) for one, flag in asked
                }
                propose("scopes", actor, SCOPES, confirm_scopes(decided))

if actor.is_centre:
    told("add", done_only=True)
    with st.expander(_("登记一家协会"), icon=":material/add:"):
        values = record_form(
            fresh("add"), sheet, actor, (*DETAILS[:7], "in_scope", "scope_reason", *DETAILS[7:]), at="add",
            start={"in_scope": ScopeFlag.OPEN.value, "unit": unit or only(units)}, choices={"unit": units},
            submit=_("登记"),
        )  # fmt: skip
        if values is not None:
            do(actor, ADD, work.add("associations", values), "add")
    told(ROSTER, done_only=True)
    with st.expander(_("导入名录文件"), icon=":material/upload_file:", expanded=not every.total):
        roster_section(actor)
