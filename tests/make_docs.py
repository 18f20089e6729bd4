"""Regenerate the documents that are made from declarations (``make docs``)."""

from __future__ import annotations

import json
from pathlib import Path

from lib.services.progress_shape import schema
from lib.services.schema_docs import as_markdown, rules_markdown
from sheets_schema.plan_load import shipped_plan

DOCS = Path(__file__).resolve().parent.parent / "docs"


def generated() -> dict[str, str]:
    """File name in ``docs/`` → the text it must have."""
    plan = shipped_plan()
    shape = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    return {"rules.md": rules_markdown(plan), "sheets.md": as_markdown(plan), "progress.schema.json": shape}


if __name__ == "__main__":
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")
