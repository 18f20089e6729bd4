"""``rollup``: many workbooks as one set of tables. What it needs besides is looked for when it is run."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lib.cli_base import CLEAN, ERRORS, Command, day_of, fail
from lib.i18n import DEFAULT, _, language
from lib.services import settings as config
from lib.store.base import StoreError

if TYPE_CHECKING:
    from lib.rollup.manifest import Note, Run

NEEDED = ("dask", "distributed", "pyarrow", "duckdb", "fsspec")
INTERRUPTED = 130
"""The exit code of what Ctrl-C ended, as shells have it."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(cls=Command, help=_("汇总多地的工作簿，各按自己的方案校验，存为 Parquet；有读不了的退出码为 1"))(rollup)


def health() -> list[tuple[str, bool, str]]:
    """Whether the roll-up can be shown, where one is to be."""
    out = config.rollup_folder()
    if out is None:
        return []
    from lib.rollup.nation import open_nation  # noqa: PLC0415

    try:
        nation = open_nation(out)
    except StoreError as error:
        return [(_("汇总结果"), False, str(error))]
    told = _("基准日 {day}，{n} 个地方", day=nation.run.as_of, n=len(nation.standings))
    return [(_("汇总结果"), True, told)]


def rollup(
    source: Annotated[
        list[str], typer.Argument(help=_("工作簿、文件夹、通配符、网址、google:编号，或列有这些的 .txt"))
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help=_("结果文件夹"))],
    as_of: Annotated[str | None, typer.Option("--as-of", help=_("基准日，如 2016-03-31；默认今天"))] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help=_("Dask 调度器的地址，如 tcp://10.0.0.5:8786；默认在本机计算"))
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=0, help=_("本机用几个进程；0 为不另开进程；默认每个核一个"))
    ] = None,
    memory: Annotated[str, typer.Option("--memory", help=_("每个进程最多用多少内存，如 2GB"))] = "auto",
    forget: Annotated[bool, typer.Option("--forget", help=_("以前汇总过、现在不在原处的，不再列出"))] = False,
) -> None:
    """Roll workbooks up."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        fail(
            _("汇总还需要 {names}；运行 {command}", names=_("、").join(lacking),
              command=config.installing("requirements-rollup.txt"))
        )  # fmt: skip
    from lib.rollup.crew import crew  # noqa: PLC0415 - an office's installation has none of what this imports
    from lib.rollup.run import Days, roll_up  # noqa: PLC0415
    from lib.rollup.sources import listed  # noqa: PLC0415

    today = config.today()
    try:
        listing = listed(source)
        days = Days(day_of(as_of) or today, today)
        with crew(scheduler, workers, memory, len(listing.sources)) as hands, _Bar(len(listing.sources)) as bar:
            run = roll_up(listing, output, days, hands, bar.seen, forget=forget)
    except StoreError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo(_("已中止；原有的汇总结果没有改动"), err=True)
        raise typer.Exit(INTERRUPTED) from None
    _tell(run, output)
    newly_gone = any(gone.since == run.today for gone in run.gone)
    raise typer.Exit(ERRORS if run.bad or newly_gone or run.absent else CLEAN)


class _Bar:
    """The progress bar: how many are done, and which could not be rolled up, as soon as that is known."""

    def __init__(self, total: int) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("{task.fields[told]}"), console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self.task = self.progress.add_task(_("汇总"), total=total, told="")
        self.bad = self.same = 0

    def __enter__(self) -> _Bar:
        self.progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.progress.stop()

    def seen(self, note: Note, _total: int) -> None:
        """One more is done."""
        self.bad, self.same = self.bad + (not note.is_ok), self.same + note.taken_over
        if not note.is_ok and not note.taken_over:
            self.progress.console.print(escape(f"✗ {note.source}: {_why(note)}"))
        told = _("未变 {same}，未能汇总 {bad}", same=self.same, bad=self.bad)
        self.progress.update(self.task, advance=1, told=told)


def _why(note: Note) -> str:
    return (note.why if language() == DEFAULT else note.why_en) or ""


def _tell(run: Run, output: Path) -> None:
    from lib.rollup.rows import STATE_WORDS, State  # noqa: PLC0415

    if run.bad:
        table = Table(_("来源"), _("情况"), _("原因"))
        for note in run.bad:
            table.add_row(*map(escape, (note.source, _(STATE_WORDS[State(note.state)]), _why(note))))
        Console().print(table)
    names = {note.key: note.source for note in run.sources}
    for place, keys in run.same_place.items():
        told = _("“{place}”有 {n} 本工作簿，都在结果里；网页上同一批次只计有效行最多的一本：{names}",
                 place=place, n=len(keys), names=_("、").join(names[key] for key in keys))  # fmt: skip
        typer.echo(told)
    for gone in run.gone:
        typer.echo(_("不见了（{day} 起）：{name}", day=gone.since, name=gone.source))
    for absent in run.absent:
        typer.echo(_("没有这个文件：{name}", name=absent))
    for skipped in run.skipped:
        typer.echo(_("跳过 {name}：{why}", name=skipped.source, why=skipped.why))
    good = [note for note in run.sources if note.is_ok]
    same = sum(note.taken_over for note in good)
    typer.echo(
        _(
            "基准日 {day}：汇总 {n} 本 {rows} 行，其中未变而沿用 {same} 本；"
            "未能汇总 {bad} 本；{seconds} 秒。结果在 {path}",
            day=run.as_of, n=len(good), rows=sum(note.rows for note in good), same=same, bad=len(run.bad),
            seconds=run.seconds, path=output,
        )
    )  # fmt: skip
