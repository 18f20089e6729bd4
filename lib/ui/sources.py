"""From a record to the page that shows it (出处)."""

from __future__ import annotations

from lib.i18n import _
from lib.ui.navigation import link
from lib.ui.theme import esc
from sheets_schema.workbook import BY_KEY

_SHOWN_ON: dict[str, tuple[str, dict[str, str]]] = {
    "units": ("mechanism", {}),
    "events": ("mechanism", {"section": "events"}),
    "associations": ("registry", {}),
    "nominations": ("nominations", {}),
    "documents": ("approvals", {}),
    "approvals": ("approvals", {}),
    "tasks": ("execution", {}),
    "updates": ("execution", {}),
    "reports": ("reports", {}),
    "policies": ("policies", {}),
    "problems": ("problems", {}),
    "extensions": ("extensions", {}),
    "phases": ("phases", {}),
}
"""Sheet → the page that shows its records, and what else its address says."""
_SHOWS_OTHERS = frozenset({"approvals", "updates", "phases"})
"""Sheets whose page chooses records of another sheet: a document for an approval, a pilot for its news."""


def record_link(sheet: str, record: str, unit: str) -> None:
    """A link to the page that shows a record: with the record chosen where the page can, else with its unit's rows."""
    page, query = _SHOWN_ON[sheet]
    chosen = {"record": record} if record and sheet not in _SHOWS_OTHERS else {"unit": unit}
    label = esc(_("在“{sheet_label}”里查看 {record}", sheet_label=_(BY_KEY[sheet].label), record=record).strip())
    link(page, label, **query, **chosen)
