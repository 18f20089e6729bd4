"""Approval chains of a plan (审批链): kinds of documents, their steps, and the gates between them."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field

from sheets_schema.dates import FirstDay
from sheets_schema.plan_base import Clause, Name, Strict


class SignOff(Strict):
    """One item of a per-item sign-off (逐项会签): its name and the departments that may sign it."""

    item: Name = Field(description="会签事项")
    actors: tuple[Name, ...] = Field(min_length=1, description="可以签的部门；任一即可")


class Step(Strict):
    """A step (环节) of a chain: its verb and who acts.

    ``mode`` any: one of the actors; all: every actor must act (会签); items: each item of ``items`` is signed.
    """

    verb: Name = Field(description="环节；如起草、审定，同一文种内不重复")
    actors: tuple[Name, ...] = Field(default=(), description="办理者；单位、机构或角色的名称")
    mode: Literal["any", "all", "items"] = Field(
        default="any",
        description="怎样算办完；any 任一办理者办了，all 每个办理者都办了（会签），items 每一会签事项都签了",
    )
    items: tuple[SignOff, ...] = Field(default=(), description="会签事项；只在 mode 为 items 时写")

    @cached_property
    def needed(self) -> int:
        """How many of its parts must be signed for the step to pass."""
        return {"any": 1, "all": len(self.actors), "items": len(self.items)}[self.mode]


class Scope(StrEnum):
    """How many documents of a kind there are: one for each of these."""

    ONCE = "once"
    UNIT = "unit"
    SUPERVISOR = "supervisor"
    PILOT = "pilot"
    AREA = "area"
    PERIOD = "period"
    REPORT = "report"


class DocumentKind(Strict):
    """A kind of document (文种) and its approval chain (审批链); the first step is the drafting one."""

    kind: Name = Field(description="文种名称")
    clause: Clause = Field(description="依据条款")
    phase: str | None = Field(default=None, description="所属阶段的编号；不属于某一阶段的不写")
    per: Scope = Field(
        description="一份对应什么；once 全市，unit 每单位，supervisor 每业务主管单位，pilot 每试点，area 每政策领域，"
        "period 每报告期，report 每单位每期"
    )
    tracked_in: Literal["documents", "reports", "policies"] = Field(
        default="documents", description="记在哪张表；documents 文件表，reports 季度报告表，policies 配套政策表"
    )
    steps: tuple[Step, ...] = Field(min_length=1, description="审批链；依次办理，第一环是起草")
    parts: tuple[Name, ...] = Field(default=(), description="必备内容")

    @cached_property
    def ordinals(self) -> dict[str, int]:
        """Verb → its 0-based place in the chain."""
        return {step.verb: place for place, step in enumerate(self.steps)}

    def ordinal(self, verb: str) -> int | None:
        """The 0-based place of a verb in the chain, or None."""
        return self.ordinals.get(verb)


class Gate(Strict):
    """A gate (前置条件): ``document`` steps or the checklist wait for another document's step or for a day."""

    id: Name = Field(description="编号")
    clause: Clause = Field(description="依据条款")
    title: Name = Field(description="说明；一句话，违反时显示")
    document: str | None = Field(default=None, description="受约束的文种")
    steps: tuple[Name, ...] = Field(default=(), description="受约束的环节")
    checklist: bool = Field(default=False, description="是否约束脱钩事项")
    requires_document: str | None = Field(default=None, description="须先办的文种")
    requires_step: str | None = Field(default=None, description="须先走完的环节")
    not_before: FirstDay = Field(default=None, description="不得早于；写法同阶段的开始")
    effect: Literal["warn", "block"] = Field(description="后果；warn 提醒，block 不计入")
