"""What the commands do with a shared spreadsheet: ``init --google``, ``copy``, and what ``doctor`` says of one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from lib.cli_base import Command, PlanOption, fail, plan_at
from lib.i18n import _
from lib.services import copying, google_setup
from lib.services import settings as config
from lib.services.google_health import Line, look_over
from lib.services.settings import Google, Settings, folder_of
from lib.services.setup import keep_plan
from lib.services.stores import door_of, store_of
from lib.store import google_client
from lib.store.base import StoreError
from lib.store.google_client import BoundedClient, Passing
from lib.store.google_drive import shared
from lib.store.google_provision import Progress as Told
from lib.store.gsheet import GoogleStore
from sheets_schema.plan import Plan
from sheets_schema.reports import NO_HEADINGS, headings_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    told = _("复制工作簿：文件到 Google 表格，或 Google 表格到文件；不覆盖已有记录")
    app.command(cls=Command, help=told)(copy)
    # what Google answers in English is for the log of a server; a command tells it in a sentence
    logging.getLogger(google_client.__name__).setLevel(logging.ERROR)


def set_up(key: Path, spreadsheet: str | None, plan: str | None, *, sample: bool) -> None:
    """``init --google``: make the tabs of a spreadsheet that somebody has shared."""
    google = Google("", key.absolute(), url=config.google_url())
    try:
        if spreadsheet is None:
            _list_shared(google)
            return
        id = config.spreadsheet_of(spreadsheet)
        if id is None or id == config.SPREADSHEET:
            fail(_("“{text}”不是 Google 表格的网址或编号", text=spreadsheet))
        base = config.settings().workbook
        chosen = replace(config.chosen(id), google=replace(google, spreadsheet=id), workbook=config.place_of(base, id))
        own = Path(plan) if plan and Path(plan).exists() else None
        if folder_of(chosen.workbook).exists() and own is not None:
            fail(_("这本表格已经在用；换方案请在“管理”页办理"))
        with bar(_("写入")) as told:
            lacking = google_setup.set_up(chosen, plan_at(chosen.workbook, plan), sample=sample, progress=told)
        if own is not None:
            keep_plan(chosen.workbook, own)
    except StoreError as error:
        _give_up(error)
    if lacking is None:
        typer.echo(_("已建立；在 .streamlit/secrets.toml 里写上这几行，再启动服务："))
    elif lacking:
        typer.echo(_("已补齐 {n} 处；secrets.toml 里应有：", n=lacking))
    else:
        typer.echo(_("齐全，没有要补的；secrets.toml 里应有："))
    typer.echo(f'\n[google]\nspreadsheet = "{id}"\nkey = "{key.absolute()}"')


def _list_shared(google: Google) -> None:
    """The spreadsheets shared with the account; how to share one when there is none. Raises ``StoreError``."""
    door = door_of(google)
    found, email = shared(BoundedClient(None, door)), door.email
    typer.echo(_("服务账号：{email}", email=email))
    if not found:
        fail(_("还没有表格共享给它。") + _(google_setup.HOW_TO_SHARE, email=email))
    table = Table(_("编号"), _("名称"), _("权限"))
    for one in found:
        table.add_row(*map(escape, (one.id, one.title, _("编辑者") if one.may_edit else _("只能查看"))))
    Console().print(table)
    fail(_("用 --spreadsheet 写明用哪一本"))


def copy(
    source: Annotated[str, typer.Argument(help=_("从：文件，google（设定的那一本），或表格的网址、编号"))],
    target: Annotated[str, typer.Argument(help=_("到：同上"))],
    plan: PlanOption = None,
) -> None:
    """Copy a workbook."""
    ends = config.chosen(source), config.chosen(target)
    if all(end.google is None for end in ends):
        fail(_("至少一边是 Google 表格；复制文件请用文件管理器"))
    try:
        with bar(_("复制")) as told:
            made = copying.copy(*ends, plan_at(ends[0].workbook, plan), told)
    except StoreError as error:
        _give_up(error)
    for old, new in made.renamed.items():
        typer.echo(_("工作簿里不能叫“{old}”，改叫“{new}”", old=old, new=new))
    typer.echo(_("已复制 {n} 张工作表", n=made.tabs))


def _give_up(error: StoreError) -> NoReturn:
    """Say why a command ends; nobody goes on with it but who gave it."""
    if isinstance(error, Passing):
        fail(_("{why}；没有做完，过一会儿再运行一次同样的命令", why=error.cause))
    fail(str(error))


def health(chosen: Settings, plan: Plan | None) -> list[Line]:
    """What ``doctor`` says of a spreadsheet; without a plan of columns as they are declared."""
    try:
        store = store_of(chosen)
    except StoreError as error:
        return [Line(_("共享表格"), False, str(error))]
    assert isinstance(store, GoogleStore)
    return look_over(chosen, store, headings_of(plan.cadence) if plan else NO_HEADINGS)


@contextmanager
def bar(what: str) -> Iterator[Told]:
    """A bar that shows how many cells have been written."""
    console = Console(stderr=True)
    with Progress(TextColumn(what), BarColumn(), MofNCompleteColumn(), console=console, transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)
