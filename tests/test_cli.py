"""The command line, run as people run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lib.domain.findings import CATALOGUE
from lib.domain.rules import load_all
from sheets_schema.sheet import Kind
from sheets_schema.workbook import SHEETS

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lib.cli", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def answer(*arguments: object) -> Any:
    return json.loads(run(*arguments, "--format", "json").stdout)


def test_help_speaks_chinese_and_english() -> None:
    assert "建立工作簿" in run("--help").stdout
    spoken = run("--lang", "en", "--help").stdout
    assert "workbook" in spoken.lower()
    assert "建立" not in spoken


def test_init_makes_a_workbook_that_check_reads(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    assert run("init", "--empty", path).returncode == 0
    assert run("check", path).returncode == 0


def test_init_does_not_touch_a_workbook_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"precious")
    refused = run("init", path)
    assert refused.returncode == 2
    assert path.read_bytes() == b"precious"
    assert "--replace" in refused.stderr


def test_init_replace_keeps_the_old_workbook_beside_the_new(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"precious")
    assert run("init", "--empty", "--replace", path).returncode == 0
    assert (tmp_path / "mine.old1.xlsx").read_bytes() == b"precious"
    assert run("check", path).returncode == 0


def test_the_sample_is_the_same_on_every_machine(tmp_path: Path) -> None:
    figures = []
    for name in ("a.xlsx", "b.xlsx"):
        run("init", "--sample", tmp_path / name)
        figures.append(answer("progress", tmp_path / name, "--as-of", "2016-03-31"))
    assert figures[0] == figures[1]


def test_check_exits_1_on_errors_and_names_cell_clause_and_remedy(sample_once: Path) -> None:
    assert run("check", sample_once).returncode == 1
    found = answer("check", sample_once)
    load_all()
    keys = {"rule", "clause", "severity", "sheet", "row", "column", "record", "value", "message", "remedy"}
    assert all(set(finding) == keys for finding in found)
    assert all(f["rule"] in CATALOGUE and f["message"] and f["remedy"] and f["clause"] for f in found)
    typed = next(f for f in found if f["value"] == "3月底")
    assert (typed["sheet"], typed["column"], typed["rule"]) == ("脱钩事项", "完成日期", "S15")


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken"])
def test_check_exits_2_when_the_workbook_cannot_be_read(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(content)
    refused = run("check", path)
    assert refused.returncode == 2
    assert "bad.xlsx" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_progress_gives_every_figure_the_pages_show(sample_once: Path) -> None:
    figures = answer("progress", sample_once, "--as-of", "2016-03-31")
    assert [phase["id"] for phase in figures["phases"]] == [f"P{n}" for n in range(1, 8)]
    assert {"n", "floor", "expected", "recommended", "verdict"} <= set(figures["quota"][0])
    assert figures["checklist"]["done"] == sum(pilot["done"] for pilot in figures["pilots"])
    rows = figures["rows"]
    assert rows["total"] - rows["counted"] == sum(len(left) for left in rows["left_out"].values())
    assert all(item["days_left"] < 0 for item in figures["due"] if item["state"] == "overdue")


def test_progress_on_an_earlier_day_knows_less(sample_once: Path) -> None:
    early, late = (answer("progress", sample_once, "--as-of", day) for day in ("2015-12-31", "2016-03-31"))
    assert early["checklist"]["done"] == 0 < late["checklist"]["done"]


def test_a_day_that_is_none_is_refused_in_words(sample_once: Path) -> None:
    refused = run("progress", sample_once, "--as-of", "明天")
    assert refused.returncode == 2
    assert "2016-03-31" in refused.stderr


def test_a_broken_plan_file_is_named_with_its_path_and_line(tmp_path: Path, sample_once: Path) -> None:
    plan = tmp_path / "plan.yaml"
    text = (ROOT / "sheets_schema" / "plans" / "tianjin-2015.yaml").read_text(encoding="utf-8")
    plan.write_text(text.replace("fraction: 1/5", "fraction: 9/5"), encoding="utf-8")
    refused = run("check", sample_once, "--plan", plan)
    assert refused.returncode == 2
    assert "quota.fraction" in refused.stderr


def test_schema_lists_every_sheet_and_column() -> None:
    told = answer("schema")
    assert [sheet["label"] for sheet in told] == [sheet.label for sheet in SHEETS]
    assert {c["kind"] for sheet in told for c in sheet["columns"]} <= {kind.value for kind in Kind}


def test_doctor_finds_everything_in_order_here_and_says_what_is_missing(sample_once: Path, tmp_path: Path) -> None:
    assert run("doctor", sample_once).returncode == 0
    ill = run("doctor", tmp_path / "nowhere.xlsx")
    assert ill.returncode == 1
    assert "✗" in ill.stdout
    assert "init" in ill.stdout


def test_a_subscription_is_made_listed_and_revoked(
    sample_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook = tmp_path / "a.xlsx"
    workbook.write_bytes(sample_once.read_bytes())
    monkeypatch.setenv("TUOGOU_WORKBOOK", str(workbook))
    made = run("link", "add", "手机", "--for", "calendar", "--unit", "市科委", "--url", "https://a.example/")
    assert re.search(r"https://a\.example/calendar\.ics\?t=[\w-]{43}$", made.stdout.strip()), made.stderr
    assert "/api/progress.json?t=" in run("link", "add", "系统", "--for", "data").stdout
    assert "/l/" in run("link", "add", "领导").stdout
    for wrong in (
        ("--for", "calendar", "--unit", "没有的单位"),
        ("--unit", "市科委"),
        ("--for", "calendar", "--days", "900"),
    ):
        refused = run("link", "add", "错", *wrong)
        assert refused.returncode != 0
        assert "Traceback" not in refused.stderr
    assert "市科委" in run("link", "list").stdout
    assert run("link", "revoke", "1").returncode == 0
    assert "已撤销" in run("link", "list").stdout


def test_the_calendar_is_exported_for_one_unit(sample_once: Path, tmp_path: Path) -> None:
    done = run("export", "calendar", "--workbook", sample_once, "--choose", "unit=市科委", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    [made] = tmp_path.glob("*.ics")
    assert made.read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert run("export", "calendar", "--workbook", sample_once, "--choose", "unit=没有").returncode == 2


def test_a_misspelt_choice_makes_no_other_file(sample_once: Path, tmp_path: Path) -> None:
    done = run("export", "quarterly", "--workbook", sample_once, "--choose", "perod=2015Q4", "-o", tmp_path)
    assert done.returncode == 2
    assert "period" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_help_is_chinese_to_its_last_word() -> None:
    told = run("user", "add", "--help").stdout + run("link", "add", "--help").stdout
    assert "必填" in told
    assert not [word for word in ("required", "default") if word in told]
