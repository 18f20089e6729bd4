"""A second opinion on approval chains, for ``test_chains``: not a replay, but a search for the act that decides a step.

A step is decided by the earliest acts that may legally decide it; an act may when its body may sign, its dates do not
precede the former step, and the step is the next one of its round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lib.domain.chains import ChainState
from sheets_schema.plan import Plan
from tests.workbooks import edited_plan

PASSED, RETURNED = "通过", "退回"


@dataclass(frozen=True)
class Act:
    """One row of 审批 as typed; days count from 2015-09-01."""

    verb: str
    actor: str
    round: int
    submitted: int | None
    decided: int | None
    result: str | None
    item: str = ""
    row: int = 0

    @property
    def complete(self) -> bool:
        """Decided with a result, not before the day it was submitted."""
        if self.decided is None or self.result is None:
            return False
        return self.submitted is None or self.submitted <= self.decided

    @property
    def first(self) -> int:
        """The earlier of its dates."""
        return min(day for day in (self.submitted, self.decided) if day is not None)

    @property
    def sound(self) -> bool:
        """Complete, or submitted and waiting."""
        waits = self.submitted is not None and self.decided is None and self.result is None
        return waits or self.complete


Spec = Mapping[str, tuple[str, Mapping[str, frozenset[str]]]]
"""Verb → (mode, part → who may sign it), in the order of the chain. In mode any one part is enough."""


@dataclass(frozen=True)
class Standing:
    """Where a document stands: round, (verb, day) of the steps passed in it, when it was returned."""

    round: int
    passed: tuple[tuple[str, int], ...]
    returned: int | None
    returns: int


def signs(act: Act, spec: Spec) -> set[str]:
    """The parts of its step that an act signs."""
    mode, parts = spec[act.verb]
    return {
        part
        for part, actors in parts.items()
        if act.actor in actors and (mode != "items" or not act.item or act.item == part)
    }


def stands(acts: Sequence[Act], spec: Spec) -> Standing:
    """Where a document stands after all acts."""
    number, returns, since = 1, 0, -1
    drafting = next(iter(spec))
    while True:
        mine = [a for a in acts if a.round == number and a.verb in spec and a.sound and signs(a, spec)]
        passed: list[tuple[str, int]] = []
        returned = None
        for verb in spec:
            after = passed[-1][1] if passed else since
            here = [a for a in mine if a.verb == verb and a.complete and a.first >= after]
            if verb == drafting:
                here = [a for a in here if a.result == PASSED]
            day, returned = _decide(sorted(here, key=lambda a: (a.decided, a.row)), spec)
            if day is None:
                break
            passed.append((verb, day))
        if returned is None or not _opened(acts, number + 1, drafting, returned, spec):
            return Standing(number, tuple(passed), returned, returns + (returned is not None))
        number, returns, since = number + 1, returns + 1, returned


def _opened(acts: Sequence[Act], number: int, drafting: str, since: int, spec: Spec) -> bool:
    """Whether somebody began a round, once the document had come back."""
    later = [a for a in acts if a.round == number and a.verb == drafting and a.sound and signs(a, spec)]
    return any(a.first >= since and a.result != RETURNED for a in later)


def _decide(here: list[Act], spec: Spec) -> tuple[int | None, int | None]:
    """(day passed, day returned) of a step, given the acts that may decide it in the order of their days."""
    signed: set[str] = set()
    for act in here:
        mode, parts = spec[act.verb]
        new = signs(act, spec) - signed
        if not new:
            continue
        if act.result == RETURNED:
            return None, act.decided
        signed |= new
        if mode == "any" or signed == set(parts):
            return act.decided, None
    return None, None


def told(chain: ChainState, start: date) -> tuple[int, tuple[tuple[str, int], ...], int | None, int]:
    """What the software says, in the model's words."""
    passed = tuple((step.verb, (step.on - start).days) for step in chain.passed)
    returned = (chain.returned_on - start).days if chain.returned_on else None
    return chain.round, passed, returned, chain.returns


def signed_plan() -> Plan:
    """The shipped plan with a sign-off item by item and a joint one in the chain of the work plan."""
    items = "[{item: 资产, actors: [市财政局]}, {item: 编制, actors: [市编办, 市委组织部]}]"
    old = '      - {verb: 修改完善, actors: [市发展改革委, 市民政局]}\n      - {verb: 审定, actors: ["市委、市政府"]}\n'
    new = f"      - {{verb: 修改完善, mode: items, items: {items}}}\n"
    new += '      - {verb: 审定, actors: ["市委、市政府", 市联合工作组], mode: all}\n'
    return edited_plan((old, new))
