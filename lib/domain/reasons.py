"""Why something is late (为什么), from what the ledger knows; nothing is typed for it.

A document's reason is where its chain stands (四), an item's is the plan not yet approved (四（四）) or what its row
says (政策缺失, 工作不到位), a report's is its period, not reported (五（三）), a policy's is its stage (四（七）).
"""

from __future__ import annotations

from lib.domain.chains import ChainState
from lib.domain.due import Due
from lib.domain.findings import Severity
from lib.domain.ledger import Ledger
from lib.i18n import N_, T_, Text
from sheets_schema.reports import Policy
from sheets_schema.tasks import Unfinished

NOT_DRAFTED = N_("尚未起草")
NOT_SAID = N_("未说明")
UNFINISHED_WORDS = {Unfinished.POLICY_MISSING: N_("政策缺失"), Unfinished.WORK_LAGGING: N_("工作不到位")}


class Reasons:
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

    def of(self, due: Due) -> Text:
        """The reason as a sentence in whatever language it is read."""
        if due.task is not None:
            return self._of_item(due)
        if due.sheet == "policies":
            return Text(self.stages.get((due.owner, due.unit), NOT_DRAFTED))
        if due.document_kind:
            return _of_document(self.chains.get(due.record))
        period = self.periods.get(due.record)
        return T_("{period}未报送", period=period) if period else Text(NOT_SAID)

    def _of_item(self, due: Due) -> Text:
        assert due.task is not None
        if self.gates and not self.approved.get(due.task.association, True):
            document, step = self.gates[0]
            return T_("{kind}未{verb}", kind=document, verb=step)
        return Text(UNFINISHED_WORDS[due.task.unfinished] if due.task.unfinished else NOT_SAID)


def _of_document(chain: ChainState | None) -> Text:
    if chain is None or not chain.acts:
        return Text(NOT_DRAFTED)
    if any(hit.rule.severity is Severity.ERROR for hit in chain.hits):
        return T_("办理记录有误、未生效")
    if chain.returned_on:
        return T_("退回后未重报")
    step = chain.next_step
    return T_("待“{verb}”", verb=step.verb) if step else Text(NOT_SAID)
