"""What stands in a shared spreadsheet: its tabs, all their values in one call, and how it was around a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.store.google_batch import PRE_IMAGE, Replaced
from lib.store.google_client import BoundedClient
from lib.store.google_patches import Size
from lib.store.google_reading import Raw, Tab

FIELDS = "properties(title,locale,timeZone),sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"


def measured(client: BoundedClient, spreadsheet: str) -> tuple[str, list[Size]]:
    """The spreadsheet's title and its tabs. Raises ``StoreError``."""
    told = client.fetch_sheet_metadata(spreadsheet, params={"fields": FIELDS})
    sizes = [
        Size(p.get("sheetId", 0), p["title"], grid.get("rowCount", 0), grid.get("columnCount", 0))
        for p in (sheet["properties"] for sheet in told["sheets"])
        for grid in [p.get("gridProperties", {})]
    ]
    return told.get("properties", {}).get("title", ""), sizes


def looked_at(client: BoundedClient, spreadsheet: str, sizes: Sequence[Size]) -> dict[int, Tab]:
    """Tab id → what stands there; of the hidden tab of pre-images the first line only. Raises ``StoreError``."""
    filters = [
        {"gridRange": {"sheetId": size.id} | ({"endRowIndex": 1} if size.title == PRE_IMAGE else {})} for size in sizes
    ]
    found = {}
    for answer in client.values_by_filter(spreadsheet, filters):
        values = answer["valueRange"]
        id = answer["dataFilters"][0].get("gridRange", {}).get("sheetId", 0)
        found[id] = Tab(id, title_in(values["range"]), values.get("values", []))
    return found


def title_in(range: str) -> str:
    """The tab's title in a range as Google writes it: quoted only when needed."""
    title = range.rpartition("!")[0] or range
    return title[1:-1].replace("''", "'") if title.startswith("'") else title


def before(replaced: Sequence[Replaced], tabs: Mapping[int, Tab]) -> dict[int, Tab]:
    """The tabs as they were when we looked, in the cells that somebody typed into in the very moment of a write."""
    return _with([(one, {at: one.cells.stood(at) for at in one.differing}) for one in replaced], tabs)


def kept(replaced: Sequence[Replaced], tabs: Mapping[int, Tab]) -> dict[int, Tab]:
    """The tabs as they would be, had we not written over these cells."""
    return _with([(one, one.differing) for one in replaced], tabs)


def _with(rows: Sequence[tuple[Replaced, Mapping[int, Raw]]], tabs: Mapping[int, Tab]) -> dict[int, Tab]:
    made = dict(tabs)
    for one, cells in rows:
        tab = made[one.cells.tab]
        at = tab.row_of(one.cells.record) if one.cells.record else one.cells.row
        if at is None:  # we removed the record: all of it comes back
            whole = {position: one.at(position) for position in range(one.cells.width)} | dict(cells)
            made[tab.id] = tab.with_cells([(one.cells.row, whole)])
        else:
            made[tab.id] = tab.with_cells([(at, cells)])
    return made
