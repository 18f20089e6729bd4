"""A plan with mistakes is refused, each mistake with its YAML path, its line and a sentence."""

from __future__ import annotations

import pytest

from sheets_schema.plan_load import PlanError, parse_plan
from tests.sheets_schema.plan_texts import P2_DUE, line_of, problems
from tests.workbooks import plan_text

FRACTION = "  fraction: 1/5\n"
DUE_OF_P6 = "    due: 2016-06\n    leads: [市民政局, 市发展改革委]\n    deliverables"
ONE_MISTAKE = {
    "unknown key": ("    due: 2015-11\n", "    deu: 2015-11\n", "phases[0].deu", "deu:", "due"),
    "unknown key at the top": ("\nbatch: 1\n", "\nbacth: 1\n", "bacth", "bacth:", "batch"),
    "unregistered clause": ("四（一）\n    start", "四（九）\n    start", "phases[0].clause", "四（九）", "四（九）"),
    "unregistered topic": ("  quota: 二（二）\n", "  quota: 九（九）\n", "topics.quota", "九（九）", "九（九）"),
    "unknown lead": ("leads: [相关部门]", "leads: [相关处室]", "phases[6].leads", "[相关处室]", "相关部门"),
    "unknown actor": ("actors: [民政部]", "actors: [民政局]", "documents[2].steps[2].actors", "[民政局]", "市民政局"),
    "unknown owner": ("owners: [市编办]", "owners: [市编制办]", "policies.areas[1].owners", "[市编制办]", "市编办"),
    "fraction in words": (FRACTION, "  fraction: 五分之一\n", "quota.fraction", "五分之一", "1/5"),
    "fraction above one": (FRACTION, "  fraction: 6/5\n", "quota.fraction", "6/5", "1"),
    "fraction of nothing": (FRACTION, "  fraction: 0\n", "quota.fraction", "fraction: 0", "0"),
    "division by zero": (FRACTION, "  fraction: 1/0\n", "quota.fraction", "1/0", "1/5"),
    "unknown quota mode": ("mode: fraction_per_unit", "mode: lottery", "quota.mode", "mode: lottery", "fixed_list"),
    "date in words": (P2_DUE, "    due: 十一月底\n", "phases[1].due", "十一月底", "2016-06-30"),
    "thirteenth month": (P2_DUE, "    due: 2015-13\n", "phases[1].due", "2015-13", "2015-13"),
    "due before start": ("    due: 2016-10\n", "    due: 2016-06\n", "phases[5].due", DUE_OF_P6, "早于"),
    "unknown document": (
        "document: 评估报告, until",
        "document: 评价报告, until",
        "phases[5].deliverables[0].document",
        "评价报告",
        "评价报告",
    ),
    "unknown step": (
        "requires_step: 批复\n    effect: warn",
        "requires_step: 批准\n    effect: warn",
        "gates[0]",
        "- id: G1",
        "批准",
    ),
    "unknown effect": ("effect: warn", "effect: forbid", "gates[0].effect", "forbid", "warn"),
    "unknown phase": ("phase: P6\n", "phase: P8\n", "documents[5].phase", "P8", "P8"),
    "quarter five": ("first: 2015Q4", "first: 2015Q5", "cadence.quarterly.first", "quarterly:", ""),
    "number for a title": ("place: 天津市\n", "place: 22\n", "place", "place: 22", "引号"),
    "missing light": (
        '    - {state: done, light: ✓, shape: ✓, word: 办结, colour: "#1B6E3C"}\n',
        "",
        "lights.states",
        "  states:",
        "done",
    ),
    "colour in words": (
        'word: 逾期, colour: "#B3261E"',
        "word: 逾期, colour: red",
        "lights.states[0].colour",
        "colour: red",
        "",
    ),
    "same unit id twice": ("id: U02, name", "id: U01, name", "units[1].id", "id: U01, name: 市委市级机关工委", "U01"),
    "same verb twice": (
        "{verb: 总结, actors",
        "{verb: 报送, actors",
        "documents[4].steps",
        "    steps:\n      - {verb: 报送, actors: [试点",
        "重名",
    ),
    "items without mode": (
        "{verb: 汇总, actors",
        "{items: [{item: x, actors: [市编办]}], verb: 汇总, actors",
        "documents[7].steps[0].items",
        "{item: x",
        "items",
    ),
}
"""What is changed → the path, a piece of the line, and a word of the sentence that must be told."""


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_a_mistake_is_told_with_its_path_its_line_and_what_to_write(name: str):
    old, new, path, piece, word = ONE_MISTAKE[name]
    text = plan_text((old, new))
    found = problems(text)
    assert path in [where for where, _, _ in found]
    (line, why) = next((line, why) for where, line, why in found if where == path)
    assert line == line_of(text, piece)
    assert word in why


def test_a_missing_part_is_told_at_its_parent():
    text = plan_text(("  - kind: 推荐名单\n    clause: 四（二）\n", "  - kind: 推荐名单\n"))
    ((path, line, why),) = problems(text)
    assert (path, line) == ("documents[1].clause", line_of(text, "  - kind: 推荐名单\n"))
    assert "缺少" in why


def test_every_mistake_is_told_at_once():
    text = plan_text(
        ("    due: 2015-11\n", "    deu: 2015-11\n"), (FRACTION, "  fraction: x\n"), ("effect: warn", "effect: forbid")
    )
    assert {path for path, _, _ in problems(text)} == {"phases[0].deu", "quota.fraction", "gates[0].effect"}


def test_the_error_reads_as_a_list_of_paths_and_lines():
    with pytest.raises(PlanError) as caught:
        parse_plan(plan_text((FRACTION, "  fraction: x\n")), "mine.yaml")
    told = str(caught.value)
    assert "mine.yaml" in told
    assert "quota.fraction" in told
    assert f"第 {caught.value.problems[0][1]} 行" in told


def test_a_key_written_twice_is_told_where_it_comes_again():
    text = plan_text(("    due: 2015-11\n", "    due: 2015-11\n    due: 2015-12\n"))
    ((path, line, why),) = problems(text)
    assert (path, line) == ("phases[0].due", line_of(text, "    due: 2015-12\n"))
    assert "两遍" in why


def test_gates_that_wait_for_each_other_are_told():
    circle = (
        "  - {id: G5, clause: 四（四）, title: 反过来, document: 试点方案, steps: [批复], requires_document: 实施方案,"
        " requires_step: 核准, effect: block}\n"
    )
    ((path, _, why),) = problems(plan_text(("\ncadence:\n", f"{circle}\ncadence:\n")))
    assert path == "gates"
    assert "试点方案" in why
    assert "实施方案" in why


def test_aliases_of_aliases_are_refused_at_once() -> None:
    """A few lines that stand for millions would hold up everybody."""
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{former}'] * 9)}]\n"
        for former, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    with pytest.raises(PlanError, match="50000"):
        parse_plan(bomb)


def told(text: str) -> tuple[str, int, str]:
    with pytest.raises(PlanError) as refused:
        parse_plan(text)
    return refused.value.problems[0]


@pytest.mark.parametrize(
    ("good", "slip", "says"),
    [
        ("place: 天津市", "place：天津市", "冒号是全角的"),
        ("place: 天津市", "place:天津市", "冒号后面少一个半角空格"),
        ("place: 天津市", "place:\u3000天津市", "冒号后面少一个半角空格"),
        ("  quota: 二（二）", "\tquota: 二（二）", "行首有制表符"),
        ("  quota: 二（二）", "\u3000quota: 二（二）", "行首有全角空格"),
        ("  quota: 二（二）", "   quota: 二（二）", "缩进"),
        ("owners: [市编办]", "owners: [市编办", "最后要有右括号"),
        ("owners: [市编办]", "owners: *市编办", "加引号"),
        ("place: 天津市", 'place: "天津市', "引号没有配对"),
        ('word: 逾期, colour: "#B3261E"', "word: 逾期, colour: #B3261E", "以 # 开头的文字加引号"),
        ("- {state: overdue,", "- ｛state: overdue,", "花括号是全角的"),
        ("place: 天津市", "place: !!python/name:os.system 天津市", "以 ! 开头"),
    ],
)
def test_a_slip_of_the_hand_is_told_with_its_line_and_what_to_type(good: str, slip: str, says: str) -> None:
    text = plan_text((good, slip))
    path, line, why = told(text)
    assert (path, line) == ("", line_of(text, slip))
    assert says in why
    assert not any("a" <= letter <= "z" for letter in why.replace("YAML", ""))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "没有内容"),
        ("# 只有注释\n", "没有内容"),
        ("a: " + "[" * 5000 + "]" * 5000, "嵌套超过"),
        ("a: b\0", "控制字符"),
    ],
)
def test_what_holds_no_plan_at_all_is_told_in_chinese(text: str, says: str) -> None:
    assert says in told(text)[2]


@pytest.mark.parametrize(
    ("good", "slip", "path", "says"),
    [
        ("sample_as_of: 2016-03-31", "sample_as_of: 2016-2-30", "sample_as_of", "“2016-2-30”不是日期"),
        ("民政部, superior: true", "民政部, superior: 是", "bodies[4].superior", "须是 true 或 false"),
        ("mode: fraction_per_unit", "mode: fraction_per_units", "quota.mode", "是不是“fraction_per_unit”"),
        ('word: 逾期, colour: "#B3261E"', "word: 逾期, colour: “#B3261E”", "lights.states[0].colour", "引号须是半角的"),
        ("place: 天津市", "place:", "place", "不能为空"),
        ("owners: [市编办]", "owners: 【市编办】", "policies.areas[1].owners", "方括号须是半角的"),
        ("owners: [市编办]", "owners: [市编办、市民政局]", "policies.areas[1].owners", "几个之间用半角逗号隔开"),
        (
            "市委组织部, roles: [member, reporter,",
            "市委组织部, roles: [member，reporter,",
            "units[0].roles[0]",
            "几个之间用半角逗号隔开",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_the_readers_language(good: str, slip: str, path: str, says: str) -> None:
    found, _line, why = told(plan_text((good, slip)))
    assert found == path
    assert says in why
