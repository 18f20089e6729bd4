"""One document's chain on a page: its steps, the form of the next one, and why the later ones have to wait (四)."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.domain.chains import ChainState
from lib.domain.findings import Severity, to_finding
from lib.domain.ledger import Ledger
from lib.domain.owners import writers
from lib.domain.signing import may_act
from lib.i18n import N_, _
from lib.services import work, work_chains
from lib.services.policy import OPERATOR, Act, Actor
from lib.services.scene import Decision
from lib.services.whose import veiled
from lib.ui.decide import do, fresh, told
from lib.ui.filters import pick_one
from lib.ui.forms import Choices, only, record_form
from lib.ui.session import as_of, commands
from lib.ui.tables import folded_table
from lib.ui.theme import BADGE, esc
from lib.views.chain import ChainCard, StepView, chain_card
from sheets_schema.documents import Approval, Result
from sheets_schema.plan_chains import Step
from sheets_schema.plan_work import StateKey
from sheets_schema.sheet import YesNo
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY

TAKE, EDIT = N_("办理环节"), N_("修改文件信息")
WAYS = {"pass": N_("通过"), "submit": N_("只报送，等待办理"), "return": N_("退回")}
_COLUMNS = {
    "pass": ("item", "actor", "on_behalf", "submitted_on", "decided_on", "number", "opinion", "link"),
    "submit": ("item", "actor", "on_behalf", "submitted_on", "link"),
    "return": ("item", "actor", "on_behalf", "submitted_on", "decided_on", "opinion", "number"),
}
_ACTS = (
    ("round", N_("轮次")), ("verb", N_("环节")), ("actor", N_("办理单位")), ("submitted", N_("报送日期")),
    ("decided", N_("办结日期")), ("result", N_("结果")), ("number", N_("文号")), ("opinion", N_("意见")),
    ("note", N_("说明")),
)  # fmt: skip


def show_chain(actor: Actor, ledger: Ledger, chain: ChainState) -> None:
    """The chain of a document: what has passed, the form of the step to take now, and the later steps with the reason
    why not yet, which is the rules' own."""
    card = chain_card(chain, ledger)
    st.markdown(steps_line(card))
    if card.returned:
        st.warning(esc(card.returned), title=_("上一轮退回的意见"), icon=":material/undo:")
    if card.round > 1:
        st.caption(_("第 {n} 轮：从起草环节重新办理。", n=card.round))
    for step in card.steps:
        with st.container(border=True):
            _show_step(step)
            if step.state is StateKey.IDLE:
                _why_not(chain, card, step, ledger)
            elif step.verb == card.next_verb:
                _next_step(actor, ledger, chain, card)
    told("step")  # where the form that was sent is gone, as the step is another's to take now
    _broken(actor, ledger, chain)
    if card.former:
        columns = tuple((name, _(label)) for name, label in _ACTS)
        folded_table(
            _("以前各轮的 {n} 次办理", n=len(card.former)), card.former, columns,
            key="fold_former", alt=_("以前各轮的办理"),
        )  # fmt: skip


def steps_line(card: ChainCard) -> str:
    """The steps in a row, each with its shape, as Markdown."""
    marks = (f":{BADGE[step.state]}-badge[{esc(step.mark.split()[0])} {esc(step.word)}]" for step in card.steps)
    return " → ".join(marks)


def edit_document(actor: Actor, chain: ChainState, names: tuple[str, ...], submit: str) -> None:
    """The document's own fields, for those who may change them."""
    document = chain.document
    start: dict[str, Cell] = {
        name: "、".join(document.parts) if name == "parts" else getattr(document, name) for name in names
    }
    shown = [name for name in names if name != "parts" or chain.kind.parts]
    values = record_form(
        fresh(f"edit-{document.id}"), BY_KEY["documents"], actor, shown, act=Act.EDIT, at="edit", start=start,
        choices={"parts": chain.kind.parts}, record=document.id, submit=submit,
    )  # fmt: skip
    if values is not None:
        do(actor, EDIT, work.edit("documents", document.id, values), "edit")


def _show_step(step: StepView) -> None:
    st.markdown(f"**{esc(step.mark)} · {esc(step.word)}** :gray[{esc(step.actors)}]")
    for act in step.acts:
        said = [act.decided or _("{day} 报送，待办结", day=act.submitted), act.actor]
        said += [f"{act.result}" if act.result else "", act.item, act.number, act.opinion, act.note]
        st.text(" · ".join(text for text in said if text))
    if step.missing:
        signed = _("已签：{names}；", names=step.signed) if step.signed else ""
        st.caption(esc(signed + _("尚缺：{names}", names=step.missing)))


def _broken(actor: Actor, ledger: Ledger, chain: ChainState) -> None:
    """Acts that stand in the sheet without effect: the next step may have to wait until they are put right."""
    for hit in chain.hits:
        if hit.rule.severity is Severity.ERROR:
            finding = to_finding(hit, ledger.plan)
            _value, message, remedy = veiled(finding, actor.sight, ledger.world)
            title = esc(f"{_(finding.clause)} · {_('办理记录 {record} 未生效', record=hit.record)}")
            st.warning(esc(f"{message} {remedy}"), title=title, icon=":material/report:")


def _why_not(chain: ChainState, card: ChainCard, step: StepView, ledger: Ledger) -> None:
    """What the rules answer if somebody took a later step today."""
    office = commands()
    declared = next(s for s in chain.kind.steps if s.verb == step.verb)
    able = list(may_act(declared, chain.document, ledger.world))
    if office is None or not able:
        return
    values: dict[str, Cell] = {"actor": able[0], "decided_on": as_of(), "result": Result.PASSED.value}
    found = office.preview(OPERATOR, work_chains.take_step(card.id, values, step.verb)).decision
    if not found.allowed:
        _tell(found)


def _tell(found: Decision) -> None:
    clause = f" :gray[{esc(_(found.clause))}]" if found.clause else ""
    st.markdown(f":material/lock: {esc(str(found.reason))}{clause}")


def _next_step(actor: Actor, ledger: Ledger, chain: ChainState, card: ChainCard) -> None:
    step, office = chain.next_step, commands()
    if step is None or office is None or not actor.may_write:
        return
    latest = next((known for known in ledger.world.chains if known.document.id == card.id), chain)
    if (latest.acts, latest.pending_since) != (chain.acts, chain.pending_since):
        st.info(_("基准日之后另有办理记录；把基准日调后再登记。"), icon=":material/event:")
        return
    signed = frozenset(() if chain.returned_on else chain.partly)
    able = [who for who, parts in may_act(step, chain.document, ledger.world).items() if parts - signed]
    own = [who for who in able if actor.is_centre or _is_own(actor, chain, who, ledger)]
    waiting = [act for act in _pending(chain, ledger) if act.actor in own]
    first = waiting[0].actor if waiting else (own or able or [""])[0]
    tried: dict[str, Cell] = {"actor": first, "decided_on": as_of(), "result": Result.PASSED.value}
    tried |= {"item": step.items[0].item} if step.mode == "items" else {}
    if not own:
        _tell(office.preview(actor, work_chains.take_step(card.id, tried)).decision)
        return
    gate = office.preview(OPERATOR, work_chains.take_step(card.id, tried)).decision
    is_shut = not gate.allowed and gate.rule == "A08"
    if is_shut:
        _tell(gate)
    for note in gate.notes:
        if note.rule == "A07":
            st.warning(esc(str(note.message)), title=esc(_(note.clause)), icon=":material/warning:")
    _form(actor, chain, step, {name: _(name) for name in own}, waiting, needs_reason=is_shut)


def _form(
    actor: Actor, chain: ChainState, step: Step, able: Mapping[str, str], waiting: list[Approval], *, needs_reason: bool
) -> None:
    """The form of the next step: passed, handed in to wait, or sent back; the drafting step can only pass."""
    way = "pass"
    if step is not chain.kind.steps[0]:
        way = pick_one("way", _("办理方式"), {name: _(word) for name, word in WAYS.items()})
    names = [name for name in _COLUMNS[way] if name != "item" or step.mode == "items"]
    names += ["override"] if needs_reason and actor.is_centre else []
    start: dict[str, Cell] = {"actor": only(able), "on_behalf": YesNo.YES.value if actor.is_centre else None}
    if waiting:
        start |= {"actor": waiting[0].actor, "item": waiting[0].item, "submitted_on": waiting[0].submitted_on}
    start |= {"submitted_on": as_of()} if way == "submit" else {"decided_on": as_of()}
    choices: Choices = {"actor": able, "item": [item.item for item in step.items]}
    values = record_form(
        fresh(f"step-{chain.document.id}-{step.verb}-{way}"), BY_KEY["approvals"], actor, names, at="step",
        start=start, choices=choices, submit=_("登记“{verb}”：{way}", verb=_(step.verb), way=_(WAYS[way])),
    )  # fmt: skip
    if values is not None:
        result = {"pass": Result.PASSED.value, "return": Result.RETURNED.value}.get(way)
        do(actor, TAKE, work_chains.take_step(chain.document.id, {**values, "result": result}, step.verb), "step")


def _is_own(actor: Actor, chain: ChainState, who: str, ledger: Ledger) -> bool:
    """Whether an act of a body would be the actor's own to record, as the policy asks."""
    row = Approval(row=0, id="", actor=who, document=chain.document.id)
    return not writers(row, ledger.world).isdisjoint(actor.units)


def _pending(chain: ChainState, ledger: Ledger) -> list[Approval]:
    """Acts of the next step that were handed in and wait."""
    step, now = chain.next_step, chain.round + (chain.returned_on is not None)
    if step is None or chain.pending_since is None:
        return []
    rows = (row for row in ledger.world.rows(Approval) if row.document == chain.document.id)
    return [row for row in rows if (row.round, row.verb) == (now, step.verb) and row.decided_on is None]
