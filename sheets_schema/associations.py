"""协会商会: the registry of associations and whether the plan covers them (二（二）)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, YesNo, column, sheet


class ScopeFlag(StrEnum):
    """Whether the plan covers the association (是否纳入)."""

    IN = "纳入"
    OUT = "不纳入"
    OPEN = "待定"


class LegalForm(StrEnum):
    """Form of registration (登记形式)."""

    ASSOCIATION = "社会团体"
    FOUNDATION = "基金会"
    SERVICE = "社会服务机构"


@sheet("associations", "协会商会", prefix="XH", note=N_("市级行业协会商会名录，每家一行"))
class Association(Row):
    """协会商会: one registered association."""

    name: str = column("协会名称", required=True, editor=Editor.OFFICE, width=34, aliases=("协会商会名称", "名称"))
    credit_code: str | None = column(
        "统一社会信用代码", kind=Kind.CREDIT_CODE, width=22, note=N_("18 位，按文本填写；校验码按 GB 32100-2015")
    )
    unit: str = column(
        "业务主管单位", required=True, ref="units", editor=Editor.OFFICE, width=20, aliases=("主管单位",)
    )
    category: str | None = column("类型", width=12, choices=("行业协会", "商会", "专业协会", "联合会", "其他"))
    industry: str | None = column("行业", width=14)
    legal_form: LegalForm | None = column("登记形式", width=12, editor=Editor.OFFICE)
    same_industry: YesNo | None = column("会员同业", width=10, note=N_("会员是否以同业为主"))
    in_scope: ScopeFlag = column("是否纳入", required=True, editor=Editor.OFFICE, default=ScopeFlag.OPEN, width=10)
    scope_reason: str | None = column(
        "范围依据", kind=Kind.LONG, editor=Editor.OFFICE, width=24, note=N_("判定与名称提示不一致时写明理由")
    )
    registered_on: date | None = column("登记日期", fact=True)
    ended_on: date | None = column("注销日期", fact=True, editor=Editor.OFFICE)
    contact: str | None = column("联系人", personal=True, width=12)
    phone: str | None = column("联系电话", kind=Kind.PHONE, personal=True, width=16)
    remark: str | None = column("备注", kind=Kind.LONG, width=24)
