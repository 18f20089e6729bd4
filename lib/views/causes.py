"""Why things are late (为什么): overdue entries grouped by what is missing, and what the ledger knows of the reason.

Nothing here is typed for this page: a document's reason is where its chain stands (四), an item's is the plan not
yet approved (四（四）) or what its row says (政策缺失, 工作不到位), a report's is its period (五（三）), a policy's is
its stage (四（七）).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from lib.domain.chains import ChainState
from lib.domain.due import Due
from lib.domain.findings import Severity
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import EVERYTHING, Sight
from sheets_schema.plan_work import StateKey
from sheets_schema.reports import Policy
from sheets_schema.tasks import Unfinished

NOT_DRAFTED = N_("尚未起草")
NOT_SAID = N_("未说明")
UNFINISHED_WORDS = {Unfinished.POLICY_MISSING: N_("政策缺失"), Unfinished.WORK_LAGGING: N_("工作不到位")}


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is missing: how many of all ``total`` overdue entries, for which reasons, at which units."""

    title: str
    clause: str
    count: int
    total: int
    longest: int
    reasons: tuple[tuple[str, int], ...]
    by_unit: tuple[tuple[str, int], ...]


def causes(ledger: Ledger, sight: Sight = EVERYTHING) -> tuple[Cause, ...]:
    """What is missing behind the overdue entries somebody may see, most first; the counts add up to their number.

    What waits above the city (等待上级) is not overdue and therefore no cause.
    """
    late = [due for due in ledger.overdue if sight.shows(due.unit)]
    groups: dict[str, list[Due]] = defaultdict(list)
    for due in late:
        groups[_missing(due, ledger)].append(due)
    said = _Reasons(ledger)
    found = [
        Cause(
            title, dues[0].clause, len(dues), len(late), max(-due.days_left for due in dues),
            tuple(Counter(said.of(due) for due in dues).most_common()),
            tuple((_(unit), n) for unit, n in Counter(due.unit for due in dues).most_common()),
        )
        for title, dues in groups.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda cause: -cause.count))


def waiting(ledger: Ledger, sight: Sight = EVERYTHING) -> int:
    """How many documents wait above the city (等待上级): not its delay, and in no cause."""
    return sum(due.state is StateKey.WAITING and sight.shows(due.unit) for due in ledger.dues)


def _missing(due: Due, ledger: Ledger) -> str:
    if due.task is not None:
        return _("脱钩事项未完成")
    if due.document_kind:
        return _("{kind}未{verb}", kind=_(due.document_kind), verb=_(due.verb))
    kind = next((kind for kind in ledger.plan.documents if kind.tracked_in == due.sheet), None)
    return _("{kind}未{verb}", kind=_(kind.kind), verb=_(kind.steps[-1].verb)) if kind else _("定期报告未报送")


class _Reasons:
    """Looks the reason of one overdue entry up; what it looks up in is collected once."""

    def __init__(self, ledger: Ledger) -> None:
        self.chains = {chain.document.id: chain for chain in ledger.chains}
        self.approved = {pilot.id: pilot.plan_approved_on is not None for pilot in ledger.pilots}
        self.gates = [
            (gate.requires_document, gate.requires_step)
            for gate in ledger.plan.gates
            if gate.checklist and gate.requires_document and gate.requires_step
        ]
        self.stages = {(row.area, row.owner): row.stage for row in ledger.world.rows(Policy)}
        self.periods = {period.id: period.title for period in ledger.plan.cadence.periods}

    def of(self, due: Due) -> str:
        """The reason as words."""
        if due.task is not None:
            return self._of_item(due)
        if due.sheet == "policies":
            return _(self.stages.get((due.owner, due.unit), NOT_DRAFTED))
        if due.document_kind:
            return _of_document(self.chains.get(due.record))
        return _(self.periods.get(due.record, NOT_SAID))

    def _of_item(self, due: Due) -> str:
        assert due.task is not None
        if self.gates and not self.approved.get(due.task.association, True):
            document, step = self.gates[0]
            return _("{kind}未{verb}", kind=_(document), verb=_(step))
        return _(UNFINISHED_WORDS[due.task.unfinished] if due.task.unfinished else NOT_SAID)


def _of_document(chain: ChainState | None) -> str:
    if chain is None or not chain.acts:
        return _(NOT_DRAFTED)
    if any(hit.rule.severity is Severity.ERROR for hit in chain.hits):
        return _("办理记录有误、未生效")
    if chain.returned_on:
        return _("退回后未重报")
    step = chain.next_step
    return _("待“{verb}”", verb=_(step.verb)) if step else _(NOT_SAID)
