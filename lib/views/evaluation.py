"""试点评估: the figures the evaluation report needs, computed as of the day (四（六）)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import StringIO

from lib.domain.chains import ChainState
from lib.domain.due import subjects
from lib.domain.ledger import Ledger
from lib.domain.terms import terms_of
from lib.i18n import N_, _
from lib.services.policy import Sight
from lib.services.whose import of_units
from lib.views.execution import Item, PilotLine, execution
from lib.views.plain import inert
from lib.views.prepared import prepared
from lib.views.words import share
from sheets_schema.plan_chains import DocumentKind, Gate
from sheets_schema.plan_work import StateKey
from sheets_schema.tasks import Unfinished

CITY = Sight()
"""Figures of the whole city are everybody's."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Checklist items of a separation, a unit or a pilot: done, open by the reason given, not listed, left out.

    ``unexplained`` are overdue without a reason; ``pending`` owe none yet.
    ``early``, ``on_time`` and ``late`` tell those done apart, ``unplanned`` has no planned day; ``kind`` and ``id`` are
    what a link to the items filters by: part, unit or pilot.
    """

    kind: str
    id: str
    label: str
    unit: str
    done: int
    policy: int
    work: int
    unexplained: int
    pending: int
    unlisted: int
    left_out: int
    early: int
    on_time: int
    late: int
    unplanned: int

    @property
    def applying(self) -> int:
        """Items in the sheet that apply."""
        return self.done + self.open

    @property
    def open(self) -> int:
        """Items that apply and are not done."""
        return self.policy + self.work + self.unexplained + self.pending

    @property
    def share(self) -> str:
        """Done of those that apply."""
        return share(self.done, self.applying)


@dataclass(frozen=True, slots=True)
class Dated:
    """An item done on another day than planned: by how many days (negative: early)."""

    name: str
    unit: str
    label: str
    planned: str
    done: str
    days: int
    verdict: str
    pilot: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that does not apply to a pilot, and why."""

    name: str
    unit: str
    label: str
    reason: str
    pilot: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document a phase expects: whose, by when, when the city had done its part, and what that means."""

    kind: str
    owner: str
    unit: str
    due: str
    done: str
    verdict: str
    record: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Gates:
    """The evaluation's own document: its kind, the day from which it may begin, whether that has come, its chain."""

    kind: DocumentKind
    gate: Gate
    opens: date
    is_open: bool
    chain: ChainState | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole city's figures by separation; by unit, pilot and item for the units that a sight takes in."""

    whole: Sum
    pilots: int
    finished: int
    separations: tuple[Sum, ...]
    units: tuple[Sum, ...]
    each: tuple[Sum, ...]
    dated: tuple[Dated, ...]
    left_out: tuple[LeftOut, ...]
    papers: tuple[Paper, ...]
    report: Gates | None


def evaluation(ledger: Ledger, sight: Sight) -> Evaluation:
    """The view model of 试点评估."""
    if of_units(sight) != sight:
        return prepared(evaluation, ledger, of_units(sight))
    city, own = prepared(execution, ledger, CITY).lines, prepared(execution, ledger, sight).lines
    items, mine = _items(city), _items(own)
    parts = ledger.plan.checklist.separations
    units = list(dict.fromkeys(line.unit for line in own))
    return Evaluation(
        _sum("part", "", _("全市"), "", items), len(city), sum(line.state is StateKey.DONE for line in city),
        tuple(_sum("part", p.id, f"{p.id} {_(p.title)}", "", [i for i in items if i.part == p.id]) for p in parts),
        tuple(_sum("unit", unit, _(unit), unit, [i for i in mine if i.unit == unit]) for unit in units),
        tuple(_sum("pilot", line.id, line.name, _(line.unit), list(line.items)) for line in own),
        _dated(mine),
        tuple(
            LeftOut(i.name, _(i.unit), i.label, i.left_out_because, i.pilot)
            for i in mine if i.state is StateKey.LEFT_OUT
        ),
        _papers(ledger, sight), _report(ledger),
    )  # fmt: skip


def _items(lines: tuple[PilotLine, ...]) -> list[Item]:
    return [item for line in lines for item in line.items]


def _sum(kind: str, name: str, label: str, unit: str, items: list[Item]) -> Sum:
    done = [item for item in items if item.state is StateKey.DONE]
    not_done = [item for item in items if item.state not in (None, StateKey.DONE, StateKey.LEFT_OUT)]

    def because(reason: str) -> int:
        return sum(item.unfinished == reason for item in not_done)

    silent = [item for item in not_done if not item.unfinished]
    pending = sum(item.state is not StateKey.OVERDUE for item in silent)
    days = [_days(item) for item in done]
    return Sum(
        kind, name, label, unit, len(done),
        because(Unfinished.POLICY_MISSING.value), because(Unfinished.WORK_LAGGING.value),
        len(silent) - pending, pending, sum(item.state is None for item in items),
        sum(item.state is StateKey.LEFT_OUT for item in items),
        sum(n is not None and n < 0 for n in days), days.count(0), sum(n is not None and n > 0 for n in days),
        days.count(None),
    )  # fmt: skip


def _days(item: Item) -> int | None:
    """Days from the planned day to the one on which an item was done; None without a planned one."""
    if not item.planned or not item.done:
        return None
    return (date.fromisoformat(item.done) - date.fromisoformat(item.planned)).days


def verdict(days: int) -> str:
    """Early, on time or late, in words."""
    if days == 0:
        return _("✓ 当日完成")
    return _("■ 晚 {n} 天", n=days) if days > 0 else _("✓ 早 {n} 天", n=-days)


def _dated(items: list[Item]) -> tuple[Dated, ...]:
    """Items done, by how far from the planned day, the latest first."""
    found = [(item, days) for item in items if item.state is StateKey.DONE and (days := _days(item)) is not None]
    return tuple(
        Dated(i.name, _(i.unit), i.label, i.planned, i.done, days, verdict(days), i.pilot)
        for i, days in sorted(found, key=lambda pair: -pair[1])
    )


def _papers(ledger: Ledger, sight: Sight) -> tuple[Paper, ...]:
    """Every document the phases expect, those of the city and of the units a sight takes in."""
    terms, plan, found = terms_of(ledger.world, ledger.as_of), ledger.plan, []
    for phase in plan.phases:
        for wanted in phase.deliverables:
            kind = plan.kinds[wanted.document]
            for owed in subjects(
                kind, wanted.until, ledger.world, ledger.chains, ledger.pilots, ledger.quotas, ledger.as_of
            ):
                if not (owed.owner == kind.kind or sight.shows(owed.unit)):
                    continue
                due = terms.of_part(phase, wanted, owed.chain.document if owed.chain else None)
                on = owed.city_done_on if owed.city_done_on and owed.city_done_on <= ledger.as_of else None
                word = _paper_word(due, on, ledger.as_of)
                record = owed.chain.document.id if owed.chain else ""
                owner = _(owed.owner) if owed.owner != kind.kind else "—"
                late = due is not None and (on or ledger.as_of) > due
                found.append(Paper(_(kind.kind), owner, _(owed.unit), _text(due), _text(on), word, record, late))
    return tuple(found)


def _paper_word(due: date | None, on: date | None, as_of: date) -> str:
    if on is not None:
        return verdict((on - due).days) if due else _("✓ 已办")
    if due is None or as_of <= due:
        return _("○ 未到期")
    return _("■ 未办，已过 {n} 天", n=(as_of - due).days)


def _text(on: date | None) -> str:
    return on.isoformat() if on else ""


def _report(ledger: Ledger) -> Gates | None:
    """The document that a gate holds back until a day: the evaluation's."""
    for gate in ledger.plan.gates:
        kind = ledger.plan.kinds.get(gate.document or "")
        if gate.not_before is not None and kind is not None:
            chain = next((chain for chain in ledger.chains if chain.kind is kind), None)
            return Gates(kind, gate, gate.not_before, ledger.as_of >= gate.not_before, chain)
    return None


SUM_COLUMNS = (
    ("applying", N_("适用")), ("done", N_("完成")), ("share", N_("完成/适用")), ("policy", N_("因政策缺失未完成")),
    ("work", N_("因工作不到位未完成")),
    ("unexplained", N_("逾期未注明原因")), ("pending", N_("未到时限")), ("unlisted", N_("未登记")),
    ("left_out", N_("不涉及")), ("early", N_("早于计划")), ("on_time", N_("按计划当日")), ("late", N_("晚于计划")),
    ("unplanned", N_("完成，无计划日期")),
)  # fmt: skip
"""The columns of every table of sums, in order."""
DATED_COLUMNS = (
    ("name", N_("试点协会")), ("unit", N_("单位")), ("label", N_("事项")), ("planned", N_("计划日期")),
    ("done", N_("完成日期")), ("verdict", N_("比计划")),
)  # fmt: skip
LEFT_OUT_COLUMNS = (
    ("name", N_("试点协会")), ("unit", N_("单位")), ("label", N_("事项")), ("reason", N_("不涉及理由")),
)  # fmt: skip
PAPER_COLUMNS = (
    ("kind", N_("文种")), ("owner", N_("归属")), ("unit", N_("单位")), ("due", N_("时限")), ("done", N_("本市办结")),
    ("verdict", N_("比时限")),
)  # fmt: skip
Columns = tuple[tuple[str, str], ...]
TABLES: tuple[tuple[str, Columns, Callable[[Evaluation], tuple[object, ...]]], ...] = (
    (N_("按分离"), (("label", N_("分离")), *SUM_COLUMNS), lambda view: (*view.separations, view.whole)),
    (N_("按单位"), (("label", N_("单位")), *SUM_COLUMNS), lambda view: view.units),
    (N_("按试点"), (("label", N_("试点协会")), ("unit", N_("单位")), *SUM_COLUMNS), lambda view: view.each),
    (N_("计划与实际"), DATED_COLUMNS, lambda view: view.dated),
    (N_("不涉及的事项"), LEFT_OUT_COLUMNS, lambda view: view.left_out),
    (N_("文件与时限"), PAPER_COLUMNS, lambda view: view.papers),
)
"""Every table of the page: its title, its columns, and its rows."""


def evaluation_csv(ledger: Ledger, sight: Sight) -> bytes:
    """All tables, one below the other, as CSV for Excel (UTF-8 with a mark); no cell can start a formula."""
    view, out = prepared(evaluation, ledger, sight), StringIO()
    writer = csv.writer(out)
    writer.writerow([inert(_("基准日 {day}", day=ledger.as_of.isoformat()))])
    for title, columns, rows in TABLES:
        writer.writerow([])
        writer.writerow([inert(_(title))])
        writer.writerow([inert(_(header)) for _name, header in columns])
        for row in rows(view):
            writer.writerow([inert(str(getattr(row, name))) for name, _header in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")
