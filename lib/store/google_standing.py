"""How a spreadsheet stands (现状): its tabs and properties, what is protected, where formulas and filters are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gspread.urls import SPREADSHEETS_API_V4_BASE_URL

from lib.store.google_batch import PRE_IMAGE
from lib.store.google_checks import CHECKS
from lib.store.google_client import BoundedClient
from lib.store.google_reading import Raw, Tab
from lib.store.google_tabs import Protection
from sheets_schema.workbook import META

LOCALE, TIME_ZONE = "zh_CN", "Asia/Shanghai"
"""What the app counts on: days and formulas are typed as the locale has them."""
TOOLS = (PRE_IMAGE, CHECKS)
"""Hidden tabs that are the app's tools and no part of the workbook."""
_TOLD = (
    "properties(title,locale,timeZone),sheets(properties(sheetId,title,hidden,gridProperties(rowCount,columnCount)),"
    "protectedRanges(range,warningOnly),basicFilter)"
)
_SHOWN = (
    "sheets(properties(sheetId),data(startRow,startColumn,"
    "rowData(values(effectiveFormat(numberFormat(type,pattern))))))"
)
_TYPED = "sheets(properties(sheetId),data(rowData(values(userEnteredValue,effectiveValue))))"


@dataclass(frozen=True)
class Standing:
    """A spreadsheet's properties, and of its tabs by title: id, size, whether it has a filter; and its protections."""

    title: str
    locale: str
    time_zone: str
    ids: Mapping[str, int]
    sizes: Mapping[str, tuple[int, int]]
    filtered: frozenset[int] = frozenset()
    protected: Sequence[Protection] = field(default_factory=tuple)

    @property
    def is_ours(self) -> bool:
        """Whether the app has made it: one of the tabs is there that nobody else makes."""
        return any(title in self.ids for title in (META.label, *TOOLS))

    @property
    def is_single(self) -> bool:
        """Whether it has one tab only, as one that has just been made."""
        return len(self.ids) == 1

    def lacks(self, wanted: Protection) -> bool:
        """Whether a protection is not there."""
        return wanted not in self.protected


def standing(client: BoundedClient, spreadsheet: str) -> Standing:
    """How a spreadsheet stands now. Raises ``StoreError``."""
    told = client.fetch_sheet_metadata(spreadsheet, params={"fields": _TOLD})
    ids, sizes, filtered, protected = dict[str, int](), dict[str, tuple[int, int]](), set[int](), list[Protection]()
    for sheet in told.get("sheets", []):
        own = sheet["properties"]
        id, grid = own.get("sheetId", 0), own.get("gridProperties", {})
        ids[own["title"]], sizes[own["title"]] = id, (grid.get("rowCount", 0), grid.get("columnCount", 0))
        if "basicFilter" in sheet:
            filtered.add(id)
        protected += [_protection(id, one) for one in sheet.get("protectedRanges", [])]
    own = told.get("properties", {})
    return Standing(
        own.get("title", ""), own.get("locale", ""), own.get("timeZone", ""), ids, sizes, frozenset(filtered),
        tuple(protected),
    )  # fmt: skip


def _protection(id: int, one: Mapping[str, Any]) -> Protection:
    area = one.get("range", {})
    rows = area.get("startRowIndex", 0), area.get("endRowIndex")
    return Protection(
        id, rows, (area.get("startColumnIndex", 0), area.get("endColumnIndex")), bool(one.get("warningOnly"))
    )


def tabs_seen(client: BoundedClient, spreadsheet: str, there: Standing) -> list[Tab]:
    """What stands in the tabs now, the app's tools left out. Only read: what a batch of the server's replaced is the
    server's to settle. Raises ``StoreError``."""
    wanted = {id: title for title, id in there.ids.items() if title not in TOOLS}
    filters = [{"gridRange": {"sheetId": id}} for id in wanted]
    found: dict[int, Sequence[Sequence[Raw]]] = {}
    for answer in client.values_by_filter(spreadsheet, filters) if filters else ():
        id = answer["dataFilters"][0].get("gridRange", {}).get("sheetId", 0)
        found[id] = answer["valueRange"].get("values", [])
    return [Tab(id, title, found.get(id, ())) for id, title in wanted.items()]


def typed_at(client: BoundedClient, spreadsheet: str, cells: Iterable[str]) -> dict[int, str]:
    """What was typed into one cell of each tab, by the tab's id: a formula as it stands, an error that it shows as
    ``!``. ``cells``: A1 with titles."""
    wanted = list(cells)
    if not wanted:
        return {}
    told = client.fetch_sheet_metadata(spreadsheet, params={"fields": _TYPED, "ranges": wanted})
    found = {}
    for sheet in told.get("sheets", []):
        rows = [row for data in sheet.get("data", []) for row in data.get("rowData", [])]
        cell = rows[0]["values"][0] if rows and rows[0].get("values") else {}
        typed = cell.get("userEnteredValue", {})
        wrong = "errorValue" in cell.get("effectiveValue", {})
        found[sheet["properties"].get("sheetId", 0)] = "!" if wrong else str(typed.get("formulaValue", ""))
    return found


def typed_in(client: BoundedClient, spreadsheet: str, columns: Sequence[tuple[int, int, int]]) -> dict[int, list[str]]:
    """What was typed into a column from a row down, by the tab's id: formulas as they stand, what formulas fill in is
    blank. ``columns``: (tab id, 0-based row, 0-based column). Raises ``StoreError``."""
    url = f"{SPREADSHEETS_API_V4_BASE_URL}/{spreadsheet}:getByDataFilter"
    areas = [
        {"gridRange": {"sheetId": id, "startRowIndex": row, "startColumnIndex": at, "endColumnIndex": at + 1}}
        for id, row, at in columns
    ]
    told = client.request("post", url, params={"fields": _TYPED}, json={"dataFilters": areas}).json()
    found = {}
    for sheet in told.get("sheets", []):
        rows = [row.get("values") or [{}] for data in sheet.get("data", []) for row in data.get("rowData", [])]
        typed = [cells[0].get("userEnteredValue", {}) for cells in rows]
        texts = [str(next(iter(value.values()), "")) for value in typed]
        found[sheet["properties"].get("sheetId", 0)] = texts
    return found


class Shown(StrEnum):
    """What people see a number as."""

    DAY = "day"
    TIME = "time"
    SPAN = "span"
    """Hours that go on after 24."""


def shown_at(client: BoundedClient, spreadsheet: str, ranges: Sequence[str]) -> dict[tuple[int, int, int], Shown]:
    """The cells that show their number as a day or a time, by (tab id, 0-based row, 0-based column). Raises
    ``StoreError``."""
    if not ranges:
        return {}
    told = client.fetch_sheet_metadata(spreadsheet, params={"fields": _SHOWN, "ranges": list(ranges)})
    found = {}
    for sheet in told.get("sheets", []):
        for data in sheet.get("data", []):
            for row, line in enumerate(data.get("rowData", []), data.get("startRow", 0)):
                for at, cell in enumerate(line.get("values", []), data.get("startColumn", 0)):
                    form = cell.get("effectiveFormat", {}).get("numberFormat", {})
                    kind, spans = form.get("type", ""), "[" in form.get("pattern", "")
                    if kind.startswith("DATE"):
                        found[sheet["properties"].get("sheetId", 0), row, at] = Shown.DAY
                    elif kind == "TIME":
                        found[sheet["properties"].get("sheetId", 0), row, at] = Shown.SPAN if spans else Shown.TIME
    return found
