"""协调宣传, 问题协调 and 延期: meetings and publicity, the register of problems, extensions (三, 五)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, column, sheet


class EventKind(StrEnum):
    """Kind of event (类别)."""

    MEETING = "协调会"
    STUDY = "学习"
    INTERPRETATION = "政策解读"
    GUIDANCE = "舆论引导"


@sheet("events", "协调宣传", prefix="XT", note=N_("协调会与学习、政策解读、舆论引导的记录"))
class Event(Row):
    """协调宣传: one meeting or publicity act."""

    kind: EventKind = column("类别", required=True, default=EventKind.MEETING, width=12)
    held_on: date = column("日期", required=True, fact=True, default=None)
    unit: str = column("单位", required=True, ref="units", width=20)
    title: str = column("主题", required=True, width=36)
    content: str | None = column("内容", kind=Kind.LONG, width=50)
    attendees: tuple[str, ...] = column("参加单位", default=(), width=36)
    link: str | None = column("链接", kind=Kind.URL, width=24)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)


class ProblemKind(StrEnum):
    """A problem to settle or a practice worth spreading (类别)."""

    PROBLEM = "问题"
    PRACTICE = "经验做法"


@sheet("problems", "问题协调", prefix="WT", note=N_("需要协调的问题与值得推广的经验做法"))
class Problem(Row):
    """问题协调: a problem raised, who must settle it, and how it was settled; or a practice."""

    kind: ProblemKind = column("类别", required=True, default=ProblemKind.PROBLEM, width=12)
    unit: str = column("提出单位", required=True, ref="units", width=20)
    content: str = column("内容", required=True, kind=Kind.LONG, width=44)
    raised_on: date = column("提出日期", required=True, fact=True, default=None)
    assignee: str | None = column("协调单位", ref="units", width=20)
    meeting: str | None = column("协调会编号", ref="events", width=12)
    settlement: str | None = column("解决措施", kind=Kind.LONG, width=36)
    settled_on: date | None = column("解决日期", fact=True)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)


class Grant(StrEnum):
    """Decision on an extension (批准结果)."""

    GRANTED = "同意"
    REFUSED = "不同意"


@sheet("extensions", "延期", prefix="YQ", note=N_("到期前申请、经批准的延期；对象填事项、文件或阶段编号"))
class Extension(Row):
    """延期: one request to move the due date of a record or a phase."""

    target: str = column("对象编号", required=True, kind=Kind.CODE, width=12)
    unit: str = column("申请单位", required=True, ref="units", width=20)
    requested_on: date = column("申请日期", required=True, fact=True, default=None)
    until: date = column("申请延至", required=True, default=None)
    reason: str = column("理由", required=True, kind=Kind.LONG, width=36)
    decided_on: date | None = column("批准日期", fact=True, editor=Editor.OFFICE)
    result: Grant | None = column("批准结果", editor=Editor.OFFICE, width=10)
    approver: str | None = column("批准人", editor=Editor.OFFICE, width=12)
    remark: str | None = column("备注", kind=Kind.LONG, width=20)
