"""What all commands share: the language, help in it, common options, and how a command ends in failure."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import N_, _, use
from lib.services import settings as config
from lib.services.setup import plan_of
from lib.services.stores import seen
from lib.store.base import StoreError
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PlanError
from sheets_schema.snapshot import Snapshot

CLEAN, ERRORS, UNREADABLE = 0, 1, 2
"""Exit codes: all is well, something was found or refused, nothing could be done."""


def _spoken() -> str:
    """The language of the help and messages: ``--lang``, else ``TUOGOU_LANG``, else Chinese."""
    if "--lang" in sys.argv[:-1]:
        return use(sys.argv[sys.argv.index("--lang") + 1])
    return use(os.environ.get("TUOGOU_LANG"))


_spoken()
_HELP_WORDS = {
    "Usage:": N_("用法："),
    "Options:": N_("选项："),
    "Commands:": N_("命令："),
    "Arguments:": N_("参数："),
    "Show this message and exit.": N_("显示这段说明"),
    "[required]": N_("（必填）"),
    "[default:": N_("[默认："),
}
"""The words typer writes into every help text; it has no catalogue of its own."""


class _Spoken:
    """Help in the reader's language."""

    def get_help(self, ctx: Any) -> str:
        """The help text with typer's own words translated."""
        text: str = super().get_help(ctx)  # type: ignore[misc]
        for word, msgid in _HELP_WORDS.items():
            text = text.replace(word, _(msgid))
        return text


class Group(_Spoken, TyperGroup):
    """The command group."""


class Command(_Spoken, TyperCommand):
    """One command."""


app = typer.Typer(
    cls=Group,
    help=_("脱钩工作台：建立、检查和查询脱钩工作簿。English: --lang en"), no_args_is_help=True, add_completion=False,
    rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip

PathArg = Annotated[
    Path | None,
    typer.Argument(help=_("工作簿（.xlsx），或 Google 表格的编号；不写则用设定的那一个"), show_default=False),
]
PlanOption = Annotated[str | None, typer.Option("--plan", help=_("方案文件（.yaml）或随附方案的编号"))]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help=_("基准日，如 2016-03-31；默认今天（示例数据为示例日）"))
]


@app.callback()
def main(lang: Annotated[str, typer.Option("--lang", help=_("语言：zh 或 en"))] = "") -> None:
    """Common options; the language is read before the help texts are made."""


def day_of(text: str | None) -> date | None:
    """The day a text names; ends the command when it names none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(_("“{text}”不是日期；写成 2016-03-31", text=text))


def plan_at(workbook: Path, source: str | None) -> Plan:
    """The plan of a workbook; ends the command when it cannot be used."""
    try:
        return plan_of(workbook, source or config.settings().plan)
    except PlanError as error:
        fail(str(error))


def judged_at(path: Path | None, plan: str | None) -> tuple[Snapshot, Judged]:
    """A workbook as it is and judged; ends the command when it cannot be read."""
    target = config.chosen(path)
    chosen = plan_at(target.workbook, plan)
    try:
        snapshot = seen(target)
    except StoreError as error:
        fail(str(error))
    return snapshot, judge(snapshot, chosen, config.today())


def ledger_of(judged: Judged, as_of: str | None) -> Ledger:
    """The ledger of a judged workbook on a day; without one, today or the sample's own day."""
    is_sample = judged.meta.get("sample") == "yes"
    return derive(judged, day_of(as_of) or (judged.plan.sample_as_of if is_sample else None) or config.today())


def ledger_at(path: Path | None, plan: str | None, as_of: str | None) -> Ledger:
    """The ledger of a workbook on a day; ends the command when it cannot be read."""
    return ledger_of(judged_at(path, plan)[1], as_of)


def fail(message: str) -> NoReturn:
    """Say what is wrong and end the command."""
    typer.echo(message, err=True)
    raise typer.Exit(UNREADABLE)
