"""``restore``, ``journal`` and ``backup``: bring former content back, see what was ever changed, keep it all safe."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from time import sleep
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lib.cli_base import CLEAN, ERRORS, Command, PathArg, PlanOption, fail, plan_at
from lib.i18n import _
from lib.services import full_backup
from lib.services import settings as config
from lib.services.board import Board
from lib.services.corrections import restore as bring_back
from lib.services.policy import OPERATOR
from lib.services.stores import keep_seen, keeper_at
from lib.services.told import both, column_label
from lib.store.base import StoreError
from sheets_schema.workbook import PEOPLE, sheets_of

LONGEST_WAIT = 10
"""Seconds a command waits for a spreadsheet."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(cls=Command, help=_("恢复到某一时刻的备份：整本、一张表或一条记录；不写时刻则列出备份"))(restore)
    app.command(cls=Command, help=_("核对变更日志是否完整，并列出最近的变更"))(journal)
    app.command(cls=Command, help=_("整套备份：工作簿、日志、账号、审计，服务运行时也可以做"))(backup)


def restore(
    path: PathArg = None,
    plan: PlanOption = None,
    at: Annotated[str | None, typer.Option("--at", help=_("时刻，如 2016-03-31 或 2016-03-31T14:00"))] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help=_("只恢复这张工作表"))] = None,
    record: Annotated[str | None, typer.Option("--record", help=_("只恢复这条记录（编号），须写明工作表"))] = None,
) -> None:
    """Restore from a backup, or list the backups."""
    board = _board(path, plan)
    assert board.keeper is not None
    assert board.commands is not None
    if at is None:
        for revision, made in board.keeper.backups.all():
            typer.echo(f"{made:%Y-%m-%d %H:%M:%S}  r{revision}")
        return
    keys = {declared.label: declared.key for declared in PEOPLE}
    if sheet is not None and sheet not in keys:
        fail(_("没有工作表“{name}”；可选：{names}", name=sheet, names="、".join(keys)))
    if record is not None and sheet is None:
        fail(_("恢复一条记录须用 --sheet 写明工作表"))
    moment = _moment(at)
    decision = bring_back(board.commands, OPERATOR, moment, keys.get(sheet or ""), record)
    if not decision.allowed:
        fail(f"{decision.reason} {decision.remedy}")
    if decision.entry is None:
        told = _("服务读到的最近的样子与那时相同；刚在表格里改的，几秒后再试") if board.keeper.store.live else ""
        typer.echo(f"{decision.reason} {told}".strip())
        return
    _written(board)
    status = board.status
    why = status.problem or (_("服务会把它写进工作簿") if status.waiting else _("工作簿已更新"))
    typer.echo(_("已恢复到 {at}；{why}", at=at, why=why))


def journal(
    path: PathArg = None,
    plan: PlanOption = None,
    last: Annotated[int, typer.Option("--last", help=_("列出最近多少处变更"))] = 20,
) -> None:
    """Verify the journal's chain and list the latest changes."""
    board = _board(path, plan)
    assert board.keeper is not None
    verdict = board.keeper.journal.verify()
    table = Table(_("时间"), _("操作人"), _("操作"), _("工作表"), _("记录"), _("列"), _("原值"), _("新值"))
    sheets = sheets_of(board.plan)
    for change in islice(reversed(board.keeper.history.changes), last):
        edit = change.edit
        old, new = both(edit)
        words = (
            change.at, change.actor, _(change.action), sheets[edit.sheet].label, edit.record,
            column_label(sheets[edit.sheet], edit.column), old, new,
        )  # fmt: skip
        table.add_row(*map(escape, words))
    Console().print(table)
    if verdict.ok:
        typer.echo(_("日志完整：{n} 条，逐条相扣", n=verdict.count))
    else:
        typer.echo(
            _("日志在 {segment} 第 {line} 行断开：{why}", segment=verdict.segment, line=verdict.line, why=verdict.why)
        )
    raise typer.Exit(CLEAN if verdict.ok else ERRORS)


def backup(
    into: Annotated[Path, typer.Argument(help=_("放备份的文件夹，最好在另一块磁盘上"), show_default=False)],
    path: PathArg = None,
    keep: Annotated[int, typer.Option("--keep", min=0, help=_("只留最近几份；0 为全部保留"))] = 0,
) -> None:
    """Back up the workbook with everything beside it."""
    try:
        chosen = config.chosen(path)
        live = partial(keep_seen, chosen) if chosen.google else None
        made = full_backup.make(chosen.workbook, into, config.now, live)
        typer.echo(_("已备份到 {path}；日志 {n} 条", path=made.folder, n=made.entries))
        if keep:
            full_backup.thin_out(into, keep)
    except StoreError as error:
        fail(str(error))
    for doubt in made.doubts:
        typer.echo(str(doubt), err=True)
    raise typer.Exit(ERRORS if made.doubts else CLEAN)


def _board(path: PathArg, plan: PlanOption) -> Board:
    """The board of a workbook, read once. Ends the command when there is nothing to read."""
    chosen = config.chosen(path)
    board = Board(keeper_at(chosen), plan_at(chosen.workbook, plan))
    try:
        assert board.keeper is not None
        board.keeper.sync()
    except StoreError as error:
        fail(str(error))
    board.refresh()
    return board


def _written(board: Board) -> None:
    """Write what was restored; a spreadsheet is written into with some seconds between."""
    board.refresh()
    for _second in range(LONGEST_WAIT if board.keeper is not None and board.keeper.store.live else 0):
        if not board.status.waiting:
            return
        sleep(1)
        board.refresh()


def _moment(text: str) -> datetime:
    """A day means its end."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(_("“{text}”不是时刻；写成 2016-03-31 或 2016-03-31T14:00", text=text))
    if len(text) <= len("2016-03-31"):
        moment = datetime.combine(moment, time.max)
    return moment.replace(tzinfo=moment.tzinfo or config.ZONE)
