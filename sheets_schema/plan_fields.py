"""Every field of a plan file, told for people: where it stands, what it means, whether it is needed, an example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sheets_schema.plan import Plan

_KINDS = {bool: "true 或 false", int: "整数", float: "小数", date: "日期", Fraction: "分数", str: "文字"}
_SHORT = 40
"""Letters of an example."""


@dataclass(frozen=True, slots=True)
class PlanField:
    """One field: its path (``phases[].due``), its meaning, the kind of value or what may stand there, and its default;
    ``model`` is the part of the plan it belongs to. ``default`` is None where the field has to be written."""

    path: str
    meaning: str
    kind: str
    choices: tuple[str, ...]
    default: str | None
    model: type[BaseModel]

    @property
    def word(self) -> str:
        """The first words of the meaning: what people call the field."""
        return self.meaning.split("；")[0]


@cache
def plan_fields() -> dict[str, PlanField]:
    """Path → field, in the order of the plan file. The four quota modes share their paths; the first one counts."""
    found: dict[str, PlanField] = {}
    for field in _of(Plan, ""):
        known = found.setdefault(field.path, field)
        found[field.path] = replace(known, choices=tuple(dict.fromkeys((*known.choices, *field.choices))))
    return found


def general(path: str) -> str:
    """A path without places and names of one's own: ``phases[3].due`` → ``phases[].due``."""
    path = re.sub(r"\[\d+\]", "[]", path)
    return re.sub(r"^(clauses|roles)\.[^.]+", r"\1.*", path)


def _of(model: type[BaseModel], path: str) -> Iterator[PlanField]:
    for name, info in model.model_fields.items():
        at = f"{path}.{name}" if path else name
        kind, choices = _kind(info.annotation)
        yield PlanField(at, info.description or "", kind, choices, _default(info), model)
        below = {"列表": f"{at}[]", "名称: 内容": f"{at}.*"}.get(kind, at)
        for part in _models(info.annotation):
            yield from _of(part, below)


def _default(info: FieldInfo) -> str | None:
    if info.is_required():
        return None
    value = info.default
    if isinstance(value, bool) or value is None:
        return str(value).lower().replace("none", "null")
    if isinstance(value, BaseModel) or (isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value)):
        return ""  # what a part has unless it is written is told by its own fields
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _bare(hint: Any) -> list[Any]:
    """What a hint may be, without null and annotations."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return [one for part in get_args(hint) if part is not NoneType for one in _bare(part)]
    return [hint]


def _kind(hint: Any) -> tuple[str, tuple[str, ...]]:
    one = _bare(hint)[0]
    if get_origin(one) is Literal:
        return "单选", get_args(one)
    if get_origin(one) is tuple:
        return "列表", _kind(get_args(one)[0])[1]
    if get_origin(one) is dict:
        return "名称: 内容", _kind(get_args(one)[0])[1]
    if issubclass(one, StrEnum):
        return "单选", tuple(member.value for member in one)
    return ("分组", ()) if issubclass(one, BaseModel) else (_KINDS[one], ())


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    for one in _bare(hint):
        if get_origin(one) in (tuple, dict):
            yield from _models(get_args(one)[-1 if get_origin(one) is dict else 0])
        elif isinstance(one, type) and issubclass(one, BaseModel):
            yield one


def examples(*texts: str) -> dict[str, str]:
    """Path → how it is written in the first of these plan files that has it; short values only."""
    found: dict[str, str] = {}
    for text in texts:
        for path, value in _values(yaml.load(text, Loader=yaml.CBaseLoader), ""):  # noqa: S506 - texts only
            shown = f"[{'，'.join(value[:2])}]".replace("，", ", ") if isinstance(value, list) else value
            shown = f'"{shown}"' if str(shown).startswith("#") else shown  # without quotation marks it is a comment
            if shown and len(shown) <= _SHORT:
                found.setdefault(general(path), shown)
    return found


def _values(data: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _values(value, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list) and data and not all(isinstance(entry, str) for entry in data):
        for number, entry in enumerate(data):
            yield from _values(entry, f"{path}[{number}]")
    else:
        yield path, data
