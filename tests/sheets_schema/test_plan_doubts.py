"""What is legal in a plan and doubtful is said, and never refused; all that is wrong is told in one pass."""

from __future__ import annotations

import pytest

from sheets_schema.plan_load import examine
from tests.sheets_schema.plan_texts import line_of, problems
from tests.workbooks import plan_text, section

DOUBTFUL = {
    "a due date on a Saturday": ("    due: 2015-11-30\n", "    due: 2015-11-28\n", "phases[1].due", "周六"),
    "a unit without a role": (
        "{id: U23, name: 市合作交流办, roles: [member, reporter, supervisor]}",
        "{id: U23, name: 市合作交流办, roles: []}",
        "units[22].roles", "市合作交流办",
    ),
    "after the batch": ("window_end: 2016-12-31", "window_end: 2016-09-30", "phases[5].due", "2016-09-30"),
    "before the batch": ("window_start: 2015-07-01", "window_start: 2015-11-15", "phases[2].start", "2015-11-15"),
    "nothing to hand over": (
        "    deliverables: [{document: 评估报告, until: 报送}]\n", "", "phases[5]", "交付成果"
    ),
    "no phase for the items": ("    executes_checklist: true\n", "", "phases", "executes_checklist"),
    "an area of nobody": ("owners: [市编办]", "owners: []", "policies.areas[1].owners", "牵头"),
    "two states of one word": ("word: 临期", "word: 逾期", "lights.states", "说法"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_doubtful_is_said_with_its_line_and_loads(name: str) -> None:
    old, new, path, word = DOUBTFUL[name]
    text = plan_text((old, new))
    before = {where for where, _line, _why in examine(plan_text())[1]}
    assert path not in before
    [(line, why)] = [(line, why) for where, line, why in examine(text)[1] if where == path]
    assert word in why
    assert line > 0


def test_a_role_nobody_has_is_doubtful() -> None:
    text = plan_text().replace(", policy_owner", "")
    assert "roles.policy_owner" in {path for path, _line, _why in examine(text)[1]}


def test_batches_that_never_reach_everybody_are_doubtful() -> None:
    quota = (
        "quota:\n  mode: all_by_batches\n  clause: 二（二）\n  batch: 1\n  batches: [{batch: 1, cumulative: 1/2}]\n\n"
    )
    assert "quota.batches" in {path for path, _line, _why in examine(plan_text((section("quota"), quota)))[1]}


def test_wrong_values_do_not_hide_what_the_parts_say_of_one_another() -> None:
    text = plan_text(
        ("place: 天津市\n", "place: 22\n"),
        ("    due: 2015-11\n", "    deu: 2015-11\n"),
        ("fraction: 1/5", "fraction: 9/5"),
        ("leads: [相关部门]", "leads: [相关处室]"),
        ("effect: warn", "effect: forbid"),
        ("owners: [市编办]", "owners: [市编制办]"),
    )
    told = problems(text)
    assert [path for path, _line, _why in told] == [
        "place", "phases[0].deu", "phases[6].leads", "quota.fraction", "gates[0].effect", "policies.areas[1].owners",
    ]  # fmt: skip
    assert told[-1][1] == line_of(text, "[市编制办]")


def test_a_name_that_is_missing_is_told_once_and_not_as_unknown() -> None:
    told = problems(plan_text(("{id: U03, name: 市编办,", "{id: U03,")))
    assert ("units[2].name", "缺少这一项") in [(path, why) for path, _line, why in told]
    assert not any("\ufffd" in why for _path, _line, why in told)


def test_a_misspelt_clause_step_or_kind_is_met_with_the_nearest_one() -> None:
    text = plan_text(
        ("  quota: 二（二）\n", "  quota: 二(二)\n"),
        ("document: 评估报告, until: 报送", "document: 评估报告, until: 报批"),
    )
    assert {(path, why.split("；")[1]) for path, _line, why in problems(text)} == {
        ("topics.quota", "是不是“二（二）”？"), ("phases[5].deliverables[0].until", "是不是“报送”？"),
    }  # fmt: skip
