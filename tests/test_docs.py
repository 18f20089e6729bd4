"""Documents that are generated are fresh; what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.cli import app
from lib.domain.judge import judge
from lib.domain.ledger import derive
from lib.ui.navigation import EVERY_PLACE
from sheets_schema.plan_fields import plan_fields
from sheets_schema.plan_load import PLANS_DIR, examine, load_plan
from tests.make_docs import DOCS, generated
from tests.plans.words import own_words
from tests.workbooks import AS_OF, TODAY, Book

REQUIRED = {
    *("2.3.1", "2.3.2", "2.3.3", "2.3.4", "2.3.5"),
    *("6.2.5", "6.2.9", "6.3.2", "6.3.8", "7.4.1", "7.4.2"),
    *("8.2.2", "8.2.3", "8.3.1", "8.3.2", "14.2.1"),
    *("16.2.2", "16.3.1", "16.3.2", "16.3.3", "16.4.2", "16.5.1", "16.5.2"),
}
"""The lines of OWASP ASVS 5.0 that are requirements of this project."""
ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["plans.md", "rules.md", "sheets.md", "progress.schema.json"])
def test_generated_document_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generated()[name], "run `make docs`"


def test_every_page_and_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for place in EVERY_PLACE:
        assert place.title in readme
    for command in (*(c.callback.__name__ for c in app.registered_commands if c.callback), "user", "link", "plan"):
        assert f"lib.cli {command}" in readme
    for setting in set(re.findall(r'"(TUOGOU_[A-Z_]+)"', (ROOT / "lib/services/settings.py").read_text("utf-8"))):
        assert f"`{setting}`" in readme


def test_links_and_pictures_in_documents_exist() -> None:
    for document in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_everything_the_security_document_points_to_exists() -> None:
    """A claim whose code or proof has moved is no claim any more."""
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:lib|tests|docs|\.streamlit)/[\w./-]+\.\w+)`", text))
    assert len(named) > 50
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_line_of_the_standard_has_code_and_a_proof() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (\d+\.\d+\.\d+) \|(.+)\|$", text, flags=re.MULTILINE)
    assert len(lines) == len(REQUIRED) == len({number for number, _told in lines} & REQUIRED)
    for number, told in lines:
        _wanted, _how, code, proof = told.split("|")
        assert re.search(r"`(lib|docs|\.streamlit)/", code), number
        assert "`tests/" in proof, number


def test_every_module_in_the_tree_has_a_line_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    for module in [*ROOT.glob("lib/*.py"), *ROOT.glob("lib/*/*.py"), *ROOT.glob("sheets_schema/*.py")]:
        if module.name != "__init__.py":
            assert f"`{module.name}`" in text, module.relative_to(ROOT)


def test_no_plan_of_a_place_is_written_into_the_code() -> None:
    """Units, phases and clauses live in plan files; the code must not know them."""
    named = set().union(*(own_words(load_plan(path)) for path in sorted(PLANS_DIR.glob("*.yaml"))))
    assert len(named) > 200
    code_files = [*ROOT.glob("lib/**/*.py"), *ROOT.glob("sheets_schema/*.py"), *ROOT.glob("pages/*.py")]
    for module in [*code_files, *ROOT.glob("lib/**/templates/*")]:
        code = re.sub(r'"""(.|\n)*?"""|#.*', "", module.read_text(encoding="utf-8"))
        if module.name == "reports.py" and module.parent.name == "sheets_schema":
            code = re.sub(r'column\(".+?"', "", code)  # the headers of the four columns for headings
        assert not [name for name in named if name in code], module.relative_to(ROOT)


def test_the_example_in_the_document_on_plans_is_a_plan_that_works() -> None:
    [text] = re.findall(
        r"^```yaml\n(.*?)^```", (DOCS / "plans.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    plan, doubtful = examine(text)
    assert plan.quota.mode == "all"
    assert [*doubtful] == []
    assert derive(judge(Book(plan).snapshot(), plan, TODAY), AS_OF).phases


def test_every_field_of_a_plan_has_a_meaning_and_an_example() -> None:
    told = (DOCS / "plans.md").read_text(encoding="utf-8")
    for path, field in plan_fields().items():
        assert re.search("[\u4e00-\u9fff]", field.meaning), path
        assert f"| `{path}` |" in told
