"""协会名录: which associations there are, which count, and what a name suggests about the plan's cover (二（二）)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.domain.ledger import Ledger
from lib.domain.owners import audience
from lib.i18n import DEFAULT, N_, _, speaking
from lib.services.policy import Sight
from lib.services.whose import of_units, sees
from lib.views.prepared import prepared
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.plan import Plan
from sheets_schema.sheet import YesNo

IN, OUT, OPEN, LEFT, PAST = "in", "out", "open", "left", "past"
GROUPS = {
    IN: N_("纳入"),
    OUT: N_("不纳入"),
    OPEN: N_("待定"),
    LEFT: N_("有错不计"),
    PAST: N_("未登记或已注销"),
}
"""Where an association may stand on the as-of day."""
_OF_FLAG = {ScopeFlag.IN: IN, ScopeFlag.OUT: OUT, ScopeFlag.OPEN: OPEN}


@dataclass(frozen=True, slots=True)
class Open:
    """An association not decided yet, with what its name and form suggest."""

    id: str
    name: str
    unit: str
    suggestion: str
    why: str
    flag: str
    """The suggestion as it would stand in the cell."""
    grounds: str
    """Why, in the language of the workbook."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The associations in force that a sight takes in: id → where it stands, id → its unit's one name; and those not
    decided yet, in the order of the sheet. Rows left out because of errors are in neither."""

    groups: Mapping[str, str]
    units: Mapping[str, str]
    undecided: tuple[Open, ...]

    def group(self, record: str, *, in_force: bool) -> str:
        """Where a record of the sheet stands."""
        return self.groups.get(record, OPEN) if in_force else LEFT


def registry(ledger: Ledger, sight: Sight) -> Registry:
    """The view model of 协会名录 on the as-of day."""
    if of_units(sight) != sight:
        return prepared(registry, ledger, of_units(sight))
    rows = [row for row in ledger.world.rows(Association) if sees(sight, audience(row, ledger.world))]
    groups = {row.id: _group(row, ledger) for row in rows}
    return Registry(
        groups=groups,
        units={row.id: row.unit for row in rows},
        undecided=tuple(_open(row, ledger.plan) for row in rows if groups[row.id] == OPEN),
    )


def _group(row: Association, ledger: Ledger) -> str:
    day = ledger.as_of
    if (row.registered_on and row.registered_on > day) or (row.ended_on and row.ended_on <= day):
        return PAST
    return _OF_FLAG[row.in_scope]


def _open(row: Association, plan: Plan) -> Open:
    flag, why = suggested(row, plan)
    with speaking(DEFAULT):
        grounds = suggested(row, plan)[1]
    return Open(row.id, row.name, _(row.unit), _(flag.value), why, flag.value, grounds)


def suggested(row: Association, plan: Plan) -> tuple[ScopeFlag, str]:
    """What an association's name, form and members suggest, and why; the office confirms it (范围判定的提示)."""
    ending = max((end for end in plan.in_scope.suffixes if row.name.endswith(end)), key=len, default="")
    form = row.legal_form.value if row.legal_form else ""
    if row.same_industry is YesNo.NO:
        return ScopeFlag.OUT, _("会员不以同业为主")
    if not ending:
        return ScopeFlag.OUT, _("名称不以规定的字样结尾")
    if form and form not in plan.in_scope.legal_forms:
        return ScopeFlag.OUT, _("登记形式是“{form}”", form=_(form))
    return ScopeFlag.IN, _("名称以“{ending}”结尾", ending=ending)
