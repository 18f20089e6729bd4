"""The JSON Schema of a plan file (2020-12), by which editors complete and check it while it is written."""

from __future__ import annotations

import json
from typing import Any

from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR

SCHEMA_FILE = PLANS_DIR / "plan.schema.json"
"""Where it stands for the shipped plans, whose first line points to it."""


def json_schema() -> dict[str, Any]:
    """The schema. It knows the shape of each part; what the parts say of one another only ``plan check`` knows."""
    made = Plan.model_json_schema()
    for part in (made, *made["$defs"].values()):
        part.pop("description", None)
        part.pop("title", None)
        for field in part.get("properties", {}).values():
            field.pop("title", None)
    told = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "脱钩方案文件"}
    return told | made


def schema_text() -> str:
    """The schema as the file has it."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
