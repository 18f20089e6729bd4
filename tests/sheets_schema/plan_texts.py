"""What a plan file is told about."""

from __future__ import annotations

import pytest

from sheets_schema.plan_load import PlanError, parse_plan

P2_DUE = "    due: 2015-11-30\n"


def problems(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(PlanError) as caught:
        parse_plan(text)
    return caught.value.problems


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1
