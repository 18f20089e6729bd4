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

    item: Name
    actors: tuple[Name, ...] = Field(min_length=1)


class Step(Strict):
    """A step (环节) of a chain: its verb and who acts.

    ``mode`` any: one of the actors; all: every actor must act (会签); items: each item of ``items`` is signed.
    """

    verb: Name
    actors: tuple[Name, ...] = ()
    mode: Literal["any", "all", "items"] = "any"
    items: tuple[SignOff, ...] = ()

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
