"""How declared columns look in any workbook (样式): colours for what a choice means, header colours, header notes."""

from __future__ import annotations

from typing import NamedTuple

from lib.i18n import _
from sheets_schema.plan import Plan
from sheets_schema.sheet import EDITOR_WORDS, KIND_WORDS, SEPARATOR, Column, Editor
from sheets_schema.workbook import options

PEOPLE_TAB, APP_TAB = "#0072B2", "#9AA3AE"
HEAD, HEAD_REQUIRED, APP_FILL = "#DCE6F1", "#C6D9F0", "#F2F2F2"
REQUIRED_INK, APP_INK = "#7A1B12", "#5B6470"
TINTS = {
    "good": ("#E6F4EA", "#1B6E3C", ("已完成", "通过", "同意", "已选定", "纳入")),
    "bad": ("#FBE9E7", "#B3261E", ("退回", "不同意", "错误")),
    "wait": ("#FFF4E0", "#9A5B00", ("待定", "提醒", "政策缺失", "工作不到位")),
    "none": ("#EEF0F2", "#5B6470", ("不涉及", "已撤回", "不纳入", "未启动", "未选定")),
}
"""Name → fill, ink, and the words that have it."""


class Look(NamedTuple):
    """The fill and the ink of a cell; empty: as any other."""

    fill: str = ""
    ink: str = ""


def tint_of(word: str) -> str | None:
    """The tint of a choice."""
    return next((name for name, (_fill, _ink, words) in TINTS.items() if word in words), None)


def look_of(column: Column) -> Look:
    """A column's cells."""
    return Look(APP_FILL, APP_INK) if column.editor is Editor.APP else Look()


def header_look(column: Column) -> Look:
    """A column's header."""
    if column.editor is Editor.APP:
        return Look(APP_FILL, APP_INK)
    return Look(HEAD_REQUIRED, REQUIRED_INK) if column.required else Look(HEAD)


def header_note(column: Column, plan: Plan) -> str:
    """What the note at a header says: kind, whether required, who fills it in, what may stand there."""
    editor, need = _(EDITOR_WORDS[column.editor]), _("必填") if column.required else _("选填")
    told = _("{kind}；{need}；{editor}填写", kind=_(KIND_WORDS[column.kind]), need=need, editor=editor)
    parts = [editor if column.editor is Editor.APP else told]
    if column.note:
        parts.append(_(column.note))
    if column.spare:
        parts.append(_("本方案不用这一列"))
    listed = options(column, plan)
    if listed and len(listed) <= 12:
        parts.append(_("可选：{options}", options=SEPARATOR.join(listed)))
    return "\n".join(parts)
