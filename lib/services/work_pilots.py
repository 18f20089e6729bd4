"""Acts on many associations or recommendations at once (名录与试点的批量办理), 二（二）, 四（二）."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain

from lib.domain.edits import Edit
from lib.i18n import T_
from lib.services import work
from lib.services.scene import Refused, Scene
from lib.services.work import Make
from sheets_schema.nominations import NominationStatus


def together(*makes: Make) -> Make:
    """Several acts as one: all of them or none."""
    return lambda scene: list(chain.from_iterable(make(scene) for make in makes))


def confirm_scopes(decisions: Mapping[str, tuple[str, str]]) -> Make:
    """Decide on many associations (确认范围): id → whether it is in scope, and why."""
    return together(*(work.confirm_scope(record, flag, reason) for record, (flag, reason) in decisions.items()))


def nominate_all(
    associations: Sequence[str], unit: str, on: date, *, voluntary: bool = False, reason: str = ""
) -> Make:
    """Recommend several associations of a unit (推荐)."""
    return together(*(work.nominate(one, unit, on, voluntary=voluntary, reason=reason) for one in associations))


def withdraw_all(nominations: Sequence[str], reason: str) -> Make:
    """Take recommendations back (撤回), with the reason; the rows stay. One that is a pilot already stays one."""

    def make(scene: Scene) -> list[Edit]:
        if not reason:
            raise Refused(T_("撤回要写明理由"), T_("在“撤回理由”填写"), clause=scene.judged.plan.topics.quota)
        for nomination in nominations:
            held = scene.record("nominations", nomination).get("status")
            if held == NominationStatus.SELECTED.value:
                raise Refused(
                    T_("“{value}”已经选定为试点，不能撤回", value=nomination),
                    T_("确需退出的，由办公室先改回“{options}”", options=NominationStatus.NOT_SELECTED.value),
                    clause=scene.judged.plan.topics.quota,
                )
        return list(chain.from_iterable(work.withdraw(one, reason)(scene) for one in nominations))

    return make


def select_all(nominations: Sequence[str], on: date) -> Make:
    """Make recommended associations pilots (选定)."""
    return together(*(work.select(one, on) for one in nominations))


def pass_over(nominations: Sequence[str]) -> Make:
    """Do not select recommended associations (未选定); the rows stay."""
    values = {"status": NominationStatus.NOT_SELECTED.value, "selected_on": None}
    return together(*(work.edit("nominations", one, values) for one in nominations))
