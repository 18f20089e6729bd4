"""What the workbook shall tell its readers: findings at their rows and as a list, changes, conflicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from lib.domain.edits import Edit, Op, unpack
from lib.domain.findings import SEVERITY_WORDS, Finding, Severity
from lib.domain.ledger import derive
from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.i18n import DEFAULT, N_, _, speaking
from lib.services.history import Change, History, OpenConflict
from lib.services.mirror import Shown
from lib.services.verdicts import Verdicts
from lib.services.whose import HIDDEN
from sheets_schema.app_sheets import Change as ChangeRow
from sheets_schema.app_sheets import Conflict as ConflictRow
from sheets_schema.app_sheets import FindingRow
from sheets_schema.sheet import Sheet
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY, PEOPLE

MOST = 2000
"""Rows of 变更记录 and 校验结果 at most: the journal and the page 数据体检 have them all."""
LONGEST = 1000
"""Characters of one value shown in those sheets."""
OP_WORDS = {Op.ADD: N_("（新增一行）"), Op.REMOVE: N_("（删除一行）")}
WAITING = N_("待处理")


def shown(verdicts: Verdicts, history: History, held: Grids) -> Shown:
    """What the workbook shall show for what is held: in the default language, as of today."""
    judged = verdicts.of(held.snapshot)
    as_of = judged.plan.sample_as_of if judged.meta.get("sample") == "yes" else None
    with speaking(DEFAULT):
        findings = derive(judged, as_of or judged.today).findings
        return Shown(
            _checks(findings),
            {
                "findings": [_finding(finding) for finding in findings[:MOST]],
                "changes": [_change(change, held.called) for change in islice(reversed(history.changes), MOST)],
                "conflicts": [_conflict(conflict, held.called) for conflict in history.conflicts.values()],
            },
        )


def _checks(findings: Iterable[Finding]) -> Mapping[str, Mapping[int, str]]:
    """Sheet key → row → what is wrong there, by which clause, and what to do. Notes stay on their own sheet."""
    keys = {sheet.label: sheet.key for sheet in PEOPLE}
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for finding in findings:
        if finding.row is None or finding.sheet not in keys or finding.severity is Severity.NOTE:
            continue
        text = f"{_(SEVERITY_WORDS[finding.severity])}：{finding.message}〔{_(finding.clause)}〕{finding.remedy}"
        rows = found[keys[finding.sheet]]
        rows[finding.row] = f"{rows[finding.row]}\n{text}" if finding.row in rows else text
    return found


def _finding(finding: Finding) -> FindingRow:
    return FindingRow(
        rule=finding.rule, severity=_(SEVERITY_WORDS[finding.severity]), cell=finding.cell, value=finding.value,
        message=str(finding.message), clause=_(finding.clause), remedy=str(finding.remedy),
    )  # fmt: skip


def _change(change: Change, sheets: Mapping[str, Sheet]) -> ChangeRow:
    edit = change.edit
    sheet = sheets[edit.sheet]
    old, new = both(edit)
    return ChangeRow(
        at=change.at, actor=change.actor, action=change.action, sheet_label=sheet.label,
        record=edit.record, column_label=column_label(sheet, edit.column), old=old, new=new,
    )  # fmt: skip


def _conflict(conflict: OpenConflict, sheets: Mapping[str, Sheet]) -> ConflictRow:
    sheet = sheets[conflict.sheet]
    return ConflictRow(
        at=conflict.at, sheet_label=sheet.label, record=conflict.record,
        column_label=column_label(sheet, conflict.column), base=side(conflict.base, conflict),
        ours=side(conflict.ours, conflict), theirs=side(conflict.theirs, conflict), state=_(WAITING),
    )  # fmt: skip


def column_label(sheet: Sheet, column: str) -> str:
    """The header of a column by its name, a whole record by a word."""
    return sheet.header_of(column) if column else _("整行")


def both(edit: Edit, personal: bool = True) -> tuple[str, str]:
    """Old and new value of an edit as a person reads them; of a record added or removed what it held. ``personal``:
    with what personal columns hold."""
    if edit.op is Op.SET:
        return _cell(edit.sheet, edit.column, edit.old, personal), _cell(edit.sheet, edit.column, edit.new, personal)
    held = _cells(edit.sheet, edit.values, personal)
    return (held, _(OP_WORDS[edit.op])) if edit.op is Op.REMOVE else (_(OP_WORDS[edit.op]), held)


def side(value: Any, conflict: OpenConflict, personal: bool = True) -> str:
    """One side of a conflict as a person reads it: a cell, a record's cells, or that there is no such record."""
    if value is None:
        return _("（无）")
    if isinstance(value, dict) and not value.keys() & {"date", "datetime"}:
        return _cells(conflict.sheet, {name: unpack(cell) for name, cell in value.items()}, personal)
    return _cell(conflict.sheet, conflict.column, unpack(value), personal)


def _cells(sheet: str, values: Mapping[str, Cell], personal: bool) -> str:
    return "；".join(_cell(sheet, name, cell, personal) for name, cell in values.items())[:LONGEST]


def _cell(sheet: str, column: str, cell: Cell, personal: bool) -> str:
    text = to_text(cell)[:LONGEST]
    return _(HIDDEN) if text and not personal and BY_KEY[sheet].is_personal(column) else text
