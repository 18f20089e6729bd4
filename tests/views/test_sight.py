"""What a unit, a viewer and the office see: every string of every page's view model, looked through.

Whose a row is, these tests tell by themselves from its cells, so that they do not repeat what they test.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from lib.charts.overview import overview_charts
from lib.documents.calendar import feed
from lib.domain.judge import Judged, judge
from lib.domain.ledger import Ledger, derive
from lib.domain.records import Grids
from lib.domain.signing import whose_turn
from lib.i18n import speaking
from lib.services import work
from lib.services.edition import EPOCH, Edition
from lib.services.policy import EVERYTHING, VIEWER, Actor, Sight
from lib.services.progress import as_json
from lib.store.xlsx import XlsxStore
from lib.views.approvals import approvals
from lib.views.brief import brief
from lib.views.catalogue import catalogue
from lib.views.changes import Changes, changes
from lib.views.evaluation import evaluation
from lib.views.execution import execution
from lib.views.extensions import extensions
from lib.views.health import health
from lib.views.implementation import implementation
from lib.views.nominations import nominations
from lib.views.overview import overview
from lib.views.phases import phases
from lib.views.policies import policies
from lib.views.prepared import prepared
from lib.views.problems import problems
from lib.views.records import records
from lib.views.registry import registry
from lib.views.reports import reports
from lib.views.todo import todo
from sheets_schema.documents import Approval
from sheets_schema.plan import Plan
from sheets_schema.sheet import Kind, Row
from sheets_schema.snapshot import Cell, RawSheet, Snapshot
from sheets_schema.workbook import BY_KEY, PEOPLE
from tests.documents.taken import findings_csv
from tests.services.shared import OFFICE, Shared, drop, edit_outside, put, shared_book

AS_OF = date(2016, 3, 31)
UNITS = ("市民政局", "市商务委", "市科委", "市委组织部", "市合作交流办", "市求委")
"""With many associations, some, few; without any; one that named another's association; one of doubtful name."""
CITYS = {"工作方案", "试点方案", "评估报告", "季度汇总"}
PERSONAL = {("units", "leader_phone"), ("units", "liaison_phone"), ("units", "email"), ("associations", "contact"),
            ("associations", "phone"), ("updates", "reporter")}  # fmt: skip


def csv_text(ledger: Ledger, sight: Sight) -> object:
    return findings_csv(ledger, sight).decode("utf-8-sig")


def calendar_text(ledger: Ledger, sight: Sight) -> object:
    return feed(ledger, sight, Edition(EPOCH)).decode().replace("\r\n ", "")


def rules_page(ledger: Ledger, _sight: Sight) -> object:
    return catalogue(ledger)


def desk_list(ledger: Ledger, sight: Sight) -> object:
    return todo(ledger, sight, desk=True, show="all")


def units_list(ledger: Ledger, sight: Sight) -> object:
    return todo(ledger, sight, desk=False, show="all")


VIEWS: dict[str, Callable[[Ledger, Sight], object]] = {
    "overview": overview,
    "charts": overview_charts,
    "phases": phases,
    "brief": brief,
    "health": health,
    "csv": csv_text,
    "extensions": extensions,
    "desk": desk_list,
    "todo": units_list,
    "rules": rules_page,
    "evaluation": evaluation,
    "execution": execution,
    "implementation": implementation,
    "nominations": nominations,
    "policies": policies,
    "problems": problems,
    "registry": registry,
    "reports": reports,
    "calendar": calendar_text,
    "data": as_json,
}


def strings(view: object) -> Iterator[str]:
    """Every string in a view model, however deep."""
    if isinstance(view, str):
        yield view
    elif dataclasses.is_dataclass(view):
        for field in dataclasses.fields(view):
            yield from strings(getattr(view, field.name))
    elif isinstance(view, Mapping):
        for name, held in view.items():
            yield from (*strings(name), *strings(held))
    elif isinstance(view, (tuple, list)):
        for held in view:
            yield from strings(held)


def said(view: object) -> str:
    return "\n".join(strings(view))


def told(text: str) -> set[str]:
    """The ids and marks in a text."""
    return set(re.findall(r"秘[^秘密]*密|[A-Z]{2}-\d+", text))


def mark(sheet: str, name: str, record: object) -> str:
    """A text that stands in one cell of the workbook alone, and is wrong there, so that it is quoted."""
    return f"秘{sheet}.{name}.{record}密"


def marked(snapshot: Snapshot) -> Snapshot:
    """The workbook with such a text in every phone, link and contact."""
    by_label = {sheet.label: sheet for sheet in PEOPLE}
    made: list[RawSheet] = []
    for raw in snapshot.sheets:
        sheet = by_label.get(raw.title)
        if sheet is None:
            made.append(raw)
            continue
        columns = [c for c in sheet.columns if c.kind in (Kind.PHONE, Kind.URL) or (sheet.key, c.name) in PERSONAL]
        at = {c.name: raw.cells[0].index(c.label) for c in columns}
        cells: list[list[Cell]] = [list(raw.cells[0])]
        for row in raw.cells[1:]:
            wide = [*row, *[""] * (len(raw.cells[0]) - len(row))]
            for name, position in at.items():
                wide[position] = mark(sheet.key, name, row[0])
            cells.append(wide)
        made.append(dataclasses.replace(raw, cells=cells))
    return dataclasses.replace(snapshot, sheets=tuple(made))


@dataclass(frozen=True)
class Scene:
    """A judged workbook and its ledger, and what in it is whose."""

    snapshot: Snapshot
    judged: Judged
    ledger: Ledger
    ids: dict[str, dict[str, Row]] = dataclasses.field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, Row]]:
        for key, read in self.judged.parsed.items():
            for row in read.rows:
                yield key, row

    def is_citys(self, key: str, row: Row) -> bool:
        document = row if key == "documents" else self.by_id("documents").get(getattr(row, "document", ""))
        return key == "phases" or (document is not None and document.kind in CITYS)  # type: ignore[attr-defined]

    def by_id(self, key: str) -> dict[str, Row]:
        if key not in self.ids:
            self.ids[key] = {row.id: row for row in self.judged.parsed[key].rows}
        return self.ids[key]

    def concerns(self, unit: str, key: str, row: Row) -> bool:
        named = {"units": ("name",), "policies": ("owner",), "problems": ("unit", "assignee"), "approvals": ("actor",)}
        if unit in [getattr(row, name) for name in named.get(key, ("unit",)) if hasattr(row, name)]:
            return True
        document = self.by_id("documents").get(getattr(row, "document", ""))
        if document is not None and self.concerns(unit, "documents", document):
            return True
        association = self.by_id("associations").get(getattr(row, "association", None) or "")
        return getattr(association, "unit", None) == unit

    def others(self, unit: str) -> set[str]:
        """Names, ids, and marks of all that is neither the unit's nor the city's."""
        found, own = set(), set()
        for key, row in self.rows():
            mine = self.concerns(unit, key, row) or self.is_citys(key, row)
            place = own if mine else found
            place.add(row.id)
            place.update(mark(key, column.name, row.id) for column in BY_KEY[key].columns)
            if key == "associations":
                place.add(row.name)  # type: ignore[attr-defined]
        return found - own

    def names(self) -> set[str]:
        return {row.name for row in self.judged.parsed["associations"].rows}  # type: ignore[attr-defined]

    def phones(self) -> set[str]:
        return {mark(key, name, row.id) for key, row in self.rows() for sheet, name in PERSONAL if sheet == key}


@pytest.fixture(scope="module")
def scene(sample_once: Path, plan: Plan) -> Scene:
    snapshot = marked(XlsxStore(sample_once).read())
    judged = judge(snapshot, plan, date(2026, 11, 23))
    return Scene(snapshot, judged, derive(judged, AS_OF))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("page", VIEWS)
def test_a_unit_sees_nothing_of_other_units(scene: Scene, page: str, unit: str):
    for language in ("zh", "en"):
        with speaking(language):
            text = said(prepared(VIEWS[page], scene.ledger, Sight(frozenset({unit}))))
        assert not told(text) & scene.others(unit)
        assert not [name for name in scene.names() & scene.others(unit) if name in text]


@pytest.mark.parametrize("page", VIEWS)
def test_without_the_right_to_personal_data_no_phone_is_seen(scene: Scene, page: str):
    for language in ("zh", "en"):
        with speaking(language):
            text = said(prepared(VIEWS[page], scene.ledger, VIEWER.sight))
        assert not [phone for phone in scene.phones() if phone in text]


@pytest.mark.parametrize("sight", [VIEWER.sight, *(Sight(frozenset({unit})) for unit in UNITS[:3])], ids=str)
def test_lists_of_records_show_no_more(scene: Scene, sight: Sight):
    grids, secrets = Grids(scene.snapshot), scene.phones()
    if sight.units is not None:
        secrets = scene.others(next(iter(sight.units)))
    for sheet in PEOPLE:
        lines = records(grids, scene.judged, sheet, sight).lines
        assert not {line.id for line in lines} & secrets, sheet.key
        assert not {found for found in told(said(lines)) if found.startswith("秘")} & secrets, sheet.key
        said_of_them = "\n".join(text for line in lines for text in line.findings)
        assert not [name for name in scene.names() & secrets if name in said_of_them]


def test_a_viewer_sees_everything_else(scene: Scene):
    assert said(prepared(overview, scene.ledger, VIEWER.sight)) == said(overview(scene.ledger, EVERYTHING))
    assert said(prepared(phases, scene.ledger, VIEWER.sight)) == said(phases(scene.ledger, EVERYTHING))
    seen, every = health(scene.ledger, VIEWER.sight), health(scene.ledger, EVERYTHING)
    assert (seen.total, seen.counts, seen.by_unit) == (every.total, every.counts, every.by_unit)
    links = {mark("tasks", "evidence", row.id) for row in scene.judged.parsed["tasks"].rows}
    text = findings_csv(scene.ledger, VIEWER.sight).decode()
    assert not [link for link in links if link not in text]


def test_the_office_sees_every_finding_as_it_is(scene: Scene):
    text = findings_csv(scene.ledger, OFFICE.sight).decode()
    quoted = {f.value for f in scene.ledger.findings if f.value.startswith("秘")}
    assert {value.split(".")[0] for value in quoted} >= {"秘units", "秘associations", "秘tasks", "秘documents"}
    assert not [value for value in quoted if value not in text]
    assert health(scene.ledger, OFFICE.sight).total == len(scene.ledger.findings)
    assert len(overview(scene.ledger, OFFICE.sight).all_dues) == len(scene.ledger.dues)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_sees_all_of_its_own(scene: Scene, unit: str):
    sight, ledger = Sight(frozenset({unit})), scene.ledger
    text = findings_csv(ledger, sight).decode()
    for key, row in scene.rows():
        if key in ("units", "associations", "tasks") and scene.concerns(unit, key, row):
            for column in BY_KEY[key].columns:
                if column.kind in (Kind.PHONE, Kind.URL):
                    assert mark(key, column.name, row.id) in text
    view = overview(ledger, sight)
    assert len(view.all_dues) == sum(due.unit == unit for due in ledger.dues)
    assert len(view.reports) == sum(cell.unit == unit for cell in ledger.reports)
    assert [bar.unit for bar in view.quotas] == [quota.unit for quota in ledger.quotas if quota.unit == unit]
    specs = overview_charts(ledger, sight)
    assert len(specs["quota"]["layer"]) == len(overview_charts(ledger, EVERYTHING)["quota"]["layer"])


def test_the_citys_figures_are_everybodys(scene: Scene):
    sight, ledger = Sight(frozenset({"市科委"})), scene.ledger
    own, every = overview(ledger, sight), overview(ledger, EVERYTHING)
    for name in ("headline", "figures", "phases", "separations", "pace", "periods", "left_out"):
        assert getattr(own, name) == getattr(every, name), name
    assert own.own_note
    assert not every.own_note
    assert own.subline != every.subline
    for mine, all_ in zip(phases(ledger, sight).phases, phases(ledger, EVERYTHING).phases, strict=True):
        assert dataclasses.replace(mine, chains=()) == dataclasses.replace(all_, chains=())
        assert [chain.steps for chain in mine.chains] == [chain.steps for chain in all_.chains]
    rules = {line.rule for line in health(ledger, sight).lines}
    assert "D01" in rules, "a late phase concerns everybody"


def test_a_citys_document_on_its_way_is_everybodys(scene: Scene):
    every = {(c.kind, o) for p in phases(scene.ledger, EVERYTHING).phases for c in p.chains for o in c.open}
    mine = {(c.kind, o) for p in phases(scene.ledger, Sight(frozenset({"市委组织部"}))).phases for c in p.chains
            for o in c.open}  # fmt: skip
    assert mine == {(kind, o) for kind, o in every if kind in CITYS}
    assert mine


def test_no_filter_lets_a_unit_look_further(scene: Scene):
    sight = Sight(frozenset({"市科委"}))
    assert not health(scene.ledger, sight, unit="市商务委").lines
    assert findings_csv(scene.ledger, sight, None, None, "市商务委", None).decode().count("\n") == 1


def test_two_units_see_what_either_sees(scene: Scene):
    both = health(scene.ledger, Sight(frozenset({"市科委", "市商务委"})))
    each = [set(health(scene.ledger, Sight(frozenset({unit}))).lines) for unit in ("市科委", "市商务委")]
    assert set(both.lines) == each[0] | each[1]


ME, OWN, FOREIGN = Actor("赵六", "unit", ("市商务委",)), "XH-0001", "XH-0006"


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    """A workbook in which the office, a unit and people have changed what is one unit's and what is another's."""
    made = shared_book(tmp_path)
    desk = made.board.commands
    assert desk is not None
    for record in (OWN, FOREIGN):
        values = {name: mark("associations", name, record) for name in ("remark", "contact", "phone")}
        assert desk.act(OFFICE, "编辑", work.edit("associations", record, values)).allowed
    stale = tmp_path / "旧.xlsx"
    made.board.refresh()
    stale.write_bytes(made.path.read_bytes())
    for record in (OWN, FOREIGN):
        values = {
            "contact": mark("associations", "later", record),
            "industry": mark("associations", "industry", record),
        }
        assert desk.act(OFFICE, "编辑", work.edit("associations", record, values)).allowed
    made.board.refresh()

    def by_hand(book):
        for record in (OWN, FOREIGN):
            for name in ("contact", "industry"):
                put("associations", record, name, mark("hand", name, record))(book)
        for record in ("DT-0001", "DT-0002"):
            put("updates", record, "reporter", mark("updates", "reporter", record))(book)
            put("updates", record, "content", mark("updates", "content", record))(book)
        put("phases", "P1", "progress", mark("phases", "progress", "P1"))(book)

    edit_outside(stale, by_hand, made.path)
    made.board.refresh()
    for record in ("DT-0001", "DT-0002"):
        edit_outside(made.path, drop("updates", record))
        made.board.refresh()
    assert len(made.keeper.history.conflicts) == 4
    return made


def shown(shared: Shared, sight: Sight, **filters: str) -> Changes:
    return changes(shared.keeper.history, shared.board.judged, sight, **filters)


def test_changes_and_conflicts_of_others_are_not_listed_for_a_unit(shared: Shared):
    view = shown(shared, ME.sight)
    text = said(view)
    assert not [secret for secret in (FOREIGN, "DT-0002") if secret in text]
    for name in ("remark", "contact", "phone"):
        assert mark("associations", name, OWN) in text
    assert mark("phases", "progress", "P1") in text
    assert mark("updates", "content", "DT-0001") in text
    assert {card.where.split()[1] for card in view.conflicts} == {OWN}
    assert all(card.is_own for card in view.conflicts)
    own = {line.record: line.can_undo for line in view.lines}
    assert not own["P1"], "what the city notes is not a unit's to take back"


def test_the_id_of_a_foreign_record_finds_nothing(shared: Shared):
    assert shown(shared, ME.sight, record=OWN).lines
    for record in (FOREIGN, "DT-0002"):
        view = shown(shared, ME.sight, record=record)
        assert not view.lines
        assert not view.total
        assert shown(shared, OFFICE.sight, record=record).lines


def test_the_office_sees_all_changes(shared: Shared):
    view, history = shown(shared, OFFICE.sight), shared.keeper.history
    assert view.total == len(history.changes)
    assert len(view.conflicts) == len(history.conflicts)
    assert said(view).count("（不显示）") == 0


def test_a_viewer_sees_all_changes_without_personal_data(shared: Shared):
    view = shown(shared, VIEWER.sight)
    text = said(view)
    assert view.total == len(shared.keeper.history.changes)
    for name in ("contact", "phone", "later"):
        assert f".{name}." not in text
    assert mark("updates", "reporter", "DT-0001") not in text, "not in the row that was deleted either"
    assert mark("updates", "content", "DT-0001") in text
    assert mark("associations", "industry", FOREIGN) in text
    contact = next(card for card in view.conflicts if "联系人" in card.where)
    assert (contact.ours, contact.theirs) == ("（不显示）", "（不显示）")


def test_what_people_put_into_columns_of_their_own_may_be_personal(shared: Shared):
    def add(book):
        tab = book[BY_KEY["associations"].label]
        tab.cell(1, tab.max_column + 1, "手机")
        tab.cell(2, tab.max_column, "13800001234")

    edit_outside(shared.path, add)
    shared.board.refresh()
    assert "13800001234" in said(shown(shared, OFFICE.sight))
    assert "13800001234" not in said(shown(shared, VIEWER.sight))


@pytest.mark.parametrize("unit", UNITS)
def test_of_other_units_documents_a_unit_sees_those_that_came_to_its_desk(scene: Scene, unit: str):
    """Who has to approve a document, or has acted on it, has to see it; nobody else's are shown."""
    ledger = scene.ledger
    shown = told(said(prepared(approvals, ledger, Sight(frozenset({unit}))))) & scene.others(unit)
    acted = {act.document for act in ledger.world.rows(Approval) if ledger.world.who(act.actor) == unit}
    turn = {
        chain.document.id
        for chain in ledger.chains
        if chain.next_step and unit in whose_turn(chain.next_step, chain.document, ledger.world)
    }
    assert shown <= acted | turn
