"""The sections of 机制与单位: units with their people, units' own plans, meetings and publicity."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.domain.cells import looks_like_url
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services import work, work_mechanism
from lib.services.policy import Act, Actor
from lib.ui.decide import do, fresh, told
from lib.ui.filters import pick, pick_one, search
from lib.ui.forms import Choices, only, record_form
from lib.ui.navigation import link
from lib.ui.preview import proposal, propose
from lib.ui.records import choose_record, listing, record_card, record_history
from lib.ui.session import as_of
from lib.ui.tables import choose_row, folded_table, prose, table
from lib.ui.theme import esc
from lib.views.mechanism import PLAN_STATES, Mechanism, UnitPlan, UnitPlans, mechanism, publicity, unit_plans
from lib.views.prepared import prepared
from lib.views.records import Record
from sheets_schema.coordination import EventKind
from sheets_schema.plan import RoleKey
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY

PEOPLE, CONFIRM = N_("填写责任人和联络员"), N_("核定单位名称")
ADD_UNIT, ENTER = N_("增加业务主管单位"), N_("登记方案所列单位")
BEGIN, EDIT_PLAN = N_("制定单位实施方案"), N_("修改单位实施方案")
RECORD, EDIT_EVENT = N_("登记会议与宣传"), N_("修改会议与宣传")
_PEOPLE = ("leader", "leader_post", "leader_phone", "liaison", "liaison_post", "liaison_phone", "email", "remark")
_PLAN = ("title", "parts", "link", "remark")
_EVENT = ("kind", "held_on", "unit", "title", "content", "attendees", "link", "remark")
UNITS, DOCUMENTS, EVENTS = BY_KEY["units"], BY_KEY["documents"], BY_KEY["events"]


def units_section(actor: Actor, found: Ledger) -> None:
    """Every unit with its roles and people; what is missing is counted above and filters the list."""
    view = prepared(mechanism, found)
    words = {"leader": _("责任人未定或不止一名"), "liaison": _("联络员未定或不止一名"), "name": _("名称待核")}
    counts = {"all": _("全部 {n}", n=view.total)}
    counts |= {issue: f"{words[issue]} {len(ids)}" for issue, ids in view.issues.items()}
    issue = pick_one("issue", _("待办"), counts)
    if view.missing:
        names = _("、").join(map(_, view.missing))
        st.warning(esc(_("方案所列的单位还没有登记：{names}", names=names)), icon=":material/group_off:")
        if actor.is_centre and st.button(_("登记这些单位"), icon=":material/group_add:"):
            propose("missing", actor, ENTER, work_mechanism.enter_units(view.missing))
    told("missing")
    proposal("missing", actor)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role = pick("role", _("角色"), [role.name for role in found.plan.roles.values()])
        text = search(placeholder=_("单位、别名或人名"))
    rows = listing("units", actor, text)
    if issue != "all":
        rows = rows.where(lambda line: line.id in view.issues[issue])
    if role:
        rows = rows.where(lambda line: role in found.world.roles_of(found.world.who(line["name"])))
    if not rows.total:
        st.info(_("还没有单位。先在下面登记方案所列的单位。"), icon=":material/groups:")
    chosen = None
    if rows.total:
        chosen = choose_record(
            rows, ("name", "leader", "leader_post", "liaison", "liaison_post", "roles", "aliases", "confirmed_name"),
            key="units", alt=_("各单位的角色、责任人和联络员"),
        )  # fmt: skip
        if chosen is None and rows.total == 1 and rows.lines:
            chosen = rows.lines[0]
        if chosen is None:
            st.caption(_("选中一行，可以看全部内容、填写责任人和联络员。"))
    if chosen is not None:
        unit = found.world.who(chosen["name"])
        st.header(esc(_(unit)), anchor=False)
        record_card(rows, chosen)
        _people(actor, view, chosen, unit)
        with st.container(horizontal=True):
            link("scorecard", _("考核得分"), unit=unit)
            link("mechanism", _("单位实施方案"), section="plans", unit=unit)
            link("mechanism", _("会议与宣传"), section="events", unit=unit)
        record_history(UNITS, chosen.id, actor, key="fold_history")
    if actor.is_centre:
        _add_unit(actor, found)


def _people(actor: Actor, view: Mechanism, chosen: Record, unit: str) -> None:
    if actor.is_centre and chosen.id in view.issues["name"]:
        st.markdown(f"**{_('核定名称')}**")
        st.text(_(view.doubts.get(unit, "")))
        values = record_form(
            fresh(f"confirm-{chosen.id}"), UNITS, actor, ("confirmed_name", "confirmed_on"), act=Act.EDIT, at="confirm",
            start={"confirmed_on": as_of()}, submit=_("核定"),
        )  # fmt: skip
        if values is not None:
            made = work_mechanism.confirm_name(chosen.id, values["confirmed_name"], values["confirmed_on"])
            do(actor, CONFIRM, made, "confirm")
    if actor.is_centre or (actor.may_write and unit in actor.units):
        st.markdown(f"**{_('责任人和联络员')}**")
        names = (*_PEOPLE[:-1], "aliases", "roles", "remark") if actor.is_centre else _PEOPLE
        values = record_form(
            fresh(f"people-{chosen.id}"), UNITS, actor, names, act=Act.EDIT, at="people", start=chosen.cells,
            record=chosen.id, submit=_("保存"),
        )  # fmt: skip
        if values is not None:
            do(actor, PEOPLE, work.edit("units", chosen.id, values), "people")


def _add_unit(actor: Actor, found: Ledger) -> None:
    with st.expander(_("增加方案所列以外的业务主管单位"), icon=":material/add:"):
        values = record_form(
            fresh("add-unit"), UNITS, actor, ("name", "aliases", "roles", *_PEOPLE), at="add-unit",
            start={"roles": found.plan.role(RoleKey.SUPERVISOR)}, submit=_("增加"),
        )  # fmt: skip
        if values is not None:
            do(actor, ADD_UNIT, work.add("units", values), "add-unit")


def plans_section(actor: Actor, found: Ledger) -> None:
    """Each unit's own plan: who has one, where it stands, what it does not name yet."""
    view = prepared(unit_plans, found, actor.sight)
    if view is None:
        st.info(_("方案没有要求各单位制定自己的实施方案。"), icon=":material/assignment:")
        return
    st.caption(esc(f"{_(view.kind.kind)} · {view.kind.clause} · " + " → ".join(_(s.verb) for s in view.kind.steps)))
    states = {"all": _("全部 {n}", n=view.total)}
    states |= {state: f"{_(word)} {view.counts.get(state, 0)}" for state, word in PLAN_STATES.items()}
    state = pick_one("state", _("进展"), states)
    unit = pick("unit", _("单位"), [line.unit for line in view.lines], width=260)
    lines = tuple(line for line in view.lines if _fits(line, state) and unit in (None, line.unit))
    if not lines:
        st.info(_("没有符合条件的单位。"), icon=":material/filter_alt_off:")
        return
    heads = (
        ("title", _("单位")), ("state", _("状态")), ("step", _("环节")), ("parts", _("已含内容")),
        ("lacking", _("尚缺")), ("record", _("编号")),
    )  # fmt: skip
    at = choose_row(lines, heads, alt=_("各单位的实施方案"), key=f"plans-{state}-{unit}")
    line = lines[at] if at is not None else lines[0] if len(lines) == 1 else None
    if line is None:
        st.caption(_("选中一个单位，可以制定它的实施方案，或补充已含内容。"))
    else:
        _unit_plan(actor, view, line)


def _fits(line: UnitPlan, state: str) -> bool:
    return state in ("all", line.key) or (state == "lacking" and bool(line.record and line.lacking))


def _unit_plan(actor: Actor, view: UnitPlans, line: UnitPlan) -> None:
    st.header(esc(line.title), anchor=False)
    if line.record:
        link("approvals", _("办理各环节"), record=line.record)
    cells = dict(line.cells)
    _attachments([(cells.get("title", line.title), cells.get("link", ""))])
    if not actor.is_centre and not (actor.may_write and line.unit in actor.units):
        return
    values = record_form(
        fresh(f"plan-{line.unit}"), DOCUMENTS, actor, _PLAN, act=Act.EDIT if line.record else Act.ADD, at="plan",
        start=cells, choices={"parts": view.kind.parts}, record=line.record,
        submit=_("保存") if line.record else _("开始制定"),
    )  # fmt: skip
    if values is not None and line.record:
        do(actor, EDIT_PLAN, work.edit("documents", line.record, values), "plan")
    if values is not None:
        do(actor, BEGIN, work_mechanism.begin_unit_plan(line.unit, values), "plan")


def events_section(actor: Actor, found: Ledger) -> None:
    """Meetings and publicity: counts by kind and unit, the list, and forms to record and correct one."""
    view = prepared(publicity, found, actor.sight)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = pick("kind", _("类别"), {kind: f"{_(kind)} {n}" for kind, n in view.by_kind.items()})
        unit = pick("unit", _("单位"), list(found.world.units), width=220)
        text = search()
    heads = (("unit", _("单位")), *((kind.value, _(kind.value)) for kind in EventKind), ("total", _("合计")))
    label = _("各单位次数：{n}/{total} 个单位没有记录", n=view.silent, total=view.units)
    folded_table(label, view.rows, heads, key="fold_counts", alt=_("各单位会议与宣传次数"))
    rows = listing("events", actor, text, kind=kind, unit=unit)
    chosen = None
    if not rows.total:
        st.info(_("还没有会议和宣传的记录。开过会、做过宣传后，在下面登记。"), icon=":material/campaign:")
    else:
        names = ("kind", "held_on", "unit", "title", "attendees", "link")
        chosen = choose_record(rows, names, key="events", alt=_("会议与宣传"))
        _attachments([(line["title"], line["link"]) for line in ([chosen] if chosen else rows.lines)])
    own = {name: _(name) for name in (found.world.units if actor.is_centre else actor.units)}
    if chosen is not None:
        st.header(esc(chosen.id), anchor=False)
        record_card(rows, chosen)
        held = {**chosen.cells, "unit": found.world.who(chosen["unit"])}
        if actor.is_centre or (actor.may_write and held["unit"] in own):
            _event(actor, found, f"event-{chosen.id}", own, held, chosen.id)
        record_history(EVENTS, chosen.id, actor, key="fold_history")
    if actor.may_write:
        told("event", done_only=True)
        with st.expander(_("登记会议或宣传"), icon=":material/add:", expanded=not rows.total):
            start: dict[str, Cell] = {"kind": EventKind.MEETING.value, "held_on": as_of(), "unit": only(own)}
            _event(actor, found, "event", own, start)


def _event(
    actor: Actor, found: Ledger, key: str, own: dict[str, str], start: Mapping[str, Cell], record: str = ""
) -> None:
    """The form of one event; bodies outside the list that took part stay where they were typed."""
    others = [name for name in str(start.get("attendees") or "").split("、") if name]
    choices: Choices = {"unit": own, "attendees": list(dict.fromkeys([*found.world.units, *others]))}
    values = record_form(
        fresh(key), EVENTS, actor, _EVENT, act=Act.EDIT if record else Act.ADD, at=key, start=start, choices=choices,
        record=record, submit=_("保存") if record else _("登记"),
    )  # fmt: skip
    if values is not None:
        make = work.edit("events", record, values) if record else work.add("events", values)
        do(actor, EDIT_EVENT if record else RECORD, make, key)


def _attachments(named: list[tuple[str, str]]) -> None:
    """Links people typed, as links where they are http(s) addresses; what is none stays text in the record."""
    rows = tuple((title, url) for title, url in named if looks_like_url(url))
    if rows:
        column = st.column_config.LinkColumn(display_text=_("打开"))
        heads = (("title", _("名称")), ("url", _("附件")))
        table(rows, heads, alt=_("附件"), column_config={_("附件"): column})


def leaders(view: Mechanism) -> None:
    """The working group, its heads and its office as the plan has them."""
    with st.expander(esc(_("工作机制 · {clause}", clause=view.clause)), icon=":material/account_tree:"):
        prose(view.leaders, (("label", _("职务")), ("value", _("内容"))), alt=_("工作机制"))
