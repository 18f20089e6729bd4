"""Another plan, no code: every page, command and file under plans of places that do not exist, in both languages."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from lib.cli import app as commands
from lib.documents.catalogue import NotDelivered, deliver, offered
from lib.documents.kept import Kept
from lib.domain.findings import Severity
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.records import Grids
from lib.i18n import speaking
from lib.services.batches import next_batch
from lib.services.policy import OPERATOR
from lib.services.sample import make_sample
from lib.services.setup import own_plan, set_up
from lib.store.provision import provision
from lib.store.xlsx import XlsxStore
from lib.ui.navigation import PLACES
from lib.ui.session import board
from sheets_schema.plan import Plan
from sheets_schema.plan_load import DEFAULT_PLAN, PLANS_DIR, load_plan, parse_plan
from sheets_schema.reports import headings_of
from tests.entrance import sign_in
from tests.plans.words import own_words

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PLANS_DIR.glob("*.yaml"))}
OTHERS = tuple(name for name in ALL if name != DEFAULT_PLAN)
FORM = "表格规范"
"""What findings about how a sheet is filled in refer to: no plan says that."""
BYTES = re.compile(r"(?:\\[0-7]{3})+")


@dataclass(frozen=True)
class Made:
    """The workbooks of one plan."""

    plan: Plan
    text: str
    sample: Path
    empty: Path

    @property
    def foreign(self) -> set[str]:
        """Words of all other plans that this one does not use."""
        others = set().union(*(own_words(load_plan(PLANS_DIR / f"{n}.yaml")) for n in ALL if n != self.plan.id))
        return {word for word in others if word not in self.text}

    def kept(self, path: Path) -> Kept:
        """The records of a workbook."""
        snapshot = XlsxStore(path).read()
        return Kept(
            Grids(snapshot, headings=headings_of(self.plan.cadence)), judge(snapshot, self.plan, date(2026, 1, 1))
        )

    def ledger(self, path: Path) -> Ledger:
        """What a workbook means on the plan's sample day."""
        assert self.plan.sample_as_of
        return derive(self.kept(path).judged, self.plan.sample_as_of)


@pytest.fixture(scope="module", params=OTHERS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder, plan_file = tmp_path_factory.mktemp(request.param), PLANS_DIR / f"{request.param}.yaml"
    plan = load_plan(plan_file)
    found = Made(plan, ALL[request.param], folder / "sample.xlsx", folder / "empty.xlsx")
    set_up(found.sample, plan, sample=True, plan_file=plan_file)
    set_up(found.empty, plan, sample=False, plan_file=plan_file)
    return found


def walk(workbook: Path, patch: pytest.MonkeyPatch, **query: str) -> Iterator[tuple[str, AppTest]]:
    """Every page, each opened anew by somebody who may see all of them."""
    st.cache_resource.clear()
    patch.setenv("TUOGOU_WORKBOOK", str(workbook))
    sign_in(patch, workbook, "admin")
    for place in PLACES:
        app = AppTest.from_file(str(ROOT / "lib" / "shell.py"), default_timeout=30)
        for name, value in query.items():
            app.query_params[name] = value
        yield place.name, app.switch_page(f"../pages/{place.name}.py").run()
    board().feed.stop()
    st.cache_resource.clear()


def everything(app: AppTest) -> str:
    """All that a page sends, tables and forms too."""
    text = "\n".join(str(element.proto) for element in app.main if hasattr(element, "proto"))
    return BYTES.sub(
        lambda m: bytes(int(o, 8) for o in re.findall(r"\d{3}", m[0])).decode("utf-8", "replace"), text
    ).replace("\\", "")


def inside(content: bytes) -> str:
    """All that stands in a file; of an office document, its parts without their marks."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8", "ignore")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name).decode("utf-8", "ignore") for name in archive.namelist() if name.endswith(".xml")]
    return "\n".join(re.sub(r"<[^>]*>", "", part) for part in parts)


def opened(workbook: Path, patch: pytest.MonkeyPatch, **query: str) -> dict[str, str]:
    """Page → all that it shows; none of them fails."""
    shown = {}
    for name, app in walk(workbook, patch, **query):
        assert not app.exception, name
        assert not app.error, name
        shown[name] = everything(app)
    assert len(shown) == len(PLACES)
    return shown


def test_every_page_follows_the_plan(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = opened(made.sample, monkeypatch)
    found = {name: sorted(word for word in made.foreign if word in text) for name, text in shown.items()}
    assert {name: words for name, words in found.items() if words} == {}
    plan = made.plan
    assert all(phase.title in shown["phases"] for phase in plan.phases)
    assert all(group.title in shown["execution"] for group in plan.checklist.separations)
    assert all(heading.title in shown["reports"] for heading in plan.cadence.headings)
    assert plan.policies.waiting_national in shown["policies"]
    assert all(weight.title in shown["scorecard"] for weight in plan.scorecard.weights)
    assert plan.topics.quota in shown["rules"]
    assert plan.mechanism.group in shown["mechanism"]


@pytest.mark.parametrize("kind", ["sample", "empty"])
def test_the_workbook_itself_follows_the_plan(made: Made, kind: str) -> None:
    """Cells, headers and their notes, dropdown lists, and what the writer says of the file."""
    text = inside(getattr(made, kind).read_bytes())
    assert sorted(word for word in made.foreign if word in text) == []
    assert made.plan.title in text


def test_every_page_speaks_english(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made.plan
    terms = {phase.title for phase in plan.phases} | {gate.title for gate in plan.gates}
    terms |= {light.word for light in plan.lights.states} | {weight.title for weight in plan.scorecard.weights}
    for name, text in opened(made.sample, monkeypatch, lang="en").items():
        if name not in ("changes", "health", "admin"):  # what stands in the workbook is shown as it is
            assert [term for term in terms if len(term) > 2 and term in text] == [], name


def test_every_page_of_an_empty_workbook_opens(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(made.empty, monkeypatch, asof=str(made.plan.sample_as_of))


@pytest.mark.parametrize("kind", ["sample", "empty"])
def test_check_and_progress_speak_of_this_plan_alone(made: Made, kind: str) -> None:
    path, run = getattr(made, kind), CliRunner().invoke
    checked = run(commands, ["check", str(path), "--as-of", str(made.plan.sample_as_of), "--format", "json"])
    assert checked.exit_code in (0, 1)
    found = json.loads(checked.stdout)
    assert all(finding["clause"] in {*made.plan.clauses, FORM} for finding in found)
    told = "\n".join(value for f in found for name, value in f.items() if name != "column" and isinstance(value, str))
    figures = run(commands, ["progress", str(path), "--as-of", str(made.plan.sample_as_of)])
    assert figures.exit_code == 0
    assert [phase["id"] for phase in json.loads(figures.stdout)["phases"]] == [phase.id for phase in made.plan.phases]
    assert [word for word in made.foreign if word in told + figures.stdout] == []


def test_nothing_is_wrong_with_the_sample_but_what_is_planted(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "clean.xlsx"
    provision(path, made.plan, make_sample(made.plan, mistakes=False), {"sample": "yes"})
    clean = made.ledger(path)
    wrong = [f"{f.rule} {f.cell} {f.message}" for f in clean.findings if f.severity is Severity.ERROR]
    assert [text for text in wrong if not text.startswith("Q01")] == [], "one unit recommends too few, by design"
    assert clean.pilots
    assert 0 < clean.tally.share < 1
    planted = {f.rule for f in made.ledger(made.sample).findings if f.severity is not Severity.NOTE}
    assert len(planted) >= 9


@pytest.mark.parametrize(("kind", "lang"), [("sample", "zh"), ("empty", "en")])
def test_every_file_can_be_made(made: Made, kind: str, lang: str) -> None:
    ledger = made.ledger(getattr(made, kind))
    for one in offered(OPERATOR):
        with speaking(lang), suppress(NotDelivered) if one.missing else nullcontext():
            file = deliver(OPERATOR, ledger, one.key, {}, lambda: made.kept(getattr(made, kind)))
            told = inside(file.content)
            assert told, file.name
            assert lang == "en" or [word for word in made.foreign if word in told] == [], file.name


def test_init_takes_a_plan_by_its_name_and_keeps_a_file_beside_the_workbook(made: Made, tmp_path: Path) -> None:
    run, path = CliRunner().invoke, tmp_path / "mine.xlsx"
    assert run(commands, ["init", "--plan", made.plan.id, "--sample", str(path)]).exit_code == 0
    assert own_plan(made.sample).read_text(encoding="utf-8") == made.text
    found = json.loads(run(commands, ["progress", str(path), "--plan", made.plan.id]).stdout)
    assert [phase["id"] for phase in found["phases"]] == [phase.id for phase in made.plan.phases]


@pytest.mark.parametrize("name", OTHERS)
def test_the_next_batch_can_be_made_of_any_plan(name: str) -> None:
    now, later = parse_plan(ALL[name]), parse_plan(next_batch(ALL[name], 1))
    assert later.batch == now.batch + 1
    assert [p.due and p.due.year for p in later.phases] == [p.due and p.due.year + 1 for p in now.phases]
