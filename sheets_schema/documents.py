"""文件 and 审批: documents and the steps of their approval chains (四, 五)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, YesNo, column, sheet


@sheet("documents", "文件", prefix="WJ", note=N_("方案、名单、总结、报告等文件，每件一行；审批过程记在“审批”表"))
class Document(Row):
    """文件: one document of a kind (文种), of the city, a unit, a pilot, a period or an area."""

    kind: str = column("文种", required=True, plan_list="document_kinds", width=14)
    title: str | None = column("标题", width=36)
    batch: int = column("批次", required=True, default=1, editor=Editor.OFFICE, width=8)
    unit: str | None = column("主办单位", ref="units", width=20)
    association: str | None = column("试点协会", ref="associations", width=30)
    period: str | None = column("报告期", plan_list="periods", width=10)
    area: str | None = column("政策领域", plan_list="areas", width=20)
    parts: tuple[str, ...] = column(
        "已含内容", default=(), plan_list="parts", width=30, note=N_("方案已写明的必备内容，用、分隔")
    )
    frozen_count: int | None = column(
        "报送时协会数", editor=Editor.OFFICE, width=12, note=N_("报送名单时锁定的主管协会数，供核对")
    )
    number: str | None = column("文号", kind=Kind.CODE, width=20)
    link: str | None = column("链接", kind=Kind.URL, width=24)
    remark: str | None = column("备注", kind=Kind.LONG, width=24)


class Result(StrEnum):
    """How a step ended (办理结果)."""

    PASSED = "通过"
    RETURNED = "退回"


@sheet("approvals", "审批", prefix="SP", note=N_("每个环节的每一次办理一行；不得越级，退回后另起一轮"))
class Approval(Row):
    """审批: one act of one body on one step of a document, in a round (轮次)."""

    document: str = column("文件编号", required=True, ref="documents", width=12, note=N_("“文件”表中的编号"))
    round: int = column("轮次", required=True, default=1, width=8, note=N_("退回后重新起草为下一轮"))
    verb: str = column("环节", required=True, plan_list="verbs", width=12)
    item: str | None = column("签批事项", width=16, note=N_("逐项会签时填写所签事项"))
    actor: str = column("办理单位", required=True, plan_list="actor_names", width=22)
    on_behalf: YesNo | None = column("办公室代录", editor=Editor.OFFICE, width=12)
    submitted_on: date | None = column("报送日期", fact=True, note=N_("报出等待办理的日期"))
    decided_on: date | None = column("办结日期", fact=True)
    result: Result | None = column("结果", width=8)
    number: str | None = column("文号", kind=Kind.CODE, width=20)
    opinion: str | None = column("意见", kind=Kind.LONG, width=28)
    override: str | None = column(
        "越序理由", kind=Kind.LONG, editor=Editor.OFFICE, width=24, note=N_("仅办公室可填；越过前置条件须写明理由")
    )
    link: str | None = column("链接", kind=Kind.URL, width=24)
    remark: str | None = column("备注", kind=Kind.LONG, width=24)
