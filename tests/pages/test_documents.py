"""文件: what each role is offered, and that every button leads to a file of the day and the language of the page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from lib.documents.catalogue import DELIVERABLES, deliver
from lib.services.policy import Actor
from lib.ui.session import board
from lib.web.files import _kept
from tests.entrance import sign_in
from tests.pages.test_pages import open_page, words


def buttons(app: AppTest) -> dict[str, dict[str, str]]:
    """What the page leads to: key of a file → what is chosen for it."""
    found = {}
    for element in app.get("link_button"):
        parts = urlsplit(element.proto.url)
        assert parts.path.startswith("/files/")
        assert not parts.netloc
        key = parts.path.removeprefix("/files/")
        found.setdefault(key, {name: value for name, [value] in parse_qs(parts.query).items()})
    return found


def test_every_document_of_the_office_is_one_click_away(sample: Path) -> None:
    app = open_page("documents", asof="2016-02-29")
    assert not app.exception
    found = buttons(app)
    assert {one.key for one in DELIVERABLES} <= set(found)
    ledger = board().ledger(board().default_as_of)
    assert ledger is not None
    for key, wanted in found.items():
        assert wanted.pop("asof") == "2016-02-29"
        assert deliver(Actor("李四", "office"), ledger, key, wanted, lambda: _kept(board())).content


def test_a_choice_on_the_page_is_the_choice_of_the_file(sample: Path) -> None:
    app = open_page("documents", quarterly_period="2015Q4", lang="en")
    assert buttons(app)["quarterly"]["period"] == "2015Q4"
    assert buttons(app)["quarterly"]["lang"] == "en"


@pytest.mark.parametrize("role", ["unit", "viewer"])
def test_nobody_else_is_offered_the_papers_of_the_office(
    sample: Path, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(monkeypatch, sample, role, *(["市民政局"] if role == "unit" else []))
    found = buttons(open_page("documents"))
    assert {"brief", "register", "table", "records", "chart", "calendar"} <= set(found)
    assert not set(found) & {"quarterly", "notice", "bulletin", "evaluation", "template"}
    assert ("implementation" in found) == (role == "unit")


def test_what_there_is_nothing_to_make_of_says_so(empty: Path) -> None:
    app = open_page("documents")
    assert not app.exception
    assert "implementation" not in buttons(app)
    assert "还没有选定的试点" in "\n".join(text.value for text in app.text) + words(app)
