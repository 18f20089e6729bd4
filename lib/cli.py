"""The command line: ``python -m lib.cli COMMAND``, in Chinese or ``--lang en``; ``--help`` lists the commands."""

from __future__ import annotations

import json
import os
import platform
import sys
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lib import cli_entrance, cli_files, cli_google, cli_history, cli_plan, cli_remind, cli_rollup
from lib.cli_base import CLEAN, ERRORS, AsOfOption, Command, PathArg, PlanOption, app, fail, ledger_at, plan_at
from lib.domain.findings import SEVERITY_WORDS, Severity
from lib.domain.ledger import Ledger
from lib.i18n import _
from lib.services import oidc, schema_docs
from lib.services import progress as progress_figures
from lib.services import settings as config
from lib.services.setup import AlreadyThere, plan_of, set_up
from lib.store.base import StoreError
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PlanError


class Format(StrEnum):
    """Output formats."""

    TABLE = "table"
    JSON = "json"


class DocFormat(StrEnum):
    """Formats of ``schema``."""

    JSON = "json"
    MD = "md"


@app.command(cls=Command, help=_("建立工作簿：带示例数据，或空白以便正式使用"))
def init(
    path: PathArg = None,
    plan: PlanOption = None,
    sample: Annotated[bool, typer.Option("--sample", help=_("带示例数据（默认）"))] = False,
    empty: Annotated[bool, typer.Option("--empty", help=_("空白工作簿，只有单位和阶段"))] = False,
    replace: Annotated[bool, typer.Option("--replace", help=_("替换已有的工作簿，旧的改名保留"))] = False,
    google: Annotated[Path | None, typer.Option("--google", help=_("建在 Google 表格上：服务账号的密钥文件"))] = None,
    spreadsheet: Annotated[str | None, typer.Option("--spreadsheet", help=_("Google 表格的网址或编号"))] = None,
) -> None:
    """Make a workbook."""
    if sample and empty:
        fail(_("--sample 和 --empty 只能选一个"))
    if google is not None:
        cli_google.set_up(google, spreadsheet, plan, sample=sample)
        return
    if spreadsheet is not None:
        fail(_("--spreadsheet 要和 --google 密钥文件 一起写"))
    target = path or config.settings().workbook
    own = Path(plan) if plan and Path(plan).exists() else None
    try:
        set_up(target, plan_at(target, plan), sample=not empty, replace=replace, plan_file=own)
    except AlreadyThere:
        fail(_("“{name}”已经存在，没有改动；要替换请加 --replace（旧的会改名保留）", name=target.name))
    except OSError as error:
        fail(
            _("无法写入“{name}”（{why}）；检查文件夹权限，或先关闭打开着它的程序", name=target.name, why=error.strerror)
        )
    typer.echo(_("已建立 {path}", path=target))
    if replace:
        typer.echo(_("账号照旧，链接要重新建立；服务如果开着，请重新启动。"))


@app.command(cls=Command, help=_("检查工作簿，列出每一处问题、依据和改法；有错误时退出码为 1，读不了为 2"))
def check(
    path: PathArg = None,
    plan: PlanOption = None,
    as_of: AsOfOption = None,
    format: Annotated[Format, typer.Option("--format", help=_("输出格式"))] = Format.TABLE,
) -> None:
    """Print every finding."""
    ledger = ledger_at(path, plan, as_of)
    if format is Format.JSON:
        typer.echo(json.dumps([finding.as_json() for finding in ledger.findings], ensure_ascii=False, indent=1))
    else:
        _print_findings(ledger)
    raise typer.Exit(ERRORS if ledger.count(Severity.ERROR) else CLEAN)


def _print_findings(ledger: Ledger) -> None:
    console = Console()
    table = Table(_("级别"), _("位置"), _("问题"), _("依据"), _("改法"), title=_("基准日 {day}", day=ledger.as_of))
    for f in ledger.findings:
        cells = (_(SEVERITY_WORDS[f.severity]), f.cell, str(f.message), _(f.clause), str(f.remedy))
        table.add_row(*map(escape, cells))
    if ledger.findings:
        console.print(table)
    counts = _("，").join(f"{_(SEVERITY_WORDS[s])} {ledger.count(s)}" for s in Severity)
    console.print(
        _(
            "{counts}；{total} 行中计入 {n} 行",
            counts=counts,
            total=ledger.total_rows,
            n=ledger.total_rows - ledger.left_out,
        )
    )


@app.command(cls=Command, help=_("输出进展：阶段、名额、审批、试点、报告和逾期事项"))
def progress(
    path: PathArg = None,
    plan: PlanOption = None,
    as_of: AsOfOption = None,
    format: Annotated[Format, typer.Option("--format", help=_("输出格式"))] = Format.JSON,
) -> None:
    """Print the figures."""
    ledger = ledger_at(path, plan, as_of)
    figures = progress_figures.as_json(ledger)
    if format is Format.JSON:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    table = Table(_("阶段"), _("状态"), _("完成"), _("时限"), title=_("基准日 {day}", day=ledger.as_of))
    for phase in figures["phases"]:
        table.add_row(
            f"{phase['id']} {_(phase['title'])}", f"{phase['shape']} {_(phase['word'])}",
            f"{phase['done']}/{phase['total']}", phase["due"] or "—",
        )  # fmt: skip
    Console().print(table)


@app.command(cls=Command, help=_("输出各工作表和列的说明"))
def schema(
    plan: PlanOption = None,
    format: Annotated[DocFormat, typer.Option("--format", help=_("输出格式"))] = DocFormat.MD,
) -> None:
    """Print the declared sheets."""
    chosen = plan_at(config.settings().workbook, plan)
    if format is DocFormat.JSON:
        typer.echo(json.dumps(schema_docs.as_json(chosen), ensure_ascii=False, indent=1))
    else:
        typer.echo(schema_docs.as_markdown(chosen))


@app.command(cls=Command, help=_("检查运行环境：Python、组件、方案、工作簿"))
def doctor(path: PathArg = None, plan: PlanOption = None) -> None:
    """Say in plain words what works and what does not."""
    chosen = config.chosen(path)
    alone = path is None and config.has_only_rollup()
    problems = 0
    for what, ok, detail in (
        _python(),
        *(_packages() or [(_("组件"), True, _("齐全"))]),
        *_service_health(),
        *cli_rollup.health(),
        *cli_remind.mail_health(),
        _picture_health(),
        *([] if alone else _own_health(chosen, plan)),
    ):
        problems += not ok
        typer.echo(f"{'✓' if ok else '✗'} {what}: {detail}")
    raise typer.Exit(ERRORS if problems else CLEAN)


def _own_health(chosen: config.Settings, plan: str | None) -> list[tuple[str, bool, str]]:
    """Whether plan and workbook can be used."""
    target = chosen.workbook
    line, known = _plan_health(target, plan or chosen.plan)
    return [line, *([_workbook_health(target)] if chosen.google is None else cli_google.health(chosen, known))]


def _python() -> tuple[str, bool, str]:
    ok = sys.version_info >= (3, 11)
    return "Python", ok, platform.python_version() + ("" if ok else _("；需要 3.11 或更高"))


def _packages(file: str = "requirements.txt") -> list[tuple[str, bool, str]]:
    """Those of the pinned direct dependencies that are not installed as pinned."""
    found = []
    for line in (config.ROOT / file).read_text(encoding="utf-8").splitlines():
        name, _eq, wanted = line.split("#")[0].strip().partition("==")
        if not wanted:
            continue
        try:
            have = version(name)
        except PackageNotFoundError:
            found.append((name, False, _("没有安装；运行 {command}", command=config.installing(file))))
        else:
            if have != wanted:
                found.append((name, False, _("装的是 {have}，应为 {wanted}", have=have, wanted=wanted)))
    return found


def _service_health() -> list[tuple[str, bool, str]]:
    """Whether the city's sign-in service can be used, where one is set up."""
    what = _("统一身份认证")
    try:
        auth = oidc.set_up_in(*(folder / ".streamlit" / "secrets.toml" for folder in (Path.home(), config.ROOT)))
    except (ValueError, OSError) as error:
        return [(what, False, _(".streamlit/secrets.toml 读不了：{why}", why=error))]
    if auth is None:
        return []
    found = [*_packages("requirements-oidc.txt"), *((what, False, str(text)) for text in oidc.lacking(auth))]
    return found or [(what, True, _("已设好"))]


def _picture_health() -> tuple[str, bool, str]:
    """Whether charts can be drawn here; without Chinese letters only pictures are missing."""
    from lib.documents.pictures import INSTALL_FONTS, can_draw_chinese  # noqa: PLC0415 - only doctor draws

    ok = can_draw_chinese()
    return _("图片"), ok, _("能画中文") if ok else _(INSTALL_FONTS)


def _plan_health(workbook: Path, source: str | None) -> tuple[tuple[str, bool, str], Plan | None]:
    try:
        plan = plan_of(workbook, source)
    except PlanError as error:
        return (_("方案"), False, str(error)), None
    return (_("方案"), True, _(plan.title)), plan


def _workbook_health(target: Path) -> tuple[str, bool, str]:
    try:
        snapshot = XlsxStore(target).read()
    except StoreError as error:
        return _("工作簿"), False, _("{why}；建立新的：{command}", why=error, command=config.as_typed("init"))
    writable = os.access(target, os.W_OK) and os.access(target.parent, os.W_OK)
    detail = _("“{name}”，{n} 张工作表", name=target.name, n=len(snapshot.sheets))
    return _("工作簿"), writable, detail if writable else detail + _("；没有写入权限")


cli_history.register(app)
cli_entrance.register(app)
cli_google.register(app)
cli_files.register(app)
cli_remind.register(app)
cli_rollup.register(app)
cli_plan.register(app)

if __name__ == "__main__":
    app()
