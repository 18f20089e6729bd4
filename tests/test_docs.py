"""Documents that are generated are fresh; what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.make_docs import DOCS, generated

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["rules.md", "sheets.md"])
def test_generated_document_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generated()[name], "run `make docs`"


def test_every_page_and_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in ("总览", "一页速览", "阶段", "数据体检", "规则依据"):
        assert page in readme
    for command in ("init", "check", "progress", "schema", "doctor"):
        assert f"lib.cli {command}" in readme
    for setting in ("TUOGOU_WORKBOOK", "TUOGOU_PLAN", "TUOGOU_POLL_SECONDS"):
        assert setting in readme


def test_links_and_pictures_in_documents_exist() -> None:
    for document in (ROOT / "README.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_module_in_the_tree_has_a_line_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    for module in [*ROOT.glob("lib/*.py"), *ROOT.glob("lib/*/*.py"), *ROOT.glob("sheets_schema/*.py")]:
        if module.name != "__init__.py":
            assert f"`{module.name}`" in text, module.relative_to(ROOT)


def test_no_plan_of_a_place_is_written_into_the_code() -> None:
    """Units, phases and clauses live in plan files; the code must not know them."""
    plan = yaml.safe_load((ROOT / "sheets_schema" / "plans" / "tianjin-2015.yaml").read_text(encoding="utf-8"))
    named = {unit["name"] for unit in plan["units"]} | {phase["title"] for phase in plan["phases"]}
    named |= {clause for clause in plan["clauses"] if "（" in clause}
    for module in [*ROOT.glob("lib/**/*.py"), *ROOT.glob("sheets_schema/*.py"), *ROOT.glob("pages/*.py")]:
        if module.name == "mistakes.py":
            continue
        code = re.sub(r'"""(.|\n)*?"""|#.*', "", module.read_text(encoding="utf-8"))
        assert not [name for name in named if name in code], module.relative_to(ROOT)
