"""What is no plan at all, what loads and hides work, and a plan mangled at random."""

from __future__ import annotations

import copy
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.judge import judge
from lib.domain.ledger import derive
from sheets_schema.plan_load import LONGEST, PlanError, load_plan, parse_plan
from tests.sheets_schema.plan_texts import P2_DUE, line_of, problems
from tests.workbooks import AS_OF, TODAY, clean_book, edited_plan, examples, findings, plan_text, section

BROKEN_FILES = {
    "no closing bracket": "id: [a\nb: c\n",
    "a tab": "id:\n\t- a\n",
    "nothing": "",
    "a list": "- a\n- b\n",
    "a sentence": "这不是方案",
    "only a comment": "# 方案\n",
    "a null byte": "id: \0",
    "itself inside itself": "&a [*a]",
    "two documents": "id: a\n---\nid: b\n",
    "an unknown tag": "id: !!python/object:os.system a\n",
    "a number for a key": "1: 2\n",
    "deeper than anything follows": "a: " + "[" * 900 + "]" * 900,
    "maps deeper than anything follows": "\n".join(" " * depth + "a:" for depth in range(300)),
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_text_that_is_no_plan_is_refused_with_a_sentence(name: str):
    assert all(why.strip() for _, _, why in problems(BROKEN_FILES[name]))


def test_a_mistake_of_syntax_is_told_with_its_line():
    ((_, line, why),) = problems(plan_text(("place: 天津市\n", "place: [天津市\n")))
    assert line > 0
    assert "YAML" in why


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\xff\xfe", b"PK\x03\x04" + b"\xff" * 40, bytes(range(256))])
def test_a_binary_file_is_refused(tmp_path, data: bytes):
    path = tmp_path / "plan.yaml"
    path.write_bytes(data)
    with pytest.raises(PlanError):
        load_plan(path)


@pytest.mark.parametrize("source", ["longer.yaml", "/dev/zero"])
def test_a_file_without_end_is_refused_before_it_fills_the_memory(tmp_path, source: str):
    path = tmp_path / source
    if path.parent == tmp_path:
        path.write_text(plan_text() + "# " + "长" * LONGEST, encoding="utf-8")
    with pytest.raises(PlanError, match="过大") as caught:
        load_plan(path)
    assert caught.value.unreadable


@pytest.mark.parametrize("first", ["0000Q1", "0001Q1", "9999Q1", "２０１５Q1", "2015Q5"])
def test_a_first_quarter_of_no_such_year_is_told_at_its_place(first: str):
    ((path, _, why),) = problems(plan_text(("first: 2015Q4", f"first: {first}")))
    assert path == "cadence.quarterly.first"
    assert why.strip()


def test_a_plan_that_is_not_there_is_told_by_its_name(tmp_path):
    for source in (tmp_path / "nowhere.yaml", "no-such-city", tmp_path):
        with pytest.raises(PlanError, match=r"nowhere\.yaml|no-such-city|" + tmp_path.name):
            load_plan(source)


@pytest.mark.parametrize("key", ["{{name}}", "{a: 1}", "[1, 2]"])
def test_a_key_that_is_itself_a_mapping_or_list_is_refused(key: str):
    assert problems(plan_text(("place: 天津市\n", f"place: 天津市\n? {key}\n: x\n")))


@pytest.mark.parametrize("day", ["2015-11-31", "2015-02-30", "2015-13-01"])
def test_a_day_that_does_not_exist_is_told_with_its_path_and_line(day: str):
    text = plan_text((P2_DUE, f"    due: {day}\n"))
    ((path, line, _),) = problems(text)
    assert (path, line) == ("phases[1].due", line_of(text, day))


def test_the_tenth_month_written_with_a_dot_is_not_january():
    due = edited_plan((P2_DUE, "    due: 2015.10\n")).phases[1].due
    assert due is not None
    assert due.month == 10


@pytest.mark.parametrize("day", ["2015-11-30 10:00:00", "2015-11-30T10:00:00Z"])
def test_a_due_date_with_a_time_of_day_is_told_in_chinese(day: str):
    ((_, _, why),) = problems(plan_text((P2_DUE, f"    due: {day}\n")))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in why)


LOADS_AND_FAILS = {
    "a role left out": [
        ("  reporter: {name: 责任单位, meaning: 每季度报送落实情况, clause: 五（三）}\n", ""),
        ("actors: [责任单位]", "actors: [相关单位]"),
    ],
    "a phase without lead": [("leads: [市发展改革委, 市民政局]", "leads: []")],
}


@pytest.mark.parametrize("name", LOADS_AND_FAILS)
def test_a_plan_is_refused_or_can_be_worked_with(name: str):
    text = plan_text(*LOADS_AND_FAILS[name])
    if name == "a role left out":
        text = text.replace("reporter, ", "").replace(", reporter]", "]")
    try:
        plan = parse_plan(text)
    except PlanError:
        return
    derive(judge(clean_book().snapshot(), plan, TODAY), AS_OF)


SLIPS = {
    "signing department": ("sign_off: [市外办]", "sign_off: [市外事办]"),
    "step without anybody": ("{verb: 起草, actors: [市发展改革委, 市民政局], mode: any}", "{verb: 起草}"),
    "gate that holds nothing": ("    document: 评估报告\n    steps: [评估]\n    not_before", "    not_before"),
    "gate that asks for nothing": ("    steps: [评估]\n    not_before: 2016-07-01\n", "    steps: [评估]\n"),
    "last quarter before the first": ("first: 2015Q4", "first: 2017Q4"),
    "two units of one name": ("name: 市科委", "name: 市商务委"),
    "two headings of one title": ("title: 下一步工作安排", "title: 开展的主要 工作"),
    "a heading named like another column": ("title: 下一步工作安排", "title: 备注"),
    "a heading named like another column's other name": ("title: 下一步工作安排", "title: 季度"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_that_would_hide_work_is_refused(name: str):
    assert problems(plan_text(SLIPS[name]))


def test_cumulative_shares_that_fall_are_refused():
    batches = "  batches:\n    - {batch: 1, cumulative: 1/2}\n    - {batch: 2, cumulative: 1/3}\n"
    quota = f"quota:\n  mode: all_by_batches\n  clause: 二（二）\n  batch: 2\n{batches}\n"
    assert problems(plan_text((section("quota"), quota)))


def test_the_shipped_plan_finds_no_fault_with_the_clean_workbook():
    assert findings(clean_book()) == ()


WRONG = st.sampled_from(
    [
        None,
        "",
        "x",
        0,
        -1,
        1,
        2.5,
        True,
        [],
        [""],
        {},
        {"x": 1},
        "市民政局",
        "2016-01",
        "四（一）",
        date(2016, 1, 1),
        [[]],
        "P1",
    ]
)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """The shipped plan with some of its values lost, doubled or replaced, anywhere in its tree."""
    data = yaml.load(plan_text(), Loader=yaml.CSafeLoader)
    for _ in range(draw(st.integers(1, 3))):
        node = data
        while True:
            at = draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
            below = node[at]
            if not isinstance(below, dict | list) or not below or draw(st.integers(0, 3)) == 0:
                break
            node = below
        act = draw(st.sampled_from(["lose", "replace", "replace", "double"]))
        if act == "lose":
            del node[at]
        elif act == "double" and isinstance(node, list):
            node.append(copy.deepcopy(below))
        else:
            node[at] = copy.deepcopy(draw(WRONG))
        if not data:
            break
    return yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True)


@given(mangled())
@examples(100)
def test_a_mangled_plan_is_refused_in_words_or_can_be_worked_with(text: str):
    told: list[tuple[str, int, str]] = []
    try:
        derive(judge(clean_book().snapshot(), parse_plan(text), TODAY), AS_OF)
    except PlanError as error:
        told = error.problems
    assert all(why.strip() for _, _, why in told)
