"""试点推荐: which associations a unit recommends for a batch (二（二）, 四（二）)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, YesNo, column, sheet


class NominationStatus(StrEnum):
    """Where a nomination stands (推荐状态)."""

    NOMINATED = "已推荐"
    SELECTED = "已选定"
    NOT_SELECTED = "未选定"
    WITHDRAWN = "已撤回"


@sheet("nominations", "试点推荐", prefix="TJ", note=N_("各业务主管单位推荐的试点协会，每家每批一行"))
class Nomination(Row):
    """试点推荐: one association recommended once in a batch by its own supervising unit."""

    batch: int = column("批次", required=True, default=1, editor=Editor.OFFICE, width=8)
    association: str = column("试点协会", required=True, ref="associations", width=34, aliases=("协会名称",))
    unit: str = column("推荐单位", required=True, ref="units", width=20)
    nominated_on: date = column("推荐日期", required=True, fact=True, default=None)
    voluntary: YesNo | None = column("自愿", width=8, note=N_("主管协会不足起点数的单位须填“是”"))
    reason: str | None = column("推荐说明", kind=Kind.LONG, width=28, note=N_("推荐数少于提示数时在此说明"))
    status: NominationStatus = column(
        "状态", required=True, default=NominationStatus.NOMINATED, editor=Editor.OFFICE, width=10
    )
    selected_on: date | None = column("选定日期", fact=True, editor=Editor.OFFICE)
    remark: str | None = column("备注", kind=Kind.LONG, width=24)
