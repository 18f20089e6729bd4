"""What differs between two plans (方案对照): rules added, gone and changed, each named by where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lib.i18n import N_
from sheets_schema.plan import Plan

PARTS = {
    "clauses": N_("条款"), "topics": N_("条款"), "mechanism": N_("工作机制"), "roles": N_("角色"),
    "bodies": N_("审批机关"), "units": N_("单位"), "horizon": N_("分批安排"), "phases": N_("阶段"),
    "in_scope": N_("纳入范围"), "quota": N_("推荐名额"), "documents": N_("文种与审批链"), "gates": N_("前置条件"),
    "cadence": N_("定期报送"), "policies": N_("配套政策"), "checklist": N_("脱钩事项"), "extensions": N_("延期"),
    "lights": N_("灯"), "reminders": N_("催办"), "scorecard": N_("考核"),
}  # fmt: skip
"""Top-level field of a plan → what people call that part; what is not listed is about the plan itself."""
ITSELF = N_("方案本身")
_NAMES = ("id", "kind", "verb", "state", "level", "measure", "title", "unit", "name", "item", "when", "document")
"""Fields by which an entry of a list is known, the first that it has."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs: the part of the plan, where in it, and both values; blank where there is none."""

    part: str
    where: str
    one: str
    other: str


def differences(one: Plan, other: Plan) -> tuple[Difference, ...]:
    """Every value in which two plans differ, in the order of the plan file."""
    left, right = (dict(_flat(plan.model_dump(mode="json"), ())) for plan in (one, other))
    found = []
    for path in dict.fromkeys((*left, *right)):
        values = left.get(path, ""), right.get(path, "")
        if values[0] != values[1]:
            part = PARTS.get(path[0])
            found.append(Difference(part or ITSELF, " › ".join(path[1:] if part else path), *values))
    return tuple(found)


class Sort(StrEnum):
    """What became of something from one plan to the other."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


SORT_WORDS = {Sort.ADDED: N_("新增"), Sort.GONE: N_("删去"), Sort.CHANGED: N_("改动")}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone or different: a value, or a whole entry (a unit, a phase, a step) with what it says;
    ``where`` names it by its path, in the words of the plan file."""

    sort: Sort
    part: str
    where: tuple[str, ...]
    one: str
    other: str


def changes(one: Plan, other: Plan) -> tuple[Change, ...]:
    """What became of the rules from one plan to the other, each entry that came or went told once, not line by line."""
    sides = [dict(_flat(plan.model_dump(mode="json"), ())) for plan in (one, other)]
    there = [{path[:length] for path in side for length in range(1, len(path) + 1)} for side in sides]
    found: dict[tuple[Sort, tuple[str, ...]], list[list[str]]] = {}
    order = list(Plan.model_fields)
    for path in dict.fromkeys((*sides[0], *sides[1])):
        values = [side.get(path, "") for side in sides]
        if values[0] == values[1]:
            continue
        lacking = next((at for at in (0, 1) if path not in sides[at]), None)
        shortest, sort = path, Sort.CHANGED
        if lacking is not None:
            shortest = next(path[:n] for n in range(1, len(path) + 1) if path[:n] not in there[lacking])
            sort = (Sort.ADDED, Sort.GONE)[lacking]
        texts = found.setdefault((sort, shortest), [[], []])
        for text, value in zip(texts, values, strict=True):
            text += [value] if value and value not in (*text, *shortest) else []
    return tuple(
        Change(sort, PARTS.get(path[0], ITSELF), path[1:] if path[0] in PARTS else path, *map("；".join, texts))
        for (sort, path), texts in sorted(found.items(), key=lambda entry: order.index(entry[0][1][0]))
    )


def _flat(data: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Path → text of every value below; an entry of a list is known by its name, never by its place."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _flat(value, (*path, str(name)))
    elif isinstance(data, list) and data and all(isinstance(entry, Mapping) for entry in data):
        for number, entry in enumerate(data, 1):
            name = next((str(entry[field]) for field in _NAMES if entry.get(field)), f"{number}")
            yield from _flat(entry, (*path, name))
    else:
        text = "、".join(map(str, data)) if isinstance(data, list) else "" if data is None else str(data)
        if text:
            yield path, text
