"""The working mechanism as commands (工作机制): a doubtful name confirmed once, a unit's own plan begun."""

from __future__ import annotations

from collections.abc import Collection

from lib.domain.edits import Edit
from lib.domain.normalise import is_blank, key, to_text
from lib.i18n import T_
from lib.services.scene import Refused, Scene, Values
from lib.services.work import Make
from sheets_schema.plan_chains import Scope
from sheets_schema.sheet import SEPARATOR
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY


def confirm_name(unit: str, name: Cell, on: Cell) -> Make:
    """Confirm a doubtful name by the original (名称核定), once; ``unit``: its record. The name as written stays."""

    def make(scene: Scene) -> list[Edit]:
        held, clause = scene.record("units", unit), scene.judged.plan.topics.mechanism
        named = to_text(held["name"])
        if not is_blank(held.get("confirmed_name")):
            raise Refused(
                T_("“{unit}”的名称已核定为“{value}”", unit=named, value=to_text(held["confirmed_name"])),
                T_("名称只核定一次；确有错误的，在“变更与冲突”里撤销后重新核定"), "X09", clause,
            )  # fmt: skip
        values: Values = {"confirmed_name": name, "confirmed_on": on}
        for field, cell in values.items():
            if is_blank(cell):
                label = BY_KEY["units"].label_of(field)
                raise Refused(T_("“{label}”必须填写", label=label), T_("在“{label}”列补填", label=label), "X09", clause)
        own = scene.judged.world.who(named)
        other = scene.judged.world.actors.get(key(name), own)
        if other != own:
            raise Refused(
                T_("“{value}”已是“{unit}”的名称", value=to_text(name), unit=other), T_("核对原件后重新填写"),
                "X05", clause,
            )  # fmt: skip
        return scene.set("units", unit, values)

    return make


def enter_units(names: Collection[str]) -> Make:
    """Enter units that the plan lists and the sheet lacks (登记方案所列单位), with the plan's aliases and roles."""

    def make(scene: Scene) -> list[Edit]:
        plan = scene.judged.plan
        return [
            scene.add(
                "units",
                {
                    "name": unit.name,
                    "aliases": SEPARATOR.join(unit.aliases) or None,
                    "roles": SEPARATOR.join(plan.role(role) for role in unit.roles),
                },
            )
            for unit in plan.units
            if unit.name in names
        ]

    return make


def begin_unit_plan(unit: str, values: Values) -> Make:
    """Begin a unit's own plan (单位实施方案) of this batch; its steps are recorded afterwards."""

    def make(scene: Scene) -> list[Edit]:
        plan = scene.judged.plan
        kind = next((kind for kind in plan.documents if kind.per is Scope.UNIT), None)
        if kind is None:
            raise Refused(T_("方案没有这种文件"))
        cells: dict[str, Cell] = {**values, "kind": kind.kind, "unit": unit, "batch": float(plan.batch)}
        return [scene.add("documents", cells, derived=("batch",))]

    return make
