"""Read a plan file: YAML → ``Plan``, or every mistake at once, each with its YAML path and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lib.i18n import N_, _
from sheets_schema.plan import Plan
from sheets_schema.plan_check import cross_check, nearest
from sheets_schema.plan_doubts import doubts
from sheets_schema.plan_fields import general, plan_fields
from sheets_schema.plan_mend import STAND_IN, mend
from sheets_schema.plan_slips import full_width, not_read, slip

PLANS_DIR = Path(__file__).resolve().parent / "plans"
DEFAULT_PLAN = "tianjin-2015"

_WORDS = {
    "missing": N_("缺少这一项"),
    "extra_forbidden": N_("没有这个设置项"),
    "string_too_short": N_("不能为空"),
    "string_type": N_("须是文字（数字请加引号）"),
    "int_type": N_("须是整数"),
    "int_parsing": N_("须是整数"),
    "int_parsing_size": N_("须是整数"),
    "int_from_float": N_("须是整数"),
    "float_type": N_("须是小数"),
    "float_parsing": N_("须是小数"),
    "finite_number": N_("须是小数"),
    "bool_type": N_("须是 true 或 false"),
    "bool_parsing": N_("须是 true 或 false"),
    "greater_than": N_("数值太小"),
    "greater_than_equal": N_("数值太小"),
    "less_than": N_("数值太大"),
    "less_than_equal": N_("数值太大"),
    "too_short": N_("至少要有一项"),
    "enum": N_("不在可选值之列"),
    "literal_error": N_("不在可选值之列"),
    "union_tag_invalid": N_("不在可选值之列"),
    "union_tag_not_found": N_("缺少 mode（名额方式）"),
    "string_pattern_mismatch": N_("写法不合规定"),
    "tuple_type": N_("须是列表"),
    "dict_type": N_("须是“名称: 内容”的形式"),
    "model_type": N_("须是“名称: 内容”的形式"),
}


_ALIKE = 0.7
"""How alike a choice must be to be what was meant: ``half`` is not ``all``."""
_MODE = "mode"
"""What tells the ways of a quota apart."""
MOST_ITEMS = 50_000
"""Items of a plan file, an alias counting as what it stands for; the shipped plan has under 2,000."""
DEEPEST = 40
"""Parts of a plan in one another; the shipped plan has 7 of them. What checks a plan follows them step by step."""
LONGEST = 4 * 2**20
"""Characters of a plan file; the shipped plan has under 40,000."""
_AS_WRITTEN = (":timestamp", ":float")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
"""What YAML may take for a whole number; a number with more noughts is read as one where a number is wanted."""


class _Loader(yaml.CSafeLoader):
    """YAML that leaves days, decimals and odd numbers as they are written: ``2015.10`` is October, not the number
    2015.1, ``045`` is 45 and not 37, and ``1:30`` is no number."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute
        letter: [
            (tag, _WHOLE if tag.endswith(":int") else shape) for tag, shape in found if not tag.endswith(_AS_WRITTEN)
        ]
        for letter, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


Problem = tuple[str, int, str]
"""YAML path, line or 0, what is wrong."""


class PlanError(Exception):
    """The plan file cannot be used; ``problems`` lists all that is wrong. ``unreadable``: there is no text to judge."""

    def __init__(self, source: str, problems: list[Problem], *, unreadable: bool = False) -> None:
        self.source, self.problems, self.unreadable = source, problems, unreadable
        at = {line: _("（第 {n} 行）", n=line) if line else "" for _path_, line, _why in problems}
        lines = [f"  {path or '/'}{at[line]}: {why}" for path, line, why in problems]
        super().__init__(
            _("方案文件 {source} 有 {n} 处问题：", source=source, n=len(problems)) + "\n" + "\n".join(lines)
        )


def load_plan(source: str | Path | None = None) -> Plan:
    """The plan of a YAML file, or of a shipped plan's id; the shipped default without an argument.

    Raises ``PlanError`` naming every mistake.
    """
    return parse_plan(*read_plan(source))


def read_plan(source: str | Path | None = None) -> tuple[str, str]:
    """The text of a plan file or a shipped plan, and the file's name. Raises ``PlanError``."""
    path = Path(source or DEFAULT_PLAN)
    if not path.suffix and not path.exists():
        path = PLANS_DIR / f"{path}.yaml"
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(path.name, [("", 0, not_read(error))], unreadable=True) from error
    if len(text) > LONGEST:
        why = _("文件过大，超过 {n} 万字；检查是不是方案文件", n=LONGEST // 10_000)
        raise PlanError(path.name, [("", 0, why)], unreadable=True)
    return text, path.name


def parse_plan(text: str, source: str = "plan.yaml") -> Plan:
    """The plan of a YAML text. Raises ``PlanError`` with everything that is wrong, in the order of the file."""
    return examine(text, source)[0]


def examine(text: str, source: str = "plan.yaml") -> tuple[Plan, list[Problem]]:
    """The plan of a YAML text, and what is legal in it and doubtful all the same. Raises ``PlanError``."""
    lines: dict[str, int] = {}
    try:
        node = yaml.compose(text, Loader=_Loader)
        slips = list(_walk(node, "", lines)) if node else []
        data = yaml.load(text, Loader=_Loader) if all(path for path, _why in slips) else None  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PlanError(source, [("", *slip(error, text))]) from error
    if node is None:
        raise PlanError(source, [("", 0, _("文件里没有内容"))])

    def placed(told: Iterable[tuple[str, str]]) -> list[Problem]:
        return sorted(((path, _line(path, lines), why) for path, why in told), key=lambda problem: problem[1])

    plan, wrong = _validated(data) if data is not None or not slips else (None, [])
    if slips or wrong or plan is None:
        raise PlanError(source, placed([*slips, *wrong]))
    return plan, placed(doubts(plan))


def _validated(data: object) -> tuple[Plan | None, list[tuple[str, str]]]:
    """The plan of the data, and all that is wrong. What is wrong with single values is mended for a moment, so that
    what the parts say of one another is told at the same time."""
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        wrong = [_told(one, data) for one in error.errors()]
        mended = mend(data, error)
        crossed = cross_check(mended) if mended else ()
        return None, wrong + [(path, why) for path, why in crossed if STAND_IN not in why]
    return plan, list(cross_check(plan))


@cache
def shipped_plan(name: str = DEFAULT_PLAN) -> Plan:
    """A plan of ``sheets_schema/plans``, loaded once per process."""
    return load_plan(name)


def _walk(node: yaml.Node, path: str, lines: dict[str, int], depth: int = 0) -> Iterator[tuple[str, str]]:
    """Note the line of every YAML path; yield the paths whose names are no names or are written twice.

    Raises ``YAMLError`` when there are too many, or too many in one another: aliases of aliases make millions of a few
    lines.
    """
    lines.setdefault(path, node.start_mark.line + 1)
    if len(lines) > MOST_ITEMS:
        raise yaml.YAMLError(_("内容超过 {n} 项", n=MOST_ITEMS))
    if depth > DEEPEST:
        raise yaml.YAMLError(_("内容嵌套超过 {n} 层", n=DEEPEST))
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield path, _("冒号前须是名称")
                continue
            child = f"{path}.{key.value}" if path else str(key.value)
            if key.value in seen:
                yield child, _("这一项写了两遍")
            seen.add(key.value)
            lines[child] = key.start_mark.line + 1
            yield from _walk(value, child, lines, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk(value, f"{path}[{index}]", lines, depth + 1)


def _path(loc: tuple[int | str, ...], data: object) -> str:
    """``phases[2].due`` from pydantic's location; parts that are not in the data (union tags) are dropped."""
    path, here = "", data
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(part, int) and isinstance(here, list):
            path, here = f"{path}[{part}]", here[part] if part < len(here) else None
        elif isinstance(here, dict) and (part in here or last):
            path, here = f"{path}.{part}" if path else str(part), here.get(part)
    return path


def _line(path: str, lines: dict[str, int]) -> int:
    """The line of a path, or of its nearest parent that stands in the file."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["))]
    return lines.get(path, 0)


def _told(error: ErrorDetails, data: object) -> tuple[str, str]:
    """Path and sentence of a pydantic error."""
    path = _path(error["loc"], data)
    if error["type"].startswith("union_tag"):
        path = f"{path}.{_MODE}"
    return path, _explain(error, path)


def _explain(error: ErrorDetails, path: str) -> str:
    """One sentence for a pydantic error; our own errors carry their sentence already."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind not in _WORDS:
        return error["msg"]
    if kind == "string_type" and value is None:
        kind = "string_too_short"
    words = _(_WORDS[kind])
    expected = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags") or ""))
    full = full_width(kind, value)
    if expected and not full:
        words += nearest(str(context.get("tag", value)), expected, _ALIKE)
    if kind == "extra_forbidden":
        words += _meant(path)
    return words + full


def _meant(path: str) -> str:
    """The setting that may have been meant by an unknown one: of those that can stand there, else of all."""
    above, _dot, written = general(path).rpartition(".")
    fields = [field.path.rpartition(".") for field in plan_fields().values()]
    beside = [name for parent, _dot, name in fields if parent == above]
    every = sorted({name for _parent, _dot, name in fields})
    near = difflib.get_close_matches(written, beside, n=1) or difflib.get_close_matches(written, every, n=1)
    return _("；是不是 {name}？", name=near[0]) if near else ""
