"""The schema by which editors check a plan file: fresh, right about every shipped plan, and it finds slips."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from sheets_schema.plan_load import PLANS_DIR
from sheets_schema.plan_schema import SCHEMA_FILE, json_schema, schema_text
from tests.workbooks import plan_text

PLANS = sorted(PLANS_DIR.glob("*.yaml"))
CHECK = jsonschema.Draft202012Validator(json_schema())


class AsEditorsRead(yaml.CSafeLoader):
    """YAML 1.2 as editors read it: days are texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute
        letter: [(tag, shape) for tag, shape in found if not tag.endswith(":timestamp")]
        for letter, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def slips(text: str) -> list[str]:
    data: Any = yaml.load(text, Loader=AsEditorsRead)
    return [".".join(map(str, error.absolute_path)) for error in CHECK.iter_errors(data)]


def test_the_schema_is_one_and_its_file_is_fresh() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run `make docs`"


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_shipped_plan_points_to_the_schema_and_fits_it(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={SCHEMA_FILE.name}"
    assert slips(text) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("    due: 2015-11\n", "    deu: 2015-11\n", "phases.0"),
        ("    due: 2015-11-30\n", "    due: 十一月底\n", "phases.1.due"),
        ("fraction: 1/5", "fraction: 五分之一", "quota"),
        ("effect: warn", "effect: forbid", "gates.0.effect"),
        ("id: U01, name", "name", "units.0"),
        ('word: 逾期, colour: "#B3261E"', "word: 逾期, colour: red", "lights.states.0.colour"),
    ],
)
def test_an_editor_finds_a_slip_where_it_is(old: str, new: str, path: str) -> None:
    assert any(found.startswith(path) for found in slips(plan_text((old, new))))


def test_every_field_is_told_in_chinese() -> None:
    parts = [CHECK.schema, *CHECK.schema["$defs"].values()]
    fields = [(name, field) for part in parts for name, field in part.get("properties", {}).items()]
    assert len(fields) > 100
    assert [name for name, field in fields if not any("\u4e00" <= c <= "\u9fff" for c in field["description"])] == []
    assert json.loads(schema_text())["$schema"].endswith("2020-12/schema")
