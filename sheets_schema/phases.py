"""阶段: progress notes on each phase; its dates come from the plan (四)."""

from __future__ import annotations

from datetime import date

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, column, sheet


@sheet("phases", "阶段", note=N_("方案各阶段；起止日期以方案为准，这里只记进展"))
class PhaseNote(Row):
    """阶段: what the office notes on a phase. The id is the plan's phase id."""

    title: str | None = column("阶段名称", editor=Editor.OFFICE, width=26)
    start: date | None = column("开始日期", editor=Editor.OFFICE, note=N_("抄自方案"))
    due: date | None = column("完成时限", editor=Editor.OFFICE, note=N_("抄自方案"))
    progress: str | None = column("进展", kind=Kind.LONG, width=36)
    problem: str | None = column("存在问题", kind=Kind.LONG, width=30)
    next_step: str | None = column("下一步", kind=Kind.LONG, width=30)
    evidence: str | None = column("佐证链接", kind=Kind.URL, width=24)
    closed_by: str | None = column("销号人", editor=Editor.OFFICE, width=12)
    closed_on: date | None = column("销号日期", fact=True, editor=Editor.OFFICE)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)
