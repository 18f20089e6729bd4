"""Documentation made from the declarations: sheets and columns (``schema``), and the rule catalogue."""

from __future__ import annotations

from typing import Any

from lib.domain.findings import CATALOGUE, SEVERITY_WORDS
from lib.domain.rules import load_all
from lib.i18n import _
from sheets_schema.plan import Plan
from sheets_schema.sheet import EDITOR_WORDS, KIND_WORDS, SEPARATOR, Column, Sheet
from sheets_schema.workbook import BY_KEY, SHEETS, options

load_all()


def as_json(plan: Plan) -> list[dict[str, Any]]:
    """Every sheet with its columns, as data."""
    return [
        {
            "key": sheet.key, "label": sheet.label, "note": _(sheet.note), "id_prefix": sheet.prefix,
            "app_owned": sheet.app_owned, "hidden": sheet.hidden,
            "columns": [
                {
                    "name": c.name, "label": c.label, "kind": c.kind.value, "required": c.required,
                    "editor": c.editor.value, "choices": list(options(c, plan)), "refers_to": c.ref,
                    "aliases": list(c.aliases), "note": _(c.note) if c.note else "",
                    "personal": c.personal,
                }
                for c in sheet.columns
            ],
        }
        for sheet in SHEETS
    ]  # fmt: skip


def as_markdown(plan: Plan) -> str:
    """Every sheet with its columns, as Markdown tables."""
    title = _("工作表与列")
    parts = [f"# {title}", ""]
    for sheet in SHEETS:
        parts += [f"## {sheet.label}", "", _(sheet.note), ""]
        parts.append(_row(_("列"), _("类型"), _("必填"), _("填写"), _("可选内容"), _("说明")))
        parts.append(_row(*["---"] * 6))
        parts += [_column(column, sheet, plan) for column in sheet.columns]
        parts.append("")
    return "\n".join(parts)


def _column(column: Column, sheet: Sheet, plan: Plan) -> str:
    listed = options(column, plan)
    accepted = SEPARATOR.join(listed[:8]) + (_("… 共 {n} 项", n=len(listed)) if len(listed) > 8 else "")
    if column.ref:
        accepted = _("“{label}”表的记录", label=BY_KEY[column.ref].label)
    notes = [_(column.note)] if column.note else []
    notes += [_("个人信息，只有办公室和本单位看得到")] if column.personal else []
    return _row(
        column.label, _(KIND_WORDS[column.kind]), _("是") if column.required else "", _(EDITOR_WORDS[column.editor]),
        accepted, _("；").join(notes),
    )  # fmt: skip


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rules_markdown(plan: Plan) -> str:
    """The rule catalogue as Markdown; ``docs/rules.md`` is this text under the shipped plan."""
    title, note = _("规则目录"), _("由 make docs 生成，请勿手改。条款依 {plan}。", plan=_(plan.title))
    parts = [f"# {title}", "", note, ""]
    parts += [_row(_("规则"), _("级别"), _("内容"), _("依据"), _("提示"), _("改法")), _row(*["---"] * 6)]
    parts += [
        _row(r.id, _(SEVERITY_WORDS[r.severity]), _(r.title), _(r.clause(plan)), _(r.message), _(r.remedy))
        for r in sorted(CATALOGUE.values(), key=lambda r: r.id)
    ]
    return "\n".join(parts) + "\n"
