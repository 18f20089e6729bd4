"""``plan``: check a plan file, hold two against each other, and the schema by which editors check it."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lib.cli_base import CLEAN, ERRORS, UNREADABLE, Command, Group, fail
from lib.i18n import _
from lib.services import settings as config
from lib.services.batches import plan_text
from sheets_schema.plan import Plan
from sheets_schema.plan_diff import SORT_WORDS, changes
from sheets_schema.plan_fields import examples, general
from sheets_schema.plan_load import PlanError, Problem, examine, load_plan, read_plan
from sheets_schema.plan_schema import schema_text

plan = typer.Typer(cls=Group, help=_("方案文件：检查、对照、供编辑器用的格式说明"), no_args_is_help=True)
FileArg = Annotated[str, typer.Argument(help=_("方案文件（.yaml）或随附方案的编号"), show_default=False)]


class Format(StrEnum):
    """Output formats."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help=_("输出格式"))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(plan, name="plan")


@plan.command(cls=Command, help=_("检查方案文件，一次列出全部问题和存疑之处；有错误时退出码为 1，读不了为 2"))
def check(
    file: Annotated[str, typer.Argument(help=_("方案文件或随附方案的编号；不写则为现行方案"), show_default=False)] = "",
    format: FormatOption = Format.TABLE,
) -> None:
    """Print all that is wrong with a plan file, and what is doubtful."""
    name, errors, doubtful, found = file, list[Problem](), list[Problem](), None
    try:
        text, name = read_plan(file) if file else (plan_text(config.settings()), _("现行方案"))
        found, doubtful = examine(text, name)
    except PlanError as error:
        if error.unreadable:
            typer.echo(str(error), err=True)
            raise typer.Exit(UNREADABLE) from error
        errors = error.problems
    if format is Format.JSON:
        lines = [_as_json("error", problem) for problem in errors] + [_as_json("warning", one) for one in doubtful]
        typer.echo(json.dumps(lines, ensure_ascii=False, indent=1))
    else:
        _print(name, errors, doubtful, found)
    raise typer.Exit(ERRORS if errors else CLEAN)


def _as_json(severity: str, problem: Problem) -> dict[str, str | int | None]:
    path, line, why = problem
    return {
        "severity": severity, "path": path, "line": line or None, "message": why,
        "example": _example(path) if severity == "error" else None,
    }  # fmt: skip


def _example(path: str) -> str | None:
    """How the shipped plan writes it."""
    return examples(read_plan()[0]).get(general(path))


def _print(name: str, errors: list[Problem], doubtful: list[Problem], found: Plan | None) -> None:
    console = Console()
    table = Table(title=escape(name))
    for column in (_("级别"), _("行"), _("位置"), _("问题"), _("例")):
        table.add_column(column, overflow="fold")
    for word, problems in ((_("错误"), errors), (_("存疑"), doubtful)):
        for path, line, why in problems:
            example = (_example(path) or "") if problems is errors else ""
            table.add_row(word, str(line or ""), escape(path or "/"), escape(why), escape(example))
    if table.rows:
        console.print(table)
    if found is None:
        console.print(_("{n} 处错误，方案不能使用。", n=len(errors)), markup=False)
    else:
        words = {"units": len(found.units), "phases": len(found.phases), "kinds": len(found.documents)}
        console.print(
            _("可以使用：{units} 个单位，{phases} 个阶段，{kinds} 个文种；存疑 {n} 处。", **words, n=len(doubtful)),
            markup=False,
        )


@plan.command(cls=Command, help=_("对照两份方案：新增、删去和改动的规则、名额、单位、阶段、审批链、条款"))
def diff(one: FileArg, other: FileArg, format: FormatOption = Format.TABLE) -> None:
    """Print what differs."""
    try:
        found = changes(load_plan(one), load_plan(other))
    except PlanError as error:
        fail(str(error))
    if format is Format.JSON:
        lines = [
            {"change": c.sort.value, "part": _(c.part), "where": list(c.where), "old": c.one, "new": c.other}
            for c in found
        ]
        typer.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    table = Table()
    for column in (_("变化"), _("部分"), _("位置"), _("原为"), _("现为")):
        table.add_column(column, overflow="fold")
    for c in found:
        table.add_row(*map(escape, (_(SORT_WORDS[c.sort]), _(c.part), " › ".join(c.where), c.one, c.other)))
    Console().print(table if found else _("两份方案没有不同。"))


@plan.command(cls=Command, help=_("输出方案文件的 JSON Schema，编辑器（如 VS Code 的 YAML 插件）据此补全和检查"))
def schema(
    output: Annotated[Path | None, typer.Option("--output", "-o", help=_("存到哪个文件；不写则直接输出"))] = None,
) -> None:
    """Print the schema, or write it."""
    if output is None:
        typer.echo(schema_text(), nl=False)
        return
    try:
        output.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        fail(
            _("无法写入“{name}”（{why}）；检查文件夹权限，或先关闭打开着它的程序", name=output.name, why=error.strerror)
        )
    typer.echo(_("已存为 {path}", path=output))
