"""The Plan (工作方案) as data: units, phases, quota, chains, gates, cadence, checklist, lights, reminders.

Everything a place decides is here and comes from one YAML file; no unit, phase or clause is named in the code.
Load one with ``sheets_schema.plan_load.load_plan``, which reports every mistake with its YAML path.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field, PositiveInt

from sheets_schema.dates import FirstDay, LastDay
from sheets_schema.plan_base import Clause, Name, Strict
from sheets_schema.plan_chains import DocumentKind, Gate
from sheets_schema.plan_work import Cadence, Checklist, Extensions, Lights, Policies, Reminders, Scorecard
from sheets_schema.quota import Quota


class RoleKey(StrEnum):
    """Roles (角色) the rules speak of; a plan gives each its local name and clause."""

    LEAD = "lead"
    MEMBER = "member"
    SUPERVISOR = "supervisor"
    REPORTER = "reporter"
    POLICY_OWNER = "policy_owner"
    PILOT = "pilot"


class Role(Strict):
    """A role (角色) with the name this place uses for it."""

    name: Name = Field(description="名称；本地怎样称呼这个角色")
    meaning: str = Field(default="", description="含义；一句话说明")
    clause: Clause = Field(description="依据条款")


class Body(Strict):
    """A body (机构) that acts but is no member unit; ``superior`` bodies are waited for (等待上级)."""

    name: Name = Field(description="名称；审批或接收文件、但不是成员单位的机关")
    aliases: tuple[Name, ...] = Field(default=(), description="别名；表里这样写也认")
    superior: bool = Field(default=False, description="是否上级；上级的环节算等待上级，不算本地逾期")
    note: str = Field(default="", description="备注")
    clause: Clause = Field(description="依据条款")


class PlanUnit(Strict):
    """A member unit (相关单位). ``doubtful`` keeps a doubtful name as the source has it, with the reason."""

    id: Name = Field(description="编号；方案内不重复")
    name: Name = Field(description="单位名称；按原件写")
    aliases: tuple[Name, ...] = Field(default=(), description="别名；表里这样写也认")
    roles: tuple[RoleKey, ...] = Field(default=(RoleKey.MEMBER,), description="担任的角色；可多个")
    doubtful: str = Field(default="", description="名称存疑的理由；留空为不存疑，写了就提示办公室核定")


class Mechanism(Strict):
    """The working mechanism (工作机制): who heads it and what each unit must name."""

    clause: Clause = Field(description="依据条款")
    group: Name = Field(description="领导小组或联合工作组的名称")
    heads: tuple[Name, ...] = Field(default=(), description="组长")
    deputies: tuple[Name, ...] = Field(default=(), description="副组长")
    office: Name = Field(description="办公室的名称；日常办事机构")
    office_heads: tuple[Name, ...] = Field(default=(), description="办公室主任")


class Horizon(Strict):
    """One line of the outlook (分步安排) beyond this batch."""

    when: Name = Field(description="时间；原话")
    what: Name = Field(description="做什么")
    clause: Clause = Field(description="依据条款")


class Deliverable(Strict):
    """What a phase hands over (交付成果): a document kind past ``until``; ``due`` may precede the phase's."""

    document: Name = Field(description="文种；documents 里的 kind")
    until: Name = Field(description="环节；走完这一环节才算交付")
    due: LastDay = Field(default=None, description="时限；早于阶段时限时才写")


class Phase(Strict):
    """A phase (阶段). Null dates are legal; phases may overlap."""

    id: Name = Field(description="编号；如 P1")
    title: Name = Field(description="阶段名称")
    clause: Clause = Field(description="依据条款")
    start: FirstDay = Field(default=None, description="开始；只写月份取首日，未定写 null")
    due: LastDay = Field(default=None, description="完成时限；只写月份取末日，含当日，未定写 null")
    leads: tuple[Name, ...] = Field(min_length=1, description="牵头；单位、机构或角色的名称")
    partners: tuple[Name, ...] = Field(default=(), description="参加；单位、机构或角色的名称")
    deliverables: tuple[Deliverable, ...] = Field(default=(), description="交付成果；全部走完才算办结")
    executes_checklist: bool = Field(default=False, description="是否为试点办理脱钩事项的阶段；只能有一个")


class InScope(Strict):
    """Which associations the plan covers (适用范围)."""

    clause: Clause = Field(description="依据条款")
    suffixes: tuple[Name, ...] = Field(description="名称结尾；以此提示是否纳入")
    legal_forms: tuple[Name, ...] = Field(description="登记形式；如社会团体")


class Topics(Strict):
    """Which clause governs which family of rules, for findings that are not tied to one phase or document."""

    mechanism: Clause = Field(description="工作机制的条款")
    scope: Clause = Field(description="适用范围的条款")
    quota: Clause = Field(description="推荐名额的条款")
    deadlines: Clause = Field(description="各阶段时限的条款")
    approvals: Clause = Field(description="审批次序的条款")
    checklist: Clause = Field(description="脱钩事项的条款")
    cadence: Clause = Field(description="定期报送的条款")
    policies: Clause = Field(description="配套政策的条款")
    tracking: Clause = Field(description="跟踪督办和考核的条款")


class Plan(Strict):
    """A whole work plan (工作方案)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] = Field(description="方案编号；小写字母、数字和连字符")
    title: Name = Field(description="方案名称")
    place: Name = Field(description="地区")
    source: str = Field(default="", description="出处；文件名称和年份")
    batch: PositiveInt = Field(default=1, description="批次；从 1 起")
    window_start: FirstDay = Field(default=None, description="本批开始；写法同阶段的日期")
    window_end: LastDay = Field(default=None, description="本批结束；写法同阶段的日期")
    sample_as_of: LastDay = Field(default=None, description="示例数据的基准日；正式使用不必写")
    clauses: dict[str, str] = Field(description="条款目录；条款号: 自拟的短标题，别处引用的条款都要先在这里登记")
    topics: Topics = Field(description="各类规则的依据条款")
    mechanism: Mechanism = Field(description="工作机制")
    roles: dict[RoleKey, Role] = Field(description="角色；六个角色都要给出本地名称")
    bodies: tuple[Body, ...] = Field(default=(), description="审批机关")
    units: tuple[PlanUnit, ...] = Field(description="成员单位")
    horizon: tuple[Horizon, ...] = Field(default=(), description="分步安排")
    phases: tuple[Phase, ...] = Field(description="阶段")
    in_scope: InScope = Field(description="适用范围")
    quota: Quota = Field(description="推荐名额；四种方式之一")
    documents: tuple[DocumentKind, ...] = Field(description="文种与审批链")
    gates: tuple[Gate, ...] = Field(default=(), description="前置条件")
    cadence: Cadence = Field(description="定期报送")
    policies: Policies = Field(description="配套政策")
    checklist: Checklist = Field(description="脱钩事项清单")
    extensions: Extensions = Field(description="延期")
    lights: Lights = Field(description="灯")
    reminders: Reminders = Field(default=Reminders(), description="催办的等级")
    scorecard: Scorecard = Field(description="考核")

    @cached_property
    def kinds(self) -> dict[str, DocumentKind]:
        """Document kind → its declaration."""
        return {kind.kind: kind for kind in self.documents}

    @cached_property
    def phase_by_id(self) -> dict[str, Phase]:
        """Phase id → phase."""
        return {phase.id: phase for phase in self.phases}

    @cached_property
    def superiors(self) -> frozenset[str]:
        """Names and aliases of the bodies the city can only wait for."""
        return frozenset(name for body in self.bodies if body.superior for name in (body.name, *body.aliases))

    @property
    def reminder_clause(self) -> str:
        """The clause a reminder rests on."""
        return self.reminders.clause or self.topics.tracking

    def role(self, key: RoleKey) -> str:
        """The local name of a role."""
        return self.roles[key].name
