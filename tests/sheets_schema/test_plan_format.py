"""The plan format: the shipped plan says what the source says, and other places' plans need no code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib.i18n import speaking
from sheets_schema.dates import read_phrase
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR, PlanError, load_plan, parse_plan
from sheets_schema.workbook import PEOPLE, choices, options
from tests.sheets_schema.plan_texts import problems
from tests.workbooks import plan_text

TEXT = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")


def changed(change: Callable[[dict[str, Any]], object]) -> Plan:
    data = yaml.safe_load(TEXT)
    change(data)
    return parse_plan(yaml.safe_dump(data, allow_unicode=True))


def refusal(text: str) -> str:
    with pytest.raises(PlanError) as refused:
        parse_plan(text)
    return str(refused.value)


def test_the_shipped_plan_has_the_units_of_the_source(plan: Plan) -> None:
    assert len(plan.units) == 25
    doubtful = [unit for unit in plan.units if unit.doubtful]
    assert [unit.name for unit in doubtful] == ["市求委"]
    civil = next(unit for unit in plan.units if unit.name == "市民政局")
    assert {"市社团局", "市民政局（市社团局）"} <= set(civil.aliases)


def test_the_shipped_plan_has_the_seven_phases_and_their_inclusive_days(plan: Plan) -> None:
    assert [(p.id, p.clause, p.start, p.due) for p in plan.phases] == [
        ("P1", "四（一）", None, date(2015, 11, 30)),
        ("P2", "四（二）", None, date(2015, 11, 30)),
        ("P3", "四（三）", date(2015, 11, 1), date(2015, 12, 31)),
        ("P4", "四（四）", date(2015, 11, 1), date(2015, 12, 31)),
        ("P5", "四（五）", date(2015, 12, 1), date(2016, 6, 30)),
        ("P6", "四（六）", date(2016, 7, 1), date(2016, 10, 31)),
        ("P7", "四（七）", None, date(2016, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("kind", "verbs"),
    [
        ("工作方案", "起草 征求意见 修改完善 审定 印发"),
        ("试点方案", "修订 审定 核准 批复 实施"),
        ("实施方案", "制定 核准 批复 实施"),
        ("推荐名单", "推荐 报送 选定"),
        ("试点工作总结", "总结 报送"),
        ("评估报告", "评估 审定 报送"),
        ("季度汇总", "汇总 报告 报送"),
        ("配套政策", "起草 征求意见 审定 印发"),
        ("单位实施方案", "制定 报备"),
    ],
)
def test_chains_keep_the_order_and_the_verbs_of_the_source(plan: Plan, kind: str, verbs: str) -> None:
    assert [step.verb for step in plan.kinds[kind].steps] == verbs.split()


def test_reports_checklist_and_areas_are_complete(plan: Plan) -> None:
    assert next((p.id, p.due) for p in plan.cadence.periods) == ("2015Q4", date(2016, 1, 10))
    assert [(p.id, p.due) for p in plan.cadence.periods][-1] == ("2016Q4", date(2017, 1, 10))
    assert [part.id for part in plan.checklist.separations] == list("ABCDEF")
    assert len(plan.checklist.items) == 27
    assert len(plan.policies.areas) == 6


@pytest.mark.parametrize(
    ("phrase", "first", "last"),
    [
        ("2016-06", date(2016, 6, 1), date(2016, 6, 30)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2016-08 中旬", date(2016, 8, 11), date(2016, 8, 20)),
        ("2016-02 下旬", date(2016, 2, 21), date(2016, 2, 29)),
        ("2016年11月底前", date(2016, 11, 1), date(2016, 11, 30)),
        ("2016", date(2016, 1, 1), date(2016, 12, 31)),
        (2016, date(2016, 1, 1), date(2016, 12, 31)),
        ("2016-06-30", date(2016, 6, 30), date(2016, 6, 30)),
        (None, None, None),
    ],
)
def test_a_date_phrase_covers_its_days(phrase: object, first: date | None, last: date | None) -> None:
    assert read_phrase(phrase, "first") == first
    assert read_phrase(phrase, "last") == last


@pytest.mark.parametrize(
    ("old", "new", "path", "word"),
    [
        ("fraction: 1/5", "fraction: 7/5", "quota.fraction", "7/5"),
        ("due: 2015-11-30", "duee: 2015-11-30", "phases[1].duee", "due"),
        ("clause: 四（七）\n    start", "clause: 四（九）\n    start", "phases[6].clause", "四（九）"),
        ("leads: [市民政局]", "leads: [市民证局]", "phases[1].leads", "市民政局"),
        ("mode: fraction_per_unit", "mode: half", "quota.mode", "fixed_list"),
        ("near_days: 7", "near_days: 7\n  near_days: 8", "lights.near_days", ""),
        ("until: 选定", "until: 挑选", "phases[1].deliverables[0].until", "挑选"),
        ("due: 2016-06", "due: 六月", "phases[4].due", "六月"),
        ("requires_document: 试点方案", "requires_document: 方案", "gates[0].requires_document", "方案"),
        ("batch: 1", "batch: 0", "batch", ""),
    ],
)
def test_a_mistake_is_named_with_its_path_and_line(old: str, new: str, path: str, word: str) -> None:
    assert old in TEXT
    told = refusal(TEXT.replace(old, new, 1))
    assert f"{path}（第" in told
    assert word in told


def test_every_mistake_is_told_at_once() -> None:
    told = refusal(TEXT.replace("fraction: 1/5", "fraction: 0").replace("near_days: 7", "near_days: -1"))
    assert "quota.fraction" in told
    assert "lights.near_days" in told


def test_mistakes_are_told_in_english_too() -> None:
    with speaking("en"):
        told = refusal(TEXT.replace("fraction: 1/5", "fraction: 7/5"))
    assert "(line" in told


def test_gates_that_wait_for_each_other_are_refused() -> None:
    def circle(data: dict[str, Any]) -> None:
        gate = {"id": "G9", "clause": "四（四）", "title": "x", "document": "试点方案", "steps": ["审定"]}
        data["gates"].append({**gate, "requires_document": "实施方案", "requires_step": "批复", "effect": "block"})

    with pytest.raises(PlanError, match="gates"):
        changed(circle)


@pytest.mark.parametrize("content", [b"", b"just words", b"- a list", b"a: [", b"\xff\xfe\x00", b"a: &x\nb: *y"])
def test_a_file_that_is_no_plan_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(content)
    with pytest.raises(PlanError, match=r"plan\.yaml"):
        load_plan(path)


@pytest.mark.parametrize(
    "quota",
    [
        {"mode": "fraction_per_unit", "clause": "二（二）", "fraction": "1/3", "voluntary_below": 3},
        {"mode": "fixed_list", "clause": "二（二）", "lists": [{"unit": "市民政局", "associations": ["甲", "乙"]}]},
        {"mode": "all", "clause": "二（二）"},
        {"mode": "all_by_batches", "clause": "二（二）", "batch": 2, "batches": [
            {"batch": 1, "cumulative": "1/5"}, {"batch": 2, "cumulative": "1/2"}, {"batch": 3, "cumulative": 1}]},
    ],
)  # fmt: skip
def test_every_quota_mode_is_data(quota: dict[str, Any]) -> None:
    assert changed(lambda data: data.update(quota=quota, batch=quota.get("batch", 1))).quota.mode == quota["mode"]


def test_another_place_may_leave_dates_open_overlap_phases_and_report_early() -> None:
    def other(data: dict[str, Any]) -> None:
        data["batch"] = 3
        data["phases"][4] |= {"start": None, "due": None}
        data["phases"][5]["start"] = "2016-05 中旬"
        period = {"id": "H1", "title": "上半年", "start": "2016-01", "end": "2016-06", "due": "2016-05-31"}
        data["cadence"] |= {"quarterly": None, "listed": [period]}
        data["documents"][3]["steps"][1] = {
            "verb": "核准", "mode": "items",
            "items": [{"item": "资产", "actors": ["市财政局"]}, {"item": "编制", "actors": ["市编办"]}],
        }  # fmt: skip

    plan = changed(other)
    assert plan.batch == 3
    assert plan.phases[4].due is None
    assert plan.phases[5].start == date(2016, 5, 11)
    assert plan.cadence.periods[0].due == date(2016, 5, 31)
    assert plan.kinds["实施方案"].steps[1].items[1].actors == ("市编办",)


def test_every_list_a_column_offers_is_accepted_by_it(plan: Plan) -> None:
    for sheet in PEOPLE:
        for column in sheet.columns:
            accepted = choices(column, plan)
            assert not accepted or set(options(column, plan)) <= set(accepted), f"{sheet.label} {column.label}"


def test_a_number_with_a_nought_before_it_is_that_number_and_a_time_of_day_is_none() -> None:
    assert parse_plan(plan_text(("silent_days: 30", "silent_days: 045"))).cadence.silent_days == 45
    assert "整数" in str(problems(plan_text(("silent_days: 30", "silent_days: 1:30"))))
    assert "整数" in str(problems(plan_text(("silent_days: 30", "silent_days: 0x1e"))))
