"""What all parts of a plan share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1)]
Clause = Annotated[str, Field(min_length=1, description="条款号，须在 clauses 中登记")]


class Strict(BaseModel):
    """Base of all plan parts: frozen, and an unknown key is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
