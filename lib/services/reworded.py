"""Entries of the journal after the plan put its headings otherwise: a report's columns go with their headings.

The columns of 季度报告 are fields that take the plan's headings one after the other. An entry tells under which
headings it was made; a plan with another order, one more or one less gives the same field to another column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lib.store.journal_lines import Entry
from sheets_schema.reports import Headings, Report, moved
from sheets_schema.sheet import SHEET_OF

_REPORTS = SHEET_OF[Report].key
_PLACES = ("edits", "pending", "stands", "conflicts", "given")
"""Where an entry tells of cells and records."""
_HEADINGS = "headings"


def with_headings(data: dict[str, Any], headings: Headings) -> dict[str, Any]:
    """What an entry is to tell, with the headings under which it names the columns of reports, where it names any."""
    names_any = next(_of_reports(data), None) is not None or _REPORTS in data.get("torn", ())
    return {**data, _HEADINGS: dict(headings)} if headings and names_any else data


def reworded(entry: Entry, headings: Headings) -> Entry:
    """An entry with the columns of reports as they are under the plan's ``headings`` by now."""
    before: Headings = entry.data.get(_HEADINGS) or headings
    if before == headings:
        return entry

    def now(name: str) -> str:
        return moved(name, before, headings)

    data: dict[str, Any] = {key: [_told(one, now) for one in entry.data[key]] for key in _PLACES if key in entry.data}
    if _REPORTS in entry.data.get("torn", ()):
        data["torn"] = {**entry.data["torn"], _REPORTS: list(map(now, entry.data["torn"][_REPORTS]))}
    return replace(entry, data={**entry.data, **data})


def _of_reports(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (one for key in _PLACES for one in data.get(key, ()) if one["sheet"] == _REPORTS)


def _told(one: dict[str, Any], now: Callable[[str], str]) -> dict[str, Any]:
    """A cell or a record of the journal: of a cell its column, of a record all that it holds."""
    if one["sheet"] != _REPORTS:
        return one
    if one.get("column"):
        return {**one, "column": now(one["column"])}
    held = {key: value for key, value in one.items() if isinstance(value, dict)}
    return one | {key: {now(name): cell for name, cell in value.items()} for key, value in held.items()}
