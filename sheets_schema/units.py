"""单位: the member units and every supervising unit outside them (三, 二（二）)."""

from __future__ import annotations

from datetime import date

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, column, sheet


@sheet("units", "单位", prefix="DW", note=N_("相关单位与业务主管单位，每单位一行，各有一名责任人和一名联络员"))
class Unit(Row):
    """单位: one body with its 责任人 and 联络员."""

    name: str = column("单位名称", required=True, editor=Editor.OFFICE, width=22)
    aliases: tuple[str, ...] = column("别名", default=(), editor=Editor.OFFICE, width=22, note=N_("多个别名用、分隔"))
    roles: tuple[str, ...] = column("角色", default=(), plan_list="roles", editor=Editor.OFFICE, width=30)
    leader: str | None = column("责任人", width=12, note=N_("分管负责同志，只填一名"))
    leader_post: str | None = column("责任人职务", width=16)
    leader_phone: str | None = column("责任人电话", kind=Kind.PHONE, personal=True, width=16)
    liaison: str | None = column("联络员", width=12, note=N_("处级干部，只填一名"))
    liaison_post: str | None = column("联络员职务", width=16)
    liaison_phone: str | None = column("联络员电话", kind=Kind.PHONE, personal=True, width=16)
    email: str | None = column(
        "邮箱", kind=Kind.EMAIL, personal=True, width=26, note=N_("催办单发到这里，只填一个；不填则不发邮件")
    )
    confirmed_name: str | None = column(
        "名称核定", editor=Editor.OFFICE, width=18, note=N_("名称存疑时，由办公室核对原件后填写正确名称")
    )
    confirmed_on: date | None = column("核定日期", fact=True, editor=Editor.OFFICE)
    remark: str | None = column("备注", kind=Kind.LONG, width=24)
