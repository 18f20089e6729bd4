"""What is done for one unit on 试点推荐: recommend, take back, submit the list, select."""

from __future__ import annotations

import streamlit as st

from lib.domain.ledger import Ledger, derive
from lib.i18n import N_, _, listed
from lib.services import work
from lib.services.policy import Actor
from lib.services.work import Make
from lib.services.work_pilots import nominate_all, pass_over, select_all, together, withdraw_all
from lib.ui.choosing import tick_rows
from lib.ui.decide import do, fresh, refused, told
from lib.ui.figures import figure, figures
from lib.ui.navigation import link
from lib.ui.preview import proposal, propose
from lib.ui.session import EARLIEST, LATEST, as_of, commands
from lib.ui.theme import esc
from lib.views.nominating import ListState, Standing, UnitWork, move
from lib.views.nominations import quota_words
from sheets_schema.nominations import NominationStatus

NOMINATE, WITHDRAW, SELECT, PASS, SUBMIT, SIGN = (
    N_("推荐试点"), N_("撤回推荐"), N_("选定试点"), N_("登记未选定"), N_("报送名单"), N_("登记名单选定"),
)  # fmt: skip


def quota_line(unit: str, mine: UnitWork, found: Ledger) -> None:
    """The unit's number, as it stands now."""
    if mine.quota is None:
        st.info(_("这个单位在基准日没有纳入范围的主管协会，没有推荐任务。"), icon=":material/checklist:")
        link("registry", _("到协会名录"), unit=unit)
        return
    words, frozen = quota_words(mine.quota, found), mine.quota.frozen
    note = _("报送时 {n}", n=frozen) if frozen not in (None, mine.quota.count) else ""
    with figures(130):
        figure(_("主管协会"), mine.quota.count, note, page="registry", unit=unit, scope="in")
        figure(_("至少 / 提示"), f"{words.floor} / {words.expected}", page="rules")
        figure(_("推荐"), words.recommended, words.verdict, page="nominations", unit=unit)
        chosen = NominationStatus.SELECTED.value
        figure(_("选定"), words.selected, page="nominations", unit=unit, status=chosen)


def recommend(actor: Actor, unit: str, mine: UnitWork, found: Ledger) -> None:
    """Tick candidates and see the quota move before anything is saved."""
    told("recommend")
    if not mine.candidates:
        st.caption(_("没有可以推荐的协会：纳入范围的都已推荐，或还没有判定纳入。"))
        return
    columns = (("name", _("协会名称")), ("category", _("类型")), ("industry", _("行业")))
    at = tick_rows(mine.candidates, columns, alt=_("可以推荐的协会"), key=fresh(f"candidates-{unit}"), height=280)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        on = st.date_input(_("推荐日期"), as_of(), EARLIEST, LATEST, format="YYYY-MM-DD", key="nominate-on", width=160)
        reason = st.text_input(_("推荐说明"), key=fresh("nominate-why"), max_chars=200, width=320)
        voluntary = mine.voluntary and st.checkbox(_("本单位自愿参加"), key=fresh("nominate-free"))
    if not at or on is None:
        st.caption(_("勾选协会后，这里先显示名额会怎样变动，再保存。"))
        return
    make = nominate_all(
        [mine.candidates[n].id for n in at], unit, on, voluntary=voluntary, reason=reason.strip()
    )  # fmt: skip
    allowed = foreseen(actor, unit, make, found)
    if st.button(
        _("推荐这 {n} 家", n=len(at)), type="primary", icon=":material/how_to_vote:", disabled=not allowed
    ):  # fmt: skip
        do(actor, NOMINATE, make, "recommend")


def foreseen(actor: Actor, unit: str, make: Make, found: Ledger) -> bool:
    """Show what an act would do to the unit's quota, or why it would be refused; whether it would be done."""
    office = commands()
    if office is None:
        return False
    tried = office.preview(actor, make)
    if not tried.decision.allowed or tried.after is None:
        refused(tried.decision)
        return False
    moved = move(found, derive(tried.after, found.as_of), unit)
    st.info(esc(moved.words), title=_("保存后"), icon=":material/trending_flat:")
    for clause, sentence in moved.said:
        st.warning(esc(sentence), title=esc(clause), icon=":material/warning:")
    return True


def standing(actor: Actor, rows: tuple[Standing, ...]) -> None:
    """The recommendations that stand: take them back, or — the office — select them. Shown as changes first."""
    told("standing")
    if proposal("standing", actor):
        return
    if not rows:
        st.caption(_("还没有推荐。"))
        return
    columns = (
        ("id", _("编号")), ("unit", _("推荐单位")), ("name", _("协会名称")), ("status", _("状态")),
        ("on", _("推荐日期")), ("voluntary", _("自愿")), ("reason", _("推荐说明")), ("selected", _("选定日期")),
    )  # fmt: skip
    at = tick_rows(rows, columns, alt=_("已推荐的协会"), key=fresh("standing"))
    chosen = [rows[n].id for n in at]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if actor.is_centre:
            on = st.date_input(
                _("选定日期"), as_of(), EARLIEST, LATEST, format="YYYY-MM-DD", key="select-on", width=160
            )
            if st.button(_("选定"), type="primary", icon=":material/verified:", disabled=not (chosen and on)) and on:
                propose("standing", actor, SELECT, select_all(chosen, on))
            if st.button(_("未选定"), icon=":material/do_not_disturb_on:", disabled=not chosen):
                propose("standing", actor, PASS, pass_over(chosen))
        why = st.text_input(_("撤回理由"), key=fresh("withdraw-why"), max_chars=200, width=240)
        if st.button(_("撤回"), icon=":material/undo:", disabled=not chosen):
            propose("standing", actor, WITHDRAW, withdraw_all(chosen, why.strip()))


def the_list(actor: Actor, unit: str, mine: ListState, found: Ledger) -> None:
    """The unit's list: submit it, with what the quota says of that; then record the step by which it is decided."""
    told("list")
    st.text(" → ".join(f"{verb} {on}" if on != "—" else verb for verb, on in mine.steps))
    if mine.document:
        link("approvals", _("看名单的审批流转"), record=mine.document)
    if mine.returned:
        st.warning(_("名单已于 {day} 退回，改好后重新报送。", day=mine.returned), icon=":material/undo:")
    if not actor.may_write:
        return
    if mine.may_submit:
        _submit(actor, unit, found)
    elif mine.missing:
        _sign(actor, unit, mine)


def _submit(actor: Actor, unit: str, found: Ledger) -> None:
    on = st.date_input(_("报送日期"), as_of(), EARLIEST, LATEST, format="YYYY-MM-DD", key="submit-on", width=160)
    if on is None:
        return
    make = work.submit_list(unit, on, on_behalf=unit not in actor.units)
    allowed = foreseen(actor, unit, make, found)
    st.caption(_("报送后主管协会数按当日固定，本单位不能再改推荐。"))
    if st.button(_("报送名单"), type="primary", icon=":material/send:", disabled=not allowed):
        do(actor, SUBMIT, make, "list")


def _sign(actor: Actor, unit: str, mine: ListState) -> None:
    """The deciding step: each of those who must act on it, the office also for others, recorded as such."""
    may = [one for one in mine.missing if actor.is_centre or one in actor.units]
    st.text(_("“{verb}”还要：{actors}", verb=_(mine.next_verb), actors=listed(mine.missing)))
    if not may:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = st.multiselect(_("办理单位"), may, may[:1], key=fresh(f"sign-{unit}"), format_func=_, width=320)
        on = st.date_input(_("办理日期"), as_of(), EARLIEST, LATEST, format="YYYY-MM-DD", key="sign-on", width=160)
        go = st.button(
            _("登记“{verb}”", verb=_(mine.next_verb)), icon=":material/approval:", disabled=not (who and on)
        )  # fmt: skip
    if go and on is not None:
        acts = (
            work.approve(
                mine.document, one, on, verb=mine.next_verb, on_behalf=one not in actor.units and one == unit
            )
            for one in who
        )  # fmt: skip
        do(actor, SIGN, together(*acts), "list")
