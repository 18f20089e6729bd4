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

    id: Name
    title: Name
    start: FirstDay
    end: LastDay
    due: LastDay


class Quarterly(Strict):
    """Periods made by rule: quarters ``first``..``last``, each due ``due_day`` days after the quarter's end."""

    first: Annotated[str, Field(pattern=r"^\d{4}Q[1-4]$")]
    last: Annotated[str, Field(pattern=r"^\d{4}Q[1-4]$")]
    due_day: int = Field(ge=1, le=90)

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

    title: Name
    required: bool = True


class Cadence(Strict):
    """Periodic reporting (定期报送): periods by rule or listed, headings, and when a silent pilot gets a hint."""

    clause: Clause
    quarterly: Quarterly | None = None
    listed: tuple[ReportPeriod, ...] = ()
    headings: tuple[Heading, ...]
    silent_days: PositiveInt = 30

    @cached_property
    def periods(self) -> tuple[ReportPeriod, ...]:
        """All reporting periods, listed ones after those made by rule."""
        return (self.quarterly.periods() if self.quarterly else ()) + self.listed


class PolicyArea(Strict):
    """A policy area (配套政策领域) with the units that owe it."""

    id: Name
    title: Name
    owners: tuple[Name, ...] = ()
    national_document: str = ""
    clause: Clause


class Policies(Strict):
    """Local policy work (配套政策): areas, forms, and the legal state of waiting for the national document."""

    clause: Clause
    document: Name
    forms: tuple[Name, ...]
    areas: tuple[PolicyArea, ...]
    waiting_national: Name = N_("国家政策未出台")


class ChecklistItem(Strict):
    """One item of the separation checklist (脱钩事项)."""

    id: Name
    title: Name
    sign_off: tuple[Name, ...] = ()


class Separation(Strict):
    """One separation (一项分离) and its items."""

    id: Name
    title: Name
    items: tuple[ChecklistItem, ...] = Field(min_length=1)


class Checklist(Strict):
    """The checklist every pilot works through (五分离五规范)."""

    clause: Clause
    source: str = ""
    separations: tuple[Separation, ...]

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

    clause: Clause
    before_due: bool = True


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

    state: StateKey
    light: Name
    shape: Name
    word: Name
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]


class Lights(Strict):
    """Lights (灯) and their thresholds."""

    clause: Clause
    near_days: PositiveInt = 7
    behind_share: float = Field(default=0.2, gt=0, lt=1, description="进度落后于时间进度多少算滞后")
    states: tuple[Light, ...]

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

    level: LevelKey
    light: Name
    shape: Name
    word: Name
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]


_LEVELS = (
    ReminderLevel(level=LevelKey.BLUE, light=N_("蓝"), shape="●", word=N_("提醒"), colour="#0072B2"),
    ReminderLevel(level=LevelKey.YELLOW, light=N_("黄"), shape="▲", word=N_("催办"), colour="#9A5B00"),
    ReminderLevel(level=LevelKey.RED, light=N_("红"), shape="■", word=N_("督办"), colour="#B3261E"),
)


class Reminders(Strict):
    """When a unit is reminded (催办), and how sharply: near is blue, behind or overdue yellow, long or much late red.

    ``clause``: what reminding rests on; without one it is that of ``topics.tracking``.
    """

    clause: Clause | None = None
    blue_days: PositiveInt | None = Field(default=None, description="到期前几天提醒；不写则同 lights.near_days")
    red_days: PositiveInt = Field(default=30, description="逾期超过几天为红")
    red_items: PositiveInt = Field(default=10, description="一个单位逾期超过几项为红")
    levels: tuple[ReminderLevel, ...] = _LEVELS

    @cached_property
    def by_level(self) -> dict[LevelKey, ReminderLevel]:
        """Level → how it looks."""
        return {level.level: level for level in self.levels}


class ScoreWeight(Strict):
    """One component of the scorecard (考核): what it measures and how much it weighs."""

    measure: Literal[
        "tasks_on_time", "reports_on_time", "documents_returned", "extensions", "open_problems", "data_quality"
    ]
    title: Name
    weight: PositiveInt


class Scorecard(Strict):
    """The unit scorecard (考核): computed, never typed."""

    clause: Clause
    weights: tuple[ScoreWeight, ...]
