"""Two plans held against each other."""

from __future__ import annotations

from sheets_schema.plan import Plan
from sheets_schema.plan_diff import Sort, changes, differences
from sheets_schema.plan_load import PLANS_DIR, parse_plan

TEXT = (PLANS_DIR / "tianjin-2015.yaml").read_text(encoding="utf-8")


def found(*swaps: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    other = TEXT
    for old, new in swaps:
        assert old in other
        other = other.replace(old, new, 1)
    return [(d.part, d.where, d.one, d.other) for d in differences(parse_plan(TEXT), parse_plan(other))]


def test_a_plan_does_not_differ_from_itself(plan: Plan) -> None:
    assert differences(plan, plan) == ()


def test_a_changed_value_is_named_by_where_it_stands() -> None:
    assert found(("fraction: 1/5", "fraction: 1/3")) == [("推荐名额", "fraction", "1/5", "1/3")]
    assert found(("near_days: 7", "near_days: 10")) == [("灯", "near_days", "7", "10")]


def test_a_phase_put_first_changes_nothing_but_what_is_in_it() -> None:
    [one] = found(("due: 2015-11-30", "due: 2015-11-28"))
    assert one == ("阶段", "P2 › due", "2015-11-30", "2015-11-28")


def test_what_is_added_and_what_is_gone_stand_against_a_blank() -> None:
    item = "        - {id: F3, title: 验收, sign_off: [市民政局]}\n"
    gone = found((item, ""))
    assert {line[3] for line in gone} == {""}
    added = found((item, item + "        - {id: F4, title: 归档}\n"))
    assert ("脱钩事项", "separations › F › items › F4 › title", "", "归档") in added


def test_a_whole_entry_that_came_or_went_is_told_once() -> None:
    unit = "  - {id: U24, name: 市金融局, roles: [member, reporter, supervisor]}\n"
    other = TEXT.replace(unit, "").replace("    due: 2015-11-30\n", "    due: 2015-11-20\n")
    there, back = (changes(parse_plan(a), parse_plan(b)) for a, b in ((TEXT, other), (other, TEXT)))
    assert [(c.sort, c.part, c.where) for c in there] == [
        (Sort.GONE, "单位", ("U24",)), (Sort.CHANGED, "阶段", ("P2", "due")),
    ]  # fmt: skip
    assert "市金融局" in there[0].one
    assert there[0].other == ""
    assert [(c.sort, c.where) for c in back] == [(Sort.ADDED, ("U24",)), (Sort.CHANGED, ("P2", "due"))]


def test_a_step_put_between_others_is_one_addition() -> None:
    step = "      - {verb: 核准, actors: [民政部]}\n"
    other = TEXT.replace(step, step + "      - {verb: 会签, actors: [市财政局]}\n")
    [one] = changes(parse_plan(TEXT), parse_plan(other))
    assert (one.sort, one.part, one.where) == (Sort.ADDED, "文种与审批链", ("试点方案", "steps", "会签"))
    assert "市财政局" in one.other
