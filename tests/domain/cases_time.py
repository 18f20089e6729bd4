"""D: deadlines, A: approvals and gates, R: reports and news."""

from __future__ import annotations

from datetime import date

from tests.domain.rule_cases import Case, same
from tests.workbooks import Book

_D = date


def _row(book: Book, document: str, verb: str) -> int:
    return book.row("approvals", document=document, verb=verb)


def _on(verb: str, day: date, **more: object):
    """Move an act of the first 实施方案 to another day."""
    return lambda b: b.set("approvals", _row(b, "WJ-0006", verb), submitted_on=day, decided_on=day, **more)


def _both(*changes):
    def change(book: Book) -> None:
        for one in changes:
            one(book)

    return change


def _second_round(book: Book) -> None:
    """The plan is returned by the city and walks its chain again."""
    book.set("approvals", 5, result="退回")
    for row, verb in enumerate(("起草", "征求意见", "修改完善", "审定", "印发"), 2):
        actor = book.get("approvals", row, "actor")
        book.act("WJ-0001", verb, str(actor), _D(2015, 11, 16 + row), round=2.0)
    book.drop("approvals", 6)


def _waiting(submitted: bool):
    """The scheme has gone as far as the ministry (``submitted``), or only as far as the city."""

    def change(book: Book) -> None:
        book.drop("approvals", 23).drop("approvals", 22)
        book.set("approvals", 21, decided_on="", result="")
        if not submitted:
            book.drop("approvals", 21)

    return change


def _unsubmitted():
    """The first unit's list was drawn up, and no more."""
    return lambda b: [b.drop("approvals", _row(b, "WJ-0002", verb)) for verb in ("选定", "选定", "报送")]


def _submitted(on: date):
    """The first unit's list was submitted on another day."""

    def change(book: Book) -> None:
        _unsubmitted()(book)
        book.act("WJ-0002", "报送", "市商务委", on)

    return change


def _report(period: str, on: date):
    return lambda b: b.add(
        "reports", unit="市委组织部", period=period, submitted_on=on, work="一", policies="一", next_steps="一"
    )


DEADLINES = [
    Case("D01", "phases", None, None, same, same, as_of=_D(2016, 7, 1), legal_as_of=_D(2016, 6, 30)),
    Case("D02", "phases", None, None, same, same, as_of=_D(2016, 6, 23), legal_as_of=_D(2016, 6, 22)),
    Case(
        "D03", "updates", 2, "reported_on",
        lambda b: b.set("updates", 2, reported_on=_D(2016, 4, 2)),
        lambda b: b.set("updates", 2, reported_on=_D(2016, 4, 1)),
    ),
    Case("D04", "updates", None, None, same, same, as_of=_D(2016, 3, 19), legal_as_of=_D(2016, 3, 20)),
    Case(
        "D05", "updates", 2, "reported_on",
        lambda b: b.set("updates", 2, reported_on=_D(2015, 6, 30)),
        lambda b: b.set("updates", 2, reported_on=_D(2015, 7, 1)),
    ),
    Case(
        "D06", "tasks", 5, "planned_on",
        lambda b: b.set("tasks", 5, planned_on=_D(2016, 7, 1)),
        lambda b: b.set("tasks", 4, planned_on=_D(2016, 7, 1)),
    ),
    Case(
        "D07", "tasks", 7, "unfinished",
        lambda b: b.set("tasks", 7, planned_on=_D(2016, 3, 30)),
        lambda b: b.set("tasks", 7, planned_on=_D(2016, 3, 31)).set("tasks", 3, planned_on=_D(2016, 3, 30)),
    ),
    Case(
        "D08", "documents", None, None,
        lambda b: b.drop("approvals", 6),
        lambda b: b.drop("approvals", 6),
        legal_as_of=_D(2015, 11, 30),
    ),
    Case(
        "D09", "extensions", 2, "requested_on",
        lambda b: b.set("extensions", 2, target="SX-0001", requested_on=_D(2016, 2, 2)),
        lambda b: b.set("extensions", 2, target="SX-0001", requested_on=_D(2016, 2, 1)),
    ),
    Case(
        "D10", "extensions", 2, "until",
        lambda b: b.set("extensions", 2, until=_D(2016, 5, 31)),
        lambda b: b.set("extensions", 2, until=_D(2016, 6, 1)),
    ),
    Case(
        "D11", "approvals", 6, "decided_on",
        lambda b: b.set("approvals", 6, submitted_on=_D(2015, 11, 21)),
        lambda b: b.set("approvals", 6, submitted_on=_D(2015, 11, 20)),
    ),
    Case(
        "D12", "extensions", 2, "decided_on",
        lambda b: b.set("extensions", 2, decided_on=""),
        lambda b: b.set("extensions", 2, decided_on="", result=""),
    ),
    *(
        Case(
            rule, sheet, 2, column,
            lambda b, at=(place, row), name=name, day=wrong: b.set(*at, **{name: day}),
            lambda b, at=(place, row), name=name, day=right: b.set(*at, **{name: day}),
        )
        for rule, sheet, column, place, row, name, wrong, right in (
            ("D11", "nominations", "selected_on", "nominations", 2, "nominated_on", _D(2015, 11, 29), _D(2015, 11, 28)),
            ("D13", "nominations", "nominated_on", "associations", 2, "registered_on", _D(2015, 11, 19),
             _D(2015, 11, 18)),
            ("D13", "nominations", "nominated_on", "associations", 2, "ended_on", _D(2015, 11, 17), _D(2015, 11, 18)),
            ("D13", "tasks", "closed_on", "tasks", 2, "closed_on", _D(2016, 1, 19), _D(2016, 1, 20)),
            ("D13", "problems", "settled_on", "problems", 2, "settled_on", _D(2016, 1, 9), _D(2016, 1, 10)),
            ("D13", "extensions", "decided_on", "extensions", 2, "decided_on", _D(2016, 2, 29), _D(2016, 3, 1)),
        )
    ),
]  # fmt: skip

APPROVALS = [
    Case("A01", "approvals", 5, "verb", lambda b: b.drop("approvals", 5), lambda b: b.drop("approvals", 6)),
    Case(
        "A02", "approvals", 4, "decided_on",
        lambda b: b.set("approvals", 4, submitted_on=_D(2015, 10, 19), decided_on=_D(2015, 10, 19)),
        lambda b: b.set("approvals", 4, submitted_on=_D(2015, 10, 20), decided_on=_D(2015, 10, 20)),
    ),
    Case(
        "A03", "approvals", 6, "verb",
        lambda b: b.set("approvals", 6, verb="批复"),
        lambda b: b.set("approvals", 6, verb=" 印 发"),
    ),
    Case(
        "A04", "approvals", 5, "actor",
        lambda b: b.set("approvals", 5, actor="市民政局"),
        lambda b: b.set("approvals", 5, actor="市委市政府"),
    ),
    Case(
        "A05", "approvals", 41, "verb",
        lambda b: b.drop("approvals", 42).drop("approvals", 41).act("WJ-0010", "汇总", "市民政局", _D(2016, 1, 21)),
        lambda b: b.drop("approvals", 42).drop("approvals", 41).act("WJ-0010", "报告", "市民政局", _D(2016, 1, 21)),
    ),
    Case("A06", "approvals", 6, "round", lambda b: b.set("approvals", 6, round=2.0), _second_round),
    Case("A07", "approvals", 25, "verb", _on("核准", _D(2015, 12, 24)), _on("核准", _D(2015, 12, 25))),
    Case(
        "A08", "approvals", 26, "verb",
        _both(_on("核准", _D(2015, 12, 24)), _on("批复", _D(2015, 12, 24))),
        _both(_on("核准", _D(2015, 12, 25)), _on("批复", _D(2015, 12, 25))),
    ),
    Case(
        "A09", "approvals", 26, "override",
        _both(_on("核准", _D(2015, 12, 24)), _on("批复", _D(2015, 12, 24), override="市领导已同意先行")),
        _on("批复", _D(2015, 12, 29), override="其实不必"),
    ),
    Case(
        "A10", "tasks", 2, "done_on",
        lambda b: b.set("tasks", 2, done_on=_D(2015, 12, 28)),
        lambda b: b.set("tasks", 2, done_on=_D(2015, 12, 29)),
    ),
    Case(
        "A11", "approvals", 6, "result",
        lambda b: b.set("approvals", 6, result=""),
        lambda b: b.set("approvals", 6, result="", decided_on=""),
    ),
    Case(
        "A12", "approvals", 2, "result",
        lambda b: b.set("approvals", 2, result="退回"),
        lambda b: b.set("approvals", 3, result="退回"),
    ),
    Case("A13", "documents", 6, "kind", _waiting(submitted=True), _waiting(submitted=False)),
    Case(
        "A14", "documents", 7, "parts",
        lambda b: b.set("documents", 7, parts="脱钩事项、分离措施"),
        lambda b: b.set("documents", 7, parts=str(b.get("documents", 7, "parts")).replace("、", "；")),
    ),
    Case(
        "A15", "approvals", 6, "submitted_on",
        lambda b: b.set("approvals", 6, submitted_on="", decided_on="", result=""),
        lambda b: b.set("approvals", 6, decided_on="", result=""),
    ),
    Case(
        "A16", "approvals", 5, "on_behalf",
        lambda b: b.set("approvals", 5, on_behalf="是"),
        lambda b: b.set("approvals", 5, on_behalf="否"),
    ),
    Case("A17", "nominations", 2, "status", _unsubmitted(), same),
    Case("A17", "nominations", 2, "selected_on", _submitted(_D(2015, 11, 29)), _submitted(_D(2015, 11, 28))),
    Case(
        "A17", "nominations", 2, "status",
        lambda b: b.drop("documents", 3),
        lambda b: b.drop("documents", 3).set("nominations", 2, status="已推荐", selected_on=""),
    ),
]  # fmt: skip

CADENCE = [
    Case(
        "R01", "reports", None, None,
        lambda b: b.drop("reports", 2),
        lambda b: b.drop("reports", 2),
        legal_as_of=_D(2016, 1, 10),
    ),
    Case(
        "R02", "reports", 2, "submitted_on",
        lambda b: b.set("reports", 2, submitted_on=_D(2016, 1, 11)),
        lambda b: b.set("reports", 2, submitted_on=_D(2016, 1, 10)),
    ),
    Case(
        "R03", "reports", 2, "policies",
        lambda b: b.set("reports", 2, policies=" "),
        lambda b: b.set("reports", 2, problems=""),
    ),
    Case(
        "R04", "reports", 27, "period",
        _report("2015年第四季度", _D(2016, 1, 9)),
        _report("2016Q1", _D(2016, 3, 30)),
    ),
    Case(
        "R05", "reports", 2, "submitted_on",
        lambda b: b.set("reports", 2, submitted_on=_D(2015, 9, 30)),
        lambda b: b.set("reports", 2, submitted_on=_D(2015, 10, 1)),
    ),
    Case(
        "R06", "associations", 2, "name",
        lambda b: b.set("updates", 2, reported_on=_D(2016, 3, 1)),
        lambda b: b.set("updates", 2, reported_on=_D(2016, 3, 2)),
    ),
]  # fmt: skip
