"""The Plan (工作方案) as data: units, phases, quota, chains, gates, cadence, checklist, lights, reminders.

Everything a place decides is here and comes from one YAML file; no unit, phase or clause is named in the code.
Load one with ``sheets_schema.plan_load.load_plan``, which reports every mistake with its YAML path.
"""

from __future__ import annotations

from datetime import date
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
    leads: tuple[Name, ...] = Field(min_length=1)
    partners: tuple[Name, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    executes_checklist: bool = False


class InScope(Strict):
    """Which associations the plan covers (适用范围)."""

    clause: Clause
    suffixes: tuple[Name, ...]
    legal_forms: tuple[Name, ...]


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
    reminders: Reminders = Reminders()
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

    @property
    def reminder_clause(self) -> str:
        """The clause a reminder rests on."""
        return self.reminders.clause or self.topics.tracking

    def role(self, key: RoleKey) -> str:
        """The local name of a role."""
        return self.roles[key].name
