"""变更记录, 校验结果, 冲突 and _meta: the sheets that the app alone writes."""

from __future__ import annotations

from lib.i18n import N_
from sheets_schema.sheet import Editor, Kind, Row, column, sheet


@sheet("changes", "变更记录", app_owned=True, note=N_("由应用填写：谁在何时改了什么"))
class Change(Row):
    """变更记录: the journal as people see it."""

    at: str | None = column("时间", editor=Editor.APP, width=26)
    actor: str | None = column("操作人", editor=Editor.APP, width=16)
    action: str | None = column("操作", editor=Editor.APP, width=14)
    sheet_label: str | None = column("工作表", editor=Editor.APP, width=14)
    record: str | None = column("记录", kind=Kind.CODE, editor=Editor.APP, width=14)
    column_label: str | None = column("列", editor=Editor.APP, width=16)
    old: str | None = column("原值", kind=Kind.LONG, editor=Editor.APP, width=30)
    new: str | None = column("新值", kind=Kind.LONG, editor=Editor.APP, width=30)


@sheet("findings", "校验结果", app_owned=True, note=N_("由应用填写：每一处问题、依据与改法"))
class FindingRow(Row):
    """校验结果: the findings as people see them in the workbook."""

    rule: str | None = column("规则", editor=Editor.APP, width=8)
    severity: str | None = column("级别", editor=Editor.APP, width=8)
    cell: str | None = column("位置", kind=Kind.CODE, editor=Editor.APP, width=22)
    value: str | None = column("原内容", kind=Kind.LONG, editor=Editor.APP, width=24)
    message: str | None = column("问题", kind=Kind.LONG, editor=Editor.APP, width=44)
    clause: str | None = column("依据", editor=Editor.APP, width=12)
    remedy: str | None = column("改法", kind=Kind.LONG, editor=Editor.APP, width=44)


@sheet("conflicts", "冲突", app_owned=True, note=N_("由应用填写：两处同时改动、等待选择的内容"))
class Conflict(Row):
    """冲突: two values for one cell, waiting for a person to choose."""

    at: str | None = column("时间", editor=Editor.APP, width=26)
    sheet_label: str | None = column("工作表", editor=Editor.APP, width=14)
    record: str | None = column("记录", kind=Kind.CODE, editor=Editor.APP, width=14)
    column_label: str | None = column("列", editor=Editor.APP, width=16)
    base: str | None = column("原值", kind=Kind.LONG, editor=Editor.APP, width=28)
    ours: str | None = column("应用的值", kind=Kind.LONG, editor=Editor.APP, width=28)
    theirs: str | None = column("表中的值", kind=Kind.LONG, editor=Editor.APP, width=28)
    state: str | None = column("状态", editor=Editor.APP, width=10)


@sheet("meta", "_meta", app_owned=True, hidden=True, note=N_("由应用填写：方案、版本、是否示例"))
class Meta(Row):
    """_meta: key and value pairs about the workbook itself; the id column holds the key."""

    value: str | None = column("值", kind=Kind.CODE, editor=Editor.APP, width=60)
