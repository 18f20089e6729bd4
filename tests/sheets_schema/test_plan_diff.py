"""Two plans held against each other."""

from __future__ import annotations

from sheets_schema.plan import Plan
from sheets_schema.plan_diff import differences
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
