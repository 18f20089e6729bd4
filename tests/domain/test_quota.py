"""The quota: bounds against a model that counts on its fingers, and each unit's verdict through a whole workbook."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.quota import UnitQuota, Verdict
from sheets_schema.plan_load import shipped_plan
from sheets_schema.quota import AllAssociations, AllByBatches, FixedList, FractionPerUnit
from tests.domain.cases_integrity import fixed_list
from tests.workbooks import Book, association, clean_book, edited_plan, examples, findings, ledger, rules_found, units

EDGES = (0, 1, 4, 5, 6, 9, 10, 14, 40)
COUNTS = st.one_of(st.sampled_from(EDGES), st.integers(0, 400))
SHARES = st.builds(Fraction, st.integers(1, 12), st.integers(1, 12)).filter(lambda share: share <= 1)
UNIT = "市建委"


def per_unit(share: Fraction, below: int, rounding: str) -> FractionPerUnit:
    return FractionPerUnit(
        mode="fraction_per_unit", clause="二", fraction=str(share), voluntary_below=below, rounding=rounding
    )


def counted(share: Fraction, count: int, rounding: str) -> int:
    """The whole number that ``share`` of ``count`` becomes, found by trying them one after another."""
    near = range(count + 2)
    if rounding == "up":
        return next(n for n in near if n >= share * count)
    if rounding == "down":
        return next(n for n in reversed(near) if n <= share * count)
    return min(near, key=lambda n: (abs(n - share * count), -n))


@given(COUNTS, SHARES, st.integers(1, 12), st.sampled_from(["up", "nearest", "down"]))
@examples(500)
def test_a_fraction_is_rounded_as_the_plan_says(count: int, share: Fraction, below: int, rounding: str):
    floor, expected, voluntary = per_unit(share, below, rounding).bounds(UNIT, count)
    assert voluntary == (count < below)
    assert floor == (0 if voluntary else counted(share, count, "down"))
    assert expected == (0 if voluntary else counted(share, count, rounding))
    assert 0 <= floor <= expected <= count


@pytest.mark.parametrize(
    ("count", "bounds"),
    [
        (0, (0, 0, True)), (1, (0, 0, True)), (4, (0, 0, True)), (5, (1, 1, False)), (6, (1, 2, False)),
        (9, (1, 2, False)),
        (10, (2, 2, False)), (14, (2, 3, False)), (40, (8, 8, False)),
    ],
)  # fmt: skip
def test_the_shipped_plan_asks_for_a_fifth_and_five_is_not_voluntary(count: int, bounds: tuple[int, int, bool]):
    assert shipped_plan().quota.bounds(UNIT, count) == bounds


@given(COUNTS)
@examples(50)
def test_all_means_every_association(count: int):
    assert AllAssociations(mode="all", clause="二").bounds(UNIT, count) == (count, count, False)


@given(
    st.dictionaries(st.sampled_from([UNIT, "市科委", "市外办"]), st.lists(st.text("甲乙丙", min_size=1), unique=True)),
    COUNTS,
)
@examples(100)
def test_a_fixed_list_asks_for_just_the_names_on_it(lists: dict[str, list[str]], count: int):
    quota = FixedList(mode="fixed_list", clause="二", lists=[{"unit": u, "associations": n} for u, n in lists.items()])
    assert quota.bounds(UNIT, count) == (len(lists.get(UNIT, [])), len(lists.get(UNIT, [])), False)
    assert quota.names() == {name for names in lists.values() for name in names}


@pytest.mark.parametrize(
    ("unit", "named", "typed"),
    [
        ("市社团局", "示例甲协会", "示例甲协会"),
        ("市民政局", "示例甲（筹）协会", "示例甲(筹)协会"),
    ],
)
def test_a_fixed_list_knows_aliases_and_either_width_of_bracket(unit: str, named: str, typed: str):
    book = association(units(Book()), typed, "市民政局")
    fixed_list(named, unit=unit)(book)
    submit_list(book, "市民政局").pilot("XH-0001", "市民政局")
    (quota,) = ledger(book).quotas
    assert "Q09" not in rules_found(book)
    assert quota.expected == quota.recommended == 1


def by_batches(shares: list[Fraction], batch: int) -> AllByBatches:
    listed = [{"batch": n, "cumulative": str(share)} for n, share in enumerate(shares, 1)]
    return AllByBatches(mode="all_by_batches", clause="二", batch=batch, batches=listed)


@given(COUNTS, st.lists(SHARES, min_size=1, max_size=4, unique=True).map(sorted))
@examples(300)
def test_batches_add_up_to_their_cumulative_share_and_in_the_end_to_everyone(count: int, shares: list[Fraction]):
    """Cumulative numbers are rounded up, and what a batch must reach is what it should."""
    asked = [by_batches(shares, batch).bounds(UNIT, count) for batch in range(1, len(shares) + 2)]
    for reached, share in enumerate(shares, 1):
        assert sum(expected for _, expected, _ in asked[:reached]) == counted(share, count, "up")
    assert sum(expected for _, expected, _ in asked) == count
    assert all(floor == expected >= 0 and not voluntary for floor, expected, voluntary in asked)


def submit_list(book: Book, unit: str, **more: object) -> Book:
    """The unit draws up its list and submits it on the 20th."""
    book.add("documents", kind="推荐名单", batch=1.0, unit=unit, **more)
    return book.walk("WJ-0001", ("推荐", unit, date(2015, 11, 18)), ("报送", unit, date(2015, 11, 20)))


def supervising(count: int, given_: int, **first: object) -> Book:
    """市建委 supervises ``count`` associations and recommends ``given_`` of them."""
    book = submit_list(units(Book()), UNIT) if given_ else units(Book())
    for number in range(count):
        association(book, f"示例第{number}行业协会", UNIT)
    for number in range(given_):
        more = first if number == 0 else {}
        book.pilot(f"XH-{number + 1:04d}", UNIT, voluntary="是" if count < 5 else "", **more)
    return book


def quota_of(book: Book, unit: str = UNIT, as_of: date = date(2016, 3, 31)) -> UnitQuota | None:
    return next((quota for quota in ledger(book, as_of=as_of).quotas if quota.unit == unit), None)


@pytest.mark.parametrize("count", EDGES)
def test_each_number_recommended_gets_its_verdict_and_its_finding(count: int):
    floor, expected, voluntary = shipped_plan().quota.bounds(UNIT, count)
    for given_ in {0, floor - 1, floor, expected - 1, expected, min(expected + 1, count)}:
        if not 0 <= given_ <= count:
            continue
        book = supervising(count, given_)
        quota, found = quota_of(book), rules_found(book)
        if count == 0:
            assert quota is None
            continue
        assert quota is not None
        assert (quota.count, quota.recommended, quota.selected) == (count, given_, given_)
        if voluntary:
            wanted = Verdict.VOLUNTARY
        elif given_ < floor:
            wanted = Verdict.SHORT
        elif given_ < expected:
            wanted = Verdict.EXPLAIN
        else:
            wanted = Verdict.ABOVE if given_ > expected else Verdict.MET
        assert quota.verdict is wanted
        assert ("Q01" in found) == (wanted is Verdict.SHORT)
        assert ("Q02" in found) == (wanted is Verdict.EXPLAIN)
        assert ("Q03" in found) == (wanted is Verdict.ABOVE)


def test_an_explanation_settles_a_number_between_the_bounds_but_not_one_below_the_floor():
    assert "Q02" in rules_found(supervising(6, 1))
    assert "Q02" not in rules_found(supervising(6, 1, reason="另一家正在换届"))
    assert "Q01" in rules_found(supervising(10, 1, reason="另一家正在换届"))


def test_nobody_is_short_before_the_day_the_lists_are_due():
    book = supervising(10, 0)
    assert "Q01" not in rules_found(book, as_of=date(2015, 11, 30))
    assert "Q01" in rules_found(book, as_of=date(2015, 12, 1))


def test_a_withdrawn_or_later_nomination_does_not_count():
    assert quota_of(supervising(5, 1, status="已撤回")).recommended == 0
    assert quota_of(supervising(5, 1), as_of=date(2015, 11, 17)).recommended == 0


def test_a_nomination_of_another_batch_does_not_count():
    assert quota_of(supervising(5, 1, status="已推荐")).recommended == 1
    assert quota_of(supervising(5, 1, status="已推荐", batch=2.0)).recommended == 0


def test_selected_counts_from_the_day_of_selection():
    book = supervising(5, 1)
    assert quota_of(book, as_of=date(2015, 11, 27)).selected == 0
    assert quota_of(book, as_of=date(2015, 11, 28)).selected == 1


def test_only_associations_in_scope_and_alive_on_the_day_are_counted():
    book = supervising(6, 0)
    book.set("associations", 2, in_scope="不纳入", scope_reason="会员不同业").set("associations", 3, in_scope="待定")
    book.set("associations", 4, registered_on=date(2016, 1, 1)).set("associations", 5, ended_on=date(2016, 2, 1))
    assert quota_of(book, as_of=date(2015, 12, 31)).count == 3
    assert quota_of(book, as_of=date(2016, 1, 1)).count == 4
    assert quota_of(book, as_of=date(2016, 2, 1)).count == 3


def test_n_is_frozen_when_the_list_is_submitted_and_both_counts_stay_visible():
    book = clean_book()
    for number in range(6):
        association(book, f"示例新{number}行业协会", "市商务委")
    quota = quota_of(book, "市商务委")
    assert (quota.count, quota.frozen, quota.floor, quota.expected) == (11, 5, 1, 1)
    assert quota.verdict is Verdict.MET
    (found,) = [finding for finding in findings(book) if finding.rule == "Q08"]
    assert "5" in str(found.message)
    assert "11" in str(found.message)


def test_a_member_that_dissolves_after_the_list_was_submitted_does_not_undo_its_units_recommendation():
    """The list froze N at 5, which is not voluntary; four are left today."""
    book = clean_book().set("associations", 6, ended_on=date(2016, 3, 1))
    quota = quota_of(book, "市商务委")
    assert (quota.count, quota.frozen, quota.recommended) == (4, 5, 1)


def test_before_the_list_is_submitted_the_living_count_is_what_matters():
    book = clean_book().set("documents", 3, frozen_count=9.0)
    assert quota_of(book, "市商务委", as_of=date(2015, 11, 20)).expected == 2
    assert quota_of(book, "市商务委", as_of=date(2015, 11, 19)).expected == 1


def test_a_count_of_none_at_submission_is_a_count():
    assert quota_of(submit_list(units(Book()), UNIT, frozen_count=0.0)).frozen == 0


def test_a_list_of_another_batch_does_not_replace_this_ones():
    book = clean_book().add("documents", kind="推荐名单", batch=2.0, unit="市商务委")
    quota = quota_of(book, "市商务委")
    assert quota.frozen == 5
    assert quota.submitted_on == date(2015, 11, 20)


def test_a_body_that_leads_and_supervises_signs_its_own_list_once():
    book = units(Book())
    book.add("documents", kind="推荐名单", batch=1.0, unit="市民政局")
    days = (date(2015, 11, 1), date(2015, 11, 2), date(2015, 11, 3))
    book.walk("WJ-0001", *((verb, "市民政局", day) for verb, day in zip(("推荐", "报送", "选定"), days, strict=True)))
    (chain,) = ledger(book).chains
    assert chain.done


def pilots_of(book: Book) -> list[str]:
    return [pilot.id for pilot in ledger(book).pilots]


def test_a_list_returned_after_it_was_submitted_does_not_undo_its_pilots():
    book = clean_book()
    book.set("approvals", book.row("approvals", document="WJ-0002", verb="选定"), result="退回")
    assert "A17" not in rules_found(book)
    assert "XH-0001" in pilots_of(book)


def test_a_list_is_submitted_by_the_step_after_the_drafting_one_whatever_its_verb():
    other = edited_plan(("{verb: 报送, actors: [业务主管单位]}", "{verb: 上报, actors: [业务主管单位]}"))
    book = clean_book()
    book.plan = other
    assert pilots_of(book) == []
    assert "上报" in next(str(found.message) for found in findings(book) if found.rule == "A17")
    for row in [row for row, act in enumerate(book.tabs["approvals"].rows, 2) if "报送" in act]:
        if book.get("approvals", row, "document") != "WJ-0010":
            book.set("approvals", row, verb="上报")
    assert findings(book) == ()
    assert pilots_of(book) == pilots_of(clean_book())


def test_where_lists_are_no_documents_a_selection_needs_none():
    book = clean_book()
    book.plan = edited_plan(("    per: supervisor\n", "    per: supervisor\n    tracked_in: reports\n"))
    for row in (5, 4, 3):
        book.drop("documents", row)
    assert "A17" not in rules_found(book)
    assert pilots_of(book) == pilots_of(clean_book())


def test_a_pilot_that_dissolves_with_its_work_done_is_history():
    book = clean_book().set("associations", 2, ended_on=date(2016, 3, 1))
    none = {"status": "不涉及", "not_applicable_reason": "没有"}
    for row in (3, 4, 5):
        book.set("tasks", row, **none)
    assert "X28" in rules_found(book), "items that nobody recorded are not done"
    for item in set(book.plan.checklist.items) - {"A1", "A2", "A3", "B1"}:
        book.add("tasks", batch=1.0, association="XH-0001", item=item, **none)
    assert "X28" not in rules_found(book)
