"""S: how sheets and cells are written."""

from __future__ import annotations

from lib.domain.credit_code import check_digit
from sheets_schema.snapshot import Mark, RawSheet
from tests.domain.rule_cases import Case, same
from tests.workbooks import Book, position

_BODY = "51000000000000012"
_CODE = _BODY + check_digit(_BODY)
_WRONG = _BODY + ("0" if _CODE[-1] != "0" else "1")


def _head(sheet: str, name: str, text: str):
    """Write another header over a column."""

    def change(book: Book) -> None:
        book.tabs[sheet].header[position(sheet, name)] = text

    return change


def _more_header(text: str):
    return lambda book: book.tabs["extensions"].header.append(text)


def _swap(book: Book) -> None:
    """Move 批准人 to the left of 批准结果, with its cells."""
    tab, left = book.tabs["extensions"], position("extensions", "result")
    for row in (tab.header, *tab.rows):
        row[left], row[left + 1] = row[left + 1], row[left]


SCHEMA = [
    Case("S01", "extensions", None, None, lambda b: b.tabs.pop("extensions"), same),
    Case(
        "S02", "extensions", None, None,
        lambda b: setattr(b.tabs["extensions"], "title", "申请"),
        lambda b: setattr(b.tabs["extensions"], "title", " 延 期"),
    ),
    Case(
        "S03", "extensions", 1, None,
        _head("extensions", "target", "甲乙"),
        _head("extensions", "target", "对象 编号"),
    ),
    Case(
        "S04", "extensions", 1, None,
        _head("extensions", "approver", "甲乙"),
        _head("extensions", "approver", "批准人 "),
    ),
    Case(
        "S05", "extensions", 1, "reason",
        _head("extensions", "reason", "申请理由"),
        _head("extensions", "reason", "理 由"),
    ),
    Case("S06", "extensions", 1, "reason", _more_header("理由"), _more_header("")),
    Case("S07", "extensions", 1, None, _swap, _more_header("自己加的一列")),
    Case("S08", "extensions", 1, "自己加的一列", _more_header("自己加的一列"), _more_header("  ")),
    Case("S09", "草稿", None, None, lambda b: b.extra.append(RawSheet("草稿", [["随手记"]])), same),
    Case(
        "S10", "associations", 3, None,
        lambda b: b.tabs["associations"].merged.append((3, 2, 4, 2)),
        lambda b: b.tabs["associations"].merged.append((1, 2, 1, 3)),
    ),
    Case(
        "S11", "units", 3, "leader",
        lambda b: b.mark("units", 3, "leader", Mark.FORMULA, "赵明"),
        lambda b: b.mark("units", 1, "leader", Mark.FORMULA, "责任人"),
    ),
    Case(
        "S12", "updates", 2, "link",
        lambda b: b.mark("updates", 2, "link", Mark.FORMULA_BLANK),
        lambda b: b.mark("updates", 2, "link", Mark.FORMULA),
    ),
    Case(
        "S13", "updates", 2, "link",
        lambda b: b.mark("updates", 2, "link", Mark.ERROR, "#REF!"),
        lambda b: b.mark("updates", 2, "check", Mark.ERROR, "#REF!"),
    ),
    Case(
        "S14", "updates", 2, "title",
        lambda b: b.set("updates", 2, title=" \n"),
        lambda b: b.set("updates", 2, title="无"),
    ),
    Case(
        "S15", "updates", 2, "reported_on",
        lambda b: b.set("updates", 2, reported_on="3月底"),
        lambda b: b.set("updates", 2, reported_on="2016.3.20"),
    ),
    Case(
        "S16", "tasks", 3, "status",
        lambda b: b.set("tasks", 3, status="差不多了"),
        lambda b: b.set("tasks", 3, status=" 进行中 "),
    ),
    Case(
        "S17", "tasks", 3, "batch",
        lambda b: b.set("tasks", 3, batch="第一批"),
        lambda b: b.set("tasks", 3, batch="１"),
    ),
    Case(
        "S18", "updates", 2, "title",
        lambda b: b.set("updates", 2, title="长" * 201),
        lambda b: b.set("updates", 2, title="长" * 200),
    ),
    Case(
        "S19", "associations", 2, "credit_code",
        lambda b: b.set("associations", 2, credit_code=_WRONG),
        lambda b: b.set("associations", 2, credit_code=_CODE.lower()),
    ),
    Case(
        "S20", "associations", 2, "phone",
        lambda b: b.set("associations", 2, phone="无"),
        lambda b: b.set("associations", 2, phone="022-23456789-801"),
    ),
    Case(
        "S21", "updates", 2, "link",
        lambda b: b.set("updates", 2, link="javascript:alert(1)"),
        lambda b: b.set("updates", 2, link="https://example.org/a?b=1"),
    ),
    Case("S22", "updates", 2, "id", lambda b: b.set("updates", 2, id=""), lambda b: b.set("updates", 2, id="DT-x")),
    Case("S23", "updates", 2, "id", lambda b: b.set("updates", 2, id=5.0), lambda b: b.set("updates", 2, id="DT-5")),
    Case("S24", "extensions", 2, None, lambda b: b.tabs["extensions"].above.append(["延期申请一览"]), same),
    Case(
        "S25", "extensions", None, None,
        lambda b: b.tabs["extensions"].rows.insert(0, ["", " "]),
        lambda b: b.tabs["extensions"].rows.append(["", " "]),
    ),
    Case(
        "S26", "associations", None, None,
        lambda b: b.tear("associations", "contact", "phone"),
        lambda b: b.tabs["associations"].rows.reverse(),
    ),
    Case(
        "S27", "units", 2, "email",
        lambda b: b.set("units", 2, email="李四 <li@example.com>, b@example.com"),
        lambda b: b.set("units", 2, email="li.si@mail.example.com"),
    ),
]  # fmt: skip
