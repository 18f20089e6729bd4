"""``user`` and ``link``: accounts, leaders' links and subscriptions from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lib.cli_base import Command, Group, fail, plan_at
from lib.domain.judge import judge
from lib.i18n import _
from lib.services import settings as config
from lib.services.accounts import AccountError, account_name
from lib.services.entrance import Entrance, open_entrance
from lib.services.links import USUAL_DAYS, Purpose, address_of
from lib.services.policy import OPERATOR
from lib.services.stores import seen
from lib.store.base import StoreError
from lib.views.admin import account_lines, link_lines

user = typer.Typer(cls=Group, help=_("账号：新增、停用、重置密码、列出"), no_args_is_help=True)
link = typer.Typer(cls=Group, help=_("领导链接和订阅：建立、列出、撤销"), no_args_is_help=True)
UserArg = Annotated[str, typer.Argument(help=_("账号名"))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(user, name="user")
    app.add_typer(link, name="link")


@user.command(cls=Command, help=_("新增账号，输出一次性密码"))
def add(
    name: UserArg,
    role: Annotated[str, typer.Option("--role", help=_("角色：admin、office、unit、viewer"))],
    called: Annotated[str, typer.Option("--name", help=_("姓名"))] = "",
    unit: Annotated[list[str] | None, typer.Option("--unit", help=_("所属单位，可写多次；只用于 unit"))] = None,
    email: Annotated[str, typer.Option("--email", help=_("统一身份认证的邮箱"))] = "",
) -> None:
    """Make an account."""
    with _told():
        password = _entrance().accounts.add(OPERATOR, name, called, role, unit or (), email, known=_units())
        typer.echo(_("已新增账号 {user}，一次性密码：{password}", user=account_name(name), password=password))


@user.command(cls=Command, help=_("停用账号，打开着的页面立即退出"))
def disable(name: UserArg) -> None:
    """Shut an account."""
    with _told():
        _entrance().accounts.disable(OPERATOR, account_name(name))
        typer.echo(_("“{user}”已停用，打开着的页面也已退出。", user=name))


@user.command(cls=Command, help=_("重新启用账号"))
def enable(name: UserArg) -> None:
    """Open an account again."""
    with _told():
        _entrance().accounts.enable(OPERATOR, account_name(name))
        typer.echo(_("“{user}”已启用。", user=name))


@user.command(cls=Command, help=_("重置密码并解除暂停登录，输出新的一次性密码"))
def reset(name: UserArg) -> None:
    """Give an account a new one-time password."""
    with _told():
        password = _entrance().accounts.reset(OPERATOR, account_name(name))
        typer.echo(_("新的一次性密码：{password}", password=password))


@user.command("list", cls=Command, help=_("列出账号"))
def list_users() -> None:
    """List the accounts."""
    with _told():
        accounts = _entrance().accounts
        table = Table(_("账号名"), _("姓名"), _("角色"), _("所属单位"), _("状态"), _("在线"))
        for line in account_lines(accounts.all(), accounts.access.count("user")):
            words = (line.user, line.name, line.role, line.units, line.state, str(line.sessions))
            table.add_row(*map(escape, words))
        Console().print(table)


@link.command("add", cls=Command, help=_("建立链接；地址只显示这一次"))
def add_link(
    name: Annotated[str, typer.Argument(help=_("给谁用"))],
    days: Annotated[
        int | None, typer.Option("--days", help=_("有效天数；默认领导链接 30 天，订阅 365 天"), show_default=False)
    ] = None,
    purpose: Annotated[
        Purpose, typer.Option("--for", help=_("打开什么：page 一页速览，calendar 日历，data 数据"))
    ] = Purpose.PAGE,
    unit: Annotated[list[str] | None, typer.Option("--unit", help=_("订阅哪个单位，可写多次；不写为全部"))] = None,
    url: Annotated[str, typer.Option("--url", help=_("工作台的网址"))] = "http://localhost:8501",
) -> None:
    """Make a link."""
    with _told():
        if unit and purpose is Purpose.PAGE:
            fail(_("领导链接不分单位；--unit 只用于 --for calendar 和 --for data"))
        unknown = next((one for one in unit or () if one not in _units()), None)
        if unknown is not None:
            fail(_("“单位”表里没有“{value}”", value=unknown))
        made, token = _entrance().links.make(OPERATOR, name, days or USUAL_DAYS[purpose], purpose, unit or ())
        typer.echo(_("链接 {n}：{url}", n=made.id, url=address_of(purpose, url.rstrip("/"), token)))


@link.command("list", cls=Command, help=_("列出链接"))
def list_links() -> None:
    """List the links."""
    with _told():
        links = _entrance().links
        table = Table(
            _("编号"), _("给谁用"), _("用途"), _("单位"), _("状态"), _("有效至"), _("使用次数"), _("最近使用"),
            _("建立人"),
        )  # fmt: skip
        for line in link_lines(links.all(), config.now(), links.has_stopped):
            words = (
                str(line.number), line.name, line.purpose, line.units, line.state, line.ends, str(line.uses),
                line.used, line.maker,
            )  # fmt: skip
            table.add_row(*map(escape, words))
        Console().print(table)


@link.command(cls=Command, help=_("撤销链接，打开着的页面立即失效"))
def revoke(number: Annotated[int, typer.Argument(help=_("编号"))]) -> None:
    """Shut a link."""
    with _told():
        _entrance().links.revoke(OPERATOR, number)
        typer.echo(_("链接已撤销，打开着的页面也看不到了。"))


def _units() -> set[str]:
    """The units of the workbook; while it cannot be read, those of the plan."""
    chosen = config.settings()
    plan = plan_at(chosen.workbook, None)
    try:
        return set(judge(seen(chosen), plan, config.today()).world.units)
    except StoreError:
        return {unit.name for unit in plan.units}


def _entrance() -> Entrance:
    return open_entrance(config.settings().workbook)


@contextmanager
def _told() -> Iterator[None]:
    """Ends the command with a sentence when something cannot be done."""
    try:
        yield
    except AccountError as error:
        fail(str(error.reason))
    except StoreError as error:
        fail(str(error))
