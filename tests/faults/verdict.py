"""The verdict on a schedule: what was lost without anybody being told. See the package's docstring for the words."""

from __future__ import annotations

import copy
import io
from collections import Counter
from dataclasses import replace
from typing import Any

import openpyxl

from lib.domain.edits import unpack
from lib.domain.normalise import to_text
from lib.domain.records import Grids
from lib.services.settings import folder_of
from lib.store.files import leftovers
from lib.store.journal import Journal
from lib.store.reading import read_workbook
from tests.faults.people import SHEETS, Changed, Truth, Version, version_of
from tests.faults.world import ACKNOWLEDGED, KEYS, REFUSED, State, World, records


def verdict(world: World, start: State) -> list[str]:
    """Everything that is not as promised; ``start`` is what stood in the workbook at first."""
    entries = world.journal
    found: list[str] = []
    states = _states(entries, start, found)
    found += _broken(world, states[-1])
    found += _lost(world, entries)
    for number, version in enumerate(world.versions):
        if not version.overwritten:
            found += _unheard(number + 1, version, _told(world.truths[number], entries), states)
    found += _undone(world, entries)
    found += _doubled(world, entries, states[-1])
    return found


def _text(data: Any) -> str:
    return to_text(unpack(data))


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: text for name, cell in values.items() if (text := _text(cell))}


def _states(entries: list[dict[str, Any]], start: State, found: list[str]) -> list[State]:
    """What was in force after each entry, by the journal alone; and where it does not hold together."""
    state = copy.deepcopy(start)
    states = [copy.deepcopy(state)]
    for entry in entries:
        for edit in entry["data"].get("edits", ()):
            problem = _apply(state, edit)
            if problem:
                found.append(f"untold: entry {entry['seq']} {entry['kind']}: {problem}: {edit}")
        states.append(copy.deepcopy(state) if entry["data"].get("edits") else states[-1])
    return states


def _apply(state: State, edit: dict[str, Any]) -> str:
    rows, record = state.setdefault(edit["sheet"], {}), edit["record"]
    there = rows.get(record)
    if edit["op"] == "add":
        rows[record] = _texts(edit["values"])
        return f"it is there already: {there}" if there is not None else ""
    if there is None:
        return "there is no such record"
    if edit["op"] == "remove":
        del rows[record]
        return f"it held {there}" if there != _texts(edit["values"]) else ""
    problem = f"it was {there.get(edit['column'], '')!r}" if there.get(edit["column"], "") != _text(edit["old"]) else ""
    there.pop(edit["column"], None)
    if _text(edit["new"]):
        there[edit["column"]] = _text(edit["new"])
    return problem


def _broken(world: World, told: State) -> list[str]:
    found = []
    data = world.path.open("rb").read()
    try:
        on_disk = records(Grids(read_workbook(data)))
        if world.seed % 8 == 0:
            openpyxl.load_workbook(io.BytesIO(data))
    except Exception as error:
        return [f"broken: the workbook does not open: {error!r}"]
    check = Journal(folder_of(world.path) / "journal", lambda: None).verify()  # type: ignore[arg-type,return-value]
    if not check.ok:
        found.append(f"broken: the journal: {check}")
    for title, tab in version_of(data).tabs.items():
        ids = [line.id for line in tab.lines]
        if len(set(ids)) < len(ids) or "" in ids:
            found.append(f"broken: ids of {title}: {ids}")
    for name, state in [("the file", on_disk), *((n, records(k.grids)) for n, k in world.keepers.items())]:
        found += [f"broken: {name} is not what the journal tells: {_difference(state, told)}"] if state != told else []
    for name, keeper in world.keepers.items():
        if keeper.problem or keeper.delay or keeper.waiting:
            found.append(f"broken: {name} does not come to rest: {keeper.problem} {keeper.delay} {keeper.waiting}")
    left = [path.name for path in leftovers(world.path)]
    left += [path.name for path in world.path.parent.iterdir() if "lock" in path.name]
    return found + ([f"broken: left lying about: {left}"] if left else [])


def _difference(one: State, other: State) -> str:
    told = []
    for key in KEYS:
        for name in {*one.get(key, {}), *other.get(key, {})}:
            mine, theirs = one.get(key, {}).get(name), other.get(key, {}).get(name)
            if mine != theirs:
                told.append(f"{name}: {mine} but {theirs}")
    return "; ".join(told)


def _lost(world: World, entries: list[dict[str, Any]]) -> list[str]:
    there = {entry["data"]["n"] for entry in entries if "n" in entry["data"]}
    return [
        f"lost: command {number} was {fate}"
        for number, fate in world.commands.items()
        if (fate == ACKNOWLEDGED and number not in there) or (fate == REFUSED and number in there)
    ]


def _told(made: Truth, entries: list[dict[str, Any]]) -> Truth:
    """What somebody did, with a row whose id was doubled under each of the ids that the app gave to its copies: the
    person could not know them. It was one of these rows that was changed, and that change must be found."""
    copies: dict[tuple[str, str], set[str]] = {}
    for row in (row for entry in entries for row in entry["data"].get("given", ()) if row["typed"]):
        copies.setdefault((row["sheet"], row["typed"]), set()).add(row["record"])
    changed = [(one, copies.get((one.sheet, one.record), ()) if one.copied else ()) for one in made.changed]
    return replace(made, changed=[replace(one, records=(one.record, *more)) for one, more in changed])


def _unheard(number: int, version: Version, made: Truth, states: list[State]) -> list[str]:
    after = [state for at, state in enumerate(states) if at >= version.at]
    found = [
        f"unheard: save {number} by {version.who}: {changed}"
        for changed in made.changed
        if not any(_in_force(changed, state) for state in after)
    ]
    for sheet, record in made.deleted if after else ():
        if sheet not in made.loose and all(record in state.get(sheet, {}) for state in after):
            found.append(f"unheard: save {number} by {version.who}: {sheet} {record} deleted")
    return found


def _in_force(changed: Changed, state: State) -> bool:
    rows = state.get(changed.sheet, {})
    if changed.like in rows:
        return True
    candidates = [rows.get(name) for name in changed.records] if changed.record else list(rows.values())
    return any(
        row is not None and all(row.get(name, "") == text for name, text in cells.items())
        for row in candidates
        for cells in (changed.cells, *changed.others)
    )


def _undone(world: World, entries: list[dict[str, Any]]) -> list[str]:
    found = []
    for entry in entries:
        if entry["kind"] != "outside":
            continue
        data = entry["data"]
        asked = {(c["sheet"], c["record"], c["column"]) for c in data["conflicts"]}
        save = data["digest"] or data.get("save")
        saves = (world.truths[n] for n, version in enumerate(world.versions) if version.digest == save)
        made = [_told(truth, entries) for truth in saves]
        for edit in data["edits"]:
            place = (edit["sheet"], edit["record"], edit.get("column", ""))
            if place not in asked and not any(_is_made(edit, one) for one in made):
                found.append(f"undone: entry {entry['seq']} ({data['digest'][:6]}, carried {data['carried']}): {edit}")
    return found


def _is_made(edit: dict[str, Any], made: Truth) -> bool:
    sheet, record = edit["sheet"], edit["record"]
    if edit["op"] == "remove":
        return (sheet, record) in made.deleted or sheet in made.loose
    if edit["op"] == "add":
        return sheet in made.loose
    column, new = edit["column"], _text(edit["new"])
    for changed in made.changed:
        if changed.sheet == sheet and record in changed.records and changed.cells.get(column) == new:
            return True
        if changed.sheet == sheet and not changed.record and changed.texts.get(column, "") == new:
            return True
    return False


def _doubled(world: World, entries: list[dict[str, Any]], state: State) -> list[str]:
    """Rows typed once that are there twice without anybody having chosen that. A row changed beyond recognition before
    the file could be given its id is a row gone and a row come, with the question whether the one that went shall
    stay: whoever answers yes has asked for two rows."""
    found = []
    chosen = Counter(
        f"{edit['sheet']} {_texts(edit['values']).get('name', '')}"
        for entry in entries
        if entry["data"].get("resolves")
        for edit in entry["data"]["edits"]
        if edit["op"] == "add"
    )
    often: dict[str, int] = {}
    for version in world.versions:
        for title, tab in version.tabs.items():
            names = [line.texts().get("name", "") for line in tab.lines]
            for name in names:
                often[f"{SHEETS[title]} {name}"] = max(often.get(f"{SHEETS[title]} {name}", 0), names.count(name))
    for key in KEYS:
        names = [row.get("name", "") for row in state.get(key, {}).values()]
        for name in {name for name in names if names.count(name) > 1 and name.startswith("人")}:
            if often.get(f"{key} {name}") == 1 and names.count(name) > 1 + chosen[f"{key} {name}"]:
                found.append(f"doubled: {key} {name}")
    return found
