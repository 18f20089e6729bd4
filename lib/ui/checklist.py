"""The checklist of pilots: acts on chosen items, a pilot's items, news and summary, one item across pilots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from lib.domain.chains import ChainState
from lib.domain.ledger import Ledger
from lib.domain.pilots import executing_phase
from lib.i18n import N_, _
from lib.services import work_chains, work_checklists
from lib.services.policy import Act, Actor
from lib.services.work import Make, add
from lib.services.work_checklists import Target
from lib.ui.choosing import choose_many
from lib.ui.decide import do, fresh, told
from lib.ui.filters import pick, pick_one
from lib.ui.forms import record_form
from lib.ui.navigation import link
from lib.ui.preview import proposal, propose
from lib.ui.records import choose_record, listing, record_card
from lib.ui.session import as_of
from lib.ui.tables import table
from lib.ui.theme import esc
from lib.views.execution import Item, PilotLine
from lib.views.words import day
from sheets_schema.plan_chains import DocumentKind, Scope
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY

DONE, LEFT_OUT, REOPENED, PLANNED = N_("完成事项"), N_("事项不涉及"), N_("重新打开事项"), N_("安排事项")
LISTED, NEWS, DRAFTED = N_("建立清单"), N_("报送动态"), N_("起草文件")
ACTS = {"done": N_("完成"), "plan": N_("安排"), "not_applicable": N_("不涉及"), "reopen": N_("重新打开")}
FIELDS = {
    "done": ("done_on", "evidence", "signed_by"),
    "plan": ("planned_on", "owner", "unfinished", "problem", "next_step"),
    "not_applicable": ("not_applicable_reason",),
    "reopen": (),
}
TALLEST = 560
"""Pixels of a table before it scrolls: with what stands above it, it fits the office's screen."""


def act_on(actor: Actor, chosen: Sequence[Item], key: str) -> None:
    """The acts on chosen items: each is shown as a list of changes first, and saved when that was looked at."""
    told(key)
    if chosen:
        way = pick_one("do", _("办理"), {name: _(word) for name, word in ACTS.items()})
        one = chosen[0] if len(chosen) == 1 and way == "plan" else None
        if way == "plan" and one is None:
            st.caption(_("留空的不改动。"))
        values = record_form(
            fresh(f"{key}-{way}-{one.pilot + one.item if one else ''}"), BY_KEY["tasks"], actor, FIELDS[way],
            submit=_("列出改动"), start=_start(way, one), act=Act.EDIT, icon=":material/difference:", at=f"{key}-form",
        )  # fmt: skip
        if values is not None:
            targets = tuple((item.pilot, item.item) for item in chosen)
            propose(key, actor, *_act(way, targets, values, whole=one is not None))
    proposal(key, actor)


def _start(way: str, one: Item | None) -> dict[str, Cell]:
    """What a form holds at first: today's day, or what stands there of the one item."""
    if one is not None:
        return {
            "planned_on": one.planned, "owner": one.owner, "unfinished": one.unfinished, "problem": one.problem,
            "next_step": one.next_step,
        }  # fmt: skip
    return {"done_on": as_of()} if way == "done" else {}


def _act(way: str, targets: Sequence[Target], values: dict[str, Cell], *, whole: bool) -> tuple[str, Make]:
    """The act of a form and its name in the journal. ``whole``: what is left blank is blanked."""
    if way == "done":
        on = values.get("done_on")
        evidence, signed = (str(values.get(name) or "") for name in ("evidence", "signed_by"))
        return DONE, work_checklists.complete_items(targets, on if isinstance(on, date) else None, evidence, signed)
    if way == "not_applicable":
        return LEFT_OUT, work_checklists.leave_out_items(targets, str(values.get("not_applicable_reason") or ""))
    if way == "reopen":
        return REOPENED, work_checklists.reopen_items(targets)
    return PLANNED, work_checklists.set_items(targets, {k: v for k, v in values.items() if whole or v is not None})


def items_table(items: tuple[Item, ...], actor: Actor, key: str, *, by_pilot: bool) -> list[Item]:
    """The items as a table, to tick for who may change them; gives the chosen ones. ``by_pilot``: one item of many
    pilots, else many of one."""
    rows = tuple(_row(item, by_pilot=by_pilot) for item in items)
    words = {item.pilot if by_pilot else item.item: item.name if by_pilot else item.label for item in items}
    first = [_("试点协会"), _("单位")] if by_pilot else [_("事项")]
    heads = [
        *first, _("状态"), _("计划日期"), _("完成日期"), _("责任人"), _("佐证"), _("佐证说明"), _("应签章"),
        _("已签章"), _("不涉及理由"), _("未完成原因"), _("存在问题"), _("下一步"),
    ]  # fmt: skip
    holding = [at for at, head in enumerate(heads) if at <= len(first) + 2 or any(row[at] for row in rows)]
    rows = tuple(tuple(row[at] for at in holding) for row in rows)
    columns = tuple((str(at), heads[at]) for at in holding)
    look: dict[str, Any] = {
        "alt": _("脱钩事项"), "height": min(46 + 35 * max(len(rows), 1), TALLEST),
        "column_config": {_("佐证"): st.column_config.LinkColumn(display_text=_("打开"))},
    }  # fmt: skip
    if not actor.may_write:
        table(rows, columns, **look)
        return []
    chosen = choose_many(
        key, _("要办理的试点") if by_pilot else _("要办理的事项"), words, rows, columns, **look
    )  # fmt: skip
    return [item for item in items if (item.pilot if by_pilot else item.item) in chosen]


def _row(item: Item, *, by_pilot: bool) -> tuple[str | None, ...]:
    first = (item.name, _(item.unit)) if by_pilot else (item.label,)
    return (
        *first, item.mark, item.planned, item.done, item.owner, item.link, "" if item.link else item.evidence,
        item.signers, item.signed, item.left_out_because,
        _(item.unfinished) if item.unfinished else "", item.problem, item.next_step,
    )  # fmt: skip


def pilot_work(found: Ledger, actor: Actor, line: PilotLine) -> None:
    """One pilot: its gate, its checklist with the acts on it, its news, its summary."""
    st.header(esc(line.name), anchor=False)
    st.text(
        _("{unit} · {state} · 完成 {done}，不涉及 {left} 项", unit=_(line.unit), state=line.mark, done=line.done,
          left=line.left_out)
    )  # fmt: skip
    _gate(found, line)
    parts = {part.id: f"{part.id} {_(part.title)}" for part in found.plan.checklist.separations}
    part = pick("part", _("分离"), parts, width=240)
    told("listed")
    if line.unrecorded and actor.may_write:
        st.info(
            _("清单有 {n} 项没有登记，或因错误未计入。先建立清单；因错误未计入的，在“数据体检”里找到并改正。",
              n=line.unrecorded),
            icon=":material/playlist_add:",
        )  # fmt: skip
        link("health", _("查看脱钩事项表的错误"), sheet=BY_KEY["tasks"].label, severity="error")
        if st.button(_("建立清单"), icon=":material/playlist_add:"):
            do(actor, LISTED, work_checklists.list_checklist(line.id), "listed")
    items = tuple(item for item in line.items if part in (None, item.part))
    chosen = items_table(items, actor, f"items-{line.id}", by_pilot=False)
    if actor.may_write:
        act_on(actor, chosen, f"act-{line.id}")
    _news(actor, line)
    _summary(found, actor, line)


def _gate(found: Ledger, line: PilotLine) -> None:
    """Whether the work of a pilot counts yet, and what it waits for."""
    gate = next((gate for gate in found.plan.gates if gate.checklist), None)
    if gate is None or gate.requires_document is None:
        return
    words = {"kind": _(gate.requires_document), "verb": _(gate.requires_step) if gate.requires_step else "—"}
    if line.approved_on:
        said = _("《{kind}》{day} 已{verb}，脱钩事项可以办理", **words, day=day(line.approved_on))
        st.success(esc(said), icon=":material/lock_open:")
    else:
        said = _("《{kind}》尚未{verb}，填报的完成和进展不予办理（{clause}）", **words, clause=gate.clause)
        st.warning(esc(said), icon=":material/lock:")
    chain = _chain(found, gate.requires_document, line.id)
    query = {"record": chain.document.id} if chain else {"unit": line.unit}
    link("implementation", _("查看实施方案"), **query)


def _chain(found: Ledger, kind: str, pilot: str) -> ChainState | None:
    """A pilot's document of a kind."""
    return next((c for c in found.chains if c.kind.kind == kind and c.document.association == pilot), None)


def _news(actor: Actor, line: PilotLine) -> None:
    """The pilot's news, and a form for more."""
    st.header(_("工作动态"), anchor=False)
    rows = listing("updates", actor)
    rows = rows.where(lambda row: row["association"] in (line.id, line.name))
    told("news-form", done_only=True)
    if not rows.lines:
        st.info(_("还没有工作动态。试点有进展时，在下面报送。"), icon=":material/campaign:")
    else:
        chosen = choose_record(
            rows, ("reported_on", "title", "content", "reporter"), key=f"news-{line.id}", alt=_("工作动态")
        )  # fmt: skip
        if chosen is not None:
            record_card(rows, chosen)
    if not actor.may_write:
        return
    with st.expander(_("报送工作动态"), icon=":material/add:"):
        values = record_form(
            fresh(f"news-{line.id}"), BY_KEY["updates"], actor, ("reported_on", "title", "content", "reporter", "link"),
            at="news-form", start={"reported_on": as_of()}, submit=_("报送"),
        )  # fmt: skip
        if values is not None:
            do(actor, NEWS, add("updates", {"association": line.name, **values}), "news-form")


def _summary(found: Ledger, actor: Actor, line: PilotLine) -> None:
    """Where the pilot's own summary of its work stands."""
    for kind in _summaries(found):
        st.header(esc(_(kind.kind)), anchor=False)
        chain = _chain(found, kind.kind, line.id)
        told("summary")
        if chain is not None:
            chain_line(chain)
        else:
            st.text(_("尚未起草"))
            if actor.may_write and st.button(
                _("起草《{kind}》", kind=esc(_(kind.kind))), icon=":material/note_add:", key=f"draft-{kind.kind}"
            ):
                do(actor, DRAFTED, work_chains.begin_document(kind.kind, association=line.name), "summary")


def chain_line(chain: ChainState) -> None:
    """Where a document stands in its chain, with a link to it."""
    step = chain.next_step
    passed = " → ".join(f"✓ {_(done.verb)} {done.on}" for done in chain.passed) or _("○ 尚未办理")
    st.text(passed + (_("；下一步：{verb}", verb=_(step.verb)) if step else _("；全部办结")))
    link("approvals", _("查看审批流转"), record=chain.document.id)


def _summaries(found: Ledger) -> list[DocumentKind]:
    """The kinds of documents each pilot owes when it has worked through its checklist."""
    phase = executing_phase(found.plan)
    kinds = [found.plan.kinds[d.document] for d in phase.deliverables] if phase else []
    return [kind for kind in kinds if kind.per is Scope.PILOT]
