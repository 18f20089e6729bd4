"""Work of a plan (工作): reports, policies, the checklist, extensions, lights, reminders and the scorecard."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from lib.i18n import N_
from sheets_schema.dates import FirstDay, LastDay
from sheets_schema.plan_base import Clause, Name, Strict


class ReportPeriod(Strict):
    """A reporting period (报告期). ``due`` may precede ``end``: some reports are owed before the work is over."""

    id: Name = Field(description="编号；如 2016H1")
    title: Name = Field(description="名称；如 2016年上半年")
    start: FirstDay = Field(description="开始")
    end: LastDay = Field(description="结束")
    due: LastDay = Field(description="报送时限；未定写 null")


class Quarterly(Strict):
    """Periods made by rule: quarters ``first``..``last``, each due ``due_day`` days after the quarter's end."""

    first: Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}Q[1-4]$")] = Field(description="首期；如 2015Q4")
    last: Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}Q[1-4]$")] = Field(description="末期；如 2016Q4")
    due_day: int = Field(ge=1, le=90, description="季后第几日截止；1 至 90")

    def periods(self) -> tuple[ReportPeriod, ...]:
        """The quarters as report periods, in order."""
        made = []
        year, quarter = int(self.first[:4]), int(self.first[5])
        while f"{year}Q{quarter}" <= self.last:
            next_start = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
            made.append(
                ReportPeriod(
                    id=f"{year}Q{quarter}",
                    title=f"{year}年第{'一二三四'[quarter - 1]}季度",
                    start=date(year, quarter * 3 - 2, 1),
                    end=next_start - timedelta(days=1),
                    due=next_start + timedelta(days=self.due_day - 1),
                )
            )
            year, quarter = next_start.year, (next_start.month + 2) // 3
        return tuple(made)


class Heading(Strict):
    """A heading (栏目) of the periodic report."""

    title: Name = Field(description="栏目名称")
    required: bool = Field(default=True, description="是否必备；必备栏目空着视为未报送")


class Cadence(Strict):
    """Periodic reporting (定期报送): periods by rule or listed, headings, and when a silent pilot gets a hint."""

    clause: Clause = Field(description="依据条款")
    quarterly: Quarterly | None = Field(default=None, description="按季报送；与 listed 可以并用，都不写就没有定期报告")
    listed: tuple[ReportPeriod, ...] = Field(default=(), description="逐期列出；半年、月度等")
    headings: tuple[Heading, ...] = Field(description="报告栏目；最多四个")
    silent_days: PositiveInt = Field(default=30, description="久无动态；试点多少天没有动态就提示")

    @cached_property
    def periods(self) -> tuple[ReportPeriod, ...]:
        """All reporting periods, listed ones after those made by rule."""
        return (self.quarterly.periods() if self.quarterly else ()) + self.listed


class PolicyArea(Strict):
    """A policy area (配套政策领域) with the units that owe it."""

    id: Name = Field(description="编号")
    title: Name = Field(description="政策领域")
    owners: tuple[Name, ...] = Field(default=(), description="牵头单位")
    national_document: str = Field(default="", description="所依据的国家文件")
    clause: Clause = Field(description="依据条款")


class Policies(Strict):
    """Local policy work (配套政策): areas, forms, and the legal state of waiting for the national document."""

    clause: Clause = Field(description="依据条款")
    document: Name = Field(description="政策用哪个文种的审批链")
    forms: tuple[Name, ...] = Field(description="出台形式")
    areas: tuple[PolicyArea, ...] = Field(description="政策领域")
    waiting_national: Name = Field(default=N_("国家政策未出台"), description="等国家文件时怎样称呼；不算逾期")


class ChecklistItem(Strict):
    """One item of the separation checklist (脱钩事项)."""

    id: Name = Field(description="编号；不重复")
    title: Name = Field(description="事项名称")
    sign_off: tuple[Name, ...] = Field(default=(), description="签收部门；单位、机构或角色的名称")


class Separation(Strict):
    """One separation (一项分离) and its items."""

    id: Name = Field(description="编号；一组一个")
    title: Name = Field(description="组名")
    items: tuple[ChecklistItem, ...] = Field(min_length=1, description="事项")


class Checklist(Strict):
    """The checklist every pilot works through (五分离五规范)."""

    clause: Clause = Field(description="依据条款")
    source: str = Field(default="", description="出处")
    separations: tuple[Separation, ...] = Field(description="分组")

    @cached_property
    def items(self) -> dict[str, tuple[Separation, ChecklistItem]]:
        """Item id → (separation, item), in order."""
        return {item.id: (part, item) for part in self.separations for item in part.items}

    @cached_property
    def part_of(self) -> dict[str, str]:
        """Item id → separation id."""
        return {item: part.id for item, (part, _) in self.items.items()}

    @staticmethod
    def label(item: ChecklistItem) -> str:
        """How an item is written in the sheet: id and title, e.g. for the dropdown."""
        return f"{item.id} {item.title}"


class Extensions(Strict):
    """Extensions (延期): whether one must be asked for before the due date."""

    clause: Clause = Field(description="依据条款")
    before_due: bool = Field(default=True, description="是否须在到期前申请")


class StateKey(StrEnum):
    """Tracking states (灯), from worst to best as shown."""

    OVERDUE = "overdue"
    NEAR = "near"
    BEHIND = "behind"
    WAITING = "waiting"
    RUNNING = "running"
    IDLE = "idle"
    DONE = "done"
    LEFT_OUT = "left_out"


class Light(Strict):
    """How a state looks: light, shape, word and colour; never the colour alone."""

    state: StateKey = Field(description="状态；八个状态各写一行")
    light: Name = Field(description="灯的颜色名")
    shape: Name = Field(description="图形；不靠颜色也认得出")
    word: Name = Field(description="说法")
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] = Field(description="颜色；六位十六进制，须加引号")


class Lights(Strict):
    """Lights (灯) and their thresholds."""

    clause: Clause = Field(description="依据条款")
    near_days: PositiveInt = Field(default=7, description="临期；几天内到期算临期")
    behind_share: float = Field(default=0.2, gt=0, lt=1, description="进度落后于时间进度多少算滞后")
    states: tuple[Light, ...] = Field(description="八个状态的样子")

    @cached_property
    def by_state(self) -> dict[StateKey, Light]:
        """State → its light."""
        return {light.state: light for light in self.states}


class LevelKey(StrEnum):
    """Levels of a reminder (催办等级), the mildest first."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class ReminderLevel(Strict):
    """How a level looks: light, shape, word and colour; never the colour alone."""

    level: LevelKey = Field(description="等级；blue 提醒、yellow 催办、red 督办")
    light: Name = Field(description="灯")
    shape: Name = Field(description="形状")
    word: Name = Field(description="字样")
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] = Field(description="颜色；#RRGGBB")


_LEVELS = (
    ReminderLevel(level=LevelKey.BLUE, light=N_("蓝"), shape="●", word=N_("提醒"), colour="#0072B2"),
    ReminderLevel(level=LevelKey.YELLOW, light=N_("黄"), shape="▲", word=N_("催办"), colour="#9A5B00"),
    ReminderLevel(level=LevelKey.RED, light=N_("红"), shape="■", word=N_("督办"), colour="#B3261E"),
)


class Reminders(Strict):
    """When a unit is reminded (催办), and how sharply: near is blue, behind or overdue yellow, long or much late red.

    ``clause``: what reminding rests on; without one it is that of ``topics.tracking``.
    """

    clause: Clause | None = Field(default=None, description="依据；不写则同 topics.tracking")
    blue_days: PositiveInt | None = Field(default=None, description="到期前几天提醒；不写则同 lights.near_days")
    red_days: PositiveInt = Field(default=30, description="逾期超过几天为红")
    red_items: PositiveInt = Field(default=10, description="一个单位逾期超过几项为红")
    levels: tuple[ReminderLevel, ...] = Field(default=_LEVELS, description="三个等级；蓝、黄、红各一")

    @cached_property
    def by_level(self) -> dict[LevelKey, ReminderLevel]:
        """Level → how it looks."""
        return {level.level: level for level in self.levels}


class ScoreWeight(Strict):
    """One component of the scorecard (考核): what it measures and how much it weighs."""

    measure: Literal[
        "tasks_on_time", "reports_on_time", "documents_returned", "extensions", "open_problems", "data_quality"
    ] = Field(description="考核什么")
    title: Name = Field(description="名称")
    weight: PositiveInt = Field(description="权重；相互之间的比例")


class Scorecard(Strict):
    """The unit scorecard (考核): computed, never typed."""

    clause: Clause = Field(description="依据条款")
    weights: tuple[ScoreWeight, ...] = Field(description="各项权重")
