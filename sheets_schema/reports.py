"""季度报告 and 配套政策: what units owe by the quarter and by policy area (五（三）, 二（三）)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from lib.i18n import N_
from sheets_schema.plan_work import Cadence, Heading
from sheets_schema.sheet import SHEET_OF, Editor, Kind, Row, Sheet, column, sheet
from sheets_schema.spelling import spelt


@sheet("reports", "季度报告", prefix="JB", note=N_("各责任单位每季度一行；必备栏目不能空"))
class Report(Row):
    """季度报告: one unit's report for one period."""

    unit: str = column("责任单位", required=True, ref="units", width=20)
    period: str = column("报告期", required=True, plan_list="periods", width=10, aliases=("季度",))
    submitted_on: date = column("报送日期", required=True, fact=True, default=None)
    work: str | None = column("开展的主要工作", kind=Kind.LONG, width=40)
    policies: str | None = column("出台的政策规划", kind=Kind.LONG, width=40)
    next_steps: str | None = column("下一步工作安排", kind=Kind.LONG, width=40)
    problems: str | None = column("存在的问题和建议", kind=Kind.LONG, width=40)
    link: str | None = column("链接", kind=Kind.URL, width=24)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)


HEADED = ("work", "policies", "next_steps", "problems")
"""The columns of a report that take what stands under the plan's headings, and are called as these are."""
Headings = Mapping[str, str]
"""Field of such a column → what it is called."""
NO_HEADINGS: Headings = {}
"""Of no plan in particular: the columns are called as they are declared."""


def heading_columns(cadence: Cadence) -> tuple[tuple[Heading, str], ...]:
    """Each heading of the plan with the field of the column it names; a plan with more of them is refused."""
    return tuple(zip(cadence.headings, HEADED, strict=False))


def headings_of(cadence: Cadence) -> Headings:
    """What a plan calls the columns that it uses."""
    return {name: heading.title for heading, name in heading_columns(cadence)}


def noted(headings: Headings) -> dict[str, str]:
    """What ``_meta`` says of them in a new workbook, so that they are found when the plan puts them in other words."""
    return {f"reports.{name}": title for name, title in headings.items()}


def headed(headings: Headings, meta: Mapping[str, str] = NO_HEADINGS) -> Sheet:
    """The sheet 季度报告 with its columns called as a plan's ``headings``, those that it does not use set aside.

    ``meta``: what a workbook says of itself; the names in which it was made are understood as well.
    """
    titles = tuple(headings.get(name, "") for name in HEADED)
    return _headed(titles, tuple(meta.get(key, "") for key in noted(dict.fromkeys(HEADED, ""))))


@lru_cache(maxsize=64)
def _headed(titles: tuple[str, ...], former: tuple[str, ...]) -> Sheet:
    declared = dict(SHEET_OF[Report].declared)
    taken = {spelt(name) for name in (*other_names(), *titles)}
    for name, title, before in zip(HEADED, titles, former, strict=True):
        held = declared[name]
        known = before or held.column.label
        own = [known] if spelt(known) not in taken else []  # no two columns may answer to one name
        taken.update(map(spelt, own))
        label, *more = [each for each in (title, *own) if each] or [f"{known}（{name}）"]
        spare = any(titles) and not title
        column = replace(held.column, label=label, aliases=tuple(more), spare=spare)
        declared[name] = replace(held, column=column)
    return replace(SHEET_OF[Report], declared=declared)


def other_names() -> Iterator[str]:
    """What the columns of a report are called that do not take what stands under a heading."""
    columns = (column for column in SHEET_OF[Report].columns if column.name not in HEADED)
    return (name for column in columns for name in (column.label, *column.aliases))


def moved(name: str, before: Headings, now: Headings) -> str:
    """The column in which stands by now, under the headings ``now``, what stood in a column under those ``before``.

    It goes with its heading. A heading that the plan has no more was put in other words where its column took no
    other one; else its column is people's own (``=title``), as it is in the sheet.
    """
    places = {spelt(each): field for field, each in now.items()}
    title = before.get(name)
    if not title:
        return places.get(spelt(name[1:]), name) if name[:1] == "=" else name
    known = {spelt(each) for each in before.values()}
    other = spelt(now.get(name, title))
    if spelt(title) in places:
        return places[spelt(title)]
    return f"={title}" if other != spelt(title) and other in known else name


@sheet("policies", "配套政策", prefix="ZC", note=N_("每个领域、每个牵头单位一行"))
class Policy(Row):
    """配套政策: local policy work of one owner in one area."""

    area: str = column("政策领域", required=True, plan_list="areas", width=22)
    owner: str = column("牵头单位", required=True, ref="units", width=20)
    national_document: str | None = column("国家文件", width=30)
    form: str | None = column("形式", plan_list="forms", width=12)
    stage: str = column("阶段", required=True, plan_list="policy_stages", width=16)
    stage_on: date | None = column("阶段日期", fact=True, note=N_("进入当前阶段的日期"))
    reason: str | None = column("说明", kind=Kind.LONG, width=28, note=N_("国家政策尚未出台时写明情况"))
    title: str | None = column("文件名称", width=34)
    number: str | None = column("文号", kind=Kind.CODE, width=20)
    issued_on: date | None = column("印发日期", fact=True)
    link: str | None = column("链接", kind=Kind.URL, width=24)
    remark: str | None = column("备注", kind=Kind.LONG, width=20, editor=Editor.UNIT)
