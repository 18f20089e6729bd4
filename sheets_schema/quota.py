"""Quota modes (推荐名额): how many associations a unit recommends. Source: the plan's quota clause."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PositiveInt, WithJsonSchema
from pydantic_core import PydanticCustomError

from lib.i18n import _


def _read_fraction(value: object) -> Fraction:
    try:
        fraction = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise _refused(_("“{value}”不是分数；写成 1/5 这样"), value) from error
    if not 0 < fraction <= 1:
        raise _refused(_("分数须大于 0、不超过 1，现为 {value}"), value)
    return fraction


def _refused(message: str, value: object) -> PydanticCustomError:
    return PydanticCustomError("plan_fraction", message, {"value": str(value)})


Share = Annotated[
    Fraction,
    BeforeValidator(_read_fraction),
    PlainSerializer(str),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^\d+(/[1-9]\d*|\.\d+)?$", "examples": ["1/5", 1]}),
]


class _Mode(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    clause: str = Field(min_length=1, description="依据条款")
    open_question: str = Field(default="", description="条款未写明之处，原样印在数字旁")


class FractionPerUnit(_Mode):
    """按比例: each unit recommends ``fraction`` of its associations; fewer than ``voluntary_below`` is voluntary."""

    mode: Literal["fraction_per_unit"] = Field(description="方式；按比例")
    fraction: Share = Field(description="比例；如 1/5")
    voluntary_below: PositiveInt = Field(description="自愿线；协会数少于此数的自愿")
    rounding: Literal["up", "nearest", "down"] = Field(
        default="up", description="取整；up 向上，nearest 四舍五入，down 向下"
    )

    def bounds(self, unit: str, count: int) -> tuple[int, int, bool]:
        """(floor, expected, voluntary) for a unit with ``count`` in-scope associations."""
        if count < self.voluntary_below:
            return 0, 0, True
        exact = self.fraction * count
        rounded = {"up": math.ceil(exact), "down": math.floor(exact), "nearest": math.floor(exact + Fraction(1, 2))}
        return math.floor(exact), rounded[self.rounding], False


class NamedList(BaseModel):
    """One unit's associations on a fixed list (既定名单)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    unit: str = Field(min_length=1, description="单位名称")
    associations: tuple[str, ...] = Field(description="协会名称")


class FixedList(_Mode):
    """既定名单: the associations are named by the plan."""

    mode: Literal["fixed_list"] = Field(description="方式；方案列出名单")
    lists: tuple[NamedList, ...] = Field(description="各单位的名单")

    def bounds(self, unit: str, count: int) -> tuple[int, int, bool]:
        """(floor, expected, voluntary): as many as the list names for the unit, by the list's spelling of it."""
        named = sum(len(entry.associations) for entry in self.lists if entry.unit == unit)
        return named, named, False

    def names(self) -> frozenset[str]:
        """All associations named."""
        return frozenset(name for entry in self.lists for name in entry.associations)


class AllAssociations(_Mode):
    """应脱尽脱: every in-scope association takes part."""

    mode: Literal["all"] = Field(description="方式；应脱尽脱，范围内的全部参加")

    def bounds(self, unit: str, count: int) -> tuple[int, int, bool]:
        """(floor, expected, voluntary): all of them."""
        return count, count, False


class BatchShare(BaseModel):
    """The cumulative share that has taken part once a batch is over."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    batch: PositiveInt = Field(description="批次")
    cumulative: Share = Field(description="累计比例；到这一批为止，末批写 1")


class AllByBatches(_Mode):
    """分批全覆盖: everyone takes part in the end; each batch has a share of its own."""

    mode: Literal["all_by_batches"] = Field(description="方式；分批全覆盖")
    batch: PositiveInt = Field(description="本方案所属批次")
    batches: tuple[BatchShare, ...] = Field(min_length=1, description="各批的累计比例")

    def bounds(self, unit: str, count: int) -> tuple[int, int, bool]:
        """(floor, expected, voluntary) of this batch alone: its cumulative number less the previous one's.

        Cumulative numbers are rounded up, so that the batches add up to everyone and none asks for less than nothing.
        """
        reached = {0: Fraction(0), **{entry.batch: entry.cumulative for entry in self.batches}}
        now = reached.get(self.batch, Fraction(1))
        before = max((share for number, share in reached.items() if number < self.batch), default=Fraction(0))
        due = math.ceil(now * count) - math.ceil(before * count)
        return due, due, False


Quota = Annotated[FractionPerUnit | FixedList | AllAssociations | AllByBatches, Field(discriminator="mode")]
