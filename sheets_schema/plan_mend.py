"""A plan with mistakes made whole for a moment, so that all that is wrong can be told at once."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sheets_schema.plan import Plan

STAND_IN = "\ufffd"
"""Stands for a name that is missing or is no text; what is told about it is no news."""
ROUNDS = 4
"""What is mended may show what was hidden behind it; not for ever."""


def mend(data: object, error: ValidationError) -> Plan | None:
    """The plan with every value that cannot be read left out or replaced; None when that is not to be done."""
    whole = copy.deepcopy(data)
    for _round in range(ROUNDS):
        for one in error.errors():
            _replace(whole, one)
        try:
            return Plan.model_validate(whole)
        except ValidationError as again:
            error = again
    return None


def _replace(data: Any, error: ErrorDetails) -> None:
    """Mend one value in place; what cannot be found is left alone."""
    here: Any = data
    way = [part for part in error["loc"] if part != "[key]"]
    for number, part in enumerate(way):
        is_last = number == len(way) - 1
        in_dict = isinstance(here, dict) and (part in here or is_last)
        in_list = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if not in_dict and not in_list:
            continue  # a tag of the quota's mode stands in no file
        if is_last:
            _set(here, part, error)
        else:
            here = here[part]


def _set(here: Any, at: Any, error: ErrorDetails) -> None:
    kind = error["type"]
    if kind == "extra_forbidden":
        here.pop(at, None)
        return
    options = str(error.get("ctx", {}).get("expected", "")).split("'")[1::2]
    stand_ins: dict[str, Any] = {"plan_date": None, "plan_fraction": "1/2", "tuple_type": [], "too_short": [STAND_IN]}
    if kind == "missing" and at in ("clause", "verb", "id", "title", "name", "kind", "group", "office", "place"):
        here[at] = STAND_IN
    elif kind.startswith(("int", "greater", "less")):
        here[at] = 1
    elif kind.startswith("string"):
        here[at] = STAND_IN
    elif kind in stand_ins:
        here[at] = stand_ins[kind]
    elif options:
        here[at] = options[0]
    elif isinstance(here, dict):
        here.pop(at, None)
