"""X: integrity across sheets (表间一致)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TypeVar

from lib.domain.findings import Hit, Severity, checks, rule
from lib.domain.normalise import key, keys
from lib.domain.world import World
from lib.i18n import N_, T_, Text
from sheets_schema.associations import Association, ScopeFlag
from sheets_schema.documents import Document
from sheets_schema.nominations import Nomination, NominationStatus
from sheets_schema.plan import PlanUnit
from sheets_schema.plan_chains import Scope
from sheets_schema.sheet import Row
from sheets_schema.units import Unit
from sheets_schema.workbook import PEOPLE

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

X01 = rule(
    "X01", ERROR, N_("编号重复"), N_("编号“{value}”与第 {other} 行相同，只认先出现的一行"),
    N_("删除重复的行；若是另一条记录，清空编号由应用重编"),
)  # fmt: skip
X02 = rule(
    "X02",
    ERROR,
    N_("所指的记录不存在"),
    N_("“{sheet_label}”里没有“{value}”{hint}"),
    N_("从下拉列表选择，或先在“{sheet_label}”登记"),
)
X03 = rule(
    "X03", ERROR, N_("所指的记录未计入"), N_("“{sheet_label}”里的“{value}”自身有错误，未计入，本行随之不计入"),
    N_("先改正“{sheet_label}”里的那一行"),
)  # fmt: skip
X04 = rule(
    "X04",
    ERROR,
    N_("协会重复登记"),
    N_("“{value}”与第 {other} 行是同一家协会（{why}相同）"),
    N_("保留一行，删除另一行"),
    "scope",
)
X05 = rule(
    "X05",
    ERROR,
    N_("单位重复登记"),
    N_("“{value}”与第 {other} 行是同一单位"),
    N_("保留一行，其他名称写入“别名”"),
    "mechanism",
)
X06 = rule(
    "X06",
    WARNING,
    N_("单位表缺少方案所列单位"),
    N_("方案所列的“{unit}”不在单位表中"),
    N_("在单位表补一行“{unit}”"),
    "mechanism",
)
X07 = rule(
    "X07", WARNING, N_("责任人未定或不止一名"), N_("“{unit}”的责任人：{why}"), N_("填写一名分管负责同志"), "mechanism"
)
X08 = rule(
    "X08", WARNING, N_("联络员未定或不止一名"), N_("“{unit}”的联络员：{why}"), N_("填写一名处级干部"), "mechanism"
)
X09 = rule(
    "X09", NOTE, N_("单位名称待核"), N_("“{unit}”名称存疑：{why}"), N_("核对原件后在“名称核定”填写一次"), "mechanism"
)
X10 = rule(
    "X10",
    WARNING,
    N_("范围判定与名称提示不一致"),
    N_("“{name}”判定为“{flag}”，但{why}"),
    N_("复核判定，或在“范围依据”写明理由"),
    "scope",
)
X11 = rule(
    "X11",
    NOTE,
    N_("是否纳入待定"),
    N_("“{name}”尚未判定是否纳入，暂不计入主管协会数"),
    N_("由办公室判定“纳入”或“不纳入”"),
    "scope",
)
X12 = rule("X12", ERROR, N_("选定缺少日期"), N_("状态为“已选定”，但没有选定日期"), N_("补填选定日期"), "quota")
X13 = rule(
    "X13",
    ERROR,
    N_("同一文件重复登记"),
    N_("“{kind}”与第 {other} 行是同一件文件"),
    N_("保留一行；退回后的新一轮记在“审批”表"),
    "approvals",
)
X14 = rule("X14", ERROR, N_("文件缺少归属"), N_("“{kind}”须写明“{label}”"), N_("补填“{label}”"), "approvals")
_MISSING, _DOUBLED, _NAME, _CODE = T_("未填写"), T_("不止一名"), T_("名称"), T_("信用代码")
_PEOPLE = re.compile(r"[、,，;；/\s]+(?=[\u4e00-\u9fff]{2,})")


R = TypeVar("R", bound=Row)


def first_of_each(rows: Sequence[R], keys: Iterable[object]) -> Iterator[tuple[R, R]]:
    """(later row, first row) for rows with the same key; no key is like no other."""
    values = list(keys)
    if len(set(values)) == len(values):
        return
    first: dict[object, R] = {}
    for row, value in zip(rows, values, strict=True):
        if value is not None and first.setdefault(value, row) is not row:
            yield row, first[value]


def _unique_ids(sheet: str) -> Callable[[Sequence[Row], World], Iterator[Hit]]:
    def check(rows: Sequence[Row], world: World) -> Iterator[Hit]:
        for row, first in first_of_each(rows, map(attrgetter("id"), rows)):
            yield X01.hit(sheet=sheet, row=row.row, column="id", record=row.id, value=row.id, other=first.row)

    return check


for _sheet in PEOPLE:
    checks(X01, sheet=_sheet.key, tier=1, looks=("id",))(_unique_ids(_sheet.key))

checks(X02, X03, sheet="associations")(lambda rows, world: iter(()))
"""X02 and X03 are found while a reference is read (``lib.domain.world.resolver``); listed here with the others."""


@checks(X07, X08, X09, sheet="units", local=True)
def units(rows: Sequence[Unit], world: World) -> Iterator[Hit]:
    """Units: one 责任人 and one 联络员 each, doubtful names pointed out."""
    planned = _planned(world)
    for row in rows:
        place = {"sheet": "units", "row": row.row, "record": row.id}
        twin = planned.get(key(row.name))
        if twin and twin.doubtful and not row.confirmed_name:
            yield X09.hit(**place, column="name", value=row.name, unit=row.name, why=twin.doubtful)
        for name, broken in (("leader", X07), ("liaison", X08)):
            typed = getattr(row, name)
            if not typed:
                yield broken.hit(**place, column=name, unit=row.name, why=_MISSING)
            elif len([part for part in _PEOPLE.split(typed) if part]) > 1:
                yield broken.hit(**place, column=name, value=typed, unit=row.name, why=_DOUBLED)


@checks(X05, sheet="units", tier=1, looks=("id", "name"))
def unit_once(rows: Sequence[Unit], world: World) -> Iterator[Hit]:
    """A unit has one row, whichever of its names it bears."""
    planned = _planned(world)
    twins = (planned.get(key(row.name)) for row in rows)
    names = (twin.id if twin else key(row.name) for row, twin in zip(rows, twins, strict=True))
    for row, first in first_of_each(rows, names):
        place = {"sheet": "units", "row": row.row, "column": "name", "record": row.id, "value": row.name}
        yield X05.hit(**place, other=first.row)


def _planned(world: World) -> dict[str, PlanUnit]:
    return {key(name): unit for unit in world.plan.units for name in (unit.name, *unit.aliases)}


@checks(X06, sheet="units", tier=2)
def planned_units(rows: Sequence[Unit], world: World) -> Iterator[Hit]:
    """Every unit the plan lists has a row."""
    present = {key(name) for row in rows for name in (row.name, *row.aliases)}
    for unit in world.plan.units:
        if not present & {key(name) for name in (unit.name, *unit.aliases)}:
            yield X06.hit(sheet="units", record=unit.id, unit=unit.name)


@checks(X10, X11, sheet="associations", local=True)
def scope(rows: Sequence[Association], world: World) -> Iterator[Hit]:
    """A scope decision that the association's name and form support."""
    for row in rows:
        undecided = row.in_scope is ScopeFlag.OPEN
        why = None if undecided or row.scope_reason else _scope_doubt(row, world)
        if undecided or why:
            flag = row.in_scope.value
            place = {"sheet": "associations", "row": row.row, "column": "in_scope", "record": row.id, "value": flag}
            yield X11.hit(**place, name=row.name) if undecided else X10.hit(**place, name=row.name, flag=flag, why=why)


@checks(X04, sheet="associations", tier=1, looks=("id", "name", "credit_code"))
def association_once(rows: Sequence[Association], world: World) -> Iterator[Hit]:
    """An association is registered once, by name and by credit code."""
    codes = (code or None for code in keys([row.credit_code or "" for row in rows]))
    found = {row: (first, "credit_code", _CODE) for row, first in first_of_each(rows, codes)}
    for row, first in first_of_each(rows, keys([row.name for row in rows])):
        found[row] = first, "name", _NAME
    for row, (first, column, why) in found.items():
        place = {"sheet": "associations", "row": row.row, "column": column, "record": row.id, "value": row.name}
        yield X04.hit(**place, other=first.row, why=why)


def _scope_doubt(row: Association, world: World) -> Text | None:
    """Why the name and form suggest otherwise than decided, or None."""
    scope = world.plan.in_scope
    fits = row.name.endswith(scope.suffixes)
    if row.in_scope is ScopeFlag.IN and not fits:
        return T_("名称不以规定的字样结尾")
    if row.in_scope is ScopeFlag.IN and row.legal_form and row.legal_form.value not in scope.legal_forms:
        return T_("登记形式是“{form}”", form=row.legal_form.value)
    form_fits = row.legal_form is None or row.legal_form.value in scope.legal_forms
    if row.in_scope is ScopeFlag.OUT and fits and form_fits:
        return T_("名称和登记形式都符合")
    return None


@checks(X12, sheet="nominations", local=True)
def nominations(rows: Sequence[Nomination], world: World) -> Iterator[Hit]:
    """A selection has a date."""
    for row in rows:
        if row.status is NominationStatus.SELECTED and row.selected_on is None:
            yield X12.hit(sheet="nominations", row=row.row, column="selected_on", record=row.id)


_OWNER = {
    Scope.UNIT: "unit",
    Scope.SUPERVISOR: "unit",
    Scope.PILOT: "association",
    Scope.AREA: "area",
    Scope.PERIOD: "period",
}


@checks(X14, sheet="documents", local=True)
def owned_documents(rows: Sequence[Document], world: World) -> Iterator[Hit]:
    """A document says whose it is."""
    for row in rows:
        owner = _owner_field(row, world)
        if owner and getattr(row, owner) is None:
            label = world.table(Document).sheet.label_of(owner)
            yield X14.hit(sheet="documents", row=row.row, column=owner, record=row.id, kind=row.kind, label=label)


@checks(X13, sheet="documents", tier=1, looks=("id", "kind", "batch", "unit", "association", "period", "area"))
def document_once(rows: Sequence[Document], world: World) -> Iterator[Hit]:
    """There is one document of a kind for each owner in a batch."""
    owners = (_owner_field(row, world) for row in rows)
    whose = ((row.kind, row.batch, owner and getattr(row, owner)) for row, owner in zip(rows, owners, strict=True))
    for row, first in first_of_each(rows, whose):
        place = {"sheet": "documents", "row": row.row, "column": "kind", "record": row.id, "value": row.kind}
        yield X13.hit(**place, kind=row.kind, other=first.row)


def _owner_field(row: Document, world: World) -> str | None:
    return _OWNER.get(world.plan.kinds[row.kind].per)
