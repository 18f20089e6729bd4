"""What is wrong with a plan file that is no YAML, or no text: told so that whoever wrote it knows what to type."""

from __future__ import annotations

import re
from typing import Any

from lib.i18n import N_, _

_TYPED = (
    (re.compile(r"^ *\t"), N_("行首有制表符；缩进只用空格")),
    (re.compile(r"^ *[\u3000\u00a0]"), N_("行首有全角空格；缩进只用半角空格")),
    (re.compile(r"^(?!.*: )\s*(?:- )?\{?\w+\s*："), N_("冒号是全角的；写成半角冒号，后面空一格")),
    (re.compile(r"^\s*(?:- )?[a-z_]+:[^ :/]"), N_("冒号后面少一个半角空格")),
    (re.compile(r"[:\-] ?｛"), N_("花括号是全角的；写成半角的 { }")),
    (re.compile(r": #[0-9A-Fa-f]{3}"), N_("# 后面的不算；颜色这样以 # 开头的文字加引号")),
)
"""Slips of the hand that can be seen in a line; the parser tells only what became of them."""
_PARSED = {
    "cannot start any token": N_("有不能这样写的符号；缩进只用空格，以符号开头的文字加引号"),
    "could not find expected ':'": N_("这里要有“名称: 内容”；冒号用半角，后面空一格"),
    "did not find expected ',' or": N_("括号没有写完；各项用半角逗号隔开，最后要有右括号"),
    "did not find expected key": N_("缩进和上面同一级的不齐，或前一行没有写完"),
    "did not find expected '-'": N_("缩进和上面同一级的不齐；列表每一项以“- ”开头"),
    "mapping values are not allowed": N_("这里不能有冒号；检查缩进，文字里有冒号的加引号"),
    "block sequence entries": N_("这里不能有“- ”；检查缩进，列表另起一行写"),
    "unexpected end of stream": N_("引号没有配对"),
    "a tab character": N_("行首有制表符；缩进只用空格"),
    "undefined alias": N_("以 * 开头的文字要加引号"),
    "scanning an alias": N_("以 * 开头的文字要加引号"),
    "scanning an anchor": N_("以 & 开头的文字要加引号"),
    "another document": N_("一个文件只能写一份方案；删去“---”和它后面的另一份"),
    "could not determine a constructor": N_("以 ! 开头的文字要加引号"),
    "control characters": N_("有看不见的控制字符；用记事本另存为 UTF-8 文本"),
    "recursion": N_("一层套一层太深"),
    "integer string conversion": N_("数字太长"),
}
"""A piece of what the parser says → our sentence."""
_BACK = 3
"""Lines before the one where the parser gave up in which the slip may be."""


_FULL_WIDTH = (
    ("string_pattern_mismatch", re.compile("[“”‘’＂]"), N_("；引号须是半角的")),
    ("tuple_type", re.compile("^[【［〔]"), N_("；方括号须是半角的")),
    ("enum", re.compile("[，、；]"), N_("；几个之间用半角逗号隔开")),
)
"""What kind of value did not fit, what of it shows why, and what to type."""


def full_width(kind: str, value: object) -> str:
    """What to add where a value did not fit because a mark in it is full-width; blank otherwise. ``kind``: pydantic's
    name of the error."""
    written = str(value) if isinstance(value, str) else ""
    return next((_(why) for of, shape, why in _FULL_WIDTH if of == kind and shape.search(written)), "")


def slip(error: Exception, text: str) -> tuple[int, str]:
    """The line (0: unknown) and the sentence for what makes a text no YAML."""
    said = str(error)
    lines = text.splitlines()
    at = _place(error)
    for line in range(at, max(at - _BACK, 0), -1):
        typed = lines[line - 1] if line <= len(lines) else ""
        why = next((_(why) for shape, why in _TYPED if shape.search(typed)), "")
        if why:
            return line, _("YAML 写法有误：{why}", why=why)
    open_quote = next((n for n, typed in enumerate(lines[:at], 1) if typed.split(" #")[0].count('"') % 2), 0)
    if open_quote:
        return open_quote, _("YAML 写法有误：{why}", why=_("引号没有配对"))
    told = next((_(why) for piece, why in _PARSED.items() if piece in said), getattr(error, "problem", None) or said)
    return at, _("YAML 写法有误：{why}", why=told)


def _place(error: Any) -> int:
    """Where a name or a quotation was begun that does not end; else where the parser gave up."""
    context, mark = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    begun = re.search(r"quoted scalar|simple key", str(getattr(error, "context", None)))
    found = context if begun and context else mark
    return found.line + 1 if found else 0


def not_read(error: OSError | UnicodeDecodeError) -> str:
    """The sentence for a plan file of which there is no text."""
    if isinstance(error, UnicodeDecodeError):
        return _("不是 UTF-8 的文本；用记事本打开，另存为时编码选 UTF-8（Word、WPS 文字的文件不行）")
    if isinstance(error, FileNotFoundError):
        return _("没有这个文件，也没有这个编号的随附方案；检查路径和名称")
    if isinstance(error, IsADirectoryError):
        return _("这是文件夹；写出里面的方案文件")
    return _("无法读取（{error}）；检查权限，或它是否正被别的程序占用", error=error.strerror or type(error).__name__)
