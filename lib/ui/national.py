"""Pieces of 汇总: the result that is shown, what keeps a newer one from being read, how old it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import streamlit as st

from lib.i18n import DEFAULT, _, language
from lib.rollup.folder import NoResult, damaged
from lib.rollup.latest import Latest
from lib.rollup.nation import Nation
from lib.services.settings import as_shown, has_only_rollup, now, rollup_folder
from lib.ui.decide import rerun_by_itself
from lib.ui.tables import table
from lib.ui.theme import BADGE, esc
from lib.views.national import National
from lib.views.national_phases import Grid
from lib.views.national_place import Rows
from lib.views.prepared import prepared_of
from lib.views.words import day

OLD = timedelta(days=2)
"""A roll-up is made every night; one that is older is pointed out."""
CELL, CELL_EN = 110, 132
"""Pixels of a cell with a state and ``214/216``: seven phases stand beside each other on a desk's screen."""
LOOK_SECONDS = 10.0
"""How often an open page asks whether there is a new result."""


@st.cache_resource(show_spinner=False)
def latest(out: Path) -> Latest:
    """The one keeper of a folder's result in this process."""
    return Latest(out)


def nation_or_stop(*, to_centre: bool) -> Nation:
    """The result; where there is none that can be read the page says why and what to do, and stops. Only who runs the
    plan is told what to type on the server."""
    out = rollup_folder()
    if out is None:
        st.error(_("请从首页进入。"), title=_("不能打开这一页"), icon=":material/lock:")
        st.stop()
    found = latest(out).look()
    if found.problem:
        kept = _("页面显示的是上一次的结果。") if found.nation else ""
        typed = f" `{as_shown('rollup')} … -o {_code(out)}`" if to_centre else ""
        told = _("{why}。{kept}修好后会自动更新。", why=found.problem, kept=kept)
        st.error(esc(told) + typed, title=_("暂时读不到汇总结果"), icon=":material/cloud_off:")
    if found.nation is None:
        st.stop()
    return found.nation


def rows_or_stop(make: Callable[[Nation, str], Rows], nation: Nation, key: str) -> Rows:
    """A table of one place; its file is read now and may be damaged, or gone since two newer results were made."""
    try:
        return prepared_of(make, nation, key)
    except (NoResult, ValueError, KeyError) as error:  # the last two: a word that only a later version of the app knows
        told = error if isinstance(error, NoResult) else damaged(nation.folder.parent)
        st.error(esc(str(told)), title=_("暂时读不到汇总结果"), icon=":material/cloud_off:")
        st.stop()


def _code(path: Path) -> str:
    return str(path).replace("`", "")


def freshness(nation: Nation) -> None:
    """One line on the day, and when the result was made; a warning when that is long ago."""
    made = datetime.fromisoformat(nation.run.made_at)
    age = now() - made
    fixed = "" if has_only_rollup() else _("（汇总时定的，不随侧栏变）")
    told = (
        _("基准日 {day}", day=day(datetime.fromisoformat(nation.run.as_of).date()))
        + fixed
        + _(" · {day} {time} 汇总", day=day(made.date()), time=f"{made:%H:%M}")
        + (_("，用时 {n} 秒", n=seconds) if (seconds := round(nation.run.seconds)) else "")
    )
    st.caption(esc(told + _("，{age}前", age=_age(age))))
    if age > OLD:
        st.warning(
            _("数字停在那一天；请管理员看看每晚的汇总是否还在运行。"),
            title=_("这是 {age}前的结果", age=_age(age)), icon=":material/history_toggle_off:",
        )  # fmt: skip


def _age(age: timedelta) -> str:
    if age.days:
        return _("{n} 天", n=age.days)
    hours, minutes = divmod(max(int(age.total_seconds()), 0) // 60, 60)
    if hours:
        return _("{n} 小时", n=hours)
    return _("{n} 分钟", n=minutes) if minutes else _("不到 1 分钟")


@st.fragment(run_every=LOOK_SECONDS)
def watch_result(shown: str) -> None:
    """Rerun the page when there is another result than the one that is shown."""
    out = rollup_folder()
    found = latest(out).look().nation if out else None
    if found is not None and found.version != shown:
        rerun_by_itself()


def left_out(view: National) -> None:
    """Each workbook that is in no figure, and why."""
    heads = (("what", _("情况")), ("place", _("地方")), ("why", _("原因")), ("source", _("工作簿")))
    if view.left_out:
        table(view.left_out, heads, alt=_("未计入的工作簿"))
    else:
        st.success(_("找到的工作簿全部计入。"), icon=":material/check_circle:")
    if view.passed_over:
        st.caption(_("另有这些文件不是工作簿本身，不算在内："))
        table(view.passed_over, heads, alt=_("跳过的文件"))


def phase_heads(grid: Grid) -> tuple[str, ...]:
    """What stands above the phases' columns: numbers, since a title is longer than a cell; all titles stand above
    the table."""
    return tuple(_("阶段 {n}", n=at) for at in range(1, len(grid.titles) + 1))


def phase_columns(grid: Grid) -> dict[str, object]:
    """How the cells of places × phases look: each text with its state's colour beside shape and word."""
    cell = st.column_config.MultiselectColumn
    width = CELL if language() == DEFAULT else CELL_EN
    words, colours = [text for text, _state in grid.states], [BADGE[state] for _text, state in grid.states]
    return {
        _("地方"): st.column_config.TextColumn(width=130, pinned=True),
        _("逾期"): st.column_config.NumberColumn(width=72),
        **{
            head: cell(width=width, options=words, color=colours, help=esc(title))
            for head, title in zip(phase_heads(grid), grid.titles, strict=True)
        },
    }
