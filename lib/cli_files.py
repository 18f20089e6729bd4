"""``export``: a file of ``lib.documents.catalogue``, made on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lib.cli_base import AsOfOption, Command, PlanOption, fail, judged_at, ledger_of
from lib.documents.file import NotDelivered
from lib.documents.kept import Kept
from lib.domain.records import Grids
from lib.i18n import _
from lib.services.policy import OPERATOR
from sheets_schema.reports import headings_of

if TYPE_CHECKING:
    from lib.documents.deliverable import Deliverable


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(cls=Command, help=_("做出一份要交的文件；不写名称则列出能做的文件"))(export)


def export(
    key: Annotated[str, typer.Argument(help=_("文件的名称，如 export 所列"))] = "",
    workbook: Annotated[Path | None, typer.Option("--workbook", help=_("工作簿；不写则用设定的那一个"))] = None,
    plan: PlanOption = None,
    as_of: AsOfOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=_("存到哪个文件或文件夹；默认当前文件夹"))
    ] = None,
    choose: Annotated[list[str] | None, typer.Option("--choose", help=_("选择，如 period=2016Q1；可写多次"))] = None,
) -> None:
    """Make one file, or list what can be made."""
    from lib.documents.catalogue import deliver, offered  # noqa: PLC0415 - the other commands need not wait for it

    if not key:
        for one in offered(OPERATOR):
            keys = " ".join(f"--choose {name}=…" for name in _choosable(one))
            typer.echo(f"{one.key}  {_(one.title)}  {keys}".rstrip())
        return
    wanted = _wanted(key, offered(OPERATOR), choose or ())
    snapshot, judged = judged_at(workbook, plan)
    try:
        grids = Grids(snapshot, headings=headings_of(judged.plan.cadence))
        made = deliver(OPERATOR, ledger_of(judged, as_of), key, wanted, lambda: Kept(grids, judged))
    except NotDelivered as error:
        fail(str(error.reason))
    target = output or Path()
    target = target / made.name if target.is_dir() else target
    try:
        target.write_bytes(made.content)
    except OSError as error:
        fail(
            _("无法写入“{name}”（{why}）；检查文件夹权限，或先关闭打开着它的程序", name=target.name, why=error.strerror)
        )
    typer.echo(_("已存为 {path}", path=target))


def _wanted(key: str, there: Sequence[Deliverable], choose: Sequence[str]) -> dict[str, str]:
    """What was chosen; a misspelt name ends the command, or another file than the wanted one would be made."""
    wanted = dict(pair.partition("=")[::2] for pair in choose)
    known = next((_choosable(one) for one in there if one.key == key), None)
    unknown = [] if known is None else [name for name in wanted if name not in known]
    if unknown:
        words = {"name": unknown[0], "options": _("、").join(known or ()) or _("没有")}
        fail(_("--choose 写成“名称=内容”；没有可以选择的“{name}”，能选的：{options}", **words))
    return wanted


def _choosable(one: Deliverable) -> tuple[str, ...]:
    return (*(choice.key for choice in one.choices), *one.filters)
