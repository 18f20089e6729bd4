"""``plan check``, ``plan diff`` and ``plan schema``, as somebody who writes a plan runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lib.cli import app
from sheets_schema.plan_load import PLANS_DIR
from tests.sheets_schema.plan_texts import line_of
from tests.workbooks import plan_text


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["plan", *map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


def test_a_plan_without_errors_ends_with_0_and_says_what_is_doubtful() -> None:
    checked = run("check", "example-one-third")
    assert checked.exit_code == 0
    assert "2018-05-20 是周日" in checked.stdout
    assert "3 个阶段" in checked.stdout


def test_every_error_is_listed_with_place_line_suggestion_and_example(mine: Path) -> None:
    text = plan_text(("    due: 2015-11\n", "    deu: 2015-11\n"), ("owners: [市编办]", "owners: [市编制办]"))
    mine.write_text(text, encoding="utf-8")
    checked = run("check", mine)
    assert checked.exit_code == 1
    assert "2 处错误" in checked.stdout
    told = {line["path"]: line for line in json.loads(run("check", mine, "--format", "json").stdout)}
    assert set(told) == {"phases[0].deu", "policies.areas[1].owners"}
    assert told["phases[0].deu"]["line"] == line_of(text, "deu:")
    assert "是不是 due" in told["phases[0].deu"]["message"]
    owners = told["policies.areas[1].owners"]
    assert (owners["severity"], "市编办" in owners["message"], owners["example"][0]) == ("error", True, "[")


def test_yaml_that_cannot_be_parsed_is_an_error_with_its_line(mine: Path) -> None:
    mine.write_text("id: a\nplace: [x\n", encoding="utf-8")
    checked = run("check", mine, "--format", "json")
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)[0]["line"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "没有这个文件"), (b"\x89PNG\xff\xfe", "不是 UTF-8"), ("place: 天津市".encode("gbk"), "另存为")],
)
def test_a_file_that_is_not_there_or_no_text_ends_with_2(mine: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        mine.write_bytes(content)
    checked = run("check", mine)
    assert checked.exit_code == 2
    assert "mine.yaml" in checked.stderr
    assert says in checked.stderr
    assert "Error" not in checked.stderr


def test_what_differs_is_told_in_words_and_as_data(mine: Path) -> None:
    mine.write_text(
        plan_text(("fraction: 1/5", "fraction: 1/3"), ("title: 机构编制", "title: 编制核减")), encoding="utf-8"
    )
    told = run("diff", "tianjin-2015", mine)
    assert told.exit_code == 0
    assert "推荐名额" in told.stdout
    lines = json.loads(run("diff", "tianjin-2015", mine, "--format", "json").stdout)
    assert {"change": "changed", "part": "推荐名额", "where": ["fraction"], "old": "1/5", "new": "1/3"} in lines
    assert len(lines) == 2
    assert "没有不同" in run("diff", mine, mine).stdout
    assert run("diff", mine, "nowhere").exit_code == 2


def test_the_schema_is_printed_or_saved(tmp_path: Path) -> None:
    shipped = (PLANS_DIR / "plan.schema.json").read_text(encoding="utf-8")
    assert run("schema").stdout == shipped
    assert run("schema", "-o", tmp_path / "s.json").exit_code == 0
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == shipped
    assert run("schema", "-o", tmp_path / "no" / "s.json").exit_code == 2
