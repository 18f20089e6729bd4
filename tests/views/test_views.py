"""View models: the figures of the ledger as words, prepared once, harmless when exported."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lib.charts.overview import overview_charts
from lib.domain.findings import Severity
from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.i18n import speaking
from lib.services.policy import EVERYTHING
from lib.store.xlsx import XlsxStore
from lib.views.catalogue import catalogue
from lib.views.health import health
from lib.views.overview import overview
from lib.views.phases import phases
from lib.views.plain import inert
from lib.views.prepared import prepared
from sheets_schema.plan import Plan
from sheets_schema.plan_load import parse_plan
from sheets_schema.plan_work import StateKey
from tests.documents.taken import findings_csv
from tests.workbooks import plan_text

AS_OF = date(2016, 3, 31)


@pytest.fixture(scope="module")
def judged(sample_once: Path, plan: Plan) -> Judged:
    return judge(XlsxStore(sample_once).read(), plan, date(2026, 11, 23))


@pytest.fixture(scope="module")
def ledger(judged: Judged) -> Ledger:
    return derive(judged, AS_OF)


def test_a_view_is_made_once_for_a_ledger_and_a_language(ledger: Ledger) -> None:
    assert prepared(overview, ledger, EVERYTHING) is prepared(overview, ledger, EVERYTHING)
    with speaking("en"):
        assert prepared(overview, ledger, EVERYTHING).headline != ""


def test_a_new_revision_lets_go_of_the_former_views(ledger: Ledger) -> None:
    first = prepared(overview, ledger, EVERYTHING)
    prepared(overview, replace(ledger, revision="next"), EVERYTHING)
    assert prepared(overview, ledger, EVERYTHING) is not first


def test_the_six_figures_are_the_ledgers(ledger: Ledger) -> None:
    figures = {figure.label: figure.value for figure in overview(ledger, EVERYTHING).figures}
    done = sum(phase.state is StateKey.DONE for phase in ledger.phases)
    assert figures["阶段办结"] == f"{done}/7"
    assert figures["脱钩事项完成"] == f"{ledger.tally.done}/{ledger.tally.total}"
    assert figures["逾期事项"] == str(len(ledger.overdue))


def test_the_headline_counts_what_the_list_shows(ledger: Ledger) -> None:
    view = overview(ledger, EVERYTHING)
    late = sum(owed.overdue for owed in view.dues)
    assert f"共有 {late} 项逾期" in view.headline
    assert late + sum(owed.near for owed in view.dues) == len(view.all_dues)
    assert view.dues[0].overdue == max(owed.overdue for owed in view.dues)


@pytest.mark.parametrize(
    ("day", "words"), [(date(2015, 7, 1), "没有逾期事项"), (date(2016, 3, 31), "逾期"), (date(2017, 6, 1), "逾期")]
)
def test_the_sentence_holds_on_any_day(judged: Judged, day: date, words: str) -> None:
    for code in ("zh", "en"):
        with speaking(code):
            on_day = derive(judged, day)
            view = overview(on_day, EVERYTHING)
            assert overview_charts(on_day, EVERYTHING)["gantt"]["layer"]
            phases(on_day, EVERYTHING)
            health(on_day, EVERYTHING)
            catalogue(on_day)
        if code == "zh":
            assert words in view.headline


def test_a_phase_without_a_time_limit_is_drawn_pale_to_the_end_of_the_batch(sample_once: Path) -> None:
    edited = parse_plan(plan_text(("    start: 2016-07\n    due: 2016-10\n", "    start: 2016-12-20\n    due: null\n"),
                                  ("window_end: 2016-12-31", "window_end: 2017-03-31")))  # fmt: skip
    view = overview(derive(judge(XlsxStore(sample_once).read(), edited, AS_OF), AS_OF), EVERYTHING)
    bar = next(bar for bar in view.phases if bar.label.startswith("P6"))
    assert (bar.start, bar.end, bar.is_assumed) == (date(2016, 12, 20), date(2017, 3, 31), True)
    assert all(bar.start <= bar.end for bar in view.phases)


def test_words_stand_beside_a_bar_where_there_is_room_and_every_bar_has_its_name(
    judged: Judged, ledger: Ledger
) -> None:
    after = prepared(overview_charts, derive(judged, date(2019, 1, 1)), EVERYTHING)["gantt"]
    aligned = [layer["mark"].get("dx") for layer in after["layer"] if layer["mark"].get("fontWeight") == "bold"]
    assert aligned == [6], "all words after their bars, since the day stands far behind them"
    for chart in prepared(overview_charts, ledger, EVERYTHING).values():
        layers = chart.get("layer", [chart])
        axes = [layer["encoding"]["y"]["axis"] for layer in layers if "axis" in layer.get("encoding", {}).get("y", {})]
        assert all(axis["labelOverlap"] is False for axis in axes if "labelLimit" in axis)


def test_projection_says_when_and_how_late(ledger: Ledger) -> None:
    late = ledger.burn_up.days_late
    assert late
    assert f"晚 {late} 天" in overview(ledger, EVERYTHING).pace.sentence


def test_phases_mark_the_broken_step_and_the_gates(ledger: Ledger) -> None:
    view = phases(ledger, EVERYTHING)
    broken = [c for p in view.phases for c in p.chains if any(s.state is StateKey.OVERDUE for s in c.steps)]
    assert broken, "the reply typed without its approval is marked"
    assert any("未生效" in item.note for chain in broken for item in chain.open)
    gates = {gate.title: gate.is_open for p in view.phases for gate in p.gates}
    assert True in gates.values()
    assert False in gates.values()


def test_health_filters_add_up(ledger: Ledger) -> None:
    view = health(ledger, EVERYTHING)
    assert sum(count for _s, _w, count in view.counts) == view.total == view.matching
    assert sum(health(ledger, EVERYTHING, severity=s.value).matching for s in Severity) == view.total
    assert sum(health(ledger, EVERYTHING, sheet=sheet).matching for sheet in view.sheets) == view.total


def test_the_download_holds_every_finding_and_no_formula(ledger: Ledger) -> None:
    hostile = replace(ledger.findings[0], value='=HYPERLINK("http://evil.example")')
    data = findings_csv(replace(ledger, findings=(hostile, *ledger.findings[1:])), EVERYTHING)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == len(ledger.findings) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r"))]
    assert any(cell == '\'=HYPERLINK("http://evil.example")' for row in rows for cell in row)


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-A1", "@x", "＝1", "＋1", "－1", "＠x", "\t=1", "\r=1", "\n=1", " =1", "\u200b=1"]
)
def test_no_export_starts_a_formula(text: str) -> None:
    assert inert(text).startswith("'")


@pytest.mark.parametrize("text", ["-1", "-12.5", "2016-03-31", "12000000000000001X", "007", "—", "a=1", ""])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_the_catalogue_shows_every_rule_once(ledger: Ledger) -> None:
    shown = [line.id for _letter, _title, lines in catalogue(ledger).families for line in lines]
    assert len(shown) == len(set(shown))
    assert sum(line.now for _l, _t, lines in catalogue(ledger).families for line in lines) == len(ledger.findings)
