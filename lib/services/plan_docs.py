"""What a plan file may hold, as Markdown made from the model: the tables of ``docs/plans.md``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from sheets_schema.plan_diff import ITSELF, PARTS
from sheets_schema.plan_fields import PlanField, examples, plan_fields

_HEAD = ("字段", "含义", "必填", "不写时", "写什么", "例")


def fields_markdown(texts: Iterable[str]) -> str:
    """A table for each part of a plan: every field with its meaning, whether it has to be written, its default, what
    may stand there and an example from the plan files ``texts``, the first that has one."""
    written = examples(*texts)
    parts = []
    for part, fields in groupby(plan_fields().values(), key=lambda field: _part(field.path)):
        parts += [f"### {part}", "", _row(_HEAD), _row(["---"] * len(_HEAD))]
        parts += [_row(_cells(field, written.get(field.path, ""))) for field in fields]
        parts.append("")
    return "\n".join(parts)


def _part(path: str) -> str:
    top = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    return f"{PARTS[top]} `{top}`" if top in PARTS else ITSELF


def _cells(field: PlanField, example: str) -> tuple[str, ...]:
    choices = " / ".join(f"`{one}`" for one in field.choices)
    need = "是" if field.default is None else ""
    default = f"`{field.default}`" if field.default else ""
    shown = f"`{example}`" if example else ""
    return f"`{field.path}`", field.meaning, need, default, choices or field.kind, shown


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
