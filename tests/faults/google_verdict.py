"""The verdict on a schedule at a shared spreadsheet, from the spreadsheet and the journal, without the app's merging.

``lost``     a value that somebody typed, or that a command was acknowledged for, is nowhere: not in the sheet, not
             deleted or replaced by a person, not told by a command as what it replaced, in no conflict.
``astray``   a value stands in a row or column where nobody put it.
``doubled``  a value stands more often than people have put it, or two rows have one id.
``back``     a value that a person deleted is there again, and no conflict asks.
``undone``   the journal tells an edit from outside that no person made, and no conflict asks.
``untold``   an entry of the journal does not begin where those before it ended.
``broken``   the sheet is not what the journal tells or the app holds; it does not come to rest; 校验 is wrong.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lib.domain.edits import unpack
from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.store.google_copies import snapshot_of
from lib.store.google_reading import Tab
from lib.store.journal import Journal
from tests.faults.google import ACKNOWLEDGED, World
from tests.faults.google_people import CHECK, Fate, Home, Place, ids_of, label_of
from tests.faults.people import column_of
from tests.faults.verdict import _difference, _states, _texts
from tests.faults.world import State, records


def verdict(world: World, start: State) -> list[str]:
    """Everything that is not as promised; ``start`` is what stood in the spreadsheet at first."""
    entries = world.journal
    found: list[str] = []
    states = _states(entries, start, found)
    found += _broken(world, states[-1])
    if world.people.columns:  # a column without a header is known by its letter, which changes when columns move
        found = [line for line in found if not (line.startswith("untold") and "'@" in line)]
    told = _told(entries)
    found += _typed(world, told, entries)
    found += _commanded(world, told, entries)
    found += _undone(world, entries)
    return found


class _Told:
    """What the journal tells of each value."""

    def __init__(self) -> None:
        self.replaced: set[str] = set()
        """By commands that had seen it."""
        self.asked: set[str] = set()
        """In a conflict."""
        self.placed: set[str] = set()
        """Put by a command."""
        self.removed: set[str] = set()
        """With a record that somebody deleted."""
        self.records: set[tuple[str, str]] = set()
        """(id, value) of records about which a conflict asks as a whole: it may have come back in another row."""


def _told(entries: list[dict[str, Any]]) -> _Told:
    told = _Told()
    for entry in entries:
        for edit in entry["data"].get("edits", ()):
            if entry["kind"] == "command":
                old = [edit["old"]] if edit["op"] == "set" else list(edit["values"].values()) * (edit["op"] == "remove")
                new = [edit["new"]] if edit["op"] == "set" else list(edit["values"].values()) * (edit["op"] == "add")
                told.replaced |= {_text(cell) for cell in old}
                told.placed |= {_text(cell) for cell in new}
            elif edit["op"] == "remove":
                told.removed |= set(_texts(edit["values"]).values())
        for conflict in entry["data"].get("conflicts", ()):
            for side in ("ours", "theirs", "base"):
                cell = conflict[side]
                whole = isinstance(cell, dict) and not conflict["column"]
                texts = set(_texts(cell).values()) if whole else {_text(cell)}
                told.asked |= texts
                told.records |= {(conflict["record"], text) for text in texts if whole}
    return told


def _text(data: Any) -> str:
    return to_text(unpack(data))


def _broken(world: World, told: State) -> list[str]:
    found = []
    keeper = world.keeper
    person = world.person
    titles = dict(zip(world.tabs, ("协会商会", "单位", "备忘"), strict=True))
    tabs = [Tab(id, title, person.values(world.people.sheet(id).title)) for id, title in titles.items()]
    there = records(Grids(snapshot_of(tabs, "end")))
    check = Journal(world.folder / "journal", lambda: None).verify()  # type: ignore[arg-type,return-value]
    if not check.ok:
        found.append(f"broken: the journal: {check}")
    for name, state in (("the sheet", there), ("what is held", records(keeper.grids))):
        found += [f"broken: {name} is not what the journal tells: {_difference(state, told)}"] if state != told else []
    if keeper.problem or keeper.delay or keeper.waiting:
        found.append(f"broken: it does not come to rest: {keeper.problem} {keeper.delay} {keeper.waiting}")
    if world.writes_at_rest or world.moved_at_rest:
        found.append(f"broken: {world.writes_at_rest} writes at rest")
    for tab in world.tabs[:2]:
        sheet = world.people.sheet(tab)
        ids = ids_of(sheet)
        filled = [ids.get(row.uid, "") for row in sheet.rows[1:] if any(text for p, text in _row(world, tab, row.uid))]
        twice = [id for id, count in Counter(filled).items() if count > 1 or not id]
        found += [f"doubled: ids of {sheet.title}: {twice}"] if twice else []
    sheet = world.people.sheet(world.tabs[0])
    held = keeper.grids["associations"]
    at = next((c for c in range(sheet.column_count) if label_of(sheet, c) == CHECK), None)
    if at is not None:
        values = person.values(sheet.title)
        if values[0][at : at + 1] != [CHECK]:
            found.append(f"broken: the header of 校验 reads {values[0][at : at + 1]}")
        for name in held.rows:
            wanted = f"有联系人 {name}" if (held.record(name) or {}).get("contact") else ""
            shown = [
                line[at] if at < len(line) else ""
                for line in values[1:]
                if str(line[0] if line else "").strip() == name
            ]
            id_first = label_of(sheet, 0) == "编号"
            if id_first and shown != [wanted]:
                found.append(f"broken: 校验 of {name} shows {shown}")
    return found


def _row(world: World, tab: int, row: int) -> list[tuple[Place, str]]:
    return [(place, text) for place, text in world.people.cells().items() if place[:2] == (tab, row)]


def _typed(world: World, told: _Told, entries: list[dict[str, Any]]) -> list[str]:
    """What became of everything that stood there at first or that a person typed."""
    found = []
    cells = world.people.cells()
    count = Counter(cells.values())
    ids = {(tab, row): id for tab in world.tabs for row, id in ids_of(world.people.sheet(tab)).items()}
    for text, fate in world.people.fates.items():
        if text.startswith(("XH-", "DW-")) or not fate.homes:
            continue
        mine = "令" in text
        if not count[text]:
            late = any(_touched(world, home) for home in fate.homes)
            # a row whose cell a write of ours had emptied by mistake, and which somebody deleted before it was mended
            deleted = text in told.removed and fate.homes[-1].place[:2] not in ids
            if not (fate.killed or late or deleted or text in told.replaced or text in told.asked):
                found.append(f"lost: {text}, last at {_last(fate)}")
            continue
        # what somebody deleted while another row lacked it, by a write of ours not yet mended, stays in that row
        there_still = any(cells.get(home.place) == text and not _touched(world, home) for home in fate.homes)
        if fate.killed and not mine and not there_still and text not in told.asked | told.placed:
            found.append(f"back: {text}, last at {_last(fate)}")
        if count[text] > max(1, fate.count) and text not in told.placed | told.asked:
            found.append(f"doubled: {text}: {count[text]} for {fate.count}")
        if not mine and text not in told.placed:
            for place in (place for place, there in cells.items() if there == text):
                id = ids.get(place[:2], "")
                if (id, text) not in told.records and not any(_at_home(place, id, home) for home in fate.homes):
                    found.append(f"astray: {text} at {place} {ids.get(place[:2])}, last at {_last(fate)}")
    return found


def _touched(world: World, home: Home) -> bool:
    """Whether people changed a cell after a value was put there."""
    return world.people.touched.get(home.place, 0) > home.act


def _last(fate: Fate) -> str:
    return f"{fate.homes[-1]} killed={fate.killed}"


def _at_home(place: Place, id: str, home: Home) -> bool:
    same_column = place.tab == home.place.tab and place.column == home.place.column
    return same_column and (place.row == home.place.row or (bool(id) and id == home.id))


def _commanded(world: World, told: _Told, entries: list[dict[str, Any]]) -> list[str]:
    """What became of everything that commands were acknowledged for."""
    found = []
    there = {entry["data"]["n"] for entry in entries if "n" in entry["data"]}
    found += [f"lost: command {n}" for n, fate in world.commands.items() if fate == ACKNOWLEDGED and n not in there]
    cells = world.people.cells()
    ids = {(tab, row): id for tab in world.tabs for row, id in ids_of(world.people.sheet(tab)).items()}
    for entry in entries:
        if entry["kind"] != "command":
            continue
        for edit in entry["data"]["edits"]:
            put = (
                {edit["column"]: edit["new"]} if edit["op"] == "set" else edit["values"] if edit["op"] == "add" else {}
            )
            for cell in put.values():
                text = _text(cell)
                if not text:
                    continue
                places = [place for place, one in cells.items() if one == text]
                fate = world.people.fates.get(text, Fate())
                if not places and not (fate.killed or text in told.replaced or text in told.asked):
                    found.append(f"lost: command {entry['data'].get('n')}: {text} {fate}")
                if len(places) > max(1, fate.count + any(home.act for home in fate.homes)) and text not in told.asked:
                    found.append(f"doubled: {text} {places}")
                for place in places:
                    label = column_of(label_of(world.people.sheet(place.tab), place.column))
                    renamed = Place(place.tab, place.row, 0) in world.people.touched
                    right = ids.get(place[:2]) == edit["record"] or fate.most > 1 or renamed
                    there_by_hand = any(_at_home(place, ids.get(place[:2], ""), home) for home in fate.homes)
                    if not (right or there_by_hand or text in told.asked):
                        found.append(f"astray: {text} in {ids.get(place[:2])} {label}, for {edit['record']}")
    return found


def _undone(world: World, entries: list[dict[str, Any]]) -> list[str]:
    """Edits from outside that no person made."""
    found = []
    fates = world.people.fates
    for entry in entries:
        if entry["kind"] != "outside":
            continue
        asked = {(c["sheet"], c["record"], c["column"]) for c in entry["data"]["conflicts"]}
        for edit in entry["data"]["edits"]:
            if (edit["sheet"], edit["record"], edit.get("column", "")) in asked:
                continue
            column = edit.get("column", "")
            gone = world.people.columns and edit["op"] == "set" and (edit["new"] is None or column.startswith("@"))
            if gone or column in ("=自己的列", "=列二"):
                continue  # somebody deleted or moved the column, or renamed the header
            if edit["op"] == "set":
                texts = {_text(edit["new"]) or _text(edit["old"])}
            else:
                texts = set(_texts(edit["values"]).values())
            rows = {home.place[:2] for text in texts if text in fates for home in fates[text].homes}
            rows |= {place[:2] for place, text in world.people.cells().items() if text in texts}
            made = edit["op"] != "set" and any(place[:2] in rows for place, act in world.people.touched.items() if act)
            made |= edit["op"] == "set" and edit["record"] in fates and _put_into(fates[edit["record"]], rows)
            if texts and not made and not any(_moved(world, fates[text]) for text in texts if text in fates):
                found.append(f"undone: entry {entry['seq']}: {edit}")
    return found


def _put_into(id: Fate, rows: set[tuple[int, int]]) -> bool:
    """Whether a person put an id into one of some rows: then all that stands there is the record's."""
    return any(home.act and home.place[:2] in rows for home in id.homes)


def _moved(world: World, fate: Fate) -> bool:
    """Whether a person put a value somewhere, or took it away, or changed what stood in its place for a moment."""
    return fate.killed or any(home.act or _touched(world, home) for home in fate.homes)
