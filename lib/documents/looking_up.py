"""Looking up (取用): all that a template may do, whoever wrote it: name values, repeat, choose, join, number.

Jinja's sandbox keeps templates from Python's insides, but lets them call what a value offers, and a picture offers the
whole document with a method that writes files. Here nothing is called at all, and what repeats has an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from docxtpl import InlineImage
from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import SandboxedEnvironment

from lib.documents.file import NotDelivered
from lib.i18n import T_

LONGEST = 100_000_000
"""Characters that the repeated parts of a document may come to, with all that says how they look."""
_STEP = 200
"""Characters that one repetition counts for, however little is in it."""
_ALLOWED = (
    nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Name, nodes.Getattr, nodes.Getitem,
    nodes.Slice, nodes.Filter, nodes.Test, nodes.Const, nodes.Tuple, nodes.List, nodes.Compare, nodes.Operand,
    nodes.Not, nodes.And, nodes.Or, nodes.CondExpr, nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos,
)  # fmt: skip
"""What a template may consist of. No calls, no macros, no ``set``, nothing that makes a long text of a short one."""
_FILTERS = ("count", "default", "first", "float", "int", "last", "length", "lower", "round", "sum", "trim", "upper")
_COUNTED = "counted"
_DIGITS = "〇一二三四五六七八九"


class LookingUp(SandboxedEnvironment):
    """The environment of one rendering. Raises ``NotDelivered`` for what a template may not do, and for a document
    that has no end."""

    def __init__(self, finalize: Any) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=finalize)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | {"cn": chinese_number, "join": _joined}
        self._left = LONGEST

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing is called."""
        return False

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """A picture is put in its place and not looked into: it knows the whole document."""
        return not isinstance(obj, InlineImage) and bool(super().is_safe_attribute(obj, attr, value))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        made = super()._parse(source, name, filename)
        for node in made.find_all(nodes.Node):
            self._check(node)
        for loop in made.find_all(nodes.For):
            size = _STEP + sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [nodes.Const(size)], [], None, None, lineno=loop.lineno)
        self.filters[_COUNTED] = self._counted  # after the check: no template names it itself
        return made

    def _check(self, node: nodes.Node) -> None:
        if not isinstance(node, _ALLOWED):
            raise _refused(type(node).__name__)
        if isinstance(node, nodes.Filter) and (node.name == _COUNTED or node.name not in self.filters):
            raise _refused(f"|{node.name}")

    def _counted(self, values: Iterable[Any], size: int) -> Iterator[Any]:
        for value in values:
            self._left -= size
            if self._left < 0:
                raise NotDelivered(T_("内容太多，一份文件放不下；请缩小范围，或检查模板里的重复"))
            yield value


def _refused(what: str) -> NotDelivered:
    return NotDelivered(T_("模板里不能用“{name}”，只能取用数字和文字、重复和判断", name=what))


def _joined(values: Any, between: str = "") -> Any:
    """The values with something between; of a text there is nothing to join."""
    if isinstance(values, str):
        raise NotDelivered(T_("模板里的 join 只能用于几个值，不能用于一段文字"))
    return between.join(map(str, values))


def chinese_number(n: int) -> str:
    """``十二`` for 12, as headings are numbered; 1 to 99."""
    tens, ones = divmod(n, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
