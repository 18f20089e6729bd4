"""The shipped plan says what the city's plan of 2015 says (domain.md §1-§8), and plans of other shapes load too."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from sheets_schema.dates import read_phrase
from sheets_schema.plan import RoleKey
from sheets_schema.plan_chains import Scope
from sheets_schema.plan_load import load_plan, parse_plan, shipped_plan
from sheets_schema.plan_work import StateKey
from sheets_schema.quota import AllAssociations, AllByBatches, FixedList, FractionPerUnit
from sheets_schema.workbook import BY_KEY, choices, options
from tests.workbooks import Book, association, edited_plan, ledger, plan_text, section, units

PLAN = shipped_plan()
UNITS = """市委组织部 市委市级机关工委 市编办 市社会组织工委 市民政局 市发展改革委 市工业和信息化委 市商务委 市科委
市公安局 市财政局 市人力社保局 市国土房管局 市建委 市市容园林委 市求委 市文化广播影视局 市审计局 市外办
市交通运输委 市新闻出版局 市机关事务管理局 市合作交流办 市金融局 市工商联"""
PHASES = {
    "P1": ("四（一）", None, date(2015, 11, 30)),
    "P2": ("四（二）", None, date(2015, 11, 30)),
    "P3": ("四（三）", date(2015, 11, 1), date(2015, 12, 31)),
    "P4": ("四（四）", date(2015, 11, 1), date(2015, 12, 31)),
    "P5": ("四（五）", date(2015, 12, 1), date(2016, 6, 30)),
    "P6": ("四（六）", date(2016, 7, 1), date(2016, 10, 31)),
    "P7": ("四（七）", None, date(2016, 12, 31)),
}
CITY, JOINT, STATE = "市委、市政府", "市联合工作组", "国务院联合工作组"
CHAINS = {
    "工作方案": ["起草", "征求意见", "修改完善", f"审定 {CITY}", "印发"],
    "试点方案": ["修订", f"审定 {CITY}", "核准 民政部", f"批复 {STATE}", "实施"],
    "实施方案": ["制定 业务主管单位", "核准 市民政局", f"批复 {JOINT}", "实施"],
    "推荐名单": ["推荐 业务主管单位", "报送 业务主管单位", "选定 市民政局、业务主管单位"],
    "试点工作总结": ["总结 试点单位", "报送 试点单位"],
    "评估报告": [f"评估 {JOINT}", f"审定 {CITY}", f"报送 {JOINT}"],
    "季度报告": ["报送 责任单位"],
    "季度汇总": ["汇总 市民政局、市发展改革委", "报告 市民政局、市发展改革委", "报送 市民政局、市发展改革委"],
    "配套政策": ["起草 相关部门", "征求意见 相关部门", "审定", "印发 相关部门"],
    "单位实施方案": ["制定 相关单位", "报备 相关单位"],
}
"""Verbs in order; the actors where the plan's text names them beyond doubt."""


def test_the_twenty_five_units_stand_in_the_order_of_the_source():
    assert [unit.name for unit in PLAN.units] == UNITS.split()
    assert len(PLAN.units) == 25
    assert all(RoleKey.MEMBER in unit.roles for unit in PLAN.units)


def test_the_doubtful_name_is_kept_as_the_source_has_it_and_only_that_one_is_doubted():
    assert [unit.name for unit in PLAN.units if unit.doubtful] == ["市求委"]
    assert "市农委" not in {unit.name for unit in PLAN.units}
    (doubtful,) = (unit for unit in PLAN.units if unit.doubtful)
    assert "市农委" in doubtful.doubtful
    assert "市教委" in doubtful.doubtful


def test_the_civil_affairs_bureau_is_known_by_each_of_its_names():
    (bureau,) = (unit for unit in PLAN.units if unit.name == "市民政局")
    assert {"市社团局", "市民政局（市社团局）"} <= set(bureau.aliases)


@pytest.mark.parametrize("phase", PHASES)
def test_each_phase_has_the_clause_and_days_of_the_source(phase: str):
    found = PLAN.phase_by_id[phase]
    assert (found.clause, found.start, found.due) == PHASES[phase]


def test_there_are_seven_phases_with_their_leads_in_the_order_written():
    assert [phase.id for phase in PLAN.phases] == list(PHASES)
    assert PLAN.phase_by_id["P1"].leads == ("市发展改革委", "市民政局")
    assert PLAN.phase_by_id["P3"].leads == ("市民政局", "市发展改革委")
    assert [phase.id for phase in PLAN.phases if phase.executes_checklist] == ["P5"]


def test_each_phase_ends_in_the_deliverable_of_the_source():
    ends = {phase.id: [(d.document, d.until) for d in phase.deliverables] for phase in PLAN.phases}
    assert ends == {
        "P1": [("工作方案", "印发")], "P2": [("推荐名单", "选定")], "P3": [("试点方案", "批复")],
        "P4": [("实施方案", "批复")],
        "P5": [("试点工作总结", "报送")], "P6": [("评估报告", "报送")], "P7": [("配套政策", "印发")],
    }  # fmt: skip


@pytest.mark.parametrize("kind", CHAINS)
def test_each_chain_has_the_verbs_and_actors_of_the_source_in_order(kind: str):
    steps = PLAN.kinds[kind].steps
    assert [step.verb for step in steps] == [told.split()[0] for told in CHAINS[kind]]
    for step, told in zip(steps, CHAINS[kind], strict=True):
        if " " in told:
            wanted = told.split()[1]
            assert step.actors == ((wanted,) if wanted == CITY else tuple(wanted.split("、")))


def test_the_list_of_pilots_is_selected_by_both_together():
    (selecting,) = (step for step in PLAN.kinds["推荐名单"].steps if step.verb == "选定")
    assert selecting.mode == "all"


def test_there_is_one_document_of_each_kind_for_each_of_its_owners():
    scopes = {kind.kind: kind.per for kind in PLAN.documents}
    assert scopes["实施方案"] is scopes["试点工作总结"] is Scope.PILOT
    assert scopes["推荐名单"] is Scope.SUPERVISOR
    assert scopes["季度汇总"] is Scope.PERIOD
    assert scopes["单位实施方案"] is Scope.UNIT
    assert scopes["工作方案"] is scopes["试点方案"] is scopes["评估报告"] is Scope.ONCE


def test_a_complete_plan_of_a_pilot_names_seven_things():
    wanted = ("脱钩事项", "分离措施", "时间步骤", "责任人员", "转移职能清单", "购买服务清单", "其他扶持举措")
    assert PLAN.kinds["实施方案"].parts == wanted


def test_the_quota_is_a_fifth_voluntary_below_five_and_says_what_the_clause_leaves_open():
    quota = PLAN.quota
    assert isinstance(quota, FractionPerUnit)
    assert (quota.fraction, quota.voluntary_below, quota.clause) == (Fraction(1, 5), 5, "二（二）")
    assert quota.open_question


def test_the_checklist_has_twenty_seven_items_in_five_separations_and_a_closing():
    sizes = {part.title: len(part.items) for part in PLAN.checklist.separations}
    assert sizes == {"机构分离": 6, "职能分离": 3, "资产财务分离": 6, "人员管理分离": 5, "党建外事分离": 4, "收尾": 3}
    assert len(PLAN.checklist.items) == 27
    assert list(PLAN.checklist.items)[:7] == ["A1", "A2", "A3", "A4", "A5", "A6", "B1"]


def test_reports_run_from_the_last_quarter_of_2015_for_five_quarters_due_on_the_tenth():
    due = {period.id: period.due for period in PLAN.cadence.periods}
    assert due == {
        "2015Q4": date(2016, 1, 10), "2016Q1": date(2016, 4, 10), "2016Q2": date(2016, 7, 10),
        "2016Q3": date(2016, 10, 10),
        "2016Q4": date(2017, 1, 10),
    }  # fmt: skip
    first = PLAN.cadence.periods[0]
    assert (first.start, first.end) == (date(2015, 10, 1), date(2015, 12, 31))
    assert [heading.title for heading in PLAN.cadence.headings if heading.required] == [
        "开展的主要工作",
        "出台的政策规划",
        "下一步工作安排",
    ]


def test_every_mandatory_heading_is_a_column_of_the_report():
    labels = {column.label for column in BY_KEY["reports"].columns}
    assert {heading.title for heading in PLAN.cadence.headings} <= labels


def test_there_are_six_policy_areas_each_with_an_owner():
    titles = [
        "党建工作管理体制",
        "机构编制",
        "政府购买服务",
        "资产清查与国有资产管理",
        "信用体系和信息公开",
        "综合监管",
    ]
    assert [area.title for area in PLAN.policies.areas] == titles
    assert all(area.owners for area in PLAN.policies.areas)
    assert PLAN.policies.forms == ("配套政策", "落实方案", "实施细则")
    assert PLAN.policies.waiting_national == "国家政策未出台"


def test_associations_in_scope_bear_one_of_six_endings_and_are_registered_as_such():
    assert PLAN.in_scope.suffixes == ("行业协会", "协会", "商会", "同业公会", "联合会", "促进会")
    assert PLAN.in_scope.legal_forms == ("社会团体",)


def test_states_are_told_by_shape_word_and_colour():
    lights = PLAN.lights.by_state
    assert set(lights) == set(StateKey)
    assert len({light.shape for light in lights.values()}) == len(lights)
    assert len({light.word for light in lights.values()}) == len(lights)
    assert PLAN.lights.near_days == 7


def test_the_weights_of_the_scorecard_make_a_hundred():
    assert sum(weight.weight for weight in PLAN.scorecard.weights) == 100


def test_the_lists_of_a_workbook_come_from_its_plan():
    kinds, items = BY_KEY["documents"].by_name["kind"], BY_KEY["tasks"].by_name["item"]
    assert "工作方案" in options(kinds, PLAN)
    assert "季度报告" not in options(kinds, PLAN), "tracked in a sheet of its own"
    assert choices(items, PLAN)["A1 取消主办主管联系挂靠"] == choices(items, PLAN)["取消主办主管联系挂靠"] == "A1"
    assert choices(BY_KEY["reports"].by_name["period"], PLAN)["2015年第四季度"] == "2015Q4"


LISTED = "\n  lists:\n    - {unit: 市商务委, associations: [示例甲协会, 示例乙协会]}"
BATCHES = "\n  batch: 2\n  batches:\n    - {batch: 1, cumulative: 1/3}\n    - {batch: 2, cumulative: 1}"
MODES = [
    ("mode: all", AllAssociations, 5),
    (f"mode: fixed_list{LISTED}", FixedList, 2),
    (f"mode: all_by_batches{BATCHES}", AllByBatches, 3),
    ("mode: fraction_per_unit\n  fraction: 0.25\n  voluntary_below: 3\n  rounding: nearest", FractionPerUnit, 1),
]


@pytest.mark.parametrize(("text", "mode", "expected"), MODES, ids=[mode.__name__ for _, mode, _ in MODES])
def test_each_quota_mode_loads_and_judges_a_workbook(text: str, mode: type, expected: int):
    quota_text = f"quota:\n  clause: 二（二）\n  {text}\n\n"
    quota_text = f"quota:\n  clause: 二（二）\n  {text}\n\n"
    plan = edited_plan((section("quota"), quota_text), ("\nbatch: 1\n", "\nbatch: 2\n"))
    book = units(Book(plan))
    for name in "甲乙丙丁戊":
        association(book, f"示例{name}协会", "市商务委")
    (quota,) = ledger(book).quotas
    assert type(plan.quota) is mode
    assert (quota.count, quota.expected) == (5, expected)


def test_a_plan_may_leave_every_date_open():
    text = plan_text()
    for phase in section("phases").split("  - id: ")[1:]:
        for line in phase.splitlines():
            if line.strip().startswith(("start:", "due:")):
                text = text.replace(f"{line}\n", f"{line.split(':')[0]}: null\n")
    plan = parse_plan(text)
    assert {(phase.start, phase.due) for phase in plan.phases} == {(None, None)}
    assert {f.rule for f in ledger(units(Book(plan))).findings} == {"R01"}


def test_phases_may_overlap_and_a_third_of_a_month_is_a_due_date():
    due = "    start: 2016-07\n    due: 2016-10\n"
    plan = edited_plan((due, "    start: 2016-05\n    due: 2016-08 中旬\n"))
    assert (plan.phase_by_id["P6"].start, plan.phase_by_id["P6"].due) == (date(2016, 5, 1), date(2016, 8, 20))


@pytest.mark.parametrize(
    ("phrase", "first", "last"),
    [
        ("2016-08 中旬", (8, 11), (8, 20)), ("2016-08 上旬", (8, 1), (8, 10)), ("2016-02 下旬", (2, 21), (2, 29)),
        ("2016-06", (6, 1), (6, 30)),
        ("2016年6月底前", (6, 1), (6, 30)), ("2016", (1, 1), (12, 31)), ("2016年底前", (1, 1), (12, 31)),
        ("2016-6-3", (6, 3), (6, 3)),
        ("2016年6月30日前", (6, 30), (6, 30)),
    ],
)  # fmt: skip
def test_a_date_phrase_covers_its_days_inclusively(phrase: str, first: tuple[int, int], last: tuple[int, int]):
    assert read_phrase(phrase, "first") == date(2016, *first)
    assert read_phrase(phrase, "last") == date(2016, *last)


def test_listed_periods_may_be_due_before_they_end():
    old = "  quarterly: {first: 2015Q4"
    listed = "  listed:\n    - {id: 半年, title: 上半年, start: 2016-01, end: 2016-06, due: 2016-06-20}\n"
    plan = edited_plan((old, listed + old))
    half = plan.cadence.periods[-1]
    assert (half.id, half.end - half.due) == ("半年", timedelta(days=10))


def test_any_batch_number_will_do():
    plan = edited_plan(("\nbatch: 1\n", "\nbatch: 7\n"))
    book = units(Book(plan)).add("documents", kind="工作方案", batch=7.0)
    assert ledger(book).chains[0].document.batch == plan.batch == 7


def test_a_plan_is_loaded_by_its_name_or_its_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(plan_text(("id: tianjin-2015\n", "id: mine\n")), encoding="utf-8-sig")
    assert load_plan(path).id == load_plan(str(path)).id == "mine"
    assert load_plan("tianjin-2015") == load_plan() == PLAN
