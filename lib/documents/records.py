"""Records as files (记录): a sheet's records as they are now, and the changes, of what the reader may see.

A personal column is left out for who may not see it, and so is every column that people added: nobody can tell what
those hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lib.documents.deliverable import FORMAT, Choice, Deliverable
from lib.documents.file import File, NotDelivered
from lib.documents.kept import Kept
from lib.documents.sheets import Table, Value, as_file
from lib.domain.ledger import Ledger
from lib.i18n import N_, T_, _
from lib.services.policy import Sight
from lib.views.changes import changes
from lib.views.records import Record, Records, records
from sheets_schema.sheet import Column, Kind
from sheets_schema.workbook import PEOPLE, sheets_of

CHANGES = "changes"
FILTERS = ("text", "unit", "kind", "category", "period", "status")
"""What the pages' lists are filtered by, and their files too."""
_CHANGE_COLUMNS = (
    ("at", N_("时间")), ("actor", N_("操作人")), ("action", N_("操作")), ("sheet", N_("工作表")),
    ("record", N_("记录")), ("column", N_("列")), ("old", N_("原值")), ("new", N_("新值")), ("state", N_("状态")),
)  # fmt: skip
_EARLIEST = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""


def sheet_names(_ledger: Ledger, _sight: Sight) -> Mapping[str, str]:
    """The people's sheets, and the changes."""
    return {**{sheet.key: _(sheet.label) for sheet in PEOPLE}, CHANGES: _("变更记录")}


def make_records(kept: Kept, sight: Sight, wanted: Mapping[str, str]) -> File:
    """One sheet's records, or the changes, as a file."""
    asks_changes = wanted["sheet"] == CHANGES
    table = _changes(kept, sight) if asks_changes else _records(_chosen(kept, sight, wanted), sight)
    return as_file(table, wanted.get("format", ""), f"{table.title}_{kept.judged.today.isoformat()}")


def _chosen(kept: Kept, sight: Sight, wanted: Mapping[str, str]) -> Records:
    sheet, who = sheets_of(kept.judged.plan)[wanted["sheet"]], kept.judged.world.who
    asked = {name: wanted[name] for name in FILTERS if name in sheet.by_name and name in wanted and name != "unit"}
    found = records(kept.grids, kept.judged, sheet, sight, wanted.get("text", ""), **asked)
    if "unit" in wanted and "unit" in sheet.by_name:
        found = found.where(lambda line: who(line["unit"]) == who(wanted["unit"]))
    return found


def _records(view: Records, sight: Sight) -> Table:
    columns = [c for c in view.columns if c.name not in ("id", "check") and (sight.personal or not c.personal)]
    extra = sorted({name for line in view.lines for name in line.cells if name[:1] in "=@"}) if sight.personal else []
    header = (
        _("编号"), *(_(column.label) for column in columns), *map(_added, extra), _("计入"), _("问题"),
    )  # fmt: skip
    rows = [
        (
            line.id, *(_value(line, column) for column in columns), *(line[name] for name in extra),
            "" if line.in_force else _("✕ 不计入"), "\n".join(line.findings),
        )
        for line in view.lines
    ]  # fmt: skip
    about = _(
        "{n}/{total} 条；{out} 条因错误不计入；现在的内容，与基准日无关",
        n=len(rows),
        total=view.total,
        out=view.left_out,
    )
    return Table(_(view.sheet.label), about, header, rows)


def _added(name: str) -> str:
    """The header of a column that people added; one without any is called by its letter."""
    return name[1:] if name.startswith("=") else _("{letter} 列", letter=name[1:])


def _value(line: Record, column: Column) -> Value:
    """A cell as what its column is declared as, where it can be read so; else as it was typed."""
    text = line[column.name]
    try:
        if column.kind is Kind.DATE and (on := date.fromisoformat(text)) >= _EARLIEST:
            return on
        if column.kind is Kind.INT:
            return int(text) if len(text) < 16 and str(int(text)) == text else text
    except ValueError:
        pass
    return text


def _changes(kept: Kept, sight: Sight) -> Table:
    if kept.history is None:
        raise NotDelivered(T_("这里没有变更记录；在页面上下载，或用 journal 命令查看"))
    found = changes(kept.history, kept.judged, sight, limit=None).lines
    rows = [tuple(getattr(line, name) for name, _label in _CHANGE_COLUMNS) for line in found]
    return Table(
        _("变更记录"), _("{n} 条，新的在前", n=len(rows)), tuple(_(label) for _name, label in _CHANGE_COLUMNS), rows
    )


DELIVERABLE = Deliverable(
    "records", N_("工作表的记录"), N_("一张工作表现在的全部记录，或变更记录；只含您能看到的行和列"),
    None, None, (Choice("sheet", N_("工作表"), sheet_names), FORMAT),
    of_records=make_records, filters=FILTERS,
)  # fmt: skip
