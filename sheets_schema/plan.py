"""The Plan (工作方案) as data: units, phases, quota, chains, gates, cadence, checklist, lights.

Everything a place decides is here and comes from one YAML file; no unit, phase or clause is named in the code.
Load one with ``sheets_schema.plan_load.load_plan``, which reports every mistake with its YAML path.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from lib.i18n import N_
from sheets_schema.dates import FirstDay, LastDay
from sheets_schema.quota import Quota

Name = Annotated[str, Field(min_length=1)]
Clause = Annotated[str, Field(min_length=1, description="条款号，须在 clauses 中登记")]


class Strict(BaseModel):
    """Base of all plan parts: frozen, and an unknown key is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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

    name: Name
    meaning: str = ""
    clause: Clause


class Body(Strict):
    """A body (机构) that acts but is no member unit; ``superior`` bodies are waited for (等待上级)."""

    name: Name
    aliases: tuple[Name, ...] = ()
    superior: bool = False
    note: str = ""
    clause: Clause


class PlanUnit(Strict):
    """A member unit (相关单位). ``doubtful`` keeps a doubtful name as the source has it, with the reason."""

    id: Name
    name: Name
    aliases: tuple[Name, ...] = ()
    roles: tuple[RoleKey, ...] = (RoleKey.MEMBER,)
    doubtful: str = ""


class Mechanism(Strict):
    """The working mechanism (工作机制): who heads it and what each unit must name."""

    clause: Clause
    group: Name
    heads: tuple[Name, ...] = ()
    deputies: tuple[Name, ...] = ()
    office: Name
    office_heads: tuple[Name, ...] = ()


class Horizon(Strict):
    """One line of the outlook (分步安排) beyond this batch."""

    when: Name
    what: Name
    clause: Clause


class Deliverable(Strict):
    """What a phase hands over (交付成果): a document kind past ``until``; ``due`` may precede the phase's."""

    document: Name
    until: Name
    due: LastDay = None


class Phase(Strict):
    """A phase (阶段). Null dates are legal; phases may overlap."""

    id: Name
    title: Name
    clause: Clause
    start: FirstDay = None
    due: LastDay = None
    leads: tuple[Name, ...]
    partners: tuple[Name, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    executes_checklist: bool = False


class SignOff(Strict):
    """One item of a per-item sign-off (逐项会签): its name and the departments that may sign it."""

    item: Name
    actors: tuple[Name, ...]


class Step(Strict):
    """A step (环节) of a chain: its verb and who acts.

    ``mode`` any: one of the actors; all: every actor must act (会签); items: each item of ``items`` is signed.
    """

    verb: Name
    actors: tuple[Name, ...] = ()
    mode: Literal["any", "all", "items"] = "any"
    items: tuple[SignOff, ...] = ()


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

    kind: Name
    clause: Clause
    phase: str | None = None
    per: Scope
    tracked_in: Literal["documents", "reports", "policies"] = "documents"
    steps: tuple[Step, ...] = Field(min_length=1)
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

    id: Name
    clause: Clause
    title: Name
    document: str | None = None
    steps: tuple[Name, ...] = ()
    checklist: bool = False
    requires_document: str | None = None
    requires_step: str | None = None
    not_before: FirstDay = None
    effect: Literal["warn", "block"]


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


class InScope(Strict):
    """Which associations the plan covers (适用范围)."""

    clause: Clause
    suffixes: tuple[Name, ...]
    legal_forms: tuple[Name, ...]


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


class Topics(Strict):
    """Which clause governs which family of rules, for findings that are not tied to one phase or document."""

    mechanism: Clause
    scope: Clause
    quota: Clause
    deadlines: Clause
    approvals: Clause
    checklist: Clause
    cadence: Clause
    policies: Clause
    tracking: Clause


class Plan(Strict):
    """A whole work plan (工作方案)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Name
    place: Name
    source: str = ""
    batch: PositiveInt = 1
    window_start: FirstDay = None
    window_end: LastDay = None
    sample_as_of: date | None = None
    clauses: dict[str, str]
    topics: Topics
    mechanism: Mechanism
    roles: dict[RoleKey, Role]
    bodies: tuple[Body, ...] = ()
    units: tuple[PlanUnit, ...]
    horizon: tuple[Horizon, ...] = ()
    phases: tuple[Phase, ...]
    in_scope: InScope
    quota: Quota
    documents: tuple[DocumentKind, ...]
    gates: tuple[Gate, ...] = ()
    cadence: Cadence
    policies: Policies
    checklist: Checklist
    extensions: Extensions
    lights: Lights
    scorecard: Scorecard

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

    def role(self, key: RoleKey) -> str:
        """The local name of a role."""
        return self.roles[key].name
