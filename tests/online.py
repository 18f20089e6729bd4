"""A real Google spreadsheet for ``pytest --online``: one that is for tests alone, for everything in it is thrown away.

Share an empty spreadsheet with the service account, name it in ``TUOGOU_ONLINE_SPREADSHEET`` and the key in
``TUOGOU_GOOGLE_KEY``, and run ``pytest -n 0 -s --online tests/contract tests/store/test_google_questions.py``.
"""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any

import pytest

from lib.services.settings import google_settings, google_url, spreadsheet_of
from lib.services.stores import door_of
from lib.store.google_client import BoundedClient, Budget

SPREADSHEET = "TUOGOU_ONLINE_SPREADSHEET"


class Patient(Budget):
    """Waits for the next minute rather than giving up: a test has the time."""

    def take(self, patience: float = 90) -> None:
        super().take(90)


@cache
def online() -> tuple[BoundedClient, str]:
    """The way to Google, and the spreadsheet for tests; the test is skipped where they are not named."""
    google, named = google_settings(), os.environ.get(SPREADSHEET, "")
    if google is None or not named:
        pytest.skip(f"{SPREADSHEET} and TUOGOU_GOOGLE_KEY name a spreadsheet for tests and a key")
    client = BoundedClient(None, door_of(google))
    client.reads, client.writes = Patient(50), Patient(50)
    return client, spreadsheet_of(named) or named


def do(*requests: dict[str, Any], **more: Any) -> Any:
    """A batch; waits for its turn within the quota."""
    client, spreadsheet = online()
    return client.batch(spreadsheet, {"requests": list(requests), **more})


def tab_ids() -> dict[str, int]:
    """Title → id of every tab."""
    client, spreadsheet = online()
    told = client.fetch_sheet_metadata(spreadsheet, params={"fields": "sheets.properties(sheetId,title)"})
    return {sheet["properties"]["title"]: sheet["properties"].get("sheetId", 0) for sheet in told["sheets"]}


def only(title: str) -> int:
    """Make one empty tab the only one; gives its id."""
    fresh, former = int(time.time() * 1000) % 2**30, tab_ids()
    grid = {"rowCount": 100, "columnCount": 26}
    do(
        {"addSheet": {"properties": {"sheetId": fresh, "title": f"{title}-{fresh}", "gridProperties": grid}}},
        *({"deleteSheet": {"sheetId": id}} for id in former.values()),
        {"updateSheetProperties": {"properties": {"sheetId": fresh, "title": title}, "fields": "title"}},
    )
    return fresh


def where() -> str:
    """What answers: Google, or the double that stands in for it."""
    return google_url() or "Google"
