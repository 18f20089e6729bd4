"""``remind``: who is to be reminded, and sending it; made for a timer as well as for a person."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lib.cli_base import CLEAN, ERRORS, AsOfOption, Command, PlanOption, fail, ledger_at
from lib.domain.ledger import Ledger
from lib.domain.workdays import works
from lib.i18n import _
from lib.services import settings as config
from lib.services.entrance import open_entrance
from lib.services.mail import Letter, health
from lib.services.policy import OPERATOR
from lib.services.reminders import FATE_WORDS, Fate, NotSent, outbox_of, planned, send, why_not
from lib.services.smtp import smtp_settings
from lib.store.base import StoreError
from lib.store.outbox import Outbox
from lib.views.reminders import level_word, reminder
from sheets_schema.plan_work import LevelKey


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(cls=Command, help=_("催办：列出给各单位的催办单；加 --send 才真正发出邮件"))(remind)


def mail_health() -> list[tuple[str, bool, str]]:
    """Whether letters could leave, where a mail server is set; for ``doctor``."""
    smtp = smtp_settings()
    if smtp is None:
        return []
    found = [(_("邮件"), False, str(problem)) for problem in health(smtp)]
    return found or [(_("邮件"), True, _("{name} 连得上，可以发信", name=f"{smtp.host}:{smtp.port}"))]


def remind(
    unit: Annotated[list[str] | None, typer.Option("--unit", help=_("只给这个单位；可写多次"))] = None,
    as_of: AsOfOption = None,
    level: Annotated[LevelKey, typer.Option("--level", help=_("至少是哪一级：blue、yellow、red"))] = LevelKey.BLUE,
    send_now: Annotated[bool, typer.Option("--send", help=_("真正发出；不写则只列出"))] = False,
    workdays_only: Annotated[bool, typer.Option("--workdays-only", help=_("今天不是工作日就什么也不做"))] = False,
    workbook: Annotated[Path | None, typer.Option("--workbook", help=_("工作簿；不写则用设定的那一个"))] = None,
    plan: PlanOption = None,
) -> None:
    """List or send reminders. Exit codes: 0 all well, 1 some letters did not leave, 2 nothing could be done."""
    today = config.today()
    if workdays_only and not _is_working(today):
        return
    ledger = ledger_at(workbook, plan, as_of)
    made = _letters(ledger, unit, level)
    target = config.chosen(workbook).workbook
    try:
        with closing(outbox_of(target)) as outbox:
            if not send_now:
                _show(made, ledger, outbox)
                return
            _refuse_another_day(ledger, today)
            failed = _send(made, ledger, target, outbox)
    except NotSent as error:
        fail(str(error.reason))
    except StoreError as error:
        fail(str(error))
    raise typer.Exit(ERRORS if failed else CLEAN)


def _is_working(today: date) -> bool:
    """Whether to go on; says why not. Of a year whose notice is not known yet, Monday to Friday count."""
    working = works(today)
    if working is None:
        typer.echo(_("{year} 年的工作日安排未知，按周一至周五算；请更新 chinesecalendar", year=today.year), err=True)
        working = today.weekday() < 5
    if not working:
        typer.echo(_("{day} 不是工作日，没有催办", day=today))
    return working


def _letters(ledger: Ledger, unit: list[str] | None, level: LevelKey) -> tuple[Letter, ...]:
    units = None
    if unit:
        units = [ledger.world.who(name) for name in unit]
        unknown = [typed for typed, name in zip(unit, units, strict=True) if name not in ledger.world.units]
        if unknown:
            fail(_("没有单位“{name}”；名称照“单位”表填写", name=unknown[0]))
    smtp = smtp_settings()
    from lib.documents.reminder import letters  # noqa: PLC0415 - the other commands need not wait for it

    return letters(ledger, units, level, smtp.base_url if smtp else "")


def _show(made: tuple[Letter, ...], ledger: Ledger, outbox: Outbox) -> None:
    title = _("基准日 {day}；这是预演，没有发出", day=ledger.as_of)
    table = Table(_("单位"), _("等级"), _("事项"), _("收件人"), _("结果"), title=title)
    for one in planned(made, smtp_settings(), outbox, config.now()):
        found = reminder(ledger, one.letter.unit)
        words = (level_word(ledger.plan, found.level), found.title) if found else ("", "")
        fate = str(one.why) if one.why else _("会发出")
        table.add_row(*map(escape, (_(one.letter.unit), *words, one.letter.to or "—", fate)))
    _print(table)
    refusal = why_not(OPERATOR, smtp_settings())
    if refusal is not None:
        typer.echo(_("现在发不出去：{why}", why=refusal))


def _print(table: Table) -> None:
    """A table in which no address is cut off."""
    for column in table.columns:
        column.overflow = "fold"
    Console().print(table)


def _refuse_another_day(ledger: Ledger, today: date) -> None:
    own = ledger.plan.sample_as_of if ledger.is_sample else today
    if ledger.as_of != own:
        fail(_("只能按当天的情况发出；去掉 --as-of，或去掉 --send 先看看"))


def _send(made: tuple[Letter, ...], ledger: Ledger, workbook: Path, outbox: Outbox) -> int:
    """Send, tell of each, and give how many letters did not certainly leave."""
    audit = open_entrance(workbook).audit
    from lib.documents.reminder import enclosed  # noqa: PLC0415

    told = send(OPERATOR, made, smtp_settings(), outbox, audit, config.now, lambda one: enclosed(one, ledger))
    table = Table(_("单位"), _("收件人"), _("结果"), _("说明"))
    for one in told:
        words = (_(one.unit), one.to or "—", _(FATE_WORDS[one.fate]), str(one.why or ""))
        table.add_row(*map(escape, words))
    if told:
        _print(table)
    sent = sum(one.fate is Fate.SENT for one in told)
    failed = sum(one.fate in (Fate.FAILED, Fate.UNSURE) for one in told)
    skipped = len(told) - sent - failed
    typer.echo(_("发出 {sent} 封，没有发出或不能确定 {failed} 封，不发 {skipped} 封",
                 sent=sent, failed=failed, skipped=skipped))  # fmt: skip
    return failed
