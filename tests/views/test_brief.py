"""一页速览: its figures are the ledger's, its causes add up, and a unit reads only its own entries."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import speaking
from lib.services.policy import EVERYTHING, Sight
from lib.services.setup import set_up
from lib.store.xlsx import XlsxStore
from lib.views.brief import BEHIND_SHOWN, TOP, brief
from lib.views.causes import causes, waiting
from lib.views.overview import overview
from lib.views.prepared import prepared
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey

TODAY, AS_OF = date(2026, 11, 23), date(2016, 3, 31)
DAYS = (date(2015, 7, 1), date(2015, 11, 20), date(2016, 1, 5), AS_OF, date(2016, 7, 1), date(2016, 12, 31), TODAY)


@pytest.fixture(scope="module")
def judged(sample_once: Path, plan: Plan) -> Judged:
    return judge(XlsxStore(sample_once).read(), plan, TODAY)


@pytest.fixture(scope="module")
def ledger(judged: Judged) -> Ledger:
    return derive(judged, AS_OF)


@pytest.fixture(scope="module")
def nothing_yet(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Judged:
    path = tmp_path_factory.mktemp("empty") / "empty.xlsx"
    set_up(path, plan, sample=False)
    return judge(XlsxStore(path).read(), plan, TODAY)


def a_unit(ledger: Ledger) -> str:
    """A unit that owes a good deal, but not everything."""
    return Counter(due.unit for due in ledger.overdue).most_common(2)[1][0]


def test_the_verdict_counts_what_the_ledger_calls_overdue(ledger: Ledger) -> None:
    units = len({due.unit for due in ledger.overdue})
    view = brief(ledger)
    assert view.verdict == f"■ 逾期 {len(ledger.overdue)} 项，涉及 {units} 个单位"
    assert view.state is StateKey.OVERDUE


@pytest.mark.parametrize("day", DAYS)
def test_causes_add_up_to_the_overdue_count_on_any_day(judged: Judged, day: date) -> None:
    on_day = derive(judged, day)
    found = causes(on_day)
    assert sum(cause.count for cause in found) == len(on_day.overdue)
    for cause in found:
        assert cause.total == len(on_day.overdue)
        assert sum(n for _word, n in cause.reasons) == cause.count == sum(n for _unit, n in cause.by_unit)
        assert cause.longest > 0


def test_what_waits_above_the_city_is_no_cause(judged: Judged) -> None:
    early = derive(judged, date(2015, 11, 20))
    above = [due for due in early.dues if due.state is StateKey.WAITING]
    assert waiting(early) == len(above) > 0
    assert any("等待上级" in note for note in brief(early).notes)
    assert not [due for due in early.overdue if due in above]


def test_an_item_says_why_from_its_row_or_from_the_plan_that_is_not_approved(ledger: Ledger) -> None:
    items = next(cause for cause in causes(ledger) if cause.title == "脱钩事项未完成")
    unapproved = {pilot.id for pilot in ledger.pilots if pilot.plan_approved_on is None}
    late = [due.task for due in ledger.overdue if due.task]
    expected = Counter(
        "实施方案未批复" if task.association in unapproved else task.unfinished.value if task.unfinished else "未说明"
        for task in late
    )
    assert dict(items.reasons) == expected
    assert expected["实施方案未批复"]
    assert expected["政策缺失"]


def test_a_document_says_where_its_chain_stands(ledger: Ledger) -> None:
    plans = next(cause for cause in causes(ledger) if cause.title == "实施方案未批复")
    assert {"尚未起草", "待“批复”", "办理记录有误、未生效"} == {word for word, _n in plans.reasons}


def test_policies_and_reports_say_stage_and_period(judged: Judged) -> None:
    after = {cause.title: cause for cause in causes(derive(judged, date(2017, 1, 5)))}
    assert after["配套政策未印发"].count == sum(n for _word, n in after["配套政策未印发"].reasons)
    assert "国家政策未出台" not in dict(after["配套政策未印发"].reasons)
    assert all("季度" in word for word, _n in after["季度报告未报送"].reasons)


def test_who_owes_most_comes_first_and_nobody_is_lost(ledger: Ledger) -> None:
    view = brief(ledger)
    counts = [unit.overdue for unit in (*view.top, *view.rest)]
    assert len(view.top) == TOP
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == len(ledger.overdue)
    assert len(view.all_dues) == len(ledger.dues)


def test_a_unit_reads_its_own_entries_and_the_figures_of_the_city(ledger: Ledger) -> None:
    unit = a_unit(ledger)
    view, whole = brief(ledger, Sight(frozenset({unit}))), brief(ledger)
    own = sum(due.unit == unit for due in ledger.overdue)
    assert {owed.unit for owed in (*view.top, *view.rest)} == {unit}
    assert {line.unit for line in view.all_dues} == {unit}
    assert sum(cause.count for cause in causes(ledger, Sight(frozenset({unit})))) == own
    assert all(cause.units == f"{unit} {int(cause.share.split('/')[0])}" for cause in view.causes)
    assert f"{own}/{len(ledger.overdue)}" in view.scope
    assert {quota.unit for quota in view.quotas} <= {unit}
    assert (view.verdict, view.figures, view.separations) == (whole.verdict, whole.figures, whole.separations)
    others = {due.unit for due in ledger.overdue} - {unit}
    told = " ".join([*view.quota_behind, *(f"{c.title}{c.units}{c.reasons}" for c in view.causes)])
    assert not [other for other in others if other in told]


def test_a_unit_of_nothing_sees_no_entry(ledger: Ledger) -> None:
    view = brief(ledger, Sight(frozenset()))
    assert not view.causes
    assert not view.top
    assert not view.rest
    assert not view.all_dues
    assert not view.quotas


def test_views_of_different_sight_are_kept_apart(ledger: Ledger) -> None:
    unit = Sight(frozenset({a_unit(ledger)}))
    assert prepared(brief, ledger, unit) is prepared(brief, ledger, unit)
    assert prepared(brief, ledger, unit) != prepared(brief, ledger, EVERYTHING)


def test_shares_are_the_ledgers(ledger: Ledger) -> None:
    view, tally = brief(ledger), ledger.tally
    owing = [quota for quota in ledger.quotas if quota.expected]
    met = sum(quota.recommended >= quota.expected for quota in owing)
    approved = sum(pilot.plan_approved_on is not None for pilot in ledger.pilots)
    assert f"{met}/{len(owing)}" in view.quota.text
    assert [f"{approved}/{len(ledger.pilots)}" in view.pilots[0].text, view.pilots[0].value] == [
        True,
        approved / len(ledger.pilots),
    ]
    assert f"{tally.done}/{tally.total}" in view.pilots[2].text
    assert str(tally.not_applicable) in view.items_note
    assert sum(part.done for part in view.separations) == tally.done
    assert view.trend == overview(ledger, EVERYTHING).pace.sentence
    assert view.points[0][1] == tally.done


def test_it_says_how_many_rows_were_left_out(ledger: Ledger) -> None:
    assert str(ledger.left_out) in brief(ledger).left_out
    assert str(ledger.total_rows - ledger.left_out) in brief(ledger).left_out
    assert str(ledger.total_rows) in brief(replace(ledger, left_out=0)).left_out


def test_every_phase_has_shape_word_share_and_due_day(ledger: Ledger) -> None:
    view = brief(ledger)
    assert len(view.phases) == len(ledger.phases)
    for line, phase in zip(view.phases, ledger.phases, strict=True):
        light = ledger.plan.lights.by_state[phase.state]
        assert line.mark == f"{light.shape} {light.word}"
        assert line.progress == f"{phase.done}/{phase.total}"
        assert str(phase.due.year if phase.due else "") in line.due


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("day", DAYS)
def test_the_verdict_has_a_shape_and_a_word_on_any_day(
    judged: Judged, nothing_yet: Judged, day: date, lang: str
) -> None:
    for workbook in (judged, nothing_yet):
        with speaking(lang):
            view = brief(derive(workbook, day))
        assert re.match(r"[■▲◆●✓○] \S", view.verdict)
        assert len(view.quota_behind) <= BEHIND_SHOWN + 1


def test_an_empty_workbook_has_no_share_to_show(nothing_yet: Judged) -> None:
    view = brief(derive(nothing_yet, date(2015, 11, 20)))
    assert view.quota.value is None
    assert [part.value for part in view.pilots] == [None]
    assert not view.separations
    assert not view.points
