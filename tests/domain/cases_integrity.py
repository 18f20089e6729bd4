"""X: integrity across sheets, and Q: the quota."""

from __future__ import annotations

from datetime import date

from tests.domain.rule_cases import Case, same
from tests.workbooks import Book, association, clean_book, edited_plan, section


def _drop_unit(name: str):
    return lambda book: book.drop("units", book.row("units", name=name))


def _document(**values: object):
    return lambda book: book.add("documents", **{"kind": "工作方案", "batch": 1.0, **values})


def _task(association: str):
    return lambda book: book.add("tasks", batch=1.0, association=association, item="A4", status="未启动")


def _policy(owner: str):
    return lambda book: book.add("policies", area="机构编制", owner=owner, stage="起草")


def fixed_list(*names: str, unit: str = "市商务委"):
    """The workbook under a plan that names the pilots itself."""
    entry = f"{{unit: {unit}, associations: {list(names)}}}"
    quota = f"quota:\n  mode: fixed_list\n  clause: 二（二）\n  lists:\n    - {entry}\n\n"
    plan = edited_plan((section("quota"), quota))
    return lambda book: setattr(book, "plan", plan)


def _down_to_four(book: Book) -> None:
    """市商务委 supervises four instead of five, and has recommended nobody."""
    book.drop("nominations", 2).set("associations", 6, in_scope="不纳入", scope_reason="会员不同业")
    book.set("documents", 3, frozen_count=4.0)


_PILOTS = [str(clean_book().get("associations", n, "name")) for n in (2, 7, 8, 13)]

INTEGRITY = [
    Case(
        "X01", "updates", 3, "id",
        lambda b: b.set("updates", 3, id="DT-0001"),
        lambda b: b.set("updates", 3, id="DT-1"),
    ),
    Case(
        "X02", "updates", 2, "association",
        lambda b: b.set("updates", 2, association="示例钢铁协会"),
        lambda b: b.set("updates", 2, association=" 示例钢铁 行业协会"),
    ),
    Case(
        "X03", "updates", 2, "association",
        lambda b: b.set("associations", 2, in_scope="大概算"),
        lambda b: b.set("associations", 2, phone="无"),
    ),
    Case(
        "X04", "associations", 3, "name",
        lambda b: b.set("associations", 3, name=" 示例钢铁 行业协会"),
        lambda b: b.set("associations", 3, name="示例钢铁业行业协会"),
    ),
    Case(
        "X05", "units", 27, "name",
        lambda b: b.add("units", name="市社团局", leader="赵明", liaison="钱明"),
        lambda b: b.add("units", name="示例市体育局", leader="赵明", liaison="钱明"),
    ),
    Case("X06", "units", None, None, _drop_unit("市外办"), lambda b: b.set("units", 7, name="市发改委")),
    Case(
        "X07", "units", 4, "leader",
        lambda b: b.set("units", 4, leader="王明、李立新"),
        lambda b: b.set("units", 4, leader="欧阳明"),
    ),
    Case(
        "X08", "units", 4, "liaison",
        lambda b: b.set("units", 4, liaison=""),
        lambda b: b.set("units", 4, liaison="王 明"),
    ),
    Case("X09", "units", 17, "name", lambda b: b.set("units", 17, confirmed_name=""), same),
    Case(
        "X10", "associations", 17, "in_scope",
        lambda b: b.set("associations", 17, in_scope="纳入"),
        lambda b: b.set("associations", 17, in_scope="纳入", scope_reason="章程载明为行业协会"),
    ),
    Case("X11", "associations", 17, "in_scope", lambda b: b.set("associations", 17, in_scope="待定"), same),
    Case(
        "X12", "nominations", 2, "selected_on",
        lambda b: b.set("nominations", 2, selected_on=""),
        lambda b: b.set("nominations", 2, selected_on="", status="已推荐"),
    ),
    Case("X13", "documents", 12, "kind", _document(), _document(batch=2.0)),
    Case(
        "X14", "documents", 3, "unit",
        lambda b: b.set("documents", 3, unit=""),
        lambda b: b.set("documents", 2, unit=""),
    ),
    Case("X15", "tasks", 18, "association", _task("XH-0002"), _task("XH-0001")),
    Case("X16", "tasks", 3, "item", lambda b: b.set("tasks", 3, item="A1"), lambda b: b.set("tasks", 3, item="A4")),
    Case(
        "X17", "tasks", 4, "not_applicable_reason",
        lambda b: b.set("tasks", 4, not_applicable_reason=""),
        lambda b: b.set("tasks", 4, not_applicable_reason="", status="未启动"),
    ),
    Case(
        "X18", "tasks", 2, "done_on",
        lambda b: b.set("tasks", 2, done_on=""),
        lambda b: b.set("tasks", 2, done_on="", status="进行中", closed_by="", closed_on=""),
    ),
    Case(
        "X19", "tasks", 3, "status",
        lambda b: b.set("tasks", 3, done_on=date(2016, 3, 1)),
        lambda b: b.set("tasks", 3, done_on=date(2016, 3, 1), status="已完成"),
    ),
    Case(
        "X20", "tasks", 2, "closed_by",
        lambda b: b.set("tasks", 2, closed_by=" 孙 明"),
        lambda b: b.set("tasks", 2, closed_by="孙 红"),
    ),
    Case(
        "X21", "policies", 2, "reason",
        lambda b: b.set("policies", 2, stage="国家政策未出台"),
        lambda b: b.set("policies", 2, stage="国家政策未出台", reason="部委文件尚未下发"),
    ),
    Case(
        "X22", "policies", 3, "number",
        lambda b: b.set("policies", 3, number=""),
        lambda b: b.set("policies", 3, number="", stage="审定"),
    ),
    Case("X23", "policies", 4, "area", _policy("市编办"), _policy("市财政局")),
    Case(
        "X24", "extensions", 2, "target",
        lambda b: b.set("extensions", 2, target="SX-9"),
        lambda b: b.set("extensions", 2, target="P6"),
    ),
    Case(
        "X25", "problems", 2, "settlement",
        lambda b: b.set("problems", 2, settlement=""),
        lambda b: b.set("problems", 2, settlement="", kind="经验做法"),
    ),
    Case(
        "X26", "phases", 2, "due",
        lambda b: b.set("phases", 2, due=date(2015, 12, 1)),
        lambda b: b.set("phases", 2, due="2015年11月30日"),
    ),
    Case("X27", "phases", 2, "id", lambda b: b.set("phases", 2, id="P9"), lambda b: b.set("phases", 2, id=" P1 ")),
    Case(
        "X28", "associations", 2, "ended_on",
        lambda b: b.set("associations", 2, ended_on=date(2016, 3, 31)),
        lambda b: b.set("associations", 2, ended_on=date(2016, 4, 1)),
    ),
]  # fmt: skip

QUOTA = [
    Case("Q01", "units", 9, "name", lambda b: b.drop("nominations", 2), _down_to_four),
    Case(
        "Q02", "units", 10, "name",
        lambda b: b.drop("nominations", 4),
        lambda b: b.drop("nominations", 4).set("nominations", 3, reason="另一家正在换届"),
    ),
    Case(
        "Q03", "units", 9, "name",
        lambda b: b.pilot("XH-0002", "市商务委"),
        lambda b: b.pilot("XH-0002", "市商务委", status="已撤回"),
    ),
    Case(
        "Q04", "nominations", 5, "voluntary",
        lambda b: b.set("nominations", 5, voluntary="否"),
        lambda b: b.set("nominations", 5, voluntary="√"),
    ),
    Case(
        "Q05", "nominations", 6, "association",
        lambda b: b.pilot("XH-0001", "市商务委"),
        lambda b: b.pilot("XH-0001", "市商务委", batch=2.0),
    ),
    Case("Q06", "nominations", 2, "unit", lambda b: b.set("nominations", 2, unit="市科委"), same),
    Case(
        "Q07", "nominations", 2, "association",
        lambda b: b.set("associations", 2, in_scope="待定"),
        lambda b: b.set("associations", 2, in_scope="待定").set("nominations", 2, status="已撤回"),
    ),
    Case(
        "Q08", "units", 9, "name",
        lambda b: association(b, "示例又一行业协会", "市商务委"),
        lambda b: association(b, "示例又一行业协会", "市建委"),
    ),
    Case("Q09", "nominations", 3, "association", fixed_list("示例钢铁行业协会"), fixed_list(*_PILOTS)),
    Case("Q10", "associations", None, None, fixed_list(*_PILOTS, "示例未登记协会"), fixed_list(*_PILOTS)),
]  # fmt: skip
