"""Regenerate the documents that are made from declarations (``make docs``)."""

from __future__ import annotations

import json
import re

from babel.messages.extract import extract_from_file

from lib.services.plan_docs import fields_markdown
from lib.services.progress_shape import schema
from lib.services.schema_docs import as_markdown, rules_markdown
from sheets_schema.plan_load import DEFAULT_PLAN, PLANS_DIR, shipped_plan
from sheets_schema.plan_schema import SCHEMA_FILE, schema_text
from tests.catalogue import KEYWORDS, ROOT

DOCS = ROOT / "docs"
CHECKS = {
    "单独一项写得不对": ("plan_slips", "plan_load", "dates", "quota"),
    "各部分互相对不上": ("plan_check",),
    "合法但存疑（不影响使用）": ("plan_doubts",),
}
"""What is checked → the modules that say so."""


def generated() -> dict[str, str]:
    """File name in ``docs/`` → the text it must have."""
    plan = shipped_plan()
    made = {"rules.md": rules_markdown(plan), "sheets.md": as_markdown(plan), "plans.md": plans()}
    return made | {"progress.schema.json": json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"}


def plans() -> str:
    """``plans.md``: written by hand but for the two parts between marks."""
    text = (DOCS / "plans.md").read_text(encoding="utf-8")
    shipped = sorted(PLANS_DIR.glob("*.yaml"), key=lambda path: path.stem != DEFAULT_PLAN)
    made = {"fields": fields_markdown(path.read_text(encoding="utf-8") for path in shipped), "checks": checks()}
    for mark, part in made.items():
        found = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
        assert found.search(text), mark
        text = found.sub(lambda m, part=part: f"{m[1]}\n{part}\n{m[2]}", text)
    return text


def checks() -> str:
    """Every sentence a plan file can be told, as the code says it."""
    parts = []
    for title, modules in CHECKS.items():
        parts += [f"**{title}**", ""]
        for module in modules:
            found = extract_from_file("python", str(ROOT / "sheets_schema" / f"{module}.py"), keywords=KEYWORDS)
            told = (message for _line, message, _comments, _context in found if isinstance(message, str))
            parts += [f"- {message}" for message in dict.fromkeys(told) if is_whole(message)]
        parts.append("")
    return "\n".join(parts)


def is_whole(message: str) -> bool:
    """Whether a text is a sentence of its own, not a piece of one."""
    return len(message) > 2 and message[0] not in "；（" and "{source}" not in message


if __name__ == "__main__":
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
