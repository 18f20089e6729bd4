"""Hostile text in the sections, records and forms of 机制与单位 and 考核 that a page does not show when it opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.session import board
from tests.entrance import sign_in
from tests.pages.desk import records
from tests.pages.test_pages import open_page
from tests.security.test_content import MARK, live, markdown_of, spoil

CHOSEN = ("Selectbox.raw_value",)
"""What stands chosen in a box is an entry of a list, which no browser reads as Markdown."""


def cards(app: AppTest) -> int:
    """How often what people typed is shown, and that nowhere as markup."""
    assert not app.exception
    found = [(where, text) for where, text in markdown_of(app) if MARK in text and where not in CHOSEN]
    for where, text in found:
        for line in text.split("\n"):
            assert not live(line), (where, line[:200])
    return len(found)


@pytest.mark.parametrize("turn", [0, 1, 2])
@pytest.mark.parametrize("role", ["office", "viewer"])
def test_what_people_typed_is_nowhere_markup(
    sample: Path, monkeypatch: pytest.MonkeyPatch, turn: int, role: str
) -> None:
    spoil(sample, turn)
    sign_in(monkeypatch, sample, role)
    open_page("mechanism")
    judged = board().judged
    assert judged is not None
    shown = 0
    for unit in list(records("units"))[:3]:
        shown += cards(open_page("mechanism", record=unit))
    for event in list(records("events"))[:3]:
        shown += cards(open_page("mechanism", section="events", record=event))
    for name in list(judged.world.units)[:3]:
        shown += cards(open_page("mechanism", section="plans", unit=name))
        cards(open_page("scorecard", unit=name, measure="data_quality"))
        cards(open_page("scorecard", unit=name, points="all"))
    cards(open_page("scorecard", section="notice"))
    assert shown, "otherwise this proves nothing"
