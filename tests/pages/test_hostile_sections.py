"""Hostile text in the sections, records and forms that pages do not show when they open, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.ledger import Ledger
from lib.services.policy import EVERYTHING, PAGES
from lib.ui.navigation import PLACES
from lib.ui.session import board
from lib.views.policies import policies
from sheets_schema.sheet import Column, Kind
from sheets_schema.workbook import PEOPLE
from tests.entrance import sign_in
from tests.pages.desk import records
from tests.security.test_content import HOSTILE, MARK, ROOT, live, markdown_of, spoil, write

Place = tuple[str, dict[str, str]]
"""A page and the query that opens a part of it."""
EACH = 2
"""Records of a kind that are opened; the hostile texts stand in every third row, each time others."""
INNER = {
    "registry": "associations", "nominations": "nominations", "approvals": "documents", "problems": "problems",
    "extensions": "extensions", "reports": "reports",
}  # fmt: skip
"""Pages on which a record of a sheet is chosen by ``?record=…``."""


def spoil_in_force(workbook: Path, turn: int) -> None:
    """Write hostile text where anything may stand, and into the names of associations wherever they are called by
    them: every row stays in force, and the pages show it in earnest."""
    book, count = openpyxl.load_workbook(workbook), turn
    tabs = {sheet.key: book[sheet.label] for sheet in PEOPLE}
    names = tabs["associations"]
    at = [cell.value for cell in names[1]].index("协会名称") + 1
    called = {str(names.cell(row, at).value): row for row in range(2, names.max_row + 1) if names.cell(row, at).value}
    for sheet in PEOPLE:
        tab = tabs[sheet.key]
        header = [cell.value for cell in tab[1]]
        free = {header.index(column.label) for column in sheet.columns if is_free(column)}
        for row in tab.iter_rows(min_row=2):
            for cell in row[: len(header)] if row[0].value else ():
                if cell.value in called:
                    write(
                        tab, cell.row, cell.column, f"{cell.value}{HOSTILE[(called[cell.value] + turn) % len(HOSTILE)]}"
                    )
                elif cell.column - 1 in free and cell.value:
                    write(tab, cell.row, cell.column, HOSTILE[(count := count + 1) % len(HOSTILE)])
    book.save(workbook)


def is_free(column: Column) -> bool:
    """Whether any text may stand in a column without breaking a rule."""
    is_text = column.kind in (Kind.TEXT, Kind.LONG) and not column.ref and not column.choices
    return is_text and column.name not in ("id", "check", "name", "item", "target", "verb", "kind", "confirmed_name")


def opened(page: str, /, **query: str) -> AppTest:
    """A page with a query, at once."""
    app = AppTest.from_file(str(ROOT / "lib" / "shell.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(f"../pages/{page}.py").run() if page != "overview" else app.run()


def figures() -> Ledger:
    found = board().ledger(board().default_as_of)
    assert found is not None
    return found


def places() -> Iterator[Place]:
    """Every part of every page that a link opens."""
    found = figures()
    for page, sheet in INNER.items():
        yield from ((page, {"record": record}) for record in list(records(sheet))[:EACH])
    units, pilots = list(found.world.units)[: EACH * 2], [pilot.id for pilot in found.pilots]
    yield from (("mechanism", {"record": record}) for record in list(records("units"))[:EACH])
    yield from (("mechanism", {"section": "events", "record": record}) for record in list(records("events"))[:EACH])
    yield from (("mechanism", {"section": "plans", "unit": unit}) for unit in units[:EACH])
    yield from (("nominations", {"unit": unit}) for unit in units[:EACH])
    yield from (("implementation", {"record": pilot}) for pilot in pilots[:EACH])
    for pilot in pilots[:EACH]:
        yield from (("execution", {"pilot": pilot, "do": act}) for act in ("done", "plan"))
    yield from (("execution", {"item": item}) for item in ("A1", "B2"))
    yield from (("policies", {"record": record}) for record in policy_lines()[:EACH])
    yield from (("evaluation", {"table": str(n)}) for n in range(8))
    yield from (("scorecard", {"unit": unit, "points": "all"}) for unit in units[:EACH])
    yield "scorecard", {"unit": units[0], "measure": "data_quality"}
    yield "scorecard", {"section": "notice"}
    yield "extensions", {"part": "closing", "evidence": "all"}
    yield "extensions", {"target": HOSTILE[0]}
    yield from (("todo", {"list": who, "show": "all"}) for who in ("office", "units", "mine"))
    yield from (("reports", {"period": period.id}) for period in found.plan.cadence.periods[:2])
    yield from (("admin", {"section": section}) for section in ("people", "plan", "backups"))
    yield from ((page, {"q": MARK}) for page in ("registry", "execution", "changes", "health"))


def policy_lines() -> list[str]:
    return [line.id for line in policies(figures(), EVERYTHING).lines]


def marks(app: AppTest, place: Place) -> int:
    """How often what people typed is shown, and that nowhere as markup."""
    assert not app.exception, (place, app.exception)
    found = [(where, text) for where, text in markdown_of(app) if MARK in text]
    for where, text in found:
        for line in text.split("\n"):
            assert not live(line), (place, where, line[:200])
    plain = [text.value for text in app.text] + [str(frame.value.to_numpy().tolist()) for frame in app.dataframe]
    return len(found) + sum(MARK in text for text in plain)


@pytest.mark.parametrize(("turn", "role", "lang"), [(0, "admin", "zh"), (1, "admin", "en"), (2, "viewer", "zh")])
def test_what_people_typed_is_nowhere_markup(
    sample: Path, monkeypatch: pytest.MonkeyPatch, turn: int, role: str, lang: str
) -> None:
    (spoil if turn == 1 else spoil_in_force)(sample, turn)
    sign_in(monkeypatch, sample, role)
    opened("overview")
    there = [place for place in places() if role in PAGES[place[0]]]
    shown = {place[0]: 0 for place in there}
    for page, query in there:
        shown[page] += marks(opened(page, lang=lang, **query), (page, query))
    silent = {page for page, count in shown.items() if not count} - {"admin", "changes", "health", "scorecard"}
    assert turn == 1 or not silent, "otherwise this proves nothing of them"


GARBAGE = ("<script>alert(1)</script>", "999", "zzz", "长" * 3000, "\u202e\x00']\"\n", "-1e9")
QUERY = (
    "unit", "record", "state", "scope", "category", "section", "part", "pilot", "item", "do", "way", "kind", "stage",
    "area", "period", "table", "show", "list", "points", "measure", "issue", "role", "status", "evidence", "target",
    "severity", "rule", "sheet", "column", "lang",
)  # fmt: skip


@pytest.mark.parametrize(("turn", "role", "lang"), [(0, "admin", "zh"), (2, "unit", "en"), (5, "viewer", "")])
def test_a_link_of_garbage_opens_the_page_as_if_it_said_nothing(
    sample: Path, monkeypatch: pytest.MonkeyPatch, turn: int, role: str, lang: str
) -> None:
    """Each page with every filter garbage, and as of a day that no calendar has."""
    sign_in(monkeypatch, sample, role, *(["市科委"] if role == "unit" else []))
    query = {name: GARBAGE[(at + turn) % len(GARBAGE)] for at, name in enumerate(QUERY)}
    query |= {"lang": lang} if lang else {}
    for page in (place.name for place in PLACES if role in PAGES[place.name]):
        plain, app = opened(page, lang=lang or "zh"), opened(page, asof="9999-99-99", **query)
        assert not app.exception, (page, app.exception)
        assert not app.error, (page, app.error[0].value)
        assert app.title[0].value == plain.title[0].value
        assert [m.value for m in app.metric] == [m.value for m in plain.metric], page
        assert [len(d.value) for d in app.dataframe] == [len(d.value) for d in plain.dataframe], page


def test_a_link_that_is_no_garbage_is_followed(sample: Path) -> None:
    """Otherwise the test above proves nothing."""
    assert len(opened("health", severity="error").dataframe[0].value) < len(opened("health").dataframe[0].value)
    titles = [opened(place.name).title[0].value for place in PLACES]
    assert len(set(titles)) == len(titles)
