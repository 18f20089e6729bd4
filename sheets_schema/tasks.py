"""脱钩事项 and 工作动态: each pilot's separation checklist and its news (四（五）)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, column, sheet


class TaskStatus(StrEnum):
    """Where a checklist item stands (事项状态)."""

    IDLE = "未启动"
    RUNNING = "进行中"
    DONE = "已完成"
    NOT_APPLICABLE = "不涉及"


class Unfinished(StrEnum):
    """Why work is unfinished (未完成原因)."""

    POLICY_MISSING = "政策缺失"
    WORK_LAGGING = "工作不到位"


@sheet("tasks", "脱钩事项", prefix="SX", note=N_("每个试点逐项对照的脱钩事项清单"))
class Task(Row):
    """脱钩事项: one checklist item of one pilot."""

    batch: int = column("批次", required=True, default=1, editor=Editor.OFFICE, width=8)
    association: str = column("试点协会", required=True, ref="associations", width=34)
    item: str = column("事项", required=True, plan_list="checklist", width=28)
    status: TaskStatus = column("状态", required=True, default=TaskStatus.IDLE, width=10)
    planned_on: date | None = column("计划日期")
    done_on: date | None = column("完成日期", fact=True)
    owner: str | None = column("责任人", width=12)
    evidence: str | None = column("佐证链接", kind=Kind.URL, width=24)
    signed_by: str | None = column("签章部门", width=16)
    not_applicable_reason: str | None = column("不涉及理由", kind=Kind.LONG, width=20)
    unfinished: Unfinished | None = column("未完成原因", width=12)
    problem: str | None = column("存在问题", kind=Kind.LONG, width=24)
    next_step: str | None = column("下一步", kind=Kind.LONG, width=24)
    closed_by: str | None = column("销号人", editor=Editor.OFFICE, width=12)
    closed_on: date | None = column("销号日期", fact=True, editor=Editor.OFFICE)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)


@sheet("updates", "工作动态", prefix="DT", note=N_("试点单位随时报送的工作动态"))
class Update(Row):
    """工作动态: one piece of news from a pilot."""

    association: str = column("试点协会", required=True, ref="associations", width=34)
    reported_on: date = column("日期", required=True, fact=True, default=None)
    title: str = column("标题", required=True, width=36)
    content: str | None = column("内容", kind=Kind.LONG, width=50)
    reporter: str | None = column("报送人", personal=True, width=12)
    link: str | None = column("链接", kind=Kind.URL, width=24)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)
